//! The answers that the clients got, kept outside the data folder: a line per answer, on the disk before the next question.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::Mutex,
};

use feira_schemas::records::common::CommandResult;
use serde::{Deserialize, Serialize};

use super::plan::Client;

/// A step that was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub client: Client,
    pub step: usize,
    pub result: CommandResult,
}

/// The file, open for more.
pub struct Journal(Mutex<File>);

impl Journal {
    pub fn open(path: &Path) -> Self {
        Self(Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap()))
    }

    /// Keeps an answer. One call writes the whole line, so an end in between leaves all of it or nothing.
    pub fn keep(&self, entry: &Entry) {
        let line = serde_json::to_string(entry).unwrap() + "\n";
        let mut file = self.0.lock().unwrap();
        file.write_all(line.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }
}

/// Every client's answers, in order. A step that is there twice or missing between two others is a fault of the test.
pub fn read(path: &Path) -> BTreeMap<Client, Vec<Entry>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut entries: BTreeMap<Client, Vec<Entry>> = BTreeMap::new();
    for line in text.lines() {
        let entry: Entry = serde_json::from_str(line).unwrap();
        let of = entries.entry(entry.client).or_default();
        assert_eq!(entry.step, of.len(), "{entry:?}");
        of.push(entry);
    }
    entries
}
