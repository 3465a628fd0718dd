//! Attempts of which nothing is known: the gateway is looked at until it shows what became of them.

use feira_connectors::gateway::LookUp;
use feira_schemas::{
    gateway::{Observed, Outcome},
    ids::{Micros, RefundId},
    records::payments::{AttemptOutcome, Charge, Effect, EffectKind, EffectState},
    rows::payments::{ChargeRow, EffectRow, RefundRow},
    time::{DAY, HOUR, MINUTE},
};

use super::{
    asked::NotAsked,
    convert,
    gate::Wish,
    matters::{Memory, Next, Question, Turn},
    reporting::Report,
    schedule,
    work::Work,
};

/// The time after which a grant that was not reported counts as a question, by the ledger.
const NOT_REPORTED: Micros = 45_000_000;
/// The time by which the clock of who decides may be behind this one.
const CLOCKS_DIFFER_BY: Micros = 1_000_000;
/// Looks that show an unchanged sum before a refund is attempted once more.
const UNCHANGED: u32 = 2;
/// The rest after something was said that changes the row that the next turn reads.
const SOON: Micros = 100_000;

/// What a look says of an attempt.
enum Found {
    /// It was done.
    Done(Box<Observed>),
    /// The gateway knows nothing of it, or shows the sums of before.
    Nothing,
    /// The look itself failed.
    NoAnswer,
}

impl Work {
    /// Looks at the gateway if it is time, and says what is found; asks for another attempt where silence is believed.
    pub async fn question(&self, row: &EffectRow, turn: &Turn) -> Next {
        let (effect, memory) = (&row.effect, turn.memory);
        let now = self.platform.clock.steady();
        if effect.state == EffectState::Granted
            && let Some(granted) = effect.granted.as_ref().map(|grant| grant.granted_at)
        {
            let lapses = granted + NOT_REPORTED + CLOCKS_DIFFER_BY - self.platform.now();
            if lapses > 0 {
                return self.again_at(now + lapses.min(NOT_REPORTED + CLOCKS_DIFFER_BY), memory);
            }
        }
        let known = memory.question.filter(|question| question.attempt == effect.attempts);
        let question = known.unwrap_or(Question { attempt: effect.attempts, learned: now, looks: 0, in_vain: 0 });
        let memory = Memory { question: Some(question), ..memory };
        let due = match effect.state {
            EffectState::Open => question.learned + Micros::from(question.looks) * DAY,
            _ => question.learned + schedule::look_after(question.looks),
        };
        if now < due && !turn.pointed_at {
            return self.again_at(due, memory);
        }
        self.look_for_it(row, question, memory).await
    }

    async fn look_for_it(&self, row: &EffectRow, question: Question, memory: Memory) -> Next {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let (Some(account), Some(charge_id)) = (effect.account_id, effect.charge_id) else {
            return self.later(HOUR, memory);
        };
        let charge = self.row::<ChargeRow>(&ChargeRow::at(tenant, charge_id)).await.map(|row| row.charge);
        let Some(charge) = charge else { return self.later(HOUR, memory) };
        let asked = match self.asked(tenant, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let pass = match self.pass(tenant, account, Wish::Look, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        let began = self.platform.clock.steady();
        let outcome = asked.look(&look_up(effect, &charge)).await;
        pass.told(&outcome);
        let found = self.found(row, &charge, outcome).await;
        let in_vain = match found {
            Found::Nothing if began >= question.learned + schedule::SILENCE => question.in_vain + 1,
            _ => question.in_vain,
        };
        let question = Question { looks: question.looks.saturating_add(1), in_vain, ..question };
        let memory = Memory { question: Some(question), ..memory };
        match found {
            Found::Done(observed) => {
                let outcome = Outcome::Done(*observed);
                let (attempt, account_id) = (effect.attempts, Some(account));
                let report =
                    Report { tenant, effect, charge: &charge, attempt, account_id, outcome: &outcome, why: None };
                self.report(report).await;
                // A refund that is taken and not shown yet stays open, and is looked at by its own times.
                self.later(SOON, memory)
            }
            // If there is no grant, the looks go on by their own times, and each of them asks again.
            Found::Nothing if is_believed(effect, question) => self.attempt(row, true, memory).await,
            Found::Nothing | Found::NoAnswer => {
                let next = question.learned + schedule::look_after(question.looks);
                self.again_at(next.max(began + 1), memory)
            }
        }
    }

    async fn found(&self, row: &EffectRow, charge: &Charge, outcome: Outcome<Option<Observed>>) -> Found {
        let effect = &row.effect;
        let observed = match outcome {
            Outcome::Done(None) if effect.kind == EffectKind::Charge => return Found::Nothing,
            Outcome::Done(Some(observed)) => observed,
            Outcome::Done(None) | Outcome::Refused(_) | Outcome::NotSent(_) | Outcome::Unknown(_) => {
                return Found::NoAnswer;
            }
        };
        let done = match effect.kind {
            EffectKind::Charge => true,
            EffectKind::Refund => self.has_risen(row, charge, &observed).await,
            // It is cancelled, or there is money, so that there is nothing to cancel.
            _ => observed.charge.paid > 0 || !is_waiting(&observed),
        };
        if done {
            return Found::Done(Box::new(observed));
        }
        if let Some(known) = &charge.observed
            && convert::shows_something_new(known, &observed)
        {
            self.observe(row.tenant_id, charge, &observed).await;
        }
        Found::Nothing
    }

    /// True if the cancelled sum has risen by a refund's amount since its last grant.
    async fn has_risen(&self, row: &EffectRow, charge: &Charge, observed: &Observed) -> bool {
        let refund = RefundId::from_uuid(row.effect.effect_id.uuid());
        let key = RefundRow::at(row.tenant_id, charge.charge_id, refund);
        let Some(refund) = self.row::<RefundRow>(&key).await.map(|row| row.refund) else { return false };
        let before = refund.refunded_before.unwrap_or_default();
        observed.charge.cancelled >= before.saturating_add(refund.amount.amount)
    }
}

/// True if the silence about an attempt is believed, so that another may be asked for.
fn is_believed(effect: &Effect, question: Question) -> bool {
    let enough = match effect.kind {
        EffectKind::Charge => 1,
        _ => UNCHANGED,
    };
    // What the gateway has taken is not asked for again.
    let taken = effect.last.as_ref().is_some_and(|last| last.outcome == AttemptOutcome::Done);
    question.in_vain >= enough && !taken
}

/// The name by which the gateway shows what became of an effect.
fn look_up(effect: &Effect, charge: &Charge) -> LookUp {
    match (&charge.observed, effect.kind) {
        (Some(observed), EffectKind::Refund | EffectKind::Cancel) => LookUp::Id(observed.remote.charge.clone()),
        // A minute before, since the gateway's clock is another.
        _ => LookUp::Effect {
            effect: effect.effect_id,
            since: effect.first_granted_at.unwrap_or(effect.wanted_at) - MINUTE,
        },
    }
}

/// True for a charge that waits for money.
fn is_waiting(observed: &Observed) -> bool {
    use feira_schemas::gateway::Status;
    matches!(observed.charge.status(), Status::Pending | Status::Confirming | Status::Authorized)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::records::payments::{AttemptEnd, PaymentMethod};

    use super::*;
    use crate::effects::gateways::sample;

    fn question(in_vain: u32) -> Question {
        Question { attempt: 1, learned: 0, looks: 4, in_vain }
    }

    #[test]
    fn silence_is_believed_once_of_a_charge_and_twice_of_a_refund() {
        let charge = sample::effect(EffectKind::Charge);
        assert!(!is_believed(&charge, question(0)) && is_believed(&charge, question(1)));
        let refund = sample::effect(EffectKind::Refund);
        assert!(!is_believed(&refund, question(1)) && is_believed(&refund, question(2)));
        let last = AttemptEnd { attempt: 1, outcome: AttemptOutcome::Done, why: None, ended_at: 5 };
        assert!(!is_believed(&Effect { last: Some(last), ..refund }, question(9)), "the gateway took it");
    }

    #[test]
    fn a_charge_is_looked_for_by_its_effect_and_a_refund_by_its_charge() {
        let mut charge = sample::charge(PaymentMethod::Pix, 7 * MINUTE);
        let effect = sample::effect(EffectKind::Charge);
        let since = effect.wanted_at - MINUTE;
        assert_eq!(look_up(&effect, &charge), LookUp::Effect { effect: effect.effect_id, since });
        charge.observed = Some(sample::observed(&charge));
        assert_eq!(look_up(&sample::effect(EffectKind::Refund), &charge), LookUp::Id("ch_1".into()));
    }
}
