//! Checks: an account's key is tried, at least once and without a grant. A check is wanted, tried again by timer as long as nobody was
//! reached, and closed by the report that says whether the key is taken.

use std::sync::Arc;

use feira_schemas::{
    ids::{AccountId, TenantId},
    records::{
        PaymentsEvent,
        common::{Answers, Outcome},
        payments::{Account, AttemptOutcome, Effect, EffectState, ReportAttempt, Why},
    },
    rows::payments::{AccountRow, EffectRow},
};

use super::{
    accounts,
    entity::{Kept, say, say_wanted},
    shown, told, tries,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows, mails};

pub(super) fn report(
    command: &ReportAttempt,
    row: &EffectRow,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let mut effect = Kept::from(row);
    let mut account = account_of(row.tenant_id, &row.effect, rows)?.map(|row| Kept::from(&*row));
    let key = account.as_mut().filter(|account| is_of_key(&row.effect, &account.now));
    let reached = matches!(command.outcome, AttemptOutcome::Done | AttemptOutcome::Refused);
    match (key, command.outcome) {
        (Some(account), AttemptOutcome::Done) => {
            accounts::taken(&mut account.now, command.remote_account.as_deref(), context);
        }
        (Some(account), AttemptOutcome::Refused) => {
            account.now.checked_at = Some(context.now);
            accounts::broken(&mut account.now, command.why.as_deref().unwrap_or(Why::Account.word()));
        }
        (Some(_), _) if row.effect.state == EffectState::Question => {
            // Said before: the timer is set.
            return Ok(Decision::unchanged(context, shown::effect(&row.effect, row.version)));
        }
        // Nobody was reached; or the key was replaced, and another check is about the present one.
        (Some(_), _) | (None, _) => {}
    }
    let again = !reached && account.as_ref().is_some_and(|account| is_of_key(&row.effect, &account.now));
    tries::ended(&mut effect.now, command, again, context);
    let tried = effect.now.clone();
    let told = match &account {
        Some(account) => told::broken(account, row.tenant_id, context.now, rows)?,
        None => None,
    };
    let mut decision = Decision::new(context);
    let answers: Option<Answers> = Some(context.answers(Outcome::Updated));
    say(&mut decision, context, effect, answers);
    if let Some(account) = account {
        say(&mut decision, context, account, None);
    }
    if let Some(mail) = told {
        mails::want(&mut decision, context, mail);
    }
    if again {
        tries::set(&mut decision, &tried, context);
    }
    Ok(decision)
}

/// A check is tried once more, unless it is closed, its key was replaced, or nobody was reached for a month.
pub(super) fn again(row: &EffectRow, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let mut decision = Decision::new(context);
    let account = account_of(row.tenant_id, &row.effect, rows)?;
    let of_key = account.is_some_and(|account| is_of_key(&row.effect, &account.account));
    let mut effect = Kept::from(row);
    if !of_key || row.effect.not_after.is_some_and(|not_after| context.now >= not_after) {
        effect.now.state = EffectState::Closed;
        say(&mut decision, context, effect, None);
    } else if row.effect.state == EffectState::Question {
        effect.now.state = EffectState::Wanted;
        say_wanted(&mut decision, effect);
    }
    Ok(decision)
}

fn account_of(tenant: TenantId, effect: &Effect, rows: &Rows) -> Result<Option<Arc<AccountRow>>, Need> {
    match effect.entity.parse::<AccountId>() {
        Ok(account) => rows.get::<AccountRow>(AccountRow::at(tenant, account)),
        Err(_) => Ok(None),
    }
}

/// True if the check is of the key that the account has now.
fn is_of_key(effect: &Effect, account: &Account) -> bool {
    effect.granted.as_ref().is_some_and(|grant| grant.account_version == account.key_version)
}
