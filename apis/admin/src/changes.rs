//! Who changed what in the shop, and what was before and after.

use std::sync::Arc;

use feira_schemas::api::change::CHANGED_WORDS;
use feira_web::{
    changes::{self, ACTOR, ENTITY_ID, FROM, Filter, UNTIL, change_json},
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    team_json::private,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::kinds::json_of;

/// The kind of entity whose changes are asked for.
const ENTITY: Parameter =
    Parameter::new("entity", Kind::OneOf(&CHANGED_WORDS), "Shows only changes of entities of this kind.");

/// The route of changes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/changes", list)
            .for_staff(Access::read(Area::Own))
            .query([ENTITY, ENTITY_ID, ACTOR, FROM, UNTIL, reads::AFTER, reads::LIMIT])
            .gives(
                200,
                "A page of changes in the areas that the credential sees, the newest first. One with few or none goes on where it has a \
                 `next`.",
                json_of("ChangePage"),
            )
            .problems(&[409])
            .says("Lists who changed what in the shop, with what was before and after, the newest first."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let filter = Filter::of(&request)?;
    let kinds = changes::seen(|area| request.staff.as_ref().is_some_and(|staff| staff.has(Access::read(area))));
    let page = changes::page(&api, &request, &filter, &kinds).await?;
    let items: Vec<Value> = page.changes.iter().map(change_json).collect();
    Ok(private(StatusCode::OK, &json!({"items": items, "next": page.next})))
}
