//! Accounts by the admin API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Refused;
use crate::core::{
    account::{Account, Gateway, HookAddress, Kind},
    ledger::Ledger,
};

/// Accounts that there may be.
const MOST: usize = 10_000;
/// GETs a minute of each resource, as the vendor allows.
const GETS: u32 = 200;
/// Calls a minute, as Stripe's test accounts take 25 a second.
const CALLS: u32 = 1_500;
/// Milliseconds after which a new order stands in lists.
const LAG: i64 = 1_000;
/// The longest lag, in milliseconds.
const LONGEST_LAG: i64 = 3_600_000;

/// An account to be made: what is left out is made up, or is as with the vendor.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewAccount {
    gateway: Option<Gateway>,
    name: Option<String>,
    kind: Option<Kind>,
    secret_key: Option<String>,
    public_key: Option<String>,
    origins: Option<Vec<String>>,
    signing_secret: Option<String>,
    hooks: Option<HookAddress>,
    lag_millis: Option<i64>,
    gets_a_minute: Option<u32>,
}

impl NewAccount {
    /// An account with a vendor, of which all else is made up.
    pub fn of(gateway: Gateway) -> Self {
        Self { gateway: Some(gateway), ..Self::default() }
    }

    /// The account, which is not kept yet.
    pub fn made(self, ledger: &mut Ledger) -> Account {
        let gateway = self.gateway.unwrap_or(Gateway::Pagarme);
        self.over(made_of(gateway, |prefix| ledger.id(prefix)))
    }

    fn over(self, account: Account) -> Account {
        Account {
            name: self.name.unwrap_or(account.name),
            kind: self.kind.unwrap_or(account.kind),
            secret_key: self.secret_key.unwrap_or(account.secret_key),
            public_key: self.public_key.unwrap_or(account.public_key),
            origins: self.origins.unwrap_or(account.origins),
            signing_secret: self.signing_secret.unwrap_or(account.signing_secret),
            hooks: self.hooks.or(account.hooks),
            lag_millis: self.lag_millis.unwrap_or(account.lag_millis),
            gets_a_minute: self.gets_a_minute.unwrap_or(account.gets_a_minute),
            ..account
        }
    }
}

/// An account with a vendor whose id and keys begin with these prefixes: all else is as with the vendor.
pub fn made_of(gateway: Gateway, mut text: impl FnMut(&str) -> String) -> Account {
    Account {
        id: text(if gateway == Gateway::Stripe { "acct" } else { "acc" }),
        gateway,
        name: "Loja Simulada".to_owned(),
        kind: Kind::Psp,
        secret_key: text("sk_test"),
        public_key: text("pk_test"),
        origins: vec!["*".to_owned()],
        signing_secret: text("whsec"),
        hooks: None,
        lag_millis: LAG,
        gets_a_minute: if gateway == Gateway::Stripe { CALLS } else { GETS },
    }
}

pub(super) fn list(ledger: &Ledger) -> Value {
    json!(ledger.list::<Account>())
}

pub(super) fn create(ledger: &mut Ledger, new: NewAccount) -> Result<Value, Refused> {
    if ledger.list::<Account>().len() >= MOST {
        return Err(Refused::conflict("there are too many accounts"));
    }
    let account = new.made(ledger);
    kept(ledger, account)
}

pub(super) fn change(ledger: &mut Ledger, id: &str, new: NewAccount) -> Result<Value, Refused> {
    let account = ledger.get::<Account>(id).ok_or_else(Refused::unknown)?;
    if new.gateway.is_some_and(|gateway| gateway != account.gateway) {
        return Err(Refused::conflict("an account stays with its vendor"));
    }
    kept(ledger, new.over(account))
}

fn kept(ledger: &mut Ledger, account: Account) -> Result<Value, Refused> {
    if account.name.trim().is_empty() || account.secret_key.is_empty() || account.secret_key.contains(':') {
        return Err(Refused::wrong("an account has a name, and a secret key without a colon"));
    }
    if !(0..=LONGEST_LAG).contains(&account.lag_millis) {
        return Err(Refused::wrong("lists lag by an hour at most"));
    }
    let taken = |other: &&Account| {
        other.id != account.id && (other.secret_key == account.secret_key || other.public_key == account.public_key)
    };
    if ledger.list::<Account>().into_iter().any(|other| taken(&other)) {
        return Err(Refused::conflict("another account has this key"));
    }
    if account.hooks.as_ref().is_some_and(|hooks| reqwest::Url::parse(&hooks.url).is_err()) {
        return Err(Refused::wrong("the address of hooks is none"));
    }
    ledger.put(account.clone());
    Ok(json!(account))
}
