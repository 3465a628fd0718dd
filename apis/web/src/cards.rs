//! Raw cards are kept out: a body that carries a card's number or its code, in whatever nesting, is refused before anything else looks
//! at it, and nothing of it is logged but the route that it came to.

use feira_schemas::problem::Code;
use serde_json::Value;

use crate::{problem::Problem, routing::Request};

/// Names of a card's number and code, in small letters, without what stands between words.
const NAMES: [&str; 12] = [
    "cardnumber",
    "creditcardnumber",
    "numerocartao",
    "numerodocartao",
    "pan",
    "securitycode",
    "cardsecuritycode",
    "codigodeseguranca",
    "codigoseguranca",
    "verificationvalue",
    "verificationcode",
    "trackdata",
];
/// Parts of names that stand for a card's code alone.
const CODES: [&str; 2] = ["cvv", "cvc"];
/// Digits of a card's number (ISO/IEC 7812-1). A house's number has fewer.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// The JSON of a request's body, which must carry no raw card.
///
/// # Errors
/// 400 where it is no JSON, 422 where it carries a card's number or code.
pub fn parse(request: &Request) -> Result<Value, Problem> {
    let body = crate::json::parse(&request.body)?;
    match carries_card(&body, false) {
        true => Err(refused(request)),
        false => Ok(body),
    }
}

fn refused(request: &Request) -> Problem {
    tracing::warn!(route = request.route, "a request with a raw card was refused unread");
    let detail =
        "Não envie o número nem o código de um cartão: envie o token que o navegador do comprador obteve do gateway.";
    Problem::new(Code::Invalid, detail)
}

/// True if a value holds a field with a card's number or code; `in_card`: a field around it is named as a card.
fn carries_card(value: &Value, in_card: bool) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let name = bare(name);
            is_forbidden(&name, value, in_card) || carries_card(value, in_card || is_card(&name))
        }),
        Value::Array(items) => items.iter().any(|item| carries_card(item, in_card)),
        _ => false,
    }
}

fn is_forbidden(name: &str, value: &Value, in_card: bool) -> bool {
    let is_number = matches!(name, "number" | "numero");
    NAMES.contains(&name)
        || CODES.iter().any(|code| name.contains(code))
        || is_number && (in_card || is_long_number(value))
}

fn is_card(name: &str) -> bool {
    name.contains("card") || name.contains("cartao")
}

/// True for the digits of a card's number, written in groups or not.
fn is_long_number(value: &Value) -> bool {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return false,
    };
    let between = |sign: char| sign.is_whitespace() || matches!(sign, '-' | '.');
    let digits: Vec<char> = text.chars().filter(|sign| !between(*sign)).collect();
    DIGITS.contains(&digits.len()) && digits.iter().all(char::is_ascii_digit)
}

/// A name in small letters without accents, and without what stands between its words.
fn bare(name: &str) -> String {
    let folded = name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase);
    folded
        .map(|sign| match sign {
            'ú' => 'u',
            'ã' => 'a',
            'ó' => 'o',
            'ç' => 'c',
            sign => sign,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cards_number_or_code_is_found_in_whatever_nesting() {
        for body in [
            json!({"card": {"number": "4111111111111111"}}),
            json!({"card": {"number": 4}}),
            json!({"payments": [{"credit_card": {"card": {"Number": "x"}}}]}),
            json!({"card": {"token": "t", "cvv": "123"}}),
            json!({"a": [{"b": {"CVV2": 1}}]}),
            json!({"cvc": null}),
            json!({"card-number": "1"}),
            json!({"código de segurança": "1"}),
            json!({"número do cartão": "1"}),
            json!({"buyer": {"address": {"number": "4111 1111 1111 1111"}}}),
            json!({"number": 4_111_111_111_111_111_u64}),
            json!({"securityCode": "1"}),
        ] {
            assert!(carries_card(&body, false), "{body}");
        }
    }

    #[test]
    fn what_is_no_card_passes() {
        for body in [
            json!({"card": {"token": "token_abcdef", "installments": 3}}),
            json!({"buyer": {"address": {"number": "1.578"}, "document": "52998224725"}}),
            json!({"boleto": {"document_number": "4111111111111111"}}),
            json!({"reference": "number", "items": [{"code": "cvv"}]}),
            json!([1, null, "4111111111111111"]),
        ] {
            assert!(!carries_card(&body, false), "{body}");
        }
    }
}
