//! Charges that wait for money: the gateway is looked at by their times, and at once where a callback points at one. A look that
//! shows nothing new says nothing.

use feira_connectors::gateway::LookUp;
use feira_schemas::{
    gateway::Outcome,
    ids::{ChargeId, Micros},
    rows::payments::ChargeRow,
    time::{HOUR, MINUTE},
};

use super::{
    asked::NotAsked,
    convert,
    gate::Wish,
    matters::{Memory, Next, Turn},
    schedule,
    work::Work,
};

/// The longest rest between two turns: a wall clock that was set is noticed by then.
const LONGEST_REST: Micros = HOUR;

impl Work {
    /// Looks at a charge if it is time, or if a callback points at it.
    pub async fn watch(&self, charge: ChargeId, turn: &Turn) -> Next {
        let (tenant, memory) = (turn.key.tenant, turn.memory);
        let is_open = self.is_open(turn).await;
        if !is_open && !turn.pointed_at {
            return Next::Finished;
        }
        let row = self.row::<ChargeRow>(&ChargeRow::at(tenant, charge)).await;
        // A charge that the gateway has not shown yet is its effect's matter.
        let Some((row, known)) = row.and_then(|row| row.charge.observed.clone().map(|known| (row, known))) else {
            return Next::Finished;
        };
        let last = memory.looked_at.unwrap_or(known.observed_at);
        if !turn.pointed_at {
            let due = schedule::next_look(&row.charge, last) - self.platform.now();
            if due > 0 {
                return self.later(due.min(LONGEST_REST), memory);
            }
        }
        let asked = match self.asked(tenant, known.account_id).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let wish = if turn.pointed_at { Wish::Callback } else { Wish::Look };
        let pass = match self.pass(tenant, known.account_id, wish, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        let began = self.platform.now();
        let outcome = asked.look(&LookUp::Id(known.remote.charge.clone())).await;
        pass.told(&outcome);
        let memory = match outcome {
            Outcome::Done(Some(observed)) => {
                if convert::shows_something_new(&known, &observed) {
                    self.observe(tenant, &row.charge, &observed).await;
                }
                // A word that is not known here means: look again before anything is concluded.
                let looked_at = if observed.look_again { began - HOUR + MINUTE } else { began };
                Memory { looked_at: Some(looked_at.max(last)), tries: 0, ..memory }
            }
            Outcome::Done(None) | Outcome::Refused(_) => {
                tracing::warn!(tenant.id = %tenant, charge.id = %charge, account.id = %known.account_id, "a charge can't be looked at: the gateway does not show it to this account");
                Memory { looked_at: Some(began), tries: 0, ..memory }
            }
            Outcome::NotSent(_) | Outcome::Unknown(_) => return self.rest(memory),
        };
        if !is_open {
            return Next::Finished;
        }
        let due = schedule::next_look(&row.charge, memory.looked_at.unwrap_or(began)) - self.platform.now();
        let due = self.platform.clock.steady() + due.clamp(1, LONGEST_REST);
        Next::Again { due, memory, looked: true }
    }
}
