//! A program starts on data of its own generation alone; what is live stands beside the data.

use crate::common::config;
use feira::{config::Config, node::Node};
use feira_connectors::state::State;
use feira_schemas::{
    row::{Row, Write},
    rows::{GENERATIONS, platform::GenerationRow},
};
use feira_streams::platform::{Platform, Ports, wall_clock};

fn row(name: &str, generation: i64) -> GenerationRow {
    GenerationRow { name: name.to_owned(), generation }
}

async fn live(state: &State) -> Vec<GenerationRow> {
    let mut rows = state.scan_table::<GenerationRow>(None, 100).await.unwrap().rows;
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

/// Starts once, leaves this row, and says how the next start is refused.
async fn refused(config: &Config, left: GenerationRow) -> String {
    let node = Node::start(config).await.unwrap();
    let (now, own) = (node.platform.now(), live(&node.platform.state).await);
    let own = own.into_iter().find(|row| row.name == left.name).unwrap();
    node.platform.state.write(&[Write::put(left, now)]).await.unwrap();
    node.stop().await.unwrap();
    let refused = Node::start(config).await.err().unwrap().to_string();

    // Back to what it was, for the next.
    let ports = feira::ports::open(config).await.unwrap();
    ports.state.ensure_tables(&[GenerationRow::TABLE], &[]).await.unwrap();
    ports.state.write(&[Write::put(own, now + 1)]).await.unwrap();
    ports.state.sync().await.unwrap();
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_another_generation_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder);
    for (name, generation) in GENERATIONS.iter().copied().chain([("log", 1)]) {
        let newer = i64::from(generation) + 1;
        let said = format!(
            "the data of {name} is of generation {newer} (feira_platform.generation_g1), and this program knows"
        );
        let newer = refused(&config, row(name, newer)).await;
        assert!(newer.starts_with(&said) && newer.ends_with("start the newer program"), "{newer}");
    }
    let older = refused(&config, row("admin", 0)).await;
    assert!(older.contains("the data of admin is of generation 0") && older.contains("rebuilt first"), "{older}");
    Node::start(&config).await.unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_starts_again_on_its_own_data_and_twice_at_once_on_none() {
    let folder = tempfile::tempdir().unwrap();
    let ports = feira::ports::open(&config(&folder)).await.unwrap();
    let start = || {
        let Ports { log, state, cache, files, registry } = &ports;
        let (log, state, cache) = (log.clone(), state.clone(), cache.clone());
        let ports = Ports { log, state, cache, files: files.clone(), registry: registry.clone() };
        Platform::start(ports, 4, wall_clock())
    };
    let (one, other) = tokio::join!(start(), start());
    let found = live(&one.unwrap().state).await;
    let mut expected: Vec<_> = GENERATIONS.iter().map(|(name, generation)| row(name, i64::from(*generation))).collect();
    expected.push(row("log", 1));
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(found, expected);
    other.unwrap();

    let again = start().await.unwrap();
    assert_eq!(live(&again.state).await, expected);
}
