//! `/operator/assets/{file}` and `/admin/assets/{file}`: the panel's stylesheet and its script, under names that hold the hash of their
//! content.

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

/// A file of the panel.
struct File {
    /// The name behind the hash.
    ending: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const STYLE: File = File { ending: "css", content_type: "text/css; charset=utf-8", content: include_str!("panel.css") };
const SCRIPT: File =
    File { ending: "js", content_type: "text/javascript; charset=utf-8", content: include_str!("panel.js") };
const ALL: [&File; 2] = [&STYLE, &SCRIPT];

static STYLES: LazyLock<Addresses> = LazyLock::new(|| Addresses::of(&STYLE));
static SCRIPTS: LazyLock<Addresses> = LazyLock::new(|| Addresses::of(&SCRIPT));

/// The name of a file, and its address on each panel.
struct Addresses {
    name: String,
    of_operators: String,
    of_shop: String,
}

impl Addresses {
    fn of(file: &File) -> Self {
        let name = file.name();
        let address = |audience: Audience| audience.assets.replace("{file}", &name);
        Self { of_operators: address(OPERATORS), of_shop: address(SHOP), name }
    }

    fn on(&self, audience: Audience) -> &str {
        if audience == OPERATORS { &self.of_operators } else { &self.of_shop }
    }
}

impl File {
    /// Forty-eight bits of the hash tell releases apart.
    fn name(&self) -> String {
        format!("panel.{}.{}", hex::encode(&Sha256::digest(self.content)[..6]), self.ending)
    }

    /// True if a name is this file's, of whatever release, or without one.
    fn is_called(&self, name: &str) -> bool {
        let hash = name.strip_prefix("panel").and_then(|rest| rest.strip_suffix(self.ending));
        hash.is_some_and(|hash| hash == "." || (hash.len() > 2 && hash.starts_with('.') && hash.ends_with('.')))
    }

    /// The name of this release.
    fn name_now(&self) -> &'static str {
        if self.ending == SCRIPT.ending { &SCRIPTS.name } else { &STYLES.name }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let served = |audience: Audience| {
        audience
            .puts(Route::get(audience.assets, asset))
            .gives(200, "The file, with the media type of its kind.", Some(("*/*", "Text")))
            .with_headers(&["Cache-Control"])
            .says("Serves the panel's stylesheet and script, whose names hold the hash of their content.")
    };
    Audience::ALL.map(served).into()
}

/// The address of an audience's stylesheet.
pub(crate) fn stylesheet(audience: Audience) -> &'static str {
    STYLES.on(audience)
}

/// The address of an audience's script.
pub(crate) fn script(audience: Audience) -> &'static str {
    SCRIPTS.on(audience)
}

async fn asset(_: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = request.param(0);
    let file = ALL.into_iter().find(|file| file.is_called(asked)).ok_or_else(Problem::no_such_address)?;
    let mut response = reply::content(HeaderValue::from_static(file.content_type), file.content);
    // A name of another release is answered while a deployment rolls, and `panel.css` to pages of errors: both are soon asked for
    // again.
    let kept = if asked == file.name_now() { "public, max-age=31536000, immutable" } else { "public, max-age=60" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_and_no_other() {
        for (file, other) in [(&STYLE, &SCRIPT), (&SCRIPT, &STYLE)] {
            assert!(file.is_called(file.name_now()) && !other.is_called(file.name_now()), "{}", file.name_now());
            assert!(file.is_called(&format!("panel.000000000000.{}", file.ending)), "of another release");
        }
        assert!(STYLE.is_called("panel.css"), "of a page of an error");
        for name in ["", "panel", "panel..css", "panelx.css", "../panel.a.css", "panel.a.map"] {
            assert!(ALL.iter().all(|file| !file.is_called(name)), "{name}");
        }
    }

    #[test]
    fn the_script_stays_small_and_has_an_address_on_each_panel() {
        assert!(SCRIPT.content.lines().count() < 120);
        assert!(script(OPERATORS).starts_with("/operator/assets/panel."));
        assert!(script(SHOP).starts_with("/admin/assets/panel.") && script(SHOP).ends_with(".js"));
        assert!(stylesheet(SHOP).ends_with(".css"));
    }
}
