//! The fields of the form as the template has them: what each is called, and what a browser knows to fill in.

use feira_schemas::{brazil::State, problem::FieldError, records::payments::PaymentMethod};

use super::typed::{COMPANY, METHODS, PERSON, Typed};

/// The label of the shop's first administrator.
const OWNER: &str = "Quem vai cuidar da loja";

/// A field of one line.
pub(crate) struct Field {
    pub name: &'static str,
    pub label: &'static str,
    /// The input's type; `select` for the states.
    pub kind: &'static str,
    pub autocomplete: &'static str,
    /// The keyboard that a telephone shows.
    pub mode: &'static str,
    pub most: usize,
    pub required: bool,
    /// The classes of its box.
    pub class: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub error: Option<String>,
    /// True for the first that is wrong.
    pub focus: bool,
    /// What is chosen from.
    pub options: Vec<String>,
}

/// A choice among some.
pub(crate) struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub chosen: bool,
    /// True if it is looked at first.
    pub focus: bool,
}

/// Who subscribes.
pub(crate) fn buyer_fields(typed: &Typed, wrong: &[FieldError]) -> Vec<Field> {
    let name = Field { autocomplete: "name", class: "wide", ..line("name", "Nome completo ou razão social") };
    let document = Field {
        autocomplete: "off",
        most: 20,
        hint: "Com ou sem pontos. O CNPJ pode ter letras.",
        ..line("document", "CPF ou CNPJ")
    };
    let owner = Field {
        autocomplete: "off",
        required: false,
        class: "company",
        hint: "De uma pessoa: é quem entra primeiro no painel.",
        ..line("owner_name", OWNER)
    };
    let email = Field {
        kind: "email",
        autocomplete: "email",
        mode: "email",
        most: 254,
        hint: "Para cá vai o link com que você cria a senha.",
        ..line("email", "E-mail")
    };
    let phone = Field { kind: "tel", autocomplete: "tel", mode: "tel", most: 25, ..line("phone", "Telefone com DDD") };
    [name, document, owner, email, phone].map(|field| field.with(typed, wrong)).into()
}

/// Where the bill goes to.
pub(crate) fn address_fields(typed: &Typed, wrong: &[FieldError]) -> Vec<Field> {
    let zip = Field { autocomplete: "postal-code", mode: "numeric", most: 10, class: "short", ..line("zip", "CEP") };
    let street = Field { autocomplete: "address-line1", class: "wide", ..line("street", "Rua") };
    let number = Field { autocomplete: "off", most: 20, class: "short", ..line("number", "Número") };
    let complement =
        Field { autocomplete: "address-line2", required: false, ..line("complement", "Complemento (se houver)") };
    let district = Field { autocomplete: "address-level3", required: false, ..line("district", "Bairro") };
    let city = Field { autocomplete: "address-level2", ..line("city", "Cidade") };
    let state = Field {
        kind: "select",
        autocomplete: "address-level1",
        class: "short",
        options: State::ALL.iter().map(State::to_string).collect(),
        ..line("state", "Estado")
    };
    [zip, street, number, complement, district, city, state].map(|field| field.with(typed, wrong)).into()
}

/// The shop that is to be.
pub(crate) fn shop_fields(typed: &Typed, wrong: &[FieldError]) -> Vec<Field> {
    let name = Field { autocomplete: "organization", class: "wide", ..line("shop_name", "Nome da loja") };
    let subdomain = Field {
        autocomplete: "off",
        most: 40,
        class: "wide",
        hint: "De 3 a 40 letras sem acento, números ou hífens.",
        ..line("subdomain", "Endereço da loja")
    };
    [name, subdomain].map(|field| field.with(typed, wrong)).into()
}

/// A shop that is named anew, and who cares for it.
pub(crate) fn renaming_fields(typed: &Typed, wrong: &[FieldError]) -> Vec<Field> {
    let owner = Field { autocomplete: "name", ..line("owner_name", OWNER) };
    let email = Field { kind: "email", autocomplete: "email", mode: "email", most: 254, ..line("email", "E-mail") };
    shop_fields(typed, wrong).into_iter().chain([owner, email].map(|field| field.with(typed, wrong))).collect()
}

/// The two kinds of who subscribes.
pub(crate) fn kinds(typed: &Typed, wrong: &[FieldError]) -> Vec<Choice> {
    let choice = |value: &'static str, label: &'static str| Choice {
        value,
        label,
        hint: "",
        chosen: typed.is_company() == (value == COMPANY),
        focus: value == PERSON && is_first(wrong, "kind"),
    };
    vec![choice(PERSON, "Pessoa"), choice(COMPANY, "Empresa")]
}

/// The ways to pay; the first of them unless another was chosen.
pub(crate) fn methods(offered: &[PaymentMethod], typed: &Typed, wrong: &[FieldError]) -> Vec<Choice> {
    let known = METHODS.into_iter().filter(|(method, _)| offered.contains(method));
    let was_chosen = METHODS.iter().any(|(method, word)| offered.contains(method) && typed.at("method") == *word);
    known
        .enumerate()
        .map(|(place, (method, value))| {
            let (label, hint) = said(method);
            let chosen = if was_chosen { typed.at("method") == value } else { place == 0 };
            Choice { value, label, hint, chosen, focus: place == 0 && is_first(wrong, "method") }
        })
        .collect()
}

fn said(method: PaymentMethod) -> (&'static str, &'static str) {
    match method {
        PaymentMethod::Card => ("Cartão de crédito", "Aprovado na hora, e cobrado de novo a cada período."),
        PaymentMethod::Pix => ("Pix", "A loja abre assim que você paga o código."),
        PaymentMethod::Boleto | PaymentMethod::Unknown => {
            ("Boleto", "Vence em 2 dias; a loja abre quando o banco confirma.")
        }
    }
}

fn line(name: &'static str, label: &'static str) -> Field {
    Field {
        name,
        label,
        kind: "text",
        autocomplete: "",
        mode: "text",
        most: 255,
        required: true,
        class: "",
        hint: "",
        value: String::new(),
        error: None,
        focus: false,
        options: Vec::new(),
    }
}

impl Field {
    /// The field with what was typed into it, and what is wrong with that.
    fn with(self, typed: &Typed, wrong: &[FieldError]) -> Self {
        let error = wrong.iter().find(|error| error.pointer == self.name).map(|error| error.detail.clone());
        let (value, focus) = (typed.at(self.name).to_owned(), is_first(wrong, self.name));
        Self { value, error, focus, ..self }
    }

    /// The ids of what is said of it, for who can't see where they stand.
    pub fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

fn is_first(wrong: &[FieldError], name: &str) -> bool {
    wrong.first().is_some_and(|first| first.pointer == name)
}
