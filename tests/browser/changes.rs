//! A merchant's changes reach buyers: at once for who asks from the change's position on, and nothing old after it.

use feira_schemas::{
    ids::ImageId,
    records::admin::{ChangeLogo, ChangeSettings, DeleteCategory, DeleteProduct, Logo, PatchCategory},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{World, product, settings};
use crate::common::meta;

const HOST: &str = "moda.localhost";

#[tokio::test(flavor = "multi_thread")]
async fn f10_pages_and_answers_have_an_etag_and_304() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Saia", 5_000, None)).await;
    let card = world.get(HOST, "/api/store/v1/products/saia").await;
    assert_eq!(card.header("etag"), format!("\"{id}-1\""), "the product and its version");
    assert_eq!(card.header("cache-control"), "public, max-age=0, must-revalidate");
    assert!(card.json()["variants"][0].get("cost").is_none() && !card.text.contains("on_hand"));
    assert_eq!(card.json()["variants"][0]["available"], true);
    for path in
        ["/api/store/v1/products/saia", "/api/store/v1/products", "/", "/product/saia", "/search", "/sitemap.xml"]
    {
        let first = world.get(HOST, path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!((first.status, tag.is_empty()), (200, false), "{path}");
        let again = world.get_with(HOST, path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.header("etag"), again.text.as_str()), (304, tag.as_str(), ""), "{path}");
        let other = world.get_with(HOST, path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, 200, "{path}");
    }
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_an_own_write_is_seen_at_once_by_card_page_list_search_and_suggestion() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Saia", 5_000, None)).await;
    for (number, word) in ["curta", "longa", "rodada"].into_iter().enumerate() {
        let name = format!("Saia {word}");
        world.patch(shop, id, json!({"name": name})).await;
        let card = world.get(HOST, "/api/store/v1/products/saia").await;
        assert_eq!((card.status, card.json()["name"].as_str()), (200, Some(name.as_str())));
        assert_eq!(card.header("etag"), format!("\"{id}-{}\"", number + 2));
        assert!(world.get(HOST, "/product/saia").await.text.contains(&name), "{name}");
        let list = world.get(HOST, "/api/store/v1/products").await;
        assert_eq!((list.status, &list.json()["items"][0]["name"]), (200, &json!(name)));
        let found = world.get(HOST, &format!("/api/store/v1/search?q={word}")).await;
        assert_eq!((found.status, found.slugs()), (200, vec!["saia".to_owned()]), "{word}");
        let suggested = world.get(HOST, &format!("/api/store/v1/suggest?q=saia+{}", &word[..3])).await;
        assert_eq!((suggested.status, &suggested.json()["items"][0]["text"]), (200, &json!(name)));
    }
    let token = format!("store.{}.{}", world.node.platform.partition_of(shop), i64::MAX);
    let lists = ["products", "search", "suggest?q=s", "categories"].map(|list| format!("/api/store/v1/{list}"));
    let made = ["/sitemap.xml".to_owned(), "/robots.txt".to_owned(), format!("/media/made/{id}.svg")];
    for path in lists.into_iter().chain(made) {
        let stale = world.get_with(HOST, &path, &[("feira-at-least", &token)]).await;
        let code = stale.json()["code"].clone();
        assert_eq!(
            (stale.status, code, stale.header("retry-after").is_empty()),
            (409, json!("stale"), false),
            "{path}"
        );
    }
    let bad = world.get_with(HOST, "/api/store/v1/products/saia", &[("feira-at-least", "x")]).await;
    assert_eq!((bad.status, &bad.json()["code"]), (400, &json!("bad_position")));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_an_old_slug_answers_301_as_long_as_its_product_is_there() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Bolsa", 5_000, None)).await;
    world.patch(shop, id, json!({"slug": "bolsa-de-couro"})).await;
    let old = world.get(HOST, "/api/store/v1/products/bolsa").await;
    assert_eq!((old.status, old.header("location")), (301, "/api/store/v1/products/bolsa-de-couro"));
    let old = world.get(HOST, "/product/bolsa?variant=7").await;
    assert_eq!((old.status, old.header("location")), (301, "/product/bolsa-de-couro?variant=7"));
    assert_eq!(world.get(HOST, "/product/bolsa-de-couro").await.status, 200);
    world.patch(shop, id, json!({"status": "draft"})).await;
    assert_eq!(world.get(HOST, "/api/store/v1/products/bolsa-de-couro").await.status, 404);
    assert_eq!(world.get(HOST, "/product/bolsa").await.status, 404);
    world.patch(shop, id, json!({"status": "published"})).await;
    assert_eq!(world.get(HOST, "/product/bolsa").await.status, 301, "the old address leads there again");
    world.write(DeleteProduct { meta: meta(shop), product_id: id }).await;
    for path in ["/product/bolsa", "/product/bolsa-de-couro", "/api/store/v1/products/bolsa-de-couro"] {
        assert_eq!(world.get(HOST, path).await.status, 404, "{path}");
    }
    world.node.stop().await.unwrap();
}

/// The name and price of each product that a search finds, with the facets: categories, and the counts of the price bands.
async fn found(world: &World, query: &str) -> (Vec<(Value, Value)>, Value, Vec<Value>) {
    let found = world.get(HOST, &format!("/api/store/v1/search?{query}")).await.json();
    let items = found["items"].as_array().unwrap().iter();
    let items: Vec<_> = items.map(|item| (item["name"].clone(), item["price"]["amount"].clone())).collect();
    assert_eq!(found["total"], items.len());
    let bands = found["facets"]["price"].as_array().unwrap().iter().map(|band| band["count"].clone()).collect();
    (items, found["facets"]["categories"].clone(), bands)
}

#[tokio::test(flavor = "multi_thread")]
async fn s80_a_product_is_indexed_with_its_category_and_price_and_a_change_replaces_it() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let camisas = world.category(shop, "Camisas", None).await;
    let saias = world.category(shop, "Saias", None).await;
    let mut body = product("Peça de linho", 9_990, Some(camisas));
    body["variants"][0]["compare_at_price"] = json!({"amount": 19_990, "currency": "BRL"});
    body["variants"][0]["cost"] = json!({"amount": 1_990, "currency": "BRL"});
    let id = world.product(shop, body).await;
    let (items, categories, bands) = found(&world, "q=linho").await;
    assert_eq!(items, [(json!("Peça de linho"), json!(9_990))]);
    assert_eq!(categories, json!([{"slug": "camisas", "name": "Camisas", "count": 1}]));
    assert_eq!(bands, [0, 1, 0, 0, 0, 0], "its price counts, neither what it was nor what it cost");
    assert_eq!(found(&world, "category=camisas&min_price=9990&max_price=9990").await.0.len(), 1);
    assert!(found(&world, "min_price=9991").await.0.is_empty() && found(&world, "max_price=9989").await.0.is_empty());

    let variants = json!([{"price": {"amount": 25_000, "currency": "BRL"}}]);
    world.patch(shop, id, json!({"name": "Peça de algodão", "category_id": saias, "variants": variants})).await;
    assert!(found(&world, "q=linho").await.0.is_empty() && found(&world, "category=camisas").await.0.is_empty());
    let (items, categories, bands) = found(&world, "q=algodao").await;
    assert_eq!(items, [(json!("Peça de algodão"), json!(25_000))], "once, as it is now");
    assert_eq!(categories, json!([{"slug": "saias", "name": "Saias", "count": 1}]));
    assert_eq!(bands, [0, 0, 0, 1, 0, 0]);
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s81_categories_settings_and_logo_reach_the_shop_and_each_change_replaces_the_last() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let logos = [(); 2].map(|()| ImageId::from_uuid(Uuid::now_v7()));
    let looks = [("Moda da Ana", "Feita à mão", "#aa0033"), ("Moda da Bia", "Feita com calma", "#0033aa")];
    for (now, (name, tagline, accent)) in looks.into_iter().enumerate() {
        let text = |text: &str| Some(text.to_owned());
        let (shop_name, tagline, accent) = (text(name), text(tagline), text(accent));
        world.write(ChangeSettings { shop_name, tagline, accent, ..settings(shop) }).await;
        let logo = Logo { image_id: logos[now], content_type: "image/png".into(), width: Some(64), height: Some(32) };
        world.write(ChangeLogo { meta: meta(shop), logo: Some(logo) }).await;
        let home = world.get(HOST, "/").await.text;
        for (number, (name, tagline, accent)) in looks.into_iter().enumerate() {
            for part in [name, tagline, accent, &logos[number].to_string()] {
                assert_eq!(home.contains(part), number == now, "{part}: {home}");
            }
        }
    }
    world.write(ChangeLogo { meta: meta(shop), logo: None }).await;
    assert!(!world.get(HOST, "/").await.text.contains(&logos[1].to_string()));

    let category_id = world.category(shop, "Calçados", None).await;
    assert_eq!(world.get(HOST, "/api/store/v1/categories").await.slugs(), ["calcados"]);
    assert!(world.get(HOST, "/").await.text.contains("/category/calcados"));
    let merge_patch = json!({"name": "Sapatos", "slug": "sapatos"}).to_string();
    world.write(PatchCategory { meta: meta(shop), category_id, merge_patch }).await;
    assert_eq!(world.get(HOST, "/api/store/v1/categories").await.slugs(), ["sapatos"]);
    let home = world.get(HOST, "/").await.text;
    assert!(home.contains("/category/sapatos") && !home.contains("calcados"));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s82_what_is_deleted_or_unpublished_is_found_nowhere_any_more() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let category_id = world.category(shop, "Bolsas", None).await;
    let deleted = world.product(shop, product("Bolsa grande", 5_000, Some(category_id))).await;
    let drafted = world.product(shop, product("Bolsa pequena", 4_000, Some(category_id))).await;
    world.product(shop, product("Cinto", 3_000, None)).await;
    let products = ["bolsa-grande", "bolsa-pequena"];
    let lists = [
        "/api/store/v1/products",
        "/api/store/v1/search?q=bolsa",
        "/api/store/v1/suggest?q=bol",
        "/",
        "/search?q=bolsa",
    ];
    for path in lists {
        let text = world.get(HOST, path).await.text;
        assert!(products.iter().all(|slug| text.contains(slug)), "{path}: {text}");
    }
    world.write(DeleteProduct { meta: meta(shop), product_id: deleted }).await;
    world.patch(shop, drafted, json!({"status": "draft"})).await;
    for path in lists {
        let text = world.get(HOST, path).await.text;
        assert!(!products.iter().any(|slug| text.contains(slug)), "{path}: {text}");
    }
    for slug in products {
        assert_eq!(world.get(HOST, &format!("/api/store/v1/products/{slug}")).await.status, 404, "{slug}");
        let page = world.get(HOST, &format!("/product/{slug}")).await;
        assert_eq!((page.status, page.text.contains("Produto não encontrado")), (404, true), "{slug}");
    }
    assert_eq!(world.get(HOST, "/api/store/v1/search?q=bolsa").await.json()["facets"]["categories"], json!([]));
    assert_eq!(world.get(HOST, "/api/store/v1/products").await.slugs(), ["cinto"]);

    world.patch(shop, drafted, json!({"category_id": null})).await;
    world.write(DeleteCategory { meta: meta(shop), category_id }).await;
    assert!(world.get(HOST, "/api/store/v1/categories").await.slugs().is_empty());
    assert_eq!(world.get(HOST, "/category/bolsas").await.status, 404);
    assert!(!world.get(HOST, "/").await.text.contains("/category/bolsas"));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s83_a_category_that_is_renamed_is_renamed_on_its_products() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let category_id = world.category(shop, "Calçados", None).await;
    world.product(shop, product("Bota", 20_000, Some(category_id))).await;
    assert!(world.get(HOST, "/product/bota").await.text.contains("Calçados"));
    let merge_patch = json!({"name": "Sapatos", "slug": "sapatos"}).to_string();
    world.write(PatchCategory { meta: meta(shop), category_id, merge_patch }).await;
    let page = world.get(HOST, "/product/bota").await;
    assert!(page.text.contains("Sapatos") && !page.text.contains("Calçados"), "breadcrumb, menu and details");
    let facets = world.get(HOST, "/api/store/v1/search?q=bota").await.json();
    assert_eq!(facets["facets"]["categories"], json!([{"slug": "sapatos", "name": "Sapatos", "count": 1}]));
    assert!(world.get(HOST, "/category/sapatos").await.text.contains("/product/bota"));
    let old = world.get(HOST, "/category/calcados").await;
    assert_eq!((old.status, old.header("location")), (301, "/category/sapatos"));
    for (query, found) in [("sapato", vec!["bota"]), ("cal%C3%A7ado", vec![])] {
        let path = format!("/api/store/v1/search?q={query}");
        assert_eq!(world.get(HOST, &path).await.slugs(), found, "F35: by its category's name as it is now");
    }
    world.node.stop().await.unwrap();
}
