//! `/cart`: the cart of the visitor whose cookie comes, and the forms by which it is changed. The cookie is made by the first product that is
//! put into a cart, and by nothing else.

mod model;

use std::sync::Arc;

use feira_schemas::{
    ids::{ProductId, VariantId},
    money::Money,
    problem::{Code, FieldError},
    refusals,
    rows::sessions::CartRow,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    sessions::{Holder, KEY_FIELD, cart_cookie, cart_of, no_cart_cookie, visitor},
    tokens,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use uuid::Uuid;

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
/// The way to the cart from a product that was put into it.
const WITH_ITEM: &str = "/cart?item=1";
const ITEM: Parameter = Parameter::new("item", Kind::Text(32), "1 on the way from a product that was just added.");
/// The name of an `Idempotency-Key` among a request's headers, whatever it came by.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

const ADDED: &str = "Adicionado ao carrinho.";
const NO_COOKIES: &str = "O carrinho não foi guardado, porque seu navegador recusa cookies. Permita os desta loja e adicione o produto de novo.";

pub(super) fn routes() -> Vec<Route> {
    let forms = forms();
    // What a form is answered with may stand at its address, which people ask for again.
    let addresses = forms.clone().map(|form| {
        Route::get(form.path, lead)
            .gives(303, "The visitor's cart.", None)
            .with_headers(&["Location"])
            .page()
            .says("Leads to the visitor's cart, of which the address has a form alone.")
    });
    let shows = Route::get(CART, show).page().query([ITEM]).problems(&[409]).says("Shows the visitor's cart.");
    [shows].into_iter().chain(forms).chain(addresses).collect()
}

fn forms() -> [Route; 6] {
    [
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
    /// The words for what was just done, if there is a cart by which they are true.
    done: Option<&'static str>,
    /// The headers of the problem that it is drawn for.
    headers: Vec<(HeaderName, HeaderValue)>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let comes_with_item = request.query.text(ITEM.name) == Some("1");
    // Who has emptied the cart since has another cookie, by which the cart's forms are known.
    let has_none = comes_with_item && !request.headers.contains_key(header::COOKIE);
    let (done, wrong) = (comes_with_item.then_some(ADDED), has_none.then(|| NO_COOKIES.to_owned()));
    draw(&api, &request, Draft { done, wrong, ..Draft::default() }).await
}

/// Who asks for the address of a form is led to the cart.
async fn lead(_: Arc<Api>, _: Request) -> Result<Response, Problem> {
    Ok(reply::see_other(CART))
}

async fn add(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let request = bound(request);
    shop::open_to(&api, &request).await?;
    let Ok(product_id) = sent(&request, "product").parse::<ProductId>() else { return gone(&api, &request).await };
    let variant_id = match variant(&api, &request, product_id).await {
        Ok(variant_id) => variant_id,
        Err(problem) => return again(&api, &request, product_id, problem).await,
    };
    // The page says the price of the variant that it was made with, and a list may have chosen another.
    let seen_price = seen(&request).filter(|_| sent(&request, "variant").parse::<VariantId>().ok() == variant_id);
    let wanted = Wanted { product_id, variant_id, quantity: number(sent(&request, "quantity")), seen_price };
    let (id, row) = match own(&api, &request).await? {
        Some(own) => own,
        None => cart::begin(&api, &request).await?,
    };
    match cart::change(&api, &request, row, Change::Add(wanted)).await {
        Ok(shown) => Ok(changed(&request, &id, &shown, WITH_ITEM)),
        Err(problem) => again(&api, &request, product_id, problem).await,
    }
}

/// The variant that the form on a product's page names: by the values in its lists where it has such, since who changes one leaves the
/// variant that the page was made with.
///
/// # Errors
/// 422 where no variant joins the values.
async fn variant(api: &Api, request: &Request, product_id: ProductId) -> Result<Option<VariantId>, Problem> {
    let values = values(request);
    if values.is_empty() {
        return Ok(sent(request, "variant").parse().ok());
    }
    let Some(card) = cart::card(api, request.tenant, product_id).await? else { return Ok(None) };
    match product::chosen(&card, &values).filter(|chosen| chosen.is_exact) {
        Some(chosen) => Ok(Some(chosen.variant.id)),
        None => {
            let error = FieldError::new("/variant_id", Code::UnknownReference, product::NO_SUCH_MIX);
            Err(Problem::fields(vec![error]))
        }
    }
}

/// The values of all options that the form on a product's page sends; none where it has no list.
fn values(request: &Request) -> Vec<&str> {
    request.form.texts(product::OPTION.name).iter().map(String::as_str).collect()
}

/// The product's page again, with what is wrong and what was typed.
async fn again(api: &Api, request: &Request, product_id: ProductId, problem: Problem) -> Result<Response, Problem> {
    let (status, headers) = (problem.status(), problem.headers.clone());
    let wrong = said(problem)?;
    let Some(card) = cart::card(api, request.tenant, product_id).await? else { return gone(api, request).await };
    let frame = frame(api, request).await?;
    let (variant, is_other) = product::shown(&card, &values(request), Some(sent(request, "variant")));
    let adding = Adding {
        quantity: sent(request, "quantity").to_owned(),
        wrong: (!is_other).then_some(wrong),
        wrong_options: is_other.then_some(product::NO_SUCH_MIX),
        key: Some(new_key()),
    };
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
    let request = bound(request);
    let variant_id: VariantId = request.id(0, "Este produto")?;
    let typed = sent(&request, "quantity");
    let change = match number(typed) {
        0 if typed == "0" => Change::Remove(variant_id),
        quantity => Change::Set(variant_id, quantity, seen(&request)),
    };
    let refused = |wrong, typed| Draft { line: Some((variant_id, Field { typed, wrong })), ..Draft::default() };
    submit(&api, &request, change, typed, refused).await
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let request = bound(request);
    let variant_id: VariantId = request.id(0, "Este produto")?;
    submit(&api, &request, Change::Remove(variant_id), "", |wrong, _| Draft { wrong, ..Draft::default() }).await
}

async fn set_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let request = bound(request);
    let typed = sent(&request, "code");
    let refused = |wrong, typed| Draft { code: Field { typed, wrong }, ..Draft::default() };
    submit(&api, &request, Change::Coupon(typed.to_owned()), typed, refused).await
}

async fn remove_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let request = bound(request);
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
        Ok(shown) => return Ok(changed(request, &id, &shown, CART)),
        // Another tab has removed it.
        Err(problem) if problem.code == Code::NotFound => return Ok(reply::see_other(CART)),
        Err(problem) => problem,
    };
    let (status, headers) = (problem.status(), problem.headers.clone());
    let wrong = said(problem)?;
    draw(api, request, Draft { status, headers, ..refused(Some(wrong), typed.to_owned()) }).await
}

/// What a refused change is shown with, or one that can't be decided now; any other problem stays one.
fn said(problem: Problem) -> Result<String, Problem> {
    match problem.code {
        Code::Invalid | Code::Unavailable | Code::TooManyRequests | Code::LimitReached => Ok(problem.detail),
        _ => Err(problem),
    }
}

/// The way to a cart that was changed: its cookie lives on from now. One that nothing is left of has none, so that pages are everybody's again.
fn changed(request: &Request, id: &str, shown: &Shown, to: &str) -> Response {
    let mut response = reply::see_other(to);
    let is_bare = shown.row.lines.is_empty() && shown.row.coupon.is_none();
    let cookie = if is_bare { no_cart_cookie(&request.headers) } else { cart_cookie(&request.headers, id) };
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A form's `Idempotency-Key`.
fn new_key() -> String {
    Uuid::new_v4().to_string()
}

/// The request, whose key is of what was typed as well: who goes back to a page and types something else wants another change, and is told of
/// no key.
fn bound(mut request: Request) -> Request {
    let Some(key) = request.form.said(KEY_FIELD) else { return request };
    let bound = tokens::hash(&format!("{key} {}", String::from_utf8_lossy(&request.body)));
    if let Ok(bound) = HeaderValue::try_from(bound) {
        request.headers.insert(KEY, bound);
    }
    request
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

/// The price, in centavos, that the form was shown with; none where it is none of a shop.
fn seen(request: &Request) -> Option<i64> {
    sent(request, "seen_price").parse::<i64>().ok().filter(|price| (0..=Money::MAX_AMOUNT).contains(price))
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
        key: new_key(),
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
        done: draft.done.filter(|_| !shown.lines.is_empty()),
    };
    let mut response = answer::notice(draft.status, render(&page))?;
    response.headers_mut().extend(draft.headers);
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
            (draft.status, draft.headers) = (problem.status(), problem.headers.clone());
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
