//! Letting go of bytes: what lies in the files afterwards, and whatever a crash leaves of it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use feira_schemas::{
    budget::StoreShare,
    ids::TenantId,
    sealed::{PersonName, Sealed, Subject, SubjectKind},
};
use uuid::Uuid;

use super::{Place, folders};
use crate::keyring::{KeyStore, Keyring, KeyringError, LetGo, MasterKeys, Opened, Sources};

const TENANT: TenantId = TenantId::PLATFORM;
/// So little that files of tables are written soon.
const SMALL: StoreShare = StoreShare { memtables: 64 << 10, blocks: 1 << 20 };

async fn keyring(store: &KeyStore) -> Keyring {
    let masters = MasterKeys::parse(&format!("m:{}", "ab".repeat(32)).as_str().into()).unwrap();
    Keyring::open(store.clone(), masters, Sources::of_this_machine()).await.unwrap()
}

fn order() -> Subject {
    Subject::new(SubjectKind::Order, Uuid::new_v4())
}

async fn sealed(keyring: &Keyring, subject: Subject) -> Sealed<PersonName> {
    keyring.mint(TENANT, subject).await.unwrap().seal(&PersonName::new("Ana").unwrap()).unwrap()
}

async fn opens(keyring: &Keyring, sealed: &Sealed<PersonName>) -> bool {
    match keyring.unseal(TENANT, sealed).await.unwrap() {
        Opened::Value(name) => name.expose() == "Ana",
        Opened::Erased => false,
        Opened::Lost => panic!("lost"),
    }
}

async fn wrapped(store: &KeyStore, sealed: &Sealed<PersonName>) -> String {
    let envelope = sealed.envelope();
    let place = Place { tenant: TENANT, subject: envelope.subject(), key_id: envelope.key_id() };
    store.get(&place).await.unwrap().unwrap().wrapped.unwrap()
}

/// All bytes of all files below a folder.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { bytes_below(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

/// How many of these texts lie in the files below a folder.
fn lie_below(folder: &Path, texts: &[String]) -> usize {
    let bytes = bytes_below(folder);
    texts.iter().filter(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes())).count()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_lies_in_no_file_once_the_store_has_let_go() {
    for share in [StoreShare { memtables: 8 << 20, ..SMALL }, SMALL] {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keyring");
        let store = KeyStore::embedded_within(&folder, share).unwrap();
        let keyring = keyring(&store).await;
        let (gone, also_gone) = (order(), order());
        let (mut erased, mut texts, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..15 {
            others.extend(futures::future::join_all((0..100).map(|_| sealed(&keyring, order()))).await);
            let value = sealed(&keyring, if number % 2 == 0 { gone } else { also_gone }).await;
            texts.push(wrapped(&store, &value).await);
            erased.push(value);
        }
        assert_eq!(keyring.erase(TENANT, gone).await.unwrap() + keyring.erase(TENANT, also_gone).await.unwrap(), 15);
        assert!(lie_below(data.path(), &texts) > 10, "the journal, or tables, still have them");
        assert_eq!(keyring.let_go().await.unwrap(), LetGo::Gone);
        assert_eq!(lie_below(data.path(), &texts), 0);
        assert_eq!(names(data.path()), ["keyring", "keyring.lock"]);
        // Copied over, and again from the disk.
        let after = sealed(&keyring, order()).await;
        drop((keyring, store));
        let store = KeyStore::embedded_within(&folder, share).unwrap();
        let keyring = self::keyring(&store).await;
        for value in &erased {
            assert!(!opens(&keyring, value).await);
        }
        for value in others.iter().step_by(7).chain([&others[1_499], &after]) {
            assert!(opens(&keyring, value).await);
        }
        assert_eq!(lie_below(data.path(), &texts), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_minted_and_erased_meanwhile_is_there_and_goes_with_the_next_copy() {
    let data = tempfile::tempdir().unwrap();
    let store = KeyStore::embedded(&data.path().join("keyring")).unwrap();
    let keyring = keyring(&store).await;
    let before = futures::future::join_all((0..4_000).map(|_| sealed(&keyring, order()))).await;
    let work = (0..8).map(|_| {
        let (keyring, store) = (keyring.clone(), store.clone());
        tokio::spawn(async move {
            let (mut kept, mut gone, mut texts) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..10 {
                kept.push(sealed(&keyring, order()).await);
                let subject = order();
                let value = sealed(&keyring, subject).await;
                texts.push(wrapped(&store, &value).await);
                gone.push(value);
                assert!(opens(&keyring, &kept[0]).await);
                keyring.erase(TENANT, subject).await.unwrap();
                keyring.let_go().await.unwrap();
            }
            (kept, gone, texts)
        })
    });
    let ended = futures::future::join_all(work).await;
    let (mut kept, mut gone, mut texts) = (before, Vec::new(), Vec::new());
    for one in ended {
        let (more_kept, more_gone, more_texts) = one.unwrap();
        kept.extend(more_kept);
        gone.extend(more_gone);
        texts.extend(more_texts);
    }
    assert_eq!(lie_below(data.path(), &texts), 0);
    for value in kept.iter().step_by(50).chain(&kept[4_000..]) {
        assert!(opens(&keyring, value).await);
    }
    for value in &gone {
        assert!(!opens(&keyring, value).await);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// Half of a copy: the files that came first, cut short.
fn half(of: &Path, to: &Path) {
    copy(of, to);
    let journal = fs::read_dir(to).unwrap().map(|entry| entry.unwrap().path());
    let journal: PathBuf = journal.filter(|path| path.extension().is_some_and(|end| end == "jnl")).max().unwrap();
    fs::OpenOptions::new().write(true).open(journal).unwrap().set_len(100).unwrap();
    fs::remove_dir_all(to.join("keyspaces")).unwrap();
}

#[tokio::test]
async fn whatever_a_crash_leaves_one_whole_store_is_found() {
    let made = tempfile::tempdir().unwrap();
    let original = made.path().join("keyring");
    let store = KeyStore::embedded(&original).unwrap();
    let before = keyring(&store).await;
    let (value, gone) = (sealed(&before, order()).await, sealed(&before, order()).await);
    before.erase(TENANT, gone.envelope().subject()).await.unwrap();
    drop((before, store));
    // While the copy is made; between the renamings; before the former store is deleted, and half-way through that.
    let crashes: [fn(&Path, &Path, &Path, &Path); 4] = [
        |original, folder, new, _| {
            copy(original, folder);
            half(original, new);
        },
        |original, _, new, old| {
            copy(original, new);
            copy(original, old);
        },
        |original, folder, _, old| {
            copy(original, folder);
            copy(original, old);
        },
        |original, folder, _, old| {
            copy(original, folder);
            half(original, old);
        },
    ];
    for (number, crash) in crashes.into_iter().enumerate() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keyring");
        crash(&original, &folder, &data.path().join("keyring.new"), &data.path().join("keyring.old"));
        assert!(folders::is_there(&folder));
        let store = KeyStore::embedded(&folder).unwrap();
        assert_eq!(names(data.path()), ["keyring", "keyring.lock"], "{number}");
        let keyring = keyring(&store).await;
        assert!(opens(&keyring, &value).await && !opens(&keyring, &gone).await, "{number}");
        keyring.let_go().await.unwrap();
        assert!(opens(&keyring, &value).await && !opens(&keyring, &gone).await, "{number}");
    }
}

#[test]
fn a_copy_without_its_store_is_not_taken_for_one() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("keyring");
    fs::create_dir(data.path().join("keyring.new")).unwrap();
    match KeyStore::embedded(&folder) {
        Err(KeyringError::Corrupt(why)) => {
            assert!(why.contains("keyring is gone") && why.contains("put a copy"), "{why}")
        }
        other => panic!("{other:?}"),
    }
    assert!(folders::is_there(&folder) && !folder.exists());
}

/// A copy that can't be made, or can't take the place: what is live stays, and the next one is made.
#[tokio::test]
async fn a_copy_that_can_not_be_made_leaves_what_is_live_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("keyring");
    let store = KeyStore::embedded(&folder).unwrap();
    let keyring = keyring(&store).await;
    let value = sealed(&keyring, order()).await;
    for name in ["keyring.new", "keyring.old"] {
        // A file where a folder belongs.
        let blocks = data.path().join(name);
        fs::write(&blocks, "in the way").unwrap();
        let refused = keyring.let_go().await;
        assert!(matches!(refused, Err(KeyringError::Away(_))), "{name}: {refused:?}");
        assert!(opens(&keyring, &value).await && opens(&keyring, &sealed(&keyring, order()).await).await);
        fs::remove_file(&blocks).unwrap();
        keyring.let_go().await.unwrap();
        assert!(opens(&keyring, &value).await);
    }
}
