//! Attempts of which nothing is known: the gateway is looked at until it shows what became of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use feira_connectors::gateway::LookUp;
use feira_schemas::{
    gateway::{Observed, Outcome, Recurrence},
    ids::{AccountId, Micros, RefundId},
    records::payments::{AttemptOutcome, Charge, Effect, EffectKind, EffectState},
    rows::payments::{EffectRow, RefundRow},
    time::{DAY, HOUR, MINUTE},
};

use super::{
    about::About,
    asked::{Asked, NotAsked, Seen},
    convert,
    gate::Wish,
    matters::{Memory, Next, Question, Turn},
    reporting::Report,
    schedule,
    work::{SOON, Work},
};

/// The time after which a grant that was not reported counts as a question, by the ledger.
const NOT_REPORTED: Micros = 45_000_000;
/// The time by which the clock of who decides may be behind this one.
const CLOCKS_DIFFER_BY: Micros = 1_000_000;
/// Looks that show an unchanged sum before a refund is attempted once more.
const UNCHANGED: u32 = 2;

/// What a look says of an attempt.
enum Found {
    /// It was done.
    Done(Seen),
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
        let (attempt, asked) = (effect.attempts, number_of(effect));
        let known = memory.question.filter(|question| (question.attempt, question.asked) == (attempt, asked));
        let question = known.unwrap_or(Question { attempt, asked, learned: now, looks: 0, in_vain: 0 });
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
        let Some(account) = effect.account_id else { return self.later(HOUR, memory) };
        let Some(about) = self.about(tenant, effect).await else { return self.later(HOUR, memory) };
        let asked = match self.asked_for(tenant, account, about.lent()).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let began = self.platform.clock.steady();
        let found = match self.looked(row, &about, &asked, memory).await {
            Ok(found) => found,
            Err(next) => return next,
        };
        let in_vain = match found {
            Found::Nothing if began >= question.learned + schedule::SILENCE => question.in_vain + 1,
            _ => question.in_vain,
        };
        let question = Question { looks: question.looks.saturating_add(1), in_vain, ..question };
        let memory = Memory { question: Some(question), ..memory };
        match found {
            Found::Done(seen) => {
                self.found(row, &about, (account, asked.gateway.name()), seen).await;
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

    async fn found(&self, row: &EffectRow, about: &About, (account, gateway): (AccountId, &str), seen: Seen) {
        let effect = &row.effect;
        self.report(Report {
            tenant: row.tenant_id,
            effect,
            about,
            attempt: effect.attempts,
            account_id: Some(account),
            gateway,
            outcome: &Outcome::Done(seen),
            why: None,
            found: true,
        })
        .await;
    }

    /// Looks at the gateway once, if the account's gate lets it in.
    async fn looked(&self, row: &EffectRow, about: &About, asked: &Asked, memory: Memory) -> Result<Found, Next> {
        let effect = &row.effect;
        let (look_up, charge) = match about {
            About::Charge(charge) => (look_up_charge(effect, charge), Some(charge)),
            About::Subscription(subscription) => (
                match (&subscription.observed, effect.kind) {
                    (Some(known), EffectKind::EndSubscription) => LookUp::Id(known.remote_id.clone()),
                    _ => by_effect(effect),
                },
                None,
            ),
            // No gateway finds a card by who has it kept: whoever decides closes it when the silence is believed.
            About::Card(_) | About::Plan(_) => return Ok(Found::Nothing),
        };
        let pass = self.pass(asked.owner, asked.account_id, Wish::Look, memory)?;
        if let Some(charge) = charge {
            let outcome = asked.look(&look_up).await;
            pass.told(&outcome);
            return Ok(self.found_of_charge(row, charge, outcome).await);
        }
        let outcome = asked.look_at_subscription(&look_up).await;
        pass.told(&outcome);
        Ok(match outcome {
            Outcome::Done(Some(look)) if effect.kind == EffectKind::Subscription => {
                Found::Done(Seen::Subscription(Box::new(look)))
            }
            Outcome::Done(Some(look)) if look.recurrence == Recurrence::Ended => {
                Found::Done(Seen::Subscription(Box::new(look)))
            }
            Outcome::Done(Some(_)) => Found::Nothing,
            Outcome::Done(None) if effect.kind == EffectKind::Subscription => Found::Nothing,
            Outcome::Done(None) | Outcome::Refused(_) | Outcome::NotSent(_) | Outcome::Unknown(_) => Found::NoAnswer,
        })
    }

    async fn found_of_charge(&self, row: &EffectRow, charge: &Charge, outcome: Outcome<Option<Observed>>) -> Found {
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
            return Found::Done(Seen::Charge(Box::new(observed)));
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
        EffectKind::Charge | EffectKind::SaveCard | EffectKind::Subscription | EffectKind::EndSubscription => 1,
        _ => UNCHANGED,
    };
    // What the gateway has taken is not asked for again, unless doing it twice is doing it once: one that goes on all the same is ended.
    let is_harmless = effect.kind == EffectKind::EndSubscription;
    let taken = effect.last.as_ref().is_some_and(|last| last.outcome == AttemptOutcome::Done);
    question.in_vain >= enough && (is_harmless || !taken)
}

/// The name by which the gateway shows what became of an effect on a charge.
fn look_up_charge(effect: &Effect, charge: &Charge) -> LookUp {
    match (&charge.observed, effect.kind, named(effect)) {
        (Some(observed), EffectKind::Refund | EffectKind::Cancel, _) => LookUp::Id(observed.remote.charge.clone()),
        (_, _, Some(remote)) => LookUp::Id(remote.to_owned()),
        _ => by_effect(effect),
    }
}

/// The name of what an effect makes. Since a minute before, as the gateway's clock is another.
fn by_effect(effect: &Effect) -> LookUp {
    let since = effect.first_granted_at.unwrap_or(effect.wanted_at) - MINUTE;
    LookUp::Effect { effect: effect.effect_id, since }
}

/// The gateway's id of what was made, as a person has named it.
fn named(effect: &Effect) -> Option<&str> {
    effect.settled.as_ref()?.remote_id.as_deref()
}

/// A number of what is asked of an effect: one that is open is asked daily from then on, and by the id that a person has named at once.
pub(super) fn number_of(effect: &Effect) -> u64 {
    let mut hasher = DefaultHasher::new();
    (effect.state == EffectState::Open, named(effect)).hash(&mut hasher);
    hasher.finish()
}

/// True for a charge that waits for money.
fn is_waiting(observed: &Observed) -> bool {
    use feira_schemas::gateway::Status;
    matches!(observed.charge.status(), Status::Pending | Status::Confirming | Status::Authorized)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::records::payments::{AttemptEnd, PaymentMethod, Settled};

    use super::*;
    use crate::effects::gateways::sample;

    fn question(in_vain: u32) -> Question {
        Question { attempt: 1, asked: 0, learned: 0, looks: 4, in_vain }
    }

    #[test]
    fn silence_is_believed_once_of_a_charge_and_twice_of_a_refund_and_of_an_ending_that_was_taken() {
        let charge = sample::effect(EffectKind::Charge);
        assert!(!is_believed(&charge, question(0)) && is_believed(&charge, question(1)));
        let refund = sample::effect(EffectKind::Refund);
        assert!(!is_believed(&refund, question(1)) && is_believed(&refund, question(2)));
        let last = AttemptEnd { attempt: 1, outcome: AttemptOutcome::Done, why: None, ended_at: 5 };
        assert!(!is_believed(&Effect { last: Some(last.clone()), ..refund }, question(9)), "the gateway took it");
        let ending = Effect { last: Some(last), ..sample::effect(EffectKind::EndSubscription) };
        assert!(is_believed(&ending, question(1)), "it goes on, whatever the gateway has said");
    }

    #[test]
    fn an_effect_is_asked_about_from_the_start_once_it_is_open_and_once_somebody_names_the_charge() {
        let effect = sample::effect(EffectKind::Charge);
        let open = Effect { state: EffectState::Open, ..effect.clone() };
        let named = |remote: &str| {
            let settled = Some(Settled { remote_id: Some(remote.into()), note: "Consta no painel".into() });
            number_of(&Effect { settled, ..open.clone() })
        };
        let granted = Effect { state: EffectState::Granted, ..effect.clone() };
        assert_eq!(number_of(&effect), number_of(&granted));
        let mut numbers = vec![number_of(&effect), number_of(&open), named("ch_1"), named("ch_2")];
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 4);
    }

    #[test]
    fn a_charge_is_looked_for_by_its_effect_and_a_refund_by_its_charge() {
        let mut charge = sample::charge(PaymentMethod::Pix, 7 * MINUTE);
        let effect = sample::effect(EffectKind::Charge);
        let since = effect.wanted_at - MINUTE;
        assert_eq!(look_up_charge(&effect, &charge), LookUp::Effect { effect: effect.effect_id, since });
        let settled = Some(Settled { remote_id: Some("ch_9".into()), note: "Consta no painel".into() });
        let named = Effect { settled, ..sample::effect(EffectKind::Charge) };
        assert_eq!(look_up_charge(&named, &charge), LookUp::Id("ch_9".into()), "a person knows better");
        charge.observed = Some(sample::observed(&charge));
        assert_eq!(look_up_charge(&sample::effect(EffectKind::Refund), &charge), LookUp::Id("ch_1".into()));
    }
}
