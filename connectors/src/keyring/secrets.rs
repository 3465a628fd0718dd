//! The secrets of the deployment ([`Secrets`]), as a process starts with them: of the configuration, or of the data folder. What tells
//! each from another under its id is kept beside the data keys, so that a lost or wrong one is known at the start, and not when nobody
//! is found by his e-mail address any more.

use std::path::Path;

use feira_schemas::{
    rows::keyring::SecretRow,
    secret::Secret,
    secrets::{INDEX, Secrets},
};
use zeroize::Zeroizing;

use super::{KeyStore, KeyringError, Sources, key::Key, key_file};
use crate::random::Random;

/// The file's name in the data folder.
pub const SECRETS_FILE: &str = "secrets.key";

/// The place that secrets come from.
#[derive(Debug)]
pub enum SecretsFrom<'a> {
    /// The configuration has them.
    Configuration(Secrets),
    /// They are in `secrets.key` of this data folder, which is made once.
    Folder(&'a Path),
}

/// The secrets from there, which every process on this store has as well. Refused, with what to do, where the store knows another
/// secret under one's id, or where the file that the store knows is gone.
pub async fn secrets(store: &KeyStore, from: SecretsFrom<'_>, sources: &Sources) -> Result<Secrets, KeyringError> {
    let known = store.secrets().await?;
    let secrets = match from {
        SecretsFrom::Configuration(secrets) => secrets,
        SecretsFrom::Folder(data) => of_folder(data, &known, &sources.random)?,
    };
    // The others first: a store that is not of these secrets is left as it is.
    refuse_others(&known, &secrets)?;
    let is_new = |id: &str| known.iter().all(|row| row.secret_id != id);
    let made_at = sources.clock.now();
    let new: Vec<SecretRow> = secrets
        .fingerprints()
        .filter(|(id, _)| is_new(id))
        .map(|(id, fingerprint)| SecretRow { secret_id: id.to_owned(), fingerprint, made_at })
        .collect();
    if !new.is_empty() {
        store.put_secrets(&new).await?;
        // Another process may have written at the same time, of another secret.
        refuse_others(&store.secrets().await?, &secrets)?;
    }
    Ok(secrets)
}

fn refuse_others(known: &[SecretRow], secrets: &Secrets) -> Result<(), KeyringError> {
    let mut of_these = secrets.fingerprints();
    let other = of_these
        .find(|(id, fingerprint)| known.iter().any(|row| row.secret_id == *id && row.fingerprint != *fingerprint));
    let Some((id, _)) = other else { return Ok(()) };
    let what = match id {
        INDEX => {
            "what is sealed would not be found any more: put that one back, since nothing makes it anew under another"
        }
        _ => "put that one back, and give a new secret an id of its own",
    };
    Err(KeyringError::Refused(format!(
        "FEIRA_SECRETS (embedded: {SECRETS_FILE}) has another secret under {id:?} than the processes before this one had; {what}"
    )))
}

fn of_folder(data: &Path, known: &[SecretRow], random: &Random) -> Result<Secrets, KeyringError> {
    let path = data.join(SECRETS_FILE);
    let text = match key_file::read(&path)? {
        Some(text) => text,
        None if known.iter().any(|row| row.secret_id == INDEX) => {
            return Err(KeyringError::Refused(format!(
                "{} is gone, and without what it held nothing sealed is found any more: put the file back from a copy, or set \
                 FEIRA_SECRETS to what it held",
                path.display()
            )));
        }
        None => {
            let text = drawn(random);
            key_file::make(&path, &text)?;
            text
        }
    };
    Secrets::parse(&Secret::from(text.trim()))
        .map_err(|error| KeyringError::Refused(format!("{} does not hold secrets: {error}", path.display())))
}

/// Secrets that nobody can guess, as the file has them.
fn drawn(random: &Random) -> Zeroizing<String> {
    let mut id = [0; 4];
    random(&mut id);
    let (index, signer) = (Key::random(random).to_hex(), Key::random(random).to_hex());
    Zeroizing::new(format!("{INDEX}:{},{}:{}\n", index.as_str(), hex::encode(id), signer.as_str()))
}
