//! What may be said on Feira's topics and kept in its tables: ids, money, records, rows, topics and the codec. No I/O.

pub mod ids;
pub mod row;
