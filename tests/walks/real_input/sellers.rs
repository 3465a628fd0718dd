//! 1,151 real sellers' catalogues, each made into a shop.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Duration,
};

use feira_connectors::search::{SearchQuery, Sort};
use feira_node::node::Node;
use feira_schemas::{
    api::product::product_content,
    ids::TenantId,
    records::{admin::ImportProduct, common::Outcome},
    topics::Context,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::common::{admin, meta, position, services::subdomain, tenant};

/// The longest that a view may lie behind, on a machine that does all of this and the services' work on two cores.
const LAG: Duration = Duration::from_secs(300);
/// Shops made at once.
const AT_ONCE: usize = 64;

/// Makes every seller's shop; each then shows its own products at their latest price, and nothing else.
pub async fn become_shops(node: &Node, folder: &Path) {
    let sellers = sellers(folder);
    let made = sellers.iter().map(|(seller, products)| shop(node, seller, products));
    let shops: Vec<TenantId> = stream::iter(made).buffered(AT_ONCE).collect().await;
    for (shop, products) in shops.iter().zip(sellers.values()) {
        let query = SearchQuery { sort: Sort::Name, limit: 1_000, ..SearchQuery::default() };
        let page = node.search.search(*shop, &query).await.unwrap();
        let ids: Vec<_> = page.hits.iter().map(|hit| hit.product_id).collect();
        let cards = node.storefront.cards(*shop, &ids).await.unwrap();
        let mut shown: Vec<(String, i64)> = cards.into_iter().map(|card| (card.slug, card.price.amount)).collect();
        shown.sort();
        let own: Vec<(String, i64)> = products
            .iter()
            .map(|(id, body)| (id.clone(), body["variants"][0]["price"]["amount"].as_i64().unwrap()))
            .collect();
        assert_eq!(shown, own, "the shop shows its own products at their latest price, and nothing else");
    }
    println!("{} shops with {} products", shops.len(), sellers.values().map(BTreeMap::len).sum::<usize>());
    assert_eq!(shops.len(), 1_151);
}

/// Makes a seller's shop and waits until buyers see all of it.
async fn shop(node: &Node, seller: &str, products: &BTreeMap<String, Value>) -> TenantId {
    let tenant = tenant(node, &subdomain(&format!("s{}", &seller[..16]))).await;
    let mut last = None;
    for body in products.values() {
        let content = product_content(serde_json::from_value(body.clone()).unwrap()).unwrap();
        let import = ImportProduct {
            meta: meta(tenant),
            content,
            category_name: None,
            images: Vec::new(),
            clears_images: false,
        };
        let result = admin(node, import).await;
        assert_eq!(result.outcome, Outcome::Created, "{result:?}");
        last = Some(result);
    }
    let at = position(last.as_ref().unwrap());
    for view in ["search", "storefront"] {
        let shown = node.platform.reached.wait(view, Context::Store, at, LAG).await;
        let marks = |consumer: &str| node.platform.reached.mark(consumer, at.partition);
        assert!(shown.is_ok(), "{view} of {at}: {:?}, the store {:?}", marks(view), marks("store"));
    }
    tenant
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
