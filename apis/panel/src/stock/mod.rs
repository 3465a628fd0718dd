//! `/admin/stock`: the pieces on hand of a shop's variants, product by product, which are set or adjusted here, and those that run low.

mod low;
mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_api_admin::{products, stock};
use feira_schemas::{
    api::stock::{StockBody, schemas},
    ids::{ProductId, VariantId},
    problem::Code,
    records::{admin::Product, store::Stock},
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    frame::{DONE, Frame, SENT_OFF, Wrong},
};

const ALL: &str = "/admin/stock";
/// The word for these pages in the navigation.
const HERE: &str = "stock";
/// Variants of a page, each with a form: a product may have 2,048.
const VARIANTS: usize = 50;
/// Words that find products.
const Q: Parameter = Parameter::new("q", Kind::Text(1_000), "Words that find products.");
/// The product whose variants are shown.
const PRODUCT: Parameter = Parameter::new("product", Kind::Text(64), "The product whose variants are shown.");
/// The page of the product's variants.
const PAGE: Parameter = Parameter::new("page", Kind::Integer(1, 1_000), "The page of the product's variants, from 1.");
/// Only what runs low, of all products.
const ONLY_LOW: Parameter = Parameter::new("low", Kind::Flag, "Whether only variants are shown that run low.");
/// The names of the inputs that say which variant a form is of, behind their `_`.
const PRODUCT_FIELD: &str = "product";
const VARIANT_FIELD: &str = "variant";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, show)
            .page()
            .for_session(Access::read(Area::Stock))
            .query([Q, PRODUCT, PAGE, ONLY_LOW, reads::AFTER, reads::LIMIT, DONE])
            .problems(&[409])
            .says(
                "Shows products with what is on hand of them, the variants that run low, or one product's variants with the forms \
                 that change that.",
            ),
        Route::new(Method::POST, ALL, change)
            .page()
            .for_session(Access::write(Area::Stock))
            .takes_own_form()
            .problems(&[409, 412, 422])
            .says("Sets the pieces on hand of a variant, or adds or takes some, if nobody else has meanwhile."),
    ]
}

/// A product of the list.
struct Listed {
    id: ProductId,
    name: String,
    says: String,
    attention: Option<String>,
    is_gone: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "stock/list.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    products: Vec<Listed>,
    total: u64,
    next: Option<String>,
    low: i64,
}

/// A variant and its form.
struct Row {
    id: VariantId,
    /// Its place on the page, by which its inputs are told apart.
    place: usize,
    name: String,
    sku: Option<String>,
    on_hand: String,
    level: &'static str,
    look: &'static str,
    version: String,
    typed: Typed,
}

/// What is typed into a variant's form, with what is wrong with it.
#[derive(Default)]
struct Typed {
    on_hand: String,
    adjust: String,
    reason: String,
    wrong: Wrong,
    /// What is wrong with the form as a whole.
    refused: Option<String>,
}

/// The variants of a product.
#[derive(Template)]
#[template(path = "stock/product.html")]
struct Page<'a> {
    frame: &'a Frame,
    id: ProductId,
    name: &'a str,
    rows: Vec<Row>,
    /// The page that is shown, and how many there are.
    page: usize,
    pages: usize,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match request.query.text(PRODUCT.name).filter(|id| !id.is_empty()) {
        Some(id) => {
            let product = product(&api, &request, Some(id)).await?;
            let page = request.query.integer(PAGE.name).and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
            draw(&api, &request, StatusCode::OK, &product, page, None).await
        }
        None if request.query.flag(ONLY_LOW.name) => low::list(&api, &request).await,
        None => list(&api, &request).await,
    }
}

async fn list(api: &Api, request: &Request) -> Result<Response, Problem> {
    let q = request.query.text(Q.name).unwrap_or_default();
    let stock::Shelf { products, next, total } = stock::shelf(api, request, q).await?;
    let frame = Frame::around(api, request, HERE).await?;
    let products = products.into_iter().map(listed).collect();
    answer::page(StatusCode::OK, List { frame: &frame, q, products, total, next, low: model::LOW }.render())
}

fn listed(shelved: stock::Shelved) -> Listed {
    let model::Summary { says, attention, is_gone } = model::summary(&shelved.stock);
    Listed { id: shelved.product_id, name: shelved.name, says, attention, is_gone }
}

/// The product of an id that was sent. What is no id names nothing.
async fn product(api: &Api, request: &Request, id: Option<&str>) -> Result<Product, Problem> {
    let id = id.and_then(|id| id.parse::<ProductId>().ok()).ok_or_else(|| Problem::not_found("O produto"))?;
    products::load(api, request, id).await
}

/// A variant whose form is shown again.
struct Again {
    variant: VariantId,
    typed: Typed,
    /// The version that its form changes; none is the one that it has now.
    version: Option<String>,
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    product: &Product,
    page: usize,
    mut again: Option<Again>,
) -> Result<Response, Problem> {
    let pages = product.variants.len().div_ceil(VARIANTS).max(1);
    let page = page.clamp(1, pages);
    let shown: Vec<_> = product.variants.iter().skip((page - 1) * VARIANTS).take(VARIANTS).collect();
    let ids: Vec<VariantId> = shown.iter().map(|variant| variant.variant_id).collect();
    let stock = stock::of_variants(api, request, product.product_id, &ids).await?;
    let rows = shown.into_iter().zip(&stock).enumerate();
    let rows = rows.map(|(place, (variant, stock))| {
        let name = model::name(product, variant);
        let its_own = again.take_if(|again| again.variant == variant.variant_id);
        row(place, name, variant.sku.clone(), stock, its_own)
    });
    let rows = rows.collect();
    let may_change = request.session()?.may(Access::write(Area::Stock));
    let frame = Frame::around(api, request, HERE).await?;
    let (id, name) = (product.product_id, product.name.as_str());
    answer::page(code, Page { frame: &frame, id, name, rows, page, pages, may_change }.render())
}

fn row(place: usize, name: String, sku: Option<String>, stock: &Stock, again: Option<Again>) -> Row {
    let (level, look) = model::level(stock);
    let (typed, version) = again.map(|again| (again.typed, again.version)).unwrap_or_default();
    Row {
        id: stock.variant_id,
        place,
        name,
        sku,
        on_hand: model::pieces(stock.on_hand),
        level,
        look,
        version: version.unwrap_or_else(|| stock.version.to_string()),
        typed,
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = product(&api, &request, request.form.said(PRODUCT_FIELD)).await?;
    let named = request.form.said(VARIANT_FIELD).and_then(|id| id.parse::<VariantId>().ok());
    let place = product.variants.iter().position(|variant| Some(variant.variant_id) == named);
    let (Some(variant), Some(place)) = (named, place) else { return Err(Problem::not_found("A variante")) };
    let page = place / VARIANTS + 1;
    let changed = match request.form.body::<StockBody>(&BODIES, "StockBody") {
        Ok(body) => stock::submit(&api, &request, (product.product_id, variant), body).await,
        Err(problem) => Err(problem.into()),
    };
    let done = |word| reply::see_other(&format!("{ALL}?product={}&page={page}&done={word}", product.product_id));
    match changed {
        Ok(_) => Ok(done("stock-saved")),
        Err(NotDecided::Pending(_)) => Ok(done(SENT_OFF)),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (code, again) = (problem.status(), again(&request, variant, problem));
            draw(&api, &request, code, &product, page, Some(again)).await
        }
        Err(NotDecided::Problem(problem)) => Err(problem),
    }
}

/// The form of a variant with what is wrong and all that was typed. Where the stock has changed meanwhile it says so, and sent once
/// more the form changes what is there now.
fn again(request: &Request, variant: VariantId, problem: Problem) -> Again {
    let text = |name| request.form.text(name).unwrap_or_default().to_owned();
    let (on_hand, adjust, reason) = (text("/on_hand"), text("/adjust"), text("/reason"));
    let is_stale = problem.code == Code::VersionMismatch;
    let of_both = problem.errors.iter().any(|error| error.pointer.is_empty());
    let refused = match (is_stale, of_both) {
        (true, _) => Some(
            "O estoque mudou enquanto você digitava, e nada foi alterado. Confira o número de agora e envie de novo."
                .to_owned(),
        ),
        (false, true) => Some("Preencha um dos dois campos, e só um.".to_owned()),
        (false, false) => problem.errors.is_empty().then(|| problem.detail.clone()),
    };
    let version = if is_stale { None } else { request.form.said(VERSION_FIELD).map(str::to_owned) };
    Again { variant, typed: Typed { on_hand, adjust, reason, wrong: Wrong(problem.errors), refused }, version }
}
