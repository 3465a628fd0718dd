//! What somebody has typed into the form, as it is shown again. The card is not among it: its inputs have no name, and its token serves once.

use std::collections::BTreeMap;

use feira_schemas::{
    brazil,
    records::{payments::PaymentMethod, signup::Subscription},
};
use feira_web::forms::Form;

use super::opened::Opened;
use crate::legal::VERSION;

/// Names of the inputs whose text is shown again, in the order in which they stand on the page.
pub(crate) const NAMES: [&str; 17] = [
    "kind",
    "name",
    "document",
    "owner_name",
    "email",
    "phone",
    "zip",
    "street",
    "number",
    "complement",
    "district",
    "city",
    "state",
    "shop_name",
    "subdomain",
    "method",
    "accept",
];

/// Ways to pay, and the words that the form has for them.
pub(crate) const METHODS: [(PaymentMethod, &str); 3] =
    [(PaymentMethod::Card, "card"), (PaymentMethod::Pix, "pix"), (PaymentMethod::Boleto, "boleto")];
/// The word for a person among the two kinds of who subscribes.
pub(crate) const PERSON: &str = "person";
/// The word for a company.
pub(crate) const COMPANY: &str = "company";

/// The texts of the inputs, by their names.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed(BTreeMap<&'static str, String>);

impl Typed {
    /// What a form brought.
    pub fn sent(form: &Form) -> Self {
        let text = |name: &'static str| Some((name, form.text(name)?.to_owned()));
        Self(NAMES.into_iter().filter_map(text).collect())
    }

    /// What was typed for a subscription, opened for who has typed it.
    pub fn opened(opened: &Opened, known: &Subscription) -> Self {
        let document = brazil::Document::parse(opened.document.expose()).ok();
        let is_company = matches!(document, Some(brazil::Document::Cnpj(_)));
        let document = document.map_or_else(|| opened.document.expose().to_owned(), |document| document.formatted());
        let phone = opened.phone.as_ref().map_or("", |phone| phone.expose());
        let phone = brazil::Phone::parse(phone).map_or_else(|_| phone.to_owned(), |phone| phone.formatted());
        let address = opened.address.expose();
        let zip = brazil::Cep::parse(address.postal_code);
        let zip = zip.map_or_else(|_| address.postal_code.to_owned(), |zip| zip.formatted());
        let pairs = [
            ("kind", if is_company { COMPANY } else { PERSON }),
            ("name", opened.name.expose()),
            ("document", document.as_str()),
            ("owner_name", opened.owner_name.expose()),
            ("email", opened.email.expose()),
            ("phone", phone.as_str()),
            ("zip", zip.as_str()),
            ("street", address.street),
            ("number", address.number),
            ("complement", address.complement),
            ("district", address.district),
            ("city", address.city),
            ("state", address.state),
        ];
        let Self(mut texts) = Self::names_of(known);
        texts.extend(pairs.map(|(name, text)| (name, text.to_owned())));
        Self(texts)
    }

    /// What is typed of a subscription and is nobody's secret: the shop's names, the way to pay, and that these terms were accepted.
    pub fn names_of(known: &Subscription) -> Self {
        let method = METHODS.into_iter().find(|(method, _)| *method == known.payment.method);
        let pairs = [
            ("shop_name", known.shop_name.as_str()),
            ("subdomain", known.subdomain.as_str()),
            ("method", method.map_or("", |(_, word)| word)),
            ("accept", if known.accepted == VERSION { "on" } else { "" }),
        ];
        Self(pairs.into_iter().map(|(name, text)| (name, text.to_owned())).collect())
    }

    /// The text of the input of this name; an empty one where there is none.
    pub fn at(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// True if it is a company that subscribes.
    pub fn is_company(&self) -> bool {
        self.at("kind") == COMPANY
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s05_what_was_typed_is_kept_and_of_a_card_nothing() {
        let body = "kind=company&name=Ana+%26+Filhas&number=12&card_token=token_1&other=x&email=a%40b.example";
        let form = Form::read("application/x-www-form-urlencoded", &body.into()).await.unwrap();
        let typed = Typed::sent(&form);
        assert!(typed.is_company() && typed.at("name") == "Ana & Filhas" && typed.at("email") == "a@b.example");
        assert_eq!((typed.at("card_token"), typed.at("other"), typed.at("city")), ("", "", ""));
    }
}
