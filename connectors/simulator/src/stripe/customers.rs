//! Customers.

use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Metadata},
    events,
    kept::{Customer, PaymentMethod},
    lists, lookup, methods, show,
};

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let customer = Customer {
        id: call.ledger.id("cus"),
        account: call.account.id.clone(),
        name: None,
        email: None,
        phone: None,
        description: None,
        address: None,
        default_method: None,
        metadata: Metadata::new(),
        created: call.ledger.now(),
        deleted: false,
    };
    let method = call.text("payment_method");
    let customer = kept(call, customer, "customer.created")?;
    if let Some(method) = method {
        methods::give(call, &method, &customer.id)?;
    }
    Ok(show::customer(call.ledger, &customer))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = call.own::<Customer>(path[1])?;
    Ok(show::customer(call.ledger, &customer))
}

pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = lookup::customer(call, path[1])?;
    let customer = kept(call, customer, "customer.updated")?;
    Ok(show::customer(call.ledger, &customer))
}

/// Keeps a customer with what the call says of it.
fn kept(call: &mut Call, known: Customer, kind: &str) -> Result<Customer, Refused> {
    let default = call.text("invoice_settings.default_payment_method");
    if let Some(id) = &default {
        call.own::<PaymentMethod>(id)?;
    }
    let customer = Customer {
        name: call.text("name").or(known.name),
        email: call.text("email").or(known.email),
        phone: call.text("phone").or(known.phone),
        description: call.text("description").or(known.description),
        address: call.at("address").cloned().or(known.address),
        default_method: default.or(known.default_method),
        metadata: call.metadata(known.metadata)?,
        ..known
    };
    call.ledger.put(customer.clone());
    let object = show::customer(call.ledger, &customer);
    events::say(call.ledger, &customer.account, kind, object, &mut None);
    Ok(customer)
}

pub(super) fn delete(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = Customer { deleted: true, ..lookup::customer(call, path[1])? };
    call.ledger.put(customer.clone());
    let object = show::customer(call.ledger, &customer);
    events::say(call.ledger, &customer.account, "customer.deleted", object.clone(), &mut None);
    Ok(json!({"id": customer.id, "object": "customer", "deleted": true}))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let email = call.text("email");
    let fits = |customer: &Customer| !customer.deleted && (email.is_none() || customer.email == email);
    lists::list(call, "/v1/customers", fits, show::customer)
}
