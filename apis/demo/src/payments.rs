//! The demo shops' accounts at payment gateways that are simulated. Their keys follow from the deployment's secret, so that a simulator
//! whose state was thrown away has the same ones again.

use std::time::Duration;

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
    seed::{SeedError, meta, sent},
    shops,
};

/// The gateways, how a shop's account at each is called, and whether its callbacks are signed. Pix and boleto go to the first.
const GATEWAYS: [(&str, &str, bool); 2] =
    [("pagarme", "Pagar.me (simulado)", false), ("stripe", "Stripe (simulado)", true)];
/// The user of callbacks that are not signed.
const USER: &str = "feira";
/// Characters of what tells an account's keys from others.
const KEY_CHARS: usize = 32;
/// Time between two looks at whether an account's key was tried.
const BETWEEN: Duration = Duration::from_millis(20);
/// Time that is waited for that: it is tried later all the same.
const TRIED_WITHIN: Duration = Duration::from_secs(10);

/// A demo shop's account at a gateway.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    /// The shop's sub-domain.
    pub shop: String,
    /// The shop's name, which the gateway shows.
    pub merchant: String,
    /// The shop.
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
}

impl DemoAccount {
    /// The accounts of a demo shop.
    pub fn all(api: &Api, shop: &str, tenant_id: TenantId) -> Vec<Self> {
        let known = shops().into_iter().find(|known| known.subdomain == shop);
        let merchant = known.map_or(shop, |known| known.name).to_owned();
        let account = |(gateway, name, signed): (&'static str, &'static str, bool)| {
            let seed = format!("{}:demo:{shop}:{gateway}", hex::encode(api.config.secret));
            let account_id =
                AccountId::from_uuid(meta(api, tenant_id, &format!("payments:{gateway}")).command_id.uuid());
            let callback = if signed { text(&seed, "whsec_") } else { text(&seed, &format!("{USER}:")) };
            let (shop, merchant) = (shop.to_owned(), merchant.clone());
            Self { shop, merchant, tenant_id, account_id, gateway, callback, name, signed, seed }
        };
        GATEWAYS.map(account).into()
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

    /// Saves it as the shop's staff would, and waits until its key was tried. What is there is left as it is.
    async fn save(&self, api: &Api) -> Result<(), String> {
        if self.is_there(api, |_| true).await? {
            return Ok(());
        }
        let subject = Subject::new(SubjectKind::Account, self.account_id.uuid());
        let sealer = api.keyring.mint(self.tenant_id, subject).await.map_err(|error| error.to_string())?;
        let key = GatewayKey::new(&self.secret_key()).map_err(|error| error.to_string())?;
        let callback = CallbackSecret::new(&self.callback).map_err(|error| error.to_string())?;
        let command = SaveAccount {
            meta: meta(api, self.tenant_id, &format!("payments:{}", self.gateway)),
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
        let tried = async {
            while !self.is_there(api, |status| status != AccountStatus::Untested).await? {
                tokio::time::sleep(BETWEEN).await;
            }
            Ok(())
        };
        tokio::time::timeout(TRIED_WITHIN, tried).await.unwrap_or(Ok(()))
    }
}

/// Saves the accounts that are not there yet, those of each shop in their order: the first is the default.
pub async fn save(api: &Api, accounts: &[DemoAccount]) -> Result<(), SeedError> {
    for account in accounts {
        let failed = |why: String| SeedError { subdomain: account.shop.clone(), why };
        account.save(api).await.map_err(failed)?;
    }
    Ok(())
}

/// A text that begins so and goes on with what follows from the seed.
fn text(seed: &str, prefix: &str) -> String {
    let hash = tokens::hash(&format!("{seed}:{prefix}"));
    format!("{prefix}{}", hash.get(..KEY_CHARS).unwrap_or(&hash))
}
