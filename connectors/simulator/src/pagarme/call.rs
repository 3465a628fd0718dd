//! A call: whose it is, what it asks, and what goes wrong with it.

use serde::de::DeserializeOwned;

use super::{
    answer::Refused,
    body::{self, Shape},
};
use crate::{
    core::{
        account::Account,
        charge::Charge,
        faults::{self, Class, Effect, Operation},
        ledger::Ledger,
        rows::Row,
    },
    exchange::Request,
};

/// A call of an account.
pub(super) struct Call<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) account: Account,
    pub(super) request: &'a Request,
    /// What the sum of what is charged orders, until it is done.
    pub(super) magic: Option<Effect>,
}

impl Call<'_> {
    /// The body, if it is of that shape.
    pub(super) fn body<T: DeserializeOwned>(&self, shape: &Shape, root: &str) -> Result<T, Refused> {
        body::read(&self.request.body, shape, root)
    }

    /// The account's row with that id.
    pub(super) fn own<T: Owned>(&self, id: &str) -> Result<T, Refused> {
        let found = self.ledger.get::<T>(id).filter(|row| row.account() == self.account.id);
        found.ok_or_else(|| Refused::not_found(T::NAME))
    }

    /// Takes what the sum orders, or what was ordered of the operation, if it is of that class.
    pub(super) fn effect(&mut self, operation: Operation, class: Class) -> Option<Effect> {
        faults::magic_or_ordered(self.ledger, &mut self.magic, &self.account.id, operation, class)
    }

    /// Notes what a sum orders. An error where that is to be one before anything is done.
    pub(super) fn note_sum(&mut self, amount: i64) -> Result<(), Refused> {
        match faults::of_amount(amount) {
            Some(Effect::ErrorBefore) => Err(Refused::internal()),
            Some(Effect::TooMany { retry_after }) => Err(Refused::too_many(retry_after)),
            magic => {
                self.magic = magic;
                Ok(())
            }
        }
    }
}

/// A row that belongs to an account.
pub(super) trait Owned: Row {
    /// What a refusal calls it.
    const NAME: &'static str;
    /// The account's id.
    fn account(&self) -> &str;
}

impl Owned for Charge {
    const NAME: &'static str = "Charge";
    fn account(&self) -> &str {
        &self.account
    }
}
