//! `/site/assets/{file}`: stylesheet, scripts and icon of the site, under names that hold the hash of their content.

use std::sync::{Arc, LazyLock};

use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderValue, header};
use sha2::{Digest, Sha256};

/// A file of the site.
struct File {
    /// The name before the hash.
    stem: &'static str,
    /// The name behind it.
    ending: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const STYLE: File =
    File { stem: "site", ending: "css", content_type: "text/css; charset=utf-8", content: include_str!("site.css") };
const CARD: File = File {
    stem: "subscribe",
    ending: "js",
    content_type: "text/javascript; charset=utf-8",
    content: include_str!("subscribe.js"),
};
const PROGRESS: File = File {
    stem: "progress",
    ending: "js",
    content_type: "text/javascript; charset=utf-8",
    content: include_str!("progress.js"),
};
const ICON: File =
    File { stem: "site", ending: "svg", content_type: "image/svg+xml", content: include_str!("site.svg") };
const ALL: [&File; 4] = [&STYLE, &CARD, &PROGRESS, &ICON];

static STYLESHEET: LazyLock<String> = LazyLock::new(|| STYLE.address());
static CARD_SCRIPT: LazyLock<String> = LazyLock::new(|| CARD.address());
static PROGRESS_SCRIPT: LazyLock<String> = LazyLock::new(|| PROGRESS.address());
static ICON_PICTURE: LazyLock<String> = LazyLock::new(|| ICON.address());

impl File {
    /// Forty-eight bits of the hash tell releases apart.
    fn name(&self) -> String {
        format!("{}.{}.{}", self.stem, hex::encode(&Sha256::digest(self.content)[..6]), self.ending)
    }

    fn address(&self) -> String {
        format!("/site/assets/{}", self.name())
    }

    /// True if a name is this file's, of whatever release, or without one, as pages of errors have it.
    fn is_called(&self, name: &str) -> bool {
        let hash = name.strip_prefix(self.stem).and_then(|rest| rest.strip_suffix(self.ending));
        hash.is_some_and(|hash| hash == "." || (hash.len() > 2 && hash.starts_with('.') && hash.ends_with('.')))
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/site/assets/{file}", asset)
            .on_platform()
            .gives(200, "The file, with the media type of its kind.", Some(("*/*", "Text")))
            .with_headers(&["Cache-Control"])
            .says("Serves stylesheet, scripts and icon of the site; their names hold the hash of their content."),
    ]
}

/// The stylesheet's address.
pub(crate) fn stylesheet() -> &'static str {
    &STYLESHEET
}

/// The address of the script of the form: it gives a card to the gateway, and its token to the form.
pub(crate) fn card_script() -> &'static str {
    &CARD_SCRIPT
}

/// The address of the script that shows a subscription's page anew once there is something new.
pub(crate) fn progress_script() -> &'static str {
    &PROGRESS_SCRIPT
}

/// The icon's address.
pub(crate) fn icon() -> &'static str {
    &ICON_PICTURE
}

async fn asset(_: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = request.param(0);
    let file = ALL.into_iter().find(|file| file.is_called(asked)).ok_or_else(Problem::no_such_address)?;
    let mut response = reply::content(HeaderValue::from_static(file.content_type), file.content);
    // A name of another release is answered while a deployment rolls, and one of none to pages of errors: both are soon asked for again.
    let kept = if asked == file.name() { "public, max-age=31536000, immutable" } else { "public, max-age=60" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_and_no_other() {
        for file in ALL {
            assert!(file.is_called(&file.name()), "{}", file.name());
            let called: Vec<&&File> = ALL.iter().filter(|other| other.is_called(&file.name())).collect();
            assert_eq!(called.len(), 1, "{}", file.name());
        }
        for name in ["", "site", "site..css", "sitex.css", "../site.a.css"] {
            assert!(ALL.iter().all(|file| !file.is_called(name)), "{name}");
        }
        assert!(STYLE.is_called("site.000000000000.css"), "of another release");
        assert!(STYLE.is_called("site.css"), "of a page of an error");
    }

    #[test]
    fn the_files_stay_small() {
        assert!(STYLE.content.len() < 24_000, "{}", STYLE.content.len());
        assert!(CARD.content.len() + PROGRESS.content.len() < 16_000);
    }
}
