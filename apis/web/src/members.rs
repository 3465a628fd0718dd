//! Members of staff as answers show them: what is sealed in rows and answers is opened here, for the length of one
//! answer.

use feira_schemas::{
    api::staff::{StaffShown, staff_json},
    ids::TenantId,
    records::admin::StaffMember,
};
use serde_json::Value;

use crate::{context::Api, opening::opened, problem::Problem};

/// A member of a tenant's staff, opened, as the API gives it.
///
/// # Errors
/// 503 where the keyring is away.
pub async fn shown(api: &Api, tenant: TenantId, member: &StaffMember) -> Result<Value, Problem> {
    let shown =
        StaffShown { email: opened(api, tenant, &member.email).await?, name: opened(api, tenant, &member.name).await? };
    Ok(staff_json(member, &shown))
}
