//! An account that is asked, and the one call that is made of it.

use std::{sync::Arc, time::Duration};

use feira_connectors::gateway::{Account, CancelFacts, ChargeFacts, Gateway, Identity, LookUp, RefundFacts};
use feira_schemas::{
    gateway::{Observed, Outcome, Refusal, Unknown},
    ids::{AccountId, TenantId},
    rows::payments::AccountRow,
};
use tokio::time::timeout;

use super::{
    opening::{self, NotOpened},
    work::Work,
};

/// The time that a call may take in all, however many requests it makes.
const WHOLE_CALL: Duration = Duration::from_secs(20);
/// Accounts of a shop that are read: more than any has.
const ACCOUNTS: usize = 1_000;

/// An account with its keys opened, and its gateway.
pub(super) struct Asked {
    pub account_id: AccountId,
    /// The version of the key.
    pub version: i32,
    pub account: Account,
    pub gateway: Arc<dyn Gateway>,
}

/// The work that a gateway is asked for.
pub(super) enum Act {
    Charge(Box<ChargeFacts>),
    Refund(Box<RefundFacts>),
    Cancel(CancelFacts),
    /// It is refused here, so that nobody is asked.
    Not(Refusal),
}

/// The reason for which an account can't be asked.
pub(super) enum NotAsked {
    /// There is no such account, or its gateway is a newer program's.
    Missing,
    /// Its keys can't be opened.
    NotOpened(NotOpened),
}

impl Asked {
    /// Looks at a charge; `None` if the gateway knows none.
    pub async fn look(&self, charge: &LookUp) -> Outcome<Option<Observed>> {
        whole(self.gateway.get_charge(&self.account, charge)).await
    }

    /// Says whom the account's key belongs to.
    pub async fn who_am_i(&self) -> Outcome<Identity> {
        whole(self.gateway.who_am_i(&self.account)).await
    }

    /// Has it done.
    pub async fn act(&self, act: &Act) -> Outcome<Observed> {
        match act {
            Act::Charge(facts) => whole(self.gateway.create_charge(&self.account, facts)).await,
            Act::Refund(facts) => whole(self.gateway.refund(&self.account, facts)).await,
            Act::Cancel(facts) => whole(self.gateway.cancel(&self.account, facts)).await,
            Act::Not(refusal) => Outcome::Refused(refusal.clone()),
        }
    }
}

/// Waits for a call, which is given up after its time: nothing is known of it then.
async fn whole<T>(call: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    timeout(WHOLE_CALL, call).await.unwrap_or(Outcome::Unknown(Unknown::TimedOut))
}

impl Work {
    /// The account, ready to be asked.
    pub async fn asked(&self, tenant: TenantId, account: AccountId) -> Result<Asked, NotAsked> {
        let row = self.row::<AccountRow>(&AccountRow::at(tenant, account)).await.ok_or(NotAsked::Missing)?;
        self.opened(tenant, &row).await
    }

    /// The account that Pix and boleto go to, if there is one.
    pub async fn default_account(&self, tenant: TenantId) -> Option<AccountId> {
        let rows = self.rows::<AccountRow>(&AccountRow::all(tenant), ACCOUNTS).await;
        rows.into_iter().find(|row| row.account.is_default).map(|row| row.account.account_id)
    }

    async fn opened(&self, tenant: TenantId, row: &AccountRow) -> Result<Asked, NotAsked> {
        let account = &row.account;
        let Ok(gateway) = self.gateways.named(&account.gateway) else { return Err(NotAsked::Missing) };
        let opened = opening::account(&self.keyring, tenant, account).await.map_err(NotAsked::NotOpened)?;
        Ok(Asked { account_id: account.account_id, version: account.key_version, account: opened, gateway })
    }
}
