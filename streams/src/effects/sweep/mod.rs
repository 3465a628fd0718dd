//! The sweep of the keyring: keys are minted before the command that needs them is decided, so those of a command that was refused, or
//! never sent, are nobody's. They are erased 9 days after they were made, by which time no command waits that was sealed by them.
//!
//! **A subject is found twice, a day apart, without its entity, and only while its context has decided everything older**: a context that
//! lags behind may still make the entity of each of them. Which row an entity is its context says ([`Decider::OWNING`]); subjects that no
//! context owns are left alone. Keys that were made since stay, whatever comes of the older ones.
//!
//! One process sweeps, as a row says; two that do it at once do the same.

mod caught_up;
#[cfg(test)]
mod tests;

use std::time::Duration;

use feira_connectors::{
    keyring::{Keyring, KeyringError, SubjectKeys},
    log::LogError,
    state::StateError,
};
use feira_contexts::{Decider, ForContext, Owning, for_context};
use feira_schemas::{
    groups::Context,
    ids::Micros,
    row::{Row, Write},
    rows::platform::{OrphanRow, SweepRow},
    time::{DAY, HOUR},
};
use tokio::sync::watch;

use self::caught_up::has_decided;
use crate::platform::Platform;

/// The age from which on keys without an entity are looked at: commands are kept for a week, and a day beyond it a backlog is decided.
pub const AGE: Micros = 9 * DAY;
/// The time between the two findings.
pub const APART: Micros = DAY;
/// The time between the beginnings of two sweeps.
const EVERY: Micros = DAY;
/// A sweep that was not seen to go on for so long is begun anew: its process has ended, or a context lagged behind.
const GIVEN_UP: Micros = HOUR;
/// The time between two looks whether a sweep is due.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// The time that a sweep waits for a context to decide what came in before it began. One that needs longer lags behind.
const PATIENCE: Duration = Duration::from_secs(60);
/// Keys that are read at once.
const PAGE: usize = 500;
/// The name of the sweep in its row.
const NAME: &str = "subjects";

/// A sweep that was not done to its end; the next goes over all of it again.
#[derive(Debug, thiserror::Error)]
pub enum SweepFailed {
    /// The log does not say how far a context has decided.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Rows can't be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The keyring can't be listed, or keys can't be erased.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

/// What a sweep has done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Subjects that were found without an entity for the first time.
    pub found: u64,
    /// Keys that were erased.
    pub erased: u64,
    /// Contexts that lagged behind, and none of whose subjects were looked at.
    pub lagging: u64,
}

/// Sweeps once a day until told to stop.
pub async fn run(platform: Platform, keyring: Keyring, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        // Cancel safety: a tick that was not taken comes again, and `wait_for` holds no state.
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = looks.tick() => {}
        }
        // Cancel safety: a sweep that is dropped is begun anew, and what it has found stands in rows.
        let swept = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            swept = if_due(&platform, &keyring, PATIENCE) => swept,
        };
        match swept {
            Ok(None) => {}
            Ok(Some(Swept { found, erased, lagging })) => {
                tracing::info!(found, erased, lagging, "the keyring was swept");
            }
            Err(error) => tracing::warn!(%error, "the keyring is not swept for now"),
        }
    }
}

/// Sweeps if nobody has for a day; `None` if it is not time.
pub async fn if_due(platform: &Platform, keyring: &Keyring, patience: Duration) -> Result<Option<Swept>, SweepFailed> {
    let (now, row) = (platform.now(), platform.state.get::<SweepRow>(&SweepRow::at(NAME)).await?);
    let ended_at = row.as_ref().map_or(0, |row| row.ended_at);
    let due = row.is_none_or(|row| match row.ended_at >= row.began_at {
        true => now >= row.began_at.saturating_add(EVERY),
        false => now >= row.seen_at.saturating_add(GIVEN_UP),
    });
    if !due {
        return Ok(None);
    }
    let mut sweep = Sweep { platform, keyring, began_at: now, ended_at, noted_at: now - 1 };
    sweep.run(patience).await.map(Some)
}

/// What a context owns.
struct Owned;

impl ForContext for Owned {
    type Output = &'static [Owning];

    fn run<D: Decider>(self) -> Self::Output {
        D::OWNING
    }
}

/// A sweep that is under way.
struct Sweep<'a> {
    platform: &'a Platform,
    keyring: &'a Keyring,
    began_at: Micros,
    /// The end of the last one.
    ended_at: Micros,
    /// The time of the last note, which the next is behind.
    noted_at: Micros,
}

impl Sweep<'_> {
    async fn run(&mut self, patience: Duration) -> Result<Swept, SweepFailed> {
        self.note(self.ended_at).await?;
        let mut swept = Swept::default();
        let owned = self.owned(patience, &mut swept).await?;
        let mut after = None;
        loop {
            let page = self.keyring.subjects(after, PAGE).await?;
            for keys in &page.subjects {
                self.look(keys, &owned, &mut swept).await?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            self.note(self.ended_at).await?;
        }
        if swept.erased > 0 {
            self.keyring.let_go().await?;
        }
        metrics::counter!("feira_keyring_swept_total").increment(swept.erased);
        // Where a context lagged, it is not done: another is begun before the day is over.
        let ended_at = if swept.lagging == 0 { self.platform.now() } else { self.ended_at };
        self.note(ended_at).await?;
        Ok(swept)
    }

    /// Everything that contexts own which have decided all that came in before the sweep began.
    async fn owned(&self, patience: Duration, swept: &mut Swept) -> Result<Vec<&'static Owning>, SweepFailed> {
        let mut owned = Vec::new();
        for context in Context::ALL {
            let own = for_context(context, Owned);
            if own.is_empty() {
                continue;
            }
            if has_decided(self.platform, context, patience).await? {
                owned.extend(own);
            } else {
                tracing::warn!(%context, "keys of a context's subjects are not swept: it has not decided all that came in");
                swept.lagging += 1;
            }
        }
        Ok(owned)
    }

    /// Looks at a subject, if it is old enough and of a context that has decided everything older.
    async fn look(&self, keys: &SubjectKeys, owned: &[&Owning], swept: &mut Swept) -> Result<(), SweepFailed> {
        let SubjectKeys { tenant, subject, oldest } = *keys;
        let made_before = self.began_at - AGE;
        let Some(owning) = owned.iter().find(|owning| owning.kind == subject.kind()) else { return Ok(()) };
        if oldest >= made_before {
            return Ok(());
        }
        let state = &self.platform.state;
        if state.get_any(owning.rows, &(owning.key)(tenant, subject.id())).await?.is_some() {
            return Ok(());
        }
        let Some(orphan) = state.get::<OrphanRow>(&OrphanRow::at(tenant, subject)).await? else {
            let (found_at, subject) = (self.began_at, subject.to_string());
            let row = OrphanRow { tenant_id: tenant, subject, found_at, made_before };
            state.write(&[Write::put(row, self.began_at)]).await?;
            swept.found += 1;
            return Ok(());
        };
        if orphan.found_at > self.began_at - APART {
            return Ok(());
        }
        swept.erased += self.keyring.erase_made_before(tenant, subject, orphan.made_before).await? as u64;
        // Keys that were made since are found anew.
        state.write(&[Write::delete::<OrphanRow>(orphan.key(), self.began_at)]).await?;
        Ok(())
    }

    /// Says that the sweep goes on, or has ended.
    async fn note(&mut self, ended_at: Micros) -> Result<(), StateError> {
        let seen_at = self.platform.now();
        self.noted_at = seen_at.max(self.noted_at + 1);
        let row = SweepRow { name: NAME.to_owned(), began_at: self.began_at, seen_at, ended_at };
        self.platform.state.write(&[Write::put(row, self.noted_at)]).await
    }
}
