//! What a raw card looks like in a body, whatever its form is.

use feira_schemas::problem::Code;
use serde_json::Value;

use crate::{forms::Form, problem::Problem};

/// Names of a card's number and code, in small letters, without what stands between words.
const NAMES: [&str; 18] = [
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
    "ccnumber",
    "ccnum",
    "cardno",
    "cardnum",
    "cccsc",
    "csc",
];
/// Parts of names that stand for a card's code alone.
const CODES: [&str; 2] = ["cvv", "cvc"];
/// Digits of a card's number (ISO/IEC 7812-1). A house's number has fewer.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// Checks that a form carries no raw card, in whatever way its names write nesting: `/card/number`, `card[number]`, `card.number`.
///
/// # Errors
/// 422 where it carries a card's number or code.
pub(crate) fn check_form(route: &'static str, form: &Form) -> Result<(), Problem> {
    match form.typed().any(|(name, text)| is_card_input(name, text)) {
        true => Err(refused(route)),
        false => Ok(()),
    }
}

/// True if an input of a form holds a card's number or code.
fn is_card_input(name: &str, text: &str) -> bool {
    let value = Value::from(text);
    let parts: Vec<String> = name.split(['/', '[', ']', '.']).map(bare).filter(|part| !part.is_empty()).collect();
    let Some((last, around)) = parts.split_last() else { return false };
    let in_card = around.iter().any(|part| is_card(part));
    is_forbidden(last, &value, in_card) || is_forbidden(&bare(name), &value, false)
}

/// Refuses what came to a route with a raw card, and logs nothing of it but that.
pub(crate) fn refused(route: &'static str) -> Problem {
    tracing::warn!(route, "a request with a raw card was refused unread");
    let detail =
        "Não envie o número nem o código de um cartão: envie o token que o navegador do comprador obteve do gateway.";
    Problem::new(Code::Invalid, detail)
}

/// True if a value holds a field with a card's number or code.
pub(crate) fn carries_card(value: &Value) -> bool {
    carries(value, false)
}

/// The same; `in_card`: a field around it is named as a card.
fn carries(value: &Value, in_card: bool) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let name = bare(name);
            is_forbidden(&name, value, in_card) || carries(value, in_card || is_card(&name))
        }),
        Value::Array(items) => items.iter().any(|item| carries(item, in_card)),
        _ => false,
    }
}

fn is_forbidden(name: &str, value: &Value, in_card: bool) -> bool {
    let is_number = matches!(name, "number" | "numero");
    // A number in the place of the token that stands for it.
    let is_of_card = name.ends_with("token") && (in_card || is_card(name));
    NAMES.contains(&name)
        || CODES.iter().any(|code| name.contains(code))
        || is_number && (in_card || is_long_number(value))
        || is_of_card && is_long_number(value)
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
            json!({"card": {"token": "4111 1111 1111 1111"}}),
            json!({"card_token": 4_111_111_111_111_111_u64}),
            json!({"cc-csc": "1"}),
        ] {
            assert!(carries_card(&body), "{body}");
        }
    }

    #[test]
    fn s06_an_input_for_a_cards_number_or_code_is_found_however_its_name_is_written() {
        for (name, text) in [
            ("card_number", "4"),
            ("card-number", ""),
            ("/card/number", "x"),
            ("card[number]", "x"),
            ("payment.card.number", "x"),
            ("cartao[numero]", "x"),
            ("cvv", ""),
            ("/card/cvc", "1"),
            ("card-cvv", "123"),
            ("_cvv", "123"),
            ("número do cartão", "x"),
            ("number", "4111 1111 1111 1111"),
            ("number", "4111111111111111"),
            ("card_token", "4111 1111 1111 1111"),
            ("card_token", "411111111111"),
            ("ccnumber", "x"),
            ("cc-number", "x"),
            ("ccnum", "x"),
            ("cardno", "x"),
            ("card_no", "x"),
            ("cardnum", "x"),
            ("cccsc", "1"),
            ("cc-csc", "1"),
            ("csc", "1"),
        ] {
            assert!(is_card_input(name, text), "{name}");
        }
        for (name, text) in [
            ("number", "1578"),
            ("number", ""),
            ("card_token", "token_4111111111111111"),
            ("card_token", "41111111111"),
            ("token", "4111111111111111"),
            ("document", "11222333000181"),
            ("method", "card"),
            ("", ""),
            ("/", "x"),
        ] {
            assert!(!is_card_input(name, text), "{name}");
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
            assert!(!carries_card(&body), "{body}");
        }
    }
}
