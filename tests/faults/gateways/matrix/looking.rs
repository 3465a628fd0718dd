//! Looks at what has become of cases: in rows, in payments' events, and at the gateways.

use std::time::Duration;

use feira_connectors::log::TopicPartition;
use feira_node::node::Node;
use feira_schemas::{
    ids::TenantId,
    records::{EventSet, PaymentsEvent, RecordSet},
    rows::payments::{ChargeRow, EffectRow, Matter, OpenMatterRow, RefundRow, SubscriptionRow},
    topics::{self, Context},
};
use tokio::time::sleep;

use super::{
    asking::shop,
    cases::Case,
    check::{Seen, Violation, is_under_way, violations},
};

/// The effects of these shops that may still be attempted.
pub async fn under_way(node: &Node, tenants: &[TenantId]) -> Vec<EffectRow> {
    let state = &node.platform.state;
    let mut rows = Vec::new();
    for partition in 0..node.platform.partitions {
        let open = state.scan::<OpenMatterRow>(&OpenMatterRow::all(partition), None, 10_000).await.unwrap();
        for row in open.iter().filter(|row| tenants.contains(&row.tenant_id)) {
            let Some(Matter::Effect(effect)) = Matter::read(&row.matter) else { continue };
            let found = state.get::<EffectRow>(&EffectRow::at(row.tenant_id, effect)).await.unwrap();
            rows.extend(found.filter(|row| is_under_way(row.effect.kind, row.effect.state)));
        }
    }
    rows
}

/// The rules that do not hold of these cases.
pub async fn looked_at(node: &Node, cases: &[Case]) -> Vec<Violation> {
    let events = events(node).await;
    let mut found = Vec::new();
    for case in cases {
        found.extend(violations(case, &seen(node, case, &events).await));
    }
    found
}

/// All that is known of a case, of these events of all shops.
pub async fn seen(node: &Node, case: &Case, events: &[PaymentsEvent]) -> Seen {
    let (shop, state) = (shop(node, case), &node.platform.state);
    let subscription = match case.act.is_of_subscription() {
        true => {
            let key = SubscriptionRow::at(shop.tenant(), shop.subscription_id());
            Some(state.get::<SubscriptionRow>(&key).await.unwrap().unwrap().subscription)
        }
        false => None,
    };
    let charge_id = match &subscription {
        Some(subscription) => subscription.charge_id,
        None => Some(shop.charge_id()),
    };
    let charge = match charge_id {
        Some(id) => Some(state.get::<ChargeRow>(&ChargeRow::at(shop.tenant(), id)).await.unwrap().unwrap().charge),
        None => None,
    };
    let refunds = RefundRow::all(shop.tenant(), shop.charge_id());
    let refunds = state.scan::<RefundRow>(&refunds, None, 100).await.unwrap();
    Seen {
        charge,
        refunds: refunds.into_iter().map(|row| row.refund).collect(),
        events: events.iter().filter(|event| event.meta().tenant_id == shop.tenant()).cloned().collect(),
        open: under_way(node, &[shop.tenant()]).await.len(),
        truth: case.remote.truth().await,
        subscription,
        subscriptions: case.remote.subscriptions().await,
        calls: case.remote.calls().await,
    }
}

/// All of payments' events.
pub async fn events(node: &Node) -> Vec<PaymentsEvent> {
    let (log, mut events) = (&node.platform.log, Vec::new());
    for partition in 0..node.platform.partitions {
        let at = TopicPartition::new(topics::events(Context::Payments), partition);
        let (mut from, end) = (log.start(&at).await.unwrap(), log.end(&at).await.unwrap());
        while from < end {
            let page = log.read(&at, from, 1_000).await.unwrap();
            if page.next == from {
                sleep(Duration::from_millis(20)).await; // Readable a moment after its commit.
            }
            from = page.next;
            let values = page.records.iter().filter_map(|record| record.value.as_deref());
            events.extend(values.map(|value| PaymentsEvent::decode(&node.platform.codec, value).unwrap()));
        }
    }
    events
}
