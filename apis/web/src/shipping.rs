//! Ways of delivery of the request's shop, as its staff sees and changes them, by whatever way it comes.

use feira_schemas::{
    ids::{ShippingId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{ChangeShipping, CreateShipping, MoveShipping, RemoveShipping, ShippingContent, ShippingOption},
        common::CommandMeta,
    },
    refusals,
    rows::admin::ShippingOptionRow,
    shipping::in_order,
    topics::Context,
};

use crate::{
    context::Api,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// All ways of delivery of the shop, in its order.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<ShippingOption>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    of_shop(api, request.tenant).await
}

async fn of_shop(api: &Api, tenant: TenantId) -> Result<Vec<ShippingOption>, Problem> {
    let key = ShippingOptionRow::all(tenant);
    let rows = api.platform.state.scan::<ShippingOptionRow>(&key, None, limits::SHIPPING_OPTIONS).await?;
    let mut all: Vec<ShippingOption> = rows.into_iter().map(|row| row.option).collect();
    in_order(&mut all);
    Ok(all)
}

/// The way of delivery that the path's first parameter names, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request) -> Result<ShippingOption, Problem> {
    let shipping_id = named(request)?;
    reads::point(api, request, Context::Admin).await?;
    let key = ShippingOptionRow::at(request.tenant, shipping_id);
    let row = api.platform.state.get::<ShippingOptionRow>(&key).await?;
    row.map(|row| row.option).ok_or_else(none)
}

/// The id that the path's first parameter is, or 404.
pub fn named(request: &Request) -> Result<ShippingId, Problem> {
    request.param(0).parse().map_err(|_| none())
}

fn none() -> Problem {
    Problem::new(Code::NotFound, refusals::NO_SUCH_SHIPPING)
}

/// Makes a way of delivery and waits for the decision. Its id is its command's: a repeated key names the same.
pub async fn create(api: &Api, request: &Request, content: ShippingContent) -> Result<Decided, NotDecided> {
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? };
    let shipping_id = ShippingId::from_uuid(meta.command_id.uuid());
    send(api, request, CreateShipping { meta, shipping_id, content }).await
}

/// Describes a way of delivery anew and waits for the decision.
pub async fn change(
    api: &Api,
    request: &Request,
    shipping_id: ShippingId,
    content: ShippingContent,
) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, ChangeShipping { meta, shipping_id, content }).await
}

/// Has a way of delivery change places with the one before (`up`) or behind, and waits for the decision.
pub async fn shift(api: &Api, request: &Request, shipping_id: ShippingId, up: bool) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, MoveShipping { meta, shipping_id, up }).await
}

/// Removes a way of delivery and waits for the decision.
pub async fn remove(api: &Api, request: &Request, shipping_id: ShippingId) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, RemoveShipping { meta, shipping_id }).await
}

async fn send(api: &Api, request: &Request, command: impl Into<AdminCommand>) -> Result<Decided, NotDecided> {
    writes::send(api, request, command.into()).await
}
