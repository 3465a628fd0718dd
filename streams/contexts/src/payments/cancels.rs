//! Cancelling charges that nobody has paid.

use feira_schemas::{
    ids::EffectId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{CancelCharge, Charge, ChargeStatus, Effect, EffectKind, EffectState},
    },
    rows::payments::EffectRow,
};

use super::{
    charges,
    entity::{Kept, say},
    ledger, lent, shown,
};
use crate::{Decided, Decision, DecisionContext, Rows, expected::check_version};

pub(super) fn cancel(command: &CancelCharge, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = charges::known(tenant, command.charge_id, rows)?;
    lent::check_charge(&row.charge, &command.meta)?;
    check_version(&command.meta, row.version)?;
    let unchanged = || Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version)));
    match row.charge.status {
        ChargeStatus::Processing => {}
        ChargeStatus::Failed | ChargeStatus::Expired | ChargeStatus::Cancelled => return unchanged(),
        _ if is_cancellable(&row.charge) => {}
        _ => {
            let detail = "Esta cobrança já recebeu dinheiro: devolva o valor em vez de cancelar.";
            return Err(Refusal::new(Code::PaymentState, detail).into());
        }
    }
    if row.charge.cancel_wanted {
        return unchanged();
    }
    let mut charge = Kept::from(&*row);
    let effect = rows.get::<EffectRow>(EffectRow::at(tenant, EffectId::from_uuid(command.charge_id.uuid())))?;
    let unsent = effect.filter(|row| row.effect.state == EffectState::Wanted).map(|row| Kept::from(&*row));
    let answers = Some(context.answers(Outcome::Updated));
    let mut decision = Decision::new(context);
    charge.now.cancel_wanted = true;
    if let Some(mut effect) = unsent {
        // No attempt is under way or in doubt: the gateway never hears of it.
        ledger::leave(&mut effect.now, EffectState::Closed);
        charge.now.status = ChargeStatus::Cancelled;
        say(&mut decision, context, charge, answers);
        say(&mut decision, context, effect, None);
        return Ok(decision);
    }
    let cancel = is_cancellable(&charge.now).then(|| effect_of(&charge.now, context));
    say(&mut decision, context, charge, answers);
    if let Some(cancel) = cancel {
        charges::want(&mut decision, cancel);
    }
    Ok(decision)
}

/// True for a charge that the gateway has and that has brought no money.
pub(super) fn is_cancellable(charge: &Charge) -> bool {
    charge.observed.is_some()
        && matches!(charge.status, ChargeStatus::Pending | ChargeStatus::Confirming | ChargeStatus::Authorized)
}

/// The effect that cancels a charge which was to be cancelled before the gateway had it, and has it now.
pub(super) fn due(charge: &Kept<Charge>, context: &DecisionContext) -> Option<Effect> {
    let appears = charge.is_seen_first();
    (appears && charge.now.cancel_wanted && is_cancellable(&charge.now)).then(|| effect_of(&charge.now, context))
}

fn effect_of(charge: &Charge, context: &DecisionContext) -> Effect {
    Effect {
        effect_id: EffectId::derive(context.cause.command_id, 0, context.now),
        kind: EffectKind::Cancel,
        entity: charge.charge_id.to_string(),
        charge_id: Some(charge.charge_id),
        state: EffectState::Wanted,
        account_id: charge.account_id,
        not_after: Some(context.now.saturating_add(ledger::WAITS_FOR)),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    }
}
