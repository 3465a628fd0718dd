//! Ways in which the shop delivers: listed, made, changed, moved, removed, and tried out.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::shipping::{MOVES, MoveBody, ShippingBody, listed_json, quote_json, schemas, shipping_content, shipping_json},
    brazil::Cep,
    limits,
    money::Money,
    problem::Code,
    records::admin::ShippingContent,
    shipping::{Parcel, quote},
};
use feira_web::{
    context::Api,
    json,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    shipping, writes,
};
use http::Method;
use serde_json::Value;

use super::kinds::{changing, creating, json_of, reading, removing};

const ALL: &str = "/api/admin/v1/shipping";
const ONE: &str = "/api/admin/v1/shipping/{id}";
const MOVE: &str = "/api/admin/v1/shipping/{id}/move";
const QUOTE: &str = "/api/admin/v1/shipping-quote";

const CEP: Parameter = Parameter::new("cep", Kind::Text(9), "The CEP that the parcel goes to; tables need one.")
    .like("^[0-9]{5}-?[0-9]{3}$");
const WEIGHT: Parameter =
    Parameter::new("weight_grams", Kind::Integer(0, limits::WEIGHT_GRAMS), "The parcel's weight; 0 if left out.");
const GOODS: Parameter = Parameter::new(
    "goods",
    Kind::Integer(0, Money::MAX_AMOUNT),
    "The sum of the goods after coupons, in centavos; 0 if left out.",
);

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of ways of delivery.
pub fn routes() -> Vec<Route> {
    let (read, write) = (Access::read(Area::Shipping), Access::write(Area::Shipping));
    vec![
        Route::get(ALL, list)
            .for_staff(read)
            .gives(200, "The ways of delivery, in the shop's order.", json_of("ShippingOptions"))
            .problems(&[409])
            .says("Lists the ways in which the shop delivers, without the lines of tables."),
        creating(Route::new(Method::POST, ALL, create), write, "ShippingOption")
            .takes_json("ShippingBody")
            .says("Makes a way of delivery, behind those that are there."),
        reading(Route::get(ONE, show), Area::Shipping, "ShippingOption").says("Reads a way of delivery."),
        changing(Route::new(Method::PUT, ONE, replace), write, "ShippingOption")
            .takes_json("ShippingBody")
            .says("Replaces what the shop says of a way of delivery."),
        removing(Route::new(Method::DELETE, ONE, remove), write).says("Removes a way of delivery."),
        changing(Route::new(Method::POST, MOVE, shift), write, "ShippingOption")
            .takes_json("ShippingMove")
            .says("Moves a way of delivery to the place before or behind, which another one leaves for its own."),
        Route::get(QUOTE, try_out)
            .for_staff(read)
            .query([CEP, WEIGHT, GOODS])
            .gives(200, "What buyers are offered, and why not the rest.", json_of("ShippingQuote"))
            .problems(&[409])
            .says("Shows what a parcel costs by each way of delivery, as a buyer would see it."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let items: Vec<Value> = shipping::all(&api, &request).await?.iter().map(listed_json).collect();
    Ok(reply::json(&serde_json::json!({"items": items})))
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let option = shipping::present(&api, &request).await?;
    Ok(reply::entity(&request.headers, &shipping_json(&option), option.version))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let created = shipping::create(&api, &request, content(&request)?).await;
    writes::answer(created, |id| format!("{}/{id}", request.route))
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, content) = (shipping::named(&request)?, content(&request)?);
    writes::answer(shipping::change(&api, &request, id, content).await, |_| request.path.clone())
}

async fn shift(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = shipping::named(&request)?;
    let body: MoveBody = json::read(&BODIES, &request.body, "ShippingMove")?;
    let moved = shipping::shift(&api, &request, id, body.direction == MOVES[0]).await;
    writes::answer(moved, |_| request.path.clone())
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = shipping::named(&request)?;
    writes::answer(shipping::remove(&api, &request, id).await, |_| request.path.clone())
}

async fn try_out(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let cep = request.query.text(CEP.name).map(Cep::parse).transpose().map_err(|_| no_cep())?;
    let number = |parameter: Parameter| request.query.integer(parameter.name).unwrap_or(0);
    let options = shipping::all(&api, &request).await?;
    let parcel =
        Parcel { cep5: cep.as_ref().map(Cep::first_five), grams: number(WEIGHT), goods: Money::brl(number(GOODS)) };
    Ok(reply::json(&quote_json(&quote(&options, parcel))))
}

fn no_cep() -> Problem {
    Problem::parameter("/query/cep", Code::Invalid, "O parâmetro «cep» é um CEP do Brasil, com oito dígitos.")
}

/// The content that a body asks for.
fn content(request: &Request) -> Result<ShippingContent, Problem> {
    let body: ShippingBody = json::read(&BODIES, &request.body, "ShippingBody")?;
    shipping_content(body).map_err(Problem::fields)
}
