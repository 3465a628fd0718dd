//! The end of what renews itself in a shop that is closed for good: nobody gets into it any more to end it, and its buyers would be charged
//! each month. Its subscriptions are looked at month by month, the latest first, so many in a decision; a timer goes on until none is left.

use feira_schemas::{
    ids::{Micros, SubscriptionId},
    records::{
        PaymentsEvent,
        admin::{TenantChanged, TenantStatus},
    },
    rows::{
        common::Timer,
        payments::{ChargeOfMonthRow, EffectRow, SubscriptionOfMonthRow, SubscriptionRow},
    },
    time::DAY,
};

use super::{ends, standing, subscriptions};
use crate::{Decided, Decision, DecisionContext, NewTimer, Rows};

/// Begins the id of the entity of a timer, of which the place is the rest.
const ENTITY: &str = "closed:";
/// The word for what such a timer looks for.
const END_ALL: &str = "end_all";
/// Subscriptions that one decision looks at.
const BATCH: usize = 100;

/// The place from which on a shop's subscriptions are still to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The month in which the first of them could be asked for.
    oldest: String,
    /// The month whose subscriptions are looked at.
    month: String,
    /// The last one of the month that was looked at: its sorting column and its id.
    after: Option<(i64, SubscriptionId)>,
}

impl Place {
    /// The place that a timer's entity names; none where the timer is of another matter.
    pub fn of(entity: &str) -> Option<Self> {
        let mut parts = entity.strip_prefix(ENTITY)?.split(':');
        let (oldest, month) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let after = match (parts.next(), parts.next()) {
            (Some(newest_first), Some(id)) => Some((newest_first.parse().ok()?, id.parse().ok()?)),
            _ => None,
        };
        Some(Self { oldest, month, after })
    }

    fn entity(&self) -> String {
        let Self { oldest, month, after } = self;
        match after {
            Some((newest_first, id)) => format!("{ENTITY}{oldest}:{month}:{newest_first}:{id}"),
            None => format!("{ENTITY}{oldest}:{month}"),
        }
    }

    /// The place after these subscriptions of the month; none once the oldest month was looked at.
    fn next(self, looked_at: &[(i64, SubscriptionId)]) -> Option<Self> {
        if looked_at.len() >= BATCH {
            return Some(Self { after: looked_at.last().copied(), ..self });
        }
        let (month, _) = ChargeOfMonthRow::month_before(&self.month)?;
        (month >= self.oldest).then_some(Self { month, after: None, ..self })
    }
}

/// Follows a shop in its standing. From when it is closed for good on, what renews itself in it is ended.
pub(super) fn tenant_changed(event: &TenantChanged, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = standing::tenant_changed(event, rows, context)?;
    // What is told once more changes nothing.
    if event.tenant.status == TenantStatus::Closed && !decision.events.is_empty() {
        begin(&mut decision, event.tenant.created_at, context);
    }
    Ok(decision)
}

/// Has all subscriptions of a shop ended that was made at this time.
fn begin(decision: &mut Decision<PaymentsEvent>, made_at: Micros, context: &DecisionContext) {
    // Another context's clock has said when the shop was made.
    let (oldest, latest) = (made_at.saturating_sub(DAY), context.now.saturating_add(DAY));
    let (oldest, month) = (ChargeOfMonthRow::month(oldest), ChargeOfMonthRow::month(latest));
    go_on(decision, &Place { oldest, month, after: None }, context);
}

fn go_on(decision: &mut Decision<PaymentsEvent>, place: &Place, context: &DecisionContext) {
    decision.set_timer(NewTimer { entity: &place.entity(), what: END_ALL, due: context.now, replaces: None });
}

/// Ends the next subscriptions, and sets the timer by which those after them are ended. What is owed to the platform is not the shop's:
/// sign-up ends that.
pub(super) fn due(place: Place, timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = timer.tenant_id;
    let of_month = rows.scan::<SubscriptionOfMonthRow>(SubscriptionOfMonthRow::all(tenant, &place.month))?;
    let all = of_month.iter().map(|row| (row.newest_first, row.subscription_id));
    let batch: Vec<_> = all.filter(|at| place.after.is_none_or(|after| *at > after)).take(BATCH).collect();
    let keys = batch.iter().map(|(_, id)| SubscriptionRow::at(tenant, *id)).collect();
    let mut found: Vec<_> = rows.get_many::<SubscriptionRow>(keys)?.into_iter().flatten().collect();
    found.retain(|row| row.subscription.lent.is_none() && ends::may_be_ended(&row.subscription));
    let making = |id: SubscriptionId| EffectRow::at(tenant, subscriptions::making(id));
    let keys = found.iter().map(|row| making(row.subscription.subscription_id)).collect();
    let effects = rows.get_many::<EffectRow>(keys)?;
    let mut decision = Decision::new(context);
    for ((index, row), effect) in (1..).zip(&found).zip(effects) {
        ends::want(&mut decision, row, effect, (index, None), context);
    }
    if let Some(next) = place.next(&batch) {
        go_on(&mut decision, &next, context);
    }
    Ok(decision)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(month: &str, after: Option<(i64, SubscriptionId)>) -> Place {
        Place { oldest: "2025-12".into(), month: month.into(), after }
    }

    fn subscriptions(number: usize) -> Vec<(i64, SubscriptionId)> {
        (1..).take(number).map(|number| (number, SubscriptionId::from_uuid(Uuid::nil()))).collect()
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for place in [at("2026-02", None), at("2026-02", Some((-17, SubscriptionId::from_uuid(Uuid::from_u128(9)))))] {
            assert_eq!(Place::of(&place.entity()), Some(place));
        }
        assert_eq!(Place::of("effect:x"), None);
    }

    #[test]
    fn a_month_is_looked_at_wholly_and_then_the_one_before_until_the_oldest() {
        let whole = subscriptions(BATCH);
        let next = at("2026-01", None).next(&whole);
        assert_eq!(next, Some(at("2026-01", whole.last().copied())));
        let next = next.unwrap().next(&subscriptions(BATCH - 1));
        assert_eq!(next, Some(at("2025-12", None)));
        assert_eq!(next.unwrap().next(&[]), None);
    }
}
