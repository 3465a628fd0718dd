//! What an event of the store changes that somebody asks for: the pieces on hand of a variant.

use feira_schemas::{
    records::{StoreEvent, store::entity::STOCK},
    rows::audit::action,
};

use super::Changed;

/// The stock that somebody has set or adjusted; `None` of what follows from products, and of what buyers see.
pub(super) fn changed(event: &StoreEvent) -> Option<Changed> {
    match event {
        StoreEvent::StockChanged(event) if event.meta.answers.is_some() => Some(Changed {
            kind: STOCK,
            entity_id: format!("{}/{}", event.stock.product_id, event.stock.variant_id),
            // A variant that is there has stock, at zero where nobody has said how much.
            action: action::CHANGED,
            actor: event.meta.actor.clone(),
        }),
        StoreEvent::StockChanged(_)
        | StoreEvent::ProductListed(_)
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

#[cfg(test)]
mod tests {
    use feira_schemas::{
        ids::{CommandId, EventId, ProductId, VariantId},
        records::{
            common::{Answers, EventMeta, InputPosition, Outcome},
            store::{Stock, StockChanged},
        },
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::tenant;

    #[test]
    fn f20_stock_is_told_where_somebody_asks_for_it_and_not_where_a_product_brings_it() {
        let command_id = CommandId::from_uuid(Uuid::from_u128(3));
        let (product_id, variant_id) =
            (ProductId::from_uuid(Uuid::from_u128(4)), VariantId::from_uuid(Uuid::from_u128(5)));
        let stock = Stock { product_id, variant_id, version: 1, on_hand: 3, settled: true, tracked: true };
        let answers = Answers { command_id, body_hash: String::new(), outcome: Outcome::Updated };
        for (answers, told) in [(Some(answers), Some(format!("{product_id}/{variant_id}"))), (None, None)] {
            let meta = EventMeta {
                event_id: EventId::from_uuid(Uuid::from_u128(2)),
                tenant_id: tenant(7),
                aggregate_id: variant_id.to_string(),
                aggregate_version: 1,
                write_ts: 1,
                causation_id: command_id,
                input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
                occurred_at: 1,
                actor: "staff:ana".into(),
                answers,
            };
            let stock = stock.clone();
            let event = StockChanged { meta, stock, on_hand_before: None, reason: None, low: false, was_low: false };
            assert_eq!(changed(&event.into()).map(|changed| changed.entity_id), told);
        }
    }
}
