//! Many sign-ups at once, each from an address of its own, while the one process that takes them is killed: a real process, by its id.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use feira_node::{
    config::{Config, Role},
    node::Node,
};
use feira_schemas::{
    ids::TenantId,
    records::{
        admin::TenantStatus,
        directory::NameStatus,
        signup::{InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    rows::{
        admin::{SettingsRow, StaffRow, StandingRow, TenantRow},
        directory::NameRow,
        signup::{InvoiceRow, SubscriptionRow},
    },
};
use futures::{StreamExt, stream};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::common::{
    bed::Bed,
    gateway::{Simulator, pointed_at},
    process::{Mode, Process, free_port},
    services::{OPERATOR_TOKEN, PARTITIONS, distributed, subdomain},
    signup::{PATIENCE, Platform, SignUp, mails},
};

/// Rows of one shop that are read: more than it has of any.
const ROWS: usize = 100;
/// Owners who choose their password at once: each takes a turn of the process' pool for passwords.
const OWNERS_AT_ONCE: usize = 8;

/// The size of a run.
struct Scale {
    /// People who sign up at once; a half of them pays by card.
    sign_ups: usize,
    /// Kills of the process, at even distances among them.
    kills: usize,
}

/// A shop that somebody has got.
struct Got {
    person: SignUp,
    tenant: TenantId,
}

/// The ways to pay of persons, in turn.
const METHODS: [&str; 4] = ["card", "pix", "card", "boleto"];

/// Signs up, and waits for the shop.
async fn signs_up(platform: &Platform, number: usize, subscribed: &AtomicUsize) -> SignUp {
    let method = METHODS[number % METHODS.len()];
    let mut person = SignUp::new(platform, number, &subdomain(&format!("l{number}")), method);
    // As a browser without JavaScript loads the page again.
    person.every = Duration::from_secs(2);
    person.subscribe().await;
    subscribed.fetch_add(1, Ordering::Relaxed);
    person.until_shop().await;
    person
}

/// Kills the process once this part of all have subscribed, and starts it again, as often as it is to be killed. The time of the last kill.
async fn kills(process: &mut Process, scale: &Scale, subscribed: &AtomicUsize) -> Instant {
    let mut last = Instant::now();
    for kill in 1..=scale.kills {
        let (enough, deadline) = (scale.sign_ups * kill / (scale.kills + 1), Instant::now() + PATIENCE);
        while subscribed.load(Ordering::Relaxed) < enough {
            assert!(Instant::now() < deadline, "fewer than {enough} have subscribed");
            sleep(Duration::from_millis(20)).await;
        }
        process.kill();
        last = Instant::now();
        process.start_again().await;
    }
    last
}

async fn sign_ups_through_kills(scale: Scale) {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let simulator = Simulator::start().await;
    let gateways = format!("pagarme={0}/core/v5; stripe={0}/v1", simulator.base);
    let listen = format!("127.0.0.1:{}", free_port());
    let settings = [
        ("FEIRA_GATEWAYS_ADDRESSES", gateways.as_str()),
        ("FEIRA_LISTEN", listen.as_str()),
        ("FEIRA_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let mut process = Process::start_with(bed.mode, &settings).await;
    let platform = Platform::open(&process.url(), OPERATOR_TOKEN, &simulator.base).await;

    let subscribed = AtomicUsize::new(0);
    let everybody = (0..scale.sign_ups).map(|number| signs_up(&platform, number, &subscribed));
    let everybody = stream::iter(everybody).buffer_unordered(scale.sign_ups).collect::<Vec<SignUp>>();
    let done = async { tokio::join!(everybody, kills(&mut process, &scale, &subscribed)) };
    let (people, last_kill) = tokio::select! {
        done = done => done,
        never = platform.gateway.is_paid() => match never {},
    };
    let given = people.iter().map(|person| person.cards).sum::<usize>();
    println!(
        "{} shops {:.0} s after the last of {} kills (the aim is 180 s for 1,000); {given} cards were given",
        people.len(),
        last_kill.elapsed().as_secs_f64(),
        scale.kills
    );

    let shops = opened(&platform, people, &process).await;
    are_paid_once(&platform, &shops).await;
    platform.close().await;
    process.pause().await;
    are_whole(&process, bed.mode, &simulator, &shops).await;
    simulator.stop().await;
}

/// Each shop answers, and its owner gets in by the link of a mail, once.
async fn opened(platform: &Platform, people: Vec<SignUp>, process: &Process) -> Vec<Got> {
    let folder = &process.data().join("mail");
    let each = people.into_iter().enumerate().map(|(at, person)| async move {
        let page = person.shop().await;
        assert!(page.text.contains(&person.shop_name()), "{}: {}", person.subdomain, page.text);
        let shop = platform.shop(&person.subdomain).await;
        let tenant = shop["tenant_id"].as_str().unwrap();
        let link = mails::link(folder, tenant).await;
        person.enters(&link, at < OWNERS_AT_ONCE).await;
        let tenant = tenant.parse().unwrap();
        Got { person, tenant }
    });
    stream::iter(each).buffer_unordered(OWNERS_AT_ONCE).collect().await
}

/// At the gateway each shop has paid once, and nobody has paid who has none.
async fn are_paid_once(platform: &Platform, shops: &[Got]) {
    let paid = platform.gateway.paid().await;
    let of = |shop: &Got| {
        let tenant = Value::String(shop.tenant.to_string());
        paid.iter().filter(|charge| charge["metadata"]["tenant"] == tenant).count()
    };
    for shop in shops {
        assert_eq!(of(shop), 1, "charges that {} has paid: {paid:?}", shop.person.subdomain);
    }
    assert_eq!(paid.len(), shops.len(), "a charge for each shop and none besides: {paid:?}");
}

/// No name is there twice, and no shop half-made.
async fn are_whole(process: &Process, mode: Mode, simulator: &Simulator, shops: &[Got]) {
    let folder = tempfile::tempdir().unwrap();
    let node = looking(process, mode, simulator, &folder).await;
    let (mut tenants, mut names) = (BTreeSet::new(), BTreeSet::new());
    for shop in shops {
        assert!(tenants.insert(shop.tenant) && names.insert(&shop.person.subdomain), "{}", shop.person.subdomain);
        is_whole(&node, shop).await;
    }
    node.stop().await.unwrap();
}

/// A process of this test's own that looks at the rows: embedded on the data folder of the one that has ended.
async fn looking(process: &Process, mode: Mode, simulator: &Simulator, folder: &TempDir) -> Node {
    let config = match mode {
        Mode::Embedded | Mode::Demo => Config { data: process.data(), partitions: PARTITIONS, ..Config::default() },
        Mode::Distributed | Mode::Secure => distributed(folder.path(), [Role::Api]),
    };
    let config = Config { fetch_images: false, ..config };
    Node::start(&pointed_at(&simulator.base, config)).await.unwrap()
}

async fn is_whole(node: &Node, shop: &Got) {
    let (state, tenant, name) = (&node.platform.state, shop.tenant, shop.person.subdomain.as_str());
    let subscriptions = state.scan::<SubscriptionRow>(&SubscriptionRow::all(tenant), None, ROWS).await.unwrap();
    let [SubscriptionRow { subscription, .. }] = &subscriptions[..] else { panic!("{name}: {subscriptions:?}") };
    assert_eq!(subscription.status, SubscriptionStatus::Active, "{name}: {subscription:?}");
    assert_eq!(subscription.payment.status, PaymentStatus::Paid, "{name}: {subscription:?}");
    assert!(subscription.period.as_ref().is_some_and(|period| period.number == 1), "{name}: {subscription:?}");
    let invoices = state.scan::<InvoiceRow>(&InvoiceRow::all(tenant), None, ROWS).await.unwrap();
    let paid = invoices.iter().filter(|row| row.invoice.status == InvoiceStatus::Paid).count();
    assert!(paid == 1 && invoices.iter().all(|row| row.invoice.status != InvoiceStatus::Open), "{name}: {invoices:?}");

    let held = state.get::<NameRow>(&NameRow::at(name)).await.unwrap().unwrap().name;
    assert_eq!((held.tenant_id, held.status), (tenant, NameStatus::Confirmed), "{name}");
    let known = state.get::<TenantRow>(&TenantRow::at(tenant)).await.unwrap().unwrap().tenant;
    assert_eq!((known.status, known.subdomain.as_str()), (TenantStatus::Active, name));
    assert_eq!(known.subscription_id, Some(subscription.subscription_id), "{name}");
    let settings = state.get::<SettingsRow>(&SettingsRow::at(tenant)).await.unwrap();
    assert!(settings.is_some(), "{name} has no settings");
    let standing = state.get::<StandingRow>(&StandingRow::at(tenant)).await.unwrap().unwrap().standing;
    assert_eq!(standing.subscription_id, subscription.subscription_id, "{name}");
    assert_eq!(standing.limits, subscription.terms.limits, "{name}");
    let staff = state.scan::<StaffRow>(&StaffRow::all(tenant), None, ROWS).await.unwrap();
    let [owner] = &staff[..] else { panic!("{name} has one owner: {staff:?}") };
    assert_eq!(owner.staff.staff_id, subscription.owner.staff_id, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s36_f01_sign_ups_through_a_kill_end_with_one_whole_shop_each_that_is_paid_once() {
    sign_ups_through_kills(Scale { sign_ups: 24, kills: 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes some minutes: .ci/long runs it"]
async fn s36_f01_a_thousand_sign_ups_through_three_kills_end_with_a_thousand_whole_shops() {
    sign_ups_through_kills(Scale { sign_ups: 1_000, kills: 3 }).await;
}
