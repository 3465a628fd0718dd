//! The parts of a form, as the two media types of HTML write them.

use std::convert::Infallible;

use bytes::Bytes;
use feira_schemas::problem::{Code, FieldError};
use futures::stream;
use multer::Multipart;
use percent_encoding::percent_decode;

use crate::problem::Problem;

/// One input of a form, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The input's name.
    pub name: String,
    /// True for a file.
    pub is_file: bool,
    /// True for a file that has a name, empty or not: somebody chose it.
    pub has_file_name: bool,
    /// The file, or the text in UTF-8.
    pub bytes: Bytes,
}

impl Part {
    /// The text of an input; refused where it is not UTF-8.
    pub fn text(&self) -> Result<String, Problem> {
        let text = std::str::from_utf8(&self.bytes).map(str::to_owned);
        text.map_err(|_| {
            let name: String = self.name.chars().take(100).collect();
            let detail = format!("O campo «{}» não é texto UTF-8.", name.trim_start_matches('/'));
            let pointer = if name.starts_with('/') { name } else { format!("/{name}") };
            Problem::fields(vec![FieldError::new(pointer, Code::Malformed, detail)])
        })
    }
}

/// The parts of `multipart/form-data` (RFC 7578).
pub async fn multipart(body: Bytes, boundary: String) -> Result<Vec<Part>, Problem> {
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let (name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name());
        let (is_file, has_file_name) = (file_name.is_some(), file_name.is_some_and(|name| !name.is_empty()));
        parts.push(Part { name, is_file, has_file_name, bytes: field.bytes().await.map_err(malformed)? });
    }
    Ok(parts)
}

fn malformed(error: multer::Error) -> Problem {
    tracing::debug!(%error, "a form can't be read");
    Problem::new(Code::Malformed, "O formulário não pode ser lido. Envie-o como multipart/form-data, inteiro.")
}

/// The parts of `application/x-www-form-urlencoded` (WHATWG URL, 5.1). The bytes are kept as they are: the usual parser puts
/// U+FFFD in the place of what is no UTF-8, and what was typed would be lost unseen.
pub fn urlencoded(body: &[u8]) -> Result<Vec<Part>, Problem> {
    let decoded = |text: &[u8]| {
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>()
    };
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let name = String::from_utf8(decoded(&pair[..end]));
            let name = name.map_err(|_| Problem::new(Code::Malformed, "O nome de um campo não é texto UTF-8."))?;
            let bytes = decoded(pair.get(end + 1..).unwrap_or_default()).into();
            Ok(Part { name, is_file: false, has_file_name: false, bytes })
        })
        .collect()
}
