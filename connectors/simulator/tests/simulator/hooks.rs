//! Hooks: what is told, with which credentials, and what was ordered to go wrong on their way.

use serde_json::{Value, json};

use crate::bed::{Bed, Hook, pix};

fn kinds(hooks: &[Hook]) -> Vec<&str> {
    hooks.iter().map(|hook| hook.body["type"].as_str().unwrap()).collect()
}

/// The deliveries that the simulator knows, the oldest first, once as many as that are done.
async fn done(bed: &Bed, count: usize) -> Vec<Value> {
    loop {
        let mut all = bed.admin("GET", "hooks", Value::Null).await.as_array().unwrap().clone();
        all.reverse();
        if all.iter().filter(|one| one["state"] == "delivered" || one["state"] == "lost").count() >= count {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_paid_pix_is_told_with_the_whole_charge_and_the_accounts_credentials() {
    let bed = Bed::new().await;
    let receiver = bed.receiver(Vec::new()).await;
    let charge = bed.paid("a", pix()).await;
    let hooks = receiver.seen(4).await;
    let mut seen = kinds(&hooks);
    seen.sort_unstable();
    assert_eq!(seen, ["charge.paid", "charge.pending", "order.created", "order.paid"]);
    let paid = hooks.iter().find(|hook| hook.body["type"] == "charge.paid").unwrap();
    assert_eq!(paid.credentials.as_deref(), Some("Basic dXNlcjpwYXNzd29yZA=="));
    assert_eq!((&paid.body["data"]["id"], &paid.body["data"]["status"]), (&json!(charge), &json!("paid")));
    assert_eq!(paid.body["account"]["id"], bed.account.id.as_str());
    assert!(paid.body["id"].as_str().unwrap().starts_with("hook_"));
    assert_eq!(paid.body["created_at"], "2026-11-02T12:00:00.000Z");
}

#[tokio::test]
async fn the_words_of_refunds_are_told_by_their_hooks() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", pix()).await;
    let receiver = bed.receiver(Vec::new()).await;
    bed.ok("DELETE", &format!("charges/{charge}"), json!({"amount": 1})).await;
    bed.ok("DELETE", &format!("charges/{charge}"), Value::Null).await;
    let hooks = receiver.seen(3).await;
    let mut seen = kinds(&hooks);
    seen.sort_unstable();
    assert_eq!(seen, ["charge.partial_canceled", "charge.refunded", "order.canceled"]);
    let partial = hooks.iter().find(|hook| hook.body["type"] == "charge.partial_canceled").unwrap();
    assert_eq!(partial.body["data"]["status"], "paid", "it is as it was then");
}

#[tokio::test]
async fn a_hook_that_is_not_taken_comes_again_until_its_31st_time() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", pix()).await;
    let receiver = bed.receiver(vec![500; 31]).await;
    bed.admin("POST", &format!("charges/{charge}/charge-back"), Value::Null).await;
    for tries in 1..=31 {
        assert_eq!(receiver.seen(tries).await.len(), tries);
        bed.move_clock(3_600).await;
    }
    let all = done(&bed, 1).await;
    assert_eq!((&all[0]["state"], &all[0]["tries"]), (&json!("lost"), &json!(31)));
}

#[tokio::test]
async fn f37_a_hook_is_late_doubled_or_lost_as_was_ordered() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", pix()).await;
    let receiver = bed.receiver(Vec::new()).await;
    let refund = async || drop(bed.ok("DELETE", &format!("charges/{charge}"), json!({"amount": 1})).await);
    bed.fault(json!({"effect": "hook_double", "copies": 3})).await;
    refund().await;
    let hooks = receiver.seen(3).await;
    assert!(hooks.iter().all(|hook| hook.text == hooks[0].text), "the same hook with the same id");
    bed.fault(json!({"effect": "hook_lost"})).await;
    refund().await;
    bed.fault(json!({"effect": "hook_late", "millis": 60_000})).await;
    refund().await;
    let all = done(&bed, 4).await;
    let states: Vec<&Value> = all.iter().map(|one| &one["state"]).collect();
    assert_eq!(states[3..], [&json!("lost"), &json!("waiting")]);
    bed.move_clock(60).await;
    assert_eq!(receiver.seen(4).await.len(), 4);
}

#[tokio::test]
async fn hooks_change_places_as_was_ordered() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", pix()).await;
    let receiver = bed.receiver(Vec::new()).await;
    bed.fault(json!({"effect": "hook_permute", "of": 2})).await;
    for amount in [1, 2] {
        bed.ok("DELETE", &format!("charges/{charge}"), json!({"amount": amount})).await;
    }
    receiver.seen(1).await;
    bed.move_clock(1).await;
    let hooks = receiver.seen(2).await;
    let sums: Vec<&Value> = hooks.iter().map(|hook| &hook.body["data"]["canceled_amount"]).collect();
    assert_eq!(sums, [&json!(3), &json!(1)]);
}

#[tokio::test]
async fn a_hook_can_be_forged_and_repeated() {
    let bed = Bed::new().await;
    let (_, charge) = bed.ordered("a", pix()).await;
    let receiver = bed.receiver(Vec::new()).await;
    let forged = json!({"account": bed.account.id, "type": "charge.paid", "charge": charge, "changes": {"status": "paid"}, "credentials": "wrong"});
    let hook = bed.admin("POST", "hooks/forge", forged).await["hook"].clone();
    let Hook { credentials, body, .. } = receiver.seen(1).await.remove(0);
    assert_ne!(credentials.as_deref(), Some("Basic dXNlcjpwYXNzd29yZA=="));
    assert_eq!((&body["data"]["status"], &body["id"]), (&json!("paid"), &hook));
    assert_eq!(bed.truth("a").await[0]["received"], 0);
    let missing = json!({"account": bed.account.id, "type": "x", "data": {"any": 1}, "credentials": "missing"});
    bed.admin("POST", "hooks/forge", missing).await;
    assert_eq!(receiver.seen(2).await[1].credentials, None);
    bed.admin("POST", &format!("hooks/{}/repeat", hook.as_str().unwrap()), Value::Null).await;
    assert_eq!(receiver.seen(3).await[2].body, body);
}
