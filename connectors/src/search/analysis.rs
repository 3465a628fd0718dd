//! How text becomes words: Brazilian Portuguese, in two forms.
//!
//! *Folded* words are lower case without accents; they serve exact matches, typos, prefixes and phrases. *Stemmed*
//! words are folded first and stemmed after, so that "calça", "calca" and "Calças" meet whatever the buyer types.
//! The stemmer of the library knows endings by their accents ("-ções"), which folding has removed; the plurals are
//! therefore reduced here before it runs. The rules follow the plural step of the RSLP stemmer (Orengo and Huyck,
//! "A Stemming Algorithm for the Portuguese Language", 2001), reworked for folded spellings.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RawTokenizer, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};

/// The analyzer's name in a shard's schema: folded words.
pub const FOLDED: &str = "pt_folded";
/// Longer words are cut here, in documents and queries alike: a longer limit lets one endless "word" swell the dictionary.
const MAX_WORD_CHARS: usize = 64;

/// Words that carry no meaning of their own; a query may use them whether or not the product does.
const STOP_WORDS: [&str; 25] = [
    "a", "ao", "aos", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "nas", "no", "nos", "o", "os",
    "ou", "para", "por", "pra", "um", "uma", "uns",
];

/// Whether a folded word carries no meaning of its own.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The analyzer of folded words.
pub fn folded() -> TextAnalyzer {
    TextAnalyzer::builder(Words::new(false)).build()
}

/// The analyzer of stemmed words.
pub fn stemmed() -> TextAnalyzer {
    TextAnalyzer::builder(Words::new(true)).filter(Stemmer::new(Language::Portuguese)).build()
}

/// The words that an analyzer finds in a text, in order.
pub fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    analyzer.token_stream(text).process(&mut |token| words.push(token.text.clone()));
    words
}

/// The text in lower case without accents, otherwise unchanged.
pub fn fold(text: &str) -> String {
    Folder::new().fold(text)
}

/// Accents that stand as characters of their own ("a" + U+0301), as some keyboards and file systems write them.
fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[derive(Clone)]
struct Folder(TextAnalyzer);

impl Folder {
    fn new() -> Self {
        Self(TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).filter(LowerCaser).build())
    }

    fn fold(&mut self, text: &str) -> String {
        if text.is_ascii() {
            return text.to_ascii_lowercase();
        }
        let bare: String = text.chars().filter(|c| !is_combining_mark(*c)).collect();
        let mut stream = self.0.token_stream(&bare);
        if stream.advance() { std::mem::take(&mut stream.token_mut().text) } else { String::new() }
    }
}

/// Splits text at everything that is neither letter nor digit, and folds each word.
#[derive(Clone)]
struct Words {
    folder: Folder,
    singular: bool,
}

impl Words {
    fn new(singular: bool) -> Self {
        Self { folder: Folder::new(), singular }
    }

    fn token(&mut self, text: &str, from: usize, position: usize) -> Token {
        let cut = text.char_indices().nth(MAX_WORD_CHARS).map_or(text.len(), |(at, _)| at);
        let folded = self.folder.fold(&text[..cut]);
        let word = if self.singular { singular(&folded) } else { folded };
        Token { offset_from: from, offset_to: from + text.len(), position, text: word, position_length: 1 }
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        let mut found = Vec::new();
        let mut begin = None;
        for (at, c) in text.char_indices() {
            match (begin, c.is_alphanumeric()) {
                (None, true) => begin = Some(at),
                (Some(from), false) if !is_combining_mark(c) => {
                    found.push(self.token(&text[from..at], from, found.len()));
                    begin = None;
                }
                _ => {}
            }
        }
        if let Some(from) = begin {
            found.push(self.token(&text[from..], from, found.len()));
        }
        WordStream { rest: found.into_iter(), current: Token::default() }
    }
}

struct WordStream {
    rest: std::vec::IntoIter<Token>,
    current: Token,
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        match self.rest.next() {
            Some(token) => {
                self.current = token;
                true
            }
            None => false,
        }
    }
    fn token(&self) -> &Token {
        &self.current
    }
    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

/// Endings of folded plurals (and of singulars that must meet them), the shortest word they apply to, and what the word
/// ends in afterwards. The first that fits is taken.
const ENDINGS: [(&str, usize, &str); 15] = [
    ("oes", 4, "ao"), // aviões, coleções
    ("aes", 4, "ao"), // pães, capitães
    ("aos", 4, "ao"), // mãos, irmãos
    ("ais", 5, "al"), // canais
    ("ois", 5, "ol"), // lençóis
    ("uis", 5, "ul"), // azuis
    ("eis", 5, "el"), // papéis; and fáceis, which must meet fácil:
    ("is", 5, "el"),  // barris, infantis
    ("il", 5, "el"),  // barril, infantil, fácil
    ("ns", 4, "m"),   // bombons; and edredons, which must meet both edredom and edredon:
    ("n", 4, "m"),
    ("res", 5, "r"), // flores
    ("zes", 5, "z"), // luzes
    ("ss", 3, "ss"), // fitness stays
    ("s", 4, ""),
];

/// The singular of a folded word; a word with a digit is a model or size and stays as it is.
fn singular(word: &str) -> String {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    for (ending, shortest, replacement) in ENDINGS {
        if let Some(root) = word.strip_suffix(ending)
            && word.len() >= shortest
        {
            return format!("{root}{replacement}");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(word: &str) -> Vec<String> {
        tokens(&mut stemmed(), word)
    }

    #[test]
    fn spellings_and_numbers_of_one_word_share_a_stem() {
        for pair in [
            ("calça", "calca"),
            ("calça", "Calças"),
            ("camiseta", "CAMISETAS"),
            ("tênis", "tenis"),
            ("avião", "aviões"),
            ("aviao", "aviões"),
            ("coleção", "colecoes"),
            ("pão", "pães"),
            ("mão", "mãos"),
            ("papel", "papéis"),
            ("lençol", "lençóis"),
            ("azul", "azuis"),
            ("infantil", "infantis"),
            ("fácil", "fáceis"),
            ("canal", "canais"),
            ("bombom", "bombons"),
            ("edredom", "edredons"),
            ("edredon", "edredom"),
            ("jean", "jeans"),
            ("flor", "flores"),
            ("luz", "luzes"),
            ("base", "bases"),
            ("torre", "torres"),
            ("preto", "preta"),
            ("vestido", "vestidos"),
            ("óculos", "oculos"),
            ("cafe\u{301}", "café"),
            ("ÁGUA", "água"),
        ] {
            assert_eq!(stem(pair.0), stem(pair.1), "{pair:?}");
        }
    }

    #[test]
    fn different_words_keep_different_stems() {
        for pair in [("camisa", "camiseta"), ("bola", "bolsa"), ("s23", "s24"), ("caneca", "caneta")] {
            assert_ne!(stem(pair.0), stem(pair.1), "{pair:?}");
        }
    }

    #[test]
    fn words_end_at_punctuation_and_keep_their_positions() {
        assert_eq!(tokens(&mut folded(), "Copo d'Água 500ml — (azul)"), ["copo", "d", "agua", "500ml", "azul"]);
        assert_eq!(tokens(&mut folded(), "!?… --"), Vec::<String>::new());
        let mut positions = Vec::new();
        folded().token_stream("um, dois; três").process(&mut |token| positions.push(token.position));
        assert_eq!(positions, [0, 1, 2]);
    }

    #[test]
    fn an_endless_word_is_cut() {
        let words = tokens(&mut folded(), &"á".repeat(5_000));
        assert_eq!(words, ["a".repeat(MAX_WORD_CHARS)]);
    }

    #[test]
    fn stop_words_are_sorted_for_the_look_up() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("de") && !is_stop_word("camiseta"));
    }
}
