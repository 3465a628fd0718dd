//! The staff of a shop, of which the operator invites the first administrator: whoever was made a shop by command gets in by this link.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::staff::{StaffBody, link_fields, schemas, staff_content},
    records::common::Outcome,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    json as bodies, members,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    team, tenants, writes,
};
use http::{Method, StatusCode};

use crate::staff::{BODY_BYTES, json_of, of_decided};

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// The routes of shops' staff.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/operator/v1/tenants/{id}/staff", invite)
            .for_operator()
            .keyed()
            .takes(vec![("application/json", "StaffBody")], BODY_BYTES)
            .gives(201, "The new member, and the link by which it chooses its password.", json_of("StaffInvited"))
            .with_headers(&["ETag", "Feira-Position"])
            .gives(200, "The member that was invited already, as it is, and a new link.", json_of("StaffInvited"))
            .with_headers(&["ETag", "Feira-Position"])
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Invites somebody to a shop's staff, and shows the link by which a password is chosen."),
    ]
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: StaffBody = bodies::read(&BODIES, &request.body, "StaffBody")?;
    let content = staff_content(body).map_err(Problem::fields)?;
    let shop = tenants::present(&api, &request).await?;
    let (member, decided) = match team::invite(&api, &request, shop.tenant_id, content).await {
        Ok(invited) => invited,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let mut shown = members::shown(&api, shop.tenant_id, &member).await?;
    // Its end counts from the decision, which a request that is repeated with its key is answered with as well.
    let (address, until) = team::link_to_shop(&api, &request, &shop, &member, decided.position.write_ts);
    for (name, value) in link_fields(address, until) {
        shown[name] = value;
    }
    let status = if decided.outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(of_decided(status, &shown, &member, &decided))
}
