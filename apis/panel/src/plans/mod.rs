//! `/operator/plans`: the platform's plans, which are made, changed, offered and taken back here.

mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::signup::{PLAN_STATUSES, PlanBody, operator_schemas, plan_content},
    problem::Code,
    records::signup::{Plan, PlanChanges, PlanContent, PlanStatus},
    sealed::GatewayText,
};
use feira_web::{
    context::Api,
    json::Schemas,
    payments::Opener,
    plans::{self, ORDERS},
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    sorted::{Order, SORT},
    writes::{Decided, NotDecided},
};
use http::{Method, StatusCode};

use self::model::{AtGateway, Typed};
use crate::{
    answer,
    audience::OPERATORS,
    format::moment,
    frame::{Confirm, DONE, ERASED, Frame, Wrong},
    listed::{Column, Table},
    shop::Status,
};

const ALL: &str = "/operator/plans";
const ONE: &str = "/operator/plans/{id}";
/// A part of the name.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the name.");
/// The status of the plans that are shown; an empty one, as forms send it, shows all.
const STATUS: Parameter = Parameter::new("status", Kind::Text(16), "Shows only plans of this status.");

/// The columns of the list.
const COLUMNS: [Column; 7] = [
    Column::sorted("Nome", "name"),
    Column::sorted("Preço", "price").of_numbers(),
    Column::sorted("Ciclo", "months"),
    Column::plain("Pagamento"),
    Column::sorted("Situação", "status"),
    Column::plain("Gateway"),
    Column::sorted("Posição", "position").of_numbers(),
];

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(operator_schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| OPERATORS.asks(route, Access::read(Area::Plans));
    let does = |route: Route| OPERATORS.does(route, Access::write(Area::Plans));
    let (activate, deactivate) = ("/operator/plans/{id}/activate", "/operator/plans/{id}/deactivate");
    let ask = "/operator/plans/{id}/ask";
    vec![
        shows(Route::get(ALL, show))
            .query([Q, STATUS, SORT, reads::AFTER, reads::LIMIT, DONE])
            .says("Shows the platform's plans, as they stand on the page on which they are offered."),
        shows(Route::get("/operator/plans/new", show_new)).says("Shows the form of a new plan."),
        does(Route::new(Method::POST, ALL, create)).says("Makes a plan."),
        shows(Route::get(ONE, show_one))
            .query([DONE])
            .says("Shows a plan, the form by which it is changed, and the gateway's state."),
        does(Route::new(Method::POST, ONE, change)).says("Changes a plan, if nobody else has meanwhile."),
        shows(Route::get(activate, ask_activate)).says("Asks whether a plan is to be offered."),
        does(Route::new(Method::POST, activate, do_activate)).says("Offers a plan."),
        shows(Route::get(deactivate, ask_deactivate)).says("Asks whether a plan is to be offered no longer."),
        does(Route::new(Method::POST, deactivate, do_deactivate)).says("Offers a plan no longer."),
        shows(Route::get(ask, ask_gateway)).says("Asks whether the gateway is to be asked for a plan once more."),
        does(Route::new(Method::POST, ask, do_gateway)).says("Asks the gateway for a plan once more."),
    ]
}

/// A plan of the list.
struct Listed {
    id: String,
    name: String,
    price: String,
    cycle: String,
    methods: String,
    position: i32,
    status: Status,
    gateway: AtGateway,
}

/// The list.
#[derive(Template)]
#[template(path = "plans/plans.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    status: &'a str,
    plans: Vec<Listed>,
    total: usize,
    table: Table,
    may_change: bool,
}

/// A plan that is there, beside its form.
struct Shown {
    id: String,
    name: String,
    version: i64,
    status: Status,
    is_active: bool,
    gateway: AtGateway,
    /// The sentences of a refusal.
    why: Vec<String>,
    changed: String,
}

/// What somebody else has changed meanwhile.
struct Stale {
    version: i64,
    /// Fields in which what is kept differs from what is typed, and what is kept.
    differs: Vec<(&'static str, String)>,
}

/// The form of a plan, new or not.
#[derive(Template)]
#[template(path = "plans/plan.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new plan.
    shown: Option<Shown>,
    /// The version that the form changes.
    version: String,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
    stale: Option<Stale>,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let q = request.query.text(Q.name).unwrap_or_default();
    let status = request.query.text(STATUS.name).filter(|status| PLAN_STATUSES.contains(status));
    let asked = Asked { q, status, after: request.query.text(reads::AFTER.name), limit: reads::limit(&request) };
    let table = Table::of(&request, ALL, ORDERS, Order::up("position"), &[Q.name, STATUS.name]);
    let plans::Page { plans, next, total } = plans::list(&api, &request, asked, table.asked()).await?;
    let table = table.with(&COLUMNS, next);
    let (frame, may_change) = (Frame::around(&api, &request, "plans").await?, may_change(&request)?);
    let (plans, status) = (plans.iter().map(listed).collect(), status.unwrap_or_default());
    answer::page(StatusCode::OK, List { frame: &frame, q, status, plans, total, table, may_change }.render())
}

fn listed(plan: &Plan) -> Listed {
    Listed {
        id: plan.plan_id.to_string(),
        name: plan.name.clone(),
        price: plan.price.to_string(),
        cycle: model::cycle(plan.months),
        methods: model::methods(&plan.methods),
        position: plan.position,
        status: model::status(plan.status),
        gateway: model::at_gateway(plan),
    }
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Plans)))
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw_new(&api, &request, StatusCode::OK, Typed::new(), Wrong::default(), None).await
}

async fn draw_new(
    api: &Api,
    request: &Request,
    code: StatusCode,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let (frame, may_change) = (Frame::around(api, request, "plans").await?, may_change(request)?);
    let (version, stale) = (String::new(), None);
    answer::page(code, Page { frame: &frame, shown: None, version, typed, wrong, refused, stale, may_change }.render())
}

/// The content that was typed, or everything that is wrong with it.
fn content(request: &Request) -> Result<PlanContent, Problem> {
    let body = request.form.body::<PlanBody>(&BODIES, "PlatformPlanBody")?;
    plan_content(body).map_err(Problem::fields)
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let made = match content(&request) {
        Ok(content) => plans::create(&api, &request, content).await,
        Err(problem) => Err(problem.into()),
    };
    match made {
        Ok(_) => Ok(answer::done(ALL, "plan-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (refused, code) = (refused(&problem), problem.status());
            draw_new(&api, &request, code, Typed::sent(&request.form), Wrong(problem.errors), refused).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "plans").await?, ALL, not_decided),
    }
}

/// What is wrong with a form as a whole, where no field is to blame.
fn refused(problem: &Problem) -> Option<String> {
    problem.errors.is_empty().then(|| problem.detail.clone())
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let plan = plans::present(&api, &request).await?;
    let (typed, version) = (Typed::of(&plan), plan.version.to_string());
    let (frame, may_change) = (Frame::around(&api, &request, "plans").await?, may_change(&request)?);
    let shown = Some(shown(&api, &request, &plan).await?);
    let (wrong, refused, stale) = (Wrong::default(), None, None);
    let page = Page { frame: &frame, shown, version, typed, wrong, refused, stale, may_change };
    answer::page(StatusCode::OK, page.render())
}

async fn shown(api: &Api, request: &Request, plan: &Plan) -> Result<Shown, Problem> {
    Ok(Shown {
        id: plan.plan_id.to_string(),
        name: plan.name.clone(),
        version: plan.version,
        status: model::status(plan.status),
        is_active: plan.status == PlanStatus::Active,
        gateway: model::at_gateway(plan),
        why: why(api, request, plan).await?,
        changed: moment(plan.changed_at),
    })
}

/// The sentences by which payments, and then the gateway, have refused a plan.
async fn why(api: &Api, request: &Request, plan: &Plan) -> Result<Vec<String>, Problem> {
    let Some(remote) = plan.fitting() else { return Ok(Vec::new()) };
    let messages = Opener::of(api, request).messages(&remote.reasons).await?;
    let message = |message: &Option<GatewayText>| message.as_ref().map_or(ERASED, GatewayText::expose).to_owned();
    Ok(remote.detail.iter().cloned().chain(messages.iter().map(message)).collect())
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let plan_id = plans::id(&request)?;
    let changed = match content(&request) {
        Ok(content) => plans::change(&api, &request, plan_id, model::changes(content)).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Err(NotDecided::Problem(problem)) if is_shown_again(&problem) => again(&api, &request, problem).await,
        other => answered(&api, &request, other, "plan-saved").await,
    }
}

/// True if the form is shown again with what is wrong. That there is no such plan is no matter of the form.
fn is_shown_again(problem: &Problem) -> bool {
    problem.status().is_client_error() && problem.code != Code::NotFound
}

/// The form with what is wrong and all that was typed. Where somebody else has changed the plan meanwhile, it says what
/// differs, and sent once more it changes what is kept now.
async fn again(api: &Api, request: &Request, problem: Problem) -> Result<Response, Problem> {
    let (plan, typed) = (plans::present(api, request).await?, Typed::sent(&request.form));
    let is_stale = problem.code == Code::VersionMismatch;
    let stale = is_stale.then(|| Stale { version: plan.version, differs: typed.differs(&plan) });
    let version = match is_stale {
        true => plan.version.to_string(),
        false => request.form.said(VERSION_FIELD).unwrap_or_default().to_owned(),
    };
    let refused = if is_stale { None } else { refused(&problem) };
    let (frame, may_change) = (Frame::around(api, request, "plans").await?, may_change(request)?);
    let (shown, code) = (Some(shown(api, request, &plan).await?), problem.status());
    let wrong = Wrong(problem.errors);
    answer::page(code, Page { frame: &frame, shown, version, typed, wrong, refused, stale, may_change }.render())
}

/// 303 to the plan, with what was done.
async fn answered(
    api: &Api,
    request: &Request,
    changed: Result<(Plan, Decided), NotDecided>,
    done: &str,
) -> Result<Response, Problem> {
    let page = format!("{ALL}/{}", plans::id(request)?);
    match changed {
        Ok(_) => Ok(answer::done(&page, done)),
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, "plans").await?, &page, not_decided),
    }
}

async fn ask_activate(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = "Novas lojas passam a poder assiná-lo.";
    confirm(&api, &request, "activate", |name| format!("Ativar o plano {name}?"), text, ("Ativar", false)).await
}

async fn ask_deactivate(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = "Ninguém mais o assina. Quem já assinou continua nas mesmas condições. Pode ser desfeito.";
    confirm(&api, &request, "deactivate", |name| format!("Desativar o plano {name}?"), text, ("Desativar", true)).await
}

async fn ask_gateway(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = "O gateway é pedido mais uma vez pelo preço e pelo ciclo de agora.";
    confirm(
        &api,
        &request,
        "ask",
        |name| format!("Pedir o plano {name} de novo ao gateway?"),
        text,
        ("Pedir de novo", false),
    )
    .await
}

async fn confirm(
    api: &Api,
    request: &Request,
    verb: &str,
    title: impl FnOnce(&str) -> String,
    text: &str,
    (word, risky): (&str, bool),
) -> Result<Response, Problem> {
    let plan = plans::present(api, request).await?;
    let frame = Frame::around(api, request, "plans").await?;
    let (title, back) = (title(&plan.name), format!("{ALL}/{}", plan.plan_id));
    let action = format!("{back}/{verb}");
    let page = Confirm { frame: &frame, title: &title, text, action: &action, word, risky, back: &back };
    answer::page(StatusCode::OK, page.html())
}

async fn do_activate(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, PlanStatus::Active, "plan-active").await
}

async fn do_deactivate(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, PlanStatus::Inactive, "plan-inactive").await
}

async fn set_status(api: &Api, request: &Request, status: PlanStatus, done: &str) -> Result<Response, Problem> {
    let changes = PlanChanges { status: Some(status), ..PlanChanges::default() };
    answered(api, request, plans::change(api, request, plans::id(request)?, changes).await, done).await
}

async fn do_gateway(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = plans::ask_again(&api, &request, plans::id(&request)?).await;
    answered(&api, &request, asked, "plan-asked").await
}
