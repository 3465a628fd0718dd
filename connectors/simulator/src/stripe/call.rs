//! A call: whose it is, what it asks, and what goes wrong with it.

use std::collections::BTreeMap;

use feira_schemas::time::Micros;
use serde_json::{Map, Value};

use super::answer::Refused;
use crate::core::{
    account::Account,
    faults::{self, Class, Effect, Operation},
    ledger::Ledger,
    rows::Row,
};

/// The merchant's own texts.
pub(super) type Metadata = BTreeMap<String, String>;

/// Names and texts of metadata, and characters of each, as Stripe limits them.
const METADATA: (usize, usize, usize) = (50, 40, 500);

/// A call of an account, with its parameters.
pub(super) struct Call<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) account: Account,
    pub(super) form: Map<String, Value>,
    /// What the sum of what is charged orders, until it is done.
    pub(super) magic: Option<Effect>,
}

/// A row that belongs to an account.
pub(super) trait Owned: Row {
    /// What a refusal calls it.
    const NAME: &'static str;
    /// The account's id.
    fn account(&self) -> &str;
    /// When it was made.
    fn created(&self) -> Micros;
}

impl Call<'_> {
    /// The account's row with that id.
    pub(super) fn own<T: Owned>(&self, id: &str) -> Result<T, Refused> {
        let found = self.ledger.get::<T>(id).filter(|row| row.account() == self.account.id);
        found.ok_or_else(|| Refused::not_found(T::NAME, id))
    }

    /// The value at a path of names, such as `payment_method_options.pix`.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.form.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// The text at a path; an empty one is none.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.at(path).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The text at a path that must be there.
    pub(super) fn must(&self, path: &str) -> Result<String, Refused> {
        self.text(path).ok_or_else(|| Refused::missing(path))
    }

    /// The whole number at a path.
    pub(super) fn number(&self, path: &str) -> Result<Option<i64>, Refused> {
        let number =
            |text: String| text.parse().map_err(|_| Refused::invalid(format!("Invalid integer: {text}"), Some(path)));
        self.text(path).map(number).transpose()
    }

    /// The flag at a path.
    pub(super) fn flag(&self, path: &str) -> Result<Option<bool>, Refused> {
        let flag =
            |text: String| text.parse().map_err(|_| Refused::invalid(format!("Invalid boolean: {text}"), Some(path)));
        self.text(path).map(flag).transpose()
    }

    /// The texts of a list at a path.
    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        let list = self.at(path).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The metadata that a thing has after this call: an empty text takes a name away, an empty metadata all.
    pub(super) fn metadata(&self, mut known: Metadata) -> Result<Metadata, Refused> {
        let given = match self.form.get("metadata") {
            None => return Ok(known),
            Some(Value::String(text)) if text.is_empty() => return Ok(Metadata::new()),
            Some(Value::Object(given)) => given,
            Some(_) => return Err(Refused::invalid("Invalid metadata.", Some("metadata"))),
        };
        for (name, value) in given {
            let Some(text) = value.as_str() else {
                return Err(Refused::invalid("Invalid metadata.", Some("metadata")));
            };
            if name.chars().count() > METADATA.1 || text.chars().count() > METADATA.2 {
                return Err(Refused::invalid("A name or a text of the metadata is too long.", Some("metadata")));
            }
            if text.is_empty() { drop(known.remove(name)) } else { drop(known.insert(name.clone(), text.to_owned())) }
        }
        if known.len() > METADATA.0 {
            return Err(Refused::invalid("There are too many names in the metadata.", Some("metadata")));
        }
        Ok(known)
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
