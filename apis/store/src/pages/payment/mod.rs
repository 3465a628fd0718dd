//! The line under a price: how a shop lets its buyers pay.
//!
//! Nobody says the rate of installments with interest, so of those the line has the number alone. What the platform offers is not looked
//! at: it was when a shop said its methods, and lies out of a shop's sight.

use feira_schemas::{
    api::payment_method::{KINDS, TermsContent, in_force},
    limits,
    money::{InstallmentTerms, Money, Rate},
    records::{admin::PaymentTerms, payments::PaymentMethod, store::Shop},
};
use feira_streams::views::storefront::CardMethod;

use super::pieces::{AtOnce, InParts, PaymentLine};

/// What is said of each kind, in the order of [`KINDS`].
type Methods = [Option<TermsContent>; KINDS.len()];

/// A shop's terms, or those of one of its products, as far as prices show them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// The most installments without interest; 1: a price that is divided has interest.
    interest_free: i32,
    methods: Methods,
}

impl Terms {
    pub fn of(shop: &Shop) -> Self {
        let content = |active, terms| TermsContent { active, terms };
        let said: Vec<_> = shop.methods.iter().map(|said| (said.method, content(said.active, said.terms))).collect();
        Self { interest_free: shop.interest_free_installments.unwrap_or(1), methods: by_kind(&said) }
    }

    /// The terms of a product that says this of methods itself.
    pub fn with(self, own: &[CardMethod]) -> Self {
        let own = by_kind(&own.iter().filter_map(CardMethod::said).collect::<Vec<_>>());
        let mut methods = self.methods;
        for (known, own) in methods.iter_mut().zip(own) {
            let terms = in_force(own, *known);
            *known = terms.map(|terms| TermsContent { active: true, terms });
        }
        Self { methods, ..self }
    }

    /// The best ways to pay a price: the most installments without interest, else the most of all, and the largest discount for who pays
    /// at once. None: the shop says of no method that its buyers pay by it.
    pub fn line(self, price: i64) -> Option<PaymentLine> {
        let (parts, at_once) = (self.parts(price), self.at_once(price));
        let in_one = || self.in_one(price);
        let at_once = at_once.or_else(|| parts.is_none().then(in_one).flatten());
        (price > 0 && (parts.is_some() || at_once.is_some())).then_some(PaymentLine { parts, at_once })
    }

    fn in_force(&self) -> impl DoubleEndedIterator<Item = (PaymentMethod, PaymentTerms)> {
        let kinds = KINDS.into_iter().zip(self.methods);
        kinds.filter_map(|((kind, ..), said)| Some((kind, in_force(None, said)?)))
    }

    fn parts(&self, price: i64) -> Option<InParts> {
        let all = self.in_force().filter_map(|(_, terms)| parts(price, &terms, self.interest_free));
        all.max_by_key(|parts| (parts.each.is_some(), parts.count))
    }

    /// The largest discount for who pays at once; of two that are alike that of the first kind.
    fn at_once(&self, price: i64) -> Option<AtOnce> {
        let discounts = self.in_force().filter(|(_, terms)| terms.discounted_installments > 0 && terms.discount > 0);
        // The last of the largest is taken, so the kinds go backwards.
        let (kind, terms) = discounts.rev().max_by_key(|(_, terms)| terms.discount)?;
        Some(AtOnce { kind, price: price - discount(price, &terms), discount: terms.discount })
    }

    /// A way to pay the whole price at once, where nobody gets a discount.
    fn in_one(&self, price: i64) -> Option<AtOnce> {
        let known = |wanted: PaymentMethod| self.in_force().any(|(kind, _)| kind == wanted);
        let order = [PaymentMethod::Boleto, PaymentMethod::Pix, PaymentMethod::Card];
        order.into_iter().find(|kind| known(*kind)).map(|kind| AtOnce { kind, price, discount: 0 })
    }
}

fn by_kind(said: &[(PaymentMethod, TermsContent)]) -> Methods {
    KINDS.map(|(kind, ..)| said.iter().find(|(method, _)| *method == kind).map(|(_, content)| *content))
}

/// The most installments of a price, without interest where the shop allows two at least.
fn parts(price: i64, terms: &PaymentTerms, interest_free: i32) -> Option<InParts> {
    let most = most(terms.max_installments);
    let free = most.min(self::most(interest_free));
    let reduced = |count: u8| {
        let taken = if i32::from(count) <= terms.discounted_installments { discount(price, terms) } else { 0 };
        division(count).plan(Money::brl(price - taken), count)
    };
    let plan = (2..=free).rev().find_map(|count| reduced(count).ok());
    if let Some(plan) = plan {
        // The largest of them, so that none is dearer than the line says.
        return Some(InParts { count: plan.count, each: Some(plan.first.amount) });
    }
    let count = (2..=most).rev().find(|count| reduced(*count).is_ok())?;
    Some(InParts { count, each: None })
}

/// So many installments as cards have them.
fn most(count: i32) -> u8 {
    u8::try_from(count.clamp(1, limits::INSTALLMENTS)).unwrap_or(1)
}

/// A division into so many, all of them without interest.
fn division(count: u8) -> InstallmentTerms {
    let minimum = Money::brl(limits::SMALLEST_INSTALLMENT);
    InstallmentTerms { free_up_to: count, rate: Rate::default(), minimum }
}

/// Centavos that the discount takes off a price.
fn discount(price: i64, terms: &PaymentTerms) -> i64 {
    let rate = u32::try_from(terms.discount).ok().and_then(|hundredths| Rate::hundredths(hundredths).ok());
    rate.unwrap_or_default().part_of(Money::brl(price)).amount
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIX: PaymentMethod = PaymentMethod::Pix;
    const BOLETO: PaymentMethod = PaymentMethod::Boleto;
    const CARD: PaymentMethod = PaymentMethod::Card;

    fn content(max_installments: i32, discounted_installments: i32, discount: i32) -> TermsContent {
        TermsContent { active: true, terms: PaymentTerms { max_installments, discounted_installments, discount } }
    }

    fn terms(said: &[(PaymentMethod, TermsContent)]) -> Terms {
        Terms { interest_free: 12, methods: by_kind(said) }
    }

    fn free(count: u8, each: i64) -> Option<InParts> {
        Some(InParts { count, each: Some(each) })
    }

    #[test]
    fn s91_a_price_is_divided_as_far_as_card_shop_and_the_smallest_installment_allow() {
        for (most, interest_free, price, expected) in [
            (12, 12, 12_000, free(12, 1_000)),
            (12, 6, 12_990, free(6, 2_165)),
            (3, 12, 4_990, free(3, 1_664)),
            // The first one has what a division leaves over, and the line says the largest.
            (6, 12, 8_990, free(6, 1_500)),
            (12, 12, 2_499, free(4, 627)),
            (12, 12, 1_000, free(2, 500)),
            (12, 12, 999, None),
            (12, 12, 1, None),
            (1, 12, 12_990, None),
            (0, 12, 12_990, None),
            (12, 1, 12_990, Some(InParts { count: 12, each: None })),
            (12, 1, 1_500, Some(InParts { count: 3, each: None })),
        ] {
            let card = [(CARD, content(most, 0, 0))];
            let line = Terms { interest_free, ..terms(&card) }.line(price);
            assert_eq!(line.and_then(|line| line.parts), expected, "{most} {interest_free} for {price}");
        }
    }

    #[test]
    fn s91_installments_that_get_the_discount_are_parts_of_the_price_without_it() {
        for (discounted, each) in [(12, 950), (11, 1_000), (0, 1_000)] {
            let line = terms(&[(CARD, content(12, discounted, 500))]).line(12_000);
            assert_eq!(line.and_then(|line| line.parts), free(12, each), "{discounted}");
        }
        // So small a price that it can be divided but for the discount.
        let line = terms(&[(CARD, content(2, 2, 500))]).line(1_000);
        assert_eq!(line.and_then(|line| line.parts), None);
    }

    #[test]
    fn s91_with_no_installments_it_is_at_once_by_boleto_and_without_a_method_there_is_no_line() {
        let line = |said: &[_], price| terms(said).line(price);
        let at_once = |kind, price, discount| Some(AtOnce { kind, price, discount });
        let (boleto, pix, card) = ((BOLETO, content(1, 0, 0)), (PIX, content(1, 0, 0)), (CARD, content(1, 0, 0)));
        for (said, expected) in [
            (vec![boleto], at_once(BOLETO, 12_990, 0)),
            (vec![pix, card, boleto], at_once(BOLETO, 12_990, 0)),
            (vec![card, pix], at_once(PIX, 12_990, 0)),
            (vec![card], at_once(CARD, 12_990, 0)),
            (vec![(BOLETO, content(1, 1, 500)), pix], at_once(BOLETO, 12_340, 500)),
            // The larger discount; of two alike the first kind's.
            (vec![(BOLETO, content(1, 1, 500)), (PIX, content(1, 1, 1_000))], at_once(PIX, 11_691, 1_000)),
            (vec![(BOLETO, content(1, 1, 500)), (PIX, content(1, 1, 500))], at_once(PIX, 12_340, 500)),
            // A discount that nobody gets.
            (vec![(BOLETO, content(1, 0, 500))], at_once(BOLETO, 12_990, 0)),
        ] {
            assert_eq!(line(&said, 12_990), Some(PaymentLine { parts: None, at_once: expected }), "{said:?}");
        }
        assert_eq!(line(&[], 12_990), None);
        assert_eq!(line(&[boleto], 0), None);
        let closed = TermsContent { active: false, ..content(12, 0, 0) };
        assert_eq!(line(&[(CARD, closed)], 12_990), None);
        let both = line(&[(CARD, content(2, 0, 0)), (PIX, content(1, 1, 1))], 1_000);
        assert_eq!(both, Some(PaymentLine { parts: free(2, 500), at_once: at_once(PIX, 1_000, 1) }), "under a centavo");
        let without = line(&[(CARD, content(2, 0, 0)), boleto], 1_000);
        assert_eq!(without, Some(PaymentLine { parts: free(2, 500), at_once: None }));
    }

    #[test]
    fn s54_s91_what_a_product_says_of_a_method_is_what_its_line_says() {
        let of_shop = terms(&[(CARD, content(12, 0, 0)), (BOLETO, content(1, 0, 0))]);
        let own = |active, max_installments| CardMethod {
            method: "card".into(),
            active,
            max_installments,
            discounted_installments: 0,
            discount_percent: "0".into(),
        };
        let line = |own: &[CardMethod]| of_shop.with(own).line(12_000);
        assert_eq!(line(&[]).and_then(|line| line.parts), free(12, 1_000));
        assert_eq!(line(&[own(true, 2)]).and_then(|line| line.parts), free(2, 6_000));
        let at_once = Some(AtOnce { kind: BOLETO, price: 12_000, discount: 0 });
        assert_eq!(line(&[own(false, 12)]), Some(PaymentLine { parts: None, at_once }));
        let later = CardMethod { method: "unknown".into(), ..own(false, 1) };
        assert_eq!(line(&[later]).and_then(|line| line.parts), free(12, 1_000), "what only a later program knows");
    }
}
