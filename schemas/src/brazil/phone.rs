//! Phone numbers of Brazil.

use std::fmt;

use super::typed::{bare, is_digits};

/// A subscriber's number in Brazil: an area code that exists, and eight digits of a landline or nine of a mobile phone.
/// Source: Anatel, Resolução 749/2022.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    national: String,
    kind: PhoneKind,
}

/// The kind of network that a number is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// Nine digits that begin with 9.
    Mobile,
    /// Eight digits that begin with 2, 3, 4 or 5.
    Landline,
}

/// A text is no phone number of Brazil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Something else than digits, spaces, brackets, points, hyphens and a leading plus stands in it.
    #[error("a phone number is written with digits, spaces, brackets, hyphens and a leading plus alone")]
    Sign,
    /// It is another country's.
    #[error("only numbers of Brazil (+55) are read")]
    Country,
    /// It has so many digits after the country, and not 10 or 11.
    #[error("a phone number has an area code and 8 or 9 digits, 10 or 11 together, this has {0}")]
    Length(usize),
    /// No place in Brazil has the area code.
    #[error("no place in Brazil has this area code")]
    AreaCode,
    /// The digits after the area code are neither a mobile phone's nor a landline's.
    #[error("a mobile phone has nine digits that begin with 9, a landline eight that begin with 2 to 5")]
    Number,
}

/// Anatel's 67 area codes (DDD).
#[rustfmt::skip]
const AREA_CODES: [u8; 67] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 24, 27, 28, 31, 32, 33, 34, 35, 37, 38, 41, 42, 43, 44, 45, 46, 47, 48, 49,
    51, 53, 54, 55, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71, 73, 74, 75, 77, 79, 81, 82, 83, 84, 85, 86, 87, 88, 89,
    91, 92, 93, 94, 95, 96, 97, 98, 99,
];

impl Phone {
    /// The country's code.
    pub const COUNTRY: &str = "55";

    /// Reads a number with its area code, with or without the country, a zero before the area, and punctuation.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let bare = bare(text, &['(', ')', '.']);
        let (has_plus, digits) = bare.strip_prefix('+').map_or((false, bare.as_str()), |digits| (true, digits));
        if !digits.is_empty() && !is_digits(digits) {
            return Err(PhoneError::Sign);
        }
        let national = match digits.strip_prefix('0') {
            Some(after_zero) if !has_plus => after_zero,
            _ if has_plus || matches!(digits.len(), 12 | 13) => {
                digits.strip_prefix(Self::COUNTRY).ok_or(PhoneError::Country)?
            }
            _ => digits,
        };
        if !matches!(national.len(), 10 | 11) {
            return Err(PhoneError::Length(national.len()));
        }
        if !national[..2].parse().is_ok_and(|area: u8| AREA_CODES.contains(&area)) {
            return Err(PhoneError::AreaCode);
        }
        let kind = match (national.len(), national.as_bytes()[2]) {
            (11, b'9') => PhoneKind::Mobile,
            (10, b'2'..=b'5') => PhoneKind::Landline,
            _ => return Err(PhoneError::Number),
        };
        Ok(Self { national: national.to_owned(), kind })
    }

    /// The kind of network it is in.
    pub fn kind(&self) -> PhoneKind {
        self.kind
    }

    /// The two digits of the area (DDD).
    pub fn area_code(&self) -> &str {
        &self.national[..2]
    }

    /// The eight or nine digits after the area.
    pub fn number(&self) -> &str {
        &self.national[2..]
    }

    /// Area and number, 10 or 11 digits.
    pub fn digits(&self) -> &str {
        &self.national
    }

    /// The number as every country dials it: `+5511999990000` (ITU-T E.164).
    pub fn e164(&self) -> String {
        format!("+{}{}", Self::COUNTRY, self.national)
    }

    /// The number as Brazilians write it: `(11) 99999-0000`.
    pub fn formatted(&self) -> String {
        let (front, last) = self.number().split_at(self.number().len() - 4);
        format!("({}) {front}-{last}", self.area_code())
    }

    /// The number as pages show it, its area and last digits alone: `(11) *****-0000`.
    pub fn masked(&self) -> String {
        let (front, last) = self.number().split_at(self.number().len() - 4);
        format!("({}) {}-{last}", self.area_code(), "*".repeat(front.len()))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}
