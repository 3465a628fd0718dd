//! Rules of fields: each makes the JSON Schema that OpenAPI shows and the check that refuses what breaks it.

use serde_json::{Value, json};

use super::schema::{self, SEVERAL_LINES};
use crate::{
    catalogue::is_slug,
    limits,
    money::{Currency, Money},
    problem::{Code, FieldError},
    refusals,
    sealed::Unfit,
};

/// Collects what is wrong, so that a merchant sees all of it at once.
#[derive(Debug, Default)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// The most that is said of one body: 2,048 wrong variants need no 2,048 sentences.
    pub const MOST: usize = 50;

    /// Says that the field at a JSON Pointer is wrong (pt-BR).
    pub fn add(&mut self, pointer: &str, code: Code, detail: impl Into<String>) {
        if self.0.len() < Self::MOST {
            self.0.push(FieldError::new(pointer, code, detail));
        }
    }

    /// The value, if nothing was wrong with the body that it was made of.
    pub fn or<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

/// The least that a text must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// Something beside white space.
    Words,
    /// A text, which may be blank.
    Text,
    /// A text or null; blank is null.
    OrNull,
}

/// A text: what refusals call it, with its article, and the characters that it may have.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    name: &'static str,
    most: usize,
    presence: Presence,
    is_long: bool,
}

impl Text {
    /// A text that must be there.
    pub const fn words(name: &'static str, most: usize) -> Self {
        Self { name, most, presence: Presence::Words, is_long: false }
    }

    /// A text that may be blank.
    pub const fn or_blank(name: &'static str, most: usize) -> Self {
        Self { presence: Presence::Text, ..Self::words(name, most) }
    }

    /// A text that may be null, left out or blank.
    pub const fn or_null(name: &'static str, most: usize) -> Self {
        Self { presence: Presence::OrNull, ..Self::words(name, most) }
    }

    /// Lets the text run over several lines.
    pub const fn of_lines(self) -> Self {
        Self { is_long: true, ..self }
    }

    /// Characters that it may have.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// The JSON Schema of the text.
    pub fn schema(&self) -> Value {
        let mut schema = match self.presence {
            Presence::Words => schema::words(self.most),
            Presence::Text => json!({"type": "string", "maxLength": self.most}),
            Presence::OrNull => json!({"type": ["string", "null"], "maxLength": self.most}),
        };
        if self.is_long {
            schema[SEVERAL_LINES] = json!(true);
        }
        schema
    }

    /// Adds what is wrong with a text; what is left out is the same as a blank one.
    pub fn check(&self, errors: &mut Errors, pointer: &str, text: Option<&str>) {
        let text = text.unwrap_or_default();
        if self.presence == Presence::Words && text.trim().is_empty() {
            errors.add(pointer, Code::Required, self.missing());
        }
        if !self.holds(text) {
            errors.add(pointer, Code::TooLong, self.too_long());
        }
    }

    /// True if a text has no more characters than it may have.
    pub fn holds(&self, text: &str) -> bool {
        text.chars().count() <= self.most
    }

    /// Says that it is not there.
    pub fn missing(&self) -> String {
        let mut letters = self.name.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
        format!("Informe {first}{}.", letters.as_str())
    }

    /// Says that it has too many characters.
    pub fn too_long(&self) -> String {
        refusals::too_long(self.name, refusals::grouped(self.most))
    }
}

/// A whole number: what refusals call it, with its article, and its limits, which both belong to it.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    name: &'static str,
    least: i64,
    most: i64,
}

impl Whole {
    /// A number from `least` to `most`.
    pub const fn new(name: &'static str, least: i64, most: i64) -> Self {
        Self { name, least, most }
    }

    /// The least and the most that the number may be.
    pub const fn limits(&self) -> (i64, i64) {
        (self.least, self.most)
    }

    /// The JSON Schema of the number.
    pub fn schema(&self) -> Value {
        json!({"type": "integer", "minimum": self.least, "maximum": self.most})
    }

    /// The JSON Schema of the number where it may be null.
    pub fn schema_or_null(&self) -> Value {
        json!({"type": ["integer", "null"], "minimum": self.least, "maximum": self.most})
    }

    /// True if it is within its limits.
    pub fn holds(&self, value: i64) -> bool {
        (self.least..=self.most).contains(&value)
    }

    /// Adds what is wrong with a number, if there is one.
    pub fn check(&self, errors: &mut Errors, pointer: &str, value: Option<i64>) {
        if value.is_some_and(|value| !self.holds(value)) {
            errors.add(pointer, Code::OutOfRange, self.out_of_range());
        }
    }

    /// Says that it is outside its limits.
    pub fn out_of_range(&self) -> String {
        refusals::out_of_range(self.name, self.least, self.most)
    }
}

/// A list: whose it is, with the article, what it holds, and how many of them.
#[derive(Debug, Clone, Copy)]
pub struct List {
    owner: &'static str,
    items: &'static str,
    most: usize,
}

impl List {
    /// A list of up to `most` items.
    pub const fn new(owner: &'static str, items: &'static str, most: usize) -> Self {
        Self { owner, items, most }
    }

    /// The JSON Schema of the list, whose items have the schema `items`.
    pub fn schema(&self, items: Value) -> Value {
        json!({"type": "array", "items": items, "maxItems": self.most})
    }

    /// Adds that a list is too long; true if it is not.
    pub fn check(&self, errors: &mut Errors, pointer: &str, length: usize) -> bool {
        let fits = length <= self.most;
        if !fits {
            errors.add(pointer, Code::TooLong, self.too_long());
        }
        fits
    }

    /// Says that it has too many items.
    pub fn too_long(&self) -> String {
        format!("{} pode ter até {} {}.", self.owner, refusals::grouped(self.most), self.items)
    }
}

/// A price: what refusals call it, with its article.
#[derive(Debug, Clone, Copy)]
pub struct Price(pub &'static str);

impl Price {
    /// The JSON Schema of the price: a reference to `Money`.
    pub fn schema(&self) -> Value {
        schema::reference("Money")
    }

    /// The JSON Schema of the price where it may be null.
    pub fn schema_or_null(&self) -> Value {
        schema::reference_or_null("Money")
    }

    /// Adds what is wrong with a price, if there is one.
    pub fn check(&self, errors: &mut Errors, pointer: &str, price: Option<Money>) {
        let Some(price) = price else { return };
        if price.currency != Currency::BRL {
            errors.add(&format!("{pointer}/currency"), Code::Invalid, "A moeda é BRL.");
        }
        if !(0..=Money::MAX_AMOUNT).contains(&price.amount) {
            let detail = format!("{} vai de R$ 0,00 a {}, em centavos.", self.0, Money::largest());
            errors.add(&format!("{pointer}/amount"), Code::OutOfRange, detail);
        }
    }
}

/// HTML that is cleaned before it is kept: what refusals call it, with its article, and the bytes of UTF-8 that it may have.
#[derive(Debug, Clone, Copy)]
pub struct Html {
    name: &'static str,
    bytes: usize,
}

impl Html {
    /// HTML of up to so many bytes, whole KiB.
    pub const fn new(name: &'static str, bytes: usize) -> Self {
        Self { name, bytes }
    }

    /// The JSON Schema of the HTML, which may be null. JSON Schema counts characters, of which some are several bytes.
    pub fn schema(&self) -> Value {
        let kib = self.bytes / 1024;
        json!({
            "type": ["string", "null"],
            "maxLength": self.bytes,
            "description": format!("HTML, up to {kib} KiB of UTF-8; what could harm a page, such as scripts, is removed."),
            SEVERAL_LINES: true,
        })
    }

    /// Adds that it is too long, as it was written.
    pub fn check(&self, errors: &mut Errors, pointer: &str, html: &str) {
        if html.len() > self.bytes {
            let detail = format!("{} pode ter até {} KiB.", self.name, self.bytes / 1024);
            errors.add(pointer, Code::TooLong, detail);
        }
    }
}

/// Adds that the words of an address are not written as such.
pub fn check_slug(errors: &mut Errors, slug: Option<&str>) {
    if slug.is_some_and(|slug| !is_slug(slug)) {
        errors.add("/slug", Code::Invalid, refusals::slug_form());
    }
}

/// The id that a text is; one that can't be read names nothing, as `unknown` says.
pub fn parse_id<Id: std::str::FromStr>(
    errors: &mut Errors,
    pointer: &str,
    text: Option<String>,
    unknown: &str,
) -> Option<Id> {
    let id = text?.parse().ok();
    if id.is_none() {
        errors.add(pointer, Code::UnknownReference, unknown);
    }
    id
}

/// The value that a person typed about itself; `None` where it is unfit, which `errors` has without repeating it.
/// `what` comes with its article: «O e-mail».
pub fn taken<T>(errors: &mut Errors, pointer: &str, what: &str, value: Result<T, Unfit>) -> Option<T> {
    value.map_err(|unfit| unfit_at(errors, pointer, what, unfit)).ok()
}

/// Says in which way a value is unfit; `what` comes with its article.
pub fn unfit_at(errors: &mut Errors, pointer: &str, what: &str, unfit: Unfit) {
    match unfit {
        Unfit::Empty => errors.add(pointer, Code::Required, format!("{what} não foi informado.")),
        Unfit::TooLong(most) => errors.add(pointer, Code::TooLong, refusals::too_long(what, most)),
        Unfit::Malformed => errors.add(pointer, Code::Invalid, refusals::not_accepted(what)),
    }
}

/// A text without the white space around it; a blank one is none.
pub fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The name of a product or a category.
pub const NAME: Text = Text::words("O nome", limits::NAME_CHARS);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The code and the detail of each error that a check adds.
    fn found(check: impl FnOnce(&mut Errors)) -> Vec<(Code, String)> {
        let mut errors = Errors::default();
        check(&mut errors);
        let errors = errors.or(()).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.code, error.detail)).collect()
    }

    #[test]
    fn a_text_is_held_to_what_its_schema_shows() {
        let (words, none) = (Text::words("A frase", 3), Text::or_null("A frase", 3));
        assert_eq!((&words.schema()["maxLength"], &words.schema()["minLength"]), (&json!(3), &json!(1)));
        assert_eq!(none.schema()["type"], json!(["string", "null"]));
        let said = |rule: Text, text| found(|errors| rule.check(errors, "/a", text));
        for text in [None, Some(""), Some(" \u{85}")] {
            assert_eq!(said(words, text), [(Code::Required, "Informe a frase.".to_owned())]);
            assert_eq!(said(none, text), []);
        }
        assert_eq!(said(none, Some("ação")), [(Code::TooLong, "A frase pode ter até 3 caracteres.".to_owned())]);
        assert_eq!(said(words, Some("açã")), [], "characters count, not bytes");
        assert_eq!(Text::or_blank("x", 1_000).too_long(), "x pode ter até 1.000 caracteres.");
    }

    #[test]
    fn numbers_lists_and_prices_are_held_to_both_ends() {
        let count = Whole::new("O número", -1, 2);
        for (value, errors) in [(-2, 1), (-1, 0), (2, 0), (3, 1), (i64::MIN, 1)] {
            assert_eq!(found(|errors| count.check(errors, "/a", Some(value))).len(), errors, "{value}");
        }
        assert_eq!(found(|errors| count.check(errors, "/a", None)), []);
        let list = List::new("A loja", "origens", 2);
        for (length, fits) in [(0, true), (2, true), (3, false)] {
            assert_eq!(list.check(&mut Errors::default(), "/a", length), fits, "{length}");
        }
        assert_eq!(list.too_long(), "A loja pode ter até 2 origens.");
        let price =
            |amount, currency| found(|errors| Price("O preço").check(errors, "/a", Some(Money { amount, currency })));
        for (amount, errors) in [(-1, 1), (0, 0), (Money::MAX_AMOUNT, 0), (Money::MAX_AMOUNT + 1, 1)] {
            assert_eq!(price(amount, Currency::BRL).len(), errors, "{amount}");
        }
        assert_eq!(price(1, Currency::UNKNOWN), [(Code::Invalid, "A moeda é BRL.".to_owned())]);
    }

    #[test]
    fn html_is_counted_in_bytes() {
        let html = Html::new("A descrição", 1_024);
        assert_eq!(found(|errors| html.check(errors, "/a", &"é".repeat(512))), []);
        assert_eq!(
            found(|errors| html.check(errors, "/a", &"é".repeat(513))),
            [(Code::TooLong, "A descrição pode ter até 1 KiB.".to_owned())]
        );
    }

    #[test]
    fn no_more_is_said_of_a_body_than_somebody_reads() {
        let many = found(|errors| (0..100).for_each(|_| errors.add("/a", Code::Invalid, "x")));
        assert_eq!(many.len(), Errors::MOST);
    }
}
