//! Mails that contexts ask for, and what became of them. Any context may say these events, and be told by this command: each that does
//! names them in its sets ([`SaysMails`]).

use serde::{Deserialize, Serialize};

use super::{
    EventSet,
    common::{CommandMeta, EventMeta},
};
use crate::{
    ids::{EffectId, Micros},
    sealed::{Email, PersonName, Sealed},
};

/// The matter of a mail: each has its words, and the facts that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MailTemplate {
    /// `ACCOUNT_BROKEN`: nothing is charged by an account at a gateway until somebody mends it. Facts: `account` (its name), `gateway`,
    /// `why` (one word of the closed list).
    AccountBroken,
    /// `STAFF_INVITED`: somebody is invited to a staff. Whoever sends makes the link by which it chooses its
    /// password, of the recipient's subject, which is the member, and of the facts `link_version` and `until`
    /// (microseconds since 1970).
    StaffInvited,
    /// `STAFF_PASSWORD`: a member chooses another password, by a link that is made in the same way of the same facts.
    StaffPassword,
    /// `SHOP_OPENED`: a shop is open, and its first administrator chooses its password, by a link that is made in the same way of the same
    /// facts. Further facts: `subdomain`, `plan` (its name).
    ShopOpened,
    /// `SIGNUP_CODE`: a subscription waits for a Pix or a boleto. Facts: `method` (`pix`, `boleto`), `code` (the Pix code or the line of the
    /// boleto), `amount` (centavos), `until` (microseconds since 1970), `plan`, `subscription` (its id: whoever sends makes the link to its page).
    SignupCode,
    /// `SIGNUP_NAME_LOST`: a subscription is paid, and its name went to another: it wants another name. Facts: `subdomain`, `plan`,
    /// `subscription` (its id: whoever sends makes the link to its page).
    SignupNameLost,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A fact that a mail's words take, in clear: nothing that a person typed about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFact {
    /// The template's name of it.
    pub name: String,
    /// The text.
    pub value: String,
}

/// A mail that a shop or the platform writes to one person. Its bytes are made of this alone, and of the deployment's
/// secrets where it has a link, so that one that is sent again is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The effect that the mail is: its Message-ID is made of it.
    pub mail_id: EffectId,
    /// The matter of it.
    pub template: MailTemplate,
    /// The address that it goes to. Its subject is whom the mail is about: who erases that one takes the mail's file along.
    pub recipient: Sealed<Email>,
    /// The recipient's name.
    #[serde(default)]
    pub recipient_name: Option<Sealed<PersonName>>,
    /// The address that answers go to; null: the platform's own.
    #[serde(default)]
    pub reply_to: Option<Sealed<Email>>,
    /// The name that it is from: the shop's, or the platform's.
    pub shop_name: String,
    /// The facts that its words take.
    #[serde(default)]
    pub facts: Vec<MailFact>,
    /// The time at which it was asked for: the mail says that it is of this one.
    pub wanted_at: Micros,
    /// The time from which on it is not sent.
    pub not_after: Micros,
}

impl Mail {
    /// The fact of this name; empty where there is none.
    pub fn fact(&self, name: &str) -> &str {
        self.facts.iter().find(|fact| fact.name == name).map_or("", |fact| fact.value.as_str())
    }
}

/// The end of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MailOutcome {
    /// `SENT`: a server answers for it, or its file is on the disk.
    Sent,
    /// `REFUSED`: nobody takes it, and would not if it were sent again.
    Refused,
    /// `ERASED`: the recipient was erased before it was sent.
    Erased,
    /// `EXPIRED`: its time was over before anybody has taken it for sure.
    Expired,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

impl MailOutcome {
    /// The word of it in logs, metrics and the ids of reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Erased => "erased",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }
}

/// A mail is to be sent, at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailWanted {
    /// Id, shop, cause and time of the event. The aggregate is the mail.
    pub meta: EventMeta,
    /// The mail.
    pub mail: Mail,
}

/// A mail is not to be sent any more: it was, or never will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDone {
    /// Id, shop, cause and time of the event. The aggregate is the mail.
    pub meta: EventMeta,
    /// The mail.
    pub mail_id: EffectId,
    /// The end of it.
    pub outcome: MailOutcome,
    /// The reason for which it was not taken, in a server's numbers or our own words; null where it was.
    #[serde(default)]
    pub why: Option<String>,
}

/// A runner says what became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMail {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The mail.
    pub mail_id: EffectId,
    /// The end of it.
    pub outcome: MailOutcome,
    /// The reason for which it was not taken, in a server's numbers or our own words; null where it was.
    #[serde(default)]
    pub why: Option<String>,
}

/// An event of a mail, of whatever context.
#[derive(Debug, Clone, Copy)]
pub enum MailEvent<'a> {
    /// A mail is to be sent.
    Wanted(&'a MailWanted),
    /// A mail is not to be sent any more.
    Done(&'a MailDone),
}

/// A set of events that has those of mails.
pub trait SaysMails: EventSet + From<MailWanted> + From<MailDone> {
    /// The event of a mail; `None` where this is another.
    fn as_mail(&self) -> Option<MailEvent<'_>>;
}
