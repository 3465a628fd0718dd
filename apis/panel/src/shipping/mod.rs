//! `/admin/shipping`: the ways in which a shop delivers, their order, and a box that tries out what a buyer would see.

mod differs;
mod model;
mod pasted;
mod tried;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::shipping::{KINDS, MOVES, MoveBody, ShippingBody, content_of_lines, kind_name, kind_of, kind_word, schemas},
    ids::ShippingId,
    problem::Code,
    records::admin::{ShippingContent, ShippingKind, ShippingOption},
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    shipping,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use self::{
    model::{TABLE_FIELD, Typed},
    pasted::Table,
    tried::{CEP, GOODS, Tried, WEIGHT},
};
use crate::{
    answer,
    audience::SHOP,
    forms::Differences,
    frame::{Confirm, DONE, Frame, Wrong},
    shop::Status,
};

const HERE: &str = "shipping";
const ALL: &str = "/admin/shipping";
const NEW: &str = "/admin/shipping/new";
const ONE: &str = "/admin/shipping/{id}";
const MOVE: &str = "/admin/shipping/{id}/move";
const REMOVE: &str = "/admin/shipping/{id}/remove";
/// Bytes of the form: the longest table takes some 200 KiB as a browser sends it.
const FORM_BYTES: usize = 512 * 1024;
/// What is seen of these pages, and what is changed by them.
const SEES: Access = Access::read(Area::Shipping);
const CHANGES: Access = Access::write(Area::Shipping);
/// The kind of a new way of delivery.
const KIND: Parameter = Parameter::new("kind", Kind::Text(16), "The kind of the new way of delivery.");

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, SEES);
    let does = |route: Route| SHOP.does(route, CHANGES);
    let takes_table = |route: Route| does(route).takes(vec![("application/x-www-form-urlencoded", "Form")], FORM_BYTES);
    vec![
        shows(Route::get(ALL, show))
            .query([DONE, CEP, WEIGHT, GOODS])
            .says("Shows the ways in which a shop delivers, and what a parcel costs by each."),
        SHOP.asks(Route::get(NEW, show_new), CHANGES).query([KIND]).says("Shows the form of a new way of delivery."),
        takes_table(Route::new(Method::POST, ALL, create)).says("Makes a way of delivery."),
        shows(Route::get(ONE, show_one)).query([DONE]).says("Shows a way of delivery, and the form that changes it."),
        takes_table(Route::new(Method::POST, ONE, change))
            .says("Changes a way of delivery, if nobody else has meanwhile."),
        does(Route::new(Method::POST, MOVE, shift)).says("Moves a way of delivery up or down."),
        SHOP.asks(Route::get(REMOVE, ask_remove), CHANGES).says("Asks whether a way of delivery is to be removed."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Removes a way of delivery."),
    ]
}

/// A way of delivery of the list.
struct Item {
    id: ShippingId,
    name: String,
    about: String,
    status: Status,
    version: i64,
    is_first: bool,
    is_last: bool,
}

/// A kind of which a new one is made.
struct Choice {
    word: &'static str,
    name: &'static str,
}

/// The list, and the box.
#[derive(Template)]
#[template(path = "shipping/list.html")]
struct List<'a> {
    frame: &'a Frame,
    items: Vec<Item>,
    kinds: Vec<Choice>,
    tried: Tried,
    may_change: bool,
}

/// A way of delivery that is kept, beside its form.
struct Kept {
    id: ShippingId,
    name: String,
    rows: Vec<[String; 5]>,
}

/// The form of a way of delivery, new or not.
#[derive(Template)]
#[template(path = "shipping/option.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new one.
    kept: Option<Kept>,
    /// The address of the form.
    action: String,
    kind: &'static str,
    is_table: bool,
    /// The version that the form changes.
    version: String,
    typed: Typed,
    wrong: Wrong,
    /// What is wrong with the table, line by line.
    wrong_lines: Vec<String>,
    /// What is wrong with the form as a whole, where no field is to blame.
    refused: Option<String>,
    /// What differs, if somebody else has changed meanwhile what the form was filled with.
    stale: Option<Differences>,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let options = shipping::all(&api, &request).await?;
    let frame = Frame::around(&api, &request, HERE).await?;
    let last = options.len().saturating_sub(1);
    let items = options.iter().enumerate().map(|(place, option)| Item {
        id: option.shipping_id,
        name: option.content.name.clone(),
        about: model::says(&option.content),
        status: status(&option.content),
        version: option.version,
        is_first: place == 0,
        is_last: place == last,
    });
    let items = items.collect();
    let kinds = KINDS.into_iter().map(|(_, word, name)| Choice { word, name }).collect();
    let tried = Tried::of(&request, &options);
    let code = if tried.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let may_change = request.session()?.may(CHANGES);
    answer::page(code, List { frame: &frame, items, kinds, tried, may_change }.render())
}

fn status(content: &ShippingContent) -> Status {
    if content.active { Status { word: "Ativa", look: "good" } } else { Status { word: "Inativa", look: "" } }
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let kind = request.query.text(KIND.name).and_then(kind_of).unwrap_or(ShippingKind::Flat);
    draw(&api, &request, None, Typed::new(kind), None, None).await
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let option = shipping::present(&api, &request).await?;
    draw(&api, &request, Some(&option), Typed::of(&option), None, None).await
}

/// The form of a way of delivery, or of a new one. Where somebody else has changed it meanwhile, it says what differs, and changes what is
/// kept now if it is sent once more.
async fn draw(
    api: &Api,
    request: &Request,
    option: Option<&ShippingOption>,
    mut typed: Typed,
    problem: Option<Problem>,
    stale: Option<Differences>,
) -> Result<Response, Problem> {
    let frame = Frame::around(api, request, HERE).await?;
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status);
    let (wrong, refused) = match problem {
        None => (Wrong::default(), None),
        Some(problem) => {
            let refused = (problem.errors.is_empty() && stale.is_none()).then_some(problem.detail);
            (Wrong(problem.errors), refused)
        }
    };
    let sent = request.form.said(VERSION_FIELD).filter(|_| stale.is_none()).map(str::to_owned);
    let kind = option.map_or_else(|| typed.kind(&request.form), |option| option.content.kind);
    // Sent once more, the form is of the kind that it shows.
    kind_word(kind).clone_into(&mut typed.kind);
    let of_lines = wrong.0.iter().filter(|error| error.pointer.starts_with("/rates"));
    let page = Page {
        frame: &frame,
        kept: option.map(|option| Kept {
            id: option.shipping_id,
            name: option.content.name.clone(),
            rows: option.content.rates.iter().map(pasted::shown).collect(),
        }),
        action: option.map_or_else(|| ALL.to_owned(), |option| page_of(option.shipping_id)),
        kind: kind_name(kind),
        is_table: kind == ShippingKind::Table,
        version: sent.or(option.map(|option| option.version.to_string())).unwrap_or_default(),
        typed,
        wrong_lines: of_lines.map(|error| error.detail.clone()).collect(),
        wrong,
        refused,
        stale,
        may_change: request.session()?.may(CHANGES),
    };
    answer::page(status, page.render())
}

/// The content that was typed, or everything that is wrong with it.
fn content(request: &Request) -> Result<ShippingContent, Problem> {
    let mut body: ShippingBody = request.form.body(&BODIES, "ShippingBody")?;
    let mut table = Table::default();
    if kind_of(&body.kind) == Some(ShippingKind::Table) {
        table = Table::read(request.form.said(TABLE_FIELD).unwrap_or_default()).map_err(Problem::fields)?;
        body.rates = std::mem::take(&mut table.rates);
    }
    content_of_lines(body, &table.numbers).map_err(|errors| Problem::fields(table.said(errors)))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let made = match content(&request) {
        Ok(content) => shipping::create(&api, &request, content).await,
        Err(problem) => Err(problem.into()),
    };
    match made {
        Ok(_) => Ok(answer::done(ALL, "shipping-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            draw(&api, &request, None, Typed::sent(&request.form), Some(problem), None).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = shipping::present(&api, &request).await?.shipping_id;
    let content = content(&request);
    let meant = content.as_ref().ok().cloned();
    let changed = match content {
        Ok(content) => shipping::change(&api, &request, id, content).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(&page_of(id), "shipping-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() && problem.code != Code::NotFound => {
            // As it is now: somebody else may have changed it.
            let option = shipping::present(&api, &request).await?;
            let meant = meant.filter(|_| problem.code == Code::VersionMismatch);
            let stale = meant.map(|meant| differs::differences(&option.content, &meant));
            draw(&api, &request, Some(&option), Typed::sent(&request.form), Some(problem), stale).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

fn page_of(id: ShippingId) -> String {
    format!("{ALL}/{id}")
}

async fn shift(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = shipping::named(&request)?;
    let moved = match request.form.body::<MoveBody>(&BODIES, "ShippingMove") {
        Ok(body) => shipping::shift(&api, &request, id, body.direction == MOVES[0]).await,
        Err(problem) => Err(problem.into()),
    };
    match moved {
        Ok(_) => Ok(answer::done(ALL, "shipping-moved")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let option = shipping::present(&api, &request).await?;
    let frame = Frame::around(&api, &request, HERE).await?;
    let back = page_of(option.shipping_id);
    let page = Confirm {
        frame: &frame,
        title: &format!("Excluir a entrega {}?", option.content.name),
        text: "Quem compra não a escolhe mais. Os pedidos que já foram feitos ficam como estão.",
        action: &format!("{back}/remove"),
        word: "Excluir",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html_for(option.version))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = shipping::named(&request)?;
    match shipping::remove(&api, &request, id).await {
        Ok(_) => Ok(answer::done(ALL, "shipping-removed")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}
