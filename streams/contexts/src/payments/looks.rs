//! Looks: what was found of a charge at its gateway without an attempt.

use feira_schemas::{
    ids::EffectId,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Charge, ObserveCharge},
    },
    rows::payments::EffectRow,
};

use super::{
    cancels,
    case::Case,
    charges::{self, By},
    entity::{Kept, say},
    refunds, shown,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

/// Merges a look into its charge. What names another account, or another charge there than the one that is known, is dropped. A look
/// that finds the charge for the first time closes the effect that was to make it; one that shows money gone back, that of a refund
/// in doubt.
pub(super) fn observe(command: &ObserveCharge, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = charges::known(tenant, command.charge_id, rows)?;
    let mut charge = Kept::from(&*row);
    let is_its_own = charges::merge_into(&mut charge.now, &command.observed, By::Look);
    if !is_its_own || !charge.has_changed() {
        return Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version)));
    }
    let mut decision = Decision::new(context);
    let answers = Some(context.answers(Outcome::Updated));
    match case_of(command, charge, rows)? {
        Ok(mut case) => {
            match case.refund {
                Some(_) => case.settle_by_sum(context),
                None => case.found(context),
            }
            case.say_charge_first(&mut decision, context, answers);
        }
        Err(charge) => {
            let cancel = cancels::due(&charge, context);
            say(&mut decision, context, charge, answers);
            if let Some(cancel) = cancel {
                charges::want(&mut decision, cancel);
            }
        }
    }
    Ok(decision)
}

/// The case that a look says something about; the charge alone if there is none.
fn case_of(command: &ObserveCharge, charge: Kept<Charge>, rows: &Rows) -> Result<Result<Case, Kept<Charge>>, Stop> {
    let tenant = command.meta.tenant_id;
    if charge.is_seen_first() {
        let effect = EffectId::from_uuid(command.charge_id.uuid());
        return Ok(match rows.get::<EffectRow>(EffectRow::at(tenant, effect))? {
            Some(row) => Ok(Case::with(&row, charge)),
            None => Err(charge),
        });
    }
    if !charge.has_more_cancelled() {
        return Ok(Err(charge));
    }
    let refunds = refunds::all(tenant, command.charge_id, rows)?;
    match refunds.iter().find(|row| refunds::is_under_way(&row.refund)) {
        Some(refund) => Case::of_refund(tenant, refund, charge, rows),
        None => Ok(Err(charge)),
    }
}
