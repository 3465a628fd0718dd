//! One mail, as whoever has something to say hands it over.

use std::fmt;

use feira_schemas::{
    ids::{EffectId, TenantId},
    limits::NAME_CHARS,
    sealed::{Email, PersonName, Subject},
    text::{Lines, forbidden},
};
use zeroize::Zeroizing;

use super::outcome::Unfit;

/// Bytes of a mail's text: some thirty pages, which nobody reads in a mail.
pub const TEXT_BYTES: usize = 64 << 10;
/// Bytes of a mail's HTML. Gmail cuts what it shows at 102 KB, and a table of 50 lines with its styles needs some 60.
pub const HTML_BYTES: usize = 256 << 10;

/// A mail to one person. What it holds is opened: nobody keeps it but as the mail itself, and its `Debug` shows ids alone.
#[derive(Clone)]
pub struct Message {
    /// The shop that writes, or the platform.
    pub tenant: TenantId,
    /// The effect that this mail is. The mail's Message-ID is made of it, so that a mail that comes twice is known as one.
    pub effect: EffectId,
    /// Whom the mail is about: an erasing names it, and takes the mail's file along.
    pub subject_of: Subject,
    /// The name that the mail is from: the shop's, or the platform's.
    pub shop_name: String,
    /// The address that answers go to; `None`: the platform's own.
    pub reply_to: Option<Email>,
    /// The recipient's address.
    pub to: Email,
    /// The recipient's name.
    pub to_name: Option<PersonName>,
    /// The subject line.
    pub title: Zeroizing<String>,
    /// All that the mail says, as plain text: up to [`TEXT_BYTES`].
    pub text: Zeroizing<String>,
    /// The same as an HTML document: up to [`HTML_BYTES`].
    pub html: Zeroizing<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("tenant", &self.tenant)
            .field("effect", &self.effect)
            .field("subject_of", &self.subject_of)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// Refuses what can't stand in a mail, but for addresses: a line break in a name or the title would begin a header of its own.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        line("shop_name", &self.shop_name)?;
        line("title", &self.title)?;
        // Names take no line breaks when they are typed; what was sealed is opened without asking again.
        if let Some(name) = &self.to_name {
            line("to_name", name.expose())?;
        }
        lines("text", &self.text, TEXT_BYTES)?;
        lines("html", &self.html, HTML_BYTES)
    }
}

/// Refuses what is not one line of up to [`NAME_CHARS`] characters.
fn line(field: &'static str, text: &str) -> Result<(), Unfit> {
    let refused = |why| Err(Unfit { field, why });
    if text.trim().is_empty() {
        return refused("is empty");
    }
    // One word of these is not folded, and a line of a mail has 998 characters at most (RFC 5322, 2.1.1).
    if text.chars().count() > NAME_CHARS {
        return refused("has more than 255 characters");
    }
    if forbidden(text, Lines::One).is_some() {
        return refused("has a line break or another control character");
    }
    Ok(())
}

fn lines(field: &'static str, text: &str, most: usize) -> Result<(), Unfit> {
    let refused = |why| Err(Unfit { field, why });
    if text.trim().is_empty() {
        return refused("is empty");
    }
    if text.len() > most {
        return refused("is longer than a mail's may be");
    }
    if forbidden(text, Lines::Several).is_some() {
        return refused("has a control character");
    }
    Ok(())
}
