//! The decisions of each context, and the rows that come of them: one file per aggregate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod answers;
mod categories;
mod closing;
mod coupons;
mod domains;
mod given;
mod groups;
mod images;
mod imports;
mod listed_methods;
mod listings;
mod low_stock;
mod made_up;
mod methods;
mod names;
mod plan_limits;
mod product_slugs;
mod product_variants;
mod products;
mod provisioning;
mod reports;
mod rows;
mod sample;
mod settings;
mod shipping;
mod shop_names;
mod shops;
mod staff;
mod staff_of_shops;
mod stock;
mod tenants;
mod timers;
mod tokens;
