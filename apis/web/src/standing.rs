//! Whether a shop is closed for good: then nobody's credential opens anything of it.

use feira_schemas::{ids::TenantId, problem::Code, records::admin::TenantStatus, refusals, rows::admin::TenantRow};

use crate::{context::Api, problem::Problem};

/// Checks that a tenant is no shop that is closed for good. The platform is none.
///
/// # Errors
/// `shop_closed` where it is.
pub async fn check_not_closed(api: &Api, tenant: TenantId) -> Result<(), Problem> {
    if tenant == TenantId::PLATFORM {
        return Ok(());
    }
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    match row.is_some_and(|row| row.tenant.status == TenantStatus::Closed) {
        true => Err(Problem::new(Code::ShopClosed, refusals::SHOP_CLOSED)),
        false => Ok(()),
    }
}
