//! Names and titles as the headers of a mail have them.
//!
//! lettre has an encoding of its own, word by word: of two words with accents, two spaces apart, its readers see one; an ASCII text that
//! looks encoded is sent as it is, and read as what it is not; and a name that begins with a dot is not put in quotes, at which
//! Python's reader fails (`findings/lettre-headers.sh`). So here a text is plain as a whole, or encoded as a whole.

use base64::{Engine, prelude::BASE64_STANDARD};

/// Characters of a text that may stand as it is: more would make a line of over 78.
const PLAIN: usize = 55;
/// Bytes of a text in one encoded word. Their line has 76 characters at most (RFC 2047, 2), behind a header's name too.
const BYTES: usize = 39;

/// A text of a header without structure, such as the title.
pub(super) fn text(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { encoded(text) }
}

/// A name in front of an address (RFC 5322, 3.4): in quotes, unless it is encoded.
pub(super) fn name(name: &str) -> String {
    match is_plain(name) {
        true => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
        false => encoded(name),
    }
}

/// True for a text that every reader shows as it is: short, of printable ASCII, without spaces that are folded away, and nothing that
/// looks like an encoded word.
fn is_plain(text: &str) -> bool {
    text.len() <= PLAIN
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !text.contains("=?")
        && !text.contains("  ")
        && text.trim() == text
}

/// The text in encoded words, a line for each; readers put them together without what is between (RFC 2047, 6.2).
fn encoded(text: &str) -> String {
    let (mut words, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.floor_char_boundary(BYTES));
        words.push(format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(word)));
        rest = behind;
    }
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_stays_so_and_all_else_is_encoded_as_a_whole() {
        for (said, plain, quoted) in [
            ("Ana", "Ana", "\"Ana\""),
            ("a, b <c@d> (e)", "a, b <c@d> (e)", "\"a, b <c@d> (e)\""),
            (r#""a" \ b"#, r#""a" \ b"#, r#""\"a\" \\ b""#),
            (".a.", ".a.", "\".a.\""),
        ] {
            assert_eq!((text(said).as_str(), name(said).as_str()), (plain, quoted));
        }
        for (said, words) in [
            ("é", "=?utf-8?b?w6k=?="),
            ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
            ("a  b", "=?utf-8?b?YSAgYg==?="),
        ] {
            assert_eq!((text(said).as_str(), name(said).as_str()), (words, words));
        }
    }

    #[test]
    fn no_line_is_too_long_and_no_letter_is_cut() {
        let long = encoded(&"😀ãx".repeat(60));
        for (at, line) in long.split("\r\n").enumerate() {
            let before = if at == 0 { "Subject: ".len() } else { 0 };
            assert!(before + line.len() <= 76, "{line}");
            let bytes = line.trim_start().strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
            let decoded = bytes.and_then(|bytes| BASE64_STANDARD.decode(bytes).ok());
            assert!(decoded.is_some_and(|bytes| String::from_utf8(bytes).is_ok()), "{line}");
        }
    }
}
