//! `/admin/products/new` and `/admin/products/{id}`: a product, which is made, changed and deleted here, with its variants and images.
//!
//! The form works in steps without a script: a button lays out the table of variants, or adds a line to it, and shows all that was typed
//! again. Nothing is kept before it is saved, and then only over the version that was shown.

mod differs;
mod grid;
mod images;
mod pasted;
mod table;
mod typed;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use askama::Template;
use feira_api_admin::products::{self, ProductChange};
use feira_schemas::{
    api::product::{ProductBody, schemas},
    ids::ProductId,
    limits,
    problem::Code,
    records::{
        admin::{Category, Product},
        catalogue::ProductStatus,
    },
    rows::admin::CategoryRow,
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use self::{
    images::Pictures,
    table::{Act, Table},
    typed::Typed,
    words::Preview,
};
use crate::{
    answer,
    format::moment,
    forms::{Choice, Differences},
    frame::{Confirm, DONE, Frame, Wrong},
    shop::Status,
};

const ALL: &str = "/admin/products";
const NEW: &str = "/admin/products/new";
const ONE: &str = "/admin/products/{id}";
const DELETE: &str = "/admin/products/{id}/delete";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    // A form of 2,048 variants is as long as their JSON.
    let long =
        |route: Route| does(route).takes(vec![("application/x-www-form-urlencoded", "Form")], limits::JSON_BODY_BYTES);
    let own = vec![
        changes(Route::get(NEW, show_new)).says("Shows the form of a new product."),
        long(Route::new(Method::POST, NEW, create)).says("Makes a product, or shows its form one step on."),
        shows(Route::get(ONE, show_one))
            .query([DONE])
            .says("Shows a product, the form by which it is changed, and its images."),
        long(Route::new(Method::POST, ONE, change))
            .says("Changes a product, if nobody else has meanwhile, or shows its form one step on."),
        changes(Route::get(DELETE, ask_delete)).says("Asks whether a product is to be deleted."),
        does(Route::new(Method::POST, DELETE, delete)).says("Deletes a product."),
    ];
    [own, images::routes()].concat()
}

/// A page that shows products.
fn shows(route: Route) -> Route {
    route.page().for_session(Access::read(Area::Catalogue)).problems(&[409])
}

/// A page on the way to a change.
fn changes(route: Route) -> Route {
    route.page().for_session(Access::write(Area::Catalogue)).problems(&[409])
}

/// A form that changes products.
fn does(route: Route) -> Route {
    route.page().for_session(Access::write(Area::Catalogue)).takes_own_form().problems(&[409, 412, 422])
}

/// A product that is there, beside its form.
struct Shown {
    id: String,
    name: String,
    status: Status,
    is_published: bool,
    slug: String,
    /// Addresses that lead here, too.
    old_slugs: String,
    version: i64,
    changed: String,
    sees_stock: bool,
}

/// What somebody else has changed meanwhile.
struct Stale {
    version: i64,
    differs: Differences,
}

/// The state of a form that is shown.
#[derive(Default)]
struct Sheet {
    typed: Typed,
    wrong: Wrong,
    /// What is wrong with the form as a whole.
    refused: Option<String>,
    /// What a step has done.
    said: Option<String>,
    /// What is wrong with pasted lines.
    lines: Vec<String>,
    /// The version that the form changes; empty for a new product.
    version: String,
    stale: Option<Stale>,
    /// True if what is typed is not what is kept.
    is_changed: bool,
    /// What is wrong with images.
    images: images::Asked,
}

/// The page.
#[derive(Template)]
#[template(path = "product/product.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new product.
    shown: Option<Shown>,
    /// The address of the form.
    action: String,
    sheet: &'a Sheet,
    table: Table,
    categories: Vec<Choice>,
    preview: Preview,
    pictures: Option<Pictures>,
    may_change: bool,
}

impl Page<'_> {
    /// The page's title.
    fn title(&self) -> &str {
        self.shown.as_ref().map_or("Novo produto", |shown| shown.name.as_str())
    }

    /// True if something is wrong with what is typed.
    fn is_wrong(&self) -> bool {
        let sheet = self.sheet;
        !sheet.wrong.is_empty() || sheet.refused.is_some() || sheet.stale.is_some() || !sheet.lines.is_empty()
    }
}

/// The product that a path names.
fn product_id(request: &Request) -> Result<ProductId, Problem> {
    request.id(0, "O produto")
}

fn address(id: ProductId) -> String {
    format!("{ALL}/{id}")
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let sheet = Sheet { typed: Typed::new(), ..Sheet::default() };
    draw(&api, &request, StatusCode::OK, None, &sheet).await
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = products::load(&api, &request, product_id(&request)?).await?;
    let sheet = Sheet { typed: Typed::of(&product), version: product.version.to_string(), ..Sheet::default() };
    draw(&api, &request, StatusCode::OK, Some(&product), &sheet).await
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    product: Option<&Product>,
    sheet: &Sheet,
) -> Result<Response, Problem> {
    let frame = Frame::around(api, request, "products").await?;
    let shop = frame.house.shop.as_ref().ok_or_else(Problem::no_such_address)?;
    let (state, tenant) = (&api.platform.state, request.tenant);
    let origin = api.hosts.pages_origin(state, &request.headers, tenant, &shop.subdomain).await?;
    let categories = categories(api, request).await?;
    let may_change = request.session()?.may(Access::write(Area::Catalogue));
    let page = Page {
        frame: &frame,
        shown: product.map(|product| shown(request, product)).transpose()?,
        action: product.map_or_else(|| NEW.to_owned(), |product| address(product.product_id)),
        sheet,
        table: Table::of(&sheet.typed, &sheet.wrong),
        categories: words::tree(&categories, &sheet.typed.category),
        preview: words::preview(&sheet.typed, &frame.house.name, &origin),
        pictures: product.map(|product| Pictures::of(product, &sheet.images)),
        may_change,
    };
    answer::page(code, page.render())
}

fn shown(request: &Request, product: &Product) -> Result<Shown, Problem> {
    let session = request.session()?;
    let is_published = product.status == ProductStatus::Published;
    let look = if is_published { "good" } else { "" };
    Ok(Shown {
        id: product.product_id.to_string(),
        name: product.name.clone(),
        status: Status { word: words::status(if is_published { typed::PUBLISHED } else { typed::DRAFT }), look },
        is_published,
        slug: product.slug.clone(),
        old_slugs: product.slug_history.join(", "),
        version: product.version,
        changed: moment(product.updated_at),
        sees_stock: session.may(Access::read(Area::Stock)),
    })
}

async fn categories(api: &Api, request: &Request) -> Result<Vec<Category>, Problem> {
    let all = CategoryRow::all(request.tenant);
    let rows = api.platform.state.scan::<CategoryRow>(&all, None, limits::CATEGORIES).await?;
    Ok(rows.into_iter().map(|row| row.category).collect())
}

/// The body that the form fills, or everything that is wrong with it.
fn body(typed: &Typed) -> Result<ProductBody, Problem> {
    typed.form().body(&BODIES, "ProductBody")
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let typed = Typed::sent(&request.form);
    if let Some(act) = Act::of(&request.form) {
        return draw(&api, &request, StatusCode::OK, None, &stepped(typed, act)).await;
    }
    let made = match body(&typed) {
        Ok(body) => products::submit(&api, &request, ProductChange::Create(body)).await,
        Err(problem) => Err(problem.into()),
    };
    match made {
        Ok(decided) => {
            let page = decided.id.map_or_else(|| ALL.to_owned(), |id| format!("{ALL}/{id}"));
            Ok(answer::done(&page, "product-made"))
        }
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let code = problem.status();
            let sheet = Sheet { is_changed: true, ..wrong(typed.without_ids(), problem) };
            draw(&api, &request, code, None, &sheet).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "products").await?, ALL, not_decided),
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, typed) = (product_id(&request)?, Typed::sent(&request.form));
    let Some(version) = request.form.said(VERSION_FIELD).map(str::to_owned) else {
        let detail = "O formulário não diz qual versão do produto ele altera. Recarregue a página.";
        return Err(Problem::new(Code::Malformed, detail));
    };
    if let Some(act) = Act::of(&request.form) {
        let product = products::load(&api, &request, id).await?;
        let sheet = Sheet { version, ..stepped(typed, act) };
        return draw(&api, &request, StatusCode::OK, Some(&product), &sheet).await;
    }
    let changed = match body(&typed) {
        Ok(body) => products::submit(&api, &request, ProductChange::Replace(id, body)).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(&address(id), "product-saved")),
        // That there is no such product is no matter of the form.
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() && problem.code != Code::NotFound => {
            again(&api, &request, typed, version, problem).await
        }
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "products").await?, &address(id), not_decided)
        }
    }
}

/// The form one step on: what is typed, and what the step has done to it.
fn stepped(mut typed: Typed, act: Act) -> Sheet {
    let done = act.on(&mut typed);
    Sheet { typed, wrong: Wrong(done.wrong), said: done.said, lines: done.lines, is_changed: true, ..Sheet::default() }
}

/// The form with what is wrong with it.
fn wrong(typed: Typed, problem: Problem) -> Sheet {
    let refused = problem.errors.is_empty().then_some(problem.detail);
    Sheet { typed, refused, wrong: Wrong(problem.errors), ..Sheet::default() }
}

/// The form with what is wrong and all that was typed. Where somebody else has changed the product meanwhile, it says what differs, and
/// sent once more it changes what is kept now.
async fn again(
    api: &Api,
    request: &Request,
    mut typed: Typed,
    version: String,
    problem: Problem,
) -> Result<Response, Problem> {
    let product = products::load(api, request, product_id(request)?).await?;
    let code = problem.status();
    if problem.code != Code::VersionMismatch {
        typed.without_ids_that_are_gone(&product);
        let sheet = Sheet { version, is_changed: true, ..wrong(typed, problem) };
        return draw(api, request, code, Some(&product), &sheet).await;
    }
    let categories = categories(api, request).await?.into_iter();
    let names: HashMap<String, String> =
        categories.map(|category| (category.category_id.to_string(), category.name)).collect();
    let differs = differs::differences(&Typed::of(&product), &typed, &names);
    typed.without_ids_that_are_gone(&product);
    let stale = Some(Stale { version: product.version, differs });
    let sheet = Sheet { typed, version: product.version.to_string(), stale, is_changed: true, ..Sheet::default() };
    draw(api, request, code, Some(&product), &sheet).await
}

async fn ask_delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = products::load(&api, &request, product_id(&request)?).await?;
    let frame = Frame::around(&api, &request, "products").await?;
    let (title, back) = (format!("Apagar o produto {}?", product.name), address(product.product_id));
    let (text, action) = (
        "As variantes e as imagens vão com ele, e não há como desfazer. Para só escondê-lo de quem compra, volte e deixe-o como rascunho.",
        format!("{back}/delete"),
    );
    let page =
        Confirm { frame: &frame, title: &title, text, action: &action, word: "Apagar", risky: true, back: &back };
    answer::page(StatusCode::OK, page.html_for(product.version))
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = product_id(&request)?;
    match products::submit(&api, &request, ProductChange::Delete(id)).await {
        Ok(_) => Ok(answer::done(ALL, "product-deleted")),
        Err(not_decided) => {
            let frame = Frame::around(&api, &request, "products").await?;
            answer::not_decided(&frame, ALL, not_decided)
        }
    }
}
