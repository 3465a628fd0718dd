//! A process that starts before what it needs. Told on the services alone.

use std::{env, time::Duration};

use feira_node::{
    config::{Config, Role},
    node::Node,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use crate::common::{
    process::PATIENCE,
    services::{distributed, services},
};

/// Longer than a question to the brokers may take: by then a start that does not wait has ended.
const PAST_THE_FIRST_TRY: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_brokers_that_do_not_answer_yet() {
    let Some(_alone) = services().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let later = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = Config { kafka_brokers: later.to_string(), ..distributed(folder.path(), Role::ALL) };
    let starting = tokio::spawn(async move { Node::start(&config).await });
    sleep(PAST_THE_FIRST_TRY).await;
    assert!(!starting.is_finished(), "{:?}", starting.await.unwrap().err());

    let listener = TcpListener::bind(later).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut broker = TcpStream::connect(env::var("FEIRA_KAFKA_BROKERS").unwrap()).await.unwrap();
                copy_bidirectional(&mut inside, &mut broker).await
            });
        }
    });
    let node = timeout(PATIENCE, starting).await.expect("it never started").unwrap().unwrap();
    node.stop().await.unwrap();
}
