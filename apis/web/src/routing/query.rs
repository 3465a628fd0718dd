//! Query parameters: which a route knows, and reading them strictly.

use feira_schemas::{
    problem::Code,
    refusals,
    text::{Lines, composed, forbidden},
};
use percent_encoding::percent_decode_str;

use crate::problem::Problem;

/// Most values of a parameter that may come several times: far more than a person picks, and few enough to look each up.
pub(super) const REPEATS: usize = 100;

/// The values that a parameter may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text of so many characters at most.
    Text(usize),
    /// A whole number in these bounds, both inclusive.
    Integer(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
}

/// The texts of ids, as a regular expression: see [`Parameter::like`].
pub const UUID: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// A query parameter that a route knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The parameter's name in the query.
    pub name: &'static str,
    /// The values that it may have.
    pub kind: Kind,
    /// True if it may come several times.
    pub repeatable: bool,
    /// The texts that its handler can read, as a regular expression for who reads the description.
    pub pattern: Option<&'static str>,
    /// The parameter's description in OpenAPI.
    pub what: &'static str,
}

impl Parameter {
    /// A parameter that comes at most once.
    pub const fn new(name: &'static str, kind: Kind, what: &'static str) -> Self {
        Self { name, kind, repeatable: false, pattern: None, what }
    }

    /// This parameter, which may come several times.
    pub const fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    /// This parameter, described as texts of a pattern; its handler refuses others.
    pub const fn like(self, pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..self }
    }
}

/// The parameters of one request: each known to its route and of its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads a raw query (what stands behind the `?`). Where `strict`, a parameter that the route does not know is refused; pages
    /// pass over it, since links to them collect parameters of others.
    pub(super) fn parse(raw: &str, known: &[Parameter], strict: bool) -> Result<Self, Problem> {
        let mut query = Self::default();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| not_text(name))?;
            let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
                if strict {
                    return Err(unknown(&name, known));
                }
                continue;
            };
            let value = decode(value).ok_or_else(|| not_text(&name))?;
            let (value, letters) = seen(&value, strict).map_err(|detail| wrong(&name, Code::Invalid, detail))?;
            if !parameter.repeatable && query.text(&name).is_some() {
                return Err(wrong(&name, Code::Duplicate, format!("O parâmetro «{name}» aparece duas vezes.")));
            }
            if query.all(&name).count() == REPEATS {
                let detail = format!("O parâmetro «{name}» pode vir até {REPEATS} vezes.");
                return Err(wrong(&name, Code::TooLong, detail));
            }
            check(parameter, &value, letters)?;
            query.pairs.push((parameter.name, value));
        }
        Ok(query)
    }

    /// A parameter's (first) value.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a repeatable parameter, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All of them, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.pairs.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The parameter as a whole number; `None` if it is left out.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// A flag; false if it is not there.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| matches!(value, "true" | "1" | ""))
    }
}

/// A value as people see it: letters as one sign each, and no control character. Line breaks and tabs, which come along when
/// something is copied, are white space; any other is refused, but on pages, whose links others write, passed over. Beside it how
/// many letters came, those passed over too: a limit is one of what was sent.
fn seen(value: &str, strict: bool) -> Result<(String, usize), String> {
    let lines: String =
        value.chars().map(|letter| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter }).collect();
    let whole = composed(&lines).into_owned();
    let letters = whole.chars().count();
    match forbidden(&lines, Lines::One) {
        None => Ok((whole, letters)),
        Some(detail) if strict => Err(detail),
        Some(_) => Ok((whole.chars().filter(|letter| !letter.is_control()).collect(), letters)),
    }
}

fn check(parameter: &Parameter, value: &str, letters: usize) -> Result<(), Problem> {
    let name = parameter.name;
    let what = || format!("O parâmetro «{name}»");
    match parameter.kind {
        Kind::Text(most) if letters > most => Err(wrong(name, Code::TooLong, refusals::too_long(&what(), most))),
        Kind::Text(_) => Ok(()),
        Kind::Integer(least, most) => match value.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(()),
            Ok(_) => Err(wrong(name, Code::OutOfRange, refusals::out_of_range(&what(), least, most))),
            Err(_) => Err(wrong(name, Code::Malformed, format!("{} é um número inteiro.", what()))),
        },
        Kind::OneOf(words) if !words.contains(&value) => {
            Err(wrong(name, Code::Invalid, format!("{} é um destes: {}.", what(), words.join(", "))))
        }
        Kind::OneOf(_) => Ok(()),
        Kind::Flag if matches!(value, "true" | "false" | "1" | "0" | "") => Ok(()),
        Kind::Flag => Err(wrong(name, Code::Malformed, format!("O parâmetro «{name}» é true ou false."))),
    }
}

/// A form's text: `+` is a space, `%XX` a byte, the whole UTF-8.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
}

fn wrong(name: &str, code: Code, detail: String) -> Problem {
    Problem::parameter(format!("/query/{}", name.replace('~', "~0").replace('/', "~1")), code, detail)
}

fn not_text(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    wrong(&name, Code::Malformed, "O parâmetro não é texto UTF-8.".into())
}

fn unknown(name: &str, known: &[Parameter]) -> Problem {
    let name: String = name.chars().take(64).collect();
    let names: Vec<&str> = known.iter().map(|parameter| parameter.name).collect();
    let detail = match names.as_slice() {
        [] => format!("O parâmetro «{name}» não existe; este endereço não tem parâmetros."),
        names => format!("O parâmetro «{name}» não existe. Os que existem: {}.", names.join(", ")),
    };
    wrong(&name, Code::Malformed, detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KNOWN: &[Parameter] = &[
        Parameter::new("q", Kind::Text(5), ""),
        Parameter::new("limit", Kind::Integer(1, 100), ""),
        Parameter::new("sort", Kind::OneOf(&["name"]), ""),
        Parameter::new("category", Kind::Text(9), "").repeatable(),
    ];

    #[test]
    fn a_query_is_read_as_forms_write_it() {
        let query = Query::parse("q=a+%C3%A7&category=x&category=y&&limit=7", KNOWN, true).unwrap();
        assert_eq!((query.text("q"), query.integer("limit")), (Some("a ç"), Some(7)));
        assert_eq!(query.all("category").collect::<Vec<_>>(), ["x", "y"]);
    }

    #[test]
    fn what_can_not_be_read_is_refused_with_its_name() {
        for (raw, code) in [
            ("q=%FF", Code::Malformed),
            ("q=abcdef", Code::TooLong),
            ("limit=0", Code::OutOfRange),
            ("limit=101", Code::OutOfRange),
            ("limit=", Code::Malformed),
            ("limit=1e2", Code::Malformed),
            ("limit=99999999999999999999", Code::Malformed),
            ("limit=1&limit=2", Code::Duplicate),
            ("sort=up", Code::Invalid),
            ("colour=red", Code::Malformed),
            ("%FF=1", Code::Malformed),
            ("q=a%00", Code::Invalid),
            ("category=a%1F", Code::Invalid),
        ] {
            let problem = Query::parse(raw, KNOWN, true).unwrap_err();
            assert_eq!((problem.status().as_u16(), problem.errors[0].code), (400, code), "{raw}");
        }
        assert_eq!(
            Query::parse("q=a%00b%0Ac", KNOWN, false).unwrap().text("q"),
            Some("ab c"),
            "others write links to pages"
        );
        assert_eq!(Query::parse("q=abcd%00%01", KNOWN, false).unwrap_err().errors[0].code, Code::TooLong, "six came");
        assert_eq!(Query::parse("q=e%CC%81%09a", KNOWN, true).unwrap().text("q"), Some("é a"));
        assert!(Query::parse("utm_source=x", KNOWN, false).is_ok());
        assert!(Query::parse(&"category=x&".repeat(REPEATS), KNOWN, true).is_ok());
        assert!(Query::parse(&"category=x&".repeat(REPEATS + 1), KNOWN, true).is_err());
    }
}
