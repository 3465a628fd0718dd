#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use feira_connectors::{
    keyring::{KeyStore, MasterKeys, Opened, Sources},
    log::{NewRecord, Seat, TopicPartition, Transaction},
    random::random,
};
use feira_schemas::{
    ids::{ChargeId, TenantId},
    money::Money,
    records::payments::{Buyer, Charge, ChargePurpose, ChargeRequest, ChargeStatus, PaymentMethod},
    rows::payments::ChargeRow,
    sealed::{PersonName, Sealed, Subject, SubjectKind},
    time::Clock,
    topics,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::testing::{platform_of, tenant};

const START: Micros = 1_800_000_000_000_000;

/// A platform and a keyring by one clock, which the test moves.
struct Bed {
    platform: Platform,
    keyring: Keyring,
    now: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Bed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let reading = Arc::clone(&now);
        let clock = Clock::passing(move || reading.load(Ordering::Relaxed));
        let platform = platform_of(folder.path(), 2, clock.clone()).await;
        let masters = MasterKeys::parse(&format!("m:{}", "ab".repeat(32)).as_str().into()).unwrap();
        let keys = KeyStore::embedded(&folder.path().join("keyring")).unwrap();
        let keyring = Keyring::open(keys, masters, Sources { clock, random: random() }).await.unwrap();
        Self { platform, keyring, now, _folder: folder }
    }

    fn pass(&self, time: Micros) {
        self.now.fetch_add(time, Ordering::Relaxed);
    }

    /// A name that was sealed of a subject.
    async fn sealed(&self, of: (TenantId, Subject)) -> Sealed<PersonName> {
        self.keyring.mint(of.0, of.1).await.unwrap().seal(&PersonName::new("Ana").unwrap()).unwrap()
    }

    async fn is_erased(&self, tenant: TenantId, sealed: &Sealed<PersonName>) -> bool {
        match self.keyring.unseal(tenant, sealed).await.unwrap() {
            Opened::Erased => true,
            Opened::Value(_) => false,
            Opened::Lost => panic!("nothing is lost here"),
        }
    }

    async fn sweep(&self) -> Swept {
        if_due(&self.platform, &self.keyring, Duration::ZERO).await.unwrap().expect("a sweep is due")
    }

    /// A command that payments has not decided.
    async fn command(&self) {
        let record = NewRecord {
            topic: topics::commands(Context::Payments).into(),
            partition: Some(1),
            key: "k".into(),
            value: Some("undecided".into()),
            headers: Vec::new(),
        };
        self.platform.log.append(vec![record]).await.unwrap();
    }

    /// Payments has decided it.
    async fn decided(&self) {
        let inputs = [topics::events(Context::Admin), topics::commands(Context::Payments)].map(Arc::from);
        let name = Context::Payments.name();
        let mut member = self.platform.log.join(name, &inputs, Seat::alone(None)).await.unwrap();
        member.next(1, Duration::from_secs(5)).await.unwrap();
        let positions = vec![(TopicPartition::new(topics::commands(Context::Payments), 1), 1)];
        member.commit(Transaction { records: Vec::new(), positions }).await.unwrap();
        member.leave().await.unwrap();
    }
}

fn charge(number: u128) -> (TenantId, Subject) {
    (tenant(1), Subject::new(SubjectKind::Charge, Uuid::from_u128(number)))
}

fn row(of: (TenantId, Subject), name: Sealed<PersonName>) -> ChargeRow {
    fn other<T: feira_schemas::sealed::Personal>(of: &Sealed<PersonName>) -> Sealed<T> {
        let envelope = of.envelope();
        let key = envelope.key_id();
        let (nonce, bytes) = (*envelope.nonce(), envelope.ciphertext().to_vec());
        Sealed::of(feira_schemas::sealed::Envelope::new(envelope.subject(), T::FIELD, key, nonce, bytes).unwrap())
            .unwrap()
    }
    let buyer =
        Buyer { email: other(&name), document: other(&name), phone: None, address: other(&name), name: name.clone() };
    let request = ChargeRequest {
        reference: None,
        account_id: None,
        method: PaymentMethod::Pix,
        amount: Money::brl(100),
        items: Vec::new(),
        shipping: None,
        buyer,
        statement_descriptor: None,
        card: None,
        boleto: None,
        pix: None,
    };
    let charge = Charge {
        charge_id: ChargeId::from_uuid(of.1.id()),
        purpose: ChargePurpose::Api,
        order_id: None,
        request,
        status: ChargeStatus::Pending,
        account_id: None,
        observed: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        cancel_wanted: false,
        created_at: START,
        updated_at: START,
        simulated: false,
        lent: None,
    };
    ChargeRow { tenant_id: of.0, version: 1, charge }
}

#[tokio::test]
async fn keys_of_a_charge_that_never_came_to_be_are_erased_when_it_is_missed_twice_a_day_apart() {
    let bed = Bed::new().await;
    let (refused, living) = (charge(1), charge(2));
    let (of_refused, of_living) = (bed.sealed(refused).await, bed.sealed(living).await);
    let of_order = (tenant(1), Subject::new(SubjectKind::Order, Uuid::from_u128(3)));
    let of_nobody = bed.sealed(of_order).await;
    bed.platform.state.write(&[Write::put(row(living, of_living.clone()), START)]).await.unwrap();

    bed.pass(AGE);
    assert_eq!(bed.sweep().await, Swept::default(), "keys of just that age stay");
    bed.pass(DAY);
    assert_eq!(bed.sweep().await, Swept { found: 1, ..Swept::default() });
    assert!(!bed.is_erased(tenant(1), &of_refused).await, "once is not enough");
    // A request that is repeated seals anew, below the same subject.
    let again = bed.sealed(refused).await;
    bed.pass(DAY);
    assert_eq!(bed.sweep().await, Swept { erased: 1, ..Swept::default() });
    assert!(bed.is_erased(tenant(1), &of_refused).await);
    for kept in [&of_living, &again, &of_nobody] {
        assert!(!bed.is_erased(tenant(1), kept).await, "{kept:?}");
    }
    // What came later is missed twice on its own.
    bed.pass(AGE);
    assert_eq!(bed.sweep().await, Swept { found: 1, ..Swept::default() });
    bed.pass(DAY);
    assert_eq!(bed.sweep().await, Swept { erased: 1, ..Swept::default() });
    assert!(bed.is_erased(tenant(1), &again).await && !bed.is_erased(tenant(1), &of_living).await);
}

#[tokio::test]
async fn a_charge_that_comes_to_be_between_two_sweeps_keeps_its_keys() {
    let bed = Bed::new().await;
    let late = charge(1);
    let sealed = bed.sealed(late).await;
    bed.pass(AGE + 1);
    assert_eq!(bed.sweep().await.found, 1);
    bed.platform.state.write(&[Write::put(row(late, sealed.clone()), START)]).await.unwrap();
    bed.pass(DAY);
    assert_eq!(bed.sweep().await, Swept::default());
    assert!(!bed.is_erased(tenant(1), &sealed).await);
}

#[tokio::test]
async fn nothing_is_swept_while_the_context_has_not_decided_everything_and_a_sweep_is_begun_again_within_the_day() {
    let bed = Bed::new().await;
    let sealed = bed.sealed(charge(1)).await;
    bed.command().await;
    bed.pass(AGE + 1);
    let lagging = Swept { lagging: 1, ..Swept::default() };
    assert_eq!(bed.sweep().await, lagging);
    bed.pass(GIVEN_UP);
    assert_eq!(bed.sweep().await, lagging, "it is looked at again an hour later, and finds none still");
    bed.decided().await;
    bed.pass(GIVEN_UP);
    assert_eq!(bed.sweep().await.found, 1);
    bed.pass(DAY);
    // It lags again before the second finding.
    bed.command().await;
    assert_eq!(bed.sweep().await, lagging);
    assert!(!bed.is_erased(tenant(1), &sealed).await);
}

#[tokio::test]
async fn one_sweep_a_day_and_one_that_was_not_ended_is_begun_anew_an_hour_later() {
    let bed = Bed::new().await;
    assert_eq!(bed.sweep().await, Swept::default());
    let due = async || if_due(&bed.platform, &bed.keyring, Duration::ZERO).await.unwrap().is_some();
    bed.pass(DAY - 1);
    assert!(!due().await);
    bed.pass(1);
    assert!(due().await);
    // One of another process, which has ended in the middle.
    bed.pass(DAY);
    let began_at = bed.platform.now();
    let row = SweepRow { name: NAME.to_owned(), began_at, seen_at: began_at, ended_at: began_at - DAY };
    bed.platform.state.write(&[Write::put(row, began_at)]).await.unwrap();
    bed.pass(GIVEN_UP - 1);
    assert!(!due().await);
    bed.pass(1);
    assert!(due().await);
}
