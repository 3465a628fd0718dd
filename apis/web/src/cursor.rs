//! Cursors of lists that are sorted here: opaque, and bound to the query they belong to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

#[derive(Serialize, Deserialize)]
struct Cursor<K> {
    query: String,
    last: K,
}

/// One page of `sorted`, whose items' keys are unique: at most `limit` items behind the cursor, and the next cursor. A key of several
/// parts is a tuple: joined to one text, a part that holds what joins them would sort elsewhere than it stands.
///
/// `query` is everything that makes this list another one: filters and sort.
pub fn page<'a, T, K: Ord + Serialize + DeserializeOwned>(
    sorted: &'a [T],
    key: impl Fn(&T) -> K,
    query: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<(&'a [T], Option<String>), Problem> {
    let last = after.map(|after| open(after, query)).transpose()?;
    let start = last.map_or(0, |last| sorted.partition_point(|item| key(item) <= last));
    let end = (start + limit).min(sorted.len());
    let page = &sorted[start..end];
    let next = page.last().filter(|_| end < sorted.len()).map(|item| seal(key(item), query));
    Ok((page, next))
}

/// Reads a cursor that `seal` made; a problem if it was not made for this query.
pub fn open<K: DeserializeOwned>(after: &str, query: &str) -> Result<K, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(after).ok();
    let cursor: Option<Cursor<K>> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    cursor.filter(|cursor| cursor.query == fingerprint(query)).map(|cursor| cursor.last).ok_or_else(Problem::bad_cursor)
}

/// The cursor behind an item of this key, in the list of this query.
pub fn seal<K: Serialize>(last: K, query: &str) -> String {
    let cursor = Cursor { query: fingerprint(query), last };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

fn fingerprint(query: &str) -> String {
    hex::encode(&Sha256::digest(query)[..8])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::problem::Code;

    use super::*;

    #[test]
    fn pages_follow_one_another_without_gap_or_double() {
        let all: Vec<u32> = (10..35).collect();
        let key = |item: &u32| item.to_string();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (items, next) = page(&all, key, "q", after.as_deref(), 10).unwrap();
            seen.extend_from_slice(items);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_part_of_a_key_may_hold_any_sign() {
        let mut all: Vec<(String, u32)> = ["a", "a\0", "a\0b", "a\u{1}", "a b", "ab", "", "\0"]
            .iter()
            .flat_map(|name| [7, 70].map(|id| ((*name).to_owned(), id)))
            .collect();
        all.sort();
        for limit in 1..all.len() {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let (items, next) = page(&all, Clone::clone, "q", after.as_deref(), limit).unwrap();
                seen.extend_from_slice(items);
                after = next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, all, "{limit} a page");
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let all: Vec<u32> = (10..35).collect();
        let (_, next) = page(&all, u32::to_string, "q", None, 10).unwrap();
        for (query, after) in [("other", next.unwrap()), ("q", "x".into()), ("q", String::new()), ("q", "e30".into())] {
            let refused = page(&all, u32::to_string, query, Some(&after), 10).unwrap_err();
            assert_eq!((refused.code, refused.status().as_u16()), (Code::BadCursor, 400));
        }
    }
}
