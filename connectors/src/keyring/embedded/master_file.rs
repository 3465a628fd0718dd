//! The master key of a data folder, where the configuration has none: `master.key`, made once.

use std::path::Path;

use feira_schemas::secret::Secret;
use zeroize::Zeroizing;

use crate::{
    keyring::{KeyringError, MasterKeys, embedded::is_there, key::Key, key_file},
    random::Random,
};

/// The file's name in the data folder.
pub const MASTER_FILE: &str = "master.key";

/// The master keys that `master.key` of this data folder holds, written as in `FEIRA_MASTER_KEY`. Where there is no such file and
/// `keys`, the keyring's folder, is not there either, the file is made with one key: readable by its owner alone, and on the disk
/// before anything is wrapped. Refused where the file alone is gone, since another key would open nothing.
pub fn master_keys(data: &Path, keys: &Path, random: &Random) -> Result<MasterKeys, KeyringError> {
    let path = data.join(MASTER_FILE);
    let text = match key_file::read(&path)? {
        Some(text) => text,
        None if is_there(keys) => {
            return Err(KeyringError::Refused(format!(
                "{} is gone, and {} holds keys that it alone opens: put the file back from a copy, or set FEIRA_MASTER_KEY to what it held",
                path.display(),
                keys.display()
            )));
        }
        None => {
            let text = drawn(random);
            key_file::make(&path, &text)?;
            text
        }
    };
    MasterKeys::parse(&Secret::from(text.trim()))
        .map_err(|error| KeyringError::Refused(format!("{} does not hold master keys: {error}", path.display())))
}

/// A ring of one key that nobody can guess, as the file has it.
fn drawn(random: &Random) -> Zeroizing<String> {
    let mut id = [0; 4];
    random(&mut id);
    Zeroizing::new(format!("{}:{}\n", hex::encode(id), Key::random(random).to_hex().as_str()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

    use super::*;

    #[test]
    fn the_file_is_made_once_for_its_owner_alone_and_never_in_place_of_one_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (data, keys) = (folder.path(), folder.path().join("keyring"));
        let random: Random = Arc::new(|bytes: &mut [u8]| bytes.fill(7));
        fs::write(data.join("master.new"), "what an interrupted start has left").unwrap();
        let made = master_keys(data, &keys, &random).unwrap();
        assert_eq!(made.ids().collect::<Vec<_>>(), ["07070707"]);
        let path = data.join(MASTER_FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("07070707:{}\n", "07".repeat(Key::BYTES)));
        assert!(!data.join("master.new").exists());

        fs::create_dir(&keys).unwrap();
        let other: Random = Arc::new(|bytes: &mut [u8]| bytes.fill(8));
        assert_eq!(master_keys(data, &keys, &other).unwrap().ids().collect::<Vec<_>>(), ["07070707"]);
        fs::remove_file(&path).unwrap();
        let gone = master_keys(data, &keys, &other).unwrap_err().to_string();
        assert!(gone.contains("master.key is gone") && gone.contains("FEIRA_MASTER_KEY") && !path.exists(), "{gone}");
        fs::write(&path, "a:0").unwrap();
        let wrong = master_keys(data, &keys, &other).unwrap_err().to_string();
        assert!(wrong.contains("does not hold master keys"), "{wrong}");
    }
}
