//! BR Code: the text that a Pix payment begins with, copied and pasted or as a QR code.
//!
//! Source: Banco Central do Brasil, Manual de Padrões para Iniciação do Pix and Manual do BR Code, which profile EMVCo's QR Code
//! Specification for Payment Systems, Merchant-Presented Mode. A text is fields of two digits of id, two of length in characters
//! and the value; the last one is a CRC-16/CCITT-FALSE over the UTF-8 of all before it, four upper-case hexadecimal digits.

mod ascii;
mod error;
mod fields;
mod key;
mod write;

use std::fmt;

use crc::{CRC_16_IBM_3740, Crc};

pub use error::BrCodeError;
pub use key::{PixKey, PixKeyKind, TxId};
pub use write::{DynamicBrCode, StaticBrCode};

use crate::money::Money;
use fields::{Fields, id};

/// The catalogue's name for CRC-16/CCITT-FALSE.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// A payload that is whole, sound and for Pix. Its key may be a person's document or phone, so `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct BrCode {
    payload: String,
    account: MerchantAccount,
    is_for_one_payment: bool,
    amount: Option<Money>,
    merchant_name: String,
    merchant_city: String,
    txid: Option<TxId>,
}

/// Whose account is paid (Merchant Account Information of the GUI `br.gov.bcb.pix`).
#[derive(Clone, PartialEq, Eq)]
pub enum MerchantAccount {
    /// A static code: the receiver's key, and a text that the payer is shown.
    Key {
        /// The receiver's key.
        key: PixKey,
        /// A text for the payer.
        info: Option<String>,
    },
    /// A dynamic code: the address, without its scheme, where the payer's bank fetches what is to be paid.
    Location(String),
}

impl BrCode {
    /// Reads a payload, in which unknown fields are passed over and accents are let pass (others write them).
    pub fn parse(text: &str) -> Result<Self, BrCodeError> {
        let payload = text.trim();
        if payload.chars().count() > Self::MAX_CHARS {
            return Err(BrCodeError::TooLong);
        }
        verify_checksum(payload)?;
        let fields = Fields::read(payload)?;
        if fields.first() != Some((id::FORMAT, "01")) {
            return Err(BrCodeError::Format);
        }
        let is_for_one_payment = match fields.get(id::INITIATION) {
            None | Some("11") => false,
            Some("12") => true,
            Some(_) => return Err(BrCodeError::Initiation),
        };
        if !fields
            .get(id::CATEGORY)
            .is_some_and(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(BrCodeError::Category);
        }
        if fields.get(id::CURRENCY) != Some("986") {
            return Err(BrCodeError::Currency);
        }
        if fields.get(id::COUNTRY) != Some("BR") {
            return Err(BrCodeError::Country);
        }
        let account = account(&fields)?;
        let txid = match &account {
            MerchantAccount::Key { .. } => txid(&fields)?,
            // Of a dynamic code it stands behind the address, and what stands here is to be passed over.
            MerchantAccount::Location(_) => None,
        };
        Ok(Self {
            account,
            is_for_one_payment,
            amount: fields.get(id::AMOUNT).map(amount).transpose()?,
            merchant_name: text_field(&fields, id::NAME, Self::NAME_CHARS).ok_or(BrCodeError::Name)?,
            merchant_city: text_field(&fields, id::CITY, Self::CITY_CHARS).ok_or(BrCodeError::City)?,
            txid,
            payload: payload.to_owned(),
        })
    }

    /// Characters of a payload at most (EMVCo).
    pub const MAX_CHARS: usize = 512;
    /// Characters of the receiver's name at most.
    pub const NAME_CHARS: usize = 25;
    /// Characters of the receiver's city at most.
    pub const CITY_CHARS: usize = 15;
    /// The largest amount that 13 characters hold, in centavos.
    pub const MAX_AMOUNT: i64 = 999_999_999_999;

    /// The text to copy, and to draw as a QR code.
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// Whose account is paid.
    pub fn account(&self) -> &MerchantAccount {
        &self.account
    }

    /// Says whether the code is marked as good for one payment (point of initiation 12).
    pub fn is_for_one_payment(&self) -> bool {
        self.is_for_one_payment
    }

    /// The amount, if the payer is not to choose it.
    pub fn amount(&self) -> Option<Money> {
        self.amount
    }

    /// The receiver's name.
    pub fn merchant_name(&self) -> &str {
        &self.merchant_name
    }

    /// The receiver's city.
    pub fn merchant_city(&self) -> &str {
        &self.merchant_city
    }

    /// The id that the payment will carry; a dynamic code has none of its own, and a static one need not.
    pub fn txid(&self) -> Option<&TxId> {
        self.txid.as_ref()
    }
}

impl fmt::Debug for BrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrCode(…)")
    }
}

impl fmt::Debug for MerchantAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key { .. } => "Key(…)",
            Self::Location(_) => "Location(…)",
        })
    }
}

/// The four digits over a payload that ends with the id and length of its checksum.
fn checksum(payload: &str) -> String {
    format!("{:04X}", CRC.checksum(payload.as_bytes()))
}

fn verify_checksum(payload: &str) -> Result<(), BrCodeError> {
    let end = payload.len().checked_sub(4).ok_or(BrCodeError::NoChecksum)?;
    let (body, sum) = payload.split_at_checked(end).ok_or(BrCodeError::NoChecksum)?;
    if !body.ends_with(fields::CHECKSUM_HEAD) {
        return Err(BrCodeError::NoChecksum);
    }
    if sum == checksum(body) { Ok(()) } else { Err(BrCodeError::Checksum) }
}

/// Reads the one template among ids 26 to 51 that is Pix's; the GUI's case does not matter.
fn account(fields: &Fields<'_>) -> Result<MerchantAccount, BrCodeError> {
    let mut found = None;
    for template in id::ACCOUNTS.filter_map(|id| fields.get(id)) {
        let parts = Fields::read(template)?;
        if parts.get(id::GUI).is_some_and(|gui| gui.eq_ignore_ascii_case(write::GUI)) && found.replace(parts).is_some()
        {
            return Err(BrCodeError::Account);
        }
    }
    let parts = found.ok_or(BrCodeError::NoPix)?;
    match (parts.get(id::KEY), parts.get(id::LOCATION)) {
        (Some(key), None) => {
            Ok(MerchantAccount::Key { key: PixKey::parse(key)?, info: parts.get(id::INFO).map(str::to_owned) })
        }
        (None, Some(location)) if write::is_location(location) => Ok(MerchantAccount::Location(location.to_owned())),
        (None, Some(_)) => Err(BrCodeError::Location),
        _ => Err(BrCodeError::Account),
    }
}

fn txid(fields: &Fields<'_>) -> Result<Option<TxId>, BrCodeError> {
    let Some(template) = fields.get(id::ADDITIONAL) else { return Ok(None) };
    match Fields::read(template)?.get(id::TXID) {
        None | Some(write::NO_TXID) => Ok(None),
        Some(text) => TxId::parse(text).map(Some),
    }
}

/// Centavos of `25`, `25.9` or `25.90`, in 13 characters at most.
fn amount(text: &str) -> Result<Money, BrCodeError> {
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > 13 || whole.is_empty() || !is_number(whole) || !is_number(cents) || cents.len() > 2 {
        return Err(BrCodeError::Amount);
    }
    format!("{whole}{cents:0<2}").parse().map(Money::brl).map_err(|_| BrCodeError::Amount)
}

fn text_field(fields: &Fields<'_>, id: u8, limit: usize) -> Option<String> {
    fields.get(id).filter(|text| text.chars().count() <= limit).map(str::to_owned)
}
