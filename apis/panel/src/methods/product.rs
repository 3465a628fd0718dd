//! `/admin/products/{id}/payment-methods`: how a product is paid, where it is paid otherwise than all of its shop.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::payment_method::method_word,
    ids::ProductId,
    records::{
        admin::{Product, ProductMethod, ShopMethod},
        payments::PaymentMethod,
    },
    topics::Context,
};
use feira_web::{
    context::Api,
    methods::{self, Listed},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use super::{
    filled::Filled,
    model,
    shop::{Item, WITHDRAWN},
    terms::{self, Typed},
};
use crate::{
    answer,
    audience::SHOP,
    frame::{Confirm, DONE, Frame},
    shop::Status,
};

const ALL: &str = "/admin/products/{id}/payment-methods";
const ONE: &str = "/admin/products/{id}/payment-methods/{method}";
const REMOVE: &str = "/admin/products/{id}/payment-methods/{method}/remove";

pub(super) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Catalogue));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Catalogue));
    vec![
        shows(Route::get(ALL, show))
            .query([DONE])
            .says("Shows the payment methods of a product: what holds for it, and whether it says so itself."),
        shows(Route::get(ONE, show_one)).says("Shows the form of a payment method of a product."),
        does(Route::new(Method::POST, ONE, save)).says("Sets how a product is paid by a method."),
        shows(Route::get(REMOVE, ask_remove)).says("Asks whether the shop's terms are to hold for a product again."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Lets the shop's terms hold for a product again."),
    ]
}

/// The list.
#[derive(Template)]
#[template(path = "methods/product.html")]
struct Page<'a> {
    frame: &'a Frame,
    id: ProductId,
    name: &'a str,
    methods: Vec<Item>,
}

/// A product, what it says of methods, and what its shop does.
struct Present {
    product: Product,
    listed: Vec<Listed>,
    own: Vec<ProductMethod>,
    shop: Vec<ShopMethod>,
}

impl Present {
    /// The product that the path's first parameter names.
    async fn read(api: &Api, request: &Request) -> Result<Self, Problem> {
        let id: ProductId = request.id(0, "O produto")?;
        reads::point(api, request, Context::Admin).await?;
        let product = reads::product(&api.platform.state, request.tenant, id).await?;
        let (own, shop) = (methods::of_product(api, request, id).await?, methods::of_shop(api, request).await?);
        let configured = methods::configured(api, request).await?;
        let listed = methods::listed(&configured, |method| own.iter().any(|own| own.method == method));
        Ok(Self { product, listed, own, shop })
    }

    /// The address of the page of all its methods.
    fn address(&self) -> String {
        format!("/admin/products/{}/payment-methods", self.product.product_id)
    }

    fn own(&self, method: PaymentMethod) -> Option<&ProductMethod> {
        self.own.iter().find(|own| own.method == method)
    }

    fn shop(&self, method: PaymentMethod) -> Option<&ShopMethod> {
        self.shop.iter().find(|shop| shop.method == method)
    }

    /// A method of the list.
    fn method(&self, method: PaymentMethod) -> Result<&Listed, Problem> {
        let found = self.listed.iter().find(|listed| listed.offer.method == method);
        found.ok_or_else(Problem::no_such_address)
    }

    fn item(&self, listed: &Listed) -> Item {
        let method = listed.offer.method;
        let (own, shop) = (self.own(method), self.shop(method).filter(|shop| shop.active));
        let (word, look) = match (own, shop) {
            (Some(own), _) if own.active => ("Condições próprias", "good"),
            (Some(_), _) => ("Não aceita", "bad"),
            (None, Some(_)) => ("Como na loja", ""),
            (None, None) => ("A loja não aceita", ""),
        };
        let terms = own.map(|own| own.terms).or(shop.map(|shop| shop.terms));
        let about = terms.map_or_else(|| "Sem condições na loja.".to_owned(), |terms| model::offers(&terms));
        let status = if listed.offered { Status { word, look } } else { WITHDRAWN };
        let address = format!("{}/{}", self.address(), method_word(method));
        Item { name: listed.offer.name.clone(), about, status, address }
    }

    /// What the form is filled with: what the product says, else what the shop says.
    fn filled(&self, method: PaymentMethod) -> Filled<Typed> {
        match (self.own(method), self.shop(method)) {
            (Some(own), _) => Filled::of(Typed::of(own.active, &own.terms), own.version),
            (None, Some(shop)) => Filled::of(Typed::of(shop.active, &shop.terms), 0),
            (None, None) => Filled::of(Typed::new(), 0),
        }
    }
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (present, frame) = (Present::read(&api, &request).await?, Frame::around(&api, &request, "products").await?);
    let methods = present.listed.iter().map(|listed| present.item(listed)).collect();
    let (id, name) = (present.product.product_id, present.product.name.as_str());
    answer::page(StatusCode::OK, Page { frame: &frame, id, name, methods }.render())
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (present, method) = (Present::read(&api, &request).await?, methods::kind(&request, 1)?);
    let filled = present.filled(method);
    draw(&api, &request, &present, method, filled).await
}

async fn draw(
    api: &Api,
    request: &Request,
    present: &Present,
    method: PaymentMethod,
    filled: Filled<Typed>,
) -> Result<Response, Problem> {
    let (listed, back) = (present.method(method)?, present.address());
    let frame = Frame::around(api, request, "products").await?;
    let page = terms::Page {
        frame: &frame,
        title: format!("{} para {}", listed.offer.name, present.product.name),
        back: &back,
        back_word: "Formas de pagamento deste produto",
        action: format!("{back}/{}", method_word(method)),
        active_word: "Este produto pode ser pago assim",
        removal: "As condições próprias são esquecidas, e as da loja voltam a valer.",
        filled,
        installments: listed.offer.installments,
        is_kept: present.own(method).is_some(),
        may_change: request.session()?.may(Access::write(Area::Catalogue)),
    };
    page.answer()
}

async fn save(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (present, method) = (Present::read(&api, &request).await?, methods::kind(&request, 1)?);
    let saved = match terms::content(&request) {
        Ok(content) => methods::set_of_product(&api, &request, present.product.product_id, method, content).await,
        Err(problem) => Err(problem.into()),
    };
    match saved {
        Ok(_) => Ok(answer::done(&present.address(), "method-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            // What was refused may be of another version than the one that was read before.
            let present = Present::read(&api, &request).await?;
            let version = present.own(method).map_or(0, |own| own.version);
            let filled = Filled::again(&request, problem, Typed::sent(&request.form), version);
            draw(&api, &request, &present, method, filled).await
        }
        Err(not_decided) => not_done(&api, &request, &present, not_decided).await,
    }
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (present, method) = (Present::read(&api, &request).await?, methods::kind(&request, 1)?);
    let name = &present.method(method)?.offer.name;
    let frame = Frame::around(&api, &request, "products").await?;
    let back = format!("{}/{}", present.address(), method_word(method));
    let page = Confirm {
        frame: &frame,
        title: &format!("Retirar as condições próprias de {name}?"),
        text: "Para este produto voltam a valer as condições da loja.",
        action: &format!("{back}/remove"),
        word: "Retirar",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html_for(present.own(method).map_or(0, |own| own.version)))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (present, method) = (Present::read(&api, &request).await?, methods::kind(&request, 1)?);
    match methods::remove_of_product(&api, &request, present.product.product_id, method).await {
        Ok(_) => Ok(answer::done(&present.address(), "method-removed")),
        Err(not_decided) => not_done(&api, &request, &present, not_decided).await,
    }
}

async fn not_done(
    api: &Api,
    request: &Request,
    present: &Present,
    not_decided: NotDecided,
) -> Result<Response, Problem> {
    let frame = Frame::around(api, request, "products").await?;
    answer::not_decided(&frame, &present.address(), not_decided)
}
