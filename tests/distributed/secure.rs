//! The same program on services as managed ones are: three brokers, passwords and certificates everywhere. And what it says
//! where one of them is wrong.

use std::{fs, path::Path, process::Stdio, thread, time::Duration};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use tokio::{
    process::Command,
    time::{Instant, timeout},
};

use crate::common::{
    catalogue::{Catalogue, acknowledged_are_there},
    process::{Mode, PATIENCE, Process, secure_environment},
    services::{OPERATOR_TOKEN, PARTITIONS, SECRET, secure},
    shop::Shop,
};

/// How long a broker is away.
const AWAY: Duration = Duration::from_secs(60);
/// By then a process that can't be let in has said so and ended.
const AT_ONCE: Duration = Duration::from_secs(45);

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
    let deadline = Instant::now() + Duration::from_secs(180);
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
    /// Its connections are closed, and nobody takes new ones.
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

/// Which broker a partition's records are written to.
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

/// What `feira topics`, `feira schemas check` or a whole process says with this changed; it ends by itself, and soon.
async fn refused(folder: &Path, arguments: &[&str], changed: &[(&str, &str)]) -> String {
    let work = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    command.args(arguments).current_dir(work.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Process::bare(&mut command);
    command.envs(secure_environment(folder)).env("FEIRA_LISTEN", "127.0.0.1:0");
    command.env("FEIRA_OPERATOR_TOKEN", OPERATOR_TOKEN).env("FEIRA_SECRET", SECRET);
    for (name, value) in changed {
        command.env_remove(format!("{name}_FILE")).env(name, value);
        if value.is_empty() {
            command.env_remove(name);
        }
    }
    let ended = timeout(AT_ONCE, command.kill_on_drop(true).output()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{changed:?}: nothing was said for {AT_ONCE:?}")).unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    // Not by a signal: what still runs when it ends is no harm.
    assert_eq!(ended.status.code(), Some(1), "{changed:?}:\n{said}");
    said
}

/// A command, what is set otherwise for it, and what it says of it.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn f39_who_is_not_let_in_or_does_not_believe_says_which_setting_to_look_at() {
    let Some((_alone, folder)) = secure().await else { return };
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap().trim().to_owned();
    let (other, expired, token) = (path("other-ca.pem"), read("expired"), read("token"));
    let (expired_redis, expired_registry) = (format!("rediss://{expired}"), format!("https://{expired}"));
    let topics: &[&str] = &["topics"];
    let check: &[&str] = &["schemas", "check"];
    let all: &[&str] = &["run"];
    let oauth = [
        ("FEIRA_KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
        ("FEIRA_KAFKA_USERNAME", ""),
        ("FEIRA_KAFKA_PASSWORD", ""),
        ("FEIRA_KAFKA_OAUTH_TOKEN_URL", token.as_str()),
        ("FEIRA_KAFKA_OAUTH_CLIENT_ID", "feira"),
        ("FEIRA_KAFKA_OAUTH_CLIENT_SECRET", "wrong"),
    ];
    let cases: &[Case<'_>] = &[
        (topics, &[("FEIRA_KAFKA_PASSWORD", "wrong")], "FEIRA_KAFKA_PASSWORD"),
        (topics, &[("FEIRA_KAFKA_PASSWORD", "wrong"), ("FEIRA_KAFKA_SASL_MECHANISM", "PLAIN")], "FEIRA_KAFKA_PASSWORD"),
        (topics, &oauth, "FEIRA_KAFKA_OAUTH"),
        (topics, &[("FEIRA_KAFKA_CA", &other)], "FEIRA_KAFKA_CA"),
        (topics, &[("FEIRA_KAFKA_BROKERS", &expired)], "certificate"),
        (
            topics,
            &[("FEIRA_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"), ("FEIRA_KAFKA_CA", "")],
            "FEIRA_KAFKA_SECURITY_PROTOCOL",
        ),
        (check, &[("FEIRA_REGISTRY_PASSWORD", "wrong")], "FEIRA_REGISTRY_USERNAME"),
        (check, &[("FEIRA_REGISTRY_CA", &other)], "FEIRA_REGISTRY_CA"),
        (check, &[("FEIRA_REGISTRY_URL", &expired_registry)], "FEIRA_REGISTRY_CA"),
        (all, &[("FEIRA_SCYLLA_PASSWORD", "wrong")], "FEIRA_SCYLLA_PASSWORD"),
        (all, &[("FEIRA_SCYLLA_CA", &other)], "FEIRA_SCYLLA_CA"),
        (all, &[("FEIRA_SCYLLA_NODES", &expired)], "FEIRA_SCYLLA_CA"),
        (all, &[("FEIRA_SCYLLA_CERTIFICATE", ""), ("FEIRA_SCYLLA_KEY", "")], "FEIRA_SCYLLA_CERTIFICATE"),
        (all, &[("FEIRA_SCYLLA_LOCAL_DATACENTER", "elsewhere")], "FEIRA_SCYLLA_LOCAL_DATACENTER"),
        (all, &[("FEIRA_REDIS_PASSWORD", "wrong")], "FEIRA_REDIS_PASSWORD"),
        (all, &[("FEIRA_REDIS_CA", &other)], "FEIRA_REDIS_CA"),
        (all, &[("FEIRA_REDIS_URL", &expired_redis)], "FEIRA_REDIS_CA"),
    ];
    for (arguments, changed, named) in cases {
        let said = refused(&folder, arguments, changed).await;
        assert!(said.contains(named), "{changed:?}:\n{said}");
        assert!(!said.contains(&read("password")), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f39_every_other_way_in_opens_too() {
    let Some((_alone, folder)) = secure().await else { return };
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap().trim().to_owned();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (mutual, token, password) = (read("mutual"), read("token"), read("password"));
    let (certificate, key) = (path("client.pem"), path("client.key"));
    let ways: &[&[(&str, &str)]] = &[
        &[("FEIRA_KAFKA_SASL_MECHANISM", "PLAIN")],
        &[("FEIRA_KAFKA_SASL_MECHANISM", "SCRAM-SHA-256")],
        &[
            ("FEIRA_KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
            ("FEIRA_KAFKA_USERNAME", ""),
            ("FEIRA_KAFKA_PASSWORD", ""),
            ("FEIRA_KAFKA_OAUTH_TOKEN_URL", &token),
            ("FEIRA_KAFKA_OAUTH_CLIENT_ID", "feira"),
            ("FEIRA_KAFKA_OAUTH_CLIENT_SECRET", &password),
            ("FEIRA_KAFKA_OAUTH_SCOPE", "shops"),
        ],
        &[
            ("FEIRA_KAFKA_BROKERS", &mutual),
            ("FEIRA_KAFKA_SECURITY_PROTOCOL", "SSL"),
            ("FEIRA_KAFKA_SASL_MECHANISM", ""),
            ("FEIRA_KAFKA_USERNAME", ""),
            ("FEIRA_KAFKA_PASSWORD", ""),
            ("FEIRA_KAFKA_CERTIFICATE", &certificate),
            ("FEIRA_KAFKA_KEY", &key),
        ],
        &[("FEIRA_KAFKA_PROPERTIES", "ssl.endpoint.identification.algorithm=none; socket.keepalive.enable=true")],
        &[("FEIRA_REGISTRY_USERNAME", ""), ("FEIRA_REGISTRY_PASSWORD", ""), ("FEIRA_REGISTRY_TOKEN", &password)],
    ];
    for changed in ways {
        let process = Process::start_with(Mode::Secure, changed).await;
        let shop = Shop::make(&process, "canecas").await;
        assert!(shop.subdomain.starts_with("canecas"));
        assert!(process.stop().await.success(), "{changed:?}");
    }
}
