//! A shop's settings, its name and look: the one way in which a patch becomes a change, and settings become JSON, for
//! whoever may.

use std::sync::LazyLock;

use feira_schemas::{
    api::{
        extension,
        settings::{SettingsContent, schemas, settings_content},
    },
    ids::TenantId,
    records::{
        AdminCommand,
        admin::{ChangeSettings, Logo, Settings},
    },
    time::rfc3339,
};
use serde_json::{Map, Value, json};

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

/// Settings as the APIs give them.
pub fn settings_json(settings: &Settings) -> Value {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    json!({
        "version": settings.version,
        "shop_name": settings.shop_name,
        "tagline": filled(&settings.tagline),
        "accent": filled(&settings.accent),
        "logo": settings.logo.as_ref().map(logo_json),
        "interest_free_installments": settings.interest_free_installments.unwrap_or(1),
        "cors_origins": settings.cors_origins,
        "updated_at": rfc3339(settings.updated_at),
    })
}

/// A logo as the APIs give it.
pub fn logo_json(logo: &Logo) -> Value {
    let url = format!("/media/{}.{}", logo.image_id, extension(&logo.content_type));
    json!({"url": url, "width": logo.width, "height": logo.height})
}

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
    let SettingsContent { shop_name, tagline, accent, interest_free_installments, cors_origins } = content;
    let meta = writes::meta(api, request, tenant)?;
    let change = ChangeSettings { meta, shop_name, tagline, accent, interest_free_installments, cors_origins };
    send(api, request, AdminCommand::ChangeSettings(change)).await
}

/// Sends a command that changes settings and waits for the decision, whose body are the settings as the APIs give them.
pub async fn send(api: &Api, request: &Request, command: AdminCommand) -> Result<Decided, NotDecided> {
    let mut decided = writes::send(api, request, command).await?;
    let settings: Settings = serde_json::from_value(decided.body).map_err(Problem::internal)?;
    decided.body = settings_json(&settings);
    Ok(decided)
}
