//! Mails that a shop's staff gets, as files of the data folder.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    bed::{Bed, bed, send},
    payments::{Seller, card, text},
    run,
    sign_up::mails::unquoted,
};

const TOLD: &str = "dona.da.loja@example.com";

/// The mails about an account of a shop.
fn mails(bed: &Bed, seller: &Seller) -> Vec<PathBuf> {
    let folder = bed.mail_folder.join(&seller.shop.id).join(format!("account-{}", text(&seller.account["id"])));
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "eml")).collect()
}

/// The gateway's side has this key from now on.
async fn new_key(bed: &Bed, seller: &Seller, key: &str) {
    let address = format!("http://{}/admin/accounts/{}", bed.simulator.address(), text(&seller.remote["id"]));
    let changed = Client::new().patch(address).json(&json!({"secret_key": key})).send().await.unwrap();
    assert!(changed.status().is_success(), "{}", changed.status());
}

#[test]
fn an_account_whose_key_the_gateway_refuses_is_told_of_by_a_mail_and_one_that_is_mended_is_not() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "loja-da-joana", "pagarme").await;
        assert_eq!(seller.account["notify_email"], Value::Null);
        let path = format!("/payments/accounts/{}", text(&seller.account["id"]));
        let put = async |body: Value| {
            let read = send(bed.staff(&seller.shop, "GET", &path)).await.expect(200);
            let request = bed.staff(&seller.shop, "PUT", &path).header("if-match", read.header("etag").to_owned());
            send(request.json(&body)).await
        };
        let key = text(&seller.remote["secret_key"]);
        let body = |more: Value| {
            let mut body =
                json!({"name": "Principal", "gateway": "pagarme", "public_key": seller.remote["public_key"]});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let wrong = put(body(json!({"notify_email": "dona@"}))).await.expect(422);
        assert_eq!(wrong.json["errors"][0]["pointer"], "/notify_email");
        let saved = put(body(json!({"notify_email": TOLD}))).await.expect(200).json;
        assert_eq!((&saved["notify_email"], &saved["status"]), (&json!(TOLD), &json!("ready")));
        let kept = put(body(json!({"name": "Outra"}))).await.expect(200).json;
        assert_eq!(kept["notify_email"], TOLD, "left out, it stays");
        let listed = send(bed.staff(&seller.shop, "GET", "/payments/accounts")).await.expect(200);
        assert!(!String::from_utf8_lossy(&listed.bytes).contains(TOLD), "lists open nothing");

        let token = seller.token(bed, "4000000000000010").await;
        new_key(bed, &seller, "sk_test_uma_nova_chave").await;
        seller.charges(bed, &card(&token, 10_000)).await.expect(422);
        let broken = send(bed.staff(&seller.shop, "GET", &path)).await.expect(200).json;
        assert_eq!((&broken["status"], &broken["why"]), (&json!("broken"), &json!("account")));
        let arrived = async {
            while mails(bed, &seller).is_empty() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), arrived).await.expect("a mail is written");
        let [file] = &mails(bed, &seller)[..] else { panic!("one mail") };
        let mail = unquoted(&fs::read_to_string(file).unwrap());
        for part in [
            "From: \"loja-da-joana\"",
            "<nao-responda@feira.example>",
            &format!("To: {TOLD}"),
            "Subject: Uma conta de pagamento da sua loja parou de funcionar",
            "A conta de pagamento «Outra» (Pagar.me) da loja loja-da-joana parou de funcionar.",
            "O gateway não aceita a chave desta conta.",
            "Salve a chave secreta que o gateway mostra hoje para esta conta.",
        ] {
            assert!(mail.contains(part), "{part}: {mail}");
        }
        for secret in [key.as_str(), "sk_test_uma_nova_chave", &token, "feira:"] {
            assert!(!mail.contains(secret), "{mail}");
        }

        let mended = put(body(json!({"secret_key": "sk_test_uma_nova_chave"}))).await.expect(200).json;
        assert_eq!(mended["status"], "ready", "{mended}");
        assert_eq!(mails(bed, &seller).len(), 1);
        let forgotten = put(body(json!({"notify_email": ""}))).await.expect(200).json;
        assert_eq!(forgotten["notify_email"], Value::Null);
    });
}
