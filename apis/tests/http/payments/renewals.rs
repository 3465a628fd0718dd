//! Renewals: charges that the gateway makes by itself become charges of ours, by its callbacks, and without them by looks.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use feira_connectors::clock::wall_clock;
use feira_schemas::time::{Clock, DAY};
use reqwest::Client;
use serde_json::{Value, json};

use super::{GATEWAYS, Seller, brl, simulated, text};
use crate::{
    bed::{Bed, bed, send},
    run,
};

/// The subscription's charges, as ids.
fn charges(subscription: &Value) -> Vec<String> {
    subscription["charges"].as_array().unwrap().iter().map(text).collect()
}

/// Waits until a subscription shows two charges and its next period, which looks of their own may find one after the other, and holds the
/// second charge to what a charge is.
async fn renewed(bed: &Bed, seller: &Seller, subscription: &Value) {
    let path = format!("/subscriptions/{}", text(&subscription["id"]));
    let is_whole = |read: &Value| charges(read).len() == 2 && read["period"] != subscription["period"];
    let read = seller.until(bed, &path, is_whole).await;
    let [first, second] = &charges(&read)[..] else { panic!("{read}") };
    assert_eq!((first, &read["status"]), (&charges(subscription)[0], &json!("active")), "{read}");
    let charge = format!("/charges/{second}");
    let paid = send(seller.asks(bed, "GET", &charge)).await.expect(200).json;
    assert_eq!((&paid["status"], &paid["paid"]), (&json!("paid"), &brl(4_990)), "{paid}");
    assert_eq!(paid["buyer"]["name"], "Joana Prado", "{paid}");
    let listed = send(seller.asks(bed, "GET", "/charges?status=paid")).await.expect(200).json;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
    let refund = send(seller.asks(bed, "POST", &format!("{charge}/refunds")).json(&json!({}))).await.expect(201).json;
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("done"), &brl(4_990)), "{refund}");
    assert_eq!(seller.truth(bed).await.len(), 2);
}

#[test]
fn s20_s31_a_renewal_becomes_a_charge_of_ours_once_a_callback_says_where_to_look() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "renova-avisada", "pagarme").await;
        let callback = seller.callback(bed).await;
        let hooks = json!({"hooks": {"url": bed.platform_url(&callback.path), "basic": ["feira", callback.password]}});
        let account = format!("http://{}/admin/accounts/{}", bed.simulator.address(), text(&seller.remote["id"]));
        assert!(Client::new().patch(account).json(&hooks).send().await.unwrap().status().is_success());
        let plan = seller.plan(bed).await;
        let subscription = seller.subscribes(bed, &plan).await;
        let cycles = format!("/core/v5/subscriptions/{}/cycles", text(&subscription["remote_id"]));
        seller.vendors(bed, "POST", &cycles, "").await;
        renewed(bed, &seller, &subscription).await;
    });
}

#[test]
fn s20_a_renewal_is_found_by_a_look_when_it_is_due_and_no_callback_comes() {
    run(async {
        let moved = Arc::new(AtomicI64::new(0));
        let (clock, by) = (wall_clock(), Arc::clone(&moved));
        let bed = Bed::start_at(Clock::passing(move || clock.now() + by.load(Ordering::SeqCst))).await;
        for gateway in GATEWAYS {
            let seller = Seller::at(&bed, &format!("renova-{gateway}"), gateway).await;
            let plan = seller.plan(&bed).await;
            let subscription = seller.subscribes(&bed, &plan).await;
            // A month is 31 days at most. The gateway charges before anybody looks.
            simulated(&bed, "clock", json!({"advance_millis": 32 * DAY / 1_000})).await;
            moved.fetch_add(32 * DAY, Ordering::SeqCst);
            renewed(&bed, &seller, &subscription).await;
        }
    });
}
