//! Brazil's rules against vectors that were computed from the rules themselves and put to independent libraries: every row of
//! every file is looked at. `vectors/README.md` says where each file comes from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bank_days;
mod boletos;
mod br_codes;
mod documents;
mod money;
mod places;

use std::collections::HashMap;

/// A row of a file of vectors, by its columns' names.
struct Row(HashMap<String, String>);

impl Row {
    fn text(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("no column {column}"))
    }

    /// The cell, unless it is empty.
    fn some(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(&self, column: &str) -> T {
        self.text(column).parse().unwrap_or_else(|error| panic!("{column}: {error:?} in {:?}", self.0))
    }

    fn is(&self, column: &str) -> bool {
        match self.text(column) {
            "yes" => true,
            "no" => false,
            other => panic!("{column}: {other}"),
        }
    }
}

/// The rows of a file, of which there must be so many.
fn rows(file: &str, count: usize) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let row = |cells: csv::StringRecord| Row(columns.iter().zip(&cells).map(|(a, b)| (a.into(), b.into())).collect());
    let rows: Vec<Row> = reader.records().map(|cells| row(cells.unwrap())).collect();
    assert_eq!(rows.len(), count);
    rows
}

/// Numbers without a pattern, the same in each run (a linear congruential generator's upper bits).
fn numbers() -> impl Iterator<Item = u64> {
    let step =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(2026), step).skip(1).map(|state| state >> 33)
}
