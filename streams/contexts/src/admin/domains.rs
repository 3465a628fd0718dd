//! The domain of its own that a shop has. A claim keeps nobody from the domain, and the directory hears of it once its proof is found: there,
//! among sub-domains, who asks first has it. What was proved is looked at again, and given back once its proof was gone for too long.

use std::sync::Arc;

use feira_schemas::{
    hosts::check_domain,
    ids::{Micros, TenantId},
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            AnswerNameClaim, CheckDomain, ClaimDomain, Domain, DomainChanged, DomainFound, DomainStatus, ReportDomain,
            ShopNameStatus, WithdrawDomain, entity::DOMAIN,
        },
        common::{Answers, Outcome},
    },
    refusals,
    rows::{
        admin::{DomainRow, ShopNameRow},
        common::Timer,
    },
    time::DAY,
};

use super::{
    names::{self, Question},
    shown,
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, NewTimer, Rows, Shown, expected::check_version};

/// The entity that timers name: a shop has one domain.
const ENTITY: &str = "domain";
/// The timer of a claim that must be proved, or of a proof that must come back.
const UNTIL: &str = "domain_until";
/// The timer of the next look into DNS.
const LOOK: &str = "domain_look";
/// Microseconds after which a look that nobody has reported is asked for again.
const REPORTED_WITHIN: Micros = DAY;
/// Microseconds for which what a look has found is as good as what another would.
const FRESH: Micros = 10_000_000;

/// True for a name that is a domain: sub-domains have no point.
pub(super) fn is_domain(name: &str) -> bool {
    name.contains('.')
}

/// True for a timer of a shop's domain.
pub(super) fn is_of_domain(timer: &Timer) -> bool {
    timer.entity == ENTITY
}

/// Claims a domain, in the place of a claim that is not proved.
pub(super) fn claim(command: &ClaimDomain, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let ClaimDomain { meta, domain, proof } = command.clone();
    check_domain(&domain)
        .map_err(|refusal| Refusal::fields(vec![FieldError::new("/domain", refusal.code, refusal.detail)]))?;
    let row = known(meta.tenant_id, rows)?;
    // Who has withdrawn one is shown none, though versions go on.
    let seen = row.as_deref().filter(|row| !row.domain.is_withdrawn());
    check_version(&meta, version(seen))?;
    let outcome = if seen.is_none() { Outcome::Created } else { Outcome::Updated };
    let mut decision = Decision::new(context);
    if let Some(present) = row.as_ref().map(|row| &row.domain).filter(|present| present.is_live()) {
        if present.domain == domain {
            return Ok(Decision::unchanged(context, shown::domain(present)));
        }
        if present.status != DomainStatus::Pending {
            return Err(Refusal::new(Code::LimitReached, refusals::HAS_DOMAIN).into());
        }
        give_back(&present.domain, &mut decision, rows, context)?;
    }
    let (claimed_at, until) = (context.now, Domain::given_from(context.now));
    let claimed = Domain {
        domain,
        proof,
        status: DomainStatus::Pending,
        claimed_at,
        until: Some(until),
        active_since: None,
        looked_at: None,
        found: DomainFound::default(),
        ended_because: None,
    };
    set_timer(UNTIL, until, &mut decision);
    set_timer(LOOK, claimed.next_look(), &mut decision);
    changed(row.as_deref(), claimed, Some(context.answers(outcome)), &mut decision, context);
    Ok(decision)
}

/// Gives the shop's domain up, whether it is proved or not.
pub(super) fn withdraw(command: &WithdrawDomain, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let row = live(command.meta.tenant_id, rows)?.ok_or_else(no_domain)?;
    check_version(&command.meta, row.version)?;
    let mut decision = Decision::new(context);
    give_back(&row.domain.domain, &mut decision, rows, context)?;
    let (withdrawn, answers) = (ended(&row.domain, Domain::WITHDRAWN), context.answers(Outcome::Deleted));
    changed(Some(&row), withdrawn, Some(answers), &mut decision, context);
    Ok(decision)
}

/// Has the shop's domain looked at, unless it was a moment ago.
pub(super) fn check(command: &CheckDomain, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let row = live(command.meta.tenant_id, rows)?.ok_or_else(no_domain)?;
    if row.domain.looked_at.is_some_and(|looked_at| context.now < looked_at.saturating_add(FRESH)) {
        return Ok(Decision::unchanged(context, shown::domain(&row.domain)));
    }
    let mut decision = Decision::new(context);
    look(&row, Some(context.answers(Outcome::Updated)), &mut decision);
    Ok(decision)
}

/// A look into DNS has found something, or nothing. One that was for another claim is of no use any more.
pub(super) fn report(command: &ReportDomain, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let ReportDomain { meta, domain, claimed_at, found } = command;
    let row = live(meta.tenant_id, rows)?;
    let Some(row) = row.filter(|row| row.domain.domain == *domain && row.domain.claimed_at == *claimed_at) else {
        return Ok(Decision::unchanged(context, Shown::without_json(DOMAIN)));
    };
    let mut decision = Decision::new(context);
    let mut looked_at = Domain { looked_at: Some(context.now), ..row.domain.clone() };
    if found.is_answered() {
        looked_at.found = found.clone();
        match looked_at.status {
            DomainStatus::Pending => pending_looked_at(&mut looked_at, &mut decision, rows, context)?,
            DomainStatus::Active if !found.proof => {
                let until = Domain::given_from(context.now);
                (looked_at.status, looked_at.until) = (DomainStatus::Lapsing, Some(until));
                set_timer(UNTIL, until, &mut decision);
            }
            DomainStatus::Lapsing if found.proof => {
                (looked_at.status, looked_at.until) = (DomainStatus::Active, None);
            }
            DomainStatus::Active | DomainStatus::Lapsing | DomainStatus::Ended | DomainStatus::Unknown => {}
        }
    } else {
        // What was found before is as good as ever: of name servers that do not answer nothing is learnt.
        looked_at.found.why.clone_from(&found.why);
    }
    // Where looks are asked for between, the next one's time may be as it was, with its timer.
    let next_look = looked_at.next_look();
    if next_look != row.domain.next_look() {
        set_timer(LOOK, next_look, &mut decision);
    }
    changed(Some(&row), looked_at, Some(context.answers(Outcome::Updated)), &mut decision, context);
    Ok(decision)
}

/// A claim whose proof is there is the directory's matter, and does not end meanwhile. One that has lost its proof before it was asked for ends
/// in its time.
fn pending_looked_at(
    domain: &mut Domain,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let name = names::known(&domain.domain, rows, context)?;
    let status = name.as_ref().map(|name| name.name.status);
    let is_asked = matches!(status, Some(ShopNameStatus::Claimed | ShopNameStatus::Held));
    if domain.found.proof {
        domain.until = None;
        // One that is being given back is asked for once that is answered: an answer does not say to what.
        if !is_asked && status != Some(ShopNameStatus::Kept) {
            names::ask(Question::Claim, &domain.domain, name.as_deref(), decision, context);
        }
    } else if domain.until.is_none() && !is_asked {
        let until = Domain::given_from(domain.claimed_at);
        domain.until = Some(until);
        set_timer(UNTIL, until, decision);
    }
    Ok(())
}

/// The directory has answered a question for a domain: it is the shop's own, or another's, or was given back.
pub(super) fn answered(command: &AnswerNameClaim, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let mut decision = Decision::new(context);
    let Some(name) = names::known(&command.name, rows, context)? else { return Ok(decision) };
    let row = live(command.meta.tenant_id, rows)?.filter(|row| row.domain.domain == command.name);
    match (name.name.status, command.held) {
        (ShopNameStatus::Claimed | ShopNameStatus::Held, true) if command.confirmed => {
            names::answered(ShopNameStatus::Confirmed, Some(&name), &mut decision);
            if let Some(row) = row.filter(|row| row.domain.status == DomainStatus::Pending) {
                let (status, active_since) = (DomainStatus::Active, Some(context.now));
                let active = Domain { status, active_since, until: None, ..row.domain.clone() };
                set_timer(LOOK, active.next_look(), &mut decision);
                changed(Some(&row), active, None, &mut decision, context);
            }
        }
        (ShopNameStatus::Claimed, true) => {
            names::ask(Question::Confirm, &command.name, Some(&name), &mut decision, context);
        }
        (ShopNameStatus::Claimed | ShopNameStatus::Held, false) => {
            names::answered(ShopNameStatus::Refused, Some(&name), &mut decision);
            if let Some(row) = row {
                changed(Some(&row), ended(&row.domain, Domain::TAKEN), None, &mut decision, context);
            }
        }
        (ShopNameStatus::Kept, false) => {
            let is_wanted = row.is_some_and(|row| row.domain.found.proof);
            let was_asked_once = name.name.asked.as_ref().is_none_or(|asked| asked.times <= 1);
            match is_wanted && was_asked_once {
                // It was claimed and proved again meanwhile.
                true => names::ask(Question::Claim, &command.name, Some(&name), &mut decision, context),
                // Who has asked twice is answered twice, and would take the second answer for that to a claim: the next look claims it.
                false => names::answered(ShopNameStatus::Released, Some(&name), &mut decision),
            }
        }
        // A claim is held that nobody waits for any more.
        (ShopNameStatus::Refused | ShopNameStatus::Released, true) => {
            names::ask(Question::Release, &command.name, Some(&name), &mut decision, context);
        }
        _ => {} // Answered before.
    }
    Ok(decision)
}

/// A timer of the domain is due. One of an earlier claim finds that nothing is due, and leaves nothing.
pub(super) fn due(timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let mut decision = Decision::new(context);
    let Some(row) = live(timer.tenant_id, rows)? else { return Ok(decision) };
    let domain = &row.domain;
    match timer.what.as_str() {
        UNTIL if domain.until.is_some_and(|until| until <= context.now) => {
            let because = match domain.status {
                DomainStatus::Pending => Domain::UNPROVED,
                _ => Domain::PROOF_GONE,
            };
            give_back(&domain.domain, &mut decision, rows, context)?;
            changed(Some(&row), ended(domain, because), None, &mut decision, context);
        }
        LOOK if domain.next_look() <= context.now => {
            set_timer(LOOK, context.now.saturating_add(REPORTED_WITHIN), &mut decision);
            look(&row, None, &mut decision);
        }
        _ => {}
    }
    Ok(decision)
}

/// The shop is closed for good: its domain goes with it, at once.
pub(super) fn go_with_shop(
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let Some(row) = live(context.cause.tenant_id, rows)? else { return Ok(()) };
    give_back(&row.domain.domain, decision, rows, context)?;
    changed(Some(&row), ended(&row.domain, Domain::WITHDRAWN), None, decision, context);
    Ok(())
}

/// Gives a domain back to the directory, if it was asked for it.
fn give_back(
    domain: &str,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let name = names::known(domain, rows, context)?;
    let has = |name: &&Arc<ShopNameRow>| match name.name.status {
        ShopNameStatus::Claimed | ShopNameStatus::Held | ShopNameStatus::Confirmed => true,
        ShopNameStatus::Refused | ShopNameStatus::Kept | ShopNameStatus::Released | ShopNameStatus::Unknown => false,
    };
    if let Some(name) = name.as_ref().filter(has) {
        names::ask(Question::Release, domain, Some(name), decision, context);
    }
    Ok(())
}

fn known(tenant: TenantId, rows: &Rows) -> Result<Option<Arc<DomainRow>>, Need> {
    rows.get::<DomainRow>(DomainRow::at(tenant))
}

/// The shop's domain, unless it has ended.
fn live(tenant: TenantId, rows: &Rows) -> Result<Option<Arc<DomainRow>>, Need> {
    Ok(known(tenant, rows)?.filter(|row| row.domain.is_live()))
}

/// The version of a shop's domain; who is shown none has seen version 0.
fn version(row: Option<&DomainRow>) -> i64 {
    row.map_or(0, |row| row.version)
}

fn ended(domain: &Domain, because: &str) -> Domain {
    Domain { status: DomainStatus::Ended, until: None, ended_because: Some(because.to_owned()), ..domain.clone() }
}

fn set_timer(what: &str, due: Micros, decision: &mut Decision<AdminEvent>) {
    decision.set_timer(NewTimer { entity: ENTITY, what, due, replaces: None });
}

/// The domain is to be looked at.
fn look(row: &DomainRow, answers: Option<Answers>, decision: &mut Decision<AdminEvent>) {
    let domain = row.domain.clone();
    decision.answer_for(answers, entity(row.tenant_id, row.version + 1), |meta| DomainChanged {
        meta,
        domain,
        look_wanted: true,
    });
}

fn changed(
    before: Option<&DomainRow>,
    domain: Domain,
    answers: Option<Answers>,
    decision: &mut Decision<AdminEvent>,
    context: &DecisionContext,
) {
    let entity = entity(context.cause.tenant_id, version(before) + 1);
    decision.answer_for(answers, entity, |meta| DomainChanged { meta, domain, look_wanted: false });
}

fn entity(tenant: TenantId, version: i64) -> EntityVersion {
    EntityVersion::new(format!("{ENTITY}:{tenant}"), version)
}

fn no_domain() -> Refusal {
    Refusal::new(Code::NotFound, refusals::NO_DOMAIN)
}
