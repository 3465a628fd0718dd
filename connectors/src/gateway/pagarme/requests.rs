//! Bodies of requests, made of the facts alone: the same facts are the same bytes.

use feira_schemas::{
    gateway::Centavos,
    ids::{EffectId, TenantId},
    sealed::{AddressParts, PostalAddress},
    time::rfc3339,
};
use serde_json::{Map, Value, json};

use crate::gateway::{
    BankAccount, Buyer, CardFacts, CardSource, ChargeFacts, Item, Payment, PlanFacts, RefundFacts, Shipping,
    SubscriptionFacts, brazil::end_of_day,
};

/// The category of every item: the vendor's form wants one, and a shop's categories are none of its business.
const CATEGORY: &str = "produto";

/// The body of an order with its one payment.
pub(super) fn order(facts: &ChargeFacts) -> Value {
    let mut order = object(json!({
        "code": facts.effect.to_string(),
        "items": facts.items.iter().map(item).collect::<Vec<_>>(),
        "customer": customer(&facts.buyer, None),
    }));
    if let Payment::Card { source: CardSource::Saved { customer, .. }, .. } = &facts.payment {
        order.insert("customer_id".to_owned(), json!(customer));
        order.remove("customer");
    }
    if let Some(freight) = &facts.shipping {
        order.insert("shipping".to_owned(), shipping(freight));
    }
    order.insert("payments".to_owned(), json!([payment(facts)]));
    order.insert("closed".to_owned(), json!(true));
    order.insert("metadata".to_owned(), metadata(facts.effect, facts.tenant));
    Value::Object(order)
}

/// The gateway multiplies an item's amount by its quantity. A line whose sum doesn't divide is one of so many.
fn item(item: &Item) -> Value {
    let quantity = Centavos::from(item.quantity);
    let (amount, quantity, description) = match item.total % quantity {
        0 => (item.total / quantity, item.quantity, item.description.clone()),
        _ => (item.total, 1, format!("{quantity} x {}", item.description)),
    };
    json!({
        "amount": amount,
        "description": cut(&description, 256),
        "quantity": quantity,
        "category": CATEGORY,
        "code": cut(&item.code, 52),
    })
}

fn shipping(freight: &Shipping) -> Value {
    json!({
        "amount": freight.amount,
        "description": cut(&freight.description, 64),
        "recipient_name": cut(freight.recipient.expose(), 64),
        "address": address(&freight.address),
    })
}

fn customer(buyer: &Buyer, code: Option<String>) -> Value {
    let document = buyer.document.expose();
    let (kind, document_type) = if document.len() == 11 { ("individual", "CPF") } else { ("company", "CNPJ") };
    let mut customer = object(json!({
        "name": cut(buyer.name.expose(), 64),
        "email": buyer.email.expose(),
        "document": document,
        "type": kind,
        "document_type": document_type,
        "address": address(&buyer.address),
    }));
    if let Some(phones) = buyer.phone.as_ref().and_then(|phone| phones(phone.expose())) {
        customer.insert("phones".to_owned(), phones);
    }
    if let Some(code) = code {
        customer.insert("code".to_owned(), json!(code));
    }
    Value::Object(customer)
}

/// The parts of a Brazilian number; none of another country's, which the vendor's form can't hold.
fn phones(phone: &str) -> Option<Value> {
    let national = phone.strip_prefix("+55").filter(|national| matches!(national.len(), 10 | 11))?;
    let (area, number) = national.split_at_checked(2)?;
    let kind = if number.len() == 9 { "mobile_phone" } else { "home_phone" };
    Some(json!({ kind: {"country_code": "55", "area_code": area, "number": number} }))
}

fn address(address: &PostalAddress) -> Value {
    let AddressParts { postal_code, street, number, complement, district, city, state } = address.expose();
    // The vendor's order, and small towns have no districts.
    let line = [number, street, district].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    json!({
        "line_1": cut(&line, 256),
        "line_2": cut(complement, 128),
        "zip_code": postal_code,
        "city": city,
        "state": state,
        "country": "BR",
        "street": street,
        "number": number,
        "neighborhood": district,
        "complement": complement,
    })
}

fn payment(facts: &ChargeFacts) -> Value {
    let billing = address(&facts.buyer.address);
    let descriptor = facts.statement_descriptor.as_deref();
    match &facts.payment {
        Payment::Card { source, installments, capture } => {
            let mut card = object(json!({"installments": installments}));
            insert(&mut card, "statement_descriptor", descriptor);
            insert_card(&mut card, source, billing);
            card.insert("capture".to_owned(), json!(capture));
            card.insert("operation_type".to_owned(), json!(if *capture { "auth_and_capture" } else { "auth_only" }));
            json!({"payment_method": "credit_card", "amount": facts.amount, "credit_card": card})
        }
        Payment::Boleto { due, instructions, document_number } => {
            let due = end_of_day(*due).map(|end| end.strftime("%FT%T%:z").to_string());
            json!({"payment_method": "boleto", "amount": facts.amount, "boleto": {
                "instructions": cut(instructions, 256),
                "due_at": due,
                "document_number": document_number,
                "statement_descriptor": descriptor.unwrap_or_default(),
                "billing_address": billing,
                "retries": 0,
            }})
        }
        Payment::Pix { until, information } => {
            let information: Vec<_> =
                information.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
            json!({"payment_method": "pix", "amount": facts.amount, "pix": {
                "expires_at": rfc3339(*until),
                "additional_information": information,
            }})
        }
    }
}

/// A token carries no billing address, so that goes beside it.
fn insert_card(into: &mut Map<String, Value>, source: &CardSource, billing: Value) {
    match source {
        CardSource::Token(token) => {
            into.insert("card_token".to_owned(), json!(token.expose()));
            into.insert("card".to_owned(), json!({"billing_address": billing}));
        }
        CardSource::Saved { card, .. } => {
            into.insert("card_id".to_owned(), json!(card));
        }
    }
}

/// The body of a refund. A boleto's names the account that the money goes to.
pub(super) fn refund(facts: &RefundFacts) -> Value {
    let mut refund = object(json!({"amount": facts.amount, "operation_reference": facts.effect.to_string()}));
    if let Some(account) = &facts.bank_account {
        refund.insert("bank_account".to_owned(), bank_account(account));
    }
    Value::Object(refund)
}

fn bank_account(account: &BankAccount) -> Value {
    let document = account.document.expose();
    json!({
        "holder_name": account.holder.expose(),
        "holder_type": if document.len() == 11 { "individual" } else { "company" },
        "holder_document": document,
        "bank": account.bank.expose(),
        "branch_number": account.branch.expose(),
        "branch_check_digit": account.branch_check.expose(),
        "account_number": account.account.expose(),
        "account_check_digit": account.account_check.expose(),
        "type": if account.savings { "savings" } else { "checking" },
    })
}

/// The body of a cancelling.
pub(super) fn cancel(effect: EffectId) -> Value {
    json!({"operation_reference": effect.to_string()})
}

/// The body of the customer that a card is kept for.
pub(super) fn holder(facts: &CardFacts) -> Value {
    let mut holder = object(customer(&facts.holder, Some(facts.effect.to_string())));
    holder.insert("metadata".to_owned(), metadata(facts.effect, facts.tenant));
    Value::Object(holder)
}

/// The body of a card that is to be kept.
pub(super) fn card(facts: &CardFacts) -> Value {
    json!({"token": facts.token.expose(), "billing_address": address(&facts.holder.address)})
}

/// The body of a plan with its one item.
pub(super) fn plan(facts: &PlanFacts) -> Value {
    json!({
        "name": cut(&facts.name, 64),
        "description": cut(&facts.description, 256),
        "statement_descriptor": facts.statement_descriptor.as_deref().unwrap_or_default(),
        "items": [{
            "name": cut(&facts.name, 64),
            "quantity": 1,
            "pricing_scheme": {"scheme_type": "unit", "price": facts.price},
        }],
        "payment_methods": ["credit_card"],
        "installments": [1],
        "currency": "BRL",
        "interval": "month",
        "interval_count": facts.months,
        "billing_type": "prepaid",
        "billing_days": [],
        "shippable": false,
        "metadata": {"effect_id": facts.effect.to_string()},
    })
}

/// The body of a subscription to a plan.
pub(super) fn subscription(facts: &SubscriptionFacts) -> Value {
    let mut subscription = object(json!({"code": facts.effect.to_string(), "plan_id": facts.plan}));
    match &facts.source {
        CardSource::Token(_) => {
            subscription.insert("customer".to_owned(), customer(&facts.subscriber, None));
        }
        CardSource::Saved { customer, .. } => {
            subscription.insert("customer_id".to_owned(), json!(customer));
        }
    }
    subscription.insert("payment_method".to_owned(), json!("credit_card"));
    insert_card(&mut subscription, &facts.source, address(&facts.subscriber.address));
    insert(&mut subscription, "start_at", facts.starts.map(rfc3339).as_deref());
    subscription.insert("metadata".to_owned(), metadata(facts.effect, facts.tenant));
    Value::Object(subscription)
}

/// The body of a subscription's end: what it has not been paid for goes with it.
pub(super) fn end() -> Value {
    json!({"cancel_pending_invoices": true})
}

fn metadata(effect: EffectId, tenant: TenantId) -> Value {
    json!({"effect_id": effect.to_string(), "tenant": tenant.to_string()})
}

/// The fields of an object, which `json!` with braces makes.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn insert(into: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        into.insert(name.to_owned(), json!(text));
    }
}

/// The first signs of a text, as many as the vendor takes.
fn cut(text: &str, signs: usize) -> String {
    text.chars().take(signs).collect()
}
