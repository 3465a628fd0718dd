//! Analysis of text into words: Brazilian Portuguese, lower case without accents. What brings singular and plural
//! together is `plurals`; what brings together one word and two is `joined`.

use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, RawTokenizer, TextAnalyzer, Token, TokenStream, Tokenizer};

/// The analyzer's name in a shard's schema: folded words.
pub const FOLDED: &str = "pt_folded";
/// Longer words are cut here, in documents and queries alike: a longer limit lets one endless "word" swell the dictionary.
pub const MAX_WORD_CHARS: usize = 64;

/// Words that carry no meaning of their own; a query may use them whether or not the product does. "No" is also what every
/// spelling of "number" becomes, see [`words`].
const STOP_WORDS: [&str; 25] = [
    "a", "ao", "aos", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "nas", "no", "nos", "o", "os",
    "ou", "para", "por", "pra", "um", "uma", "uns",
];

/// The word that nº, n°, No., n. and n before a number become.
const NUMBER: &str = "no";

/// True if a folded word carries no meaning of its own.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The text between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Blanks.
    Blank,
    /// One mark as within a word written in two parts: micro-ondas, d'água, U.S.B.
    Hyphen,
    /// Any other marks without a blank, or nothing at all.
    Marks,
    /// Marks and blanks, or the beginning of the text.
    Apart,
}

impl Gap {
    fn of(between: &str) -> Self {
        let blank = between.contains(char::is_whitespace);
        match between.trim() {
            "" if blank => Self::Blank,
            "-" | "'" | "’" | "‐" | "‑" | "–" | "." | "_" | "&" | "+" if !blank => Self::Hyphen,
            _ if blank => Self::Apart,
            _ => Self::Marks,
        }
    }

    /// True if a new blank-separated part of the text begins here.
    pub fn is_spaced(self) -> bool {
        matches!(self, Self::Blank | Self::Apart)
    }
}

/// A folded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// The text between the word before and this one.
    pub gap: Gap,
    from: usize,
    to: usize,
}

/// The words of a text, in order.
///
/// A word is what stands between anything that is neither letter nor digit. Marks that nobody sees are as good as absent. A
/// decimal is one word ("1,5" and "1.5" are the same). Spellings of "number" are one, and signs of order (1º, 2ª) are dropped.
pub fn words(text: &str) -> Vec<Word> {
    Scanner::new(text).words()
}

/// The texts of [`words`].
pub fn texts(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.text).collect()
}

/// The text in lower case without accents and invisible marks, otherwise unchanged.
pub fn fold(text: &str) -> String {
    Folder::new().fold(text)
}

/// The analyzer of folded words.
pub fn folded() -> TextAnalyzer {
    TextAnalyzer::builder(Words).build()
}

/// Accents that stand as characters of their own ("a" + U+0301), as some keyboards and file systems write them.
fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Characters that show nothing and part nothing: soft hyphens, joiners, directions, variants of a sign.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

fn is_part_of_nothing(c: char) -> bool {
    is_combining_mark(c) || is_hidden(c)
}

struct Folder(TextAnalyzer);

impl Folder {
    fn new() -> Self {
        Self(TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).filter(LowerCaser).build())
    }

    fn fold(&mut self, text: &str) -> String {
        if text.is_ascii() {
            return text.to_ascii_lowercase();
        }
        let seen = text.chars().filter(|c| !is_part_of_nothing(*c)).map(|c| match c {
            'º' | '°' => 'o',
            'ª' => 'a',
            other => other,
        });
        let bare: String = seen.collect();
        let mut stream = self.0.token_stream(&bare);
        if stream.advance() { std::mem::take(&mut stream.token_mut().text) } else { String::new() }
    }
}

/// Goes through a text once.
struct Scanner<'a> {
    text: &'a str,
    folder: Folder,
    found: Vec<Word>,
    /// The byte offset at which the word begins that is being read; `None` between words.
    begin: Option<usize>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, folder: Folder::new(), found: Vec::new(), begin: None }
    }

    fn words(mut self) -> Vec<Word> {
        let mut last = ' ';
        for (at, c) in self.text.char_indices() {
            if is_part_of_nothing(c) {
                continue;
            }
            match c {
                'º' | 'ª' | '°' => self.sign(at, c, last),
                '.' | ',' if self.begin.is_some() && last.is_ascii_digit() && self.digit_follows(at + 1) => {}
                _ if c.is_alphanumeric() => _ = self.begin.get_or_insert(at),
                _ => self.end(at),
            }
            last = c;
        }
        self.end(self.text.len());
        self.name_numbers();
        self.found
    }

    /// A small raised letter ends the word that it stands at: nº, Srª. Behind a digit it says no more than the digit does, and
    /// a degree belongs to nothing but the n that some keyboards put it to.
    fn sign(&mut self, at: usize, sign: char, last: char) {
        let abbreviates = match sign {
            '°' => self.begin.is_some_and(|from| matches!(&self.text[from..at], "n" | "N")),
            _ => last.is_alphabetic(),
        };
        self.end(if abbreviates { at + sign.len_utf8() } else { at });
    }

    fn digit_follows(&self, at: usize) -> bool {
        self.text[at..].chars().find(|c| !is_part_of_nothing(*c)).is_some_and(|c| c.is_ascii_digit())
    }

    fn end(&mut self, to: usize) {
        let Some(from) = self.begin.take() else { return };
        let word = &self.text[from..to];
        let cut = word.char_indices().nth(MAX_WORD_CHARS).map_or(word.len(), |(at, _)| at);
        let mut text = self.folder.fold(&word[..cut]);
        if text.contains(',') {
            text = text.replace(',', ".");
        }
        let gap = self.found.last().map_or(Gap::Apart, |before| Gap::of(&self.text[before.to..from]));
        self.found.push(Word { text, gap, from, to });
    }

    /// "N. 5" and "n 5" say "number" as "nº 5" does; "N95" doesn't.
    fn name_numbers(&mut self) {
        for index in 1..self.found.len() {
            let (before, next) = (&self.found[index - 1], &self.found[index]);
            let between = &self.text[before.to..next.from];
            if before.text == "n"
                && next.text.starts_with(|c: char| c.is_ascii_digit())
                && between.chars().all(|c| c.is_whitespace() || matches!(c, '.' | 'º' | '°'))
            {
                self.found[index - 1].text = NUMBER.to_owned();
            }
        }
    }
}

/// [`words`] as the library asks for them.
#[derive(Clone)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { rest: words(text).into_iter().enumerate(), current: Token::default() }
    }
}

struct WordStream {
    rest: std::iter::Enumerate<std::vec::IntoIter<Word>>,
    current: Token,
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some((position, word)) = self.rest.next() else { return false };
        let (offset_from, offset_to) = (word.from, word.to);
        self.current = Token { offset_from, offset_to, position, text: word.text, position_length: 1 };
        true
    }
    fn token(&self) -> &Token {
        &self.current
    }
    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_punctuation_and_keep_their_positions() {
        assert_eq!(texts("Copo d'Água 500ml — (azul)"), ["copo", "d", "agua", "500ml", "azul"]);
        assert_eq!(texts("!?… --"), Vec::<String>::new());
        assert_eq!(texts("cafe\u{301} CAFÉ"), ["cafe", "cafe"]);
        let mut positions = Vec::new();
        folded().token_stream("um, dois; três").process(&mut |token| positions.push(token.position));
        assert_eq!(positions, [0, 1, 2]);
    }

    #[test]
    fn f35_hidden_marks_part_no_word() {
        for mark in ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{200e}', '\u{fe0f}'] {
            assert_eq!(texts(&format!("{mark}Lumi{mark}nária{mark} 1,{mark}5")), ["luminaria", "1.5"], "{mark:?}");
            assert_eq!(fold(&format!("A{mark}ção")), "acao");
        }
        assert!(texts("\u{ad}\u{200b} \u{feff}").is_empty());
    }

    #[test]
    fn f35_decimals_are_one_word_however_they_are_written() {
        assert_eq!(texts("Garrafa 1,5L ou 1.5 l"), ["garrafa", "1.5l", "ou", "1.5", "l"]);
        assert_eq!(texts("1, 2, 3. NOR.0707-60"), ["1", "2", "3", "nor", "0707", "60"]);
        assert_eq!(texts("v1.2 5."), ["v1.2", "5"]);
    }

    #[test]
    fn f35_spellings_of_number_are_one() {
        for text in [
            "Chanel Nº 5",
            "chanel n° 5",
            "chanel No 5",
            "chanel No. 5",
            "chanel n. 5",
            "chanel N 5",
            "chanel nº5",
            "chanel n.5",
            "chanel N°5",
            "chanel N.º 5",
        ] {
            assert_eq!(texts(text), ["chanel", "no", "5"], "{text}");
        }
        assert_eq!(texts("Máscara N95, tamanho n."), ["mascara", "n95", "tamanho", "n"]);
        assert_eq!(texts("1º 2ª 180°C 180ºC Srª"), ["1", "2", "180", "c", "180", "c", "sra"]);
    }

    #[test]
    fn f35_what_stands_between_words_is_known() {
        let gaps: Vec<_> = words("Wi-Fi 6 (USB/C) - x").into_iter().map(|word| word.gap).collect();
        assert_eq!(gaps, [Gap::Apart, Gap::Hyphen, Gap::Blank, Gap::Apart, Gap::Marks, Gap::Apart]);
    }

    #[test]
    fn an_endless_word_is_cut() {
        assert_eq!(texts(&"á".repeat(5_000)), ["a".repeat(MAX_WORD_CHARS)]);
    }

    #[test]
    fn stop_words_are_sorted_for_the_look_up() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("de") && is_stop_word(NUMBER) && !is_stop_word("camiseta"));
    }
}
