//! `/api/store/v1/suggest`: what the words that a buyer begins may become.

use std::sync::Arc;

use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};
use serde_json::{Value, json};

use crate::{answer, shop};

/// More than a list under a search box shows without scrolling helps nobody.
const SUGGESTIONS: usize = 8;

const Q: Parameter = Parameter::new("q", Kind::Text(1_024), "What was typed so far; nothing suggests nothing.");

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/suggest", suggest)
        .says("Suggests names of products that complete what was typed.")
        .query([Q])
        .gives_json("At most eight suggestions, best first.", "Suggestions")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(304, "The client has these suggestions.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn suggest(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::lists_caught_up(&api, &request).await?;
    shop::is_open(&api, request.tenant).await?;
    let typed = request.query.text("q").unwrap_or_default();
    let found = api.readers.search.suggest(request.tenant, typed, SUGGESTIONS).await?;
    let items = found.into_iter().map(|suggestion| match suggestion.slug {
        Some(slug) => json!({"text": suggestion.text, "slug": slug}),
        None => json!({"text": suggestion.text}),
    });
    let items: Vec<Value> = items.collect();
    Ok(answer::json(&request, json!({"items": items}).to_string()))
}
