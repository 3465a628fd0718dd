//! Payments for other systems over HTTP, with the runner and a gateway that moves no money.

use std::time::{Duration, Instant};

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    brazil::local_date,
    ids::TenantId,
    records::payments::StandingStatus,
    rows::payments::{CallbackRow, StandingRow},
    time::DAY,
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send},
    run,
};

/// The e-mail address of every buyer: it must stand in no record.
const EMAIL: &str = "joana.prado@example.com";

/// A shop with an account at the simulator and a credential of its payments API.
pub struct Seller {
    pub shop: Shop,
    /// The credential's secret.
    pub credential: String,
    /// The account as the admin API shows it.
    pub account: Value,
    /// The account as the simulator has it.
    remote: Value,
}

impl Seller {
    /// A shop that may charge by this gateway.
    pub async fn at(bed: &Bed, subdomain: &str, gateway: &str) -> Self {
        Self::of(bed, bed.shop(subdomain).await, gateway).await
    }

    /// A shop that is there, which may charge by this gateway from now on.
    pub async fn of(bed: &Bed, shop: Shop, gateway: &str) -> Self {
        let remote = simulated(bed, "accounts", json!({"gateway": gateway, "lag_millis": 0, "gets_a_minute": 0})).await;
        let body = json!({"name": "Principal", "gateway": gateway, "public_key": remote["public_key"], "secret_key": remote["secret_key"]});
        let account = send(bed.staff(&shop, "POST", "/payments/accounts").json(&body)).await.expect(201).json;
        let named = json!({"name": "ERP"});
        let credential = send(bed.staff(&shop, "POST", "/payments/credentials").json(&named)).await.expect(201);
        let credential = credential.json["secret"].as_str().unwrap().to_owned();
        let tenant: TenantId = shop.id.parse().unwrap();
        let is_open = async || {
            let row = bed.api.platform.state.get::<StandingRow>(&StandingRow::at(tenant)).await.unwrap();
            row.is_some_and(|row| row.standing.status == StandingStatus::Open)
        };
        while !is_open().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { shop, credential, account, remote }
    }

    /// A request of the other system.
    pub fn asks(&self, bed: &Bed, method: &str, path: &str) -> RequestBuilder {
        bed.request(&self.shop.host, method, &format!("/api/payments/v1{path}")).bearer_auth(&self.credential)
    }

    /// A card charge of this sum that is paid.
    pub async fn paid(&self, bed: &Bed, amount: i64) -> Value {
        let token = self.token(bed, "4000000000000010").await;
        self.charges(bed, &card(&token, amount)).await.expect(201).json
    }

    pub async fn charges(&self, bed: &Bed, body: &Value) -> Answered {
        send(self.asks(bed, "POST", "/charges").json(body)).await
    }

    /// A token of a card, as a browser gets it from pagar.me.
    async fn token(&self, bed: &Bed, number: &str) -> String {
        let card = json!({"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let address =
            format!("http://{}/core/v5/tokens?appId={}", bed.simulator.address(), text(&self.remote["public_key"]));
        let answer = Client::new().post(address).json(&json!({"type": "card", "card": card})).send().await.unwrap();
        text(&answer.json::<Value>().await.unwrap()["id"])
    }
}

/// Asks the simulator's admin API to make something.
async fn simulated(bed: &Bed, what: &str, body: Value) -> Value {
    let address = format!("http://{}/admin/{what}", bed.simulator.address());
    let answer = Client::new().post(address).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn brl(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

/// A charge of this sum without its terms.
fn charge(method: &str, amount: i64) -> Value {
    json!({
        "reference": "1001",
        "method": method,
        "amount": brl(amount),
        "items": [{"code": "caneca", "description": "Caneca", "quantity": 2, "total": brl(amount)}],
        "buyer": {
            "name": "Joana Prado",
            "email": EMAIL,
            "document": "529.982.247-25",
            "phone": "(11) 98765-4321",
            "address": {
                "postal_code": "01310-100", "street": "Avenida Paulista", "number": "1578", "district": "Bela Vista",
                "city": "São Paulo", "state": "SP",
            },
        },
    })
}

/// A Pix of this sum.
pub fn pix(amount: i64) -> Value {
    let mut body = charge("pix", amount);
    body["pix"] = json!({"lifetime": 3_600, "information": [{"name": "Pedido", "value": "1001"}]});
    body
}

fn card(token: &str, amount: i64) -> Value {
    let mut body = charge("card", amount);
    body["card"] = json!({"token": token, "installments": 2});
    body
}

#[test]
fn s19_s22_a_pix_is_charged_read_and_listed() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "pix-por-api", "pagarme").await;
        assert_eq!(seller.account["status"], "ready", "{}", seller.account);
        let ask = |body: &Value| send(seller.asks(bed, "POST", "/charges").header("idempotency-key", "p1").json(body));
        let made = ask(&pix(4_990)).await.expect(201);
        let charge = &made.json;
        assert_eq!((&charge["status"], &charge["amount"], &charge["paid"]), (&json!("pending"), &brl(4_990), &brl(0)));
        assert!(text(&charge["pix"]["code"]).starts_with("000201"), "{charge}");
        assert!(text(&charge["pix"]["qr_code"]).starts_with("data:image/svg+xml;base64,"), "{charge}");
        assert_eq!((&charge["buyer"]["email"], &charge["buyer"]["document"]), (&json!(EMAIL), &json!("52998224725")));
        assert_eq!((&charge["gateway"], &charge["erased"]), (&json!("pagarme"), &json!(false)));
        assert_eq!(made.header("cache-control"), "no-store");
        assert!(made.header("feira-position").starts_with("payments."), "{:?}", made.headers);
        let address = made.header("location").to_owned();
        assert_eq!(address, format!("/api/payments/v1/charges/{}", text(&charge["id"])));
        let read =
            send(bed.request(&seller.shop.host, "GET", &address).bearer_auth(&seller.credential)).await.expect(200);
        assert_eq!(read.json["pix"], charge["pix"]);

        let again = ask(&pix(4_990)).await.expect(201);
        assert_eq!((&again.json["id"], again.header("location")), (&charge["id"], address.as_str()));
        assert_eq!(ask(&pix(5_000)).await.expect(422).code(), "idempotency_mismatch");

        let listed = |query: &str| send(seller.asks(bed, "GET", &format!("/charges{query}")));
        let page = listed("").await.expect(200).json;
        assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
        assert_eq!((&page["items"][0]["id"], &page["items"][0]["buyer"]), (&charge["id"], &Value::Null));
        for (query, count) in [
            ("?status=pending&method=pix&reference=1001", 1),
            ("?status=paid", 0),
            ("?method=card", 0),
            ("?reference=1002", 0),
        ] {
            assert_eq!(listed(query).await.expect(200).json["items"].as_array().unwrap().len(), count, "{query}");
        }
    });
}

#[test]
fn s19_s29_a_boleto_is_charged_and_shows_what_a_bank_reads() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "boleto-por-api", "pagarme").await;
        let due = local_date(bed.api.platform.now() + 3 * DAY).unwrap();
        let mut body = charge("boleto", 5_000);
        body["boleto"] =
            json!({"due": due.to_string(), "instructions": "Não receber vencido.", "document_number": "1001"});
        let made = seller.charges(bed, &body).await.expect(201).json;
        let boleto = &made["boleto"];
        assert_eq!((&made["status"], text(&boleto["barcode"]).len()), (&json!("pending"), 44), "{made}");
        for field in ["line", "url", "pdf", "due"] {
            assert!(!text(&boleto[field]).is_empty(), "{field}: {made}");
        }
        body["boleto"]["due"] = json!("2020-01-01");
        let refused = seller.charges(bed, &body).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/boleto/due");
    });
}

#[test]
fn pages_go_back_in_time_without_gap_or_double() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "paginas-por-api", "pagarme").await;
        let mut made = Vec::new();
        for amount in 1..=5 {
            // Keys make ids that tell no time.
            let request = seller.asks(bed, "POST", "/charges").header("idempotency-key", format!("n{amount}"));
            made.push(send(request.json(&pix(amount * 100))).await.expect(201).json["id"].clone());
        }
        made.reverse();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = send(seller.asks(bed, "GET", &format!("/charges?limit=2{after}"))).await.expect(200).json;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            match &page["next"] {
                Value::Null => break,
                next => after = format!("&after={}", text(next)),
            }
        }
        assert_eq!(seen, made);
        let refused = send(seller.asks(bed, "GET", &format!("/charges?limit=2&status=paid{after}"))).await;
        assert_eq!(refused.expect(400).code(), "bad_cursor");
    });
}

#[test]
fn s19_s30_a_card_is_charged_and_given_back_in_parts() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "cartao-por-api", "pagarme").await;
        let token = seller.token(bed, "4000000000000010").await;
        let made = seller.charges(bed, &card(&token, 10_000)).await.expect(201).json;
        assert_eq!((&made["status"], &made["paid"], &made["installments"]), (&json!("paid"), &brl(10_000), &json!(2)));
        assert_eq!(made["card"], json!({"brand": "visa", "last_four": "0010"}));
        let refunds = format!("/charges/{}/refunds", text(&made["id"]));
        let refund = |body: Value| send(seller.asks(bed, "POST", &refunds).json(&body));
        let first = refund(json!({"amount": brl(2_500), "reference": "troca"})).await.expect(201);
        assert_eq!((&first.json["status"], &first.json["amount"]), (&json!("done"), &brl(2_500)), "{}", first.json);
        let read = bed.request(&seller.shop.host, "GET", first.header("location")).bearer_auth(&seller.credential);
        assert_eq!(send(read).await.expect(200).json, first.json);
        let rest = refund(json!({})).await.expect(201).json;
        assert_eq!((&rest["status"], &rest["amount"]), (&json!("done"), &brl(7_500)), "{rest}");
        let refused = refund(json!({})).await;
        assert!(matches!(refused.status, 409 | 422), "nothing is left: {}", refused.json);
        let whole = send(seller.asks(bed, "GET", &format!("/charges/{}", text(&made["id"])))).await.expect(200).json;
        assert_eq!((&whole["status"], &whole["refunded"]), (&json!("refunded"), &brl(10_000)));
        assert_eq!(whole["refunds"].as_array().unwrap().len(), 2);
        assert_eq!(send(seller.asks(bed, "GET", &refunds)).await.expect(200).json["total"], 2);
    });
}

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
fn s19_a_pix_that_nobody_has_paid_is_cancelled() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "cancela-por-api", "pagarme").await;
        let made = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let path = format!("/charges/{}/cancel", text(&made["id"]));
        let cancelled = send(seller.asks(bed, "POST", &path)).await.expect(200);
        assert_eq!(cancelled.json["status"], "cancelled", "{}", cancelled.json);
        assert!(!cancelled.header("feira-position").is_empty());
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
            for path in ["/charges".to_owned(), format!("/charges/{}/refunds", seller.shop.id)] {
                let refused = send(seller.asks(bed, "POST", &path).json(&body)).await.expect(422);
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

#[test]
fn s21_a_credential_opens_payments_alone_and_nothing_else_opens_them() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "credenciais", "pagarme").await;
        let admin = |path: &str| bed.request(&seller.shop.host, "GET", &format!("/api/admin/v1{path}"));
        for path in ["/products", "/settings", "/payments/accounts", "/payments/credentials"] {
            send(admin(path).bearer_auth(&seller.credential)).await.expect(401);
        }
        let charges = || bed.request(&seller.shop.host, "GET", "/api/payments/v1/charges");
        send(charges().bearer_auth(&seller.shop.token)).await.expect(401);
        send(charges().bearer_auth(format!("{}x", seller.credential))).await.expect(401);
        send(charges().bearer_auth(&seller.credential)).await.expect(200);
        // A page of another origin may not read it, whatever the shop allows its own front ends.
        let other = charges().bearer_auth(&seller.credential).header("origin", "https://loja.example");
        assert_eq!(send(other).await.expect(200).header("access-control-allow-origin"), "");

        let listed = send(bed.staff(&seller.shop, "GET", "/payments/credentials")).await.expect(200).json;
        let id = text(&listed["items"][0]["id"]);
        assert!(listed["items"][0]["secret"].is_null(), "{listed}");
        let one = format!("/payments/credentials/{id}");
        let revoked = send(bed.staff(&seller.shop, "DELETE", &one)).await.expect(200).json;
        assert_eq!(revoked["status"], "revoked");
        send(charges().bearer_auth(&seller.credential)).await.expect(401);
    });
}

#[test]
fn each_shop_sees_its_own_charges_alone() {
    run(async {
        let bed = bed().await;
        let (own, other) =
            (Seller::at(bed, "cobra-minha", "pagarme").await, Seller::at(bed, "cobra-alheia", "pagarme").await);
        let theirs = text(&other.charges(bed, &pix(1_000)).await.expect(201).json["id"]);
        for (method, path) in [
            ("GET", format!("/charges/{theirs}")),
            ("GET", format!("/charges/{theirs}/refunds")),
            ("POST", format!("/charges/{theirs}/cancel")),
            ("POST", format!("/charges/{theirs}/refunds")),
        ] {
            send(own.asks(bed, method, &path).json(&json!({}))).await.expect(404);
        }
        assert_eq!(send(own.asks(bed, "GET", "/charges")).await.expect(200).json["items"], json!([]));
        let mut foreign = pix(1_000);
        foreign["account_id"] = other.account["id"].clone();
        let refused = own.charges(bed, &foreign).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/account_id");
    });
}

#[test]
fn s23_s57_accounts_are_saved_by_either_name_of_their_keys_and_never_show_them() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "contas", "pagarme").await;
        let body = |gateway: &str| json!({"name": "Outra", "gateway": gateway, "api_key": "sk_test_qualquer", "encryption_key": "pk_test_x"});
        let make = |body: Value| send(bed.staff(&seller.shop, "POST", "/payments/accounts").json(&body));
        let unknown = make(body("nada")).await.expect(422);
        assert_eq!((unknown.code(), &unknown.json["errors"][0]["pointer"]), ("invalid_gateway", &json!("/gateway")));
        let made = make(body("pagarme")).await.expect(201);
        assert_eq!(made.json["status"], "broken", "nobody has this key: {}", made.json);
        assert!(!String::from_utf8_lossy(&made.bytes).contains("sk_test_qualquer"));
        assert_eq!((&made.json["public_key"], &made.json["default"]), (&json!("pk_test_x"), &json!(false)));
        let mut twice = body("pagarme");
        twice["secret_key"] = json!("sk_test_outra");
        assert_eq!(make(twice).await.expect(422).json["errors"][0]["code"], "duplicate");
        let mut signed = body("pagarme");
        signed["callback_secret"] = json!("whsec_x");
        assert_eq!(make(signed).await.expect(422).json["errors"][0]["pointer"], "/callback_secret");

        let path = made.header("location").strip_prefix("/api/admin/v1").unwrap().to_owned();
        let read = send(bed.staff(&seller.shop, "GET", &path)).await.expect(200);
        let callback = &read.json["callback"];
        assert_eq!((&callback["proof"], &callback["user"]), (&json!("basic"), &json!("feira")));
        assert!(text(&callback["address"]).contains("://localhost") && text(&callback["password"]).len() == 43);
        assert_eq!(read.header("cache-control"), "no-store");
        let mut renamed = body("pagarme");
        renamed["name"] = json!("Nova");
        renamed.as_object_mut().unwrap().remove("api_key");
        let put = |etag: &str| bed.staff(&seller.shop, "PUT", &path).header("if-match", etag.to_owned()).json(&renamed);
        send(put("\"99\"")).await.expect(412);
        assert_eq!(send(put(read.header("etag"))).await.expect(200).json["name"], "Nova");
        let retired = send(bed.staff(&seller.shop, "DELETE", &path)).await.expect(200).json;
        assert_eq!(retired["status"], "retired");
        let default = format!("/payments/accounts/{}/default", text(&seller.account["id"]));
        assert_eq!(send(bed.staff(&seller.shop, "POST", &default)).await.expect(200).json["default"], true);
    });
}

#[test]
fn s31_a_callback_is_proven_kept_once_and_never_believed() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "avisos", "pagarme").await;
        let charge = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let account = format!("/payments/accounts/{}", text(&seller.account["id"]));
        let callback = send(bed.staff(&seller.shop, "GET", &account)).await.expect(200).json["callback"].take();
        let address = text(&callback["address"]);
        let path = address.split_once("://").unwrap().1.split_once('/').map(|(_, path)| format!("/{path}")).unwrap();
        let hook = json!({
            "id": "hook_0123456789abcdef", "type": "charge.paid", "created_at": "2026-11-30T12:00:00Z",
            "data": {"id": charge["remote_id"], "status": "paid", "paid_amount": 1_000},
        });
        let post = |path: &str, password: &str| {
            bed.request("localhost", "POST", path).basic_auth("feira", Some(password.to_owned())).json(&hook)
        };
        let password = text(&callback["password"]);
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
        let account = format!("/payments/accounts/{}", text(&seller.account["id"]));
        let callback = send(bed.staff(&seller.shop, "GET", &account)).await.expect(200).json["callback"].take();
        let path = text(&callback["address"]);
        let path = path.split_once("://").unwrap().1.split_once('/').map(|(_, path)| format!("/{path}")).unwrap();
        simulated(bed, &format!("charges/{}/pay", text(&charge["remote_id"])), json!({})).await;
        // What it says of the charge is wrong, and nobody reads it.
        let hook = json!({
            "id": "hook_fedcba9876543210", "type": "charge.payment_failed", "created_at": "2026-11-30T12:00:00Z",
            "data": {"id": charge["remote_id"], "status": "failed"},
        });
        let post = bed.request("localhost", "POST", &path).basic_auth("feira", Some(text(&callback["password"])));
        send(post.json(&hook)).await.expect(200);
        let read = format!("/charges/{}", text(&charge["id"]));
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let read = send(seller.asks(bed, "GET", &read)).await.expect(200).json;
            if read["status"] == "paid" {
                assert_eq!(read["paid"], brl(1_000), "{read}");
                break;
            }
            assert!(Instant::now() < deadline, "{read}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

#[test]
fn nothing_that_a_buyer_typed_stands_in_a_record() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "lacrada", "pagarme").await;
        let token = seller.token(bed, "4000000000000010").await;
        seller.charges(bed, &card(&token, 10_000)).await.expect(201);
        let partition = bed.api.platform.partition_of(seller.shop.id.parse().unwrap());
        for topic in ["payments.commands", "payments.events", "payments.results"] {
            let (mut next, mut seen) = (0, 0);
            let at = TopicPartition::new(topic, partition);
            while next < bed.api.platform.log.end(&at).await.unwrap() {
                let page = bed.api.platform.log.read(&at, next, 1_000).await.unwrap();
                for record in &page.records {
                    let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned();
                    seen += 1;
                    for secret in [EMAIL, "Joana Prado", "52998224725", "Paulista", token.as_str(), "+5511987654321"] {
                        assert!(!value.contains(secret), "{topic} has {secret}");
                    }
                }
                next = page.next;
            }
            assert!(seen > 0, "{topic}");
        }
    });
}
