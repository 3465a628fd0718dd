//! `/admin/gateways`: a shop's accounts at payment gateways, which are made, changed, made the default and retired here. Secret keys go in
//! and are never shown again.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_api_payments::accounts::{self, BODIES};
use feira_schemas::{
    api::payments::AccountBody,
    ids::AccountId,
    problem::Code,
    records::payments::{Account, AccountStatus},
    rows::payments::AccountRow,
};
use feira_web::{
    context::Api,
    json,
    payments::Opener,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    writes::{Decided, NotDecided},
};
use http::{Method, StatusCode};

use self::model::{Callbacks, Typed};
use crate::{
    answer,
    audience::SHOP,
    format::moment,
    frame::{Confirm, DONE, Frame, Wrong},
    shop::Status,
};

const ALL: &str = "/admin/gateways";
const ONE: &str = "/admin/gateways/{id}";
const DEFAULT: &str = "/admin/gateways/{id}/default";
const RETIRE: &str = "/admin/gateways/{id}/retire";
/// The word for these pages in the navigation: they are reached from the methods of payment.
const HERE: &str = "methods";

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Payments));
    let does = |route: Route| {
        let route = route.page().for_session(Access::write(Area::Payments)).takes_own_form().refuses_cards();
        route.problems(&[409, 412, 422])
    };
    vec![
        shows(Route::get(ALL, show)).query([DONE]).says("Shows the shop's accounts at payment gateways, by name."),
        shows(Route::get("/admin/gateways/new", show_new)).says("Shows the form of a new account at a gateway."),
        does(Route::new(Method::POST, ALL, create)).says("Makes an account at a payment gateway, whose key is tried."),
        shows(Route::get(ONE, show_one))
            .query([DONE])
            .says("Shows an account at a gateway, the form that changes it, and the address of its callbacks."),
        does(Route::new(Method::POST, ONE, change))
            .says("Changes an account at a gateway, if nobody else has meanwhile."),
        shows(Route::get(DEFAULT, ask_default)).says("Asks whether Pix and boleto are to go to an account."),
        does(Route::new(Method::POST, DEFAULT, do_default)).says("Makes an account the one that Pix and boleto go to."),
        shows(Route::get(RETIRE, ask_retire)).says("Asks whether an account is to be retired."),
        does(Route::new(Method::POST, RETIRE, do_retire)).says("Retires an account: it takes no new charges."),
    ]
}

/// An account of the list.
struct Listed {
    id: AccountId,
    name: String,
    gateway: String,
    public_key: String,
    status: Status,
    /// What to do about it; none where nothing is to be done.
    wrong: Option<&'static str>,
    is_default: bool,
    is_simulated: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "gateways/gateways.html")]
struct List<'a> {
    frame: &'a Frame,
    accounts: Vec<Listed>,
    /// True if accounts that charge are there, and none of them is the default.
    lacks_default: bool,
    is_simulated: bool,
    may_change: bool,
}

/// An account that is there, beside its form.
struct Shown {
    id: AccountId,
    name: String,
    gateway: String,
    status: Status,
    means: &'static str,
    is_wrong: bool,
    is_default: bool,
    is_simulated: bool,
    may_be_default: bool,
    is_retired: bool,
    /// The secret key, masked.
    secret_key: String,
    key_version: i32,
    checked: Option<String>,
    callbacks: Callbacks,
    version: i64,
    changed: String,
    /// The address that is told when the account is broken; empty for nobody.
    notify_email: String,
}

/// What somebody else has changed meanwhile.
struct Stale {
    /// Fields in which what is kept differs from what is typed, and what is kept.
    differs: Vec<(&'static str, String)>,
}

/// The form of an account, new or not.
#[derive(Template)]
#[template(path = "gateways/gateway.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new account.
    shown: Option<Shown>,
    /// The version that the form changes.
    version: String,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
    stale: Option<Stale>,
    /// True if the process has gateways that move no money.
    is_simulated: bool,
    may_change: bool,
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Payments)))
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = accounts::all(&api, &request).await?;
    let lacks_default = all.iter().any(|account| account.status == AccountStatus::Ready)
        && !all.iter().any(|account| account.is_default);
    let accounts = all.iter().map(listed).collect();
    let (frame, may_change) = (Frame::around(&api, &request, HERE).await?, may_change(&request)?);
    let is_simulated = api.gateways.are_simulated();
    answer::page(StatusCode::OK, List { frame: &frame, accounts, lacks_default, is_simulated, may_change }.render())
}

fn listed(account: &Account) -> Listed {
    Listed {
        id: account.account_id,
        name: account.name.clone(),
        gateway: model::gateway(&account.gateway).to_owned(),
        public_key: account.public_key.clone(),
        status: model::status(account),
        wrong: model::is_wrong(account).then(|| model::means(account)),
        is_default: account.is_default,
        is_simulated: account.simulated,
    }
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw_new(&api, &request, StatusCode::OK, Typed::default(), Wrong::default(), None).await
}

async fn draw_new(
    api: &Api,
    request: &Request,
    code: StatusCode,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let (frame, may_change) = (Frame::around(api, request, HERE).await?, may_change(request)?);
    let (version, shown, stale, is_simulated) = (String::new(), None, None, api.gateways.are_simulated());
    let page = Page { frame: &frame, shown, version, typed, wrong, refused, stale, is_simulated, may_change };
    answer::page(code, page.render())
}

/// Saves what was typed, the account that is there or a new one.
async fn save(
    api: &Api,
    request: &Request,
    typed: &Typed,
    present: Option<(Account, &str)>,
) -> Result<(Account, Decided), NotDecided> {
    if let Some(error) = typed.mixed_up() {
        return Err(Problem::fields(vec![error]).into());
    }
    let body = typed.body(&request.form, present.as_ref().map(|(_, email)| *email));
    let body: AccountBody = json::typed(&BODIES, body, "PaymentAccountBody")?;
    accounts::submit(api, request, body, present.map(|(account, _)| account)).await
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let typed = Typed::sent(&request.form, None);
    match save(&api, &request, &typed, None).await {
        Ok((account, _)) => Ok(answer::done(&address(account.account_id), "gateway-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (refused, code) = (refused(&problem), problem.status());
            let wrong = Wrong(model::at_fields(problem.errors));
            draw_new(&api, &request, code, typed.without_secrets(), wrong, refused).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

/// What is wrong with a form as a whole, where no field is to blame.
fn refused(problem: &Problem) -> Option<String> {
    problem.errors.is_empty().then(|| problem.detail.clone())
}

fn address(account: AccountId) -> String {
    format!("{ALL}/{account}")
}

async fn present(api: &Api, request: &Request) -> Result<AccountRow, Problem> {
    accounts::present(api, request, accounts::account_id(request)?).await
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let shown = shown(&api, &request, &row).await?;
    let (typed, version) = (Typed::of(&row.account, &shown.notify_email), row.version.to_string());
    let (frame, may_change) = (Frame::around(&api, &request, HERE).await?, may_change(&request)?);
    let (wrong, refused, stale, is_simulated) = (Wrong::default(), None, None, api.gateways.are_simulated());
    let shown = Some(shown);
    let page = Page { frame: &frame, shown, version, typed, wrong, refused, stale, is_simulated, may_change };
    answer::page(StatusCode::OK, page.render())
}

async fn shown(api: &Api, request: &Request, row: &AccountRow) -> Result<Shown, Problem> {
    let account = &row.account;
    let json = Opener::of(api, request).account(account).await?;
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    Ok(Shown {
        id: account.account_id,
        name: account.name.clone(),
        gateway: model::gateway(&account.gateway).to_owned(),
        status: model::status(account),
        means: model::means(account),
        is_wrong: model::is_wrong(account),
        is_default: account.is_default,
        is_simulated: account.simulated,
        may_be_default: !account.is_default && matches!(account.status, AccountStatus::Ready | AccountStatus::Untested),
        is_retired: account.status == AccountStatus::Retired,
        secret_key: text("secret_key"),
        key_version: account.key_version,
        checked: account.checked_at.map(moment),
        callbacks: Callbacks::of(&json),
        version: row.version,
        changed: moment(account.updated_at),
        notify_email: text("notify_email"),
    })
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let page = address(row.account.account_id);
    let typed = Typed::sent(&request.form, Some(&row.account));
    let shown = shown(&api, &request, &row).await?;
    let saved = save(&api, &request, &typed, Some((row.account, shown.notify_email.as_str()))).await;
    match saved {
        Ok(_) => Ok(answer::done(&page, "gateway-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            again(&api, &request, typed, problem).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, &page, not_decided),
    }
}

/// The form with what is wrong and all that was typed but secrets. Where somebody else has changed the account meanwhile, it says what
/// differs, and sent once more it changes what is kept now.
async fn again(api: &Api, request: &Request, typed: Typed, problem: Problem) -> Result<Response, Problem> {
    let row = present(api, request).await?;
    let (shown, is_stale) = (shown(api, request, &row).await?, problem.code == Code::VersionMismatch);
    let version = match is_stale {
        true => row.version.to_string(),
        false => request.form.said(VERSION_FIELD).unwrap_or_default().to_owned(),
    };
    let kept = Typed::of(&row.account, &shown.notify_email);
    let stale = is_stale.then(|| Stale { differs: typed.differs(&kept) });
    let refused = if is_stale { None } else { refused(&problem) };
    let (frame, may_change) = (Frame::around(api, request, HERE).await?, may_change(request)?);
    let (code, is_simulated) = (problem.status(), api.gateways.are_simulated());
    let (shown, typed) = (Some(shown), typed.without_secrets());
    let wrong = Wrong(model::at_fields(problem.errors));
    let page = Page { frame: &frame, shown, version, typed, wrong, refused, stale, is_simulated, may_change };
    answer::page(code, page.render())
}

async fn ask_default(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text =
        "Pix e boleto passam a ser cobrados por ela. Cartões não mudam: cada um vai à conta em que foi digitado.";
    let title = |name: &str| format!("Usar {name} para Pix e boleto?");
    confirm(&api, &request, "default", title, text, ("Usar esta conta", false)).await
}

async fn ask_retire(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = "Ela deixa de receber cobranças, e isso não pode ser desfeito. O que já cobrou continua acompanhado e pode ser \
                devolvido por ela. Se era a conta de Pix e boleto e sobra uma só pronta, é essa que passa a ser.";
    confirm(&api, &request, "retire", |name| format!("Aposentar a conta {name}?"), text, ("Aposentar", true)).await
}

async fn confirm(
    api: &Api,
    request: &Request,
    verb: &str,
    title: impl FnOnce(&str) -> String,
    text: &str,
    (word, risky): (&str, bool),
) -> Result<Response, Problem> {
    let AccountRow { account, version, .. } = present(api, request).await?;
    let frame = Frame::around(api, request, HERE).await?;
    let (title, back) = (title(&account.name), address(account.account_id));
    let action = format!("{back}/{verb}");
    let page = Confirm { frame: &frame, title: &title, text, action: &action, word, risky, back: &back };
    answer::page(StatusCode::OK, page.html_for(version))
}

async fn do_default(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = accounts::account_id(&request)?;
    answered(&api, &request, id, accounts::make_default(&api, &request, id).await, "gateway-default").await
}

async fn do_retire(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = accounts::account_id(&request)?;
    answered(&api, &request, id, accounts::retire(&api, &request, id).await, "gateway-retired").await
}

/// 303 to the account, with what was done.
async fn answered(
    api: &Api,
    request: &Request,
    id: AccountId,
    changed: Result<(Account, Decided), NotDecided>,
    done: &str,
) -> Result<Response, Problem> {
    let page = address(id);
    match changed {
        Ok(_) => Ok(answer::done(&page, done)),
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, HERE).await?, &page, not_decided),
    }
}
