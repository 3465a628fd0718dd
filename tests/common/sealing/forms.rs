//! The ways in which a text may stand among bytes.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use deunicode::deunicode;
use unicode_normalization::UnicodeNormalization;

/// Bytes of the shortest form that is searched for: shorter ones stand anywhere by chance.
const SHORTEST: usize = 7;

/// Each way in which a text may stand, with the way's name; each once. Of ASCII letters the case does not matter.
pub fn all(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (mut known, mut all) = (BTreeSet::new(), Vec::new());
    for spelling in spellings(text) {
        for (way, bytes) in encoded(&spelling) {
            if bytes.len() >= SHORTEST && known.insert(bytes.to_ascii_lowercase()) {
                all.push((way, bytes));
            }
        }
    }
    all
}

/// The text as it is, in capital and small letters, with its accents parted, and without them.
fn spellings(text: &str) -> Vec<String> {
    vec![text.to_owned(), text.to_uppercase(), text.to_lowercase(), text.nfd().collect(), deunicode(text)]
}

fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let plain = |sign: char| sign.is_ascii_alphanumeric();
    let mut all = vec![
        ("as typed", bytes.to_vec()),
        ("hex", hex::encode(bytes).into_bytes()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("list of bytes", listed(bytes, ", ")),
        ("list of bytes", listed(bytes, ",")),
        ("bytes escaped", each(text, |sign| sign.is_ascii(), |sign| of_bytes(sign, |byte| format!("\\x{byte:02x}")))),
    ];
    for spared in [|sign: char| sign.is_ascii(), plain] {
        all.push(("JSON", each(text, spared, json)));
        all.push(("HTML", each(text, spared, |sign| format!("&#{};", u32::from(sign)))));
        all.push(("HTML", each(text, spared, |sign| format!("&#x{:x};", u32::from(sign)))));
    }
    let percent = |sign: char| of_bytes(sign, |byte| format!("%{byte:02x}"));
    for spared in
        [|sign: char| sign.is_ascii_graphic(), |sign: char| sign.is_ascii_alphanumeric() || "-._~".contains(sign)]
    {
        let escaped = String::from_utf8(each(text, spared, percent)).unwrap();
        all.push(("form", escaped.replace("%20", "+").into_bytes()));
        all.push(("percent", escaped.into_bytes()));
    }
    for before in 0..3 {
        all.push(("base64", within_base64(&STANDARD_NO_PAD, bytes, before)));
        all.push(("base64url", within_base64(&URL_SAFE_NO_PAD, bytes, before)));
    }
    all
}

fn each(text: &str, is_spared: impl Fn(char) -> bool, escaped: impl Fn(char) -> String) -> Vec<u8> {
    let signs = text.chars().map(|sign| if is_spared(sign) { sign.to_string() } else { escaped(sign) });
    signs.collect::<String>().into_bytes()
}

fn json(sign: char) -> String {
    let mut units = [0; 2];
    sign.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn of_bytes(sign: char, shown: impl Fn(u8) -> String) -> String {
    sign.to_string().bytes().map(shown).collect()
}

fn listed(bytes: &[u8], between: &str) -> Vec<u8> {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between).into_bytes()
}

/// The signs of a base64 text that bytes alone decide, where `before` bytes (0 to 2) of the first group are others'.
fn within_base64(engine: &impl Engine, bytes: &[u8], before: usize) -> Vec<u8> {
    let text = engine.encode([&vec![0; before][..], bytes].concat());
    let first = (before * 8).div_ceil(6);
    let end = (before + bytes.len()) * 8 / 6;
    text.as_bytes().get(first..end).unwrap_or_default().to_vec()
}

#[test]
fn bytes_are_known_in_base64_wherever_they_stand_in_it() {
    let typed = "joana@feira.example".as_bytes();
    for before in 0..7 {
        for after in 0..4 {
            let whole = [&vec![0xfe; before][..], typed, &vec![0xab; after][..]].concat();
            let (standard, url) = (STANDARD_NO_PAD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole));
            for (text, engine) in [(standard, &STANDARD_NO_PAD), (url, &URL_SAFE_NO_PAD)] {
                let part = String::from_utf8(within_base64(engine, typed, before % 3)).unwrap();
                assert!(part.len() >= typed.len() && text.contains(&part), "{before} {after}: {part} in {text}");
            }
        }
    }
}
