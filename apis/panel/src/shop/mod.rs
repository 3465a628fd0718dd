//! `/operator/shops/{id}`: a shop, which is suspended and reopened here; it is made ([`making`]), changed ([`editing`]) and closed for good
//! ([`closing`]) by pages beside it.

mod closing;
mod editing;
mod making;

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    ids::TenantId,
    records::admin::{ShopName, ShopNameStatus, Tenant, TenantStatus},
    rows::admin::{ShopNameRow, StandingRow},
};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reply::Response,
    reports,
    routing::{Request, Route},
    sessions::{Access, Area},
    tenants::{self, Turn},
};
use http::{Method, StatusCode};

use crate::{
    answer,
    format::{day, whole},
    frame::{Confirm, DONE, Frame},
    reports::of_shop,
};

const ONE: &str = "/operator/shops/{id}";
/// Reports of a shop that are not told one by one.
const MANY_REPORTS: i64 = 100;

pub(crate) fn routes() -> Vec<Route> {
    let (suspend, resume) = ("/operator/shops/{id}/suspend", "/operator/shops/{id}/resume");
    let own = vec![
        asks(Route::get(ONE, show)).query([DONE]).says("Shows a shop, by its sub-domain or its id."),
        asks(Route::get(suspend, ask_suspend)).says("Asks whether a shop is to be suspended."),
        does(Route::new(Method::POST, suspend, do_suspend)).says("Suspends a shop."),
        asks(Route::get(resume, ask_resume)).says("Asks whether a shop is to be reopened."),
        does(Route::new(Method::POST, resume, do_resume)).says("Reopens a suspended shop."),
    ];
    [own, making::routes(), editing::routes(), closing::routes()].concat()
}

/// A page of who may see shops.
fn asks(route: Route) -> Route {
    route.on_platform().page().for_session(Access::read(Area::Shops)).problems(&[409])
}

/// A form of who may change shops.
fn does(route: Route) -> Route {
    let route = route.on_platform().page().for_session(Access::write(Area::Shops)).takes_own_form();
    route.problems(&[409, 412, 422])
}

/// A status as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    /// The word.
    pub word: &'static str,
    /// The class of its look.
    pub look: &'static str,
}

/// The status of a shop's life.
pub(crate) fn status(status: TenantStatus) -> Status {
    let (word, look) = match status {
        TenantStatus::Requested | TenantStatus::Unknown => ("Pedida", ""),
        TenantStatus::Active => ("Aberta", "good"),
        TenantStatus::Suspended => ("Suspensa", "bad"),
        TenantStatus::Refused => ("Recusada", "bad"),
        TenantStatus::Closed => ("Encerrada", "bad"),
    };
    Status { word, look }
}

/// The page.
#[derive(Template)]
#[template(path = "shop/shop.html")]
struct Page<'a> {
    frame: &'a Frame,
    id: String,
    name: &'a str,
    address: String,
    /// The day until which the name of a closed shop is kept; none where it is not, any more.
    kept_until: Option<String>,
    /// True while the directory is asked to release the name of a closed shop.
    is_being_released: bool,
    status: Status,
    since: String,
    plan: Option<Plan>,
    /// The number of reports, in words, and where they are listed.
    reports: String,
    reports_at: String,
    is_closed: bool,
    /// True if its data may be changed, and somebody be invited.
    may_change: bool,
    may_suspend: bool,
    may_resume: bool,
    may_close: bool,
}

/// The plan that pays for a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plan {
    name: String,
    /// The most that the shop may have by it, in words.
    limits: String,
}

/// The plan that pays for a shop; none of one that an operator has made.
async fn plan_of(api: &Api, shop: TenantId) -> Result<Option<Plan>, Problem> {
    let row = api.platform.state.get::<StandingRow>(&StandingRow::at(shop)).await?;
    Ok(row.map(|StandingRow { standing, .. }| {
        let products = limit(standing.limits.products, "produto", "produtos");
        let staff = limit(standing.limits.staff, "pessoa na equipe", "pessoas na equipe");
        Plan { name: standing.plan_name, limits: format!("{products}, {staff}") }
    }))
}

fn limit(most: Option<i32>, one: &str, many: &str) -> String {
    match most {
        None => format!("{many} sem limite"),
        Some(1) => format!("1 {one}"),
        Some(most) => format!("{} {many}", whole(most.into())),
    }
}

/// The number of a shop's reports: of many, one more or less says nothing.
fn reports_in_words(number: i64) -> String {
    if number < MANY_REPORTS { whole(number) } else { format!("{} ou mais", whole(MANY_REPORTS)) }
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (shop, name) = found(&api, &request).await?;
    let frame = Frame::around(&api, &request, "shops").await?;
    let may = request.session()?.may(Access::write(Area::Shops));
    let kept = kept_name(&api, &shop).await?;
    let (scheme, port) = (hosts::scheme(&request.headers), hosts::port(&request.headers));
    let page = Page {
        frame: &frame,
        id: shop.tenant_id.to_string(),
        name: &name,
        address: format!("{scheme}://{}.{}{port}/", shop.subdomain, api.config.platform_domain),
        kept_until: kept.as_ref().and_then(ShopName::kept_until).map(day),
        is_being_released: kept.is_some_and(|name| name.kept_until().is_none()),
        status: status(shop.status),
        since: day(shop.created_at),
        plan: plan_of(&api, shop.tenant_id).await?,
        reports: reports_in_words(reports::count(&api, shop.tenant_id).await?),
        reports_at: of_shop(shop.tenant_id),
        is_closed: shop.status == TenantStatus::Closed,
        may_change: may && shop.status == TenantStatus::Active,
        may_suspend: may && shop.status == TenantStatus::Active,
        may_resume: may && shop.status == TenantStatus::Suspended,
        may_close: may && matches!(shop.status, TenantStatus::Active | TenantStatus::Suspended),
    };
    answer::page(StatusCode::OK, page.render())
}

/// The name of a shop that is closed for good, while it is kept for nobody; none of any other shop, and once it is given back.
async fn kept_name(api: &Api, shop: &Tenant) -> Result<Option<ShopName>, Problem> {
    if shop.status != TenantStatus::Closed {
        return Ok(None);
    }
    let at = ShopNameRow::at(shop.tenant_id, &shop.subdomain);
    let row = api.platform.state.get::<ShopNameRow>(&at).await?;
    Ok(row.map(|row| row.name).filter(|name| name.status == ShopNameStatus::Kept))
}

/// A shop with its name, which is its sub-domain until it has one.
async fn found(api: &Api, request: &Request) -> Result<(Tenant, String), Problem> {
    let shop = tenants::present(api, request).await?;
    let name = tenants::name(api, shop.tenant_id).await?.unwrap_or_else(|| shop.subdomain.clone());
    Ok((shop, name))
}

async fn ask_suspend(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    ask(&api, &request, Turn::Suspend).await
}

async fn ask_resume(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    ask(&api, &request, Turn::Resume).await
}

async fn ask(api: &Api, request: &Request, turn: Turn) -> Result<Response, Problem> {
    let (shop, name) = found(api, request).await?;
    let frame = Frame::around(api, request, "shops").await?;
    let back = page_of(&shop);
    let (title, text, word, verb) = match turn {
        Turn::Suspend => (
            format!("Suspender {name}?"),
            "A loja fecha para compradores, e nada nela pode ser alterado até que seja reaberta.",
            "Suspender",
            "suspend",
        ),
        Turn::Resume => (
            format!("Reabrir {name}?"),
            "A loja volta a atender compradores e a aceitar alterações.",
            "Reabrir",
            "resume",
        ),
    };
    let (action, risky) = (format!("{back}/{verb}"), turn == Turn::Suspend);
    let page = Confirm { frame: &frame, title: &title, text, action: &action, word, risky, back: &back };
    answer::page(StatusCode::OK, page.html())
}

async fn do_suspend(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    make(&api, &request, Turn::Suspend, "suspended").await
}

async fn do_resume(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    make(&api, &request, Turn::Resume, "resumed").await
}

async fn make(api: &Api, request: &Request, turn: Turn, done: &str) -> Result<Response, Problem> {
    let shop = tenants::present(api, request).await?;
    let page = page_of(&shop);
    match tenants::submit(api, request, shop.tenant_id, turn).await {
        Ok(_) => Ok(answer::done(&page, done)),
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, "shops").await?, &page, not_decided),
    }
}

fn page_of(shop: &Tenant) -> String {
    format!("/operator/shops/{}", shop.tenant_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_reports_it_is_told_that_they_are_many() {
        assert_eq!([0, 99, 100, 1_000].map(reports_in_words), ["0", "99", "100 ou mais", "100 ou mais"]);
    }

    #[test]
    fn limits_are_told_in_words() {
        let told = [None, Some(1), Some(10_000)].map(|most| limit(most, "produto", "produtos"));
        assert_eq!(told, ["produtos sem limite", "1 produto", "10.000 produtos"]);
    }
}
