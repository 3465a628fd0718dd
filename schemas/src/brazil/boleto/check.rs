//! Check digits of boletos, over ASCII digits.

use super::error::BoletoError;
use crate::brazil::typed::bare;

/// The digit that weights of 2 and 1 from the right give, of whose products the digits are summed, modulo 10.
pub(super) fn modulo_10(digits: &str) -> u8 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    ((10 - sum % 10) % 10) as u8
}

/// The remainder modulo 11 of the sum by weights of 2 to 9 from the right, over and over.
pub(super) fn remainder_11(digits: &str) -> u8 {
    let sum: u32 =
        digits.bytes().rev().zip((2..=9).cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (sum % 11) as u8
}

/// The digits of a line or a barcode without what stands between them.
pub(super) fn digits(text: &str) -> Result<String, BoletoError> {
    let digits = bare(text, &['.']);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { Ok(digits) } else { Err(BoletoError::Sign) }
}

/// Digits followed by their check digit.
pub(super) fn with_digit(digits: &str, check: u8) -> String {
    format!("{digits}{check}")
}

/// Parts the digits of a line's field from the check digit behind them, which must be this one.
pub(super) fn without_digit(field: &str, number: u8, check: impl Fn(&str) -> u8) -> Result<&str, BoletoError> {
    let (digits, last) = field.split_at(field.len() - 1);
    if last.as_bytes() == [b'0' + check(digits)] { Ok(digits) } else { Err(BoletoError::FieldDigit(number)) }
}
