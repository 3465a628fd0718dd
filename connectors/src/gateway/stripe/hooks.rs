//! Callbacks: proven by the header `Stripe-Signature`, and kept as what they point at.
//!
//! The header names a time and signatures, `t=…,v1=…,v1=…`. A signature of scheme v1 is the HMAC-SHA-256 of `<t>.<body>` under the
//! endpoint's secret, in hex; there are two while the secret is changed.

use feira_schemas::{ids::TenantId, time::Micros};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::gateway::{Account, Callback, CallbackError, CallbackRequest, answer::Fields};

/// Seconds by which a signature's time may be off: less would refuse what clocks and queues delay, more would let somebody
/// who has recorded a callback play it again for longer.
const TOLERANCE: i64 = 300;

/// Signatures of one header that are looked at.
const SIGNATURES: usize = 8;

/// Reads where a callback says to look, if the account's secret has signed it less than five minutes ago.
pub(super) fn parse(account: &Account, request: CallbackRequest<'_>, now: Micros) -> Result<Callback, CallbackError> {
    let secret = account.callback_secret.expose();
    if !is_proven(secret, request.signature.unwrap_or_default(), request.body, now) {
        return Err(CallbackError::NotProven);
    }
    let event: Value = serde_json::from_slice(request.body).map_err(|_| CallbackError::Unreadable)?;
    let (id, kind) = event.word("id").zip(event.word("type")).ok_or(CallbackError::Unreadable)?;
    let thing = event.field("data").field("object");
    let own = |kind: &str| if thing.text("object", 40) == Some(kind) { thing.word("id") } else { thing.id_of(kind) };
    Ok(Callback {
        charge: own("payment_intent"),
        order: None,
        subscription: own("subscription").or_else(|| of_invoice(thing).id_of("subscription")),
        code: thing.field("metadata").word("effect_id"),
        tenant: tenant(thing),
        remote_account: event.word("account"),
        at: event.seconds("created").unwrap_or(0),
        id,
        kind,
    })
}

/// The tenant of the thing itself; of an invoice, that of its subscription.
fn tenant(thing: &Value) -> Option<TenantId> {
    let of_older_version = || thing.field("subscription_details").tenant();
    thing.tenant().or_else(|| of_invoice(thing).tenant()).or_else(of_older_version)
}

/// What an invoice says of its subscription.
fn of_invoice(thing: &Value) -> &Value {
    thing.field("parent").field("subscription_details")
}

fn is_proven(secret: &str, header: &str, body: &[u8], now: Micros) -> bool {
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let Some((_, time)) = parts.iter().find(|(name, _)| *name == "t") else { return false };
    let is_near = time.parse::<i64>().is_ok_and(|time| now.div_euclid(1_000_000).abs_diff(time) <= TOLERANCE as u64);
    let Ok(signed) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    let signed = signed.chain_update(time).chain_update(".").chain_update(body);
    let signatures = parts.iter().filter(|(name, _)| *name == "v1").take(SIGNATURES);
    let is_signed = signatures
        .filter_map(|(_, signature)| hex::decode(signature).ok())
        .any(|signature| signed.clone().verify_slice(&signature).is_ok());
    !secret.is_empty() && is_near && is_signed
}
