//! A plan as another system asks for it.

use serde::Deserialize;

use super::{
    content::positive,
    fields::{MONTHS, NO_SUCH_ACCOUNT, PLAN_DESCRIPTION, PLAN_NAME, PLAN_PRICE, REFERENCE, STATEMENT_DESCRIPTOR},
};
use crate::{
    api::rules::{Errors, filled, parse_id},
    ids::AccountId,
    money::Money,
    problem::FieldError,
};

/// The body of `POST …/plans`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    reference: Option<String>,
    account_id: Option<String>,
    name: String,
    description: Option<String>,
    price: Money,
    months: Option<i64>,
    statement_descriptor: Option<String>,
}

/// A plan that keeps every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanContent {
    /// The caller's own id of it.
    pub reference: Option<String>,
    /// The account that it is made at; none: the default one.
    pub account_id: Option<AccountId>,
    /// The plan's name.
    pub name: String,
    /// The words for it; its name where there are none.
    pub description: String,
    /// The price of one period.
    pub price: Money,
    /// Months of a period.
    pub months: i32,
    /// The words on a statement.
    pub statement_descriptor: Option<String>,
}

/// The content of a plan's command, or everything that is wrong with the body.
pub fn plan_content(body: PlanBody) -> Result<PlanContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    REFERENCE.check(&mut errors, "/reference", body.reference.as_deref());
    let account_id = parse_id(&mut errors, "/account_id", filled(body.account_id), NO_SUCH_ACCOUNT);
    PLAN_NAME.check(&mut errors, "/name", Some(&body.name));
    PLAN_DESCRIPTION.check(&mut errors, "/description", body.description.as_deref());
    positive(&mut errors, PLAN_PRICE, "/price", body.price);
    MONTHS.check(&mut errors, "/months", body.months);
    STATEMENT_DESCRIPTOR.check(&mut errors, "/statement_descriptor", body.statement_descriptor.as_deref());
    let name = body.name.trim().to_owned();
    errors.or(PlanContent {
        reference: filled(body.reference),
        account_id,
        description: filled(body.description).unwrap_or_else(|| name.clone()),
        name,
        price: body.price,
        months: body.months.and_then(|months| i32::try_from(months).ok()).unwrap_or(1),
        statement_descriptor: filled(body.statement_descriptor),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn content(change: &dyn Fn(&mut Value)) -> Result<PlanContent, Vec<String>> {
        let mut body = json!({"name": " Clube ", "price": {"amount": 4_990, "currency": "BRL"}});
        change(&mut body);
        let errors = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        plan_content(serde_json::from_value(body).unwrap()).map_err(errors)
    }

    #[test]
    fn a_plan_is_monthly_and_described_by_its_name_unless_it_says_otherwise() {
        let plan = content(&|_| {}).unwrap();
        assert_eq!((plan.name.as_str(), plan.description.as_str(), plan.months), ("Clube", "Clube", 1));
        assert_eq!((plan.account_id, plan.price), (None, Money::brl(4_990)));
        let yearly = content(&|body| (body["months"], body["description"]) = (json!(12), json!("Anual"))).unwrap();
        assert_eq!((yearly.description.as_str(), yearly.months), ("Anual", 12));
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_said_of_each_field() {
        for (pointer, change) in [
            ("/name", ("name", json!(" "))),
            ("/price/amount", ("price", json!({"amount": 0, "currency": "BRL"}))),
            ("/months", ("months", json!(0))),
            ("/months", ("months", json!(25))),
            ("/account_id", ("account_id", json!("nada"))),
            ("/statement_descriptor", ("statement_descriptor", json!("x".repeat(14)))),
        ] {
            assert_eq!(content(&|body| body[change.0] = change.1.clone()), Err(vec![pointer.to_owned()]));
        }
    }
}
