//! Files of the data folder that keep keys where the configuration has none: made once, readable by their owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use zeroize::Zeroizing;

use super::KeyringError;

/// The file's text; `None` where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Zeroizing<String>>, KeyringError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(away(path, &error)),
    }
}

/// Makes the file, whole or not at all; it is on the disk once this returns.
pub(super) fn make(path: &Path, text: &str) -> Result<(), KeyringError> {
    written(path, text).map_err(|error| away(path, &error))
}

fn written(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    // What an interrupted start has left is nobody's key.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn away(path: &Path, error: &io::Error) -> KeyringError {
    KeyringError::Away(format!("{}: {error}", path.display()))
}
