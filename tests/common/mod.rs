//! A whole Feira in one process, on a data folder of its own.
#![allow(dead_code)]

pub mod binary;
pub mod catalogue;
pub mod import;
pub mod pages;
pub mod poison;
pub mod process;
pub mod products;
pub mod sellers;
pub mod services;
pub mod shop;
pub mod shopify;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use feira::{config::Config, node::Node};
use feira_schemas::{
    ids::{CommandId, TenantId},
    records::{
        AdminCommand, CommandSet,
        admin::ProvisionTenant,
        common::{CommandMeta, CommandResult, Outcome},
    },
    topics::{Context, Position},
};
use tempfile::TempDir;
use uuid::Uuid;

/// How long a test waits for anything. Never an expectation: only the end of patience.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A configuration on this folder, with few partitions.
pub fn config(folder: &TempDir) -> Config {
    Config { data: folder.path().to_owned(), partitions: 4, ..Config::default() }
}

/// A part of the real input, which lies beside the project (`../shared/data`) and is not of it. Without it a test says so and
/// passes, unless FEIRA_REQUIRE=all.
pub fn data(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(part);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "{} is missing", folder.display());
    println!("skipped: no data at {}", folder.display());
    None
}

/// The common fields of a command.
pub fn meta(tenant_id: TenantId) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_uuid(Uuid::now_v7()),
        tenant_id,
        actor: "test".into(),
        issued_at: 0,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

/// Sends an admin command and waits for its answer.
pub async fn admin(node: &Node, command: impl Into<AdminCommand>) -> CommandResult {
    let command = command.into();
    let key = command.meta().tenant_id.to_string();
    node.commands.send(Context::Admin, &key, command, None, PATIENCE).await.unwrap()
}

/// Makes a shop.
pub async fn tenant(node: &Node, subdomain: &str) -> TenantId {
    let tenant_id = TenantId::from_uuid(Uuid::now_v7());
    let result = admin(
        node,
        ProvisionTenant {
            meta: meta(tenant_id),
            subdomain: subdomain.into(),
            shop_name: subdomain.into(),
            token_hash: None,
        },
    )
    .await;
    assert_eq!(result.outcome, Outcome::Created, "{result:?}");
    tenant_id
}

/// The position an answer names.
pub fn position(result: &CommandResult) -> Position {
    Position {
        context: Context::from_name(&result.context).unwrap(),
        partition: u32::try_from(result.partition).unwrap(),
        write_ts: result.write_ts,
    }
}

/// Waits until a view of the store's events shows a position.
pub async fn shown(node: &Node, view: &str, at: Position) {
    node.platform.watermarks.wait(view, Context::Store, at, PATIENCE).await.unwrap();
}

/// Kept for tests that share a node between tasks.
pub type Shared = Arc<Node>;
