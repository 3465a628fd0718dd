//! What a shop publishes of itself, as its settings take and give it: contact, seller and policies (Decreto 7.962/2013, article 2).

use serde_json::{Value, json};

use super::{
    rules::{Errors, Text, taken},
    schema::{Named, object, text_or_null, whole},
};
use crate::{
    brazil::{Document, Phone},
    limits,
    problem::Code,
    records::admin::{Contact, Policies, Seller},
    refusals,
    sealed::Email,
};

/// The name of who sells.
const NAME: Text = Text::or_null("O nome de quem vende", limits::NAME_CHARS);
/// An address of Brazil in one line has some hundred characters.
const ADDRESS: Text = Text::or_null("O endereço", limits::SELLER_ADDRESS_CHARS);
/// How goods are given back.
const RETURNS: Text = Text::or_null("A política de trocas e devoluções", limits::POLICY_CHARS).of_lines();
/// How data of buyers is used.
const PRIVACY: Text = Text::or_null("A política de privacidade", limits::POLICY_CHARS).of_lines();
/// Terms of use.
const TERMS: Text = Text::or_null("O texto dos termos de uso", limits::POLICY_CHARS).of_lines();
/// Characters of an e-mail address (RFC 5321, 4.5.3.1), a telephone or a document as people type them, in the schema.
const TYPED_CHARS: usize = 254;

/// The change of the ways in which a shop is reached that a merge patch asks for: null removes all of them.
pub(super) fn contact(given: &Value, errors: &mut Errors) -> Contact {
    if given.is_null() {
        return Contact::removed();
    }
    let email = |text: &str, errors: &mut Errors| {
        let email = taken(errors, "/contact/email", "O e-mail", Email::new(text));
        email.map(|email| email.expose().to_owned())
    };
    Contact {
        email: read(given, "email", errors, email),
        phone: read(given, "phone", errors, |text, errors| phone("/contact/phone", text, errors)),
        whatsapp: read(given, "whatsapp", errors, |text, errors| phone("/contact/whatsapp", text, errors)),
    }
}

/// The change of the seller that a merge patch asks for: null removes all of it.
pub(super) fn seller(given: &Value, errors: &mut Errors) -> Seller {
    if given.is_null() {
        return Seller::removed();
    }
    let line = |rule: Text, pointer: &str, text: &str, errors: &mut Errors| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        rule.check(errors, pointer, Some(&line));
        Some(line)
    };
    Seller {
        name: read(given, "name", errors, |text, errors| line(NAME, "/seller/name", text, errors)),
        document: read(given, "document", errors, document),
        address: read(given, "address", errors, |text, errors| line(ADDRESS, "/seller/address", text, errors)),
    }
}

/// The change of the policies that a merge patch asks for: null removes all of them.
pub(super) fn policies(given: &Value, errors: &mut Errors) -> Policies {
    if given.is_null() {
        return Policies::removed();
    }
    let lines = |rule: Text, pointer: &str, text: &str, errors: &mut Errors| {
        rule.check(errors, pointer, Some(text));
        Some(text.to_owned())
    };
    Policies {
        returns: read(given, "returns", errors, |text, errors| lines(RETURNS, "/policies/returns", text, errors)),
        privacy: read(given, "privacy", errors, |text, errors| lines(PRIVACY, "/policies/privacy", text, errors)),
        terms: read(given, "terms", errors, |text, errors| lines(TERMS, "/policies/terms", text, errors)),
    }
}

/// The text that a patch gives under a name, as `take` keeps it: none leaves what is there, and an empty one, by null or a blank text,
/// removes it.
fn read(
    given: &Value,
    name: &str,
    errors: &mut Errors,
    take: impl FnOnce(&str, &mut Errors) -> Option<String>,
) -> Option<String> {
    match given.get(name)?.as_str().unwrap_or_default().trim() {
        "" => Some(String::new()),
        text => take(text, errors),
    }
}

fn phone(pointer: &str, text: &str, errors: &mut Errors) -> Option<String> {
    let phone = Phone::parse(text).ok().map(|phone| phone.e164());
    if phone.is_none() {
        errors.add(pointer, Code::Invalid, refusals::NO_PHONE);
    }
    phone
}

fn document(text: &str, errors: &mut Errors) -> Option<String> {
    let document = Document::parse(text).ok().map(|document| document.digits().to_owned());
    if document.is_none() {
        errors.add("/seller/document", Code::Invalid, refusals::NO_DOCUMENT);
    }
    document
}

/// The ways in which a shop is reached as the APIs give them.
pub(super) fn contact_json(contact: Option<&Contact>) -> Value {
    let Contact { email, phone, whatsapp } = contact.cloned().unwrap_or_default();
    json!({"email": email, "phone": phone, "whatsapp": whatsapp})
}

/// The seller as the APIs give it.
pub(super) fn seller_json(seller: Option<&Seller>) -> Value {
    let Seller { name, document, address } = seller.cloned().unwrap_or_default();
    json!({"name": name, "document": document, "address": address})
}

/// The policies as the APIs give them.
pub(super) fn policies_json(policies: Option<&Policies>) -> Value {
    let Policies { returns, privacy, terms } = policies.cloned().unwrap_or_default();
    json!({"returns": returns, "privacy": privacy, "terms": terms})
}

/// The schemas: what is written (`ContactPatch` and so on) and what is given.
pub(super) fn schemas() -> Vec<Named> {
    let described =
        |description: &str| json!({"type": ["string", "null"], "maxLength": TYPED_CHARS, "description": description});
    let phone = || described("A telephone of Brazil with its area code, with or without punctuation; kept as E.164.");
    let contact = [
        ("email", described("An e-mail address that buyers may write to.")),
        ("phone", phone()),
        ("whatsapp", phone()),
    ];
    let document = described("A CNPJ, of digits alone or with letters, or a CPF, with or without punctuation.");
    let seller = [("name", NAME.schema()), ("document", document), ("address", ADDRESS.schema())];
    let policies = [("returns", RETURNS.schema()), ("privacy", PRIVACY.schema()), ("terms", TERMS.schema())];
    let given = |names: [&'static str; 3]| whole(&names.map(|name| (name, text_or_null())));
    vec![
        ("ContactPatch", object(&contact, &[])),
        ("Contact", given(["email", "phone", "whatsapp"])),
        ("SellerPatch", object(&seller, &[])),
        ("Seller", given(["name", "document", "address"])),
        ("PoliciesPatch", object(&policies, &[])),
        ("Policies", given(["returns", "privacy", "terms"])),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What a check makes of a patch, or the pointers and codes of what is wrong with it.
    fn checked<T>(check: fn(&Value, &mut Errors) -> T, given: Value) -> Result<T, Vec<(String, Code)>> {
        let mut errors = Errors::default();
        let taken = check(&given, &mut errors);
        errors.or(taken).map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect())
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn contact_and_seller_are_kept_in_one_form_however_they_are_typed() {
        let given = json!({"email": " oi@loja.com.br ", "phone": "(11) 99999-0000", "whatsapp": "+55 21 3333-4444"});
        let kept =
            Contact { email: text("oi@loja.com.br"), phone: text("+5511999990000"), whatsapp: text("+552133334444") };
        assert_eq!(checked(contact, given), Ok(kept));
        for (typed, kept) in [
            ("529.982.247-25", "52998224725"),
            ("11.222.333/0001-81", "11222333000181"),
            ("12.abc.345/01de-35", "12ABC34501DE35"),
        ] {
            let given = json!({"name": "Ana  Lima\tME", "document": typed, "address": " Rua A, 1\u{a0} São Paulo "});
            let seller = checked(seller, given).unwrap();
            assert_eq!((seller.document, seller.name), (text(kept), text("Ana Lima ME")), "{typed}");
            assert_eq!(seller.address, text("Rua A, 1 São Paulo"));
        }
        let lines = "<b>Sete dias</b>\n\nsem custo";
        assert_eq!(checked(policies, json!({"returns": lines})).unwrap().returns, text(lines));
    }

    #[test]
    fn what_is_left_out_stays_and_null_or_a_blank_text_removes() {
        assert_eq!(checked(contact, json!({})), Ok(Contact::default()));
        assert_eq!(checked(contact, Value::Null), Ok(Contact::removed()));
        assert_eq!(checked(seller, Value::Null), Ok(Seller::removed()));
        assert_eq!(checked(policies, Value::Null), Ok(Policies::removed()));
        let given = json!({"email": null, "phone": "  "});
        assert_eq!(checked(contact, given), Ok(Contact { whatsapp: None, ..Contact::removed() }));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_its_field() {
        let invalid = |pointer: &str| (pointer.to_owned(), Code::Invalid);
        let long = |pointer: &str| (pointer.to_owned(), Code::TooLong);
        let given = json!({"email": "loja", "phone": "9999-0000", "whatsapp": "+1 212 555 0100"});
        let wrong = ["/contact/email", "/contact/phone", "/contact/whatsapp"].map(invalid);
        assert_eq!(checked(contact, given), Err(wrong.into()));
        let given = json!({"name": "x".repeat(256), "document": "529.982.247-24", "address": "x".repeat(501)});
        let wrong = vec![long("/seller/name"), invalid("/seller/document"), long("/seller/address")];
        assert_eq!(checked(seller, given), Err(wrong));
        assert!(checked(policies, json!({"terms": "é".repeat(20_000)})).is_ok());
        assert_eq!(checked(policies, json!({"terms": "é".repeat(20_001)})), Err(vec![long("/policies/terms")]));
    }
}
