//! The gates of all accounts that this process asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use feira_schemas::{
    gateway::{NotSent, Outcome},
    ids::{AccountId, Micros, TenantId},
    time::Clock,
};

use super::gate::{Gate, Told, Wish};

/// Accounts beyond which those are forgotten of which nothing is to be remembered: some 100 bytes each.
const MOST: usize = 10_000;

/// An account, and whose it is.
type Place = (TenantId, AccountId);

/// The gates, by account. Cheap to clone; clones share them.
#[derive(Clone)]
pub(super) struct Accounts {
    gates: Arc<Mutex<HashMap<Place, Gate>>>,
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
        Self { gates: Arc::default(), clock }
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
}
