//! Every row struct and its CQL say the same: columns, keys, nested types. CQL is what a cluster gets, structs are what is
//! written, and the embedded store would not notice a difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use feira_schemas::{
    generations::KEYSPACES,
    ids::KeyId,
    row::{KeyPart, RowKey, RowType, Table},
    rows::{CQL, TABLES, keyring, platform, row_types, sessions},
    sealed::{Envelope, NONCE, Subject, SubjectKind, TAG},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A table or a user-defined type of a keyspace.
#[derive(Debug, Default)]
struct Made {
    columns: Vec<(String, String)>,
    partition_key: Vec<String>,
    clustering_key: Vec<String>,
    seconds_kept: Option<i64>,
    /// The columns that hold sealed values, and the field of each, as the Avro file of the record says that the rows are of.
    sealed: BTreeMap<String, String>,
}

/// The CQL of every keyspace: of those that are folded, of the keyring's and of the sessions'.
fn all_cql() -> impl Iterator<Item = (&'static str, &'static str)> {
    CQL.iter().copied().chain([(keyring::KEYSPACE, keyring::CQL), (sessions::KEYSPACE, sessions::CQL)])
}

/// Everything a keyspace's file makes, by `TYPE name` and `TABLE name`, the generation left out.
fn made(keyspace: &str) -> BTreeMap<String, Made> {
    let (_, text) = all_cql().find(|(name, _)| *name == keyspace).unwrap();
    let text: String = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join(" ");
    let statements = text.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(|statement| statement_of(keyspace, statement)).collect()
}

fn statement_of(keyspace: &str, statement: &str) -> (String, Made) {
    let (statement, options) = statement.split_once(" WITH ").unwrap_or((statement, ""));
    let (mut kept, mut grace): (Option<i64>, Option<i64>) = (None, None);
    for option in options.split(" AND ").filter(|option| !option.is_empty()) {
        match option.split_once(" = ") {
            Some(("default_time_to_live", seconds)) => kept = Some(seconds.parse().unwrap()),
            Some(("gc_grace_seconds", seconds)) => grace = Some(seconds.parse().unwrap()),
            _ => panic!("{option}: other options are for production alone"),
        }
    }
    // What is deleted is forgotten with what was written: no copy brings back a row that has run out.
    assert!(kept.is_none() || grace.is_none() || grace == kept, "{statement}");
    let (head, body) = statement.split_once('(').unwrap();
    let [create, kind, "IF", "NOT", "EXISTS", name] = head.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{head}")
    };
    assert_eq!(create, "CREATE");
    let name = name.strip_prefix(&format!("feira_{keyspace}.")).and_then(|name| name.strip_suffix("_g{g}")).unwrap();
    let mut made = Made { seconds_kept: kept, sealed: sealed_in(keyspace, name), ..Made::default() };
    for part in parts(body.strip_suffix(')').unwrap_or_else(|| panic!("{name}: more than columns and keys"))) {
        if let Some(key) = part.strip_prefix("PRIMARY KEY ") {
            let mut components = parts(&key[1..key.len() - 1]).into_iter();
            let partition = components.next().unwrap();
            made.partition_key = parts(&partition[1..partition.len() - 1]);
            made.clustering_key = components.collect();
        } else {
            let (column, kind) = part.split_once(' ').unwrap();
            made.columns.push((column.to_owned(), kind.to_owned()));
        }
    }
    (format!("{kind} {name}"), made)
}

/// The sealed fields of the record that a table or type is of; none where there is no such record.
fn sealed_in(keyspace: &str, name: &str) -> BTreeMap<String, String> {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let record: String = name.split('_').map(capital).collect();
    let file = |folder: &str| format!("{}/avro/{folder}/{record}.avsc", env!("CARGO_MANIFEST_DIR"));
    let text = [keyspace, "common", "payments"].into_iter().find_map(|folder| fs::read_to_string(file(folder)).ok());
    let Some(text) = text else { return BTreeMap::new() };
    let schema: Value = serde_json::from_str(&text).unwrap();
    let field = |field: &Value| {
        let kind = &field["type"];
        let sealed = kind["sealed"].as_str().or_else(|| kind.as_array()?.last()?["sealed"].as_str())?;
        Some((field["name"].as_str().unwrap().to_owned(), sealed.to_owned()))
    };
    schema["fields"].as_array().into_iter().flatten().filter_map(field).collect()
}

/// Splits at the commas that lie outside all brackets.
fn parts(text: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in text.chars() {
        match character {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            _ => {}
        }
        match character {
            ',' if depth == 0 => parts.push(String::new()),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// A value of a CQL type, as rows have it in JSON: one of everything.
fn value(kind: &str, types: &BTreeMap<String, Made>) -> Value {
    let inner = |of: &str| kind.strip_prefix(of).and_then(|kind| kind.strip_suffix('>')).map(str::to_owned);
    if let Some(kind) = inner("frozen<") {
        return value(&kind, types);
    }
    if let Some(items) = inner("list<") {
        return json!([value(&items, types)]);
    }
    match kind {
        "uuid" => json!("018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"),
        "text" => json!("UNKNOWN"), // Legal in every text and enum.
        "bigint" => json!(4_000_000_000_i64),
        "int" => json!(7),
        "boolean" => json!(true),
        named => {
            let name = named.strip_suffix("_g{g}").and_then(|name| name.rsplit('.').next()).unwrap_or(named);
            object(types.get(&format!("TYPE {name}")).unwrap_or_else(|| panic!("no type {named}")), types)
        }
    }
}

fn object(made: &Made, types: &BTreeMap<String, Made>) -> Value {
    let column = |(name, kind): &(String, String)| {
        let value = made.sealed.get(name).map_or_else(|| value(kind, types), |field| json!(sealed(field)));
        (name.clone(), value)
    };
    Value::Object(made.columns.iter().map(column).collect::<Map<_, _>>())
}

/// The text of a sealed value of this field, which nobody can open.
fn sealed(field: &str) -> String {
    let subject = Subject::new(SubjectKind::Charge, Uuid::from_u128(1));
    let key = KeyId::from_uuid(Uuid::from_u128(2));
    Envelope::new(subject, field, key, [3; NONCE], vec![4; TAG]).unwrap().to_text()
}

/// A row with a value in each column is read and written back the same: no column is missing on either side, in nested types
/// neither. Its key has the columns, in the order and of the types, that the table says.
fn agree(rows: RowType) {
    let table = rows.table;
    let made = made(table.keyspace);
    let of_table = &made[&format!("TABLE {}", table.name)];
    let columns = object(of_table, &made);
    let row = rows.from_json(columns.clone()).unwrap_or_else(|error| panic!("{table:?}: {error}"));
    assert_eq!(row.to_json().unwrap(), columns, "{}.{}", table.keyspace, table.name);
    assert_eq!(of_table.partition_key, table.partition_key, "{}.{}", table.keyspace, table.name);
    assert_eq!(of_table.clustering_key, table.clustering_key, "{}.{}", table.keyspace, table.name);
    assert_eq!(
        of_table.seconds_kept.map(|seconds| seconds * 1_000_000),
        table.kept,
        "{}.{}",
        table.keyspace,
        table.name
    );
    let part = |column: &String| key_part(of_table, column, &columns[column]);
    let key = RowKey::new(
        of_table.partition_key.iter().map(part).collect::<Vec<_>>(),
        of_table.clustering_key.iter().map(part).collect::<Vec<_>>(),
    );
    // Rows of one bucket say so whatever their column holds, and so on: where the key is not the column, the kinds agree.
    let kinds = |key: &RowKey| {
        [&key.partition, &key.clustering].map(|half| half.iter().map(std::mem::discriminant).collect::<Vec<_>>())
    };
    assert_eq!(kinds(&row.row_key()), kinds(&key), "{}.{}", table.keyspace, table.name);
}

fn key_part(made: &Made, column: &str, value: &Value) -> KeyPart {
    let (_, kind) =
        made.columns.iter().find(|(name, _)| name == column).unwrap_or_else(|| panic!("no column {column}"));
    match kind.as_str() {
        "uuid" => KeyPart::Uuid(value.as_str().unwrap().parse().unwrap()),
        "bigint" => value.as_i64().unwrap().into(),
        "text" => value.as_str().unwrap().into(),
        other => panic!("a key column of type {other}"),
    }
}

#[test]
fn every_row_struct_and_its_columns_agree() {
    row_types().chain(keyring::ROWS.iter().copied()).chain(sessions::ROWS.iter().copied()).for_each(agree);
}

#[test]
fn every_table_has_a_struct_and_cql_and_the_other_way_round() {
    let name = |table: &Table| format!("{}.{}", table.keyspace, table.name);
    let listed: BTreeSet<String> = TABLES.iter().map(name).collect();
    assert_eq!(listed.len(), TABLES.len(), "none is listed twice");
    let typed: BTreeSet<String> = row_types().map(|rows| name(&rows.table)).collect();
    let in_cql = CQL.iter().flat_map(|(keyspace, _)| {
        let tables = made(keyspace).into_keys().filter_map(|made| made.strip_prefix("TABLE ").map(str::to_owned));
        tables.map(|table| format!("{keyspace}.{table}")).collect::<Vec<_>>()
    });
    assert_eq!(in_cql.collect::<BTreeSet<_>>(), listed);
    assert_eq!(typed, listed);
}

/// Rows and the progress that says how far they are folded come from one generation, whichever it is. The table in which a
/// program finds that it is too old is where every program looks.
#[test]
fn all_tables_of_a_keyspace_are_of_one_generation() {
    for table in TABLES {
        let (_, of_keyspace) = KEYSPACES.iter().find(|(keyspace, _)| *keyspace == table.keyspace).unwrap();
        let expected = if *table == platform::GENERATION { 1 } else { *of_keyspace };
        assert_eq!(table.generation, expected, "{table:?}");
    }
    let names = |list: Vec<&'static str>| list.into_iter().collect::<BTreeSet<_>>();
    let generations = names(KEYSPACES.iter().map(|(keyspace, _)| *keyspace).collect());
    assert_eq!(generations, names(CQL.iter().map(|(keyspace, _)| *keyspace).collect()));
    assert_eq!(generations.len(), KEYSPACES.len(), "none is listed twice");
}

/// Tables that belong to nobody's shop: names, which a shop is found by, which generations are live, what schema ids mean, how far
/// sweeps are, and what of all shops operators list by month.
const OF_NO_SHOP: [&str; 6] = [
    "platform.generation",
    "platform.schema",
    "platform.sweep",
    "directory.name",
    "signup.subscription_of_month",
    "admin.shop_report_of_month",
];
/// Tables that are read by partition: the progress of a process's loops, the records they have parked, the timers that wait for
/// them, the matters and mails that a runner looks after, and the differences that it counts.
const OF_LOOPS: [&str; 6] = ["progress", "parked", "timer", "open_matter", "open_mail", "open_difference"];

/// The shop stands first in every other key, so that no row can be written or read, one by one or as a list, without naming it.
#[test]
fn s41_every_row_of_a_shop_is_kept_under_the_shop() {
    for table in TABLES {
        let of_no_shop = OF_LOOPS.contains(&table.name)
            || OF_NO_SHOP.contains(&format!("{}.{}", table.keyspace, table.name).as_str());
        assert_eq!(table.partition_key[0] == "tenant_id", !of_no_shop, "{table:?}");
        let made = &made(table.keyspace)[&format!("TABLE {}", table.name)];
        let stamped = made.columns.iter().any(|(column, kind)| column == "tenant_id" && kind == "uuid");
        assert!(
            stamped || ["progress", "schema", "generation", "sweep"].contains(&table.name),
            "{table:?}: whose a row is stands in it"
        );
    }
}

/// Keys are no fold: none of their tables may be of a keyspace that is folded again, or run out.
#[test]
fn the_keyring_is_no_keyspace_that_is_folded_and_none_of_it_runs_out() {
    assert!(
        KEYSPACES.iter().all(|(name, _)| *name != keyring::KEYSPACE)
            && TABLES.iter().all(|table| table.keyspace != keyring::KEYSPACE)
    );
    for table in keyring::ROWS.iter().map(|rows| rows.table) {
        assert_eq!((table.keyspace, table.generation, table.kept), (keyring::KEYSPACE, keyring::GENERATION, None));
        assert_eq!(made(keyring::KEYSPACE)[&format!("TABLE {}", table.name)].seconds_kept, None);
    }
    assert_eq!(made(keyring::KEYSPACE).len(), keyring::ROWS.len());
    assert_eq!(keyring::DATA_KEY.partition_key[0], "tenant_id");
}

/// Sessions are no fold: none of their tables may be of a keyspace that is folded again. All of them run out, and all are of a tenant.
#[test]
fn sessions_are_no_keyspace_that_is_folded_and_all_of_them_run_out() {
    assert!(KEYSPACES.iter().all(|(name, _)| *name != sessions::KEYSPACE));
    assert!(TABLES.iter().all(|table| table.keyspace != sessions::KEYSPACE));
    assert_eq!(sessions::ROWS.iter().map(|rows| rows.table).collect::<Vec<_>>(), sessions::TABLES);
    for table in sessions::TABLES {
        assert_eq!((table.keyspace, table.generation), (sessions::KEYSPACE, sessions::GENERATION));
        assert_eq!((table.partition_key[0], table.kept.is_some()), ("tenant_id", true), "{table:?}");
    }
    let tables = made(sessions::KEYSPACE).into_keys().filter(|made| made.starts_with("TABLE ")).count();
    assert_eq!(tables, sessions::ROWS.len());
}

/// Opaque bytes can't be looked into by whoever operates the cluster; a collection that is not frozen is written cell by cell,
/// so that two writes of a row could leave a mixture.
#[test]
fn nothing_is_a_blob_and_every_collection_and_type_is_frozen() {
    for (keyspace, _) in all_cql() {
        for (name, made) in made(keyspace) {
            for (column, kind) in made.columns {
                let plain = ["uuid", "text", "bigint", "int", "boolean"].contains(&kind.as_str());
                assert!(plain || kind.starts_with("frozen<"), "feira_{keyspace} {name}.{column} is {kind}");
                assert!(!kind.contains("blob"), "feira_{keyspace} {name}.{column}");
            }
        }
    }
}

/// The words that CQL keeps for itself, of Apache Cassandra's and ScyllaDB's lists: as a name without quotes each is an error, which the
/// embedded store would not notice.
const RESERVED: &[&str] = &[
    "add",
    "allow",
    "alter",
    "and",
    "apply",
    "asc",
    "authorize",
    "batch",
    "begin",
    "by",
    "columnfamily",
    "create",
    "default",
    "delete",
    "desc",
    "describe",
    "drop",
    "entries",
    "execute",
    "from",
    "full",
    "grant",
    "if",
    "in",
    "index",
    "infinity",
    "insert",
    "into",
    "is",
    "keyspace",
    "limit",
    "materialized",
    "modify",
    "nan",
    "norecursive",
    "not",
    "null",
    "of",
    "on",
    "or",
    "order",
    "primary",
    "rename",
    "replace",
    "revoke",
    "schema",
    "select",
    "set",
    "table",
    "to",
    "token",
    "truncate",
    "unlogged",
    "unset",
    "update",
    "use",
    "using",
    "view",
    "where",
    "with",
];

#[test]
fn no_column_has_a_word_of_cqls_own_for_a_name() {
    for (keyspace, _) in all_cql() {
        for (name, made) in made(keyspace) {
            for (column, _) in made.columns {
                assert!(!RESERVED.contains(&column.as_str()), "feira_{keyspace} {name}.{column}");
            }
        }
    }
}
