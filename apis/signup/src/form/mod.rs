//! The form by which somebody subscribes: what it offers, its fields, what was typed into them, and what goes into a command of it.

mod checked;
mod fields;
mod offer;
mod opened;
mod sealing;
mod sending;
mod typed;
mod unpaid;

use feira_schemas::{problem::FieldError, records::payments::PaymentMethod};
use feira_web::{
    context::Api,
    problem::Problem,
    sessions::{Holder, Visitor},
    tokens,
};
use uuid::Uuid;

use self::fields::{Choice, Field, address_fields, buyer_fields, renaming_fields, shop_fields};
pub(crate) use self::{
    checked::{check, check_names},
    offer::{Ids, Offer, Unvouched},
    opened::open,
    sending::{Asked, Fate, UNCERTAIN, ask, ask_for_names, fate, is_free},
    typed::Typed,
    unpaid::too_many,
};
use crate::words;

/// The hash by which records know a visitor: SHA-256 of the cookie's secret, which stands nowhere.
pub(crate) fn hash_of(visitor: &Visitor) -> String {
    tokens::hash(&visitor.cookie)
}

/// What a browser needs to turn a card into a token.
pub(crate) struct CardKeys {
    /// The gateway's name.
    pub gateway: String,
    /// The address that the browser posts the card to.
    pub tokens: String,
    pub public_key: String,
}

impl CardKeys {
    /// The keys of the account at which cards pay; none where none does, or its gateway is none of this process.
    pub fn of(api: &Api, offer: &Offer) -> Option<Self> {
        let account = &offer.terms(PaymentMethod::Card)?.account;
        let gateway = api.gateways.named(&account.gateway).ok()?;
        let key = gateway.browser_key(&account.public_key);
        Some(Self { gateway: account.gateway.clone(), tokens: key.tokens, public_key: key.public_key })
    }

    /// The origin of the address, which scripts of the page may ask.
    pub fn origin(&self) -> Option<String> {
        let (scheme, rest) = self.tokens.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())?;
        Some(format!("{scheme}://{authority}"))
    }
}

/// What a form is made with, beside what it offers.
pub(crate) struct Making<'a> {
    /// The address that it is sent to.
    pub action: String,
    pub typed: &'a Typed,
    /// What is wrong, in the order of the page.
    pub wrong: &'a [FieldError],
    /// The `Idempotency-Key`; none: a new one.
    pub key: Option<&'a str>,
    /// The number of the try that it is; none for the first, and where a shop is only named anew.
    pub attempt: Option<i32>,
}

/// The form as its template has it.
pub(crate) struct View {
    pub action: String,
    /// The token of this visitor's forms.
    pub csrf: String,
    pub key: String,
    pub terms: String,
    pub token: String,
    /// The number of the try that it is; none for the first.
    pub attempt: Option<i32>,
    pub plan: String,
    pub price: String,
    pub cycle: String,
    pub limits: Vec<String>,
    pub kinds: Vec<Choice>,
    pub kind_error: Option<String>,
    pub buyer: Vec<Field>,
    pub address: Vec<Field>,
    pub shop: Vec<Field>,
    /// What stands behind the sub-domain, such as `.feira.example`.
    pub suffix: String,
    pub methods: Vec<Choice>,
    pub method_error: Option<String>,
    pub card: Option<CardKeys>,
    pub accepted: bool,
    pub accept_error: Option<String>,
    /// True if the box is looked at first.
    pub accept_focus: bool,
    /// True if something is wrong.
    pub is_wrong: bool,
    /// The words on the button: what is paid by it.
    pub button: String,
}

/// The form of another name alone, for what is paid already.
pub(crate) struct NamesView {
    pub action: String,
    pub csrf: String,
    pub key: String,
    pub shop: Vec<Field>,
    pub suffix: String,
    pub is_wrong: bool,
}

impl View {
    /// The form of an offer, for this visitor; `written` is the offer with its token.
    pub fn of(
        api: &Api,
        visitor: &Visitor,
        offer: &Offer,
        (terms, token): (String, String),
        making: Making<'_>,
    ) -> Result<Self, Problem> {
        let shown = offer.shown().ok_or_else(|| Problem::internal("an offer has no terms"))?;
        let Making { action, typed, wrong, key, attempt } = making;
        let (price, cycle) = (shown.price.to_string(), words::cycle(shown.months));
        let card = CardKeys::of(api, offer);
        let payable: Vec<PaymentMethod> =
            offer.methods().iter().copied().filter(|method| *method != PaymentMethod::Card || card.is_some()).collect();
        let error = |name: &str| wrong.iter().find(|error| error.pointer == name).map(|error| error.detail.clone());
        Ok(Self {
            action,
            csrf: Holder::Visitor(&visitor.cookie).token(api),
            key: key.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
            terms,
            token,
            attempt,
            plan: shown.plan_name.clone(),
            button: format!("Assinar por {price} {cycle}"),
            price,
            cycle,
            limits: words::limits(shown.limits),
            kinds: fields::kinds(typed, wrong),
            kind_error: error("kind"),
            buyer: buyer_fields(typed, wrong),
            address: address_fields(typed, wrong),
            shop: shop_fields(typed, wrong),
            suffix: suffix(api),
            methods: fields::methods(&payable, typed, wrong),
            method_error: error("method"),
            card,
            accepted: !typed.at("accept").is_empty(),
            accept_error: error("accept"),
            accept_focus: wrong.first().is_some_and(|first| first.pointer == "accept"),
            is_wrong: !wrong.is_empty(),
        })
    }

    /// The origin of the gateway that the page's script asks.
    pub fn gateway_origin(&self) -> Option<String> {
        self.card.as_ref().and_then(CardKeys::origin)
    }
}

impl NamesView {
    /// The form, for this visitor.
    pub fn of(api: &Api, visitor: &Visitor, making: Making<'_>) -> Self {
        Self {
            action: making.action,
            csrf: Holder::Visitor(&visitor.cookie).token(api),
            key: making.key.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
            shop: renaming_fields(making.typed, making.wrong),
            suffix: suffix(api),
            is_wrong: !making.wrong.is_empty(),
        }
    }
}

fn suffix(api: &Api) -> String {
    format!(".{}", api.config.platform_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s06_scripts_ask_the_gateways_own_origin_and_no_other() {
        for (tokens, origin) in [
            ("https://api.pagar.me/core/v5/tokens?appId=pk", Some("https://api.pagar.me")),
            ("http://127.0.0.1:8091/v1/payment_methods", Some("http://127.0.0.1:8091")),
            ("https://api.stripe.com?x", Some("https://api.stripe.com")),
            ("nothing", None),
            ("https:///x", None),
        ] {
            let keys = CardKeys { gateway: String::new(), tokens: tokens.into(), public_key: String::new() };
            assert_eq!(keys.origin().as_deref(), origin, "{tokens}");
        }
    }
}
