//! The way to a server of mail: connection, TLS, the greeting and the login, all of it within one limit of time.

use std::{fmt, io, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use feira_schemas::secret::Secret;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::dialogue::{Broken, Dialogue, Reply, Wire};
use crate::mail::{
    error::MailError,
    outcome::NotSent,
    settings::{SmtpLimits, SmtpSecurity, SmtpSettings},
};

/// A conversation in which the server has greeted us and let us in.
pub(super) struct Connection {
    /// The conversation.
    pub(super) dialogue: Dialogue<Box<dyn Wire>>,
    /// True if the server wants to know beforehand how long a message is (RFC 1870).
    pub(super) asks_size: bool,
}

/// A server, and what is needed to get to it.
pub(super) struct Server {
    host: String,
    port: u16,
    security: SmtpSecurity,
    login: Option<(String, Secret)>,
    limits: SmtpLimits,
    /// TLS, if it is spoken, with the name that the server's certificate must have.
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// The name that this side greets by.
    hello: String,
}

impl Server {
    /// The server of these settings, greeted by the domain of the platform's address.
    pub(super) fn new(settings: &SmtpSettings, domain: &str) -> Result<Self, MailError> {
        settings.check()?;
        let tls = match settings.security {
            SmtpSecurity::None => None,
            SmtpSecurity::Implicit | SmtpSecurity::StartTls => {
                let refused = MailError::Refused;
                let config: ClientConfig =
                    settings.tls.client_config(true).map_err(|error| refused(error.to_string()))?;
                let name = ServerName::try_from(settings.host.clone());
                let name =
                    name.map_err(|_| refused("the mail server's host is no name that a certificate has".to_owned()))?;
                Some((TlsConnector::from(Arc::new(config)), name))
            }
        };
        let SmtpSettings { host, port, security, login, limits, .. } = settings.clone();
        Ok(Self { host, port, security, login, limits, tls, hello: format!("EHLO {domain}") })
    }

    pub(super) fn limits(&self) -> SmtpLimits {
        self.limits
    }

    /// Connects, and logs in.
    pub(super) async fn connect(&self) -> Result<Connection, NotSent> {
        timeout(self.limits.connect, self.connected()).await.unwrap_or(Err(NotSent::NoConnection))
    }

    async fn connected(&self) -> Result<Connection, NotSent> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|_| NotSent::NoConnection)?;
        // A command is a packet, and its answer is waited for.
        let _ = stream.set_nodelay(true);
        let within = self.limits.connect;
        match (self.security, &self.tls) {
            (SmtpSecurity::StartTls, Some(tls)) => {
                let stream = self.starttls(Dialogue::new(stream), within).await?;
                self.let_in(Dialogue::new(over_tls(tls, stream).await?), within).await
            }
            (_, Some(tls)) => self.greeted(over_tls(tls, stream).await?, within).await,
            (_, None) => self.greeted(Box::new(stream), within).await,
        }
    }

    /// Agrees upon TLS. What came in the clear is forgotten with this conversation; anything behind the server's last word
    /// is another's, who wants it to be taken for an answer over TLS.
    async fn starttls(&self, mut dialogue: Dialogue<TcpStream>, within: Duration) -> Result<TcpStream, NotSent> {
        willing(dialogue.reply(within).await)?;
        let hello = willing(dialogue.ask(&self.hello, within).await)?;
        if !hello.offers().iter().any(|offer| offer == "STARTTLS") {
            return Err(NotSent::NoTls);
        }
        match dialogue.ask("STARTTLS", within).await {
            Ok(reply) if reply.is_yes() => dialogue.into_wire().ok_or(NotSent::NoTls),
            Ok(reply) if reply.is_no() => Err(NotSent::NoTls),
            other => Err(unanswered(other)),
        }
    }

    async fn greeted(&self, wire: Box<dyn Wire>, within: Duration) -> Result<Connection, NotSent> {
        let mut dialogue = Dialogue::new(wire);
        willing(dialogue.reply(within).await)?;
        self.let_in(dialogue, within).await
    }

    async fn let_in(&self, mut dialogue: Dialogue<Box<dyn Wire>>, within: Duration) -> Result<Connection, NotSent> {
        let offers = willing(dialogue.ask(&self.hello, within).await)?.offers();
        if let Some((user, password)) = &self.login {
            login(&mut dialogue, &offers, user, password, within).await?;
        }
        let asks_size = offers.iter().any(|offer| offer.split(' ').next() == Some("SIZE"));
        Ok(Connection { dialogue, asks_size })
    }
}

impl fmt::Display for Server {
    /// The address, without the login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.security == SmtpSecurity::Implicit { "smtps" } else { "smtp" };
        match self.host.contains(':') {
            true => write!(f, "{scheme}://[{}]:{}", self.host, self.port),
            false => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

async fn over_tls(tls: &(TlsConnector, ServerName<'static>), stream: TcpStream) -> Result<Box<dyn Wire>, NotSent> {
    let (connector, name) = tls;
    match connector.connect(name.clone(), stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(untrusted(&error)),
    }
}

/// The reason for which TLS did not come about.
fn untrusted(error: &io::Error) -> NotSent {
    let of_tls = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match of_tls {
        Some(rustls::Error::InvalidCertificate(_)) => NotSent::NotBelieved,
        Some(_) => NotSent::NoTls,
        None => NotSent::NoConnection,
    }
}

/// The reply that says yes; any other is not about a mail.
fn willing(reply: Result<Reply, Broken>) -> Result<Reply, NotSent> {
    match reply {
        Ok(reply) if reply.is_yes() => Ok(reply),
        Ok(reply) if reply.is_no() => Err(NotSent::Unwilling(reply.status())),
        other => Err(unanswered(other)),
    }
}

fn unanswered(reply: Result<Reply, Broken>) -> NotSent {
    match reply {
        Ok(reply) if reply.is_later() => NotSent::Later(reply.status()),
        // Neither yes nor no, or nothing: whoever is there speaks no SMTP.
        _ => NotSent::NoConnection,
    }
}

/// Logs in by PLAIN (RFC 4616), or else by LOGIN, which Microsoft's servers offer alone.
async fn login(
    dialogue: &mut Dialogue<Box<dyn Wire>>,
    offers: &[String],
    user: &str,
    password: &Secret,
    within: Duration,
) -> Result<(), NotSent> {
    let offered = |mechanism: &str| {
        let of_login = offers.iter().filter_map(|offer| offer.strip_prefix("AUTH"));
        // An old way of writing it has `=` instead of the space.
        of_login.flat_map(|listed| listed.split([' ', '='])).any(|name| name == mechanism)
    };
    let answer = if offered("PLAIN") {
        let plain = Zeroizing::new(format!("\0{user}\0{}", password.expose()));
        let command = Zeroizing::new(format!("AUTH PLAIN {}", *base64(&plain)));
        dialogue.ask(&command, within).await
    } else if offered("LOGIN") {
        by_steps(dialogue, user, password, within).await
    } else {
        return Err(NotSent::Login(None));
    };
    match answer {
        Ok(reply) if reply.is_yes() => Ok(()),
        Ok(reply) if reply.is_no() => Err(NotSent::Login(Some(reply.status()))),
        other => Err(unanswered(other)),
    }
}

/// The last reply of LOGIN: the server asks for the name and then for the password, by whatever words.
async fn by_steps(
    dialogue: &mut Dialogue<Box<dyn Wire>>,
    user: &str,
    password: &Secret,
    within: Duration,
) -> Result<Reply, Broken> {
    let mut reply = dialogue.ask("AUTH LOGIN", within).await?;
    for answer in [user, password.expose()] {
        if !reply.is_go_on() {
            return Ok(reply);
        }
        reply = dialogue.ask(&base64(answer), within).await?;
    }
    Ok(reply)
}

fn base64(text: &str) -> Zeroizing<String> {
    Zeroizing::new(BASE64_STANDARD.encode(text))
}
