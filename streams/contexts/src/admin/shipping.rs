//! Ways in which a shop delivers, and their order.

use std::sync::Arc;

use feira_schemas::{
    api::shipping::check_content,
    ids::{ShippingId, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            ChangeShipping, CreateShipping, MoveShipping, RemoveShipping, ShippingChanged, ShippingContent,
            ShippingOption, ShippingRemoved,
        },
        common::Outcome,
    },
    refusals,
    rows::admin::ShippingOptionRow,
};

use super::shown;
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, expected::check_version};

/// Makes a way of delivery, behind the others. The same command again finds it as it is, unless it is another by now.
pub(super) fn create(command: &CreateShipping, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let CreateShipping { meta, shipping_id, content } = command.clone();
    let all = all(meta.tenant_id, rows)?;
    if let Some(present) = all.iter().find(|row| row.option.shipping_id == shipping_id) {
        return made_before(&present.option, &content, context);
    }
    if all.len() >= limits::SHIPPING_OPTIONS {
        let detail = format!("A loja pode ter até {} formas de entrega.", limits::SHIPPING_OPTIONS);
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    check(&content, shipping_id, &all)?;
    let position = all.iter().map(|row| row.option.position).max().unwrap_or(0) + 1;
    let (created_at, changed_at) = (context.now, context.now);
    let option = ShippingOption { shipping_id, version: 0, position, content, created_at, changed_at };
    Ok(now_is(option, Outcome::Created, context))
}

/// Its id is made of the asker's key, which is remembered longer than the answer that it got: no other is to be had by it.
fn made_before(option: &ShippingOption, content: &ShippingContent, context: &DecisionContext) -> Decided<AdminEvent> {
    if option.content != *content {
        let detail = "Esta chave de idempotência já criou outra forma de entrega. Use uma nova.";
        return Err(Refusal::new(Code::IdempotencyMismatch, detail).into());
    }
    Ok(Decision::unchanged(context, shown::shipping(option)))
}

/// Describes a way of delivery anew.
pub(super) fn change(command: &ChangeShipping, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let ChangeShipping { meta, shipping_id, content } = command.clone();
    let all = all(meta.tenant_id, rows)?;
    let before = load(shipping_id, &all)?;
    check_version(&meta, before.version)?;
    check(&content, shipping_id, &all)?;
    if before.content == content {
        return Ok(Decision::unchanged(context, shown::shipping(&before)));
    }
    Ok(now_is(ShippingOption { content, ..before }, Outcome::Updated, context))
}

/// Has a way of delivery change places with the one before or behind; at the end of the list nothing changes.
pub(super) fn shift(command: &MoveShipping, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let all = all(command.meta.tenant_id, rows)?;
    let moved = load(command.shipping_id, &all)?;
    check_version(&command.meta, moved.version)?;
    let others = all.iter().map(|row| &row.option);
    let other = match command.up {
        true => others.filter(|other| other.position < moved.position).max_by_key(|other| other.position),
        false => others.filter(|other| other.position > moved.position).min_by_key(|other| other.position),
    };
    let Some(other) = other.cloned() else {
        return Ok(Decision::unchanged(context, shown::shipping(&moved)));
    };
    let (moved, other) = (
        ShippingOption { position: other.position, ..moved.clone() },
        ShippingOption { position: moved.position, version: other.version + 1, changed_at: context.now, ..other },
    );
    let mut decision = now_is(moved, Outcome::Updated, context);
    let entity = EntityVersion::new(other.shipping_id, other.version);
    decision.event(entity, |meta| ShippingChanged { meta, option: other });
    Ok(decision)
}

/// Removes a way of delivery.
pub(super) fn remove(command: &RemoveShipping, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let option = load(command.shipping_id, &all(command.meta.tenant_id, rows)?)?;
    check_version(&command.meta, option.version)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(option.shipping_id, option.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| ShippingRemoved { meta, option });
    Ok(decision)
}

/// Refuses what is wrong with a content, and a name that another one has, however it is written.
fn check(content: &ShippingContent, shipping_id: ShippingId, all: &[Arc<ShippingOptionRow>]) -> Result<(), Refusal> {
    check_content(content, &[]).map_err(Refusal::fields)?;
    let folded = |name: &str| name.trim().to_lowercase();
    let has_it = |row: &Arc<ShippingOptionRow>| {
        row.option.shipping_id != shipping_id && folded(&row.option.content.name) == folded(&content.name)
    };
    if !all.iter().any(has_it) {
        return Ok(());
    }
    let detail = "Já há uma forma de entrega com este nome.";
    Err(Refusal { code: Code::Duplicate, ..Refusal::fields(vec![FieldError::new("/name", Code::Duplicate, detail)]) })
}

fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<ShippingOptionRow>>, Need> {
    rows.scan::<ShippingOptionRow>(ShippingOptionRow::all(tenant))
}

fn load(shipping_id: ShippingId, all: &[Arc<ShippingOptionRow>]) -> Result<ShippingOption, Refusal> {
    let found = all.iter().find(|row| row.option.shipping_id == shipping_id);
    found.map(|row| row.option.clone()).ok_or_else(|| Refusal::new(Code::NotFound, refusals::NO_SUCH_SHIPPING))
}

/// The way of delivery is now this, at its next version.
fn now_is(option: ShippingOption, outcome: Outcome, context: &DecisionContext) -> Decision<AdminEvent> {
    let option = ShippingOption { version: option.version + 1, changed_at: context.now, ..option };
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(option.shipping_id, option.version);
    decision.answer(outcome, entity, |meta| ShippingChanged { meta, option });
    decision
}
