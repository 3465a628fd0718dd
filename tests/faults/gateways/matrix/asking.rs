//! Asks for what a case is about.

use feira_node::node::Node;
use feira_schemas::records::payments::{ChargeStatus, PaymentMethod, SubscriptionStatus};
use futures::future::join_all;

use super::{
    super::shop::Shop,
    cases::{Act, Case},
};

/// The shop of a case.
pub fn shop<'a>(node: &'a Node, case: &Case) -> Shop<'a> {
    Shop { node, number: case.number }
}

/// A shop is opened, has the charge, or the plan, card and subscription that the case is about, and the fault that it is to meet is ordered.
pub async fn ready(node: &Node, case: &Case) {
    let shop = shop(node, case);
    shop.open(&case.remote).await;
    match case.act {
        Act::Pix | Act::Card | Act::Boleto => {}
        Act::RefundInPart | Act::RefundInFull | Act::TwoRefunds => {
            shop.charge(PaymentMethod::Card, Some(&case.remote.token(false).await)).await;
            assert_eq!(shop.settled().await.status, ChargeStatus::Paid);
        }
        Act::CancelPix | Act::CancelBoleto => {
            let method = if case.act == Act::CancelPix { PaymentMethod::Pix } else { PaymentMethod::Boleto };
            shop.charge(method, None).await;
            assert_eq!(shop.settled().await.status, ChargeStatus::Pending);
        }
        Act::SubscribeByToken => shop.plan().await,
        Act::Subscribe | Act::EndSubscription => {
            let token = case.remote.token(false).await;
            tokio::join!(shop.plan(), shop.keep_card(&token));
            if case.act == Act::EndSubscription {
                shop.subscribe(None).await;
                assert_eq!(shop.subscribed().await.status, SubscriptionStatus::Active);
            }
        }
    }
    if let Some(fault) = &case.fault {
        case.remote.fault(case.operation(), fault.clone()).await;
    }
}

/// Asks for what the case is about. Asked again it is the same command.
pub async fn ask(node: &Node, case: &Case) {
    let shop = shop(node, case);
    match case.act {
        Act::Pix => drop(shop.charge(PaymentMethod::Pix, None).await),
        Act::Card => drop(shop.charge(PaymentMethod::Card, Some(&case.remote.token(false).await)).await),
        Act::Boleto => drop(shop.charge(PaymentMethod::Boleto, None).await),
        Act::RefundInPart | Act::RefundInFull | Act::TwoRefunds => {
            let asked = case.act.sums().iter().enumerate();
            join_all(asked.map(async |(number, sum)| shop.refund(number as u128, *sum).await)).await;
        }
        Act::CancelPix | Act::CancelBoleto => drop(shop.cancel().await),
        Act::Subscribe => drop(shop.subscribe(None).await),
        Act::SubscribeByToken => drop(shop.subscribe(Some(&case.remote.token(false).await)).await),
        Act::EndSubscription => drop(shop.end_subscription().await),
    }
}
