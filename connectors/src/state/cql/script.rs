//! A context's CQL file, parsed: its statements, the tables and types that they make, and their columns.

use std::collections::BTreeMap;

use feira_schemas::row::Table;

use crate::state::StateError;

/// The statements that make these tables of one context, types first, `{g}` filled in.
///
/// A file names all of its context's tables; those that were not asked for in a generation are left out of it.
pub(super) fn statements(context: &str, text: &str, tables: &[Table]) -> Result<Vec<String>, StateError> {
    let all = split(text);
    let mut generations: Vec<_> = tables.iter().map(|table| table.generation).collect();
    generations.sort_unstable();
    generations.dedup();
    let types = all.iter().filter(|statement| creates(statement, "TYPE"));
    let mut wanted: Vec<_> =
        generations.iter().flat_map(|generation| types.clone().map(|text| fill(text, *generation))).collect();
    for table in tables {
        let place = format!("feira_{context}.{}_g{{g}}", table.name);
        let makes = |statement: &&String| creates(statement, "TABLE") && names(statement, &place);
        let statement = all
            .iter()
            .find(makes)
            .ok_or_else(|| StateError::Refused(format!("schemas/cql/{context}.cql has no CREATE TABLE for {place}")))?;
        if statement.to_ascii_uppercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "DESC") {
            return Err(StateError::Refused(format!("{place}: rows are read ascending; leave CLUSTERING ORDER out")));
        }
        wanted.push(fill(statement, table.generation));
    }
    Ok(wanted)
}

/// A table or user-defined type that a statement makes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// `TABLE`, or `TYPE`.
    pub(super) kind: &'static str,
    /// The name without its keyspace.
    pub(super) name: String,
    /// The columns of a table or fields of a type, each with the words of its type.
    pub(super) columns: BTreeMap<String, TypeWords>,
}

/// A type's names from outside inwards, `frozen` left out: `frozen<map<text, bigint>>` is `map`, `text`, `bigint`. Since each
/// has a known number of parameters, no two types have the same words.
pub(super) type TypeWords = Vec<String>;

/// Reads what a statement of [`statements`] makes.
pub(super) fn made(statement: &str) -> Result<Made, StateError> {
    let unread = || StateError::Refused(format!("this CQL is not CREATE TABLE or TYPE with its columns: {statement}"));
    let kind = ["TABLE", "TYPE"].into_iter().find(|kind| creates(statement, kind)).ok_or_else(unread)?;
    let (head, body) = statement.split_once('(').ok_or_else(unread)?;
    let (_, name) = head.split_ascii_whitespace().find_map(|word| word.split_once('.')).ok_or_else(unread)?;
    let columns = parts(body).into_iter().filter_map(column).collect();
    Ok(Made { kind, name: name.to_owned(), columns })
}

/// A body's parts: what its commas outside all brackets part, up to the bracket that closes it.
fn parts(body: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in body.char_indices() {
        match character {
            '(' | '<' => depth += 1,
            ')' if depth == 0 => {
                parts.push(&body[start..at]);
                break;
            }
            ')' | '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// A column with its type's words; none where the part is the table's key.
fn column(part: &str) -> Option<(String, TypeWords)> {
    let (name, rest) = part.trim().split_once(|c: char| c.is_ascii_whitespace())?;
    if name.eq_ignore_ascii_case("PRIMARY") {
        return None;
    }
    let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => quoted.to_owned(),
        None => name.to_ascii_lowercase(),
    };
    let rest = rest.to_ascii_lowercase();
    let words = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).take_while(|word| *word != "primary");
    let words = words.filter(|word| !["", "frozen", "static"].contains(word)).map(str::to_owned);
    Some((name, words.collect()))
}

fn fill(statement: &str, generation: u32) -> String {
    statement.replace("{g}", &generation.to_string())
}

fn creates(statement: &str, what: &str) -> bool {
    let mut words = statement.split_ascii_whitespace();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("CREATE"))
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case(what))
}

/// True if the statement's own name, the first place with a dot in it, is `place`.
fn names(statement: &str, place: &str) -> bool {
    statement.split(|c: char| c.is_ascii_whitespace() || c == '(').find(|word| word.contains('.')) == Some(place)
}

/// The text's statements without its comments. A semicolon inside quotes ends nothing.
fn split(text: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '-' if rest.starts_with("--") => skipped(rest, "\n"),
            '/' if rest.starts_with("//") => skipped(rest, "\n"),
            '/' if rest.starts_with("/*") => skipped(rest, "*/"),
            ';' => {
                statements.push(String::new());
                1
            }
            quote @ ('\'' | '"') => {
                // A doubled quote is two quoted texts side by side, which copies the same.
                let end = rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
                push(&mut statements, &rest[..end]);
                end
            }
            other => {
                push(&mut statements, &rest[..other.len_utf8()]);
                other.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    statements.into_iter().map(|statement| statement.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

fn push(statements: &mut [String], text: &str) {
    if let Some(statement) = statements.last_mut() {
        statement.push_str(text);
    }
}

fn skipped(rest: &str, end: &str) -> usize {
    rest.find(end).map_or(rest.len(), |at| at + end.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    static ONE: Table = TEMPLATE;
    static ONE_LATER: Table = Table { generation: 3, ..TEMPLATE };
    static TWO: Table = Table { name: "two", ..TEMPLATE };
    const TEMPLATE: Table =
        Table { keyspace: "c", name: "one", generation: 1, partition_key: &["a"], clustering_key: &[], kept: None };

    const TEXT: &str = "-- a comment; with a semicolon
        CREATE TYPE IF NOT EXISTS feira_c.t_g{g} (x text); // another;
        create table if not exists feira_c.one_g{g}(a text PRIMARY KEY) WITH comment = 'it''s; one'; /* third; */
        CREATE TABLE IF NOT EXISTS feira_c.one_more_g{g} (a text PRIMARY KEY);
        CREATE TABLE IF NOT EXISTS feira_c.two_g{g} (a text, b text, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b DESC)";

    #[test]
    fn the_tables_asked_for_are_made_in_their_generations() {
        let made = statements("c", TEXT, &[ONE, ONE_LATER]).unwrap();
        assert_eq!(
            made,
            [
                "CREATE TYPE IF NOT EXISTS feira_c.t_g1 (x text)",
                "CREATE TYPE IF NOT EXISTS feira_c.t_g3 (x text)",
                "create table if not exists feira_c.one_g1(a text PRIMARY KEY) WITH comment = 'it''s; one'",
                "create table if not exists feira_c.one_g3(a text PRIMARY KEY) WITH comment = 'it''s; one'",
            ]
        );
    }

    #[test]
    fn a_statement_says_which_columns_it_makes() {
        let columns = |list: &[(&str, &[&str])]| {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            list.iter().map(|(name, kind)| ((*name).to_owned(), words(kind))).collect()
        };
        let table = "CREATE TABLE IF NOT EXISTS feira_c.one_g1(Id uuid, \"Of\" frozen<map<text, frozen<t_g1>>>,
            plain TEXT, PRIMARY KEY ((id, \"Of\"), plain)) WITH comment = 'a, (b)' AND x = {'y': 1}";
        let made_of_it = columns(&[("id", &["uuid"]), ("Of", &["map", "text", "t_g1"]), ("plain", &["text"])]);
        assert_eq!(made(table).unwrap(), Made { kind: "TABLE", name: "one_g1".to_owned(), columns: made_of_it });
        let short = made("create table feira_c.two_g1 (a text PRIMARY KEY)").unwrap();
        assert_eq!(short.columns, columns(&[("a", &["text"])]));
        let typ = made("CREATE TYPE IF NOT EXISTS feira_c.t_g1 (x text, values frozen<list<int>>)").unwrap();
        let made_of_it = columns(&[("x", &["text"]), ("values", &["list", "int"])]);
        assert_eq!(typ, Made { kind: "TYPE", name: "t_g1".to_owned(), columns: made_of_it });
        assert!(made("CREATE INDEX i ON feira_c.one_g1 (a)").is_err());
    }

    #[test]
    fn a_table_that_the_file_lacks_or_sorts_downwards_is_refused() {
        let error = statements("c", "CREATE TABLE feira_c.other_g{g} (a text PRIMARY KEY)", &[ONE]).unwrap_err();
        assert!(error.to_string().contains("feira_c.one_g{g}"), "{error}");
        assert!(statements("c", TEXT, &[TWO]).unwrap_err().to_string().contains("ascending"));
    }
}
