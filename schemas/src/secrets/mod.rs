//! The secrets of a deployment (`FEIRA_SECRETS`), from which what must be equal on every process is derived and not kept: tokens of
//! forms and links, credentials of callbacks, and the terms by which sealed values are found again.
//!
//! They are a ring, `id:key,…`. The entry with the id `index` makes terms, which stand in events and rows: it changes only with a
//! rebuild of all that holds them. The others make tokens: the newest, which is the last, signs, and all of them verify, so that one
//! may leave once the last token that it signed is over.
//!
//! | what | how |
//! |---|---|
//! | parts | each behind its length in eight bytes (big endian) |
//! | key | HKDF-SHA-256 of the secret without salt, its info the parts `feira 1`, `token` or `term` and the purpose's name, for a term also the tenant's 16 bytes; 64 bytes |
//! | token | the secret's id, a point, the end in microseconds since 1970 or `-`, a point, and in base64url HMAC-SHA-256 over the parts end (eight bytes, big endian, or none) and what it vouches for |
//! | term | the first 16 bytes of HMAC-SHA-256 over the one part that the text is, in hex |
//! | proof of a domain | `feira-verification=`, and in base64url HMAC-SHA-256 over the parts domain and the tenant's 16 bytes; the key's info is `feira 1` and `domain`, its secret `index` |

mod derive;
pub mod ring;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac;

use self::{
    derive::{CODE, keyed, over},
    ring::{Entry, InvalidRing},
};
use crate::{
    ids::{Micros, TenantId},
    secret::Secret,
};

/// The id of the secret that makes terms.
pub const INDEX: &str = "index";
/// Most characters of a token: an id, a time, a code in base64url, and two points.
pub const TOKEN_CHARS: usize = ring::ID_CHARS + 20 + 43 + 2;
/// Begins the proof of a domain, so that its owner knows what the record is for.
const DOMAIN_PROOF: &str = "feira-verification=";
/// Bytes of a term: 128 bits, so that no two of a shop's words ever meet.
const TERM: usize = 16;

/// What a token is for: one that was signed for another purpose does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Vouches for the ids and terms that a form was made with.
    Form,
    /// The secret of a link that serves once.
    Link,
    /// The credential by which a gateway proves itself when it calls back.
    Callback,
}

/// What a term is made of: the same text of another kind is another term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Term {
    /// A whole e-mail address.
    Email,
    /// A word, a document or a phone number that is searched for.
    Search,
    /// The address that somebody asks from, or its /64 of IPv6.
    Source,
}

/// The secrets of a deployment: one for terms, and at least one for tokens. `Debug` shows their ids alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    index: Entry,
    older: Vec<Entry>,
    newest: Entry,
}

/// A text that holds no secrets. It is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecrets {
    /// The text holds no ring.
    #[error(transparent)]
    Ring(#[from] InvalidRing),
    /// No entry makes terms.
    #[error(
        "no entry has the id {INDEX}, by which what is sealed is found again: index:, and 64 hex digits (`openssl rand -hex 32`)"
    )]
    NoIndex,
    /// No entry signs.
    #[error(
        "beside {INDEX} no entry signs tokens: add one with an id of your own, and 64 hex digits (`openssl rand -hex 32`)"
    )]
    NoSigner,
}

/// A token that vouches for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// The text has another form than tokens have.
    #[error("the text is no token")]
    Malformed,
    /// A secret that is not configured here has signed it: one that left, or one that this process was not started with.
    #[error("the token was signed by a secret that is not known here")]
    Unknown,
    /// It was signed for another purpose or for other parts, or by nobody.
    #[error("the token vouches for something else")]
    Forged,
    /// It was good for this, and is over.
    #[error("the token is over")]
    Over,
}

impl Purpose {
    /// The purpose's name, a part of every token: never changed, never given again.
    const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Link => "link",
            Self::Callback => "callback",
        }
    }
}

impl Term {
    /// The kind's name, a part of every term: never changed, never given again.
    const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Search => "search",
            Self::Source => "source",
        }
    }
}

impl Secrets {
    /// Reads `id:key,…`, the newest last, each key in 64 hex digits; the one with the id `index` may stand anywhere.
    pub fn parse(text: &Secret) -> Result<Self, InvalidSecrets> {
        let mut older = ring::entries(text)?;
        let at = older.iter().position(|entry| &*entry.id == INDEX).ok_or(InvalidSecrets::NoIndex)?;
        let index = older.remove(at);
        let newest = older.pop().ok_or(InvalidSecrets::NoSigner)?;
        Ok(Self { index, older, newest })
    }

    /// A token of the newest secret that vouches for these parts until then, or where there is no end as long as its secret is known.
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]], until: Option<Micros>) -> String {
        let code = token(&self.newest, purpose, parts, until).finalize().into_bytes();
        let until = until.map_or_else(|| "-".to_owned(), |until| until.to_string());
        format!("{}.{until}.{}", self.newest.id, URL_SAFE_NO_PAD.encode(code))
    }

    /// Says whether a token of any of the secrets vouches for these parts at this time, which is before its end. Takes the same time
    /// however much of a code is right.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], text: &str, now: Micros) -> Result<(), InvalidToken> {
        let Token { id, until, code } = Token::parse(text).ok_or(InvalidToken::Malformed)?;
        let secret = self.signers().find(|secret| &*secret.id == id).ok_or(InvalidToken::Unknown)?;
        token(secret, purpose, parts, until).verify_slice(&code).map_err(|_| InvalidToken::Forged)?;
        match until {
            Some(until) if now >= until => Err(InvalidToken::Over),
            _ => Ok(()),
        }
    }

    /// The term of a text of this tenant, 32 hex digits: equal texts have equal terms, and nobody without the secret can tell one from
    /// the other. Whoever asks has brought the text into the one form in which it is looked for.
    pub fn term(&self, term: Term, tenant: TenantId, text: &str) -> String {
        let mac = keyed(&*self.index.key, &[b"term", term.name().as_bytes(), tenant.uuid().as_bytes()]);
        let code = over(mac, &[text.as_bytes()]).finalize().into_bytes();
        hex::encode(&code[..TERM])
    }

    /// Each secret's id and what tells it from another under that id, without telling the secret: 32 hex digits.
    pub fn fingerprints(&self) -> impl Iterator<Item = (&str, String)> {
        let all = [&self.index].into_iter().chain(self.signers());
        all.map(|secret| {
            let code = keyed(&*secret.key, &[b"fingerprint"]).finalize().into_bytes();
            (&*secret.id, hex::encode(&code[..TERM]))
        })
    }

    /// Those that sign or have signed.
    fn signers(&self) -> impl Iterator<Item = &Entry> {
        self.older.iter().chain([&self.newest])
    }
}

/// The text of the TXT record by which a shop proves that it has a domain. It stays the same whatever signs tokens: it stands in other
/// people's DNS, and is looked for again for as long as the shop has the domain.
pub fn domain_proof(secrets: &Secrets, domain: &str, tenant: TenantId) -> String {
    let mac = keyed(&*secrets.index.key, &[b"domain"]);
    let code = over(mac, &[domain.as_bytes(), tenant.uuid().as_bytes()]).finalize().into_bytes();
    format!("{DOMAIN_PROOF}{}", URL_SAFE_NO_PAD.encode(code))
}

/// The code of a token of this secret.
fn token(secret: &Entry, purpose: Purpose, parts: &[&[u8]], until: Option<Micros>) -> hmac::Hmac<sha2::Sha256> {
    let until = until.map(Micros::to_be_bytes);
    let until = until.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
    over(keyed(&*secret.key, &[b"token", purpose.name().as_bytes()]), &[&[until][..], parts].concat())
}

/// A token, taken apart.
struct Token<'a> {
    id: &'a str,
    until: Option<Micros>,
    code: [u8; CODE],
}

impl<'a> Token<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.len() > TOKEN_CHARS {
            return None;
        }
        let (id, rest) = text.split_once('.')?;
        let (until, code) = rest.split_once('.')?;
        let until = match until {
            "-" => None,
            // In one form alone, so that a token has one text.
            digits => Some(digits.parse().ok().filter(|until: &Micros| until.to_string() == digits)?),
        };
        Some(Self { id, until, code: URL_SAFE_NO_PAD.decode(code).ok()?.try_into().ok()? })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fingerprints().map(|(id, _)| id)).finish()
    }
}
