//! What is said to payments: reports of attempts, and looks that show something new.

use super::{convert, opening::Sealing, work::Work};
use fail::fail_point;
use feira_connectors::gateway::Identity;
use feira_schemas::{
    gateway::{Observed, Outcome},
    ids::{AccountId, TenantId},
    records::payments::{AttemptOutcome, Charge, Effect, ObserveCharge, ReportAttempt, Why},
    rows::payments::EffectRow,
    sealed::{Subject, SubjectKind},
};

/// What became of an attempt.
pub(super) struct Report<'a> {
    pub tenant: TenantId,
    pub effect: &'a Effect,
    pub charge: &'a Charge,
    pub attempt: i32,
    /// The account that was asked.
    pub account_id: Option<AccountId>,
    pub outcome: &'a Outcome<Observed>,
    /// The word for it where the outcome's own says less.
    pub why: Option<Why>,
}

impl Work {
    /// Reports until it is decided. The same report of the same attempt is decided once, whoever sends it.
    pub async fn report(&self, report: Report<'_>) {
        let Report { tenant, effect, charge, attempt, account_id, outcome: told, why } = report;
        let (outcome, own) = convert::outcome_of(told);
        let mut sealing = Sealing::of(&self.keyring, tenant, subject_of(charge));
        let observed = match (told, account_id) {
            (Outcome::Done(observed), Some(account)) => Some(convert::observed(observed, account, &mut sealing).await),
            _ => None,
        };
        let reasons = match told {
            Outcome::Refused(refusal) => convert::reasons(&refusal.problems, &mut sealing).await,
            _ => Vec::new(),
        };
        let meta = self.meta(tenant, verb(outcome), &effect.effect_id.to_string(), &attempt.to_string());
        let command = ReportAttempt {
            meta,
            effect_id: effect.effect_id,
            kind: effect.kind,
            entity: effect.entity.clone(),
            charge_id: effect.charge_id,
            attempt,
            outcome,
            why: why.or(own).map(|why| why.word().to_owned()),
            reasons,
            observed,
            remote_account: None,
        };
        fail_point!("gateways::before_report");
        self.send(command).await;
    }

    /// Reports what became of trying an account's key.
    pub async fn report_check(&self, row: &EffectRow, account: AccountId, told: &Outcome<Identity>) {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let (outcome, why) = convert::outcome_of(told);
        let mut sealing = Sealing::of(&self.keyring, tenant, Subject::new(SubjectKind::Account, account.uuid()));
        let reasons = match told {
            Outcome::Refused(refusal) => convert::reasons(&refusal.problems, &mut sealing).await,
            _ => Vec::new(),
        };
        let remote_account = match told {
            Outcome::Done(identity) => identity.remote_account.clone(),
            _ => None,
        };
        let attempt = effect.attempts.saturating_add(1);
        let command = ReportAttempt {
            meta: self.meta(tenant, verb(outcome), &effect.effect_id.to_string(), &attempt.to_string()),
            effect_id: effect.effect_id,
            kind: effect.kind,
            entity: effect.entity.clone(),
            charge_id: None,
            attempt,
            outcome,
            why: why.map(|why| why.word().to_owned()),
            reasons,
            observed: None,
            remote_account,
        };
        fail_point!("gateways::before_report");
        self.send(command).await;
    }

    /// Says what a look has found.
    pub async fn observe(&self, tenant: TenantId, charge: &Charge, look: &Observed) {
        let Some(account) = charge.observed.as_ref().map(|observed| observed.account_id) else { return };
        let mut sealing = Sealing::of(&self.keyring, tenant, subject_of(charge));
        let observed = convert::observed(look, account, &mut sealing).await;
        let meta = self.meta_of_its_own(tenant, "observe", &charge.charge_id.to_string());
        self.send(ObserveCharge { meta, charge_id: charge.charge_id, observed }).await;
    }
}

/// Whom the personal data of a charge are about: its buyer, whose key goes with the order's or the charge's own.
fn subject_of(charge: &Charge) -> Subject {
    charge.request.buyer.name.envelope().subject()
}

/// The verb by which a report is told from another of the same attempt: first that nothing is known of it, then what was found.
fn verb(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Done => "report done",
        AttemptOutcome::Refused => "report refused",
        AttemptOutcome::NotSent => "report not sent",
        AttemptOutcome::Question | AttemptOutcome::Unknown => "report question",
    }
}
