//! Acts: what the simulator does by itself once its clock says so.

use feira_schemas::time::Micros;
use serde::{Deserialize, Serialize};

use super::{ledger::Ledger, rows::Row};

/// Something that is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Act {
    /// `act_…`.
    pub id: String,
    /// When it is due.
    pub at: Micros,
    /// What it is.
    pub what: What,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The buyer pays the charge with that id.
    Pay(String),
    /// The code or the boleto of the charge with that id runs out.
    Expire(String),
    /// The buyer's bank takes back the charge with that id.
    ChargeBack(String),
    /// The subscription with that id begins its next cycle.
    Renew(String),
}

impl Row for Act {
    const TABLE: &'static str = "acts";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Puts an act on the list.
pub fn plan(ledger: &mut Ledger, at: Micros, what: What) {
    let id = ledger.id("act");
    ledger.put(Act { id, at, what });
}

/// Takes those acts off the list.
pub fn forget(ledger: &mut Ledger, what: &What) {
    let ids: Vec<String> =
        ledger.list::<Act>().into_iter().filter(|act| act.what == *what).map(|act| act.id.clone()).collect();
    ids.iter().for_each(|id| ledger.remove::<Act>(id));
}

/// Takes the act off the list that is due first, if one is due.
pub fn due(ledger: &mut Ledger) -> Option<Act> {
    let now = ledger.now();
    let first = ledger.list::<Act>().into_iter().filter(|act| act.at <= now).min_by_key(|act| act.at)?.clone();
    ledger.remove::<Act>(&first.id);
    Some(first)
}
