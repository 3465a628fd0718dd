//! The operator's book and the README, as the tests read them that hold the book to the program: variables are looked for in
//! `config/tests.rs`, commands in `cli.rs`, metrics here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use feira_schemas::{generations, rows::keyring};

/// The operator's book, from the workspace's folder.
pub(crate) const BOOK: &str = "docs/operating.md";
/// Folders of the workspace's sources.
const SOURCES: [&str; 6] = ["apis", "connectors", "node", "schemas", "src", "streams"];
/// The macros that a metric's name stands behind; with true for a histogram's, which Prometheus is shown as three.
const MACROS: [(&str, bool); 3] = [("counter!(", false), ("gauge!(", false), ("histogram!(", true)];
const OF_A_HISTOGRAM: [&str; 3] = ["bucket", "count", "sum"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file of the workspace.
pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The names in a text that begin so. One that ends with `_` stands for several, and is left out.
pub(crate) fn names(text: &str, prefix: &str) -> BTreeSet<String> {
    let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
    words.filter(|word| word.starts_with(prefix) && !word.ends_with('_')).map(str::to_owned).collect()
}

/// The words behind `feira` of each command in the code of a text in Markdown, up to a comment or the next command.
pub(crate) fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for code in code(text) {
        let words: Vec<&str> = code.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
        // What a pipe or the shell's end of a command parts are commands of their own.
        for part in words.split(|word| matches!(*word, "|" | "&" | "&&" | ";")) {
            if let Some(at) = part.iter().position(|word| *word == "feira") {
                commands.push(part[at + 1..].iter().map(|word| (*word).to_owned()).collect());
            }
        }
    }
    commands
}

/// The fenced lines and the spans of code.
fn code(text: &str) -> Vec<&str> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for part in text.split("```") {
        match fenced {
            true => found.extend(part.lines().skip(1)),
            false => found.extend(part.split('`').skip(1).step_by(2)),
        }
        fenced = !fenced;
    }
    found
}

/// Every metric of the sources, and whether it is a histogram.
fn metrics() -> BTreeMap<String, bool> {
    let mut metrics = BTreeMap::new();
    for folder in SOURCES {
        for file in rust_files(&root().join(folder)) {
            metrics.extend(metrics_of(&fs::read_to_string(file).unwrap()));
        }
    }
    metrics
}

fn metrics_of(source: &str) -> Vec<(String, bool)> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let name_in =
        |rest: &str| rest.trim_start().strip_prefix('"')?.split('"').next().filter(is_name).map(str::to_owned);
    let of_macro = |(before, is_histogram): (&str, bool)| {
        let names: Vec<String> = source.split(before).skip(1).filter_map(name_in).collect();
        names.into_iter().map(move |name| (name, is_histogram))
    };
    MACROS.into_iter().flat_map(of_macro).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.file_name().is_some_and(|name| name != "target") => files.extend(rust_files(&path)),
            false if path.extension().is_some_and(|end| end == "rs") => files.push(path),
            _ => {}
        }
    }
    files
}

#[test]
fn every_metric_that_the_book_names_is_there_and_the_book_names_every_one() {
    let (book, metrics) = (text(BOOK), metrics());
    let keyspaces = generations::KEYSPACES.iter().map(|(name, _)| *name).chain([keyring::KEYSPACE]);
    let mut known: BTreeSet<String> = keyspaces.map(|name| format!("feira_{name}")).collect();
    for (name, is_histogram) in &metrics {
        known.insert(name.clone());
        known.extend(OF_A_HISTOGRAM.iter().filter(|_| *is_histogram).map(|end| format!("{name}_{end}")));
    }
    let named = names(&book, "feira_");
    let unknown: Vec<&String> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "{BOOK} names metrics that there are not: {unknown:?}");
    let unnamed: Vec<&String> = metrics.keys().filter(|name| !book.contains(name.as_str())).collect();
    assert!(unnamed.is_empty(), "{BOOK} does not say what these mean: {unnamed:?}");
    // Of sources that were not found none would be missed.
    assert!(metrics.contains_key("feira_keyring_away") && metrics["feira_txn_commit_seconds"], "{metrics:?}");
}

#[test]
fn a_book_is_read_for_what_it_names() {
    let page = "Say `feira keyring check` of `FEIRA_DATA`, `FEIRA_KAFKA_…`, not feira keyring lost.\n```sh\n\
                sudo feira dlq list --group G | head   # feira x\nfeira topics # all\n```\n`feira` and `feira_x_y`.";
    let commands: Vec<String> = commands(page).iter().map(|words| words.join(" ")).collect();
    assert_eq!(commands, ["keyring check", "dlq list --group G", "topics", ""]);
    assert_eq!(names(page, "FEIRA_").into_iter().collect::<Vec<_>>(), ["FEIRA_DATA"]);
    assert_eq!(names(page, "feira_").into_iter().collect::<Vec<_>>(), ["feira_x_y"]);
    let source =
        "metrics::gauge!(\n    \"feira_a\", \"group\" => g).set(1.0); counter!(name); metrics::histogram!(\"feira_b\")";
    assert_eq!(metrics_of(source), [("feira_a".to_owned(), false), ("feira_b".to_owned(), true)]);
}
