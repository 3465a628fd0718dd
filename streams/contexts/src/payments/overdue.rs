//! Timers that are due: what nobody could send is closed, what is not known after 20 hours becomes an open question, and open
//! questions are asked daily, so that nothing stays as it is only because no runner asks.

use feira_schemas::{
    records::{
        PaymentsEvent,
        payments::{EffectKind, EffectState},
    },
    rows::{common::Timer, payments::EffectRow},
    time::DAY,
};

use super::{
    about::{About, OfCard, OfCharge, OfSubscription},
    case::Case,
    checks, closing,
    entity::{Kept, say_wanted},
    ledger::{self, Close, Due},
    plans, timers,
};
use crate::{Decided, Decision, DecisionContext, Rows};

pub(super) fn due(timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    if let Some(place) = closing::Place::of(&timer.entity) {
        return closing::due(place, timer, rows, context);
    }
    let Some(effect) = timers::effect_of(&timer.entity) else { return Ok(Decision::new(context)) };
    let Some(row) = rows.get::<EffectRow>(EffectRow::at(timer.tenant_id, effect))? else {
        return Ok(Decision::new(context));
    };
    match timer.what.as_str() {
        timers::DEADLINE => deadline(&row, rows, context),
        timers::ASK_DAILY => ask_daily(&row, context),
        timers::TRY_AGAIN => try_again(&row, rows, context),
        _ => Ok(Decision::new(context)), // A word of a later version, which comes with a generation of its own.
    }
}

fn deadline(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    match row.effect.kind {
        EffectKind::Charge | EffectKind::Refund | EffectKind::Cancel => over::<OfCharge>(row, rows, context),
        EffectKind::SaveCard => over::<OfCard>(row, rows, context),
        EffectKind::Subscription | EffectKind::EndSubscription => over::<OfSubscription>(row, rows, context),
        EffectKind::Plan => plans::given_up(row, rows, context),
        EffectKind::Check | EffectKind::Unknown => Ok(Decision::new(context)),
    }
}

/// Ends what nobody could send, and opens the question where somebody may have.
fn over<A: About>(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    match ledger::due(&row.effect, context.now) {
        Due::Nothing => {}
        Due::Again(due) => timers::set(&mut decision, row.effect.effect_id, timers::DEADLINE, due),
        Due::Close(close) => {
            let mut case = Case::<A>::of(row, rows)?;
            match case.is_unwanted() {
                true => case.cancelled(),
                false => case.close(close),
            }
            case.say(&mut decision, context, None);
        }
        Due::Open => {
            let mut case = Case::<A>::of(row, rows)?;
            case.settle(context);
            match row.effect.kind {
                _ if case.effect.has_changed() => {}
                // Nobody can be asked about it, and its token is long run out.
                EffectKind::SaveCard => case.close(Close::TokenSpent),
                _ => case.open(None),
            }
            case.say(&mut decision, context, None);
        }
    }
    Ok(decision)
}

/// Says once more that an open question is to be asked, for a month after its last attempt could be made.
fn ask_daily(row: &EffectRow, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    if row.effect.state != EffectState::Open {
        return Ok(decision);
    }
    let first = row.effect.first_granted_at.unwrap_or(row.effect.wanted_at);
    let ends = first.saturating_add(ledger::NOTHING_SENT_AFTER).saturating_add(ledger::ASKED_FOR);
    if context.now > ends {
        return Ok(decision); // It stays open, and is listed for a person.
    }
    let effect = row.effect.effect_id;
    say_wanted(&mut decision, Kept::from(row));
    timers::set(&mut decision, effect, timers::ASK_DAILY, context.now.saturating_add(DAY));
    Ok(decision)
}

fn try_again(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    match row.effect.kind {
        EffectKind::Check => checks::again(row, rows, context),
        EffectKind::Plan => plans::again(row, rows, context),
        _ => Ok(Decision::new(context)),
    }
}
