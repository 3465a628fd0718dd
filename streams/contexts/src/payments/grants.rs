//! Grants: who may make the next attempt of an effect. One at a time, and none while it is not known what became of the last.

use std::sync::Arc;

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{AccountStatus, AskGrant, ChargeStatus, EffectKind, EffectState, PaymentMethod, RefundStatus, Why},
    },
    rows::payments::{AccountRow, EffectRow},
};

use super::{
    accounts, cancels,
    case::{self, Case},
    ledger::{self, Facts, Ruling, Wait},
    refunds, timers,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

/// Gateways that keep a failure of their own (5xx) under the key of idempotency and give it again for a day: asked again, they would
/// say no more.
const KEEP_FAILURES: &[&str] = &["stripe"];

pub(super) fn ask(command: &AskGrant, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let Some(row) = rows.get::<EffectRow>(EffectRow::at(tenant, command.effect_id))? else {
        return Err(case::closed().into());
    };
    if matches!(row.effect.kind, EffectKind::Check | EffectKind::Plan) {
        return Err(not_granted("Esta tarefa não precisa de permissão.").into());
    }
    let mut case = Case::of(&row, rows)?;
    // A look may have seen the sum while the attempt was under way: it tells, now that no report has come.
    case.settle_by_sum(context);
    match case.effect.now.state {
        EffectState::Closed => return Ok(refused_with(case, context, case::closed())),
        EffectState::Open if case.effect.has_changed() => {
            return Ok(refused_with(case, context, not_granted(why(Wait::Open))));
        }
        _ => {}
    }
    let accounts = accounts::all(tenant, rows)?;
    match ledger::ruling(&row.effect, command, context.now, facts(&case, &accounts)) {
        Ruling::Wait(wait) => Err(not_granted(why(wait)).into()),
        Ruling::Close(close) => {
            case.close(close);
            Ok(refused_with(case, context, case::closed()))
        }
        Ruling::Open => {
            case.open(None);
            Ok(refused_with(case, context, not_granted(why(Wait::Open))))
        }
        Ruling::Grant => match case.effect.now.kind {
            EffectKind::Charge => charge(case, command, &accounts, context),
            EffectKind::Refund => refund(case, command, tenant, &accounts, rows, context),
            _ => cancel(case, command, &accounts, context),
        },
    }
}

fn facts(case: &Case, accounts: &[Arc<AccountRow>]) -> Facts {
    let effect = &case.effect.now;
    let card = case.charge.now.request.card.as_ref().filter(|_| effect.kind == EffectKind::Charge);
    let account = effect.account_id.and_then(|account| accounts::of_id(accounts, account));
    let gateway = account.map_or("", |row| row.account.gateway.as_str());
    Facts {
        token: card.is_some_and(|card| card.card_token.is_some()),
        keeps_failures: effect.kind == EffectKind::Charge && KEEP_FAILURES.contains(&gateway),
        spent: case.refund.as_ref().is_some_and(|refund| ledger::is_spent(&refund.now.attempts)),
    }
}

/// A charge goes to the account that it was given first: its request's own, else the default. Both have to be ready.
fn charge(
    mut case: Case,
    command: &AskGrant,
    accounts: &[Arc<AccountRow>],
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    if case.charge.now.cancel_wanted {
        case.cancelled();
        return Ok(refused_with(case, context, case::closed()));
    }
    let fixed = case.effect.now.account_id.or(case.charge.now.request.account_id);
    let account = match fixed {
        Some(account) => accounts::of_id(accounts, account),
        None => accounts::default_of(accounts),
    };
    match account.filter(|row| row.account.status == AccountStatus::Ready) {
        Some(account) => Ok(granted(case, command, account, context)),
        None => Err(not_granted("A loja não tem agora uma conta de pagamento pronta para esta cobrança.").into()),
    }
}

/// A refund is attempted alone, and after a look that has seen the sum that is known here.
fn refund(
    mut case: Case,
    command: &AskGrant,
    tenant: TenantId,
    accounts: &[Arc<AccountRow>],
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let Some(refund) = &case.refund else { return Err(case::closed().into()) };
    let own = refund.now.refund_id;
    let others = refunds::all(tenant, refund.now.charge_id, rows)?;
    if others.iter().any(|row| row.refund.refund_id != own && refunds::is_under_way(&row.refund)) {
        return Err(not_granted("Outra devolução desta cobrança está em andamento.").into());
    }
    let known = refunds::cancelled(&case.charge.now);
    if command.seen_refunded != Some(known) {
        return Err(looked_otherwise().into());
    }
    if refunds::exceeds(&refund.now, &case.charge.now) {
        // A boleto that was cancelled after it was paid was renamed, and no money went back.
        let why = match case.charge.now.request.method {
            PaymentMethod::Boleto => Why::ByHandOnly,
            _ => Why::SumDiffers,
        };
        ledger::leave(&mut case.effect.now, EffectState::Closed);
        case.failed(ChargeStatus::Failed, why.word(), &[]);
        return Ok(refused_with(case, context, case::closed()));
    }
    let account = account_of(&case, accounts)?;
    if let Some(refund) = &mut case.refund {
        refund.now.status = RefundStatus::Sent;
        refund.now.refunded_before = Some(known);
    }
    Ok(granted(case, command, account, context))
}

/// A charge is cancelled as long as nobody has paid it: a gateway asked later would give money back.
fn cancel(
    mut case: Case,
    command: &AskGrant,
    accounts: &[Arc<AccountRow>],
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    if !cancels::is_cancellable(&case.charge.now) {
        ledger::leave(&mut case.effect.now, EffectState::Closed);
        case.failed(ChargeStatus::Failed, Why::State.word(), &[]);
        return Ok(refused_with(case, context, case::closed()));
    }
    if command.seen_refunded.is_some_and(|seen| seen != refunds::cancelled(&case.charge.now)) {
        return Err(looked_otherwise().into());
    }
    let account = account_of(&case, accounts)?;
    Ok(granted(case, command, account, context))
}

/// The account that has the charge, if it can be asked now.
fn account_of<'a>(case: &Case, accounts: &'a [Arc<AccountRow>]) -> Result<&'a AccountRow, Stop> {
    let account = case.effect.now.account_id.and_then(|account| accounts::of_id(accounts, account));
    let serves = account.filter(|row| accounts::serves_its_charges(&row.account));
    serves.ok_or_else(|| not_granted("A conta de pagamento desta cobrança não está funcionando agora.").into())
}

fn granted(
    mut case: Case,
    command: &AskGrant,
    account: &AccountRow,
    context: &DecisionContext,
) -> Decision<PaymentsEvent> {
    let account = &account.account;
    let fixed = (account.account_id, account.key_version);
    let is_first = case.effect.now.first_granted_at.is_none();
    let (effect_id, waits_until) = (case.effect.now.effect_id, ledger::deadline(&case.effect.now));
    let nothing_sent_after = context.now.saturating_add(ledger::NOTHING_SENT_AFTER);
    ledger::grant(&mut case.effect.now, command, fixed, context.now);
    case.charge.now.account_id = Some(account.account_id);
    let mut decision = Decision::new(context);
    case.say(&mut decision, context, Some(context.answers(Outcome::Updated)));
    if is_first && waits_until > nothing_sent_after {
        // What waits for longer than a day to be attempted is a question sooner, once it was.
        timers::set(&mut decision, effect_id, timers::DEADLINE, nothing_sent_after);
    }
    decision
}

/// What has become of the case is said, and who asked is refused.
fn refused_with(case: Case, context: &DecisionContext, refusal: Refusal) -> Decision<PaymentsEvent> {
    let mut decision = Decision::new(context);
    case.say(&mut decision, context, None);
    decision.refuse_for(Some(context.answers(Outcome::Refused)), refusal);
    decision
}

fn not_granted(detail: &str) -> Refusal {
    Refusal::new(Code::NotGranted, detail)
}

fn looked_otherwise() -> Refusal {
    not_granted(
        "O valor devolvido que o gateway mostra não é o que se conhece aqui. Consulte a cobrança e relate o que encontrar.",
    )
}

fn why(wait: Wait) -> &'static str {
    match wait {
        Wait::UnderWay => "Outra tentativa está em andamento.",
        Wait::InDoubt => {
            "Não se sabe o que foi feito da última tentativa: consulte o gateway, 60 segundos depois dela ou mais."
        }
        Wait::Taken => "O gateway aceitou e ainda não mostra o valor: consulte de novo mais tarde.",
        Wait::Open => "Nada mais se envia por esta tarefa: só se consulta o gateway.",
        Wait::Unknown => "Esta tarefa é de uma versão mais nova da plataforma.",
    }
}
