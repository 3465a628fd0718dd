//! What is said to payments: reports of attempts, and looks that show something new.

use super::{
    about::{About, subject_of},
    asked::Seen,
    by_hand::{self, REPORTED_TWICE},
    convert,
    opening::Sealing,
    recurring,
    work::Work,
};
use fail::fail_point;
use feira_connectors::gateway::Identity;
use feira_schemas::{
    gateway::{Observed, Outcome, Subscription as Look},
    ids::{AccountId, TenantId},
    records::payments::{
        AttemptOutcome, Charge, Effect, KeptCard, ObserveCharge, ObserveSubscription, ObservedCharge,
        ObservedSubscription, ReportAttempt, Subscription, Why,
    },
    rows::payments::EffectRow,
    sealed::{Subject, SubjectKind},
};

/// What became of an attempt.
pub(super) struct Report<'a> {
    pub tenant: TenantId,
    pub effect: &'a Effect,
    pub about: &'a About,
    pub attempt: i32,
    /// The account that was asked.
    pub account_id: Option<AccountId>,
    /// Its gateway's name.
    pub gateway: &'a str,
    pub outcome: &'a Outcome<Seen>,
    /// The word for it where the outcome's own says less.
    pub why: Option<Why>,
    /// True if a look has found it out, after what its own answer said.
    pub found: bool,
}

/// What was seen, as a report has it.
#[derive(Default)]
struct Told {
    charge: Option<ObservedCharge>,
    plan: Option<String>,
    card: Option<KeptCard>,
    subscription: Option<ObservedSubscription>,
}

impl Work {
    /// Reports until it is decided. The same report of the same attempt is decided once, whoever sends it.
    pub async fn report(&self, report: Report<'_>) {
        let Report { tenant, effect, about, attempt, account_id, gateway, outcome: seen, why, found } = report;
        let (outcome, own) = convert::outcome_of(seen);
        let mut sealing = Sealing::of(&self.keyring, tenant, about.subject());
        let told = match (seen, account_id) {
            (Outcome::Done(seen), Some(account)) => told(seen, account, gateway, &mut sealing).await,
            _ => Told::default(),
        };
        let reasons = match seen {
            Outcome::Refused(refusal) => convert::reasons(&refusal.problems, &mut sealing).await,
            _ => Vec::new(),
        };
        let verb = if found { "report found" } else { verb(outcome) };
        let command = ReportAttempt {
            meta: self.meta(tenant, verb, &effect.effect_id.to_string(), &attempt.to_string()),
            effect_id: effect.effect_id,
            kind: effect.kind,
            entity: effect.entity.clone(),
            charge_id: effect.charge_id,
            attempt,
            outcome,
            why: why.or(own).map(|why| why.word().to_owned()),
            reasons,
            observed: told.charge,
            remote_account: None,
            plan: told.plan,
            saved_card: told.card,
            subscription: told.subscription,
        };
        fail_point!("gateways::before_report");
        if by_hand::is_in(REPORTED_TWICE) {
            let meta = self.meta_of_its_own(tenant, "report again", &effect.effect_id.to_string());
            self.send(ReportAttempt { meta, ..command.clone() }).await;
        }
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
            plan: None,
            saved_card: None,
            subscription: None,
        };
        fail_point!("gateways::before_report");
        self.send(command).await;
    }

    /// Says what a look has found.
    pub async fn observe(&self, tenant: TenantId, charge: &Charge, look: &Observed) {
        let Some(account) = charge.observed.as_ref().map(|observed| observed.account_id) else { return };
        self.observe_at(tenant, charge, account, look).await;
    }

    /// Says what a look at this account has found of a charge, which may not be known by the gateway's id yet.
    pub async fn observe_at(&self, tenant: TenantId, charge: &Charge, account: AccountId, look: &Observed) {
        let mut sealing = Sealing::of(&self.keyring, tenant, subject_of(&charge.request.buyer));
        let observed = convert::observed(look, account, &mut sealing).await;
        let meta = self.meta_of_its_own(tenant, "observe", &charge.charge_id.to_string());
        self.send(ObserveCharge { meta, charge_id: charge.charge_id, observed }).await;
    }

    /// Says what a look at a subscription that is known by it has found.
    pub async fn observe_subscription(&self, tenant: TenantId, subscription: &Subscription, look: &Look) {
        let Some(known) = &subscription.observed else { return };
        self.observe_subscription_at(tenant, subscription, (known.gateway.as_str(), known.account_id), look).await;
    }

    /// Says what a look at this account of a gateway has found of a subscription, which may not be known by the gateway's id yet.
    pub async fn observe_subscription_at(
        &self,
        tenant: TenantId,
        subscription: &Subscription,
        (gateway, account): (&str, AccountId),
        look: &Look,
    ) {
        let mut sealing = Sealing::of(&self.keyring, tenant, subject_of(&subscription.request.subscriber));
        let charge = match &look.charge {
            Some(charge) => Some(convert::observed(charge, account, &mut sealing).await),
            None => None,
        };
        let subscription_id = subscription.subscription_id;
        let command = ObserveSubscription {
            meta: self.meta_of_its_own(tenant, "observe", &subscription_id.to_string()),
            subscription_id,
            observed: Some(recurring::observed(look, gateway, account)),
            charge,
        };
        self.send(command).await;
    }

    /// Says a charge of a subscription that was seen without it.
    pub async fn observe_renewal(&self, tenant: TenantId, subscription: &Subscription, look: &Observed) {
        let Some(known) = &subscription.observed else { return };
        let mut sealing = Sealing::of(&self.keyring, tenant, subject_of(&subscription.request.subscriber));
        let charge = Some(convert::observed(look, known.account_id, &mut sealing).await);
        let subscription_id = subscription.subscription_id;
        let meta = self.meta_of_its_own(tenant, "observe", &subscription_id.to_string());
        self.send(ObserveSubscription { meta, subscription_id, observed: None, charge }).await;
    }
}

async fn told(seen: &Seen, account: AccountId, gateway: &str, sealing: &mut Sealing<'_>) -> Told {
    match seen {
        Seen::Charge(charge) => {
            Told { charge: Some(convert::observed(charge, account, sealing).await), ..Told::default() }
        }
        Seen::Plan(plan) => Told { plan: Some(plan.id.clone()), ..Told::default() },
        Seen::Card(card) => Told { card: Some(recurring::kept(card, sealing).await), ..Told::default() },
        Seen::Subscription(look) => Told {
            charge: match &look.charge {
                Some(charge) => Some(convert::observed(charge, account, sealing).await),
                None => None,
            },
            subscription: Some(recurring::observed(look, gateway, account)),
            ..Told::default()
        },
        Seen::Taken => Told::default(),
    }
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
