//! What admin makes of subscriptions that are paid, as sign-up's topic brings them; and what becomes of those of which it can
//! make nothing.

use feira_connectors::log::NewRecord;
use feira_schemas::{
    ids::{CommandId, EventId, KeyId, TenantId},
    records::{
        DirectoryCommand, RecordSet, SignupEvent,
        admin::ShopNameStatus,
        common::{CommandMeta, EventMeta, InputPosition},
        directory::{ClaimName, NameAsker},
        signup::{Subscription, SubscriptionChanged},
    },
    rows::admin::ShopNameRow,
    sealed::{Document, Email, Envelope, NONCE, PersonName, Personal, PostalAddress, Subject, SubjectKind},
    time::HOUR,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bed::{Bed, Shop, product, send},
    payments::{brl, text},
    reconciliation::until,
    run,
};

const SUBSCRIPTION: Uuid = Uuid::from_u128(0x50b5);
const OWNER: Uuid = Uuid::from_u128(0x0137);

/// A sealed value, as JSON has it, of which nobody has the key.
fn sealed<T: Personal>(kind: SubjectKind, id: Uuid) -> Value {
    let key = KeyId::from_uuid(Uuid::from_u128(1));
    json!(Envelope::new(Subject::new(kind, id), T::FIELD, key, [1; NONCE], vec![1; 40]).unwrap().to_text())
}

/// A subscription that is paid, for a shop of this name, which may have one product.
fn paid(subdomain: &str) -> Subscription {
    let (subscriber, staff) = (SubjectKind::Subscriber, SubjectKind::Staff);
    let paid = json!({
        "subscription_id": SUBSCRIPTION, "version": 3, "status": "PAID", "visitor": "hash",
        "terms": {
            "plan_id": Uuid::from_u128(1), "plan_name": "Essencial", "price": brl(4_990), "months": 1,
            "limits": {"products": 1, "staff": 2},
            "account": {
                "owner": Uuid::nil(), "account_id": Uuid::from_u128(2), "name": "Plataforma", "gateway": "pagarme",
                "kind": "WHOLE_SERVICE", "public_key": "pk_1",
            },
        },
        "subscriber": {
            "name": sealed::<PersonName>(subscriber, SUBSCRIPTION),
            "email": sealed::<Email>(subscriber, SUBSCRIPTION),
            "document": sealed::<Document>(subscriber, SUBSCRIPTION),
            "address": sealed::<PostalAddress>(subscriber, SUBSCRIPTION),
        },
        "owner": {
            "staff_id": OWNER, "email": sealed::<Email>(staff, OWNER), "email_term": "0".repeat(32),
            "name": sealed::<PersonName>(staff, OWNER),
        },
        "owner_sealed_at": 0, "named_version": 1, "subdomain": subdomain, "shop_name": "Moda da Ana", "accepted": "2026-11", "accepted_at": 0, "held_until": 0,
        "payment": {"attempt": 1, "method": "PIX", "status": "PAID"},
        "created_at": 0, "changed_at": 0,
    });
    serde_json::from_value(paid).unwrap()
}

/// The record by which sign-up says a subscription for this shop.
fn record(bed: &Bed, tenant_id: TenantId, subscription: Subscription) -> NewRecord {
    let platform = &bed.api.platform;
    let meta = EventMeta {
        event_id: EventId::from_uuid(Uuid::now_v7()),
        tenant_id,
        aggregate_id: SUBSCRIPTION.to_string(),
        aggregate_version: subscription.version,
        write_ts: platform.now(),
        causation_id: CommandId::from_uuid(Uuid::now_v7()),
        input: InputPosition { topic: "signup.commands".into(), partition: 0, offset: 0 },
        occurred_at: platform.now(),
        actor: "system:signup".into(),
        answers: None,
    };
    let event = SignupEvent::from(SubscriptionChanged { meta, subscription });
    NewRecord {
        topic: "signup.events".into(),
        partition: Some(platform.partition_of(tenant_id)),
        key: tenant_id.to_string().into(),
        value: Some(event.encode(&platform.codec).unwrap().into()),
        headers: Vec::new(),
    }
}

async fn put(bed: &Bed, record: NewRecord) -> i64 {
    bed.api.platform.log.append(vec![record]).await.unwrap()[0]
}

/// The letters of admin that nobody has dealt with.
async fn letters(bed: &Bed) -> Vec<Value> {
    let listed = send(bed.operator("GET", "/dead-letters?group=admin")).await.expect(200).json;
    listed["items"].as_array().unwrap().iter().filter(|item| item["state"] == "dead").cloned().collect()
}

async fn replay(bed: &Bed, id: &str) {
    send(bed.operator("POST", &format!("/dead-letters/{id}/replay")).json(&json!({}))).await.expect(200);
}

/// Has the directory hold a name for a shop.
async fn hold(bed: &Bed, tenant_id: TenantId, name: &str) {
    let now = bed.api.platform.now();
    let meta = CommandMeta {
        command_id: CommandId::from_uuid(Uuid::now_v7()),
        tenant_id,
        actor: "test".into(),
        issued_at: now,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    };
    let (until, asker) = (now + HOUR, NameAsker::Admin);
    let claim = DirectoryCommand::from(ClaimName { meta, name: name.to_owned(), until, asker, held_for: HOUR });
    let value = claim.encode(&bed.api.platform.codec).unwrap();
    let (topic, key) = ("directory.commands".into(), name.to_owned().into());
    put(bed, NewRecord { topic, partition: None, key, value: Some(value.into()), headers: Vec::new() }).await;
}

/// The shop as operators read it, once there is one and its name is its own.
async fn opened(bed: &Bed, tenant: TenantId, name: &str) -> Value {
    until("the name is confirmed", async || {
        let row = bed.api.platform.state.get::<ShopNameRow>(&ShopNameRow::at(tenant, name)).await.unwrap();
        row.filter(|row| row.name.status == ShopNameStatus::Confirmed)
    })
    .await;
    send(bed.operator("GET", &format!("/tenants/{tenant}"))).await.expect(200).json
}

#[test]
fn s33_s36_a_subscription_that_is_paid_becomes_a_shop_which_keeps_to_its_plan() {
    run(async {
        let bed = Bed::start().await;
        let tenant = TenantId::from_uuid(Uuid::now_v7());
        hold(&bed, tenant, "moda-da-ana").await;
        for _ in 0..2 {
            put(&bed, record(&bed, tenant, paid("moda-da-ana"))).await;
        }
        let read = opened(&bed, tenant, "moda-da-ana").await;
        assert_eq!((&read["status"], &read["name"]), (&json!("active"), &json!("Moda da Ana")));
        assert_eq!((&read["version"], &read["subscription_id"]), (&json!(1), &json!(SUBSCRIPTION)));

        let asked = bed.operator("POST", &format!("/tenants/{tenant}/tokens")).json(&json!({}));
        let token = send(asked).await.expect(201);
        let token = text(&token.json["token"]);
        let shop = Shop { id: tenant.to_string(), host: "moda-da-ana.localhost".into(), token };
        until("the shop is known by its name", async || {
            (send(bed.staff(&shop, "GET", "/settings")).await.status == 200).then_some(())
        })
        .await;
        let made = |name: &str| send(bed.staff(&shop, "POST", "/products").json(&product(name)));
        let first = made("Um").await.expect(201).json;
        let refused = made("Dois").await.expect(422);
        assert_eq!(refused.code(), "plan_limit");
        let says = "O plano Essencial permite até 1 produto. Peça outro plano a quem opera a plataforma.";
        assert_eq!(refused.json["detail"], says);
        send(bed.staff(&shop, "DELETE", &format!("/products/{}", text(&first["id"])))).await.expect(204);
        made("Dois").await.expect(201);
        assert!(letters(&bed).await.is_empty());
    });
}

#[test]
fn s37_a_subscription_of_which_no_shop_can_be_made_is_a_letter_with_its_cause_and_stops_nothing() {
    run(async {
        let bed = Bed::start().await;
        let tenant = TenantId::from_uuid(Uuid::now_v7());
        put(&bed, record(&bed, tenant, paid("Não é endereço"))).await;
        let letter = until("a letter", async || letters(&bed).await.pop()).await;
        assert_eq!((&letter["topic"], &letter["stage"]), (&json!("signup.events"), &json!("handle")));
        assert!(text(&letter["message"]).starts_with("invalid: "), "{letter}");
        let read = send(bed.operator("GET", &format!("/dead-letters/{}", text(&letter["id"])))).await.expect(200);
        assert!(read.json.to_string().contains(&SUBSCRIPTION.to_string()), "{}", read.json);
        // Others of its partition go on.
        let partition = bed.api.platform.partition_of(tenant);
        let beside = std::iter::repeat_with(|| TenantId::from_uuid(Uuid::now_v7()));
        let beside = { beside }.find(|other| bed.api.platform.partition_of(*other) == partition).unwrap();
        hold(&bed, beside, "loja-ao-lado").await;
        put(&bed, record(&bed, beside, paid("loja-ao-lado"))).await;
        assert_eq!(opened(&bed, beside, "loja-ao-lado").await["status"], "active");

        // Put back, it is decided again; nothing has changed that would make a shop of it.
        replay(&bed, &text(&letter["id"])).await;
        let is_new = |found: &Value| found["id"] != letter["id"];
        let again = until("another letter", async || letters(&bed).await.into_iter().find(is_new)).await;
        assert_eq!((&again["message"], letters(&bed).await.len()), (&letter["message"], 1));
        send(bed.operator("GET", &format!("/tenants/{tenant}"))).await.expect(404);
    });
}

#[test]
fn s37_a_letter_whose_cause_is_gone_becomes_a_shop_once_it_is_put_back() {
    run(async {
        let bed = Bed::start().await;
        let tenant = TenantId::from_uuid(Uuid::now_v7());
        hold(&bed, tenant, "devolvida").await;
        let partition = bed.api.platform.partition_of(tenant).to_string();
        let said =
            [("topic", "signup.events"), ("partition", partition.as_str()), ("offset", "7"), ("stage", "handle")];
        let letter = NewRecord {
            topic: "admin.dlq".into(),
            partition: Some(0),
            headers: said.map(|(name, value)| (format!("__dlq.errors.{name}"), value.to_owned().into())).into(),
            ..record(&bed, tenant, paid("devolvida"))
        };
        let offset = put(&bed, letter).await;
        replay(&bed, &format!("admin:0:{offset}")).await;
        let read = opened(&bed, tenant, "devolvida").await;
        assert_eq!((&read["status"], &read["subscription_id"]), (&json!("active"), &json!(SUBSCRIPTION)));
        assert!(letters(&bed).await.is_empty());
    });
}
