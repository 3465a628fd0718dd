//! The entities that events of payments and of the store hold. Secrets stay sealed: that one was changed is told, and never what it is.

use feira_schemas::{
    api::payments::{RefundShown, account_card_json, credential_json, refund_json},
    records::{
        PaymentsEvent, StoreEvent,
        payments::{Account, Refund},
        store::StockChanged,
    },
};
use serde_json::{Value, json};

use super::{differences::sealed, entity::Entity};

/// The entity of an event of payments; `None` of one that nobody is told of.
pub(super) fn of_payments(event: &PaymentsEvent) -> Option<Entity> {
    match event {
        PaymentsEvent::AccountChanged(event) => {
            Some(Entity::of(Some(&event.account.name), account_json(&event.account)))
        }
        PaymentsEvent::CredentialChanged(event) => {
            Some(Entity::of(Some(&event.credential.name), credential_json(&event.credential)))
        }
        PaymentsEvent::RefundChanged(event) => {
            Some(Entity::of(Some(&event.refund.amount.to_string()), told_refund(&event.refund)))
        }
        PaymentsEvent::EffectReported(event) => {
            let settled = event.effect.settled.as_ref()?;
            Some(said(json!({"note": settled.note, "remote_id": settled.remote_id})))
        }
        PaymentsEvent::RemoteSubscriptionChanged(event) => Some(said(json!({"note": event.subscription.note}))),
        PaymentsEvent::ChargeChanged(_)
        | PaymentsEvent::EffectWanted(_)
        | PaymentsEvent::EffectGranted(_)
        | PaymentsEvent::CallbackKept(_)
        | PaymentsEvent::StandingChanged(_)
        | PaymentsEvent::DifferenceChanged(_)
        | PaymentsEvent::ReconciliationRequested(_)
        | PaymentsEvent::MailWanted(_)
        | PaymentsEvent::MailDone(_)
        | PaymentsEvent::PlanChanged(_)
        | PaymentsEvent::SavedCardChanged(_)
        | PaymentsEvent::CommandAnswered(_)
        | PaymentsEvent::TimerSet(_)
        | PaymentsEvent::TimerCleared(_) => None,
    }
}

/// The entity of an event of the store; `None` of one that nobody is told of.
pub(super) fn of_store(event: &StoreEvent) -> Option<Entity> {
    match event {
        StoreEvent::StockChanged(event) => Some(stock(event)),
        StoreEvent::ProductListed(_)
        | StoreEvent::ProductUnlisted(_)
        | StoreEvent::CategoryListed(_)
        | StoreEvent::CategoryUnlisted(_)
        | StoreEvent::ShopChanged(_)
        | StoreEvent::ProductMethodsChanged(_)
        | StoreEvent::CommandAnswered(_)
        | StoreEvent::TimerSet(_)
        | StoreEvent::TimerCleared(_) => None,
    }
}

/// What a person has said when something was settled, of which nothing was said before.
fn said(json: Value) -> Entity {
    Entity { name: None, json, was: Some(json!({})) }
}

fn account_json(account: &Account) -> Value {
    let mut shown = account_card_json(account);
    if let Some(fields) = shown.as_object_mut() {
        // It changes with the key, which is told.
        fields.remove("key_version");
    }
    shown["secret_key"] = sealed(&account.key);
    shown["callback"] = sealed(&account.callback);
    shown["notify_email"] = account.notify_email.as_ref().map_or(Value::Null, sealed);
    shown
}

/// A refund without what the gateway says of it, which is sealed, and with the words of who gave it back by hand.
fn told_refund(refund: &Refund) -> Value {
    let mut shown = refund_json(refund, &RefundShown::default());
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !["errors", "attempts"].contains(&name.as_str()));
    }
    shown["note"] = json!(refund.note);
    shown
}

fn stock(event: &StockChanged) -> Entity {
    // What products bring is told by no row, so that the change that was told before is no measure: without the
    // number it is only said what it became.
    let was = event.on_hand_before.map_or_else(|| json!({}), |on_hand| json!({"on_hand": on_hand}));
    Entity { name: None, json: json!({"on_hand": event.stock.on_hand, "reason": event.reason}), was: Some(was) }
}

#[cfg(test)]
mod tests {
    use feira_schemas::{
        ids::{CommandId, EventId, ProductId, TenantId, VariantId},
        records::{
            common::{EventMeta, InputPosition},
            store::Stock,
        },
    };
    use uuid::Uuid;

    use super::*;
    use crate::changes::differences::differences;

    /// What a change of stock to two pieces tells of its fields.
    fn told(on_hand_before: Option<i64>, reason: Option<&str>) -> Vec<(String, Option<Value>, Option<Value>)> {
        let meta = EventMeta {
            event_id: EventId::from_uuid(Uuid::from_u128(2)),
            tenant_id: TenantId::from_uuid(Uuid::from_u128(7)),
            aggregate_id: "variant".into(),
            aggregate_version: 4,
            write_ts: 1,
            causation_id: CommandId::from_uuid(Uuid::from_u128(3)),
            input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
            occurred_at: 1,
            actor: "staff:ana".into(),
            answers: None,
        };
        let (product_id, variant_id) =
            (ProductId::from_uuid(Uuid::from_u128(4)), VariantId::from_uuid(Uuid::from_u128(5)));
        let stock = Stock { product_id, variant_id, version: 4, on_hand: 2, settled: true, tracked: true };
        let reason = reason.map(str::to_owned);
        let changed = StockChanged { meta, stock, on_hand_before, reason, low: false, was_low: false };
        let Some(Entity { json, was, .. }) = of_store(&changed.into()) else { panic!("no entity") };
        assert!(was.is_some(), "no other event is asked");
        let found = differences(was.as_ref(), Some(&json));
        found.items.into_iter().map(|item| (item.field, item.before, item.after)).collect()
    }

    #[test]
    fn f20_a_change_of_stock_says_by_itself_what_it_was() {
        let on_hand = |before: Option<i64>| ("/on_hand".to_owned(), before.map(Value::from), Some(json!(2)));
        let reason = ("/reason".to_owned(), None, Some(json!("Peça quebrada")));
        assert_eq!(told(Some(3), Some("Peça quebrada")), [on_hand(Some(3)), reason.clone()]);
        assert_eq!(told(Some(2), Some("Peça quebrada")), [reason], "counted, and it was right");
        assert_eq!(told(None, None), [on_hand(None)], "of a version that did not say it");
    }
}
