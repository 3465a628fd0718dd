//! Contract of the schema registries: embedded, and Confluent's API where one is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use feira_connectors::registry::{ConfluentSettings, Registry, RegistryError};
use serde_json::{Value, json};
use uuid::Uuid;

fn registries() -> (Vec<Registry>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut registries = vec![Registry::embedded(folder.path()).unwrap()];
    registries.extend(remote_registry());
    (registries, folder)
}

fn remote_registry() -> Option<Registry> {
    let settings = ConfluentSettings::parse(&support::service("FEIRA_REGISTRY_URL")?).unwrap();
    Some(Registry::confluent(&settings).unwrap())
}

/// A record's name of its own for each test, because a remote registry keeps what earlier runs registered.
fn fresh() -> String {
    format!("R{}", Uuid::new_v4().simple())
}

fn record(name: &str, fields: &Value) -> String {
    json!({"type": "record", "name": name, "namespace": "feira.contract", "fields": fields}).to_string()
}

fn subject(name: &str) -> String {
    format!("feira.contract.{name}")
}

#[tokio::test]
async fn a_schema_keeps_its_id_and_text() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let subject = subject(&name);
        let schema = record(
            &name,
            &json!([{"name": "a", "type": "long"}, {"name": "b", "type": ["null", "string"], "default": null}]),
        );
        let id = registry.register(&subject, &schema).await.unwrap();
        assert_eq!(registry.register(&subject, &schema).await.unwrap(), id);
        let spaced = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&schema).unwrap()).unwrap();
        assert_eq!(registry.register(&subject, &spaced).await.unwrap(), id, "spaces make no other schema");
        let text = registry.schema(id).await.unwrap().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), serde_json::from_str::<Value>(&schema).unwrap());
        assert!(registry.subjects().await.unwrap().contains(&subject));
        assert_eq!(registry.versions(&subject).await.unwrap(), [1]);
        let version = registry.version(&subject, 1).await.unwrap();
        assert_eq!((version.subject, version.version, version.id), (subject, 1, id));
        assert_eq!(
            serde_json::from_str::<Value>(&version.schema).unwrap(),
            serde_json::from_str::<Value>(&schema).unwrap()
        );
    }
}

#[tokio::test]
async fn versions_grow_while_all_of_them_stay_compatible() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let subject = subject(&name);
        let a = json!({"name": "a", "type": "long"});
        let b = json!({"name": "b", "type": "string", "default": ""});
        let c = json!({"name": "c", "type": ["null", "long"], "default": null});
        let first = registry.register(&subject, &record(&name, &json!([a]))).await.unwrap();
        let second = registry.register(&subject, &record(&name, &json!([a, b]))).await.unwrap();
        let third = registry.register(&subject, &record(&name, &json!([a, b, c]))).await.unwrap();
        assert!(first != second && second != third && first != third);
        assert_eq!(registry.versions(&subject).await.unwrap(), [1, 2, 3]);
        assert_eq!(registry.version(&subject, 2).await.unwrap().id, second);

        // A new field without a default, a lost field without one, and another type.
        for fields in [
            json!([a, b, c, {"name": "d", "type": "long"}]),
            json!([b, c]),
            json!([{"name": "a", "type": "string"}, b, c]),
        ] {
            let schema = record(&name, &fields);
            assert!(!registry.check(&subject, &schema).await.unwrap(), "{schema}");
            let refused = registry.register(&subject, &schema).await;
            assert!(matches!(refused, Err(RegistryError::Incompatible { .. })), "{schema}: {refused:?}");
        }
        assert_eq!(registry.versions(&subject).await.unwrap(), [1, 2, 3]);
        let fine = record(&name, &json!([a, c]));
        assert!(registry.check(&subject, &fine).await.unwrap());
    }
}

#[tokio::test]
async fn compatibility_reaches_back_to_the_first_version() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let subject = subject(&name);
        let field = |kind: &str, default: Value| json!({"name": "b", "type": kind, "default": default});
        let a = json!({"name": "a", "type": "long"});
        registry.register(&subject, &record(&name, &json!([a, field("long", json!(0))]))).await.unwrap();
        registry.register(&subject, &record(&name, &json!([a]))).await.unwrap();
        // Against the second version alone the third would do; the first wrote `b` as a number.
        let third = registry.register(&subject, &record(&name, &json!([a, field("string", json!(""))]))).await;
        assert!(matches!(third, Err(RegistryError::Incompatible { .. })), "{third:?}");
    }
}

#[tokio::test]
async fn another_unit_and_a_renaming_are_no_next_version_although_records_can_be_read() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let subject = subject(&name);
        let at = |unit: &str| json!({"name": "at", "type": {"type": "long", "logicalType": unit}});
        let note =
            |name: &str, aliases: Value| json!({"name": name, "aliases": aliases, "type": "string", "default": ""});
        let first = json!([at("timestamp-micros"), note("note", json!([]))]);
        registry.register(&subject, &record(&name, &first)).await.unwrap();
        for fields in [
            json!([at("timestamp-millis"), note("note", json!([]))]),
            json!([{"name": "at", "type": "long"}, note("note", json!([]))]),
            json!([at("timestamp-micros"), note("remark", json!(["note"]))]),
        ] {
            let schema = record(&name, &fields);
            assert!(!registry.check(&subject, &schema).await.unwrap(), "{schema}");
            // Who registers at a remote registry has been asked to check before; only this one has no other gate.
            if matches!(registry, Registry::Embedded(_)) {
                let refused = registry.register(&subject, &schema).await;
                assert!(matches!(refused, Err(RegistryError::Incompatible { .. })), "{schema}: {refused:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_new_field_in_front_may_take_over_a_types_definition() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let money =
            json!({"type": "record", "name": format!("{name}Money"), "fields": [{"name": "amount", "type": "long"}]});
        let named = json!(format!("feira.contract.{name}Money"));
        let first = json!([{"name": "price", "type": money}]);
        let grown =
            json!([{"name": "old_price", "type": ["null", money], "default": null}, {"name": "price", "type": named}]);
        registry.register(&subject(&name), &record(&name, &first)).await.unwrap();
        registry.register(&subject(&name), &record(&name, &grown)).await.unwrap();
    }
}

#[tokio::test]
async fn an_enum_grows_only_if_older_readers_have_a_default() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let kind = |name: &str, symbols: Value, default: Option<&str>| {
            let mut kind = json!({"type": "enum", "name": format!("{name}Kind"), "symbols": symbols});
            if let Some(default) = default {
                kind["default"] = json!(default);
            }
            record(name, &json!([{"name": "kind", "type": kind}]))
        };
        let open = fresh();
        registry.register(&subject(&open), &kind(&open, json!(["UNKNOWN", "A"]), Some("UNKNOWN"))).await.unwrap();
        registry.register(&subject(&open), &kind(&open, json!(["UNKNOWN", "A", "B"]), Some("UNKNOWN"))).await.unwrap();
        let closed = fresh();
        registry.register(&subject(&closed), &kind(&closed, json!(["A"]), None)).await.unwrap();
        let grown = registry.register(&subject(&closed), &kind(&closed, json!(["A", "B"]), None)).await;
        assert!(matches!(grown, Err(RegistryError::Incompatible { .. })), "{grown:?}");
    }
}

#[tokio::test]
async fn what_isnt_there_is_said_to_be_missing() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let name = fresh();
        let subject = subject(&name);
        assert_eq!(registry.schema(2_000_000_000).await.unwrap(), None);
        assert!(matches!(registry.versions(&subject).await, Err(RegistryError::NotFound(_))));
        assert!(matches!(registry.version(&subject, 1).await, Err(RegistryError::NotFound(_))));
        let schema = record(&name, &json!([{"name": "a", "type": "long"}]));
        assert!(registry.check(&subject, &schema).await.unwrap(), "a new subject accepts any schema");
        assert!(
            matches!(registry.versions(&subject).await, Err(RegistryError::NotFound(_))),
            "a check registers nothing"
        );
        registry.register(&subject, &schema).await.unwrap();
        assert!(matches!(registry.version(&subject, 2).await, Err(RegistryError::NotFound(_))));
    }
}

#[tokio::test]
async fn what_is_no_schema_is_refused() {
    let (registries, _folder) = registries();
    for registry in &registries {
        for text in ["", "{", r#"{"type":"nothing"}"#] {
            let refused = registry.register(&subject(&fresh()), text).await;
            assert!(matches!(refused, Err(RegistryError::Refused(_))), "{text:?}: {refused:?}");
        }
        let schema = record("R", &json!([]));
        for subject in ["", "a/b", "a?b", "../a", "a b"] {
            let refused = registry.register(subject, &schema).await;
            assert!(matches!(refused, Err(RegistryError::Refused(_))), "{subject:?}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn two_at_once_get_different_ids_for_different_schemas() {
    let (registries, _folder) = registries();
    for registry in &registries {
        let names: Vec<_> = (0..8).map(|_| fresh()).collect();
        let mut ids = vec![];
        let tasks: Vec<_> = names
            .iter()
            .map(|name| {
                let (registry, subject) = (registry.clone(), subject(name));
                let schema = record(name, &json!([{"name": "a", "type": "long"}]));
                tokio::spawn(async move { registry.register(&subject, &schema).await.unwrap() })
            })
            .collect();
        for task in tasks {
            ids.push(task.await.unwrap());
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), names.len());
    }
}

#[tokio::test]
async fn the_embedded_registry_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Registry::embedded(folder.path()).unwrap();
    let schema = record("Kept", &json!([{"name": "a", "type": "long"}]));
    let id = open().register("feira.contract.Kept", &schema).await.unwrap();
    let again = open();
    assert_eq!(again.schema(id).await.unwrap(), Some(schema.clone()));
    assert_eq!(again.register("feira.contract.Kept", &schema).await.unwrap(), id);
    let grown = record("Kept", &json!([{"name": "a", "type": "long"}, {"name": "b", "type": "long", "default": 0}]));
    assert_eq!(again.register("feira.contract.Kept", &grown).await.unwrap(), id + 1);
}

#[tokio::test]
async fn a_registry_that_doesnt_answer_is_unavailable() {
    let registry = Registry::confluent(&ConfluentSettings::parse("http://127.0.0.1:1").unwrap()).unwrap();
    let schema = record("R", &json!([]));
    assert!(matches!(registry.register("feira.contract.R", &schema).await, Err(RegistryError::Unavailable(_))));
    assert!(matches!(registry.schema(1).await, Err(RegistryError::Unavailable(_))));
    assert!(matches!(registry.subjects().await, Err(RegistryError::Unavailable(_))));
    assert!(matches!(registry.check("feira.contract.R", &schema).await, Err(RegistryError::Unavailable(_))));
}
