//! Commands sent to a context directly, past the APIs: what tests and benches do to a running node.

use std::time::Duration;

use feira_schemas::{
    ids::{CommandId, TenantId},
    records::{
        AdminCommand, CommandSet,
        admin::ProvisionTenant,
        common::{CommandMeta, CommandResult, Outcome},
    },
    topics::{Context, Position},
};
use feira_streams::commands::Commands;
use uuid::Uuid;

/// The longest wait of a test for anything. Never an expectation: only the end of patience, above all with a takeover
/// (a session's 15 s, a transaction's 10 s, and the restore) and with a folder that folds all that earlier tests have
/// left on the topics.
pub const PATIENCE: Duration = Duration::from_secs(120);

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
pub async fn send(commands: &Commands, command: impl Into<AdminCommand>) -> CommandResult {
    let command = command.into();
    let key = command.meta().tenant_id.to_string();
    commands.send(&key, command, None, PATIENCE).await.unwrap()
}

/// The command that opens a shop, which is called as its sub-domain.
pub fn opening(tenant: TenantId, subdomain: &str) -> ProvisionTenant {
    let (subdomain, shop_name) = (subdomain.to_owned(), subdomain.to_owned());
    ProvisionTenant { meta: meta(tenant), subdomain, shop_name, token_hash: None }
}

/// Makes a shop.
pub async fn provision(commands: &Commands, subdomain: &str) -> TenantId {
    let tenant_id = TenantId::from_uuid(Uuid::now_v7());
    let result = send(commands, opening(tenant_id, subdomain)).await;
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
