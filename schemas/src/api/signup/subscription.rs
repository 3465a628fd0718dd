//! Subscriptions to plans of the platform as operators see them. What is sealed in a record is opened by the caller and handed in.

use serde_json::{Value, json};

use super::{rules::METHODS, view::limits};
use crate::{
    api::payments::{BuyerShown, buyer_json, error_json},
    ids::{Micros, TenantId},
    records::{
        payments::PaymentMethod,
        signup::{Invoice, InvoiceStatus, Payment, PaymentStatus, Subscription, SubscriptionStatus, Terms},
    },
    sealed::GatewayText,
    time::rfc3339,
};

/// Words for the states of a subscription, in the order in which one goes through them.
pub const SUBSCRIPTION_STATUSES: &[&str] = &[
    "naming",
    "name_taken",
    "paying",
    "refused",
    "expired",
    "name_lost",
    "securing",
    "paid",
    "active",
    "ended",
    UNKNOWN,
];
/// Words for the ways in which a subscription is paid.
pub const PAYMENT_METHODS: &[&str] = &METHOD_WORDS;
/// Words for the states of a payment.
pub(super) const PAYMENT_STATUSES: [&str; 7] = ["waiting", "asked", "pending", "paid", "refused", "expired", UNKNOWN];
/// Words for the states of an invoice.
pub(super) const INVOICE_STATUSES: [&str; 4] = ["open", "paid", "void", UNKNOWN];
/// Words for the ways to pay.
pub(super) const METHOD_WORDS: [&str; 4] = [METHODS[0].1, METHODS[1].1, METHODS[2].1, UNKNOWN];
/// The word for what only a later program knows.
const UNKNOWN: &str = "unknown";

/// The opened values of a subscription.
#[derive(Default)]
pub struct SubscriptionShown {
    /// The person or company that subscribes; none where it was erased.
    pub subscriber: Option<BuyerShown>,
    /// The gateway's sentence of each reason for which the latest payment was refused.
    pub messages: Vec<Option<GatewayText>>,
}

/// A subscription in a list: what is told without opening anything. The tenant is the shop that it is for.
pub fn subscription_card_json(tenant: TenantId, subscription: &Subscription) -> Value {
    let Terms { plan_id, plan_name, price, months, account, .. } = &subscription.terms;
    json!({
        "id": subscription.subscription_id,
        "tenant_id": tenant,
        "version": subscription.version,
        "status": subscription_status(subscription.status),
        "shop_name": subscription.shop_name,
        "subdomain": subscription.subdomain,
        "plan_id": plan_id,
        "plan_name": plan_name,
        "price": price,
        "months": months,
        "method": method(subscription.payment.method),
        "simulated": account.simulated,
        "created_at": rfc3339(subscription.created_at),
        "changed_at": rfc3339(subscription.changed_at),
    })
}

/// A subscription, whole, with its invoices.
pub fn subscription_json(
    tenant: TenantId,
    subscription: &Subscription,
    shown: &SubscriptionShown,
    invoices: &[Invoice],
) -> Value {
    let mut json = subscription_card_json(tenant, subscription);
    let held_until = (subscription.held_until > 0).then_some(subscription.held_until);
    let period = subscription.period.as_ref().map(|period| {
        json!({
            "number": period.number,
            "first_day": period.first_day,
            "next_day": period.next_day,
            "anchor_day": period.anchor_day,
        })
    });
    let fields = json!({
        "limits": limits(subscription.terms.limits),
        "gateway": subscription.terms.account.gateway,
        "account_id": subscription.terms.account.account_id,
        "subscriber": shown.subscriber.as_ref().map(buyer_json),
        "erased": shown.subscriber.is_none(),
        "payment": payment_json(&subscription.payment, &shown.messages),
        "period": period,
        "invoices": invoices.iter().map(invoice_json).collect::<Vec<_>>(),
        "accepted": subscription.accepted,
        "accepted_at": rfc3339(subscription.accepted_at),
        "held_until": time(held_until),
    });
    if let (Value::Object(json), Value::Object(fields)) = (&mut json, fields) {
        json.extend(fields);
    }
    json
}

/// The word for the state of a subscription, of [`SUBSCRIPTION_STATUSES`].
pub fn subscription_status(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::Naming => "naming",
        SubscriptionStatus::NameTaken => "name_taken",
        SubscriptionStatus::Paying => "paying",
        SubscriptionStatus::Refused => "refused",
        SubscriptionStatus::Expired => "expired",
        SubscriptionStatus::NameLost => "name_lost",
        SubscriptionStatus::Securing => "securing",
        SubscriptionStatus::Paid => "paid",
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::Ended => "ended",
        SubscriptionStatus::Unknown => UNKNOWN,
    }
}

/// The word for the way in which a subscription is paid, of [`PAYMENT_METHODS`].
pub fn subscription_method(subscription: &Subscription) -> &'static str {
    method(subscription.payment.method)
}

fn payment_json(payment: &Payment, messages: &[Option<GatewayText>]) -> Value {
    let message = |place: usize| messages.get(place).and_then(Option::as_ref);
    let reasons = payment.reasons.iter().enumerate();
    json!({
        "attempt": payment.attempt,
        "method": method(payment.method),
        "status": payment_status(payment.status),
        "charge_id": payment.charge_id,
        "subscription_id": payment.remote_id,
        "due": payment.due,
        "pix_until": time(payment.pix_until),
        "why": payment.why,
        "errors": reasons.map(|(place, reason)| error_json(reason, message(place))).collect::<Vec<_>>(),
    })
}

fn payment_status(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Waiting => "waiting",
        PaymentStatus::Asked => "asked",
        PaymentStatus::Pending => "pending",
        PaymentStatus::Paid => "paid",
        PaymentStatus::Refused => "refused",
        PaymentStatus::Expired => "expired",
        PaymentStatus::Unknown => UNKNOWN,
    }
}

fn invoice_json(invoice: &Invoice) -> Value {
    json!({
        "id": invoice.invoice_id,
        "version": invoice.version,
        "number": invoice.number,
        "status": invoice_status(invoice.status),
        "amount": invoice.amount,
        "method": method(invoice.method),
        "charge_id": invoice.charge_id,
        "created_at": rfc3339(invoice.created_at),
        "paid_at": time(invoice.paid_at),
    })
}

fn invoice_status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Void => "void",
        InvoiceStatus::Unknown => UNKNOWN,
    }
}

fn method(method: PaymentMethod) -> &'static str {
    METHODS.into_iter().find(|(known, _)| *known == method).map_or(UNKNOWN, |(_, word)| word)
}

fn time(time: Option<Micros>) -> Option<String> {
    time.map(rfc3339)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word_of_the_list() {
        let all = [
            SubscriptionStatus::Naming,
            SubscriptionStatus::NameTaken,
            SubscriptionStatus::Paying,
            SubscriptionStatus::Refused,
            SubscriptionStatus::Expired,
            SubscriptionStatus::NameLost,
            SubscriptionStatus::Securing,
            SubscriptionStatus::Paid,
            SubscriptionStatus::Active,
            SubscriptionStatus::Ended,
            SubscriptionStatus::Unknown,
        ];
        assert_eq!(all.map(subscription_status).as_slice(), SUBSCRIPTION_STATUSES);
        assert_eq!(method(PaymentMethod::Unknown), METHOD_WORDS[3]);
    }
}
