//! Charges that wait for money: the gateway is looked at by their times, by one list where many of an account wait, and at once where a
//! callback points at one. A look that shows nothing new says nothing.

use feira_connectors::gateway::{ChargePage, ListFacts, LookUp};
use feira_schemas::{
    gateway::{Observed, Outcome},
    ids::{ChargeId, Micros},
    records::payments::{Charge, ObservedCharge},
    rows::payments::ChargeRow,
    time::{HOUR, MINUTE},
};

use super::{
    asked::{Asked, NotAsked},
    convert,
    gate::Wish,
    lists::{Asks, Say},
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
        let asked = match self.asked_for(tenant, known.account_id, row.charge.lent.as_ref()).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let found = match turn.pointed_at {
            true => self.seen_by_itself(&asked, turn, &known, Wish::Callback).await,
            false => self.seen(&asked, turn, &row.charge, &known).await,
        };
        let (began, outcome) = match found {
            Ok(found) => found,
            Err(next) => return next,
        };
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

    /// Looks at a charge that is due: by itself, or by a list where more of its account are due. The time at which the look began, and
    /// what it found; or when to come again.
    async fn seen(
        &self,
        asked: &Asked,
        turn: &Turn,
        charge: &Charge,
        known: &ObservedCharge,
    ) -> Result<(Micros, Outcome<Option<Observed>>), Next> {
        let place = (asked.owner, known.account_id);
        let asks = Asks { charge: charge.charge_id, remote: &known.remote.charge, created_at: charge.created_at };
        let mut said = self.lists.ask(place, asks, self.platform.clock.steady());
        if let Say::List(facts) = &said {
            let listed = self.listed(asked, turn, facts).await;
            self.lists.read(place, listed.as_ref().ok());
            listed?;
            said = self.lists.ask(place, asks, self.platform.clock.steady());
        }
        match said {
            Say::Seen(look) => Ok((look.charge.observed_at, Outcome::Done(Some(*look)))),
            Say::Alone => self.seen_by_itself(asked, turn, known, Wish::Look).await,
            Say::Wait(due) => Err(self.again_at(due, turn.memory)),
            Say::List(_) => Err(self.again_at(self.platform.clock.steady(), turn.memory)),
        }
    }

    /// Reads a page of the account's list for all who wait.
    async fn listed(&self, asked: &Asked, turn: &Turn, facts: &ListFacts) -> Result<ChargePage, Next> {
        let pass = self.pass(asked.owner, asked.account_id, Wish::Look, turn.memory)?;
        let outcome = asked.list(facts).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(page) => Ok(page),
            // It shows none of them, so that each is looked at by itself.
            Outcome::Refused(_) => Ok(ChargePage { charges: Vec::new(), next: None }),
            Outcome::NotSent(_) | Outcome::Unknown(_) => Err(self.rest(turn.memory)),
        }
    }

    async fn seen_by_itself(
        &self,
        asked: &Asked,
        turn: &Turn,
        known: &ObservedCharge,
        wish: Wish,
    ) -> Result<(Micros, Outcome<Option<Observed>>), Next> {
        let pass = self.pass(asked.owner, known.account_id, wish, turn.memory)?;
        let began = self.platform.now();
        let outcome = asked.look(&LookUp::Id(known.remote.charge.clone())).await;
        pass.told(&outcome);
        Ok((began, outcome))
    }
}
