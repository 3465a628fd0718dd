//! TLS and logins: nothing is said to a server that is not believed, and no server is told what it is not asked for.

use std::{path::PathBuf, sync::Arc};

use feira_connectors::{
    mail::{Mail, NotSent, Outcome, SmtpSecurity, SmtpSettings, Status},
    tls::Tls,
};
use rcgen::generate_simple_self_signed;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use crate::{
    given::{AT, limits, message, platform},
    server::{Act, Rules, Server},
};

/// A server's certificate for this name, and the file by which it is believed.
struct Certificate {
    acceptor: TlsAcceptor,
    ca: PathBuf,
    _folder: TempDir,
}

impl Certificate {
    fn of(name: &str) -> Self {
        let made = generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, made.cert.pem()).unwrap();
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca, _folder: folder }
    }

    fn tls(&self) -> Tls {
        Tls { ca: Some(self.ca.clone()), identity: None }
    }
}

fn to(server: &Server, security: SmtpSecurity, tls: Tls, login: Option<(&str, &str)>) -> SmtpSettings {
    let scheme = if security == SmtpSecurity::Implicit { "smtps" } else { "smtp" };
    let login = login.map(|(user, password)| (user.to_owned(), password.into()));
    let settings = SmtpSettings::parse(&format!("{scheme}://localhost:{}", server.port())).unwrap();
    SmtpSettings { security, tls, login, limits: limits(), ..settings }
}

async fn sent(settings: &SmtpSettings) -> Outcome {
    Mail::smtp(settings, &platform()).unwrap().send(&message(), AT).await
}

const BOTH: [SmtpSecurity; 2] = [SmtpSecurity::Implicit, SmtpSecurity::StartTls];

#[tokio::test]
async fn mails_go_over_tls_from_the_first_byte_or_from_starttls() {
    let certificate = Certificate::of("localhost");
    for security in BOTH {
        let implicit = security == SmtpSecurity::Implicit;
        let rules = Rules { tls: Some(certificate.acceptor.clone()), implicit, ..Rules::default() };
        let server = Server::start(rules).await;
        assert_eq!(sent(&to(&server, security, certificate.tls(), None)).await, Outcome::Sent, "{security:?}");
        let [taken] = server.taken().try_into().unwrap();
        assert!(taken.secured);
        assert_eq!(taken.mail_from, "MAIL FROM:<nao-responda@mail.feira.example>");
        assert_eq!(taken.rcpt_to, "RCPT TO:<ana@casa.example>");
        let said = server.said();
        let hello = said.iter().filter(|line| line.as_str() == "EHLO mail.feira.example").count();
        assert_eq!(hello, if implicit { 1 } else { 2 }, "after STARTTLS all begins anew: {said:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_believed_is_told_nothing() {
    let (right, other) = (Certificate::of("localhost"), Certificate::of("mail.other.example"));
    for (certificate, tls) in [(&right, Tls::default()), (&right, other.tls()), (&other, other.tls())] {
        for security in BOTH {
            let implicit = security == SmtpSecurity::Implicit;
            let rules = Rules { tls: Some(certificate.acceptor.clone()), implicit, ..Rules::default() };
            let server = Server::start(rules).await;
            let settings = to(&server, security, tls.clone(), Some(("feira", "s3cr3t")));
            assert_eq!(sent(&settings).await, Outcome::NotSent(NotSent::NotBelieved), "{security:?}");
            assert!(!server.said().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
        }
    }
}

#[tokio::test]
async fn without_tls_nothing_is_said_where_it_is_asked_for() {
    for security in BOTH {
        let server = Server::start(Rules { offers: &["AUTH PLAIN"], ..Rules::default() }).await;
        let settings = to(&server, security, Tls::default(), Some(("feira", "s3cr3t")));
        assert_eq!(sent(&settings).await, Outcome::NotSent(NotSent::NoTls), "{security:?}");
        assert!(!server.said().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
    }
    let certificate = Certificate::of("localhost");
    let rules = Rules {
        acts: vec![("STARTTLS", Act::Say("454 not now"))],
        tls: Some(certificate.acceptor.clone()),
        ..Rules::default()
    };
    let server = Server::start(rules).await;
    let later = Outcome::NotSent(NotSent::Later(Status { code: 454, enhanced: None }));
    assert_eq!(sent(&to(&server, SmtpSecurity::StartTls, certificate.tls(), None)).await, later);
}

/// Somebody on the way adds answers in the clear, which the server never gave: over TLS they would be taken for its own.
#[tokio::test]
async fn what_somebody_adds_behind_starttls_is_no_answer() {
    let certificate = Certificate::of("localhost");
    for injects in ["\r\n250 hello\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken", "\r\n2", "\r\n250-AUTH PLAIN"] {
        let rules = Rules { tls: Some(certificate.acceptor.clone()), injects, ..Rules::default() };
        let server = Server::start(rules).await;
        let outcome = sent(&to(&server, SmtpSecurity::StartTls, certificate.tls(), None)).await;
        assert_eq!(outcome, Outcome::NotSent(NotSent::NoTls), "{injects:?}");
        assert!(server.taken().is_empty());
    }
}

#[tokio::test]
async fn a_login_is_taken_by_either_mechanism_in_whatever_case_it_is_offered() {
    let certificate = Certificate::of("localhost");
    let login = Some(("feira@feira.example", "pão s3cr3t"));
    for (offers, asked) in [
        (&["SIZE 1000", "AUTH PLAIN LOGIN"][..], "AUTH PLAIN "),
        (&["AUTH LOGIN PLAIN"][..], "AUTH PLAIN "),
        (&["auth plain"][..], "AUTH PLAIN "),
        (&["AUTH=PLAIN"][..], "AUTH PLAIN "),
        (&["AUTH LOGIN XOAUTH2"][..], "AUTH LOGIN"),
    ] {
        let rules = Rules { tls: Some(certificate.acceptor.clone()), login, offers, ..Rules::default() };
        let server = Server::start(rules).await;
        let outcome = sent(&to(&server, SmtpSecurity::StartTls, certificate.tls(), login)).await;
        assert_eq!(outcome, Outcome::Sent, "{offers:?}");
        assert_eq!(server.said().iter().filter(|line| line.starts_with(asked)).count(), 1, "{:?}", server.said());
        let sized = server.taken()[0].mail_from.contains(" SIZE=");
        assert_eq!(sized, offers.iter().any(|offer| offer.starts_with("SIZE")));
    }
}

#[tokio::test]
async fn a_login_that_is_not_taken_is_the_operators_to_mend_and_costs_no_mail() {
    let login = Some(("feira", "right"));
    let plain = &["AUTH PLAIN"][..];
    let status = |code, enhanced| Some(Status { code, enhanced });
    for (offers, given, acts, expected) in [
        (plain, Some(("feira", "wrong")), vec![], NotSent::Login(status(535, Some((5, 7, 8))))),
        (&["AUTH LOGIN"][..], Some(("feira", "wrong")), vec![], NotSent::Login(status(535, Some((5, 7, 8))))),
        (plain, None, vec![], NotSent::Login(status(530, Some((5, 7, 0))))),
        (&["AUTH CRAM-MD5 XOAUTH2"][..], login, vec![], NotSent::Login(None)),
        (&[][..], login, vec![], NotSent::Login(None)),
        (
            plain,
            login,
            vec![("AUTH", Act::Say("454 4.7.0 not now"))],
            NotSent::Later(Status { code: 454, enhanced: Some((4, 7, 0)) }),
        ),
        (plain, login, vec![("AUTH", Act::Say("334 "))], NotSent::NoConnection),
        (plain, login, vec![("AUTH", Act::End)], NotSent::NoConnection),
    ] {
        let server = Server::start(Rules { login, offers, acts, ..Rules::default() }).await;
        let settings = to(&server, SmtpSecurity::None, Tls::default(), given);
        let outcome = sent(&settings).await;
        assert_eq!(outcome, Outcome::NotSent(expected), "{offers:?} {given:?}");
        assert!(server.taken().is_empty());
        assert!(!format!("{settings:?} {outcome} {outcome:?}").contains("wrong"));
    }
}

#[tokio::test]
async fn a_server_elsewhere_is_spoken_to_over_tls_alone() {
    let settings = SmtpSettings { security: SmtpSecurity::None, ..SmtpSettings::parse("smtp://mail.example").unwrap() };
    let refused = Mail::smtp(&settings, &platform()).unwrap_err().to_string();
    assert!(refused.contains("over TLS"), "{refused}");
}
