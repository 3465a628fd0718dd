//! The route by which a proxy asks before it fetches a certificate for a name that a browser asks for.

use std::sync::Arc;

use feira_schemas::problem::Code;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
};
use http::StatusCode;

/// The name that is asked for; as long as a name in DNS can be.
const NAME: Parameter = Parameter::new("domain", Kind::Text(253), "The name that a certificate is wanted for.");

/// The route. No quota counts it: the proxy asks for everybody, and whoever used it up would keep all new domains from their certificates.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/tls/allowed", allowed)
            .on_any_host()
            .query([NAME])
            .gives(200, "Pages are answered at this name.", None)
            .says("Tells a proxy whether it may fetch a certificate for a name: the platform's, a shop's, or that of a shop's own domain."),
    ]
}

async fn allowed(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let name = request.query.text(NAME.name).unwrap_or_default();
    if api.hosts.answers_at(&api.platform.state, name).await? {
        return Ok(reply::empty(StatusCode::OK));
    }
    Err(Problem::new(Code::NotFound, "Não há loja com este nome."))
}
