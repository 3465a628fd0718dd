//! Cursors: where a page ended, bound to the query it was a page of.
//!
//! Bytes: layout version (1), the first 8 bytes of a SHA-256 over tenant, query and sort, the last hit's product id
//! (16), and its sort key: `n` and 8 bytes big endian, or `t` and UTF-8 text. Written as unpadded base64url.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::search::{SearchQuery, ShardError, ShardId};

const LAYOUT: u8 = 1;
const HEADER: usize = 1 + 8 + 16;
/// A name has at most 255 characters; anything longer than this was not written here.
const MAX_CURSOR_CHARS: usize = 4_096;

/// The key that hits are ordered by, ascending; one query uses one kind only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// Any order by numbers, turned so that smaller comes first.
    Number(u64),
    /// A folded name, compared as text.
    Text(String),
}

/// The last hit of a page: the next page begins behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub key: SortKey,
    pub product: u128,
}

impl Cursor {
    /// The opaque text for clients.
    pub fn encode(&self, query: [u8; 8]) -> String {
        let mut bytes = vec![LAYOUT];
        bytes.extend_from_slice(&query);
        bytes.extend_from_slice(&self.product.to_be_bytes());
        match &self.key {
            SortKey::Number(number) => {
                bytes.push(b'n');
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            SortKey::Text(text) => {
                bytes.push(b't');
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a client's text back; it must be a cursor of the query with this fingerprint.
    pub fn decode(text: &str, query: [u8; 8]) -> Result<Self, ShardError> {
        if text.len() > MAX_CURSOR_CHARS {
            return Err(ShardError::BadCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ShardError::BadCursor)?;
        let (header, key) = bytes.split_at_checked(HEADER).ok_or(ShardError::BadCursor)?;
        if header[0] != LAYOUT || header[1..9] != query {
            return Err(ShardError::BadCursor);
        }
        let product = u128::from_be_bytes(header[9..].try_into().map_err(|_| ShardError::BadCursor)?);
        let key = match key.split_first() {
            Some((b'n', number)) => {
                SortKey::Number(u64::from_be_bytes(number.try_into().map_err(|_| ShardError::BadCursor)?))
            }
            Some((b't', text)) => SortKey::Text(String::from_utf8(text.to_vec()).map_err(|_| ShardError::BadCursor)?),
            _ => return Err(ShardError::BadCursor),
        };
        Ok(Self { key, product })
    }
}

/// The hash that a cursor is bound to: of the tenant, the filters and the order, but neither the page's size nor its
/// facets.
pub fn fingerprint(shard: ShardId, query: &SearchQuery) -> [u8; 8] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(shard.tenant.uuid().as_bytes());
    part(query.text.as_deref().unwrap_or_default().trim().as_bytes());
    // Debug text of plain values is stable as long as the layout version is; a change of it only ends old cursors.
    part(format!("{:?}", (query.sort, query.status, query.lacking, query.min_price, query.max_price)).as_bytes());
    part(categories(query).as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    first
}

/// The filter by categories, in whatever order it is given.
fn categories(query: &SearchQuery) -> String {
    fn sorted<T: Ord + Clone>(values: &[T]) -> Vec<T> {
        let mut values = values.to_vec();
        values.sort_unstable();
        values.dedup();
        values
    }
    match &query.asked_categories {
        Some(asked) => format!("asked {:?}", sorted(asked)),
        None => format!("{:?}", query.categories.as_deref().map(sorted)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::ids::{CategoryId, TenantId};
    use uuid::Uuid;

    use super::*;
    use crate::search::{Lack, Sort};

    fn shard(tenant: u128) -> ShardId {
        ShardId { partition: 0, tenant: TenantId::from_uuid(Uuid::from_u128(tenant)) }
    }

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        let query = fingerprint(shard(1), &SearchQuery::default());
        for key in [SortKey::Number(u64::MAX - 3), SortKey::Text("açaí 1".into()), SortKey::Text(String::new())] {
            let cursor = Cursor { key, product: 1 << 100 };
            assert_eq!(Cursor::decode(&cursor.encode(query), query).unwrap(), cursor);
        }
    }

    #[test]
    fn a_cursor_of_another_query_tenant_or_hand_is_refused() {
        let base = SearchQuery { text: Some("caneca".into()), ..SearchQuery::default() };
        let query = fingerprint(shard(1), &base);
        let text = Cursor { key: SortKey::Number(7), product: 7 }.encode(query);
        let category = Some(vec![CategoryId::from_uuid(Uuid::from_u128(5))]);
        for other in [
            fingerprint(shard(2), &base),
            fingerprint(shard(1), &SearchQuery { text: Some("canecas".into()), ..base.clone() }),
            fingerprint(shard(1), &SearchQuery { sort: Sort::Name, ..base.clone() }),
            fingerprint(shard(1), &SearchQuery { min_price: Some(0), ..base.clone() }),
            fingerprint(shard(1), &SearchQuery { lacking: Some(Lack::Weight), ..base.clone() }),
            fingerprint(shard(1), &SearchQuery { categories: category, ..base.clone() }),
        ] {
            assert!(matches!(Cursor::decode(&text, other), Err(ShardError::BadCursor)));
        }
        for garbage in ["", "x", "====", "AAAA", &text[1..], &text[..text.len() - 2], &"A".repeat(9_000)] {
            assert!(matches!(Cursor::decode(garbage, query), Err(ShardError::BadCursor)), "{garbage}");
        }
    }

    #[test]
    fn f09_a_cursor_is_bound_to_the_categories_as_they_were_asked_for() {
        let asked = |names: &[&str], ids: &[u128]| SearchQuery {
            categories: Some(ids.iter().map(|id| CategoryId::from_uuid(Uuid::from_u128(*id))).collect()),
            asked_categories: Some(names.iter().map(|name| (*name).to_owned()).collect()),
            ..SearchQuery::default()
        };
        let query = fingerprint(shard(1), &asked(&["moda", "casa"], &[1, 2]));
        assert_eq!(fingerprint(shard(1), &asked(&["casa", "moda"], &[3, 2, 1])), query, "a sub-category was made");
        for other in [asked(&["moda"], &[1, 2]), asked(&[], &[1, 2]), asked(&["moda, casa"], &[1, 2])] {
            assert_ne!(fingerprint(shard(1), &other), query);
        }
    }

    #[test]
    fn size_of_the_page_and_facets_do_not_end_a_cursor() {
        let small = SearchQuery { limit: 2, ..SearchQuery::default() };
        let large = SearchQuery { limit: 50, facets: true, ..SearchQuery::default() };
        assert_eq!(fingerprint(shard(1), &small), fingerprint(shard(1), &large));
    }
}
