//! Plans, kept cards and subscriptions as the API gives them. What is sealed in a record is opened by the caller and handed in.

use serde_json::{Value, json};

use super::view::{BuyerShown, attempt, buyer, errors};
use crate::{
    ids::ChargeId,
    records::payments::{Plan, PlanStatus, SavedCard, SavedCardStatus, Subscription, SubscriptionStatus},
    sealed::{GatewayText, LastFour},
    time::rfc3339,
};

/// The states of a plan.
pub(super) const PLAN_STATUSES: [&str; 3] = ["processing", "ready", "failed"];
/// The states of a kept card.
pub(super) const CARD_STATUSES: [&str; 4] = ["processing", "saved", "failed", "expired"];
/// The states of a subscription.
pub const SUBSCRIPTION_STATUSES: &[&str] =
    &["processing", "confirming", "future", "active", "unpaid", "ended", "failed", "expired", "cancelled"];

/// The opened values of a plan.
#[derive(Default)]
pub struct PlanShown {
    /// The gateway's sentence of each reason.
    pub messages: Vec<Option<GatewayText>>,
}

/// The opened values of a kept card.
#[derive(Default)]
pub struct SavedCardShown {
    /// The person or company whose card it is; none where it was erased.
    pub buyer: Option<BuyerShown>,
    /// The last four digits.
    pub last_four: Option<LastFour>,
    /// The gateway's sentence of each reason.
    pub messages: Vec<Option<GatewayText>>,
}

/// The opened values of a subscription, and what else it shows.
#[derive(Default)]
pub struct SubscriptionShown {
    /// The person or company that pays; none where it was erased.
    pub buyer: Option<BuyerShown>,
    /// Its charges, the newest last.
    pub charges: Vec<ChargeId>,
    /// The gateway's sentence of each reason.
    pub messages: Vec<Option<GatewayText>>,
}

/// A plan.
pub fn plan_json(plan: &Plan, shown: &PlanShown) -> Value {
    json!({
        "id": plan.plan_id,
        "reference": plan.reference,
        "name": plan.name,
        "description": plan.description,
        "price": plan.price,
        "months": plan.months,
        "statement_descriptor": plan.statement_descriptor,
        "status": plan_status(plan.status),
        "why": plan.why,
        "account_id": plan.account_id,
        "remote_id": plan.remote_id,
        "errors": errors(&plan.reasons, &shown.messages),
        "created_at": rfc3339(plan.created_at),
        "updated_at": rfc3339(plan.updated_at),
    })
}

fn plan_status(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Processing | PlanStatus::Unknown => "processing",
        PlanStatus::Ready => "ready",
        PlanStatus::Failed => "failed",
    }
}

/// A kept card.
pub fn saved_card_json(card: &SavedCard, shown: &SavedCardShown) -> Value {
    json!({
        "id": card.card_id,
        "reference": card.reference,
        "status": card_status(card.status),
        "why": card.why,
        "account_id": card.account_id,
        "brand": card.kept.as_ref().and_then(|kept| kept.brand.as_ref()),
        "last_four": shown.last_four.as_ref().map(LastFour::expose),
        "buyer": shown.buyer.as_ref().map(buyer),
        "erased": shown.buyer.is_none(),
        "attempts": card.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "errors": errors(&card.reasons, &shown.messages),
        "created_at": rfc3339(card.created_at),
        "updated_at": rfc3339(card.updated_at),
    })
}

fn card_status(status: SavedCardStatus) -> &'static str {
    match status {
        SavedCardStatus::Processing | SavedCardStatus::Unknown => "processing",
        SavedCardStatus::Saved => "saved",
        SavedCardStatus::Failed => "failed",
        SavedCardStatus::Expired => "expired",
    }
}

/// A subscription in a list: what is told without opening anything.
pub fn subscription_card_json(subscription: &Subscription) -> Value {
    let observed = subscription.observed.as_ref();
    let period = observed.and_then(|observed| observed.period_begins.zip(observed.period_ends));
    json!({
        "id": subscription.subscription_id,
        "reference": subscription.request.reference,
        "plan_id": subscription.request.plan_id,
        "status": subscription_status(subscription.status),
        "why": subscription.why,
        "card_id": subscription.request.card.card_id,
        "account_id": subscription.account_id.or(subscription.request.account_id),
        "gateway": observed.map(|observed| &observed.gateway),
        "remote_id": observed.map(|observed| &observed.remote_id),
        "period": period.map(|(begins, ends)| json!({"begins": rfc3339(begins), "ends": rfc3339(ends)})),
        "next_billing": observed.and_then(|observed| observed.next_billing).map(rfc3339),
        "end_wanted": subscription.end_wanted,
        "created_at": rfc3339(subscription.created_at),
        "updated_at": rfc3339(subscription.updated_at),
    })
}

/// A subscription, whole.
pub fn subscription_json(subscription: &Subscription, shown: &SubscriptionShown) -> Value {
    let mut json = subscription_card_json(subscription);
    let fields = json!({
        "charges": shown.charges,
        "buyer": shown.buyer.as_ref().map(buyer),
        "erased": shown.buyer.is_none(),
        "attempts": subscription.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "errors": errors(&subscription.reasons, &shown.messages),
    });
    if let (Value::Object(json), Value::Object(fields)) = (&mut json, fields) {
        json.extend(fields);
    }
    json
}

/// The word for a subscription's state.
pub fn subscription_status(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::Processing | SubscriptionStatus::Unknown => "processing",
        SubscriptionStatus::Confirming => "confirming",
        SubscriptionStatus::Future => "future",
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::Unpaid => "unpaid",
        SubscriptionStatus::Ended => "ended",
        SubscriptionStatus::Failed => "failed",
        SubscriptionStatus::Expired => "expired",
        SubscriptionStatus::Cancelled => "cancelled",
    }
}
