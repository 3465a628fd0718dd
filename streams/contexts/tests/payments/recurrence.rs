//! Looks at one subscription, merged: in whatever order they come, however often, and whichever older ones are missing, they end alike.

use feira_contexts::payments::{is_news_of_subscription, merged_subscription, subscription_status};
use feira_schemas::{
    ids::ChargeId,
    records::payments::{ObserveCharge, ObserveSubscription, ObservedSubscription, Recurrence, SubscriptionStatus},
    time::DAY,
};
use serde_json::Value;

use crate::{
    given::NOW,
    merging::permutations,
    sample::{THERE, numbered},
    subscribed::{
        By, NEXT_PERIOD, SUBSCRIPTION, granted, observe, observe_charge, renewal, renewal_paid, seen, seen_with,
    },
};

/// Five looks at one subscription, each later than the one before: it begins, is paid, is renewed, and that is not paid, and it is ended.
fn history() -> Vec<ObservedSubscription> {
    let renewed = |look: ObservedSubscription| ObservedSubscription {
        period_begins: Some(NEXT_PERIOD),
        period_ends: Some(NEXT_PERIOD + 31 * DAY),
        next_billing: Some(NEXT_PERIOD + 31 * DAY),
        ..look
    };
    let none = ObservedSubscription { period_begins: None, period_ends: None, ..seen(1, Recurrence::Future) };
    vec![
        none,
        seen_with(2, Recurrence::Active, "ch_9"),
        ObservedSubscription { customer: None, plan: None, ..renewed(seen_with(3, Recurrence::Active, "ch_1")) },
        renewed(seen_with(4, Recurrence::Unpaid, "ch_1")),
        ObservedSubscription { next_billing: None, ..renewed(seen_with(5, Recurrence::Ended, "ch_1")) },
    ]
}

fn fold(looks: &[ObservedSubscription], order: &[usize]) -> ObservedSubscription {
    let first = &looks[order[0]];
    let first = merged_subscription(first, first).unwrap();
    order.iter().fold(first, |known, at| merged_subscription(&known, &looks[*at]).unwrap())
}

#[test]
fn a_look_alone_stays_as_it_is() {
    for look in history() {
        assert_eq!(merged_subscription(&look, &look), Some(look));
    }
}

#[test]
fn every_order_of_looks_ends_alike_also_where_some_come_again_and_older_ones_are_missing() {
    let looks = history();
    let latest = looks.len() - 1;
    let all = fold(&looks, &[0, 1, 2, 3, 4]);
    assert_eq!((all.recurrence, all.next_billing, all.observed_at), (Recurrence::Ended, None, 5));
    assert_eq!((all.period_begins, all.charge.as_deref()), (Some(NEXT_PERIOD), Some("ch_1")));
    assert_eq!((all.customer.as_deref(), all.plan.as_deref()), (Some("cus_1"), Some("plan_1")));
    let orders = permutations(looks.len());
    assert_eq!(orders.len(), 120);
    for order in orders {
        assert_eq!(fold(&looks, &order), all, "{order:?}");
        let repeated = [order.clone(), order.clone()].concat();
        assert_eq!(fold(&looks, &repeated), all, "{repeated:?}");
        let backwards: Vec<_> = order.iter().chain(order.iter().rev()).copied().collect();
        assert_eq!(fold(&looks, &backwards), all, "{backwards:?}");
        for left_out in 0..(1_usize << latest) {
            let kept: Vec<_> = order.iter().copied().filter(|at| *at == latest || left_out & (1 << at) == 0).collect();
            assert_eq!(fold(&looks, &kept), all, "{kept:?}");
        }
    }
}

#[test]
fn ended_stays_and_what_is_not_known_here_says_nothing() {
    // A list that lags shows it as active, later; a word of tomorrow is read by nobody.
    let mut looks = history();
    looks.swap(3, 4);
    for (number, look) in (1..).zip(&mut looks) {
        (look.observed_at, look.recurrence_at) = (number, number);
    }
    looks.push(seen(9, Recurrence::Other));
    let all = fold(&looks, &[0, 1, 2, 3, 4, 5]);
    assert_eq!((all.recurrence, all.recurrence_at, all.observed_at), (Recurrence::Ended, 4, 9));
    assert_eq!(all.period_begins, Some(NEXT_PERIOD), "the period never goes back");
    for order in permutations(looks.len()) {
        assert_eq!(fold(&looks, &order), all, "{order:?}");
    }
    let known = merged_subscription(&seen(1, Recurrence::Active), &seen(2, Recurrence::Other)).unwrap();
    assert_eq!((known.recurrence, known.recurrence_at), (Recurrence::Active, 1));
    let later = merged_subscription(&known, &seen(3, Recurrence::Unpaid)).unwrap();
    assert_eq!(later.recurrence, Recurrence::Unpaid);
}

#[test]
fn looks_that_begin_together_are_told_apart_by_what_they_say() {
    let states = [
        Recurrence::Future,
        Recurrence::Active,
        Recurrence::Unpaid,
        Recurrence::Ended,
        Recurrence::Other,
        Recurrence::Unknown,
    ];
    for one in states {
        for other in states {
            let (one, other) = (seen(7, one), ObservedSubscription { next_billing: None, ..seen(7, other) });
            assert_eq!(merged_subscription(&one, &other), merged_subscription(&other, &one));
        }
    }
    let (one, other) = (seen_with(7, Recurrence::Active, "ch_1"), seen_with(7, Recurrence::Active, "ch_2"));
    assert_eq!(merged_subscription(&one, &other), merged_subscription(&other, &one));
}

#[test]
fn every_order_of_looks_at_it_and_at_its_charges_is_decided_alike() {
    let looks = history();
    let first = |look: &ObservedSubscription| observe(look.clone());
    let with = |look: &ObservedSubscription, charge| ObserveSubscription { charge: Some(charge), ..first(look) };
    // Charges are of a subscription that is known: the first look is first.
    let commands = [
        with(&looks[1], renewal_paid(2, "ch_9", 0)),
        with(&looks[2], renewal(3, "ch_1")),
        with(&looks[3], renewal(4, "ch_1")),
        with(&looks[4], renewal_paid(5, "ch_1", 0)),
        observe_charge(renewal_paid(6, "ch_9", 4_990)),
    ];
    let decided = |order: &[usize]| {
        let mut shop = granted(By::KeptCard).when(first(&looks[0])).then();
        for at in order {
            shop = shop.when(commands[*at].clone()).then();
        }
        // Looks that say nothing new show everything as it is.
        let subscription = shop.when(first(&looks[0]));
        let body = subscription.unchanged().unwrap();
        let mut shop = subscription.then();
        let mut found: Vec<Value> = ["status", "observed", "charge_id"].map(|field| body[field].clone()).to_vec();
        for charge in [renewal_paid(2, "ch_9", 0), renewal(3, "ch_1")] {
            let charge_id = ChargeId::of_renewal(SUBSCRIPTION, &charge.remote.charge);
            let then = shop.when(ObserveCharge { meta: numbered(60), charge_id, observed: charge });
            let body = then.unchanged().unwrap();
            found.extend([body["status"].clone(), body["observed"].clone()]);
            shop = then.then();
        }
        found
    };
    let all = decided(&[0, 1, 2, 3, 4]);
    assert_eq!((&all[0], &all[3], &all[5]), (&"ENDED".into(), &"REFUNDED".into(), &"PAID".into()));
    for order in permutations(commands.len()) {
        assert_eq!(decided(&order), all, "{order:?}");
        let twice = [order.clone(), order.clone()].concat();
        assert_eq!(decided(&twice), all, "{twice:?}");
    }
}

#[test]
fn looks_at_two_subscriptions_are_not_merged() {
    let one = seen(1, Recurrence::Active);
    let others = [
        ObservedSubscription { account_id: THERE, ..one.clone() },
        ObservedSubscription { gateway: "stripe".into(), ..one.clone() },
        ObservedSubscription { remote_id: "sub_2".into(), ..one.clone() },
    ];
    for other in others {
        assert_eq!(merged_subscription(&one, &other), None);
        assert!(!is_news_of_subscription(&one, &other));
    }
}

#[test]
fn a_look_is_news_if_it_says_more_than_when_it_was() {
    let known = seen_with(NOW, Recurrence::Active, "ch_1");
    assert!(!is_news_of_subscription(&known, &seen_with(NOW + 9, Recurrence::Active, "ch_1")));
    assert!(!is_news_of_subscription(&known, &seen(NOW + 9, Recurrence::Other)));
    assert!(!is_news_of_subscription(&known, &seen(NOW - 9, Recurrence::Unpaid)), "an older look is not believed");
    assert!(is_news_of_subscription(&known, &seen(NOW + 9, Recurrence::Unpaid)));
    assert!(is_news_of_subscription(&known, &seen(NOW - 9, Recurrence::Ended)));
    assert!(is_news_of_subscription(&known, &seen_with(NOW + 9, Recurrence::Active, "ch_2")));
    let moved = ObservedSubscription { next_billing: Some(NEXT_PERIOD + 1), ..seen(NOW + 9, Recurrence::Active) };
    assert!(is_news_of_subscription(&known, &moved));
    assert_eq!(subscription_status(&moved), SubscriptionStatus::Active);
}
