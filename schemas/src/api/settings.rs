//! A shop's settings: what it is called, looks like and publishes of itself.

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    image::extension,
    published,
    rules::{Errors, List, Text, Whole},
    schema::{Named, object, pixels, reference, reference_or_null, text, text_or_null, time, version, whole},
};
use crate::{
    limits,
    problem::{Code, FieldError},
    records::admin::{Contact, Logo, Policies, Seller, Settings},
    time::rfc3339,
};

/// The shop's name, as buyers see it.
pub const SHOP_NAME: Text = Text::words("O nome da loja", limits::NAME_CHARS);
/// The sentence under a shop's name: one line of its first page.
const TAGLINE: Text = Text::or_null("A frase", 255);
/// Instalments that the shop pays the interest of.
const INSTALLMENTS: Whole = Whole::new("O número de parcelas sem juros", 1, limits::INSTALLMENTS as i64);
/// Origins whose scripts may read a shop's API: its own front ends, and those of who builds them.
const ORIGINS: List = List::new("A loja", "origens", 20);
/// Characters of an origin: a host has 253.
const ORIGIN_CHARS: usize = 300;

/// The settings that a patch changes: `None` keeps the present value, and an empty `tagline` removes the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsContent {
    /// See [`SHOP_NAME`].
    pub shop_name: Option<String>,
    /// The sentence under the name; empty removes it.
    pub tagline: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    /// Instalments without interest, from 1.
    pub interest_free_installments: Option<i32>,
    /// Origins as browsers send them (RFC 6454, 6.2).
    pub cors_origins: Option<Vec<String>>,
    /// The ways in which the shop is reached, of them those that change; an empty text removes one.
    pub contact: Option<Contact>,
    /// The person or company that sells, of it what changes; an empty text removes a field.
    pub seller: Option<Seller>,
    /// The shop's policies, of them those that change; an empty text removes one.
    pub policies: Option<Policies>,
}

/// The change that a merge patch (RFC 7396) asks for, or everything that is wrong with it.
pub fn settings_content(patch: &Map<String, Value>) -> Result<SettingsContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let text = |name: &str| patch.get(name).map(|value| value.as_str().unwrap_or_default().trim().to_owned());
    let (shop_name, tagline, accent) = (text("shop_name"), text("tagline"), text("accent"));
    if shop_name.is_some() {
        SHOP_NAME.check(&mut errors, "/shop_name", shop_name.as_deref());
    }
    TAGLINE.check(&mut errors, "/tagline", tagline.as_deref());
    if accent.as_deref().is_some_and(|accent| !is_colour(accent)) {
        errors.add("/accent", Code::Invalid, "A cor é escrita como #rrggbb.");
    }
    let installments = patch.get("interest_free_installments").map(|value| value.as_i64().unwrap_or_default());
    INSTALLMENTS.check(&mut errors, "/interest_free_installments", installments);
    let interest_free_installments = installments.and_then(|count| i32::try_from(count).ok());
    let cors_origins = patch.get("cors_origins").and_then(Value::as_array).map(|given| origins(given, &mut errors));
    let contact = patch.get("contact").map(|given| published::contact(given, &mut errors));
    let seller = patch.get("seller").map(|given| published::seller(given, &mut errors));
    let policies = patch.get("policies").map(|given| published::policies(given, &mut errors));
    errors.or(SettingsContent {
        shop_name,
        tagline,
        accent,
        interest_free_installments,
        cors_origins,
        contact,
        seller,
        policies,
    })
}

fn origins(given: &[Value], errors: &mut Errors) -> Vec<String> {
    let mut kept = Vec::with_capacity(given.len());
    for (place, one) in given.iter().enumerate() {
        match one.as_str().and_then(origin) {
            Some(origin) => kept.push(origin),
            None => {
                let detail = "Uma origem é escrita como https://www.loja.com.br, sem caminho.";
                errors.add(&format!("/cors_origins/{place}"), Code::Invalid, detail);
            }
        }
    }
    ORIGINS.check(errors, "/cors_origins", given.len());
    kept
}

/// An origin as browsers send it: scheme, host and a port that is not the scheme's usual one, nothing else (RFC 6454, 6.2).
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let fits = matches!(url.scheme(), "http" | "https") && bare && url.password().is_none();
    Some(url.origin().ascii_serialization()).filter(|origin| fits && origin.len() <= ORIGIN_CHARS)
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
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
        "contact": published::contact_json(settings.contact.as_ref()),
        "seller": published::seller_json(settings.seller.as_ref()),
        "policies": published::policies_json(settings.policies.as_ref()),
        "updated_at": rfc3339(settings.updated_at),
    })
}

/// A logo as the APIs give it.
pub fn logo_json(logo: &Logo) -> Value {
    let url = format!("/media/{}.{}", logo.image_id, extension(&logo.content_type));
    json!({"url": url, "width": logo.width, "height": logo.height})
}

/// The schemas: what is written (`SettingsPatch`) and what is given (`Settings`, `Logo`), with the parts of both.
pub fn schemas() -> Vec<Named> {
    let accent = json!({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"});
    let origin = json!({"type": "string", "maxLength": ORIGIN_CHARS, "example": "https://www.loja.com.br"});
    let patch = [
        ("shop_name", SHOP_NAME.schema()),
        ("tagline", TAGLINE.schema()),
        ("accent", accent),
        ("interest_free_installments", INSTALLMENTS.schema()),
        ("cors_origins", ORIGINS.schema(origin.clone())),
        ("contact", reference_or_null("ContactPatch")),
        ("seller", reference_or_null("SellerPatch")),
        ("policies", reference_or_null("PoliciesPatch")),
    ];
    let settings = whole(&[
        ("version", version()),
        ("shop_name", text()),
        ("tagline", text_or_null()),
        ("accent", text_or_null()),
        ("logo", reference_or_null("Logo")),
        ("interest_free_installments", INSTALLMENTS.schema()),
        ("cors_origins", ORIGINS.schema(origin)),
        ("contact", reference("Contact")),
        ("seller", reference("Seller")),
        ("policies", reference("Policies")),
        ("updated_at", time()),
    ]);
    let logo = whole(&[("url", text()), ("width", pixels()), ("height", pixels())]);
    let own = vec![("SettingsPatch", object(&patch, &[])), ("Settings", settings), ("Logo", logo)];
    own.into_iter().chain(published::schemas()).collect()
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

    #[test]
    fn a_patch_changes_what_it_names_and_everything_wrong_is_said_at_once() {
        let content = |patch: Value| settings_content(patch.as_object().unwrap());
        assert_eq!(content(json!({})), Ok(SettingsContent::default()));
        let tagline = Some(String::new());
        assert_eq!(content(json!({"tagline": " "})), Ok(SettingsContent { tagline, ..SettingsContent::default() }));
        let origins = [vec!["https://a.br"; 21], vec!["a.br"]].concat();
        let wrong = json!({
            "shop_name": " ", "tagline": "x".repeat(256), "accent": "red", "interest_free_installments": 13,
            "cors_origins": origins,
        });
        let errors = content(wrong).unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        let expected = [
            ("/shop_name", Code::Required),
            ("/tagline", Code::TooLong),
            ("/accent", Code::Invalid),
            ("/interest_free_installments", Code::OutOfRange),
            ("/cors_origins/21", Code::Invalid),
            ("/cors_origins", Code::TooLong),
        ];
        assert_eq!(found, expected);
    }
}
