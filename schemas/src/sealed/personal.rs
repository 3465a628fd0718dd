//! The plain values of one text each, as they are between a form and the keyring.

use std::fmt;

use zeroize::Zeroizing;

use super::{NotPlain, Personal};
use crate::{
    limits::NAME_CHARS,
    text::{Lines, composed, forbidden},
};

/// Characters of an e-mail address, of which the part before `@` has 64 at most (RFC 5321, 4.5.3.1).
const EMAIL_CHARS: usize = 254;
/// Characters of the part of an e-mail address before `@`.
const LOCAL_CHARS: usize = 64;
/// Characters of a key or token of a payment gateway: theirs have some dozens.
const KEY_CHARS: usize = 512;
/// Characters of a password's hash: one of Argon2id has about a hundred.
const HASH_CHARS: usize = 512;
/// Characters of a masked document: a CNPJ has 18 with its signs.
const MASKED_CHARS: usize = 32;
/// Characters of a gateway's sentence or address: what browsers take of an address, in four bytes each, fits into a sealed field.
const GATEWAY_TEXT_CHARS: usize = 2_000;

/// A text that can't be such a value. What was typed is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing was typed.
    #[error("nothing is there")]
    Empty,
    /// More characters than the value may have.
    #[error("there are more than {0} characters")]
    TooLong(usize),
    /// The text has not the value's form.
    #[error("the form is another one")]
    Malformed,
}

/// Makes the types below: each is one text, hidden and wiped, that its rule has taken.
macro_rules! personal_texts {
    ($($(#[$doc:meta])+ $name:ident = $field:literal, $rule:path;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// The value of a text that was typed; refused by the rule that the type's line names.
            pub fn new(text: &str) -> Result<Self, Unfit> {
                $rule(text).map(Self)
            }

            /// The text, for whoever shows it to those who may see it, or hands it on.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl Personal for $name {
            const FIELD: &'static str = $field;

            fn to_plain(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(self.0.as_bytes().to_vec())
            }

            fn from_plain(plain: &[u8]) -> Result<Self, NotPlain> {
                plain_text(plain).map(Self).ok_or(NotPlain($field))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    )+};
}

personal_texts! {
    /// A person's or company's name: one line of up to 255 characters, in composed letters, without spaces around it.
    PersonName = "name", name;
    /// An e-mail address as browsers take it (WHATWG HTML, "valid e-mail address"), of RFC 5321's lengths, and with a domain of two
    /// labels at least.
    Email = "email", email;
    /// The characters of a CPF (11 digits) or CNPJ (12 digits or capital letters and 2 digits), without points, strokes and dashes.
    /// Whether the check digits fit is not asked here.
    Document = "document", document;
    /// A telephone number in the international form of E.164: `+`, then 8 to 15 digits, the first of which is not 0.
    Phone = "phone", phone;
    /// A secret key of an account at a payment gateway: up to 512 visible ASCII characters.
    GatewayKey = "gateway_key", key;
    /// The token that stands for a card at a payment gateway: up to 512 visible ASCII characters.
    CardToken = "card_token", key;
    /// The last four digits of a card's number.
    LastFour = "last_four", last_four;
    /// A document that a gateway has masked (`***123456**`): up to 32 visible ASCII characters to show, never a CPF.
    MaskedDocument = "masked_document", masked;
    /// A sentence or an address in a gateway's answer, which may repeat what a person typed: one line of up to 2,000 characters.
    GatewayText = "gateway_text", gateway_text;
    /// The proof of a gateway's callbacks, `user:password` or the secret of its signatures: up to 512 visible ASCII characters.
    CallbackSecret = "callback_secret", key;
    /// The hash of a password in PHC's string format (`$argon2id$v=19$…`): up to 512 visible ASCII characters, the first a `$`.
    PasswordHash = "password_hash", password_hash;
}

/// The text of bytes that were sealed.
pub(super) fn plain_text(plain: &[u8]) -> Option<Zeroizing<String>> {
    std::str::from_utf8(plain).ok().map(hidden)
}

/// One line of up to this many characters, in composed letters, without spaces around it.
pub(super) fn line(text: &str, most: usize) -> Result<Zeroizing<String>, Unfit> {
    let composed = composed(text.trim());
    let taken = hidden(&composed);
    // What the composing has made is a copy like any other.
    if let std::borrow::Cow::Owned(copy) = composed {
        drop(Zeroizing::new(copy));
    }
    match taken.chars().count() {
        0 => Err(Unfit::Empty),
        length if length > most => Err(Unfit::TooLong(most)),
        _ if forbidden(&taken, Lines::One).is_some() => Err(Unfit::Malformed),
        _ => Ok(taken),
    }
}

fn name(text: &str) -> Result<Zeroizing<String>, Unfit> {
    line(text, NAME_CHARS)
}

fn email(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let address = line(text, EMAIL_CHARS)?;
    let (local, domain) = address.split_once('@').ok_or(Unfit::Malformed)?;
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let fits = (1..=LOCAL_CHARS).contains(&local.len()) && local.bytes().all(is_local);
    let is_domain = domain.contains('.') && domain.split('.').all(is_label);
    if fits && is_domain { Ok(address) } else { Err(Unfit::Malformed) }
}

/// A label of a host's name (RFC 1123): up to 63 letters, digits and hyphens, with no hyphen at either end.
fn is_label(label: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
}

fn document(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = without(text, ".-/ ")?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let company = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let fits = match (taken.len(), taken.split_at_checked(12)) {
        (11, _) => digits(&taken),
        (14, Some((number, check))) => company(number) && digits(check),
        _ => false,
    };
    if fits { Ok(taken) } else { Err(Unfit::Malformed) }
}

fn phone(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = without(text, " -().")?;
    let digits = taken.strip_prefix('+').ok_or(Unfit::Malformed)?;
    let fits =
        (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(taken) } else { Err(Unfit::Malformed) }
}

fn key(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = line(text, KEY_CHARS)?;
    if taken.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(taken) } else { Err(Unfit::Malformed) }
}

fn masked(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = line(text, MASKED_CHARS)?;
    if taken.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(taken) } else { Err(Unfit::Malformed) }
}

fn password_hash(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let taken = line(text, HASH_CHARS)?;
    let fits = taken.starts_with('$') && taken.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(taken) } else { Err(Unfit::Malformed) }
}

fn gateway_text(text: &str) -> Result<Zeroizing<String>, Unfit> {
    line(text, GATEWAY_TEXT_CHARS)
}

fn last_four(text: &str) -> Result<Zeroizing<String>, Unfit> {
    let fits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(hidden(text)) } else { Err(Unfit::Malformed) }
}

/// The text without the signs that people write between groups of digits.
fn without(text: &str, signs: &str) -> Result<Zeroizing<String>, Unfit> {
    // Room for all of it, so that no part is left behind by growing.
    let mut taken = Zeroizing::new(String::with_capacity(text.len()));
    taken.extend(text.trim().chars().filter(|sign| !signs.contains(*sign)));
    if taken.is_empty() { Err(Unfit::Empty) } else { Ok(taken) }
}

fn hidden(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_from_its_plain_bytes_and_is_never_printed() {
        let name = PersonName::new("  Ana  Lúcia de Souza ").unwrap();
        assert_eq!(name.expose(), "Ana  Lúcia de Souza");
        assert_eq!(PersonName::from_plain(&name.to_plain()).unwrap(), name);
        assert_eq!(format!("{name:?} {:?}", Some(&name)), "PersonName(hidden) Some(PersonName(hidden))");
        assert_eq!(PersonName::from_plain(&[0xff]), Err(NotPlain("name")));
        // Rules are for what comes in: what was taken by others once is read.
        assert_eq!(LastFour::from_plain(b"12345").unwrap().expose(), "12345");
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(PersonName::new("Jose\u{301}").unwrap().expose(), "José");
        assert_eq!(PersonName::new(" "), Err(Unfit::Empty));
        assert_eq!(PersonName::new("a\nb"), Err(Unfit::Malformed));
        assert!(PersonName::new(&"ã".repeat(NAME_CHARS)).is_ok());
        assert_eq!(PersonName::new(&"ã".repeat(NAME_CHARS + 1)), Err(Unfit::TooLong(NAME_CHARS)));
    }

    #[test]
    fn addresses_of_mail_are_those_that_browsers_take() {
        let long = format!("{}@b.example", "a".repeat(LOCAL_CHARS));
        for text in ["ana@loja.example", "a.b+c@x-y.example.br", "o'neil@b.example", " ana@loja.example ", &long] {
            assert_eq!(Email::new(text).unwrap().expose(), text.trim());
        }
        let (label, longer) = (format!("a@{}.example", "b".repeat(64)), format!("a{long}"));
        let wrong = [
            "ana",
            "@b.example",
            "a@",
            "a@b",
            "a@b..example",
            "a@-b.example",
            "a@b-.example",
            "a b@c.example",
            "a@b@c.example",
            "ã@b.example",
            "a@b.example\n.com",
            "<a@b.example>",
            &label,
            &longer,
        ];
        for text in wrong {
            assert_eq!(Email::new(text), Err(Unfit::Malformed), "{text}");
        }
        assert_eq!(Email::new(&format!("a@{}example", "b.".repeat(140))), Err(Unfit::TooLong(EMAIL_CHARS)));
    }

    #[test]
    fn documents_phones_and_digits_are_kept_without_signs() {
        for (text, kept) in [
            ("529.982.247-25", "52998224725"),
            ("11.222.333/0001-81", "11222333000181"),
            ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ] {
            assert_eq!(Document::new(text).unwrap().expose(), kept);
        }
        for text in ["5299822472", "529982247256", "5299822472a", "12abc34501de35", "12ABC34501DEX5"] {
            assert_eq!(Document::new(text), Err(Unfit::Malformed), "{text}");
        }
        assert_eq!(Document::new(" .-/"), Err(Unfit::Empty));
        assert_eq!(Phone::new("+55 (11) 98765-4321").unwrap().expose(), "+5511987654321");
        for text in ["11987654321", "+0511987654321", "+551198", "+5511987654321000", "+55 11 9876a"] {
            assert_eq!(Phone::new(text), Err(Unfit::Malformed), "{text}");
        }
        assert_eq!(LastFour::new("0042").unwrap().expose(), "0042");
        for text in ["", "042", "00042", "004a", "٠٠٤٢"] {
            assert_eq!(LastFour::new(text), Err(Unfit::Malformed), "{text}");
        }
    }

    #[test]
    fn keys_and_tokens_are_visible_ascii() {
        assert_eq!(GatewayKey::new("sk_test_x\n").unwrap().expose(), "sk_test_x", "as it is pasted");
        assert_eq!(CardToken::new("token_y").unwrap().expose(), "token_y");
        for text in ["sk test", "sk\u{a0}x", "çhave"] {
            assert_eq!(GatewayKey::new(text), Err(Unfit::Malformed), "{text}");
        }
        assert_eq!(GatewayKey::new(&"k".repeat(KEY_CHARS + 1)), Err(Unfit::TooLong(KEY_CHARS)));
    }

    #[test]
    fn a_password_is_kept_as_its_hash_and_not_as_it_was_typed() {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";
        assert_eq!(PasswordHash::new(phc).unwrap().expose(), phc);
        assert_eq!(PasswordHash::new("minha senha"), Err(Unfit::Malformed));
        assert_eq!(PasswordHash::new("senha"), Err(Unfit::Malformed));
        assert_eq!(PasswordHash::new(&"$".repeat(HASH_CHARS + 1)), Err(Unfit::TooLong(HASH_CHARS)));
    }
}
