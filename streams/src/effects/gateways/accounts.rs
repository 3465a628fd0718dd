//! The gates of all accounts that this process asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use feira_schemas::{
    gateway::{NotSent, Outcome},
    ids::{AccountId, Micros, TenantId},
    time::{Clock, MINUTE},
};

use super::gate::{Gate, Told, Wish};

/// Accounts beyond which those are forgotten of which nothing is to be remembered: some 100 bytes each.
const MOST: usize = 10_000;

/// An account, and whose it is.
type Place = (TenantId, AccountId);

/// The time for which a lent account whose key was refused is left alone, by the steady clock, unless another key is saved: nobody who is
/// lent it may call it broken, and each attempt leaves events.
pub(super) const REFUSED_KEY_RESTS: Micros = 5 * MINUTE;

/// The gates, by account. Cheap to clone; clones share them.
#[derive(Clone)]
pub(super) struct Accounts {
    gates: Arc<Mutex<HashMap<Place, Gate>>>,
    /// Versions of keys of lent accounts that were refused, and until when they are left alone: as many as accounts are lent, a few.
    refused: Arc<Mutex<HashMap<Place, (i32, Micros)>>>,
    clock: Clock,
}

/// The leave to make one call. Whoever drops it has made none, unless it says so.
pub(super) struct Pass {
    accounts: Accounts,
    place: Place,
    told: Told,
}

impl Accounts {
    /// None are known.
    pub fn new(clock: Clock) -> Self {
        Self { gates: Arc::default(), refused: Arc::default(), clock }
    }

    /// Lets a call on an account pass; or says when to come again, by the steady clock.
    pub fn enter(&self, tenant: TenantId, account: AccountId, wish: Wish) -> Result<Pass, Micros> {
        let (place, now) = ((tenant, account), self.clock.steady());
        let mut gates = self.gates();
        if gates.len() >= MOST && !gates.contains_key(&place) {
            gates.retain(|_, gate| !gate.is_idle(now));
        }
        gates.entry(place).or_default().enter(wish, now)?;
        drop(gates);
        Ok(Pass { accounts: self.clone(), place, told: Told::NotMade })
    }

    /// This version of a lent account's key was refused.
    pub fn key_refused(&self, owner: TenantId, account: AccountId, version: i32) {
        let until = self.clock.steady() + REFUSED_KEY_RESTS;
        self.refused().insert((owner, account), (version, until));
    }

    /// True while a lent account is left alone, since this version of its key was refused.
    pub fn is_refused(&self, owner: TenantId, account: AccountId, version: i32) -> bool {
        let now = self.clock.steady();
        self.refused().get(&(owner, account)).is_some_and(|(refused, until)| *refused == version && now < *until)
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<Place, (i32, Micros)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of accounts that are left alone.
    pub fn breakers_open(&self) -> usize {
        self.gates().values().filter(|gate| gate.is_open()).count()
    }

    fn gates(&self) -> MutexGuard<'_, HashMap<Place, Gate>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// Says how the call ended.
    pub fn told<T>(mut self, outcome: &Outcome<T>) {
        self.told = match outcome {
            Outcome::Done(_) | Outcome::Refused(_) => Told::Answered,
            Outcome::NotSent(NotSent::TooMany { retry_after }) => Told::TooMany(*retry_after),
            Outcome::NotSent(_) | Outcome::Unknown(_) => Told::Failed,
        };
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let now = self.accounts.clock.steady();
        if let Some(gate) = self.accounts.gates().get_mut(&self.place) {
            gate.left(self.told, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use feira_schemas::gateway::Unknown;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_pass_that_is_dropped_gives_its_place_back_and_one_that_failed_counts() {
        let accounts = Accounts::new(Clock::passing(|| 1));
        let (tenant, account) = (TenantId::PLATFORM, AccountId::from_uuid(Uuid::nil()));
        for _ in 0..20 {
            assert!(accounts.enter(tenant, account, Wish::Act).is_ok());
        }
        assert_eq!(accounts.breakers_open(), 0);
        for _ in 0..5 {
            let outcome: Outcome<()> = Outcome::Unknown(Unknown::TimedOut);
            if let Ok(pass) = accounts.enter(tenant, account, Wish::Act) {
                pass.told(&outcome);
            }
        }
        assert_eq!(accounts.breakers_open(), 1);
        assert!(accounts.enter(tenant, account, Wish::Act).is_err());
        let another = AccountId::from_uuid(Uuid::from_u128(1));
        assert!(accounts.enter(tenant, another, Wish::Act).is_ok(), "others are not to blame");
    }

    #[test]
    fn a_lent_accounts_key_that_was_refused_is_left_alone_until_another_one_is_saved_or_time_has_passed() {
        let now = Arc::new(AtomicI64::new(0));
        let steady = Arc::clone(&now);
        let accounts = Accounts::new(Clock::passing(move || steady.load(Ordering::Relaxed)));
        let (owner, account) = (TenantId::PLATFORM, AccountId::from_uuid(Uuid::nil()));
        assert!(!accounts.is_refused(owner, account, 3));
        accounts.key_refused(owner, account, 3);
        assert!(accounts.is_refused(owner, account, 3));
        assert!(!accounts.is_refused(owner, account, 4), "it was mended");
        let another = AccountId::from_uuid(Uuid::from_u128(1));
        assert!(!accounts.is_refused(owner, another, 3), "others are not to blame");
        now.store(REFUSED_KEY_RESTS, Ordering::Relaxed);
        assert!(!accounts.is_refused(owner, account, 3), "it is tried once more");
    }
}
