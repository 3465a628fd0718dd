//! What a subscription was typed with, opened again for who has typed it.

use feira_schemas::{
    ids::TenantId,
    records::{payments::Buyer, signup::Subscription},
    sealed::{Document, Email, PersonName, Phone, PostalAddress},
};
use feira_web::{context::Api, opening::opened, problem::Problem};

/// What the subscription was typed with.
pub(crate) struct Opened {
    pub name: PersonName,
    pub email: Email,
    pub document: Document,
    pub phone: Option<Phone>,
    pub address: PostalAddress,
    pub owner_name: PersonName,
}

/// Opens what a subscription of a tenant was typed with; none where it was erased.
///
/// # Errors
/// 503 where the keyring is away.
pub(crate) async fn open(api: &Api, tenant: TenantId, subscription: &Subscription) -> Result<Option<Opened>, Problem> {
    let Buyer { name, email, document, phone, address } = &subscription.subscriber;
    let Some(name) = opened(api, tenant, name).await? else { return Ok(None) };
    let Some(email) = opened(api, tenant, email).await? else { return Ok(None) };
    let Some(document) = opened(api, tenant, document).await? else { return Ok(None) };
    let Some(address) = opened(api, tenant, address).await? else { return Ok(None) };
    // The first administrator's own key is erased while there is no shop for long: then who subscribes stands in.
    let owner_name = opened(api, tenant, &subscription.owner.name).await?.unwrap_or_else(|| name.clone());
    let phone = match phone {
        Some(phone) => opened(api, tenant, phone).await?,
        None => None,
    };
    Ok(Some(Opened { name, email, document, phone, address, owner_name }))
}
