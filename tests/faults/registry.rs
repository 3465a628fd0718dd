//! A schema registry that has lost what it held is not believed: records lie for ever under the ids that it gave.

use crate::common::{config, embedded};
use feira_node::node::Node;

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_lost_its_schemas_is_refused_until_it_has_them_again() {
    let Some(folder) = embedded() else { return };
    let config = config(&folder);
    Node::start(&config).await.unwrap().stop().await.unwrap();

    let (registry, away) = (folder.path().join("registry"), folder.path().join("away"));
    std::fs::rename(&registry, &away).unwrap();
    let refused = Node::start(&config).await.err().unwrap().to_string();
    assert!(refused.contains("the schema registry means nothing by id"), "{refused}");

    std::fs::remove_dir_all(&registry).unwrap();
    std::fs::rename(&away, &registry).unwrap();
    Node::start(&config).await.unwrap().stop().await.unwrap();
}
