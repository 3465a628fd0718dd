//! The accounts of the demo shops and of the platform at payment gateways that are simulated. Their keys follow from the deployment's
//! secret, so that a simulator whose state was thrown away has the same ones again.

use feira_schemas::{
    ids::{AccountId, TenantId},
    records::{
        PaymentsCommand,
        common::Outcome,
        payments::{AccountKind, AccountStatus, SaveAccount},
    },
    rows::payments::AccountRow,
    sealed::{CallbackSecret, GatewayKey, Subject, SubjectKind},
};
use feira_web::{context::Api, payments::word_of, tokens};

use crate::{
    seed::{SeedError, meta, sent, until},
    shops,
};

/// A gateway's name, how an account there is called, and whether its callbacks are signed.
type At = (&'static str, &'static str, bool);

/// The gateway of the platform's account, and the one that a shop's Pix and boleto go to.
const PAGARME: At = ("pagarme", "Pagar.me (simulado)", false);
/// The gateways of a shop's accounts.
const GATEWAYS: [At; 2] = [PAGARME, ("stripe", "Stripe (simulado)", true)];
/// What stands in the place of a shop's sub-domain in the seed of the platform's keys, and the name that the gateway shows.
const PLATFORM: (&str, &str) = ("platform", "Feira");
/// The user of callbacks that are not signed.
const USER: &str = "feira";
/// Characters of what tells an account's keys from others.
const KEY_CHARS: usize = 32;

/// An account of a demo shop, or of the platform, at a gateway.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    /// The name of the shop or of the platform, which the gateway shows.
    pub merchant: String,
    /// The shop, or the platform.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's name.
    pub gateway: &'static str,
    /// The proof of callbacks: user:password, or the secret of signatures.
    pub callback: String,
    /// The name by which the merchant knows it.
    name: &'static str,
    /// True if callbacks are signed.
    signed: bool,
    /// What its keys are made of.
    seed: String,
    /// What the id of the command that saves it is made of.
    key: String,
}

impl DemoAccount {
    /// The accounts of a demo shop.
    pub fn all(api: &Api, shop: &str, tenant_id: TenantId) -> Vec<Self> {
        let known = shops().into_iter().find(|known| known.subdomain == shop);
        let merchant = known.map_or(shop, |known| known.name);
        let account = |at: At| {
            let (gateway, ..) = at;
            Self::of(api, tenant_id, merchant, at, seed(api, shop, gateway), format!("payments:{gateway}"))
        };
        GATEWAYS.map(account).into()
    }

    /// The platform's account, to which people pay what they subscribe to. Another installation's has another id.
    pub fn of_platform(api: &Api) -> Self {
        let ((word, merchant), (gateway, ..)) = (PLATFORM, PAGARME);
        let seed = seed(api, word, gateway);
        let key = text(&seed, &format!("payments:{gateway}:"));
        Self::of(api, TenantId::PLATFORM, merchant, PAGARME, seed, key)
    }

    fn of(api: &Api, tenant_id: TenantId, merchant: &str, at: At, seed: String, key: String) -> Self {
        let (gateway, name, signed) = at;
        let account_id = AccountId::from_uuid(meta(api, tenant_id, &key).command_id.uuid());
        let callback = if signed { text(&seed, "whsec_") } else { text(&seed, &format!("{USER}:")) };
        Self { merchant: merchant.to_owned(), tenant_id, account_id, gateway, callback, name, signed, seed, key }
    }

    /// The key by which the gateway takes requests.
    pub fn secret_key(&self) -> String {
        self.remote("sk_test")
    }

    /// The key by which a browser turns a card into a token.
    pub fn public_key(&self) -> String {
        self.remote("pk_test")
    }

    /// An id or a key of the account at the gateway that begins so, the same each time.
    pub fn remote(&self, prefix: &str) -> String {
        text(&self.seed, &format!("{prefix}_"))
    }

    /// The path of its callbacks on the platform's host.
    pub fn callback_path(&self) -> String {
        format!("/payments/callbacks/{}/{}", self.gateway, word_of(self.tenant_id, self.account_id))
    }

    async fn is_there(&self, api: &Api, wanted: impl Fn(AccountStatus) -> bool) -> Result<bool, String> {
        let key = AccountRow::at(self.tenant_id, self.account_id);
        let row = api.platform.state.get::<AccountRow>(&key).await.map_err(|error| error.to_string())?;
        Ok(row.is_some_and(|row| wanted(row.account.status)))
    }

    /// Saves it as staff would, and waits until its key was tried. What is there is left as it is.
    pub(crate) async fn save(&self, api: &Api) -> Result<(), String> {
        if self.is_there(api, |_| true).await? {
            return Ok(());
        }
        let subject = Subject::new(SubjectKind::Account, self.account_id.uuid());
        let sealer = api.keyring.mint(self.tenant_id, subject).await.map_err(|error| error.to_string())?;
        let key = GatewayKey::new(&self.secret_key()).map_err(|error| error.to_string())?;
        let callback = CallbackSecret::new(&self.callback).map_err(|error| error.to_string())?;
        let command = SaveAccount {
            meta: meta(api, self.tenant_id, &self.key),
            account_id: self.account_id,
            name: self.name.to_owned(),
            gateway: self.gateway.to_owned(),
            kind: AccountKind::WholeService,
            public_key: self.public_key(),
            key: Some(sealer.seal(&key).map_err(|error| error.to_string())?),
            callback: Some(sealer.seal(&callback).map_err(|error| error.to_string())?),
            callback_hash: (!self.signed).then(|| tokens::hash(&self.callback)),
            make_default: false,
            notify_email: None,
            forget_notify_email: false,
            simulated: api.gateways.are_simulated(),
        };
        let answer = sent(api, PaymentsCommand::SaveAccount(command)).await?;
        if answer.outcome == Outcome::Refused {
            return Err(answer.detail.unwrap_or_else(|| "refused".to_owned()));
        }
        until(async || self.is_there(api, |status| status != AccountStatus::Untested).await).await
    }
}

/// Saves the accounts of the shop with this sub-domain that are not there yet, in their order: the first is the default.
pub async fn save(api: &Api, shop: &str, accounts: &[DemoAccount]) -> Result<(), SeedError> {
    for account in accounts {
        let failed = |why: String| SeedError { subdomain: shop.to_owned(), why };
        account.save(api).await.map_err(failed)?;
    }
    Ok(())
}

/// What the keys of an account are made of.
fn seed(api: &Api, shop: &str, gateway: &str) -> String {
    format!("{}:demo:{shop}:{gateway}", hex::encode(api.config.secret))
}

/// A text that begins so and goes on with what follows from the seed.
fn text(seed: &str, prefix: &str) -> String {
    let hash = tokens::hash(&format!("{seed}:{prefix}"));
    format!("{prefix}{}", hash.get(..KEY_CHARS).unwrap_or(&hash))
}
