//! The first operator of a platform that has none.

use feira_schemas::{
    ids::TenantId,
    records::{AdminCommand, admin::StaffMember, common::Outcome},
    rows::admin::StaffRow,
    staff::{OPERATORS_LINK, StaffLink},
};
use feira_web::{context::Api, team};

use crate::seed::{administrator, meta, sent};

/// The address by which the first operator logs in.
pub const OPERATOR: &str = "operador@feira.example";

/// Invites the first operator of a platform that has no staff yet, not even some that is disabled. The path of the link by which a password
/// is chosen, with its text; `None` where there is staff, or somebody else was quicker.
///
/// # Errors
/// The invitation could not be asked for, in words.
pub async fn first_operator(api: &Api) -> Result<Option<String>, String> {
    let platform = TenantId::PLATFORM;
    let staff = api.platform.state.scan::<StaffRow>(&StaffRow::all(platform), None, 1).await;
    if !staff.map_err(|error| error.to_string())?.is_empty() {
        return Ok(None);
    }
    let command = team::invitation(api, meta(api, platform, "operator"), administrator(OPERATOR, "Operador")?).await;
    let command = AdminCommand::InviteStaff(command.map_err(|problem| problem.detail)?);
    let answer = sent(api, command).await?;
    let member = answer.body.as_deref().and_then(|body| serde_json::from_str::<StaffMember>(body).ok());
    let invited = member.filter(|_| answer.outcome == Outcome::Created);
    Ok(invited.map(|member| {
        let link = StaffLink::for_password(platform, &member, api.platform.now());
        format!("{OPERATORS_LINK}?t={}", link.write(&api.config.secrets))
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::shops;

    #[test]
    fn everybody_who_is_invited_has_an_address_and_a_name() {
        let addresses = shops().into_iter().map(|shop| format!("dona@{}.example", shop.subdomain));
        for address in addresses.chain([OPERATOR.to_owned()]) {
            assert_eq!(administrator(&address, "Alguém").unwrap().email.expose(), address);
        }
    }
}
