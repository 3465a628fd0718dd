//! Texts as every bank's reader takes them: printable ASCII, cut to the field.

use deunicode::deunicode_with_tofu;

/// A text with accents folded and other scripts transliterated, one space between words, of so many characters at most. It is
/// empty if nothing of it can be written.
pub(super) fn ascii(text: &str, limit: usize) -> String {
    // Control characters would be folded to nothing, and the words beside a line break to one.
    let parted = text.replace(|sign: char| sign.is_control(), " ");
    let folded = deunicode_with_tofu(&parted, "");
    let words = folded.split(|sign: char| !sign.is_ascii_graphic()).filter(|word| !word.is_empty());
    let mut written = words.collect::<Vec<_>>().join(" ");
    written.truncate(limit); // What deunicode gives is ASCII, so any byte is a border.
    written.truncate(written.trim_end().len());
    written
}
