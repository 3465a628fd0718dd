//! A postal address, sealed as a whole.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    NotPlain, Personal,
    personal::{Unfit, line, plain_text},
};
use crate::limits::NAME_CHARS;

/// Characters of a house's number: "s/n" and "1.204 B" are numbers, too.
const NUMBER_CHARS: usize = 20;

/// The parts of an address in Brazil as they are typed.
#[derive(Clone, Copy)]
pub struct AddressParts<'a> {
    /// The eight digits of the CEP, with or without its hyphen.
    pub postal_code: &'a str,
    /// The street.
    pub street: &'a str,
    /// The house's number, or "s/n".
    pub number: &'a str,
    /// Flat, block and the like; may be empty.
    pub complement: &'a str,
    /// The district (bairro); may be empty, since small towns have none.
    pub district: &'a str,
    /// The city.
    pub city: &'a str,
    /// The two letters of the state.
    pub state: &'a str,
}

/// A postal address in Brazil. Its plain bytes are one line for each part, in their order in [`AddressParts`]: parts hold no line
/// breaks, and further parts can be added at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct PostalAddress {
    parts: [Zeroizing<String>; PARTS],
}

/// The number of parts.
const PARTS: usize = 7;

impl PostalAddress {
    /// The address with these parts; refused with the first that can't be one, and its name.
    pub fn new(parts: AddressParts<'_>) -> Result<Self, (&'static str, Unfit)> {
        let named = |name: &'static str, part: Result<Zeroizing<String>, Unfit>| part.map_err(|unfit| (name, unfit));
        let optional = |text: &str| match line(text, NAME_CHARS) {
            Err(Unfit::Empty) => Ok(Zeroizing::default()),
            other => other,
        };
        Ok(Self {
            parts: [
                named("postal_code", postal_code(parts.postal_code))?,
                named("street", line(parts.street, NAME_CHARS))?,
                named("number", line(parts.number, NUMBER_CHARS))?,
                named("complement", optional(parts.complement))?,
                named("district", optional(parts.district))?,
                named("city", line(parts.city, NAME_CHARS))?,
                named("state", state(parts.state))?,
            ],
        })
    }

    /// The parts, for whoever shows them to those who may see them, or hands them on.
    pub fn expose(&self) -> AddressParts<'_> {
        let [postal_code, street, number, complement, district, city, state] = &self.parts;
        AddressParts { postal_code, street, number, complement, district, city, state }
    }
}

fn postal_code(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let mut taken = Zeroizing::new(String::with_capacity(text.len()));
    taken.extend(text.trim().chars().filter(|sign| *sign != '-'));
    let fits = taken.len() == 8 && taken.bytes().all(|byte| byte.is_ascii_digit());
    match taken.is_empty() {
        true => Err(Unfit::Empty),
        false if fits => Ok(taken),
        false => Err(Unfit::Malformed),
    }
}

fn state(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = line(text, 2)?;
    let fits = taken.len() == 2 && taken.bytes().all(|byte| byte.is_ascii_uppercase());
    if fits { Ok(taken) } else { Err(Unfit::Malformed) }
}

impl Personal for PostalAddress {
    const FIELD: &'static str = "address";

    fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let room = self.parts.iter().map(|part| part.len() + 1).sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                plain.push(b'\n');
            }
            plain.extend_from_slice(part.as_bytes());
        }
        plain
    }

    fn from_plain(plain: &[u8]) -> Result<Self, NotPlain> {
        let text = plain_text(plain).ok_or(NotPlain(Self::FIELD))?;
        let mut lines = text.split('\n');
        let mut parts: [Zeroizing<String>; PARTS] = Default::default();
        for part in &mut parts {
            *part = Zeroizing::new(lines.next().ok_or(NotPlain(Self::FIELD))?.to_owned());
        }
        Ok(Self { parts })
    }
}

impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalAddress(hidden)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::limits::SEALED_FIELD_BYTES;

    const PARTS_TYPED: AddressParts<'_> = AddressParts {
        postal_code: "01310-100",
        street: " Avenida Paulista",
        number: "1.578",
        complement: "",
        district: "Bela Vista",
        city: "São Paulo",
        state: "SP",
    };

    #[test]
    fn an_address_comes_back_part_by_part_and_is_never_printed() {
        let address = PostalAddress::new(PARTS_TYPED).unwrap();
        let plain = address.to_plain();
        assert_eq!(plain.as_slice(), "01310100\nAvenida Paulista\n1.578\n\nBela Vista\nSão Paulo\nSP".as_bytes());
        assert_eq!(PostalAddress::from_plain(&plain).unwrap(), address);
        assert_eq!((address.expose().street, address.expose().complement), ("Avenida Paulista", ""));
        let later = [plain.as_slice(), b"\nBR"].concat();
        assert_eq!(PostalAddress::from_plain(&later).unwrap(), address, "a part that a newer program has added");
        for wrong in [&plain[..10], &[0xff]] {
            assert_eq!(PostalAddress::from_plain(wrong), Err(NotPlain("address")));
        }
        assert_eq!(format!("{address:?}"), "PostalAddress(hidden)");
    }

    #[test]
    fn a_part_that_can_not_be_one_is_named() {
        let refused = |parts| PostalAddress::new(parts).unwrap_err();
        for code in ["0131010", "013101000", "0131010a"] {
            assert_eq!(refused(AddressParts { postal_code: code, ..PARTS_TYPED }), ("postal_code", Unfit::Malformed));
        }
        assert_eq!(refused(AddressParts { postal_code: "", ..PARTS_TYPED }), ("postal_code", Unfit::Empty));
        assert_eq!(refused(AddressParts { street: "", ..PARTS_TYPED }), ("street", Unfit::Empty));
        assert_eq!(refused(AddressParts { city: "a\nb", ..PARTS_TYPED }), ("city", Unfit::Malformed));
        assert_eq!(refused(AddressParts { state: "sp", ..PARTS_TYPED }), ("state", Unfit::Malformed));
        let long = "9".repeat(NUMBER_CHARS + 1);
        assert_eq!(refused(AddressParts { number: &long, ..PARTS_TYPED }), ("number", Unfit::TooLong(NUMBER_CHARS)));
    }

    #[test]
    fn the_longest_address_fits_into_a_field() {
        let (long, number) = ("\u{10ffff}".repeat(NAME_CHARS), "\u{10ffff}".repeat(NUMBER_CHARS));
        let longest = AddressParts {
            street: &long,
            number: &number,
            complement: &long,
            district: &long,
            city: &long,
            ..PARTS_TYPED
        };
        let plain = PostalAddress::new(longest).unwrap().to_plain();
        assert!(plain.len() <= SEALED_FIELD_BYTES, "{}", plain.len());
    }
}
