//! The keyring from outside: what a start makes and refuses, and the commands on it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use feira_connectors::keyring::{Keyring, KeyringError, Opened};
use feira_node::{
    config::{Config, Role},
    node::Node,
    ports::PortError,
};
use feira_schemas::{
    ids::TenantId,
    sealed::{PersonName, Sealed, Subject, SubjectKind},
    secrets::Purpose,
};
use uuid::Uuid;

use crate::common::{
    Bed, config, embedded,
    process::Mode,
    services::{ADDRESSES, MASTER_KEY, SECRETS},
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
    let value = sealed(&node.keys.as_ref().unwrap().keyring, tenant).await;
    node.stop().await.unwrap();
    let node = bed.start().await;
    assert!(opens(&node.keys.as_ref().unwrap().keyring, tenant, &value).await);
    let data = bed.data();
    node.stop().await.unwrap();
    let keys = if bed.mode == Mode::Embedded { "" } else { MASTER_KEY };
    let (code, printed, said) = told(&command(data, bed.mode, &["check"], keys));
    assert!(code == Some(0) && printed.contains("wrapped by ") && printed.contains("erased: "), "{printed}{said}");
    let (code, printed, said) = told(&command(data, bed.mode, &["rotate"], keys));
    assert!(code == Some(0) && printed.contains(": 0 now, "), "{printed}{said}");
    let (code, printed, said) = told(&command(data, bed.mode, &["restore"], keys));
    assert!(code == Some(0) && printed.contains("nothing to lay over"), "{printed}{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_has_a_master_key_of_its_own_and_goes_from_one_to_the_next() {
    let Some(folder) = embedded() else { return };
    let (data, tenant) = (folder.path(), TenantId::from_uuid(Uuid::new_v4()));
    let run = |arguments: &[&str], keys: &str| told(&command(data, Mode::Embedded, arguments, keys));
    let (code, _, said) = run(&["check"], "");
    assert!(code == Some(2) && said.contains("there is no keyring") && !data.join("master.key").exists(), "{said}");

    let node = Node::start(&config(&folder)).await.unwrap();
    let value = sealed(&node.keys.as_ref().unwrap().keyring, tenant).await;
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
    assert!(opens(&node.keys.as_ref().unwrap().keyring, tenant, &value).await);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_has_secrets_of_its_own_and_says_when_they_are_others() {
    let Some(folder) = embedded() else { return };
    let file = folder.path().join("secrets.key");
    let node = Node::start(&config(&folder)).await.unwrap();
    let token = node.keys.as_ref().unwrap().secrets.sign(Purpose::Form, &[b"x"], None);
    node.stop().await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let old = fs::read_to_string(&file).unwrap().trim().to_owned();

    let other = "f".repeat(64);
    let others = Config { secrets: format!("index:{other},a:{other}").as_str().into(), ..config(&folder) };
    let wrong = format!("{:#}", Node::start(&others).await.err().unwrap());
    assert!(wrong.contains("another secret under \"index\"") && !wrong.contains(&other), "{wrong}");
    fs::remove_file(&file).unwrap();
    let gone = format!("{:#}", Node::start(&config(&folder)).await.err().unwrap());
    assert!(gone.contains("secrets.key is gone") && !file.exists(), "{gone}");
    let node =
        Node::start(&Config { secrets: format!("{old},b:{other}").as_str().into(), ..config(&folder) }).await.unwrap();
    let secrets = &node.keys.as_ref().unwrap().secrets;
    assert_eq!(secrets.verify(Purpose::Form, &[b"x"], &token, 0), Ok(()));
    assert!(secrets.sign(Purpose::Form, &[], None).starts_with("b."));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_needs_keys_that_all_processes_have_which_seal_or_sign() {
    let Some(folder) = embedded() else { return };
    let whole = Config {
        scylla_nodes: "127.0.0.1:1".into(),
        master_key: MASTER_KEY.into(),
        secrets: SECRETS.into(),
        ..config(&folder)
    };
    let open = async |config: &Config| feira_node::ports::open_keyring(config).await;
    for role in Role::ALL {
        let lacks_masters = Config { roles: [role].into(), master_key: "".into(), ..whole.clone() };
        let lacks_secrets = Config { roles: [role].into(), secrets: "".into(), ..whole.clone() };
        if !matches!(role, Role::Api | Role::Effects) {
            assert!(open(&lacks_masters).await.unwrap().is_none() && open(&lacks_secrets).await.unwrap().is_none());
            continue;
        }
        for (config, named) in
            [(lacks_masters, "FEIRA_MASTER_KEY must be set"), (lacks_secrets, "FEIRA_SECRETS must be set")]
        {
            let refused = open(&config).await.err().unwrap();
            assert!(
                matches!(refused, PortError::Config(_)) && refused.to_string().contains(named),
                "{role}: {refused}"
            );
        }
        let away = open(&Config { roles: [role].into(), ..whole.clone() }).await.err().unwrap();
        assert!(matches!(away, PortError::Keyring(KeyringError::Away(_))), "{role}: {away}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_feira"));
    command.args(["keyring", "check"]).current_dir(folder.path()).stdin(Stdio::null());
    let output = command.env("FEIRA_SCYLLA_NODES", "127.0.0.1:1").env("FEIRA_MASTER_KEY", MASTER_KEY).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", told(&output).2);
}
