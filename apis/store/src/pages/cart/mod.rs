//! `/cart`: the cart of the visitor whose cookie comes, and the forms by which it is changed. The cookie is made by the first product that is
//! put into a cart, and by nothing else.

mod model;

use std::sync::Arc;

use feira_schemas::{
    ids::{ProductId, VariantId},
    problem::Code,
    refusals,
    rows::sessions::CartRow,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    sessions::{Holder, cart_cookie, cart_of, visitor},
};
use http::{Method, StatusCode, header};

use super::{
    super::{answer, shop},
    frame::frame,
    pieces::Badge,
    product::{self, Adding},
    shelf::image,
};
use crate::cart::{self, Change, Shown, Wanted};

pub use model::{CartPage, Coupon, Field, Line, Product, Way, render};

const CART: &str = "/cart";

pub(super) fn routes() -> [Route; 7] {
    [
        Route::get(CART, show).page().problems(&[409]).says("Shows the visitor's cart."),
        changing(Route::new(Method::POST, "/cart/items", add).takes_form_of_all())
            .says("Adds a product to the visitor's cart."),
        changing(Route::new(Method::POST, "/cart/items/{vid}", set).takes_own_form())
            .says("Changes how many pieces of a variant are in the cart."),
        changing(Route::new(Method::POST, "/cart/items/{vid}/remove", remove).takes_own_form())
            .says("Removes a variant from the cart."),
        changing(Route::new(Method::POST, "/cart/coupon", set_coupon).takes_own_form()).says("Sets the cart's coupon."),
        changing(Route::new(Method::POST, "/cart/coupon/remove", remove_coupon).takes_own_form())
            .says("Removes the cart's coupon."),
        Route::new(Method::POST, "/cart/freight", try_out)
            .page()
            .takes_own_form()
            .refuses_cards()
            .problems(&[409])
            .says("Shows what the cart's delivery to a CEP costs, which is kept nowhere."),
    ]
}

fn changing(route: Route) -> Route {
    route
        .gives(303, "The cart as it is then.", None)
        .with_headers(&["Location"])
        .page()
        .refuses_cards()
        .problems(&[409])
}

/// What the page is drawn with beside the cart.
#[derive(Default)]
struct Draft {
    status: StatusCode,
    /// The variant whose quantity was typed.
    line: Option<(VariantId, Field)>,
    code: Field,
    cep: Field,
    /// True if delivery to that CEP was asked for.
    asks_freight: bool,
    wrong: Option<String>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, Draft::default()).await
}

async fn add(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::open_to(&api, &request).await?;
    let (product_id, variant_id) = (sent(&request, "product").parse::<ProductId>(), sent(&request, "variant"));
    let Ok(product_id) = product_id else { return gone(&api, &request).await };
    let wanted =
        Wanted { product_id, variant_id: variant_id.parse().ok(), quantity: number(sent(&request, "quantity")) };
    let (id, row) = match own(&api, &request).await? {
        Some(own) => own,
        None => cart::begin(&api, &request).await?,
    };
    match cart::change(&api, &request, row, Change::Add(wanted)).await {
        Ok(_) => Ok(changed(&request, &id)),
        Err(problem) => again(&api, &request, product_id, problem).await,
    }
}

/// The product's page again, with what is wrong and what was typed.
async fn again(api: &Api, request: &Request, product_id: ProductId, problem: Problem) -> Result<Response, Problem> {
    let (status, headers) = (problem.status(), problem.headers.clone());
    let wrong = said(problem)?;
    let Some(card) = cart::card(api, request.tenant, product_id).await? else { return gone(api, request).await };
    let (frame, adding) =
        (frame(api, request).await?, Adding { quantity: sent(request, "quantity").to_owned(), wrong: Some(wrong) });
    let variant = Some(sent(request, "variant"));
    let html = product::drawn(api, request.tenant, &frame, &card, variant, adding).await?;
    let mut response = answer::notice(status, html)?;
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The cart, where the product that was to be added is not sold.
async fn gone(api: &Api, request: &Request) -> Result<Response, Problem> {
    let wrong = Some(refusals::not_in_this_shop("Este produto"));
    draw(api, request, Draft { status: StatusCode::UNPROCESSABLE_ENTITY, wrong, ..Draft::default() }).await
}

async fn set(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let variant_id: VariantId = request.id(0, "Este produto")?;
    let typed = sent(&request, "quantity");
    let change = match number(typed) {
        0 if typed == "0" => Change::Remove(variant_id),
        quantity => Change::Set(variant_id, quantity),
    };
    let refused = |wrong, typed| Draft { line: Some((variant_id, Field { typed, wrong })), ..Draft::default() };
    submit(&api, &request, change, typed, refused).await
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let variant_id: VariantId = request.id(0, "Este produto")?;
    submit(&api, &request, Change::Remove(variant_id), "", |wrong, _| Draft { wrong, ..Draft::default() }).await
}

async fn set_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let typed = sent(&request, "code");
    let refused = |wrong, typed| Draft { code: Field { typed, wrong }, ..Draft::default() };
    submit(&api, &request, Change::Coupon(typed.to_owned()), typed, refused).await
}

async fn remove_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    submit(&api, &request, Change::NoCoupon, "", |wrong, _| Draft { wrong, ..Draft::default() }).await
}

async fn try_out(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let cep = Field { typed: sent(&request, "cep").to_owned(), wrong: None };
    draw(&api, &request, Draft { cep, asks_freight: true, ..Draft::default() }).await
}

/// Changes the visitor's cart and leads to it. Refused, the cart is shown with what was typed and what is wrong with it, as `refused` puts them.
async fn submit(
    api: &Api,
    request: &Request,
    change: Change,
    typed: &str,
    refused: impl FnOnce(Option<String>, String) -> Draft + Send,
) -> Result<Response, Problem> {
    shop::open_to(api, request).await?;
    let Some((id, row)) = own(api, request).await? else { return Ok(reply::see_other(CART)) };
    let problem = match cart::change(api, request, row, change).await {
        Ok(_) => return Ok(changed(request, &id)),
        // Another tab has removed it.
        Err(problem) if problem.code == Code::NotFound => return Ok(reply::see_other(CART)),
        Err(problem) => problem,
    };
    let (status, headers) = (problem.status(), problem.headers.clone());
    let wrong = said(problem)?;
    let mut response = draw(api, request, Draft { status, ..refused(Some(wrong), typed.to_owned()) }).await?;
    response.headers_mut().extend(headers);
    Ok(response)
}

/// What a refused change is shown with, or one that can't be decided now; any other problem stays one.
fn said(problem: Problem) -> Result<String, Problem> {
    match problem.code {
        Code::Invalid | Code::TooManyRequests | Code::Unavailable => Ok(problem.detail),
        _ => Err(problem),
    }
}

/// The way to a cart that was changed: its cookie lives on from now.
fn changed(request: &Request, id: &str) -> Response {
    let mut response = reply::see_other(CART);
    if let Some(cookie) = cart_cookie(&request.headers, id) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The visitor's cart with its id; none where no cookie came, or it names none that is kept: an id that we have not made is not taken.
async fn own(api: &Api, request: &Request) -> Result<Option<(String, CartRow)>, Problem> {
    let Some(id) = cart_of(&request.headers) else { return Ok(None) };
    let row = cart::find(api, request.tenant, id).await?;
    Ok(row.map(|row| (id.to_owned(), row)))
}

/// What was typed into an input.
fn sent<'a>(request: &'a Request, name: &str) -> &'a str {
    request.form.text(name).unwrap_or_default().trim()
}

/// The number that was typed; 0, which is none of anything, where it is none.
fn number(typed: &str) -> i64 {
    typed.parse().unwrap_or(0)
}

async fn draw(api: &Api, request: &Request, mut draft: Draft) -> Result<Response, Problem> {
    let mut frame = frame(api, request).await?;
    let shown = match own(api, request).await? {
        Some((_, row)) => cart::shown(api, request, row).await?,
        None => cart::shown(api, request, CartRow::empty(request.tenant, String::new())).await?,
    };
    frame.shop.cart = Badge::of(shown.pieces, shown.goods.amount);
    let ways = ways(api, request, &shown, &mut draft).await?;
    // Who has nothing in the cart gets no form, and no cookie for one.
    let visitor = (!shown.lines.is_empty()).then(|| visitor(&request.headers));
    let page = CartPage {
        shop: &frame.shop,
        token: visitor.as_ref().map(|visitor| Holder::Visitor(&visitor.cookie).token(api)).unwrap_or_default(),
        lines: shown.lines.iter().map(|one| line(one, draft.line.as_ref())).collect(),
        pieces: u64::try_from(shown.pieces).unwrap_or_default(),
        goods: shown.goods.amount,
        discount: shown.discount().amount,
        total: shown.total.amount,
        coupon: shown.coupon.as_ref().map(coupon),
        code: draft.code,
        cep: draft.cep,
        ways,
        wrong: draft.wrong,
    };
    let mut response = answer::notice(draft.status, render(&page))?;
    if let Some(cookie) = visitor.and_then(|visitor| visitor.set) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The ways of delivery to the CEP that was typed, if somebody has asked; what is wrong with it goes beside it.
async fn ways(api: &Api, request: &Request, shown: &Shown, draft: &mut Draft) -> Result<Option<Vec<Way>>, Problem> {
    if !draft.asks_freight || shown.lines.is_empty() {
        return Ok(None);
    }
    match cart::ways(api, request, &draft.cep.typed, shown).await {
        Ok(ways) => Ok(Some(ways.iter().map(way).collect())),
        Err(problem) => {
            draft.status = problem.status();
            draft.cep.wrong = Some(said(problem)?);
            Ok(None)
        }
    }
}

fn line(line: &cart::Line, typed: Option<&(VariantId, Field)>) -> Line {
    let offer = line.offer();
    let typed = typed.filter(|(variant_id, _)| *variant_id == line.kept.variant_id).map(|(_, field)| field.clone());
    let option = |(name, value): &(String, String)| format!("{name}: {value}");
    let product = line.product.as_ref().map(|product| Product {
        slug: product.slug.clone(),
        name: product.name.clone(),
        options: offer.map(|offer| offer.options.iter().map(option).collect()).unwrap_or_default(),
        picture: image(line.kept.product_id, &product.images),
        has_variant: offer.is_some(),
    });
    Line {
        variant_id: line.kept.variant_id.to_string(),
        product,
        available: line.bought().is_some(),
        price: offer.map(|offer| offer.price.amount),
        seen_before: line.seen_before().map(|price| price.amount),
        total: line.total().map(|total| total.amount),
        quantity: typed.unwrap_or_else(|| Field { typed: line.kept.quantity.to_string(), wrong: None }),
    }
}

fn coupon(applied: &cart::Applied) -> Coupon {
    let cart::Applied { code, free_shipping, wrong, .. } = applied.clone();
    Coupon { code, free_shipping, wrong }
}

fn way(way: &cart::Way) -> Way {
    let days = (way.min_days, way.max_days);
    Way { name: way.name.clone(), price: way.price.amount, days, total: way.total.amount }
}
