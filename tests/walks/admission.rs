//! A shop's commands under way are bounded by commands, not by the requests that brought them.

use std::time::Duration;

use feira_node::node::Node;
use feira_schemas::{
    ids::{ProductId, TenantId},
    problem::Code,
    records::{
        AdminCommand,
        admin::{CreateProduct, PatchProduct},
        common::{CommandResult, Outcome},
    },
};
use feira_streams::commands::{Full, PLACES, SendError};
use futures::future::join_all;

use crate::{
    common::{PATIENCE, admin, config, embedded, meta, products::content, tenant},
    newer::{append_newer, stopped},
};

/// As long as a request waits that has no patience at all.
const IMPATIENT: Duration = Duration::from_millis(50);

async fn send(
    node: &Node,
    command: impl Into<AdminCommand>,
    most: Duration,
    full: Full,
) -> Result<CommandResult, SendError> {
    node.commands.send_in_place(command.into(), None, most, full).await
}

fn create(shop: TenantId) -> CreateProduct {
    CreateProduct { meta: meta(shop), content: content("O mar", 100) }
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_a_command_keeps_its_place_when_its_request_has_ended() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let (shop, other) = (tenant(&node, "moda").await, tenant(&node, "casa").await);
    // Nothing of the partition is decided any more.
    append_newer(&node, "admin.commands", shop, 1).await;
    stopped(&node, "admin").await;

    let all = (0..PLACES).map(|_| send(&node, create(shop), IMPATIENT, Full::Refuse));
    for sent in join_all(all).await {
        assert!(matches!(sent, Err(SendError::Pending | SendError::OutcomeUnknown(_))), "{sent:?}");
    }
    for _ in 0..3 {
        let sent = send(&node, create(shop), IMPATIENT, Full::Refuse).await;
        assert!(matches!(sent, Err(SendError::Busy(_))), "{sent:?}");
    }
    let sent = send(&node, create(other), IMPATIENT, Full::Refuse).await;
    assert!(!matches!(sent, Err(SendError::Busy(_))), "the other shop has places of its own: {sent:?}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_places_come_back_with_the_answers_and_who_may_wait_waits_for_them() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let all = (0..3 * PLACES).map(|_| send(&node, create(shop), PATIENCE, Full::Wait));
    for sent in join_all(all).await {
        assert_eq!(sent.unwrap().outcome, Outcome::Created);
    }
    // As many as that would not fit if refused ones kept theirs.
    for _ in 0..PLACES + 1 {
        let unknown = PatchProduct {
            meta: meta(shop),
            product_id: ProductId::from_uuid(uuid::Uuid::now_v7()),
            merge_patch: "{}".into(),
        };
        let refused = send(&node, unknown, PATIENCE, Full::Refuse).await.unwrap();
        assert_eq!(refused.code.as_deref(), Some(Code::NotFound.to_string().as_str()));
    }
    assert_eq!(admin(&node, create(shop)).await.outcome, Outcome::Created);
    node.stop().await.unwrap();
}
