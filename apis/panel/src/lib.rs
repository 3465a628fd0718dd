//! The panel: pages for staff that has logged in, pt-BR, which all work without JavaScript. Now for the platform's own staff, at `/operator`
//! on the platform's host.
//!
//! A page is a folder: its routes and what fills it (`mod.rs`), its template. Forms go one way: what was typed is checked, and either the
//! form is shown again with what is wrong beside each field and all that was typed, or the answer is a 303 to a page that says what was done.

mod answer;
mod assets;
mod forgot;
mod frame;
mod home;
mod link;
mod login;
mod shop;
mod team;

use feira_web::routing::Route;

/// The panel's routes.
pub fn routes() -> Vec<Route> {
    let inside = [home::routes(), shop::routes(), team::routes()];
    let outside = [login::routes(), forgot::routes(), link::routes(), assets::routes()];
    [inside.concat(), outside.concat()].concat()
}
