//! Ways of delivery as the API takes and gives them.
//!
//! Bodies have the ends of ranges as whole CEPs, `01000-000` to `01999-999`; records have the five digits that tell.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rules::{Errors, List, Price, Text, Whole},
    schema::{Named, boolean, id, list_of, object, reference, text, time, version, whole},
};
use crate::{
    limits,
    money::Money,
    problem::{Code, FieldError},
    records::admin::{ShippingContent, ShippingKind, ShippingOption, ShippingRate},
    shipping::{NotOffered, Offered, Quote, cep_of_begin, cep_of_end, overlaps, range_begin, range_end},
    time::rfc3339,
};

/// The kinds in the order in which they are shown: the word that bodies have, and the name on pages (pt-BR).
pub const KINDS: [(ShippingKind, &str, &str); 3] = [
    (ShippingKind::Flat, "flat", "Preço único"),
    (ShippingKind::Table, "table", "Tabela por CEP e peso"),
    (ShippingKind::Pickup, "pickup", "Retirada"),
];
/// The words of moves: to the place before, and to that behind.
pub const MOVES: [&str; 2] = ["up", "down"];

const NAME: Text = Text::words("O nome da entrega", limits::SHIPPING_NAME_CHARS);
const PRICE: Price = Price("O preço");
const FREE_FROM: Price = Price("O valor a partir do qual é grátis");
const DAYS: Whole = Whole::new("O prazo em dias úteis", 0, limits::SHIPPING_DAYS);
const UP_TO: Whole = Whole::new("O peso da linha em gramas", 1, limits::WEIGHT_GRAMS);
const RATES: List = List::new("A tabela", "linhas", limits::SHIPPING_RATES);

/// The kind of a word.
pub fn kind_of(word: &str) -> Option<ShippingKind> {
    KINDS.into_iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| kind)
}

/// The word of a kind.
pub fn kind_word(kind: ShippingKind) -> &'static str {
    KINDS.into_iter().find(|(known, ..)| *known == kind).map_or("unknown", |(_, word, _)| word)
}

/// The name of a kind on pages (pt-BR).
pub fn kind_name(kind: ShippingKind) -> &'static str {
    KINDS.into_iter().find(|(known, ..)| *known == kind).map_or("Outra", |(.., name)| name)
}

/// A way of delivery as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippingBody {
    /// The name that buyers read.
    pub name: String,
    /// A word of [`KINDS`].
    pub kind: String,
    /// True if buyers are offered it; it is where that is left out.
    #[serde(default = "yes")]
    pub active: bool,
    /// The price; of a pickup it is none where it is left out.
    #[serde(default)]
    pub price: Option<Money>,
    /// Goods of this sum or more go for free.
    #[serde(default)]
    pub free_from: Option<Money>,
    /// The fewest business days that it takes.
    #[serde(default)]
    pub min_days: Option<i64>,
    /// The most business days that it takes; as many as the fewest where it is left out.
    #[serde(default)]
    pub max_days: Option<i64>,
    /// The lines of a table.
    #[serde(default)]
    pub rates: Vec<RateBody>,
}

/// A line of a table as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// The range's first CEP.
    pub cep_from: String,
    /// The range's last CEP.
    pub cep_to: String,
    /// The most that the parcel weighs.
    pub up_to_grams: i64,
    /// The price.
    pub price: Money,
    /// Business days until it is there.
    pub days: i64,
}

/// The move of a way of delivery among the others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// A word of [`MOVES`].
    pub direction: String,
}

fn yes() -> bool {
    true
}

/// The content that a body asks for, or everything that is wrong with it.
///
/// # Errors
/// A field is missing, out of its limits, or of another kind; a range begins or ends within a thousand; two lines of one weight overlap.
pub fn shipping_content(body: ShippingBody) -> Result<ShippingContent, Vec<FieldError>> {
    content_of_lines(body, &[])
}

/// The same, of a table whose lines somebody has numbered otherwise than from 1: refusals name them by these numbers.
///
/// # Errors
/// As those of [`shipping_content`].
pub fn content_of_lines(body: ShippingBody, numbers: &[usize]) -> Result<ShippingContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let kind = kind_of(&body.kind).unwrap_or(ShippingKind::Unknown);
    let has_one_price = matches!(kind, ShippingKind::Flat | ShippingKind::Pickup);
    let free = (kind == ShippingKind::Pickup).then_some(Money::brl(0));
    let max_days = body.max_days.or(if has_one_price { body.min_days } else { None });
    // What is no 32-bit number is beyond every limit.
    let days = |days: i64| i32::try_from(days).unwrap_or(i32::MAX);
    let rates = match RATES.check(&mut errors, "/rates", body.rates.len()) {
        true => rates_of(&mut errors, body.rates),
        false => Vec::new(),
    };
    let content = ShippingContent {
        name: body.name.trim().to_owned(),
        kind,
        active: body.active,
        price: body.price.or(free),
        free_from: body.free_from,
        min_days: body.min_days.map(days),
        max_days: max_days.map(days),
        rates,
    };
    let content = errors.or(content)?;
    check_content(&content, numbers)?;
    Ok(content)
}

/// The lines of a body, with the five digits of each end; adds which ends are none.
fn rates_of(errors: &mut Errors, bodies: Vec<RateBody>) -> Vec<ShippingRate> {
    let mut rates = Vec::with_capacity(bodies.len());
    for (at, body) in bodies.into_iter().enumerate() {
        let (from, to) = (range_begin(&body.cep_from), range_end(&body.cep_to));
        if from.is_none() {
            errors.add(&format!("/rates/{at}/cep_from"), Code::Invalid, "A faixa começa em um CEP de final 000.");
        }
        if to.is_none() {
            errors.add(&format!("/rates/{at}/cep_to"), Code::Invalid, "A faixa termina em um CEP de final 999.");
        }
        rates.push(ShippingRate {
            cep_from: from.unwrap_or_default(),
            cep_to: to.unwrap_or_default(),
            up_to_grams: body.up_to_grams,
            price: body.price,
            days: i32::try_from(body.days).unwrap_or(i32::MAX),
        });
    }
    rates
}

/// Checks the content of a way of delivery, whoever has made it; `numbers` as in [`content_of_lines`].
///
/// # Errors
/// Everything that is wrong with it.
pub fn check_content(content: &ShippingContent, numbers: &[usize]) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::default();
    NAME.check(&mut errors, "/name", Some(&content.name));
    FREE_FROM.check(&mut errors, "/free_from", content.free_from);
    match content.kind {
        ShippingKind::Flat | ShippingKind::Pickup => check_one_price(&mut errors, content),
        ShippingKind::Table => check_table(&mut errors, content, numbers),
        ShippingKind::Unknown => errors.add("/kind", Code::Invalid, "Não há este tipo de entrega."),
    }
    errors.or(())
}

fn check_one_price(errors: &mut Errors, content: &ShippingContent) {
    PRICE.check(errors, "/price", content.price);
    if content.price.is_none() {
        errors.add("/price", Code::Required, "Informe o preço.");
    }
    for (pointer, days) in [("/min_days", content.min_days), ("/max_days", content.max_days)] {
        DAYS.check(errors, pointer, days.map(i64::from));
    }
    match (content.min_days, content.max_days) {
        (Some(min), Some(max)) if min > max => {
            errors.add("/max_days", Code::OutOfRange, "O prazo maior não pode ser menor do que o menor.");
        }
        (Some(_), Some(_)) => {}
        _ => errors.add("/min_days", Code::Required, "Informe o prazo em dias úteis."),
    }
    if !content.rates.is_empty() {
        errors.add("/rates", Code::Invalid, "Só uma tabela tem linhas.");
    }
}

fn check_table(errors: &mut Errors, content: &ShippingContent, numbers: &[usize]) {
    let own = [
        ("/price", content.price.is_some()),
        ("/min_days", content.min_days.is_some()),
        ("/max_days", content.max_days.is_some()),
    ];
    for (pointer, _) in own.into_iter().filter(|(_, is_there)| *is_there) {
        errors.add(pointer, Code::Invalid, "Em uma tabela, preço e prazo são de cada linha.");
    }
    if content.rates.is_empty() {
        errors.add("/rates", Code::Required, "Informe ao menos uma linha da tabela.");
    }
    if !RATES.check(errors, "/rates", content.rates.len()) {
        return;
    }
    let is_end = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    for (at, rate) in content.rates.iter().enumerate() {
        let field = |name: &str| format!("/rates/{at}/{name}");
        PRICE.check(errors, &field("price"), Some(rate.price));
        DAYS.check(errors, &field("days"), Some(rate.days.into()));
        UP_TO.check(errors, &field("up_to_grams"), Some(rate.up_to_grams));
        if !is_end(&rate.cep_from) || !is_end(&rate.cep_to) || rate.cep_from > rate.cep_to {
            errors.add(&field("cep_to"), Code::Invalid, "O CEP final vem depois do inicial.");
        }
    }
    let number = |at: usize| numbers.get(at).copied().unwrap_or(at + 1);
    for (one, other) in overlaps(&content.rates) {
        let (one_number, other_number) = (number(one), number(other));
        let detail = format!("As linhas {one_number} e {other_number} têm o mesmo peso e CEPs em comum.");
        errors.add(&format!("/rates/{other}/cep_from"), Code::Duplicate, detail);
    }
}

/// A way of delivery as the API gives it.
pub fn shipping_json(option: &ShippingOption) -> Value {
    let mut json = listed_json(option);
    if let Some(fields) = json.as_object_mut() {
        fields.shift_remove("rates_count");
        fields.insert("rates".to_owned(), option.content.rates.iter().map(rate_json).collect());
    }
    json
}

/// A way of delivery as a list has it: of a table only how many lines it has.
pub fn listed_json(option: &ShippingOption) -> Value {
    let content = &option.content;
    json!({
        "id": option.shipping_id,
        "version": option.version,
        "position": option.position,
        "name": content.name,
        "kind": kind_word(content.kind),
        "active": content.active,
        "price": content.price,
        "free_from": content.free_from,
        "min_days": content.min_days,
        "max_days": content.max_days,
        "rates_count": content.rates.len(),
        "created_at": rfc3339(option.created_at),
        "changed_at": rfc3339(option.changed_at),
    })
}

fn rate_json(rate: &ShippingRate) -> Value {
    json!({
        "cep_from": cep_of_begin(&rate.cep_from),
        "cep_to": cep_of_end(&rate.cep_to),
        "up_to_grams": rate.up_to_grams,
        "price": rate.price,
        "days": rate.days,
    })
}

/// A quote as the API gives it.
pub fn quote_json(quote: &Quote<'_>) -> Value {
    let offered = |offered: &Offered<'_>| {
        json!({
            "id": offered.option.shipping_id,
            "name": offered.option.content.name,
            "kind": kind_word(offered.option.content.kind),
            "price": offered.price,
            "min_days": offered.min_days,
            "max_days": offered.max_days,
        })
    };
    let not_offered = |(option, why): &(&ShippingOption, NotOffered)| json!({"id": option.shipping_id, "name": option.content.name, "reason": why.word(), "detail": why.says()});
    json!({
        "offered": quote.offered.iter().map(offered).collect::<Vec<_>>(),
        "not_offered": quote.not_offered.iter().map(not_offered).collect::<Vec<_>>(),
    })
}

/// The schemas: what is written (`ShippingBody`, `ShippingMove`) and what is given (`ShippingOption`, `ShippingOptions`, `ShippingQuote`).
pub fn schemas() -> Vec<Named> {
    let kind = json!({"type": "string", "enum": KINDS.map(|(_, word, _)| word)});
    let cep = |pattern: &str, what: &str| json!({"type": "string", "pattern": pattern, "description": what});
    let rate_fields = [
        ("cep_from", cep("^[0-9]{5}(-?000)?$", "The range's first CEP; it ends in 000.")),
        ("cep_to", cep("^[0-9]{5}(-?999)?$", "The range's last CEP; it ends in 999.")),
        ("up_to_grams", UP_TO.schema()),
        ("price", PRICE.schema()),
        ("days", DAYS.schema()),
    ];
    let written = [
        ("name", NAME.schema()),
        ("kind", kind.clone()),
        ("active", boolean()),
        ("price", PRICE.schema_or_null()),
        ("free_from", FREE_FROM.schema_or_null()),
        ("min_days", DAYS.schema_or_null()),
        ("max_days", DAYS.schema_or_null()),
        ("rates", RATES.schema(reference("ShippingRate"))),
    ];
    let given = vec![
        ("id", id()),
        ("version", version()),
        ("position", json!({"type": "integer"})),
        ("name", text()),
        ("kind", kind.clone()),
        ("active", boolean()),
        ("price", PRICE.schema_or_null()),
        ("free_from", FREE_FROM.schema_or_null()),
        ("min_days", DAYS.schema_or_null()),
        ("max_days", DAYS.schema_or_null()),
        ("created_at", time()),
        ("changed_at", time()),
    ];
    let listed = [given.clone(), vec![("rates_count", json!({"type": "integer", "minimum": 0}))]].concat();
    let one = [given, vec![("rates", list_of(reference("ShippingRate")))]].concat();
    let direction = json!({"type": "string", "enum": MOVES});
    let offered = [
        ("id", id()),
        ("name", text()),
        ("kind", kind),
        ("price", PRICE.schema()),
        ("min_days", DAYS.schema()),
        ("max_days", DAYS.schema()),
    ];
    let reason = json!({"type": "string", "enum": NotOffered::ALL.map(NotOffered::word)});
    let not_offered = [("id", id()), ("name", text()), ("reason", reason), ("detail", text())];
    let quote = [("offered", list_of(whole(&offered))), ("not_offered", list_of(whole(&not_offered)))];
    vec![
        ("ShippingRate", whole(&rate_fields)),
        ("ShippingBody", object(&written, &["name", "kind"])),
        ("ShippingMove", whole(&[("direction", direction)])),
        ("ShippingOption", whole(&one)),
        ("ShippingOptionItem", whole(&listed)),
        ("ShippingOptions", whole(&[("items", list_of(reference("ShippingOptionItem")))])),
        ("ShippingQuote", whole(&quote)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn flat() -> ShippingBody {
        ShippingBody {
            name: " PAC ".into(),
            kind: "flat".into(),
            active: true,
            price: Some(Money::brl(1_500)),
            free_from: None,
            min_days: Some(3),
            max_days: None,
            rates: Vec::new(),
        }
    }

    fn rate(from: &str, to: &str, up_to_grams: i64) -> RateBody {
        RateBody { cep_from: from.into(), cep_to: to.into(), up_to_grams, price: Money::brl(990), days: 2 }
    }

    fn table(rates: Vec<RateBody>) -> ShippingBody {
        ShippingBody { kind: "table".into(), price: None, min_days: None, rates, ..flat() }
    }

    fn wrong(body: ShippingBody) -> Vec<(String, Code)> {
        let errors = shipping_content(body).unwrap_err();
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn f08_a_way_of_one_price_has_it_and_its_days() {
        let content = shipping_content(flat()).unwrap();
        assert_eq!((content.name.as_str(), content.min_days, content.max_days), ("PAC", Some(3), Some(3)));
        let pickup = ShippingBody { kind: "pickup".into(), price: None, min_days: Some(0), ..flat() };
        assert_eq!(shipping_content(pickup).unwrap().price, Some(Money::brl(0)), "who comes for it pays nothing");
        for (body, pointer, code) in [
            (ShippingBody { name: " ".into(), ..flat() }, "/name", Code::Required),
            (ShippingBody { kind: "drone".into(), ..flat() }, "/kind", Code::Invalid),
            (ShippingBody { price: None, ..flat() }, "/price", Code::Required),
            (ShippingBody { price: Some(Money::brl(-1)), ..flat() }, "/price/amount", Code::OutOfRange),
            (ShippingBody { free_from: Some(Money::brl(-1)), ..flat() }, "/free_from/amount", Code::OutOfRange),
            (ShippingBody { min_days: None, ..flat() }, "/min_days", Code::Required),
            (ShippingBody { max_days: Some(2), ..flat() }, "/max_days", Code::OutOfRange),
            (ShippingBody { max_days: Some(366), ..flat() }, "/max_days", Code::OutOfRange),
            (ShippingBody { max_days: Some(i64::MAX), ..flat() }, "/max_days", Code::OutOfRange),
            (ShippingBody { rates: vec![rate("01000", "01999", 1)], ..flat() }, "/rates", Code::Invalid),
        ] {
            assert_eq!(wrong(body), [(pointer.to_owned(), code)]);
        }
    }

    #[test]
    fn f08_a_table_has_lines_that_begin_on_000_and_end_on_999_and_do_not_overlap() {
        let content = shipping_content(table(vec![rate("01000-000", "01999-999", 300)])).unwrap();
        assert_eq!((content.rates[0].cep_from.as_str(), content.rates[0].cep_to.as_str()), ("01000", "01999"));
        for (rates, pointer, code) in [
            (vec![], "/rates", Code::Required),
            (vec![rate("01310-100", "01999-999", 1)], "/rates/0/cep_from", Code::Invalid),
            (vec![rate("01000-000", "01999-998", 1)], "/rates/0/cep_to", Code::Invalid),
            (vec![rate("02000", "01999", 1)], "/rates/0/cep_to", Code::Invalid),
            (vec![rate("01000", "01999", 0)], "/rates/0/up_to_grams", Code::OutOfRange),
            (vec![rate("01000", "05999", 9), rate("05999", "08999", 9)], "/rates/1/cep_from", Code::Duplicate),
            (vec![rate("01000", "01999", 1); limits::SHIPPING_RATES + 1], "/rates", Code::TooLong),
        ] {
            assert_eq!(wrong(table(rates)), [(pointer.to_owned(), code)]);
        }
        assert_eq!(wrong(ShippingBody { kind: "table".into(), ..flat() }).len(), 3, "price, days and no line");
        // The same CEPs by another weight are another line.
        let by_weight = table(vec![rate("01000", "05999", 300), rate("01000", "05999", 1_000)]);
        assert_eq!(shipping_content(by_weight).unwrap().rates.len(), 2);
    }

    #[test]
    fn f08_lines_are_named_by_the_numbers_that_somebody_sees() {
        let body = table(vec![rate("01000", "01999", 9), rate("01500", "01999", 9)]);
        let said = |numbers: &[usize]| content_of_lines(body.clone(), numbers).unwrap_err().remove(0).detail;
        assert!(said(&[]).contains("linhas 1 e 2") && said(&[2, 5]).contains("linhas 2 e 5"));
    }
}
