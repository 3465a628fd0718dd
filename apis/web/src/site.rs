//! Everything that a process answers by HTTP, as whoever joins the audiences hands it to the process.

use crate::{context::ErrorPages, routing::Route};

/// The routes and error pages of all audiences.
#[derive(Clone, Copy)]
pub struct Site {
    /// Makes the table of routes, those asked for most first.
    pub routes: fn() -> Vec<Route>,
    /// Makes the page of an error for people.
    pub error_page: ErrorPages,
}
