//! Payment methods of the platform: those that shops may offer.

use std::sync::{Arc, LazyLock};

use feira_schemas::api::payment_method::{KINDS, OfferedBody, offered_content, operator_schemas, platform_method_json};
use feira_web::{
    commands::KEPT,
    context::Api,
    json as bodies, methods,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Request, Route},
    writes,
};
use http::Method;
use serde_json::{Value, json};

const ALL: &str = "/api/operator/v1/payment-methods";
const ONE: &str = "/api/operator/v1/payment-methods/{method}";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(operator_schemas()));

/// The routes of the platform's payment methods.
pub fn routes() -> Vec<Route> {
    let json = |schema| Some(("application/json", schema));
    let kept = |route: Route| {
        let route = route.keyed().versioned();
        route.gives(202, KEPT, json("PendingCommand")).with_headers(&["Location"])
    };
    let putting = Route::new(Method::PUT, ONE, put)
        .for_operator()
        .takes_json("OfferedMethodBody")
        .gives(
            200,
            "The method after the change; the same version as before if nothing differed.",
            json("OfferedMethod"),
        )
        .with_headers(&["ETag", "Feira-Position"])
        .gives(201, "The method, of which nothing was said before.", json("OfferedMethod"))
        .with_headers(&["Location", "ETag", "Feira-Position"]);
    let removing = Route::new(Method::DELETE, ONE, remove)
        .for_operator()
        .gives(204, "Nothing is said of the method any more.", None)
        .with_headers(&["Feira-Position"]);
    vec![
        Route::get(ALL, list)
            .for_operator()
            .gives_json("Every kind of payment, in the order in which they are shown.", "OfferedMethods")
            .problems(&[409])
            .says("Lists the payment methods with what the platform says of each; while it says nothing of any, shops may offer all."),
        Route::get(ONE, read)
            .for_operator()
            .gives_json("The method.", "OfferedMethod")
            .with_headers(&["ETag"])
            .gives(304, "The version that the client has is the present one.", None)
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads what the platform says of a payment method."),
        kept(putting).says("Sets whether shops may offer a payment method, under which name, and whether in installments."),
        kept(removing).says("Removes what the platform says of a payment method."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let configured = methods::configured(&api, &request).await?;
    let items: Vec<Value> = KINDS.into_iter().map(|(kind, ..)| platform_method_json(kind, &configured)).collect();
    Ok(reply::json(&json!({"items": items})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let kind = methods::kind(&request, 0)?;
    let method = platform_method_json(kind, &methods::configured(&api, &request).await?);
    let version = method["version"].as_i64().unwrap_or_default();
    Ok(reply::entity(&request.headers, &method, version))
}

async fn put(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let method = methods::written(&request, 0)?;
    let body: OfferedBody = bodies::read(&BODIES, &request.body, "OfferedMethodBody")?;
    let content = offered_content(method, body).map_err(Problem::fields)?;
    let set = methods::set_offered(&api, &request, method, content).await;
    writes::answer(set, |_| request.path.clone())
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let method = methods::kind(&request, 0)?;
    let removed = methods::remove_offered(&api, &request, method).await;
    writes::answer(removed, |_| request.path.clone())
}
