//! Lists, look-ups by code, subscriptions and identities, read into the normal form.

use std::sync::atomic::{AtomicU8, Ordering};

use feira_connectors::gateway::*;
use feira_schemas::gateway::{Outcome, Recurrence, Stage, Status, Subscription};
use serde_json::{Value, json};

use crate::{answers::charge, given, server::Server};

#[tokio::test]
async fn lists_are_pages_and_name_the_next_one() {
    let charges: Vec<Value> =
        (0..30).map(|number| charge(json!({"id": format!("ch_{number}"), "status": "paid"}))).collect();
    let server = Server::saying(200, json!({"data": charges, "paging": {"total": 31}})).await;
    let (gateway, account) = (given::gateway("pagarme", server.address()), given::account());
    let facts = ListFacts { since: 0, state: Some(Listed::Paid), page: None };
    let Outcome::Done(page) = gateway.list_charges(&account, &facts).await else { panic!() };
    assert_eq!((page.charges.len(), page.next.as_deref()), (30, Some("2")));

    let intent = |id: &str, status: &str| {
        json!({"id": id, "amount": 1, "status": status, "payment_method_types": ["pix"],
            "latest_charge": {"id": "ch", "disputed": id == "pi_1"}})
    };
    let data = json!([intent("pi_2", "succeeded"), intent("pi_1", "succeeded"), intent("pi_0", "canceled")]);
    let server = Server::saying(200, json!({"data": data, "has_more": true})).await;
    let gateway = given::gateway("stripe", server.address());
    let Outcome::Done(page) = gateway.list_charges(&account, &facts).await else { panic!() };
    let found: Vec<_> =
        page.charges.iter().map(|found| (found.charge.remote.charge.as_str(), found.look_again)).collect();
    assert_eq!((found, page.next.as_deref()), (vec![("pi_2", false), ("pi_1", true)], Some("pi_0")));
}

async fn subscription(name: &str, answer: Value) -> Subscription {
    let server = Server::start(move |asked| {
        let invoices = json!({"data": [{"id": "in_1", "charge": charge(json!({"status": "paid"}))}]});
        let intent = json!({"id": "pi_1", "amount": 4_990, "amount_received": 4_990, "status": "succeeded", "payment_method_types": ["card"]});
        let said = match asked.line.as_str() {
            line if line.starts_with("GET /invoices?subscription_id=sub_1") => &invoices,
            line if line.starts_with("GET /payment_intents/pi_1") => &intent,
            _ => &answer,
        };
        (200, said.to_string())
    })
    .await;
    let gateway = given::gateway(name, server.address());
    let found = gateway.get_subscription(&given::account(), &LookUp::Id("sub_1".to_owned())).await;
    let Outcome::Done(Some(found)) = found else { panic!("{found:?}") };
    found
}

#[tokio::test]
async fn subscriptions_are_read_with_their_period_and_latest_charge() {
    let found = subscription(
        "pagarme",
        json!({
            "id": "sub_1", "code": given::EFFECT, "status": "active", "next_billing_at": "2027-01-01T03:00:00Z",
            "current_cycle": {"id": "cycle_1", "start_at": "2026-12-01T03:00:00Z", "end_at": "2027-01-01T02:59:59Z"},
            "customer": {"id": "cus_1"}, "plan": {"id": "plan_1"},
        }),
    )
    .await;
    assert_eq!(
        (found.id.as_str(), found.code.as_deref(), found.recurrence),
        ("sub_1", Some(given::EFFECT), Recurrence::Active)
    );
    assert_eq!((found.customer.as_deref(), found.plan.as_deref()), (Some("cus_1"), Some("plan_1")));
    assert_eq!(found.period.map(|period| period.begins), Some(given::at("2026-12-01T03:00:00Z")));
    assert_eq!(found.next_billing, Some(given::at("2027-01-01T03:00:00Z")));
    let charge = found.charge.unwrap().charge;
    assert_eq!((charge.status(), charge.remote.subscription.as_deref()), (Status::Paid, Some("sub_1")));

    let stripes = |status: &str| {
        json!({
            "id": "sub_1", "status": status, "customer": "cus_1", "metadata": {"effect_id": given::EFFECT},
            "items": {"data": [{"price": {"id": "price_1"}, "current_period_start": 1_796_094_000, "current_period_end": 1_798_772_400}]},
            "latest_invoice": {"payments": {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]}},
        })
    };
    let found = subscription("stripe", stripes("active")).await;
    assert_eq!((found.code.as_deref(), found.plan.as_deref()), (Some(given::EFFECT), Some("price_1")));
    assert_eq!(found.next_billing, Some(1_798_772_400_000_000));
    let charge = found.charge.unwrap().charge;
    assert_eq!((charge.paid, charge.remote.subscription.as_deref()), (4_990, Some("sub_1")));
    for (name, status, recurrence) in [
        ("pagarme", "future", Recurrence::Future),
        ("pagarme", "failed", Recurrence::Ended),
        ("pagarme", "unpaid", Recurrence::Unpaid),
        ("pagarme", "canceled", Recurrence::Ended),
        ("pagarme", "dreamt", Recurrence::Other),
        ("stripe", "trialing", Recurrence::Future),
        ("stripe", "past_due", Recurrence::Unpaid),
        ("stripe", "canceled", Recurrence::Ended),
        ("stripe", "paused", Recurrence::Other),
    ] {
        assert_eq!(
            subscription(name, json!({"id": "sub_1", "status": status})).await.recurrence,
            recurrence,
            "{name} {status}"
        );
    }
    let goes_on = json!({"id": "sub_1", "status": "failed", "next_billing_at": "2027-01-01T03:00:00Z"});
    assert_eq!(subscription("pagarme", goes_on).await.recurrence, Recurrence::Unpaid);
}

#[tokio::test]
async fn a_period_that_begins_between_two_reads_is_told_with_its_charge() {
    let cycle = |month: u8| {
        let (start, end) = (format!("2026-{month:02}-01T03:00:00Z"), format!("2026-{:02}-01T02:59:59Z", month + 1));
        json!({"id": format!("cycle_{month}"), "start_at": start, "end_at": end})
    };
    let reads = AtomicU8::new(0);
    let server = Server::start(move |asked| {
        let paid = charge(json!({"status": "paid"}));
        let said = if asked.line.starts_with("GET /invoices") {
            json!({"data": [{"id": "in_2", "cycle": cycle(11), "charge": paid}]})
        } else {
            // The new period shows from the second read on.
            let month = 10 + reads.fetch_add(1, Ordering::SeqCst).min(1);
            json!({"id": "sub_1", "status": "active", "current_cycle": cycle(month), "next_billing_at": cycle(month)["end_at"]})
        };
        (200, said.to_string())
    })
    .await;
    let gateway = given::gateway("pagarme", server.address());
    let found = gateway.get_subscription(&given::account(), &LookUp::Id("sub_1".to_owned())).await;
    let Outcome::Done(Some(found)) = found else { panic!("{found:?}") };
    assert_eq!(found.period.map(|period| period.begins), Some(given::at("2026-11-01T03:00:00Z")));
    assert_eq!(found.next_billing, Some(given::at("2026-12-01T02:59:59Z")));
    assert_eq!(found.charge.unwrap().charge.status(), Status::Paid);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn what_a_gateway_does_not_know_is_none() {
    for name in Gateways::names() {
        let server = Server::saying(404, json!({"message": "x", "error": {"type": "x", "message": "x"}})).await;
        let (gateway, account, nobody) =
            (given::gateway(name, server.address()), given::account(), LookUp::Id("x".to_owned()));
        assert_eq!(gateway.get_charge(&account, &nobody).await, Outcome::Done(None));
        assert_eq!(gateway.get_subscription(&account, &nobody).await, Outcome::Done(None));
    }
}

/// Whoever passes over the filter by code would give somebody else's order.
#[tokio::test]
async fn only_what_bears_the_code_is_found_by_it() {
    let order = |code: &str| json!({"id": "or_1", "code": code, "charges": [charge(json!({"status": "failed", "code": code}))]});
    let server = Server::saying(200, json!({"data": [order("other"), order(given::EFFECT)]})).await;
    let (gateway, account) = (given::gateway("pagarme", server.address()), given::account());
    let by = |effect: &str| LookUp::Effect { effect: effect.parse().unwrap(), since: 0 };
    let Outcome::Done(Some(found)) = gateway.get_charge(&account, &by(given::EFFECT)).await else { panic!() };
    assert_eq!(found.charge.remote.code.as_deref(), Some(given::EFFECT));
    assert_eq!(found.charge.unpaid.map(|unpaid| unpaid.stage), Some(Stage::Failed));
    let other = by("01939b3c-0000-7000-8000-00000000000f");
    assert_eq!(gateway.get_charge(&account, &other).await, Outcome::Done(None));
}

#[tokio::test]
async fn a_key_tells_whose_it_is_where_the_gateway_does() {
    for (name, answer, whose) in
        [("stripe", json!({"id": "acct_1"}), Some("acct_1")), ("pagarme", json!({"data": []}), None)]
    {
        let server = Server::saying(200, answer).await;
        let Outcome::Done(found) = given::gateway(name, server.address()).who_am_i(&given::account()).await else {
            panic!()
        };
        assert_eq!(found.remote_account.as_deref(), whose);
    }
}
