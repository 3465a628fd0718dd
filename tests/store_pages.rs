//! What buyers get over HTTP: the store's API and the shop's pages, on the embedded parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::net::SocketAddr;

use common::{admin, config, meta, position};
use feira::{
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::{
    catalogue::product_content,
    ids::{CategoryId, ProductId, TenantId},
    records::{
        admin::{
            CategoryContent, ChangeSettings, CreateCategory, CreateProduct, DeleteProduct, PatchCategory, PatchProduct,
            SuspendTenant,
        },
        common::{CommandResult, Outcome},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Feira that listens, and the position of the last write, which every read then asks for.
struct World {
    node: Node,
    address: SocketAddr,
    client: reqwest::Client,
    at_least: String,
    _folder: TempDir,
}

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text))
    }

    fn slugs(&self) -> Vec<String> {
        let items = self.json()["items"].as_array().unwrap_or_else(|| panic!("{}", self.text)).clone();
        items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect()
    }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = feira::config::Config { listen: "127.0.0.1:0".parse().unwrap(), ..config(&folder) };
        let mut node = Node::start(&config).await.unwrap();
        let api = serve::api(&node, &config, &Credentials::of(&config).unwrap(), None).unwrap();
        let address = serve::start(&mut node, api, &config).await.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { node, address, client, at_least: String::new(), _folder: folder }
    }

    async fn shop(&mut self, subdomain: &str) -> TenantId {
        let tenant = common::tenant(&self.node, subdomain).await;
        let meta = meta(tenant);
        let settings = ChangeSettings { meta, shop_name: None, tagline: Some("Bem-vindo".into()), accent: None };
        let result = admin(&self.node, settings).await;
        self.wrote(&result);
        tenant
    }

    fn wrote(&mut self, result: &CommandResult) {
        let good = matches!(result.outcome, Outcome::Created | Outcome::Updated | Outcome::Deleted);
        assert!(good, "{result:?}");
        self.at_least = position(result).to_string();
    }

    async fn category(&mut self, shop: TenantId, name: &str, parent_id: Option<CategoryId>) -> CategoryId {
        let content = CategoryContent { name: name.into(), slug: None, parent_id };
        let result = admin(&self.node, CreateCategory { meta: meta(shop), content }).await;
        self.wrote(&result);
        result.aggregate_id.unwrap().parse().unwrap()
    }

    async fn product(&mut self, shop: TenantId, body: Value) -> ProductId {
        let content = product_content(serde_json::from_value(body).unwrap()).unwrap();
        let result = admin(&self.node, CreateProduct { meta: meta(shop), content }).await;
        self.wrote(&result);
        result.aggregate_id.unwrap().parse().unwrap()
    }

    async fn patch(&mut self, shop: TenantId, product_id: ProductId, patch: Value) {
        let result =
            admin(&self.node, PatchProduct { meta: meta(shop), product_id, merge_patch: patch.to_string() }).await;
        self.wrote(&result);
    }

    async fn get_with(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.get(url).header("host", host);
        if !self.at_least.is_empty() {
            request = request.header("feira-at-least", &self.at_least);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// What a shop answers, showing the last write. A view that is behind says 409, and is asked again.
    async fn get(&self, host: &str, path: &str) -> Answer {
        let deadline = tokio::time::Instant::now() + common::PATIENCE;
        loop {
            let answer = self.get_with(host, path, &[]).await;
            if answer.status != 409 || tokio::time::Instant::now() > deadline {
                return answer;
            }
        }
    }
}

fn product(name: &str, price: i64, category: Option<CategoryId>) -> Value {
    json!({
        "name": name, "status": "published", "category_id": category,
        "variants": [{"price": {"amount": price, "currency": "BRL"}, "stock": 3}]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn s78_s40_a_shop_is_found_by_its_name_and_any_other_host_is_a_friendly_404() {
    let mut world = World::new().await;
    world.shop("moda").await;
    for host in ["moda.localhost", "MODA.localhost.:8080"] {
        let page = world.get(host, "/").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{}", page.text);
        assert!(page.text.contains("Bem-vindo"), "{host}");
    }
    let unknown = world.get("nada.localhost", "/product/x").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("Não há loja neste endereço") && unknown.text.contains("/assets/feira."));
    let asset = unknown.text.split('"').find(|part| part.ends_with(".css")).unwrap().to_owned();
    assert_eq!(world.get("nada.localhost", &asset).await.status, 200, "its stylesheet is served there too");
    let problem = world.get("nada.localhost", "/api/store/v1/products").await;
    assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"));
    let lost = world.get("moda.localhost", "/nothing/here").await;
    assert_eq!(lost.status, 404);
    assert!(
        lost.text.contains("Página não encontrada") && lost.text.contains("role=\"search\""),
        "in the shop's frame"
    );
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s79_a_visitor_sees_only_that_shops_products_and_categories() {
    let mut world = World::new().await;
    let (moda, casa) = (world.shop("moda").await, world.shop("casa").await);
    let vestidos = world.category(moda, "Vestidos", None).await;
    let own = world.product(moda, product("Vestido azul", 9_990, Some(vestidos))).await;
    world.product(casa, product("Mesa azul", 19_990, None)).await;
    world.at_least = String::new();
    for (shop, slug) in [("moda", "vestido-azul"), ("casa", "mesa-azul")] {
        let path = format!("/api/store/v1/products/{slug}");
        until(|| async { world.get(&format!("{shop}.localhost"), &path).await.status == 200 }).await;
        let search = format!("{shop}.localhost");
        until(|| async { world.get(&search, "/api/store/v1/search?q=azul").await.slugs() == [slug] }).await;
    }
    for path in [
        "/api/store/v1/products/vestido-azul".to_owned(),
        "/product/vestido-azul".to_owned(),
        "/category/vestidos".to_owned(),
        format!("/media/made/{own}.svg"),
    ] {
        assert_eq!(world.get("casa.localhost", &path).await.status, 404, "{path}");
        assert_ne!(world.get("moda.localhost", &path).await.status, 404, "{path}");
    }
    let page = world.get("casa.localhost", "/search?q=vestido").await;
    assert!(page.text.contains("Nada encontrado") && !page.text.contains("/product/vestido-azul"));
    assert!(world.get("casa.localhost", "/api/store/v1/categories").await.slugs().is_empty());
    assert_eq!(world.get("casa.localhost", "/api/store/v1/suggest?q=vest").await.json(), json!({"items": []}));
    assert!(world.get("casa.localhost", "/api/store/v1/products?category=vestidos").await.slugs().is_empty());
    let cursor = world.get("moda.localhost", "/api/store/v1/products?limit=1").await.json()["next"].clone();
    assert_eq!(cursor, Value::Null);
    world.node.stop().await.unwrap();
}

/// Waits until something holds: for reads that name no position.
async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + common::PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_etag_304_and_f18_own_writes_are_seen_at_once() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Saia", 5_000, None)).await;
    for (number, name) in ["Saia curta", "Saia longa", "Saia rodada"].into_iter().enumerate() {
        world.patch(shop, id, json!({"name": name})).await;
        let card = world.get("moda.localhost", "/api/store/v1/products/saia").await;
        assert_eq!((card.status, card.json()["name"].as_str()), (200, Some(name)));
        assert_eq!(card.header("etag"), format!("\"{}\"", number + 2));
        assert_eq!(card.header("cache-control"), "public, max-age=0, must-revalidate");
    }
    let card = world.get("moda.localhost", "/api/store/v1/products/saia").await;
    assert!(card.json()["variants"][0].get("cost").is_none() && !card.text.contains("on_hand"));
    assert_eq!(card.json()["variants"][0]["available"], true);
    for path in
        ["/api/store/v1/products/saia", "/api/store/v1/products", "/", "/product/saia", "/search", "/sitemap.xml"]
    {
        let first = world.get("moda.localhost", path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!((first.status, tag.is_empty()), (200, false), "{path}");
        let again = world.get_with("moda.localhost", path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.header("etag"), again.text.as_str()), (304, tag.as_str(), ""), "{path}");
        let other = world.get_with("moda.localhost", path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, 200, "{path}");
    }
    let token = format!("store.{}.{}", world.node.platform.partition_of(shop), i64::MAX);
    for (path, status) in [("products", 409), ("search", 409), ("suggest?q=s", 409), ("categories", 409)] {
        let path = format!("/api/store/v1/{path}");
        let stale = world.get_with("moda.localhost", &path, &[("feira-at-least", &token)]).await;
        let code = stale.json()["code"].clone();
        assert_eq!(
            (stale.status, code, stale.header("retry-after").is_empty()),
            (status, json!("stale"), false),
            "{path}"
        );
    }
    let bad = world.get_with("moda.localhost", "/api/store/v1/products/saia", &[("feira-at-least", "x")]).await;
    assert_eq!((bad.status, &bad.json()["code"]), (400, &json!("bad_position")));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f6_old_slug_answers_301_and_s82_what_is_gone_is_404() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Bolsa", 5_000, None)).await;
    world.patch(shop, id, json!({"slug": "bolsa-de-couro"})).await;
    let old = world.get("moda.localhost", "/api/store/v1/products/bolsa").await;
    assert_eq!((old.status, old.header("location")), (301, "/api/store/v1/products/bolsa-de-couro"));
    let old = world.get("moda.localhost", "/product/bolsa?variant=7").await;
    assert_eq!((old.status, old.header("location")), (301, "/product/bolsa-de-couro?variant=7"));
    assert_eq!(world.get("moda.localhost", "/product/bolsa-de-couro").await.status, 200);
    world.patch(shop, id, json!({"status": "draft"})).await;
    assert_eq!(world.get("moda.localhost", "/api/store/v1/products/bolsa-de-couro").await.status, 404);
    world.patch(shop, id, json!({"status": "published"})).await;
    assert_eq!(world.get("moda.localhost", "/product/bolsa").await.status, 301, "the old address leads there again");
    let deleted = admin(&world.node, DeleteProduct { meta: meta(shop), product_id: id }).await;
    world.wrote(&deleted);
    for path in ["/product/bolsa", "/product/bolsa-de-couro", "/api/store/v1/products/bolsa-de-couro"] {
        assert_eq!(world.get("moda.localhost", path).await.status, 404, "{path}");
    }
    let page = world.get("moda.localhost", "/product/bolsa").await;
    assert!(page.text.contains("Produto não encontrado"));
    assert!(world.get("moda.localhost", "/api/store/v1/products").await.slugs().is_empty());
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_search_filters_facets_sort_and_cursor() {
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
async fn s83_category_rename_reaches_products() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let category_id = world.category(shop, "Calçados", None).await;
    world.product(shop, product("Bota", 20_000, Some(category_id))).await;
    assert!(world.get("moda.localhost", "/product/bota").await.text.contains("Calçados"));
    let merge_patch = json!({"name": "Sapatos", "slug": "sapatos"}).to_string();
    let renamed = admin(&world.node, PatchCategory { meta: meta(shop), category_id, merge_patch }).await;
    world.wrote(&renamed);
    let page = world.get("moda.localhost", "/product/bota").await;
    assert!(page.text.contains("Sapatos") && !page.text.contains("Calçados"), "breadcrumb, menu and details");
    let facets = world.get("moda.localhost", "/api/store/v1/search?q=bota").await.json();
    assert_eq!(facets["facets"]["categories"], json!([{"slug": "sapatos", "name": "Sapatos", "count": 1}]));
    assert!(world.get("moda.localhost", "/category/sapatos").await.text.contains("/product/bota"));
    assert_eq!(world.get("moda.localhost", "/category/calcados").await.status, 404);
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s84_s92_home_shows_at_most_ten_of_each_shelf_and_the_whole_menu() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    for number in 0..7 {
        world.category(shop, &format!("Setor {number}"), None).await;
    }
    for number in 0..12 {
        let mut body = product(&format!("Blusa {number}"), 1_000, None);
        body["featured"] = json!(number < 3);
        world.product(shop, body).await;
    }
    let home = world.get("moda.localhost", "/").await;
    for title in ["Destaques", "Mais vendidos", "Novidades"] {
        assert!(home.text.contains(title), "{title}");
    }
    let shelf = |title: &str| {
        let from = home.text.split_once(&format!("id=\"{title}\"")).unwrap().1;
        from.split_once("</section>").unwrap().0.matches("class=\"card-link\"").count()
    };
    assert_eq!((shelf("destaques"), shelf("novidades"), shelf("mais-vendidos")), (3, 10, 10));
    let (bar, menu) = home.text.split_once("id=\"menu\"").unwrap();
    let linked = |part: &str| (0..7).filter(|n| part.contains(&format!("/category/setor-{n}\""))).count();
    assert_eq!(linked(bar.split_once("class=\"bar\"").unwrap().1.split_once("</nav>").unwrap().0), 6);
    assert_eq!(linked(menu.split_once("</nav>").unwrap().0), 7);
    assert_eq!(home.header("content-security-policy").split(';').next(), Some("default-src 'none'"));
    assert_eq!(home.header("x-content-type-options"), "nosniff");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s86_s88_category_pages_of_fifteen_keep_their_order() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let top = world.category(shop, "Meias", None).await;
    let below = world.category(shop, "Curtas", Some(top)).await;
    for number in 10..42 {
        let category = if number % 2 == 0 { top } else { below };
        world.product(shop, product(&format!("Meia {number}"), number * 100, Some(category))).await;
    }
    let cards = |page: &Answer| -> Vec<String> {
        let links = page.text.split("card-link\" href=\"/product/").skip(1);
        links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let mut seen = Vec::new();
    for (number, expected) in [(1, 15), (2, 15), (3, 2)] {
        let page = world.get("moda.localhost", &format!("/category/meias?sort=price_asc&page={number}")).await;
        assert!(page.text.contains("32 produtos"));
        assert_eq!(cards(&page).len(), expected);
        let next = page.text.contains(&format!("/category/meias?sort=price_asc&#38;page={}", number + 1));
        assert_eq!(next, number < 3, "page {number} links to the next with its order");
        seen.extend(cards(&page));
    }
    let expected: Vec<String> = (10..42).map(|number| format!("meia-{number}")).collect();
    assert_eq!(seen, expected);
    let by_name = world.get("moda.localhost", "/category/meias?sort=name").await;
    assert_eq!(cards(&by_name)[0], "meia-10");
    assert_eq!(cards(&world.get("moda.localhost", "/category/curtas").await).len(), 15);
    assert_eq!(world.get("moda.localhost", "/category/meias?page=4").await.status, 404);
    assert_eq!(world.get("moda.localhost", "/category/meias?page=x&sort=y").await.status, 200);
    let search = world.get("moda.localhost", "/search?q=meia&sort=price_desc&page=2").await;
    assert_eq!(cards(&search), (10..18).rev().map(|number| format!("meia-{number}")).collect::<Vec<_>>());
    assert!(search.text.contains("/search?q=meia&#38;sort=price_desc\""), "the way back keeps term and order");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s89_s90_product_page_with_its_variants_and_others_of_its_category() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let category = world.category(shop, "Camisas", None).await;
    world.product(shop, product("Camisa lisa", 4_000, Some(category))).await;
    let id = world
        .product(
            shop,
            json!({
                "name": "Camisa xadrez", "status": "published", "category_id": category, "vendor": "Sabiá",
                "description": "<p>De <b>flanela</b>.</p>",
                "options": [{"name": "Tamanho", "values": ["P", "M"]}],
                "variants": [
                    {"sku": "X-P", "options": {"Tamanho": "P"}, "price": {"amount": 9_990, "currency": "BRL"}, "stock": 0},
                    {"sku": "X-M", "options": {"Tamanho": "M"}, "price": {"amount": 10_990, "currency": "BRL"}, "stock": 2},
                ]
            }),
        )
        .await;
    let page = world.get("moda.localhost", "/product/camisa-xadrez").await;
    for part in ["R$ 109,90", "X-M", "<b>flanela</b>", "Sabiá", "/category/camisas", "/product/camisa-lisa", "InStock"]
    {
        assert!(page.text.contains(part), "{part}");
    }
    let card = world.get("moda.localhost", "/api/store/v1/products/camisa-xadrez").await.json();
    let small = card["variants"][0]["id"].as_str().unwrap();
    let page = world.get("moda.localhost", &format!("/product/camisa-xadrez?variant={small}")).await;
    assert!(page.text.contains("R$ 99,90") && page.text.contains("Esgotado no momento") && page.text.contains("X-P"));
    let picture = world.get("moda.localhost", &format!("/media/made/{id}.svg")).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/svg+xml"));
    assert!(picture.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(page.text.contains(&format!("/media/made/{id}.svg")), "a product without pictures has a drawn one");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_shop_serves_nobody_and_its_page_says_so() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    world.product(shop, product("Saia", 5_000, None)).await;
    let suspended = admin(&world.node, SuspendTenant { meta: meta(shop) }).await;
    world.wrote(&suspended);
    world.at_least = String::new();
    until(|| async { world.get("moda.localhost", "/").await.status == 503 }).await;
    for path in ["/", "/product/saia", "/search", "/nothing"] {
        let page = world.get("moda.localhost", path).await;
        assert_eq!((page.status, page.header("retry-after")), (503, "3600"), "{path}");
        assert!(page.text.contains("fechada por enquanto"), "{path}");
    }
    for path in ["products/saia", "products", "search", "suggest?q=s", "categories"] {
        let refused = world.get("moda.localhost", &format!("/api/store/v1/{path}")).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("shop_suspended")), "{path}");
    }
    assert!(world.get("moda.localhost", "/robots.txt").await.text.trim_end().ends_with("Disallow: /"));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_crawlers_find_every_page_and_the_platform_only_lists_demo_shops() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    world.category(shop, "Saias", None).await;
    world.product(shop, product("Saia", 5_000, None)).await;
    let origin = "http://moda.localhost:81";
    let page = world.get("moda.localhost:81", "/product/saia").await;
    assert!(page.text.contains(&format!("<link rel=\"canonical\" href=\"{origin}/product/saia\">")));
    until(|| async { world.get("moda.localhost:81", "/sitemap.xml").await.text.contains("/product/saia") }).await;
    let sitemap = world.get("moda.localhost:81", "/sitemap.xml").await;
    for path in ["/", "/category/saias", "/product/saia"] {
        assert!(sitemap.text.contains(&format!("<loc>{origin}{path}</loc>")), "{path}: {}", sitemap.text);
    }
    let robots = world.get("moda.localhost:81", "/robots.txt").await;
    assert!(robots.text.contains(&format!("Sitemap: {origin}/sitemap.xml")), "{}", robots.text);
    let platform = world.get("localhost:81", "/").await;
    assert_eq!(platform.status, 200);
    assert!(!platform.text.contains("moda.localhost"), "a shop of another name under a demo's address is none");
    world.node.stop().await.unwrap();
}
