//! The standing of a shop: is it open, and do the views show what a request asks for?

use std::{sync::Arc, time::Duration};

use feira_connectors::state::StateError;
use feira_schemas::{
    groups,
    ids::TenantId,
    problem::Code,
    records::store::{Shop, ShopStatus},
    refusals,
    topics::Context,
};
use feira_web::{context::Api, problem::Problem, reads, routing::Request};

/// The consumer that makes cards, addresses, categories and the shop.
pub(super) const CARDS: &str = groups::STOREFRONT.name;
/// The consumer that makes the search shards.
pub(super) const SHARDS: &str = groups::SEARCH.name;

/// The time for which a shop that was opened a moment ago is waited for: its name answers before its first event
/// reaches the views.
const OPENING: Duration = Duration::from_millis(500);
/// The time between two looks for it meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The shop, if it serves buyers. A suspended one answers `shop_suspended` (403), one that is closed for good `shop_closed`.
pub(super) async fn open(api: &Api, tenant: TenantId) -> Result<Shop, Problem> {
    let shop = match known(api, tenant).await? {
        Some(shop) => shop,
        None => Box::pin(opening(api, tenant)).await?,
    };
    serves(shop.status)?;
    Ok(shop)
}

/// Checks that the shop serves buyers, for who needs nothing else of it; the problem says why it does not.
pub(super) async fn is_open(api: &Api, tenant: TenantId) -> Result<(), Problem> {
    match api.readers.storefront.standing(tenant).await.map_err(unreadable)? {
        Some(shop) if has_opened(shop.status, shop.settings_version) => serves(shop.status),
        // On the heap: most find it open, and have nothing of this to carry about.
        _ => Box::pin(open(api, tenant)).await.map(drop),
    }
}

fn serves(status: ShopStatus) -> Result<(), Problem> {
    match status {
        ShopStatus::Open => Ok(()),
        ShopStatus::Opening => Err(being_opened()),
        ShopStatus::Suspended | ShopStatus::Unknown => {
            Err(Problem::new(Code::ShopSuspended, "Esta loja está fechada por enquanto."))
        }
        ShopStatus::Closed => Err(Problem::new(Code::ShopClosed, refusals::SHOP_CLOSED)),
    }
}

/// The shop as the views know it, once both its opening and its settings have reached them.
pub(super) async fn known(api: &Api, tenant: TenantId) -> Result<Option<Shop>, Problem> {
    let shop = api.readers.storefront.shop(tenant).await.map_err(unreadable)?;
    Ok(shop.filter(|shop| has_opened(shop.status, shop.settings_version)))
}

fn has_opened(status: ShopStatus, settings_version: i64) -> bool {
    status != ShopStatus::Opening && settings_version > 0
}

async fn opening(api: &Api, tenant: TenantId) -> Result<Shop, Problem> {
    let deadline = tokio::time::Instant::now() + OPENING;
    while tokio::time::Instant::now() < deadline {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(shop) = known(api, tenant).await? {
            return Ok(shop);
        }
    }
    Err(being_opened())
}

fn being_opened() -> Problem {
    Problem::new(Code::Unavailable, "A loja está sendo aberta. Tente de novo em instantes.")
}

/// Waits until cards, categories and the shop are as the request asks for.
pub(super) async fn cards_caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    reads::caught_up(api, request, CARDS, Context::Store).await
}

/// The shop, if it serves buyers and the views show what the request asks for.
pub(crate) async fn open_to(api: &Api, request: &Request) -> Result<Shop, Problem> {
    cards_caught_up(api, request).await?;
    open(api, request.tenant).await
}

/// Waits until lists show what the request asks for: hits come from the shards, what is shown of them from the cards.
pub(super) async fn lists_caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    if request.at_least.is_empty() {
        return Ok(());
    }
    let wait = |consumer| reads::caught_up(api, request, consumer, Context::Store);
    tokio::try_join!(wait(SHARDS), wait(CARDS)).map(|_| ())
}

/// A failed read of the cards or what is beside them.
pub(super) fn unreadable(error: Arc<StateError>) -> Problem {
    StateError::clone(&error).into()
}
