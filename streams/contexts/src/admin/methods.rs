//! Payment methods: what the platform lets shops offer, by which of it a shop's buyers pay, and what a product says otherwise. What the
//! platform offers lies with the platform, out of a shop's sight: whoever asks for a shop's methods looks there first.

use std::sync::Arc;

use feira_schemas::{
    api::{
        payment_method::{METHOD_NAME, allows_installments, check_terms, method_word, not_in_installments},
        rules::Errors,
    },
    ids::{ProductId, TenantId},
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            OfferedMethod, OfferedMethodChanged, OfferedMethodRemoved, PaymentTerms, ProductMethod,
            ProductMethodChanged, ProductMethodRemoved, RemoveOfferedMethod, RemoveProductMethod, RemoveShopMethod,
            SetOfferedMethod, SetProductMethod, SetShopMethod, ShopMethod, ShopMethodChanged, ShopMethodRemoved,
        },
        common::{CommandMeta, Outcome},
        payments::PaymentMethod,
    },
    refusals,
    rows::admin::{OfferedMethodRow, ProductMethodRow, ProductRow, ShopMethodRow},
};

use super::{not_found, shown};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version};

/// Says how shops may offer a method.
pub(super) fn set_offered(command: &SetOfferedMethod, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let SetOfferedMethod { meta, method, name, installments, active } = command.clone();
    check_platform(&meta)?;
    let mut errors = Errors::default();
    METHOD_NAME.check(&mut errors, "/name", Some(&name));
    errors.or(()).map_err(Refusal::fields)?;
    check_kind(method)?;
    if installments && !allows_installments(method) {
        return Err(Refusal::fields(vec![not_in_installments("/installments")]).into());
    }
    let row = rows.get::<OfferedMethodRow>(OfferedMethodRow::at(meta.tenant_id, method))?;
    let last = row.as_ref().map_or(0, |row| row.offered.version);
    let before = row.filter(|row| !row.removed).map(|row| row.offered.clone());
    // Who is shown none has seen version 0.
    let version = before.as_ref().map_or(0, |before| before.version);
    check_version(&meta, version)?;
    let (created_at, changed_at) =
        before.as_ref().map_or((context.now, context.now), |before| (before.created_at, before.changed_at));
    let mut offered = OfferedMethod { method, version: last, name, installments, active, created_at, changed_at };
    if before.as_ref() == Some(&offered) {
        return Ok(Decision::unchanged(context, shown::offered_method(&offered)));
    }
    offered.version += 1;
    offered.changed_at = context.now;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(offered_id(method), offered.version);
    decision.answer(set(version), entity, |meta| OfferedMethodChanged { meta, method: offered });
    Ok(decision)
}

/// Takes back what was said of how shops may offer a method.
pub(super) fn remove_offered(
    command: &RemoveOfferedMethod,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let RemoveOfferedMethod { meta, method } = command;
    check_platform(meta)?;
    let row = rows.get::<OfferedMethodRow>(OfferedMethodRow::at(meta.tenant_id, *method))?;
    let method = row.filter(|row| !row.removed).map(|row| row.offered.clone()).ok_or_else(not_configured)?;
    check_version(meta, method.version)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(offered_id(method.method), method.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| OfferedMethodRemoved { meta, method });
    Ok(decision)
}

/// Says how a shop's buyers pay by a method.
pub(super) fn set_of_shop(command: &SetShopMethod, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let SetShopMethod { meta, method, active, terms } = command.clone();
    check(method, &terms)?;
    let row = rows.get::<ShopMethodRow>(ShopMethodRow::at(meta.tenant_id, method))?;
    let last = row.as_ref().map_or(0, |row| row.taken.version);
    let before = row.filter(|row| !row.removed).map(|row| row.taken.clone());
    // Who is shown none has seen version 0.
    let version = before.as_ref().map_or(0, |before| before.version);
    check_version(&meta, version)?;
    let (created_at, changed_at) =
        before.as_ref().map_or((context.now, context.now), |before| (before.created_at, before.changed_at));
    let mut taken = ShopMethod { method, version: last, active, terms, created_at, changed_at };
    if before.as_ref() == Some(&taken) {
        return Ok(Decision::unchanged(context, shown::shop_method(&taken)));
    }
    taken.version += 1;
    taken.changed_at = context.now;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(shop_id(method), taken.version);
    decision.answer(set(version), entity, |meta| ShopMethodChanged { meta, method: taken });
    Ok(decision)
}

/// Takes a method out of a shop.
pub(super) fn remove_of_shop(
    command: &RemoveShopMethod,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let RemoveShopMethod { meta, method } = command;
    let row = rows.get::<ShopMethodRow>(ShopMethodRow::at(meta.tenant_id, *method))?;
    let method = row.filter(|row| !row.removed).map(|row| row.taken.clone()).ok_or_else(not_configured)?;
    check_version(meta, method.version)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(shop_id(method.method), method.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| ShopMethodRemoved { meta, method });
    Ok(decision)
}

/// Says how a product is paid by a method.
pub(super) fn set_of_product(
    command: &SetProductMethod,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let SetProductMethod { meta, product_id, method, active, terms } = command.clone();
    check_product(&meta, product_id, rows)?;
    check(method, &terms)?;
    let row = rows.get::<ProductMethodRow>(ProductMethodRow::at(meta.tenant_id, product_id, method))?;
    let last = row.as_ref().map_or(0, |row| row.taken.version);
    let before = row.filter(|row| !row.removed).map(|row| row.taken.clone());
    // Who is shown none has seen version 0.
    let version = before.as_ref().map_or(0, |before| before.version);
    check_version(&meta, version)?;
    let (created_at, changed_at) =
        before.as_ref().map_or((context.now, context.now), |before| (before.created_at, before.changed_at));
    let mut taken = ProductMethod { product_id, method, version: last, active, terms, created_at, changed_at };
    if before.as_ref() == Some(&taken) {
        return Ok(Decision::unchanged(context, shown::product_method(&taken)));
    }
    taken.version += 1;
    taken.changed_at = context.now;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(product_method_id(product_id, method), taken.version);
    decision.answer(set(version), entity, |meta| ProductMethodChanged { meta, method: taken });
    Ok(decision)
}

/// Lets the shop's configuration of a method hold for a product again.
pub(super) fn remove_of_product(
    command: &RemoveProductMethod,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let RemoveProductMethod { meta, product_id, method } = command;
    check_product(meta, *product_id, rows)?;
    let row = rows.get::<ProductMethodRow>(ProductMethodRow::at(meta.tenant_id, *product_id, *method))?;
    let method = row.filter(|row| !row.removed).map(|row| row.taken.clone()).ok_or_else(not_configured)?;
    check_version(meta, method.version)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(product_method_id(method.product_id, method.method), method.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| ProductMethodRemoved { meta, method });
    Ok(decision)
}

/// What a product says of methods, and what it said last of those that were removed.
pub(super) fn of_product(
    tenant: TenantId,
    product: ProductId,
    rows: &Rows,
) -> Result<Vec<Arc<ProductMethodRow>>, Need> {
    rows.scan::<ProductMethodRow>(ProductMethodRow::all(tenant, product))
}

/// Takes what a product says of methods away with it.
pub(super) fn go_with_product(decision: &mut Decision<AdminEvent>, methods: &[Arc<ProductMethodRow>]) {
    for row in methods.iter().filter(|row| !row.removed) {
        let method = row.taken.clone();
        let entity = EntityVersion::new(product_method_id(method.product_id, method.method), method.version + 1);
        decision.event(entity, |meta| ProductMethodRemoved { meta, method });
    }
}

/// The outcome of a configuration that was of this version before, 0 where there was none.
fn set(version: i64) -> Outcome {
    if version == 0 { Outcome::Created } else { Outcome::Updated }
}

fn check_platform(meta: &CommandMeta) -> Result<(), Refusal> {
    if meta.tenant_id == TenantId::PLATFORM {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, "Só a plataforma diz que formas de pagamento as lojas oferecem."))
}

/// Refuses a method that only a later program knows.
fn check_kind(method: PaymentMethod) -> Result<(), Refusal> {
    match method {
        PaymentMethod::Card | PaymentMethod::Boleto | PaymentMethod::Pix => Ok(()),
        PaymentMethod::Unknown => {
            Err(Refusal::fields(vec![FieldError::new("/method", Code::Invalid, refusals::METHOD_NOT_OFFERED)]))
        }
    }
}

fn check(method: PaymentMethod, terms: &PaymentTerms) -> Result<(), Refusal> {
    check_kind(method)?;
    let mut errors = Errors::default();
    check_terms(&mut errors, terms);
    errors.or(()).map_err(Refusal::fields)?;
    if terms.max_installments > 1 && !allows_installments(method) {
        return Err(Refusal::fields(vec![not_in_installments("/max_installments")]));
    }
    Ok(())
}

fn check_product(meta: &CommandMeta, product: ProductId, rows: &Rows) -> Result<(), Stop> {
    match rows.get::<ProductRow>(ProductRow::at(meta.tenant_id, product))? {
        Some(_) => Ok(()),
        None => Err(not_found("O produto").into()),
    }
}

fn not_configured() -> Refusal {
    Refusal::new(Code::NotFound, refusals::METHOD_NOT_CONFIGURED)
}

fn offered_id(method: PaymentMethod) -> String {
    format!("offered_method:{}", method_word(method))
}

fn shop_id(method: PaymentMethod) -> String {
    format!("shop_method:{}", method_word(method))
}

fn product_method_id(product: ProductId, method: PaymentMethod) -> String {
    format!("product_method:{product}:{}", method_word(method))
}
