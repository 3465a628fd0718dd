//! Coupons: a shop's, each at the address of its code.

use std::sync::{Arc, LazyLock};

use feira_schemas::api::coupon::{CouponBody, coupon_content, coupon_json, schemas};
use feira_web::{
    context::Api,
    coupons, json,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    writes,
};
use http::Method;
use serde_json::{Value, json};

use super::kinds::{changing, json_of, reading, removing};

const ALL: &str = "/api/admin/v1/coupons";
const ONE: &str = "/api/admin/v1/coupons/{code}";
/// Headers of a coupon that is new.
const CREATED: &[&str] = &["Location", "ETag", "Feira-Position"];
/// The state of the coupons that are listed.
const STATE: Parameter = Parameter::new(
    coupons::STATE,
    Kind::OneOf(&["active", "upcoming", "over", "inactive"]),
    "Only coupons that hold, that will, whose time is over, or that are turned off.",
);

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of coupons.
pub fn routes() -> Vec<Route> {
    let write = Access::write(Area::Coupons);
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Coupons))
            .query([STATE, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of coupons, the newest first.", json_of("CouponPage"))
            .problems(&[409])
            .says("Lists the shop's coupons."),
        reading(Route::get(ONE, read), Area::Coupons, "Coupon").says("Reads a coupon by its code, in either case."),
        changing(Route::new(Method::PUT, ONE, put), write, "Coupon")
            .takes_json("CouponBody")
            .gives(201, "The coupon, which was not there before; `Location` is its address.", json_of("Coupon"))
            .with_headers(CREATED)
            .says("Makes the coupon of a code, or changes it as a whole."),
        removing(Route::new(Method::DELETE, ONE, remove), write)
            .says("Removes a coupon; orders that have used it keep what it gave."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let page = coupons::page(&api, &request).await?;
    let items: Vec<Value> = page.coupons.iter().map(coupon_json).collect();
    Ok(reply::json(&json!({"items": items, "next": page.next, "total": page.total})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let coupon = coupons::present(&api, &request).await?;
    Ok(reply::entity(&request.headers, &coupon_json(&coupon), coupon.version))
}

async fn put(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let code = coupons::written(&request)?;
    let body: CouponBody = json::read(&BODIES, &request.body, "CouponBody")?;
    let content = coupon_content(body).map_err(Problem::fields)?;
    let address = format!("{ALL}/{code}");
    writes::answer(coupons::set(&api, &request, code, content).await, |_| address)
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    writes::answer(coupons::remove(&api, &request).await, |_| request.path.clone())
}
