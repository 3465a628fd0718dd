//! `/admin/categories`: the tree of a shop's categories, which are made, renamed, moved and deleted here.

mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_api_admin::categories::{self, CategoryChange};
use feira_schemas::{
    api::category::{CategoryBody, schemas},
    ids::CategoryId,
    problem::Code,
    records::admin::Category,
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use self::model::{Branch, Typed};
use crate::{
    answer,
    audience::SHOP,
    format::{moment, whole},
    forms::Choice,
    frame::{Confirm, DONE, Frame, Message, Wrong},
};

const ALL: &str = "/admin/categories";
const ONE: &str = "/admin/categories/{id}";
const DELETE: &str = "/admin/categories/{id}/delete";
/// The word for these pages in the navigation.
const HERE: &str = "categories";
/// Categories of a page: a shop may have 5,000, which nobody scrolls through.
const SHOWN: usize = 500;
/// A part of the name.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the name.");

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Catalogue));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Catalogue));
    vec![
        shows(Route::get(ALL, show)).query([Q, DONE]).says("Shows the shop's categories as a tree, by name."),
        shows(Route::get("/admin/categories/new", show_new)).says("Shows the form of a new category."),
        does(Route::new(Method::POST, ALL, create)).says("Makes a category."),
        shows(Route::get(ONE, show_one)).query([DONE]).says("Shows a category and the form by which it is changed."),
        does(Route::new(Method::POST, ONE, change)).says("Changes or moves a category, if nobody else has meanwhile."),
        shows(Route::get(DELETE, ask_delete)).says("Asks whether a category is to be deleted."),
        does(Route::new(Method::POST, DELETE, delete)).says("Deletes a category that nothing uses."),
    ]
}

/// The list.
#[derive(Template)]
#[template(path = "categories/categories.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    branches: Vec<Branch>,
    /// The number of categories that were found, in words.
    total: String,
    /// True if not all of them are shown.
    is_cut: bool,
    may_change: bool,
}

/// A category that is there, beside its form.
struct Shown {
    id: CategoryId,
    name: String,
    slug: String,
    version: i64,
    changed: String,
}

/// What somebody else has changed meanwhile.
struct Stale {
    /// Fields in which what is kept differs from what is typed, and what is kept.
    differs: Vec<(&'static str, String)>,
}

/// The form of a category, new or not.
#[derive(Template)]
#[template(path = "categories/category.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new one.
    shown: Option<Shown>,
    /// The version that the form changes.
    version: String,
    typed: Typed,
    parents: Vec<Choice>,
    wrong: Wrong,
    refused: Option<String>,
    stale: Option<Stale>,
    may_change: bool,
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Catalogue)))
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = categories::all(&api, &request).await?;
    let q = request.query.text(Q.name).unwrap_or_default().trim();
    let mut branches = model::tree(&all);
    branches.retain(|branch| q.is_empty() || categories::is_named(&branch.name, q));
    let (total, is_cut) = (number(branches.len()), branches.len() > SHOWN);
    branches.truncate(SHOWN);
    let (frame, may_change) = (Frame::around(&api, &request, HERE).await?, may_change(&request)?);
    answer::page(StatusCode::OK, List { frame: &frame, q, branches, total, is_cut, may_change }.render())
}

/// A number of categories in words.
fn number(categories: usize) -> String {
    match categories {
        1 => "1 categoria".to_owned(),
        several => format!("{} categorias", whole(i64::try_from(several).unwrap_or(i64::MAX))),
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
    let all = categories::all(api, request).await?;
    let (frame, may_change) = (Frame::around(api, request, HERE).await?, may_change(request)?);
    let parents = model::parents(&all, None, &typed.parent);
    let (version, shown, stale) = (String::new(), None, None);
    let page = Page { frame: &frame, shown, version, typed, parents, wrong, refused, stale, may_change };
    answer::page(code, page.render())
}

fn body(request: &Request) -> Result<CategoryBody, Problem> {
    request.form.body::<CategoryBody>(&BODIES, "CategoryBody")
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let made = match body(&request) {
        Ok(body) => categories::submit(&api, &request, CategoryChange::Create(body)).await,
        Err(problem) => Err(problem.into()),
    };
    match made {
        Ok(_) => Ok(answer::done(ALL, "category-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (refused, code) = (refused(&problem), problem.status());
            draw_new(&api, &request, code, Typed::sent(&request.form), Wrong(problem.errors), refused).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

/// What is wrong with a form as a whole, where no field is to blame.
fn refused(problem: &Problem) -> Option<String> {
    problem.errors.is_empty().then(|| problem.detail.clone())
}

fn category_id(request: &Request) -> Result<CategoryId, Problem> {
    request.id(0, "A categoria")
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category = categories::load(&api, &request, category_id(&request)?).await?;
    let all = categories::all(&api, &request).await?;
    let (typed, version) = (Typed::of(&category), category.version.to_string());
    let (frame, may_change) = (Frame::around(&api, &request, HERE).await?, may_change(&request)?);
    let parents = model::parents(&all, Some(category.category_id), &typed.parent);
    let (shown, wrong, refused, stale) = (Some(shown(&category)), Wrong::default(), None, None);
    let page = Page { frame: &frame, shown, version, typed, parents, wrong, refused, stale, may_change };
    answer::page(StatusCode::OK, page.render())
}

fn shown(category: &Category) -> Shown {
    Shown {
        id: category.category_id,
        name: category.name.clone(),
        slug: category.slug.clone(),
        version: category.version,
        changed: moment(category.updated_at),
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    let changed = match body(&request) {
        Ok(body) => categories::submit(&api, &request, CategoryChange::Replace(id, body)).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(ALL, "category-saved")),
        // That there is no such category is no matter of the form.
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() && problem.code != Code::NotFound => {
            again(&api, &request, id, problem).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

/// The form with what is wrong and all that was typed. Where somebody else has changed the category meanwhile, it says what
/// differs, and sent once more it changes what is kept now.
async fn again(api: &Api, request: &Request, id: CategoryId, problem: Problem) -> Result<Response, Problem> {
    let (category, all) = (categories::load(api, request, id).await?, categories::all(api, request).await?);
    let (typed, is_stale) = (Typed::sent(&request.form), problem.code == Code::VersionMismatch);
    let version = match is_stale {
        true => category.version.to_string(),
        false => request.form.said(VERSION_FIELD).unwrap_or_default().to_owned(),
    };
    let stale = is_stale.then(|| Stale { differs: typed.differs(&category, &all) });
    let refused = if is_stale { None } else { refused(&problem) };
    let (frame, may_change) = (Frame::around(api, request, HERE).await?, may_change(request)?);
    let parents = model::parents(&all, Some(id), &typed.parent);
    let (shown, code, wrong) = (Some(shown(&category)), problem.status(), Wrong(problem.errors));
    let page = Page { frame: &frame, shown, version, typed, parents, wrong, refused, stale, may_change };
    answer::page(code, page.render())
}

async fn ask_delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category = categories::load(&api, &request, category_id(&request)?).await?;
    let all = categories::all(&api, &request).await?;
    let within = all.iter().filter(|other| other.parent_id == Some(category.category_id)).count();
    let frame = Frame::around(&api, &request, HERE).await?;
    let (title, back) = (format!("Apagar a categoria {}?", category.name), format!("{ALL}/{}", category.category_id));
    let action = format!("{back}/delete");
    match model::deleting(within) {
        Ok(text) => {
            let (word, risky) = ("Apagar", true);
            let page = Confirm { frame: &frame, title: &title, text, action: &action, word, risky, back: &back };
            answer::page(StatusCode::OK, page.html_for(category.version))
        }
        Err(text) => {
            let message =
                Message { frame: &frame, title: "Ainda não pode ser apagada", text: &text, back: Some(&back) };
            answer::page(StatusCode::OK, message.html())
        }
    }
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    match categories::submit(&api, &request, CategoryChange::Delete(id)).await {
        Ok(_) => Ok(answer::done(ALL, "category-deleted")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}
