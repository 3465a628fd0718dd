//! `/operator/health`: how this process is, how far consumer groups are behind, and the generations.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_web::{
    context::Api,
    generations, lags,
    probes::Probes,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    sorted::{Order, SORT, Value},
};
use http::StatusCode;

use self::model::{Group, Kept, Part};
use crate::{
    answer,
    frame::Frame,
    listed::{Column, Table},
};

const PAGE: &str = "/operator/health";
/// The orders of the groups: from the least, or with `-` from the greatest.
const ORDERS: &[&str] = &["name", "-name", "behind", "-behind"];
/// The columns of the groups.
const COLUMNS: [Column; 2] = [Column::sorted("Grupo", "name"), Column::sorted("Atraso", "behind").of_numbers()];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(PAGE, show)
            .on_platform()
            .page()
            .for_session(Access::read(Area::Operation))
            .query([SORT])
            .says("Shows how the process that answers is, how far consumer groups are behind, and the generations."),
    ]
}

/// The page.
#[derive(Template)]
#[template(path = "health/health.html")]
struct Page<'a> {
    frame: &'a Frame,
    is_alive: bool,
    is_ready: bool,
    counts: Vec<(&'static str, usize)>,
    parts: Vec<Part>,
    /// None where the log did not say: then above all the rest of the page is wanted.
    groups: Option<Vec<Group>>,
    /// The heads of the groups.
    table: Table,
    generations: Vec<Kept>,
    /// A problem of the log that a person must look at.
    trouble: Option<String>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let probes = Probes::of(&api);
    let table = Table::of(&request, PAGE, ORDERS, Order::up("name"), &[]);
    let order = table.order();
    let parts: Vec<Part> = probes.parts().into_iter().map(model::part).collect();
    let page = Page {
        frame: &Frame::around(&api, &request, "health").await?,
        is_alive: probes.is_alive(),
        is_ready: probes.is_ready(),
        counts: model::counts(&parts).into_iter().collect(),
        parts,
        groups: lags::all(&api).await.ok().map(|lags| sorted(model::groups(&lags), order)),
        table: table.with(&COLUMNS, None),
        generations: generations::list(&api).await?.into_iter().map(model::kept).collect(),
        trouble: api.platform.log.trouble(),
    };
    answer::page(StatusCode::OK, page.render())
}

/// The groups in this order. There are as many as the program has, so all are on one page.
fn sorted(mut groups: Vec<Group>, order: Order) -> Vec<Group> {
    groups.sort_by_cached_key(|group| {
        let value = if order.by == "behind" { Value::Number(group.lag) } else { Value::text(group.name) };
        order.place(value, group.name)
    });
    groups
}
