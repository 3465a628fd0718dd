//! The sweep of the keyring: keys of what was never made are erased, those of what is there stay.

use feira_connectors::keyring::{Keyring, Opened};
use feira_node::node::Node;
use feira_schemas::{
    ids::{AccountId, Micros, TenantId},
    records::{
        PaymentsCommand,
        common::Outcome,
        payments::{AccountKind, SaveAccount, StandingStatus},
    },
    rows::{
        payments::{AccountRow, StandingRow},
        platform::SweepRow,
    },
    sealed::{CallbackSecret, GatewayKey, Personal, Sealed, Subject, SubjectKind},
    time::{Clock, DAY},
};
use feira_streams::{
    effects::sweep::{self, Swept},
    platform::Platform,
};
use uuid::Uuid;

use crate::common::{
    Bed, PATIENCE,
    gateway::{Remote, Simulator},
    meta,
    services::subdomain,
    tenant, until,
};

/// An account of a shop whose key is sealed.
struct Account {
    tenant: TenantId,
    id: AccountId,
    key: Sealed<GatewayKey>,
}

impl Account {
    /// Seals a key for an account that nobody has asked for so far.
    async fn sealed(keyring: &Keyring, tenant: TenantId, remote: &Remote) -> Self {
        let id = AccountId::from_uuid(Uuid::now_v7());
        let key = seal(keyring, tenant, id, &GatewayKey::new(&remote.secret_key).unwrap()).await;
        Self { tenant, id, key }
    }

    /// Asks for the account, which is there then.
    async fn save(&self, node: &Node, remote: &Remote) {
        let secret = CallbackSecret::new("feira:0123456789abcdef").unwrap();
        let callback = seal(&node.keys.as_ref().unwrap().keyring, self.tenant, self.id, &secret).await;
        let command = SaveAccount {
            meta: meta(self.tenant),
            account_id: self.id,
            name: "Conta".into(),
            gateway: remote.vendor.clone(),
            kind: AccountKind::WholeService,
            public_key: remote.public_key.clone(),
            key: Some(self.key.clone()),
            callback: Some(callback),
            callback_hash: Some("0".repeat(64)),
            make_default: true,
            simulated: false,
            notify_email: None,
            forget_notify_email: false,
        };
        let (key, command) = (self.tenant.to_string(), PaymentsCommand::from(command));
        let saved = node.commands.send(&key, command, None, PATIENCE).await.unwrap();
        assert_eq!(saved.outcome, Outcome::Created, "{saved:?}");
        let row = AccountRow::at(self.tenant, self.id);
        until("the account is there", async || node.platform.state.get::<AccountRow>(&row).await.unwrap().is_some())
            .await;
    }

    async fn opens(&self, node: &Node) -> bool {
        match node.keys.as_ref().unwrap().keyring.unseal(self.tenant, &self.key).await.unwrap() {
            Opened::Value(_) => true,
            Opened::Erased => false,
            Opened::Lost => panic!("nothing is lost here"),
        }
    }
}

async fn seal<T: Personal>(keyring: &Keyring, tenant: TenantId, account: AccountId, value: &T) -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Account, account.uuid());
    keyring.mint(tenant, subject).await.unwrap().seal(value).unwrap()
}

/// A shop that payments knows as open.
async fn shop(node: &Node) -> TenantId {
    let shop = tenant(node, &subdomain("varrida")).await;
    until("payments knows the shop", async || {
        let row = node.platform.state.get::<StandingRow>(&StandingRow::at(shop)).await.unwrap();
        row.is_some_and(|row| row.standing.status == StandingStatus::Open)
    })
    .await;
    shop
}

/// The time of the last sweep, or now. On services an earlier run of this test has swept days ahead of any clock.
async fn last_sweep(node: &Node) -> Micros {
    let row = node.platform.state.get::<SweepRow>(&SweepRow::at("subjects")).await.unwrap();
    row.map_or(0, |row| row.began_at.max(row.seen_at)).max(node.platform.now())
}

/// Sweeps at a time that is still to come.
async fn swept(node: &Node, at: Micros) -> Swept {
    let ahead = at - node.platform.now();
    let (wall, steady) = (node.platform.clock.clone(), node.platform.clock.clone());
    let clock = Clock::new(move || wall.now() + ahead, move || steady.steady() + ahead);
    let platform = Platform { clock, ..node.platform.clone() };
    let keyring = &node.keys.as_ref().unwrap().keyring;
    let swept = sweep::if_due(&platform, keyring, PATIENCE).await.unwrap().expect("a sweep is due");
    assert_eq!(swept.lagging, 0, "payments has decided all that came in");
    swept
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_account_that_never_came_to_be_are_swept_and_those_of_one_that_is_there_stay() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let simulator = Simulator::start().await;
    let remote = simulator.account("pagarme").await;
    let node = bed.start_at(&simulator.base).await;
    let shop = shop(&node).await;
    let keyring = &node.keys.as_ref().unwrap().keyring;
    let never = Account::sealed(keyring, shop, &remote).await;
    let there = Account::sealed(keyring, shop, &remote).await;
    there.save(&node, &remote).await;

    // What earlier tests have left on services is swept along.
    let last = last_sweep(&node).await;
    assert!(swept(&node, last + 10 * DAY).await.found >= 1);
    assert!(never.opens(&node).await && there.opens(&node).await, "once is not enough");
    assert!(swept(&node, last + 12 * DAY).await.erased >= 1);
    assert!(!never.opens(&node).await && there.opens(&node).await);
    node.stop().await.unwrap();

    // Nor does any other process open it.
    let node = bed.start_at(&simulator.base).await;
    assert!(!never.opens(&node).await && there.opens(&node).await);
    node.stop().await.unwrap();
    simulator.stop().await;
}
