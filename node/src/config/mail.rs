//! `[mail]`: whom mails are from, by which server they go, and the key that they are signed by.

use std::path::PathBuf;

use feira_connectors::mail::{DkimSettings, Mail, MailError, MailSettings, SmtpSecurity, SmtpSettings};
use feira_schemas::{sealed::Email, secret::Secret};
use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    environment::setting,
    tls::{any_tls, check_tls},
};

/// The name of the platform's address where none is set.
const NO_REPLY: &str = "nao-responda";
/// Names of addresses that nobody reads.
const UNREAD: [&str; 5] = [NO_REPLY, "naoresponda", "no-reply", "noreply", "do-not-reply"];

/// `[mail]`. What is empty is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailTable {
    /// The address that all mail is from; with a server it must be set.
    pub from: String,
    /// `smtps://user:password@host:465` or `smtp://user:password@host:587`; empty: mails are files in the data folder.
    pub smtp: Secret,
    /// The user's name, instead of the one in the address.
    pub username: String,
    /// The user's password, instead of the one in the address.
    pub password: Secret,
    /// `none`: `smtp://` speaks no TLS, which only a server on this machine is spoken to by. Empty: as the address says.
    pub tls: String,
    /// PEM file of the authorities that the server is believed by; empty: this machine's.
    pub ca: PathBuf,
    /// PEM file of this client's certificate, where the server asks for one.
    pub certificate: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
    /// The name of the key that mails are signed by; empty, with `dkim_key`: none is signed.
    pub dkim_selector: String,
    /// The domain that signs; empty: that of `from`.
    pub dkim_domain: String,
    /// The private key in PEM.
    pub dkim_key: Secret,
}

impl MailTable {
    /// Builds the settings of mail from this table: whom it is from, and the server, if there is one. Refused where keys are missing or
    /// contradict each other.
    pub fn settings(&self, platform_domain: &str) -> Result<(MailSettings, Option<SmtpSettings>), ConfigError> {
        let from = self.from(platform_domain)?;
        let settings = MailSettings { dkim: self.dkim(&from)?, from };
        let server = self.server()?;
        let made = match &server {
            Some(server) => Mail::smtp(server, &settings),
            // Nothing is made there before there is a mail.
            None => Mail::folder("mail".as_ref(), &settings),
        };
        made.map_err(unusable)?;
        Ok((settings, server))
    }

    /// The address that answers to mails come to, if it is set and is none that says that nobody reads it: pages name it to people.
    pub fn contact(&self) -> Option<&str> {
        let (name, _) = self.from.split_once('@')?;
        let is_unread = UNREAD.iter().any(|unread| name.eq_ignore_ascii_case(unread));
        (!is_unread).then_some(self.from.as_str())
    }

    fn from(&self, platform_domain: &str) -> Result<Email, ConfigError> {
        if !self.from.is_empty() {
            return Email::new(&self.from)
                .map_err(|_| invalid("from", "must be an address such as nao-responda@feira.example, without a name"));
        }
        if !self.smtp.is_empty() {
            return refused("from", "is needed with mail.smtp: the address that the server sends mail from");
        }
        // Files go nowhere. A domain of one label, as `localhost`, makes no address.
        let own = Email::new(&format!("{NO_REPLY}@{platform_domain}"));
        own.or_else(|_| Email::new(&format!("{NO_REPLY}@feira.{platform_domain}")))
            .map_err(|_| invalid("from", "is needed: platform_domain makes no address"))
    }

    fn dkim(&self, from: &Email) -> Result<Option<DkimSettings>, ConfigError> {
        match (self.dkim_selector.is_empty(), self.dkim_key.is_empty()) {
            (true, true) if self.dkim_domain.is_empty() => return Ok(None),
            (true, true) => {
                return refused("dkim_domain", "is of mail.dkim_selector and mail.dkim_key, which are not set");
            }
            (true, false) => return refused("dkim_selector", "is needed with a key: the name that the key has in DNS"),
            (false, true) => return refused("dkim_key", "is needed with a selector: the private key in PEM"),
            (false, false) => {}
        }
        let domain = match self.dkim_domain.is_empty() {
            true => from.expose().rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default(),
            false => self.dkim_domain.clone(),
        };
        Ok(Some(DkimSettings { selector: self.dkim_selector.clone(), domain, key: self.dkim_key.clone() }))
    }

    fn server(&self) -> Result<Option<SmtpSettings>, ConfigError> {
        if self.smtp.is_empty() {
            return self.no_server().map(|()| None);
        }
        let mut server = SmtpSettings::parse(self.smtp.expose())
            .map_err(|error| invalid("smtp", &format!("can't be used: {error}")))?;
        match (self.username.is_empty(), self.password.is_empty()) {
            (true, true) => {}
            (false, false) if server.login.is_none() => {
                server.login = Some((self.username.clone(), self.password.clone()));
            }
            (false, false) => return refused("username", "is set, and mail.smtp names a user too; one of them"),
            (true, false) => return refused("username", "is needed with a password"),
            (false, true) => return refused("password", "is needed with a user"),
        }
        match (self.tls.as_str(), server.security) {
            ("", _) => {}
            ("none", SmtpSecurity::StartTls) => server.security = SmtpSecurity::None,
            ("none", _) => {
                return refused("tls", "is none, and mail.smtp is smtps://; for none it begins with smtp://");
            }
            _ => {
                return refused("tls", "must be none, or empty: smtps:// is TLS from the first byte, smtp:// STARTTLS");
            }
        }
        server.tls = check_tls("mail", &self.ca, &self.certificate, &self.key, false)?;
        server.check().map_err(unusable)?;
        Ok(Some(server))
    }

    /// Whoever sets a password means mail to be sent.
    fn no_server(&self) -> Result<(), ConfigError> {
        let set = [
            ("username", self.username.is_empty()),
            ("password", self.password.is_empty()),
            ("tls", self.tls.is_empty()),
            ("ca", !any_tls(&self.ca, &self.certificate, &self.key)),
        ];
        match set.iter().find(|(_, empty)| !empty) {
            Some((name, _)) => refused(name, "is of a server: set mail.smtp, or take it away"),
            None => Ok(()),
        }
    }
}

fn unusable(error: MailError) -> ConfigError {
    ConfigError::Invalid(format!("[mail]: {error}"))
}

fn refused<T>(name: &str, why: &str) -> Result<T, ConfigError> {
    Err(invalid(name, why))
}

fn invalid(name: &str, why: &str) -> ConfigError {
    ConfigError::Invalid(format!("{} {why}", setting(&format!("mail.{name}"))))
}
