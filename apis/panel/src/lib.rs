//! The panel: pages for staff that has logged in, pt-BR, which all work without JavaScript. For the platform's own staff at `/operator` on
//! the platform's host, and for a shop's at `/admin` on the shop's sub-domain: both get in and out by the same pages ([`audience`]).
//!
//! A page is a folder: its routes and what fills it (`mod.rs`), its template, and what it says in words where that is more
//! than a few lines (`model.rs`, pure). Forms go one way: what was typed is checked, and either the
//! form is shown again with what is wrong beside each field and all that was typed, or the answer is a 303 to a page that says what was done.

mod answer;
mod assets;
mod audience;
mod catalogue;
mod categories;
mod changes;
mod coupons;
mod dead_letters;
mod domain;
mod forgot;
mod format;
mod forms;
mod frame;
mod gateways;
mod groups;
mod health;
mod home;
mod link;
mod listed;
mod login;
mod methods;
mod own_shop;
mod permissions;
mod plans;
mod product;
mod reports;
mod settings;
mod shipping;
mod shop;
mod stock;
mod subscribers;
mod team;
mod tokens;
mod topics;

use feira_web::routing::Route;

/// The panel's routes.
pub fn routes() -> Vec<Route> {
    [
        home::routes(),
        shop::routes(),
        plans::routes(),
        subscribers::routes(),
        reports::routes(),
        dead_letters::routes(),
        topics::routes(),
        health::routes(),
        team::routes(),
        groups::routes(),
        tokens::routes(),
        changes::routes(),
        own_shop::routes(),
        methods::routes(),
        product::routes(),
        categories::routes(),
        stock::routes(),
        coupons::routes(),
        settings::routes(),
        domain::routes(),
        gateways::routes(),
        shipping::routes(),
        catalogue::routes(),
        login::routes(),
        forgot::routes(),
        link::routes(),
        assets::routes(),
    ]
    .concat()
}
