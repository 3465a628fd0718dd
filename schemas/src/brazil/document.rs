//! The document that a buyer or a subscriber gives: a person's or a company's.

use std::fmt;

use super::{
    cnpj::{Cnpj, CnpjError},
    cpf::{Cpf, CpfError},
    typed::bare,
};

/// A CPF or a CNPJ.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Document {
    /// A person's.
    Cpf(Cpf),
    /// A company's.
    Cnpj(Cnpj),
}

/// A text is neither a CPF nor a CNPJ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It has the length of neither.
    #[error("a document has 11 digits (CPF) or 14 digits or letters (CNPJ), this has {0}")]
    Length(usize),
    /// It has the length of a CPF and is none.
    #[error(transparent)]
    Cpf(#[from] CpfError),
    /// It has the length of a CNPJ and is none.
    #[error(transparent)]
    Cnpj(#[from] CnpjError),
}

impl Document {
    /// Reads a document with or without punctuation; its length says which it is.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        match bare(text, &['.', '/']).chars().count() {
            Cpf::LENGTH => Ok(Self::Cpf(Cpf::parse(text)?)),
            Cnpj::LENGTH => Ok(Self::Cnpj(Cnpj::parse(text)?)),
            length => Err(DocumentError::Length(length)),
        }
    }

    /// The digits, of a CNPJ also letters, alone.
    pub fn digits(&self) -> &str {
        match self {
            Self::Cpf(cpf) => cpf.digits(),
            Self::Cnpj(cnpj) => cnpj.digits(),
        }
    }

    /// The number as it is printed.
    pub fn formatted(&self) -> String {
        match self {
            Self::Cpf(cpf) => cpf.formatted(),
            Self::Cnpj(cnpj) => cnpj.formatted(),
        }
    }

    /// The number as pages show it, its middle alone.
    pub fn masked(&self) -> String {
        match self {
            Self::Cpf(cpf) => cpf.masked(),
            Self::Cnpj(cnpj) => cnpj.masked(),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(…)")
    }
}
