//! Errors of the mail port (`MailError`), each variant named after what the caller should do about it. What becomes of a mail is no
//! error but an [`Outcome`](super::Outcome).

use std::{io, path::Path};

/// A port that can't be used, or files of a subject that are not gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The settings can't be used; the text says what to do. Repeating changes nothing.
    #[error("mail can't be sent as it is set: {0}")]
    Refused(String),
    /// The folder of mail files doesn't let itself be changed; repeat later.
    #[error("the folder of mail files is unavailable (repeat later): {0}")]
    Unavailable(String),
}

impl MailError {
    /// The error of a folder, with its path and the system's words.
    pub(super) fn of_folder(folder: &Path, error: &io::Error) -> Self {
        Self::Unavailable(format!("{}: {error}", folder.display()))
    }
}
