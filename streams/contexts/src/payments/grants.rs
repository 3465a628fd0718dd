//! Grants: who may make the next attempt of an effect. One at a time, and none while it is not known what became of the last.

use std::sync::Arc;

use feira_schemas::{
    ids::AccountId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{AccountStatus, AskGrant, EffectKind, EffectState, PaymentMethod, PlanStatus, RefundStatus, Why},
    },
    rows::payments::{AccountRow, EffectRow},
};

use super::{
    about::{About, End, OfCard, OfCharge, OfSubscription},
    accounts, cancels,
    case::Case,
    ledger::{self, Ruling, Wait},
    lent::Fixed,
    plans, refunds, refused, timers,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

pub(super) fn ask(command: &AskGrant, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let Some(row) = rows.get::<EffectRow>(EffectRow::at(tenant, command.effect_id))? else {
        return Err(refused::closed().into());
    };
    let asking = Asking { command, row: &row, accounts: accounts::all(tenant, rows)?, rows, context };
    match row.effect.kind {
        EffectKind::Charge => asking.decide(charge),
        EffectKind::Refund => asking.decide(refund),
        EffectKind::Cancel => asking.decide(cancel),
        EffectKind::SaveCard => asking.decide(save_card),
        EffectKind::Subscription => asking.decide(subscribe),
        EffectKind::EndSubscription => asking.decide(end_subscription),
        EffectKind::Check | EffectKind::Plan => Err(not_granted("Esta tarefa não precisa de permissão.").into()),
        EffectKind::Unknown => Err(refused::of_later_version().into()),
    }
}

/// A runner that asks for a grant, and what it is decided by.
struct Asking<'a> {
    command: &'a AskGrant,
    row: &'a EffectRow,
    accounts: Vec<Arc<AccountRow>>,
    rows: &'a Rows,
    context: &'a DecisionContext,
}

impl Asking<'_> {
    /// Decides by the rules of the ledger; where they allow an attempt, by those of what the effect is about.
    fn decide<A: About>(&self, grant: fn(Case<A>, &Self) -> Decided<PaymentsEvent>) -> Decided<PaymentsEvent> {
        let mut case = Case::<A>::of(self.row, self.rows)?;
        // A look may have seen it while the attempt was under way: it tells, now that no report has come.
        case.settle(self.context);
        match case.effect.now.state {
            EffectState::Closed => return Ok(self.refused(case, refused::closed())),
            EffectState::Open if case.effect.has_changed() => {
                return Ok(self.refused(case, not_granted(why(Wait::Open))));
            }
            _ => {}
        }
        let account = self.row.effect.account_id.and_then(|account| accounts::of_id(&self.accounts, account));
        let own = account.map_or("", |row| row.account.gateway.as_str());
        let gateway = case.about.lent().map_or(own, |lent| lent.gateway.as_str());
        let facts = case.about.facts(&self.row.effect, gateway);
        match ledger::ruling(&self.row.effect, self.command, self.context.now, facts) {
            Ruling::Wait(wait) => Err(not_granted(why(wait)).into()),
            Ruling::Close(close) => {
                case.close(close);
                Ok(self.refused(case, refused::closed()))
            }
            Ruling::Open => {
                case.open(None);
                Ok(self.refused(case, not_granted(why(Wait::Open))))
            }
            Ruling::Grant if case.is_unwanted() => {
                case.cancelled();
                Ok(self.refused(case, refused::closed()))
            }
            Ruling::Grant => grant(case, self),
        }
    }

    /// One attempt at this account.
    fn granted<A: About>(&self, mut case: Case<A>, account: Fixed) -> Decision<PaymentsEvent> {
        let context = self.context;
        let fixed = (account.account_id, account.key_version);
        let is_first = case.effect.now.first_granted_at.is_none();
        let (effect_id, waits_until) = (case.effect.now.effect_id, ledger::deadline(&case.effect.now));
        let nothing_sent_after = context.now.saturating_add(ledger::NOTHING_SENT_AFTER);
        ledger::grant(&mut case.effect.now, self.command, fixed, context.now);
        case.about.granted(account);
        let mut decision = Decision::new(context);
        case.say(&mut decision, context, Some(context.answers(Outcome::Updated)));
        if is_first && waits_until > nothing_sent_after {
            // What waits for longer than a day to be attempted is a question sooner, once it was.
            timers::set(&mut decision, effect_id, timers::DEADLINE, nothing_sent_after);
        }
        decision
    }

    /// What has become of the case is said, and who asked is refused.
    fn refused<A: About>(&self, case: Case<A>, refusal: Refusal) -> Decision<PaymentsEvent> {
        let mut decision = Decision::new(self.context);
        case.say(&mut decision, self.context, None);
        decision.refuse_for(Some(self.context.answers(Outcome::Refused)), refusal);
        decision
    }

    /// The account of this id, if it takes new charges now. What state a lent one is in, who asks has looked up at its owner.
    fn ready<A: About>(&self, about: &A, account: Option<AccountId>) -> Result<Fixed, Stop> {
        if let Some(lent) = about.lent() {
            return Ok(lent.into());
        }
        let account = match account {
            Some(account) => accounts::of_id(&self.accounts, account),
            None => accounts::default_of(&self.accounts),
        };
        account
            .filter(|row| row.account.status == AccountStatus::Ready)
            .map(|row| Fixed::from(&row.account))
            .ok_or_else(|| not_granted("A loja não tem agora uma conta de pagamento pronta para esta cobrança.").into())
    }

    /// The account that has made what the effect changes, if it can be asked now.
    fn serving<A: About>(&self, case: &Case<A>) -> Result<Fixed, Stop> {
        if let Some(lent) = case.about.lent() {
            return Ok(lent.into());
        }
        let account = case.effect.now.account_id.and_then(|account| accounts::of_id(&self.accounts, account));
        let serves = account.filter(|row| accounts::serves_its_charges(&row.account));
        let serves = serves.map(|row| Fixed::from(&row.account));
        serves.ok_or_else(|| not_granted("A conta de pagamento desta cobrança não está funcionando agora.").into())
    }
}

/// A charge goes to the account that it was given first: its request's own, else the default. Both have to be ready.
fn charge(case: Case<OfCharge>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    let account = asking.ready(&case.about, case.effect.now.account_id.or(case.about.charge.now.request.account_id))?;
    Ok(asking.granted(case, account))
}

/// A refund is attempted alone, and after a look that has seen the sum that is known here.
fn refund(mut case: Case<OfCharge>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    let Some(refund) = &case.about.refund else { return Err(refused::closed().into()) };
    let (charge, own) = (&case.about.charge.now, refund.now.refund_id);
    let others = refunds::all(asking.row.tenant_id, charge.charge_id, asking.rows)?;
    if others.iter().any(|row| row.refund.refund_id != own && refunds::is_under_way(&row.refund)) {
        return Err(not_granted("Outra devolução desta cobrança está em andamento.").into());
    }
    let known = refunds::cancelled(charge);
    if asking.command.seen_refunded != Some(known) {
        return Err(looked_otherwise().into());
    }
    if refunds::exceeds(&refund.now, charge) {
        // A boleto that was cancelled after it was paid was renamed, and no money went back.
        let why = match charge.request.method {
            PaymentMethod::Boleto => Why::ByHandOnly,
            _ => Why::SumDiffers,
        };
        return Ok(impossible(case, asking, why));
    }
    let account = asking.serving(&case)?;
    if let Some(refund) = &mut case.about.refund {
        refund.now.status = RefundStatus::Sent;
        refund.now.refunded_before = Some(known);
    }
    Ok(asking.granted(case, account))
}

/// A charge is cancelled as long as nobody has paid it: a gateway asked later would give money back.
fn cancel(case: Case<OfCharge>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    let charge = &case.about.charge.now;
    if !cancels::is_cancellable(charge) {
        return Ok(impossible(case, asking, Why::State));
    }
    if asking.command.seen_refunded.is_some_and(|seen| seen != refunds::cancelled(charge)) {
        return Err(looked_otherwise().into());
    }
    let account = asking.serving(&case)?;
    Ok(asking.granted(case, account))
}

/// A card is kept by the account whose public key made its token.
fn save_card(case: Case<OfCard>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    let account = asking.ready(&case.about, Some(case.about.card.now.account_id))?;
    Ok(asking.granted(case, account))
}

/// A subscription is made of its plan, at the plan's account, once the gateway has the plan; where it will never have it, of none.
fn subscribe(mut case: Case<OfSubscription>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    if case.about.lent().is_some() {
        // The gateway has its plan, which the request has brought.
        let account = asking.ready(&case.about, None)?;
        return Ok(asking.granted(case, account));
    }
    let plan_id = case.about.subscription.now.request.plan_id;
    let plan = plans::known(asking.row.tenant_id, plan_id, asking.rows)?;
    match (plan.plan.status, &plan.plan.remote_id) {
        (PlanStatus::Ready, Some(remote)) => {
            let account = asking.ready(&case.about, Some(plan.plan.account_id))?;
            case.about.subscription.now.plan.get_or_insert_with(|| remote.clone());
            Ok(asking.granted(case, account))
        }
        (PlanStatus::Failed, _) => Ok(impossible(case, asking, Why::Plan)),
        _ => Err(not_granted("O gateway ainda não criou o plano desta assinatura.").into()),
    }
}

/// A subscription is ended by the account that has made it.
fn end_subscription(case: Case<OfSubscription>, asking: &Asking<'_>) -> Decided<PaymentsEvent> {
    let account = asking.serving(&case)?;
    Ok(asking.granted(case, account))
}

/// The effect can't be done as things are, and will never be.
fn impossible<A: About>(mut case: Case<A>, asking: &Asking<'_>, why: Why) -> Decision<PaymentsEvent> {
    ledger::leave(&mut case.effect.now, EffectState::Closed);
    case.failed(End::Failed, why.word(), &[]);
    asking.refused(case, refused::closed())
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
