//! Ends of ranges and weights as people and spreadsheets write them.

use crate::limits;

/// First five digits of the CEP that a range begins with: `01000-000`, `01000000` or `01000` alone. None of what begins no range.
pub fn range_begin(text: &str) -> Option<String> {
    range_end_of(text, "000")
}

/// First five digits of the CEP that a range ends with: `01999-999`, `01999999` or `01999` alone. None of what ends no range.
pub fn range_end(text: &str) -> Option<String> {
    range_end_of(text, "999")
}

fn range_end_of(text: &str, last_three: &str) -> Option<String> {
    let digits: String = text.chars().filter(|sign| !matches!(sign, '-' | '.') && !sign.is_whitespace()).collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.len() {
        5 => Some(digits),
        8 => digits.strip_suffix(last_three).map(str::to_owned),
        _ => None,
    }
}

/// The first CEP of a range that begins with these five digits.
pub fn cep_of_begin(first_five: &str) -> String {
    format!("{first_five}-000")
}

/// The last CEP of a range that ends with these five digits.
pub fn cep_of_end(first_five: &str) -> String {
    format!("{first_five}-999")
}

/// The grams that a weight in kilograms means, such as `0,3`, `30` or `0.300`, or one in grams, such as `300 g`; or what is wrong with it
/// (pt-BR, to follow the text). Three digits behind a point may be thousands of kilograms, unless a zero alone stands before it.
pub fn grams(text: &str) -> Result<i64, String> {
    let lower = text.trim().to_lowercase();
    let (number, in_kilos) = match (lower.strip_suffix("kg"), lower.strip_suffix('g')) {
        (Some(number), _) => (number.trim(), true),
        (None, Some(number)) => (number.trim(), false),
        (None, None) => (lower.as_str(), true),
    };
    let (whole, decimals, sign) = match number.split_once([',', '.']) {
        Some((whole, decimals)) => (whole, decimals, number.as_bytes().get(whole.len()).copied()),
        None => (number, "", None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = !whole.is_empty() && digits(whole) && digits(decimals) && (sign.is_none() || !decimals.is_empty());
    if !is_number {
        return Err("não é um peso".to_owned());
    }
    if sign == Some(b'.') && decimals.len() == 3 && whole != "0" {
        return Err("é ambíguo: escreva com vírgula, como 1,5".to_owned());
    }
    if decimals.len() > 3 || (!in_kilos && sign.is_some()) {
        return Err("tem mais casas do que um peso em gramas".to_owned());
    }
    let written = if in_kilos { format!("{whole}{decimals:0<3}") } else { whole.to_owned() };
    match written.parse::<i64>().ok().filter(|grams| *grams <= limits::WEIGHT_GRAMS) {
        Some(grams) => Ok(grams),
        None => Err(format!("passa de {}", kilos(limits::WEIGHT_GRAMS))),
    }
}

/// A weight in kilograms, as it is written here: `0,3 kg`.
pub fn kilos(grams: i64) -> String {
    let (whole, rest) = (grams / 1_000, grams % 1_000);
    let decimals = format!("{:03}", rest.abs());
    match decimals.trim_end_matches('0') {
        "" => format!("{whole} kg"),
        decimals => format!("{whole},{decimals} kg"),
    }
}
