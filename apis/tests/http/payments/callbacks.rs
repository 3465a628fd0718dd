//! Gateways' callbacks: proven, kept once, never believed.

use feira_schemas::rows::payments::CallbackRow;
use serde_json::json;

use super::{Callback, Seller, brl, pix, simulated, text};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn f16_s31_a_callback_is_proven_kept_once_and_never_believed() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "avisos", "pagarme").await;
        let charge = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let Callback { path, password } = seller.callback(bed).await;
        let hook = json!({
            "id": "hook_0123456789abcdef", "type": "charge.paid", "created_at": "2026-11-30T12:00:00Z",
            "data": {"id": charge["remote_id"], "status": "paid", "paid_amount": 1_000},
        });
        let post = |path: &str, password: &str| {
            bed.request("localhost", "POST", path).basic_auth("feira", Some(password.to_owned())).json(&hook)
        };
        let wrong = send(post(&path, "outra")).await.expect(401);
        assert!(wrong.header("www-authenticate").starts_with("Basic"));
        send(bed.request("localhost", "POST", &path).json(&hook)).await.expect(401);
        for nowhere in [path.replace("pagarme", "stripe"), path.replace("pagarme", "nada"), format!("{path}x")] {
            send(post(&nowhere, &password)).await.expect(404);
        }
        for _ in 0..2 {
            send(post(&path, &password)).await.expect(200);
        }
        let (tenant, account) = (seller.shop.id.parse().unwrap(), text(&seller.account["id"]).parse().unwrap());
        let row = CallbackRow::at(tenant, account, "hook_0123456789abcdef");
        let kept = bed.api.platform.state.get::<CallbackRow>(&row).await.unwrap().unwrap();
        assert_eq!(kept.charge_id.unwrap().to_string(), text(&charge["id"]));
        let read = send(seller.asks(bed, "GET", &format!("/charges/{}", text(&charge["id"])))).await.expect(200).json;
        assert_eq!((&read["status"], &read["paid"]), (&json!("pending"), &brl(0)), "the gateway knows of no payment");
        let large =
            bed.request("localhost", "POST", &path).basic_auth("feira", Some(&password)).body(vec![b' '; 300_000]);
        assert!(text(&send(large).await.expect(413).json["detail"]).contains("256 KiB"));
    });
}

#[test]
fn s31_a_payment_is_seen_once_a_callback_says_where_to_look() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "avisada", "pagarme").await;
        let charge = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let Callback { path, password } = seller.callback(bed).await;
        simulated(bed, &format!("charges/{}/pay", text(&charge["remote_id"])), json!({})).await;
        // What it says of the charge is wrong, and nobody reads it.
        let hook = json!({
            "id": "hook_fedcba9876543210", "type": "charge.payment_failed", "created_at": "2026-11-30T12:00:00Z",
            "data": {"id": charge["remote_id"], "status": "failed"},
        });
        let post = bed.request("localhost", "POST", &path).basic_auth("feira", Some(password));
        send(post.json(&hook)).await.expect(200);
        let read = format!("/charges/{}", text(&charge["id"]));
        let paid = seller.until(bed, &read, |read| read["status"] == "paid").await;
        assert_eq!(paid["paid"], brl(1_000), "{paid}");
    });
}
