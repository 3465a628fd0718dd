//! The foundation of every audience's routes: the server, the table of routes, and the one way in which requests
//! become reads and commands. This crate knows no route: those there are, and what audiences make of the views, are
//! handed to it.

pub mod addresses;
pub mod answers;
pub mod askings;
pub mod cards;
pub mod changes;
pub mod commands;
pub mod context;
pub mod coupons;
pub mod cursor;
pub mod dead_letters;
pub mod derived;
pub mod domains;
pub mod forms;
pub mod generations;
pub mod giver;
pub mod groups;
pub mod groups_json;
pub mod hosts;
pub mod json;
pub mod lags;
pub mod log;
pub mod markup;
pub mod members;
pub mod methods;
pub mod opening;
pub mod passwords;
pub mod payments;
pub mod plans;
pub mod probes;
pub mod problem;
pub mod public;
pub mod quotas;
mod raw_cards;
pub mod reads;
pub mod records;
pub mod reply;
pub mod reports;
pub mod room;
pub mod routing;
pub mod schemas;
pub mod server;
pub mod sessions;
pub mod settings;
pub mod settled;
pub mod shipping;
pub mod shop_tokens;
pub mod site;
pub mod sorted;
pub mod staff;
pub mod standing;
pub mod subscribers;
pub mod team;
pub mod team_json;
pub mod tenants;
pub mod theme;
pub mod tokens;
pub mod writes;

use feira_schemas::api;

/// The schemas that routes of every audience name.
pub fn schemas() -> Vec<schemas::Named> {
    [
        schemas::common(),
        api::settings::schemas(),
        api::staff::schemas(),
        api::staff_group::schemas(),
        api::tenant::token_schemas(),
        commands::schemas(),
    ]
    .concat()
}
