//! Text as it comes in: letters in one spelling, and no signs that nobody sees and others' programs stop at.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text with each letter as one sign where there is one (Unicode's NFC): macOS and some keyboards write `é` as `e` and an
/// accent, which looks alike and would be another word, another option, another file.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// The lines that a text may go over: one or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Neither line breaks nor tabs: names, codes, titles.
    One,
    /// Line breaks and tabs as well: descriptions.
    Several,
}

/// Says what stands in a text and must not, in words (pt-BR). Control characters are refused and not taken away: what stood
/// there is unknown, and databases, XML and spreadsheets of others stop at them.
pub fn forbidden(text: &str, lines: Lines) -> Option<String> {
    let is_break = |letter: char| matches!(letter, '\n' | '\r' | '\t');
    let is_wrong = |letter: &char| match *letter {
        letter if is_break(letter) => lines == Lines::One,
        // U+FFFE and U+FFFF are no characters, and no XML may hold them.
        letter => letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'),
    };
    let wrong = text.chars().find(is_wrong)?;
    if is_break(wrong) {
        return Some("Este texto fica em uma só linha: tire as quebras de linha e as tabulações.".to_owned());
    }
    let number = u32::from(wrong);
    Some(format!("O texto tem um caractere de controle (U+{number:04X}), que não se vê. Digite-o de novo sem ele."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_accents_are_one_sign() {
        for (apart, one) in [
            ("Me\u{301}dio", "Médio"),
            ("U\u{301}nico", "Único"),
            ("a\u{303}o", "ão"),
            ("c\u{327}", "ç"),
            ("A\u{302}mbar", "Âmbar"),
            ("plain", "plain"),
            ("Ação", "Ação"),
        ] {
            assert_eq!(composed(apart), one);
        }
        assert!(matches!(composed("Ação"), Cow::Borrowed(_)), "what is composed is not copied");
    }

    #[test]
    fn control_characters_are_named_and_line_breaks_have_their_place() {
        for (text, number) in [
            ("a\0", "0000"),
            ("\u{b}", "000B"),
            ("\u{1f}b", "001F"),
            ("\u{7f}", "007F"),
            ("\u{85}", "0085"),
            ("\u{ffff}", "FFFF"),
        ] {
            for lines in [Lines::One, Lines::Several] {
                assert!(forbidden(text, lines).is_some_and(|said| said.contains(number)), "{text:?}");
            }
        }
        for text in ["a\nb", "a\tb", "a\r\nb"] {
            assert!(forbidden(text, Lines::Several).is_none(), "{text:?}");
            assert!(forbidden(text, Lines::One).is_some_and(|said| said.contains("uma só linha")), "{text:?}");
        }
        assert!(forbidden("Ação – 50 % 😀\u{200d}", Lines::One).is_none());
    }
}
