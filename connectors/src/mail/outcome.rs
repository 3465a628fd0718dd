//! The outcomes of sending one mail, told apart by what may be done next.

use std::fmt;

/// The outcome of one sending. No server's words are in it: they may quote an address, so of a reply its numbers alone are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server answers for the mail from now on, or the file is on the disk.
    Sent,
    /// The mail is taken by nobody, and would not be if it were sent again like this.
    Refused(Refused),
    /// Nobody has taken the mail, for sure: it may be sent again.
    NotSent(NotSent),
    /// The server may have taken the mail: one that is sent again may come twice, under the same Message-ID.
    Unknown(Unknown),
}

/// The grounds on which a mail is refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The message breaks a rule of this port, and nobody was asked.
    Message(Unfit),
    /// There is no mail for this recipient (5xx to `RCPT`, but for 5.7.x).
    Recipient(Status),
    /// The server does not take what the mail holds, or that much of it (5xx to the message).
    Content(Status),
}

/// A part of a message that can't stand in a mail. What stands there is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct Unfit {
    /// The field of the message.
    pub field: &'static str,
    /// The reason, behind the field's name.
    pub why: &'static str,
}

/// The reasons for which a mail was not sent. None of them is the mail's own fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// Nobody took the connection: name, route or time.
    NoConnection,
    /// The server's certificate is not believed.
    NotBelieved,
    /// The server speaks no TLS where the settings ask for it.
    NoTls,
    /// The server is there and takes no mail of this client (5xx before a login), or none that it is to send on (5.7.x to `RCPT`).
    Unwilling(Status),
    /// The server does not take the login, offers none that is known, or asks for one where none is set.
    Login(Option<Status>),
    /// The server takes no mail from the platform's address (5xx to `MAIL`).
    Sender(Status),
    /// The server asks to be asked again (4xx).
    Later(Status),
    /// The connection ended, or nobody answered in time, before the message was whole.
    Incomplete,
    /// The folder of mail files takes none: it is full, or may not be written to.
    Folder,
}

/// The reasons for which it is not known whether a mail was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// No answer to the whole message came in time.
    TimedOut,
    /// The connection ended after the whole message and before the answer.
    Reset,
    /// There was an answer, and it says neither yes nor no.
    Unreadable,
}

/// The numbers of a server's reply: `550`, or `550 5.1.1` where it has an enhanced status code (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The reply's code, 200 to 599.
    pub code: u16,
    /// Class, subject and detail, if the reply has them.
    pub enhanced: Option<(u16, u16, u16)>,
}

impl Outcome {
    /// The kind in one word, for metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused(_) => "refused",
            Self::NotSent(_) => "not_sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent => f.write_str("sent"),
            Self::Refused(why) => write!(f, "refused for good: {why}"),
            Self::NotSent(why) => write!(f, "not sent, and may be sent again: {why}"),
            Self::Unknown(why) => write!(f, "perhaps sent: {why}"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(unfit) => write!(f, "{unfit}"),
            Self::Recipient(status) => write!(f, "the server takes no mail for the recipient ({status})"),
            Self::Content(status) => write!(f, "the server does not take what the mail holds ({status})"),
        }
    }
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection => f.write_str("nobody takes the connection; look at mail.smtp"),
            Self::NotBelieved => f.write_str("the server's certificate is not believed; look at mail.ca"),
            Self::NoTls => f.write_str(
                "the server speaks no TLS as it is asked to; smtps:// is TLS from the first byte (465), smtp:// is STARTTLS (587)",
            ),
            Self::Unwilling(status) => write!(f, "the server takes no mail of this client ({status}); look at mail.smtp and its login"),
            Self::Login(Some(status)) => {
                write!(f, "the server does not let Feira in ({status}); look at mail.username and mail.password")
            }
            Self::Login(None) => {
                f.write_str("the server offers no login by PLAIN or LOGIN; take mail.username and mail.password away, or ask for another server")
            }
            Self::Sender(status) => {
                write!(f, "the server takes no mail from the platform's address ({status}); look at mail.from")
            }
            Self::Later(status) => write!(f, "the server asks to be asked again ({status})"),
            Self::Incomplete => f.write_str("the connection ended before the message was whole"),
            Self::Folder => f.write_str("the folder of mail files takes none; look at its room and its owner"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the server did not answer in time once it had the whole message",
            Self::Reset => "the connection ended once the server had the whole message",
            Self::Unreadable => "the server's answer says neither yes nor no",
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.enhanced {
            Some((class, subject, detail)) => write!(f, " {class}.{subject}.{detail}"),
            None => Ok(()),
        }
    }
}
