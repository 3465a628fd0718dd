//! However runners ask, look and report, and whatever is lost, doubled or comes out of order: a subscription is there once, and ended
//! only if somebody wants that.

use std::collections::BTreeMap;

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{ChargeId, EffectId, Micros},
    records::{
        PaymentsEvent,
        payments::{
            AskGrant, AttemptOutcome, EffectKind, EffectState, ObserveSubscription, ObservedSubscription, Recurrence,
            ReportAttempt, SubscriptionStatus, Why,
        },
    },
    time::{HOUR, MINUTE},
};

use crate::{
    given::{Given, NOW, Then},
    once::Dice,
    sample::{SECOND, ask_for, report, report_why},
    subscribed::{
        By, SUBSCRIPTION, ask, charges_of, done, end, making, observe, of_making, renewal_paid, request_subscription,
        saved_card_row, seen, seen_with, subscription_if, with_plan,
    },
};

/// Microseconds after which a gateway's list shows what was made.
const LAG: Micros = 5 * SECOND;
/// Seconds in which a call that was granted comes in: its grant is good for 10 s, and the whole call takes 20.
const CALL: u64 = 30;

/// A call that is asked of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Make,
    End,
}

/// A gateway that promises no idempotency: each call that comes in makes another subscription, as far as nobody stops that.
#[derive(Default)]
struct Gateway {
    made: Vec<Micros>,
    ended: Option<Micros>,
    on_their_way: Vec<(Micros, Call)>,
}

impl Gateway {
    /// All calls come in that do so until now.
    fn until(&mut self, now: Micros) {
        self.on_their_way.sort_by_key(|(at, _)| *at);
        while let Some((at, call)) = self.on_their_way.first().copied().filter(|(at, _)| *at <= now) {
            self.on_their_way.remove(0);
            match call {
                Call::Make => self.made.push(at),
                Call::End => {
                    self.ended.get_or_insert(at);
                }
            }
        }
    }

    /// What a look that begins now shows.
    fn shown(&self, now: Micros) -> Option<ObservedSubscription> {
        self.made.iter().find(|at| **at + LAG <= now)?;
        let recurrence = if self.ended.is_some() { Recurrence::Ended } else { Recurrence::Active };
        Some(seen_with(now, recurrence, "ch_1"))
    }
}

/// One run, and what has been seen in it.
struct Run {
    dice: Dice,
    by: By,
    gateway: Gateway,
    shop: Given<Payments>,
    now: Micros,
    /// Reports that nobody has taken yet, and from when on somebody may.
    reports: Vec<(Micros, ReportAttempt)>,
    /// The attempt of each effect that may still be under way: when it was granted.
    out: BTreeMap<EffectId, Micros>,
    ending: Option<EffectId>,
    is_end_asked: bool,
    status: SubscriptionStatus,
    granted: u32,
    /// Attempts that may have used up a token.
    may_have_sent: u32,
}

impl Run {
    fn of(seed: u64, by: By) -> Self {
        let mut command = request_subscription(by);
        command.request.card.token_until = command.request.card.token_until.map(|_| NOW + HOUR);
        Self {
            dice: Dice(seed),
            by,
            gateway: Gateway::default(),
            shop: with_plan().and(saved_card_row()).when(command).then(),
            now: NOW + 3 * SECOND,
            reports: Vec::new(),
            out: BTreeMap::new(),
            ending: None,
            is_end_asked: false,
            status: SubscriptionStatus::Processing,
            granted: 0,
            may_have_sent: 0,
        }
    }

    fn seconds(&mut self, limit: u64) -> Micros {
        Micros::try_from(self.dice.below(limit)).unwrap() * SECOND
    }

    fn step(self) -> Self {
        let mut run = self;
        run.now += SECOND + run.seconds(40);
        run.gateway.until(run.now);
        let found = run.gateway.shown(run.now);
        match (run.dice.below(10), run.ending, found) {
            // A runner looks, and says what it sees, or asks for its turn to make it.
            (0..=2, _, Some(found)) => run.look(found),
            (0..=2, _, None) => {
                let knows_nothing = run.dice.below(3) > 0;
                run.decide(|shop| shop.when(AskGrant { knows_nothing, ..ask() }))
            }
            (3..=5, ..) => run.deliver(),
            (6, ..) if run.dice.below(4) == 0 => {
                run.is_end_asked = true;
                run.decide(|shop| shop.when(end()))
            }
            // It looks whether it goes on, or does not look, and asks for its turn to end it.
            (7 | 8, Some(_), Some(found)) if found.recurrence == Recurrence::Ended => run.look(found),
            (7 | 8, Some(effect), found) => {
                let knows_nothing = found.is_some() && run.dice.below(2) == 0;
                run.decide(|shop| shop.when(AskGrant { knows_nothing, ..ask_for(effect) }))
            }
            _ => run,
        }
    }

    fn look(mut self, found: ObservedSubscription) -> Self {
        let charge = (self.dice.below(2) == 0).then(|| renewal_paid(self.now, "ch_1", 0));
        self.decide(|shop| shop.when(ObserveSubscription { charge, ..observe(found) }))
    }

    /// One of the reports arrives, whichever; some arrive again later.
    fn deliver(mut self) -> Self {
        let ready: Vec<_> = (0..self.reports.len()).filter(|at| self.reports[*at].0 <= self.now).collect();
        if ready.is_empty() {
            return self;
        }
        let at = ready[usize::try_from(self.dice.below(u64::try_from(ready.len()).unwrap())).unwrap()];
        let report = match self.dice.below(3) {
            0 => self.reports[at].1.clone(),
            _ => self.reports.remove(at).1,
        };
        self.decide(|shop| shop.when(report))
    }

    fn decide(mut self, when: impl FnOnce(Given<Payments>) -> Then<Payments>) -> Self {
        let then = when(self.shop.at(self.now));
        if let Some(subscription) = subscription_if(&then) {
            (self.status, self.ending) = (subscription.status, subscription.ending);
        }
        for charge in charges_of(&then) {
            assert_eq!(charge.charge_id, ChargeId::of_renewal(SUBSCRIPTION, "ch_1"), "a charge is ours once");
        }
        let mut grants = Vec::new();
        for event in then.all() {
            match event {
                PaymentsEvent::EffectGranted(event) => grants.push((event.effect.clone(), event.effect.attempts)),
                PaymentsEvent::EffectReported(event) if event.effect.state != EffectState::Granted => {
                    self.out.remove(&event.effect.effect_id);
                }
                _ => {}
            }
        }
        self.shop = then.then();
        for (effect, attempt) in grants {
            let out = self.out.insert(effect.effect_id, self.now);
            assert!(out.is_none_or(|at| self.now >= at + 45 * SECOND), "two attempts are under way at once");
            self.attempt(effect.kind, effect.effect_id, attempt);
        }
        self
    }

    /// A runner has its turn: it may die before or after it calls, and its report may be lost.
    fn attempt(&mut self, kind: EffectKind, effect: EffectId, attempt: i32) {
        let call = match kind {
            EffectKind::Subscription => Call::Make,
            _ => Call::End,
        };
        assert!(call == Call::Make || self.is_end_asked, "nobody wants it ended");
        assert!(call == Call::End || effect == making(), "the key to the gateway is the same at each attempt");
        self.granted += u32::from(call == Call::Make);
        let (fate, at) = (self.dice.below(6), self.now + self.seconds(CALL));
        if call == Call::Make && fate != 1 {
            self.may_have_sent += 1;
            assert!(self.by == By::KeptCard || self.may_have_sent == 1, "a token is sent at most once");
        }
        if fate >= 3 {
            self.gateway.on_their_way.push((at, call));
        }
        let refused = if call == Call::Make { Why::Declined } else { Why::State };
        let report = match fate {
            1 => Some((self.now, report_why(attempt, AttemptOutcome::NotSent, Why::NoConnection))),
            2 => Some((at, report_why(attempt, AttemptOutcome::Refused, refused))),
            3 if call == Call::Make => Some((at, done(attempt, seen(at, Recurrence::Active)))),
            3 => Some((at, report(attempt, AttemptOutcome::Done))),
            4 => Some((self.now, report_why(attempt, AttemptOutcome::Question, Why::Reset))),
            _ => None,
        };
        let of_effect = |report: ReportAttempt| match call {
            Call::Make => ReportAttempt { subscription: report.subscription.clone(), ..of_making(report) },
            Call::End => ReportAttempt { effect_id: effect, kind, ..of_making(report) },
        };
        self.reports.extend(report.map(|(from, report)| (from, of_effect(report))));
    }

    /// Everything has come in, and the gateway is looked at once more.
    fn end(mut self) -> Self {
        self.now += 10 * MINUTE;
        self.gateway.until(self.now);
        match self.gateway.shown(self.now) {
            Some(found) => self.look(found),
            None => self,
        }
    }
}

#[test]
fn however_runners_die_and_reports_come_a_subscription_is_there_once_and_is_what_the_gateway_has() {
    let (mut again, mut made, mut ended, mut none) = (0, 0, 0, 0);
    for seed in 1..=600 {
        let by = if seed % 2 == 0 { By::Token } else { By::KeptCard };
        let mut run = Run::of(seed * 7_919, by);
        for _ in 0..60 {
            run = run.step();
        }
        run = run.end();
        assert!(run.gateway.made.len() <= 1, "seed {seed}: it was made {} times", run.gateway.made.len());
        let is_there = !run.gateway.made.is_empty();
        match (is_there, run.gateway.ended) {
            (true, Some(_)) => assert_eq!(run.status, SubscriptionStatus::Ended, "seed {seed}"),
            (true, None) => assert_eq!(run.status, SubscriptionStatus::Active, "seed {seed}"),
            (false, _) => {
                let over = [
                    SubscriptionStatus::Processing,
                    SubscriptionStatus::Failed,
                    SubscriptionStatus::Expired,
                    SubscriptionStatus::Cancelled,
                ];
                assert!(over.contains(&run.status), "seed {seed}: {:?}", run.status);
            }
        }
        again += u32::from(run.granted > 1);
        made += u32::from(is_there);
        ended += u32::from(run.gateway.ended.is_some());
        none += u32::from(!is_there);
    }
    let tried = [again, made, ended, none];
    assert!(tried.iter().all(|count| *count > 50), "the dice try them all: {tried:?}");
}
