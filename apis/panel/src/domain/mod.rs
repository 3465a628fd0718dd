//! `/admin/domain`: a shop's own domain, which is claimed here, looked up in DNS and given back, with the records that its owner sets.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::domain::{DnsRecord, DomainBody},
    ids::TenantId,
    problem::Code,
    records::{
        admin::{Domain, DomainStatus},
        common::Outcome,
    },
    refusals,
    rows::admin::DomainRow,
};
use feira_web::{
    context::Api,
    domains,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    settled,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use self::model::Finding;
use crate::{
    answer,
    audience::SHOP,
    format::moment,
    frame::{Confirm, DONE, Frame, Wrong},
    shop::Status,
};

const PAGE: &str = "/admin/domain";
const CHECK: &str = "/admin/domain/check";
const WITHDRAW: &str = "/admin/domain/withdraw";
/// The word for these pages in the navigation.
const HERE: &str = "domain";

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Settings));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Settings));
    vec![
        shows(Route::get(PAGE, show))
            .query([DONE])
            .says("Shows the shop's own domain, the records that are to be set in DNS, and what was found there."),
        does(Route::new(Method::POST, PAGE, claim)).says("Claims a domain for the shop."),
        does(Route::new(Method::POST, CHECK, check)).says("Looks the shop's domain up in DNS now."),
        shows(Route::get(WITHDRAW, ask_withdraw)).says("Asks whether the shop's domain is to be given back."),
        does(Route::new(Method::POST, WITHDRAW, withdraw)).says("Gives the shop's domain back."),
    ]
}

/// The domain that is there.
struct Shown {
    domain: String,
    status: Status,
    means: String,
    is_wrong: bool,
    /// True while there is something to be set in DNS, to be looked up, and to be given back.
    is_live: bool,
    records: Vec<DnsRecord>,
    /// True if some of the records are addresses, which serve in the place of an alias.
    has_addresses: bool,
    /// The time of the last look; none before the first.
    looked: Option<String>,
    findings: Vec<Finding>,
}

/// The page.
#[derive(Template)]
#[template(path = "domain/domain.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// The host of the shop's sub-domain.
    target: String,
    shown: Option<Shown>,
    typed: String,
    wrong: Wrong,
    refused: Option<String>,
    may_change: bool,
    /// True where a domain may be claimed.
    has_form: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, None, Wrong::default(), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    typed: Option<String>,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let known = domains::known(api, request).await?.map(|row| row.domain);
    let shown = match &known {
        Some(domain) => Some(shown(api, request.tenant, domain).await?),
        None => None,
    };
    let may_change = request.session()?.may(Access::write(Area::Settings));
    let has_form = may_change && known.as_ref().is_none_or(model::may_be_replaced);
    // Who is to claim one again need not type it again.
    let again = known.filter(|domain| !domain.is_live()).map(|domain| domain.domain);
    let typed = typed.or(again).unwrap_or_default();
    let (frame, target) = (Frame::around(api, request, HERE).await?, domains::target(api, request.tenant).await?);
    let page = Page { frame: &frame, target, shown, typed, wrong, refused, may_change, has_form };
    answer::page(code, page.render())
}

async fn shown(api: &Api, tenant: TenantId, domain: &Domain) -> Result<Shown, Problem> {
    Ok(Shown {
        has_addresses: !api.addresses.is_empty(),
        domain: domain.domain.clone(),
        status: model::status(domain),
        means: model::means(domain),
        is_wrong: model::is_wrong(domain),
        is_live: domain.is_live(),
        records: domains::records(api, tenant, domain).await?,
        looked: domain.looked_at.map(moment),
        findings: model::findings(domain),
    })
}

async fn claim(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let domain = request.form.text("/domain").unwrap_or_default().to_owned();
    match domains::claim(&api, &request, &DomainBody { domain: domain.clone() }).await {
        Ok(_) => Ok(answer::done(PAGE, "domain-claimed")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (code, headers) = (problem.status(), problem.headers.clone());
            let refused = problem.errors.is_empty().then(|| problem.detail.clone());
            let mut response = draw(&api, &request, code, Some(domain), Wrong(problem.errors), refused).await?;
            response.headers_mut().extend(headers);
            Ok(response)
        }
        Err(not_decided) => refuse(&api, &request, not_decided).await,
    }
}

async fn check(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let DomainRow { domain, .. } = domains::present(&api, &request).await?;
    match domains::check(&api, &request).await {
        Ok(decided) => {
            // Nobody looks again for who asks at once.
            if decided.outcome != Outcome::Unchanged {
                settled::domain(&api, request.tenant, domain).await?;
            }
            Ok(answer::done(PAGE, "domain-checked"))
        }
        Err(not_decided) => refuse(&api, &request, not_decided).await,
    }
}

async fn ask_withdraw(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let DomainRow { domain, .. } = domains::present(&api, &request).await?;
    if !domain.is_live() {
        return Err(Problem::new(Code::NotFound, refusals::NO_DOMAIN));
    }
    let (frame, target) = (Frame::around(&api, &request, HERE).await?, domains::target(&api, request.tenant).await?);
    let text = match domain.status {
        DomainStatus::Pending => format!("O pedido termina, e a loja continua em {target}."),
        _ => format!(
            "A loja deixa de abrir em {} e fica em {target}. Links antigos para o domínio param de funcionar.",
            domain.domain
        ),
    };
    let page = Confirm {
        frame: &frame,
        title: &format!("Retirar o domínio {}?", domain.domain),
        text: &text,
        action: WITHDRAW,
        word: "Retirar",
        risky: true,
        back: PAGE,
    };
    answer::page(StatusCode::OK, page.html())
}

async fn withdraw(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match domains::withdraw(&api, &request).await {
        Ok(_) => Ok(answer::done(PAGE, "domain-withdrawn")),
        Err(not_decided) => refuse(&api, &request, not_decided).await,
    }
}

async fn refuse(api: &Api, request: &Request, not_decided: NotDecided) -> Result<Response, Problem> {
    answer::not_decided(&Frame::around(api, request, HERE).await?, PAGE, not_decided)
}
