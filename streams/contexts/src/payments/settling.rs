//! Open questions that a person settles, who has looked at the gateway's own pages.
//!
//! A charge was made under an id that the person names, which is looked at and merged like any look, or it was not made. Cancelling one
//! needs none of this: the charge is looked at by the gateway's id of it, which shows what became of that. Of a subscription, what was to be
//! made was not, and what was to be ended goes on or was ended by hand.

use feira_schemas::{
    ids::{ChargeId, EffectId, TenantId},
    problem::{Code, FieldError, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Effect, EffectState, SettleCharge, SettleSubscription, Settled, Why},
    },
    refusals,
    rows::payments::{EffectRow, RemoteChargeRow},
};

use super::{
    about::{End, OfCharge, OfSubscription},
    case::Case,
    charges,
    entity::{Kept, say},
    ledger, lent, refunds, shown, subscriptions,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop, expected::check_version};

/// Characters of a gateway's id: theirs have some dozens.
const REMOTE_ID_CHARS: usize = 200;

/// Closes the open question about a charge, or names the charge at the gateway that is looked at.
pub(super) fn charge(command: &SettleCharge, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant, charge_id) = (command.meta.tenant_id, command.charge_id);
    let row = charges::known(tenant, charge_id, rows)?;
    lent::check_charge(&row.charge, &command.meta)?;
    check_version(&command.meta, row.version)?;
    let effect = rows.get::<EffectRow>(EffectRow::at(tenant, EffectId::from_uuid(charge_id.uuid())))?;
    let effect = effect.filter(|row| row.effect.state == EffectState::Open).ok_or_else(not_open)?;
    refunds::check_note(&command.note, "Informe como se sabe o que houve com a cobrança.")?;
    let settled = Some(Settled { remote_id: command.remote_id.clone(), note: command.note.clone() });
    let mut decision = Decision::new(context);
    let answers = Some(context.answers(Outcome::Updated));
    let Some(remote) = &command.remote_id else {
        let mut case = Case::with(&effect, OfCharge::from(Kept::from(&*row)));
        case.effect.now.settled = settled;
        match case.is_unwanted() {
            true => case.cancelled(),
            false => {
                ledger::leave(&mut case.effect.now, EffectState::Closed);
                case.failed(End::Failed, Why::NotFound.word(), &[]);
            }
        }
        case.say_entity_first(&mut decision, context, answers);
        return Ok(decision);
    };
    check_remote(remote, tenant, charge_id, &effect.effect, rows)?;
    let mut effect = Kept::from(&*effect);
    effect.now.settled = settled;
    match say(&mut decision, context, effect, answers) {
        true => Ok(decision),
        false => Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version))),
    }
}

/// Closes the open question: what was to be made was not, what was to be ended goes on or was ended by hand. A look that shows otherwise
/// is merged as ever.
pub(super) fn subscription(
    command: &SettleSubscription,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = subscriptions::known(tenant, command.subscription_id, rows)?;
    lent::check_subscription(&row.subscription, &command.meta)?;
    check_version(&command.meta, row.version)?;
    refunds::check_note(&command.note, "Informe o que o gateway mostra.")?;
    let effect = row.subscription.ending.unwrap_or_else(|| subscriptions::making(command.subscription_id));
    let effect = rows.get::<EffectRow>(EffectRow::at(tenant, effect))?;
    let Some(effect) = effect.filter(|row| row.effect.state == EffectState::Open) else {
        return match row.subscription.note.as_ref() == Some(&command.note) {
            true => Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version))),
            false => {
                let detail = "Só se registra à mão o que ficou em dúvida no gateway.";
                Err(Refusal::new(Code::PaymentState, detail).into())
            }
        };
    };
    let mut case = Case::with(&effect, OfSubscription::from(&*row));
    ledger::leave(&mut case.effect.now, EffectState::Closed);
    case.failed(End::Failed, Why::ByHand.word(), &[]);
    case.about.subscription.now.note = Some(command.note.clone());
    let mut decision = Decision::new(context);
    case.say_entity_first(&mut decision, context, Some(context.answers(Outcome::Updated)));
    Ok(decision)
}

/// Refuses an id that is none, or that another charge of the account is known by.
fn check_remote(remote: &str, tenant: TenantId, charge: ChargeId, effect: &Effect, rows: &Rows) -> Result<(), Stop> {
    let refused = |code, detail: String| Err(Refusal::fields(vec![FieldError::new("/remote_id", code, detail)]).into());
    if remote.trim().is_empty() {
        return refused(Code::Required, "Informe o id da cobrança no gateway.".to_owned());
    }
    if remote.chars().count() > REMOTE_ID_CHARS {
        return refused(Code::TooLong, refusals::too_long("O id da cobrança no gateway", REMOTE_ID_CHARS));
    }
    let Some(account) = effect.account_id else { return Err(not_open().into()) };
    let known = rows.get::<RemoteChargeRow>(RemoteChargeRow::at(tenant, account, remote))?;
    match known.is_some_and(|row| row.charge_id != charge) {
        true => refused(Code::Invalid, "No gateway, este id é o de outra cobrança da loja.".to_owned()),
        false => Ok(()),
    }
}

fn not_open() -> Refusal {
    let detail = "Só se resolve à mão uma cobrança que o gateway não mostra e que não se envia mais.";
    Refusal::new(Code::PaymentState, detail)
}
