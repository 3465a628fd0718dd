//! The bytes that a value takes in memory, near enough to bound what is kept of it.

use std::io;

use serde::Serialize;

/// Bytes of a value as JSON, without making them: near what its texts take in memory, which is most of any row of ours.
pub fn json_bytes(value: &impl Serialize) -> usize {
    let mut counted = Counted(0);
    // What can't be written as JSON is refused where it is written; here it counts for what was written of it.
    let _ = serde_json::to_writer(&mut counted, value);
    counted.0
}

struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_value_weighs_what_it_is_as_json() {
        let values = [serde_json::json!(null), serde_json::json!({"a": ["é\n", 1.5, {"b": false}]})];
        for value in values {
            assert_eq!(json_bytes(&value), serde_json::to_vec(&value).unwrap().len(), "{value}");
        }
    }
}
