//! Requests: what each adapter sends for the same facts, byte for byte.

use feira_connectors::gateway::*;
use feira_schemas::{
    gateway::{Method, Outcome, RefusedFor},
    sealed::{AddressParts, Document, Phone, PostalAddress},
};
use serde_json::{Value, json};

use crate::{
    given::{self, EFFECT},
    server::{Asked, Server},
};

const TENANT: &str = "00000000-0000-0000-0000-000000000007";

async fn asked(name: &str, ask: impl AsyncFn(&dyn Gateway, &Account)) -> Asked {
    let server = Server::saying(500, json!({})).await;
    let gateway = given::gateway(name, server.address());
    ask(&*gateway, &given::account()).await;
    server.only()
}

async fn charged(name: &str, facts: &ChargeFacts) -> Asked {
    asked(name, async |gateway, account| drop(gateway.create_charge(account, facts).await)).await
}

fn address() -> Value {
    json!({
        "line_1": "120, Rua das Laranjeiras, Boa Vista", "line_2": "apto 31", "zip_code": "50050000",
        "city": "Recife", "state": "PE", "country": "BR",
        "street": "Rua das Laranjeiras", "number": "120", "neighborhood": "Boa Vista", "complement": "apto 31",
    })
}

fn customer() -> Value {
    json!({
        "name": "Joana d'Arc São João", "email": "joana@example.com", "document": "11144477735",
        "type": "individual", "document_type": "CPF", "address": address(),
        "phones": {"mobile_phone": {"country_code": "55", "area_code": "81", "number": "987654321"}},
    })
}

fn order(payment: Value) -> Value {
    json!({
        "code": EFFECT,
        "items": [
            {"amount": 5_990, "description": "Camiseta P", "quantity": 2, "category": "produto", "code": "CAM-P"},
            {"amount": 1_000, "description": "3 x Caneta", "quantity": 1, "category": "produto", "code": "CAN"},
        ],
        "customer": customer(),
        "shipping": {
            "amount": 2_020, "description": "PAC", "recipient_name": "Joana d'Arc São João", "address": address(),
        },
        "payments": [payment],
        "closed": true,
        "metadata": {"effect_id": EFFECT, "tenant": TENANT},
    })
}

#[tokio::test]
async fn s25_s30_pagarme_gets_an_order_with_a_card_its_parcels_descriptor_and_capture() {
    let asked = charged("pagarme", &given::charge(given::card())).await;
    assert_eq!(asked.line, "POST /orders");
    assert_eq!(asked.headers["idempotency-key"], EFFECT);
    assert_eq!(asked.headers["servicereferername"], "feira.example");
    assert_eq!(asked.headers["content-type"], "application/json");
    // The key as the user, and no password.
    assert_eq!(asked.headers["authorization"], "Basic c2tfdGVzdF9zZWNyZXQ6");
    let card = json!({"payment_method": "credit_card", "amount": 15_000, "credit_card": {
        "installments": 3,
        "statement_descriptor": "LOJAEXEMPLO",
        "card_token": "token_abcdef0123456789",
        "card": {"billing_address": address()},
        "capture": true,
        "operation_type": "auth_and_capture",
    }});
    assert_eq!(asked.body, order(card).to_string(), "the fields in their order");
}

#[tokio::test]
async fn s30_pagarme_reserves_a_cards_limit_and_takes_kept_cards() {
    let source = CardSource::Saved { customer: "cus_1".to_owned(), card: "card_1".to_owned() };
    let facts = given::charge(Payment::Card { source, installments: 1, capture: false });
    let sent = charged("pagarme", &facts).await.json();
    let card = &sent["payments"][0]["credit_card"];
    assert_eq!((&card["capture"], &card["operation_type"]), (&json!(false), &json!("auth_only")));
    assert_eq!((&card["card_id"], &sent["customer_id"]), (&json!("card_1"), &json!("cus_1")));
    assert!(card.get("card_token").is_none() && sent.get("customer").is_none());
}

#[tokio::test]
async fn s25_s30_pagarme_gets_a_boletos_instructions_and_the_end_of_its_due_day_in_sao_paulo() {
    let asked = charged("pagarme", &given::charge(given::boleto())).await;
    let boleto = json!({"payment_method": "boleto", "amount": 15_000, "boleto": {
        "instructions": "Não receber após o vencimento",
        "due_at": "2026-12-03T23:59:59-03:00",
        "document_number": "1001",
        "statement_descriptor": "LOJAEXEMPLO",
        "billing_address": address(),
        "retries": 0,
    }});
    assert_eq!(asked.body, order(boleto).to_string());
}

#[tokio::test]
async fn s25_pagarme_gets_the_time_until_which_a_pix_can_be_paid() {
    let asked = charged("pagarme", &given::charge(given::pix())).await;
    let pix = json!({"payment_method": "pix", "amount": 15_000, "pix": {
        "expires_at": "2026-12-01T18:25:00Z",
        "additional_information": [{"name": "Pedido", "value": "1001"}],
    }});
    assert_eq!(asked.body, order(pix).to_string());
}

#[tokio::test]
async fn pagarme_gets_companies_and_other_phones_as_what_they_are() {
    let mut facts = given::charge(given::pix());
    facts.shipping = None;
    facts.amount = 12_980;
    facts.buyer.document = Document::new("11.222.333/0001-81").unwrap();
    for (phone, phones) in [
        (Some("+558134567890"), json!({"home_phone": {"country_code": "55", "area_code": "81", "number": "34567890"}})),
        (Some("+14155550100"), Value::Null),
        (None, Value::Null),
    ] {
        facts.buyer.phone = phone.map(|phone| Phone::new(phone).unwrap());
        let sent = charged("pagarme", &facts).await.json();
        assert_eq!(sent["customer"]["phones"], phones, "{phone:?}");
        assert_eq!(
            (&sent["customer"]["type"], &sent["customer"]["document_type"]),
            (&json!("company"), &json!("CNPJ"))
        );
        assert!(sent.get("shipping").is_none());
    }
}

/// A repetition that were another request would be a second charge: so the same facts make the same bytes, whenever and however often.
#[tokio::test]
async fn the_same_facts_are_the_same_bytes() {
    for name in Gateways::names() {
        for payment in [given::card, given::boleto, given::pix] {
            let (one, other) =
                (charged(name, &given::charge(payment())).await, charged(name, &given::charge(payment())).await);
            let of = |asked: &Asked| (asked.line.clone(), asked.body.clone(), asked.headers["idempotency-key"].clone());
            assert_eq!(of(&one), of(&other));
        }
    }
}

#[tokio::test]
async fn facts_whose_sums_are_not_those_of_their_lines_are_not_sent() {
    let server = Server::saying(500, json!({})).await;
    let good = given::charge(given::card());
    let source = CardSource::Token(given::token("token_1"));
    let wrong = [
        (ChargeFacts { amount: 14_999, ..good.clone() }, "amount"),
        (ChargeFacts { items: Vec::new(), ..good.clone() }, "items"),
        (ChargeFacts { items: vec![good.items[0].clone(); 51], ..good.clone() }, "items"),
        (ChargeFacts { items: vec![Item { quantity: 0, ..good.items[0].clone() }], ..good.clone() }, "items"),
        (ChargeFacts { items: vec![Item { total: i64::MAX, ..good.items[0].clone() }; 2], ..good.clone() }, "amount"),
        (
            ChargeFacts { payment: Payment::Card { source, installments: 0, capture: true }, ..good.clone() },
            "installments",
        ),
    ];
    for name in Gateways::names() {
        let gateway = given::gateway(name, server.address());
        for (facts, field) in &wrong {
            let outcome = gateway.create_charge(&given::account(), facts).await;
            let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
            assert_eq!(refusal.why, RefusedFor::Request);
            assert_eq!(refusal.problems[0].parameter_name.as_deref(), Some(*field));
        }
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn pagarme_gives_back_and_cancels_by_the_charge_under_the_effects_mark() {
    let refund = asked("pagarme", async |gateway, account| {
        drop(gateway.refund(account, &given::refund(Method::Card, None)).await);
    })
    .await;
    assert_eq!(
        (refund.line.as_str(), &refund.headers["idempotency-key"]),
        ("DELETE /charges/ch_1", &EFFECT.to_owned())
    );
    assert_eq!(refund.json(), json!({"amount": 5_000, "operation_reference": EFFECT}));

    let to_a_bank = asked("pagarme", async |gateway, account| {
        drop(gateway.refund(account, &given::refund(Method::Boleto, Some(given::bank_account()))).await);
    })
    .await;
    let bank_account = json!({
        "holder_name": "Joana d'Arc São João", "holder_type": "individual", "holder_document": "11144477735",
        "bank": "001", "branch_number": "1234", "branch_check_digit": "5",
        "account_number": "67890", "account_check_digit": "1", "type": "checking",
    });
    assert_eq!(to_a_bank.json(), json!({"amount": 5_000, "operation_reference": EFFECT, "bank_account": bank_account}));

    let cancel = CancelFacts { effect: given::effect(), charge: "../orders".to_owned() };
    let cancelled = asked("pagarme", async |gateway, account| drop(gateway.cancel(account, &cancel).await)).await;
    assert_eq!(cancelled.line, "DELETE /charges/..%2Forders", "an id is one part of the path");
    assert_eq!(cancelled.json(), json!({"operation_reference": EFFECT}));
}

#[tokio::test]
async fn pagarme_makes_plans_subscriptions_and_kept_cards() {
    let plan =
        asked("pagarme", async |gateway, account| drop(gateway.create_plan(account, &given::plan()).await)).await;
    assert_eq!(plan.line, "POST /plans");
    assert_eq!(
        plan.json(),
        json!({
            "name": "Plano Loja", "description": "Loja com 500 produtos", "statement_descriptor": "FEIRA",
            "items": [{"name": "Plano Loja", "quantity": 1, "pricing_scheme": {"scheme_type": "unit", "price": 4_990}}],
            "payment_methods": ["credit_card"], "installments": [1], "currency": "BRL", "interval": "month",
            "interval_count": 6, "billing_type": "prepaid", "billing_days": [], "shippable": false,
            "metadata": {"effect_id": EFFECT},
        })
    );

    let subscription = asked("pagarme", async |gateway, account| {
        drop(gateway.create_subscription(account, &given::subscription()).await);
    })
    .await;
    assert_eq!(subscription.line, "POST /subscriptions");
    assert_eq!(
        subscription.json(),
        json!({
            "code": EFFECT, "plan_id": "plan_1", "customer": customer(), "payment_method": "credit_card",
            "card_token": "token_abcdef0123456789", "card": {"billing_address": address()},
            "start_at": "2027-01-01T03:00:00Z", "metadata": {"effect_id": EFFECT, "tenant": TENANT},
        })
    );

    let end = EndFacts { effect: given::effect(), subscription: "sub_1".to_owned() };
    let ended = asked("pagarme", async |gateway, account| drop(gateway.cancel_subscription(account, &end).await)).await;
    assert_eq!(
        (ended.line.as_str(), ended.json()),
        ("DELETE /subscriptions/sub_1", json!({"cancel_pending_invoices": true}))
    );

    let server = Server::start(|asked| {
        let answer = if asked.line.ends_with("/cards") {
            json!({"id": "card_1", "brand": "Visa", "last_four_digits": "0010"})
        } else {
            json!({"id": "cus_1"})
        };
        (200, answer.to_string())
    })
    .await;
    let gateway = given::gateway("pagarme", server.address());
    let Outcome::Done(saved) = gateway.save_card(&given::account(), &given::card_to_keep()).await else { panic!() };
    assert_eq!(
        (saved.customer.as_str(), saved.card.as_str(), saved.brand.as_deref()),
        ("cus_1", "card_1", Some("visa"))
    );
    let [customer, card] = server.asked().try_into().unwrap();
    assert_eq!((customer.line.as_str(), card.line.as_str()), ("POST /customers", "POST /customers/cus_1/cards"));
    assert_eq!(card.headers["idempotency-key"], format!("{EFFECT}-card"));
    assert_eq!(card.json(), json!({"token": "token_abcdef0123456789", "billing_address": address()}));
}

#[tokio::test]
async fn pagarme_looks_by_id_by_code_and_by_list() {
    let server = Server::saying(200, json!({"data": []})).await;
    let (gateway, account) = (given::gateway("pagarme", server.address()), given::account());
    let by_code = LookUp::Effect { effect: given::effect(), since: 0 };
    assert_eq!(gateway.get_charge(&account, &by_code).await, Outcome::Done(None));
    assert_eq!(gateway.get_subscription(&account, &by_code).await, Outcome::Done(None));
    let list = ListFacts { since: given::at(given::NOW), state: Some(Listed::Cancelled), page: Some("2".to_owned()) };
    drop(gateway.list_charges(&account, &list).await);
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            format!("GET /orders?code={EFFECT}&page=1&size=30"),
            format!("GET /subscriptions?code={EFFECT}&page=1&size=30"),
            "GET /charges?page=2&size=30&created_since=2026-12-01T18%3A00%3A00Z&status=canceled".to_owned(),
        ]
    );
    assert!(server.asked().iter().all(|asked| !asked.headers.contains_key("idempotency-key")));
}

fn pairs(asked: &Asked) -> Vec<String> {
    asked.form().into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[tokio::test]
async fn s30_stripe_gets_a_payment_that_is_confirmed_with_its_parcels_descriptor_and_capture() {
    let asked = charged("stripe", &given::charge(given::card())).await;
    assert_eq!(asked.line, "POST /payment_intents");
    assert_eq!(asked.headers["idempotency-key"], EFFECT);
    assert_eq!(asked.headers["stripe-version"], "2026-08-26.dahlia");
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(asked.headers["authorization"], "Basic c2tfdGVzdF9zZWNyZXQ6");
    assert_eq!(
        pairs(&asked),
        [
            "amount=15000",
            "currency=brl",
            "confirm=true",
            "description=2 x Camiseta P; 3 x Caneta",
            "payment_method=token_abcdef0123456789",
            "payment_method_types[0]=card",
            "capture_method=automatic",
            "error_on_requires_action=true",
            "statement_descriptor_suffix=LOJAEXEMPLO",
            "payment_method_options[card][installments][enabled]=true",
            "payment_method_options[card][installments][plan][type]=fixed_count",
            "payment_method_options[card][installments][plan][count]=3",
            "payment_method_options[card][installments][plan][interval]=month",
            &format!("metadata[effect_id]={EFFECT}"),
            &format!("metadata[tenant]={TENANT}"),
            "expand[0]=latest_charge",
        ]
    );
}

#[tokio::test]
async fn stripe_gets_boletos_by_days_and_pix_by_time() {
    let boleto = pairs(&charged("stripe", &given::charge(given::boleto())).await);
    for pair in [
        "payment_method_types[0]=boleto",
        "payment_method_data[type]=boleto",
        "payment_method_data[boleto][tax_id]=11144477735",
        "payment_method_data[billing_details][name]=Joana d'Arc São João",
        "payment_method_data[billing_details][address][line1]=Rua das Laranjeiras, 120, Boa Vista",
        "payment_method_data[billing_details][address][postal_code]=50050000",
        "payment_method_options[boleto][expires_after_days]=2",
        "statement_descriptor=LOJAEXEMPLO",
    ] {
        assert!(boleto.iter().any(|sent| sent == pair), "{pair}: {boleto:?}");
    }
    let pix = pairs(&charged("stripe", &given::charge(given::pix())).await);
    let until = format!("payment_method_options[pix][expires_at]={}", given::at("2026-12-01T18:25:00Z") / 1_000_000);
    assert!(pix.contains(&until) && pix.contains(&"payment_method_data[type]=pix".to_owned()), "{pix:?}");
}

#[tokio::test]
async fn stripe_gives_back_cancels_and_keeps_plans_and_subscriptions() {
    let refund = asked("stripe", async |gateway, account| {
        drop(gateway.refund(account, &given::refund(Method::Card, None)).await);
    })
    .await;
    assert_eq!(refund.line, "POST /refunds");
    let marks = [format!("metadata[effect_id]={EFFECT}"), format!("metadata[tenant]={TENANT}")];
    let expected =
        ["payment_intent=ch_1", "amount=5000", &marks[0], &marks[1], "expand[0]=payment_intent.latest_charge"];
    assert_eq!(pairs(&refund), expected);

    let plan = asked("stripe", async |gateway, account| drop(gateway.create_plan(account, &given::plan()).await)).await;
    assert_eq!(plan.line, "POST /prices");
    let expected = [
        "currency=brl",
        "unit_amount=4990",
        "nickname=Loja com 500 produtos",
        "recurring[interval]=month",
        "recurring[interval_count]=6",
        "product_data[name]=Plano Loja",
        "product_data[statement_descriptor]=FEIRA",
        &marks[0],
    ];
    assert_eq!(pairs(&plan), expected);

    let server = Server::saying(200, json!({"id": "cus_1", "status": "trialing"})).await;
    let gateway = given::gateway("stripe", server.address());
    assert!(matches!(gateway.create_subscription(&given::account(), &given::subscription()).await, Outcome::Done(_)));
    let [customer, subscription] = server.asked().try_into().unwrap();
    assert_eq!((customer.line.as_str(), subscription.line.as_str()), ("POST /customers", "POST /subscriptions"));
    assert_eq!(customer.headers["idempotency-key"], format!("{EFFECT}-customer"));
    let starts = format!("trial_end={}", given::at("2027-01-01T03:00:00Z") / 1_000_000);
    let expected = [
        "customer=cus_1",
        "items[0][price]=plan_1",
        "items[0][quantity]=1",
        "default_payment_method=token_abcdef0123456789",
        "payment_behavior=error_if_incomplete",
        &starts,
        &marks[0],
        &marks[1],
        "expand[0]=latest_invoice.payments",
    ];
    assert_eq!(pairs(&subscription), expected);
}

/// Stripe's search lags behind, so what an effect has made is looked for in the list, page by page.
#[tokio::test]
async fn stripe_finds_what_an_effect_has_made_in_its_list() {
    let entry = |id: &str, mark: &str| json!({"id": id, "amount": 1, "status": "processing", "payment_method_types": ["pix"], "metadata": {"effect_id": mark}});
    let server = Server::start(move |asked| {
        let page = match asked.line.contains("starting_after=pi_1") {
            false => json!({"data": [entry("pi_2", "x"), entry("pi_1", "y")], "has_more": true}),
            true => json!({"data": [entry("pi_0", EFFECT)], "has_more": false}),
        };
        (200, page.to_string())
    })
    .await;
    let gateway = given::gateway("stripe", server.address());
    let since = given::at(given::NOW);
    let found = gateway.get_charge(&given::account(), &LookUp::Effect { effect: given::effect(), since }).await;
    let Outcome::Done(Some(found)) = found else { panic!("{found:?}") };
    assert_eq!(found.charge.remote.charge, "pi_0");
    let first = format!(
        "GET /payment_intents?expand%5B0%5D=data.latest_charge&created%5Bgte%5D={}&limit=50",
        since / 1_000_000
    );
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, [first.clone(), format!("{first}&starting_after=pi_1")]);
    let other = LookUp::Effect { effect: "01939b3c-0000-7000-8000-00000000000f".parse().unwrap(), since };
    assert_eq!(gateway.get_charge(&given::account(), &other).await, Outcome::Done(None));
}

/// Small towns have no districts, and their addresses no gap where one would stand.
#[tokio::test]
async fn an_address_without_a_district_is_a_whole_line() {
    let parts = AddressParts { district: "", complement: "", ..given::address_parts() };
    for (name, line) in [("pagarme", "120, Rua das Laranjeiras"), ("stripe", "Rua das Laranjeiras, 120")] {
        let mut facts = given::charge(given::boleto());
        facts.buyer.address = PostalAddress::new(parts).unwrap();
        facts.shipping = None;
        facts.amount = 12_980;
        let sent = charged(name, &facts).await;
        let found = match name {
            "pagarme" => sent.json()["customer"]["address"]["line_1"].as_str().unwrap().to_owned(),
            _ => {
                let name = "payment_method_data[billing_details][address][line1]=";
                let line = pairs(&sent).into_iter().find(|pair| pair.starts_with(name)).unwrap();
                line.strip_prefix(name).unwrap().to_owned()
            }
        };
        assert_eq!(found, line, "{name}");
    }
}
