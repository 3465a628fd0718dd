//! Links that mails have: made at the sending, and nowhere else. What asks for a mail names the facts that one is
//! made of.

use feira_schemas::{
    hosts::check_subdomain,
    ids::{Micros, StaffId, SubscriptionId, TenantId},
    records::mails::Mail,
    sealed::SubjectKind,
    secrets::Secrets,
    signup_link::SignupLink,
    staff::{LinkPurpose, OPERATORS_LINK, SHOP_LINK, StaffLink},
};

/// The signer of links, and the place that they lead to.
#[derive(Debug, Clone)]
pub struct Links {
    /// The secrets of the deployment.
    pub secrets: Secrets,
    /// Scheme, host and port of the platform's pages, such as `https://feira.example`.
    pub origin: String,
}

/// A link of a mail, and its length of life.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The whole address.
    pub address: String,
    /// Microseconds from the asking for the mail to the link's end.
    pub lives: Micros,
}

impl Links {
    /// The link by which a member of staff chooses a password: at the platform's host for operators, at the shop's
    /// sub-domain for its own. The member is the recipient's subject, so that nobody gets another's link. None where
    /// the mail has not the facts, or is about somebody else.
    pub(super) fn to_password(&self, tenant: TenantId, mail: &Mail) -> Option<Made> {
        let subject = mail.recipient.envelope().subject();
        if subject.kind() != SubjectKind::Staff {
            return None;
        }
        let link = StaffLink {
            tenant,
            staff_id: StaffId::from_uuid(subject.id()),
            purpose: LinkPurpose::Password,
            link_version: mail.fact("link_version").parse().ok()?,
            until: mail.fact("until").parse().ok()?,
        };
        let page = match tenant == TenantId::PLATFORM {
            true => format!("{}{OPERATORS_LINK}", self.origin),
            false => format!("{}{SHOP_LINK}", self.of_shop(mail.fact("subdomain"))?),
        };
        let address = format!("{page}?t={}", link.write(&self.secrets));
        Some(Made { address, lives: link.until.saturating_sub(mail.wanted_at) })
    }

    /// The address of the page of the subscription that a mail names. None where it names none, or is about somebody else.
    pub(super) fn to_subscription(&self, tenant: TenantId, mail: &Mail) -> Option<String> {
        Some(self.at_platform(subscription_of(tenant, mail)?))
    }

    /// The same, by which whoever has the mail names the shop anew.
    pub(super) fn to_names(&self, tenant: TenantId, mail: &Mail) -> Option<String> {
        Some(self.at_platform(subscription_of(tenant, mail)?.for_names()))
    }

    fn at_platform(&self, link: SignupLink) -> String {
        format!("{}{}", self.origin, link.path(&self.secrets))
    }

    /// Scheme, host and port of a shop's pages at its sub-domain. None of a name that is none.
    pub(super) fn of_shop(&self, subdomain: &str) -> Option<String> {
        check_subdomain(subdomain).ok()?;
        let (scheme, host) = self.origin.split_once("://")?;
        Some(format!("{scheme}://{subdomain}.{host}"))
    }
}

/// The link to the subscription that a mail names, whose subscriber is its recipient.
fn subscription_of(tenant: TenantId, mail: &Mail) -> Option<SignupLink> {
    let subscription_id: SubscriptionId = mail.fact("subscription").parse().ok()?;
    let subject = mail.recipient.envelope().subject();
    let is_theirs = subject.kind() == SubjectKind::Subscriber && subject.id() == subscription_id.uuid();
    is_theirs.then(|| SignupLink::new(tenant, subscription_id, mail.wanted_at))
}
