//! What an import tells: a line for each product, and a summary as the last.

use bytes::Bytes;
use feira_schemas::{
    records::common::{CommandResult, Outcome},
    topics::{Context, Position},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::shopify;

/// What an import tells, as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A product.
    Line(Line),
    /// The counts of all products; it is the last, and without it the import did not come to its end.
    Summary(Summary),
}

impl Told {
    /// The JSON as a line of its own.
    pub(super) fn written(&self) -> Bytes {
        let json = match self {
            Self::Line(line) => serde_json::to_string(line).unwrap_or_default(),
            Self::Summary(summary) => json!({"summary": summary}).to_string(),
        };
        Bytes::from(json + "\n")
    }
}

/// The way in which a product of an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// The shop had none of its handle.
    Created,
    /// Something of it differed.
    Updated,
    /// All was as the file says.
    Unchanged,
    /// Nothing of it came in.
    Refused,
}

/// A sentence on a product: the reason for which it is refused, or what the merchant must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// JSON Pointer into the product's body, where a field is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sentence (pt-BR).
    pub detail: String,
}

impl Said {
    /// A sentence alone.
    pub(super) fn words(detail: impl Into<String>) -> Self {
        Self { pointer: None, code: None, detail: detail.into() }
    }
}

/// The line of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The handle as the file has it.
    pub handle: String,
    /// The product's id; none where it is refused, or would be.
    pub product_id: Option<String>,
    /// The product's end.
    pub result: Became,
    /// The sentences on it.
    pub errors: Vec<Said>,
    /// Positions from which on this line and all before it are visible; none where nothing was decided.
    pub position: Option<String>,
    /// Addresses of images that are still to come.
    pub images_waiting: Vec<String>,
    /// The positions of what was decided on the product.
    #[serde(skip)]
    pub(super) positions: Vec<Position>,
}

impl Line {
    /// The line of a file of results: handle, result and sentences.
    ///
    /// # Errors
    /// Errors of the CSV writer.
    pub fn csv(&self, result: &str) -> Result<Vec<u8>, csv::Error> {
        let said = self.errors.iter().map(|said| said.detail.as_str()).collect::<Vec<_>>().join(" ");
        shopify::line([self.handle.as_str(), result, said.as_str()])
    }
}

/// A product that was decided.
pub(super) struct Imported {
    /// The result of the product's command.
    pub(super) result: CommandResult,
    /// Addresses of images that the file names for it.
    pub(super) images: Vec<String>,
    /// Notes that the merchant must know (pt-BR).
    pub(super) notes: Vec<String>,
    /// What became of the file's stock of variants that the shop had.
    pub(super) stock: StockSet,
}

/// The stock of a product's variants, as far as an import has set it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StockSet {
    /// The position of the last of its answers; `None` where nothing was set.
    pub(super) position: Option<Position>,
    /// True if the stock of any variant is another one now.
    pub(super) is_changed: bool,
}

/// The furthest positions of the lines so far. Products in flight are decided in any order, so the position of one says nothing of
/// those before it in the file.
#[derive(Default)]
pub(super) struct Furthest(Vec<Position>);

impl Furthest {
    /// Adds a line's positions and gives them all: whoever reads at least this sees what it says, and all lines
    /// before.
    pub(super) fn with(&mut self, positions: &[Position]) -> String {
        for position in positions {
            let same =
                |known: &&mut Position| (known.context, known.partition) == (position.context, position.partition);
            match self.0.iter_mut().find(same) {
                Some(known) => known.write_ts = known.write_ts.max(position.write_ts),
                None => self.0.push(*position),
            }
        }
        self.0.iter().map(Position::to_string).collect::<Vec<_>>().join(",")
    }
}

/// The line of a product that was decided.
pub(super) fn line_of(handle: &str, imported: &Imported) -> Line {
    let Imported { result, images, notes, stock } = imported;
    let became = match result.outcome {
        Outcome::Created => Became::Created,
        Outcome::Updated => Became::Updated,
        Outcome::Unchanged if stock.is_changed => Became::Updated,
        Outcome::Unchanged => Became::Unchanged,
        _ => Became::Refused,
    };
    let body: Value = result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let waits = |url: &&String| {
        let mut images = body["images"].as_array().into_iter().flatten();
        images.any(|image| image["source_url"] == url.as_str() && image["status"] == "waiting")
    };
    let mut errors: Vec<Said> = result
        .errors
        .iter()
        .map(|error| Said {
            pointer: Some(error.pointer.clone()),
            code: Some(error.code.clone()),
            detail: error.detail.clone(),
        })
        .collect();
    if became == Became::Refused && errors.is_empty() {
        let detail = result.detail.clone().unwrap_or_default();
        errors.push(Said { pointer: None, code: result.code.clone(), detail });
    }
    if became != Became::Refused {
        errors.extend(notes.iter().map(Said::words));
    }
    Line {
        handle: handle.to_owned(),
        product_id: body["id"].as_str().map(str::to_owned),
        result: became,
        errors,
        position: None,
        images_waiting: images.iter().filter(waits).cloned().collect(),
        positions: position_of(result).into_iter().chain(stock.position).collect(),
    }
}

/// The line of a product that was refused before it was sent, with what is wrong with it.
pub(super) fn refused_line(handle: &str, errors: Vec<Said>) -> Line {
    Line {
        handle: handle.to_owned(),
        product_id: None,
        result: Became::Refused,
        errors,
        position: None,
        images_waiting: Vec::new(),
        positions: Vec::new(),
    }
}

/// The position of a result's event; none of one that was not decided in the log.
pub(super) fn position_of(result: &CommandResult) -> Option<Position> {
    let context = Context::from_name(&result.context)?;
    let partition = u32::try_from(result.partition).ok()?;
    Some(Position { context, partition, write_ts: result.write_ts })
}

/// The counts of products by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Products that the shop had not.
    pub created: u64,
    /// Products that differed.
    pub updated: u64,
    /// Products that were as the file says.
    pub unchanged: u64,
    /// Products that did not come in.
    pub refused: u64,
    /// Images that are still to come.
    pub images_waiting: usize,
}

impl Summary {
    /// Counts a line.
    pub fn count(&mut self, line: &Line) {
        match line.result {
            Became::Created => self.created += 1,
            Became::Updated => self.updated += 1,
            Became::Unchanged => self.unchanged += 1,
            Became::Refused => self.refused += 1,
        }
        self.images_waiting += line.images_waiting.len();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn f07_reading_at_least_a_line_shows_all_before_it() {
        let at = |text: &str| -> Vec<Position> { text.split(',').map(|part| part.parse().unwrap()).collect() };
        let mut furthest = Furthest::default();
        for (line, said) in [
            ("admin.3.20", "admin.3.20"),
            ("admin.3.10", "admin.3.20"),
            ("admin.3.30,store.3.5", "admin.3.30,store.3.5"),
            ("admin.3.25", "admin.3.30,store.3.5"),
        ] {
            assert_eq!(furthest.with(&at(line)), said, "{line}");
        }
    }

    #[test]
    fn f07_results_are_lines_of_json_and_of_csv() {
        let line = refused_line("=a", vec![Said::words("linha 2: «x, y»."), Said::words("E mais.")]);
        let expected = r#"{"handle":"=a","product_id":null,"result":"refused","errors":[{"detail":"linha 2: «x, y»."},{"detail":"E mais."}],"position":null,"images_waiting":[]}"#;
        assert_eq!(Told::Line(line.clone()).written(), format!("{expected}\n"));
        let mut summary = Summary::default();
        summary.count(&line);
        let expected = r#"{"summary":{"created":0,"updated":0,"unchanged":0,"refused":1,"images_waiting":0}}"#;
        assert_eq!(Told::Summary(summary).written(), format!("{expected}\n"));
        let csv = String::from_utf8(line.csv("Recusado").unwrap()).unwrap();
        assert_eq!(csv, "'=a,Recusado,\"linha 2: «x, y». E mais.\"\n");
    }
}
