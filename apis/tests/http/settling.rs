//! Charges, refunds and subscriptions of which nobody knows what became of them, settled by the shop's staff.

use feira_schemas::time::{HOUR, MINUTE};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, bed, send, send_at},
    payments::{Seller, pix, simulated, subscription, text},
    reconciliation::{Moved, boleto, pay, read, until},
    run,
};

/// Has the gateway fail like this at the next call of an operation, and show nothing from then on; the fault by which it shows no single
/// thing.
async fn in_doubt(bed: &Bed, seller: &Seller, fault: &str, operation: &str) -> String {
    order(bed, seller, fault, operation, 1).await;
    shows_none(bed, seller).await
}

/// From now on the gateway shows nothing; the id of the fault by which single things are not shown.
async fn shows_none(bed: &Bed, seller: &Seller) -> String {
    let shows_none = order(bed, seller, "error_before", "get", 10_000).await;
    order(bed, seller, "error_before", "list", 10_000).await;
    shows_none
}

/// The next calls of an operation go wrong; the fault's id.
async fn order(bed: &Bed, seller: &Seller, effect: &str, operation: &str, times: u32) -> String {
    let account = text(&seller.remote["id"]);
    let fault = json!({"effect": effect, "account": account, "operation": operation, "times": times});
    text(&simulated(bed, "faults", fault).await["id"])
}

/// A charge whose answer failed like this, and of which the gateway has shown nothing until nothing was sent any more; and the fault by
/// which it shows no single charge.
async fn open(bed: &Bed, moved: &Moved, seller: &Seller, fault: &str) -> (Value, String) {
    let shows_none = in_doubt(bed, seller, fault, "charge").await;
    let made = seller.charges(bed, &boleto(bed)).await.expect(202).json;
    moved.by(21 * HOUR);
    (made["id"].clone(), shows_none)
}

fn of_charge(charge: &Value) -> String {
    format!("/payments/charges/{}/settle", text(charge))
}

fn of_subscription(subscription: &Value) -> String {
    format!("/payments/subscriptions/{}/settle", text(subscription))
}

/// Has staff settle something, as soon as nothing is sent for it any more.
async fn settle(bed: &Bed, seller: &Seller, path: &str, body: Value) -> Answered {
    until("the open question", async || {
        let answer = send(bed.staff(&seller.shop, "POST", path).json(&body)).await;
        (answer.code() != "payment_state").then_some(answer)
    })
    .await
}

#[test]
fn f17_a_charge_of_which_nobody_knows_is_settled_by_a_person() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let seller = Seller::at(&bed, "duvida-nao-feita", "pagarme").await;
        let (charge, _) = open(&bed, &moved, &seller, "error_before").await;
        let note = json!({"note": "Não consta no painel do gateway"});
        let settled = settle(&bed, &seller, &of_charge(&charge), note).await.expect(200);
        assert_eq!(settled.json["status"], "failed", "{}", settled.json);
        assert!(settled.header("feira-position").starts_with("payments."));
        let history = bed.staff(&seller.shop, "GET", "/changes?entity=charge");
        let history = send_at(settled.header("feira-position"), history).await.expect(200).json;
        let told = &history["items"][0];
        assert_eq!((&told["entity_id"], &told["differences"][0]["field"]), (&charge, &json!("/note")), "{history}");
        assert_eq!(told["differences"][0]["after"], "Não consta no painel do gateway", "{history}");

        let seller = Seller::at(&bed, "duvida-feita", "pagarme").await;
        let other = seller.charges(&bed, &boleto(&bed)).await.expect(201).json;
        let (charge, shows_none) = open(&bed, &moved, &seller, "error_after").await;
        let another = json!({"remote_id": other["remote_id"], "note": "Consta no painel do gateway"});
        let refused = settle(&bed, &seller, &of_charge(&charge), another).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/remote_id", "that is another charge's");

        let all = format!("http://{}/admin/charges?account={}", bed.simulator.address(), text(&seller.remote["id"]));
        let truth: Value = Client::new().get(all).send().await.unwrap().json().await.unwrap();
        let is_it = |made: &&Value| made["id"] != other["remote_id"];
        let remote = text(&truth.as_array().unwrap().iter().find(is_it).unwrap()["id"]);
        pay(&bed, &seller, &remote).await;
        // Its lists still show nothing by our code: only the id that a person names leads there.
        let fault = format!("http://{}/admin/faults/{shows_none}", bed.simulator.address());
        assert!(Client::new().delete(fault).send().await.unwrap().status().is_success());
        moved.by(MINUTE);
        let named = json!({"remote_id": remote, "note": "Consta no painel do gateway"});
        settle(&bed, &seller, &of_charge(&charge), named).await.expect(200);
        until("the look", async || {
            Some(read(&bed, &seller, &charge).await).filter(|charge| charge["status"] == "paid")
        })
        .await;
    });
}

#[test]
fn f17_what_is_known_is_not_settled_by_hand() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "sem-duvida", "pagarme").await;
        let charge = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let settle = |path: String, body: Value| send(bed.staff(&seller.shop, "POST", &path).json(&body));
        let of_charge = of_charge(&charge["id"]);
        assert_eq!(settle(of_charge.clone(), json!({"note": "x"})).await.code(), "payment_state");
        settle(of_charge.clone(), json!({})).await.expect(422);
        settle(of_charge.clone(), json!({"note": "x", "status": "paid"})).await.expect(422);
        let none = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        settle(format!("/payments/charges/{none}/settle"), json!({"note": "x"})).await.expect(404);
        let of_refund = of_charge.replace("/settle", &format!("/refunds/{none}/settle"));
        settle(of_refund, json!({"note": "x"})).await.expect(404);
    });
}

/// The ids of a charge and of a refund of it that the gateway has refused.
pub async fn refused_refund(bed: &Bed, seller: &Seller) -> (String, String) {
    let charge = seller.paid(bed, 10_000).await;
    let account = text(&seller.remote["id"]);
    let fault = json!({"effect": "refuse", "reason": "insufficient_funds", "account": account, "operation": "refund"});
    simulated(bed, "faults", fault).await;
    let refunds = format!("/charges/{}/refunds", text(&charge["id"]));
    let refund = send(seller.asks(bed, "POST", &refunds).json(&json!({}))).await.expect(201).json;
    assert_eq!(refund["status"], "failed", "{refund}");
    (text(&charge["id"]), text(&refund["id"]))
}

#[test]
fn f17_a_refund_that_failed_is_settled_by_hand() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "devolve-a-mao", "pagarme").await;
        let (charge, refund) = refused_refund(bed, &seller).await;
        let path = format!("/payments/charges/{charge}/refunds/{refund}/settle");
        let settle = bed.staff(&seller.shop, "POST", &path).json(&json!({"note": "Pix para a mesma conta"}));
        assert_eq!(send(settle).await.expect(200).json["status"], "by_hand");
    });
}

/// Asks for a subscription to a plan that is made, whose answer is in doubt.
async fn asked_for(bed: &Bed, seller: &Seller) -> Value {
    let plan = seller.plan(bed).await;
    // By a card that is kept: what a token may have made is known to have run out.
    let mut body = subscription(&plan, "");
    body["card"] = json!({"card_id": seller.keeps(bed).await["id"]});
    in_doubt(bed, seller, "error_before", "subscription").await;
    send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(202).json
}

#[test]
fn s20_f17_a_subscription_of_which_nobody_knows_whether_it_was_made_or_ended_is_settled_by_a_person() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let making = Seller::at(&bed, "duvida-assinatura", "pagarme").await;
        let made = asked_for(&bed, &making).await;
        let ending = Seller::at(&bed, "duvida-encerrar", "pagarme").await;
        let plan = ending.plan(&bed).await;
        let active = ending.subscribes(&bed, &plan).await;
        // It is looked at before it is ended, so only later looks fail.
        order(&bed, &ending, "error_before", "subscription", 1).await;
        let end = format!("/subscriptions/{}", text(&active["id"]));
        send(ending.asks(&bed, "DELETE", &end)).await.expect(202);
        shows_none(&bed, &ending).await;
        for (seller, subscription) in [(&making, &made), (&ending, &active)] {
            let early = bed.staff(&seller.shop, "POST", &of_subscription(&subscription["id"]));
            assert_eq!(
                send(early.json(&json!({"note": "Nada ainda"}))).await.code(),
                "payment_state",
                "it may be sent"
            );
        }
        moved.by(21 * HOUR);

        let path = of_subscription(&made["id"]);
        let note = json!({"note": "Não consta no painel do gateway"});
        let settled = settle(&bed, &making, &path, note.clone()).await.expect(200);
        let told = (&settled.json["status"], &settled.json["why"], &settled.json["remote_id"]);
        assert_eq!(told, (&json!("failed"), &json!("by_hand"), &Value::Null), "{}", settled.json);
        assert!(settled.header("feira-position").starts_with("payments."));
        let again = |note: Value| send(bed.staff(&making.shop, "POST", &path).json(&note));
        assert_eq!(again(note).await.expect(200).json, settled.json, "twice is once");
        assert_eq!(again(json!({"note": "Foi engano"})).await.code(), "payment_state", "it is settled");

        let note = json!({"note": "Cancelada no painel do gateway"});
        let settled = settle(&bed, &ending, &of_subscription(&active["id"]), note).await.expect(200).json;
        let told = (&settled["status"], &settled["why"], &settled["end_wanted"]);
        assert_eq!(told, (&json!("active"), &json!("by_hand"), &json!(false)), "as it was shown last: {settled}");
    });
}

#[test]
fn s20_f17_a_subscription_in_no_doubt_or_of_another_shop_is_not_settled() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "assinatura-certa", "pagarme").await;
        let plan = seller.plan(bed).await;
        let path = of_subscription(&seller.subscribes(bed, &plan).await["id"]);
        let settle = |path: &str, body: Value| send(bed.staff(&seller.shop, "POST", path).json(&body));
        assert_eq!(settle(&path, json!({"note": "Feito"})).await.code(), "payment_state");
        for wrong in [json!({}), json!({"note": "Feito", "remote_id": "sub_1"})] {
            settle(&path, wrong).await.expect(422);
        }
        assert_eq!(settle(&path, json!({"note": " "})).await.expect(422).json["errors"][0]["pointer"], "/note");
        let none = json!("018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e");
        settle(&of_subscription(&none), json!({"note": "Feito"})).await.expect(404);
        let other = bed.shop("assinatura-alheia").await;
        let theirs = bed.staff(&other, "POST", &path).json(&json!({"note": "Feito"}));
        assert_eq!(send(theirs).await.expect(404).code(), "not_found");
    });
}
