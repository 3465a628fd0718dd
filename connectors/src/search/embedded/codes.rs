//! Codes as somebody reads them off a label: SKUs in any separators, a part of one, bar codes.

use std::collections::BTreeSet;

use super::analysis;

/// Most words of a question that are looked up together as a code.
pub const MOST_WORDS: usize = 8;
/// Shorter beginnings of a code say nothing.
pub const SHORTEST: usize = 2;
/// Shorter parts of a code say nothing: too many end in -P or -40.
const SHORTEST_PART: usize = 3;
/// The shortest part of digits alone that is looked up; a shorter one would meet every number in a question.
const SHORTEST_NUMBER: usize = 4;
/// A code in more parts is found by its last ones no more.
const MOST_PARTS: usize = 8;
/// Bar codes are at least so long (EAN-8).
const SHORTEST_BARCODE: usize = 8;

/// The terms of a document's codes: SKUs and bar codes, folded and without separators.
#[derive(Debug, Default)]
pub struct Codes {
    /// Whole codes.
    pub whole: BTreeSet<String>,
    /// The rests of codes that begin at a separator.
    pub parts: BTreeSet<String>,
}

impl Codes {
    /// The codes of a product.
    pub fn of(skus: &[String], barcodes: &[String]) -> Self {
        let mut codes = Self::default();
        for sku in skus {
            codes.add(sku);
        }
        for code in barcodes {
            codes.add(code);
            codes.whole.extend(without_zeros(&key(code)).map(str::to_owned));
        }
        codes
    }

    fn add(&mut self, code: &str) {
        let folded = analysis::fold(code);
        let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return;
        }
        self.whole.insert(parts.concat());
        let later = (1..parts.len().min(MOST_PARTS)).map(|from| parts[from..].concat());
        self.parts.extend(later.filter(|part| is_part(part)));
    }
}

/// A code without its separators, in lower case without accents.
pub fn key(code: &str) -> String {
    analysis::fold(code).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// True if this is enough of a code to be looked up as a part of one.
pub fn is_part(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    key.len() >= if digits == key.len() { SHORTEST_NUMBER } else { SHORTEST_PART } && digits > 0
}

/// A bar code without the zeros that readers put before a shorter one (UPC-A as EAN-13), if it has any.
pub fn without_zeros(key: &str) -> Option<&str> {
    let bare = key.trim_start_matches('0');
    let is_barcode = bare.len() >= SHORTEST_BARCODE && key.bytes().all(|b| b.is_ascii_digit());
    (is_barcode && bare.len() < key.len()).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sku: &str, barcode: &str) -> (Vec<String>, Vec<String>) {
        let codes = Codes::of(&[sku.to_owned()], &[barcode.to_owned()]);
        (codes.whole.into_iter().collect(), codes.parts.into_iter().collect())
    }

    #[test]
    fn f35_a_code_is_known_whole_and_from_each_separator_on() {
        for (sku, barcode, whole, parts) in [
            ("NOR.0707-60", "", vec!["nor070760"], vec!["070760"]),
            ("KT-INS114-DRE", "", vec!["ktins114dre"], vec!["ins114dre"]),
            ("Água 77", "", vec!["agua77"], vec![]),
            ("AB-1001/P", "", vec!["ab1001p"], vec!["1001p"]),
            ("--", "7891000315507", vec!["7891000315507"], vec![]),
            ("", "0036000291452", vec!["0036000291452", "36000291452"], vec![]),
        ] {
            let (found_whole, found_parts) = of(sku, barcode);
            assert_eq!(
                (found_whole, found_parts),
                (whole.iter().map(ToString::to_string).collect(), parts.iter().map(ToString::to_string).collect()),
                "{sku} {barcode}"
            );
        }
        assert_eq!(of(&"A1-".repeat(20), "").1.len(), MOST_PARTS - 1);
    }

    #[test]
    fn f35_short_parts_say_nothing() {
        for (part, says) in
            [("p", false), ("60", false), ("114", false), ("0707", true), ("s23", true), ("preto", false)]
        {
            assert_eq!(is_part(part), says, "{part}");
        }
    }

    #[test]
    fn keys_have_no_separators() {
        assert_eq!(key("nor.0707 / 60"), "nor070760");
        assert_eq!(key("\u{ad}É-1"), "e1");
    }
}
