//! A charge as another system asks for it.

use serde::Deserialize;

use super::person::{AddressBody, BuyerBody};
use crate::money::Money;

/// The body of `POST …/charges`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeBody {
    pub(super) reference: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) method: MethodBody,
    pub(super) amount: Money,
    pub(super) items: Vec<ItemBody>,
    pub(super) shipping: Option<ShippingBody>,
    pub(super) buyer: BuyerBody,
    pub(super) statement_descriptor: Option<String>,
    pub(super) card: Option<CardBody>,
    pub(super) boleto: Option<BoletoBody>,
    pub(super) pix: Option<PixBody>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MethodBody {
    Card,
    Boleto,
    Pix,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemBody {
    pub code: Option<String>,
    pub description: String,
    pub quantity: i64,
    pub total: Money,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShippingBody {
    pub amount: Money,
    pub description: String,
    pub recipient: String,
    pub address: AddressBody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardBody {
    pub token: Option<String>,
    pub card_id: Option<String>,
    pub token_lifetime: Option<i64>,
    pub installments: Option<i64>,
    pub capture: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoletoBody {
    pub due: String,
    pub instructions: String,
    pub document_number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PixBody {
    pub until: Option<String>,
    pub lifetime: Option<i64>,
    #[serde(default)]
    pub information: Vec<InformationBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InformationBody {
    pub name: String,
    pub value: String,
}
