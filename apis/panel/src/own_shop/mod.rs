//! `/admin`: the first page of a shop's staff, on the shop's sub-domain. It says where the shop is, how it stands and by which plan, and
//! leads on to what may be done next.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_api_admin::{
    listing::{self, Counts},
    low_stock,
};
use feira_schemas::{
    records::admin::Tenant,
    rows::admin::{ProductCountRow, StandingRow},
    staff::SHOP_PANEL,
    topics::Context,
};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    shipping,
};
use http::StatusCode;

use self::model::{Known, Matter, Step, closed};
use crate::{
    answer,
    format::{day, whole},
    frame::{DONE, Frame},
    methods::{Warning, warnings},
    settings,
    shop::{Status, status},
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(SHOP_PANEL, show)
            .page()
            .for_session(Access::read(Area::Own))
            .query([DONE])
            .problems(&[409])
            .says("Shows the shop to who is of its staff: its address, its state, its plan, and what to do next."),
    ]
}

/// The plan by which a shop is there.
struct Plan {
    name: String,
    limits: String,
    /// The number of products; none until it was counted.
    products: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "own_shop/own_shop.html")]
struct Page<'a> {
    frame: &'a Frame,
    address: String,
    status: Status,
    /// The sentence of a shop that is closed to buyers.
    closed: Option<&'static str>,
    since: String,
    /// None of a shop that an operator made.
    plan: Option<Plan>,
    steps: Vec<Step>,
    /// What a new shop begins with; empty once all of it is done.
    first: Vec<Step>,
    /// What is to be done about products and their stock.
    matters: Vec<Matter>,
    /// True where some of it could not be counted.
    is_uncounted: bool,
    /// What the shop lacks before a buyer could pay.
    warnings: Vec<Warning>,
    /// What the law asks the shop to say of who sells, and it does not say.
    lacks: Vec<&'static str>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Admin).await?;
    let frame = Frame::around(&api, &request, "").await?;
    let shop = frame.house.shop.as_ref().ok_or_else(Problem::no_such_address)?;
    let (warnings, said) = (warnings(&api, &request).await?, settings::said(&api, &request).await?);
    let counts = counts(&api, &request).await?;
    let counted = counts.and_then(Result::ok);
    let low = running_low(&api, &request).await?;
    let mut matters = counted.map(|counts| model::matters(&counts)).unwrap_or_default();
    matters.extend(low.and_then(Result::ok).and_then(model::running_low));
    let session = request.session()?;
    let known = Known {
        products: counted.map(|counts| counts.products),
        has_logo: said.as_ref().map(|said| said.has_logo),
        has_policies: said.as_ref().map(|said| said.has_policies),
        may_be_paid: session.may(Access::read(Area::Payments)).then_some(warnings.is_empty()),
        has_shipping: has_shipping(&api, &request).await?,
    };
    let page = Page {
        frame: &frame,
        address: address(&api, &request, shop).await?,
        status: status(shop.status),
        closed: closed(shop.status),
        since: day(shop.created_at),
        plan: plan(&api, &request).await?,
        steps: model::steps(&session.permissions),
        first: model::first(&session.permissions, &known),
        matters,
        is_uncounted: matches!(counts, Some(Err(()))) || matches!(low, Some(Err(()))),
        warnings,
        lacks: said.map(|said| said.lacks).unwrap_or_default(),
    };
    answer::page(StatusCode::OK, page.render())
}

/// The numbers of the shop's products, for who may see them; none for others. What can't be counted keeps nobody from the page.
async fn counts(api: &Api, request: &Request) -> Result<Option<Result<Counts, ()>>, Problem> {
    if !request.session()?.may(Access::read(Area::Catalogue)) {
        return Ok(None);
    }
    let counted = listing::counts(api, request.tenant).await;
    Ok(Some(counted.map_err(|problem| tracing::debug!(error = %problem, "products can't be counted"))))
}

/// The number of the shop's variants that run low, as [`low_stock::count`] counts them, for who may see stock; none for others. Where it can't be
/// counted, the page is shown all the same.
async fn running_low(api: &Api, request: &Request) -> Result<Option<Result<usize, ()>>, Problem> {
    if !request.session()?.may(Access::read(Area::Stock)) {
        return Ok(None);
    }
    let counted = low_stock::count(api, request).await;
    Ok(Some(counted.map_err(|problem| tracing::debug!(error = %problem, "what runs low can't be counted"))))
}

/// True if the shop offers its buyers a way of delivery, for who may see that; none for others.
async fn has_shipping(api: &Api, request: &Request) -> Result<Option<bool>, Problem> {
    if !request.session()?.may(Access::read(Area::Shipping)) {
        return Ok(None);
    }
    let options = shipping::all(api, request).await?;
    Ok(Some(options.iter().any(|option| option.content.active)))
}

/// The beginning of the shop's addresses.
pub(crate) fn origin(api: &Api, request: &Request, shop: &Tenant) -> String {
    hosts::shop_origin(&request.headers, &api.config.platform_domain, &shop.subdomain)
}

/// The address of the shop's first page.
async fn address(api: &Api, request: &Request, shop: &Tenant) -> Result<String, Problem> {
    let (state, headers) = (&api.platform.state, &request.headers);
    let origin = api.hosts.pages_origin(state, headers, request.tenant, &shop.subdomain).await?;
    Ok(format!("{origin}/"))
}

async fn plan(api: &Api, request: &Request) -> Result<Option<Plan>, Problem> {
    let (state, tenant) = (&api.platform.state, request.tenant);
    let Some(row) = state.get::<StandingRow>(&StandingRow::at(tenant)).await? else { return Ok(None) };
    let counted = state.get::<ProductCountRow>(&ProductCountRow::at(tenant)).await?;
    let limits = model::limits(row.standing.limits);
    let products = counted.map(|row| whole(row.products));
    Ok(Some(Plan { name: row.standing.plan_name, limits, products }))
}
