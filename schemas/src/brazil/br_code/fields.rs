//! Fields of id, length and value, and the ids that Pix uses.

use super::error::BrCodeError;

/// Ids of fields, at the top and in the templates.
pub(super) mod id {
    use std::ops::RangeInclusive;

    pub const FORMAT: u8 = 0;
    pub const INITIATION: u8 = 1;
    pub const ACCOUNTS: RangeInclusive<u8> = 26..=51;
    pub const CATEGORY: u8 = 52;
    pub const CURRENCY: u8 = 53;
    pub const AMOUNT: u8 = 54;
    pub const COUNTRY: u8 = 58;
    pub const NAME: u8 = 59;
    pub const CITY: u8 = 60;
    pub const ADDITIONAL: u8 = 62;

    // Inside an account.
    pub const GUI: u8 = 0;
    pub const KEY: u8 = 1;
    pub const INFO: u8 = 2;
    pub const LOCATION: u8 = 25;

    // Inside the additional data.
    pub const TXID: u8 = 5;
}

/// Id and length of the checksum, which it is computed over as well.
pub(super) const CHECKSUM_HEAD: &str = "6304";

/// The fields of a payload or a template, in the order they stand.
pub(super) struct Fields<'a>(Vec<(u8, &'a str)>);

impl<'a> Fields<'a> {
    /// Cuts a text into its fields; lengths count characters.
    pub fn read(text: &'a str) -> Result<Self, BrCodeError> {
        let mut fields: Vec<(u8, &str)> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (head, values) = rest.split_at_checked(4).ok_or(BrCodeError::Fields)?;
            let id = two_digits(head, 0).ok_or(BrCodeError::Fields)?;
            let length = two_digits(head, 2).filter(|length| *length > 0).ok_or(BrCodeError::Fields)?;
            let borders = values.char_indices().map(|(at, _)| at).chain([values.len()]);
            let end = borders.into_iter().nth(usize::from(length)).ok_or(BrCodeError::Fields)?;
            if fields.iter().any(|(known, _)| *known == id) {
                return Err(BrCodeError::Twice(id));
            }
            fields.push((id, &values[..end]));
            rest = &values[end..];
        }
        Ok(Self(fields))
    }

    /// The field that stands first.
    pub fn first(&self) -> Option<(u8, &'a str)> {
        self.0.first().copied()
    }

    /// The value of a field.
    pub fn get(&self, id: u8) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == id).map(|(_, value)| *value)
    }
}

/// A field as it is written. Values have 99 characters at most, which is the callers' to see to.
pub(super) fn field(id: u8, value: &str) -> String {
    format!("{id:02}{:02}{value}", value.chars().count())
}

fn two_digits(head: &str, at: usize) -> Option<u8> {
    head.get(at..at + 2).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}
