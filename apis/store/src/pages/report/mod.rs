//! `/denunciar`: by it anybody reports a shop, open or closed, to the platform. Nothing is typed: a reason is chosen, and whether it is about the
//! page that one comes from.

mod model;

use std::sync::Arc;

use feira_schemas::{
    api::report::{page_of, reason_of},
    ids::Micros,
    problem::Code,
    records::admin::ReportReason,
    rows::sessions::AskingRow,
    time::HOUR,
};
use feira_web::{
    askings::{self, Asking},
    context::Api,
    problem::Problem,
    reply::{self, Response},
    reports,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Holder, visitor},
    tokens,
    writes::NotDecided,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use uuid::Uuid;

use super::{
    super::{answer, shop},
    frame::{self, Frame},
};

pub use model::{Reason, Report, Thanks, render, render_thanks, unchosen};

const FORM: &str = "/denunciar";
const THANKS: &str = "/denunciar/obrigado";
/// The address of the page that is reported; without it the page that one comes from is offered.
const PAGE: Parameter = Parameter::new("pagina", Kind::Text(2_000), "The address of the page that is reported.");
/// Reports that may come from one address, of whatever shops, in the time of [`COUNTED_FOR`]: more of them is no person.
const MOST: usize = 5;
/// The microseconds for which a report counts.
const COUNTED_FOR: Micros = HOUR;

pub(super) fn routes() -> [Route; 3] {
    [
        Route::get(FORM, show)
            .page()
            .query([PAGE])
            .problems(&[409])
            .says("Shows the form by which a shop is reported."),
        Route::new(Method::POST, FORM, submit)
            .gives(303, "The page that thanks.", None)
            .with_headers(&["Location"])
            .page()
            .takes_own_form()
            .refuses_cards()
            .problems(&[409])
            .says("Reports the shop to the platform, once for each form."),
        Route::get(THANKS, thank).page().problems(&[409]).says("Thanks who has reported a shop."),
    ]
}

/// What the form is drawn with.
#[derive(Default)]
struct Draft {
    status: StatusCode,
    /// The page that the report may be about.
    page: Option<String>,
    /// True if it is left out.
    is_not_about_page: bool,
    reason: Option<ReportReason>,
    /// What is wrong with all of it.
    refused: Option<String>,
    /// Nobody knows what is reported.
    lacks_reason: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = request.query.text(PAGE.name).map(str::to_owned);
    let page = asked.or_else(|| referring(&request.headers)).as_deref().and_then(about);
    draw(&api, &request, Draft { page, ..Draft::default() }).await
}

/// The path of a page of the shop that a report may be about.
fn about(address: &str) -> Option<String> {
    page_of(address).filter(|page| !page.starts_with(FORM)).map(str::to_owned)
}

/// The address within the shop that a browser comes from, if it comes from this very host.
fn referring(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (_, rest) = text(header::REFERER)?.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/')?);
    authority.eq_ignore_ascii_case(text(header::HOST)?).then(|| path.to_owned())
}

async fn submit(api: Arc<Api>, mut request: Request) -> Result<Response, Problem> {
    request.actor = format!("visitor:{}", tokens::hash(&visitor(&request.headers).cookie));
    let sent = |name: &str| request.form.text(name);
    let (page, reason) = (sent("page").and_then(about), sent("reason").and_then(reason_of));
    let offered = sent("about").and_then(about);
    let draft = Draft { page: offered, is_not_about_page: page.is_none(), reason, ..Draft::default() };
    let Some(reason) = reason else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return draw(&api, &request, Draft { status, lacks_reason: true, ..draft }).await;
    };
    let meta = reports::meta(&api, &request)?;
    if let Some(seconds) = too_many(&api, &request, meta.command_id.uuid()).await? {
        let refused = "Recebemos muitas denúncias deste endereço de internet. Espere uma hora e tente de novo.";
        let (status, refused) = (StatusCode::TOO_MANY_REQUESTS, Some(refused.to_owned()));
        let draft = Draft { status, refused, ..draft };
        let mut response = draw(&api, &request, draft).await?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let problem = match reports::send(&api, &request, meta, reason, page).await {
        Ok(_) | Err(NotDecided::Pending(_)) => return Ok(reply::see_other(THANKS)),
        Err(NotDecided::Problem(problem)) => problem,
    };
    let (status, refused) = match problem.code {
        // The same form comes just now.
        Code::IdempotencyInProgress => return Ok(reply::see_other(THANKS)),
        Code::IdempotencyMismatch => {
            (problem.status(), "Já recebemos este formulário. Para fazer outra denúncia, envie-o de novo.".to_owned())
        }
        Code::TooManyRequests => (problem.status(), problem.detail),
        _ => return Err(problem),
    };
    draw(&api, &request, Draft { status, refused: Some(refused), ..draft }).await
}

/// Writes a report down for where it comes from. Where too many have come from there, it is taken back: the seconds until one may come again.
async fn too_many(api: &Api, request: &Request, report: Uuid) -> Result<Option<u64>, Problem> {
    let Some(client) = request.client else { return Ok(None) };
    let whose = vec![format!("report:source:{}", askings::source(api, client))];
    let asking = Asking::begin(api, whose, request.tenant, report).await?;
    let now = api.platform.now();
    let others = asking.others(api, now - COUNTED_FOR, MOST).await?;
    let full = others.iter().filter(|(_, rows)| rows.len() >= MOST);
    let Some(oldest) = full.filter_map(|(_, rows)| rows.last()).map(AskingRow::asked_at).max() else { return Ok(None) };
    asking.take_back(api).await?;
    let wait = u64::try_from(oldest + COUNTED_FOR - now).unwrap_or_default();
    Ok(Some(wait.div_ceil(1_000_000).max(1)))
}

async fn thank(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame_of(&api, &request).await?;
    answer::notice(StatusCode::OK, render_thanks(&Thanks { shop: &frame.shop }))
}

async fn draw(api: &Api, request: &Request, draft: Draft) -> Result<Response, Problem> {
    let (frame, visitor) = (frame_of(api, request).await?, visitor(&request.headers));
    let report = Report {
        shop: &frame.shop,
        token: Holder::Visitor(&visitor.cookie).token(api),
        key: Uuid::new_v4().to_string(),
        reasons: unchosen().map(|reason| Reason { is_chosen: Some(reason.reason) == draft.reason, ..reason }).into(),
        page: draft.page,
        is_about_page: !draft.is_not_about_page,
        refused: draft.refused,
        lacks_reason: draft.lacks_reason,
    };
    let mut response = answer::notice(draft.status, render(&report))?;
    if let Some(cookie) = visitor.set {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The frame of a shop that is open, or was: what is wrong with one may be said also while it is closed.
async fn frame_of(api: &Api, request: &Request) -> Result<Frame, Problem> {
    shop::lists_caught_up(api, request).await?;
    match shop::known(api, request.tenant).await? {
        Some(known) => frame::around(api, request.tenant, &known, &request.headers).await,
        None => frame::frame(api, request).await,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_one_comes_from_is_one_of_this_very_host() {
        for (referer, page) in [
            (Some("http://moda.localhost:8080/product/vaso?variant=1"), Some("/product/vaso")),
            (Some("http://MODA.localhost:8080/"), Some("/")),
            (Some("http://moda.localhost/product/vaso"), None),
            (Some("https://evil.example/moda.localhost:8080/"), None),
            (Some("http://moda.localhost:8080"), None),
            (Some("http://moda.localhost:8080/denunciar?pagina=/"), None),
            (Some("/product/vaso"), None),
            (None, None),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("moda.localhost:8080"))]);
            headers.extend(referer.map(|referer| (header::REFERER, referer.parse().unwrap())));
            assert_eq!(referring(&headers).as_deref().and_then(about).as_deref(), page, "{referer:?}");
        }
    }
}
