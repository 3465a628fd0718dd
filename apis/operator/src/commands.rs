//! The outcome of an operator's command that was answered with 202.

use std::sync::Arc;

use feira_schemas::{
    ids::{CommandId, TenantId},
    problem::Code,
    records::admin::entity,
};
use feira_web::{
    commands::{self, Became},
    context::Api,
    payments::Opener,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};

use super::tenants;

/// Answers lie with the shop that a command is about.
const TENANT: Parameter = Parameter::new(
    "tenant",
    Kind::Text(64),
    "The id of the shop that the write was about, as the 202's `Location` has it; left out, the shop that the write makes.",
);

/// The routes of commands.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/operator/v1/commands/{id}", read)
            .for_operator()
            .query([TENANT])
            .gives(
                200,
                "Whether the write is decided yet and, if so, what it answered, without a token: to see that, send the write \
                 again with its `Idempotency-Key`.",
                Some(("application/json", "Command")),
            )
            .problems(&[409])
            .says("Tells what became of an operator's write that was answered with 202."),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let none = || Problem::new(Code::NotFound, "Esta solicitação não existe.");
    let id: CommandId = request.param(0).parse().map_err(|_| none())?;
    let tenant = match request.query.text("tenant") {
        Some(text) => text.parse().map_err(|_| no_tenant())?,
        None => TenantId::from_uuid(id.uuid()),
    };
    let (result, context) = match commands::became(&api, &request, tenant, id).await?.ok_or_else(none)? {
        Became::Pending => return Ok(reply::json(&commands::pending(id))),
        Became::Done(result, context) => (result, context),
    };
    let opener = Opener { api: &api, tenant, headers: &request.headers };
    let result = opener.opened(*result, context).await?;
    let mut done = commands::done(result, context, |decided| commands::shown(decided, None));
    if done["entity"] == entity::TENANT {
        done["body"] = tenants::with_name(&api, tenant, done["body"].take()).await?;
    }
    Ok(reply::json(&done))
}

fn no_tenant() -> Problem {
    Problem::parameter("/query/tenant", Code::Malformed, "O parâmetro «tenant» é o id de uma loja.")
}
