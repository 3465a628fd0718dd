//! What the pages of coupons say, and what is typed into their form.

use feira_schemas::{
    api::{
        coupon::{CouponContent, KINDS, kind_word},
        payment_method::percent,
    },
    brazil::local_minute,
    coupons::State,
    ids::Micros,
    records::admin::{Coupon, CouponKind, CouponTerms},
    time::MINUTE,
};
use feira_web::forms::Form;

use crate::{
    format::{minute, whole},
    forms::{Choice, Difference, difference},
    shop::Status,
};

/// The name of the boxes of products.
pub(super) const CHOSEN: &str = "/chosen";

/// What is typed into the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub code: String,
    pub active: bool,
    pub kind: String,
    pub percent: String,
    pub amount: String,
    pub starts_at: String,
    /// The last minute in which it holds.
    pub ends_at: String,
    pub minimum: String,
    pub usage_limit: String,
    /// The ids of the products that are ticked.
    pub chosen: Vec<String>,
    /// A product a line, beside those.
    pub products: String,
    /// A category a line.
    pub categories: String,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            code: text("/code"),
            // A check box that is not ticked is not sent, so a hidden input says false before it.
            active: form.texts("/active").last().is_some_and(|text| text == "true"),
            kind: text("/kind"),
            percent: text("/percent"),
            amount: text("/amount"),
            starts_at: text("/starts_at"),
            ends_at: text("/ends_at"),
            minimum: text("/minimum"),
            usage_limit: text("/usage_limit"),
            chosen: form.texts(CHOSEN).to_vec(),
            products: text("/products"),
            categories: text("/categories"),
        }
    }

    /// What the form of a coupon is filled with, whose categories are these lines.
    pub fn of(coupon: &Coupon, categories: String) -> Self {
        let Coupon { code, active, terms, .. } = coupon;
        let at = |time: Micros| local_minute(time).unwrap_or_default();
        Self {
            code: code.clone(),
            active: *active,
            kind: kind_word(terms.kind).to_owned(),
            percent: if terms.kind == CouponKind::Percent { percent(terms.percent, ',') } else { String::new() },
            amount: terms.amount.map(|amount| amount.figures()).unwrap_or_default(),
            starts_at: terms.starts_at.map(at).unwrap_or_default(),
            ends_at: terms.ends_at.map(|end| at(end - MINUTE)).unwrap_or_default(),
            minimum: terms.minimum.map(|minimum| minimum.figures()).unwrap_or_default(),
            usage_limit: terms.usage_limit.map(|limit| limit.to_string()).unwrap_or_default(),
            chosen: terms.products.iter().map(ToString::to_string).collect(),
            products: String::new(),
            categories,
        }
    }

    /// What a new coupon's form is filled with.
    pub fn new() -> Self {
        Self { active: true, kind: kind_word(CouponKind::Percent).to_owned(), ..Self::default() }
    }

    /// The kinds, of which one is chosen.
    pub fn kinds(&self) -> Vec<Choice> {
        let choice =
            |(kind, value): (CouponKind, &'static str)| Choice::new(value, kind_name(kind), self.kind == value);
        KINDS.into_iter().map(choice).collect()
    }
}

/// What a kind of coupon gives.
const fn kind_name(kind: CouponKind) -> &'static str {
    match kind {
        CouponKind::Percent => "Desconto em %",
        CouponKind::Amount => "Desconto em R$",
        CouponKind::FreeShipping => "Frete grátis",
        CouponKind::Unknown => "Outro",
    }
}

/// The states to which the list may be narrowed, of which this one is chosen.
pub(super) fn states(chosen: &str) -> Vec<Choice> {
    let choice = |(state, value): (State, &'static str)| Choice::new(value, status(state).word, chosen == value);
    State::ALL.into_iter().map(choice).collect()
}

/// A state in words.
pub(super) const fn status(state: State) -> Status {
    match state {
        State::Active => Status { word: "Vale agora", look: "good" },
        State::Upcoming => Status { word: "Ainda não vale", look: "" },
        State::Over => Status { word: "Terminou", look: "bad" },
        State::Inactive => Status { word: "Desligado", look: "" },
    }
}

/// What a coupon gives, when and for what, in words.
pub(super) fn about(terms: &CouponTerms) -> String {
    let minimum = terms.minimum.map(|minimum| format!("em pedidos a partir de {minimum}"));
    let limit = terms.usage_limit.map(|limit| match limit {
        1 => "1 uso".to_owned(),
        several => format!("até {} usos", whole(several)),
    });
    let from = terms.starts_at.map(|start| format!("de {}", minute(start)));
    let until = terms.ends_at.map(|end| format!("até {}", minute(end - MINUTE)));
    let parts = [Some(gives(terms)), minimum, wanted(terms), limit, from, until];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn gives(terms: &CouponTerms) -> String {
    match (terms.kind, terms.amount) {
        (CouponKind::Percent, _) => format!("{} % de desconto", percent(terms.percent, ',')),
        (CouponKind::Amount, Some(amount)) => format!("{amount} de desconto"),
        (CouponKind::FreeShipping, _) => "frete grátis".to_owned(),
        (CouponKind::Amount | CouponKind::Unknown, _) => "nada".to_owned(),
    }
}

/// The fields in which a coupon as it is kept differs from what was typed, but for what it is for.
pub(super) fn differences(kept: &Coupon, typed: &CouponContent) -> Vec<Difference> {
    let (now, typed) = (fields(kept.active, &kept.terms), fields(typed.active, &typed.terms));
    now.into_iter().zip(typed).filter_map(|((word, now), (_, typed))| difference(word, &now, &typed)).collect()
}

fn fields(active: bool, terms: &CouponTerms) -> [(&'static str, String); 6] {
    let at = |time: Option<Micros>| time.map(minute).unwrap_or_default();
    [
        ("Situação", if active { "Ligado" } else { "Desligado" }.to_owned()),
        ("O que o cupom dá", gives(terms)),
        ("Pedido mínimo", terms.minimum.map(|minimum| minimum.to_string()).unwrap_or_default()),
        ("Começa em", at(terms.starts_at)),
        ("Vale até", at(terms.ends_at.map(|end| end - MINUTE))),
        ("Quantas vezes, no máximo", terms.usage_limit.map(whole).unwrap_or_default()),
    ]
}

/// What a coupon is for, where it is not for everything.
fn wanted(terms: &CouponTerms) -> Option<String> {
    let count = |number: usize, one: &str, several: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {several}")),
    };
    let products = count(terms.products.len(), "produto", "produtos");
    let categories = count(terms.categories.len(), "categoria", "categorias");
    let all: Vec<String> = products.into_iter().chain(categories).collect();
    (!all.is_empty()).then(|| format!("para {}", all.join(" e ")))
}

#[cfg(test)]
mod tests {
    use feira_schemas::{ids::ProductId, money::Money};

    use super::*;

    /// 2026-12-31, 20:00 in São Paulo.
    const EVENING: Micros = 1_798_758_000_000_000;

    fn terms(kind: CouponKind) -> CouponTerms {
        CouponTerms {
            kind,
            percent: 1_050,
            amount: Some(Money::brl(1_000)),
            starts_at: None,
            ends_at: None,
            minimum: None,
            usage_limit: None,
            products: Vec::new(),
            categories: Vec::new(),
        }
    }

    #[test]
    fn a_coupon_is_said_in_words() {
        assert_eq!(about(&terms(CouponKind::Percent)), "10,5 % de desconto");
        assert_eq!(about(&terms(CouponKind::Amount)), "R$ 10,00 de desconto");
        let product = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".parse::<ProductId>();
        let some = CouponTerms {
            minimum: Some(Money::brl(10_000)),
            usage_limit: Some(1_000),
            starts_at: Some(EVENING),
            ends_at: Some(EVENING + MINUTE),
            products: product.into_iter().collect(),
            ..terms(CouponKind::FreeShipping)
        };
        let said = "frete grátis · em pedidos a partir de R$ 100,00 · para 1 produto · até 1.000 usos · \
                    de 31/12/2026, 20:00 · até 31/12/2026, 20:00";
        assert_eq!(about(&some), said);
    }

    #[test]
    fn the_form_shows_the_last_minute_in_which_a_coupon_holds() {
        let terms = CouponTerms { ends_at: Some(EVENING), ..terms(CouponKind::Percent) };
        let coupon = Coupon { code: "NATAL".into(), version: 1, active: true, terms, created_at: 0, changed_at: 0 };
        let typed = Typed::of(&coupon, String::new());
        assert_eq!((typed.ends_at.as_str(), typed.percent.as_str()), ("2026-12-31T19:59", "10,5"));
        let chosen: Vec<_> = typed.kinds().into_iter().filter(|choice| choice.is_chosen).collect();
        assert_eq!(chosen.into_iter().map(|choice| choice.value).collect::<Vec<_>>(), ["percent"]);
    }

    #[test]
    fn f08_each_field_that_somebody_else_has_changed_is_named_with_both_texts() {
        let kept = CouponTerms { ends_at: Some(EVENING), ..terms(CouponKind::Percent) };
        let kept = Coupon { code: "NATAL".into(), version: 2, active: true, terms: kept, created_at: 0, changed_at: 0 };
        let same = CouponContent { active: true, terms: kept.terms.clone() };
        assert_eq!(differences(&kept, &same), []);
        let other = CouponTerms { usage_limit: Some(1_000), ..terms(CouponKind::Amount) };
        let found = differences(&kept, &CouponContent { active: false, terms: other });
        let row = |one: &Difference| format!("{}: {} | {}", one.word, one.now, one.typed);
        assert_eq!(
            found.iter().map(row).collect::<Vec<_>>(),
            [
                "Situação: Ligado | Desligado",
                "O que o cupom dá: 10,5 % de desconto | R$ 10,00 de desconto",
                "Vale até: 31/12/2026, 19:59 | –",
                "Quantas vezes, no máximo: – | 1.000",
            ]
        );
    }
}
