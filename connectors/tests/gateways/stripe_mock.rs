//! stripe-mock, the vendor's own stand-in, takes every request of the adapter: it refuses parameters that the API does not have.
//!
//! Its answers are examples, so nothing is read off them. `tests/outsiders/stripe-mock.sh` starts it and runs this.

use feira_connectors::gateway::*;
use feira_schemas::gateway::{Method, Outcome};

use crate::given;

fn taken<T>(what: &str, outcome: Outcome<T>) {
    let said = outcome.map(drop);
    assert!(matches!(said, Outcome::Done(())), "{what}: {said:?} {:?}", problems(&said));
}

fn problems(outcome: &Outcome<()>) -> Vec<&str> {
    match outcome {
        Outcome::Refused(refusal) => refusal.problems.iter().map(|problem| problem.message.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn stripe_mock_takes_every_request_of_the_adapter() {
    let Ok(address) = std::env::var("FEIRA_STRIPE_MOCK") else {
        println!("skipped: FEIRA_STRIPE_MOCK is not set (tests/outsiders/stripe-mock.sh sets it)");
        return;
    };
    let (gateway, account) = (given::gateway("stripe", &address), given::account());
    let (effect, since) = (given::effect(), given::at(given::NOW));

    let saved = || CardSource::Saved { customer: "cus_1".to_owned(), card: "pm_1".to_owned() };
    let kept = Payment::Card { source: saved(), installments: 1, capture: false };
    for (what, payment) in
        [("card", given::card()), ("kept card", kept), ("boleto", given::boleto()), ("pix", given::pix())]
    {
        taken(what, gateway.create_charge(&account, &given::charge(payment)).await);
    }
    for look in [LookUp::Id("pi_1".to_owned()), LookUp::Effect { effect, since }] {
        taken("a look at a charge", gateway.get_charge(&account, &look).await);
        taken("a look at a subscription", gateway.get_subscription(&account, &look).await);
    }
    for page in [None, Some("pi_1".to_owned())] {
        let list = ListFacts { since, state: Some(Listed::Paid), page };
        taken("a list", gateway.list_charges(&account, &list).await);
    }
    taken("a refund", gateway.refund(&account, &given::refund(Method::Card, None)).await);
    taken("a cancelling", gateway.cancel(&account, &CancelFacts { effect, charge: "pi_1".to_owned() }).await);
    taken("a kept card", gateway.save_card(&account, &given::card_to_keep()).await);
    taken("a plan", gateway.create_plan(&account, &given::plan()).await);
    let renewed = SubscriptionFacts { source: saved(), starts: None, ..given::subscription() };
    for facts in [given::subscription(), renewed] {
        taken("a subscription", gateway.create_subscription(&account, &facts).await);
    }
    let end = EndFacts { effect, subscription: "sub_1".to_owned() };
    taken("a subscription's end", gateway.cancel_subscription(&account, &end).await);
    taken("an account", gateway.who_am_i(&account).await);

    // What has no such parameter is refused, or this test could not fail.
    let wrong = LookUp::Id("pi_1/nowhere".to_owned());
    assert!(matches!(gateway.get_charge(&account, &wrong).await, Outcome::Done(None) | Outcome::Refused(_)));
}
