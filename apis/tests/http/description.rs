//! `/openapi.json` against the table and against what is answered.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn every_route_is_described_and_every_reference_leads_somewhere() {
    run(async {
        let bed = bed().await;
        let document = send(bed.request("localhost", "GET", "/openapi.json")).await.expect(200).json;
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for route in feira_apis::routes() {
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            assert!(operation.is_object(), "{} {}", route.method, route.path);
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{} {} says nothing", route.method, route.path);
            assert!(!operation["responses"].as_object().unwrap().is_empty());
            ids.insert(operation["operationId"].as_str().unwrap().to_owned());
        }
        let operations = document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len());
        assert_eq!(ids.len(), operations.sum::<usize>(), "each operation has an id of its own");
        references(&document, &document);
    });
}

fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            fields.values().for_each(|field| references(field, document));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, document)),
        _ => {}
    }
}

#[test]
fn a_shops_host_describes_its_own_routes_alone() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("descrita").await;
        let document = send(bed.request(&shop.host, "GET", "/openapi.json")).await.expect(200).json;
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/api/admin/v1/products") && !paths.keys().any(|path| path.contains("operator")));
    });
}

#[test]
fn answers_are_of_the_statuses_and_fields_that_are_described() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fiel").await;
        let document = send(bed.request(&shop.host, "GET", "/openapi.json")).await.expect(200).json;
        let made = bed.product(&shop, "Caneca").await;
        let (product, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
        for pattern in [
            "/api/admin/v1/products",
            "/api/admin/v1/products/{id}",
            "/api/admin/v1/products/{id}/variants/{vid}/stock",
            "/api/admin/v1/products/{id}/images",
            "/api/admin/v1/categories",
            "/api/admin/v1/settings",
            "/api/admin/v1/logo",
        ] {
            let path = pattern.replace("{id}", product).replace("{vid}", variant);
            let answer = send(bed.request(&shop.host, "GET", &path).bearer_auth(&shop.token)).await;
            let described = &document["paths"][pattern]["get"]["responses"][answer.status.to_string()];
            assert!(described.is_object(), "{pattern}: {}", answer.status);
            let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
            let schema = &described["content"][kind.as_str()]["schema"];
            fits(&answer.json, schema, &document, pattern);
        }
    });
}

/// The parts of JSON Schema that our schemas use, as far as they bind answers.
fn fits(value: &Value, schema: &Value, document: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return fits(value, document.pointer(reference.trim_start_matches('#')).unwrap(), document, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let chosen = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        return fits(value, chosen.unwrap(), document, at);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&is), "{at}: {is} is not {types:?}");
    if let Value::Object(fields) = value {
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
        }
        for (name, field) in fields {
            let known = &schema["properties"][name.as_str()];
            assert!(!known.is_null() || schema["additionalProperties"] != false, "{at}: {name} is not described");
            let schema = if known.is_null() { &schema["additionalProperties"] } else { known };
            fits(field, schema, document, &format!("{at}/{name}"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(item, &schema["items"], document, &format!("{at}/{index}"));
    }
}
