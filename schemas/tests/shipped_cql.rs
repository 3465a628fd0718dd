//! Every table and type that ever shipped stays in `schemas/cql/shipped/<keyspace>_g<generation>.cql`, and none of them changes:
//! a cluster that has it is not changed by `CREATE … IF NOT EXISTS`, and would fail at the first write of a row that has a
//! column more.
//!
//! To change a table, or the fold that fills it: edit `schemas/cql` and the row's struct, give its keyspace the next number in
//! its module of `schemas/src/rows`, and ship that: `FEIRA_SHIP_SCHEMAS=1 cargo test --workspace --test shipped_cql`.
//! This command also ships a table or type that is new in a generation. It never writes over one that has shipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use feira_schemas::{
    generations::KEYSPACES,
    rows::{CQL, keyring, sessions},
};

const SHIP: &str = "FEIRA_SHIP_SCHEMAS=1 cargo test --workspace --test shipped_cql";

/// Every keyspace with its generation and its CQL: those that are folded, the keyring's and the sessions'.
fn keyspaces() -> impl Iterator<Item = (&'static str, u32, &'static str)> {
    let text = |keyspace: &str| CQL.iter().find(|(name, _)| *name == keyspace).unwrap().1;
    let folded = KEYSPACES.iter().map(move |(keyspace, generation)| (*keyspace, *generation, text(keyspace)));
    folded.chain([
        (keyring::KEYSPACE, keyring::GENERATION, keyring::CQL),
        (sessions::KEYSPACE, sessions::GENERATION, sessions::CQL),
    ])
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cql/shipped")
}

/// The statements of a file by what they make (`TABLE feira_admin.token_g1`), comments and white space aside.
fn statements(text: &str) -> BTreeMap<String, String> {
    let text: String =
        text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let one_space = |statement: &str| statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let statements = text.split(';').map(one_space).filter(|statement| !statement.is_empty());
    statements
        .map(|statement| {
            let made = statement.strip_prefix("CREATE ").and_then(|rest| rest.split_once(" IF NOT EXISTS "));
            let (kind, rest) = made.unwrap_or_else(|| panic!("{statement}"));
            let name = rest.split([' ', '(']).next().unwrap();
            (format!("{kind} {name}"), statement)
        })
        .collect()
}

/// The names of the tables and types that have shipped and are not the same any more.
fn changed<'a>(shipped: &'a BTreeMap<String, String>, present: &BTreeMap<String, String>) -> Vec<&'a str> {
    let same = |made: &&String| present.get(*made) == shipped.get(*made);
    shipped.keys().filter(|made| !same(made)).map(String::as_str).collect()
}

/// Ships what is new, if it is told to; else every table and type of this program must have shipped as it is.
#[test]
fn ship_every_table_or_find_it_shipped() {
    let shipping = std::env::var("FEIRA_SHIP_SCHEMAS").is_ok_and(|value| value == "1");
    for (keyspace, generation, text) in keyspaces() {
        let text = text.replace("{g}", &generation.to_string());
        let file = format!("{keyspace}_g{generation}.cql");
        let shipped = statements(&fs::read_to_string(folder().join(&file)).unwrap_or_default());
        let present = statements(&text);
        let changed = changed(&shipped, &present);
        assert!(
            changed.is_empty(),
            "{changed:?} has shipped: clusters that have it stay as they are, whatever schemas/cql/{keyspace}.cql says now. Make \
             the next generation: {keyspace} is {} in schemas/src/rows/{keyspace}.rs, then {SHIP}",
            generation + 1
        );
        if shipped != present {
            assert!(shipping, "schemas/cql/{keyspace}.cql makes what has not shipped yet: {SHIP}");
            fs::create_dir_all(folder()).unwrap();
            fs::write(folder().join(&file), text).unwrap();
        }
    }
    every_generation_is_kept();
}

fn every_generation_is_kept() {
    let file = |keyspace: &str, generation: u32| format!("{keyspace}_g{generation}.cql");
    let expected: BTreeSet<String> = keyspaces()
        .flat_map(|(keyspace, present, _)| (1..=present).map(move |generation| file(keyspace, generation)))
        .collect();
    let found = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().display().to_string());
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

/// The gate itself: what it lets through, and what it does not.
#[test]
fn only_what_is_new_passes() {
    let text = "CREATE TYPE IF NOT EXISTS c.t_g1 (x text); -- a comment\nCREATE TABLE IF NOT EXISTS c.a_g1 (\n  k text,\n\n PRIMARY KEY (k));";
    let shipped = statements(text);
    assert_eq!(shipped.keys().collect::<Vec<_>>(), ["TABLE c.a_g1", "TYPE c.t_g1"]);
    let against = |text: &str| changed(&shipped, &statements(text)).join(", ");
    assert_eq!(against(&text.replace("-- a comment\n", " ")), "");
    assert_eq!(against(&format!("{text} CREATE TABLE IF NOT EXISTS c.b_g1 (k text, PRIMARY KEY (k));")), "");
    assert_eq!(against(&text.replace("k text,", "k text, later bigint,")), "TABLE c.a_g1");
    assert_eq!(against(&text.replace("x text", "x text, y text")), "TYPE c.t_g1");
    assert_eq!(against(&text.replace("c.t_g1", "c.u_g1")), "TYPE c.t_g1", "what has shipped stays");
}
