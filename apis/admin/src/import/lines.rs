//! The NDJSON lines of an import: a line for each product, and a summary as the last.

use std::convert::Infallible;

use bytes::Bytes;
use feira_schemas::{
    records::common::{CommandResult, Outcome},
    topics::{Context, Position},
};
use serde_json::{Value, json};

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

/// The line of a product, but for its position.
pub(super) struct Line {
    /// The line as JSON.
    pub(super) says: Value,
    /// The positions of what was decided on the product.
    pub(super) positions: Vec<Position>,
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
    let word = match result.outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged if stock.is_changed => "updated",
        Outcome::Unchanged => "unchanged",
        _ => "refused",
    };
    let body: Value = result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let waits = |url: &&String| {
        let mut images = body["images"].as_array().into_iter().flatten();
        images.any(|image| image["source_url"] == url.as_str() && image["status"] == "waiting")
    };
    let waiting: Vec<&String> = images.iter().filter(waits).collect();
    let mut errors: Vec<Value> = result
        .errors
        .iter()
        .map(|error| json!({"pointer": error.pointer, "code": error.code, "detail": error.detail}))
        .collect();
    if word == "refused" && errors.is_empty() {
        errors.push(json!({"code": result.code, "detail": result.detail}));
    }
    if word != "refused" {
        errors.extend(notes.iter().map(|note| json!({"detail": note})));
    }
    let says = json!({
        "handle": handle,
        "product_id": body["id"],
        "result": word,
        "errors": errors,
        "position": null,
        "images_waiting": waiting,
    });
    Line { says, positions: position_of(result).into_iter().chain(stock.position).collect() }
}

/// The line of a product that was refused before it was sent, with what is wrong with it.
pub(super) fn refused_line(handle: &str, errors: Vec<Value>) -> Line {
    let says = json!({"handle": handle, "product_id": null, "result": "refused", "errors": errors, "position": null, "images_waiting": []});
    Line { says, positions: Vec::new() }
}

/// The position of a result's event.
pub(super) fn position_of(result: &CommandResult) -> Option<Position> {
    let context = Context::from_name(&result.context)?;
    let partition = u32::try_from(result.partition).ok()?;
    Some(Position { context, partition, write_ts: result.write_ts })
}

/// The counts of products by how they ended.
#[derive(Default)]
pub(super) struct Summary {
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
    images_waiting: usize,
}

impl Summary {
    /// Counts a line.
    pub(super) fn count(&mut self, line: &Value) {
        match line["result"].as_str() {
            Some("created") => self.created += 1,
            Some("updated") => self.updated += 1,
            Some("unchanged") => self.unchanged += 1,
            _ => self.refused += 1,
        }
        self.images_waiting += line["images_waiting"].as_array().map_or(0, Vec::len);
    }

    /// The last line of an import that came to its end.
    pub(super) fn json(&self) -> Value {
        json!({"summary": {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "images_waiting": self.images_waiting,
        }})
    }
}

/// A line as it goes to who asked.
pub(super) fn written(line: &Value) -> Result<Bytes, Infallible> {
    Ok(Bytes::from(format!("{line}\n")))
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
}
