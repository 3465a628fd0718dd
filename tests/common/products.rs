//! Products as tests make them, and what searches find of them.

use feira_connectors::search::{SearchPage, SearchQuery, ShardError};
use feira_node::node::Node;
use feira_schemas::{api::product::product_content, ids::TenantId, records::admin::ProductContent};
use feira_streams::views::search::SearchReader;
use serde_json::json;

use super::PATIENCE;

/// A published product with one variant, three in stock.
pub fn content(name: &str, amount: i64) -> ProductContent {
    let body = json!({
        "name": name, "status": "published", "tags": ["novo"],
        "variants": [{"price": {"amount": amount, "currency": "BRL"}, "stock": 3}]
    });
    product_content(serde_json::from_value(body).unwrap()).unwrap()
}

/// The products that the shop's search finds by a text.
pub async fn found(node: &Node, shop: TenantId, text: &str) -> SearchPage {
    found_by(&node.search, shop, text).await
}

/// The products that one of the two searches finds by a text. A process that has just taken the shop's partition says so until it
/// has caught up.
pub async fn found_by(searches: &SearchReader, shop: TenantId, text: &str) -> SearchPage {
    let query = SearchQuery { text: Some(text.into()), limit: 10, ..SearchQuery::default() };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match searches.search(shop, &query).await {
            Err(ShardError::Elsewhere { .. }) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            found => return found.unwrap(),
        }
    }
}
