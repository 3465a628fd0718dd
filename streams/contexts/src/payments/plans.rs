//! Plans: what subscriptions are made of. A plan is made at its account, at least once and without a grant, since a plan that is there
//! twice charges nobody; its terms never change.

use std::{ops::RangeInclusive, sync::Arc};

use feira_schemas::{
    ids::{EffectId, PlanId, TenantId},
    money::{Currency, Money},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Account, AccountStatus, AttemptOutcome, Effect, EffectKind, EffectState, Plan, PlanStatus, ReportAttempt,
            SavePlan, Why,
        },
    },
    refusals,
    rows::payments::{AccountRow, EffectRow, PlanRow},
};

use super::{
    accounts, charges,
    entity::{Kept, say, say_next, say_wanted},
    ledger,
    refused::{self, field},
    shown, standing, tries,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

/// Plans of a shop, of which none is deleted: a list shows them all, and each one that is made reads them together.
const PLANS: usize = 500;
/// Characters of a plan's name: gateways cut what is longer.
const NAME_CHARS: usize = 64;
/// Characters of the words for a plan.
const DESCRIPTION_CHARS: usize = 256;
/// Months of a period.
const MONTHS: RangeInclusive<i32> = 1..=24;
/// Characters by which a subscriber knows the charge on a statement.
const DESCRIPTOR_CHARS: usize = 13;

pub(super) fn save(command: &SavePlan, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let plans = rows.scan::<PlanRow>(PlanRow::all(tenant))?;
    if let Some(row) = plans.iter().find(|row| row.plan.plan_id == command.plan_id) {
        return match is_same(&row.plan, command) {
            true => Ok(Decision::unchanged(context, shown::plan(&row.plan, row.version))),
            false => Err(refused::another_request("um plano").into()),
        };
    }
    standing::check_open(tenant, rows)?;
    check_terms(command)?;
    if plans.len() >= PLANS {
        return Err(Refusal::new(Code::LimitReached, format!("Uma loja tem até {PLANS} planos.")).into());
    }
    let present = accounts::all(tenant, rows)?;
    let account = &accounts::named(&present, command.account_id)?.account;
    accounts::check_takes(account)?;
    let (plan, effect) = (made(command, account, context), effect_of(command.plan_id, account, context));
    let mut decision = Decision::new(context);
    say(&mut decision, context, Kept::new(plan), Some(context.answers(Outcome::Created)));
    charges::want(&mut decision, effect);
    Ok(decision)
}

fn made(command: &SavePlan, account: &Account, context: &DecisionContext) -> Plan {
    Plan {
        plan_id: command.plan_id,
        reference: command.reference.clone(),
        account_id: account.account_id,
        name: command.name.clone(),
        description: command.description.clone(),
        price: command.price,
        months: command.months,
        statement_descriptor: command.statement_descriptor.clone(),
        status: PlanStatus::Processing,
        remote_id: None,
        why: None,
        reasons: Vec::new(),
        created_at: context.now,
        updated_at: context.now,
    }
}

/// The effect that makes a plan. What stands in the place of a grant names the version of the key that is used.
fn effect_of(plan: PlanId, account: &Account, context: &DecisionContext) -> Effect {
    Effect {
        effect_id: EffectId::from_uuid(plan.uuid()),
        kind: EffectKind::Plan,
        entity: plan.to_string(),
        charge_id: None,
        state: EffectState::Wanted,
        account_id: Some(account.account_id),
        not_after: Some(context.now.saturating_add(ledger::WAITS_FOR)),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: Some(accounts::key_of(account, context)),
        last: None,
        settled: None,
    }
}

/// True if the same is asked for again; who names no account asks for whichever was the default.
fn is_same(plan: &Plan, command: &SavePlan) -> bool {
    command.account_id.is_none_or(|account| account == plan.account_id)
        && plan.reference == command.reference
        && (&plan.name, &plan.description) == (&command.name, &command.description)
        && (plan.price, plan.months) == (command.price, command.months)
        && plan.statement_descriptor == command.statement_descriptor
}

/// Refuses terms that no gateway could be asked for.
fn check_terms(command: &SavePlan) -> Result<(), Refusal> {
    let chars = |text: &str| text.chars().count();
    if command.name.trim().is_empty() {
        return Err(field("/name", Code::Required, "Informe o nome do plano."));
    }
    if chars(&command.name) > NAME_CHARS {
        return Err(field("/name", Code::TooLong, refusals::too_long("O nome", NAME_CHARS)));
    }
    if chars(&command.description) > DESCRIPTION_CHARS {
        return Err(field("/description", Code::TooLong, refusals::too_long("A descrição", DESCRIPTION_CHARS)));
    }
    if command.statement_descriptor.as_deref().is_some_and(|text| chars(text) > DESCRIPTOR_CHARS) {
        let detail = refusals::too_long("O nome na fatura", DESCRIPTOR_CHARS);
        return Err(field("/statement_descriptor", Code::TooLong, detail));
    }
    if command.price.currency != Currency::BRL {
        return Err(field("/price", Code::Invalid, "O preço do plano é em reais (BRL)."));
    }
    if command.price.amount < 1 || command.price.amount > Money::MAX_AMOUNT {
        let detail = format!("O preço do plano vai de R$ 0,01 a {}.", Money::largest());
        return Err(field("/price", Code::OutOfRange, detail));
    }
    if !MONTHS.contains(&command.months) {
        let detail = refusals::out_of_range("O número de meses", MONTHS.start(), MONTHS.end());
        return Err(field("/months", Code::OutOfRange, detail));
    }
    Ok(())
}

/// A plan that a command or a subscription names.
pub(super) fn known(tenant: TenantId, plan: PlanId, rows: &Rows) -> Result<Arc<PlanRow>, Stop> {
    match rows.get::<PlanRow>(PlanRow::at(tenant, plan))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop("O plano")).into()),
    }
}

pub(super) fn report(
    command: &ReportAttempt,
    row: &EffectRow,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let mut effect = Kept::from(row);
    let mut plan = Kept::from(&*plan_of(row, rows)?);
    let mut account = None;
    let again = match (command.outcome, &command.plan) {
        (AttemptOutcome::Done, Some(remote)) => {
            has(&mut plan.now, remote);
            false
        }
        (AttemptOutcome::Done, None) => {
            return Err(field("/plan", Code::Required, "Informe o plano que o gateway mostra.").into());
        }
        (AttemptOutcome::Refused, _) if !is_for_account(command) => {
            failed(&mut plan.now, command.why.as_deref().unwrap_or(Why::StatusOther.word()), command);
            false
        }
        _ if row.effect.state == EffectState::Question => {
            // Said before: the timer is set.
            return Ok(Decision::unchanged(context, shown::effect(&row.effect, row.version)));
        }
        (AttemptOutcome::Refused, _) => {
            // Nothing was made: it goes on once the key is mended.
            account = broken(row, rows)?;
            true
        }
        _ => true,
    };
    tries::ended(&mut effect.now, command, again, context);
    let tried = effect.now.clone();
    let mut answers = Some(context.answers(Outcome::Updated));
    let mut decision = Decision::new(context);
    say_next(&mut decision, context, effect, &mut answers);
    say_next(&mut decision, context, plan, &mut answers);
    if let Some(account) = account {
        say_next(&mut decision, context, account, &mut answers);
    }
    if again {
        tries::set(&mut decision, &tried, context);
    }
    Ok(decision)
}

fn is_for_account(command: &ReportAttempt) -> bool {
    command.why.as_deref() == Some(Why::Account.word())
}

/// The gateway has the plan: under the id that was told first, of which subscriptions are made already.
fn has(plan: &mut Plan, remote: &str) {
    if plan.remote_id.is_none() {
        plan.remote_id = Some(remote.to_owned());
        plan.status = PlanStatus::Ready;
        plan.why = None;
        plan.reasons.clear();
    }
}

fn failed(plan: &mut Plan, why: &str, command: &ReportAttempt) {
    if plan.remote_id.is_none() {
        plan.status = PlanStatus::Failed;
        plan.why = Some(why.to_owned());
        plan.reasons.clone_from(&command.reasons);
    }
}

/// The account whose key was refused, unless another key was saved since it was tried.
fn broken(row: &EffectRow, rows: &Rows) -> Result<Option<Kept<Account>>, Stop> {
    let tried = row.effect.granted.as_ref().map(|grant| grant.account_version);
    let account = account_of(row, rows)?;
    Ok(account.and_then(|account| accounts::broken_by(&account, tried, Why::Account.word())))
}

fn plan_of(row: &EffectRow, rows: &Rows) -> Result<Arc<PlanRow>, Stop> {
    match row.effect.entity.parse() {
        Ok(plan) => known(row.tenant_id, plan, rows),
        Err(_) => Err(refused::of_later_version().into()),
    }
}

fn account_of(row: &EffectRow, rows: &Rows) -> Result<Option<Arc<AccountRow>>, Stop> {
    match row.effect.account_id {
        Some(account) => Ok(rows.get::<AccountRow>(AccountRow::at(row.tenant_id, account))?),
        None => Ok(None),
    }
}

/// A plan is tried once more, with the key that its account has by now. A retired account makes none.
pub(super) fn again(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    if row.effect.state != EffectState::Question {
        return Ok(decision);
    }
    let account = account_of(row, rows)?.filter(|row| row.account.status != AccountStatus::Retired);
    let Some(account) = account else { return given_up(row, rows, context) };
    let mut effect = Kept::from(row);
    effect.now.state = EffectState::Wanted;
    effect.now.granted = Some(accounts::key_of(&account.account, context));
    say_wanted(&mut decision, effect);
    Ok(decision)
}

/// Nobody has made a plan in a month, or nobody will: it failed.
pub(super) fn given_up(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut effect = Kept::from(row);
    let mut plan = Kept::from(&*plan_of(row, rows)?);
    effect.now.state = EffectState::Closed;
    if plan.now.remote_id.is_none() {
        plan.now.status = PlanStatus::Failed;
        plan.now.why = Some(Why::Expired.word().to_owned());
    }
    let mut decision = Decision::new(context);
    say(&mut decision, context, effect, None);
    say(&mut decision, context, plan, None);
    Ok(decision)
}

/// A report on a plan whose effect is closed: that the gateway has the plan counts all the same.
pub(super) fn late(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let Ok(plan) = command.entity.parse() else { return Err(refused::closed().into()) };
    let row = known(command.meta.tenant_id, plan, rows)?;
    let mut plan = Kept::from(&*row);
    if let Some(remote) = &command.plan {
        has(&mut plan.now, remote);
    }
    let mut decision = Decision::new(context);
    match say(&mut decision, context, plan, Some(context.answers(Outcome::Updated))) {
        true => Ok(decision),
        false => Ok(Decision::unchanged(context, shown::plan(&row.plan, row.version))),
    }
}
