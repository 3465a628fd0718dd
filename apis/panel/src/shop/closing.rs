//! `/operator/shops/{id}/close`: a shop is closed for good by who names it once more.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::api::tenant::{CloseBody, schemas};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    tenants,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use super::{asks, does, found, page_of};
use crate::{
    answer,
    frame::{Frame, Wrong},
};

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(super) fn routes() -> Vec<Route> {
    let close = "/operator/shops/{id}/close";
    vec![
        asks(Route::get(close, ask)).says("Asks whether a shop is to be closed for good, and for its sub-domain."),
        does(Route::new(Method::POST, close, close_it)).says("Closes a shop for good, if its sub-domain was typed."),
    ]
}

/// The page that asks for the sub-domain.
#[derive(Template)]
#[template(path = "shop/close.html")]
struct Page<'a> {
    frame: &'a Frame,
    name: &'a str,
    subdomain: &'a str,
    /// The shop's page.
    back: &'a str,
    /// The version of the shop that is looked at.
    version: i64,
    typed: String,
    wrong: Wrong,
    refused: Option<String>,
}

async fn ask(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, Wrong::default(), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let (shop, name) = found(api, request).await?;
    let (frame, back) = (Frame::around(api, request, "shops").await?, page_of(&shop));
    let typed = request.form.text("/subdomain").unwrap_or_default().to_owned();
    let (subdomain, version) = (shop.subdomain.as_str(), shop.version);
    let page = Page { frame: &frame, name: &name, subdomain, back: &back, version, typed, wrong, refused };
    answer::page(code, page.render())
}

async fn close_it(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = tenants::present(&api, &request).await?;
    let closed = match request.form.body::<CloseBody>(&BODIES, "CloseBody") {
        Ok(body) => tenants::close(&api, &request, &shop, &body).await,
        Err(problem) => Err(problem.into()),
    };
    match closed {
        Ok(_) => Ok(answer::done(&page_of(&shop), "shop-closed")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let refused = problem.errors.is_empty().then(|| problem.detail.clone());
            draw(&api, &request, problem.status(), Wrong(problem.errors), refused).await
        }
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "shops").await?, &page_of(&shop), not_decided)
        }
    }
}
