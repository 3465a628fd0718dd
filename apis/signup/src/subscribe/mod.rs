//! `/assinar/{plan}`: the form by which somebody subscribes, and whether a sub-domain is free.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    hosts::{check_subdomain, normalise_subdomain},
    ids::SignupPlanId,
    problem::{Code, FieldError},
    refusals,
    signup_link::SignupLink,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, object, text},
    sessions::{KEY_FIELD, Visitor, visitor},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

use crate::{
    answer,
    form::{self, Asked, Fate, Ids, Making, Offer, Typed, Unvouched, View},
    frame::{Frame, message, or_message},
    plans,
};

const FORM: &str = "/assinar/{plan}";
const FREE: &str = "/assinar/disponivel";
/// The sub-domain that is asked for.
const NAME: Parameter = Parameter::new("nome", Kind::Text(100), "The sub-domain.");
/// Seconds after which another one may subscribe of whom too many wait to be paid: a card or Pix that nobody pays is over by then.
const WAITS_FOR: HeaderValue = HeaderValue::from_static("1800");

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(FREE, free)
            .on_platform()
            .query([NAME])
            .gives_json("Whether it is free, and why not.", "FreeName")
            .says("Tells whether a sub-domain is free."),
        Route::get(FORM, show).on_platform().page().says("Shows the form by which somebody subscribes to a plan."),
        Route::new(Method::POST, FORM, submit)
            .on_platform()
            .gives(303, "The page of the subscription.", None)
            .with_headers(&["Location"])
            .page()
            .takes_own_form()
            .refuses_cards()
            .problems(&[404, 409, 422])
            .says("Subscribes to a plan, once for each form."),
    ]
}

/// The schema of whether a sub-domain is free.
pub(crate) fn schemas() -> Vec<Named> {
    let fields = [("name", text()), ("free", json!({"type": "boolean"})), ("detail", text())];
    vec![("FreeName", object(&fields, &["name", "free", "detail"]))]
}

/// The page of the form.
#[derive(Template)]
#[template(path = "subscribe/subscribe.html")]
struct Page<'a> {
    frame: &'a Frame,
    form: View,
    /// What is wrong with all of it.
    refused: Option<&'a str>,
}

async fn free(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let name = normalise_subdomain(request.query.text(NAME.name).unwrap_or_default());
    let (free, detail) = match check_subdomain(&name) {
        Err(refusal) => (false, refusal.detail),
        Ok(()) if form::is_free(&api, &name, None).await? => (true, format!("O endereço «{name}» está livre.")),
        Ok(()) => (false, refusals::subdomain_taken(&name)),
    };
    let mut response = reply::json(&json!({"name": name, "free": free, "detail": detail}));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn plan_id(request: &Request) -> Result<SignupPlanId, Problem> {
    request.param(0).parse().map_err(|_| no_plan())
}

fn no_plan() -> Problem {
    Problem::new(Code::NotFound, refusals::NO_SUCH_PLAN)
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shown = begin(&api, &request, Ids::fresh(), &Typed::default(), StatusCode::OK, None).await;
    or_message(&api, shown)
}

/// The form with terms of now, for these ids.
async fn begin(
    api: &Api,
    request: &Request,
    ids: Ids,
    typed: &Typed,
    status: StatusCode,
    refused: Option<&str>,
) -> Result<Response, Problem> {
    let plan = plans::offered_one(api, plan_id(request)?).await?.ok_or_else(no_plan)?;
    let Some(offer) = Offer::of(api, &plan, ids).await? else { return closed(api) };
    let visitor = visitor(&request.headers).renewed(&request.headers);
    let written = offer.written(&api.config.secrets, &form::hash_of(&visitor), api.platform.now())?;
    let making = Making { action: request.path.clone(), typed, wrong: &[], key: None, attempt: None };
    draw(api, visitor, &offer, written, making, (status, refused))
}

/// Says that nobody can subscribe now: the platform has no account that is paid.
fn closed(api: &Api) -> Result<Response, Problem> {
    let text = "Não estamos recebendo novas assinaturas neste momento. Nada foi cobrado. Volte em breve.";
    message(api, StatusCode::SERVICE_UNAVAILABLE, "As assinaturas estão fechadas por enquanto", text)
}

fn draw(
    api: &Api,
    visitor: Visitor,
    offer: &Offer,
    written: (String, String),
    making: Making<'_>,
    (status, refused): (StatusCode, Option<&str>),
) -> Result<Response, Problem> {
    let simulated = offer.shown().is_some_and(|terms| terms.account.simulated);
    let frame = Frame::of(api, "plans").simulated_by(simulated);
    let form = View::of(api, &visitor, offer, written, making)?;
    let gateway = form.gateway_origin();
    let mut response = answer::page(status, Page { frame: &frame, form, refused }.render(), gateway.as_deref())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let submitted = submitted(&api, request).await;
    or_message(&api, submitted)
}

async fn submitted(api: &Api, mut request: Request) -> Result<Response, Problem> {
    let visitor = visitor(&request.headers).renewed(&request.headers);
    let hash = form::hash_of(&visitor);
    request.actor = format!("visitor:{hash}");
    let typed = Typed::sent(&request.form);
    let sent = |name: &str| request.form.text(name).unwrap_or_default().to_owned();
    let written = (sent("terms"), sent("token"));
    let vouched = (written.0.as_str(), written.1.as_str());
    let plan = plan_id(&request)?;
    let offer = match Offer::read(&api.config.secrets, &hash, vouched, api.platform.now()) {
        Ok(offer) if offer.plan_id() == Some(plan) => offer,
        Err(Unvouched::Over(ids)) => {
            let why =
                "O formulário ficou aberto por mais de duas horas. Confira as condições de agora, e envie-o de novo.";
            return begin(api, &request, ids, &typed, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await;
        }
        Ok(_) | Err(Unvouched::Forged) => {
            let why = "Este formulário não foi feito para você. Comece de novo pelos planos.";
            return Err(Problem::new(Code::Forbidden, why));
        }
    };
    let page = SignupLink::new(offer.ids.tenant, offer.ids.subscription, api.platform.now()).path(&api.config.secrets);
    let again = |wrong: &[FieldError], key: Option<&str>, status: StatusCode, refused: Option<&str>| {
        let visitor = Visitor { cookie: visitor.cookie.clone(), set: visitor.set.clone() };
        let making = Making { action: request.path.clone(), typed: &typed, wrong, key, attempt: None };
        draw(api, visitor, &offer, written.clone(), making, (status, refused))
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let checked = match form::check(&typed, request.form.text("card_token"), offer.methods()) {
        Ok(checked) => checked,
        Err(wrong) => return again(&wrong, None, unprocessable, None),
    };
    let subdomain = &checked.shop.subdomain;
    match form::is_free(api, subdomain, Some(offer.ids.tenant)).await {
        Ok(true) => {}
        Ok(false) => {
            let detail = refusals::subdomain_taken(subdomain);
            return again(&[FieldError::new("subdomain", Code::NameTaken, detail)], None, unprocessable, None);
        }
        // Nothing was sent, and what was typed stays.
        Err(problem) if problem.code == Code::Unavailable => {
            return again(&[], None, problem.status(), Some(form::UNCERTAIN));
        }
        Err(problem) => return Err(problem),
    }
    let Some(terms) = offer.terms(checked.method).cloned() else { return closed(api) };
    if let Some(why) = form::too_many(api, &request, offer.ids, &checked).await? {
        let mut response = again(&[], None, StatusCode::TOO_MANY_REQUESTS, Some(why.as_str()))?;
        response.headers_mut().insert(header::RETRY_AFTER, WAITS_FOR);
        return Ok(response);
    }
    let asked = Asked { ids: offer.ids, visitor: &hash, attempt: 1 };
    match form::fate(form::ask(api, &request, asked, &terms, checked).await) {
        Fate::Taken => Ok(reply::see_other(&page)),
        Fate::Again { status, why, same_key } => {
            let key = request.form.said(KEY_FIELD).filter(|_| same_key);
            again(&[], key, status, Some(why.as_str()))
        }
        Fate::Lost(problem) => Err(problem),
    }
}
