//! Bar codes that are trade item numbers (GTIN): which texts are, by GS1's check digit.

/// The digits of a GTIN of 8, 12, 13 or 14 digits that may be told to search engines; none of any other code.
///
/// Source: GS1 General Specifications, 7.9 (check digit) and 1.4 (prefixes). Numbers that a shop gives out for its own tills
/// (prefixes 02, 04 and 2; of eight digits 0 and 2) mean something else next door, so they are none.
pub fn gtin(code: &str) -> Option<String> {
    let digits: String = code.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !matches!(digits.len(), 8 | 12 | 13 | 14) || is_for_tills(&digits) {
        return None;
    }
    let sum: u32 =
        digits.bytes().rev().zip([1, 3].into_iter().cycle()).map(|(digit, by)| u32::from(digit - b'0') * by).sum();
    sum.is_multiple_of(10).then_some(digits)
}

fn is_for_tills(digits: &str) -> bool {
    if digits.len() == 8 {
        return digits.starts_with(['0', '2']);
    }
    // Each shorter number is one of 14 digits with zeros before it, whose prefix begins after the first.
    let whole = format!("{digits:0>14}");
    digits.bytes().all(|digit| digit == b'0') || ["02", "04", "2"].iter().any(|prefix| whole[1..].starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_and_the_prefix_tell_a_trade_number() {
        for code in [
            "7891000315507",
            "7 891000-315507",
            "96385074",
            "036000291452",
            "17891000315504",
            "4006381333931",
            "0036000291452",
        ] {
            let digits = code.replace([' ', '-'], "");
            assert_eq!(gtin(code), Some(digits), "{code}");
        }
        for code in [
            "7891000315508",
            "789100031550",
            "",
            "0",
            "abc",
            "7891000315507x",
            "00000000",
            "0000000000000",
            "2000000000008",
            "0212345678909",
            "20123451",
            "７８９１０００３１５５０７",
            "78910003155070",
            "9638507",
        ] {
            assert_eq!(gtin(code), None, "{code}");
        }
    }
}
