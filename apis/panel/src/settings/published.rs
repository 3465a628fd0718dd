//! What the page of settings says of who sells: contact, seller and policies, a form each, and what of it the law asks for and is missing.

use feira_schemas::{
    brazil::{Document, Phone},
    limits,
    records::admin::Settings,
};
use feira_web::forms::Form;

use super::model::Stale;
use crate::frame::Wrong;

/// Characters of a kept policy that are shown beside what is typed.
const SHOWN: usize = 200;
/// Characters of an e-mail address (RFC 5321, 4.5.3.1).
const EMAIL_CHARS: usize = 254;
/// Characters of a telephone or a document, however it is punctuated.
const NUMBER_CHARS: usize = 32;

/// A part of the page, whose form is sent alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Contact,
    Seller,
    Policies,
}

/// A form of one part that was sent and not done.
pub(super) struct Sent {
    pub part: Part,
    pub wrong: Wrong,
    /// What is wrong with the form as a whole.
    pub refused: Option<String>,
    pub is_stale: bool,
}

/// An input as its part has it.
struct Input {
    name: &'static str,
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    /// The input's type; `area` is a text of several lines.
    kind: &'static str,
    most: usize,
}

/// An input with what stands in it.
pub(super) struct Field {
    pub name: &'static str,
    pub id: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: &'static str,
    pub most: usize,
    pub value: String,
    pub error: Option<String>,
    /// True of the first field that is wrong: it is looked at first.
    pub is_first: bool,
}

/// A part as the page shows it.
pub(super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    pub action: &'static str,
    /// The version that the form changes.
    pub version: String,
    pub fields: Vec<Field>,
    pub refused: Option<String>,
    pub stale: Option<Stale>,
}

const CONTACT: [Input; 3] = [
    Input {
        name: "/contact/email",
        id: "contact-email",
        label: "E-mail",
        hint: "O endereço em que você responde a quem compra.",
        kind: "email",
        most: EMAIL_CHARS,
    },
    Input {
        name: "/contact/phone",
        id: "contact-phone",
        label: "Telefone com DDD",
        hint: "Fixo ou celular, como (11) 3333-4444.",
        kind: "tel",
        most: NUMBER_CHARS,
    },
    Input {
        name: "/contact/whatsapp",
        id: "contact-whatsapp",
        label: "WhatsApp (se quiser)",
        hint: "O número pelo qual você atende por mensagem, com DDD.",
        kind: "tel",
        most: NUMBER_CHARS,
    },
];

const SELLER: [Input; 3] = [
    Input {
        name: "/seller/name",
        id: "seller-name",
        label: "Razão social ou nome completo",
        hint: "O nome da empresa como está no CNPJ, ou o seu, se você vende como pessoa física.",
        kind: "text",
        most: limits::NAME_CHARS,
    },
    Input {
        name: "/seller/document",
        id: "seller-document",
        label: "CNPJ ou CPF",
        hint: "Pontos e traços podem faltar, e o CNPJ pode ter letras.",
        kind: "text",
        most: NUMBER_CHARS,
    },
    Input {
        name: "/seller/address",
        id: "seller-address",
        label: "Endereço",
        hint: "Rua, número, bairro, cidade, estado e CEP, em uma linha.",
        kind: "text",
        most: limits::SELLER_ADDRESS_CHARS,
    },
];

const POLICIES: [Input; 3] = [
    Input {
        name: "/policies/returns",
        id: "policies-returns",
        label: "Trocas, devoluções e desistência",
        hint: "Quem compra pela internet pode desistir em até 7 dias depois de receber. Diga como devolver.",
        kind: "area",
        most: limits::POLICY_CHARS,
    },
    Input {
        name: "/policies/privacy",
        id: "policies-privacy",
        label: "Privacidade",
        hint: "Quais dados de quem compra você usa, e para quê.",
        kind: "area",
        most: limits::POLICY_CHARS,
    },
    Input {
        name: "/policies/terms",
        id: "policies-terms",
        label: "Termos de uso",
        hint: "As outras regras da loja: prazos, entregas, garantias.",
        kind: "area",
        most: limits::POLICY_CHARS,
    },
];

impl Part {
    const ALL: [Self; 3] = [Self::Contact, Self::Seller, Self::Policies];

    /// The address that its form is sent to.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Contact => "/admin/settings/contact",
            Self::Seller => "/admin/settings/seller",
            Self::Policies => "/admin/settings/policies",
        }
    }

    fn inputs(self) -> &'static [Input] {
        match self {
            Self::Contact => &CONTACT,
            Self::Seller => &SELLER,
            Self::Policies => &POLICIES,
        }
    }

    /// Its id on the page, its title, and what is said of it.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Contact => ("contato", "Contato", "Aparece no fim de todas as páginas da loja."),
            Self::Seller => (
                "quem-vende",
                "Quem vende",
                "A lei pede que toda loja na internet mostre o nome, o CNPJ ou CPF e o endereço de quem vende.",
            ),
            Self::Policies => (
                "politicas",
                "Políticas",
                "Cada uma tem sua página, com um link no fim das outras. Uma linha em branco separa os parágrafos.",
            ),
        }
    }
}

/// The parts as they are kept; of the one that was sent, as it was typed.
pub(super) fn sections(settings: &Settings, form: &Form, version: Option<&str>, sent: Option<&Sent>) -> Vec<Section> {
    let section = |part: Part| {
        let sent = sent.filter(|sent| sent.part == part);
        let version = version.filter(|_| sent.is_some_and(|sent| !sent.is_stale));
        let (id, title, lead) = part.words();
        Section {
            id,
            title,
            lead,
            action: part.action(),
            version: version.map_or_else(|| settings.version.to_string(), str::to_owned),
            fields: part.inputs().iter().map(|input| field(input, settings, form, sent)).collect(),
            refused: sent.and_then(|sent| sent.refused.clone()),
            stale: sent.filter(|sent| sent.is_stale).map(|_| Stale { differs: differs(part, settings, form) }),
        }
    };
    Part::ALL.into_iter().map(section).collect()
}

fn field(input: &Input, settings: &Settings, form: &Form, sent: Option<&Sent>) -> Field {
    let Input { name, id, label, hint, kind, most } = *input;
    let value = match sent {
        Some(_) => form.text(name).unwrap_or_default().to_owned(),
        None => kept(settings, name),
    };
    let error = sent.and_then(|sent| sent.wrong.at(name)).map(str::to_owned);
    let is_first = sent.is_some_and(|sent| sent.wrong.begins_at(name));
    Field { name, id, label, hint, kind, most, value, error, is_first }
}

/// The fields of a part in which what is kept differs from what is typed, and what is kept.
fn differs(part: Part, settings: &Settings, form: &Form) -> Vec<(&'static str, String)> {
    let differing = |input: &Input| {
        let kept = kept(settings, input.name);
        let typed = written(input.name, form.text(input.name).unwrap_or_default().trim());
        (kept != typed).then(|| (input.label, shown(&kept)))
    };
    part.inputs().iter().filter_map(differing).collect()
}

fn shown(kept: &str) -> String {
    if kept.is_empty() {
        return "em branco".to_owned();
    }
    let mut shown: String = kept.chars().take(SHOWN).collect();
    if shown.len() < kept.len() {
        shown.push('…');
    }
    shown
}

/// What is kept under an input's name, as people write it.
fn kept(settings: &Settings, name: &str) -> String {
    let (contact, seller) = (settings.contact.as_ref(), settings.seller.as_ref());
    let policies = settings.policies.as_ref();
    let text = match name {
        "/contact/email" => contact.and_then(|contact| contact.email.as_deref()),
        "/contact/phone" => contact.and_then(|contact| contact.phone.as_deref()),
        "/contact/whatsapp" => contact.and_then(|contact| contact.whatsapp.as_deref()),
        "/seller/name" => seller.and_then(|seller| seller.name.as_deref()),
        "/seller/document" => seller.and_then(|seller| seller.document.as_deref()),
        "/seller/address" => seller.and_then(|seller| seller.address.as_deref()),
        "/policies/returns" => policies.and_then(|policies| policies.returns.as_deref()),
        "/policies/privacy" => policies.and_then(|policies| policies.privacy.as_deref()),
        "/policies/terms" => policies.and_then(|policies| policies.terms.as_deref()),
        _ => None,
    };
    written(name, text.unwrap_or_default())
}

/// A text as people write what this input takes; what it would not take stays.
fn written(name: &str, text: &str) -> String {
    let written = match name {
        "/contact/phone" | "/contact/whatsapp" => Phone::parse(text).ok().map(|phone| phone.formatted()),
        "/seller/document" => Document::parse(text).ok().map(|document| document.formatted()),
        _ => None,
    };
    written.unwrap_or_else(|| text.to_owned())
}

/// What the law asks for and a shop does not say (Decreto 7.962/2013, article 2), in words.
pub(super) fn lacks(settings: &Settings) -> Vec<&'static str> {
    let asked = [
        ("/seller/name", "o nome ou a razão social de quem vende"),
        ("/seller/document", "o CNPJ ou o CPF de quem vende"),
        ("/seller/address", "o endereço de quem vende"),
        ("/contact/email", "um e-mail para contato"),
    ];
    asked.into_iter().filter(|(name, _)| kept(settings, name).is_empty()).map(|(_, words)| words).collect()
}

/// True if a shop says what buyers ask for before they trust it: how to give back, and what becomes of their data.
pub(super) fn has_policies(settings: &Settings) -> bool {
    ["/policies/returns", "/policies/privacy"].iter().all(|name| !kept(settings, name).is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        problem::{Code, FieldError},
        records::admin::{Contact, Policies, Seller},
    };

    use super::*;

    fn settings() -> Settings {
        let text = |text: &str| Some(text.to_owned());
        Settings {
            version: 7,
            shop_name: "Ateliê".into(),
            tagline: None,
            accent: None,
            logo: None,
            interest_free_installments: None,
            cors_origins: Vec::new(),
            contact: Some(Contact { phone: text("+5511999990000"), ..Contact::default() }),
            seller: Some(Seller { document: text("11222333000181"), ..Seller::default() }),
            policies: Some(Policies { returns: text(&"x".repeat(300)), ..Policies::default() }),
            updated_at: 0,
        }
    }

    fn form(texts: &[(&str, &str)]) -> Form {
        Form::of(texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    #[test]
    fn parts_show_what_is_kept_as_people_write_it() {
        let sections = sections(&settings(), &Form::default(), Some("3"), None);
        let values: Vec<&str> =
            sections.iter().flat_map(|part| &part.fields).map(|field| field.value.as_str()).collect();
        assert_eq!(values[..6], ["", "(11) 99999-0000", "", "", "11.222.333/0001-81", ""]);
        assert!(sections.iter().all(|part| part.version == "7" && part.stale.is_none()));
    }

    #[test]
    fn a_part_that_was_sent_keeps_what_was_typed_and_the_others_what_is_kept() {
        let wrong = Wrong(vec![FieldError::new("/seller/document", Code::Invalid, "Não.")]);
        let sent = Sent { part: Part::Seller, wrong, refused: None, is_stale: false };
        let form = form(&[("/seller/name", "Ana"), ("/seller/document", "12")]);
        let sections = sections(&settings(), &form, Some("3"), Some(&sent));
        let seller = &sections[1];
        assert_eq!((seller.version.as_str(), seller.fields[1].value.as_str()), ("3", "12"));
        assert_eq!((seller.fields[1].error.as_deref(), seller.fields[1].is_first), (Some("Não."), true));
        assert_eq!((sections[0].version.as_str(), sections[0].fields[1].value.as_str()), ("7", "(11) 99999-0000"));
    }

    #[test]
    fn what_somebody_else_has_kept_is_said_beside_what_is_typed() {
        let stale = |part| Sent { part, wrong: Wrong(Vec::new()), refused: None, is_stale: true };
        let typed = form(&[("/contact/phone", "11 99999 0000"), ("/contact/email", "a@b.br")]);
        let shown = sections(&settings(), &typed, Some("3"), Some(&stale(Part::Contact)));
        assert_eq!(shown[0].stale.as_ref().unwrap().differs, [("E-mail", "em branco".to_owned())]);
        assert_eq!(shown[0].version, "7", "what is sent again is meant for what is there now");
        let typed = form(&[("/policies/returns", "y")]);
        let shown = sections(&settings(), &typed, Some("3"), Some(&stale(Part::Policies)));
        let returns = "Trocas, devoluções e desistência";
        assert_eq!(shown[2].stale.as_ref().unwrap().differs, [(returns, "x".repeat(200) + "…")]);
    }

    #[test]
    fn a_shop_is_told_what_the_law_asks_for_until_it_says_it() {
        assert_eq!(lacks(&settings()).len(), 3);
        let bare = Settings { contact: None, seller: None, policies: None, ..settings() };
        assert_eq!(lacks(&bare).len(), 4);
        let text = |text: &str| Some(text.to_owned());
        let contact = Some(Contact { email: text("a@b.br"), ..Contact::default() });
        let seller = Some(Seller { name: text("Ana"), document: text("52998224725"), address: text("Rua A, 1") });
        assert!(lacks(&Settings { contact, seller, ..bare.clone() }).is_empty());
        assert!(!has_policies(&bare) && !has_policies(&settings()));
        let policies = Some(Policies { returns: text("Sete dias."), privacy: text("Nada."), ..Policies::default() });
        assert!(has_policies(&Settings { policies, ..bare }));
    }
}
