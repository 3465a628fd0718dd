//! Signs mails, so that receivers know that the domain they are from has sent them (DKIM, RFC 6376 and 8463).
//!
//! lettre signs as well, with the machine's clock in the signature, so that no mail could be made again byte by byte, and RSA by a
//! crate whose timing an advisory stands against (RUSTSEC-2023-0071). This signs by the library that TLS is spoken by.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use feira_schemas::time::Micros;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use sha2::{Digest, Sha256};

use zeroize::Zeroizing;

use super::{error::MailError, settings::DkimSettings};

/// The headers that are signed, in this order. Those that stand twice are signed once more than they are there, so that nobody can
/// add another one (RFC 6376, 8.15).
const HEADERS: [&str; 14] = [
    "from",
    "from",
    "reply-to",
    "reply-to",
    "to",
    "to",
    "subject",
    "subject",
    "date",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "auto-submitted",
];

/// Characters of a line of a signature, well below the 78 that a mail's line should have.
const LINE: usize = 70;

/// Signs mails of one domain by one key.
#[derive(Debug)]
pub(super) struct Dkim {
    domain: String,
    selector: String,
    key: Key,
}

#[derive(Debug)]
enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Dkim {
    /// What signs by these settings, mails from an address of the domain `from`.
    pub(super) fn new(settings: &DkimSettings, from: &str) -> Result<Self, MailError> {
        let refused = |why: &str| Err(MailError::Refused(why.to_owned()));
        let DkimSettings { selector, domain, key } = settings;
        if !is_name(selector) || !is_name(domain) {
            return refused("DKIM's selector and domain are names as in DNS, such as feira and feira.example");
        }
        let below = |domain: &str| from.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        if !below(&domain.to_ascii_lowercase()) {
            return refused(
                "DKIM's domain must be that of mail.from, or one that this lies below: receivers count no other (DMARC)",
            );
        }
        let Some(key) = key_of(key.expose()) else {
            return refused(
                "DKIM's key must be a private key in PEM without a password, RSA of 2,048 to 8,192 bits or Ed25519: \
                 `openssl genrsa 2048` or `openssl genpkey -algorithm ed25519`",
            );
        };
        Ok(Self { domain: domain.clone(), selector: selector.clone(), key })
    }

    /// The header that signs this mail, with the line break behind it; it belongs in front of all others. `None` where the library
    /// does not sign.
    pub(super) fn header(&self, mail: &str, at: Micros) -> Option<String> {
        let (headers, body) = mail.split_once("\r\n\r\n")?;
        let headers = fields(headers);
        let algorithm = match &self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let hash = BASE64_STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let unsigned = format!(
            "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={}; s={};\r\n t={};\r\n h={};\r\n bh={hash};\r\n b=",
            self.domain,
            self.selector,
            at.div_euclid(1_000_000).max(0),
            HEADERS.chunks(5).map(|names| names.join(":")).collect::<Vec<_>>().join(":\r\n  "),
        );
        let signature = self.key.sign(signed(&headers, &HEADERS, &unsigned).as_bytes())?;
        Some(format!("{unsigned}{}\r\n", folded(&BASE64_STANDARD.encode(signature))))
    }
}

impl Key {
    /// The signature of a text; of Ed25519 it is that of the text's hash (RFC 8463, 3).
    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            Self::Ed25519(key) => Some(key.try_sign(&Sha256::digest(text)).ok()?.as_ref().to_vec()),
        }
    }
}

/// A name of DNS: labels of letters, digits and hyphens; selectors also have underscores.
fn is_name(text: &str) -> bool {
    let of_a_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() <= 253 && text.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(of_a_label))
}

/// The key in a PEM text. One that an environment could only take as one line may have `\n` for its line breaks.
fn key_of(pem: &str) -> Option<Key> {
    let pem = Zeroizing::new(pem.replace("\\n", "\n"));
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(Key::Rsa),
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            let rsa = RsaKeyPair::from_pkcs8(der).ok().map(Key::Rsa);
            rsa.or_else(|| Ed25519KeyPair::from_pkcs8(der).ok().map(Key::Ed25519))
        }
        _ => None,
    }
}

/// The headers of a mail, each with its folded lines.
fn fields(headers: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in headers.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name, value.to_owned()));
        }
    }
    fields
}

/// The text that is signed: each named header, the last of its name first, then the signature's own header without a signature.
fn signed(headers: &[(&str, String)], named: &[&str], unsigned: &str) -> String {
    let mut text = String::new();
    for (at, name) in named.iter().enumerate() {
        let before = named[..at].iter().filter(|other| *other == name).count();
        let mut found = headers.iter().rev().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        if let Some((_, value)) = found.nth(before) {
            text.push_str(&format!("{name}:{}\r\n", relaxed(value)));
        }
    }
    for (name, value) in fields(unsigned) {
        text.push_str(&format!("{}:{}", name.to_ascii_lowercase(), relaxed(&value)));
    }
    text
}

/// A header's value as it is signed (RFC 6376, 3.4.2): one space for many, none around it.
fn relaxed(value: &str) -> String {
    value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A body as it is signed (RFC 6376, 3.4.4): one space for many, none at the end of a line, no empty lines at the end.
fn relaxed_body(body: &str) -> String {
    let mut relaxed = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let mut spaced = false;
        for sign in line.trim_end_matches([' ', '\t']).chars() {
            match (matches!(sign, ' ' | '\t'), spaced) {
                (true, true) => {}
                (true, false) => relaxed.push(' '),
                (false, _) => relaxed.push(sign),
            }
            spaced = matches!(sign, ' ' | '\t');
        }
        relaxed.push_str("\r\n");
    }
    let whole = relaxed.trim_end_matches("\r\n").len();
    relaxed.truncate(whole);
    if whole > 0 {
        relaxed.push_str("\r\n");
    }
    relaxed
}

/// A long word over several lines.
fn folded(word: &str) -> String {
    let mut lines = String::with_capacity(word.len() + word.len() / LINE * 3);
    for (at, sign) in word.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            lines.push_str("\r\n ");
        }
        lines.push(sign);
    }
    lines
}

#[cfg(test)]
mod tests;
