//! What every gateway must do, by its own adapter, against the simulator: the same steps for pagar.me and Stripe.

use std::sync::Arc;

use feira_connectors::{clock::wall_clock, gateway::*};
use feira_schemas::{
    gateway::{Method, NotSent, Observed, Outcome, Recurrence, RefusedFor, Status, Unknown},
    ids::EffectId,
    sealed::GatewayKey,
    time::MINUTE,
};
use feira_simulator::{Running, Settings, core::ids::Ids};
use jiff::{ToSpan, Zoned};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::given;

/// A simulator of its own, an account with one vendor, and that vendor's adapter.
struct Bed {
    vendor: &'static str,
    base: String,
    /// The account's id at the simulator.
    remote: String,
    account: Account,
    gateway: Arc<dyn Gateway>,
    running: Running,
    _folder: TempDir,
}

/// A card to pay with, by what becomes of it.
#[derive(Clone, Copy)]
enum Card {
    Approved,
    NotEnough,
}

impl Bed {
    async fn of(vendor: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            anywhere: false,
            folder: folder.path().to_owned(),
            clock: wall_clock(),
            ids: Ids::from(StdRng::seed_from_u64(7)),
        };
        let running = Running::start(settings).await.unwrap();
        let base = format!("http://{}", running.address());
        let asked = json!({"gateway": vendor, "name": "Loja de Teste", "lag_millis": 0});
        let made = post(&format!("{base}/admin/accounts"), &asked).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let account =
            Account { secret_key: key(&text("secret_key")), public_key: text("public_key"), ..given::account() };
        let path = if vendor == "pagarme" { "/core/v5" } else { "/v1" };
        let gateway = given::gateway(vendor, &format!("{base}{path}"));
        Self { vendor, remote: text("id"), base, account, gateway, running, _folder: folder }
    }

    /// A source that serves once.
    async fn card(&self, card: Card) -> CardSource {
        if self.vendor == "stripe" {
            let name = match card {
                Card::Approved => "tok_visa",
                Card::NotEnough => "tok_chargeDeclinedInsufficientFunds",
            };
            return CardSource::Token(given::token(&self.payment_method(name).await));
        }
        let number = match card {
            Card::Approved => "4111111111111111",
            Card::NotEnough => "4000000000000093",
        };
        let card = json!({"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let tokens = self.gateway.browser_key(&self.account.public_key).tokens;
        let token = post(&tokens, &json!({"type": "card", "card": card})).await;
        CardSource::Token(given::token(token["id"].as_str().unwrap()))
    }

    /// A way to pay as the vendor's script makes it in a browser, of a card's token.
    async fn payment_method(&self, token: &str) -> String {
        let asked = reqwest::Client::new()
            .post(format!("{}/v1/payment_methods", self.base))
            .basic_auth(self.account.secret_key.expose(), Some(""))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("type=card&card[token]={token}"));
        let made: Value = serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    async fn by_card(&self, card: Card) -> ChargeFacts {
        facts(Payment::Card { source: self.card(card).await, installments: 1, capture: true })
    }

    /// Orders a fault for the next call of that operation.
    async fn fault(&self, operation: &str, mut effect: Value) {
        effect["account"] = json!(self.remote);
        effect["operation"] = json!(operation);
        post(&format!("{}/admin/faults", self.base), &effect).await;
    }

    /// The charges that the simulator has made of this account.
    async fn truth(&self) -> Vec<Value> {
        let answer = reqwest::get(format!("{}/admin/charges?account={}", self.base, self.remote)).await.unwrap();
        let charges: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        charges.as_array().unwrap().clone()
    }

    /// A person pays the account's only charge.
    async fn pay(&self) {
        let [charge] = &self.truth().await[..] else { panic!("one charge") };
        let id = charge["id"].as_str().unwrap();
        post(&format!("{}/admin/charges/{id}/pay", self.base), &json!({})).await;
    }

    async fn charged(&self, facts: &ChargeFacts) -> Observed {
        done(self.gateway.create_charge(&self.account, facts).await)
    }

    async fn found(&self, facts: &ChargeFacts) -> Option<Observed> {
        let since = facts.decided_at - MINUTE;
        done(self.gateway.get_charge(&self.account, &LookUp::Effect { effect: facts.effect, since }).await)
    }
}

async fn post(address: &str, body: &Value) -> Value {
    let answer = reqwest::Client::new().post(address).json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

fn key(text: &str) -> GatewayKey {
    GatewayKey::new(text).unwrap()
}

fn done<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Done(done) => done,
        other => panic!("{other:?}"),
    }
}

fn facts(payment: Payment) -> ChargeFacts {
    let now = wall_clock().now();
    let payment = match payment {
        Payment::Pix { information, .. } => Payment::Pix { until: now + 25 * MINUTE, information },
        Payment::Boleto { instructions, document_number, .. } => {
            let due = Zoned::now().date().saturating_add(3.days());
            Payment::Boleto { due, instructions, document_number }
        }
        card @ Payment::Card { .. } => card,
    };
    ChargeFacts { effect: EffectId::from_uuid(Uuid::now_v7()), decided_at: now, ..given::charge(payment) }
}

const VENDORS: [&str; 2] = ["pagarme", "stripe"];

#[tokio::test]
async fn a_card_a_pix_and_a_boleto_are_charged_once_however_often_they_are_sent() {
    for vendor in VENDORS {
        for method in [Method::Card, Method::Pix, Method::Boleto] {
            let bed = Bed::of(vendor).await;
            let facts = match method {
                Method::Card => bed.by_card(Card::Approved).await,
                Method::Pix => facts(given::pix()),
                Method::Boleto => facts(given::boleto()),
            };
            let made = bed.charged(&facts).await;
            let expected = if method == Method::Card { Status::Paid } else { Status::Pending };
            assert_eq!(made.charge.status(), expected, "{vendor} {method:?}");
            match method {
                Method::Card => assert_eq!(made.charge.paid, facts.amount),
                Method::Pix => assert!(made.charge.pix.code.is_some(), "{made:?}"),
                Method::Boleto => {
                    let boleto = &made.charge.boleto;
                    assert!(boleto.line.is_some() && boleto.digits44.is_some(), "{vendor} {boleto:?}");
                }
            }
            let again = bed.charged(&facts).await;
            assert_eq!(again.charge.remote.charge, made.charge.remote.charge, "{vendor} {method:?}");
            assert_eq!(bed.truth().await.len(), 1, "{vendor} {method:?}: one charge");
            let found = bed.found(&facts).await.unwrap();
            let id = LookUp::Id(made.charge.remote.charge.clone());
            let by_id = done(bed.gateway.get_charge(&bed.account, &id).await).unwrap();
            assert_eq!(found.charge.remote.charge, by_id.charge.remote.charge, "{vendor} {method:?}");
            if method != Method::Card {
                bed.pay().await;
                let paid = bed.found(&facts).await.unwrap();
                assert_eq!(
                    (paid.charge.status(), paid.charge.paid),
                    (Status::Paid, facts.amount),
                    "{vendor} {method:?}"
                );
                assert_eq!(made.charge.merged(&paid.charge).unwrap().status(), Status::Paid);
            }
            bed.running.stop().await;
        }
    }
}

#[tokio::test]
async fn a_refused_card_says_why_and_costs_nothing() {
    for vendor in VENDORS {
        let bed = Bed::of(vendor).await;
        let facts = bed.by_card(Card::NotEnough).await;
        match bed.gateway.create_charge(&bed.account, &facts).await {
            Outcome::Done(made) => {
                assert_eq!((made.charge.status(), made.charge.paid), (Status::Failed, 0), "{vendor}");
                let unpaid = made.charge.unpaid.as_ref().unwrap();
                assert!(!unpaid.reasons.is_empty(), "{vendor} gives no reason: {made:?}");
            }
            Outcome::Refused(refusal) => {
                assert_eq!(refusal.why, RefusedFor::Declined, "{vendor}");
                assert!(!refusal.problems.is_empty(), "{vendor} gives no reason");
            }
            other => panic!("{vendor}: {other:?}"),
        }
        bed.running.stop().await;
    }
}

#[tokio::test]
async fn a_part_of_a_payment_is_given_back_once_and_the_sums_say_so() {
    for vendor in VENDORS {
        let bed = Bed::of(vendor).await;
        let facts = bed.by_card(Card::Approved).await;
        let made = bed.charged(&facts).await;
        let refund = RefundFacts {
            effect: EffectId::from_uuid(Uuid::now_v7()),
            charge: made.charge.remote.charge.clone(),
            ..given::refund(Method::Card, None)
        };
        let refunded = done(bed.gateway.refund(&bed.account, &refund).await);
        assert_eq!(refunded.charge.refunded(), refund.amount, "{vendor}");
        let found = bed.found(&facts).await.unwrap();
        let merged = made.charge.merged(&refunded.charge).unwrap().merged(&found.charge).unwrap();
        assert_eq!((merged.status(), merged.refunded()), (Status::PartlyRefunded, refund.amount), "{vendor}");
        let rest =
            RefundFacts { effect: EffectId::from_uuid(Uuid::now_v7()), amount: facts.amount - refund.amount, ..refund };
        let all = done(bed.gateway.refund(&bed.account, &rest).await);
        assert_eq!((all.charge.status(), all.charge.refunded()), (Status::Refunded, facts.amount), "{vendor}");
        bed.running.stop().await;
    }
}

#[tokio::test]
async fn what_goes_wrong_after_a_charge_is_unknown_and_found_by_its_effect() {
    for vendor in VENDORS {
        for (fault, expected, charged) in [
            ("drop_after", Some(Outcome::Unknown(Unknown::Reset)), 1),
            ("error_after", Some(Outcome::Unknown(Unknown::Status(500))), 1),
            ("drop_before", None, 0),
            ("error_before", Some(Outcome::Unknown(Unknown::Status(500))), 0),
        ] {
            let bed = Bed::of(vendor).await;
            let facts = facts(given::pix());
            bed.fault("charge", json!({"effect": fault})).await;
            let outcome = bed.gateway.create_charge(&bed.account, &facts).await.map(drop);
            match expected {
                Some(expected) => assert_eq!(outcome, expected, "{vendor} {fault}"),
                // Whether the whole body was sent is a matter of when the connection broke.
                None => assert!(matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_)), "{vendor} {outcome:?}"),
            }
            assert_eq!(bed.truth().await.len(), charged, "{vendor} {fault}");
            assert_eq!(bed.found(&facts).await.is_some(), charged == 1, "{vendor} {fault}");
            bed.running.stop().await;
        }
        let bed = Bed::of(vendor).await;
        bed.fault("charge", json!({"effect": "too_many", "retry_after": 3})).await;
        let outcome = bed.gateway.create_charge(&bed.account, &facts(given::pix())).await.map(drop);
        assert_eq!(outcome, Outcome::NotSent(NotSent::TooMany { retry_after: Some(3) }), "{vendor}");
        assert!(bed.truth().await.is_empty(), "{vendor}");
        bed.running.stop().await;
    }
}

#[tokio::test]
async fn an_account_is_told_from_one_whose_key_is_wrong() {
    for vendor in VENDORS {
        let bed = Bed::of(vendor).await;
        done(bed.gateway.who_am_i(&bed.account).await);
        let wrong = Account { secret_key: key("sk_test_0000000000000000"), ..bed.account.clone() };
        let refused = bed.gateway.who_am_i(&wrong).await;
        assert!(matches!(&refused, Outcome::Refused(no) if no.why == RefusedFor::Account), "{vendor} {refused:?}");
        bed.running.stop().await;
    }
}

#[tokio::test]
async fn a_plan_is_made_and_a_card_subscribes_to_it_and_leaves() {
    for vendor in VENDORS {
        let bed = Bed::of(vendor).await;
        let plan = done(bed.gateway.create_plan(&bed.account, &given::plan()).await);
        let subscription = SubscriptionFacts {
            effect: EffectId::from_uuid(Uuid::now_v7()),
            plan: plan.id,
            source: bed.card(Card::Approved).await,
            starts: None,
            ..given::subscription()
        };
        let made = done(bed.gateway.create_subscription(&bed.account, &subscription).await);
        assert_eq!(made.recurrence, Recurrence::Active, "{vendor}");
        let look = LookUp::Effect { effect: subscription.effect, since: wall_clock().now() - MINUTE };
        let found = done(bed.gateway.get_subscription(&bed.account, &look).await).unwrap();
        assert_eq!((&found.id, found.period), (&made.id, made.period), "{vendor}");
        assert!(found.period.is_some() && found.next_billing.is_some(), "{vendor} {found:?}");
        let end = EndFacts { effect: EffectId::from_uuid(Uuid::now_v7()), subscription: made.id };
        let ended = done(bed.gateway.cancel_subscription(&bed.account, &end).await);
        assert_eq!(ended.recurrence, Recurrence::Ended, "{vendor}");
        let paid = made.charge.map(|observed| observed.charge.status());
        assert_eq!(paid, Some(Status::Paid), "{vendor}: the first period's payment comes with the subscription");
        bed.running.stop().await;
    }
}
