//! A buyer's cart: which products, how many of each, and a coupon's code, in a row that the last process to change it writes. What it shows is made
//! anew for each look from the cards that the shop shows, so no price in it is ever older than the shop's.

mod change;
mod coupon;
mod freight;
mod json;
mod lines;
mod sums;
mod turns;

pub(super) use change::{Change, Wanted, begin, change, find};
pub(super) use coupon::Applied;
pub(super) use freight::{Way, ways};
pub(super) use json::{cart_json, cep, code, quantity, schemas, wanted, ways_json};
pub(super) use lines::{Line, card};
pub(super) use sums::{Shown, shown};
