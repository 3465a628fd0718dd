//! The request for a charge, which never changes.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, Micros},
    money::Money,
    sealed::{CardToken, Document, Email, PersonName, Phone, PostalAddress, Sealed},
};

/// Ways in which a charge is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentMethod {
    /// `CARD`: a credit card.
    Card,
    /// `BOLETO`: a boleto.
    Boleto,
    /// `PIX`: a Pix code.
    Pix,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// One line of what is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeItem {
    /// The merchant's code of it.
    pub code: String,
    /// The words for it.
    pub description: String,
    /// Pieces, at least 1.
    pub quantity: i32,
    /// The sum of the line in centavos.
    pub total: i64,
}

/// The freight of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeShipping {
    /// Its price in centavos.
    pub amount: i64,
    /// The option that was chosen.
    pub description: String,
    /// The person who receives it, sealed.
    pub recipient: Sealed<PersonName>,
    /// The place that it goes to, sealed.
    pub address: Sealed<PostalAddress>,
}

/// The person or company that pays, each field sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Full name.
    pub name: Sealed<PersonName>,
    /// E-mail address.
    pub email: Sealed<Email>,
    /// CPF or CNPJ.
    pub document: Sealed<Document>,
    /// Phone; null if none was given.
    #[serde(default)]
    pub phone: Option<Sealed<Phone>>,
    /// Billing address.
    pub address: Sealed<PostalAddress>,
}

/// Terms of a card payment. They never hold the card's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardTerms {
    /// The token that the browser got for the card, sealed; null for a card that the gateway keeps.
    #[serde(default)]
    pub card_token: Option<Sealed<CardToken>>,
    /// The time at which the token runs out; null for a card that the gateway keeps.
    #[serde(default)]
    pub token_until: Option<Micros>,
    /// The gateway's id of the customer whose card it keeps.
    #[serde(default)]
    pub saved_customer: Option<String>,
    /// The gateway's id of the card that it keeps.
    #[serde(default)]
    pub saved_card: Option<String>,
    /// Parcels, 1 to 24.
    pub installments: i32,
    /// True to take the money at once, false to reserve it.
    pub capture: bool,
}

/// Terms of a boleto.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoletoTerms {
    /// The due day, as 2026-12-31; it can be paid until its end in São Paulo.
    pub due: String,
    /// The lines for who takes the money.
    pub instructions: String,
    /// The merchant's number of it.
    pub document_number: String,
}

/// A name and a value that the buyer's bank shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixInformation {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Terms of a Pix code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixTerms {
    /// The time until which it can be paid.
    pub until: Micros,
    /// Names and values that the buyer's bank shows.
    #[serde(default)]
    pub information: Vec<PixInformation>,
}

/// The request for a charge. It never changes: what is sent to the gateway is made of it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRequest {
    /// The caller's own id of it, such as an order's number.
    #[serde(default)]
    pub reference: Option<String>,
    /// The account that it shall go to: a card's is that whose public key made the token. Null: the default at the first grant.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The way in which it is paid.
    pub method: PaymentMethod,
    /// The whole sum: all lines and the freight.
    pub amount: Money,
    /// The lines of what is bought, 1 to 50.
    #[serde(default)]
    pub items: Vec<ChargeItem>,
    /// The freight, where goods are sent.
    #[serde(default)]
    pub shipping: Option<ChargeShipping>,
    /// The person or company that pays.
    pub buyer: Buyer,
    /// The words by which the buyer knows it on a statement, up to 13 characters.
    #[serde(default)]
    pub statement_descriptor: Option<String>,
    /// The terms of a card payment.
    #[serde(default)]
    pub card: Option<CardTerms>,
    /// The terms of a boleto.
    #[serde(default)]
    pub boleto: Option<BoletoTerms>,
    /// The terms of a Pix code.
    #[serde(default)]
    pub pix: Option<PixTerms>,
}
