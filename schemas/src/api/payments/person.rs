//! Persons as bodies bring them, in the types that are sealed.

use serde::Deserialize;

use crate::{
    api::rules::{Errors, taken, unfit_at},
    brazil::{self, Cep, State},
    problem::Code,
    refusals,
    sealed::{AddressParts, Document, Email, PersonName, Phone, PostalAddress},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuyerBody {
    pub name: String,
    pub email: String,
    pub document: String,
    pub phone: Option<String>,
    pub address: AddressBody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressBody {
    pub postal_code: String,
    pub street: String,
    pub number: String,
    pub complement: Option<String>,
    pub district: Option<String>,
    pub city: String,
    pub state: String,
}

/// The person or company that pays.
pub struct BuyerContent {
    /// Full name.
    pub name: PersonName,
    /// E-mail address.
    pub email: Email,
    /// CPF or CNPJ.
    pub document: Document,
    /// Phone.
    pub phone: Option<Phone>,
    /// Billing address.
    pub address: PostalAddress,
}

/// The buyer; `None` where something is wrong, which `errors` has.
pub(super) fn buyer(body: &BuyerBody, errors: &mut Errors) -> Option<BuyerContent> {
    let name = taken(errors, "/buyer/name", "O nome", PersonName::new(&body.name));
    let email = taken(errors, "/buyer/email", "O e-mail", Email::new(&body.email));
    let document = document(errors, "/buyer/document", &body.document);
    let phone = body.phone.as_deref().filter(|phone| !phone.trim().is_empty());
    let phone = phone.map(|phone| self::phone(errors, "/buyer/phone", phone));
    let address = address(errors, "/buyer/address", &body.address);
    let phone = match phone {
        Some(phone) => Some(phone?),
        None => None,
    };
    Some(BuyerContent { name: name?, email: email?, document: document?, phone, address: address? })
}

/// A CPF or a CNPJ, of either form, whose check digits fit.
pub(super) fn document(errors: &mut Errors, pointer: &str, text: &str) -> Option<Document> {
    let digits = brazil::Document::parse(text).ok();
    let document = digits.and_then(|document| Document::new(document.digits()).ok());
    if document.is_none() {
        errors.add(pointer, Code::Invalid, refusals::NO_DOCUMENT);
    }
    document
}

fn phone(errors: &mut Errors, pointer: &str, text: &str) -> Option<Phone> {
    let phone = brazil::Phone::parse(text).ok().and_then(|phone| Phone::new(&phone.e164()).ok());
    if phone.is_none() {
        errors.add(pointer, Code::Invalid, refusals::NO_PHONE);
    }
    phone
}

/// A postal address.
pub(super) fn address(errors: &mut Errors, pointer: &str, body: &AddressBody) -> Option<PostalAddress> {
    let cep = Cep::parse(&body.postal_code).ok();
    if cep.is_none() {
        errors.add(&format!("{pointer}/postal_code"), Code::Invalid, "O CEP não existe: confira os oito dígitos.");
    }
    let state = State::parse(&body.state).ok();
    if state.is_none() {
        errors.add(&format!("{pointer}/state"), Code::Invalid, "O estado é a sigla de duas letras, como SP.");
    }
    let state = state?.to_string();
    let parts = AddressParts {
        postal_code: cep.as_ref()?.digits(),
        street: &body.street,
        number: &body.number,
        complement: body.complement.as_deref().unwrap_or_default(),
        district: body.district.as_deref().unwrap_or_default(),
        city: &body.city,
        state: &state,
    };
    match PostalAddress::new(parts) {
        Ok(address) => Some(address),
        Err((name, unfit)) => {
            unfit_at(errors, &format!("{pointer}/{name}"), address_field(name), unfit);
            None
        }
    }
}

fn address_field(name: &str) -> &'static str {
    match name {
        "street" => "A rua",
        "number" => "O número",
        "complement" => "O complemento",
        "district" => "O bairro",
        "city" => "A cidade",
        "state" => "O estado",
        _ => "O CEP",
    }
}
