//! Charges that a gateway makes by itself for the periods of a subscription. Each becomes a charge of ours, under an id that follows from
//! the subscription and from the gateway's own id of the charge, so that it is listed, looked at and given back as any other.

use feira_schemas::{
    ids::{ChargeId, PlanId, TenantId},
    money::Money,
    records::payments::{
        CardTerms, Charge, ChargeItem, ChargePurpose, ChargeRequest, ChargeStatus, LentPlan, ObservedCharge,
        PaymentMethod, Plan, Subscription,
    },
    rows::payments::{AccountRow, ChargeRow},
};

use super::{
    charges::{self, By},
    entity::Kept,
    plans,
};
use crate::{DecisionContext, Rows, Stop};

/// The charge of a subscription that a look has found, made or merged; none if it is of another account or another subscription.
pub(super) fn seen(
    tenant: TenantId,
    subscription: &Subscription,
    found: &ObservedCharge,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Option<Kept<Charge>>, Stop> {
    let Some(observed) = &subscription.observed else { return Ok(None) };
    if found.account_id != observed.account_id || found.remote.subscription.as_ref() != Some(&observed.remote_id) {
        return Ok(None);
    }
    let charge_id = ChargeId::of_renewal(subscription.subscription_id, &found.remote.charge);
    let mut charge = match rows.get::<ChargeRow>(ChargeRow::at(tenant, charge_id))? {
        Some(row) => Kept::from(&*row),
        None => {
            let offer = offer(tenant, subscription, rows)?;
            let simulated = match &subscription.lent {
                Some(lent) => lent.simulated,
                None => {
                    let account = rows.get::<AccountRow>(AccountRow::at(tenant, observed.account_id))?;
                    account.is_some_and(|row| row.account.simulated)
                }
            };
            Kept::new(Charge { simulated, ..made(charge_id, subscription, offer, found, context) })
        }
    };
    let is_its_own = charges::merge_into(&mut charge.now, found, By::Subscription);
    Ok(is_its_own.then_some(charge))
}

/// The terms of a plan that its subscriptions' charges show.
struct Offer {
    /// The plan.
    plan_id: PlanId,
    /// The name.
    name: String,
    /// The words by which a subscriber knows the charge on a statement.
    statement_descriptor: Option<String>,
}

impl From<&Plan> for Offer {
    fn from(plan: &Plan) -> Self {
        Self { plan_id: plan.plan_id, name: plan.name.clone(), statement_descriptor: plan.statement_descriptor.clone() }
    }
}

impl From<&LentPlan> for Offer {
    fn from(plan: &LentPlan) -> Self {
        Self { plan_id: plan.plan_id, name: plan.name.clone(), statement_descriptor: None }
    }
}

/// The plan that a subscription is made of, the tenant's own or a lent one.
fn offer(tenant: TenantId, subscription: &Subscription, rows: &Rows) -> Result<Offer, Stop> {
    match &subscription.lent_plan {
        Some(plan) => Ok(plan.into()),
        None => Ok((&plans::known(tenant, subscription.request.plan_id, rows)?.plan).into()),
    }
}

/// The charge as the gateway was asked for it by the subscription.
fn made(
    charge_id: ChargeId,
    subscription: &Subscription,
    offer: Offer,
    found: &ObservedCharge,
    context: &DecisionContext,
) -> Charge {
    let Offer { plan_id, name, statement_descriptor } = offer;
    let item = ChargeItem { code: plan_id.to_string(), description: name, quantity: 1, total: found.amount };
    let request = ChargeRequest {
        reference: subscription.request.reference.clone(),
        account_id: subscription.account_id,
        method: PaymentMethod::Card,
        amount: Money::brl(found.amount),
        items: vec![item],
        shipping: None,
        buyer: subscription.request.subscriber.clone(),
        statement_descriptor,
        card: Some(card_of(subscription, found)),
        boleto: None,
        pix: None,
    };
    Charge {
        charge_id,
        purpose: ChargePurpose::Subscription,
        order_id: Some(subscription.subscription_id.to_string()),
        request,
        status: ChargeStatus::Processing,
        account_id: subscription.account_id,
        observed: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        cancel_wanted: false,
        created_at: context.now,
        updated_at: context.now,
        simulated: false,
        lent: subscription.lent.clone(),
    }
}

/// The card by which the gateway renews: one that it keeps, whichever way it came there.
fn card_of(subscription: &Subscription, found: &ObservedCharge) -> CardTerms {
    let kept = subscription.kept.as_ref();
    CardTerms {
        card_token: None,
        token_until: None,
        saved_customer: kept.map(|kept| kept.customer.clone()).or_else(|| found.remote.customer.clone()),
        saved_card: kept.map(|kept| kept.card.clone()),
        installments: found.installments.unwrap_or(1),
        capture: true,
    }
}
