//! A shop as the operator makes it, and the tokens of its admin API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rules::{Errors, Text, filled},
    schema::{Named, id, list_of, object, page_of, text, text_or_null, time, version, whole},
    settings::SHOP_NAME,
    staff_group::{checked_permissions, permissions},
};
use crate::{
    access::{Access, House},
    hosts::{check_subdomain, normalise_subdomain},
    limits,
    problem::{Code, FieldError, Refusal},
    records::admin::{Tenant, TenantStatus, Token, TokenStatus},
    refusals,
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
    /// The permissions that the token has; none is all of them.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
}

/// A token that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenContent {
    /// The token's label in the list of the shop's tokens.
    pub label: String,
    /// The permissions that the token has, sorted and each once; none is all of them.
    pub scopes: Option<Vec<Access>>,
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

/// The token that a body asks for, or everything that is wrong with it.
///
/// # Errors
/// The label is too long, a word is no permission of a shop, or the token would have none.
pub fn token_content(body: TokenBody) -> Result<TokenContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    LABEL.check(&mut errors, "/label", body.label.as_deref());
    let scopes = body.scopes.map(|words| checked_scopes(&mut errors, &words));
    errors.or(TokenContent { label: filled(body.label).unwrap_or_else(|| USUAL_LABEL.to_owned()), scopes })
}

fn checked_scopes(errors: &mut Errors, words: &[String]) -> Vec<Access> {
    if words.is_empty() {
        errors.add("/scopes", Code::Required, "Escolha ao menos uma permissão para o token.");
    }
    let scopes = checked_permissions(errors, "/scopes", words);
    if scopes.iter().any(|scope| !scope.area.is_of(House::Shop)) {
        errors.add("/scopes", Code::UnknownReference, refusals::NO_SUCH_PERMISSION);
    }
    scopes
}

/// The label of the token that a body asks for, or what is wrong with the body.
///
/// # Errors
/// As those of [`token_content`].
pub fn token_label(body: TokenBody) -> Result<String, Vec<FieldError>> {
    token_content(body).map(|content| content.label)
}

/// The id by which a token is named: the first 8 hex digits of its hash. Records name it as the actor by the same.
pub fn token_id(token_hash: &str) -> &str {
    token_hash.get(..8).unwrap_or(token_hash)
}

/// A token as the API gives it, which is never the token itself.
pub fn token_json(token: &Token) -> Value {
    json!({
        "id": token_id(&token.token_hash),
        "label": token.label,
        "status": if token.status == TokenStatus::Active { "active" } else { "revoked" },
        "scopes": token.scopes,
        "created_at": rfc3339(token.created_at),
        "made_by": token.made_by,
    })
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

/// The schemas of tokens: what is written (`TokenBody`) and what is given (`NewToken`, `Token`, `TokenPage`).
pub fn token_schemas() -> Vec<Named> {
    let or_null = |mut list: Value, what: &str| {
        list["type"] = json!(["array", "null"]);
        list["description"] = json!(what);
        list
    };
    let scopes = || or_null(list_of(text()), "What the token may do; null is everything.");
    let mut asked = or_null(permissions(), "What the token may do; left out or null, everything.");
    asked["minItems"] = json!(1);
    let mut made_by = text_or_null();
    made_by["description"] = json!(
        "Who has made the token: `staff:<id>`, `token:<id>` or `operator`; null of one that is older than this field."
    );
    let token = [
        ("id", text()),
        ("label", text()),
        ("status", json!({"type": "string", "enum": ["active", "revoked"]})),
        ("scopes", scopes()),
        ("created_at", time()),
        ("made_by", made_by),
    ];
    vec![
        ("TokenBody", object(&[("label", LABEL.schema()), ("scopes", asked)], &[])),
        ("NewToken", whole(&[("token", text()), ("id", text()), ("label", text()), ("scopes", scopes())])),
        ("Token", whole(&token)),
        ("TokenPage", page_of("Token")),
    ]
}

/// The schemas: what is written (`TenantBody`, `CloseBody`) and what is given (`Tenant`, `TenantPage`, `NewTenant`), and those of tokens.
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
    let shops = vec![
        ("TenantBody", whole(&[("subdomain", subdomain()), ("name", SHOP_NAME.schema())])),
        ("CloseBody", whole(&[("subdomain", text())])),
        ("Tenant", tenant),
        ("TenantPage", page_of("Tenant")),
        ("NewTenant", whole(&[("tenant_id", id()), ("subdomain", text()), ("admin_token", text())])),
    ];
    [shops, token_schemas()].concat()
}

/// See [`check_subdomain`]; letters come in either case.
fn subdomain() -> Value {
    let (least, most) = limits::SUBDOMAIN_CHARS.into_inner();
    let pattern = "^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$";
    json!({"type": "string", "minLength": least, "maxLength": most, "pattern": pattern})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::Area;

    #[test]
    fn a_token_has_everything_or_what_is_said_and_never_nothing() {
        let content = |scopes: Option<&[&str]>| {
            let scopes = scopes.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            token_content(TokenBody { label: None, scopes })
        };
        assert_eq!(content(None).unwrap(), TokenContent { label: USUAL_LABEL.into(), scopes: None });
        assert_eq!(content(Some(&["stock:read"])).unwrap().scopes, Some(vec![Access::read(Area::Stock)]));
        for (words, code) in [
            (&[][..], Code::Required),
            (&["all"], Code::UnknownReference),
            // The platform's, which no shop has.
            (&["plans:read"], Code::UnknownReference),
        ] {
            assert_eq!(content(Some(words)).unwrap_err().first().unwrap().code, code, "{words:?}");
        }
    }
}
