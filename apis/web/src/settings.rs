//! A shop's settings, its name and look: the one way in which a patch becomes a change, and settings become JSON, for
//! whoever may.

use std::sync::LazyLock;

use feira_schemas::{
    catalogue::extension,
    limits,
    problem::{Code, FieldError},
    records::{
        AdminCommand,
        admin::{ChangeSettings, Logo, Settings},
    },
    refusals,
    time::rfc3339,
};
use serde_json::{Map, Value, json};

use crate::{
    context::Api,
    json,
    problem::Problem,
    reply::Response,
    routing::Request,
    schemas::{Named, object, text, text_or_null, time, version, words},
    writes,
};

/// The path at which staff reads and changes its own shop's settings.
pub const ONE: &str = "/api/admin/v1/settings";
/// Characters of the sentence under a shop's name: one line of its first page.
const TAGLINE_CHARS: usize = 255;
/// Origins whose scripts may read a shop's API: its own front ends, and those of who builds them.
const ORIGINS: usize = 20;
/// Characters of an origin: a host has 253.
const ORIGIN_CHARS: usize = 300;

/// The JSON schemas that a patch is checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The schemas of settings.
pub fn schemas() -> Vec<Named> {
    let name = words(limits::NAME_CHARS);
    let tagline = json!({"type": ["string", "null"], "maxLength": TAGLINE_CHARS});
    let accent = json!({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"});
    let pixels = json!({"type": ["integer", "null"], "minimum": 1});
    let logo = object(&[("url", text()), ("width", pixels.clone()), ("height", pixels)], &["url", "width", "height"]);
    let installments = json!({"type": "integer", "minimum": 1, "maximum": limits::INSTALLMENTS});
    let origin = json!({"type": "string", "maxLength": ORIGIN_CHARS, "example": "https://www.loja.com.br"});
    let origins = json!({"type": "array", "items": origin, "maxItems": ORIGINS});
    let patch = [
        ("shop_name", name),
        ("tagline", tagline),
        ("accent", accent),
        ("interest_free_installments", installments.clone()),
        ("cors_origins", origins.clone()),
    ];
    let settings = [
        ("version", version()),
        ("shop_name", text()),
        ("tagline", text_or_null()),
        ("accent", text_or_null()),
        ("logo", json!({"anyOf": [{"$ref": "#/components/schemas/Logo"}, {"type": "null"}]})),
        ("interest_free_installments", installments.clone()),
        ("cors_origins", origins),
        ("updated_at", time()),
    ];
    let names: Vec<&str> = settings.iter().map(|(name, _)| *name).collect();
    vec![("SettingsPatch", object(&patch, &[])), ("Settings", object(&settings, &names)), ("Logo", logo)]
}

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

/// The fault of a shop's name, if it has one; `pointer` leads to it in the body.
pub fn wrong_shop_name(pointer: &str, name: &str) -> Option<FieldError> {
    match name.chars().count() {
        0 => Some(FieldError::new(pointer, Code::Required, "Informe o nome da loja.")),
        count if count > limits::NAME_CHARS => {
            let detail = refusals::too_long("O nome", limits::NAME_CHARS);
            Some(FieldError::new(pointer, Code::TooLong, detail))
        }
        _ => None,
    }
}

/// The change that a patch asks for. An empty sentence is none: the command's null leaves what is there.
pub fn change(
    meta: feira_schemas::records::common::CommandMeta,
    patch: &Map<String, Value>,
) -> Result<ChangeSettings, Problem> {
    let text = |name: &str| patch.get(name).map(|value| value.as_str().unwrap_or_default().trim().to_owned());
    let (shop_name, tagline, accent) = (text("shop_name"), text("tagline"), text("accent"));
    let mut errors: Vec<_> =
        shop_name.as_deref().and_then(|name| wrong_shop_name("/shop_name", name)).into_iter().collect();
    let mut add = |pointer: &str, code, detail: String| errors.push(FieldError::new(pointer, code, detail));
    if tagline.as_deref().is_some_and(|tagline| tagline.chars().count() > TAGLINE_CHARS) {
        add("/tagline", Code::TooLong, refusals::too_long("A frase", TAGLINE_CHARS));
    }
    if accent.as_deref().is_some_and(|accent| !is_colour(accent)) {
        add("/accent", Code::Invalid, "A cor é escrita como #rrggbb.".into());
    }
    let installments = patch.get("interest_free_installments").map(|value| value.as_i64().unwrap_or_default());
    let interest_free_installments = installments.and_then(|count| i32::try_from(count).ok());
    if installments.is_some_and(|count| !(1..=limits::INSTALLMENTS.into()).contains(&count)) {
        let detail = refusals::out_of_range("O número de parcelas sem juros", 1, limits::INSTALLMENTS);
        add("/interest_free_installments", Code::OutOfRange, detail);
    }
    let given = patch.get("cors_origins").and_then(Value::as_array);
    let origins = given.map(|given| given.iter().map(|one| one.as_str().and_then(origin)).collect::<Vec<_>>());
    for (place, _) in origins.iter().flatten().enumerate().filter(|(_, origin)| origin.is_none()) {
        let detail = "Uma origem é escrita como https://www.loja.com.br, sem caminho.".to_owned();
        add(&format!("/cors_origins/{place}"), Code::Invalid, detail);
    }
    if origins.as_ref().is_some_and(|origins| origins.len() > ORIGINS) {
        add("/cors_origins", Code::TooLong, format!("A loja pode ter até {ORIGINS} origens."));
    }
    let cors_origins = origins.map(|origins| origins.into_iter().flatten().collect());
    if errors.is_empty() {
        Ok(ChangeSettings { meta, shop_name, tagline, accent, interest_free_installments, cors_origins })
    } else {
        Err(Problem::fields(errors))
    }
}

/// An origin as browsers send it: scheme, host and a port that is not the scheme's usual one, nothing else (RFC 6454, 6.2).
fn origin(text: &str) -> Option<String> {
    let url = reqwest::Url::parse(text.trim()).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let fits = matches!(url.scheme(), "http" | "https") && bare && url.password().is_none();
    Some(url.origin().ascii_serialization()).filter(|origin| fits && origin.len() <= ORIGIN_CHARS)
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Sends a change of the settings and answers with them.
pub async fn send(api: &Api, request: &Request, command: AdminCommand) -> Result<Response, Problem> {
    match writes::send(api, request, command).await {
        Ok(mut decided) => {
            let settings: Settings = serde_json::from_value(decided.body).map_err(Problem::internal)?;
            decided.body = settings_json(&settings);
            Ok(writes::respond(&decided, |_| ONE.to_owned()))
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        for (text, kept) in [
            ("https://www.loja.com.br", Some("https://www.loja.com.br")),
            (" HTTPS://WWW.Loja.com.br/ ", Some("https://www.loja.com.br")),
            ("https://loja.com.br:443", Some("https://loja.com.br")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("https://açaí.com.br", Some("https://xn--aa-4iaz.com.br")),
            ("https://loja.com.br/a", None),
            ("https://loja.com.br?x", None),
            ("https://u:p@loja.com.br", None),
            ("ftp://loja.com.br", None),
            ("loja.com.br", None),
            ("null", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(origin(text).as_deref(), kept, "{text}");
        }
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        for (text, good) in [("#a0B1c2", true), ("a0b1c2", false), ("#fff", false), ("#gggggg", false), ("", false)] {
            assert_eq!(is_colour(text), good, "{text}");
        }
    }
}
