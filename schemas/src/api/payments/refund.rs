//! A refund as another system asks for it.

use serde::Deserialize;

use super::{
    content::positive,
    fields::{REFERENCE, REFUND_AMOUNT},
    person::document,
};
use crate::{
    api::rules::{Errors, filled, unfit_at},
    money::Money,
    problem::FieldError,
    sealed::{BankAccount, BankAccountParts},
};

/// The body of `POST …/charges/{id}/refunds`; empty, it gives back all that can still be given back.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundBody {
    amount: Option<Money>,
    reference: Option<String>,
    bank_account: Option<BankAccountBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankAccountBody {
    holder: String,
    document: String,
    bank: String,
    branch: String,
    branch_check: Option<String>,
    account: String,
    account_check: String,
    savings: Option<bool>,
}

/// A refund that keeps every rule. It can't be printed.
pub struct RefundContent {
    /// The sum; none: all that can still be given back.
    pub amount: Option<Money>,
    /// The caller's own id of it.
    pub reference: Option<String>,
    /// The buyer's bank account.
    pub bank_account: Option<BankAccount>,
}

/// The content of a refund's command, or everything that is wrong with the body.
pub fn refund_content(body: RefundBody) -> Result<RefundContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    REFERENCE.check(&mut errors, "/reference", body.reference.as_deref());
    if let Some(amount) = body.amount {
        positive(&mut errors, REFUND_AMOUNT, "/amount", amount);
    }
    let bank_account = body.bank_account.and_then(|body| bank_account(&body, &mut errors));
    errors.or(RefundContent { amount: body.amount, reference: filled(body.reference), bank_account })
}

fn bank_account(body: &BankAccountBody, errors: &mut Errors) -> Option<BankAccount> {
    let document = document(errors, "/bank_account/document", &body.document)?;
    let parts = BankAccountParts {
        holder: &body.holder,
        document: document.expose(),
        bank: &body.bank,
        branch: &body.branch,
        branch_check: body.branch_check.as_deref().unwrap_or_default(),
        account: &body.account,
        account_check: &body.account_check,
        savings: body.savings.unwrap_or_default(),
    };
    match BankAccount::new(parts) {
        Ok(account) => Some(account),
        Err((name, unfit)) => {
            unfit_at(errors, &format!("/bank_account/{name}"), field(name), unfit);
            None
        }
    }
}

fn field(name: &str) -> &'static str {
    match name {
        "holder" => "O titular",
        "document" => "O documento",
        "bank" => "O banco",
        "branch" => "A agência",
        "branch_check" => "O dígito da agência",
        "account" => "A conta",
        _ => "O dígito da conta",
    }
}
