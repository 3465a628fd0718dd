//! Links that mails have: made at the sending, and nowhere else. What asks for a mail names the facts that one is
//! made of.

use feira_schemas::{
    ids::{Micros, StaffId, TenantId},
    records::mails::Mail,
    sealed::SubjectKind,
    secrets::Secrets,
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
    /// The link by which a member of staff chooses a password. The member is the recipient's subject, so that nobody
    /// gets another's link. None where the mail has not the facts, or is about somebody else than staff.
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
        let subdomain = Some(mail.fact("subdomain")).filter(|_| tenant != TenantId::PLATFORM);
        let address = self.staff_link_of(&link, subdomain)?;
        Some(Made { address, lives: link.until.saturating_sub(mail.wanted_at) })
    }

    /// The address of a link of staff: on the sub-domain of its shop, or on the platform's host where there is none. None where the
    /// name is no shop's.
    fn staff_link_of(&self, link: &StaffLink, subdomain: Option<&str>) -> Option<String> {
        let text = link.write(&self.secrets);
        let Some(subdomain) = subdomain else { return Some(format!("{}{OPERATORS_LINK}?t={text}", self.origin)) };
        let is_label = subdomain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let (scheme, host) = self.origin.split_once("://").filter(|_| is_label && !subdomain.is_empty())?;
        Some(format!("{scheme}://{subdomain}.{host}{SHOP_LINK}?t={text}"))
    }
}
