//! Who sells in a shop and how it is reached, as the foot of every page says it, and which policies it has written (Decreto 7.962/2013,
//! article 2).

use feira_schemas::{
    brazil::{Document, Phone},
    records::{admin::Policies, store::Shop},
};

use crate::links;

/// What the foot of every page says of who sells; what a shop does not say is left out.
#[derive(Debug, Clone, Default)]
pub struct Seller {
    /// A company's registered name, or a person's.
    pub name: Option<String>,
    /// The CNPJ or CPF as it is printed, behind that word.
    pub document: Option<String>,
    /// The address in one line.
    pub address: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone.
    pub phone: Option<Number>,
    /// The telephone that takes messages of WhatsApp.
    pub whatsapp: Option<Number>,
    /// The policies that are written.
    pub policies: Vec<Policy>,
}

/// A telephone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number {
    /// As every country dials it: `+5511999990000`.
    pub e164: String,
    /// As Brazilians write it.
    pub written: String,
}

/// A policy of a shop, which has a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// How goods are given back and exchanged.
    Returns,
    /// How data of buyers is used.
    Privacy,
    /// Terms of use.
    Terms,
}

impl Seller {
    pub(super) fn of(shop: &Shop) -> Self {
        let contact = shop.contact.clone().unwrap_or_default();
        let seller = shop.seller.clone().unwrap_or_default();
        Self {
            name: seller.name,
            document: seller.document.map(printed),
            address: seller.address,
            email: contact.email,
            phone: contact.phone.map(Number::of),
            whatsapp: contact.whatsapp.map(Number::of),
            policies: Policy::written(shop),
        }
    }

    /// True if there is something to say beside the policies.
    pub(super) fn is_known(&self) -> bool {
        let texts = [&self.name, &self.document, &self.address, &self.email];
        texts.into_iter().any(Option::is_some) || self.phone.is_some() || self.whatsapp.is_some()
    }
}

/// A document as it is printed, behind its kind; a text that is none stays.
fn printed(digits: String) -> String {
    match Document::parse(&digits) {
        Ok(Document::Cpf(cpf)) => format!("CPF {}", cpf.formatted()),
        Ok(Document::Cnpj(cnpj)) => format!("CNPJ {}", cnpj.formatted()),
        Err(_) => digits,
    }
}

impl Number {
    fn of(e164: String) -> Self {
        let written = Phone::parse(&e164).map_or_else(|_| e164.clone(), |phone| phone.formatted());
        Self { e164, written }
    }

    /// The digits with the country's, as `wa.me` takes them.
    pub(super) fn digits(&self) -> &str {
        self.e164.trim_start_matches('+')
    }
}

impl Policy {
    /// All of them, as they stand on pages.
    pub const ALL: [Self; 3] = [Self::Returns, Self::Privacy, Self::Terms];

    /// Those that a shop has written.
    pub(super) fn written(shop: &Shop) -> Vec<Self> {
        let Some(policies) = &shop.policies else { return Vec::new() };
        Self::ALL.into_iter().filter(|policy| policy.text(policies).is_some()).collect()
    }

    /// The policy that an address names.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.word() == word)
    }

    /// What a shop has written of it.
    pub(super) fn text(self, policies: &Policies) -> Option<&str> {
        let text = match self {
            Self::Returns => &policies.returns,
            Self::Privacy => &policies.privacy,
            Self::Terms => &policies.terms,
        };
        text.as_deref()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Returns => "returns",
            Self::Privacy => "privacy",
            Self::Terms => "terms",
        }
    }

    /// The path of its page.
    pub(super) fn href(self) -> String {
        links::policy(self.word())
    }

    /// Its name, as the buyer reads it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Returns => "Trocas e devoluções",
            Self::Privacy => "Privacidade",
            Self::Terms => "Termos de uso",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_write_them() {
        for (digits, said) in [
            ("52998224725", "CPF 529.982.247-25"),
            ("11222333000181", "CNPJ 11.222.333/0001-81"),
            ("12ABC34501DE35", "CNPJ 12.ABC.345/01DE-35"),
            ("?", "?"),
        ] {
            assert_eq!(printed(digits.to_owned()), said);
        }
        let number = Number::of("+5511999990000".into());
        assert_eq!((number.written.as_str(), number.digits()), ("(11) 99999-0000", "5511999990000"));
    }

    #[test]
    fn a_policy_is_found_by_its_word_alone() {
        for policy in Policy::ALL {
            assert_eq!(Policy::named(policy.word()), Some(policy));
        }
        assert_eq!((Policy::named("Terms"), Policy::named("")), (None, None));
    }
}
