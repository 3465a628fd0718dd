//! Forms as browsers send them, decoded into the bodies that JSON has.
//!
//! The name of an input is the JSON Pointer (RFC 6901) of what it fills: `/variants/0/price`. So the pointer of a field error is the
//! name of the input that it is about. Names that begin with `_` fill nothing: they are what a form says of itself, such as the
//! version that was shown (`_version`).

mod fill;
mod parts;

use std::collections::BTreeMap;

use bytes::Bytes;
use feira_schemas::{problem::Code, text::composed};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use self::parts::{Part, multipart};
use crate::{
    json::{self, Schemas},
    problem::Problem,
};

/// Fields of a form: 2,048 variants of a dozen fields each.
const FIELDS: usize = 32_768;

/// A file of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name of its input.
    pub name: String,
    /// The bytes of the file.
    pub bytes: Bytes,
}

/// A form that was sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    /// The texts of each input that fills a body, by its name, in the order in which they were sent.
    fields: BTreeMap<String, Vec<String>>,
    /// The texts of the inputs whose names begin with `_`, by those names without the `_`.
    said: BTreeMap<String, String>,
    /// The files that were sent; an input of which nobody chose one gives none.
    pub files: Vec<File>,
}

impl Form {
    /// Reads a form of the media type that its `Content-Type` names: `application/x-www-form-urlencoded` or `multipart/form-data`.
    pub async fn read(content_type: &str, body: &Bytes) -> Result<Self, Problem> {
        let parts = match multer::parse_boundary(content_type) {
            Ok(boundary) => multipart(body.clone(), boundary).await?,
            Err(_) => parts::urlencoded(body)?,
        };
        if parts.len() > FIELDS {
            return Err(Problem::new(Code::TooLarge, format!("Um formulário pode ter até {FIELDS} campos.")));
        }
        let mut form = Self::default();
        for part in parts {
            form.take(part)?;
        }
        Ok(form)
    }

    /// A form of these texts, each under the name of its input, a JSON Pointer.
    pub fn of(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut form = Self::default();
        for (name, text) in texts {
            form.fields.entry(name).or_default().push(text);
        }
        form
    }

    fn take(&mut self, part: Part) -> Result<(), Problem> {
        let name = composed(&part.name).into_owned();
        if part.is_file {
            // An input of which nobody chose a file is sent all the same, empty and without a file's name.
            let is_chosen = part.has_file_name || !part.bytes.is_empty();
            self.files.extend(is_chosen.then_some(File { name, bytes: part.bytes }));
            return Ok(());
        }
        // Browsers end a line of a text area with CR and LF; what was typed is a line's end.
        let text = composed(&part.text()?).replace("\r\n", "\n");
        match name.strip_prefix('_') {
            Some(name) => {
                self.said.insert(name.to_owned(), text);
            }
            None => self.fields.entry(name).or_default().push(text),
        }
        Ok(())
    }

    /// The text of the input that has this name after a `_`.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str)
    }

    /// The text of the input that has this name, a JSON Pointer; the first one where there are several.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.first().map(String::as_str)
    }

    /// The texts of all inputs that have this name, in the order in which they were sent.
    pub fn texts(&self, name: &str) -> &[String] {
        self.fields.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every input that was sent as text, with what was typed there, those that begin with `_` under their names without it.
    pub fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = self.said.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let fields = self.fields.iter();
        said.chain(fields.flat_map(|(name, texts)| texts.iter().map(move |text| (name.as_str(), text.as_str()))))
    }

    /// The body that the form fills, checked as one of JSON is.
    pub fn body<T: DeserializeOwned>(&self, schemas: &Schemas, schema: &str) -> Result<T, Problem> {
        json::typed(schemas, fill::filled(&self.fields, schemas, schema)?, schema)
    }

    /// The merge patch (RFC 7396) that the form fills, checked as one of JSON is: an input that is left blank removes what it may.
    pub fn patch(&self, schemas: &Schemas, schema: &str) -> Result<Map<String, Value>, Problem> {
        json::patch_of(schemas, fill::filled(&self.fields, schemas, schema)?, schema)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
