//! The gateways port: the merging of looks at a charge.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod merging;
