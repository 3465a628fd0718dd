//! Credentials: who asks, and may they here. Records and rows hold hashes alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_schemas::{
    api::tenant::token_id,
    ids::TenantId,
    records::{admin::TokenStatus, common::OPERATOR, payments::CredentialStatus},
    rows::{admin::TokenRow, payments::CredentialRow},
};
use hmac::{Hmac, Mac};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{context::Api, problem::Problem, staff::Staff};

/// The beginning of a token of a shop.
const TOKEN: &str = "feira_";
/// The beginning of a credential for a shop's payments.
const CREDENTIAL: &str = "feirapay_";

/// SHA-256 of a text, as lower-case hex.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A token of a shop, made from the platform's secret and `seed`: the same seed gives the same token, so that a repeated request can
/// be answered with the token of the first.
pub fn derive(secret: &[u8; 32], tenant: TenantId, seed: &[u8]) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Problem::internal)?;
    mac.update(b"feira:token:");
    mac.update(tenant.uuid().as_bytes());
    mac.update(seed);
    let secret = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{TOKEN}{}_{secret}", tenant.uuid().simple()))
}

/// A credential of a shop for payments, made as [`derive`] makes a token. It is written as no token is, so neither opens what the
/// other does.
pub fn derive_credential(secret: &[u8; 32], tenant: TenantId, seed: &[u8]) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Problem::internal)?;
    mac.update(b"feira:payments:");
    mac.update(tenant.uuid().as_bytes());
    mac.update(seed);
    let secret = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{CREDENTIAL}{}_{secret}", tenant.uuid().simple()))
}

/// Checks a credential for payments on its shop's host; who asks, as records name it. A good one of another shop finds nothing here,
/// as a token does.
pub(crate) async fn payments(api: &Api, tenant: TenantId, headers: &HeaderMap) -> Result<String, Problem> {
    let credential = bearer(headers)?;
    let owner = written(credential, CREDENTIAL).ok_or_else(bad)?;
    let hash = hash(credential);
    let row = api.platform.state.get::<CredentialRow>(&CredentialRow::at(owner, &hash)).await?;
    if row.is_none_or(|row| row.credential.status != CredentialStatus::Active) {
        return Err(bad());
    }
    if owner != tenant {
        return Err(Problem::no_such_address());
    }
    Ok(format!("credential:{}", hash.get(..8).unwrap_or_default()))
}

/// Checks a shop's token on its host, and says what it may do.
///
/// A good token of another shop finds nothing here (404): it must not even learn that the shop exists for others.
pub(crate) async fn staff(api: &Api, tenant: TenantId, headers: &HeaderMap) -> Result<Staff, Problem> {
    let token = bearer(headers)?;
    let owner = owner_of(token).ok_or_else(bad)?;
    let hash = hash(token);
    let row = api.platform.state.get::<TokenRow>(&TokenRow::at(owner, &hash)).await?;
    let row = row.filter(|row| row.token.status == TokenStatus::Active).ok_or_else(bad)?;
    if owner != tenant {
        return Err(Problem::no_such_address());
    }
    Ok(Staff::of(&row.token, format!("token:{}", token_id(&hash))))
}

/// Checks the operator's token; who asks, as records name it.
pub(crate) fn operator(api: &Api, headers: &HeaderMap) -> Result<String, Problem> {
    let token = bearer(headers)?;
    let good = same(&api.config.secret, &hash(token), &api.config.operator_token_hash)?;
    if good { Ok(OPERATOR.into()) } else { Err(bad()) }
}

/// Compares without telling by its time how much was right: keyed hashes of both are compared in constant time.
fn same(secret: &[u8; 32], given: &str, expected: &str) -> Result<bool, Problem> {
    let keyed = |text: &str| Hmac::<Sha256>::new_from_slice(secret).map(|mac| mac.chain_update(text));
    let expected = keyed(expected).map_err(Problem::internal)?.finalize().into_bytes();
    Ok(keyed(given).map_err(Problem::internal)?.verify(&expected).is_ok())
}

/// The shop that a token says it is of; none if it is not written as a token is.
fn owner_of(token: &str) -> Option<TenantId> {
    written(token, TOKEN)
}

/// The shop that stands behind `prefix`, before the secret.
fn written(token: &str, prefix: &str) -> Option<TenantId> {
    let (tenant, secret) = token.strip_prefix(prefix)?.split_once('_')?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let written = tenant.len() == 32 && (16..=128).contains(&secret.len()) && secret.bytes().all(legal);
    written.then(|| Uuid::try_parse(tenant).ok()).flatten().map(TenantId::from_uuid)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let given = headers.get(header::AUTHORIZATION);
    let Some(given) = given else {
        return Err(Problem::unauthorized("Falta a credencial. Envie «Authorization: Bearer <token>»."));
    };
    let (scheme, token) = given.to_str().ok().and_then(|given| given.split_once(' ')).ok_or_else(bad)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(bad()) }
}

fn bad() -> Problem {
    Problem::unauthorized("A credencial não é válida.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_shop_and_repeats_for_its_seed() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(7));
        let token = derive(&[1; 32], tenant, b"a").unwrap();
        assert_eq!(owner_of(&token), Some(tenant));
        assert_eq!(token, derive(&[1; 32], tenant, b"a").unwrap());
        for other in [derive(&[2; 32], tenant, b"a"), derive(&[1; 32], tenant, b"b")] {
            assert_ne!(token, other.unwrap());
        }
        for wrong in ["", "feira_", "feira_1_abc", "feira_00000000000000000000000000000007_", &token[..40], "x"] {
            assert_eq!(owner_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hashes_are_compared_whole() {
        let same = |given: &str, expected: &str| same(&[7; 32], given, expected).unwrap();
        assert!(same("abc", "abc"));
        for (given, expected) in [("abc", "abd"), ("abc", ""), ("", "abc"), ("abc", "abcd")] {
            assert!(!same(given, expected));
        }
        // No token hashes to nothing, so an empty setting lets nobody in.
        assert!(!same(&hash(""), ""));
    }
}
