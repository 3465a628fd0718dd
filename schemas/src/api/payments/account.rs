//! Accounts at gateways and credentials of other systems, as the admin API takes them.

use serde::Deserialize;

use super::fields::{GATEWAY, KEY_CHARS, NAME};
use crate::{
    api::rules::{Errors, taken},
    problem::{Code, FieldError},
    records::payments::AccountKind,
    refusals,
    sealed::{CallbackSecret, Email, GatewayKey},
};

/// The body of an account. Some gateways call its keys `encryption_key` (public) and `api_key` (secret): both names are taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    name: String,
    /// The gateway's name.
    pub gateway: String,
    kind: Option<KindBody>,
    public_key: Option<String>,
    encryption_key: Option<String>,
    secret_key: Option<String>,
    api_key: Option<String>,
    callback_secret: Option<String>,
    notify_email: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindBody {
    WholeService,
    OwnAcquirer,
}

/// An account that keeps every rule. It can't be printed.
pub struct AccountContent {
    /// The name by which the merchant knows it.
    pub name: String,
    /// The gateway's name.
    pub gateway: String,
    /// The kind.
    pub kind: AccountKind,
    /// The key by which a browser turns a card into a token.
    pub public_key: String,
    /// The key by which the gateway takes requests; none keeps the present one.
    pub secret_key: Option<GatewayKey>,
    /// The secret of the gateway's signatures; none keeps the present one.
    pub callback_secret: Option<CallbackSecret>,
    /// Who is told when the account is broken.
    pub notify: Notify,
}

/// Who is told when an account is broken.
pub enum Notify {
    /// Who was told so far.
    Same,
    /// Nobody.
    Nobody,
    /// This address.
    At(Email),
}

/// The content of an account's command, or everything that is wrong with the body; `is_new` asks for its secret key.
pub fn account_content(body: AccountBody, is_new: bool) -> Result<AccountContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    NAME.check(&mut errors, "/name", Some(&body.name));
    GATEWAY.check(&mut errors, "/gateway", Some(&body.gateway));
    let public = one_of(&mut errors, ("public_key", body.public_key), ("encryption_key", body.encryption_key));
    if public.is_none() {
        errors.add("/public_key", Code::Required, "Informe a chave pública.");
    }
    let (at, public_key) = public.unwrap_or_default();
    visible(&mut errors, at, "A chave pública", &public_key);
    let secret = one_of(&mut errors, ("secret_key", body.secret_key), ("api_key", body.api_key));
    if secret.is_none() && is_new {
        errors.add("/secret_key", Code::Required, "Informe a chave secreta.");
    }
    let secret_key = secret
        .and_then(|(name, key)| taken(&mut errors, &format!("/{name}"), "A chave secreta", GatewayKey::new(&key)));
    let callback_secret = body.callback_secret.filter(|secret| !secret.trim().is_empty()).and_then(|secret| {
        taken(&mut errors, "/callback_secret", "O segredo dos avisos", CallbackSecret::new(&secret))
    });
    let notify = match body.notify_email {
        None => Some(Notify::Same),
        Some(email) if email.trim().is_empty() => Some(Notify::Nobody),
        Some(email) => taken(&mut errors, "/notify_email", "O e-mail de avisos", Email::new(&email)).map(Notify::At),
    };
    let kind = match body.kind.unwrap_or(KindBody::WholeService) {
        KindBody::WholeService => AccountKind::WholeService,
        KindBody::OwnAcquirer => AccountKind::OwnAcquirer,
    };
    errors.or(AccountContent {
        name: body.name.trim().to_owned(),
        gateway: body.gateway,
        kind,
        public_key,
        secret_key,
        callback_secret,
        // Where it is wrong, an error says so.
        notify: notify.unwrap_or(Notify::Same),
    })
}

type Field = (&'static str, Option<String>);

/// The one of two names of a field that is there, and its value.
fn one_of(errors: &mut Errors, one: Field, other: Field) -> Option<(&'static str, String)> {
    let filled = |(name, value): Field| {
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).map(|value| (name, value))
    };
    match (filled(one), filled(other)) {
        (Some((name, _)), Some((other, _))) => {
            let detail = format!("«{name}» e «{other}» são a mesma chave: informe só uma.");
            errors.add(&format!("/{other}"), Code::Duplicate, detail);
            None
        }
        (one, other) => one.or(other),
    }
}

fn visible(errors: &mut Errors, name: &str, what: &str, text: &str) {
    if text.chars().count() > KEY_CHARS {
        errors.add(&format!("/{name}"), Code::TooLong, refusals::too_long(what, KEY_CHARS));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        errors.add(&format!("/{name}"), Code::Invalid, refusals::not_accepted(what));
    }
}

/// The body of a credential.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialBody {
    name: String,
}

/// The name of a credential, or what is wrong with it.
pub fn credential_name(body: &CredentialBody) -> Result<String, Vec<FieldError>> {
    let mut errors = Errors::default();
    NAME.check(&mut errors, "/name", Some(&body.name));
    errors.or(body.name.trim().to_owned())
}
