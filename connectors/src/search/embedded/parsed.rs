//! The buyer's text, taken apart: words, neighbours that may be one word, and what may be a code.

use std::ops::Range;

use super::{
    analysis, codes,
    joined::{Joined, joined},
    plurals,
    schema::whole_name,
};

/// Characters of a query that are looked at: a product's name has at most 255, so a whole name always fits.
const MAX_TEXT_CHARS: usize = 256;
/// Words that follow are ignored: each costs look-ups in every dictionary, and where the shop does not have it a walk.
pub const MAX_WORDS: usize = 16;

/// A word of the text.
pub struct Typed {
    pub text: String,
    /// The key that all inflections of the word share (`plurals::key`).
    pub key: String,
    /// True if a blank stands before the word.
    spaced: bool,
}

/// The buyer's text, taken apart.
pub struct ParsedText {
    pub words: Vec<Typed>,
    /// Neighbours that may be one word.
    pub joined: Vec<Joined>,
    /// The text as a whole name, see [`whole_name`].
    pub whole: [String; 2],
    /// True if words were left out behind the limit, so that the last one is not the one being typed.
    pub cut: bool,
}

impl ParsedText {
    /// Takes a text apart; `None` if it is blank, and so matches everything.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.char_indices().nth(MAX_TEXT_CHARS).map_or(text.len(), |(at, _)| at);
        let text = text[..end].trim();
        let mut words = analysis::words(text);
        let cut = words.len() > MAX_WORDS;
        words.truncate(MAX_WORDS);
        let joined = joined(&words, true);
        let typed = words.into_iter().map(|word| Typed {
            key: plurals::key(&word.text),
            text: word.text,
            spaced: word.gap.is_spaced(),
        });
        (!text.is_empty()).then(|| Self { words: typed.collect(), joined, whole: whole_name(text), cut })
    }

    /// True if the text has a word; a text of punctuation alone matches everything.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The words that are asked for. Those without meaning are not, unless they are written together with others ("d'água"),
    /// or there is nothing else.
    pub fn asked(&self) -> Vec<usize> {
        let empty = |chunk: &[Typed]| chunk.iter().all(|word| analysis::is_stop_word(&word.text));
        let mut asked = Vec::new();
        let mut from = 0;
        for chunk in self.words.chunk_by(|_, next| !next.spaced) {
            if !empty(chunk) {
                asked.extend(from..from + chunk.len());
            }
            from += chunk.len();
        }
        if asked.is_empty() { (0..self.words.len()).collect() } else { asked }
    }

    /// The words that may be a code together, and that code.
    pub fn codes(&self) -> Vec<(Range<usize>, String)> {
        let count = self.words.len();
        let mut codes = Vec::new();
        for from in 0..count {
            for to in from + 1..=count.min(from + codes::MOST_WORDS) {
                let key = codes::key(&self.words[from..to].iter().map(|word| word.text.as_str()).collect::<String>());
                // Words without a digit are a code where they stand by themselves: any others are just words.
                let one = self.words[from].spaced && self.words[from + 1..to].iter().all(|word| !word.spaced);
                let alone = (one && self.words.get(to).is_none_or(|next| next.spaced)) || (from == 0 && to == count);
                if alone || key.bytes().any(|b| b.is_ascii_digit()) {
                    codes.push((from..to, key));
                }
            }
        }
        codes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        ParsedText::parse(text)
            .map(|parsed| parsed.words.into_iter().map(|word| word.text).collect())
            .unwrap_or_default()
    }

    #[test]
    fn text_without_words_matches_everything() {
        for text in ["", "   ", "!!!", "\" OR *:* (", "\0\u{7}", "—…"] {
            let has_letters = text.contains("OR");
            assert_eq!(ParsedText::parse(text).is_some_and(|parsed| parsed.has_words()), has_letters, "{text:?}");
        }
    }

    #[test]
    fn text_is_bounded_in_characters_and_words() {
        assert_eq!(words(&"ab ".repeat(500)).len(), MAX_WORDS);
        assert_eq!(words(&"é".repeat(5_000)).concat().chars().count(), 64);
        assert_eq!(words(&format!("{} tail", "x ".repeat(MAX_TEXT_CHARS))).len(), MAX_WORDS);
    }

    #[test]
    fn f35_words_without_meaning_are_asked_for_only_where_they_have_some() {
        for (text, expected) in [
            ("copo de vidro", vec!["copo", "vidro"]),
            ("copo d'água", vec!["copo", "d", "agua"]),
            ("pé-de-moleque", vec!["pe", "de", "moleque"]),
            ("nº 5", vec!["5"]),
            ("de para", vec!["de", "para"]),
        ] {
            let parsed = ParsedText::parse(text).unwrap();
            let asked: Vec<_> = parsed.asked().into_iter().map(|at| parsed.words[at].text.as_str()).collect();
            assert_eq!(asked, expected, "{text}");
        }
    }

    #[test]
    fn f35_a_code_has_a_digit_or_stands_alone() {
        let codes =
            |text: &str| ParsedText::parse(text).unwrap().codes().into_iter().map(|(_, code)| code).collect::<Vec<_>>();
        assert_eq!(codes("nor.0707"), ["nor0707", "0707"]);
        assert_eq!(codes("azul-p bola"), ["azulp", "azulpbola", "bola"]);
        assert!(codes(&"a1 ".repeat(16)).len() <= 16 * super::codes::MOST_WORDS);
    }
}
