//! Writing of payloads. What is written is read before it is given out, so it is what `BrCode::parse` takes.

use super::{
    BrCode,
    ascii::ascii,
    checksum,
    error::BrCodeError,
    fields::{CHECKSUM_HEAD, field, id},
    key::{PixKey, TxId},
};
use crate::money::Money;

/// The name that accounts of Pix are told by.
pub(super) const GUI: &str = "br.gov.bcb.pix";

/// Stands where a payment has no id of its own.
pub(super) const NO_TXID: &str = "***";

/// Characters of any field at most, of which the length is two digits.
const FIELD_CHARS: usize = 99;

/// What a static code says: it is paid without asking the receiver's bank, any number of times.
#[derive(Debug, Clone, Copy)]
pub struct StaticBrCode<'a> {
    /// The receiver's key.
    pub key: &'a PixKey,
    /// The receiver's name; accents are folded, and what is behind 25 characters is left out.
    pub name: &'a str,
    /// The receiver's city; accents are folded, and what is behind 15 characters is left out.
    pub city: &'a str,
    /// The amount, unless the payer is to choose it.
    pub amount: Option<Money>,
    /// The id that the payment will carry.
    pub txid: Option<&'a TxId>,
    /// A text for the payer; accents are folded, and what the key leaves no room for is left out.
    pub info: Option<&'a str>,
}

/// What a dynamic code says: the payer's bank fetches at an address what is to be paid, once.
#[derive(Debug, Clone, Copy)]
pub struct DynamicBrCode<'a> {
    /// The address, without its scheme.
    pub location: &'a str,
    /// The receiver's name, cut as of a static code.
    pub name: &'a str,
    /// The receiver's city, cut as of a static code.
    pub city: &'a str,
    /// The amount to show before the address is asked; what the address says holds.
    pub amount: Option<Money>,
}

impl StaticBrCode<'_> {
    /// Writes the payload: ASCII alone.
    pub fn build(&self) -> Result<BrCode, BrCodeError> {
        let mut account = field(id::GUI, GUI) + &field(id::KEY, self.key.as_str());
        let room = FIELD_CHARS.saturating_sub(account.len() + field(id::INFO, "").len());
        let info = ascii(self.info.unwrap_or_default(), room);
        if !info.is_empty() {
            account += &field(id::INFO, &info);
        }
        let head = field(id::FORMAT, "01");
        build(head, &account, self.amount, self.name, self.city, self.txid.map_or(NO_TXID, TxId::as_str))
    }
}

impl DynamicBrCode<'_> {
    /// Writes the payload: ASCII alone.
    pub fn build(&self) -> Result<BrCode, BrCodeError> {
        if !is_location(self.location) {
            return Err(BrCodeError::Location);
        }
        let account = field(id::GUI, GUI) + &field(id::LOCATION, self.location);
        let head = field(id::FORMAT, "01") + &field(id::INITIATION, "12");
        build(head, &account, self.amount, self.name, self.city, NO_TXID)
    }
}

/// Says whether a text is an address as a code holds it: host and path without a scheme, 77 characters at most.
pub(super) fn is_location(text: &str) -> bool {
    (1..=77).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains("://")
}

fn build(
    head: String,
    account: &str,
    amount: Option<Money>,
    name: &str,
    city: &str,
    txid: &str,
) -> Result<BrCode, BrCodeError> {
    let (name, city) = (ascii(name, BrCode::NAME_CHARS), ascii(city, BrCode::CITY_CHARS));
    if name.is_empty() {
        return Err(BrCodeError::Name);
    }
    if city.is_empty() {
        return Err(BrCodeError::City);
    }
    let amount = amount.map(written).transpose()?;
    let parts = [
        head,
        field(*id::ACCOUNTS.start(), account),
        field(id::CATEGORY, "0000"), // No category: the receiver's bank knows it.
        field(id::CURRENCY, "986"),
        amount.map(|amount| field(id::AMOUNT, &amount)).unwrap_or_default(),
        field(id::COUNTRY, "BR"),
        field(id::NAME, &name),
        field(id::CITY, &city),
        field(id::ADDITIONAL, &field(id::TXID, txid)),
        CHECKSUM_HEAD.to_owned(),
    ];
    let body = parts.concat();
    BrCode::parse(&format!("{body}{}", checksum(&body)))
}

fn written(amount: Money) -> Result<String, BrCodeError> {
    if !(1..=BrCode::MAX_AMOUNT).contains(&amount.amount) {
        return Err(BrCodeError::Amount);
    }
    Ok(format!("{}.{:02}", amount.amount / 100, amount.amount % 100))
}
