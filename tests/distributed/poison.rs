//! A record that fails waits with its own later ones; everything else goes on, and nothing is lost. On the real services.

use feira::{config::Role, node::Node};

use crate::common::{
    poison,
    services::{distributed, services, subdomain},
};

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_poison_product_among_10_000_waits_alone_and_comes_in_once_its_cause_is_gone() {
    let Some(_alone) = services().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let start = async || Node::start(&distributed(folder.path(), Role::ALL)).await.unwrap();
    poison::waits_alone_and_comes_in_once_its_cause_is_gone(&subdomain("moda"), start).await;
}
