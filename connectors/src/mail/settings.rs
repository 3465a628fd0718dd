//! Settings of mail: whom it is from, what proves that, and the server that takes it.

use std::time::Duration;

use feira_schemas::{sealed::Email, secret::Secret};
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::error::MailError;
use crate::tls::{Tls, is_this_machine};

/// Whom all mail is from.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The platform's address. Its domain is that of every Message-ID, and the name that the server is greeted by.
    pub from: Email,
    /// The key that every mail is signed by; `None`: none is signed.
    pub dkim: Option<DkimSettings>,
}

/// The key that receivers prove a mail's origin by (DKIM, RFC 6376).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSettings {
    /// The key's name: receivers find its other half in the TXT record `<selector>._domainkey.<domain>`.
    pub selector: String,
    /// The domain that signs: that of the platform's address, or one that this one lies below.
    pub domain: String,
    /// The private key in PEM: RSA of 2,048 to 8,192 bits, or Ed25519 (RFC 8463).
    pub key: Secret,
}

/// A server that takes mail for others (RFC 6409), and the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// A name, or an address; of IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The way in which the conversation is kept from others.
    pub security: SmtpSecurity,
    /// The user's name and password; `None`: no login.
    pub login: Option<(String, Secret)>,
    /// The authorities that the server is believed by, and this client's certificate.
    pub tls: Tls,
    /// The limits of a sending.
    pub limits: SmtpLimits,
}

/// The way in which a conversation is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// TLS by `STARTTLS` (RFC 3207), without which nothing is said.
    StartTls,
    /// None: on this machine alone.
    None,
}

/// The limits of a sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpLimits {
    /// The time in which a connection stands, TLS and login included. Some servers greet late on purpose, by some 20 s, since
    /// senders of spam do not wait.
    pub connect: Duration,
    /// The time in which a command is answered. RFC 5321 (4.5.3.2) gives five minutes, in which one server could hold up all mails;
    /// one that is cut off here was not sent, and is sent again.
    pub reply: Duration,
    /// The time in which the message is taken, its way over the wire included. RFC 5321 gives ten minutes for the answer alone, as
    /// a mail that is given up here may come twice.
    pub taken: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), reply: Duration::from_secs(60), taken: Duration::from_secs(5 * 60) }
    }
}

impl SmtpSettings {
    /// Settings from `smtps://user:password@host:465` (TLS from the first byte) or `smtp://user:password@host:587` (STARTTLS), user,
    /// password and port left out or not.
    pub fn parse(text: &str) -> Result<Self, MailError> {
        let refused = |why: &str| MailError::Refused(format!("the address of the mail server {why}"));
        let url = Url::parse(text).map_err(|error| refused(&format!("is no URL: {error}")))?;
        let (security, usual) = match url.scheme() {
            "smtps" => (SmtpSecurity::Implicit, 465),
            "smtp" => (SmtpSecurity::StartTls, 587),
            _ => return Err(refused("must begin with smtps:// (TLS, 465) or smtp:// (STARTTLS, 587)")),
        };
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(refused("has no host"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused(
                "takes no path, query or fragment; mail.tls says how the conversation is kept from others",
            ));
        }
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| refused("has a user or password that isn't text"))
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => Some((decoded(user)?, decoded(password)?.into())),
            _ => return Err(refused("has a user without a password, or a password without a user")),
        };
        let port = url.port().unwrap_or(usual);
        Ok(Self { host, port, security, login, tls: Tls::default(), limits: SmtpLimits::default() })
    }

    /// Refuses what can't be used.
    pub fn check(&self) -> Result<(), MailError> {
        let refused = |why: &str| Err(MailError::Refused(why.to_owned()));
        if self.security == SmtpSecurity::None && !is_this_machine(&self.host) {
            return refused(
                "a server on another machine is spoken to over TLS: names, addresses and the password would go over the wire in the open",
            );
        }
        if self.security == SmtpSecurity::None && self.tls != Tls::default() {
            return refused("certificates are of TLS, which is not spoken");
        }
        if let Some((user, password)) = &self.login
            && [user.as_str(), password.expose()].iter().any(|part| part.is_empty() || part.contains('\0'))
        {
            return refused("a login is a user's name and a password, neither of them empty");
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_how_and_who() {
        let settings = SmtpSettings::parse("smtps://feira:s%2Fcr%40t@mail.example").unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("mail.example", 465));
        assert_eq!(settings.security, SmtpSecurity::Implicit);
        assert_eq!(settings.login, Some(("feira".to_owned(), "s/cr@t".into())));
        let settings = SmtpSettings::parse("smtp://[::1]:2525/").unwrap();
        assert_eq!((settings.host.as_str(), settings.port), ("::1", 2525));
        assert_eq!((settings.security, settings.login), (SmtpSecurity::StartTls, None));
        for wrong in [
            "",
            "mail.example:465",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example/x",
            "smtp://mail.example?tls=none",
            "smtp://user@mail.example",
            "smtp://:s3cr3t@mail.example",
            "smtp://user:%ff@mail.example",
        ] {
            let why = SmtpSettings::parse(wrong).unwrap_err().to_string();
            assert!(why.contains("the address of the mail server") && !why.contains("s3cr3t"), "{wrong}: {why}");
        }
    }

    #[test]
    fn nothing_goes_over_a_wire_in_the_open() {
        let open = |host: &str| SmtpSettings {
            security: SmtpSecurity::None,
            host: host.to_owned(),
            ..SmtpSettings::parse("smtp://h:25").unwrap()
        };
        for host in ["localhost", "127.0.0.1", "127.8.9.1", "::1"] {
            open(host).check().unwrap();
        }
        for host in ["mail.example", "10.0.0.1", "localhost.example", "::2", "0.0.0.0"] {
            assert!(open(host).check().unwrap_err().to_string().contains("over TLS"), "{host}");
        }
        let empty = SmtpSettings { login: Some(("u".to_owned(), "".into())), ..open("localhost") };
        assert!(empty.check().is_err());
    }
}
