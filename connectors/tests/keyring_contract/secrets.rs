//! The secrets of a deployment: which of them a process may start with, and the file that keeps them where nobody has set them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use feira_connectors::keyring::{KeyStore, KeyringError, SECRETS_FILE, SecretsFrom, secrets};
use feira_schemas::secrets::{Purpose, Secrets, Term};

use crate::bed::{Clocks, Place, START, hex_of, tenant};

/// The secrets with these ids; `id=other` has another key under its id.
fn of(ids: &[&str]) -> Secrets {
    let entry = |id: &&str| format!("{}:{}", id.split('=').next().unwrap(), hex_of(id));
    Secrets::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
}

async fn start(store: &KeyStore, ids: &[&str]) -> Result<Secrets, String> {
    match secrets(store, SecretsFrom::Configuration(of(ids)), &Clocks::new().sources()).await {
        Err(KeyringError::Refused(why)) => Err(why),
        other => Ok(other.unwrap()),
    }
}

#[tokio::test]
async fn another_secret_under_a_known_id_is_said_at_the_start() {
    for place in Place::each() {
        drop(place.keyring().await);
        let store = place.store().await;
        assert_eq!(start(&store, &["index", "a"]).await.unwrap(), of(&["index", "a"]));
        // Another process, and a rotation of what signs.
        for ids in [&["index", "a"][..], &["index", "a", "b"], &["index", "b"], &["b", "index", "c"]] {
            start(&store, ids).await.unwrap();
        }
        let (signer, index) = (start(&store, &["index", "a=x"]).await, start(&store, &["index=x", "a", "d"]).await);
        let (signer, index) = (signer.unwrap_err(), index.unwrap_err());
        assert!(signer.contains("another secret under \"a\"") && signer.contains("an id of its own"), "{signer}");
        assert!(index.contains("another secret under \"index\"") && index.contains("put that one back"), "{index}");
        for why in [&signer, &index] {
            assert!(!why.contains(&hex_of("a=x")) && !why.contains(&hex_of("index=x")) && !why.contains('\n'), "{why}");
        }
        // Whoever was refused has left nothing behind.
        start(&store, &["index", "d=x"]).await.unwrap();
        drop(store);
        // Nor do data keys and secrets know anything of each other.
        drop(place.keyring().await);
    }
}

async fn of_folder(store: &KeyStore, data: &Path) -> Result<Secrets, String> {
    match secrets(store, SecretsFrom::Folder(data), &Clocks::new().sources()).await {
        Err(KeyringError::Refused(why)) => Err(why),
        other => Ok(other.unwrap()),
    }
}

#[tokio::test]
async fn a_folder_has_secrets_of_its_own_made_once_and_never_in_place_of_those_that_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (data, path) = (folder.path(), folder.path().join(SECRETS_FILE));
    let store = KeyStore::embedded(&data.join("keyring")).unwrap();
    fs::write(data.join("secrets.new"), "what an interrupted start has left").unwrap();
    let made = of_folder(&store, data).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!data.join("secrets.new").exists());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(Secrets::parse(&text.trim().into()).unwrap(), made);
    assert_eq!(of_folder(&store, data).await.unwrap(), made);

    // Somebody adds a secret: it signs, and what was signed and found before is verified and found.
    let (token, tenant) = (made.sign(Purpose::Form, &[b"x"], None), tenant());
    fs::write(&path, format!("{},b:{}\n", text.trim(), hex_of("b"))).unwrap();
    let rotated = of_folder(&store, data).await.unwrap();
    assert!(rotated.sign(Purpose::Form, &[], None).starts_with("b."));
    assert_eq!(rotated.verify(Purpose::Form, &[b"x"], &token, START), Ok(()));
    assert_eq!(rotated.term(Term::Email, tenant, "a@b.c"), made.term(Term::Email, tenant, "a@b.c"));

    fs::remove_file(&path).unwrap();
    let gone = of_folder(&store, data).await.unwrap_err();
    assert!(gone.contains("secrets.key is gone") && gone.contains("FEIRA_SECRETS") && !path.exists(), "{gone}");
    fs::write(&path, format!("a:{}", hex_of("a"))).unwrap();
    let wrong = of_folder(&store, data).await.unwrap_err();
    assert!(wrong.contains("does not hold secrets") && wrong.contains("index"), "{wrong}");
}
