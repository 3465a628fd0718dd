//! Payment methods: those by which a shop's buyers pay, and what a product says of them.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::payment_method::{
        TermsBody, TermsContent, method_word, product_method_json, schemas, shop_method_json, terms_content,
    },
    ids::ProductId,
};
use feira_web::{
    context::Api,
    json,
    methods::{self, Listed},
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes,
};
use http::Method;
use serde_json::{Value, json};

use super::{
    kinds::{changing, json_of, removing},
    products::product_id,
};

const ALL: &str = "/api/admin/v1/payment-methods";
const ONE: &str = "/api/admin/v1/payment-methods/{method}";
const OF_PRODUCT: &str = "/api/admin/v1/products/{id}/payment-methods";
const ONE_OF_PRODUCT: &str = "/api/admin/v1/products/{id}/payment-methods/{method}";
/// Headers of a configuration that is new.
const CREATED: &[&str] = &["Location", "ETag", "Feira-Position"];

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of payment methods.
pub fn routes() -> Vec<Route> {
    let putting = |route: Route, area: Area, schema: &'static str| {
        changing(route, Access::write(area), schema)
            .takes_json("PaymentTermsBody")
            .gives(201, "The configuration, which was not there before; `Location` is its address.", json_of(schema))
            .with_headers(CREATED)
    };
    let listing = |route: Route, area: Area, schema: &'static str| {
        route
            .for_staff(Access::read(area))
            .gives(200, "The methods that the platform offers, and those that are configured still.", json_of(schema))
            .problems(&[409])
    };
    vec![
        listing(Route::get(ALL, list), Area::Payments, "ShopPaymentMethods")
            .says("Lists the payment methods that the shop may offer, with its configuration of each."),
        putting(Route::new(Method::PUT, ONE, put), Area::Payments, "ShopPaymentMethod")
            .says("Sets how the shop's buyers pay by a method: its installments, and which of them get which discount."),
        removing(Route::new(Method::DELETE, ONE, remove), Access::write(Area::Payments))
            .says("Removes a payment method from the shop."),
        listing(Route::get(OF_PRODUCT, list_of_product), Area::Catalogue, "ProductPaymentMethods").says(
            "Lists the payment methods that the shop may offer, with what a product says of each: it wins over the shop.",
        ),
        putting(
            Route::new(Method::PUT, ONE_OF_PRODUCT, put_of_product),
            Area::Catalogue,
            "ProductPaymentMethod",
        )
        .says("Sets how a product is paid by a method, whatever the shop's configuration says."),
        removing(Route::new(Method::DELETE, ONE_OF_PRODUCT, remove_of_product), Access::write(Area::Catalogue))
            .says("Removes what a product says of a payment method: the shop's configuration holds for it again."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (configured, own) = (methods::configured(&api, &request).await?, methods::of_shop(&api, &request).await?);
    let item = |listed: Listed| {
        let method = listed.offer.method;
        let mut item = offer_json(listed);
        item["configuration"] = own.iter().find(|own| own.method == method).map(shop_method_json).into();
        item
    };
    let listed = methods::listed(&configured, |method| own.iter().any(|own| own.method == method));
    let items: Vec<Value> = listed.into_iter().map(item).collect();
    Ok(reply::json(&json!({"items": items})))
}

async fn put(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (method, content) = (methods::written(&request, 0)?, content(&request)?);
    let set = methods::set_of_shop(&api, &request, method, content).await;
    writes::answer(set, |_| request.path.clone())
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let method = methods::kind(&request, 0)?;
    let removed = methods::remove_of_shop(&api, &request, method).await;
    writes::answer(removed, |_| request.path.clone())
}

async fn list_of_product(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: ProductId = product_id(&request)?;
    let (configured, shop) = (methods::configured(&api, &request).await?, methods::of_shop(&api, &request).await?);
    reads::product(&api.platform.state, request.tenant, id).await?;
    let own = methods::of_product(&api, &request, id).await?;
    let item = |listed: Listed| {
        let method = listed.offer.method;
        let mut item = offer_json(listed);
        item["configuration"] = own.iter().find(|own| own.method == method).map(product_method_json).into();
        item["shop_configuration"] = shop.iter().find(|shop| shop.method == method).map(shop_method_json).into();
        item
    };
    let listed = methods::listed(&configured, |method| own.iter().any(|own| own.method == method));
    let items: Vec<Value> = listed.into_iter().map(item).collect();
    Ok(reply::json(&json!({"items": items})))
}

async fn put_of_product(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, method, content) = (product_id(&request)?, methods::written(&request, 1)?, content(&request)?);
    let set = methods::set_of_product(&api, &request, id, method, content).await;
    writes::answer(set, |_| request.path.clone())
}

async fn remove_of_product(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, method) = (product_id(&request)?, methods::kind(&request, 1)?);
    let removed = methods::remove_of_product(&api, &request, id, method).await;
    writes::answer(removed, |_| request.path.clone())
}

/// The configuration that a body asks for.
fn content(request: &Request) -> Result<TermsContent, Problem> {
    let body: TermsBody = json::read(&BODIES, &request.body, "PaymentTermsBody")?;
    terms_content(body).map_err(Problem::fields)
}

/// A method as a list has it, without its configuration.
fn offer_json(listed: Listed) -> Value {
    let Listed { offer, offered } = listed;
    json!({
        "method": method_word(offer.method),
        "name": offer.name,
        "installments": offer.installments,
        "offered": offered,
    })
}
