//! Every record type goes through its Avro schema and back unchanged, and every row's fields are its table's columns.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use feira_schemas::{
    codec::{Codec, CodecError},
    records::{AdminCommand, AdminEvent, RecordSet, StoreEvent, record_schemas},
};
use serde_json::json;

fn codec() -> Codec {
    let schemas = record_schemas().unwrap();
    let ids: HashMap<&'static str, u32> = schemas.keys().copied().zip(1..).collect();
    Codec::new(schemas, &ids).unwrap()
}

fn meta() -> serde_json::Value {
    json!({
        "event_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "tenant_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4f",
        "aggregate_id": "x", "aggregate_version": 1, "write_ts": 5, "causation_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e",
        "input": {"topic": "admin.commands", "partition": 1, "offset": 2}, "occurred_at": 5, "actor": "operator",
        "answers": {"command_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "body_hash": "", "outcome": "CREATED"}
    })
}

fn product_changed() -> AdminEvent {
    let money = json!({"amount": 100, "currency": "BRL"});
    let variant = json!({"variant_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "sku": "A", "options": ["P"], "price": money,
        "compare_at_price": null, "cost": money, "barcode": null, "weight_grams": 10, "initial_stock": 3});
    let product = json!({
        "product_id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "version": 1, "status": "PUBLISHED", "name": "Calça", "slug": "calca",
        "slug_history": [], "description": "", "category_id": null, "vendor": null, "tags": ["a"], "featured": true,
        "options": [{"name": "Tamanho", "values": ["P"]}], "variants": [variant], "images": [], "seo": null,
        "created_at": 1, "updated_at": 2
    });
    let event = json!({"meta": meta(), "product": product, "forgotten_slugs": []});
    AdminEvent::ProductChanged(serde_json::from_value(event).unwrap())
}

#[test]
fn a_record_comes_back_as_it_was_written() {
    let codec = codec();
    let event = product_changed();
    let value = event.encode(&codec).unwrap();
    assert_eq!(value[0], 0);
    assert_eq!(AdminEvent::decode(&codec, &value).unwrap(), event);
    let json = codec.open(&value).unwrap().read_json().unwrap();
    assert_eq!(json["product"]["status"], "PUBLISHED");
    assert_eq!(json["meta"]["answers"]["outcome"], "CREATED");
}

#[test]
fn bytes_that_are_no_record_are_told_apart() {
    let codec = codec();
    let value = product_changed().encode(&codec).unwrap();
    assert!(matches!(AdminEvent::decode(&codec, b""), Err(CodecError::NotConfluent)));
    assert!(matches!(AdminEvent::decode(&codec, b"{\"a\":1}"), Err(CodecError::NotConfluent)));
    assert!(matches!(AdminEvent::decode(&codec, &[0, 255, 0, 0, 0, 1]), Err(CodecError::UnknownSchema(_))));
    assert!(matches!(AdminEvent::decode(&codec, &value[..value.len() - 3]), Err(CodecError::Malformed { .. })));
    let longer = [value.as_slice(), b"x"].concat();
    assert!(matches!(AdminEvent::decode(&codec, &longer), Err(CodecError::Malformed { .. })));
    assert!(matches!(StoreEvent::decode(&codec, &value), Err(CodecError::NotInSet { .. })));
    assert!(matches!(AdminCommand::decode(&codec, &value), Err(CodecError::NotInSet { .. })));
}
