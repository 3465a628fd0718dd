//! What a shop publishes of itself: how it is reached, who sells in it, and its policies. All of it stands in clear, on every page of the
//! shop: the law asks for it (Decreto 7.962/2013, article 2).

use serde::{Deserialize, Serialize};

/// The ways in which a shop is reached. In a change, none leaves one as it is, and an empty text removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone in the form of E.164.
    #[serde(default)]
    pub phone: Option<String>,
    /// WhatsApp, in the form of E.164.
    #[serde(default)]
    pub whatsapp: Option<String>,
}

/// The person or company that sells. In a change, none leaves a field as it is, and an empty text removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// A company's registered name, or a person's.
    #[serde(default)]
    pub name: Option<String>,
    /// Digits of a CPF, digits and letters of a CNPJ.
    #[serde(default)]
    pub document: Option<String>,
    /// The address, in one line.
    #[serde(default)]
    pub address: Option<String>,
}

/// The policies of a shop, plain text of several lines. In a change, none leaves one as it is, and an empty text removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// How goods are given back and exchanged.
    #[serde(default)]
    pub returns: Option<String>,
    /// How data of buyers is used.
    #[serde(default)]
    pub privacy: Option<String>,
    /// Terms of use.
    #[serde(default)]
    pub terms: Option<String>,
}

/// A text after a change.
fn changed(change: Option<String>, before: Option<String>) -> Option<String> {
    match change {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => before,
    }
}

impl Contact {
    /// The change that removes all of it.
    pub fn removed() -> Self {
        let none = || Some(String::new());
        Self { email: none(), phone: none(), whatsapp: none() }
    }

    /// What there is after this change; none where nothing is left.
    pub fn over(self, before: Option<Self>) -> Option<Self> {
        let Self { email, phone, whatsapp } = before.unwrap_or_default();
        let after = Self {
            email: changed(self.email, email),
            phone: changed(self.phone, phone),
            whatsapp: changed(self.whatsapp, whatsapp),
        };
        Some(after).filter(|after| *after != Self::default())
    }
}

impl Seller {
    /// The change that removes all of it.
    pub fn removed() -> Self {
        let none = || Some(String::new());
        Self { name: none(), document: none(), address: none() }
    }

    /// What there is after this change; none where nothing is left.
    pub fn over(self, before: Option<Self>) -> Option<Self> {
        let Self { name, document, address } = before.unwrap_or_default();
        let after = Self {
            name: changed(self.name, name),
            document: changed(self.document, document),
            address: changed(self.address, address),
        };
        Some(after).filter(|after| *after != Self::default())
    }
}

impl Policies {
    /// The change that removes all of them.
    pub fn removed() -> Self {
        let none = || Some(String::new());
        Self { returns: none(), privacy: none(), terms: none() }
    }

    /// What there is after this change; none where nothing is left.
    pub fn over(self, before: Option<Self>) -> Option<Self> {
        let Self { returns, privacy, terms } = before.unwrap_or_default();
        let after = Self {
            returns: changed(self.returns, returns),
            privacy: changed(self.privacy, privacy),
            terms: changed(self.terms, terms),
        };
        Some(after).filter(|after| *after != Self::default())
    }

    /// Which of them are written, without what they say: each that is there is empty.
    pub fn in_short(&self) -> Self {
        let short = |text: &Option<String>| text.as_ref().map(|_| String::new());
        Self { returns: short(&self.returns), privacy: short(&self.privacy), terms: short(&self.terms) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_an_empty_text_removes() {
        let before = Contact { email: text("a@b.br"), phone: text("+5511999990000"), whatsapp: None };
        let change = Contact { phone: text(""), whatsapp: text("+5521999990000"), ..Contact::default() };
        let after = Contact { email: text("a@b.br"), phone: None, whatsapp: text("+5521999990000") };
        assert_eq!(change.over(Some(before.clone())), Some(after));
        assert_eq!(Contact::default().over(Some(before.clone())), Some(before.clone()));
        assert_eq!(Contact::removed().over(Some(before)), None);
        assert_eq!(Contact::removed().over(None), None);
        let seller = Seller { name: text("Ana"), ..Seller::default() };
        assert_eq!(
            Seller { document: text("1"), ..Seller::default() }.over(Some(seller.clone())).and_then(|s| s.name),
            text("Ana")
        );
        assert_eq!(Seller::removed().over(Some(seller)), None);
    }

    #[test]
    fn policies_in_short_say_which_are_written_and_nothing_of_them() {
        let policies = Policies { returns: text("Sete dias."), terms: None, privacy: text("Nada.") };
        assert_eq!(policies.in_short(), Policies { returns: text(""), terms: None, privacy: text("") });
        assert_eq!(Policies::removed().over(Some(policies)), None);
    }
}
