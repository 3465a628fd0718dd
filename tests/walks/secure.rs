//! The program on services like managed ones: three brokers, passwords and certificates everywhere. And what it says
//! where one of them is wrong. Told on the services alone.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use crate::common::{
    process::{Mode, Process, secure_environment},
    services::{MASTER_KEY, OPERATOR_TOKEN, SECRET, SECRETS, secure},
    shop::Shop,
};

/// By then a process that can't be let in has said so and ended.
const AT_ONCE: Duration = Duration::from_secs(180);

/// The standard error of `feira topics`, `feira schemas check` or a whole process with these variables changed. It ends soon.
async fn refused(folder: &Path, arguments: &[&str], changed: &[(&str, &str)]) -> String {
    let work = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    command.args(arguments).current_dir(work.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Process::bare(&mut command);
    command.envs(secure_environment(folder)).env("FEIRA_LISTEN", "127.0.0.1:0");
    command.env("FEIRA_OPERATOR_TOKEN", OPERATOR_TOKEN).env("FEIRA_SECRET", SECRET);
    command.env("FEIRA_MASTER_KEY", MASTER_KEY).env("FEIRA_SECRETS", SECRETS);
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
