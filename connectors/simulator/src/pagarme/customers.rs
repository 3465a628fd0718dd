//! Customers, by their e-mail one for each account: who orders again with it is the same customer, with the newer data.

use std::collections::BTreeMap;

use feira_schemas::time::Micros;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Owned},
    fields, lists, times,
};
use crate::core::rows::Row;

/// A customer.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    account: String,
    pub(super) data: Given,
    created: Micros,
    updated: Micros,
}

/// What is known of a customer.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) document: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    document_type: Option<String>,
    pub(super) address: Option<Value>,
    phones: Option<Value>,
    code: Option<String>,
    gender: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

impl Row for Customer {
    const TABLE: &'static str = "pagarme_customers";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Owned for Customer {
    const NAME: &'static str = "Customer";
    fn account(&self) -> &str {
        &self.account
    }
}

/// Looks at what is given of a customer; `path` stands before the paths of errors.
pub(super) fn check(given: &Given, path: &str) -> Result<(), Refused> {
    let kind = given.kind.as_deref().unwrap_or("individual");
    if !matches!(kind, "individual" | "company") {
        return Err(Refused::field(&format!("{path}.type"), "The type field is individual or company."));
    }
    if given.email.as_deref().is_some_and(|email| !email.contains('@') || email.len() > 64) {
        return Err(Refused::field(&format!("{path}.email"), "The email field is not a valid e-mail address."));
    }
    let digits = given.document.as_deref().map(digits_of).unwrap_or_default();
    if given.document.is_some() && !matches!(digits.len(), 11 | 14) {
        return Err(Refused::field(&format!("{path}.document"), "The document field is not a valid document."));
    }
    Ok(())
}

/// The letters and digits of a document.
pub(super) fn digits_of(document: &str) -> String {
    document.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Keeps a customer: a new one, or the one with this e-mail.
pub(super) fn keep(call: &mut Call, given: Given) -> Customer {
    let now = call.ledger.now();
    let same = |known: &&&Customer| known.account == call.account.id && known.data.email == given.email;
    let known = call.ledger.list::<Customer>().iter().find(same).map(|known| (*known).clone());
    let customer = match known {
        Some(known) => Customer { data: merged(known.data, given), updated: now, ..known },
        None => {
            let (id, account) = (call.ledger.id("cus"), call.account.id.clone());
            Customer { id, account, data: given, created: now, updated: now }
        }
    };
    call.ledger.put(customer.clone());
    customer
}

fn merged(old: Given, new: Given) -> Given {
    Given {
        name: new.name.or(old.name),
        email: new.email.or(old.email),
        document: new.document.or(old.document),
        kind: new.kind.or(old.kind),
        document_type: new.document_type.or(old.document_type),
        address: new.address.or(old.address),
        phones: new.phones.or(old.phones),
        code: new.code.or(old.code),
        gender: new.gender.or(old.gender),
        metadata: new.metadata.or(old.metadata),
    }
}

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let given: Given = call.body(&fields::CUSTOMER, "customer")?;
    check(&given, "customer")?;
    Ok(shown(&keep(call, given)))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    Ok(shown(&call.own::<Customer>(path[1])?))
}

pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = call.own::<Customer>(path[1])?;
    let given: Given = match call.request.method {
        Method::PATCH => call.body(&fields::METADATA, "customer")?,
        _ => call.body(&fields::CUSTOMER_CHANGE, "customer")?,
    };
    check(&given, "customer")?;
    let customer = Customer { data: merged(known.data, given), updated: call.ledger.now(), ..known };
    call.ledger.put(customer.clone());
    Ok(shown(&customer))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let request = call.request;
    let fits = |customer: &Customer| {
        let data = &customer.data;
        let is = |name, value: &Option<String>| request.asked(name).is_none_or(|asked| value.as_deref() == Some(asked));
        is("name", &data.name) && is("email", &data.email) && is("document", &data.document) && is("code", &data.code)
    };
    lists::list(call, fits, |_, customer| shown(customer))
}

/// A customer as answers have it.
pub(super) fn shown(customer: &Customer) -> Value {
    let data = &customer.data;
    json!({
        "id": customer.id,
        "name": data.name,
        "email": data.email,
        "code": data.code,
        "document": data.document,
        "document_type": data.document_type,
        "type": data.kind.as_deref().unwrap_or("individual"),
        "gender": data.gender,
        "delinquent": false,
        "address": data.address,
        "phones": data.phones,
        "metadata": data.metadata,
        "created_at": times::shown(customer.created),
        "updated_at": times::shown(customer.updated),
    })
}
