//! `/operator/payment-methods`: which payment methods shops of the platform may offer.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::payment_method::{
        KINDS, OfferedBody, OfferedContent, allows_installments, method_word, offered_content, operator_schemas,
        usual_name,
    },
    records::{admin::OfferedMethod, payments::PaymentMethod},
};
use feira_web::{
    context::Api,
    forms::Form,
    json::Schemas,
    methods,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use super::filled::Filled;
use crate::{
    answer,
    audience::OPERATORS,
    frame::{Confirm, DONE, Frame},
    shop::Status,
};

const ALL: &str = "/operator/payment-methods";
const ONE: &str = "/operator/payment-methods/{method}";
const REMOVE: &str = "/operator/payment-methods/{method}/remove";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(operator_schemas()));

pub(super) fn routes() -> Vec<Route> {
    let shows = |route: Route| OPERATORS.asks(route, Access::read(Area::Methods));
    let does = |route: Route| OPERATORS.does(route, Access::write(Area::Methods));
    vec![
        shows(Route::get(ALL, show)).query([DONE]).says("Shows the payment methods that shops may offer."),
        shows(Route::get(ONE, show_one)).says("Shows the form of a payment method of the platform."),
        does(Route::new(Method::POST, ONE, save)).says("Sets how shops may offer a payment method."),
        shows(Route::get(REMOVE, ask_remove))
            .says("Asks whether what is said of a payment method is to be taken back."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Takes back what is said of a payment method."),
    ]
}

/// A method of the list.
struct Item {
    name: String,
    about: &'static str,
    status: Status,
    address: String,
}

/// The list.
#[derive(Template)]
#[template(path = "methods/offered.html")]
struct List<'a> {
    frame: &'a Frame,
    methods: Vec<Item>,
    /// True if nothing is said of any method, so that shops may offer all.
    is_usual: bool,
}

/// What is typed into the form.
struct Typed {
    name: String,
    installments: bool,
    active: bool,
}

/// The form of a method.
#[derive(Template)]
#[template(path = "methods/offer.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// The name of the kind.
    kind: &'static str,
    address: String,
    filled: Filled<Typed>,
    /// True for a kind that may be paid in installments.
    allows: bool,
    /// True if something is kept.
    is_kept: bool,
    /// True if nothing is said of any method.
    is_usual: bool,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let configured = methods::configured(&api, &request).await?;
    let frame = Frame::around(&api, &request, "methods").await?;
    let methods = KINDS.into_iter().map(|(kind, ..)| item(kind, &configured)).collect();
    let page = List { frame: &frame, methods, is_usual: configured.is_empty() };
    answer::page(StatusCode::OK, page.render())
}

fn item(kind: PaymentMethod, configured: &[OfferedMethod]) -> Item {
    let kept = find(kind, configured);
    let (word, look) = match kept {
        Some(kept) if kept.active => ("Oferecida", "good"),
        None if configured.is_empty() => ("Oferecida por padrão", "good"),
        _ => ("Não oferecida", ""),
    };
    let parcels = kept.map_or_else(|| allows_installments(kind), |kept| kept.installments);
    Item {
        name: kept.map_or_else(|| usual_name(kind).to_owned(), |kept| kept.name.clone()),
        about: if parcels { "Pode ser parcelada" } else { "Só à vista" },
        status: Status { word, look },
        address: address(kind),
    }
}

fn find(kind: PaymentMethod, configured: &[OfferedMethod]) -> Option<&OfferedMethod> {
    configured.iter().find(|known| known.method == kind)
}

fn address(kind: PaymentMethod) -> String {
    format!("{ALL}/{}", method_word(kind))
}

impl Typed {
    /// What a form that was sent holds.
    fn sent(form: &Form) -> Self {
        // A check box that is not ticked is not sent, so a hidden input says false before it.
        let ticked = |name| form.texts(name).last().is_some_and(|text| text == "true");
        let name = form.text("/name").unwrap_or_default().to_owned();
        Self { name, installments: ticked("/installments"), active: ticked("/active") }
    }

    /// What the form of a method is filled with.
    fn of(kind: PaymentMethod, kept: Option<&OfferedMethod>) -> Self {
        match kept {
            Some(kept) => Self { name: kept.name.clone(), installments: kept.installments, active: kept.active },
            None => Self { name: usual_name(kind).to_owned(), installments: allows_installments(kind), active: true },
        }
    }
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (kind, configured) = (methods::kind(&request, 0)?, methods::configured(&api, &request).await?);
    let kept = find(kind, &configured);
    let filled = Filled::of(Typed::of(kind, kept), kept.map_or(0, |kept| kept.version));
    draw(&api, &request, kind, &configured, filled).await
}

async fn draw(
    api: &Api,
    request: &Request,
    kind: PaymentMethod,
    configured: &[OfferedMethod],
    filled: Filled<Typed>,
) -> Result<Response, Problem> {
    let (frame, code) = (Frame::around(api, request, "methods").await?, filled.code);
    let page = Page {
        frame: &frame,
        kind: usual_name(kind),
        address: address(kind),
        filled,
        allows: allows_installments(kind),
        is_kept: find(kind, configured).is_some(),
        is_usual: configured.is_empty(),
        may_change: request.session()?.may(Access::write(Area::Methods)),
    };
    answer::page(code, page.render())
}

/// The content that was typed, or everything that is wrong with it.
fn content(request: &Request, kind: PaymentMethod) -> Result<OfferedContent, Problem> {
    let body = request.form.body::<OfferedBody>(&BODIES, "OfferedMethodBody")?;
    offered_content(kind, body).map_err(Problem::fields)
}

async fn save(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let kind = methods::kind(&request, 0)?;
    let saved = match content(&request, kind) {
        Ok(content) => methods::set_offered(&api, &request, kind, content).await,
        Err(problem) => Err(problem.into()),
    };
    match saved {
        Ok(_) => Ok(answer::done(ALL, "method-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let configured = methods::configured(&api, &request).await?;
            let version = find(kind, &configured).map_or(0, |kept| kept.version);
            let filled = Filled::again(&request, problem, Typed::sent(&request.form), version);
            draw(&api, &request, kind, &configured, filled).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "methods").await?, ALL, not_decided),
    }
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (kind, configured) = (methods::kind(&request, 0)?, methods::configured(&api, &request).await?);
    let (back, frame) = (address(kind), Frame::around(&api, &request, "methods").await?);
    let name = find(kind, &configured).map_or(usual_name(kind), |kept| kept.name.as_str());
    // Without the last one that is said, nothing is said of any.
    let text = match configured.len() {
        ..=1 => "É a última configuração: sem ela, todas as formas voltam a ser oferecidas por padrão.",
        _ => "As lojas não podem mais oferecê-la, e quem compra não paga mais assim.",
    };
    let page = Confirm {
        frame: &frame,
        title: &format!("Retirar {name} da plataforma?"),
        text,
        action: &format!("{back}/remove"),
        word: "Retirar",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html_for(find(kind, &configured).map_or(0, |kept| kept.version)))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match methods::remove_offered(&api, &request, methods::kind(&request, 0)?).await {
        Ok(_) => Ok(answer::done(ALL, "method-removed")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "methods").await?, ALL, not_decided),
    }
}
