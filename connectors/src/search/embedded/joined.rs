//! One word or two: neighbours as one would write them together (micro-ondas, pen drive, 500 ml, 10 x 15 cm).
//!
//! A document has the joined forms of its neighbours as words of a kind of their own, and a question looks for those of its
//! words, so that either side may join or part. Only neighbours that anybody would join are, and few at a time: each is a term.

use std::ops::Range;

use super::analysis::{Gap, MAX_WORD_CHARS, Word, is_stop_word};

/// The most words that are joined: a measure such as "10 x 15 x 20 cm" has six.
const MOST_WORDS: usize = 6;
/// The longest word that is taken for a unit.
const UNIT_LETTERS: usize = 4;

/// A run of neighbouring words, written as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The range of the joined words, by their index in the text.
    pub words: Range<usize>,
    pub text: String,
}

/// The joined forms of a text's words. Words parted by blanks alone are joined if `phrases` says so, else only measures: a
/// description has too many.
pub fn joined(words: &[Word], phrases: bool) -> Vec<Joined> {
    let mut found = Vec::new();
    for from in 0..words.len() {
        for to in from + 2..=words.len().min(from + MOST_WORDS) {
            let [.., left, right] = &words[from..to] else { break };
            // Two words that stand side by side are one at most with each other.
            let pair = to == from + 2 && (phrases || is_measure(left, right)) && are_phrase(left, right);
            if !pair && !are_one(left, right) {
                break;
            }
            add(&mut found, from..to, words);
            if pair && !are_one(left, right) {
                break;
            }
        }
    }
    found
}

fn add(found: &mut Vec<Joined>, range: Range<usize>, words: &[Word]) {
    let parts = &words[range.clone()];
    let text: String = parts.iter().map(|word| word.text.as_str()).collect();
    if text.len() > MAX_WORD_CHARS {
        return;
    }
    // "No 5" is "number 5", and "N 95" may be N95.
    if let [first, second] = parts
        && first.text == "no"
        && begins_with_digit(second)
    {
        found.push(Joined { words: range.clone(), text: format!("n{}", second.text) });
    }
    // mini-saia is minissaia, anti-rugas antirrugas.
    if let [first, second] = parts
        && first.text.ends_with(['a', 'e', 'i', 'o', 'u'])
        && let Some(doubled @ ('r' | 's')) = second.text.chars().next()
    {
        found.push(Joined { words: range.clone(), text: format!("{}{doubled}{}", first.text, second.text) });
    }
    found.push(Joined { words: range, text });
}

/// True if the two are written with a hyphen, or as number and unit.
fn are_one(left: &Word, right: &Word) -> bool {
    !are_numbers(left, right) && (right.gap == Gap::Hyphen || (right.gap == Gap::Blank && is_measure(left, right)))
}

fn are_phrase(left: &Word, right: &Word) -> bool {
    let numbered = left.text == "no" && begins_with_digit(right);
    let empty = is_stop_word(&left.text) || is_stop_word(&right.text);
    right.gap == Gap::Blank && !are_numbers(left, right) && (numbered || !empty)
}

/// Number and unit, or the x between numbers.
fn is_measure(left: &Word, right: &Word) -> bool {
    let unit = right.text.len() <= UNIT_LETTERS && right.text.chars().all(|c| c.is_ascii_lowercase());
    (ends_with_digit(left) && unit && !is_stop_word(&right.text)) || (is_x(left) && begins_with_digit(right))
}

/// The x of "10 x 15", also where it stands at a number: "10x".
fn is_x(word: &Word) -> bool {
    word.text.strip_suffix('x').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Digits side by side are numbers of their own: 10-12, 1 2.
fn are_numbers(left: &Word, right: &Word) -> bool {
    ends_with_digit(left) && begins_with_digit(right)
}

fn begins_with_digit(word: &Word) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit())
}

fn ends_with_digit(word: &Word) -> bool {
    word.text.ends_with(|c: char| c.is_ascii_digit())
}

/// A number without its separators, where they may be those of thousands: 1.000 is 1000.
pub fn without_thousands(word: &str) -> Option<String> {
    let mut groups = word.split('.');
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    let rest: Vec<&str> = groups.collect();
    let all_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let thousands = !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && all_digits(group));
    (thousands && all_digits(first)).then(|| word.replace('.', ""))
}

/// The parts of a number that are found by themselves: 15 of "15,6", and every size of "36,38,40".
pub fn number_parts(word: &str) -> Vec<&str> {
    let parts: Vec<&str> = word.split('.').collect();
    match parts.as_slice() {
        [_] => Vec::new(),
        [whole, fraction] if fraction.len() < 2 || fraction.len() != whole.len() => vec![whole],
        _ => parts,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::analysis::words, *};

    fn forms(text: &str, phrases: bool) -> Vec<String> {
        joined(&words(text), phrases).into_iter().map(|joined| joined.text).collect()
    }

    #[test]
    fn f35_neighbours_are_joined_as_anybody_would() {
        for (text, expected) in [
            ("Forno micro-ondas", vec!["fornomicro", "microondas"]),
            ("Pen drive", vec!["pendrive"]),
            ("pé-de-meia", vec!["pede", "pedemeia", "demeia"]),
            ("500 ml", vec!["500ml"]),
            ("1,5 L", vec!["1.5l"]),
            ("10 x 15 cm", vec!["10x", "10x15", "10x15cm", "x15", "x15cm", "15cm"]),
            ("mini saia", vec!["minissaia", "minisaia"]),
            ("N 95", vec!["n95", "no95"]),
            // What nobody joins.
            ("Cama de casal", vec![]),
            ("Azul, verde", vec![]),
            ("Camiseta - azul", vec![]),
            ("P/M/G", vec![]),
            ("10 12 14-16", vec![]),
        ] {
            assert_eq!(forms(text, true), expected, "{text}");
        }
        assert_eq!(forms("um pen drive micro-USB de 64 GB e 2 m", false), ["microusb", "64gb", "2m"]);
    }

    #[test]
    fn forms_are_few_and_short() {
        assert!(forms(&"a-b-c-".repeat(1_000), true).len() <= 3_000 * (MOST_WORDS - 1));
        assert!(forms(&format!("{0}-{0}", "k".repeat(40)), true).is_empty());
    }

    #[test]
    fn f35_numbers_are_found_by_their_parts() {
        assert_eq!(without_thousands("1.000"), Some("1000".into()));
        assert_eq!(without_thousands("1.000.000"), Some("1000000".into()));
        for other in ["1.5", "1000", "1.5l", "1234.567", ".000"] {
            assert_eq!(without_thousands(other), None, "{other}");
        }
        assert_eq!(number_parts("15.6"), ["15"]);
        assert_eq!(number_parts("36.38"), ["36", "38"]);
        assert_eq!(number_parts("1.2.3"), ["1", "2", "3"]);
        assert!(number_parts("500").is_empty());
    }
}
