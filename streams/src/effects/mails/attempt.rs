//! One mail: whether it is still open, its words, the sending, and the command that says what became of it.

use fail::fail_point;
use feira_connectors::mail::{Message, Outcome};
use feira_contexts::Decider;
use feira_schemas::{
    ids::{CommandId, Micros, TenantId},
    records::{
        common::CommandMeta,
        mails::{Mail, MailEvent, MailOutcome, ReportMail, SaysMails},
    },
    row::{RowKey, Stored, Write},
    rows::{mails::WantedMail, platform::MailTryRow},
    time::{HOUR, MINUTE},
    topics::{Context, Position},
};

use super::{
    Letter, Mails, Sender,
    words::{self, Wordless},
};
use crate::effects::{
    Attempted, Away, Effect, Errand, Open,
    opening::{NotOpened, open, open_some},
    said,
};

const SECOND: Micros = 1_000_000;
/// The waits behind the first tries in vain; behind each later one it is the last.
const AGAIN_AFTER: [Micros; 4] = [5 * SECOND, 20 * SECOND, 80 * SECOND, 5 * MINUTE];
/// The rest of what is sealed while the keyring is away.
const KEYRING_AWAY: Micros = 5 * SECOND;
/// The rest of what only a person can mend, or a newer program.
const FOR_A_PERSON: Micros = HOUR;

/// The end of a turn of a mail.
enum Turn {
    /// It is not to be sent any more, for this reason.
    Ended(MailOutcome, Option<String>),
    /// It is to have another turn at this time.
    Rests(Micros),
}

impl<S: Sender> Effect for Mails<S> {
    const GROUP: &'static str = S::GROUP;
    const SOURCE: Context = S::Context::CONTEXT;
    /// Servers count connections of one client, and close those beyond a dozen or two.
    const AT_ONCE: usize = 8;
    /// One shop's many mails leave room for the others'.
    const PER_SHOP: usize = 4;
    type Event = <S::Context as Decider>::Event;
    type Wanted = Letter;
    const OPEN: Option<Open<Letter>> = Some(Self::ROWS);

    fn wanted(event: &Self::Event) -> Vec<Letter> {
        match event.as_mail() {
            Some(MailEvent::Wanted(event)) => vec![Letter { tenant: event.meta.tenant_id, mail: event.mail.mail_id }],
            Some(MailEvent::Done(_)) | None => Vec::new(),
        }
    }

    fn away(&self) -> &Away {
        &self.away
    }

    async fn attempt(&self, errand: Errand<Letter>, _: bool) -> Attempted {
        let Letter { tenant, mail } = errand.wanted;
        let at = Position {
            context: S::Context::CONTEXT,
            partition: errand.named.partition,
            write_ts: errand.named.write_ts,
        };
        said::shown(&self.platform, &self.away, S::GROUP, at).await;
        let Some(row) = self.row::<S::Mail>(&WantedMail::at(tenant, mail)).await else { return Attempted::Done };
        let row: WantedMail = row.into();
        match self.turn(tenant, &row.mail).await {
            Turn::Ended(outcome, why) => {
                fail_point!("mails::before_report");
                self.report(tenant, &row.mail, outcome, why).await;
                Attempted::Done
            }
            Turn::Rests(due) => Attempted::At(due),
        }
    }
}

impl<S: Sender> Mails<S> {
    async fn turn(&self, tenant: TenantId, mail: &Mail) -> Turn {
        let now = self.platform.now();
        let before = self.row::<MailTryRow>(&MailTryRow::at(tenant, mail.mail_id)).await;
        if now >= mail.not_after {
            tracing::error!(tenant.id = %tenant, mail.id = %mail.mail_id, tries = before.as_ref().map_or(0, |row| row.tries), "a mail is not sent: its time is over");
            return Turn::Ended(MailOutcome::Expired, before.map(|row| row.outcome));
        }
        // A time that lies far ahead is one that a clock has noted which was ahead.
        if let Some(row) = before.as_ref().filter(|row| row.due > now && row.due <= now + AGAIN_AFTER[3]) {
            return Turn::Rests(row.due.min(mail.not_after));
        }
        let message = match self.message(tenant, mail).await {
            Ok(message) => message,
            Err(Unsendable::Sealed(NotOpened::Erased)) => return Turn::Ended(MailOutcome::Erased, None),
            Err(why) => return self.waits(tenant, mail, &why, now),
        };
        match self.ports.mail.send(&message, mail.wanted_at).await {
            Outcome::Sent => Turn::Ended(MailOutcome::Sent, None),
            outcome @ Outcome::Refused(_) => {
                tracing::warn!(tenant.id = %tenant, mail.id = %mail.mail_id, %outcome, "a mail is taken by nobody");
                Turn::Ended(MailOutcome::Refused, Some(outcome.to_string()))
            }
            outcome @ (Outcome::NotSent(_) | Outcome::Unknown(_)) => {
                Turn::Rests(self.tried(tenant, mail, before, outcome).await)
            }
        }
    }

    /// Notes a try in vain in a row, and gives the time of the next.
    async fn tried(&self, tenant: TenantId, mail: &Mail, before: Option<MailTryRow>, outcome: Outcome) -> Micros {
        let (now, tries) = (self.platform.now(), before.map_or(0, |row| row.tries).saturating_add(1));
        tracing::warn!(tenant.id = %tenant, mail.id = %mail.mail_id, tries, %outcome, "a mail waits");
        let due = now.saturating_add(again_after(tries)).min(mail.not_after);
        let (outcome, mail_id) = (outcome.to_string(), mail.mail_id);
        let row = MailTryRow { tenant_id: tenant, mail_id, tries, outcome, tried_at: now, due };
        let write = || async {
            let written = self.platform.state.write(&[Write::put(row.clone(), now)]).await;
            written.map_err(|error| error.to_string())
        };
        self.away.waited_for(S::GROUP, write).await;
        due
    }

    /// A mail that can't be made at the moment, through no fault of any server.
    fn waits(&self, tenant: TenantId, mail: &Mail, why: &Unsendable, now: Micros) -> Turn {
        let rest = match why {
            Unsendable::Sealed(NotOpened::Away(why)) => {
                tracing::warn!(tenant.id = %tenant, mail.id = %mail.mail_id, %why, "a mail waits while the keyring is away");
                KEYRING_AWAY
            }
            why => {
                tracing::error!(tenant.id = %tenant, mail.id = %mail.mail_id, ?why, "a mail can't be made");
                FOR_A_PERSON
            }
        };
        Turn::Rests(now.saturating_add(rest).min(mail.not_after))
    }

    /// The mail with its address opened, for the length of one sending.
    async fn message(&self, tenant: TenantId, mail: &Mail) -> Result<Message, Unsendable> {
        let keyring = &self.ports.keyring;
        let words = words::of(tenant, mail, &self.ports.links)?;
        Ok(Message {
            tenant,
            effect: mail.mail_id,
            subject_of: mail.recipient.envelope().subject(),
            shop_name: mail.shop_name.clone(),
            reply_to: open_some(keyring, tenant, mail.reply_to.as_ref()).await?,
            to: open(keyring, tenant, &mail.recipient).await?,
            to_name: open_some(keyring, tenant, mail.recipient_name.as_ref()).await?,
            title: words.title.into(),
            text: words.text.into(),
            html: words.html.into(),
        })
    }

    /// Reports until it is decided. The same report of the same mail is decided once, whoever sends it.
    async fn report(&self, tenant: TenantId, mail: &Mail, outcome: MailOutcome, why: Option<String>) {
        let (actor, mail_id) = (format!("system:{}", S::GROUP), mail.mail_id);
        let meta = CommandMeta {
            command_id: CommandId::from_client_key(tenant, &actor, "report", &mail_id.to_string(), outcome.word()),
            tenant_id: tenant,
            actor,
            issued_at: self.platform.now(),
            body_hash: String::new(),
            keyed: true,
            expected_version: None,
        };
        let command = ReportMail { meta, mail_id, outcome, why };
        let command = <S::Context as Decider>::Command::from(command);
        said::send(&self.platform, &self.commands, &self.away, S::GROUP, command).await;
        metrics::counter!("feira_mails_done_total", "outcome" => outcome.word()).increment(1);
    }

    /// A row, however long the state is away.
    async fn row<R: Stored>(&self, key: &RowKey) -> Option<R> {
        let read = || async { self.platform.state.get::<R>(key).await.map_err(|error| error.to_string()) };
        self.away.waited_for(S::GROUP, read).await
    }
}

/// The reason for which there is no message to send.
#[derive(Debug)]
enum Unsendable {
    /// What it takes is not opened.
    Sealed(NotOpened),
    /// It has no words.
    Words(#[expect(dead_code, reason = "read by Debug, for the log")] Wordless),
}

impl From<NotOpened> for Unsendable {
    fn from(why: NotOpened) -> Self {
        Self::Sealed(why)
    }
}

impl From<Wordless> for Unsendable {
    fn from(why: Wordless) -> Self {
        Self::Words(why)
    }
}

/// The wait after so many tries in vain, at least one.
fn again_after(tries: i64) -> Micros {
    let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(AGAIN_AFTER.len() - 1);
    AGAIN_AFTER[at]
}
