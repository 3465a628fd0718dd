//! The person or company that subscribes and the shop's first administrator, sealed as they go into the command.

use feira_connectors::keyring::Sealer;
use feira_schemas::{
    ids::{StaffId, TenantId},
    records::{payments::Buyer, signup::Owner},
    sealed::{CardToken, Email, PersonName, Sealed, Subject, SubjectKind},
    staff::email_term,
};
use feira_web::{context::Api, problem::Problem};

use super::{checked::Checked, offer::Ids};

/// What goes into the command of what was typed.
pub(crate) struct Parts {
    pub subscriber: Buyer,
    pub owner: Owner,
    pub card_token: Option<Sealed<CardToken>>,
}

/// Seals what was typed, under the tenant of the shop that is to be: each of two subjects by a key of its own, which is durable before this
/// returns.
///
/// # Errors
/// 503 where the keyring is away.
pub(crate) async fn seal(api: &Api, ids: Ids, checked: &Checked) -> Result<Parts, Problem> {
    let Ids { tenant, subscription, staff } = ids;
    let sealer = api.keyring.mint(tenant, Subject::new(SubjectKind::Subscriber, subscription.uuid())).await?;
    let subscriber = buyer(&sealer, checked)?;
    let card_token = checked.card_token.as_ref().map(|token| sealer.seal(token)).transpose()?;
    let owner = seal_owner(api, tenant, staff, (&checked.owner_name, &checked.email)).await?;
    Ok(Parts { subscriber, owner, card_token })
}

/// Seals the first administrator of a shop.
///
/// # Errors
/// 503 where the keyring is away.
pub(crate) async fn seal_owner(
    api: &Api,
    tenant: TenantId,
    staff_id: StaffId,
    (name, email): (&PersonName, &Email),
) -> Result<Owner, Problem> {
    let sealer = api.keyring.mint(tenant, Subject::new(SubjectKind::Staff, staff_id.uuid())).await?;
    let email_term = email_term(&api.config.secrets, tenant, email).map_err(Problem::internal)?;
    Ok(Owner { staff_id, email: sealer.seal(email)?, email_term, name: sealer.seal(name)? })
}

fn buyer(sealer: &Sealer, checked: &Checked) -> Result<Buyer, Problem> {
    Ok(Buyer {
        name: sealer.seal(&checked.name)?,
        email: sealer.seal(&checked.email)?,
        document: sealer.seal(&checked.document)?,
        phone: Some(sealer.seal(&checked.phone)?),
        address: sealer.seal(&checked.address)?,
    })
}
