//! Timers that are due: what nobody could send is closed, what is not known after 20 hours becomes an open question, and open
//! questions are asked daily, so that nothing stays as it is only because no runner asks.

use feira_schemas::{
    ids::{EffectId, TenantId},
    records::{
        PaymentsEvent,
        payments::{EffectKind, EffectState},
    },
    rows::{common::Timer, payments::EffectRow},
    time::DAY,
};

use super::{
    case::Case,
    checks,
    entity::{Kept, say_wanted},
    ledger::{self, Due},
    timers,
};
use crate::{Decided, Decision, DecisionContext, Rows};

pub(super) fn due(timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let Some(effect) = timers::effect_of(&timer.entity) else { return Ok(Decision::new(context)) };
    match timer.what.as_str() {
        timers::DEADLINE => deadline(timer.tenant_id, effect, rows, context),
        timers::ASK_DAILY => ask_daily(timer.tenant_id, effect, rows, context),
        timers::CHECK_AGAIN => checks::again(timer.tenant_id, effect, rows, context),
        _ => Ok(Decision::new(context)), // A word of a later version, which comes with a generation of its own.
    }
}

fn deadline(tenant: TenantId, effect: EffectId, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    let row = rows.get::<EffectRow>(EffectRow::at(tenant, effect))?;
    let of_money = |kind| matches!(kind, EffectKind::Charge | EffectKind::Refund | EffectKind::Cancel);
    let Some(row) = row.filter(|row| of_money(row.effect.kind)) else { return Ok(decision) };
    match ledger::due(&row.effect, context.now) {
        Due::Nothing => {}
        Due::Again(due) => timers::set(&mut decision, effect, timers::DEADLINE, due),
        Due::Close(close) => {
            let mut case = Case::of(&row, rows)?;
            match case.effect.now.kind == EffectKind::Charge && case.charge.now.cancel_wanted {
                true => case.cancelled(),
                false => case.close(close),
            }
            case.say(&mut decision, context, None);
        }
        Due::Open => {
            let mut case = Case::of(&row, rows)?;
            case.settle_by_sum(context);
            if !case.effect.has_changed() {
                case.open(None);
            }
            case.say(&mut decision, context, None);
        }
    }
    Ok(decision)
}

/// Says once more that an open question is to be asked, for a month after its last attempt could be made.
fn ask_daily(tenant: TenantId, effect: EffectId, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    let row = rows.get::<EffectRow>(EffectRow::at(tenant, effect))?;
    let Some(row) = row.filter(|row| row.effect.state == EffectState::Open) else { return Ok(decision) };
    let first = row.effect.first_granted_at.unwrap_or(row.effect.wanted_at);
    let ends = first.saturating_add(ledger::NOTHING_SENT_AFTER).saturating_add(ledger::ASKED_FOR);
    if context.now > ends {
        return Ok(decision); // It stays open, and is listed for a person.
    }
    say_wanted(&mut decision, Kept::from(&*row));
    timers::set(&mut decision, effect, timers::ASK_DAILY, context.now.saturating_add(DAY));
    Ok(decision)
}
