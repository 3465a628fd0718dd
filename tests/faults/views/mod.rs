//! Views when something goes wrong: shards that lose their files, disks that refuse, letters that are put back late, caches that
//! miss. What buyers see in the end is what the log says. On the embedded parts alone.

mod commits;
mod failing;
mod letters;
mod lost;
mod missed;

use feira_node::node::Node;
use feira_schemas::{
    ids::{ProductId, TenantId},
    records::{
        admin::CreateProduct,
        common::{CommandResult, Outcome},
    },
};

use crate::common::{admin, meta, products::content};

/// Makes a product.
async fn product(node: &Node, shop: TenantId, name: &str) -> (ProductId, CommandResult) {
    let created = admin(node, CreateProduct { meta: meta(shop), content: content(name, 100) }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");
    (created.aggregate_id.clone().unwrap().parse().unwrap(), created)
}
