//! Charges of which nobody knows what became of them, settled by the shop's staff.

use feira_schemas::time::{HOUR, MINUTE};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, bed, send},
    payments::{Seller, pix, simulated, text},
    reconciliation::{Moved, boleto, pay, read, until},
    run,
};

/// A charge whose answer failed like this, and of which the gateway has shown nothing until nothing was sent any more; and the fault by
/// which it shows no single charge.
async fn open(bed: &Bed, moved: &Moved, seller: &Seller, fault: &str) -> (Value, String) {
    let account = text(&seller.remote["id"]);
    let order = async |effect: &str, operation: &str, times: u32| {
        let fault = json!({"effect": effect, "account": account, "operation": operation, "times": times});
        text(&simulated(bed, "faults", fault).await["id"])
    };
    order(fault, "charge", 1).await;
    let shows_none = order("error_before", "get", 10_000).await;
    order("error_before", "list", 10_000).await;
    let made = seller.charges(bed, &boleto(bed)).await.expect(202).json;
    moved.by(21 * HOUR);
    (made["id"].clone(), shows_none)
}

/// Has staff settle a charge, as soon as nothing is sent for it any more.
async fn settle(bed: &Bed, seller: &Seller, charge: &Value, body: Value) -> Answered {
    let path = format!("/payments/charges/{}/settle", text(charge));
    until("the open question", async || {
        let answer = send(bed.staff(&seller.shop, "POST", &path).json(&body)).await;
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
        let settled = settle(&bed, &seller, &charge, note).await.expect(200);
        assert_eq!(settled.json["status"], "failed", "{}", settled.json);
        assert!(settled.header("feira-position").starts_with("payments."));

        let seller = Seller::at(&bed, "duvida-feita", "pagarme").await;
        let other = seller.charges(&bed, &boleto(&bed)).await.expect(201).json;
        let (charge, shows_none) = open(&bed, &moved, &seller, "error_after").await;
        let another = json!({"remote_id": other["remote_id"], "note": "Consta no painel do gateway"});
        let refused = settle(&bed, &seller, &charge, another).await.expect(422);
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
        settle(&bed, &seller, &charge, named).await.expect(200);
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
        let of_charge = format!("/payments/charges/{}/settle", text(&charge["id"]));
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
