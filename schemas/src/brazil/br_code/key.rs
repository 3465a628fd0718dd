//! Pix keys and the ids of payments.

use std::fmt;

use uuid::Uuid;

use super::error::BrCodeError;
use crate::brazil::{Cnpj, Cpf};

/// A key that stands for an account, as the directory of keys (DICT) writes it: ASCII, 77 characters at most.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PixKey {
    text: String,
    kind: PixKeyKind,
}

/// The kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixKeyKind {
    /// A person's document, digits alone.
    Cpf,
    /// A company's document, digits and letters alone.
    Cnpj,
    /// A phone number with plus and country (ITU-T E.164).
    Phone,
    /// An e-mail address.
    Email,
    /// A UUID that the directory made.
    Random,
}

/// The id that a static code's payment carries: 1 to 25 letters and digits, in which case counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TxId(String);

impl PixKey {
    /// Characters of a key at most.
    pub const MAX_CHARS: usize = 77;

    /// Reads a key as it stands in a code; its form says its kind.
    pub fn parse(text: &str) -> Result<Self, BrCodeError> {
        let kind = kind(text).ok_or(BrCodeError::Key)?;
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The kind of key.
    pub fn kind(&self) -> PixKeyKind {
        self.kind
    }

    /// The key as the directory writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for PixKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PixKey({:?}, …)", self.kind)
    }
}

impl TxId {
    /// Characters of an id at most.
    pub const MAX_CHARS: usize = 25;

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, BrCodeError> {
        let is_id =
            (1..=Self::MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_id { Ok(Self(text.to_owned())) } else { Err(BrCodeError::TxId) }
    }

    /// The id's letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn kind(text: &str) -> Option<PixKeyKind> {
    if is_email(text) {
        return Some(PixKeyKind::Email);
    }
    if text.strip_prefix('+').is_some_and(is_e164) {
        return Some(PixKeyKind::Phone);
    }
    if text.len() == 36 && Uuid::try_parse(text).is_ok() {
        return Some(PixKeyKind::Random);
    }
    // Documents stand without punctuation, and letters in upper case.
    if Cpf::parse(text).is_ok_and(|cpf| cpf.digits() == text) {
        return Some(PixKeyKind::Cpf);
    }
    Cnpj::parse(text).is_ok_and(|cnpj| cnpj.digits() == text).then_some(PixKeyKind::Cnpj)
}

fn is_e164(digits: &str) -> bool {
    (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    text.len() <= PixKey::MAX_CHARS
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && parts.is_some_and(|(_, domain)| !domain.contains('@'))
}
