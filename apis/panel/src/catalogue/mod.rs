//! `/admin/products`: the shop's products in a list, from which many are changed at once; and all of them as a file, out and in.

mod import;
mod many;
mod model;

use std::sync::Arc;

use askama::Template;
use feira_api_admin::{
    export::{export, giving_csv},
    listing,
};
use feira_schemas::{limits, records::admin::Category, rows::admin::CategoryRow, topics::Position};
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
};
use http::StatusCode;

use self::model::Shown;
use crate::{
    answer,
    format::whole,
    forms::Choice,
    frame::{DONE, Frame},
};

const ALL: &str = "/admin/products";
/// Words, SKUs or bar codes.
const Q: Parameter = Parameter::new("q", Kind::Text(1_000), "Finds products by their words, SKUs and bar codes.");
/// The status of the products that are shown; an empty one, as forms send it, shows all.
const STATUS: Parameter = Parameter::new("status", Kind::Text(16), "Shows only products of this status.");
/// The category of the products that are shown; an empty one shows all.
const CATEGORY: Parameter =
    Parameter::new("category", Kind::Text(255), "Shows only what is in this category or below it.");
/// What the products that are shown lack; an empty one shows all.
const LACKS: Parameter = Parameter::new("lacks", Kind::Text(16), "Shows only products that lack this.");
/// The order; an empty one is by time, or with words by how well they fit.
const SORT: Parameter = Parameter::new("sort", Kind::Text(16), "The order of the list.");
/// The position of a change that was just made.
const AT: Parameter = Parameter::new("at", Kind::Text(64), "A position that the list is to show.");

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, show)
            .page()
            .for_session(Access::read(Area::Catalogue))
            .query([Q, STATUS, CATEGORY, LACKS, SORT, AT, reads::AFTER, reads::LIMIT, DONE])
            .problems(&[409])
            .says("Shows the shop's products, found and filtered, and what can be done to many of them."),
        many::route(),
        giving_csv(Route::get("/admin/products/export", give).for_session(Access::read(Area::Catalogue)).page())
            .says("Gives all of the shop's products as Shopify's CSV."),
    ]
    .into_iter()
    .chain(import::routes())
    .collect()
}

/// The list.
#[derive(Template)]
#[template(path = "catalogue/list.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    status: &'a str,
    category: &'a str,
    lacks: &'a str,
    sort: &'a str,
    /// True if the list is not of all products.
    is_narrowed: bool,
    categories: Vec<Choice>,
    products: Vec<Shown>,
    total: String,
    next: Option<String>,
    /// True where a change that was just made is not in the list yet.
    is_behind: bool,
    may_change: bool,
}

async fn show(api: Arc<Api>, mut request: Request) -> Result<Response, Problem> {
    let position = position(&api, &request);
    request.at_least.extend(position);
    // A list that lags is shown all the same, and says so.
    let is_behind = listing::caught_up(&api, &request).await.is_err();
    let found = listing::cards(&api, &request).await?;
    let categories = categories(&api, &request).await?;
    let given = |parameter: Parameter| request.query.text(parameter.name).unwrap_or_default();
    let (q, status, category, lacks) = (given(Q), given(STATUS), given(CATEGORY), given(LACKS));
    let list = List {
        frame: &Frame::around(&api, &request, "products").await?,
        q,
        status,
        category,
        lacks,
        is_narrowed: [q, status, category, lacks].iter().any(|given| !given.is_empty()),
        sort: given(SORT),
        categories: model::tree(&categories, category),
        products: found.cards.iter().map(|card| model::shown(card, &categories)).collect(),
        total: model::products(found.total),
        next: found.next,
        is_behind,
        may_change: request.session()?.may(Access::write(Area::Catalogue)),
    };
    answer::page(StatusCode::OK, list.render())
}

/// The position that an address names, if it is one of a partition that there is: any other would be waited for in vain.
fn position(api: &Api, request: &Request) -> Option<Position> {
    let position: Position = request.query.text(AT.name)?.parse().ok()?;
    (position.partition < api.platform.partitions).then_some(position)
}

/// All categories of the shop.
async fn categories(api: &Api, request: &Request) -> Result<Vec<Category>, Problem> {
    let all = CategoryRow::all(request.tenant);
    let rows = api.platform.state.scan::<CategoryRow>(&all, None, limits::CATEGORIES).await?;
    Ok(rows.into_iter().map(|row| row.category).collect())
}

async fn give(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let sees_stock = request.session()?.may(Access::read(Area::Stock));
    export(&api, &request, request.tenant, sees_stock).await
}

/// A number of something, with its word in the singular or the plural.
fn count(number: u64, one: &str, several: &str) -> String {
    let word = if number == 1 { one } else { several };
    format!("{} {word}", whole(i64::try_from(number).unwrap_or(i64::MAX)))
}
