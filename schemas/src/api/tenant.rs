//! A shop as the operator makes it, and the tokens of its admin API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rules::{Errors, Text, filled},
    schema::{Named, id, object, page_of, text, text_or_null, time, version, whole},
    settings::SHOP_NAME,
};
use crate::{
    hosts::{check_subdomain, normalise_subdomain},
    limits,
    problem::{Code, FieldError, Refusal},
    records::admin::{Tenant, TenantStatus},
    time::rfc3339,
};

/// The label of a token in the list of a shop's tokens.
const LABEL: Text = Text::or_null("A etiqueta", 100);
/// The label of a token that is made without one.
const USUAL_LABEL: &str = "admin";
/// Words of a shop's life, as the API writes them.
pub const STATUSES: &[&str] = &["requested", "active", "suspended", "refused", "closed"];

/// A shop as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantBody {
    /// The name under the platform's domain.
    pub subdomain: String,
    /// The shop's name, as buyers see it.
    pub name: String,
}

/// The closing of a shop for good, as it is asked for: whoever asks names the shop once more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    /// The sub-domain of the shop.
    pub subdomain: String,
}

/// A token as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// The token's label in the list of the shop's tokens.
    #[serde(default)]
    pub label: Option<String>,
}

/// Sub-domain and name of the shop that a body asks for, or the refusal.
pub fn tenant_content(body: &TenantBody) -> Result<(String, String), Refusal> {
    let subdomain = normalise_subdomain(&body.subdomain);
    if let Err(refusal) = check_subdomain(&subdomain) {
        let error = FieldError::new("/subdomain", refusal.code, refusal.detail.clone());
        return Err(Refusal { errors: vec![error], ..refusal });
    }
    let name = body.name.trim().to_owned();
    let mut errors = Errors::default();
    SHOP_NAME.check(&mut errors, "/name", Some(&name));
    errors.or((subdomain, name)).map_err(Refusal::fields)
}

/// Checks that a body which asks for a shop's closing names this shop.
pub fn check_closing(body: &CloseBody, tenant: &Tenant) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::default();
    if normalise_subdomain(&body.subdomain) != tenant.subdomain {
        let detail = format!("Para encerrar a loja, escreva o endereço dela: {}.", tenant.subdomain);
        errors.add("/subdomain", Code::Invalid, detail);
    }
    errors.or(())
}

/// The label of the token that a body asks for, or what is wrong with it.
pub fn token_label(body: TokenBody) -> Result<String, Vec<FieldError>> {
    let mut errors = Errors::default();
    LABEL.check(&mut errors, "/label", body.label.as_deref());
    errors.or(filled(body.label).unwrap_or_else(|| USUAL_LABEL.to_owned()))
}

/// A shop as the operator's API gives it, without its name, which is one of its settings. Its subscription stands there where it was made
/// for one.
pub fn tenant_json(tenant: &Tenant) -> Value {
    let mut shop = json!({
        "tenant_id": tenant.tenant_id,
        "subdomain": tenant.subdomain,
        "status": tenant_status(tenant.status),
        "version": tenant.version,
        "created_at": rfc3339(tenant.created_at),
    });
    if let Some(subscription) = tenant.subscription_id {
        shop["subscription_id"] = json!(subscription);
    }
    shop
}

/// The word for the state of a shop's life, of [`STATUSES`].
pub fn tenant_status(status: TenantStatus) -> &'static str {
    match status {
        TenantStatus::Requested | TenantStatus::Unknown => "requested",
        TenantStatus::Active => "active",
        TenantStatus::Suspended => "suspended",
        TenantStatus::Refused => "refused",
        TenantStatus::Closed => "closed",
    }
}

/// The schemas: what is written (`TenantBody`, `CloseBody`, `TokenBody`) and what is given (`Tenant`, `TenantPage`, `NewTenant`, `NewToken`).
pub fn schemas() -> Vec<Named> {
    let fields = [
        ("tenant_id", id()),
        ("subdomain", text()),
        ("name", text_or_null()),
        ("status", json!({"type": "string", "enum": STATUSES})),
        ("version", version()),
        ("created_at", time()),
        ("subscription_id", id()),
    ];
    let always = ["tenant_id", "subdomain", "name", "status", "version", "created_at"];
    let tenant = object(&fields, &always);
    vec![
        ("TenantBody", whole(&[("subdomain", subdomain()), ("name", SHOP_NAME.schema())])),
        ("CloseBody", whole(&[("subdomain", text())])),
        ("Tenant", tenant),
        ("TenantPage", page_of("Tenant")),
        ("NewTenant", whole(&[("tenant_id", id()), ("subdomain", text()), ("admin_token", text())])),
        ("TokenBody", object(&[("label", LABEL.schema())], &[])),
        ("NewToken", whole(&[("token", text()), ("label", text())])),
    ]
}

/// See [`check_subdomain`]; letters come in either case.
fn subdomain() -> Value {
    let (least, most) = limits::SUBDOMAIN_CHARS.into_inner();
    let pattern = "^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$";
    json!({"type": "string", "minLength": least, "maxLength": most, "pattern": pattern})
}
