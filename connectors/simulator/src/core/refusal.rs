//! Refusals: why a payment was not taken, as acquirers say it.

use serde::{Deserialize, Serialize};

/// The reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The issuer did not say why.
    NotAuthorized,
    /// There is too little money, or limit.
    InsufficientFunds,
    /// The card is over.
    Expired,
    /// The card was lost or stolen.
    Lost,
    /// Fraud is suspected.
    Fraud,
    /// The provider of Pix, or the bank of boletos, takes nothing now.
    ProviderAway,
    /// Nobody paid in time.
    RanOut,
}

impl Reason {
    /// The acquirer's return code, as ABECS numbers them for the Brazilian market.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAuthorized => "05",
            Self::InsufficientFunds => "51",
            Self::Expired => "54",
            Self::Lost => "41",
            Self::Fraud => "59",
            Self::ProviderAway => "91",
            Self::RanOut => "68",
        }
    }

    /// The acquirer's words.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotAuthorized => "Transação não autorizada pelo emissor",
            Self::InsufficientFunds => "Saldo ou limite insuficiente",
            Self::Expired => "Cartão vencido",
            Self::Lost => "Cartão perdido ou roubado",
            Self::Fraud => "Suspeita de fraude",
            Self::ProviderAway => "Instituição temporariamente fora de operação",
            Self::RanOut => "O prazo para pagar terminou",
        }
    }
}
