//! However runners ask and report, and whatever they forget, a charge is attempted by one at a time, under one key, and counted once.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{EffectId, Micros},
    records::{
        PaymentsEvent,
        payments::{
            AskGrant, AttemptOutcome, ChargeStatus, EffectState, ObservedCharge, PaymentMethod, RefundStatus, Why,
        },
    },
    time::HOUR,
};

use crate::{
    given::{Given, NOW, Then},
    sample::{
        REFUND, SECOND, ask, ask_refund, charging, look_paid, observe, of_refund, paid, refunding, report, report_done,
        report_why, request_refund, wanted,
    },
};

/// Numbers that look random and are the same each time (xorshift64*).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }
}

/// What has been seen of one effect's events.
#[derive(Default)]
struct Seen {
    /// The attempt that may still be under way: when it was granted.
    out: Option<Micros>,
    granted: i32,
    reported: i32,
    closed: bool,
}

impl Seen {
    fn look_at(&mut self, then: &Then<Payments>, effect_id: EffectId, now: Micros) {
        for event in then.all() {
            let effect = match event {
                PaymentsEvent::EffectGranted(event) => {
                    assert!(!self.closed, "a closed effect is granted to nobody");
                    let out = self.out.is_none_or(|granted_at| now >= granted_at + 45 * SECOND);
                    assert!(out, "two attempts are under way at once");
                    self.granted += 1;
                    self.out = Some(now);
                    assert_eq!(event.effect.attempts, self.granted, "attempts count on");
                    &event.effect
                }
                PaymentsEvent::EffectReported(event) => {
                    self.reported += 1;
                    self.out = None;
                    self.closed = event.effect.state == EffectState::Closed;
                    &event.effect
                }
                PaymentsEvent::EffectWanted(event) => &event.effect,
                _ => continue,
            };
            assert_eq!(effect.effect_id, effect_id, "the key to the gateway is the same at each attempt");
        }
    }
}

fn outcome(dice: &mut Dice) -> (AttemptOutcome, Why) {
    match dice.below(3) {
        0 => (AttemptOutcome::NotSent, Why::NoConnection),
        1 => (AttemptOutcome::Question, Why::TimedOut),
        _ => (AttemptOutcome::Refused, Why::Account),
    }
}

#[test]
fn runners_that_forget_and_repeat_attempt_a_charge_one_at_a_time() {
    let (mut again, mut closed) = (0, 0);
    for seed in 1..=300 {
        let mut dice = Dice(seed);
        let (mut shop, mut seen, mut now) = (wanted(PaymentMethod::Boleto), Seen::default(), NOW);
        for _ in 0..40 {
            now += (1 + Micros::try_from(dice.below(50)).unwrap()) * SECOND;
            let attempt = i32::try_from(dice.below(4)).unwrap() + seen.granted - 2;
            let then = match dice.below(8) {
                0 => shop.at(now).when(report_done(attempt, look_paid(NOW, 0))),
                1..=3 => {
                    let (outcome, why) = outcome(&mut dice);
                    shop.at(now).when(report_why(attempt, outcome, why))
                }
                number => {
                    let runner = format!("runner-{number}");
                    shop.at(now).when(AskGrant { runner, knows_nothing: dice.below(2) == 0, ..ask() })
                }
            };
            seen.look_at(&then, charging(), now);
            shop = ready(then);
        }
        again += i32::from(seen.granted > 1);
        closed += i32::from(seen.closed);
    }
    assert!(again > 100 && closed > 100, "the dice try both: {again} {closed}");
}

/// The shop a second later, with an account that is ready whatever was said of it: somebody has mended it.
fn ready(then: Then<Payments>) -> Given<Payments> {
    use crate::sample::{HERE, account, account_row};
    use feira_schemas::records::payments::AccountStatus;
    then.then().and(account_row(account(HERE, AccountStatus::Ready)))
}

#[test]
fn a_report_that_comes_again_at_any_time_changes_nothing_more() {
    let reports = [
        report_done(1, look_paid(NOW, 0)),
        report_why(1, AttemptOutcome::NotSent, Why::NoConnection),
        report_why(1, AttemptOutcome::Question, Why::TimedOut),
        report_why(1, AttemptOutcome::Refused, Why::Declined),
        report_why(1, AttemptOutcome::Refused, Why::Account),
    ];
    for report in reports {
        let mut shop = wanted(PaymentMethod::Pix).when(ask()).then().when(report.clone()).then();
        for later in [SECOND, 50 * SECOND, HOUR, 21 * HOUR] {
            let again = shop.at(NOW + later).when(report.clone());
            again.unchanged();
            shop = again.then();
        }
    }
}

/// A gateway that gives back what it is asked to, and forgets no sum.
struct Gateway {
    given_back: i64,
}

#[test]
fn money_goes_back_once_however_runners_die() {
    let (mut twice, mut done) = (0, 0);
    for seed in 1..=300 {
        let mut dice = Dice(seed * 7_919);
        let mut gateway = Gateway { given_back: 0 };
        let mut now = NOW + 60 * SECOND;
        let mut shop = paid(PaymentMethod::Pix).at(now).when(request_refund(REFUND, Some(500))).then();
        let mut status = RefundStatus::Wanted;
        let (mut attempts, mut under_way) = (0, None);
        for _ in 0..30 {
            now += (1 + Micros::try_from(dice.below(90)).unwrap()) * SECOND;
            let seen = look_paid(now, gateway.given_back);
            let then = match (dice.below(4), under_way) {
                // A runner looks, and reports what it has seen.
                (0, _) => shop.at(now).when(observe(seen)),
                // It looks and asks for its turn.
                (1 | 2, None) => {
                    let ask = AskGrant { knows_nothing: true, ..ask_refund(REFUND, seen.cancelled) };
                    shop.at(now).when(ask)
                }
                // It asks the gateway, and dies before or after.
                (1 | 2, Some(attempt)) => {
                    under_way = None;
                    shop = match dice.below(4) {
                        0 => shop,
                        1 => {
                            gateway.given_back += 500;
                            shop
                        }
                        2 => {
                            gateway.given_back += 500;
                            let shown = look_paid(now, gateway.given_back);
                            let then = shop.at(now).when(of_refund(REFUND, report_done(attempt, shown)));
                            status = status_of(&then).unwrap_or(status);
                            then.then()
                        }
                        _ => {
                            let lost = report_why(attempt, AttemptOutcome::Question, Why::Reset);
                            gateway.given_back += 500 * i64::from(dice.below(2) == 0);
                            let then = shop.at(now).when(of_refund(REFUND, lost));
                            status = status_of(&then).unwrap_or(status);
                            then.then()
                        }
                    };
                    continue;
                }
                (_, _) => shop.at(now).when(of_refund(REFUND, report(0, AttemptOutcome::NotSent))),
            };
            if let Some(PaymentsEvent::EffectGranted(event)) = then.all().first() {
                assert_eq!(event.effect.effect_id, refunding(REFUND));
                attempts += 1;
                under_way = Some(event.effect.attempts);
            }
            status = status_of(&then).unwrap_or(status);
            shop = then.then();
        }
        assert!(gateway.given_back <= 500, "seed {seed}: {} went back in {attempts} attempts", gateway.given_back);
        twice += i32::from(attempts > 1);
        done += i32::from(status == RefundStatus::Done);
        assert!(status != RefundStatus::Done || gateway.given_back == 500, "seed {seed}");
    }
    assert!(twice > 20 && done > 100, "the dice try both: {twice} {done}");
}

fn status_of(then: &Then<Payments>) -> Option<RefundStatus> {
    let refunds = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::RefundChanged(event) => Some(event.refund.status),
        _ => None,
    });
    { refunds }.next()
}

#[test]
fn a_charge_that_is_found_twice_is_counted_once() {
    let shop = wanted(PaymentMethod::Pix).when(ask()).then();
    let shop = shop.when(report_done(1, look_paid(NOW, 0))).then();
    let again = ObservedCharge { ..look_paid(NOW, 0) };
    let then = shop.when(observe(again));
    assert_eq!(then.unchanged().unwrap()["observed"]["paid"], 1_500);
    assert_eq!(feira_contexts::payments::status(&look_paid(NOW, 0)), ChargeStatus::Paid);
}
