//! Differences between a gateway's charges and ours: found once, gone when a later reconciliation does not find them, or settled by a
//! person who knows what they are about. And the asking for a reconciliation, which a runner does.

use feira_schemas::{
    ids::AccountId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::{Answers, Outcome},
        payments::{
            AccountStatus, Difference, DifferenceChanged, DifferenceFound, DifferenceKind, DifferenceStatus,
            ReconciliationRequested, ReportDifference, RequestReconciliation, SettleDifference,
        },
    },
    refusals,
    rows::payments::{DifferenceRow, ReconciliationRow},
};

use super::{accounts, refunds, shown};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Rows, expected::check_version};

pub(super) fn report(command: &ReportDifference, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant, found) = (command.meta.tenant_id, &command.found);
    if found.kind == DifferenceKind::Unknown {
        return Err(super::refused::of_later_version().into());
    }
    let row = rows.get::<DifferenceRow>(DifferenceRow::at(tenant, found.difference_id))?;
    let Some(row) = row else {
        if !command.is_there {
            return Err(no_such_difference().into());
        }
        return Ok(changed(opened(found, context.now, context), 1, Outcome::Created, context));
    };
    let unchanged = || Ok(Decision::unchanged(context, shown::difference(&row.difference, row.version)));
    let known = &row.difference;
    let now = match (command.is_there, known.status) {
        // Whoever settled it knew these sums: with others it is a question again.
        (true, DifferenceStatus::Settled | DifferenceStatus::Open) if known.found == *found => return unchanged(),
        (true, _) => opened(found, known.found_at, context),
        (false, DifferenceStatus::Open) => {
            Difference { status: DifferenceStatus::Gone, updated_at: context.now, ..known.clone() }
        }
        (false, _) => return unchanged(),
    };
    Ok(changed(now, row.version + 1, Outcome::Updated, context))
}

fn opened(found: &DifferenceFound, found_at: i64, context: &DecisionContext) -> Difference {
    let (found, status) = (found.clone(), DifferenceStatus::Open);
    Difference { found, status, note: None, found_at, updated_at: context.now }
}

pub(super) fn settle(command: &SettleDifference, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let row = rows.get::<DifferenceRow>(DifferenceRow::at(command.meta.tenant_id, command.difference_id))?;
    let row = row.ok_or_else(no_such_difference)?;
    check_version(&command.meta, row.version)?;
    match row.difference.status {
        DifferenceStatus::Settled => {
            return Ok(Decision::unchanged(context, shown::difference(&row.difference, row.version)));
        }
        DifferenceStatus::Open => {}
        DifferenceStatus::Gone | DifferenceStatus::Unknown => {
            return Err(
                Refusal::new(Code::PaymentState, "Esta diferença não existe mais: não há o que resolver.").into()
            );
        }
    }
    refunds::check_note(&command.note, "Informe do que se trata.")?;
    let (status, note) = (DifferenceStatus::Settled, Some(command.note.clone()));
    let now = Difference { status, note, updated_at: context.now, ..row.difference.clone() };
    Ok(changed(now, row.version + 1, Outcome::Updated, context))
}

fn changed(
    difference: Difference,
    version: i64,
    outcome: Outcome,
    context: &DecisionContext,
) -> Decision<PaymentsEvent> {
    let entity = EntityVersion::new(difference.found.difference_id, version);
    let answers: Option<Answers> = Some(context.answers(outcome));
    let mut decision = Decision::new(context);
    decision.answer_for(answers, entity, |meta| DifferenceChanged { meta, difference });
    decision
}

/// Asks the runner for a reconciliation of one account, or of all that can be asked.
pub(super) fn request(
    command: &RequestReconciliation,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let present = accounts::all(tenant, rows)?;
    let account_ids: Vec<AccountId> = match command.account_id {
        Some(account) => {
            let row = accounts::of_id(&present, account).ok_or_else(accounts::no_such_account)?;
            if !is_listed(row.account.status) {
                return Err(Refusal::new(Code::NoAccount, row.account.mending()).into());
            }
            vec![account]
        }
        None => {
            let listed = present.iter().map(|row| &row.account).filter(|account| is_listed(account.status));
            listed.map(|account| account.account_id).collect()
        }
    };
    if account_ids.is_empty() {
        let detail = "A loja não tem uma conta de pagamento que se possa consultar agora.";
        return Err(Refusal::new(Code::NoAccount, detail).into());
    }
    let asked = rows.scan::<ReconciliationRow>(ReconciliationRow::all(tenant))?;
    let version = asked.iter().map(|row| row.version).max().unwrap_or(0) + 1;
    let entity = EntityVersion::new(format!("reconciliation:{tenant}"), version);
    let asked_at = context.now;
    let mut decision = Decision::new(context);
    decision.answer(Outcome::Created, entity, |meta| ReconciliationRequested { meta, account_ids, asked_at });
    Ok(decision)
}

/// True for an account whose gateway can be asked for its charges.
pub(super) fn is_listed(status: AccountStatus) -> bool {
    matches!(status, AccountStatus::Ready | AccountStatus::Retired)
}

fn no_such_difference() -> Refusal {
    Refusal::new(Code::NotFound, refusals::not_in_this_shop("A diferença"))
}
