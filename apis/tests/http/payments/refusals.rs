//! What is refused: by the gateway, by rules of fields, and unread.

use feira_schemas::{brazil::local_date, time::DAY};
use serde_json::json;

use super::{Seller, brl, card, charge, pix};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s27_a_declined_card_is_a_charge_and_says_why() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "recusa-por-api", "pagarme").await;
        let token = seller.token(bed, "4000000000000028").await;
        let made = seller.charges(bed, &card(&token, 10_000)).await.expect(201).json;
        assert_eq!((&made["status"], &made["paid"]), (&json!("failed"), &brl(0)));
        let error = &made["errors"][0];
        assert_eq!((&error["code"], &error["pointer"]), (&json!("gateway_refused"), &json!("")), "{made}");
        assert!(error["type"].is_string() && error["message"].is_string(), "{error}");
    });
}

#[test]
fn s27_what_the_gateway_refuses_to_make_is_no_charge_and_says_which_field() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "contrato-por-api", "stripe").await;
        assert_eq!(seller.account["callback"]["proof"], "signature");
        // Stripe's boletos wait 60 days at most, those of others a year.
        let due = local_date(bed.api.platform.now() + 200 * DAY).unwrap();
        let mut body = charge("boleto", 5_000);
        body["boleto"] = json!({"due": due.to_string(), "instructions": "x", "document_number": "1"});
        let refused = seller.charges(bed, &body).await.expect(422);
        assert_eq!((refused.code(), refused.header("content-type")), ("gateway_refused", "application/problem+json"));
        let error = &refused.json["errors"][0];
        for member in ["pointer", "code", "detail", "type", "parameter_name", "message"] {
            assert!(error[member].is_string(), "{member}: {}", refused.json);
        }
        assert!(!refused.header("feira-position").is_empty());
        let failed = bed.request(&seller.shop.host, "GET", refused.header("location")).bearer_auth(&seller.credential);
        assert_eq!(send(failed).await.expect(200).json["status"], "failed");
    });
}

#[test]
fn a_raw_card_is_refused_unread_in_whatever_nesting() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "sem-cartao-cru", "pagarme").await;
        let number = "4111111111111111";
        for raw in [
            json!({"card": {"number": number, "cvv": "123"}}),
            json!({"payments": [{"credit_card": {"card": {"number": number}}}]}),
            json!({"method": "card", "card": {"token": "t", "cvv": "123"}}),
        ] {
            let mut body = charge("card", 1_000);
            body.as_object_mut().unwrap().extend(raw.as_object().unwrap().clone());
            let refunds = format!("/charges/{}/refunds", seller.shop.id);
            for path in ["/charges", &refunds, "/cards", "/subscriptions", "/plans"] {
                let refused = send(seller.asks(bed, "POST", path).json(&body)).await.expect(422);
                assert_eq!(refused.code(), "invalid");
                assert!(!String::from_utf8_lossy(&refused.bytes).contains(number), "{}", refused.json);
            }
        }
        assert_eq!(send(seller.asks(bed, "GET", "/charges")).await.expect(200).json["items"], json!([]));
    });
}

#[test]
fn what_is_wrong_is_said_of_each_field_and_never_repeated() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "campos-errados", "pagarme").await;
        let mut body = pix(1_000);
        body["amount"] = brl(999);
        body["buyer"]["document"] = json!("529.982.247-26");
        body["buyer"]["email"] = json!("joana");
        body["buyer"]["address"]["postal_code"] = json!("00000-000");
        body["boleto"] = json!({"due": "2026-12-31", "instructions": "x", "document_number": "1"});
        let refused = seller.charges(bed, &body).await.expect(422);
        let pointers: Vec<&str> =
            refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        for pointer in ["/amount", "/buyer/document", "/buyer/email", "/buyer/address/postal_code", "/boleto"] {
            assert!(pointers.contains(&pointer), "{pointer}: {}", refused.json);
        }
        assert!(!String::from_utf8_lossy(&refused.bytes).contains("529"), "{}", refused.json);
        let cnpj = |document: &str| {
            let mut body = pix(1_000);
            body["buyer"]["document"] = json!(document);
            body
        };
        for document in ["11.222.333/0001-81", "12.ABC.345/01DE-35"] {
            seller.charges(bed, &cnpj(document)).await.expect(201);
        }
    });
}
