//! What the pages of accounts at payment gateways say, and what is typed into their form.

use feira_schemas::{
    problem::{Code, FieldError},
    records::payments::{Account, AccountKind, AccountStatus},
};
use feira_web::forms::Form;
use serde_json::{Value, json};

use crate::{forms::Choice, shop::Status};

/// The word for an account whose gateway moves the money.
const WHOLE_SERVICE: &str = "whole_service";
/// The word for an account whose gateway passes requests on to an acquirer of the merchant's own.
const OWN_ACQUIRER: &str = "own_acquirer";
/// The kinds of accounts, with what people read.
const KINDS: [(&str, &str); 2] = [
    (WHOLE_SERVICE, "O gateway recebe o dinheiro e o repassa (o mais comum)"),
    (OWN_ACQUIRER, "O gateway só encaminha à minha adquirente"),
];
/// The beginnings of secret keys, of both gateways.
const SECRET: [&str; 2] = ["sk_", "rk_"];

/// The name of a gateway, as people know it.
pub(super) fn gateway(name: &str) -> &str {
    match name {
        "pagarme" => "pagar.me",
        "stripe" => "Stripe",
        other => other,
    }
}

/// How far an account is.
pub(super) fn status(account: &Account) -> Status {
    let (word, look) = match account.status {
        AccountStatus::Untested | AccountStatus::Unknown => ("Em teste", ""),
        AccountStatus::Ready => ("Pronta", "good"),
        AccountStatus::Broken => ("Com problema", "bad"),
        AccountStatus::Retired => ("Aposentada", ""),
    };
    Status { word, look }
}

/// What the state of an account means, and what to do.
pub(super) fn means(account: &Account) -> &'static str {
    match account.status {
        AccountStatus::Untested | AccountStatus::Unknown => {
            "O gateway ainda não respondeu ao teste da chave, e até lá nada é cobrado por esta conta. Recarregue a página em \
             instantes."
        }
        AccountStatus::Ready => "O gateway aceitou a chave: a conta cobra.",
        AccountStatus::Broken => account.mending(),
        AccountStatus::Retired if account.why.is_some() => account.mending(),
        AccountStatus::Retired => {
            "A conta não recebe novas cobranças. As que já fez são acompanhadas e devolvidas por ela; por isso a chave \
             continua guardada."
        }
    }
}

/// True if somebody must look at the account.
pub(super) fn is_wrong(account: &Account) -> bool {
    account.status == AccountStatus::Broken || (account.status == AccountStatus::Retired && account.why.is_some())
}

/// What is typed into the form, as text; never a secret, which nobody is shown again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub gateway: String,
    pub kind: String,
    pub public_key: String,
    pub notify_email: String,
}

impl Typed {
    /// What a form that was sent holds. The gateway of an account that is there never changes.
    pub fn sent(form: &Form, present: Option<&Account>) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            name: text("/name"),
            gateway: present.map_or_else(|| text("/gateway"), |account| account.gateway.clone()),
            kind: text("/kind"),
            public_key: text("/public_key"),
            notify_email: text("/notify_email"),
        }
    }

    /// What the form of an account is filled with.
    pub fn of(account: &Account, notify_email: &str) -> Self {
        let kind = if account.kind == AccountKind::OwnAcquirer { OWN_ACQUIRER } else { WHOLE_SERVICE };
        Self {
            name: account.name.clone(),
            gateway: account.gateway.clone(),
            kind: kind.to_owned(),
            public_key: account.public_key.clone(),
            notify_email: notify_email.to_owned(),
        }
    }

    /// The gateways, of which one is chosen.
    pub fn gateways(&self) -> Vec<Choice> {
        let choice = |value: &'static str| Choice::new(value, gateway(value), self.gateway == value);
        feira_api_payments::accounts::gateways().map(choice).collect()
    }

    /// The kinds, of which one is chosen.
    pub fn kinds(&self) -> Vec<Choice> {
        let choice = |(value, word): (&'static str, &'static str)| Choice::new(value, word, self.kind == value);
        KINDS.into_iter().map(choice).collect()
    }

    /// The body of the API that a form fills. Secrets that are left blank stay; so does the address of notices, where it is typed as it
    /// is kept: sealed anew it would be a change.
    pub fn body(&self, form: &Form, kept_email: Option<&str>) -> Value {
        let filled = |name| form.text(name).map(str::trim).filter(|text| !text.is_empty());
        let email = self.notify_email.trim();
        let email = Some(email).filter(|email| kept_email != Some(*email));
        json!({
            "name": self.name,
            "gateway": self.gateway,
            "kind": form.text("/kind"),
            "public_key": filled("/public_key"),
            "secret_key": filled("/secret_key"),
            "callback_secret": filled("/callback_secret"),
            "notify_email": email,
        })
    }

    /// Says that a secret key was typed where the public one belongs, which every buyer's browser gets.
    pub fn mixed_up(&self) -> Option<FieldError> {
        let typed = self.public_key.trim();
        SECRET.iter().any(|begins| typed.starts_with(begins)).then(|| {
            let detail = "Esta é uma chave secreta, e aqui vai a pública, que começa com pk_.";
            FieldError::new("/public_key", Code::Invalid, detail)
        })
    }

    /// The same without what must not be shown again: a secret key in the place of the public one.
    pub fn without_secrets(self) -> Self {
        match self.mixed_up() {
            Some(_) => Self { public_key: String::new(), ..self },
            None => self,
        }
    }

    /// The fields in which an account as it is kept differs from what is typed: the field's word, and what is kept.
    pub fn differs(&self, kept: &Self) -> Vec<(&'static str, String)> {
        let email = if kept.notify_email.is_empty() { "ninguém" } else { kept.notify_email.as_str() };
        let kind = KINDS.iter().find(|(value, _)| *value == kept.kind).map_or("", |(_, word)| *word);
        let fields = [
            ("Nome", self.name.trim() == kept.name, kept.name.as_str()),
            ("Quem move o dinheiro", self.kind == kept.kind, kind),
            ("Chave pública", self.public_key.trim() == kept.public_key, kept.public_key.as_str()),
            ("Avisos por e-mail", self.notify_email.trim() == kept.notify_email, email),
        ];
        fields.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept.to_owned())).collect()
    }
}

/// Errors at the names that the form has: who decides calls the secret key otherwise than the body.
pub(super) fn at_fields(errors: Vec<FieldError>) -> Vec<FieldError> {
    let named = |error: FieldError| match error.pointer.as_str() {
        "/key" | "/api_key" => FieldError { pointer: "/secret_key".into(), ..error },
        "/encryption_key" => FieldError { pointer: "/public_key".into(), ..error },
        _ => error,
    };
    errors.into_iter().map(named).collect()
}

/// How a gateway's notices reach an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Callbacks {
    pub address: String,
    /// True where the gateway signs them by a secret of its own; else it sends user and password.
    pub is_signed: bool,
    /// False until that secret is saved.
    pub is_set: bool,
    pub user: String,
    pub password: String,
}

impl Callbacks {
    /// As the API shows them of an account.
    pub fn of(account: &Value) -> Self {
        let shown = &account["callback"];
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        Self {
            address: text("address"),
            is_signed: shown["proof"] == "signature",
            is_set: shown["is_set"] == true,
            user: text("user"),
            password: text("password"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(public_key: &str) -> Typed {
        let (name, gateway, kind) = ("Principal".to_owned(), "stripe".to_owned(), WHOLE_SERVICE.to_owned());
        Typed { name, gateway, kind, public_key: public_key.into(), notify_email: "a@b.example".into() }
    }

    #[test]
    fn a_secret_key_in_the_place_of_the_public_one_is_said_and_not_shown_again() {
        for (key, is_secret) in [("pk_live_1", false), (" sk_live_1", true), ("rk_test_1", true), ("", false)] {
            assert_eq!(typed(key).mixed_up().is_some(), is_secret, "{key}");
            assert_eq!(typed(key).without_secrets().public_key, if is_secret { "" } else { key });
        }
    }

    #[test]
    fn an_address_that_is_typed_as_it_is_kept_is_no_change_and_a_blank_one_tells_nobody() {
        let form = Form::default();
        assert_eq!(typed("pk").body(&form, Some("a@b.example"))["notify_email"], Value::Null);
        assert_eq!(typed("pk").body(&form, Some("c@d.example"))["notify_email"], "a@b.example");
        let blank = Typed { notify_email: " ".into(), ..typed("pk") };
        assert_eq!(blank.body(&form, Some("c@d.example"))["notify_email"], "");
        assert_eq!(blank.body(&form, None)["secret_key"], Value::Null);
    }

    #[test]
    fn what_is_wrong_stands_at_the_fields_that_the_form_has() {
        let error = |pointer: &str| FieldError::new(pointer, Code::Invalid, "x");
        let at = at_fields(vec![error("/key"), error("/encryption_key"), error("/name")]);
        let at: Vec<_> = at.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(at, ["/secret_key", "/public_key", "/name"]);
    }

    #[test]
    fn how_notices_come_is_read_as_the_api_shows_it() {
        let shown = json!({"callback": {"address": "https://a", "proof": "signature", "is_set": false, "user": null}});
        let callbacks = Callbacks::of(&shown);
        assert!(callbacks.is_signed && !callbacks.is_set && callbacks.user.is_empty(), "{callbacks:?}");
        assert_eq!(callbacks.address, "https://a");
    }

    #[test]
    fn an_account_is_kept_as_it_is_typed() {
        let kept = typed("pk_1");
        assert!(typed(" pk_1 ").differs(&kept).is_empty());
        let differs = typed("pk_2").differs(&Typed { notify_email: String::new(), ..kept });
        let expected = [("Chave pública", "pk_1".to_owned()), ("Avisos por e-mail", "ninguém".to_owned())];
        assert_eq!(differs, expected);
        let differs = Typed { kind: OWN_ACQUIRER.into(), ..typed("pk_1") }.differs(&typed("pk_1"));
        assert_eq!(differs, [("Quem move o dinheiro", KINDS[0].1.to_owned())]);
    }
}
