//! Events of admin: what a merchant changes is said on `admin.events`, each change once, whole, in order.

use std::collections::BTreeSet;

use feira_schemas::ids::TenantId;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, product, send},
    images::image_file,
    run,
};

/// The shop's events of an entity: type, version, and the entity itself, which each of them holds as `field`.
async fn said_of(bed: &Bed, shop: &Shop, entity: &str, field: &str) -> Vec<(String, i64, Value)> {
    let path = format!("/topics/admin.events/records?tenant={}", shop.id);
    let read = send(bed.operator("GET", &path)).await.expect(200);
    let text = String::from_utf8(read.bytes).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(records.iter().all(|record| record["key"] == shop.id.as_str()), "in one partition, so in order");
    let ids: BTreeSet<_> = records.iter().map(|record| record["value"]["meta"]["event_id"].to_string()).collect();
    assert_eq!(ids.len(), records.len(), "each event once");
    let of = records.iter().filter(|record| record["value"]["meta"]["aggregate_id"] == entity);
    let said = of.map(|record| {
        let (kind, value) = (record["type"].as_str().unwrap(), &record["value"]);
        assert_eq!((&value["meta"]["tenant_id"], record["headers"]["ce_type"].as_str()), (&json!(shop.id), Some(kind)));
        let kind = kind.strip_prefix("feira.admin.").unwrap().to_owned();
        (kind, value["meta"]["aggregate_version"].as_i64().unwrap(), value[field].clone())
    });
    said.collect()
}

/// Types and versions of what was said.
fn kinds(said: &[(String, i64, Value)]) -> Vec<(&str, i64)> {
    said.iter().map(|(kind, version, _)| (kind.as_str(), *version)).collect()
}

#[test]
fn s64_a_category_made_changed_and_deleted_is_published() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ditas-categorias").await;
        let made = send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Canecas"}))).await.expect(201);
        let id = made.json["id"].as_str().unwrap().to_owned();
        let path = format!("/categories/{id}");
        send(bed.staff(&shop, "PATCH", &path).json(&json!({"name": "Copos"}))).await.expect(200);
        send(bed.staff(&shop, "PUT", &path).json(&json!({"name": "Copos", "slug": "copos"}))).await.expect(200);
        send(bed.staff(&shop, "DELETE", &path)).await.expect(204);
        let said = said_of(bed, &shop, &id, "category").await;
        let expected = [("CategoryChanged", 1), ("CategoryChanged", 2), ("CategoryChanged", 3), ("CategoryDeleted", 4)];
        assert_eq!(kinds(&said), expected);
        let whole = said.iter().map(|(_, _, category)| (category["name"].clone(), category["slug"].clone()));
        let expected = [("Canecas", "canecas"), ("Copos", "canecas"), ("Copos", "copos"), ("Copos", "copos")];
        assert!(whole.eq(expected.map(|(name, slug)| (json!(name), json!(slug)))), "{said:?}");
    });
}

#[test]
fn s65_a_product_made_changed_and_deleted_is_published() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ditos-produtos").await;
        let made = bed.product(&shop, "Caneca").await;
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/products/{id}");
        send(bed.staff(&shop, "PATCH", &path).json(&json!({"name": "Caneca azul"}))).await.expect(200);
        send(bed.staff(&shop, "PATCH", &path).json(&json!({"name": "Caneca azul"}))).await.expect(200);
        send(bed.staff(&shop, "PUT", &path).json(&product("Copo"))).await.expect(200);
        let images = format!("{path}/images");
        let image = send(bed.staff(&shop, "POST", &images).body(image_file(5, 5, ImageFormat::Png))).await.expect(201);
        let image = image.json["id"].as_str().unwrap().to_owned();
        send(bed.staff(&shop, "DELETE", &format!("{images}/{image}"))).await.expect(204);
        send(bed.staff(&shop, "DELETE", &path)).await.expect(204);
        let mut said = said_of(bed, &shop, &id, "product").await;
        // What changes nothing is answered, and says so; it is no change.
        said.retain(|(kind, _, _)| kind.starts_with("Product"));
        let changed = (1..=5).map(|version| ("ProductChanged", version));
        let expected: Vec<_> = changed.chain([("ProductDeleted", 6)]).collect();
        assert_eq!(kinds(&said), expected);
        let names: Vec<_> = said.iter().map(|(_, _, product)| product["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Caneca", "Caneca azul", "Copo", "Copo", "Copo", "Copo"]);
        let counts: Vec<_> = said.iter().map(|(_, _, product)| product["images"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [0, 0, 0, 1, 0, 0]);
        assert_eq!(said[0].2["variants"][0]["price"]["amount"], 12_990, "whole, not the change alone");
    });
}

#[test]
fn s66_a_shops_opening_closing_settings_and_logo_are_published() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ditas-lojas").await;
        for verb in ["suspend", "resume"] {
            send(bed.operator("POST", &format!("/tenants/{}/{verb}", shop.id))).await.expect(200);
        }
        send(bed.staff(&shop, "PATCH", "/settings").json(&json!({"tagline": "De tudo"}))).await.expect(200);
        let logo =
            send(bed.staff(&shop, "PUT", "/logo").body(image_file(5, 5, ImageFormat::Png))).await.expect(200).json;
        send(bed.staff(&shop, "DELETE", "/logo")).await.expect(204);
        let said = said_of(bed, &shop, &shop.id, "tenant").await;
        assert_eq!(kinds(&said), [1, 2, 3, 4].map(|version| ("TenantChanged", version)));
        let statuses: Vec<_> = said.iter().map(|(_, _, tenant)| tenant["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["REQUESTED", "ACTIVE", "SUSPENDED", "ACTIVE"]);
        let said = said_of(bed, &shop, &format!("settings:{}", shop.id), "settings").await;
        assert_eq!(kinds(&said), [1, 2, 3, 4].map(|version| ("SettingsChanged", version)));
        let taglines: Vec<_> = said.iter().map(|(_, _, settings)| settings["tagline"].clone()).collect();
        assert_eq!(taglines, [Value::Null, json!("De tudo"), json!("De tudo"), json!("De tudo")]);
        let logos: Vec<_> = said.iter().map(|(_, _, settings)| settings["logo"]["image_id"].clone()).collect();
        let shown = logo["logo"]["url"].as_str().unwrap();
        assert!(shown.contains(logos[2].as_str().unwrap()), "{shown} {logos:?}");
        assert!([0, 1, 3].iter().all(|index: &usize| logos[*index].is_null()), "{logos:?}");
    });
}

#[test]
fn s66_payment_methods_of_the_platform_and_of_a_shop_are_published() {
    run(async {
        // What the platform offers is every shop's matter, so this Feira is this test's alone.
        let bed = Bed::start().await;
        let shop = bed.shop("ditas-formas").await;
        let path = "/payment-methods/card";
        for (active, status) in [(true, 201), (false, 200), (true, 200)] {
            let body = json!({"name": "Cartão", "installments": true, "active": active});
            send(bed.operator("PUT", path).json(&body)).await.expect(status);
        }
        let body = json!({"max_installments": 6, "discounted_installments": 1, "discount_percent": "2.5"});
        send(bed.staff(&shop, "PUT", path).json(&body)).await.expect(201);
        send(bed.staff(&shop, "PUT", path).json(&body)).await.expect(200);
        send(bed.staff(&shop, "PUT", path).json(&json!({"active": false}))).await.expect(200);
        send(bed.staff(&shop, "DELETE", path)).await.expect(204);
        send(bed.operator("DELETE", path)).await.expect(204);
        let platform = Shop { id: TenantId::PLATFORM.to_string(), ..shop.clone() };
        let said = said_of(&bed, &platform, "offered_method:card", "method").await;
        let changed = |kind, versions: std::ops::RangeInclusive<i64>| versions.map(move |version| (kind, version));
        let expected: Vec<_> = changed("OfferedMethodChanged", 1..=3).chain([("OfferedMethodRemoved", 4)]).collect();
        assert_eq!(kinds(&said), expected);
        let active: Vec<_> = said.iter().map(|(_, _, method)| method["active"].as_bool().unwrap()).collect();
        assert_eq!(active, [true, false, true, true]);
        let said = said_of(&bed, &shop, "shop_method:card", "method").await;
        let expected: Vec<_> = changed("ShopMethodChanged", 1..=2).chain([("ShopMethodRemoved", 3)]).collect();
        assert_eq!(kinds(&said), expected, "what changes nothing is no change");
        assert_eq!(said[0].2["terms"]["discount"], 250, "hundredths of a percent");
        let terms: Vec<_> = said.iter().map(|(_, _, method)| method["terms"]["max_installments"].clone()).collect();
        assert_eq!(terms, [6, 1, 1], "whole, not the change alone");
    });
}

#[test]
fn s67_payment_methods_of_a_product_are_published_also_where_they_go_with_it() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ditas-do-produto").await;
        let id = bed.product(&shop, "Caneca").await["id"].as_str().unwrap().to_owned();
        let path = |method: &str| format!("/products/{id}/payment-methods/{method}");
        for (most, status) in [(3, 201), (2, 200)] {
            send(bed.staff(&shop, "PUT", &path("card")).json(&json!({"max_installments": most}))).await.expect(status);
        }
        send(bed.staff(&shop, "PUT", &path("pix")).json(&json!({"active": false}))).await.expect(201);
        send(bed.staff(&shop, "DELETE", &path("card"))).await.expect(204);
        send(bed.staff(&shop, "DELETE", &format!("/products/{id}"))).await.expect(204);
        let card = said_of(bed, &shop, &format!("product_method:{id}:card"), "method").await;
        let expected = [("ProductMethodChanged", 1), ("ProductMethodChanged", 2), ("ProductMethodRemoved", 3)];
        assert_eq!(kinds(&card), expected);
        assert!(card.iter().all(|(_, _, method)| method["product_id"] == id.as_str()), "{card:?}");
        let pix = said_of(bed, &shop, &format!("product_method:{id}:pix"), "method").await;
        assert_eq!(kinds(&pix), [("ProductMethodChanged", 1), ("ProductMethodRemoved", 2)]);
    });
}
