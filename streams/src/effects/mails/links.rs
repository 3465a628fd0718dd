//! Links that mails have: made at the sending, and nowhere else. What asks for a mail names the facts that one is
//! made of.

use feira_schemas::{
    ids::{Micros, StaffId, TenantId},
    records::mails::Mail,
    sealed::SubjectKind,
    secrets::Secrets,
    staff::{LinkPurpose, OPERATORS_LINK, StaffLink},
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
    /// The link by which a member of staff chooses a password. The member is the recipient's subject, so that nobody
    /// gets another's link. None where the mail has not the facts, or is about somebody else than the platform's own
    /// staff.
    pub(super) fn to_password(&self, tenant: TenantId, mail: &Mail) -> Option<Made> {
        let subject = mail.recipient.envelope().subject();
        if tenant != TenantId::PLATFORM || subject.kind() != SubjectKind::Staff {
            return None;
        }
        let link = StaffLink {
            tenant,
            staff_id: StaffId::from_uuid(subject.id()),
            purpose: LinkPurpose::Password,
            link_version: mail.fact("link_version").parse().ok()?,
            until: mail.fact("until").parse().ok()?,
        };
        let address = format!("{}{OPERATORS_LINK}?t={}", self.origin, link.write(&self.secrets));
        Some(Made { address, lives: link.until.saturating_sub(mail.wanted_at) })
    }
}
