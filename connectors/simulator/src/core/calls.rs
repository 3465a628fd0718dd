//! Calls that came, counted: also those of which nothing was done, and those that were answered once more. Tests hold them against what
//! their callers say that they have asked.

use serde::{Deserialize, Serialize};

use super::{faults::Operation, ledger::Ledger, rows::Row};

/// The calls of an operation on an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calls {
    /// Account and operation.
    id: String,
    /// The account.
    pub account: String,
    /// The operation.
    pub operation: Operation,
    /// How many came.
    pub count: u64,
}

impl Row for Calls {
    const TABLE: &'static str = "calls";
    fn id(&self) -> &str {
        &self.id
    }
}

/// A call has come.
pub fn came(ledger: &mut Ledger, account: &str, operation: Operation) {
    match operation {
        Operation::Get => return ledger.has_read(account, "get"),
        Operation::List => return ledger.has_read(account, "list"),
        _ => {}
    }
    let id = format!("{account} {operation:?}");
    let count = ledger.get::<Calls>(&id).map_or(0, |calls| calls.count) + 1;
    ledger.put(Calls { id, account: account.to_owned(), operation, count });
}
