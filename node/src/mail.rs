//! The commands on mail. They send by the port that the configuration names, beside a running Feira or without one.

use clap::Subcommand;
use feira_connectors::{
    clock::wall_clock,
    mail::{Message, Outcome},
    random::random,
};
use feira_schemas::{
    ids::{CommandId, EffectId, TenantId},
    sealed::{Email, Subject, SubjectKind},
    time::Micros,
};

use crate::{
    config::{Config, ConfigError},
    output::print,
    ports,
};

/// Commands on mail.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Send one mail, and say what became of it.
    Test {
        /// The address that it is sent to.
        #[arg(long)]
        to: String,
    },
}

impl Command {
    /// Does it, and says with which code the process ends.
    pub async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let Self::Test { to } = self;
        // What was typed stands on the terminal already and is not repeated.
        let to =
            Email::new(&to).map_err(|unfit| ConfigError::Invalid(format!("--to is no address of mail: {unfit}")))?;
        let (mail, now) = (ports::open_mail(config)?, wall_clock().now());
        let message = test_message(to, config, now);
        let outcome = mail.send(&message, now).await;
        print(format_args!(
            "{outcome}\n  by          {}\n  Message-ID  {}",
            mail.place(&message),
            mail.message_id(&message)
        ))?;
        Ok(exit_code(outcome))
    }
}

/// A mail about nobody: its subject is an id of its own.
fn test_message(to: Email, config: &Config, now: Micros) -> Message {
    let mut key = [0; 16];
    random()(&mut key);
    let tenant = TenantId::PLATFORM;
    let command = CommandId::from_client_key(tenant, "operator", "mail", "test", &hex::encode(key));
    let effect = EffectId::derive(command, 0, now);
    let domain = &config.platform_domain;
    Message {
        tenant,
        effect,
        subject_of: Subject::new(SubjectKind::Staff, effect.uuid()),
        shop_name: "Feira".to_owned(),
        reply_to: None,
        to,
        to_name: None,
        title: format!("Teste de e-mail de {domain}").into(),
        text: format!(
            "Este é um teste.\n\nQuem administra {domain} o enviou por «feira mail test». Não é preciso responder.\n"
        )
        .into(),
        html: format!(
            "<!doctype html><html lang=\"pt-BR\"><body><p>Este é um teste.</p><p>Quem administra {domain} o enviou por \
             <code>feira mail test</code>. Não é preciso responder.</p></body></html>"
        )
        .into(),
    }
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Sent => 0,
        Outcome::Refused(_) => 1,
        Outcome::NotSent(_) | Outcome::Unknown(_) => 3,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use feira_connectors::mail::{NotSent, Refused, Unfit, Unknown};

    use super::*;
    use crate::config::MailTable;

    fn test_to(to: &str) -> Command {
        Command::Test { to: to.to_owned() }
    }

    #[tokio::test]
    async fn a_test_mail_is_written_where_no_server_is_set_and_goes_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        assert_eq!(test_to("ana@loja.example").run(&config).await.unwrap(), 0);
        let tenant = folder.path().join("mail").join(TenantId::PLATFORM.to_string());
        let subject = fs::read_dir(tenant).unwrap().next().unwrap().unwrap().path();
        let file = fs::read_dir(subject).unwrap().next().unwrap().unwrap().path();
        let written = fs::read_to_string(file).unwrap();
        assert!(
            written.contains("To: ana@loja.example") && written.contains("<nao-responda@feira.localhost>"),
            "{written}"
        );

        let refused = test_to("ana <ana@loja.example>").run(&config).await.unwrap_err();
        assert!(refused.is::<ConfigError>() && !refused.to_string().contains("ana@"), "{refused}");
        let smtp =
            MailTable { from: "feira@feira.example".into(), smtp: "smtp://127.0.0.1:1".into(), ..MailTable::default() };
        let nobody = Config { mail: smtp, ..config };
        assert_eq!(test_to("ana@loja.example").run(&nobody).await.unwrap(), 3);
    }

    #[test]
    fn the_exit_code_says_whether_it_is_worth_trying_again() {
        let unfit = Unfit { field: "to", why: "is empty" };
        assert_eq!(exit_code(Outcome::Refused(Refused::Message(unfit))), 1);
        assert_eq!(exit_code(Outcome::NotSent(NotSent::NoConnection)), 3);
        assert_eq!(exit_code(Outcome::Unknown(Unknown::Reset)), 3);
    }
}
