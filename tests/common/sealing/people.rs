//! The people of a test. All that they type is made up anew in each run, so that it stands nowhere but where it came to: not in the test
//! itself, and not among what an earlier run has left on the services.

use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};

/// A text that somebody typed, or a secret, in the ways in which it may be written.
pub struct Typed {
    /// Whose it is, for whoever reads what was found.
    pub whose: String,
    pub field: &'static str,
    pub texts: Vec<String>,
}

impl Typed {
    pub fn new(whose: &str, field: &'static str, texts: &[&str]) -> Self {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Self { whose: whose.to_owned(), field, texts }
    }

    /// A secret, which is written in one way.
    pub fn secret(field: &'static str, text: &str) -> Self {
        Self::new("the shop", field, &[text])
    }
}

/// A person, or a company, that buys.
pub struct Person {
    /// By what it buys.
    pub label: String,
    name: [String; 3],
    email: [String; 2],
    /// Digits alone.
    document: String,
    /// Area code and number, digits alone.
    phone: String,
    street: String,
    complement: String,
    district: String,
    city: String,
    /// Digits alone.
    postal_code: String,
    /// Digits of an account at a bank, without the check digit.
    bank_account: String,
}

impl Person {
    /// Makes a person up.
    pub fn new(random: &mut StdRng, label: &str) -> Self {
        Self {
            label: label.to_owned(),
            name: [word(random, "ção"), word(random, "ú"), word(random, "õe")],
            email: [word(random, "a").to_lowercase(), word(random, "o").to_lowercase()],
            document: cpf(random),
            phone: format!("819{}", digits(random, 8)),
            street: format!("Ladeira {}", word(random, "ã")),
            complement: format!("fundos {}", word(random, "é")),
            district: word(random, "í"),
            city: word(random, "ópolis"),
            postal_code: format!("50050{}", digits(random, 3)),
            bank_account: digits(random, 13),
        }
    }

    /// The same as a company, which has a CNPJ.
    pub fn company(random: &mut StdRng, label: &str) -> Self {
        Self { document: cnpj(random), ..Self::new(random, label) }
    }

    pub fn name(&self) -> String {
        self.name.join(" ")
    }

    /// The digits of its CPF or CNPJ.
    pub fn document(&self) -> &str {
        &self.document
    }

    pub fn email(&self) -> String {
        format!("{}@{}.example", self.email[0], self.email[1])
    }

    /// The buyer of a charge, as the API takes it.
    pub fn buyer(&self) -> Value {
        json!({
            "name": self.name(),
            "email": self.email(),
            "document": self.with_signs(),
            "phone": format!("({}) {}-{}", &self.phone[..2], &self.phone[2..7], &self.phone[7..]),
            "address": self.address(),
        })
    }

    /// The address, as the API takes it.
    pub fn address(&self) -> Value {
        json!({
            "postal_code": format!("{}-{}", &self.postal_code[..5], &self.postal_code[5..]),
            "street": self.street,
            "number": "120",
            "complement": self.complement,
            "district": self.district,
            "city": self.city,
            "state": "PE",
        })
    }

    /// A bank account, as the API takes it.
    pub fn bank_account(&self) -> Value {
        json!({
            "holder": self.name(), "document": self.with_signs(), "bank": "001", "branch": "1234", "branch_check": "5",
            "account": self.bank_account, "account_check": "7", "savings": false,
        })
    }

    fn with_signs(&self) -> String {
        let digits = &self.document;
        match digits.len() {
            11 => format!("{}.{}.{}-{}", &digits[..3], &digits[3..6], &digits[6..9], &digits[9..]),
            _ => format!("{}.{}.{}/{}-{}", &digits[..2], &digits[2..5], &digits[5..8], &digits[8..12], &digits[12..]),
        }
    }

    /// All that it types, in the ways in which it may be written.
    pub fn typed(&self) -> Vec<Typed> {
        let typed = |field, texts: &[&str]| Typed::new(&self.label, field, texts);
        let [given, middle, family] = &self.name;
        let (area, number) = self.phone.split_at(2);
        let (front, back) = number.split_at(5);
        let (digits, signs) = (&self.document, self.with_signs());
        let undashed = format!("{}-{}", &digits[..digits.len() - 2], &digits[digits.len() - 2..]);
        let postal_code = &self.postal_code;
        vec![
            typed("name", &[&self.name(), given, middle, family, &format!("{family}, {given} {middle}")]),
            typed("e-mail", &[&self.email(), &self.email[0], &self.email[1]]),
            typed("document", &[digits, &signs, &undashed]),
            typed(
                "phone",
                &[
                    &self.phone,
                    number,
                    &format!("{front}-{back}"),
                    &format!("{front} {back}"),
                    &format!("{area} {number}"),
                    &format!("({area}){number}"),
                ],
            ),
            typed("street", &[&self.street, self.street.split_once(' ').unwrap().1]),
            typed("complement", &[self.complement.split_once(' ').unwrap().1]),
            typed("district", &[&self.district]),
            typed("city", &[&self.city]),
            typed(
                "postal code",
                &[
                    postal_code,
                    &format!("{}-{}", &postal_code[..5], &postal_code[5..]),
                    &format!("{}.{}-{}", &postal_code[..2], &postal_code[2..5], &postal_code[5..]),
                ],
            ),
            typed("bank account", &[&self.bank_account]),
        ]
    }
}

/// A word of four made-up syllables and an ending, which nobody else writes.
fn word(random: &mut StdRng, ending: &str) -> String {
    let mut syllable = || {
        let pick = |random: &mut StdRng, signs: &str| {
            let at = random.random_range(0..signs.len());
            signs[at..=at].to_owned()
        };
        pick(random, "bcdfgjklmnprstvxz") + &pick(random, "aeiou")
    };
    let word = [syllable(), syllable(), syllable(), syllable()].concat() + ending;
    word[..1].to_uppercase() + &word[1..]
}

/// Random digits, of which the first is no zero.
pub fn digits(random: &mut StdRng, count: usize) -> String {
    let digit = |at| random.random_range(u8::from(at == 0)..10).to_string();
    (0..count).map(digit).collect()
}

fn cpf(random: &mut StdRng) -> String {
    let weights: Vec<u32> = (2..12).collect();
    checked(digits(random, 9), &weights)
}

fn cnpj(random: &mut StdRng) -> String {
    let weights: Vec<u32> = (2..10).chain(2..10).collect();
    checked(format!("{}0001", digits(random, 8)), &weights)
}

/// The number with its two check digits, each by modulus 11 with these weights from the right.
fn checked(mut number: String, weights: &[u32]) -> String {
    for _ in 0..2 {
        let digits = number.bytes().rev().map(|digit| u32::from(digit - b'0'));
        let rest = digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11;
        let check = if rest < 2 { 0 } else { 11 - rest };
        number += &check.to_string();
    }
    number
}
