//! An account that is asked, and the one call that is made of it.

use std::{sync::Arc, time::Duration};

use feira_connectors::gateway::{
    Account, CancelFacts, CardFacts, ChargeFacts, ChargePage, EndFacts, Gateway, Identity, ListFacts, LookUp, Plan,
    PlanFacts, RefundFacts, SavedCard, SubscriptionFacts,
};
use feira_schemas::{
    gateway::{Observed, Outcome, Refusal, Subscription, Unknown},
    ids::{AccountId, TenantId},
    records::payments::{AccountStatus, EffectKind, Grant, LentAccount},
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
    /// The tenant whose account it is, which may be another one than whom it is asked for.
    pub owner: TenantId,
    pub account_id: AccountId,
    /// The version of the key.
    pub version: i32,
    /// True if it takes new charges.
    pub takes: bool,
    /// True if charges that it has can be given back or cancelled by it.
    pub serves: bool,
    pub account: Account,
    pub gateway: Arc<dyn Gateway>,
}

/// The work that a gateway is asked for.
pub(super) enum Act {
    Charge(Box<ChargeFacts>),
    Refund(Box<RefundFacts>),
    Cancel(CancelFacts),
    Plan(Box<PlanFacts>),
    SaveCard(Box<CardFacts>),
    Subscription(Box<SubscriptionFacts>),
    EndSubscription(EndFacts),
    /// It is refused here, so that nobody is asked.
    Not(Refusal),
}

/// The thing that a gateway was seen to have.
pub(super) enum Seen {
    Charge(Box<Observed>),
    Plan(Plan),
    Card(SavedCard),
    Subscription(Box<Subscription>),
    /// It took what was asked: what it then has, a look shows.
    Taken,
}

/// The reason for which an account can't be asked.
pub(super) enum NotAsked {
    /// There is no such account, or its gateway is a newer program's, or its key is a simulator's and the gateways are not, or the
    /// other way round: no key is ever shown to those whose it is not.
    Missing,
    /// Its keys can't be opened.
    NotOpened(NotOpened),
}

impl Asked {
    /// True if this is the account that a grant of this tenant has fixed, with this key. Of a lent account's key a grant knows nothing.
    pub fn is_fixed_by(&self, grant: &Grant, tenant: TenantId) -> bool {
        let knows_key = self.owner == tenant;
        grant.account_id == Some(self.account_id) && (!knows_key || grant.account_version == self.version)
    }

    /// True if an attempt at an effect of this tenant may be asked for. Who decides for the tenant knows its own accounts, and of a lent one
    /// nothing: that one is looked at here.
    pub fn may_be_asked(&self, tenant: TenantId, kind: EffectKind) -> bool {
        let is_new = matches!(kind, EffectKind::Charge | EffectKind::Subscription);
        self.owner == tenant || if is_new { self.takes } else { self.serves }
    }

    /// Looks at a charge; `None` if the gateway knows none.
    pub async fn look(&self, charge: &LookUp) -> Outcome<Option<Observed>> {
        whole(self.gateway.get_charge(&self.account, charge)).await
    }

    /// Reads a page of its charges.
    pub async fn list(&self, facts: &ListFacts) -> Outcome<ChargePage> {
        whole(self.gateway.list_charges(&self.account, facts)).await
    }

    /// Looks at a subscription; `None` if the gateway knows none.
    pub async fn look_at_subscription(&self, subscription: &LookUp) -> Outcome<Option<Subscription>> {
        whole(self.gateway.get_subscription(&self.account, subscription)).await
    }

    /// Says whom the account's key belongs to.
    pub async fn who_am_i(&self) -> Outcome<Identity> {
        whole(self.gateway.who_am_i(&self.account)).await
    }

    /// Has it done.
    pub async fn act(&self, act: &Act) -> Outcome<Seen> {
        let (gateway, account) = (&self.gateway, &self.account);
        let charge = |observed| Seen::Charge(Box::new(observed));
        let subscription = |subscription| Seen::Subscription(Box::new(subscription));
        match act {
            Act::Charge(facts) => whole(gateway.create_charge(account, facts)).await.map(charge),
            Act::Refund(facts) => whole(gateway.refund(account, facts)).await.map(charge),
            Act::Cancel(facts) => whole(gateway.cancel(account, facts)).await.map(charge),
            Act::Plan(facts) => whole(gateway.create_plan(account, facts)).await.map(Seen::Plan),
            Act::SaveCard(facts) => whole(gateway.save_card(account, facts)).await.map(Seen::Card),
            Act::Subscription(facts) => whole(gateway.create_subscription(account, facts)).await.map(subscription),
            Act::EndSubscription(facts) => {
                whole(gateway.cancel_subscription(account, facts)).await.map(|_| Seen::Taken)
            }
            Act::Not(refusal) => Outcome::Refused(refusal.clone()),
        }
    }
}

/// Waits for a call, which is given up after its time: nothing is known of it then.
async fn whole<T>(call: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    timeout(WHOLE_CALL, call).await.unwrap_or(Outcome::Unknown(Unknown::TimedOut))
}

impl Work {
    /// The account of this tenant, ready to be asked.
    pub async fn asked(&self, tenant: TenantId, account: AccountId) -> Result<Asked, NotAsked> {
        let row = self.row::<AccountRow>(&AccountRow::at(tenant, account)).await.ok_or(NotAsked::Missing)?;
        self.opened(tenant, &row).await
    }

    /// The account that something of this tenant went or goes to, ready to be asked: its own, or the one that another tenant lends it.
    pub async fn asked_for(
        &self,
        tenant: TenantId,
        account: AccountId,
        lent: Option<&LentAccount>,
    ) -> Result<Asked, NotAsked> {
        let lent = lent.filter(|lent| lent.account_id == account);
        self.asked(lent.map_or(tenant, |lent| lent.owner), account).await
    }

    /// The account that Pix and boleto go to, if there is one.
    pub async fn default_account(&self, tenant: TenantId) -> Option<AccountId> {
        let rows = self.page::<AccountRow>(&AccountRow::all(tenant), None, ACCOUNTS).await;
        rows.into_iter().find(|row| row.account.is_default).map(|row| row.account.account_id)
    }

    async fn opened(&self, tenant: TenantId, row: &AccountRow) -> Result<Asked, NotAsked> {
        let account = &row.account;
        if account.simulated != self.gateways.are_simulated() {
            return Err(NotAsked::Missing);
        }
        let Ok(gateway) = self.gateways.named(&account.gateway) else { return Err(NotAsked::Missing) };
        let opened = opening::account(&self.keyring, tenant, account).await.map_err(NotAsked::NotOpened)?;
        Ok(Asked {
            owner: tenant,
            account_id: account.account_id,
            version: account.key_version,
            takes: account.status == AccountStatus::Ready,
            serves: match account.status {
                AccountStatus::Ready => true,
                AccountStatus::Retired => account.why.is_none(),
                AccountStatus::Untested | AccountStatus::Broken | AccountStatus::Unknown => false,
            },
            account: opened,
            gateway,
        })
    }
}
