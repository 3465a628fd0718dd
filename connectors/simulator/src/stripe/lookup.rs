//! Things that are looked up by their ids.

use super::{answer::Refused, call::Call, kept::Customer};

/// The customer, if it was not deleted.
pub(super) fn customer(call: &Call, id: &str) -> Result<Customer, Refused> {
    let customer = call.own::<Customer>(id)?;
    if customer.deleted { Err(Refused::not_found("customer", id)) } else { Ok(customer) }
}
