//! What must hold of each case in the end, whatever has gone wrong: at most one charge, refund, cancelling or subscription at the gateway,
//! its state equal to ours, and every attempt on record.

use std::collections::{BTreeMap, BTreeSet};

use feira_schemas::records::{
    PaymentsEvent,
    payments::{
        Attempt, Charge, ChargeStatus, Effect, EffectKind, EffectState, Refund, RefundStatus, Subscription,
        SubscriptionStatus,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cases::{Act, Case, End};

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// It comes to an end.
    Ends,
    /// It is done once at most.
    Once,
    /// Every call at the gateway is of an attempt that was granted, and every attempt says what became of it.
    OnRecord,
    /// What became of an attempt is said once.
    SaidOnce,
    /// Both sides have the same sums and the same state.
    Alike,
    /// It ends as it is to end.
    AsExpected,
}

/// A rule that does not hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Violation {
    pub rule: Rule,
    pub told: String,
}

/// All that is known of a case in the end.
pub struct Seen {
    /// The charge; of a subscription its only one, if it has one.
    pub charge: Option<Charge>,
    pub refunds: Vec<Refund>,
    /// The subscription, where the case is about one.
    pub subscription: Option<Subscription>,
    /// Payments' events of the shop, in order.
    pub events: Vec<PaymentsEvent>,
    /// The effects that may still be attempted.
    pub open: usize,
    /// The charges that the gateway has of the account.
    pub truth: Vec<Value>,
    /// The subscriptions that it has.
    pub subscriptions: Vec<Value>,
    /// The calls that came to the gateway, by operation.
    pub calls: BTreeMap<String, u64>,
}

/// The rules that do not hold of a case.
pub fn violations(case: &Case, seen: &Seen) -> Vec<Violation> {
    let mut found = Found { case, violations: Vec::new() };
    found.check(Rule::Ends, seen.open == 0, || format!("{} effects are open", seen.open));
    seen.once(&mut found);
    seen.on_record(&mut found);
    seen.keeps_all(&mut found);
    seen.said_once(&mut found);
    seen.alike(&mut found);
    seen.subscriptions_are_alike(&mut found);
    let end = seen.end(case.act);
    found.check(Rule::AsExpected, case.may_end(end), || {
        let attempts: Vec<&Attempt> = seen.attempts().collect();
        format!("it ended {end:?} and was to end {:?}, by {attempts:?}", case.end())
    });
    found.violations
}

struct Found<'a> {
    case: &'a Case,
    violations: Vec<Violation>,
}

impl Found<'_> {
    fn check(&mut self, rule: Rule, holds: bool, told: impl FnOnce() -> String) {
        if !holds {
            let Case { act, remote, fault, .. } = self.case;
            let fault = fault.as_ref().map(Value::to_string).unwrap_or_default();
            self.violations.push(Violation { rule, told: format!("{} {act:?} {fault}: {}", remote.vendor, told()) });
        }
    }
}

impl Seen {
    /// The charge as the gateway has it, if it has one that was not refused at once.
    fn standing(&self) -> Vec<&Value> {
        self.truth.iter().filter(|charge| charge["status"] != "failed").collect()
    }

    fn moves(&self, what: &str) -> Vec<i64> {
        let of = |charge: &Value| charge["moves"].as_array().cloned().unwrap_or_default();
        let moves = self.truth.iter().flat_map(of).filter(|one| one["what"] == what);
        moves.map(|one| one["amount"].as_i64().unwrap_or_default()).collect()
    }

    fn once(&self, found: &mut Found<'_>) {
        let standing = self.standing().len();
        found.check(Rule::Once, standing <= 1, || format!("{standing} charges at the gateway: {:?}", self.truth));
        let (mut back, mut asked) = (self.moves("given_back"), found.case.act.sums().to_vec());
        back.retain(|sum| match asked.iter().position(|asked| asked == sum) {
            Some(at) => {
                asked.remove(at);
                false
            }
            None => true,
        });
        found.check(Rule::Once, back.is_empty(), || format!("{back:?} was given back beyond what was asked"));
        let voided = self.moves("voided").len();
        found.check(Rule::Once, voided <= 1, || format!("{voided} times cancelled"));
        let made = self.subscriptions.len();
        found.check(Rule::Once, made <= 1, || format!("{made} subscriptions at the gateway: {:?}", self.subscriptions));
        let billed = |one: &Value| one["charges"].as_array().map_or(0, Vec::len);
        let charges: usize = self.subscriptions.iter().map(billed).sum();
        found.check(Rule::Once, charges <= 1, || format!("{charges} charges of a subscription in its first period"));
    }

    /// The effects as the ledger's events have them.
    fn ledger(&self) -> impl Iterator<Item = (&PaymentsEvent, &Effect)> {
        self.events.iter().filter_map(|event| match event {
            PaymentsEvent::EffectGranted(said) => Some((event, &said.effect)),
            PaymentsEvent::EffectReported(said) => Some((event, &said.effect)),
            _ => None,
        })
    }

    /// The attempts that were granted: what each does, its effect and its number.
    fn granted(&self) -> BTreeSet<(Does, String, i32)> {
        let grants = self.ledger().filter(|(event, _)| matches!(event, PaymentsEvent::EffectGranted(_)));
        grants.map(|(_, effect)| (Does::from(effect.kind), effect.effect_id.to_string(), effect.attempts)).collect()
    }

    /// The attempts that the charge, its refunds or the subscription keep.
    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        let of_charge = self.charge.iter().flat_map(|charge| &charge.attempts);
        let of_refunds = self.refunds.iter().flat_map(|refund| &refund.attempts);
        of_charge.chain(of_refunds).chain(self.subscription.iter().flat_map(|one| &one.attempts))
    }

    fn on_record(&self, found: &mut Found<'_>) {
        let granted = self.granted();
        let operations: [(&[Does], &[&str]); 3] = [
            (&[Does::Charge], &["charge"]),
            (&[Does::Back], &["refund", "cancel"]),
            (&[Does::Subscribe, Does::End], &["subscription"]),
        ];
        for (kinds, operations) in operations {
            let granted = granted.iter().filter(|(of, ..)| kinds.contains(of)).count() as u64;
            let calls: u64 = operations.iter().filter_map(|operation| self.calls.get(*operation)).sum();
            let told =
                || format!("{calls} calls of {kinds:?} came to the gateway, of {granted} attempts that were granted");
            found.check(Rule::OnRecord, calls <= granted, told);
        }
        let ends =
            self.ledger().filter_map(|(_, effect)| Some((effect.effect_id.to_string(), effect.last.as_ref()?.attempt)));
        let ended: BTreeSet<(String, i32)> = ends.collect();
        let silent = granted.iter().filter(|(_, effect, attempt)| !ended.contains(&(effect.clone(), *attempt))).count();
        found
            .check(Rule::OnRecord, silent == 0, || format!("the ledger does not say what became of {silent} attempts"));
    }

    /// What is charged or subscribed keeps its attempts, each with what became of it.
    fn keeps_all(&self, found: &mut Found<'_>) {
        let silent = self.attempts().filter(|attempt| attempt.outcome.is_none()).count();
        found.check(Rule::OnRecord, silent == 0, || format!("{silent} attempts say nothing of what became of them"));
        let granted = self.granted();
        let of_charge = self.charge.as_ref().map_or(0, |charge| charge.attempts.len());
        let of_subscription = self.subscription.as_ref().map_or(0, |subscription| subscription.attempts.len());
        for (kind, kept) in [(Does::Charge, of_charge), (Does::Subscribe, of_subscription)] {
            let granted = granted.iter().filter(|(of, ..)| *of == kind).count();
            found.check(Rule::OnRecord, kept == granted, || {
                format!("{kept} of {granted} attempts of {kind:?} are kept")
            });
        }
    }

    fn said_once(&self, found: &mut Found<'_>) {
        let mut said: BTreeMap<(String, i32, String), usize> = BTreeMap::new();
        for event in &self.events {
            let PaymentsEvent::EffectReported(event) = event else { continue };
            let Some(last) = &event.effect.last else { continue };
            let became = format!("{:?}, {:?}", last.outcome, event.effect.state);
            *said.entry((event.effect.effect_id.to_string(), last.attempt, became)).or_default() += 1;
        }
        said.retain(|_, times| *times > 1);
        found.check(Rule::SaidOnce, said.is_empty(), || format!("said more than once: {said:?}"));
    }

    fn alike(&self, found: &mut Found<'_>) {
        let observed = self.charge.as_ref().and_then(|charge| charge.observed.as_ref());
        let ours = observed.map_or((0, 0), |observed| (observed.paid, observed.cancelled));
        let sum = |name: &str| -> i64 { self.truth.iter().filter_map(|charge| charge[name].as_i64()).sum() };
        // What was never paid is cancelled without a sum.
        let theirs = (sum("received"), sum("canceled_amount").min(sum("received")));
        found.check(Rule::Alike, ours == theirs, || format!("paid and cancelled: {ours:?} here, {theirs:?} there"));
        let back: i64 = self.refunds.iter().filter(|refund| refund.status == RefundStatus::Done).map(sum_of).sum();
        let given_back = sum("given_back");
        found.check(Rule::Alike, back == given_back, || format!("given back: {back} here, {given_back} there"));
        let status = self.charge.as_ref().map(|charge| charge.status);
        let shown: Vec<&str> = self.standing().iter().filter_map(|charge| charge["status"].as_str()).collect();
        let fits = matches!(
            (status, &shown[..]),
            (None | Some(ChargeStatus::Failed | ChargeStatus::Expired | ChargeStatus::Cancelled), [])
                | (Some(ChargeStatus::Pending | ChargeStatus::Confirming), ["pending"])
                | (Some(ChargeStatus::Paid | ChargeStatus::PartlyRefunded), ["paid"])
                | (Some(ChargeStatus::Refunded | ChargeStatus::Cancelled), ["canceled"])
        );
        found.check(Rule::Alike, fits, || format!("it is {status:?} here and {shown:?} there"));
    }

    fn subscriptions_are_alike(&self, found: &mut Found<'_>) {
        let status = self.subscription.as_ref().map(|subscription| subscription.status);
        let shown: Vec<&str> = self.subscriptions.iter().filter_map(|one| one["status"].as_str()).collect();
        let fits = matches!(
            (status, &shown[..]),
            (None | Some(SubscriptionStatus::Failed | SubscriptionStatus::Expired | SubscriptionStatus::Cancelled), [])
                // Stripe says no, and has one that never began.
                | (Some(SubscriptionStatus::Failed), ["incomplete_expired"])
                | (Some(SubscriptionStatus::Active), ["active"])
                // What could not begin is kept by pagar.me, and is ended.
                | (Some(SubscriptionStatus::Ended), ["canceled" | "failed"])
        );
        found.check(Rule::Alike, fits, || format!("the subscription is {status:?} here and {shown:?} there"));
        let ours = self.subscription.as_ref().and_then(|subscription| subscription.observed.as_ref());
        let ours = ours.map(|observed| observed.remote_id.as_str());
        let is_there = ours.is_none_or(|id| self.subscriptions.iter().any(|one| one["id"] == id));
        found.check(Rule::Alike, is_there, || format!("{ours:?} here is none of {:?}", self.subscriptions));
    }

    /// How it has ended, by what is known here; that the gateway has the same is another rule.
    fn end(&self, act: Act) -> Option<End> {
        let charge = self.charge.as_ref();
        let status = charge.map(|charge| charge.status);
        match act {
            Act::Pix | Act::Card | Act::Boleto => match status? {
                ChargeStatus::Pending | ChargeStatus::Paid => Some(End::Done),
                ChargeStatus::Failed => Some(End::Failed),
                ChargeStatus::Expired => Some(End::RunOut),
                _ => None,
            },
            Act::CancelPix | Act::CancelBoleto => match status? {
                ChargeStatus::Cancelled => Some(End::Done),
                ChargeStatus::Pending if !charge?.cancel_wanted => Some(End::Failed),
                _ => None,
            },
            Act::RefundInPart | Act::RefundInFull | Act::TwoRefunds => self.end_of_refunds(act.sums().len()),
            Act::Subscribe | Act::SubscribeByToken => match (self.subscription.as_ref()?.status, status) {
                (SubscriptionStatus::Active, Some(ChargeStatus::Paid)) => Some(End::Done),
                (SubscriptionStatus::Failed, None) => Some(End::Failed),
                (SubscriptionStatus::Ended, Some(ChargeStatus::Failed)) => Some(End::Failed),
                (SubscriptionStatus::Expired, None) => Some(End::RunOut),
                _ => None,
            },
            Act::EndSubscription => {
                let subscription = self.subscription.as_ref()?;
                let goes_on = !subscription.end_wanted && subscription.ending.is_none();
                // What was paid stays paid, whether it ends or not.
                match (subscription.status, status?) {
                    (SubscriptionStatus::Ended, ChargeStatus::Paid) => Some(End::Done),
                    (SubscriptionStatus::Active, ChargeStatus::Paid) if goes_on => Some(End::Failed),
                    _ => None,
                }
            }
        }
    }

    fn end_of_refunds(&self, asked: usize) -> Option<End> {
        let refunds = &self.refunds;
        let count = |status| refunds.iter().filter(|refund| refund.status == status).count();
        let (done, failed) = (count(RefundStatus::Done), count(RefundStatus::Failed));
        match (done, failed, count(RefundStatus::Question)) {
            _ if refunds.len() != asked => None,
            (_, 0, 0) if done == refunds.len() => Some(End::Done),
            (0, _, 0) if failed == refunds.len() => Some(End::Failed),
            (1, 1, 0) => Some(End::Half),
            (0, 0, 1) if refunds.len() == 1 => Some(End::InQuestion),
            _ => None,
        }
    }
}

fn sum_of(refund: &Refund) -> i64 {
    refund.amount.amount
}

/// What an effect does at a gateway: a charge, the taking back of one, a subscription, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Does {
    Charge,
    Back,
    Subscribe,
    End,
    Other,
}

impl From<EffectKind> for Does {
    fn from(kind: EffectKind) -> Self {
        match kind {
            EffectKind::Charge => Self::Charge,
            EffectKind::Refund | EffectKind::Cancel => Self::Back,
            EffectKind::Subscription => Self::Subscribe,
            EffectKind::EndSubscription => Self::End,
            _ => Self::Other,
        }
    }
}

/// True for an effect that may still be attempted or be found out about without a person.
pub fn is_under_way(kind: EffectKind, state: EffectState) -> bool {
    Does::from(kind) != Does::Other && !matches!(state, EffectState::Open | EffectState::Closed)
}
