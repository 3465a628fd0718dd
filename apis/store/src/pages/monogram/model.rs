//! The tile of a product that has no image: its initials on a tint of the shop's accent.
//!
//! One name and theme always give one SVG, which holds no script and names no other file.

use askama::Template;
use feira_web::theme::Theme;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that join others in names, and whose letters nobody takes for initials.
const JOINING: [&str; 15] =
    ["a", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "o", "os", "para", "por", "sem"];

#[derive(Template)]
#[template(path = "monogram/monogram.svg")]
struct Monogram<'a> {
    label: &'a str,
    initials: Option<String>,
    theme: Theme,
}

/// The tile as SVG, 800 × 1000. Its label for those who can't see it is the whole name.
pub fn render(name: &str, theme: Theme) -> askama::Result<String> {
    let label: String = name.nfc().filter(|c| is_in_xml(*c)).collect();
    Monogram { initials: initials(&label), label: &label, theme }.render()
}

/// The first letters of a name's first and last word, upper case; one where it has a single word, and `None` where no word begins
/// with a letter.
fn initials(name: &str) -> Option<String> {
    let words = || {
        let words = name.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
        words.filter(|word| word.starts_with(char::is_alphabetic))
    };
    let telling: Vec<&str> = words().filter(|word| !JOINING.contains(&word.to_lowercase().as_str())).collect();
    // A name of joining words alone is a name all the same.
    let words = if telling.is_empty() { words().collect() } else { telling };
    let letter = |word: &&str| word.chars().next().and_then(|letter| letter.to_uppercase().next());
    let first = words.first().and_then(letter)?;
    let last = words[1..].last().and_then(letter);
    Some(std::iter::once(first).chain(last).collect())
}

/// True if XML 1.0 may hold a character at all, escaped or not.
fn is_in_xml(c: char) -> bool {
    !c.is_control() && c != '\u{fffe}' && c != '\u{ffff}'
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use quick_xml::{Reader, events::Event};

    use super::*;

    #[test]
    fn initials_are_those_of_the_words_that_tell() {
        for (name, expected) in [
            ("Camiseta de algodão", Some("CA")),
            ("Vestido longo com bolsos", Some("VB")),
            ("água", Some("Á")),
            ("  óculos de sol ", Some("ÓS")),
            ("3 almofadas", Some("A")),
            ("Fone JBL 510", Some("FJ")),
            ("D'água", Some("DÁ")),
            ("De", Some("D")),
            ("a\u{301}rvore", Some("Á")),
            ("straße ßx", Some("SS")),
            ("— !", None),
            ("2024", None),
            ("🦜", None),
            ("", None),
        ] {
            let composed: String = name.nfc().collect();
            assert_eq!(initials(&composed).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_tile_is_well_formed_and_self_contained_whatever_the_name() {
        let hostile =
            ["Camiseta de algodão", "", "<script>alert(1)</script>", "\"A\" & 'B'", "🦜", "\u{0}\u{1b}odd\u{fffe}"];
        for name in hostile {
            let svg = render(name, Theme::default()).unwrap();
            let (mut reader, mut depth) = (Reader::from_str(&svg), 0);
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(tag) => {
                        depth += 1;
                        assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{svg}");
                    }
                    Event::Empty(tag) => assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{svg}"),
                    Event::End(_) => depth -= 1,
                    Event::Eof => break,
                    _ => {}
                }
            }
            assert_eq!(depth, 0, "{svg}");
            assert!(svg.chars().all(|c| c == '\n' || is_in_xml(c)), "{svg}");
            for outside in ["<script", "<image", "href=", "url(", "@import"] {
                assert!(!svg.contains(outside), "{name} holds {outside}");
            }
        }
    }

    #[test]
    fn a_tile_wears_the_shops_accent_and_says_the_name() {
        let theme = Theme::from_hex("#b4441c").unwrap();
        let svg = render("Bolsa de couro", theme).unwrap();
        assert!(svg.contains("aria-label=\"Bolsa de couro\"") && svg.contains(">BC</text>"), "{svg}");
        assert!(svg.contains(&theme.ground()) && svg.contains(&theme.ink()), "{svg}");
        assert_eq!(svg, render("Bolsa de couro", theme).unwrap());
        assert_ne!(svg, render("Bolsa de couro", Theme::default()).unwrap());
        assert!(!render("2024", theme).unwrap().contains("<text"), "without a letter the tile is plain");
    }
}
