//! What a shop owes the platform is given back, ended and settled by the operator, and by nobody of the shop.

use feira_schemas::{
    ids::{AccountId, PlanId, SubscriptionId, TenantId},
    money::Money,
    records::{
        PaymentsCommand,
        payments::{
            AccountStatus, ChargeStatus, LentPlan, PaymentMethod, RequestSubscription, SubscriptionCard,
            SubscriptionRequest,
        },
    },
    rows::payments::{AccountRow, SubscriptionRow},
    sealed::CardToken,
    time::{HOUR, MINUTE},
};
use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Seller, brl,
    lent::{Owed, lent},
    of_platform, simulated, text,
};
use crate::{
    bed::{Bed, Shop, send, send_at},
    reconciliation::{Moved, differences, reconciled, until},
    run,
};

/// The address of a charge that is owed, behind that of the operator's API.
pub fn path(owed: &Owed) -> String {
    format!("/subscribers/{}/charges/{}", owed.tenant, owed.charge)
}

/// A Pix of this number that a shop owes and has paid, and the platform's account as the simulator has it.
pub async fn paid(bed: &Bed, shop: &Shop, number: u128) -> (Owed, Value) {
    let (account, remote) = of_platform(bed, "pagarme").await;
    let owed = Owed::new(shop.id.parse().unwrap(), number);
    let charge = owed.asked(bed, PaymentMethod::Pix, &lent(bed, &account).await).await;
    simulated(bed, &format!("charges/{charge}/pay"), json!({})).await;
    let shown = format!("/payments/accounts/{}", text(&account["id"]));
    let callback = send(bed.operator("GET", &shown)).await.expect(200).json["callback"].take();
    let address = text(&callback["address"]);
    let (_, path) = address.split_once("://").unwrap().1.split_once('/').unwrap();
    let data = json!({"id": charge, "metadata": {"tenant": shop.id}});
    let hook = json!({"id": "hook_00000000000000e1", "type": "charge.paid", "created_at": "2026-11-30T12:00:00Z", "data": data});
    let sent = bed.request("localhost", "POST", &format!("/{path}"));
    send(sent.basic_auth("feira", Some(text(&callback["password"]))).json(&hook)).await.expect(200);
    owed.is(bed, ChargeStatus::Paid).await;
    (owed, remote)
}

/// The same, and the id of a refund of it that the gateway has refused.
pub async fn refused_refund(bed: &Bed, shop: &Shop, number: u128) -> (Owed, String) {
    let (owed, remote) = paid(bed, shop, number).await;
    let fault =
        json!({"effect": "refuse", "reason": "insufficient_funds", "account": remote["id"], "operation": "refund"});
    simulated(bed, "faults", fault).await;
    let refunds = format!("{}/refunds", path(&owed));
    let refund = send(bed.operator("POST", &refunds).json(&json!({}))).await.expect(201).json;
    assert_eq!(refund["status"], "failed", "{refund}");
    (owed, text(&refund["id"]))
}

/// A subscription of a shop to a plan of the platform that was asked for too late, so that nobody was asked; its id.
pub async fn asked_too_late(bed: &Bed, shop: &Shop, number: u128) -> SubscriptionId {
    let (account, _) = of_platform(bed, "pagarme").await;
    let lent = lent(bed, &account).await;
    let owed = Owed::new(shop.id.parse().unwrap(), number);
    let subscription_id = SubscriptionId::from_uuid(owed.charge.uuid());
    let (plan_id, now) = (PlanId::from_uuid(Uuid::new_v4()), bed.api.platform.now());
    let token = owed.sealed(bed, CardToken::new("token_x").unwrap()).await;
    let (name, remote_id) = ("Básico".to_owned(), "plan_9".to_owned());
    let command = RequestSubscription {
        meta: owed.meta(bed, Uuid::new_v4()),
        subscription_id,
        request: SubscriptionRequest {
            reference: None,
            plan_id,
            account_id: Some(lent.account_id),
            subscriber: owed.buyer(bed).await,
            card: SubscriptionCard { card_token: Some(token), token_until: Some(now + MINUTE), card_id: None },
            starts: None,
        },
        not_after: Some(now - MINUTE),
        lent: Some(lent),
        lent_plan: Some(LentPlan { plan_id, name, price: Money::brl(4_990), months: 1, remote_id }),
    };
    owed.send(bed, PaymentsCommand::RequestSubscription(command)).await;
    until("the subscription", async || {
        let key = SubscriptionRow::at(owed.tenant, subscription_id);
        bed.api.platform.state.get::<SubscriptionRow>(&key).await.unwrap()
    })
    .await;
    subscription_id
}

/// Checks that a shop's history, once it shows this position, tells nothing of what the shop owes.
async fn is_told_nothing(bed: &Bed, shop: &Shop, position: &str) {
    for kind in ["charge", "refund", "subscription"] {
        let asks = bed.staff(shop, "GET", &format!("/changes?actor=all&entity={kind}"));
        let list = send_at(position, asks).await.expect(200).json;
        assert_eq!((&list["items"], &list["next"]), (&json!([]), &Value::Null), "{kind}");
    }
}

#[test]
fn what_a_shop_has_paid_to_the_platform_is_given_back_by_the_operator_alone() {
    run(async {
        let bed = Bed::start().await;
        let seller = Seller::at(&bed, "estornada", "pagarme").await;
        let (owed, _) = paid(&bed, &seller.shop, 10).await;
        let charge = path(&owed);
        let refunds = format!("{charge}/refunds");
        let theirs = format!("/charges/{}/refunds", owed.charge);
        send(seller.asks(&bed, "POST", &theirs).json(&json!({}))).await.expect(404);

        let give_back = |body: Value| send(bed.operator("POST", &refunds).json(&body));
        let part = give_back(json!({"amount": brl(1_000), "reference": "engano"})).await.expect(201);
        let told = (&part.json["status"], &part.json["amount"], &part.json["reference"]);
        assert_eq!(told, (&json!("done"), &brl(1_000), &json!("engano")), "{}", part.json);
        assert_eq!(part.header("location"), format!("/api/operator/v1{charge}"));
        assert!(part.header("feira-position").starts_with("payments."), "{:?}", part.headers);
        let rest = give_back(json!({})).await.expect(201).json;
        assert_eq!((&rest["status"], &rest["amount"]), (&json!("done"), &brl(3_990)), "{rest}");
        assert_eq!(give_back(json!({})).await.code(), "payment_state", "nothing is left");
        let read = send(bed.operator("GET", &charge)).await.expect(200);
        assert_eq!((&read.json["status"], read.header("cache-control")), (&json!("refunded"), "no-store"));
        assert_eq!(read.json["refunds"].as_array().unwrap().len(), 2, "{}", read.json);

        // What the shop sells is none that it owes.
        let own = text(&seller.paid(&bed, 1_000).await["id"]);
        let own = format!("/subscribers/{}/charges/{own}", seller.shop.id);
        send(bed.operator("GET", &own)).await.expect(404);
        send(bed.operator("POST", &format!("{own}/refunds")).json(&json!({}))).await.expect(404);
    });
}

#[test]
fn a_refund_of_what_a_shop_has_paid_that_failed_is_settled_by_the_operator_alone() {
    run(async {
        let bed = Bed::start().await;
        let shop = bed.shop("devolvida").await;
        let (owed, refund) = refused_refund(&bed, &shop, 11).await;
        let note = json!({"note": "Pix para a mesma conta"});
        let theirs = format!("/payments/charges/{}/refunds/{refund}/settle", owed.charge);
        send(bed.staff(&shop, "POST", &theirs).json(&note)).await.expect(404);
        let settle = format!("{}/refunds/{refund}/settle", path(&owed));
        let settled = send(bed.operator("POST", &settle).json(&note)).await.expect(200);
        assert_eq!(settled.json["status"], "by_hand", "{}", settled.json);
        is_told_nothing(&bed, &shop, settled.header("feira-position")).await;
    });
}

#[test]
fn a_charge_that_a_shop_owes_and_nobody_knows_of_is_settled_by_the_operator_alone() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let shop = bed.shop("duvida-devida").await;
        let (account, remote) = of_platform(&bed, "pagarme").await;
        for operation in ["charge", "get", "list"] {
            let fault =
                json!({"effect": "error_before", "account": remote["id"], "operation": operation, "times": 10_000});
            simulated(&bed, "faults", fault).await;
        }
        let owed = Owed::new(shop.id.parse().unwrap(), 12);
        owed.ask(&bed, PaymentMethod::Boleto, &lent(&bed, &account).await).await;
        owed.once(&bed, |charge| charge.attempts.last().is_some_and(|attempt| attempt.outcome.is_some())).await;
        moved.by(21 * HOUR);

        let note = json!({"note": "Não consta no painel do gateway"});
        let theirs = format!("/payments/charges/{}/settle", owed.charge);
        send(bed.staff(&shop, "POST", &theirs).json(&note)).await.expect(404);
        let settle = format!("{}/settle", path(&owed));
        let settled = until("the open question", async || {
            let answer = send(bed.operator("POST", &settle).json(&note)).await;
            (answer.code() != "payment_state").then_some(answer)
        })
        .await;
        let settled = settled.expect(200);
        assert_eq!(settled.json["status"], "failed", "{}", settled.json);
        is_told_nothing(&bed, &shop, settled.header("feira-position")).await;
    });
}

#[test]
fn a_subscription_by_which_a_shop_pays_is_ended_by_the_operator_alone() {
    run(async {
        let bed = Bed::start().await;
        let seller = Seller::at(&bed, "encerrada-aqui", "pagarme").await;
        let subscription = asked_too_late(&bed, &seller.shop, 13).await;
        send(seller.asks(&bed, "DELETE", &format!("/subscriptions/{subscription}"))).await.expect(404);
        let of_operator = format!("/subscribers/{}/subscriptions/{subscription}", seller.shop.id);
        let ended = send(bed.operator("DELETE", &of_operator)).await.expect(200).json;
        // Nobody was asked for it; should it be there all the same, it is ended then.
        assert_eq!((&ended["status"], &ended["end_wanted"]), (&json!("expired"), &json!(true)), "{ended}");

        let settle = format!("{of_operator}/settle");
        let settled = send(bed.operator("POST", &settle).json(&json!({"note": "Não consta"}))).await;
        assert_eq!(settled.code(), "payment_state", "it is in no doubt");
        let plan = seller.plan(&bed).await;
        let own = text(&seller.subscribes(&bed, &plan).await["id"]);
        let own = format!("/subscribers/{}/subscriptions/{own}", seller.shop.id);
        send(bed.operator("DELETE", &own)).await.expect(404);
        send(bed.operator("POST", &format!("{own}/settle")).json(&json!({"note": "Não consta"}))).await.expect(404);
    });
}

/// Waits until the platform's account is in this state.
async fn account_is(bed: &Bed, account: AccountId, status: AccountStatus) {
    until("the account's state", async || {
        let key = AccountRow::at(TenantId::PLATFORM, account);
        let row = bed.api.platform.state.get::<AccountRow>(&key).await.unwrap();
        row.filter(|row| row.account.status == status)
    })
    .await;
}

#[test]
fn a_lent_account_whose_key_is_refused_is_broken_so_that_nobody_is_offered_it() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let shop = bed.shop("sem-chave").await;
        let (account, remote) = of_platform(&bed, "pagarme").await;
        let lent = lent(&bed, &account).await;
        account_is(&bed, lent.account_id, AccountStatus::Ready).await;
        // Long after it was tried, somebody changes the key in the gateway's own pages.
        moved.by(10 * MINUTE);
        let address = format!("http://{}/admin/accounts/{}", bed.simulator.address(), text(&remote["id"]));
        let other = json!({"secret_key": "sk_test_0000000000000000"});
        assert!(Client::new().patch(address).json(&other).send().await.unwrap().status().is_success());
        let owed = Owed::new(shop.id.parse().unwrap(), 14);
        owed.ask(&bed, PaymentMethod::Pix, &lent).await;
        account_is(&bed, lent.account_id, AccountStatus::Broken).await;
        // Who pays waits until it is mended.
        owed.is(&bed, ChargeStatus::Processing).await;
    });
}

#[test]
fn what_a_shop_has_paid_and_the_gateway_shows_no_more_differs_at_the_platforms_account() {
    run(async {
        let bed = Bed::start().await;
        let shop = bed.shop("esquecida").await;
        let (owed, _) = paid(&bed, &shop, 15).await;
        let remote = owed.is(&bed, ChargeStatus::Paid).await.observed.unwrap().remote.charge;
        simulated(&bed, &format!("charges/{remote}/forget"), json!({})).await;
        let platform = TenantId::PLATFORM.to_string();
        reconciled(&bed, &platform).await;
        let found = differences(&bed, &platform).await;
        let [difference] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&difference["kind"], &difference["remote_id"]), (&json!("missing_charge"), &json!(remote)));
        assert_eq!(difference["charge_id"], json!(owed.charge), "it is the shop's");
    });
}
