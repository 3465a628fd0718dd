//! The small data folder of the build before (`tests/generations`), and what must be found in it whatever has become of its tables.
//!
//! It holds two shops of first-generation tables and shards: `moda` (two categories, a product with four variants, a picture and an
//! old address, a draft, and a product that was deleted) and `casa` (two products of an import, one of whose pictures was not
//! fetched).

use std::{fs, path::Path, process::Command, time::Duration};

use feira::node::Node;
use feira_connectors::search::{SearchQuery, ShardError};
use feira_schemas::{ids::TenantId, row::Table, rows::TABLES};
use serde_json::Value;

use super::{PATIENCE, listed_categories, products::found};

/// The shops of the folder.
#[derive(Debug, Clone, Copy)]
pub struct Shops {
    pub moda: TenantId,
    pub casa: TenantId,
}

/// Unpacks the folder into this one, which becomes a data folder.
pub fn unpack(folder: &Path) -> Shops {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generations/g1.tar.gz");
    let tar = Command::new("tar").args(["--strip-components=1", "-xzf"]).arg(packed).arg("-C").arg(folder).status();
    assert!(tar.unwrap().success());
    let tenants: Value = serde_json::from_slice(&fs::read(folder.join("tenants.json")).unwrap()).unwrap();
    let tenant = |shop: &str| tenants[shop]["tenant_id"].as_str().unwrap().parse().unwrap();
    Shops { moda: tenant("moda"), casa: tenant("casa") }
}

/// Tables whose rows are what events say for ever: not answers, which pass, and not what processors keep of their way.
pub fn lasting() -> impl Iterator<Item = Table> {
    let passing = ["answer", "progress", "parked"];
    TABLES.iter().copied().filter(move |table| table.keyspace != "platform" && !passing.contains(&table.name))
}

/// Waits until a node's tables are of its own generation.
pub async fn until_whole(node: &mut Node) {
    let generations = node.platform.generations.clone();
    tokio::select! {
        whole = tokio::time::timeout(PATIENCE, generations.until_tables_are_whole()) => whole.unwrap(),
        error = node.failed() => panic!("{error:#}"),
    }
}

/// What buyers and merchants of the folder's shops see.
pub async fn finds_everything(node: &Node, Shops { moda, casa }: Shops) {
    let shop = node.storefront.shop(moda).await.unwrap().unwrap();
    assert_eq!((shop.name.as_str(), shop.subdomain.as_str()), ("Moda da Praia", "moda"));
    let categories = listed_categories(node, moda).await;
    let names: Vec<&str> = categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["Longos", "Vestidos"]);
    assert_eq!(categories[0].parent_id, Some(categories[1].category_id));

    for slug in ["vestido-mare", "vestido-mare-alta"] {
        let card = node.storefront.by_slug(moda, slug).await.unwrap().unwrap().card().unwrap();
        assert_eq!((card.slug.as_str(), card.variants.len()), ("vestido-mare-alta", 4), "{slug}");
        let available: Vec<bool> = card.variants.iter().map(|variant| variant.available).collect();
        assert_eq!((available, card.images[0].ready), (vec![false, true, true, true], true));
    }
    for (shop, slug) in [(moda, "saia-que-se-foi"), (moda, "rascunho-de-blusa"), (casa, "vestido-mare")] {
        assert!(node.storefront.by_slug(shop, slug).await.unwrap().is_none(), "{slug}");
    }
    let cup = node.storefront.by_slug(casa, "caneca").await.unwrap().unwrap().card().unwrap();
    assert_eq!((cup.price.amount, cup.variants.len(), cup.images[0].ready), (3_990, 2, false));

    for (shop, text, count) in [(moda, "vestido", 1), (moda, "saia", 0), (casa, "caneca", 1), (casa, "sisal", 1)] {
        assert_eq!(found(node, shop, text).await.total, count, "{text}");
    }
    let drafts = SearchQuery { text: Some("blusa".into()), limit: 10, ..SearchQuery::default() };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let drafts = loop {
        match node.panel.search(moda, &drafts).await {
            Err(ShardError::Elsewhere { .. }) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            found => break found.unwrap(),
        }
    };
    assert_eq!(drafts.total, 1);
}
