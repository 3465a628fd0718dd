//! `/docs`: the description of a host as people read it, drawn by a viewer that is served from here. Without scripts it is a list.
//!
//! The viewer is Swagger UI (Apache-2.0); its licence and its notice lie beside its files in `assets/swagger-ui`.

pub(crate) mod examples;
mod files;

use std::{
    future::ready,
    sync::{Arc, LazyLock},
};

use askama::Template;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use self::files::Addresses;

/// The path of the page.
const PAGE: &str = "/docs";
/// The path that its files lie below.
const ASSETS: &str = "/docs/assets";
/// The `Content-Security-Policy`: the viewer's own files, the pictures that stand in its stylesheet, and the host's own description.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'none'",
);

static FILES: LazyLock<Addresses> = LazyLock::new(|| Addresses::below(ASSETS));

/// The routes of the page. What it shows is the description's to give.
pub(crate) fn routes(show: fn(&Api, &Request) -> &'static [Group]) -> Vec<Route> {
    vec![
        Route::get(PAGE, move |api, request| ready(draw(show(&api, &request))))
            .on_any_host()
            .while_folding()
            .page()
            .says("Shows people what can be asked here."),
        Route::get("/docs/assets/{file}", asset)
            .on_any_host()
            .while_folding()
            .gives(200, "The file, with the media type of its kind.", Some(("*/*", "Text")))
            .with_headers(&["Cache-Control"])
            .says("Serves the files of the page that shows what can be asked; their names hold the hash of their content."),
    ]
}

/// What one audience may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    name: String,
    operations: Vec<Operation>,
}

/// Something that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Operation {
    method: String,
    path: String,
    summary: String,
}

/// The page.
#[derive(Template)]
#[template(path = "docs/docs.html")]
struct Page<'a> {
    files: &'a Addresses,
    groups: &'a [Group],
}

/// The operations of a description that programs ask for, by their tags.
pub(crate) fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let paths = document["paths"].as_object().into_iter().flatten().filter(|(path, _)| path.starts_with("/api/"));
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (name, summary) = (text(&operation["tags"][0]), text(&operation["summary"]));
            let operation = Operation { method: method.to_ascii_uppercase(), path: path.clone(), summary };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name, operations: vec![operation] }),
            }
        }
    }
    groups
}

fn draw(groups: &[Group]) -> Result<Response, Problem> {
    let html = Page { files: &FILES, groups }.render().map_err(Problem::internal)?;
    let mut response = reply::html(html);
    let headers = response.headers_mut();
    // Names of files change with a release, and so does the page.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    Ok(response)
}

async fn asset(_: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (file, is_current) = files::find(request.param(0)).ok_or_else(Problem::no_such_address)?;
    let mut response = reply::fixed(HeaderValue::from_static(file.content_type), &file.content);
    // A page of another release, while a deployment rolls, asks again soon.
    let kept = if is_current { "public, max-age=31536000, immutable" } else { "public, max-age=60" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_stand_in_their_groups_and_pages_are_left_out() {
        let operation = |tag: &str, says: &str| json!({"tags": [tag], "summary": says});
        let document = json!({"paths": {
            "/api/store/v1/products": {"get": operation("store", "Lists.")},
            "/admin": {"get": operation("panel", "Shows.")},
            "/api/admin/v1/products": {"get": operation("admin", "Lists."), "post": operation("admin", "Makes <one>.")},
        }});
        let groups = groups(&document);
        let counts: Vec<(&str, usize)> =
            groups.iter().map(|group| (group.name.as_str(), group.operations.len())).collect();
        assert_eq!(counts, [("store", 1), ("admin", 2)]);
        let html = Page { files: &FILES, groups: &groups }.render().unwrap_or_default();
        assert!(html.contains("POST /api/admin/v1/products") && html.contains("Makes &#60;one&#62;."), "{html}");
    }
}
