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
    /// The address of who operates the platform.
    contact: Option<&'a str>,
}

/// The privacy notice.
#[derive(Template)]
#[template(path = "legal/privacy.html")]
struct Privacy<'a> {
    frame: &'a Frame,
    version: &'static str,
    /// See [`Terms::contact`].
    contact: Option<&'a str>,
}

async fn terms(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::of(&api, "");
    answer::open(&request, Terms { frame: &frame, version: VERSION, contact: contact(&api) }.render())
}

async fn privacy(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::of(&api, "");
    answer::open(&request, Privacy { frame: &frame, version: VERSION, contact: contact(&api) }.render())
}

fn contact(api: &Api) -> Option<&str> {
    api.config.contact.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_to_who_operates_the_platform_with_the_address_where_there_is_one() {
        let frame = Frame::default();
        for contact in [None, Some("oi@feira.example")] {
            let pages = [
                Terms { frame: &frame, version: VERSION, contact }.render().unwrap_or_default(),
                Privacy { frame: &frame, version: VERSION, contact }.render().unwrap_or_default(),
            ];
            for html in pages {
                assert!(html.contains("quem opera a plataforma"), "{html}");
                assert_eq!(html.contains("href=\"mailto:oi@feira.example\""), contact.is_some(), "{html}");
            }
        }
    }
}
