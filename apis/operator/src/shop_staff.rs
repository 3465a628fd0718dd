//! The staff of a shop, of which the operator invites the first administrator: whoever was made a shop by command gets in by this link.

use std::sync::Arc;

use feira_web::{
    commands::KEPT,
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    team_json::{self, BODY_BYTES},
    tenants,
};
use http::Method;

use crate::staff::json_of;

const ALL: &str = "/api/operator/v1/tenants/{id}/staff";

/// The routes of shops' staff.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of members, oldest first.", json_of("StaffPage"))
            .problems(&[409])
            .says("Lists a shop's staff, those that are disabled among them."),
        Route::new(Method::POST, ALL, invite)
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

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = tenants::present(&api, &request).await?;
    team_json::list_of(&api, &request, shop.tenant_id).await
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = tenants::present(&api, &request).await?;
    Ok(team_json::invite_to(&api, &request, shop.tenant_id).await?.into_response())
}
