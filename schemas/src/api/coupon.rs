//! Coupons as the API and the panel take and give them.
//!
//! A percentage in JSON is a text, as those of payment methods are. A coupon holds whole minutes: from `starts_at` on, and until `ends_at`
//! comes.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    payment_method::{hundredths, percent},
    rules::{Errors, List, Price, Whole},
    schema::{Named, id, list_of, object, page_of, reference_or_null, text, text_or_null, time, version, whole},
};
use crate::{
    ids::Micros,
    limits,
    money::Money,
    problem::{Code, FieldError},
    records::admin::{Coupon, CouponKind, CouponTerms},
    refusals,
    text::composed,
    time::{MINUTE, from_rfc3339, rfc3339},
};

/// The kinds of coupons in the order in which they are shown, with the word that bodies have.
pub const KINDS: [(CouponKind, &str); 3] =
    [(CouponKind::Percent, "percent"), (CouponKind::Amount, "amount"), (CouponKind::FreeShipping, "free_shipping")];
/// The word for a kind that only a later program knows.
const UNKNOWN: &str = "unknown";

const AMOUNT: Price = Price("O desconto");
const MINIMUM: Price = Price("O pedido mínimo");
const USAGE_LIMIT: Whole = Whole::new("O limite de usos", 1, limits::COUPON_USES);
/// The products that a coupon names.
pub const PRODUCTS: List = List::new("O cupom", "produtos", limits::COUPON_PRODUCTS);
/// The categories that a coupon names.
pub const CATEGORIES: List = List::new("O cupom", "categorias", limits::COUPON_CATEGORIES);
/// Hundredths of a percent that a whole has.
const WHOLE_PERCENT: i32 = 10_000;

/// The word of a kind.
pub fn kind_word(kind: CouponKind) -> &'static str {
    KINDS.into_iter().find(|(known, _)| *known == kind).map_or(UNKNOWN, |(_, word)| word)
}

/// The code that a text means, however it is typed: capitals of A–Z, digits, hyphens and underscores. None where it is none.
pub fn code_of(text: &str) -> Option<String> {
    let code = composed(text.trim()).to_ascii_uppercase();
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_');
    (limits::COUPON_CODE_CHARS.contains(&code.len()) && code.chars().all(is_part)).then_some(code)
}

/// Says what a code may be.
pub fn no_code() -> FieldError {
    let (least, most) = limits::COUPON_CODE_CHARS.into_inner();
    let detail = format!("O código tem de {least} a {most} letras sem acento, números, hífens e sublinhados.");
    FieldError::new("/code", Code::Invalid, detail)
}

/// A coupon as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CouponBody {
    /// One of the words of [`KINDS`].
    pub kind: String,
    /// The percentage, as `12.5`; passed over where the kind is another.
    #[serde(default)]
    pub percent: Option<String>,
    /// What it takes off; passed over where the kind is another.
    #[serde(default)]
    pub amount: Option<Money>,
    /// See [`CouponTerms::starts_at`]; RFC 3339.
    #[serde(default)]
    pub starts_at: Option<String>,
    /// See [`CouponTerms::ends_at`]; RFC 3339.
    #[serde(default)]
    pub ends_at: Option<String>,
    /// See [`CouponTerms::minimum`].
    #[serde(default)]
    pub minimum: Option<Money>,
    /// See [`CouponTerms::usage_limit`].
    #[serde(default)]
    pub usage_limit: Option<i64>,
    /// See [`CouponTerms::products`].
    #[serde(default)]
    pub products: Vec<String>,
    /// See [`CouponTerms::categories`].
    #[serde(default)]
    pub categories: Vec<String>,
    /// See [`Coupon::active`]; true where it is left out.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// What a coupon is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponContent {
    /// See [`Coupon::active`].
    pub active: bool,
    /// See [`Coupon::terms`].
    pub terms: CouponTerms,
}

/// The content of a coupon, or everything that is wrong with the body.
///
/// # Errors
/// At the field that breaks a rule.
pub fn coupon_content(body: CouponBody) -> Result<CouponContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let kind = KINDS.into_iter().find(|(_, word)| *word == body.kind).map_or(CouponKind::Unknown, |(kind, _)| kind);
    let typed = body.percent.as_deref().map(str::trim).filter(|_| kind == CouponKind::Percent);
    let terms = CouponTerms {
        kind,
        // What is no percentage is beyond every limit.
        percent: typed.map_or(0, |text| hundredths(text).unwrap_or(-1)),
        amount: body.amount.filter(|_| kind == CouponKind::Amount),
        starts_at: read_time(&mut errors, "/starts_at", body.starts_at.as_deref()),
        ends_at: read_time(&mut errors, "/ends_at", body.ends_at.as_deref()),
        minimum: body.minimum.filter(|minimum| minimum.amount != 0),
        usage_limit: body.usage_limit,
        products: ids(&mut errors, ("/products", PRODUCTS, refusals::NO_SUCH_PRODUCT), &body.products),
        categories: ids(&mut errors, ("/categories", CATEGORIES, refusals::NO_SUCH_CATEGORY), &body.categories),
    };
    check_terms(&mut errors, &terms);
    errors.or(CouponContent { active: body.active, terms })
}

/// The time that a text says; adds that it is none.
fn read_time(errors: &mut Errors, pointer: &str, text: Option<&str>) -> Option<Micros> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    let time = from_rfc3339(text);
    if time.is_none() {
        errors.add(pointer, Code::Invalid, "Informe dia e hora, como 2026-12-31T23:59:00-03:00.");
    }
    time
}

/// The ids that texts are, each once, in their order; adds that there are too many, and which of them are none and so name nothing.
fn ids<Id: FromStr + PartialEq>(
    errors: &mut Errors,
    (pointer, list, unknown): (&str, List, &str),
    texts: &[String],
) -> Vec<Id> {
    let mut ids = Vec::new();
    if !list.check(errors, pointer, texts.len()) {
        return ids;
    }
    for (at, text) in texts.iter().enumerate() {
        match text.parse::<Id>() {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(_) => errors.add(&format!("{pointer}/{at}"), Code::UnknownReference, unknown),
        }
    }
    ids
}

/// Adds what is wrong with terms, whoever asks for them.
pub fn check_terms(errors: &mut Errors, terms: &CouponTerms) {
    match terms.kind {
        CouponKind::Percent if !(1..=WHOLE_PERCENT).contains(&terms.percent) => {
            let detail = "O percentual vai de 0,01 a 100, com até duas casas decimais, como 10,5.";
            errors.add("/percent", Code::OutOfRange, detail);
        }
        CouponKind::Amount => match terms.amount {
            None => errors.add("/amount", Code::Required, "Informe o valor do desconto."),
            Some(amount) if amount.amount == 0 => {
                errors.add("/amount/amount", Code::OutOfRange, "O desconto é de ao menos R$ 0,01.");
            }
            Some(amount) => AMOUNT.check(errors, "/amount", Some(amount)),
        },
        CouponKind::Percent | CouponKind::FreeShipping => {}
        CouponKind::Unknown => {
            errors.add("/kind", Code::Invalid, "Escolha o que o cupom dá: percentual, valor ou frete grátis.");
        }
    }
    MINIMUM.check(errors, "/minimum", terms.minimum);
    USAGE_LIMIT.check(errors, "/usage_limit", terms.usage_limit);
    PRODUCTS.check(errors, "/products", terms.products.len());
    CATEGORIES.check(errors, "/categories", terms.categories.len());
    for (pointer, time) in [("/starts_at", terms.starts_at), ("/ends_at", terms.ends_at)] {
        if time.is_some_and(|time| time % MINUTE != 0) {
            errors.add(pointer, Code::Invalid, "O horário é de um minuto inteiro, sem segundos.");
        }
    }
    if let (Some(start), Some(end)) = (terms.starts_at, terms.ends_at)
        && end <= start
    {
        errors.add("/ends_at", Code::OutOfRange, "O fim vem depois do começo.");
    }
}

/// A coupon as the API gives it.
pub fn coupon_json(coupon: &Coupon) -> Value {
    let Coupon { code, version, active, terms, created_at, changed_at } = coupon;
    let percent = (terms.kind == CouponKind::Percent).then(|| percent(terms.percent, '.'));
    json!({
        "code": code,
        "version": version,
        "active": active,
        "kind": kind_word(terms.kind),
        "percent": percent,
        "amount": terms.amount,
        "starts_at": terms.starts_at.map(rfc3339),
        "ends_at": terms.ends_at.map(rfc3339),
        "minimum": terms.minimum,
        "usage_limit": terms.usage_limit,
        "products": terms.products,
        "categories": terms.categories,
        "created_at": rfc3339(*created_at),
        "changed_at": rfc3339(*changed_at),
    })
}

/// The schemas: what is written (`CouponBody`) and what is given (`Coupon`, `CouponPage`).
pub fn schemas() -> Vec<Named> {
    let words = KINDS.map(|(_, word)| word);
    let active = json!({"type": "boolean", "description": "False turns the coupon off."});
    let what = "Of the kind percent: percent, with a decimal point and up to two decimals; a comma is read as well.";
    let percent = json!({"type": ["string", "null"], "maxLength": 16, "description": what, "example": "10.5"});
    let at = |what: &str| json!({"type": ["string", "null"], "format": "date-time", "description": what});
    let starts_at = at("A whole minute, with which it begins to hold; null: at once.");
    let ends_at = at("A whole minute, before which it ends; null: it does not end.");
    let body = [
        ("active", active.clone()),
        ("kind", json!({"type": "string", "enum": words})),
        ("percent", percent),
        ("amount", AMOUNT.schema_or_null()),
        ("starts_at", starts_at.clone()),
        ("ends_at", ends_at.clone()),
        ("minimum", MINIMUM.schema_or_null()),
        ("usage_limit", USAGE_LIMIT.schema_or_null()),
        ("products", PRODUCTS.schema(id())),
        ("categories", CATEGORIES.schema(id())),
    ];
    let coupon = [
        ("code", text()),
        ("version", version()),
        ("active", active),
        ("kind", text()),
        ("percent", text_or_null()),
        ("amount", reference_or_null("Money")),
        ("starts_at", starts_at),
        ("ends_at", ends_at),
        ("minimum", reference_or_null("Money")),
        ("usage_limit", json!({"type": ["integer", "null"]})),
        ("products", list_of(id())),
        ("categories", list_of(id())),
        ("created_at", time()),
        ("changed_at", time()),
    ];
    vec![("CouponBody", object(&body, &["kind"])), ("Coupon", whole(&coupon)), ("CouponPage", page_of("Coupon"))]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The pointers of what is wrong with a body.
    fn wrong(body: Value) -> Vec<String> {
        let body: CouponBody = serde_json::from_value(body).unwrap();
        let errors = coupon_content(body).err().unwrap_or_default();
        errors.into_iter().map(|error| error.pointer).collect()
    }

    fn brl(amount: i64) -> Value {
        json!({"amount": amount, "currency": "BRL"})
    }

    #[test]
    fn f08_a_code_is_the_same_however_it_is_typed() {
        for (text, code) in [(" verao-10 ", "VERAO-10"), ("ABC", "ABC"), ("natal_2026", "NATAL_2026")] {
            assert_eq!(code_of(text).as_deref(), Some(code));
        }
        let long = "X".repeat(33);
        for text in ["", "AB", "verão", "A B C", "ABC/1", long.as_str()] {
            assert_eq!(code_of(text), None, "{text}");
        }
        assert!(code_of(&long[1..]).is_some());
    }

    #[test]
    fn f08_what_is_wrong_with_a_coupon_is_said_at_its_field() {
        let noon = "2026-12-01T12:00:00-03:00";
        for (body, pointers) in [
            (json!({"kind": "percent", "percent": "10,5", "amount": brl(0)}), &[][..]),
            (json!({"kind": "amount", "amount": brl(1), "percent": "dez"}), &[]),
            (json!({"kind": "free_shipping", "starts_at": noon, "ends_at": "2026-12-01T15:01:00Z"}), &[]),
            (json!({"kind": "brinde"}), &["/kind"]),
            (json!({"kind": "percent"}), &["/percent"]),
            (json!({"kind": "percent", "percent": "0"}), &["/percent"]),
            (json!({"kind": "percent", "percent": "100.01"}), &["/percent"]),
            (json!({"kind": "amount"}), &["/amount"]),
            (json!({"kind": "amount", "amount": brl(0)}), &["/amount/amount"]),
            (json!({"kind": "free_shipping", "minimum": brl(-1)}), &["/minimum/amount"]),
            (json!({"kind": "free_shipping", "usage_limit": 0}), &["/usage_limit"]),
            (json!({"kind": "free_shipping", "starts_at": "amanhã"}), &["/starts_at"]),
            (json!({"kind": "free_shipping", "ends_at": "2026-12-01T12:00:01Z"}), &["/ends_at"]),
            (json!({"kind": "free_shipping", "starts_at": noon, "ends_at": noon}), &["/ends_at"]),
            (
                json!({"kind": "free_shipping", "products": ["x"], "categories": ["y"]}),
                &["/products/0", "/categories/0"],
            ),
        ] {
            assert_eq!(wrong(body.clone()), pointers, "{body}");
        }
        let many = vec!["018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"; limits::COUPON_PRODUCTS + 1];
        assert_eq!(wrong(json!({"kind": "free_shipping", "products": many})), ["/products"]);
    }

    #[test]
    fn f08_what_is_of_another_kind_is_passed_over_and_no_minimum_is_none() {
        let body = json!({"kind": "percent", "percent": "10.5", "amount": brl(100), "minimum": brl(0)});
        let terms = coupon_content(serde_json::from_value(body).unwrap()).unwrap().terms;
        assert_eq!((terms.percent, terms.amount, terms.minimum), (1_050, None, None));
        let body = json!({"kind": "free_shipping", "percent": "10.5", "active": false});
        let content = coupon_content(serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!((content.terms.percent, content.active), (0, false));
    }
}
