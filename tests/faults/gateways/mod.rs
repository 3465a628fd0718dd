//! Payment gateways that are slow, fail, or end a connection half way, and processes that end half way: money moves once at most, and
//! every attempt is on record. On the embedded parts alone, against the simulator.

mod matrix;
mod processes;
pub mod shop;

use feira_node::{config::Config, node::Node};
use feira_schemas::records::{
    common::Outcome,
    payments::{AttemptOutcome, Charge, ChargeStatus, PaymentMethod, RefundStatus},
};
use futures::future::join_all;
use tempfile::TempDir;

use self::shop::Shop;
use crate::common::{
    config, embedded,
    gateway::{Remote, Simulator, VENDORS, pointed_at},
};

/// A process that asks this simulator.
async fn node(simulator: &Simulator, folder: &TempDir) -> Node {
    let config = Config { fetch_images: false, ..config(folder) };
    Node::start(&pointed_at(&simulator.base, config)).await.unwrap()
}

/// A shop of its own with an account of its own, ready to charge.
async fn opened<'a>(node: &'a Node, simulator: &Simulator, vendor: &str, number: u128) -> (Shop<'a>, Remote) {
    let (shop, remote) = (Shop { node, number }, simulator.account(vendor).await);
    shop.open(&remote).await;
    (shop, remote)
}

/// The attempts of a charge: each with its outcome, so that none is left without one.
fn attempts(charge: &Charge) -> Vec<(AttemptOutcome, Option<&str>)> {
    let outcome =
        |attempt: &feira_schemas::records::payments::Attempt| attempt.outcome.expect("an attempt has no outcome");
    charge.attempts.iter().map(|attempt| (outcome(attempt), attempt.why.as_deref())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pix_is_charged_and_its_payment_is_found() {
    let Some(folder) = embedded() else { return };
    let simulator = Simulator::start().await;
    let node = node(&simulator, &folder).await;
    let shops = VENDORS.into_iter().enumerate().map(async |(number, vendor)| {
        let (shop, remote) = opened(&node, &simulator, vendor, number as u128).await;
        let asked = shop.charge(PaymentMethod::Pix, None).await;
        assert_eq!(asked.outcome, Outcome::Created, "{asked:?}");
        let charge = shop.settled().await;
        assert_eq!((charge.status, attempts(&charge)), (ChargeStatus::Pending, vec![(AttemptOutcome::Done, None)]));
        let observed = charge.observed.unwrap();
        assert!(observed.pix.as_ref().is_some_and(|pix| pix.code.is_some()), "{vendor} {observed:?}");
        assert_eq!(remote.truth().await.len(), 1, "{vendor}");
        remote.pay().await;
        shop.called_back("hook_1").await;
        let paid = shop.is(ChargeStatus::Paid).await.observed.unwrap();
        assert_eq!(paid.paid, 15_000, "{vendor}");
    });
    join_all(shops).await;
    node.stop().await.unwrap();
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_s58_cards_and_boletos_are_charged_given_back_and_cancelled() {
    let Some(folder) = embedded() else { return };
    let simulator = Simulator::start().await;
    let node = node(&simulator, &folder).await;
    let shops = VENDORS.into_iter().enumerate().map(async |(number, vendor)| {
        let number = 10 * number as u128;
        let (by_card, remote) = opened(&node, &simulator, vendor, number).await;
        by_card.charge(PaymentMethod::Card, Some(&remote.token(false).await)).await;
        let charge = by_card.settled().await;
        assert_eq!(charge.status, ChargeStatus::Paid, "{vendor} {charge:?}");
        assert!(charge.observed.unwrap().payer.unwrap().last_four.is_some(), "{vendor}");
        by_card.refund(0, 4_000).await;
        by_card.is(ChargeStatus::PartlyRefunded).await;
        by_card.until("the refund is done", async || by_card.known_refund(0).await.status == RefundStatus::Done).await;
        by_card.refund(1, 11_000).await;
        by_card.is(ChargeStatus::Refunded).await;
        assert_eq!(given_back(&remote).await, 15_000, "{vendor}");

        let (declined, remote) = opened(&node, &simulator, vendor, number + 1).await;
        declined.charge(PaymentMethod::Card, Some(&remote.token(true).await)).await;
        let charge = declined.settled().await;
        assert_eq!(charge.status, ChargeStatus::Failed, "{vendor} {charge:?}");
        let reasons = charge.observed.and_then(|observed| observed.unpaid).map(|unpaid| unpaid.reasons);
        assert!(!reasons.unwrap_or(charge.reasons).is_empty(), "{vendor} says no reason");

        let (by_boleto, remote) = opened(&node, &simulator, vendor, number + 2).await;
        by_boleto.charge(PaymentMethod::Boleto, None).await;
        let charge = by_boleto.settled().await;
        let boleto = charge.observed.as_ref().unwrap().boleto.as_ref().unwrap();
        assert!(boleto.line.is_some() && boleto.digits44.is_some(), "{vendor} {boleto:?}");
        by_boleto.cancel().await;
        by_boleto.is(ChargeStatus::Cancelled).await;
        assert_eq!(remote.truth().await.len(), 1, "{vendor}");
    });
    join_all(shops).await;
    node.stop().await.unwrap();
    simulator.stop().await;
}

async fn given_back(remote: &Remote) -> i64 {
    remote.truth().await.iter().map(|charge| charge["given_back"].as_i64().unwrap()).sum()
}
