//! Mails: sent at least once, by what their events say alone, until somebody has taken one or its time is over.
//!
//! The runner begins with the open rows of its partitions, and what is closed is nobody's matter: neither a new group nor a lost position
//! sends anything again. A mail is sent and then reported; whoever goes on after a crash between the two sends it once more, with the same
//! bytes and Message-ID, by which it is known as one. Tries are rows of the runner, and no events.
//!
//! Each context that asks for mails is a [`Sender`] with a group of its own.

mod attempt;
mod links;
#[cfg(test)]
mod tests;
mod words;

use std::{marker::PhantomData, sync::Arc};

use feira_connectors::{keyring::Keyring, mail::Mail};
use feira_contexts::{Decider, admin::Admin, payments::Payments, signup::Signup};
use feira_schemas::{
    groups,
    ids::{EffectId, TenantId},
    records::mails::{ReportMail, SaysMails},
    row::{Row, Stored},
    rows::{
        admin,
        mails::{OpenMail, WantedMail},
        payments::{MailRow, OpenMailRow},
        signup,
    },
};

pub use self::links::Links;
use super::{Away, EffectError, Open, OpenPage, Runner, Wanted, beginning::caught_up};
use crate::{commands::Commands, platform::Platform};

/// Open rows that are read at once.
const PAGE: usize = 500;

/// A context whose mails are sent.
pub trait Sender: Send + Sync + 'static {
    /// The consumer group's name.
    const GROUP: &'static str;
    /// The context.
    type Context: Decider<Event: SaysMails, Command: From<ReportMail>>;
    /// Its row of a mail.
    type Mail: Stored + Into<WantedMail>;
    /// Its row of an open mail.
    type Open: Stored + Into<OpenMail>;
}

/// The mails of payments.
pub struct OfPayments;

impl Sender for OfPayments {
    const GROUP: &'static str = groups::MAILS.name;
    type Context = Payments;
    type Mail = MailRow;
    type Open = OpenMailRow;
}

/// The mails of admin.
pub struct OfAdmin;

impl Sender for OfAdmin {
    const GROUP: &'static str = groups::ADMIN_MAILS.name;
    type Context = Admin;
    type Mail = admin::MailRow;
    type Open = admin::OpenMailRow;
}

/// The mails of sign-up.
pub struct OfSignup;

impl Sender for OfSignup {
    const GROUP: &'static str = groups::SIGNUP_MAILS.name;
    type Context = Signup;
    type Mail = signup::MailRow;
    type Open = signup::OpenMailRow;
}

/// The ports by which mails are sent.
#[derive(Debug, Clone)]
pub struct MailPorts {
    /// Takes mails.
    pub mail: Mail,
    /// Opens the addresses that they go to.
    pub keyring: Keyring,
    /// Makes the links that mails have.
    pub links: Links,
}

/// The effect: what an attempt works with.
pub struct Mails<S> {
    platform: Platform,
    commands: Arc<Commands>,
    ports: MailPorts,
    away: Away,
    of: PhantomData<S>,
}

impl<S: Sender> Mails<S> {
    /// Joins the effect's group, over what the context says.
    pub async fn join(
        platform: Platform,
        commands: Arc<Commands>,
        ports: MailPorts,
        instance: Option<&str>,
    ) -> Result<Runner<Self>, EffectError> {
        let effect = Self { platform: platform.clone(), commands, ports, away: Away::default(), of: PhantomData };
        // When a mail is tried again stands in a row, which outlives this process.
        Runner::join(platform, effect, Vec::new(), instance).await
    }

    /// The open rows of the context.
    const ROWS: Open<Letter> = Open {
        caught_up: |platform, partition| Box::pin(caught_up::<S::Context>(platform, S::GROUP, partition)),
        page: |platform, partition, after| {
            Box::pin(async move {
                let rows = platform.state.scan::<S::Open>(&OpenMail::all(partition), after.as_ref(), PAGE).await?;
                let next = rows.last().filter(|_| rows.len() == PAGE).map(Row::key);
                let wanted = rows
                    .into_iter()
                    .map(Into::into)
                    .map(|OpenMail { mail_id, tenant_id, .. }| Letter { tenant: tenant_id, mail: mail_id });
                Ok(OpenPage { wanted: wanted.collect(), next })
            })
        },
    };
}

/// A mail that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// The shop that writes, or the platform.
    pub tenant: TenantId,
    /// The mail.
    pub mail: EffectId,
}

impl Wanted for Letter {
    type Key = (TenantId, EffectId);

    fn key(&self) -> Self::Key {
        (self.tenant, self.mail)
    }

    fn tenant(&self) -> TenantId {
        self.tenant
    }
}
