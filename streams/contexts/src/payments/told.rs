//! What merchants are told by mail: that an account is broken. That it is mended they see where they mend it.

use feira_schemas::{
    ids::TenantId,
    records::{mails::MailTemplate, payments::Account},
    rows::payments::StandingRow,
    time::DAY,
};

use super::entity::Kept;
use crate::{Need, Rows, mails::NewMail};

/// The time in which a mail about an account is of use: who reads of it later has seen it in the panel.
const OF_USE: i64 = 7 * DAY;

/// The mail that an account is broken, if it is so from now on and somebody is to be told.
pub(super) fn broken(
    account: &Kept<Account>,
    tenant: TenantId,
    now: i64,
    rows: &Rows,
) -> Result<Option<NewMail>, Need> {
    let (true, Some(recipient)) = (account.breaks(), account.now.notify_email.clone()) else { return Ok(None) };
    let standing = rows.get::<StandingRow>(StandingRow::at(tenant))?;
    let Account { name, gateway, why, .. } = &account.now;
    Ok(Some(NewMail {
        template: MailTemplate::AccountBroken,
        recipient,
        recipient_name: None,
        reply_to: None,
        shop_name: standing.and_then(|row| row.standing.shop_name.clone()),
        facts: vec![("account", name.clone()), ("gateway", gateway.clone()), ("why", why.clone().unwrap_or_default())],
        not_after: now.saturating_add(OF_USE),
    }))
}
