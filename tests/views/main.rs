//! Views when something goes wrong: shards that lose their files, disks that refuse, letters that are put back late, caches that
//! miss. What buyers see in the end is what the log says. A program of its own, since a failpoint is its whole process's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commits;
#[path = "../common/mod.rs"]
mod common;
mod failing;
mod letters;
mod lost;
mod missed;

use std::time::Duration;

use common::{PATIENCE, admin, meta, parked, products::content};
use feira::node::Node;
use feira_schemas::{
    ids::{ProductId, TenantId},
    records::{
        admin::CreateProduct,
        common::{CommandResult, Outcome},
    },
};
use tokio::time::{Instant, sleep};

/// Makes a product.
async fn product(node: &Node, shop: TenantId, name: &str) -> (ProductId, CommandResult) {
    let created = admin(node, CreateProduct { meta: meta(shop), content: content(name, 100) }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");
    (created.aggregate_id.clone().unwrap().parse().unwrap(), created)
}

/// Waits until it is so.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
