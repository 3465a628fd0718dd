//! The contract of Feira's topics and tables: ids, money, Brazil's numbers and codes, records, rows,
//! topics and the codec. No I/O.

pub mod access;
pub mod api;
pub mod avro;
pub mod brazil;
pub mod budget;
pub mod catalogue;
pub mod codec;
pub mod coupons;
pub mod gateway;
pub mod generations;
pub mod groups;
pub mod hosts;
pub mod ids;
pub mod limits;
pub mod money;
pub mod problem;
pub mod records;
pub mod refusals;
pub mod row;
pub mod rows;
pub mod sealed;
pub mod secret;
pub mod secrets;
pub mod shipping;
pub mod signup_days;
pub mod signup_link;
pub mod staff;
pub mod text;
pub mod time;
pub mod topics;
pub mod weight;
