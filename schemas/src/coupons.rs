//! What a coupon gives an order, or why it gives nothing. How often it was used whoever takes orders counts.

use crate::{
    ids::{CategoryId, Micros, ProductId},
    money::{self, Discounts, Money, Rate, SumError},
    records::admin::{Coupon, CouponKind, CouponTerms},
};

/// A coupon as it stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It holds.
    Active,
    /// It will hold.
    Upcoming,
    /// Its time is over.
    Over,
    /// It is turned off.
    Inactive,
}

impl State {
    /// Every state with its word, as queries have it.
    pub const ALL: [(Self, &str); 4] =
        [(Self::Active, "active"), (Self::Upcoming, "upcoming"), (Self::Over, "over"), (Self::Inactive, "inactive")];

    /// The state of a coupon at a time. One that is over is over, whether it is turned off or not.
    pub fn of(coupon: &Coupon, now: Micros) -> Self {
        let CouponTerms { starts_at, ends_at, .. } = coupon.terms;
        if ends_at.is_some_and(|end| end <= now) {
            Self::Over
        } else if !coupon.active {
            Self::Inactive
        } else if starts_at.is_some_and(|start| now < start) {
            Self::Upcoming
        } else {
            Self::Active
        }
    }

    /// The state of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(state, _)| state)
    }
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The product.
    pub product_id: ProductId,
    /// The product's category, and those that it lies in.
    pub categories: &'a [CategoryId],
    /// How many there are.
    pub quantity: i64,
    /// The price of one.
    pub price: Money,
}

/// Why a coupon gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGiven {
    /// It is turned off, or of a kind that only a later program knows.
    #[error("the coupon is turned off")]
    Inactive,
    /// It does not hold before this time.
    #[error("the coupon does not hold yet")]
    NotYet(Micros),
    /// Its time is over.
    #[error("the coupon's time is over")]
    Over,
    /// The order's goods cost so much less than it asks for.
    #[error("the order costs less than the coupon asks for")]
    BelowMinimum(Money),
    /// It is for no line of the order.
    #[error("the coupon is for no line of the order")]
    NoLine,
    /// No sum can be made of the lines.
    #[error(transparent)]
    Sum(#[from] SumError),
}

/// What a coupon gives an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it takes off the lines that it is for; none where it gives the freight.
    pub discount: Option<money::Coupon>,
    /// True if it gives the freight.
    pub free_shipping: bool,
    /// The lines of the order, in their order, and which of them it is for.
    pub lines: Vec<money::Line>,
}

impl Given {
    /// What is taken off each line by the coupon and by this discount of the way to pay.
    ///
    /// # Errors
    /// A sum is beyond what can be counted.
    pub fn discounts(&self, method: Rate) -> Result<Discounts, SumError> {
        Discounts::of(&self.lines, self.discount, method)
    }
}

/// What a coupon gives an order at a time.
///
/// # Errors
/// It gives nothing: see [`NotGiven`].
pub fn given(coupon: &Coupon, lines: &[Line<'_>], now: Micros) -> Result<Given, NotGiven> {
    let terms = &coupon.terms;
    match (State::of(coupon, now), terms.starts_at) {
        (State::Active, _) => {}
        (State::Upcoming, Some(start)) => return Err(NotGiven::NotYet(start)),
        (State::Over, _) => return Err(NotGiven::Over),
        (State::Inactive | State::Upcoming, _) => return Err(NotGiven::Inactive),
    }
    let discount = discount(terms)?;
    let counted = lines.iter().map(|line| counted(terms, line)).collect::<Result<Vec<_>, _>>()?;
    if !counted.iter().any(|line| line.takes_coupon) {
        return Err(NotGiven::NoLine);
    }
    let goods = Discounts::of(&counted, None, Rate::default())?.goods;
    let missing = terms.minimum.map_or(0, |minimum| minimum.amount.saturating_sub(goods.amount));
    if missing > 0 {
        return Err(NotGiven::BelowMinimum(Money::brl(missing)));
    }
    Ok(Given { discount, free_shipping: terms.kind == CouponKind::FreeShipping, lines: counted })
}

/// What terms take off the lines that they are for.
fn discount(terms: &CouponTerms) -> Result<Option<money::Coupon>, NotGiven> {
    match terms.kind {
        CouponKind::Percent => {
            let rate = u32::try_from(terms.percent).ok().and_then(|percent| Rate::hundredths(percent).ok());
            rate.map(|rate| Some(money::Coupon::Percent(rate))).ok_or(NotGiven::Inactive)
        }
        CouponKind::Amount => terms.amount.map(|amount| Some(money::Coupon::Amount(amount))).ok_or(NotGiven::Inactive),
        CouponKind::FreeShipping => Ok(None),
        CouponKind::Unknown => Err(NotGiven::Inactive),
    }
}

fn counted(terms: &CouponTerms, line: &Line<'_>) -> Result<money::Line, SumError> {
    let value = line.price.amount.checked_mul(line.quantity).ok_or(SumError::TooLarge)?;
    Ok(money::Line { value: Money::brl(value), takes_coupon: is_for(terms, line) })
}

/// True if terms are for a line: they name its product, or a category that it lies in, or nothing at all.
fn is_for(terms: &CouponTerms, line: &Line<'_>) -> bool {
    let names_none = terms.products.is_empty() && terms.categories.is_empty();
    let in_category = || line.categories.iter().any(|category| terms.categories.contains(category));
    names_none || terms.products.contains(&line.product_id) || in_category()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Micros = 1_000_000_000;

    fn product(number: u128) -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(number))
    }

    fn category(number: u128) -> CategoryId {
        CategoryId::from_uuid(Uuid::from_u128(number))
    }

    fn coupon(kind: CouponKind, percent: i32, amount: Option<i64>) -> Coupon {
        let terms = CouponTerms {
            kind,
            percent,
            amount: amount.map(Money::brl),
            starts_at: None,
            ends_at: None,
            minimum: None,
            usage_limit: None,
            products: Vec::new(),
            categories: Vec::new(),
        };
        Coupon { code: "VERAO".into(), version: 1, active: true, terms, created_at: 0, changed_at: 0 }
    }

    fn line(number: u128, categories: &[CategoryId], quantity: i64, price: i64) -> Line<'_> {
        Line { product_id: product(number), categories, quantity, price: Money::brl(price) }
    }

    /// What a coupon takes off each line, in centavos.
    fn shares(coupon: &Coupon, lines: &[Line<'_>]) -> Vec<i64> {
        let discounts = given(coupon, lines, NOW).unwrap().discounts(Rate::default()).unwrap();
        discounts.lines.iter().map(|line| line.coupon.amount).collect()
    }

    #[test]
    fn f08_a_coupon_is_for_all_lines_or_for_those_of_its_products_and_categories() {
        let (shirts, clothes) = (category(1), category(2));
        let path = [shirts, clothes];
        let lines = [line(1, &path, 2, 5_000), line(2, &[], 1, 3_000), line(3, &[], 1, 2_000)];
        let all = coupon(CouponKind::Percent, 1_000, None);
        assert_eq!(shares(&all, &lines), [1_000, 300, 200]);
        let of = |products: Vec<ProductId>, categories: Vec<CategoryId>| {
            let mut some = coupon(CouponKind::Amount, 0, Some(1_300));
            (some.terms.products, some.terms.categories) = (products, categories);
            some
        };
        assert_eq!(shares(&of(vec![product(2)], vec![]), &lines), [0, 1_300, 0]);
        assert_eq!(shares(&of(vec![], vec![clothes]), &lines), [1_300, 0, 0], "also what lies in a category below");
        assert_eq!(shares(&of(vec![product(2)], vec![shirts]), &lines), [1_000, 300, 0]);
        let other = of(vec![product(9)], vec![category(9)]);
        assert_eq!(given(&other, &lines, NOW), Err(NotGiven::NoLine));
        assert_eq!(given(&all, &[], NOW), Err(NotGiven::NoLine));
    }

    #[test]
    fn f08_free_shipping_takes_nothing_off_a_line() {
        let free = coupon(CouponKind::FreeShipping, 0, None);
        let lines = [line(1, &[], 1, 5_000)];
        let found = given(&free, &lines, NOW).unwrap();
        assert!(found.free_shipping && found.discount.is_none());
        assert_eq!(shares(&free, &lines), [0]);
        assert!(!given(&coupon(CouponKind::Percent, 1, None), &lines, NOW).unwrap().free_shipping);
    }

    #[test]
    fn f08_why_a_coupon_gives_nothing_is_said() {
        let lines = [line(1, &[], 3, 1_000)];
        type Change = fn(&mut Coupon);
        let why = |change: Change| {
            let mut coupon = coupon(CouponKind::Percent, 1_000, None);
            change(&mut coupon);
            given(&coupon, &lines, NOW).err()
        };
        let changes: [(Change, Option<NotGiven>); 9] = [
            (|_| (), None),
            (|coupon| coupon.active = false, Some(NotGiven::Inactive)),
            (|coupon| coupon.terms.kind = CouponKind::Unknown, Some(NotGiven::Inactive)),
            (|coupon| coupon.terms.starts_at = Some(NOW), None),
            (|coupon| coupon.terms.starts_at = Some(NOW + 1), Some(NotGiven::NotYet(NOW + 1))),
            (|coupon| coupon.terms.ends_at = Some(NOW + 1), None),
            (|coupon| coupon.terms.ends_at = Some(NOW), Some(NotGiven::Over)),
            (|coupon| coupon.terms.minimum = Some(Money::brl(3_000)), None),
            (|coupon| coupon.terms.minimum = Some(Money::brl(3_001)), Some(NotGiven::BelowMinimum(Money::brl(1)))),
        ];
        for (change, expected) in changes {
            assert_eq!(why(change), expected);
        }
        let beyond = [line(1, &[], 2, i64::MAX)];
        let all = coupon(CouponKind::Percent, 1_000, None);
        assert_eq!(given(&all, &beyond, NOW), Err(NotGiven::Sum(SumError::TooLarge)));
    }

    #[test]
    fn a_coupon_that_is_over_is_over_also_where_it_is_turned_off() {
        let mut off = coupon(CouponKind::Percent, 1_000, None);
        off.active = false;
        assert_eq!(State::of(&off, NOW), State::Inactive);
        off.terms.ends_at = Some(NOW);
        assert_eq!((State::of(&off, NOW), State::of(&off, NOW - 1)), (State::Over, State::Inactive));
        for (state, word) in State::ALL {
            assert_eq!(State::named(word), Some(state));
        }
        assert_eq!(State::named(""), None);
    }

    /// A linear congruential generator, by Knuth's constants: the same numbers each time.
    fn numbers() -> impl FnMut(i64) -> i64 {
        let mut state = 8_u64;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).unwrap() % below
        }
    }

    #[test]
    fn f08_what_is_taken_off_lines_is_the_coupon_and_never_more_than_a_line_costs() {
        let mut next = numbers();
        for _ in 0..2_000 {
            let wanted = product(1);
            let lines: Vec<Line<'_>> =
                (0..=next(6)).map(|_| line(u128::from(next(2) == 0), &[], next(9) + 1, next(50_000))).collect();
            let mut coupon = match next(2) {
                0 => coupon(CouponKind::Percent, i32::try_from(next(10_000) + 1).unwrap(), None),
                _ => coupon(CouponKind::Amount, 0, Some(next(200_000) + 1)),
            };
            coupon.terms.products.push(wanted);
            let is_wanted = |line: &&Line<'_>| line.product_id == wanted;
            let base: i64 = lines.iter().filter(is_wanted).map(|line| line.price.amount * line.quantity).sum();
            if !lines.iter().any(|line| line.product_id == wanted) {
                assert_eq!(given(&coupon, &lines, NOW), Err(NotGiven::NoLine));
                continue;
            }
            let shares = shares(&coupon, &lines);
            let taken = match coupon.terms.amount {
                Some(amount) => amount.amount.min(base),
                None => (base * i64::from(coupon.terms.percent) + 5_000) / 10_000,
            };
            assert_eq!(shares.iter().sum::<i64>(), taken, "{coupon:?} {lines:?}");
            for (share, line) in shares.iter().zip(&lines) {
                let most = if line.product_id == wanted { line.price.amount * line.quantity } else { 0 };
                assert!((0..=most).contains(share), "{share} of {line:?}");
            }
        }
    }
}
