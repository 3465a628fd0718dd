//! A record that fails waits with its own later ones; everything else goes on, and nothing is lost. On the embedded parts.

use crate::common::{config, poison};
use feira::node::Node;

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_poison_product_among_10_000_waits_alone_and_comes_in_once_its_cause_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || Node::start(&config(&folder)).await.unwrap();
    poison::waits_alone_and_comes_in_once_its_cause_is_gone("moda", start).await;
}
