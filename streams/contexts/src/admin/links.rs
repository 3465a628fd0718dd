//! Links by which members of staff choose a password: the mails that bring them, and what spends them. Whoever has a link is its member, so
//! it serves only while the member may do what it could when the link was made.

use feira_schemas::{
    ids::{StaffId, TenantId},
    limits,
    records::{
        admin::{StaffMember, StaffStatus},
        mails::MailTemplate,
    },
    rows::admin::{SettingsRow, StaffMailRow, TenantRow},
    staff::StaffLink,
    time::HOUR,
};

use crate::{DecisionContext, Need, Rows, mails::NewMail};

/// A shop as mails to its staff name it.
pub(super) struct Shop {
    /// Its sub-domain, on which links serve.
    pub subdomain: String,
    /// Its name; none where it is not known.
    pub name: Option<String>,
}

/// The shop whose staff is written to; none for the platform's own.
pub(super) fn shop(tenant: TenantId, rows: &Rows) -> Result<Option<Shop>, Need> {
    if tenant == TenantId::PLATFORM {
        return Ok(None);
    }
    let Some(row) = rows.get::<TenantRow>(TenantRow::at(tenant))? else { return Ok(None) };
    let settings = rows.get::<SettingsRow>(SettingsRow::at(tenant))?;
    let name = settings.map(|row| row.settings.shop_name.clone());
    Ok(Some(Shop { subdomain: row.tenant.subdomain.clone(), name }))
}

/// The member, whose links of before are good no more.
pub(super) fn spent(member: StaffMember) -> StaffMember {
    StaffMember { link_version: member.link_version.saturating_add(1), ..member }
}

/// The mail with the link that a member gets in the place of one that was spent. Only who was invited and has not come gets one: it has no
/// other way in. Who has had its share of the hour gets none.
pub(super) fn mail_instead(
    tenant: TenantId,
    member: &StaffMember,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Option<NewMail>, Need> {
    if member.status != StaffStatus::Invited || !takes_mail(tenant, member.staff_id, rows, context)? {
        return Ok(None);
    }
    Ok(Some(link_mail(tenant, member, shop(tenant, rows)?.as_ref(), context)))
}

/// True if a mail with a link may go to a member now.
pub(super) fn takes_mail(
    tenant: TenantId,
    staff_id: StaffId,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<bool, Need> {
    let mails = rows.scan::<StaffMailRow>(StaffMailRow::all(tenant, staff_id))?;
    let of_late = mails.iter().filter(|mail| mail.wanted_at > context.now.saturating_sub(HOUR));
    Ok(of_late.count() < limits::STAFF_MAILS_PER_HOUR)
}

/// The mail with the link that a member gets now. It says of what the link is to be made, and has none: who sends
/// makes it.
pub(super) fn link_mail(
    tenant: TenantId,
    member: &StaffMember,
    shop: Option<&Shop>,
    context: &DecisionContext,
) -> NewMail {
    let link = StaffLink::for_password(tenant, member, context.now);
    let template = match member.status {
        StaffStatus::Invited => MailTemplate::StaffInvited,
        StaffStatus::Active | StaffStatus::Disabled | StaffStatus::Unknown => MailTemplate::StaffPassword,
    };
    NewMail {
        template,
        recipient: member.email.clone(),
        recipient_name: Some(member.name.clone()),
        reply_to: None,
        shop_name: shop.and_then(|shop| shop.name.clone()),
        facts: [("link_version", link.link_version.to_string()), ("until", link.until.to_string())]
            .into_iter()
            .chain(shop.map(|shop| ("subdomain", shop.subdomain.clone())))
            .collect(),
        // A link that arrives has at least half of its time before it.
        not_after: context.now.midpoint(link.until),
    }
}
