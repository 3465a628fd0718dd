//! CPF: the number that the tax office gives a person.

use std::fmt;

use super::typed::{bare, is_digits, is_one_sign};

/// A person's number of 11 digits whose check digits fit (modulo 11). Eleven equal digits fit too, but are nobody's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cpf(String);

/// A text is no CPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CpfError {
    /// Something else than digits, points and hyphens stands in it.
    #[error("a CPF is written with digits, points and hyphens alone")]
    Sign,
    /// It has so many digits, and not 11.
    #[error("a CPF has 11 digits, this has {0}")]
    Length(usize),
    /// All digits are the same.
    #[error("eleven equal digits are nobody's CPF")]
    EqualDigits,
    /// The last two digits do not follow from the others.
    #[error("the check digits of this CPF do not fit")]
    CheckDigits,
}

impl Cpf {
    /// Digits of a CPF.
    pub const LENGTH: usize = 11;

    /// Reads a CPF with or without its punctuation.
    pub fn parse(text: &str) -> Result<Self, CpfError> {
        let digits = bare(text, &['.', '/']);
        if !digits.is_empty() && !is_digits(&digits) {
            return Err(CpfError::Sign);
        }
        if digits.len() != Self::LENGTH {
            return Err(CpfError::Length(digits.len()));
        }
        if is_one_sign(&digits) {
            return Err(CpfError::EqualDigits);
        }
        if cpf_cnpj::cpf::validate(&digits) { Ok(Self(digits)) } else { Err(CpfError::CheckDigits) }
    }

    /// The 11 digits alone.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number as it is printed: `529.982.247-25`.
    pub fn formatted(&self) -> String {
        let digits = &self.0;
        format!("{}.{}.{}-{}", &digits[..3], &digits[3..6], &digits[6..9], &digits[9..])
    }

    /// The number as pages show it, its middle alone: `***.982.247-**`, as the federal government publishes CPFs.
    pub fn masked(&self) -> String {
        format!("***.{}.{}-**", &self.0[3..6], &self.0[6..9])
    }
}

impl fmt::Debug for Cpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cpf(…)")
    }
}
