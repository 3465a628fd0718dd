//! Numbers as people type and paste them, with signs between their digits.

/// The text without spaces, hyphens of any width, signs that nobody sees (a contact list puts them around phone numbers) and
/// the punctuation that this kind of number is written with.
pub(super) fn bare(text: &str, punctuation: &[char]) -> String {
    text.chars().filter(|sign| !is_between(*sign) && !punctuation.contains(sign)).collect()
}

/// Says whether a text is one or more of the digits 0 to 9, in ASCII.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Says whether all signs of a text are the same one.
pub(super) fn is_one_sign(text: &str) -> bool {
    let mut signs = text.chars();
    signs.next().is_some_and(|first| signs.all(|sign| sign == first))
}

fn is_between(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
