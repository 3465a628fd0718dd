//! A shop's own domain, as its staff claims it, sees it, has it looked at and gives it back.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::domain::{DomainBody, schemas},
    records::admin::Domain,
    rows::admin::DomainRow,
};
use feira_web::{
    context::Api,
    domains, json,
    payments::entity_of,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::{self, Decided, NotDecided},
};
use http::Method;

use super::kinds::{changing, command, json_of, reading, removing};

/// The path of a shop's domain.
const ONE: &str = "/api/admin/v1/domain";
/// Has DNS asked now.
const CHECK: &str = "/api/admin/v1/domain/check";
/// Headers of a claim's answer.
const CLAIMED: &[&str] = &["Location", "ETag", "Feira-Position"];
/// Headers of the answer to who has DNS asked.
const ASKED: &[&str] = &["ETag", "Feira-Position"];

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of a shop's domain.
pub fn routes() -> Vec<Route> {
    let write = Access::write(Area::Settings);
    vec![
        reading(Route::get(ONE, read), Area::Settings, "ShopDomain").says(
            "Reads the shop's own domain: its state, the records that are to be set in DNS, and what was found there.",
        ),
        changing(Route::new(Method::PUT, ONE, put), write, "ShopDomain")
            .takes_json("DomainBody")
            .gives(201, "The claim; `Location` is the domain's address.", json_of("ShopDomain"))
            .with_headers(CLAIMED)
            .says(
                "Claims a domain for the shop, which is the shop's own once its proof is found in DNS. What is found there makes \
                 versions too, so who sends `If-Match` reads it just before.",
            ),
        removing(Route::new(Method::DELETE, ONE, remove), write)
            .says(
                "Gives the shop's domain back: its pages live on the sub-domain again. `If-Match` may fail by a look into DNS alone.",
            ),
        command(
            Route::new(Method::POST, CHECK, check)
                .for_staff(write)
                .gives(200, "The domain; what is found there is read a moment later.", json_of("ShopDomain"))
                .with_headers(ASKED),
        )
        .says(
            "Looks the shop's domain up in DNS now, and not only when it is time. Within ten seconds of a look there is no other.",
        ),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let DomainRow { domain, version, .. } = domains::present(&api, &request).await?;
    let shown = domains::shown(&api, request.tenant, &domain, Some(version)).await?;
    Ok(reply::entity(&request.headers, &shown, version))
}

async fn put(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: DomainBody = json::read(&BODIES, &request.body, "DomainBody")?;
    let claimed = domains::claim(&api, &request, &body).await;
    writes::answer(shown(&api, &request, claimed).await, |_| ONE.to_owned())
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    writes::answer(domains::withdraw(&api, &request).await, |_| ONE.to_owned())
}

async fn check(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = domains::check(&api, &request).await;
    writes::answer(shown(&api, &request, asked).await, |_| ONE.to_owned())
}

/// A decision with the domain as the API gives it.
async fn shown(api: &Api, request: &Request, decided: Result<Decided, NotDecided>) -> Result<Decided, NotDecided> {
    let decided = decided?;
    let domain: Domain = entity_of(&decided.body)?;
    let body = domains::shown(api, request.tenant, &domain, decided.version).await?;
    Ok(Decided { body, ..decided })
}
