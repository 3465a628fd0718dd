//! The bodies that the APIs take and give, with the rules that both the JSON Schema and the check of each body are made of.
//!
//! A rule is a constant ([`rules`]): it names the field as refusals call it, and its limit. OpenAPI shows the schema that the
//! rule makes, and a body that breaks the rule is refused by it, so neither can say what the other does not.

pub mod category;
pub mod change;
pub mod coupon;
pub mod dead_letter;
pub mod domain;
pub mod image;
pub mod payment_method;
pub mod payments;
pub mod product;
mod published;
pub mod report;
pub mod rules;
pub mod schema;
pub mod settings;
pub mod shipping;
pub mod signup;
pub mod staff;
pub mod staff_group;
pub mod stock;
pub mod tenant;
