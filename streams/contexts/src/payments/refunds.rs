//! Refunds: asked for within what a charge has left, told done by the sum that the gateway shows, settled by hand where it gives none.

use std::sync::Arc;

use feira_schemas::{
    ids::{ChargeId, EffectId, RefundId, TenantId},
    money::{Currency, Money},
    problem::{Code, FieldError, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountKind, Charge, ChargeStatus, Effect, EffectKind, EffectState, PaymentMethod, Refund, RefundStatus,
            RequestRefund, SettleRefund,
        },
    },
    refusals,
    rows::payments::{EffectRow, RefundRow},
};

use super::{
    charges,
    entity::{Kept, say},
    ledger, lent, merge, refused, shown,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows, Stop, expected::check_version};

/// Refunds of a charge: all of them are read to decide upon one.
const REFUNDS: usize = 100;
/// Characters of the words on what is settled by hand.
const NOTE_CHARS: usize = 2_000;

pub(super) fn request(command: &RequestRefund, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let charge = charges::known(tenant, command.charge_id, rows)?;
    lent::check_charge(&charge.charge, &command.meta)?;
    let refunds = all(tenant, command.charge_id, rows)?;
    if let Some(row) = refunds.iter().find(|row| row.refund.refund_id == command.refund_id) {
        return match is_same(&row.refund, command) {
            true => Ok(Decision::unchanged(context, shown::refund(&row.refund, row.version))),
            false => Err(refused::another_request("uma devolução").into()),
        };
    }
    if refunds.len() >= REFUNDS {
        let detail = format!("Uma cobrança tem até {REFUNDS} devoluções.");
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    let charge = &charge.charge;
    let amount = amount_of(command, left(charge, &refunds))?;
    check_bank_account(command, charge, rows)?;
    let refund = Refund {
        refund_id: command.refund_id,
        charge_id: command.charge_id,
        reference: command.reference.clone(),
        amount: Money::brl(amount),
        bank_account: command.bank_account.clone(),
        status: RefundStatus::Wanted,
        why: None,
        reasons: Vec::new(),
        note: None,
        refunded_before: None,
        attempts: Vec::new(),
        created_at: context.now,
        updated_at: context.now,
        simulated: charge.simulated,
    };
    let effect = Effect {
        effect_id: EffectId::from_uuid(command.refund_id.uuid()),
        kind: EffectKind::Refund,
        entity: command.refund_id.to_string(),
        charge_id: Some(command.charge_id),
        state: EffectState::Wanted,
        account_id: charge.account_id,
        not_after: Some(context.now.saturating_add(ledger::WAITS_FOR)),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    };
    let mut decision = Decision::new(context);
    say(&mut decision, context, Kept::new(refund), Some(context.answers(Outcome::Created)));
    charges::want(&mut decision, effect);
    Ok(decision)
}

/// True if the same is asked for again. A bank account is sealed anew each time and is not compared; no sum asks for whatever was left.
fn is_same(refund: &Refund, command: &RequestRefund) -> bool {
    let amount = command.amount.is_none_or(|amount| amount == refund.amount);
    amount && refund.reference == command.reference
}

/// The sum to give back, in centavos, of this much that the charge has left.
fn amount_of(command: &RequestRefund, left: i64) -> Result<i64, Refusal> {
    if left <= 0 {
        return Err(Refusal::new(Code::PaymentState, "Esta cobrança não tem mais valor a devolver."));
    }
    let Some(amount) = command.amount else { return Ok(left) };
    let refused = |code, detail: String| Err(Refusal::fields(vec![FieldError::new("/amount", code, detail)]));
    if amount.currency != Currency::BRL {
        return refused(Code::Invalid, "A devolução é em reais (BRL).".to_owned());
    }
    if amount.amount < 1 || amount.amount > left {
        let most = Money::brl(left).figures();
        return refused(Code::OutOfRange, format!("Esta cobrança tem até R$ {most} a devolver."));
    }
    Ok(amount.amount)
}

/// A boleto is given back to a bank account alone, and nothing else is: nobody's bank account is kept without need. An account with an
/// acquirer of its own gives no boleto back, so that the merchant does it by hand.
fn check_bank_account(command: &RequestRefund, charge: &Charge, rows: &Rows) -> Result<(), Stop> {
    let refused =
        |code, detail: &str| Err(Refusal::fields(vec![FieldError::new("/bank_account", code, detail)]).into());
    let boleto = charge.request.method == PaymentMethod::Boleto;
    if command.bank_account.is_some() {
        return match boleto {
            true => Ok(()),
            false => refused(Code::Invalid, "A conta bancária só se informa para devolver um boleto."),
        };
    }
    let kind = charges::kind_of_account(command.meta.tenant_id, charge, rows)?;
    let by_hand = kind == Some(AccountKind::OwnAcquirer);
    match boleto && !by_hand {
        true => refused(Code::Required, "Informe a conta bancária do comprador para devolver um boleto."),
        false => Ok(()),
    }
}

/// The sum of a charge that may still be given back, in centavos: what was paid, without what went back already, what banks hold, and
/// what other refunds have asked for. A refund that failed asks for nothing any more.
pub(super) fn left(charge: &Charge, refunds: &[Arc<RefundRow>]) -> i64 {
    let Some(observed) = &charge.observed else { return 0 };
    let sum = |of: fn(RefundStatus) -> bool| -> i64 {
        let of = refunds.iter().map(|row| &row.refund).filter(|refund| of(refund.status));
        of.map(|refund| refund.amount.amount).fold(0, i64::saturating_add)
    };
    let reserved = sum(|status| !matches!(status, RefundStatus::Done | RefundStatus::Failed));
    let gone = merge::refunded(observed).max(sum(|status| status == RefundStatus::Done));
    observed.paid.saturating_sub(gone).saturating_sub(merge::charged_back(observed)).saturating_sub(reserved)
}

/// The refunds of a charge.
pub(super) fn all(tenant: TenantId, charge: ChargeId, rows: &Rows) -> Result<Vec<Arc<RefundRow>>, Need> {
    rows.scan::<RefundRow>(RefundRow::all(tenant, charge))
}

/// A refund that a command or an effect names.
pub(super) fn known(tenant: TenantId, charge: ChargeId, refund: RefundId, rows: &Rows) -> Result<Arc<RefundRow>, Stop> {
    match rows.get::<RefundRow>(RefundRow::at(tenant, charge, refund))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop("A devolução")).into()),
    }
}

/// True for a refund that the gateway may be about to make: no other of its charge is attempted meanwhile, since the sum that the
/// gateway shows then could be of either.
pub(super) fn is_under_way(refund: &Refund) -> bool {
    matches!(refund.status, RefundStatus::Sent | RefundStatus::Question)
}

/// What the sum that the gateway has given back says of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing has gone back since.
    Not,
    /// Its sum has.
    Done,
    /// Another sum has: it is not known of whom.
    Otherwise,
}

/// Looks for a refund in the sum that the gateway has cancelled since its attempt. A gateway that says that it `took` the refund is
/// believed also where more than that went back.
pub(super) fn shown(refund: &Refund, charge: &Charge, took: bool) -> Shown {
    let since = cancelled(charge).saturating_sub(refund.refunded_before.unwrap_or(0));
    match since - refund.amount.amount {
        0 => Shown::Done,
        1.. if took => Shown::Done,
        _ if since == 0 => Shown::Not,
        _ => Shown::Otherwise,
    }
}

/// The sum that the gateway was seen to have cancelled of a charge, in centavos.
pub(super) fn cancelled(charge: &Charge) -> i64 {
    charge.observed.as_ref().map_or(0, |observed| observed.cancelled)
}

/// The gateway shows a refund. What went back with bank data counts in its charge from now on.
pub(super) fn is_done(refund: &mut Refund, charge: &mut Charge) {
    if refund.status == RefundStatus::Done {
        return;
    }
    refund.status = RefundStatus::Done;
    refund.why = None;
    refund.reasons.clear();
    if let (Some(_), Some(observed)) = (&refund.bank_account, &mut charge.observed) {
        observed.by_bank_data = observed.by_bank_data.saturating_add(refund.amount.amount);
        charge.status = merge::status(observed);
    }
}

/// The merchant has given the sum back by other means, and says so.
pub(super) fn settle(command: &SettleRefund, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = known(tenant, command.charge_id, command.refund_id, rows)?;
    lent::check_charge(&charges::known(tenant, command.charge_id, rows)?.charge, &command.meta)?;
    check_version(&command.meta, row.version)?;
    if row.refund.status == RefundStatus::ByHand {
        return Ok(Decision::unchanged(context, shown::refund(&row.refund, row.version)));
    }
    check_note(&command.note, "Informe como o valor foi devolvido.")?;
    let mut refund = Kept::from(&*row);
    let mut effect = None;
    match row.refund.status {
        RefundStatus::Failed => {
            let charge = charges::known(tenant, command.charge_id, rows)?;
            let left = left(&charge.charge, &all(tenant, command.charge_id, rows)?);
            if row.refund.amount.amount > left {
                let detail = "O valor desta devolução já foi devolvido ou pedido de outra forma.";
                return Err(Refusal::new(Code::PaymentState, detail).into());
            }
        }
        RefundStatus::Question => {
            let at = EffectRow::at(tenant, EffectId::from_uuid(command.refund_id.uuid()));
            effect = rows.get::<EffectRow>(at)?.map(|row| Kept::from(&*row));
        }
        _ => {
            let detail = "Só se registra à mão uma devolução que falhou ou que está em dúvida.";
            return Err(Refusal::new(Code::PaymentState, detail).into());
        }
    }
    refund.now.status = RefundStatus::ByHand;
    refund.now.note = Some(command.note.clone());
    let mut decision = Decision::new(context);
    say(&mut decision, context, refund, Some(context.answers(Outcome::Updated)));
    if let Some(mut effect) = effect {
        ledger::leave(&mut effect.now, EffectState::Closed);
        say(&mut decision, context, effect, None);
    }
    Ok(decision)
}

/// Refuses a person's words on what is settled by hand if there are none, or too many.
pub(super) fn check_note(note: &str, missing: &str) -> Result<(), Refusal> {
    let refused = |code, detail: String| Err(Refusal::fields(vec![FieldError::new("/note", code, detail)]));
    if note.trim().is_empty() {
        return refused(Code::Required, missing.to_owned());
    }
    if note.chars().count() > NOTE_CHARS {
        return refused(Code::TooLong, refusals::too_long("A explicação", NOTE_CHARS));
    }
    Ok(())
}

/// True if a refund can't be asked of the gateway, since it shows less left than the refund's sum.
pub(super) fn exceeds(refund: &Refund, charge: &Charge) -> bool {
    let paid = charge.observed.as_ref().map_or(0, |observed| observed.paid);
    charge.status == ChargeStatus::ChargedBack || cancelled(charge).saturating_add(refund.amount.amount) > paid
}
