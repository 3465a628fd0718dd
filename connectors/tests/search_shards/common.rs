//! Products, shards and questions that every test here uses.

use std::path::Path;

use feira_connectors::search::{
    Change, Position, ProductDocument, SearchQuery, ShardId, Shards, ShardsSettings, Status,
};
use feira_schemas::ids::{CategoryId, ProductId, TenantId};
use uuid::Uuid;

pub fn config(root: &Path) -> ShardsSettings {
    ShardsSettings { boot: Some("first boot".into()), ..ShardsSettings::new(root, 1) }
}

pub fn shard(tenant: u128) -> ShardId {
    ShardId { partition: 3, tenant: TenantId::from_uuid(Uuid::from_u128(tenant)) }
}

pub fn product_id(id: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(id))
}

pub fn category_id(id: u128) -> CategoryId {
    CategoryId::from_uuid(Uuid::from_u128(id))
}

pub fn number(id: ProductId) -> u128 {
    id.uuid().as_u128()
}

pub fn at(offset: i64) -> Position {
    Position { offset, write_ts: offset * 1_000 }
}

pub fn named(id: u128, name: &str) -> ProductDocument {
    ProductDocument {
        product_id: product_id(id),
        version: 1,
        slug: format!("produto-{id}"),
        name: name.to_owned(),
        vendor: None,
        tags: Vec::new(),
        option_values: Vec::new(),
        skus: Vec::new(),
        barcodes: Vec::new(),
        description: String::new(),
        category: None,
        status: Status::Published,
        price: 1_000,
        available: true,
        featured: false,
        created_at: 1_700_000_000_000_000,
        sales: 0,
        lacks: Vec::new(),
    }
}

pub fn upserts(documents: &[ProductDocument]) -> Vec<Change> {
    documents.iter().map(|document| Change::Upsert(Box::new(document.clone()))).collect()
}

pub async fn filled(root: &Path, documents: &[ProductDocument]) -> Shards {
    let shards = Shards::open(config(root)).unwrap();
    shards.apply(shard(1), upserts(documents), at(1)).await.unwrap();
    shards.commit(shard(1)).await.unwrap();
    shards
}

pub fn text(words: &str) -> SearchQuery {
    SearchQuery { text: Some(words.to_owned()), limit: 100, ..SearchQuery::default() }
}

pub async fn found(shards: &Shards, words: &str) -> Vec<u128> {
    let page = shards.search(shard(1), &text(words)).await.unwrap();
    assert_eq!(page.total, page.hits.len() as u64, "{words}");
    page.hits.iter().map(|hit| number(hit.product_id)).collect()
}
