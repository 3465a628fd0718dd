//! Lists, search and suggestions.

use serde_json::json;

use super::world::{World, product};

#[tokio::test(flavor = "multi_thread")]
async fn f09_search_filters_facets_sort_and_cursor() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let roupas = world.category(shop, "Roupas", None).await;
    let camisas = world.category(shop, "Camisas", Some(roupas)).await;
    let saias = world.category(shop, "Saias", Some(roupas)).await;
    let casa = world.category(shop, "Casa", None).await;
    for (name, price, category) in [
        ("Camisa de linho", 4_999, Some(camisas)),
        ("Camisa de algodão", 5_000, Some(camisas)),
        ("Camisa bordada", 12_000, Some(camisas)),
        ("Saia de linho", 15_000, Some(saias)),
        ("Toalha de linho", 60_000, Some(casa)),
        ("Vale-presente de linho", 100_000, None),
    ] {
        world.product(shop, product(name, price, category)).await;
    }
    let get = |query: &'static str| world.get("moda.localhost", query);
    let all = get("/api/store/v1/search?q=linho&sort=price_asc").await;
    assert_eq!(all.slugs(), ["camisa-de-linho", "saia-de-linho", "toalha-de-linho", "vale-presente-de-linho"]);
    let body = all.json();
    assert_eq!(body["total"], 4);
    let position: feira_schemas::topics::Position = body["position"].as_str().unwrap().parse().unwrap();
    assert_eq!((position.context.name(), position.write_ts > 0), ("store", true));
    let categories = json!([
        {"slug": "roupas", "name": "Roupas", "count": 2},
        {"slug": "camisas", "name": "Camisas", "count": 1},
        {"slug": "casa", "name": "Casa", "count": 1},
        {"slug": "saias", "name": "Saias", "count": 1},
    ]);
    assert_eq!(body["facets"]["categories"], categories, "a category counts what is below it");
    let bands: Vec<_> = body["facets"]["price"].as_array().unwrap().iter().map(|band| &band["count"]).collect();
    assert_eq!(bands, [1, 0, 1, 0, 1, 1]);
    assert_eq!(body["facets"]["price"][5], json!({"from": 100_000, "to": null, "count": 1}));

    let within = get("/api/store/v1/search?q=linho&category=roupas&min_price=5000&max_price=15000").await;
    assert_eq!(within.slugs(), ["saia-de-linho"], "both bounds are inclusive, sub-categories belong to it");
    let body = within.json();
    let counts: Vec<_> = body["facets"]["price"].as_array().unwrap().iter().map(|band| &band["count"]).collect();
    assert_eq!(counts, [1, 0, 1, 0, 0, 0], "bands are counted without the price filter, but with the category's");
    let categories = &body["facets"]["categories"];
    assert_eq!(categories[0]["slug"], "roupas");
    assert_eq!(
        categories.as_array().unwrap().iter().filter(|one| one["slug"] == "casa").count(),
        0,
        "outside the price"
    );

    assert_eq!(get("/api/store/v1/search?q=toalia+linho").await.slugs(), ["toalha-de-linho"], "S87: a typo");
    let both = get("/api/store/v1/products?category=saias&category=casa&sort=name").await;
    assert_eq!(both.slugs(), ["saia-de-linho", "toalha-de-linho"]);
    assert!(get("/api/store/v1/products?category=unknown").await.slugs().is_empty());
    let suggested = get("/api/store/v1/suggest?q=camisa+b").await;
    assert_eq!(suggested.json()["items"][0], json!({"text": "Camisa bordada", "slug": "camisa-bordada"}));

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.get("moda.localhost", &format!("/api/store/v1/products?sort=price_desc&limit=4{after}")).await;
        seen.extend(page.slugs());
        assert_eq!(page.json()["total"], 6);
        match page.json()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), seen[0].as_str(), seen[5].as_str()), (6, "vale-presente-de-linho", "camisa-de-linho"));
    for (query, code, pointer) in [
        (format!("products?sort=name{after}"), "bad_cursor", ""),
        ("search?after=xyz".to_owned(), "bad_cursor", ""),
        ("search?min_price=2&max_price=1".to_owned(), "malformed", "/query/min_price"),
        ("search?min_price=-1".to_owned(), "malformed", "/query/min_price"),
        ("products?sort=relevance".to_owned(), "malformed", "/query/sort"),
        ("products?limit=101".to_owned(), "malformed", "/query/limit"),
    ] {
        let refused = world.get("moda.localhost", &format!("/api/store/v1/{query}")).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some(code)), "{query}");
        assert_eq!(refused.json()["errors"][0]["pointer"].as_str().unwrap_or_default(), pointer, "{query}");
    }
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s87_the_search_box_stands_on_every_page_forgives_typos_and_puts_the_best_first_unless_told_otherwise() {
    let mut world = World::new().await;
    let shop = world.shop("casa").await;
    let category = world.category(shop, "Louças", None).await;
    let mut described = product("Pires", 1_000, Some(category));
    described["description"] = json!("<p>Combina com a caneca de porcelana.</p>");
    world.product(shop, described).await;
    world.product(shop, product("Caneca azul", 5_000, Some(category))).await;
    let get = |path: &'static str| world.get("casa.localhost", path);
    for path in ["/", "/category/loucas", "/product/pires", "/search?q=caneca", "/search?q=nada", "/product/x", "/x/y"]
    {
        let page = get(path).await.text;
        let form = page.split_once("role=\"search\" action=\"/search\" method=\"get\"").unwrap().1;
        assert!(form.split_once("</form>").unwrap().0.contains("name=\"q\" type=\"search\""), "{path}");
    }
    for (query, found) in [
        ("kaneca+asul", vec!["caneca-azul"]),
        ("porselana", vec!["pires"]),
        ("caneca", vec!["caneca-azul", "pires"]),
        ("caneca&sort=relevance", vec!["caneca-azul", "pires"]),
        ("caneca&sort=price_asc", vec!["pires", "caneca-azul"]),
        ("caneca&sort=name", vec!["caneca-azul", "pires"]),
        ("caneca&sort=price_desc", vec!["caneca-azul", "pires"]),
    ] {
        let answer = world.get("casa.localhost", &format!("/api/store/v1/search?q={query}")).await;
        assert_eq!(answer.slugs(), found, "{query}");
        let page = world.get("casa.localhost", &format!("/search?q={query}")).await;
        assert_eq!(page.cards(), found, "{query}");
    }
    world.node.stop().await.unwrap();
}
