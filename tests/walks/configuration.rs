//! The environment and the command line as a process reads them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use feira_node::{
    node::Node,
    serve::{self, Credentials},
};

use crate::common::{config, embedded, tenant};

#[test]
fn texts_of_digits_alone_stay_texts_and_the_rest_is_what_it_says() {
    let Some(folder) = embedded() else { return };
    let printed = Command::new(env!("CARGO_BIN_EXE_feira"))
        .arg("config")
        .current_dir(folder.path())
        .env("FEIRA_SECRET", "0".repeat(64))
        .env("FEIRA_OPERATOR_TOKEN", "12345")
        .env("FEIRA_INSTANCE", "1")
        .env("FEIRA_PARTITIONS", "7")
        .env("FEIRA_FETCH_IMAGES", "false")
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    assert!(text.contains("fetch_images: false"), "{text}");
    assert!(text.contains("partitions: 7") && text.contains(r#"instance: "1""#), "{text}");
}

/// The command line in this folder, with nothing set but what the folder's `feira.toml` says.
fn feira(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FEIRA_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

#[test]
fn no_password_is_printed() {
    let Some(folder) = embedded() else { return };
    let printed = feira(folder.path(), &["config"])
        .env("FEIRA_REDIS_URL", "redis://u:s3cr3t@h:1")
        .env("FEIRA_REGISTRY_URL", "http://u:s3cr3t@r")
        .env("FEIRA_S3_URL", "http://key:s3cr3t@h/bucket")
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success() && !text.contains("s3cr3t"), "{text}");
    assert!(text.contains("redis://(secret)@h:1") && text.contains("http://(secret)@r"), "{text}");
}

#[test]
fn what_is_set_wrongly_is_2_and_said_once() {
    let Some(folder) = embedded() else { return };
    for (name, value, said) in
        [("FEIRA_LISTEN", "banana", "invalid socket address"), ("FEIRA_PARTITIONS", "0", "1 to 1,000")]
    {
        for command in ["config", "dev", "topics"] {
            let printed = feira(folder.path(), &[command]).env(name, value).output().unwrap();
            let text = String::from_utf8(printed.stderr).unwrap();
            assert_eq!((printed.status.code(), text.matches(said).count()), (Some(2), 1), "{command}: {text}");
        }
    }
}

#[test]
fn a_variable_that_nobody_knows_is_named_and_stops_nothing() {
    let Some(folder) = embedded() else { return };
    let printed = feira(folder.path(), &["config"])
        .env("FEIRA_PARTITIONS", "7")
        .env("FEIRA_PARTITION", "9")
        .env("FEIRA_PORT", "8080")
        .env("FEIRA_TOKEN", "s3cr3t")
        .env("FEIRA_URL", "http://localhost:8080")
        .output()
        .unwrap();
    let said = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success() && String::from_utf8_lossy(&printed.stdout).contains("partitions: 7"), "{said}");
    // The command line's client reads FEIRA_URL, and its token by another name.
    assert!(said.lines().count() == 1 && said.contains("FEIRA_PARTITION, FEIRA_PORT, FEIRA_TOKEN\n"), "{said}");
    assert!(!said.contains("s3cr3t"), "{said}");
    // The file is ours alone: what stands in it and is not known was meant for us.
    std::fs::write(folder.path().join("feira.toml"), "partition = 9\n").unwrap();
    let printed = feira(folder.path(), &["config"]).output().unwrap();
    assert_eq!(printed.status.code(), Some(2), "{}", String::from_utf8_lossy(&printed.stdout));
}

#[test]
fn what_kubernetes_sets_for_a_service_of_our_name_is_passed_over() {
    let Some(folder) = embedded() else { return };
    let printed = feira(folder.path(), &["config"])
        .env("FEIRA_SERVICE_HOST", "10.0.171.239")
        .env("FEIRA_SERVICE_PORT", "8080")
        .env("FEIRA_SERVICE_PORT_HTTP", "8080")
        .env("FEIRA_PORT", "tcp://10.0.171.239:8080")
        .env("FEIRA_PORT_8080_TCP", "tcp://10.0.171.239:8080")
        .env("FEIRA_PORT_8080_TCP_PROTO", "tcp")
        .env("FEIRA_PORT_8080_TCP_PORT", "8080")
        .env("FEIRA_PORT_8080_TCP_ADDR", "10.0.171.239")
        .output()
        .unwrap();
    let said = String::from_utf8(printed.stderr).unwrap();
    assert!(printed.status.success() && said.is_empty(), "{said}");
}

#[test]
fn a_reader_who_has_enough_is_no_failure() {
    let Some(folder) = embedded() else { return };
    for command in [&["schemas", "check"][..], &["topics"], &["config"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let printed = feira(folder.path(), command).stdout(writer).output().unwrap();
        let text = String::from_utf8_lossy(&printed.stderr).into_owned();
        assert!(printed.status.success() && text.is_empty(), "{command:?} {}: {text}", printed.status);
    }
}

#[test]
fn without_a_command_it_is_dev_with_its_flags() {
    let Some(folder) = embedded() else { return };
    let flags = ["--data", "kept", "--listen", "127.0.0.1:0", "--no-demo"];
    let mut running = feira(folder.path(), &flags).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut greeting = String::new();
    // Its end closes the pipe as well, so this waits for ever for nothing.
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(greeting.starts_with("Feira is ready: "), "{greeting}");
    assert!(folder.path().join("kept/credentials.json").is_file() && !folder.path().join("data").exists());
    let twice = feira(folder.path(), &["--no-demo", "config"]).output().unwrap();
    assert_eq!(twice.status.code(), Some(2), "flags of `dev` belong to no other command");
}

/// Every line is worth writing, and none can be: standard error's reader is gone, or its disk is full.
#[test]
fn a_log_line_that_can_not_be_written_ends_nothing() {
    let Some(_folder) = embedded() else { return };
    let (reader, gone) = std::io::pipe().unwrap();
    drop(reader);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    for (what, stderr) in [("its reader is gone", Stdio::from(gone)), ("its disk is full", Stdio::from(full))] {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["--data", "kept", "--listen", "127.0.0.1:0", "--no-demo"];
        let mut command = feira(folder.path(), &flags);
        let running = command.env("RUST_LOG", "debug").stdout(Stdio::piped()).stderr(stderr).spawn();
        let mut running = running.unwrap();
        let mut greeting = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
        assert!(greeting.starts_with("Feira is ready: "), "{what}: {greeting}");
        assert!(running.try_wait().unwrap().is_none(), "{what}: it has ended");
        // An orderly end is told as well.
        let asked = Command::new("kill").arg(running.id().to_string()).status().unwrap();
        let ended = running.wait().unwrap();
        assert!(asked.success() && ended.success(), "{what}: {ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_of_other_credentials_is_served_as_it_is() {
    let Some(folder) = embedded() else { return };
    let config = config(&folder);
    let mut node = Node::start(&config).await.unwrap();
    for subdomain in ["moda", "casa", "livros"] {
        tenant(&node, subdomain).await;
    }
    let mut credentials = Credentials::of(&config).unwrap();
    let api = serve::api(&node, &config, &credentials, None, feira_apis::SITE).unwrap();
    let others = serve::demo(&mut node, &api, &config, &mut credentials).await.unwrap();
    assert_eq!(others, ["moda", "casa", "livros"]);
    node.stop().await.unwrap();
    let kept = Credentials::read(&config.data).unwrap();
    assert!(kept.shops.is_empty() && !kept.demo_made, "no token that opens nothing: {kept:?}");
}
