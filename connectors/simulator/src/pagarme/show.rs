//! Orders and charges as answers and hooks have them. Sums are numbers, everything else that is no flag is text.

use serde_json::{Map, Value, json};

use super::{
    cards,
    customers::{self, Customer},
    kept::Order,
    times,
};
use crate::core::{
    charge::{CardPayment, Charge, Method, Outcome, PixCode, Slip, Transaction},
    ledger::Ledger,
    slips,
};

/// An order with its charges.
pub(super) fn order(ledger: &Ledger, order: &Order) -> Value {
    let charges: Vec<Value> = order.charges.iter().filter_map(|id| Some(bare(ledger, &ledger.get(id)?))).collect();
    let mut shown = head(order);
    let items = order.items.iter().map(|item| {
        json!({
            "id": item.id,
            "type": "product",
            "description": item.description,
            "amount": item.amount,
            "quantity": item.quantity,
            "category": item.category,
            "code": item.code,
            "status": "active",
            "created_at": times::shown(order.created),
            "updated_at": times::shown(order.created),
        })
    });
    shown.insert("items".to_owned(), items.collect());
    shown.insert("customer".to_owned(), customer(ledger, &order.customer));
    shown.insert("charges".to_owned(), charges.into());
    Value::Object(shown)
}

/// What an order has beside its items, customer and charges.
fn head(order: &Order) -> Map<String, Value> {
    let shown = json!({
        "id": order.id,
        "code": order.code,
        "amount": order.amount,
        "currency": "BRL",
        "closed": order.closed,
        "status": order.status,
        "shipping": order.shipping,
        "metadata": order.metadata,
        "ip": order.ip,
        "session_id": order.session_id,
        "created_at": times::shown(order.created),
        "updated_at": times::shown(order.updated),
        "closed_at": times::or_null(order.closed_at),
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// A charge with its customer and what it belongs to.
pub(super) fn charge(ledger: &Ledger, charge: &Charge) -> Value {
    let mut shown = bare(ledger, charge);
    shown["customer"] = customer(ledger, &charge.customer);
    if let Some(order) = charge.order.as_deref().and_then(|id| ledger.get::<Order>(id)) {
        shown["order"] = Value::Object(head(&order));
    }
    if let Some(invoice) = &charge.invoice {
        shown["invoice"] = json!({"id": invoice, "code": charge.code, "amount": charge.amount});
    }
    shown
}

/// A charge by itself.
pub(super) fn bare(ledger: &Ledger, charge: &Charge) -> Value {
    let due = match &charge.method {
        Method::Boleto(slip) => Some(slip.due),
        _ => None,
    };
    json!({
        "id": charge.id,
        "code": charge.code,
        "gateway_id": charge.last().map(|last| last.number.clone()),
        "amount": charge.amount,
        "paid_amount": (charge.paid > 0).then_some(charge.paid),
        "canceled_amount": (charge.canceled > 0).then_some(charge.canceled),
        "status": charge.status.name(),
        "currency": "BRL",
        "payment_method": charge.method.name(),
        "due_at": times::or_null(due),
        "paid_at": times::or_null(charge.paid_at),
        "canceled_at": times::or_null(charge.canceled_at),
        "created_at": times::shown(charge.created),
        "updated_at": times::shown(charge.updated),
        "metadata": charge.metadata,
        "last_transaction": charge.last().map(|last| transaction(ledger, charge, last)),
    })
}

/// An attempt of a charge.
pub(super) fn transaction(ledger: &Ledger, charge: &Charge, last: &Transaction) -> Value {
    let refusal = match last.outcome {
        Outcome::Refused(reason) => Some(reason),
        _ => None,
    };
    let attempts = charge.transactions.iter().position(|one| one.id == last.id).map_or(1, |place| place + 1);
    let is_card = matches!(charge.method, Method::Card(_));
    let errors: Vec<Value> =
        refusal.filter(|_| !is_card).map(|reason| json!({"message": reason.message()})).into_iter().collect();
    let code = if errors.is_empty() { "200" } else { "400" };
    let mut shown = json!({
        "id": last.id,
        "transaction_type": charge.method.name(),
        "gateway_id": last.number,
        "amount": last.amount,
        "status": status(charge, last.outcome),
        "success": refusal.is_none(),
        "attempt_count": attempts,
        "max_attempts": 31,
        "next_attempt": null,
        "gateway_response": {"code": code, "errors": errors},
        "antifraud_response": {},
        "metadata": {},
        "created_at": times::shown(last.at),
        "updated_at": times::shown(last.updated),
    });
    let more = match &charge.method {
        Method::Card(payment) => card(payment, last),
        Method::Pix(code) => pix(ledger, charge, code, last),
        Method::Boleto(slip) => boleto(ledger, charge, slip),
    };
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

fn status(charge: &Charge, outcome: Outcome) -> &'static str {
    let is_card = matches!(charge.method, Method::Card(_));
    match outcome {
        Outcome::Waiting if matches!(charge.method, Method::Boleto(_)) => "generated",
        Outcome::Waiting => "waiting_payment",
        Outcome::Authorized => "authorized_pending_capture",
        Outcome::Captured => "captured",
        Outcome::Paid => "paid",
        Outcome::Voided => "voided",
        Outcome::Refunded if charge.left() > 0 && is_card => "partial_refunded",
        Outcome::Refunded => "refunded",
        Outcome::Refused(_) if is_card => "not_authorized",
        Outcome::Refused(_) => "failed",
        Outcome::Chargedback => "chargedback",
    }
}

fn card(payment: &CardPayment, last: &Transaction) -> Value {
    let (code, message) = match last.outcome {
        Outcome::Refused(reason) => (reason.code(), reason.message()),
        _ => ("00", "Transação aprovada com sucesso"),
    };
    json!({
        "operation_type": if payment.capture { "auth_and_capture" } else { "auth_only" },
        "installments": payment.installments,
        "statement_descriptor": payment.descriptor,
        "acquirer_name": "simulator",
        "acquirer_tid": last.number,
        "acquirer_nsu": &last.number[..6.min(last.number.len())],
        "acquirer_auth_code": &last.number[..6.min(last.number.len())],
        "acquirer_message": message,
        "acquirer_return_code": code,
        "funding_source": "credit",
        "brand_id": null,
        "card": cards::shown_card(&payment.card),
    })
}

fn pix(ledger: &Ledger, charge: &Charge, code: &PixCode, last: &Transaction) -> Value {
    let notes: Vec<Value> = code.notes.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let payer = last.end_to_end.as_ref().map(|_| {
        json!({
            "name": "Pagador Simulado",
            "document": "***123456**",
            "document_type": "CPF",
            "bank_account": {"bank_name": "Banco Simulado", "ispb": "00000000", "branch_code": "1", "account_number": "***4"},
        })
    });
    json!({
        "qr_code": code.text,
        "qr_code_url": format!("{}/pictures/{}/pix", ledger.public(), charge.id),
        "expires_at": times::shown(code.until),
        "additional_information": notes,
        "end_to_end_id": last.end_to_end,
        "payer": payer,
        "pix_provider_tid": last.number,
    })
}

fn boleto(ledger: &Ledger, charge: &Charge, slip: &Slip) -> Value {
    let page = format!("{}/boletos/{}", ledger.public(), charge.id);
    json!({
        "url": page,
        "pdf": page,
        "line": slip.line,
        "barcode": format!("{}/pictures/{}/barcode", ledger.public(), charge.id),
        "qr_code": null,
        "nosso_numero": slip.number,
        "bank": slips::bank(),
        "document_number": slip.document_number,
        "instructions": slip.instructions,
        "due_at": times::shown(slip.due),
        "paid_at": times::or_null(charge.paid_at),
        "paid_amount": (charge.paid > 0).then(|| charge.paid.to_string()),
        "credit_at": times::or_null(charge.paid_at),
        "type": "DM",
    })
}

/// A customer, or null where there is none of that id.
pub(super) fn customer(ledger: &Ledger, id: &str) -> Value {
    ledger.get::<Customer>(id).map_or(Value::Null, |customer| customers::shown(&customer))
}
