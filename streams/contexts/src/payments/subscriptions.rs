//! Subscriptions: asked for, and changed by what looks find.

use std::sync::Arc;

use feira_schemas::{
    ids::{ChargeId, EffectId, Micros, SubscriptionId, TenantId},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Effect, EffectKind, EffectState, KeptCard, LentAccount, ObservedSubscription, Plan, PlanStatus,
            RequestSubscription, SavedCardStatus, Subscription, SubscriptionRequest, SubscriptionStatus,
        },
    },
    refusals,
    rows::payments::{PlanRow, SavedCardRow, SubscriptionRow},
};

use super::{
    accounts,
    charges::{self, By},
    entity::{Kept, say},
    lent, recurrence,
    refused::{self, field},
    shown, standing, tokens,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

pub(super) fn request(command: &RequestSubscription, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant, request) = (command.meta.tenant_id, &command.request);
    if let Some(row) = rows.get::<SubscriptionRow>(SubscriptionRow::at(tenant, command.subscription_id))? {
        return match is_same(&row.subscription, command) {
            true => Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version))),
            false => Err(refused::another_request("uma assinatura").into()),
        };
    }
    // What is paid to the platform needs no open shop: by that it is opened. The gateway has its plan.
    let (kept, plan) = match lent::of_subscription(command)? {
        Some(plan) => {
            check_card(request)?;
            (None, Some(plan.remote_id.clone()))
        }
        None => (of_its_own(tenant, request, rows)?, None),
    };
    let subscription = Subscription {
        subscription_id: command.subscription_id,
        request: request.clone(),
        status: SubscriptionStatus::Processing,
        account_id: None,
        plan,
        kept,
        observed: None,
        charge_id: None,
        why: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        end_wanted: false,
        ending: None,
        note: None,
        created_at: context.now,
        updated_at: context.now,
        lent: command.lent.clone(),
        lent_plan: command.lent_plan.clone(),
    };
    let answers = Some(context.answers(Outcome::Created));
    let mut decision = Decision::new(context);
    let not_after = not_after(command);
    if not_after.is_some_and(|not_after| context.now >= not_after) {
        // Nobody is to be charged any more: who asked hears of it as of every subscription, and nothing was declined.
        let subscription = Subscription { status: SubscriptionStatus::Expired, ..subscription };
        say(&mut decision, context, Kept::new(subscription), answers);
        return Ok(decision);
    }
    let effect = effect_of(command.subscription_id, not_after, context);
    say(&mut decision, context, Kept::new(subscription), answers);
    charges::want(&mut decision, effect);
    Ok(decision)
}

/// Checks that a subscription may be asked for at the account of its plan, of which the tenant has both; the card that it keeps, if it is
/// one that is named.
fn of_its_own(tenant: TenantId, request: &SubscriptionRequest, rows: &Rows) -> Result<Option<KeptCard>, Stop> {
    standing::check_open(tenant, rows)?;
    check_card(request)?;
    let plan = plan_of(tenant, request, rows)?;
    check_account(request, &plan.plan)?;
    let present = accounts::all(tenant, rows)?;
    accounts::check_takes(&accounts::named(&present, Some(plan.plan.account_id))?.account)?;
    kept_card(tenant, request, &plan.plan, rows)
}

/// True if the same is asked for again.
fn is_same(subscription: &Subscription, command: &RequestSubscription) -> bool {
    let owner = |lent: &Option<LentAccount>| lent.as_ref().map(|lent| lent.owner);
    owner(&subscription.lent) == owner(&command.lent) && clear(&subscription.request) == clear(&command.request)
}

/// The effect that makes a subscription. It has the subscription's UUID, which is the code that the gateway finds it by.
fn effect_of(subscription: SubscriptionId, not_after: Option<Micros>, context: &DecisionContext) -> Effect {
    Effect {
        effect_id: making(subscription),
        kind: EffectKind::Subscription,
        entity: subscription.to_string(),
        charge_id: None,
        state: EffectState::Wanted,
        account_id: None,
        not_after,
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    }
}

/// The id of the effect that makes a subscription.
pub(super) fn making(subscription: SubscriptionId) -> EffectId {
    EffectId::from_uuid(subscription.uuid())
}

/// The time after which a subscription is not sent: the asker's own, and that of the card's token.
fn not_after(command: &RequestSubscription) -> Option<Micros> {
    let token_until = command.request.card.token_until.map(tokens::not_after);
    [command.not_after, token_until].into_iter().flatten().min()
}

/// All of a request that is in clear, as JSON. What is sealed is not compared, since each act of sealing makes other bytes, nor how long
/// a card's token lives, which the API counts from when it is asked.
fn clear(request: &SubscriptionRequest) -> serde_json::Value {
    serde_json::json!([
        request.reference,
        request.plan_id,
        request.account_id,
        request.card.card_token.is_some(),
        request.card.card_id,
        request.starts,
    ])
}

fn check_card(request: &SubscriptionRequest) -> Result<(), Refusal> {
    let card = &request.card;
    tokens::check(card.card_token.is_some(), card.token_until, card.card_id.is_some())?;
    match card.card_token.is_some() && request.account_id.is_none() {
        true => Err(tokens::of_no_account()),
        false => Ok(()),
    }
}

/// The plan that a request names. One that is not made yet is waited for.
fn plan_of(tenant: TenantId, request: &SubscriptionRequest, rows: &Rows) -> Result<Arc<PlanRow>, Stop> {
    let Some(plan) = rows.get::<PlanRow>(PlanRow::at(tenant, request.plan_id))? else {
        return Err(field("/plan_id", Code::UnknownReference, "Não há plano com este id nesta loja.").into());
    };
    match plan.plan.status {
        PlanStatus::Ready | PlanStatus::Processing => Ok(plan),
        PlanStatus::Failed | PlanStatus::Unknown => {
            Err(field("/plan_id", Code::PaymentState, "O gateway não criou este plano: crie outro.").into())
        }
    }
}

/// A card's token serves at the account alone whose public key made it, and a plan is known at its own account alone.
fn check_account(request: &SubscriptionRequest, plan: &Plan) -> Result<(), Refusal> {
    match request.account_id {
        Some(account) if account != plan.account_id => {
            let detail = "O plano é de outra conta de pagamento, e o cartão tem de ser da mesma conta.";
            Err(field("/account_id", Code::Invalid, detail))
        }
        _ => Ok(()),
    }
}

/// The card that a request names, as the plan's account keeps it; none for a token.
fn kept_card(
    tenant: TenantId,
    request: &SubscriptionRequest,
    plan: &Plan,
    rows: &Rows,
) -> Result<Option<KeptCard>, Stop> {
    let refused = |code, detail: &str| Err(field("/card/card_id", code, detail).into());
    let Some(card_id) = request.card.card_id else { return Ok(None) };
    let Some(row) = rows.get::<SavedCardRow>(SavedCardRow::at(tenant, card_id))? else {
        return refused(Code::UnknownReference, "Não há cartão guardado com este id nesta loja.");
    };
    if row.card.account_id != plan.account_id {
        return refused(Code::Invalid, "O plano é de outra conta de pagamento que o cartão.");
    }
    match (row.card.status, &row.card.kept) {
        (SavedCardStatus::Saved, Some(kept)) => Ok(Some(kept.clone())),
        _ => refused(Code::PaymentState, "O gateway não guarda este cartão."),
    }
}

/// A subscription that a command or an effect names.
pub(super) fn known(tenant: TenantId, subscription: SubscriptionId, rows: &Rows) -> Result<Arc<SubscriptionRow>, Stop> {
    match rows.get::<SubscriptionRow>(SubscriptionRow::at(tenant, subscription))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop("A assinatura")).into()),
    }
}

/// Merges what was found into a subscription. False, and nothing is changed, if it is of another account or of another subscription
/// there.
pub(super) fn merge_into(subscription: &mut Subscription, found: &ObservedSubscription, by: By) -> bool {
    if subscription.account_id != Some(found.account_id) || !may_be(subscription, found, by) {
        return false;
    }
    let known = subscription.observed.as_ref().unwrap_or(found);
    let Some(merged) = recurrence::merged(known, found) else { return false };
    if subscription.observed.is_none() {
        subscription.why = None;
        subscription.reasons.clear();
    }
    subscription.status = recurrence::status(&merged);
    let of_remote = |remote: &String| ChargeId::of_renewal(subscription.subscription_id, remote);
    subscription.charge_id = merged.charge.as_ref().map(of_remote);
    subscription.observed = Some(merged);
    true
}

/// True unless what was found is another subscription by its code. Once the gateway's id is known, that tells; before, our code does,
/// which the answer to an attempt may leave out.
fn may_be(subscription: &Subscription, found: &ObservedSubscription, by: By) -> bool {
    match (&subscription.observed, &found.code) {
        (Some(_), _) => true,
        (None, Some(code)) => *code == subscription.subscription_id.to_string(),
        (None, None) => by == By::Attempt,
    }
}
