//! Mails by a server that sends them on, so that of every failure it is known whether the mail can have been taken.
//!
//! A server takes a mail by its reply to the dot behind it. Until that dot is written a broken connection has sent nothing, from then on
//! it is unknown. Nothing is sent twice from here.

mod connect;
mod dialogue;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use self::{
    connect::{Connection, Server},
    dialogue::{Broken, Reply},
};
use super::{
    error::MailError,
    outcome::{NotSent, Outcome, Refused, Unknown},
    settings::SmtpSettings,
};

/// Connections at once; whoever comes then waits for one. Servers let a client have some ten, and answer 421 to more.
const CONNECTIONS: usize = 4;
/// The time for which a connection that nobody needs is kept: servers under load end one after ten to thirty seconds.
const IDLE: Duration = Duration::from_secs(10);
/// Mails of one connection: some servers end it after a hundred.
const MAILS: u32 = 50;
/// The time in which an idle connection says that it still is one. Where it doesn't, another is made.
const AWAKE: Duration = Duration::from_secs(5);
/// The time that a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// Sends mails by a server. Cheap to clone; clones share its connections.
#[derive(Clone)]
pub struct SmtpMail(Arc<Inner>);

struct Inner {
    server: Server,
    turns: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that nobody needs just now.
struct Idle {
    connection: Connection,
    mails: u32,
    since: Instant,
}

impl SmtpMail {
    pub(super) fn new(settings: &SmtpSettings, domain: &str) -> Result<Self, MailError> {
        let server = Server::new(settings, domain)?;
        Ok(Self(Arc::new(Inner { server, turns: Semaphore::new(CONNECTIONS), idle: Mutex::default() })))
    }

    /// Sends a mail's bytes. Both addresses were looked at before: they have neither spaces nor brackets.
    pub(super) async fn send(&self, from: &str, to: &str, mail: &str) -> Outcome {
        // It is never closed.
        let Ok(_turn) = self.0.turns.acquire().await else { return Outcome::NotSent(NotSent::NoConnection) };
        let (mut connection, mails) = match self.connection().await {
            Ok(connected) => connected,
            Err(why) => return Outcome::NotSent(why),
        };
        let (outcome, goes_on) = self.exchange(&mut connection, from, to, mail).await;
        if goes_on {
            self.keep(connection, mails + 1).await;
        }
        outcome
    }

    /// An idle connection, or a new one, with how many mails it has sent.
    async fn connection(&self) -> Result<(Connection, u32), NotSent> {
        while let Some(Idle { mut connection, mails, since }) = self.take() {
            if since.elapsed() < IDLE
                && matches!(connection.dialogue.ask("NOOP", AWAKE).await, Ok(reply) if reply.is_yes())
            {
                return Ok((connection, mails));
            }
        }
        Ok((self.0.server.connect().await?, 0))
    }

    /// The connection that was idle last. The lock is let go of here, as others wait for it while this one is asked.
    fn take(&self) -> Option<Idle> {
        self.idle().pop()
    }

    /// Keeps a connection for the next mail, or ends it.
    async fn keep(&self, mut connection: Connection, mails: u32) {
        if mails < MAILS && self.idle().len() < CONNECTIONS {
            self.idle().push(Idle { connection, mails, since: Instant::now() });
            return;
        }
        // Nobody is left to be told that it failed.
        let _ = connection.dialogue.ask("QUIT", GOODBYE).await;
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a mail over this connection, and says whether another one may follow.
    async fn exchange(&self, connection: &mut Connection, from: &str, to: &str, mail: &str) -> (Outcome, bool) {
        let limits = self.0.server.limits();
        match self.offered(connection, from, to, mail).await {
            Ok(()) => {}
            Err(Outcome::NotSent(NotSent::Incomplete)) => return (Outcome::NotSent(NotSent::Incomplete), false),
            Err(outcome) => {
                // What was begun is taken back, so that the next mail begins anew.
                let reset = connection.dialogue.ask("RSET", AWAKE).await;
                return (outcome, reset.is_ok_and(|reply| reply.is_yes()));
            }
        }
        if connection.dialogue.hand_over(mail, limits.taken).await.is_err() {
            return (Outcome::NotSent(NotSent::Incomplete), false);
        }
        match connection.dialogue.ask(".", limits.taken).await {
            Ok(reply) if reply.is_yes() => (Outcome::Sent, true),
            Ok(reply) if reply.is_later() => (Outcome::NotSent(NotSent::Later(reply.status())), true),
            Ok(reply) if reply.is_no() => (Outcome::Refused(Refused::Content(reply.status())), true),
            Ok(_) | Err(Broken::Unreadable) => (Outcome::Unknown(Unknown::Unreadable), false),
            Err(Broken::Ended) => (Outcome::Unknown(Unknown::Reset), false),
            Err(Broken::TimedOut) => (Outcome::Unknown(Unknown::TimedOut), false),
        }
    }

    /// Says whom a mail is from and to, and that it comes; or else what became of it.
    async fn offered(&self, connection: &mut Connection, from: &str, to: &str, mail: &str) -> Result<(), Outcome> {
        let limits = self.0.server.limits();
        let size = if connection.asks_size { format!(" SIZE={}", mail.len()) } else { String::new() };
        let dialogue = &mut connection.dialogue;
        let answer = answered(dialogue.ask(&format!("MAIL FROM:<{from}>{size}"), limits.reply).await)?;
        if answer.is_no() {
            let status = answer.status();
            // 552: so long a message is not taken (RFC 1870, 6.1).
            return Err(match status.code {
                552 => Outcome::Refused(Refused::Content(status)),
                _ => Outcome::NotSent(NotSent::Sender(status)),
            });
        }
        yes(&answer)?;
        let recipient = zeroize::Zeroizing::new(format!("RCPT TO:<{to}>"));
        let answer = answered(dialogue.ask(&recipient, limits.reply).await)?;
        if answer.is_no() {
            let status = answer.status();
            return Err(match status.enhanced {
                // Of security and policy (RFC 3463, 3.8), such as "Relay access denied": about who sends, not about whom to.
                Some((_, 7, _)) => Outcome::NotSent(NotSent::Unwilling(status)),
                _ => Outcome::Refused(Refused::Recipient(status)),
            });
        }
        yes(&answer)?;
        let answer = answered(dialogue.ask("DATA", limits.reply).await)?;
        match answer.is_go_on() {
            true => Ok(()),
            false if answer.is_no() => Err(Outcome::Refused(Refused::Content(answer.status()))),
            false => Err(Outcome::NotSent(NotSent::Incomplete)),
        }
    }
}

/// Goes on from a yes. A server that says anything else says it in another protocol.
fn yes(reply: &Reply) -> Result<(), Outcome> {
    if reply.is_yes() { Ok(()) } else { Err(Outcome::NotSent(NotSent::Incomplete)) }
}

/// The reply to a command before the message that says yes or no, or to go on; any other is the end of this sending.
fn answered(reply: Result<Reply, Broken>) -> Result<Reply, Outcome> {
    let not_sent = |why| Err(Outcome::NotSent(why));
    match reply {
        Err(_) => not_sent(NotSent::Incomplete),
        Ok(reply) if reply.is_later() => not_sent(NotSent::Later(reply.status())),
        Ok(reply) if reply.is_about_login() => not_sent(NotSent::Login(Some(reply.status()))),
        Ok(reply) => Ok(reply),
    }
}

impl fmt::Display for SmtpMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.server.fmt(f)
    }
}

impl fmt::Debug for SmtpMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpMail({self})")
    }
}
