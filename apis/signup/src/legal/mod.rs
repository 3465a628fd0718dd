//! `/termos` and `/privacidade`: what one accepts by subscribing, and what becomes of what one types.

use std::sync::Arc;

use askama::Template;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

use crate::{answer, frame::Frame};

/// The version of terms and privacy notice, which each subscription keeps: another text is another version.
pub(crate) const VERSION: &str = "2026-11";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/termos", terms).on_platform().page().says("Shows the terms of use."),
        Route::get("/privacidade", privacy).on_platform().page().says("Shows the privacy notice."),
    ]
}

/// The terms of use.
#[derive(Template)]
#[template(path = "legal/terms.html")]
struct Terms<'a> {
    frame: &'a Frame,
    version: &'static str,
}

/// The privacy notice.
#[derive(Template)]
#[template(path = "legal/privacy.html")]
struct Privacy<'a> {
    frame: &'a Frame,
    version: &'static str,
}

async fn terms(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::of(&api, "");
    answer::open(&request, Terms { frame: &frame, version: VERSION }.render())
}

async fn privacy(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::of(&api, "");
    answer::open(&request, Privacy { frame: &frame, version: VERSION }.render())
}
