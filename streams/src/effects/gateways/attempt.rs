//! An attempt: the facts are opened, a grant is asked for, the gateway is asked once, and what became of it is reported until it is
//! decided. Between each two of these the process may end: the ledger then has an attempt of which nothing is known, or a report
//! that is decided once.

use fail::fail_point;
use feira_connectors::gateway::LookUp;
use feira_schemas::{
    gateway::{NotSent, Outcome, Problem, Refusal, RefusedFor},
    ids::{AccountId, Micros, RefundId, TenantId},
    problem::Code,
    records::{
        common::{CommandResult, Outcome as Answered},
        payments::{AskGrant, Charge, Effect, EffectKind, Grant, Why},
    },
    rows::payments::{ChargeRow, EffectRow, RefundRow},
    time::HOUR,
};

use super::{
    accounts::Pass,
    asked::{Act, Asked, NotAsked},
    convert,
    facts::{self, NoFacts},
    gate::Wish,
    matters::{Memory, Next, Question},
    opening::NotOpened,
    reporting::Report,
    work::Work,
};

/// The rest after something was done that changes the row that the next turn reads.
const SOON: Micros = 100_000;

/// An attempt that is being made ready.
struct Ready<'a> {
    row: &'a EffectRow,
    charge: Charge,
    act: Act,
    /// The account that will be asked, as far as it can be told before the grant.
    asked: Option<Asked>,
    /// The leave to call it; none where nothing will be called.
    pass: Option<Pass>,
    /// The sum that the gateway was seen to have cancelled.
    seen_refunded: Option<i64>,
}

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
        let Some(grant) = self.granted(&answer) else { return self.put_back(&answer, memory) };
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
        let Ready { row, charge, act, asked, pass, .. } = ready;
        let effect = &row.effect;
        // Another account is the default by now, or the key was changed: the next attempt takes what the grant has fixed.
        let fixed = (grant.account_id, grant.account_version);
        let asked = asked.filter(|asked| (Some(asked.account_id), asked.version) == fixed);
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
        let gateway = asked.as_ref().map_or("none", |asked| asked.gateway.name());
        count(gateway, effect.kind, &outcome);
        let is_question = matches!(outcome, Outcome::Unknown(_));
        self.report(Report {
            tenant: row.tenant_id,
            effect,
            charge: &charge,
            attempt: grant.attempt,
            account_id: grant.account_id,
            outcome: &outcome,
            why: self.erased(&act),
        })
        .await;
        fail_point!("gateways::reported");
        // From when it is decided: silence is believed by that time, too.
        let learned = self.platform.clock.steady();
        let question = Question { attempt: grant.attempt, learned, looks: 0, in_vain: 0 };
        let memory = Memory { question: is_question.then_some(question), tries: 0, ..memory };
        match outcome {
            // Who was not reached, or wants to be left alone, is: the gate says until when.
            Outcome::NotSent(_) => self.rest(Memory { tries: 1, ..memory }),
            _ => self.later(SOON, memory),
        }
    }

    /// The word for a refusal of ours that is none of the gateway's.
    fn erased(&self, act: &Act) -> Option<Why> {
        let Act::Not(refusal) = act else { return None };
        refusal.problems.iter().any(|problem| problem.kind == ERASED).then_some(Why::Expired)
    }

    /// Makes all ready that can be made ready without a grant, so that the grant's ten seconds are the call's alone.
    async fn ready<'a>(&self, row: &'a EffectRow, memory: Memory) -> Result<Ready<'a>, Next> {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let Some(charge_id) = effect.charge_id else { return Err(self.later(HOUR, memory)) };
        let charge = self.row::<ChargeRow>(&ChargeRow::at(tenant, charge_id)).await.map(|row| row.charge);
        let Some(charge) = charge else { return Err(self.later(HOUR, memory)) };
        let act = match self.act(row, &charge).await {
            Ok(act) => act,
            Err(NoFacts::Refused(refusal)) => Act::Not(refusal),
            Err(NoFacts::NotOpened(NotOpened::Erased)) => Act::Not(erased()),
            Err(NoFacts::NotOpened(why)) => return Err(self.unopened(tenant, &why, memory)),
        };
        let account = effect.account_id.or(charge.request.account_id);
        let account = match account {
            Some(account) => Some(account),
            None => self.default_account(tenant).await,
        };
        let over = is_over(effect, self.platform.now());
        let (Some(account), false, false) = (account, over, matches!(act, Act::Not(_))) else {
            // Nothing will be called: whoever decides says what becomes of it.
            return Ok(Ready { row, charge, act, asked: None, pass: None, seen_refunded: None });
        };
        let asked = match self.asked(tenant, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return Err(self.rest(memory)),
            Err(NotAsked::NotOpened(why)) => return Err(self.unopened(tenant, &why, memory)),
        };
        let mut ready = Ready { row, charge, act, asked: Some(asked), pass: None, seen_refunded: None };
        if effect.kind != EffectKind::Charge {
            self.look_first(&mut ready, memory).await?;
        }
        if !matches!(ready.act, Act::Not(_)) {
            ready.pass = Some(self.pass(tenant, account, Wish::Act, memory)?);
        }
        Ok(ready)
    }

    /// The leave to make one call on an account; or when to come again.
    pub(super) fn pass(&self, tenant: TenantId, account: AccountId, wish: Wish, memory: Memory) -> Result<Pass, Next> {
        self.accounts.enter(tenant, account, wish).map_err(|due| self.again_at(due, memory))
    }

    async fn act(&self, row: &EffectRow, charge: &Charge) -> Result<Act, NoFacts> {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let remote = charge.observed.as_ref().map(|observed| observed.remote.charge.as_str());
        match (effect.kind, remote) {
            (EffectKind::Charge, _) => {
                facts::charge(&self.keyring, tenant, charge).await.map(|facts| Act::Charge(Box::new(facts)))
            }
            (EffectKind::Refund, Some(remote)) => {
                let refund = RefundId::from_uuid(effect.effect_id.uuid());
                let key = RefundRow::at(tenant, charge.charge_id, refund);
                let Some(row) = self.row::<RefundRow>(&key).await else { return Err(NoFacts::Refused(unknown())) };
                facts::refund(&self.keyring, tenant, &row.refund, remote, charge)
                    .await
                    .map(|facts| Act::Refund(Box::new(facts)))
            }
            (EffectKind::Cancel, Some(remote)) => Ok(Act::Cancel(facts::cancel(effect.effect_id, remote))),
            _ => Err(NoFacts::Refused(unknown())),
        }
    }

    /// Looks at a charge before something is done to it. What it shows beyond what is known is said first, and decided upon.
    async fn look_first(&self, ready: &mut Ready<'_>, memory: Memory) -> Result<(), Next> {
        let (tenant, charge) = (ready.row.tenant_id, &ready.charge);
        let (Some(asked), Some(known)) = (&ready.asked, &charge.observed) else { return Ok(()) };
        let pass = self.pass(tenant, asked.account_id, Wish::Look, memory)?;
        let outcome = asked.look(&LookUp::Id(known.remote.charge.clone())).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(Some(observed)) => {
                if convert::shows_something_new(known, &observed) {
                    self.observe(tenant, charge, &observed).await;
                    return Err(self.later(SOON, Memory { tries: memory.tries + 1, ..memory }));
                }
                ready.seen_refunded = Some(observed.charge.cancelled);
                Ok(())
            }
            Outcome::Done(None) => {
                ready.act = Act::Not(missing());
                Ok(())
            }
            Outcome::Refused(refusal) => {
                ready.act = Act::Not(refusal);
                Ok(())
            }
            Outcome::NotSent(_) | Outcome::Unknown(_) => Err(self.rest(memory)),
        }
    }

    /// Tries an account's key. It needs no grant, since trying it twice is trying it once.
    pub async fn check(&self, row: &EffectRow, memory: Memory) -> Next {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let account = effect.account_id.or_else(|| effect.entity.parse().ok());
        let Some(account) = account else { return self.later(HOUR, memory) };
        let asked = match self.asked(tenant, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let pass = match self.pass(tenant, account, Wish::Act, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        fail_point!("gateways::before_check");
        let outcome = asked.who_am_i().await;
        pass.told(&outcome);
        fail_point!("gateways::called");
        count(asked.gateway.name(), effect.kind, &outcome);
        self.report_check(row, account, &outcome).await;
        fail_point!("gateways::reported");
        self.rest(memory)
    }
}

/// True once nothing may be sent for an effect: whoever decides closes it when it is asked. The clock of who decides may be a little
/// behind this one.
fn is_over(effect: &Effect, now: Micros) -> bool {
    let clocks_differ_by = 5_000_000;
    let over = effect.not_after.into_iter().chain(effect.first_granted_at.map(|first| first + 20 * HOUR)).min();
    over.is_some_and(|over| now > over + clocks_differ_by)
}

/// The kind of the problem that a record's data are erased.
const ERASED: &str = "erased";

/// What is asked with was erased before anybody was asked.
fn erased() -> Refusal {
    Refusal { why: RefusedFor::Request, problems: vec![Problem::new(ERASED, None, "the buyer's data were erased")] }
}

/// The record does not name what is to be done.
fn unknown() -> Refusal {
    let problems = vec![Problem::new("facts", None, "the gateway does not have the charge")];
    Refusal { why: RefusedFor::State, problems }
}

/// The gateway does not find a charge that is known here.
fn missing() -> Refusal {
    Refusal { why: RefusedFor::NotFound, problems: vec![Problem::new("gateway", None, "no such charge")] }
}

/// Counts an attempt by what became of it.
pub(super) fn count<T>(gateway: &'static str, kind: EffectKind, outcome: &Outcome<T>) {
    let kind = match kind {
        EffectKind::Charge => "charge",
        EffectKind::Refund => "refund",
        EffectKind::Cancel => "cancel",
        EffectKind::Check => "check",
        _ => "other",
    };
    let outcome = match outcome {
        Outcome::Done(_) => "done",
        Outcome::Refused(_) => "refused",
        Outcome::NotSent(_) => "not_sent",
        Outcome::Unknown(_) => "question",
    };
    metrics::counter!("feira_gateway_attempts_total", "gateway" => gateway, "kind" => kind, "outcome" => outcome)
        .increment(1);
}
