//! `/operator`: the shops of the platform, for who may see them.

use std::sync::Arc;

use askama::Template;
use feira_schemas::records::admin::Tenant;
use feira_streams::health::Doing;
use feira_web::{
    context::Api,
    dead_letters,
    probes::Probes,
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    tenants,
};
use http::StatusCode;

use crate::{
    answer,
    frame::{DONE, Frame},
    shop::{Status, status},
};

/// A part of the sub-domain.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the sub-domain.");

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/operator", show)
            .on_platform()
            .page()
            .for_session(Access::read(Area::Own))
            .query([Q, reads::AFTER, DONE])
            .problems(&[409])
            .says("Shows who is logged in, and the platform's shops to who may see them."),
    ]
}

/// A shop of the list.
struct Shop {
    id: String,
    name: String,
    subdomain: String,
    status: Status,
}

/// The shops, and how many there are.
struct Shops {
    counts: Vec<(&'static str, usize)>,
    page: Vec<Shop>,
    total: usize,
    next: Option<String>,
}

/// What a person must look at.
struct Attention {
    /// Dead letters that nobody has dealt with.
    letters: usize,
    /// False where they could not be counted.
    is_counted: bool,
    /// Parts of this process that are stopped.
    stopped: usize,
}

/// The page.
#[derive(Template)]
#[template(path = "home/home.html")]
struct Page<'a> {
    frame: &'a Frame,
    q: &'a str,
    /// None for who may not see them.
    shops: Option<Shops>,
    /// None for who may not see it.
    attention: Option<Attention>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::around(&api, &request, "shops").await?;
    let q = request.query.text(Q.name).unwrap_or_default();
    let shops = match request.session()?.may(Access::read(Area::Shops)) {
        true => Some(shops(&api, &request, q).await?),
        false => None,
    };
    let attention = match request.session()?.may(Access::read(Area::Operation)) {
        true => Some(attention(&api).await),
        false => None,
    };
    answer::page(StatusCode::OK, Page { frame: &frame, q, shops, attention }.render())
}

/// Without the log the page still shows the shops.
async fn attention(api: &Api) -> Attention {
    let open = dead_letters::open(api, None).await;
    let parts = Probes::of(api).parts();
    let stopped = parts.iter().filter(|part| matches!(part.doing, Doing::Stopped(_))).count();
    Attention { is_counted: open.is_ok(), letters: open.map_or(0, |letters| letters.len()), stopped }
}

async fn shops(api: &Api, request: &Request, q: &str) -> Result<Shops, Problem> {
    let after = request.query.text(reads::AFTER.name);
    let asked = Asked { q, status: None, after, limit: reads::limit(request) };
    let tenants::Page { shops, next, total, counts } = tenants::list(api, request, asked).await?;
    let counts = counts.into_iter().map(|(word, count)| (plural(word), count)).collect();
    Ok(Shops { counts, page: shops.into_iter().map(shop).collect(), total, next })
}

fn shop((tenant, name): (Tenant, Option<String>)) -> Shop {
    let status = status(tenant.status);
    let name = name.unwrap_or_else(|| tenant.subdomain.clone());
    Shop { id: tenant.tenant_id.to_string(), name, subdomain: tenant.subdomain, status }
}

/// The word of a status, as it is said of several shops.
fn plural(status: &'static str) -> &'static str {
    match status {
        "requested" => "Pedidas",
        "active" => "Abertas",
        "suspended" => "Suspensas",
        "refused" => "Recusadas",
        other => other,
    }
}
