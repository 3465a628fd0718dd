//! Real input: Shopify's exports as merchants bring them, and 1,151 real sellers' catalogues, each made into a shop.
//!
//! The data lies beside the project (`../shared/data`) and is not part of it; without it these tests say so and pass,
//! unless FEIRA_REQUIRE=all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use common::{admin, binary::Running, config, meta, position, shown, tenant};
use feira::node::Node;
use feira_connectors::search::{SearchQuery, Sort};
use feira_schemas::{
    catalogue::product_content,
    ids::TenantId,
    records::{admin::ImportProduct, common::Outcome},
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// The data folder, or none with a word about it.
fn data(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "{} is missing", folder.display());
    println!("skipped: no data at {}", folder.display());
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_shopify_exports_come_in_once_and_every_product_is_found_by_its_name() {
    let Some(folder) = data("shopify") else { return };
    let running = Running::start();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut products, mut first_hits) = (0, 0);
    for (subdomain, file) in [("vestuario", "apparel.csv"), ("lareira", "home-and-garden.csv")] {
        running.feira(&["tenant", "create", "--subdomain", subdomain, "--name", subdomain, "--json"]);
        let path = folder.join(file);
        let import = ["import", "--subdomain", subdomain, "--json", path.to_str().unwrap()];
        let (code, printed) = running.feira(&import);
        assert_eq!(code, 0, "{printed}");
        let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let position = lines[lines.len() - 2]["position"].as_str().unwrap().to_owned();
        let titles = titles(&path);
        assert_eq!(titles.len(), lines.len() - 1, "a line per product, and the summary");
        for (handle, title) in titles {
            let get = |path: String| {
                let url = format!("http://127.0.0.1:{}{path}", running.port);
                let request = client.get(url).header("host", format!("{subdomain}.localhost"));
                request.header("feira-at-least", position.clone())
            };
            let found = loop {
                let response = get("/api/store/v1/search".into()).query(&[("q", &title)]).send().await.unwrap();
                // 409: the view has not come so far yet.
                if response.status() != 409 {
                    break response.json::<Value>().await.unwrap();
                }
            };
            products += 1;
            first_hits += usize::from(found["items"][0]["slug"] == handle.as_str());
            let page = get(format!("/product/{handle}")).send().await.unwrap();
            assert_eq!(page.status(), 200, "{handle}");
            let page = page.text().await.unwrap().replace("&#39;", "'").replace("&amp;", "&");
            assert!(page.contains(&title), "{title} is on its page");
        }
        let (_, again) = running.feira(&import);
        assert!(again.lines().last().unwrap().contains("\"created\":0"), "imported again: no double: {again}");
    }
    println!("{products} products, {first_hits} of them the first hit for their name");
    assert_eq!(products, first_hits);
}

/// Handle and title of each product of an export that is published.
fn titles(path: &Path) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize::<HashMap<String, String>>().map(Result::unwrap);
    let titled = rows.filter(|row| !row["Title"].is_empty());
    titled.map(|row| (row["Handle"].clone(), row["Title"].trim().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_real_sellers_become_shops_and_each_shows_only_its_own() {
    let Some(folder) = data("olist") else { return };
    let sellers = sellers(&folder);
    let data_folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&data_folder)).await.unwrap();
    let shops: Vec<(TenantId, &BTreeMap<String, Value>)> = stream::iter(&sellers)
        .map(|(seller, products)| shop(&node, seller, products))
        .buffer_unordered(64)
        .collect()
        .await;
    let mut total = 0;
    for (tenant, products) in &shops {
        let query = SearchQuery { sort: Sort::Name, limit: 1_000, ..SearchQuery::default() };
        let page = node.search.search(*tenant, &query).await.unwrap();
        let ids: Vec<_> = page.hits.iter().map(|hit| hit.product_id).collect();
        let cards = node.storefront.cards(*tenant, &ids).await.unwrap();
        let mut shown: Vec<(String, i64)> = cards.into_iter().map(|card| (card.slug, card.price.amount)).collect();
        shown.sort();
        let own: Vec<(String, i64)> = products
            .iter()
            .map(|(id, body)| (id.clone(), body["variants"][0]["price"]["amount"].as_i64().unwrap()))
            .collect();
        assert_eq!(shown, own, "the shop shows its own products at their latest price, and nothing else");
        total += own.len();
    }
    println!("{} shops with {total} products", shops.len());
    assert_eq!(shops.len(), 1_151);
    node.stop().await.unwrap();
}

/// Makes a seller's shop and waits until buyers see all of it.
async fn shop<'a>(
    node: &Node,
    seller: &str,
    products: &'a BTreeMap<String, Value>,
) -> (TenantId, &'a BTreeMap<String, Value>) {
    let tenant = tenant(node, &format!("s{}", &seller[..16])).await;
    let mut last = None;
    for body in products.values() {
        let content = product_content(serde_json::from_value(body.clone()).unwrap()).unwrap();
        let import = ImportProduct { meta: meta(tenant), content, category_name: None, images: Vec::new() };
        let result = admin(node, import).await;
        assert_eq!(result.outcome, Outcome::Created, "{result:?}");
        last = Some(result);
    }
    for view in ["search", "storefront"] {
        shown(node, view, position(last.as_ref().unwrap())).await;
    }
    (tenant, products)
}

/// Every seller's products by their id, each at the price of its latest line.
fn sellers(folder: &Path) -> BTreeMap<String, BTreeMap<String, Value>> {
    let categories: HashMap<String, String> = csv::Reader::from_path(folder.join("products.csv"))
        .unwrap()
        .deserialize::<HashMap<String, String>>()
        .map(|row| row.unwrap())
        .map(|row| (row["product_id"].clone(), row["product_category_name"].replace('_', " ")))
        .collect();
    let mut latest: BTreeMap<(String, String), (String, i64)> = BTreeMap::new();
    for row in csv::Reader::from_path(folder.join("order_items.csv")).unwrap().deserialize::<HashMap<String, String>>()
    {
        let row = row.unwrap();
        let (reais, centavos) = row["price"].split_once('.').unwrap_or((&row["price"], "0"));
        let amount = reais.parse::<i64>().unwrap() * 100 + format!("{centavos:0<2}").parse::<i64>().unwrap();
        let entry = latest.entry((row["seller_id"].clone(), row["product_id"].clone())).or_default();
        if row["shipping_limit_date"] >= entry.0 {
            *entry = (row["shipping_limit_date"].clone(), amount);
        }
    }
    let mut sellers: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for ((seller, product), (_, amount)) in latest {
        let category = categories.get(&product).map(|category| format!("{category} ")).unwrap_or_default();
        let name = format!("{category}Produto {}", &product[..8]);
        let variant = json!({"price": {"amount": amount, "currency": "BRL"}, "stock": 1});
        let body = json!({"name": name.trim(), "slug": product, "status": "published", "variants": [variant]});
        sellers.entry(seller).or_default().insert(product, body);
    }
    sellers
}
