//! The folder of the live store, and what lies beside it while another store takes its place.
//!
//! | beside `keyring` | is |
//! |---|---|
//! | `keyring.lock` | locked by the process that has the keyring open |
//! | `keyring.new` | a copy that is being made; nothing lies there that is not in the live store as well |
//! | `keyring.old` | the store that was live before the copy took its place, until it is deleted |
//!
//! A copy takes the place of the live store by two renamings. Whatever a crash leaves, the next start finds one whole store
//! ([`settle`]): nothing was written to a copy alone, so until the second renaming the former store is as good.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::keyring::KeyringError;

/// The folder of a copy that is being made.
pub(super) fn new(folder: &Path) -> PathBuf {
    beside(folder, ".new")
}

fn old(folder: &Path) -> PathBuf {
    beside(folder, ".old")
}

fn beside(folder: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(folder.file_name().unwrap_or_default());
    name.push(end);
    folder.with_file_name(name)
}

/// True if an embedded keyring lies in this folder, or did when the machine went down while another store took its place.
pub fn is_there(folder: &Path) -> bool {
    [folder, &old(folder), &new(folder)].into_iter().any(Path::exists)
}

/// Keeps every other process from the folder, and from what lies beside it, until the file is dropped.
pub(super) fn lock(folder: &Path) -> Result<File, KeyringError> {
    let path = beside(folder, ".lock");
    let away = |error: io::Error| KeyringError::Away(format!("{}: {error}", path.display()));
    if let Some(parent) = parent(folder) {
        fs::create_dir_all(parent).map_err(away)?;
    }
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(away)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(away(error)),
        Err(TryLockError::WouldBlock) => Err(in_use(folder)),
    }
}

/// The error of a folder that another process has open.
pub(super) fn in_use(folder: &Path) -> KeyringError {
    KeyringError::Refused(format!("{} is open in another process; stop that one first", folder.display()))
}

/// Ends what a crash has interrupted: afterwards the live store lies in its folder, if there is one. What lies beside it is of no use any
/// more once that was opened ([`remove_beside`]).
pub(super) fn settle(folder: &Path) -> Result<(), KeyringError> {
    let (new, old) = (new(folder), old(folder));
    if !folder.exists() && !old.exists() && new.exists() {
        return Err(KeyringError::Corrupt(format!(
            "{} is gone, and {} may be no whole copy of it: put a copy of the keyring back, or delete the latter where there never was one",
            folder.display(),
            new.display()
        )));
    }
    if !folder.exists() && old.exists() {
        rename(&old, folder).map_err(|error| KeyringError::Away(format!("{}: {error}", folder.display())))?;
    }
    Ok(())
}

/// Puts the copy in the place of the live store. Nobody may have either of them open.
pub(super) fn swap(folder: &Path) -> io::Result<()> {
    rename(folder, &old(folder))?;
    rename(&new(folder), folder)
}

/// Deletes the store that was live before, and a copy that was not ended.
pub(super) fn remove_beside(folder: &Path) -> io::Result<()> {
    remove_new(folder)?;
    remove(&old(folder))
}

/// Deletes a copy that was not ended.
pub(super) fn remove_new(folder: &Path) -> io::Result<()> {
    remove(&new(folder))
}

/// Brings every file and folder below this one to the disk, and it.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { sync(&path)? } else { File::open(path)?.sync_all()? }
    }
    File::open(folder)?.sync_all()
}

/// Renames a folder, which is on the disk once this returns: the next renaming must not reach it before this one.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_parent(to)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_parent(folder),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path).unwrap_or(Path::new(".")))?.sync_all()
}

fn parent(path: &Path) -> Option<&Path> {
    path.parent().filter(|parent| !parent.as_os_str().is_empty())
}
