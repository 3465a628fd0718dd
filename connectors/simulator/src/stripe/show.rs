//! Stripe's things as answers and events have them. Sums are numbers of centavos, times seconds.

use feira_schemas::time::Micros;
use serde_json::{Value, json};

use super::{
    answer::codes_of,
    kept::{Customer, Dispute, Intent, Invoice, PaymentMethod, Price, Product, Refund, Subscription, Way},
};
use crate::core::{
    card::Card,
    charge::{Charge, Method, Outcome, Status},
    ledger::{Ledger, SECOND},
};

fn seconds(time: Micros) -> i64 {
    time.div_euclid(SECOND)
}

/// A customer.
pub(super) fn customer(_: &Ledger, customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "object": "customer",
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "description": customer.description,
        "address": customer.address,
        "balance": 0,
        "currency": null,
        "created": seconds(customer.created),
        "default_source": null,
        "delinquent": false,
        "invoice_settings": {"default_payment_method": customer.default_method, "custom_fields": null, "footer": null},
        "livemode": false,
        "metadata": customer.metadata,
        "shipping": null,
        "deleted": customer.deleted.then_some(true),
    })
}

/// A card.
pub(super) fn card(card: &Card) -> Value {
    json!({
        "brand": card.brand,
        "country": "BR",
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": format!("{}{}", card.first_six, card.last_four),
        "funding": "credit",
        "last4": card.last_four,
    })
}

/// A way to pay.
pub(super) fn method(_: &Ledger, method: &PaymentMethod) -> Value {
    let billing = |name: &str| method.billing.get(name).cloned().unwrap_or_default();
    let mut shown = json!({
        "id": method.id,
        "object": "payment_method",
        "type": method.way.name(),
        "billing_details": {"name": billing("name"), "email": billing("email"), "phone": billing("phone"), "address": billing("address")},
        "created": seconds(method.created),
        "customer": method.customer,
        "livemode": false,
        "metadata": method.metadata,
    });
    shown[method.way.name()] = match &method.way {
        Way::Card(it) => card(it),
        Way::Pix => json!({}),
        Way::Boleto { tax_id } => json!({"tax_id": tax_id}),
    };
    shown
}

/// A payment intent.
pub(super) fn intent(ledger: &Ledger, intent: &Intent) -> Value {
    let charge = intent.charge.as_deref().and_then(|id| ledger.get::<Charge>(id));
    let error = intent.refusal.map(|reason| {
        let (code, decline) = codes_of(reason);
        let by_card = charge.as_ref().is_some_and(is_card);
        json!({
            "type": if by_card { "card_error" } else { "invalid_request_error" },
            "code": code,
            "decline_code": by_card.then_some(decline),
            "message": reason.message(),
            "charge": charge.as_ref().filter(|charge| is_shown(charge)).map(|charge| charge.id.as_str()),
        })
    });
    let action =
        charge.as_ref().filter(|_| intent.status == "requires_action").and_then(|charge| action(ledger, charge));
    let of_card = intent.kinds.iter().any(|kind| kind == "card");
    let held = charge.as_ref().filter(|_| intent.status == "requires_capture").map_or(0, |charge| charge.amount);
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": held,
        "amount_received": charge.as_ref().map_or(0, |charge| charge.paid),
        "canceled_at": intent.canceled_at.map(seconds),
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": if intent.manual_capture { "manual" } else { "automatic_async" },
        "client_secret": intent.secret,
        "confirmation_method": "automatic",
        "created": seconds(intent.created),
        "currency": "brl",
        "customer": intent.customer,
        "description": intent.description,
        "last_payment_error": error,
        "latest_charge": charge.filter(is_shown).map(|charge| charge.id),
        "livemode": false,
        "metadata": intent.metadata,
        "next_action": action,
        "payment_method": intent.method,
        "payment_method_options": {},
        "payment_method_types": intent.kinds,
        "receipt_email": intent.receipt_email,
        "setup_future_usage": intent.future_usage,
        "statement_descriptor": if of_card { None } else { intent.descriptor.as_deref() },
        "statement_descriptor_suffix": if of_card { intent.descriptor.as_deref() } else { None },
        "status": intent.status,
    })
}

/// Whether Stripe would show a charge: that of a Pix or boleto begins to be when it is paid.
pub(super) fn is_shown(charge: &Charge) -> bool {
    matches!(charge.method, Method::Card(_)) || charge.paid > 0
}

fn action(ledger: &Ledger, charge: &Charge) -> Option<Value> {
    match &charge.method {
        Method::Card(_) => None,
        Method::Pix(code) => {
            let picture = format!("{}/pictures/{}/pix", ledger.public(), charge.id);
            Some(json!({
                "type": "pix_display_qr_code",
                "pix_display_qr_code": {
                    "data": code.text,
                    "expires_at": seconds(code.until),
                    "hosted_instructions_url": format!("{}/", ledger.public()),
                    "image_url_png": null,
                    "image_url_svg": picture,
                },
            }))
        }
        Method::Boleto(slip) => {
            let page = format!("{}/boletos/{}", ledger.public(), charge.id);
            Some(json!({
                "type": "boleto_display_details",
                "boleto_display_details": {
                    "expires_at": seconds(slip.due),
                    "hosted_voucher_url": page,
                    "number": slip.line,
                    "pdf": page,
                },
            }))
        }
    }
}

/// A charge.
pub(super) fn charge(ledger: &Ledger, charge: &Charge) -> Value {
    let refusal = charge.last().and_then(|last| match last.outcome {
        Outcome::Refused(reason) => Some(reason),
        _ => None,
    });
    let status = match charge.status {
        Status::Failed => "failed",
        Status::Pending | Status::Canceled if charge.paid == 0 => {
            if is_card(charge) {
                "succeeded"
            } else {
                "pending"
            }
        }
        _ => "succeeded",
    };
    let details = match &charge.method {
        Method::Card(payment) => json!({"type": "card", "card": card(&payment.card)}),
        Method::Pix(_) => {
            json!({"type": "pix", "pix": {"bank_transaction_id": charge.last().map(|last| &last.end_to_end)}})
        }
        Method::Boleto(_) => json!({"type": "boleto", "boleto": {}}),
    };
    let intent = charge.order.as_deref().and_then(|id| ledger.get::<Intent>(id));
    json!({
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.paid,
        "amount_refunded": if charge.paid > 0 { charge.canceled } else { 0 },
        "captured": charge.paid > 0,
        "created": seconds(charge.created),
        "currency": "brl",
        "customer": (!charge.customer.is_empty()).then_some(&charge.customer),
        "disputed": charge.status == Status::Chargedback,
        "failure_code": refusal.map(|reason| codes_of(reason).0),
        "failure_message": refusal.map(|reason| reason.message()),
        "livemode": false,
        "metadata": charge.metadata,
        "outcome": {
            "type": if refusal.is_some() { "issuer_declined" } else { "authorized" },
            "network_status": if refusal.is_some() { "declined_by_network" } else { "approved_by_network" },
            "reason": refusal.map(|reason| codes_of(reason).1),
        },
        "paid": status == "succeeded",
        "payment_intent": charge.order,
        "payment_method": intent.and_then(|intent| intent.method),
        "payment_method_details": details,
        "refunded": charge.paid > 0 && charge.canceled >= charge.paid,
        "status": status,
    })
}

fn is_card(charge: &Charge) -> bool {
    matches!(charge.method, Method::Card(_))
}

/// A refund.
pub(super) fn refund(_: &Ledger, refund: &Refund) -> Value {
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": refund.charge,
        "created": seconds(refund.created),
        "currency": "brl",
        "metadata": refund.metadata,
        "payment_intent": refund.intent,
        "reason": refund.reason,
        "status": "succeeded",
    })
}

/// A dispute.
pub(super) fn dispute(_: &Ledger, dispute: &Dispute) -> Value {
    json!({
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "charge": dispute.charge,
        "created": seconds(dispute.created),
        "currency": "brl",
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": dispute.intent,
        "reason": "fraudulent",
        "status": "lost",
    })
}

/// A product.
pub(super) fn product(_: &Ledger, product: &Product) -> Value {
    json!({
        "id": product.id,
        "object": "product",
        "active": product.active,
        "created": seconds(product.created),
        "default_price": null,
        "description": product.description,
        "images": [],
        "livemode": false,
        "metadata": product.metadata,
        "name": product.name,
        "type": "service",
        "updated": seconds(product.updated),
    })
}

/// A price.
pub(super) fn price(_: &Ledger, price: &Price) -> Value {
    let recurring = price.interval.as_ref().map(|(interval, count)| {
        json!({"interval": interval, "interval_count": count, "meter": null, "usage_type": "licensed"})
    });
    json!({
        "id": price.id,
        "object": "price",
        "active": price.active,
        "billing_scheme": "per_unit",
        "created": seconds(price.created),
        "currency": "brl",
        "livemode": false,
        "lookup_key": price.lookup_key,
        "metadata": price.metadata,
        "nickname": price.nickname,
        "product": price.product,
        "recurring": recurring,
        "type": if price.interval.is_some() { "recurring" } else { "one_time" },
        "unit_amount": price.amount,
        "unit_amount_decimal": price.amount.to_string(),
    })
}

/// A subscription.
pub(super) fn subscription(ledger: &Ledger, it: &Subscription) -> Value {
    let items: Vec<Value> = it
        .items
        .iter()
        .map(|item| {
            json!({
                "id": item.id,
                "object": "subscription_item",
                "created": seconds(it.created),
                "current_period_start": seconds(it.period.0),
                "current_period_end": seconds(it.period.1),
                "price": ledger.get::<Price>(&item.price).map(|known| price(ledger, &known)),
                "quantity": item.quantity,
                "subscription": it.id,
            })
        })
        .collect();
    json!({
        "id": it.id,
        "object": "subscription",
        "billing_cycle_anchor": seconds(it.anchor),
        "cancel_at_period_end": it.cancel_at_period_end,
        "canceled_at": it.canceled_at.map(seconds),
        "collection_method": "charge_automatically",
        "created": seconds(it.created),
        "currency": "brl",
        "customer": it.customer,
        "default_payment_method": it.default_method,
        "ended_at": it.canceled_at.filter(|_| it.status == "canceled").map(seconds),
        "items": {"object": "list", "data": items, "has_more": false, "url": format!("/v1/subscription_items?subscription={}", it.id)},
        "latest_invoice": it.latest_invoice,
        "livemode": false,
        "metadata": it.metadata,
        "start_date": seconds(it.created),
        "status": it.status,
        "trial_end": it.trial_end.map(seconds),
    })
}

/// An invoice.
pub(super) fn invoice(ledger: &Ledger, it: &Invoice) -> Value {
    let lines: Vec<Value> = it
        .lines
        .iter()
        .map(|line| {
            json!({
                "id": line.id,
                "object": "line_item",
                "amount": line.amount,
                "currency": "brl",
                "period": {"start": seconds(it.period.0), "end": seconds(it.period.1)},
                "pricing": {"type": "price_details", "price_details": {"price": line.price, "product": line.product}},
                "quantity": line.quantity,
            })
        })
        .collect();
    let intent = it.intent.as_deref().and_then(|id| ledger.get::<Intent>(id));
    let marks = ledger.get::<Subscription>(&it.subscription).map(|known| known.metadata).unwrap_or_default();
    let payments: Vec<Value> = intent
        .iter()
        .map(|intent| {
            json!({
                "object": "invoice_payment",
                "amount_requested": it.amount,
                "amount_paid": (it.paid > 0).then_some(it.paid),
                "invoice": it.id,
                "payment": {"type": "payment_intent", "payment_intent": intent.id},
                "status": if it.paid > 0 { "paid" } else { "open" },
            })
        })
        .collect();
    json!({
        "id": it.id,
        "object": "invoice",
        "amount_due": it.amount,
        "amount_paid": it.paid,
        "amount_remaining": it.amount - it.paid,
        "attempt_count": it.attempts,
        "attempted": it.attempts > 0,
        "billing_reason": it.reason,
        "collection_method": "charge_automatically",
        "confirmation_secret": intent.as_ref().map(|intent| json!({"client_secret": intent.secret, "type": "payment_intent"})),
        "created": seconds(it.created),
        "currency": "brl",
        "customer": it.customer,
        "lines": {"object": "list", "data": lines, "has_more": false, "url": format!("/v1/invoices/{}/lines", it.id)},
        "livemode": false,
        "metadata": {},
        "number": it.number,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": it.subscription, "metadata": marks}},
        "payments": {"object": "list", "data": payments, "has_more": false, "url": format!("/v1/invoice_payments?invoice={}", it.id)},
        "period_start": seconds(it.period.0),
        "period_end": seconds(it.period.1),
        "status": it.status,
        "status_transitions": {"paid_at": it.paid_at.map(seconds)},
        "subtotal": it.amount,
        "total": it.amount,
    })
}
