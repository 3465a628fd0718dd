//! The admin API: a shop's staff, on the shop's host, with the shop's token.

pub mod categories;
pub mod changes;
pub mod commands;
pub mod coupons;
pub mod domain;
pub mod export;
pub mod images;
pub mod import;
mod kinds;
pub mod listing;
pub mod logo;
pub mod low_stock;
pub mod many;
pub mod methods;
pub mod products;
pub mod settings;
pub mod shipping;
pub mod shopify;
pub mod staff;
pub mod staff_groups;
pub mod stock;
pub mod tokens;
pub mod uploads;

use feira_schemas::api::{
    category, change, coupon, image, payment_method, product, shipping as shipping_bodies, stock as stock_bodies,
};
use feira_web::{routing::Route, schemas::Named};

/// The admin API's routes.
pub fn routes() -> Vec<Route> {
    [
        products::routes(),
        listing::routes(),
        stock::routes(),
        low_stock::routes(),
        images::routes(),
        categories::routes(),
        settings::routes(),
        logo::routes(),
        staff::routes(),
        staff_groups::routes(),
        tokens::routes(),
        methods::routes(),
        coupons::routes(),
        domain::routes(),
        shipping::routes(),
        changes::routes(),
        commands::routes(),
        import::routes(),
        export::routes(),
    ]
    .concat()
}

/// The schemas of the admin API's bodies.
pub fn schemas() -> Vec<Named> {
    [
        product::schemas(),
        stock_bodies::schemas(),
        image::schemas(),
        category::schemas(),
        payment_method::schemas(),
        coupon::schemas(),
        feira_schemas::api::domain::schemas(),
        shipping_bodies::schemas(),
        change::schemas(),
        import::schemas(),
    ]
    .concat()
}
