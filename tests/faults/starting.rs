//! A process that starts before what it needs.

use std::{env, time::Duration};

use feira_node::{
    config::{Config, Role},
    node::Node,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::common::{
    config, embedded,
    process::PATIENCE,
    services::{distributed, services},
};

/// Longer than a question to the brokers may take: by then a start that does not wait has ended.
const PAST_THE_FIRST_TRY: Duration = Duration::from_secs(8);

/// A socket at whose address nobody listens yet, and nobody else can.
fn later() -> TcpSocket {
    let later = TcpSocket::new_v4().unwrap();
    later.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    later
}

/// Starts a process on a service at an address at which nobody listens; then whoever comes there is led to the real one.
async fn starts_once_it_is_there(config: Config, later: TcpSocket, real: String) {
    let starting = tokio::spawn(async move { Node::start(&config).await });
    sleep(PAST_THE_FIRST_TRY).await;
    assert!(!starting.is_finished(), "{:?}", starting.await.unwrap().err());

    let listener = later.listen(1_024).unwrap();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            let real = real.clone();
            tokio::spawn(async move {
                let mut service = TcpStream::connect(real).await.unwrap();
                copy_bidirectional(&mut inside, &mut service).await
            });
        }
    });
    let node = timeout(PATIENCE, starting).await.expect("it never started").unwrap().unwrap();
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_brokers_that_do_not_answer_yet() {
    let Some(_alone) = services().await else { return };
    let (folder, later) = (tempfile::tempdir().unwrap(), later());
    let config =
        Config { kafka_brokers: later.local_addr().unwrap().to_string(), ..distributed(folder.path(), Role::ALL) };
    starts_once_it_is_there(config, later, env::var("FEIRA_KAFKA_BROKERS").unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_cluster_that_does_not_answer_yet() {
    let Some(_alone) = services().await else { return };
    let (folder, later) = (tempfile::tempdir().unwrap(), later());
    let config =
        Config { scylla_nodes: later.local_addr().unwrap().to_string(), ..distributed(folder.path(), Role::ALL) };
    starts_once_it_is_there(config, later, env::var("FEIRA_SCYLLA_NODES").unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_registry_that_does_not_answer_yet() {
    let Some(_alone) = services().await else { return };
    let (folder, later) = (tempfile::tempdir().unwrap(), later());
    let mut url = reqwest::Url::parse(&env::var("FEIRA_REGISTRY_URL").unwrap()).unwrap();
    let real = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let address = later.local_addr().unwrap();
    url.set_ip_host(address.ip()).unwrap();
    url.set_port(Some(address.port())).unwrap();
    let config = Config { registry_url: url.to_string(), ..distributed(folder.path(), Role::ALL) };
    starts_once_it_is_there(config, later, real).await;
}

/// A registry that nobody answers for is waited for; one that lets nobody in is there, and no waiting mends that.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_away_is_waited_for_and_one_that_lets_nobody_in_ends_the_start() {
    let Some(folder) = embedded() else { return };
    let later = later();
    let away = Config { registry_url: format!("http://{}", later.local_addr().unwrap()), ..config(&folder) };
    let waited = timeout(Duration::from_secs(5), Node::start(&away)).await;
    assert!(waited.is_err(), "{:?}", waited.unwrap().err());

    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = Config { registry_url: format!("http://{}", listener.local_addr().unwrap()), ..config(&folder) };
    tokio::spawn(async move {
        while let Ok((mut asked, _)) = listener.accept().await {
            // What came is read before the end, which else would be a reset.
            let _ = asked.read(&mut [0; 4_096]).await;
            let answer = b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let _ = asked.write_all(answer).await;
        }
    });
    let ended = timeout(PATIENCE, Node::start(&closed)).await.expect("it waits").err().unwrap();
    assert!(format!("{ended:#}").contains("FEIRA_REGISTRY_USERNAME"), "{ended:#}");
}
