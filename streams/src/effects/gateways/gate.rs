//! The gate of an account: how many calls are under way at once, how many looks a minute, and whether it is left alone. Pure: time
//! comes in, by the steady clock. Whoever is not let in is told when to come again, so that nobody waits with what it holds.

use feira_schemas::ids::Micros;

use super::breaker::Breaker;

/// Calls under way at once. More would have a gateway refuse them, fewer would let slow ones hold up the others.
const AT_ONCE: u32 = 8;
/// Looks a minute: the vendor allows 200 of each kind, and people look by its own pages, too.
const LOOKS_A_MINUTE: Micros = 150;
/// Looks that may be made in one go after a rest, those of callbacks and others: callbacks' come first, since the others leave some.
const BURST_OF_CALLBACKS: Micros = 30;
const BURST: Micros = 20;
/// Looks that reconciliations may make in one go: they leave some to looks that somebody waits for.
const BURST_OF_NIGHTS: Micros = 10;
/// Microseconds by which one look is paid.
const A_LOOK: Micros = 60_000_000 / LOOKS_A_MINUTE;
/// Turns of those who come again because all places are taken lie so far apart: 100 a second read their rows.
const TURNS: Micros = 10_000;
/// The time to stay away from a gateway that has too many requests and does not say for how long.
const TOO_MANY: Micros = 10_000_000;

/// The work for which somebody wants to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Something is to be done.
    Act,
    /// A look that is due.
    Look,
    /// A look because a callback came.
    Callback,
    /// A look of a reconciliation.
    Night,
}

/// The end of a call, as far as the gate counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It was answered, be it by a no.
    Answered,
    /// It was not sent, or nothing is known of it.
    Failed,
    /// The gateway has too many requests, and wants to be left alone for so many seconds if it says so.
    TooMany(Option<u32>),
    /// It was not made.
    NotMade,
}

/// One account's gate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gate {
    breaker: Breaker,
    under_way: u32,
    /// The time up to which looks are paid for (generic cell rate algorithm): a burst may bring it so far beyond now.
    paid: Micros,
    /// The last turns that were given to those who come again, for a place and for a look.
    turn: Micros,
    turn_of_look: Micros,
    /// The time until which the gateway wants to be left alone.
    away_until: Micros,
}

impl Gate {
    /// Lets somebody in; or says when to come again. A look is paid for by it.
    pub fn enter(&mut self, wish: Wish, now: Micros) -> Result<(), Micros> {
        if now < self.away_until {
            return Err(self.away_until);
        }
        if self.under_way >= AT_ONCE {
            self.turn = self.turn.max(now) + TURNS;
            return Err(self.turn);
        }
        let paid = self.paid.max(now);
        if let Some(burst) = wish.burst() {
            let room = paid - (burst - 1) * A_LOOK;
            if room > now {
                self.turn_of_look = room.max(self.turn_of_look + A_LOOK);
                return Err(self.turn_of_look);
            }
        }
        self.breaker.enter(now)?;
        if wish.burst().is_some() {
            self.paid = paid + A_LOOK;
        }
        self.under_way += 1;
        Ok(())
    }

    /// Somebody who was let in has left.
    pub fn left(&mut self, told: Told, now: Micros) {
        self.under_way = self.under_way.saturating_sub(1);
        match told {
            Told::Answered => self.breaker.answered(),
            Told::Failed => self.breaker.failed(now),
            Told::TooMany(seconds) => {
                let away = seconds.map_or(TOO_MANY, |seconds| Micros::from(seconds) * 1_000_000);
                self.away_until = self.away_until.max(now + away);
                self.breaker.failed(now);
            }
            Told::NotMade => self.breaker.not_made(),
        }
    }

    /// True while its breaker lets nothing pass, or one call alone.
    pub fn is_open(&self) -> bool {
        self.breaker.is_open()
    }

    /// True if it knows nothing that a new one would not.
    pub fn is_idle(&self, now: Micros) -> bool {
        self.under_way == 0 && !self.is_open() && self.paid <= now && self.away_until <= now
    }
}

impl Wish {
    /// Looks that may be made in one go; `None` for what is no look.
    fn burst(self) -> Option<Micros> {
        match self {
            Self::Act => None,
            Self::Look => Some(BURST),
            Self::Callback => Some(BURST_OF_CALLBACKS),
            Self::Night => Some(BURST_OF_NIGHTS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some hour of a steady clock.
    const NOW: Micros = 3_600_000_000;

    #[test]
    fn eight_calls_are_under_way_at_once_and_the_rest_come_again_one_by_one() {
        let mut gate = Gate::default();
        for _ in 0..AT_ONCE {
            assert_eq!(gate.enter(Wish::Act, NOW), Ok(()));
        }
        assert_eq!(gate.enter(Wish::Act, NOW), Err(NOW + TURNS));
        assert_eq!(gate.enter(Wish::Callback, NOW), Err(NOW + 2 * TURNS));
        gate.left(Told::Answered, NOW);
        assert_eq!(gate.enter(Wish::Act, NOW + TURNS), Ok(()));
    }

    #[test]
    fn there_are_150_looks_a_minute_and_callbacks_come_first() {
        let mut gate = Gate::default();
        let mut looks = |wish, now| {
            let mut count = 0;
            while gate.enter(wish, now).is_ok() {
                gate.left(Told::Answered, now);
                count += 1;
            }
            count
        };
        assert_eq!((looks(Wish::Night, NOW), looks(Wish::Night, NOW)), (BURST_OF_NIGHTS, 0));
        assert_eq!((looks(Wish::Look, NOW), looks(Wish::Look, NOW)), (BURST - BURST_OF_NIGHTS, 0));
        assert_eq!(looks(Wish::Callback, NOW), BURST_OF_CALLBACKS - BURST, "some are left to them");
        assert_eq!(looks(Wish::Look, NOW + 10 * A_LOOK), 0, "and these are earned again first");
        assert_eq!(looks(Wish::Look, NOW + 11 * A_LOOK), 1);
        let (mut made, mut now) = (0, NOW + HOUR);
        looks(Wish::Callback, now);
        for _ in 0..600 {
            now += 100_000;
            made += looks(Wish::Callback, now);
        }
        assert_eq!(made, LOOKS_A_MINUTE, "in a minute of being asked ten times a second");
    }

    const HOUR: Micros = 3_600_000_000;

    #[test]
    fn who_asks_for_a_look_too_early_is_told_a_time_of_its_own() {
        let mut gate = Gate::default();
        while gate.enter(Wish::Look, NOW).is_ok() {
            gate.left(Told::Answered, NOW);
        }
        let mut turn = || gate.enter(Wish::Look, NOW).err().unwrap_or(NOW);
        let (first, second) = (turn(), turn());
        assert_eq!(second, first + A_LOOK);
        assert_eq!(gate.enter(Wish::Look, second), Ok(()));
    }

    #[test]
    fn a_gateway_with_too_many_requests_is_left_alone_for_as_long_as_it_says() {
        let mut gate = Gate::default();
        assert_eq!(gate.enter(Wish::Act, NOW), Ok(()));
        gate.left(Told::TooMany(Some(3)), NOW);
        assert_eq!(gate.enter(Wish::Act, NOW + 1), Err(NOW + 3_000_000));
        assert_eq!(gate.enter(Wish::Act, NOW + 3_000_000), Ok(()));
        gate.left(Told::TooMany(None), NOW + 3_000_000);
        assert_eq!(gate.enter(Wish::Callback, NOW + 3_000_001), Err(NOW + 3_000_000 + TOO_MANY));
        assert!(!gate.is_idle(NOW + 4_000_000) && gate.is_idle(NOW + HOUR));
    }

    #[test]
    fn a_breaker_that_is_open_pays_for_no_look() {
        let mut gate = Gate::default();
        for _ in 0..5 {
            assert_eq!(gate.enter(Wish::Act, NOW), Ok(()));
            gate.left(Told::Failed, NOW);
        }
        assert!(gate.is_open());
        assert_eq!(gate.enter(Wish::Look, NOW), Err(NOW + 30_000_000));
        assert_eq!(gate.paid, 0);
    }
}
