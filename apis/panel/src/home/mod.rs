//! `/operator`: the shops of the platform, for who may see them.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{api::tenant::STATUSES, records::admin::Tenant};
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
    sorted::SORT,
    tenants::{self, ORDERS, USUAL},
};
use http::StatusCode;

use crate::{
    answer,
    format::day,
    forms::Choice,
    frame::{DONE, Frame},
    listed::{Column, Table},
    shop::{Status, status},
};

const LIST: &str = "/operator";
/// A part of the sub-domain or of the name.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the sub-domain or of the name.");
/// The status of the shops that are shown; an empty one, as forms send it, shows all.
const STATUS: Parameter = Parameter::new("status", Kind::Text(16), "Shows only shops of this status.");
/// The columns of the list.
const COLUMNS: [Column; 5] = [
    Column::sorted("Nome", "name"),
    Column::sorted("Endereço", "subdomain"),
    Column::sorted("Situação", "status"),
    Column::plain("Plano"),
    Column::sorted("Desde", "created_at"),
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(LIST, show)
            .on_platform()
            .page()
            .for_session(Access::read(Area::Own))
            .query([Q, STATUS, SORT, reads::AFTER, reads::LIMIT, DONE])
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
    plan: String,
    since: String,
}

/// The shops, and how many there are.
struct Shops {
    counts: Vec<(&'static str, usize)>,
    page: Vec<Shop>,
    total: usize,
    /// Statuses that the list may be narrowed to.
    choices: Vec<Choice>,
    /// True if the list is narrowed to some.
    is_narrowed: bool,
    table: Table,
    may_make: bool,
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
    let status = request.query.text(STATUS.name).and_then(|word| STATUSES.iter().copied().find(|known| *known == word));
    let table = Table::of(request, LIST, ORDERS, USUAL, &[Q.name, STATUS.name]);
    let after = request.query.text(reads::AFTER.name);
    let asked = Asked { q, status, after, limit: reads::limit(request) };
    let tenants::Page { shops, next, total, counts } = tenants::list(api, request, asked, table.asked()).await?;
    let ids: Vec<_> = shops.iter().map(|(tenant, _)| tenant.tenant_id).collect();
    let plans = tenants::plans(api, &ids).await?;
    let choice = |value: &'static str| Choice::new(value, plural(value), status == Some(value));
    Ok(Shops {
        counts: counts.into_iter().map(|(word, count)| (plural(word), count)).collect(),
        page: shops.into_iter().zip(plans).map(|(shop, plan)| listed(shop, plan)).collect(),
        total,
        choices: STATUSES.iter().copied().map(choice).collect(),
        is_narrowed: !q.trim().is_empty() || status.is_some(),
        table: table.with(&COLUMNS, next),
        may_make: request.session()?.may(Access::write(Area::Shops)),
    })
}

fn listed((tenant, name): (Tenant, Option<String>), plan: Option<String>) -> Shop {
    let status = status(tenant.status);
    let name = name.unwrap_or_else(|| tenant.subdomain.clone());
    let (plan, since) = (plan.unwrap_or_else(|| "–".to_owned()), day(tenant.created_at));
    Shop { id: tenant.tenant_id.to_string(), name, subdomain: tenant.subdomain, status, plan, since }
}

/// The word of a status, as it is said of several shops.
fn plural(status: &'static str) -> &'static str {
    match status {
        "requested" => "Pedidas",
        "active" => "Abertas",
        "suspended" => "Suspensas",
        "refused" => "Recusadas",
        "closed" => "Encerradas",
        other => other,
    }
}
