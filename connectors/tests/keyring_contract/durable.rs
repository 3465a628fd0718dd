//! Keys are durable before they are handed out, many by one sync, and nothing of what they seal lies in the store.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use feira_connectors::{
    keyring::{KeyStore, Keyring, KeyringError, Opened},
    state::CqlSettings,
};
use feira_schemas::sealed::{GatewayKey, PersonName, Sealed};

use crate::bed::{self, Clocks, Place, hex_of, name, opens, order, sealed, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_keys_at_once_are_all_durable_and_share_syncs() {
    for place in Place::each() {
        let (store, clocks, tenant) = (place.store().await, Clocks::new(), tenant());
        let keyring = Keyring::open(store.clone(), bed::masters(&["one"]), clocks.sources()).await.unwrap();
        let syncs = || match &store {
            KeyStore::Embedded(keys) => keys.sync_count(),
            KeyStore::Cql(_) => 0,
        };
        let before = syncs();
        let minting = (0..1_000).map(|_| {
            let keyring = keyring.clone();
            tokio::spawn(async move { sealed(&keyring, tenant, order()).await })
        });
        let minted: Vec<_> = futures::future::join_all(minting).await.into_iter().map(Result::unwrap).collect();
        let counted = syncs() - before;
        println!("1,000 keys: {counted} syncs");
        // How many wait while one syncs is a matter of the disk and of who has the processor; that some do is none.
        assert!(counted < 1_000, "{counted} syncs");
        drop((keyring, store));
        let keyring = place.keyring().await;
        for value in &minted {
            assert_eq!(opens(&keyring, tenant, value).await, Opened::Value(()));
        }
    }
}

/// Every file below a folder, read whole.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { bytes_below(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

#[tokio::test]
async fn nothing_that_was_sealed_and_no_key_lies_in_the_store() {
    for place in Place::each() {
        let Some(folder) = place.folder() else { continue };
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let sealer = keyring.mint(tenant, subject).await.unwrap();
        let (name, key) = (name(), GatewayKey::new("sk_test_0123456789").unwrap());
        let sealed = (sealer.seal(&name).unwrap(), sealer.seal(&key).unwrap());
        assert_eq!(opens(&keyring, tenant, &sealed.0).await, Opened::Value(()));
        drop((keyring, sealer));
        let stored = bytes_below(folder);
        let holds = |part: &[u8]| stored.windows(part.len()).any(|window| window == part);
        assert!(holds(subject.to_string().as_bytes()), "the key's row is there");
        for part in ["Ana Lúcia", "Souza", key.expose()] {
            assert!(!holds(part.as_bytes()), "{part}");
        }
        // The master key neither, as text or as bytes.
        let master = hex_of("one");
        assert!(!holds(master.as_bytes()) && !holds(&hex::decode(master).unwrap()));
    }
}

const CHILD_FOLDER: &str = "FEIRA_KEYRING_CHILD_FOLDER";
const SEALED: &str = "sealed ";
const ERASED: &str = "erased ";
/// Keys that a child hands out before the test has seen enough.
const ENOUGH: usize = 200;

/// A process that seals by one key after the other and prints each value, run by this command.
fn child(folder: &Path, mut command: Command) -> Child {
    let arguments = ["--exact", "durable::child_that_seals_until_it_is_killed", "--ignored", "--nocapture"];
    command.args(arguments).env(CHILD_FOLDER, folder).stdout(Stdio::piped()).spawn().unwrap()
}

/// The first values that a child has printed.
fn said(child: &mut Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let values = lines.filter_map(|line| line.split_once(SEALED).map(|(_, text)| text.to_owned()));
    let said: Vec<String> = values.take(ENOUGH).collect();
    assert_eq!(said.len(), ENOUGH);
    said
}

#[tokio::test]
async fn a_killed_process_loses_no_key_that_it_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keyring");
    let mut child = child(&folder, Command::new(std::env::current_exe().unwrap()));
    let said = said(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let store = KeyStore::embedded(&folder).unwrap();
    let keyring = Keyring::open(store, bed::masters(&["one"]), Clocks::new().sources()).await.unwrap();
    for text in said {
        let (tenant, sealed) = text.split_once(' ').unwrap();
        let sealed: Sealed<PersonName> = serde_json::from_str(sealed).unwrap();
        assert_eq!(opens(&keyring, tenant.parse().unwrap(), &sealed).await, Opened::Value(()));
    }
}

/// A process that lets go of what it erases, killed wherever it is at, some times on one folder.
#[tokio::test]
async fn a_process_that_is_killed_while_it_lets_go_loses_no_key_and_brings_none_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keyring");
    const ROUNDS: u64 = 10;
    let (mut kept, mut erased) = (Vec::new(), Vec::new());
    for round in 0..4 * ROUNDS {
        // A busy machine needs longer rounds until one of them lets go twice.
        if round >= ROUNDS && erased.len() as u64 > round {
            break;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        let arguments = ["--exact", "durable::child_that_lets_go_until_it_is_killed", "--ignored", "--nocapture"];
        command.args(arguments).env(CHILD_FOLDER, &folder).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.by_ref().find(|line| line.contains(ERASED)).unwrap();
        // Later each time: while a copy is made, takes the place, or is the live store.
        std::thread::sleep(Duration::from_millis(5 + 23 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in [first].into_iter().chain(lines) {
            let (into, text) = match (line.split_once(SEALED), line.split_once(ERASED)) {
                (Some((_, text)), _) => (&mut kept, text),
                (_, Some((_, text))) => (&mut erased, text),
                _ => continue,
            };
            // What the kill has cut off was not handed out.
            into.extend(text.strip_suffix(';').map(str::to_owned));
        }
        let store = KeyStore::embedded(&folder).unwrap();
        let keyring = Keyring::open(store, bed::masters(&["one"]), Clocks::new().sources()).await.unwrap();
        for (texts, expected) in [(&kept, Opened::Value(())), (&erased, Opened::Erased)] {
            for text in texts {
                let (tenant, sealed) = text.split_once(' ').unwrap();
                let sealed: Sealed<PersonName> = serde_json::from_str(sealed).unwrap();
                assert_eq!(opens(&keyring, tenant.parse().unwrap(), &sealed).await, expected, "{round}");
            }
        }
    }
    println!("{} keys kept, {} erased", kept.len(), erased.len());
    assert!(erased.len() as u64 > ROUNDS && !kept.is_empty(), "{} {}", kept.len(), erased.len());
}

/// Not a test of its own: the process that the test above kills.
#[tokio::test]
#[ignore = "is run by the test above"]
async fn child_that_lets_go_until_it_is_killed() {
    let folder = std::env::var(CHILD_FOLDER).expect("set by the test that starts this process");
    let store = KeyStore::embedded(Path::new(&folder)).unwrap();
    let keyring = Keyring::open(store, bed::masters(&["one"]), Clocks::new().sources()).await.unwrap();
    let tenant = tenant();
    let say = |what: &str, sealed: &Sealed<PersonName>| {
        let line = format!("{what}{tenant} {};\n", serde_json::to_string(sealed).unwrap());
        std::io::stdout().write_all(line.as_bytes()).is_ok()
    };
    loop {
        let kept = sealed(&keyring, tenant, order()).await;
        let subject = order();
        let erased = sealed(&keyring, tenant, subject).await;
        keyring.erase(tenant, subject).await.unwrap();
        if !say(ERASED, &erased) || !say(SEALED, &kept) {
            return;
        }
        keyring.let_go().await.unwrap();
    }
}

/// Seen from outside, in the order of the system calls: before the n-th value is printed the journal was synced n times.
#[test]
fn every_key_is_on_the_disk_before_it_seals() {
    let can_trace = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !can_trace.is_ok_and(|status| status.success()) {
        assert_ne!(std::env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "FEIRA_REQUIRE=all, but strace can't trace");
        println!("skipped: strace is not installed or may not trace");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-s", "256", "-e", "trace=fsync,fdatasync,write", "-o"]).arg(&trace);
    strace.arg(std::env::current_exe().unwrap());
    let mut child = child(&folder.path().join("keyring"), strace);
    said(&mut child);
    // Its output is closed, so the next value ends it, and strace with it.
    child.wait().unwrap();
    let (mut syncs, mut sealed, mut begun) = (0, 0, HashSet::new());
    for line in fs::read_to_string(trace).unwrap().lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        // A call that another thread interrupts stands on two lines, begun and resumed.
        let resumed = call.starts_with("<... fsync resumed>") || call.starts_with("<... fdatasync resumed>");
        if sync && call.contains(".jnl") {
            begun.insert(thread.to_owned());
        }
        if (sync || resumed) && call.ends_with("= 0") && begun.remove(thread) {
            syncs += 1;
        }
        if call.starts_with("write(1<") && call.contains(SEALED) {
            sealed += 1;
            assert!(syncs >= sealed, "{sealed} keys were handed out, {syncs} syncs had ended");
        }
    }
    assert!(sealed >= ENOUGH, "{sealed}");
}

/// Not a test of its own: the process that the tests above watch.
#[tokio::test]
#[ignore = "is run by the tests above"]
async fn child_that_seals_until_it_is_killed() {
    let folder = std::env::var(CHILD_FOLDER).expect("set by the test that starts this process");
    let store = KeyStore::embedded(Path::new(&folder)).unwrap();
    let keyring = Keyring::open(store, bed::masters(&["one"]), Clocks::new().sources()).await.unwrap();
    let tenant = tenant();
    loop {
        let sealed = sealed(&keyring, tenant, order()).await;
        let line = format!("{SEALED}{tenant} {}\n", serde_json::to_string(&sealed).unwrap());
        if std::io::stdout().write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_folder_serves_one_process_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keyring");
    let store = KeyStore::embedded(&folder).unwrap();
    match KeyStore::embedded(&folder) {
        Err(KeyringError::Refused(why)) => assert!(why.contains("another process"), "{why}"),
        other => panic!("{other:?}"),
    }
    drop(store);
    KeyStore::embedded(&folder).unwrap();
}

/// A journal with a whole batch behind a bad one is not cut off: keys may lie there that nobody can make again.
#[tokio::test]
async fn a_store_that_is_damaged_is_not_opened_as_if_it_were_empty() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keyring");
    let keyring =
        Keyring::open(KeyStore::embedded(&folder).unwrap(), bed::masters(&["one"]), Clocks::new().sources()).await;
    let keyring = keyring.unwrap();
    for _ in 0..3 {
        sealed(&keyring, tenant(), order()).await;
    }
    drop(keyring);
    let journal = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.filter(|path| path.extension().is_some_and(|kind| kind == "jnl")).max().unwrap();
    let mut bytes = fs::read(&journal).unwrap();
    // Inside of the first key's batch, which others follow.
    let at = bytes.windows(5).position(|window| window == b"order").unwrap();
    bytes[at] ^= 1;
    fs::write(&journal, bytes).unwrap();
    match KeyStore::embedded(&folder) {
        Err(KeyringError::Corrupt(why)) => assert!(why.contains("put a copy"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_away() {
    let settings = CqlSettings::new(["127.0.0.1:1"]);
    assert!(matches!(KeyStore::cql(&settings).await, Err(KeyringError::Away(_))));
}
