//! `/operator/assets/{file}` and `/admin/assets/{file}`: the panel's stylesheet, under a name that holds the hash of its content.

use std::sync::{Arc, LazyLock};

use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::audience::{Audience, OPERATORS, SHOP};

const STYLE: &str = include_str!("panel.css");

/// Forty-eight bits of the hash tell releases apart.
static NAME: LazyLock<String> = LazyLock::new(|| format!("panel.{}.css", hex::encode(&Sha256::digest(STYLE)[..6])));
static OF_OPERATORS: LazyLock<String> = LazyLock::new(|| address(OPERATORS));
static OF_SHOP: LazyLock<String> = LazyLock::new(|| address(SHOP));

pub(crate) fn routes() -> Vec<Route> {
    let served = |audience: Audience| {
        audience
            .puts(Route::get(audience.assets, asset))
            .gives(200, "The stylesheet.", Some(("text/css", "Text")))
            .with_headers(&["Cache-Control"])
            .says("Serves the panel's stylesheet, whose name holds the hash of its content.")
    };
    Audience::ALL.map(served).into()
}

fn address(audience: Audience) -> String {
    audience.assets.replace("{file}", &NAME)
}

/// The address of an audience's stylesheet.
pub(crate) fn stylesheet(audience: Audience) -> &'static str {
    if audience == OPERATORS { &OF_OPERATORS } else { &OF_SHOP }
}

async fn asset(_: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = request.param(0);
    if !asked.starts_with("panel.") || !asked.ends_with(".css") {
        return Err(Problem::no_such_address());
    }
    let mut response = reply::content(HeaderValue::from_static("text/css; charset=utf-8"), STYLE);
    // A name of another release is answered while a deployment rolls, and `panel.css` to pages of errors: both are soon asked for
    // again.
    let kept = if asked == *NAME { "public, max-age=31536000, immutable" } else { "public, max-age=60" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}
