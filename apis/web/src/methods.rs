//! Payment methods as staff sees and changes them, by whatever way it comes: those that the platform lets shops offer, a shop's, and a
//! product's.

use feira_schemas::{
    api::payment_method::{
        KINDS, Offer, OfferedContent, TermsContent, check_offered, method_of, not_offered, offered, usual_name,
    },
    ids::{ProductId, TenantId},
    problem::Code,
    records::{
        AdminCommand,
        admin::{
            OfferedMethod, ProductMethod, RemoveOfferedMethod, RemoveProductMethod, RemoveShopMethod, SetOfferedMethod,
            SetProductMethod, SetShopMethod, ShopMethod,
        },
        payments::PaymentMethod,
    },
    refusals,
    rows::admin::{OfferedMethodRow, ProductMethodRow, ShopMethodRow},
    topics::Context,
};

use crate::{
    context::Api,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// Methods that are read: there is one of each kind at most.
const MOST: usize = 100;

/// The kind that a path's parameter names, or 404.
pub fn kind(request: &Request, index: usize) -> Result<PaymentMethod, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::METHOD_NOT_CONFIGURED);
    method_of(request.param(index)).ok_or_else(none)
}

/// The kind that a path's parameter names, for who writes it: what is none is refused at `/method`.
pub fn written(request: &Request, index: usize) -> Result<PaymentMethod, Problem> {
    method_of(request.param(index)).ok_or_else(|| Problem::fields(vec![not_offered()]))
}

/// The methods of which the platform says something, as far as this request must see them.
pub async fn configured(api: &Api, request: &Request) -> Result<Vec<OfferedMethod>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let key = OfferedMethodRow::all(TenantId::PLATFORM);
    let rows = api.platform.state.scan::<OfferedMethodRow>(&key, None, MOST).await?;
    Ok(rows.into_iter().filter(|row| !row.removed).map(|row| row.offered).collect())
}

/// The methods that shops may offer now.
pub async fn offers(api: &Api, request: &Request) -> Result<Vec<Offer>, Problem> {
    Ok(offered(&configured(api, request).await?))
}

/// The methods of the request's shop, as far as this request must see them.
pub async fn of_shop(api: &Api, request: &Request) -> Result<Vec<ShopMethod>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let rows = api.platform.state.scan::<ShopMethodRow>(&ShopMethodRow::all(request.tenant), None, MOST).await?;
    Ok(rows.into_iter().filter(|row| !row.removed).map(|row| row.taken).collect())
}

/// What a product of the request's shop says of methods. That the product is there is for the caller to see.
pub async fn of_product(api: &Api, request: &Request, product: ProductId) -> Result<Vec<ProductMethod>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let key = ProductMethodRow::all(request.tenant, product);
    let rows = api.platform.state.scan::<ProductMethodRow>(&key, None, MOST).await?;
    Ok(rows.into_iter().filter(|row| !row.removed).map(|row| row.taken).collect())
}

/// A kind as a shop has it before it: what the platform calls it, and whether it may be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The method, by the name that buyers read.
    pub offer: Offer,
    /// True if the platform offers it now.
    pub offered: bool,
}

/// The kinds that the platform offers, and those that it offers no more but `is_kept` says are configured still, in the order of [`KINDS`].
pub fn listed(configured: &[OfferedMethod], is_kept: impl Fn(PaymentMethod) -> bool) -> Vec<Listed> {
    let offers = offered(configured);
    let list = |method: PaymentMethod| match offers.iter().find(|offer| offer.method == method) {
        Some(offer) => Some(Listed { offer: offer.clone(), offered: true }),
        None if is_kept(method) => Some(Listed { offer: withdrawn(configured, method), offered: false }),
        None => None,
    };
    KINDS.into_iter().filter_map(|(method, ..)| list(method)).collect()
}

/// A method that the platform does not offer, by the name that it had last.
fn withdrawn(configured: &[OfferedMethod], method: PaymentMethod) -> Offer {
    let known = configured.iter().find(|known| known.method == method);
    let name = known.map_or_else(|| usual_name(method).to_owned(), |known| known.name.clone());
    Offer { method, name, installments: false }
}

/// Says how shops may offer a method, and waits for the decision.
pub async fn set_offered(
    api: &Api,
    request: &Request,
    method: PaymentMethod,
    content: OfferedContent,
) -> Result<Decided, NotDecided> {
    let OfferedContent { name, installments, active } = content;
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    send(api, request, SetOfferedMethod { meta, method, name, installments, active }).await
}

/// Takes back what was said of how shops may offer a method, and waits for the decision.
pub async fn remove_offered(api: &Api, request: &Request, method: PaymentMethod) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    send(api, request, RemoveOfferedMethod { meta, method }).await
}

/// Says how buyers of the request's shop pay by a method that the platform offers, and waits for the decision.
pub async fn set_of_shop(
    api: &Api,
    request: &Request,
    method: PaymentMethod,
    content: TermsContent,
) -> Result<Decided, NotDecided> {
    check(api, request, method, &content).await?;
    let (TermsContent { active, terms }, meta) = (content, writes::meta(api, request, request.tenant)?);
    send(api, request, SetShopMethod { meta, method, active, terms }).await
}

/// Takes a method out of the request's shop, and waits for the decision.
pub async fn remove_of_shop(api: &Api, request: &Request, method: PaymentMethod) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, RemoveShopMethod { meta, method }).await
}

/// Says how a product is paid by a method that the platform offers, and waits for the decision.
pub async fn set_of_product(
    api: &Api,
    request: &Request,
    product_id: ProductId,
    method: PaymentMethod,
    content: TermsContent,
) -> Result<Decided, NotDecided> {
    check(api, request, method, &content).await?;
    let (TermsContent { active, terms }, meta) = (content, writes::meta(api, request, request.tenant)?);
    send(api, request, SetProductMethod { meta, product_id, method, active, terms }).await
}

/// Lets the shop's configuration of a method hold for a product again, and waits for the decision.
pub async fn remove_of_product(
    api: &Api,
    request: &Request,
    product_id: ProductId,
    method: PaymentMethod,
) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, RemoveProductMethod { meta, product_id, method }).await
}

/// Refuses what the platform does not offer, which a decision on the shop can't see.
async fn check(api: &Api, request: &Request, method: PaymentMethod, content: &TermsContent) -> Result<(), Problem> {
    let offers = offers(api, request).await?;
    check_offered(&offers, method, &content.terms).map_err(Problem::fields)
}

async fn send(api: &Api, request: &Request, command: impl Into<AdminCommand>) -> Result<Decided, NotDecided> {
    writes::send(api, request, command.into()).await
}
