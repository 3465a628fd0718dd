//! The mail port: mails that a shop or the platform writes to one person each, as text and HTML.
//!
//! A mail is from the platform's address under the shop's name, and answers go to the shop's. What its Message-ID is made of is the
//! effect that it is, and its bytes follow from the message and the time alone, so that a mail that was sent twice, since nobody knew
//! what had become of it, is known as one. What became of a sending is an [`Outcome`], which says what may be done next; the port
//! itself repeats nothing.
//!
//! Nobody keeps an opened value but the mail itself: its file lies below its subject, and leaves with it ([`Mail::forget`]).

mod dkim;
mod error;
mod folder;
mod letter;
mod message;
mod outcome;
mod settings;
mod smtp;
mod words;

use std::{path::Path, sync::Arc};

use feira_schemas::{ids::TenantId, sealed::Subject, time::Micros};

use self::letter::Letters;
pub use self::{
    error::MailError,
    folder::FolderMail,
    message::{HTML_BYTES, Message, TEXT_BYTES},
    outcome::{NotSent, Outcome, Refused, Status, Unfit, Unknown},
    settings::{DkimSettings, MailSettings, SmtpLimits, SmtpSecurity, SmtpSettings},
    smtp::SmtpMail,
};

/// Takes mails: a folder, or a server. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Mail {
    letters: Arc<Letters>,
    way: Way,
}

/// The way that mails go.
#[derive(Clone, Debug)]
enum Way {
    /// Into files of the data folder.
    Folder(FolderMail),
    /// To a server, which sends them on.
    Smtp(SmtpMail),
}

impl Mail {
    /// Mails as `.eml` files in this folder, which is made with the first of them: `<tenant>/<kind>-<id>/<effect>.eml` for the kind
    /// and id of the subject.
    pub fn folder(folder: &Path, settings: &MailSettings) -> Result<Self, MailError> {
        let letters = Arc::new(Letters::new(settings)?);
        Ok(Self { letters, way: Way::Folder(FolderMail::new(folder)) })
    }

    /// Mails by a server. Nothing is asked yet: whether the settings lead to one shows in the first sending.
    pub fn smtp(server: &SmtpSettings, settings: &MailSettings) -> Result<Self, MailError> {
        let letters = Arc::new(Letters::new(settings)?);
        let smtp = SmtpMail::new(server, letters.domain())?;
        Ok(Self { letters, way: Way::Smtp(smtp) })
    }

    /// Sends a mail once. `at` is the time that it says it is of: who sends it again gives the same, and sends the same bytes.
    ///
    /// A call that is dropped may have sent it, like one with an [`Outcome::Unknown`].
    pub async fn send(&self, message: &Message, at: Micros) -> Outcome {
        let outcome = match self.letters.write(message, at) {
            Err(unfit) => Outcome::Refused(Refused::Message(unfit)),
            Ok(mail) => match &self.way {
                Way::Folder(folder) => folder.put(message, mail).await,
                Way::Smtp(smtp) => smtp.send(self.letters.from(), message.to.expose(), &mail).await,
            },
        };
        metrics::counter!("feira_mails_total", "outcome" => outcome.kind()).increment(1);
        outcome
    }

    /// Takes away every file of a subject's mails, which is on the disk once this returns. Repeating it is harmless, and the right
    /// thing to do after an error. What a server was given can't be taken back.
    pub async fn forget(&self, tenant: TenantId, subject: Subject) -> Result<(), MailError> {
        match &self.way {
            Way::Folder(folder) => folder.forget(tenant, subject).await,
            Way::Smtp(_) => Ok(()),
        }
    }

    /// The place that a mail goes to, for people: its file, or the server.
    pub fn place(&self, message: &Message) -> String {
        match &self.way {
            Way::Folder(folder) => folder.file(message).display().to_string(),
            Way::Smtp(smtp) => smtp.to_string(),
        }
    }

    /// The Message-ID of a mail, in its brackets.
    pub fn message_id(&self, message: &Message) -> String {
        self.letters.id(message.effect)
    }
}
