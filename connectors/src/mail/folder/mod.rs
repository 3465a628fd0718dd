//! Mails as files in the data folder, for a Feira that has no server of mail: a person opens them in any mail program.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use feira_schemas::{ids::TenantId, sealed::Subject};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{
    error::MailError,
    message::Message,
    outcome::{NotSent, Outcome},
};

/// A folder of mail files. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct FolderMail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// Held while files are written or taken away: a mail that comes while its subject is forgotten comes before or after.
    changing: Mutex<()>,
}

impl FolderMail {
    pub(super) fn new(folder: &Path) -> Self {
        Self(Arc::new(Inner { folder: folder.to_owned(), changing: Mutex::new(()) }))
    }

    /// The file of a mail: one that is sent again takes the place of the one before.
    pub(super) fn file(&self, message: &Message) -> PathBuf {
        self.of_subject(message.tenant, message.subject_of).join(format!("{}.eml", message.effect))
    }

    /// Writes a mail's file, whole or not at all; it is on the disk once this returns [`Outcome::Sent`].
    pub(super) async fn put(&self, message: &Message, mail: Zeroizing<String>) -> Outcome {
        let file = self.file(message);
        match self.changed(move |folder| write(folder, &file, mail.as_bytes())).await {
            Ok(()) => Outcome::Sent,
            Err(error) => {
                tracing::error!(%error, "a mail file can't be written");
                Outcome::NotSent(NotSent::Folder)
            }
        }
    }

    pub(super) async fn forget(&self, tenant: TenantId, subject: Subject) -> Result<(), MailError> {
        let files = self.of_subject(tenant, subject);
        self.changed(move |folder| remove(folder, &files)).await
    }

    fn of_subject(&self, tenant: TenantId, subject: Subject) -> PathBuf {
        // A subject's text has a colon, which other systems' folders can't have.
        let name = format!("{}-{}", subject.kind().name(), subject.id());
        self.0.folder.join(tenant.to_string()).join(name)
    }

    async fn changed(&self, change: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> Result<(), MailError> {
        let inner = Arc::clone(&self.0);
        let done = spawn_blocking(move || {
            let _one = inner.changing.lock().unwrap_or_else(PoisonError::into_inner);
            change(&inner.folder)
        });
        let done = done.await.unwrap_or_else(|ended| Err(io::Error::other(ended)));
        done.map_err(|error| MailError::of_folder(&self.0.folder, &error))
    }
}

/// Writes a file beside its place and moves it there, for its owner alone, and brings both and the folders above to the disk.
fn write(folder: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    let below = parent(file)?;
    DirBuilder::new().recursive(true).mode(0o700).create(below)?;
    // What an interrupted writing has left is overwritten by the next.
    let beside = file.with_extension("new");
    let mut open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    open.write_all(bytes)?;
    open.sync_all()?;
    fs::rename(&beside, file)?;
    sync_up(below, folder)
}

/// Takes a subject's folder away with all that lies in it, also what an interrupted writing has left.
fn remove(folder: &Path, files: &Path) -> io::Result<()> {
    match fs::remove_dir_all(files) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match sync_up(parent(files)?, folder) {
        // No mail of this tenant was ever written.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        synced => synced,
    }
}

/// Brings a folder's entries to the disk, and those of every folder above it up to the one that holds `top`: each may be new.
fn sync_up(from: &Path, top: &Path) -> io::Result<()> {
    for folder in from.ancestors().take_while(|folder| folder.starts_with(top)) {
        File::open(folder)?.sync_all()?;
    }
    match top.parent().filter(|above| !above.as_os_str().is_empty()) {
        Some(above) => File::open(above)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::other("a path without a folder"))
}
