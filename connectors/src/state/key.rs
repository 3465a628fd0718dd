//! Keys as bytes whose order is the order of the rows, and what every adapter asks of a key.

use feira_schemas::row::{KeyPart, RowKey, Table};
use uuid::Uuid;

use super::StateError;

/// The most bytes one key may take when encoded; Cassandra's and fjall's limit is 65,535, and what is left is room for their own framing.
const MAX_KEY_BYTES: usize = 60_000;

const TAG_BIGINT: u8 = 1;
const TAG_TEXT: u8 = 2;
const TAG_UUID: u8 = 3;

/// Refuses a key that doesn't name exactly one row of the table.
pub(super) fn check_full(table: &Table, key: &RowKey) -> Result<(), StateError> {
    check_prefix(table, key)?;
    if key.clustering.len() != table.clustering_key.len() {
        return Err(refused(table, "a full key needs one value per clustering column"));
    }
    Ok(())
}

/// Refuses a key that doesn't name rows of one partition of the table.
pub(super) fn check_prefix(table: &Table, key: &RowKey) -> Result<(), StateError> {
    if key.partition.len() != table.partition_key.len() {
        return Err(refused(table, "a key needs one value per partition-key column"));
    }
    if key.clustering.len() > table.clustering_key.len() {
        return Err(refused(table, "a key has more clustering values than the table has columns"));
    }
    // CQL knows no empty partition key, but an empty text beside other components is a value like any other.
    if let [KeyPart::Text(text)] = key.partition.as_slice()
        && text.is_empty()
    {
        return Err(refused(table, "a partition key of one text must not be empty"));
    }
    let size: usize = key.partition.iter().chain(&key.clustering).map(part_size).sum();
    if size > MAX_KEY_BYTES {
        return Err(refused(table, &format!("a key takes at most {MAX_KEY_BYTES} bytes")));
    }
    Ok(())
}

fn refused(table: &Table, why: &str) -> StateError {
    StateError::Refused(format!("table {}.{}: {why}", table.keyspace, table.name))
}

fn part_size(part: &KeyPart) -> usize {
    match part {
        KeyPart::BigInt(_) => 9,
        KeyPart::Text(text) => text.len() + 3,
        KeyPart::Uuid(_) => 18,
    }
}

/// The key's bytes. They sort as CQL sorts the components, and the bytes of a prefix are a prefix of the bytes of exactly
/// the keys that begin with it.
pub(super) fn encode(key: &RowKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    for part in key.partition.iter().chain(&key.clustering) {
        encode_part(part, &mut bytes);
    }
    bytes
}

fn encode_part(part: &KeyPart, bytes: &mut Vec<u8>) {
    match part {
        KeyPart::BigInt(value) => {
            bytes.push(TAG_BIGINT);
            // With its sign bit turned over, the smallest number has the smallest bytes.
            bytes.extend_from_slice(&(value.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        }
        KeyPart::Text(text) => {
            bytes.push(TAG_TEXT);
            // A NUL inside is 00 FF and the end is 00 00, so "a" sorts before "a\0" and before "ab", and is a prefix of neither.
            for byte in text.bytes() {
                bytes.push(byte);
                if byte == 0 {
                    bytes.push(0xFF);
                }
            }
            bytes.extend_from_slice(&[0, 0]);
        }
        KeyPart::Uuid(uuid) => {
            bytes.push(TAG_UUID);
            bytes.push(uuid_version(uuid));
            bytes.extend_from_slice(uuid.as_bytes());
        }
    }
}

/// CQL sorts `uuid` by version first and by bytes within one version (its version 1, which nothing here makes, apart).
fn uuid_version(uuid: &Uuid) -> u8 {
    uuid.as_bytes()[6] >> 4
}

/// The smallest bytes above all that begin with `prefix`; `None` if there are none.
pub(super) fn end_of_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xFF)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn bytes(parts: &[KeyPart]) -> Vec<u8> {
        encode(&RowKey::new(parts.to_vec(), []))
    }

    #[test]
    fn bytes_sort_as_the_values_do() {
        let ascending: Vec<Vec<KeyPart>> = vec![
            vec![i64::MIN.into()],
            vec![(-1).into()],
            vec![0.into()],
            vec![i64::MAX.into()],
            vec!["".into()],
            vec!["a".into()],
            vec!["a".into(), 1.into()],
            vec!["a\0".into()],
            vec!["a\0\0".into()],
            vec!["a\u{1}".into()],
            vec!["ab".into()],
            vec!["á".into()],
            vec![Uuid::nil().into()],
            vec!["ffffffff-ffff-4fff-bfff-ffffffffffff".parse::<Uuid>().unwrap().into()],
            vec!["00000000-0000-7000-8000-000000000000".parse::<Uuid>().unwrap().into()],
            vec!["00000000-0000-7000-8000-000000000001".parse::<Uuid>().unwrap().into()],
        ];
        for pair in ascending.windows(2) {
            assert!(bytes(&pair[0]) < bytes(&pair[1]), "{:?} must sort before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn only_keys_that_begin_with_a_prefix_have_its_bytes() {
        let prefix = bytes(&["a".into()]);
        let end = end_of_prefix(&prefix).unwrap();
        let inside = |parts: &[KeyPart]| (prefix.clone()..end.clone()).contains(&bytes(parts));
        assert!(inside(&["a".into(), "".into()]));
        assert!(inside(&["a".into(), "\u{10FFFF}".into(), i64::MAX.into()]));
        for other in ["", "a\0", "ab", "b", "A"] {
            assert!(!inside(&[other.into(), "".into()]), "{other:?}");
        }
    }

    #[test]
    fn a_prefix_of_only_the_highest_bytes_has_no_end() {
        assert_eq!(end_of_prefix(&[0xFF, 0xFF]), None);
        assert_eq!(end_of_prefix(&[1, 0xFF]), Some(vec![2]));
    }
}
