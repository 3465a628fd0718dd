//! Brokers that die or hang, of three that ask for passwords and certificates. Told on the services alone.

use std::{fs, path::Path, process::Stdio, thread, time::Duration};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use tokio::time::Instant;

use crate::{
    catalogue::{Catalogue, acknowledged_are_there},
    common::{
        process::{Mode, PATIENCE, Process, secure_environment},
        services::{PARTITIONS, secure},
        shop::Shop,
    },
};

/// The time that a broker is away.
const AWAY: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn f39_an_import_goes_on_while_the_leader_of_its_partition_is_killed_and_away_for_a_minute() {
    let Some((_alone, folder)) = secure().await else { return };
    let process = Process::start(Mode::Secure).await;
    let (catalogue, shop) = (Catalogue::of(1_200), Shop::make(&process, "canecas").await);
    let import = catalogue.begin(&process, &shop).await;
    let broker = Away::killed(leader(&folder, "admin.events", shop.partition).await);
    let away = Instant::now();
    let imported = import.end().await;
    imported.made(catalogue.products);
    acknowledged_are_there(&process, &shop, &imported).await;

    tokio::time::sleep_until(away + AWAY).await;
    let of_two = Shop::make(&process, "copos").await;
    drop(broker);
    let of_three = catalogue.begin(&process, &of_two).await.end().await;
    of_three.made(catalogue.products);
    for (shop, imported) in [(&shop, &imported), (&of_two, &of_three)] {
        catalogue.is_all_there(&process, shop, imported.position()).await;
    }
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn f39_whichever_broker_dies_or_hangs_the_process_lives_and_decides() {
    let Some((_alone, folder)) = secure().await else { return };
    let process = Process::start(Mode::Secure).await;
    for away in [Away::killed, Away::frozen] {
        for broker in 1..=3 {
            // Every processor moves its position past this one's transactions soon after, in the middle of what follows.
            Shop::make(&process, "canecas").await;
            let away = away(broker);
            // In every partition, by all likelihood.
            for _ in 0..2 * PARTITIONS {
                decides(&process).await;
            }
            drop(away);
            until_in_sync(&folder).await;
        }
    }
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

/// Has the process decide something, which may take longer than its command line waits: until the brokers have agreed on who
/// does what the broker did that is away, which each of its roles takes some seconds of, one after another.
async fn decides(process: &Process) {
    let deadline = Instant::now() + Duration::from_secs(420);
    while let Err(said) = Shop::ask_for(process, "copos").await {
        assert!(said.contains("did not decide within 30 s"), "{said}");
        assert!(Instant::now() < deadline, "{said}");
    }
}

/// A broker that is not there, and is again once this is dropped, however a test ends: the next one needs it.
struct Away {
    broker: String,
    back: &'static str,
}

impl Away {
    /// Kills a broker: its connections are closed, and nobody takes new ones.
    fn killed(broker: i32) -> Self {
        Self::by("kill", broker, "again")
    }

    /// As behind a cut wire: its connections stay, and nothing comes from it.
    fn frozen(broker: i32) -> Self {
        Self::by("freeze", broker, "thaw")
    }

    fn by(gone: &str, broker: i32, back: &'static str) -> Self {
        let broker = format!("kafka{broker}");
        assert!(services(gone, &broker), "{gone} {broker}");
        Self { broker, back }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        // Said, not demanded: a test that fails already must not end before it has said why.
        if !services(self.back, &self.broker) {
            println!("{} does not come back", self.broker);
        }
    }
}

/// A client that asks the brokers what they know of topics.
fn asking(folder: &Path) -> BaseConsumer {
    let set = secure_environment(folder);
    let set = |name: &str| set.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap();
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", set("FEIRA_KAFKA_BROKERS"))
        .set("security.protocol", "SASL_SSL")
        .set("sasl.mechanism", "SCRAM-SHA-256")
        .set("sasl.username", set("FEIRA_KAFKA_USERNAME"))
        .set("sasl.password", fs::read_to_string(folder.join("password")).unwrap())
        .set("ssl.ca.location", set("FEIRA_KAFKA_CA"));
    client.create().unwrap()
}

/// The id of the broker that leads a partition: the one that its records are written to.
async fn leader(folder: &Path, topic: &str, partition: u32) -> i32 {
    let (asking, topic) = (asking(folder), topic.to_owned());
    let asked = tokio::task::spawn_blocking(move || {
        let metadata = asking.fetch_metadata(Some(&topic), PATIENCE).unwrap();
        let partitions = metadata.topics()[0].partitions();
        partitions.iter().find(|found| found.id() == i32::try_from(partition).unwrap()).unwrap().leader()
    });
    asked.await.unwrap()
}

/// Waits until a broker that is back has all records: while it has not, no other one may go, since writes want two.
async fn until_in_sync(folder: &Path) {
    let asking = asking(folder);
    let asked = tokio::task::spawn_blocking(move || {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let metadata = asking.fetch_metadata(None, PATIENCE).unwrap();
            let mut partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
            if partitions.all(|found| found.isr().len() == found.replicas().len()) {
                return;
            }
            assert!(Instant::now() < deadline, "a broker that is back is not in sync");
            thread::sleep(Duration::from_millis(200));
        }
    });
    asked.await.unwrap();
}

/// Does something to one of the services; whether that was done.
fn services(verb: &str, name: &str) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services/services.sh");
    let done = std::process::Command::new(script).args([verb, name]).stdin(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
