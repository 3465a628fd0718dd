//! An attempt: the facts are opened, a grant is asked for, the gateway is asked once, and what became of it is reported until it is
//! decided. Between each two of these the process may end: the ledger then has an attempt of which nothing is known, or a report
//! that is decided once.

use fail::fail_point;
use feira_schemas::{
    gateway::{NotSent, Outcome, RefusedFor},
    ids::{Micros, TenantId},
    problem::Code,
    records::{
        common::{CommandResult, Outcome as Answered},
        payments::{AskGrant, CheckAccount, Effect, EffectKind, Grant, Why},
    },
    rows::payments::EffectRow,
    time::HOUR,
};

use super::{
    accounts::REFUSED_KEY_RESTS,
    asked::{Act, Asked},
    by_hand::{self, GRANT_NOT_CHECKED},
    matters::{Memory, Next, Question},
    question::number_of,
    ready::{ERASED, Ready},
    reporting::Report,
    work::{SOON, Work},
};

impl Work {
    /// Makes an attempt, if one may be made. With `knows_nothing`, the gateway has said that it knows nothing of the last one.
    pub async fn attempt(&self, row: &EffectRow, knows_nothing: bool, memory: Memory) -> Next {
        let ready = match self.ready(row, memory).await {
            Ok(ready) => ready,
            Err(next) => return next,
        };
        fail_point!("gateways::before_grant");
        let asked_at = self.platform.clock.steady();
        let ask = AskGrant {
            meta: self.meta_of_its_own(row.tenant_id, "ask", &row.effect.effect_id.to_string()),
            effect_id: row.effect.effect_id,
            runner: self.runner.clone(),
            knows_nothing,
            seen_refunded: ready.seen_refunded,
        };
        let Some(answer) = self.send(ask).await else { return self.later(HOUR, memory) };
        let grant = self.granted(&answer).or_else(|| self.not_checked(&ready));
        let Some(grant) = grant else { return self.put_back(&answer, memory) };
        fail_point!("gateways::granted");
        self.call(ready, &grant, asked_at, memory).await
    }

    /// The grant that an answer gives to this process.
    fn granted(&self, answer: &CommandResult) -> Option<Grant> {
        if answer.outcome != Answered::Updated {
            return None;
        }
        let effect: Effect = serde_json::from_str(answer.body.as_deref()?).ok()?;
        effect.granted.filter(|grant| grant.runner == self.runner)
    }

    /// A grant that nobody gave: a fault that tests put in.
    fn not_checked(&self, ready: &Ready<'_>) -> Option<Grant> {
        let asked = ready.asked.as_ref().filter(|_| by_hand::is_in(GRANT_NOT_CHECKED))?;
        Some(Grant {
            attempt: ready.row.effect.attempts.max(1),
            runner: self.runner.clone(),
            account_id: Some(asked.account_id),
            account_version: asked.version,
            granted_at: self.platform.now(),
        })
    }

    /// There is no grant: the matter rests, or its row says by now that it is over.
    fn put_back(&self, answer: &CommandResult, memory: Memory) -> Next {
        let (code, detail) = (answer.code.as_deref().unwrap_or_default(), answer.detail.as_deref().unwrap_or_default());
        tracing::debug!(tenant.id = %answer.tenant_id, code, detail, "no grant");
        match code {
            _ if code == Code::PaymentState.to_string() => {
                self.later(SOON, Memory { tries: memory.tries + 1, ..memory })
            }
            _ => self.rest(memory),
        }
    }

    /// Asks the gateway once and reports what became of it. A grant that does not count any more is given back as not used.
    async fn call(&self, ready: Ready<'_>, grant: &Grant, asked_at: Micros, memory: Memory) -> Next {
        let Ready { row, about, act, asked, pass, .. } = ready;
        let effect = &row.effect;
        // Another account is the default by now, or the key was changed: the next attempt takes what the grant has fixed.
        let asked = asked.filter(|asked| asked.is_fixed_by(grant, row.tenant_id));
        let may_call = pass.is_some() && self.pulse.is_good(asked_at);
        let outcome = match (&asked, &act) {
            (_, Act::Not(refusal)) => Outcome::Refused(refusal.clone()),
            (Some(asked), act) if may_call => {
                let outcome = asked.act(act).await;
                if let Some(pass) = pass {
                    pass.told(&outcome);
                }
                outcome
            }
            _ => Outcome::NotSent(NotSent::Incomplete),
        };
        fail_point!("gateways::called");
        let refused_key = asked.as_ref().filter(|asked| self.note_refused_key(row.tenant_id, asked, &outcome));
        let gateway = asked.as_ref().map_or("none", |asked| asked.gateway.name());
        count(gateway, effect.kind, &outcome);
        let is_question = matches!(outcome, Outcome::Unknown(_));
        self.report(Report {
            tenant: row.tenant_id,
            effect,
            about: &about,
            attempt: grant.attempt,
            account_id: grant.account_id,
            gateway,
            outcome: &outcome,
            why: self.erased(&act),
            found: false,
        })
        .await;
        fail_point!("gateways::reported");
        if let Some(asked) = refused_key {
            self.have_checked(asked).await;
        }
        // From when it is decided: silence is believed by that time, too.
        let learned = self.platform.clock.steady();
        let question = Question { attempt: grant.attempt, asked: number_of(effect), learned, looks: 0, in_vain: 0 };
        let memory = Memory { question: is_question.then_some(question), tries: 0, ..memory };
        match outcome {
            // Who was not reached, or wants to be left alone, is: the gate says until when.
            Outcome::NotSent(_) => self.rest(Memory { tries: 1, ..memory }),
            _ => self.later(SOON, memory),
        }
    }

    /// Leaves a lent account alone whose key was refused: its owner has to mend it, and the effect is wanted until then. True if it is so.
    fn note_refused_key<T>(&self, tenant: TenantId, asked: &Asked, outcome: &Outcome<T>) -> bool {
        let is_refused = matches!(outcome, Outcome::Refused(refusal) if refusal.why == RefusedFor::Account);
        let is_lent = is_refused && asked.owner != tenant;
        if is_lent {
            let (owner, account) = (asked.owner, asked.account_id);
            tracing::error!(tenant.id = %owner, account.id = %account, "a gateway does not take the key of an account that is lent: nobody pays by it until another is saved");
            self.accounts.key_refused(owner, account, asked.version);
        }
        is_lent
    }

    /// Has the key of a lent account tried for its owner, who alone may call it broken, so that nobody is offered it any more. In the same
    /// five minutes it is the same command, whichever of all processes was refused.
    async fn have_checked(&self, Asked { owner, account_id, .. }: &Asked) {
        let time = self.platform.now() / REFUSED_KEY_RESTS;
        let meta = self.meta(*owner, "check", &account_id.to_string(), &time.to_string());
        self.send(CheckAccount { meta, account_id: *account_id }).await;
    }

    /// The word for a refusal of ours that is none of the gateway's.
    fn erased(&self, act: &Act) -> Option<Why> {
        let Act::Not(refusal) = act else { return None };
        refusal.problems.iter().any(|problem| problem.kind == ERASED).then_some(Why::Expired)
    }
}

/// Counts an attempt by what became of it.
pub(super) fn count<T>(gateway: &'static str, kind: EffectKind, outcome: &Outcome<T>) {
    let outcome = match outcome {
        Outcome::Done(_) => "done",
        Outcome::Refused(_) => "refused",
        Outcome::NotSent(_) => "not_sent",
        Outcome::Unknown(_) => "question",
    };
    metrics::counter!("feira_gateway_attempts_total", "gateway" => gateway, "kind" => kind.word(), "outcome" => outcome)
        .increment(1);
}
