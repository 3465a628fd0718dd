//! The keyring from outside: what a start makes and refuses, and the commands on it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use feira_connectors::keyring::{Keyring, KeyringError, Opened};
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    ids::TenantId,
    sealed::{PersonName, Sealed, Subject, SubjectKind},
};
use uuid::Uuid;

use crate::common::{
    Bed, config, embedded,
    process::Mode,
    services::{ADDRESSES, MASTER_KEY},
};

/// Seals a name for a subject of its own.
async fn sealed(keyring: &Keyring, tenant: TenantId) -> Sealed<PersonName> {
    let sealer = keyring.mint(tenant, Subject::new(SubjectKind::Order, Uuid::new_v4())).await.unwrap();
    sealer.seal(&PersonName::new("Ana").unwrap()).unwrap()
}

async fn opens(keyring: &Keyring, tenant: TenantId, sealed: &Sealed<PersonName>) -> bool {
    matches!(keyring.unseal(tenant, sealed).await.unwrap(), Opened::Value(name) if name.expose() == "Ana")
}

/// `feira keyring …` on a folder, with these master keys; empty: those of the folder.
fn command(data: &Path, mode: Mode, arguments: &[&str], master_key: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    if mode == Mode::Embedded {
        for address in ADDRESSES {
            command.env_remove(address);
        }
    }
    match master_key {
        "" => command.env_remove("FEIRA_MASTER_KEY"),
        keys => command.env("FEIRA_MASTER_KEY", keys),
    };
    command.arg("keyring").args(arguments).env("FEIRA_DATA", data).stdin(Stdio::null()).output().unwrap()
}

/// The exit code, and what was printed and said.
fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_has_sealed_the_next_opens_and_a_check_finds_all_keys() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let tenant = TenantId::from_uuid(Uuid::new_v4());
    let node = bed.start().await;
    let value = sealed(node.keyring.as_ref().unwrap(), tenant).await;
    node.stop().await.unwrap();
    let node = bed.start().await;
    assert!(opens(node.keyring.as_ref().unwrap(), tenant, &value).await);
    let data = bed.data();
    node.stop().await.unwrap();
    let keys = if bed.mode == Mode::Embedded { "" } else { MASTER_KEY };
    let (code, printed, said) = told(&command(data, bed.mode, &["check"], keys));
    assert!(code == Some(0) && printed.contains("wrapped by ") && printed.contains("erased: "), "{printed}{said}");
    let (code, printed, said) = told(&command(data, bed.mode, &["rotate"], keys));
    assert!(code == Some(0) && printed.contains(": 0 now, "), "{printed}{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_has_a_master_key_of_its_own_and_goes_from_one_to_the_next() {
    let Some(folder) = embedded() else { return };
    let (data, tenant) = (folder.path(), TenantId::from_uuid(Uuid::new_v4()));
    let run = |arguments: &[&str], keys: &str| told(&command(data, Mode::Embedded, arguments, keys));
    let (code, _, said) = run(&["check"], "");
    assert!(code == Some(2) && said.contains("there is no keyring") && !data.join("master.key").exists(), "{said}");

    let node = Node::start(&config(&folder)).await.unwrap();
    let value = sealed(node.keyring.as_ref().unwrap(), tenant).await;
    let file = data.join("master.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let old = fs::read_to_string(&file).unwrap().trim().to_owned();
    let (code, _, said) = run(&["check"], "");
    assert!(code == Some(1) && said.contains("another process"), "one process at a time: {said}");
    node.stop().await.unwrap();

    // Another key under the same id, a key that is not of this keyring, and no file: each is said before anything is served.
    let (id, _) = old.split_once(':').unwrap();
    let other = "f".repeat(64);
    let start = async |keys: String| {
        let refused = Node::start(&Config { master_key: keys.as_str().into(), ..config(&folder) }).await.err().unwrap();
        format!("{refused:#}")
    };
    let (wrong, lost) = (start(format!("{id}:{other}")).await, start(format!("new:{other}")).await);
    assert!(wrong.contains(&format!("another key under {id:?}")) && lost.contains("put it back"), "{wrong}\n{lost}");
    assert!([&wrong, &lost].iter().all(|said| !said.contains(&other) && !said.contains('\n')), "{wrong}\n{lost}");
    let (code, printed, said) = run(&["check"], &format!("new:{other}"));
    assert!(code == Some(1) && said.contains(id) && said.contains(&tenant.to_string()), "{printed}{said}");

    let both = format!("{old},new:{other}");
    let (code, printed, said) = run(&["rotate"], &both);
    assert!(code == Some(0) && printed.contains("wrapped by new: 1 now, 0 before"), "{printed}{said}");
    assert!(printed.contains(&format!("{id} wraps nothing any more")), "{printed}");
    fs::remove_file(&file).unwrap();
    let (code, printed, said) = run(&["check", "--data", data.to_str().unwrap()], &format!("new:{other}"));
    assert!(code == Some(0) && printed.contains("wrapped by new: 1"), "{printed}{said}");
    let gone = Node::start(&config(&folder)).await.err().unwrap().to_string();
    assert!(gone.contains("master.key is gone"), "{gone}");
    let node =
        Node::start(&Config { master_key: format!("new:{other}").as_str().into(), ..config(&folder) }).await.unwrap();
    assert!(opens(node.keyring.as_ref().unwrap(), tenant, &value).await);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_needs_a_master_key_that_all_processes_have() {
    let Some(folder) = embedded() else { return };
    let on_a_cluster = Config { scylla_nodes: "127.0.0.1:1".into(), ..config(&folder) };
    let refused = feira_node::ports::open_keyring(&on_a_cluster).await.err().unwrap().to_string();
    assert!(refused.contains("FEIRA_MASTER_KEY must be set"), "{refused}");
    let away = Config { master_key: MASTER_KEY.into(), ..on_a_cluster };
    let away = feira_node::ports::open_keyring(&away).await.err().unwrap();
    assert!(matches!(away, feira_node::ports::PortError::Keyring(KeyringError::Away(_))), "{away}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    command.args(["keyring", "check"]).current_dir(folder.path()).stdin(Stdio::null());
    let output = command.env("FEIRA_SCYLLA_NODES", "127.0.0.1:1").env("FEIRA_MASTER_KEY", MASTER_KEY).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", told(&output).2);
}
