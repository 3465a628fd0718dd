//! Mails of the tests, and both ways that they go.

use std::{fs, path::Path, time::Duration};

use feira_connectors::mail::{DkimSettings, Mail, MailSettings, Message, SmtpLimits, SmtpSecurity, SmtpSettings};
use feira_schemas::{
    ids::{EffectId, Micros, TenantId},
    sealed::{Email, PersonName, Subject, SubjectKind},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::server::{Rules, Server};

/// 2026-11-30 12:34:56 UTC, and some microseconds, which no mail says.
pub const AT: Micros = 1_796_042_096_789_012;

/// A mail of a shop to a buyer.
pub fn message() -> Message {
    Message {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        effect: EffectId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        subject_of: Subject::new(SubjectKind::Order, Uuid::from_u128(3)),
        shop_name: "Loja São João".to_owned(),
        reply_to: Some(Email::new("contato@loja.example").unwrap()),
        to: Email::new("ana@casa.example").unwrap(),
        to_name: Some(PersonName::new("Ana Lúcia de Souza").unwrap()),
        title: "Pedido nº 1001 recebido".to_owned().into(),
        text: "Olá, Ana!\n\nRecebemos o seu pedido.\n.\nAté logo.\n".to_owned().into(),
        html: "<p>Olá, <b>Ana</b>!</p>\n<p>Recebemos o seu pedido.</p>\n".to_owned().into(),
    }
}

/// The platform, which signs nothing.
pub fn platform() -> MailSettings {
    MailSettings { from: Email::new("nao-responda@mail.feira.example").unwrap(), dkim: None }
}

/// The platform, which signs by the key of RFC 8463 (appendix A).
pub fn signing_platform() -> MailSettings {
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let dkim = DkimSettings { selector: "brisbane".to_owned(), domain: "feira.example".to_owned(), key: key.into() };
    MailSettings { dkim: Some(dkim), ..platform() }
}

/// Limits in which no server of these tests is slow, unless it means to be.
pub fn limits() -> SmtpLimits {
    SmtpLimits { connect: Duration::from_secs(20), reply: Duration::from_secs(20), taken: Duration::from_secs(20) }
}

/// The settings of a server on this machine without TLS.
pub fn open(server: &Server) -> SmtpSettings {
    SmtpSettings {
        security: SmtpSecurity::None,
        limits: limits(),
        ..SmtpSettings::parse(&format!("smtp://{}", server.address())).unwrap()
    }
}

/// A way that mails go, and a look at what has arrived there.
pub enum Place {
    Folder(TempDir, Mail),
    Smtp(Server, Mail),
}

impl Place {
    /// One of each.
    pub async fn each(settings: &MailSettings) -> [Self; 2] {
        let folder = tempfile::tempdir().unwrap();
        let in_folder = Mail::folder(&folder.path().join("mail"), settings).unwrap();
        let server = Server::start(Rules::default()).await;
        let by_smtp = Mail::smtp(&open(&server), settings).unwrap();
        [Self::Folder(folder, in_folder), Self::Smtp(server, by_smtp)]
    }

    pub fn mail(&self) -> &Mail {
        match self {
            Self::Folder(_, mail) | Self::Smtp(_, mail) => mail,
        }
    }

    /// All mails that have arrived, in no order.
    pub fn arrived(&self) -> Vec<String> {
        match self {
            Self::Folder(folder, _) => {
                files_below(folder.path()).iter().map(|file| fs::read_to_string(file).unwrap()).collect()
            }
            Self::Smtp(server, _) => server.taken().into_iter().map(|taken| taken.mail).collect(),
        }
    }

    /// The one mail that has arrived.
    pub fn only(&self) -> String {
        let [one] = self.arrived().try_into().unwrap();
        one
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
