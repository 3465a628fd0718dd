//! Differences between a gateway's charges and ours that are about charges of ours: a second one under the code of one, one that is not
//! there, and one with other sums. Each is listed by its kind until somebody settles it.

use serde_json::{Value, json};

use crate::{
    bed::{Bed, bed, send},
    payments::{Seller, brl, simulated, text},
    reconciliation::{GATEWAYS, boleto, charged_by_other_means, differences, pay, read, reconciled, simulated_id},
    run,
};

/// A boleto of R$ 50,00 that was paid, which a reconciliation has learnt.
async fn paid(bed: &Bed, seller: &Seller) -> Value {
    let made = seller.charges(bed, &boleto(bed)).await.expect(201).json;
    pay(bed, seller, &text(&made["remote_id"])).await;
    assert_eq!(reconciled(bed, &seller.shop.id).await["differences"], 0);
    let charge = read(bed, seller, &made["id"]).await;
    assert_eq!((&charge["status"], &charge["paid"]), (&json!("paid"), &brl(5_000)), "{charge}");
    charge
}

/// Orders something of the simulator about the seller's charge that the gateway calls so.
async fn order(bed: &Bed, seller: &Seller, remote: &Value, what: &str, body: Value) {
    let id = simulated_id(bed, seller, &text(remote)).await;
    simulated(bed, &format!("charges/{id}/{what}"), body).await;
}

/// The one open difference that a reconciliation of the seller's shop finds.
async fn found(bed: &Bed, seller: &Seller) -> Value {
    assert_eq!(reconciled(bed, &seller.shop.id).await["differences"], 1);
    let [difference] = &differences(bed, &seller.shop.id).await[..] else { panic!("one difference") };
    assert_eq!((&difference["status"], &difference["note"]), (&json!("open"), &Value::Null), "{difference}");
    assert_eq!(difference["account_id"], seller.account["id"]);
    difference.clone()
}

fn sums(amount: i64, paid: i64, cancelled: i64) -> Value {
    json!({"amount": brl(amount), "paid": brl(paid), "cancelled": brl(cancelled)})
}

/// Has an operator settle a difference, which no later reconciliation lists again.
async fn settle(bed: &Bed, seller: &Seller, difference: &Value) {
    let one = format!("/tenants/{}/differences/{}", seller.shop.id, text(&difference["id"]));
    let settle = bed.operator("POST", &format!("{one}/settle")).json(&json!({"note": "Visto com o lojista"}));
    assert_eq!(send(settle).await.expect(200).json["status"], "settled");
    assert_eq!(reconciled(bed, &seller.shop.id).await["differences"], 0);
    assert_eq!(differences(bed, &seller.shop.id).await, Vec::<Value>::new());
    let known = send(bed.operator("GET", &one)).await.expect(200).json;
    assert_eq!((&known["status"], &known["kind"]), (&json!("settled"), &difference["kind"]), "{known}");
}

#[test]
fn f17_reconciliation_shows_a_second_charge_under_the_code_of_one_of_ours() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("dobrada-{gateway}"), gateway).await;
            let charge = paid(bed, &seller).await;
            let second = charged_by_other_means(bed, &seller, &text(&charge["id"])).await;
            let difference = found(bed, &seller).await;
            assert_eq!((&difference["kind"], &difference["gateway"]), (&json!("double_charge"), &json!(gateway)));
            assert_eq!((&difference["remote_id"], &difference["charge_id"]), (&json!(second), &charge["id"]));
            let there_and_here = (&difference["there"], &difference["here"]);
            assert_eq!(there_and_here, (&sums(1_500, 1_500, 0), &sums(5_000, 5_000, 0)), "{difference}");
            settle(bed, &seller, &difference).await;
            assert_eq!(read(bed, &seller, &charge["id"]).await["paid"], brl(5_000), "ours is what it was");
        }
    });
}

#[test]
fn f17_reconciliation_shows_a_paid_charge_of_ours_that_the_gateway_does_not_have() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("sumida-{gateway}"), gateway).await;
            let charge = paid(bed, &seller).await;
            order(bed, &seller, &charge["remote_id"], "forget", json!({})).await;
            let difference = found(bed, &seller).await;
            assert_eq!((&difference["kind"], &difference["gateway"]), (&json!("missing_charge"), &json!(gateway)));
            assert_eq!(
                (&difference["remote_id"], &difference["charge_id"]),
                (&charge["remote_id"], &charge["id"]),
                "{difference}"
            );
            let there_and_here = (&difference["there"], &difference["here"]);
            assert_eq!(there_and_here, (&Value::Null, &sums(5_000, 5_000, 0)), "{difference}");
            settle(bed, &seller, &difference).await;
        }
    });
}

#[test]
fn f17_reconciliation_shows_other_sums_than_are_known_until_they_are_settled_or_gone() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("outra-soma-{gateway}"), gateway).await;
            let charge = paid(bed, &seller).await;
            let show = async |paid: i64| order(bed, &seller, &charge["remote_id"], "sums", json!({"paid": paid})).await;
            show(4_000).await;
            let difference = found(bed, &seller).await;
            assert_eq!((&difference["kind"], &difference["gateway"]), (&json!("sums_differ"), &json!(gateway)));
            assert_eq!(
                (&difference["remote_id"], &difference["charge_id"]),
                (&charge["remote_id"], &charge["id"]),
                "{difference}"
            );
            let there_and_here = (&difference["there"], &difference["here"]);
            assert_eq!(there_and_here, (&sums(5_000, 4_000, 0), &sums(5_000, 5_000, 0)), "{difference}");
            settle(bed, &seller, &difference).await;

            // Whoever settled it knew these sums: with others it is a question again, and with ours it is none any more.
            show(3_000).await;
            let again = found(bed, &seller).await;
            assert_eq!((&again["id"], &again["there"]), (&difference["id"], &sums(5_000, 3_000, 0)), "{again}");
            show(5_000).await;
            assert_eq!(reconciled(bed, &seller.shop.id).await["differences"], 0);
            assert_eq!(differences(bed, &seller.shop.id).await, Vec::<Value>::new());
            let one = format!("/tenants/{}/differences/{}", seller.shop.id, text(&difference["id"]));
            assert_eq!(send(bed.operator("GET", &one)).await.expect(200).json["status"], "gone");
            let late = bed.operator("POST", &format!("{one}/settle")).json(&json!({"note": "Visto"}));
            assert_eq!(send(late).await.code(), "payment_state", "there is nothing to settle");
            assert_eq!(read(bed, &seller, &charge["id"]).await["paid"], brl(5_000), "{gateway}");
        }
    });
}
