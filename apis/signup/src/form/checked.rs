//! What was typed, as it is understood: each field checked by its own rule, and everything that is wrong said at once, in the order of the page.

use feira_schemas::{
    api::{rules::Errors, settings::SHOP_NAME},
    brazil::{self, Cep, State},
    hosts::{check_subdomain, normalise_subdomain},
    problem::{Code, FieldError},
    records::payments::PaymentMethod,
    sealed::{AddressParts, CardToken, Document, Email, PersonName, Phone, PostalAddress, Unfit},
    text::{Lines, forbidden},
};

use super::typed::{COMPANY, METHODS, NAMES, PERSON, Typed};

/// What was typed, understood.
#[derive(Debug)]
pub(crate) struct Checked {
    pub name: PersonName,
    pub document: Document,
    /// The shop's first administrator; of a person it is the person itself.
    pub owner_name: PersonName,
    pub email: Email,
    pub phone: Phone,
    pub address: PostalAddress,
    pub shop: Names,
    pub method: PaymentMethod,
    /// The token that the browser got for the card, where a card pays.
    pub card_token: Option<CardToken>,
}

/// The names of the shop that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub shop_name: String,
    /// Normalised.
    pub subdomain: String,
}

/// What is typed where a shop is only named anew.
#[derive(Debug)]
pub(crate) struct Renamed {
    pub shop: Names,
    pub owner_name: PersonName,
    pub email: Email,
}

/// The content of a form in which one pays in one of these ways, or everything that is wrong with it.
pub(crate) fn check(typed: &Typed, token: Option<&str>, offered: &[PaymentMethod]) -> Result<Checked, Vec<FieldError>> {
    let mut errors = Errors::default();
    let checked = read(typed, token, offered, &mut errors);
    match (errors.or(()), checked) {
        (Ok(()), Some(checked)) => Ok(checked),
        (Err(errors), _) => Err(in_order(errors)),
        (Ok(()), None) => Err(unclear()),
    }
}

/// The content of a form that names a shop anew, or everything that is wrong with it.
pub(crate) fn check_names(typed: &Typed) -> Result<Renamed, Vec<FieldError>> {
    let mut errors = Errors::default();
    let (owner_name, email) = (owner_name(typed, &mut errors), email(typed, &mut errors));
    let shop = names(typed, &mut errors);
    match (errors.or(()), owner_name, email) {
        (Ok(()), Some(owner_name), Some(email)) => Ok(Renamed { shop, owner_name, email }),
        (Err(errors), _, _) => Err(in_order(errors)),
        (Ok(()), _, _) => Err(unclear()),
    }
}

/// Said where no rule has refused anything, and something is missing for all that.
fn unclear() -> Vec<FieldError> {
    vec![FieldError::new("name", Code::Invalid, "Confira os dados do formulário.")]
}

/// Errors as their fields stand on the page: the first of them is looked at first.
fn in_order(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.sort_by_key(|error| NAMES.iter().position(|name| *name == error.pointer));
    errors
}

fn read(typed: &Typed, token: Option<&str>, offered: &[PaymentMethod], errors: &mut Errors) -> Option<Checked> {
    if ![PERSON, COMPANY].contains(&typed.at("kind")) {
        errors.add("kind", Code::Required, "Diga se quem assina é uma pessoa ou uma empresa.");
    }
    let is_company = typed.is_company();
    let name = if is_company { "a razão social" } else { "seu nome completo" };
    let name = fitting(errors, "name", name, PersonName::new(typed.at("name")));
    let document = document(typed, errors);
    let owner_name = match is_company {
        true => self::owner_name(typed, errors),
        false => name.clone(),
    };
    let email = email(typed, errors);
    let phone = phone(typed, errors);
    let address = address(typed, errors);
    let shop = names(typed, errors);
    let method = method(typed, offered, errors);
    let card_token = card_token(method, token, errors);
    if typed.at("accept").is_empty() {
        errors.add("accept", Code::Required, "Para assinar é preciso aceitar os termos e o aviso de privacidade.");
    }
    Some(Checked {
        name: name?,
        document: document?,
        owner_name: owner_name?,
        email: email?,
        phone: phone?,
        address: address?,
        shop,
        method: method?,
        card_token,
    })
}

/// A value that was taken; else the field is asked for by these words.
fn fitting<T>(errors: &mut Errors, field: &str, asked: &str, value: Result<T, Unfit>) -> Option<T> {
    match value {
        Ok(value) => Some(value),
        Err(Unfit::TooLong(most)) => {
            errors.add(field, Code::TooLong, format!("Escreva até {most} caracteres."));
            None
        }
        Err(Unfit::Empty) => {
            errors.add(field, Code::Required, format!("Informe {asked}."));
            None
        }
        Err(Unfit::Malformed) => {
            errors.add(field, Code::Invalid, format!("Informe {asked}, sem outros sinais."));
            None
        }
    }
}

fn owner_name(typed: &Typed, errors: &mut Errors) -> Option<PersonName> {
    fitting(errors, "owner_name", "o nome de quem vai cuidar da loja", PersonName::new(typed.at("owner_name")))
}

fn email(typed: &Typed, errors: &mut Errors) -> Option<Email> {
    fitting(errors, "email", "o e-mail inteiro, como ana@exemplo.com.br", Email::new(typed.at("email")))
}

fn document(typed: &Typed, errors: &mut Errors) -> Option<Document> {
    let (text, is_company) = (typed.at("document"), typed.is_company());
    let read = brazil::Document::parse(text);
    let wrong = match (&read, is_company) {
        (Ok(brazil::Document::Cnpj(_)), true) | (Ok(brazil::Document::Cpf(_)), false) => None,
        (Ok(brazil::Document::Cnpj(_)), false) => Some("Este é um CNPJ: escolha «Empresa», ou informe um CPF."),
        (Ok(brazil::Document::Cpf(_)), true) => Some("Este é um CPF: escolha «Pessoa», ou informe um CNPJ."),
        (Err(_), true) => Some("Confira o CNPJ: são 14 letras e números, e os dois últimos têm de bater."),
        (Err(_), false) => Some("Confira o CPF: são 11 números, e os dois últimos têm de bater."),
    };
    if let Some(wrong) = wrong {
        errors.add("document", if text.trim().is_empty() { Code::Required } else { Code::Invalid }, wrong);
        return None;
    }
    let document = read.ok().and_then(|document| Document::new(document.digits()).ok());
    if document.is_none() {
        errors.add("document", Code::Invalid, "Confira o documento.");
    }
    document
}

fn phone(typed: &Typed, errors: &mut Errors) -> Option<Phone> {
    let phone = brazil::Phone::parse(typed.at("phone")).ok().and_then(|phone| Phone::new(&phone.e164()).ok());
    if phone.is_none() {
        errors.add("phone", Code::Invalid, "Informe um telefone do Brasil com DDD, como (11) 98765-4321.");
    }
    phone
}

fn address(typed: &Typed, errors: &mut Errors) -> Option<PostalAddress> {
    let zip = Cep::parse(typed.at("zip")).ok();
    if zip.is_none() {
        errors.add("zip", Code::Invalid, "Confira o CEP: são oito números, como 01310-100.");
    }
    let state = State::parse(typed.at("state")).ok();
    if state.is_none() {
        errors.add("state", Code::Required, "Escolha o estado.");
    }
    for (field, words) in [("street", "a rua"), ("number", "o número, ou s/n"), ("city", "a cidade")] {
        if typed.at(field).trim().is_empty() {
            errors.add(field, Code::Required, format!("Informe {words}."));
        }
    }
    let (zip, state) = (zip?, state?.to_string());
    let parts = AddressParts {
        postal_code: zip.digits(),
        street: typed.at("street"),
        number: typed.at("number"),
        complement: typed.at("complement"),
        district: typed.at("district"),
        city: typed.at("city"),
        state: &state,
    };
    match PostalAddress::new(parts) {
        Ok(address) => Some(address),
        // It was said above.
        Err((_, Unfit::Empty)) => None,
        Err((part, unfit)) => {
            let field = if part == "postal_code" { "zip" } else { part };
            fitting::<PostalAddress>(errors, field, "este campo em uma linha", Err(unfit))
        }
    }
}

/// The names as they are typed; what is wrong with them stands among the errors.
fn names(typed: &Typed, errors: &mut Errors) -> Names {
    let shop_name = typed.at("shop_name").trim().to_owned();
    SHOP_NAME.check(errors, "shop_name", Some(&shop_name));
    // Mails of the shop are from it: a header has one line, and no sign that nobody sees.
    if let Some(detail) = forbidden(&shop_name, Lines::One) {
        errors.add("shop_name", Code::Invalid, detail);
    }
    let subdomain = normalise_subdomain(typed.at("subdomain"));
    if let Err(refusal) = check_subdomain(&subdomain) {
        errors.add("subdomain", refusal.code, refusal.detail);
    }
    Names { shop_name, subdomain }
}

fn method(typed: &Typed, offered: &[PaymentMethod], errors: &mut Errors) -> Option<PaymentMethod> {
    let word = typed.at("method");
    let known = METHODS.into_iter().find(|(_, known)| *known == word).map(|(method, _)| method);
    let method = known.filter(|method| offered.contains(method));
    if method.is_none() {
        errors.add("method", Code::Required, "Escolha como pagar.");
    }
    method
}

/// The token of a card, where one pays. That there is none is a browser without JavaScript, as a rule.
fn card_token(method: Option<PaymentMethod>, token: Option<&str>, errors: &mut Errors) -> Option<CardToken> {
    if method != Some(PaymentMethod::Card) {
        return None;
    }
    let token = token.and_then(|token| CardToken::new(token).ok());
    if token.is_none() {
        let detail =
            "Informe o cartão de novo. Sem JavaScript o cartão não pode ser usado aqui: pague com Pix ou boleto.";
        errors.add("method", Code::Required, detail);
    }
    token
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_web::forms::Form;

    use super::*;

    const ALL: [PaymentMethod; 3] = [PaymentMethod::Card, PaymentMethod::Pix, PaymentMethod::Boleto];
    const GOOD: [(&str, &str); 15] = [
        ("kind", "person"),
        ("name", "Ana Lima"),
        ("document", "529.982.247-25"),
        ("email", "ana@loja.example"),
        ("phone", "(11) 98765-4321"),
        ("zip", "01310-100"),
        ("street", "Avenida Paulista"),
        ("number", "1578"),
        ("district", "Bela Vista"),
        ("city", "São Paulo"),
        ("state", "SP"),
        ("shop_name", "Padaria da Ana"),
        ("subdomain", " Padaria-da-Ana "),
        ("method", "pix"),
        ("accept", "on"),
    ];

    /// The form with these texts in the place of others.
    async fn typed(changes: &[(&str, &str)]) -> Typed {
        let kept = GOOD.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        let encoded = |text: &str| text.bytes().map(byte).collect::<String>();
        let pairs = kept.chain(changes).map(|(name, text)| format!("{name}={}", encoded(text)));
        let body = pairs.collect::<Vec<_>>().join("&");
        Typed::sent(&Form::read("application/x-www-form-urlencoded", &body.into()).await.unwrap())
    }

    async fn wrong(changes: &[(&str, &str)]) -> Vec<String> {
        let errors = check(&typed(changes).await, None, &ALL).unwrap_err();
        errors.into_iter().map(|error| error.pointer).collect()
    }

    #[tokio::test]
    async fn s05_a_person_and_a_company_with_documents_of_both_forms_are_understood() {
        let person = check(&typed(&[]).await, None, &ALL).unwrap();
        assert_eq!((person.name.expose(), person.owner_name.expose()), ("Ana Lima", "Ana Lima"));
        assert_eq!((person.document.expose(), person.phone.expose()), ("52998224725", "+5511987654321"));
        assert_eq!((person.shop.subdomain.as_str(), person.method), ("padaria-da-ana", PaymentMethod::Pix));
        assert_eq!((person.address.expose().postal_code, person.address.expose().complement), ("01310100", ""));
        for document in ["11.222.333/0001-81", "12.ABC.345/01DE-35"] {
            let changes = [("kind", "company"), ("document", document), ("owner_name", "Ana")];
            let company = check(&typed(&changes).await, None, &ALL).unwrap();
            assert_eq!((company.name.expose(), company.owner_name.expose()), ("Ana Lima", "Ana"), "{document}");
        }
    }

    #[tokio::test]
    async fn s05_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_page() {
        let nothing: Vec<(&str, &str)> = GOOD.iter().map(|(name, _)| (*name, "")).collect();
        let expected = [
            "kind",
            "name",
            "document",
            "email",
            "phone",
            "zip",
            "street",
            "number",
            "city",
            "state",
            "shop_name",
            "subdomain",
            "method",
            "accept",
        ];
        assert_eq!(wrong(&nothing).await, expected);
        for (changes, field) in [
            ([("document", "529.982.247-26")], "document"),
            ([("document", "11.222.333/0001-81")], "document"),
            ([("email", "ana@loja")], "email"),
            ([("phone", "99999")], "phone"),
            ([("zip", "00000-000")], "zip"),
            ([("state", "XX")], "state"),
            ([("number", "um número que não cabe em lugar nenhum")], "number"),
            ([("shop_name", "Padaria\tda Ana")], "shop_name"),
            ([("shop_name", "Padaria\u{0}da Ana")], "shop_name"),
            ([("shop_name", "Padaria\u{85}da Ana")], "shop_name"),
            ([("name", "Ana\tLima")], "name"),
            ([("subdomain", "a b")], "subdomain"),
            ([("subdomain", "mercado-livre")], "subdomain"),
            ([("method", "cheque")], "method"),
        ] {
            assert_eq!(wrong(&changes).await, [field], "{changes:?}");
        }
        assert_eq!(wrong(&[("kind", "company"), ("document", "11.222.333/0001-81")]).await, ["owner_name"]);
    }

    #[tokio::test]
    async fn a_shop_that_is_named_anew_takes_its_names_and_who_cares_for_it() {
        let renamed = check_names(&typed(&[("owner_name", "Ana")]).await).unwrap();
        assert_eq!((renamed.shop.subdomain.as_str(), renamed.owner_name.expose()), ("padaria-da-ana", "Ana"));
        assert_eq!(renamed.email.expose(), "ana@loja.example");
        for (changes, field) in [
            ([("owner_name", "Ana\tLima"), ("shop_name", "Padaria")], "owner_name"),
            ([("owner_name", "Ana"), ("shop_name", "Padaria\nda Ana")], "shop_name"),
        ] {
            let wrong = check_names(&typed(&changes).await).unwrap_err();
            assert_eq!((wrong.len(), wrong[0].pointer.as_str()), (1, field));
        }
        let wrong = check_names(&typed(&[("email", ""), ("subdomain", "a")]).await).unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(fields, ["owner_name", "email", "subdomain"]);
    }

    #[tokio::test]
    async fn a_card_pays_by_its_token_alone_and_a_way_that_is_not_offered_by_nothing() {
        let by_card = typed(&[("method", "card")]).await;
        assert_eq!(check(&by_card, None, &ALL).unwrap_err()[0].pointer, "method");
        let paid = check(&by_card, Some("token_1"), &ALL).unwrap();
        assert_eq!(paid.card_token.unwrap().expose(), "token_1");
        assert!(check(&typed(&[]).await, Some("token_1"), &ALL).unwrap().card_token.is_none());
        assert_eq!(check(&by_card, Some("token_1"), &ALL[1..]).unwrap_err()[0].pointer, "method");
    }
}
