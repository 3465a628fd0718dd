//! CNPJ: the number that the tax office gives a company, since July 2026 also with letters.

use std::fmt;

use super::typed::{bare, is_one_sign};

/// A company's number: 12 signs, digits or upper-case letters, and two check digits.
///
/// Source: Instrução Normativa RFB 2.229/2024. A sign counts as its ASCII code less 48, so digits count as themselves; no
/// letter is left out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cnpj(String);

/// A text is no CNPJ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CnpjError {
    /// Something else than digits, letters from A to Z, points, slashes and hyphens stands in it.
    #[error("a CNPJ is written with digits, letters from A to Z, points, a slash and a hyphen alone")]
    Sign,
    /// It has so many digits and letters, and not 14.
    #[error("a CNPJ has 14 digits or letters, this has {0}")]
    Length(usize),
    /// All signs are the same: the check digits of fourteen zeros fit, and are no company's.
    #[error("fourteen equal digits are no company's CNPJ")]
    EqualDigits,
    /// The last two signs are no digits, or do not follow from the others.
    #[error("the check digits of this CNPJ do not fit")]
    CheckDigits,
}

impl Cnpj {
    /// Digits and letters of a CNPJ.
    pub const LENGTH: usize = 14;

    /// Reads a CNPJ with or without its punctuation, in letters of either case.
    pub fn parse(text: &str) -> Result<Self, CnpjError> {
        let signs = bare(text, &['.', '/']).to_ascii_uppercase();
        if !signs.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CnpjError::Sign);
        }
        if signs.len() != Self::LENGTH {
            return Err(CnpjError::Length(signs.len()));
        }
        if is_one_sign(&signs) {
            return Err(CnpjError::EqualDigits);
        }
        if cpf_cnpj::cnpj::validate(&signs) { Ok(Self(signs)) } else { Err(CnpjError::CheckDigits) }
    }

    /// The 14 digits and upper-case letters alone.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number as it is printed: `12.ABC.345/01DE-35`.
    pub fn formatted(&self) -> String {
        let signs = &self.0;
        format!("{}.{}.{}/{}-{}", &signs[..2], &signs[2..5], &signs[5..8], &signs[8..12], &signs[12..])
    }

    /// The number as pages show it, its middle alone: `**.ABC.345/****-**`. A company of one is a person.
    pub fn masked(&self) -> String {
        format!("**.{}.{}/****-**", &self.0[2..5], &self.0[5..8])
    }
}

impl fmt::Debug for Cnpj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cnpj(…)")
    }
}
