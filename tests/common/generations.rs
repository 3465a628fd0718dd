//! The small data folders of builds before (`tests/walks/generations`), and what must be found in them whatever has become of their tables.
//!
//! `g1` holds two shops of first-generation tables and shards: `moda` (two categories, a product with four variants, an image and
//! an old address, a draft, and a product that was deleted) and `casa` (two products of an import, one of whose images was not
//! fetched).
//!
//! `g2` is the same folder after a build with admin's, the store's and the storefront's tables and the shards in their second
//! generation has folded it. `casa` has a third product there, *Camisa velha*, whose two later names wait in the retry topics of
//! all three views: *Camisa azul*, then *Camisa nova*.
//!
//! `g3` is that folder after a build with the storefront's tables in their third generation, in which what waited has come in. Its
//! answers do not say what they show. There are two more shops: `fechada`, which is suspended, and `vindoura`, whose name the
//! directory has not answered for, and of which events say that it is suspended. What was asked last stands in `asked.json`.
//!
//! `g4` is that folder after a build with admin's and the store's tables in their third generation, the directory's in their second and
//! the storefront's in their fourth, made by `make.sh`. It knows no timers. There is one more shop, `quarta`, with a product.
//!
//! `g5` is that folder after a build with payments' tables in their first generation, made by `make.sh`. There is one more shop,
//! `quinta`, with a product, an account at each gateway, and charges in every state. What the gateways know is in the folder `gateways`.
//!
//! `g6` is that folder after a build with admin's tables in their fifth generation, payments' in their second and sign-up's in their first,
//! made by `make.sh`. There is one more shop, `frutas`, as `quinta` was made, and of the platform a plan and an operator who is invited.
//!
//! `g7` is that folder after a build with admin's tables in their sixth generation, payments' in their third and sign-up's in their second,
//! made by `make.sh`. There is one more shop, `roupas`, as `frutas` was made. It knows neither groups of staff nor scopes of tokens.

use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

use feira_connectors::state::State;
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    groups,
    ids::TenantId,
    records::{
        admin::{CreateProduct, ShopName, ShopNameStatus},
        common::CommandResult,
    },
    row::{Row, Table},
    rows::{
        TABLES,
        admin::ShopNameRow,
        common::{Parked, Progress, parked_of, progress_of},
    },
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    PATIENCE, admin, config, listed_categories, meta, parked,
    products::{content, found, found_by},
    tenant, until,
};

/// The shops of the folder.
#[derive(Debug, Clone, Copy)]
pub struct Shops {
    pub moda: TenantId,
    pub casa: TenantId,
}

/// Unpacks the folder of a build into this one, which becomes a data folder.
pub fn unpack(folder: &Path, build: &str) -> Shops {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/walks/generations/{build}.tar.gz"));
    fs::create_dir_all(folder).unwrap();
    let tar = Command::new("tar").args(["--strip-components=1", "-xzf"]).arg(packed).arg("-C").arg(folder).status();
    assert!(tar.unwrap().success());
    let tenants: Value = serde_json::from_slice(&fs::read(folder.join("tenants.json")).unwrap()).unwrap();
    let tenant = |shop: &str| tenants[shop]["tenant_id"].as_str().unwrap().parse().unwrap();
    Shops { moda: tenant("moda"), casa: tenant("casa") }
}

/// The shop that `make.sh` has made, and its product's address.
pub fn made(folder: &Path) -> (TenantId, String) {
    let made = all_made(folder);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["tenant_id"]).parse().unwrap(), text(&made["product"]["slug"]))
}

/// What `make.sh` has made.
pub fn all_made(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("made.json")).unwrap()).unwrap()
}

/// Tables whose rows are what events say for ever: not answers and timers, which pass, and not what processors keep of their way.
pub fn lasting() -> impl Iterator<Item = Table> {
    let passing = ["answer", "timer", "progress", "parked"];
    TABLES.iter().copied().filter(move |table| table.keyspace != "platform" && !passing.contains(&table.name))
}

/// The positions and parked rows that views kept before they had keyspaces of their own, in the storefront's second
/// generation.
pub struct Way {
    pub positions: Vec<Progress>,
    pub parked: Vec<Parked>,
}

impl Way {
    /// The keyspace and generation in which it lay.
    pub const LAY: (&str, u32) = ("storefront", 2);

    /// Reads it.
    pub async fn read(state: &State) -> Self {
        async fn rows<R: Row>(state: &State, table: Table) -> Vec<R> {
            let table = table.of_generation(Way::LAY.1);
            assert!(state.open_table(table).await.unwrap(), "{table:?}");
            state.scan_table_in::<R>(table, None, 1_000).await.unwrap().rows
        }
        let (positions, parked) = (progress_of(Self::LAY.0), parked_of(Self::LAY.0));
        Self { positions: rows(state, positions).await, parked: rows(state, parked).await }
    }

    /// Asserts that a state has them in this program's generation; of the storefront's own positions, which are
    /// folded, that of its retry topic.
    pub async fn is_in(&self, state: &State) {
        let mut taken = 0;
        for position in
            self.positions.iter().filter(|row| !["storefront", "storefront.folded"].contains(&&*row.consumer))
        {
            let group = position.consumer.split(['@', '.']).next().unwrap();
            let table = groups::named(group).unwrap().progress().unwrap();
            assert_eq!(state.get_in::<Progress>(table, &position.key()).await.unwrap().as_ref(), Some(position));
            taken += 1;
        }
        for parked in &self.parked {
            let table = groups::named(&parked.consumer).unwrap().parked().unwrap();
            assert_eq!(state.get_in::<Parked>(table, &parked.key()).await.unwrap().as_ref(), Some(parked));
        }
        let of_each = self.parked.iter().map(|parked| (parked.consumer.as_str(), parked.offsets.len()));
        assert_eq!(of_each.collect::<BTreeMap<_, _>>(), VIEWS.map(|view| (view, 2)).into());
        // Of both searches: the group's, a folder's and that in the retry topic; of the storefront the last.
        assert!(taken >= 7, "{taken} positions");
    }
}

/// The views of `g2` that have something parked.
pub const VIEWS: [&str; 3] = ["search", "panel", "storefront"];

/// Everything that waited in `g2` comes in.
pub async fn what_was_parked_comes_in(node: &Node, Shops { casa, .. }: Shops) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    for view in VIEWS {
        while !parked(&node.platform, casa, view).await.is_empty() {
            assert!(tokio::time::Instant::now() < deadline, "{view}: it still waits");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let page = found(node, casa, "camisa").await;
    let card = node.storefront.card(casa, page.hits[0].product_id).await.unwrap().unwrap().card().unwrap();
    assert_eq!((page.total, card.name.as_str()), (1, "Camisa nova"));
    for (text, count) in [("nova", 1), ("velha", 0)] {
        assert_eq!(found(node, casa, text).await.total, count, "{text}");
        assert_eq!(found_by(&node.panel, casa, text).await.total, count, "{text} in the panel");
    }
}

/// Waits until a node's tables are of its own generation.
pub async fn until_whole(node: &mut Node) {
    let generations = node.platform.generations.clone();
    tokio::select! {
        whole = tokio::time::timeout(PATIENCE, generations.until_tables_are_whole()) => whole.unwrap(),
        error = node.failed() => panic!("{error:#}"),
    }
}

/// Asserts what buyers and merchants of the folder's shops see.
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

    // Shards that another process has begun to fold are behind for a while: nobody has written here, so no token says where they are.
    for (shop, text, count) in [(moda, "vestido", 1), (casa, "caneca", 1), (casa, "sisal", 1), (moda, "saia", 0)] {
        until(text, async || found(node, shop, text).await.total == count).await;
    }
    assert_eq!(found_by(&node.panel, moda, "blusa").await.total, 1);
}

/// A shop is opened, and what it asks the directory is kept with a timer until it is answered.
pub async fn asks_by_timers(node: &Node, subdomain: &str) {
    let shop = tenant(node, subdomain).await;
    let state = &node.platform.state;
    let name = async || state.get::<ShopNameRow>(&ShopNameRow::at(shop, subdomain)).await.unwrap().unwrap().name;
    until("the name is confirmed", async || name().await.status == ShopNameStatus::Confirmed).await;
    let ShopName { version, asked, .. } = name().await;
    // Claimed, held, confirmed; and one more for each time that it was asked again, which a directory that is still being folded makes it.
    assert!(version >= 3 && asked.is_none(), "{version} {asked:?}");
}

/// The folder of the build before, folded by a start, and what is then answered to a write.
pub async fn folded_and_written_to(folder: &TempDir) -> (Node, Shops, CommandResult) {
    let shops = unpack(folder.path(), "g1");
    let mut node = Node::start(&config(folder)).await.unwrap();
    until_whole(&mut node).await;
    let made = admin(&node, CreateProduct { meta: meta(shops.casa), content: content("Depois da dobra", 4_990) }).await;
    (node, shops, made)
}

/// Starts on a folder that whoever was dropped may still hold for a moment.
pub async fn started(config: &Config) -> Node {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match Node::start(config).await {
            Ok(node) => return node,
            Err(error) => assert!(tokio::time::Instant::now() < deadline, "{error:#}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
