//! Kafka's default partitioner, so that every client puts a key into the same partition.

/// The partition of `key` among `n`: `toPositive(murmur2(key)) % n` as the Java clients compute it. `n` of 0 is taken
/// as 1.
pub fn murmur2_partition(key: &[u8], n: u32) -> u32 {
    (murmur2(key) & 0x7fff_ffff) % n.max(1)
}

/// MurmurHash2, 32 bits, with the seed that Kafka's clients use (org.apache.kafka.common.utils.Utils.murmur2).
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    const SEED: u32 = 0x9747_b28c;
    // Java's array length is an i32, so the hash takes the length modulo 2^32.
    let mut hash = SEED ^ data.len() as u32;
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let mut k = word.iter().rev().fold(0u32, |k, byte| k << 8 | u32::from(*byte)).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0u32, |k, byte| k << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_the_java_client_does() {
        // The cases of UtilsTest.testMurmur2 in Apache Kafka.
        let cases: [(&str, i32); 6] = [
            ("21", -973932308),
            ("foobar", -790332482),
            ("a-little-bit-long-string", -985981536),
            ("a-little-bit-longer-string", -1486304829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
            ("abc", 479470107),
        ];
        for (key, hash) in cases {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
    }

    #[test]
    fn a_negative_hash_gives_a_partition_of_the_positive_part() {
        assert_eq!(murmur2_partition(b"foobar", 12), (-790332482i32 & 0x7fff_ffff) as u32 % 12);
        assert_eq!(murmur2_partition(b"anything", 0), 0);
    }
}
