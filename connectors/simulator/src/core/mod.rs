//! What every face stands on: the ledger with its accounts, charges, hooks and faults, a clock that tests move, ids, and the disk.

pub mod account;
pub mod acts;
pub mod calendar;
pub mod calls;
pub mod card;
pub mod charge;
pub mod faults;
pub mod hooks;
pub mod ids;
mod journal;
pub mod ledger;
pub mod recurring;
pub mod refusal;
pub mod rows;
pub mod slips;

pub use journal::StoreError;

/// The tables of the core; a face adds its own.
pub fn tables() -> rows::Tables {
    ledger::Ledger::tables()
        .with::<account::Account>()
        .with::<acts::Act>()
        .with::<calls::Calls>()
        .with::<card::Card>()
        .with::<card::Token>()
        .with::<charge::Charge>()
        .with::<faults::Fault>()
        .with::<hooks::Delivery>()
}
