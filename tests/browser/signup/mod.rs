//! Somebody takes a plan on the platform's site in a real browser, pays at the simulator, and gets a shop with a panel.

mod axe;
mod card;
mod codes;
pub mod form;
pub mod looks;
mod names;
mod panel;
pub mod world;
