//! Reconciliation: once a night, and when somebody asks, an account's charges are compared with the gateway's list of them.
//!
//! Looks and callbacks are lost now and then, and what is paid is not looked at any more by itself. So the gateway lists what was made
//! in the last days, page by page within the account's budget of looks, and of the older charges each paid one is looked at once in
//! thirty nights ([`nights`](super::nights)). What is otherwise there is looked at and said like any look, which mends it; what then still differs,
//! and what is nobody's here, is a difference ([`compare`]), which is said once, and is gone once a later reconciliation does not
//! find it. A night without differences leaves no event.

mod compare;
mod steps;

use feira_schemas::{
    ids::{AccountId, Micros},
    records::payments::Account,
    row::Write,
    rows::payments::{AccountRow, ReconciledRow, ReconciliationRow},
    time::{HOUR, MINUTE},
};

use self::steps::Reconciling;
use super::{
    GROUP,
    asked::NotAsked,
    matters::{Memory, Next, Turn},
    nights::{self, Due},
    runs::{Place, Run},
    work::Work,
};

/// The longest rest between two turns: a wall clock that was set is noticed by then.
const LONGEST_REST: Micros = HOUR;
/// Turns in a row that came to nothing after which a reconciliation is given up until later.
const TRIES: u32 = 10;
/// The rest after it was given up, or while the gateway does not take the account's key.
const GIVEN_UP: Micros = HOUR;
/// The rest before it is looked again what is due.
const SOON: Micros = 100_000;

impl Work {
    /// Goes on with an account's reconciliation, or begins one if it is time.
    pub async fn reconcile(&self, account: AccountId, turn: &Turn) -> Next {
        let (place, memory) = ((turn.key.tenant, account), turn.memory);
        let row = self.row::<AccountRow>(&AccountRow::at(place.0, account)).await;
        let Some(row) = row else { return Next::Finished };
        let run = match self.runs.take(place) {
            Some(run) => run,
            None => match self.run_of(place, &row.account).await {
                Ok(run) => run,
                Err(rest) => return self.later(rest, Memory::default()),
            },
        };
        let asked = match self.asked(place.0, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.later(GIVEN_UP, Memory::default()),
            Err(NotAsked::NotOpened(why)) => return self.unopened(place.0, &why, memory),
        };
        let mut going = Reconciling { work: self, place, partition: turn.partition, asked, memory, run };
        match going.on().await {
            Ok(()) => {
                self.reconciled(place, &going.run).await;
                self.later(SOON, Memory::default())
            }
            Err(Next::Again { memory, .. }) if memory.tries > TRIES => self.later(GIVEN_UP, Memory::default()),
            Err(next) => {
                self.runs.put(place, going.run);
                next
            }
        }
    }

    /// A reconciliation that is due; or how long to rest before it is looked again.
    async fn run_of(&self, place: Place, account: &Account) -> Result<Run, Micros> {
        let (tenant, account_id) = place;
        let done = self.row::<ReconciledRow>(&ReconciledRow::at(tenant, account_id)).await;
        let asked = self.row::<ReconciliationRow>(&ReconciliationRow::at(tenant, account_id)).await;
        let (asked_at, now) = (asked.map(|row| row.asked_at), self.platform.now());
        match nights::due(account, done.as_ref(), asked_at, now) {
            Ok(Due::Now(plan)) if self.runs.has_room(now) => Ok(Run::new(plan, asked_at, now)),
            Ok(Due::Now(_)) => Err(MINUTE),
            Ok(Due::At(due)) => Err((due - now).clamp(1, LONGEST_REST)),
            Err(_) => Err(LONGEST_REST),
        }
    }

    /// Keeps that it is done, where no event does.
    async fn reconciled(&self, (tenant_id, account_id): Place, run: &Run) {
        let counts = run.counts;
        let row = ReconciledRow {
            tenant_id,
            account_id,
            night: run.plan.night,
            asked_at: run.asked_at,
            began_at: run.began_at,
            ended_at: self.platform.now(),
            listed: counts.listed,
            looked_at: counts.looked_at,
            mended: counts.mended,
            differences: i64::try_from(run.found.len()).unwrap_or(i64::MAX),
            whole: !counts.cut,
        };
        if counts.cut {
            tracing::warn!(tenant.id = %tenant_id, account.id = %account_id, listed = counts.listed, "there is more than one reconciliation goes through: what is left out is not compared");
        }
        let writes = [Write::put(row, row.ended_at)];
        let write = || async { self.platform.state.write(&writes).await.map_err(|error| error.to_string()) };
        self.away.waited_for(GROUP, write).await;
    }
}
