//! A shop's settings, its name, its look and what it publishes of itself: the one way in which a patch becomes a change, for whoever may.

use std::sync::LazyLock;

use feira_schemas::{
    api::settings::{schemas, settings_content},
    ids::TenantId,
    records::{AdminCommand, admin::ChangeSettings},
};
use serde_json::{Map, Value};

use crate::{
    context::Api,
    json,
    problem::Problem,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// The path at which staff reads and changes its own shop's settings.
pub const ONE: &str = "/api/admin/v1/settings";

/// The JSON schemas that a patch is checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// A patch of settings, as it was sent.
pub fn read_patch(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    json::read_patch(&BODIES, body, "SettingsPatch")
}

/// Sends a change of a shop's settings and waits for the decision.
pub async fn submit(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    patch: &Map<String, Value>,
) -> Result<Decided, NotDecided> {
    let content = settings_content(patch).map_err(Problem::fields)?;
    let change = ChangeSettings {
        meta: writes::meta(api, request, tenant)?,
        shop_name: content.shop_name,
        tagline: content.tagline,
        accent: content.accent,
        interest_free_installments: content.interest_free_installments,
        cors_origins: content.cors_origins,
        contact: content.contact,
        seller: content.seller,
        policies: content.policies,
    };
    writes::send(api, request, AdminCommand::ChangeSettings(change)).await
}
