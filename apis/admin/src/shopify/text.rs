//! Text of an upload and its rows: encodings, delimiters, and the row numbers a spreadsheet would show.

use bytes::Bytes;

use super::errors::ShopifyError;

/// The text encoding of an upload; the merchant is told when it was not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, which Shopify exports.
    Utf8,
    /// UTF-16, which Excel calls “Unicode text”.
    Utf16,
    /// Windows-1252, which older Excel writes in Brazil; Latin-1 is read by the same table.
    Windows1252,
}

/// The text of an upload, as UTF-8 without its byte order mark; where it came so, it is not copied. Bytes that no known encoding explains are refused, never replaced:
/// a replaced letter would go into names and descriptions unnoticed.
pub(super) fn decode(upload: &Bytes) -> Result<(Bytes, Encoding), ShopifyError> {
    if upload.starts_with(b"PK\x03\x04") || upload.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(ShopifyError::Spreadsheet);
    }
    let decoded = match &upload[..] {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes)?.into(), Encoding::Utf16),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes)?.into(), Encoding::Utf16),
        _ => {
            let bytes = if upload.starts_with(b"\xef\xbb\xbf") { upload.slice(3..) } else { upload.clone() };
            match std::str::from_utf8(&bytes) {
                Ok(_) => (bytes, Encoding::Utf8),
                Err(error) => (windows_1252(&bytes, error.valid_up_to())?.into(), Encoding::Windows1252),
            }
        }
    };
    if decoded.0.contains(&0) {
        return Err(ShopifyError::NotText);
    }
    if decoded.0.trim_ascii().is_empty() {
        return Err(ShopifyError::Empty);
    }
    Ok(decoded)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ShopifyError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(ShopifyError::NotText),
    }
}

/// Reads bytes that are not UTF-8 by the table of Windows-1252. Damaged UTF-8 is told apart by what else is in it: text
/// whose special letters are mostly well-formed UTF-8 is a broken UTF-8 file.
fn windows_1252(bytes: &[u8], first_wrong: usize) -> Result<String, ShopifyError> {
    /// 0x80 to 0x9F; the five places that stand for nothing hold NUL, which the caller refuses.
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”',
        '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    let (mut well_formed, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        well_formed += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    if well_formed > wrong {
        let row = 1 + bytes[..first_wrong].iter().filter(|byte| **byte == b'\n').count();
        return Err(ShopifyError::Damaged { row });
    }
    Ok(bytes
        .iter()
        .map(|byte| if (0x80..0xa0).contains(byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(*byte) })
        .collect())
}

/// The delimiter of the header: comma, semicolon (Excel in Brazil) or tab, whichever stands there most often.
pub(super) fn delimiter(text: &[u8]) -> u8 {
    let header = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    // The last of equals wins, so a header of one column is read with commas.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Excel may put a line such as `sep=;` before the header; it is no data.
pub(super) fn without_separator_line(text: &Bytes) -> (Bytes, u64) {
    let first = text.iter().position(|byte| *byte == b'\n').filter(|end| *end < 8);
    match first {
        Some(end) if text[..end].trim_ascii().to_ascii_lowercase().starts_with(b"sep=") => (text.slice(end + 1..), 1),
        _ => (text.clone(), 0),
    }
}

/// The lines at which rows begin, so that an error names the row a spreadsheet shows: a line break within quotes
/// begins none, an empty line does.
#[derive(Debug)]
pub(super) struct Rows {
    starts: Vec<usize>,
}

impl Rows {
    /// Finds the rows of `text`; refuses a quote that is never closed, which would swallow the rest of the file.
    pub(super) fn find(bytes: &[u8], delimiter: u8) -> Result<Rows, ShopifyError> {
        let mut starts = vec![0];
        let mut open: Option<usize> = None;
        let mut field_begins = true;
        let mut at = 0;
        while at < bytes.len() {
            let next = bytes.get(at + 1).copied();
            let begins = std::mem::take(&mut field_begins);
            match (bytes[at], open) {
                (b'"', Some(_)) if next == Some(b'"') => at += 1,
                (b'"', Some(_)) => open = None,
                (_, Some(_)) => {}
                (b'"', None) if begins => open = Some(at),
                (b'\n', None) => {
                    starts.push(at + 1);
                    field_begins = true;
                }
                (b'\r', None) if next != Some(b'\n') => {
                    starts.push(at + 1);
                    field_begins = true;
                }
                (byte, None) => field_begins = byte == delimiter,
            }
            at += 1;
        }
        let rows = Rows { starts };
        match open {
            Some(at) => Err(ShopifyError::OpenQuote { row: rows.number(at) }),
            None => Ok(rows),
        }
    }

    /// The number, from 1, of the row that holds this byte.
    pub(super) fn number(&self, byte: usize) -> u64 {
        self.starts.partition_point(|start| *start <= byte) as u64
    }
}
