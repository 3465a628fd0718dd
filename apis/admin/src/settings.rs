//! A shop's settings, as its staff reads and changes them.

use std::sync::Arc;

use feira_schemas::{
    api::settings::settings_json, limits, records::admin::Settings, rows::admin::SettingsRow, topics::Context,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    settings::{ONE, read_patch, submit},
    writes,
};
use http::Method;

use super::kinds::{changing, reading};

/// The routes of settings.
pub fn routes() -> Vec<Route> {
    vec![
        reading(Route::get(ONE, read), Area::Settings, "Settings")
            .says("Reads the shop's settings: its name, what it looks like, and what it publishes of itself."),
        changing(Route::new(Method::PATCH, ONE, patch), Access::write(Area::Settings), "Settings")
            .takes(
                vec![("application/merge-patch+json", "SettingsPatch"), ("application/json", "SettingsPatch")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes name, sentence, colour, instalments, whose scripts may read the shop's API, or what the shop publishes of itself: contact, seller and policies."),
    ]
}

/// The settings of the request's shop, as they are at the position that the request asks for.
pub async fn load(api: &Api, request: &Request) -> Result<Settings, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let row = api.platform.state.get::<SettingsRow>(&SettingsRow::at(request.tenant)).await?;
    row.map(|row| row.settings).ok_or_else(|| Problem::not_found("A configuração"))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let settings = load(&api, &request).await?;
    Ok(reply::entity(&request.headers, &settings_json(&settings), settings.version))
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let patch = read_patch(&request.body)?;
    writes::answer(submit(&api, &request, request.tenant, &patch).await, |_| ONE.to_owned())
}
