//! Mails, as every context asks for them that has something to say to a person: wanted by an event, closed by the report of who sends.
//! Nothing here is sent or opened.

use feira_schemas::{
    ids::{EffectId, Micros},
    records::{
        common::Outcome,
        mails::{Mail, MailDone, MailEvent, MailFact, MailOutcome, MailTemplate, MailWanted, ReportMail, SaysMails},
    },
    row::{Stored, Write},
    rows::mails::{OpenMail, WantedMail},
    sealed::{Email, PersonName, Sealed},
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Rows, Shown};

/// The name that mails of a shop are from whose own is not known yet.
pub const PLATFORM_NAME: &str = "Feira";

/// A mail that a decision asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// The matter of it.
    pub template: MailTemplate,
    /// The address that it goes to, sealed of whom the mail is about.
    pub recipient: Sealed<Email>,
    /// The recipient's name.
    pub recipient_name: Option<Sealed<PersonName>>,
    /// The address that answers go to; none: the platform's own.
    pub reply_to: Option<Sealed<Email>>,
    /// The name that it is from; none: the platform's.
    pub shop_name: Option<String>,
    /// The facts that its words take, by their names.
    pub facts: Vec<(&'static str, String)>,
    /// The time from which on it is not sent.
    pub not_after: Micros,
}

/// Asks for a mail, and gives its id: the same decision asks for the same mail.
pub fn want<E: SaysMails>(decision: &mut Decision<E>, context: &DecisionContext, mail: NewMail) -> EffectId {
    let mail_id = context.mail_id(decision.events.len());
    let facts = mail.facts.into_iter().map(|(name, value)| MailFact { name: name.to_owned(), value });
    let mail = Mail {
        mail_id,
        template: mail.template,
        recipient: mail.recipient,
        recipient_name: mail.recipient_name,
        reply_to: mail.reply_to,
        shop_name: mail.shop_name.unwrap_or_else(|| PLATFORM_NAME.to_owned()),
        facts: facts.collect(),
        wanted_at: context.now,
        not_after: mail.not_after,
    };
    decision.event(EntityVersion::new(mail_id, 1), |meta| MailWanted { meta, mail });
    mail_id
}

/// Closes a mail by what became of it. A mail that is closed, or was never asked for, is left as it is: who sends has done it twice.
/// `shown` is what answers show of a mail.
pub(crate) fn report<E: SaysMails, R: Stored>(
    command: &ReportMail,
    shown: Shown,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<E> {
    let is_open = rows.get::<R>(WantedMail::at(command.meta.tenant_id, command.mail_id))?.is_some();
    if !is_open || command.outcome == MailOutcome::Unknown {
        return Ok(Decision::unchanged(context, shown));
    }
    let (mail_id, outcome, why) = (command.mail_id, command.outcome, command.why.clone());
    let mut decision = Decision::new(context);
    decision.answer(Outcome::Updated, EntityVersion::new(mail_id, 2), |meta| MailDone { meta, mail_id, outcome, why });
    Ok(decision)
}

/// The row of a mail after an event of it.
pub(crate) fn row<R: Stored + From<WantedMail>>(event: MailEvent<'_>) -> Write {
    match event {
        MailEvent::Wanted(MailWanted { meta, mail }) => {
            Write::put(R::from(WantedMail { tenant_id: meta.tenant_id, mail: mail.clone() }), meta.write_ts)
        }
        MailEvent::Done(MailDone { meta, mail_id, .. }) => {
            Write::delete::<R>(WantedMail::at(meta.tenant_id, *mail_id), meta.write_ts)
        }
    }
}

/// The row by which who sends finds a mail that is open in a partition, after an event of it.
pub(crate) fn open_row<R: Stored + From<OpenMail>>(event: MailEvent<'_>, partition: u32) -> Write {
    match event {
        MailEvent::Wanted(MailWanted { meta, mail }) => {
            let (partition, tenant_id) = (i64::from(partition), meta.tenant_id);
            Write::put(R::from(OpenMail { partition, mail_id: mail.mail_id, tenant_id }), meta.write_ts)
        }
        MailEvent::Done(MailDone { meta, mail_id, .. }) => {
            Write::delete::<R>(OpenMail::at(partition, *mail_id), meta.write_ts)
        }
    }
}
