//! What must hold of each case in the end, whatever has gone wrong: at most one charge, refund or cancelling at the gateway, its state
//! equal to ours, and every attempt on record.

use std::collections::{BTreeMap, BTreeSet};

use feira_schemas::records::{
    PaymentsEvent,
    payments::{Charge, ChargeStatus, EffectKind, EffectState, Refund, RefundStatus},
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
    pub charge: Charge,
    pub refunds: Vec<Refund>,
    /// Payments' events of the shop, in order.
    pub events: Vec<PaymentsEvent>,
    /// The effects that may still be attempted.
    pub open: usize,
    /// The charges that the gateway has of the account.
    pub truth: Vec<Value>,
    /// The calls that came to the gateway, by operation.
    pub calls: BTreeMap<String, u64>,
}

/// The rules that do not hold of a case.
pub fn violations(case: &Case, seen: &Seen) -> Vec<Violation> {
    let mut found = Found { case, violations: Vec::new() };
    found.check(Rule::Ends, seen.open == 0, || format!("{} effects are open", seen.open));
    seen.once(&mut found);
    seen.on_record(&mut found);
    seen.said_once(&mut found);
    seen.alike(&mut found);
    let end = seen.end(case.act);
    found.check(Rule::AsExpected, case.may_end(end), || {
        format!("it ended {end:?} and was to end {:?}, by {:?}", case.end(), seen.charge.attempts)
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
    }

    fn on_record(&self, found: &mut Found<'_>) {
        let granted: BTreeSet<(Does, String, i32)> = self
            .events
            .iter()
            .filter_map(|event| match event {
                PaymentsEvent::EffectGranted(event) => {
                    let effect = &event.effect;
                    Some((Does::from(effect.kind), effect.effect_id.to_string(), effect.attempts))
                }
                _ => None,
            })
            .collect();
        for (kind, operations) in [(Does::Charge, &["charge"][..]), (Does::Back, &["refund", "cancel"][..])] {
            let granted = granted.iter().filter(|(of, ..)| *of == kind).count() as u64;
            let calls: u64 = operations.iter().filter_map(|operation| self.calls.get(*operation)).sum();
            let told = || format!("{calls} calls came to the gateway, of {granted} attempts that were granted");
            found.check(Rule::OnRecord, calls <= granted, told);
        }
        let attempts = self.charge.attempts.iter().chain(self.refunds.iter().flat_map(|refund| &refund.attempts));
        let silent = attempts.filter(|attempt| attempt.outcome.is_none()).count();
        found.check(Rule::OnRecord, silent == 0, || format!("{silent} attempts say nothing of what became of them"));
        let kept = self.charge.attempts.len() as u64;
        let charges = granted.iter().filter(|(of, ..)| *of == Does::Charge).count() as u64;
        found.check(Rule::OnRecord, kept == charges, || format!("the charge keeps {kept} of {charges} attempts"));
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
        let observed = self.charge.observed.as_ref();
        let ours = observed.map_or((0, 0), |observed| (observed.paid, observed.cancelled));
        let sum = |name: &str| -> i64 { self.truth.iter().filter_map(|charge| charge[name].as_i64()).sum() };
        // What was never paid is cancelled without a sum.
        let theirs = (sum("received"), sum("canceled_amount").min(sum("received")));
        found.check(Rule::Alike, ours == theirs, || format!("paid and cancelled: {ours:?} here, {theirs:?} there"));
        let back: i64 = self.refunds.iter().filter(|refund| refund.status == RefundStatus::Done).map(sum_of).sum();
        let given_back = sum("given_back");
        found.check(Rule::Alike, back == given_back, || format!("given back: {back} here, {given_back} there"));
        let status = self.charge.status;
        let shown: Vec<&str> = self.standing().iter().filter_map(|charge| charge["status"].as_str()).collect();
        let fits = matches!(
            (status, &shown[..]),
            (ChargeStatus::Failed | ChargeStatus::Expired | ChargeStatus::Cancelled, [])
                | (ChargeStatus::Pending | ChargeStatus::Confirming, ["pending"])
                | (ChargeStatus::Paid | ChargeStatus::PartlyRefunded, ["paid"])
                | (ChargeStatus::Refunded | ChargeStatus::Cancelled, ["canceled"])
        );
        found.check(Rule::Alike, fits, || format!("it is {status:?} here and {shown:?} there"));
    }

    /// How it has ended, by what is known here; that the gateway has the same is another rule.
    fn end(&self, act: Act) -> Option<End> {
        let (charge, refunds) = (&self.charge, &self.refunds);
        match act {
            Act::Pix | Act::Card | Act::Boleto => match charge.status {
                ChargeStatus::Pending | ChargeStatus::Paid => Some(End::Done),
                ChargeStatus::Failed => Some(End::Failed),
                ChargeStatus::Expired => Some(End::RunOut),
                _ => None,
            },
            Act::CancelPix | Act::CancelBoleto => match charge.status {
                ChargeStatus::Cancelled => Some(End::Done),
                ChargeStatus::Pending if !charge.cancel_wanted => Some(End::Failed),
                _ => None,
            },
            Act::RefundInPart | Act::RefundInFull | Act::TwoRefunds => {
                let count = |status| refunds.iter().filter(|refund| refund.status == status).count();
                let (done, failed) = (count(RefundStatus::Done), count(RefundStatus::Failed));
                match (done, failed, count(RefundStatus::Question)) {
                    _ if refunds.len() != act.sums().len() => None,
                    (_, 0, 0) if done == refunds.len() => Some(End::Done),
                    (0, _, 0) if failed == refunds.len() => Some(End::Failed),
                    (1, 1, 0) => Some(End::Half),
                    (0, 0, 1) if refunds.len() == 1 => Some(End::InQuestion),
                    _ => None,
                }
            }
        }
    }
}

fn sum_of(refund: &Refund) -> i64 {
    refund.amount.amount
}

/// What an effect does at a gateway: a charge, or the taking back of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Does {
    Charge,
    Back,
    Other,
}

impl From<EffectKind> for Does {
    fn from(kind: EffectKind) -> Self {
        match kind {
            EffectKind::Charge => Self::Charge,
            EffectKind::Refund | EffectKind::Cancel => Self::Back,
            _ => Self::Other,
        }
    }
}

/// True for an effect that may still be attempted or be found out about without a person.
pub fn is_under_way(kind: EffectKind, state: EffectState) -> bool {
    Does::from(kind) != Does::Other && !matches!(state, EffectState::Open | EffectState::Closed)
}
