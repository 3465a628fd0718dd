//! A shop with a plan, a saved card and a subscription, and what runners say of them.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{CardId, EffectId, Micros, PlanId, SubscriptionId},
    money::Money,
    records::{
        PaymentsEvent,
        payments::{
            AccountStatus, AskGrant, AttemptOutcome, Buyer, Charge, EffectKind, EndSubscription, KeptCard,
            ObserveSubscription, ObservedCharge, ObservedSubscription, PaymentMethod, Plan, Recurrence, RemoteIds,
            ReportAttempt, RequestSubscription, SaveCard, SavePlan, SavedCard, SavedCardStatus, SettleSubscription,
            Subscription, SubscriptionCard, SubscriptionRequest, Why,
        },
    },
    rows::payments::SavedCardRow,
    time::DAY,
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked},
    sample::{
        HERE, TOKEN_UNTIL, account, account_row, ask_for, look, look_paid, numbered, report, report_why, sealed, shop,
    },
};

pub const PLAN: PlanId = PlanId::from_uuid(Uuid::from_u128(0x91));
pub const CARD: CardId = CardId::from_uuid(Uuid::from_u128(0x92));
pub const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_uuid(Uuid::from_u128(0x93));
/// The first day of the sample's next period.
pub const NEXT_PERIOD: Micros = NOW + 30 * DAY;

pub fn buyer() -> Buyer {
    Buyer { name: sealed(3), email: sealed(4), document: sealed(5), phone: None, address: sealed(6) }
}

pub fn save_plan() -> SavePlan {
    SavePlan {
        meta: asked(),
        plan_id: PLAN,
        reference: Some("basico".into()),
        account_id: Some(HERE),
        name: "Clube do café".into(),
        description: "Um pacote por mês".into(),
        price: Money::brl(4_990),
        months: 1,
        statement_descriptor: Some("CLUBE".into()),
    }
}

/// The id of the effect that makes the plan.
pub fn planning() -> EffectId {
    EffectId::from_uuid(PLAN.uuid())
}

/// The same report, on the plan's effect.
pub fn of_plan(report: ReportAttempt) -> ReportAttempt {
    let (effect_id, kind) = (planning(), EffectKind::Plan);
    ReportAttempt { effect_id, kind, entity: PLAN.to_string(), charge_id: None, ..report }
}

pub fn plan_done() -> ReportAttempt {
    ReportAttempt { plan: Some("plan_1".into()), ..of_plan(report(1, AttemptOutcome::Done)) }
}

/// A shop whose plan the gateway has, two seconds after it was asked for.
pub fn with_plan() -> Given<Payments> {
    shop().when(save_plan()).then().when(plan_done()).then()
}

pub fn save_card() -> SaveCard {
    SaveCard {
        meta: asked(),
        card_id: CARD,
        reference: Some("cartao-1".into()),
        account_id: HERE,
        holder: buyer(),
        card_token: sealed(7),
        token_until: TOKEN_UNTIL,
    }
}

/// The id of the effect that has the card kept.
pub fn keeping() -> EffectId {
    EffectId::from_uuid(CARD.uuid())
}

/// The same report, on the card's effect.
pub fn of_card(report: ReportAttempt) -> ReportAttempt {
    let (effect_id, kind) = (keeping(), EffectKind::SaveCard);
    ReportAttempt { effect_id, kind, entity: CARD.to_string(), charge_id: None, ..report }
}

pub fn kept_card() -> KeptCard {
    KeptCard { customer: "cus_1".into(), card: "card_1".into(), brand: Some("visa".into()), last_four: Some(sealed(8)) }
}

pub fn card_done() -> ReportAttempt {
    ReportAttempt { saved_card: Some(kept_card()), ..of_card(report(1, AttemptOutcome::Done)) }
}

/// The row of a card that the gateway keeps.
pub fn saved_card_row() -> SavedCardRow {
    let SaveCard { card_id, reference, account_id, holder, card_token, token_until, .. } = save_card();
    let card = SavedCard {
        card_id,
        reference,
        account_id,
        holder,
        card_token,
        token_until,
        status: SavedCardStatus::Saved,
        kept: Some(kept_card()),
        why: None,
        reasons: vec![],
        attempts: vec![],
        created_at: NOW - DAY,
        updated_at: NOW - DAY,
    };
    SavedCardRow { tenant_id: SHOP, version: 3, card }
}

/// Ways in which the sample's subscription is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Token,
    KeptCard,
}

pub fn request_subscription(by: By) -> RequestSubscription {
    let card = match by {
        By::Token => SubscriptionCard { card_token: Some(sealed(7)), token_until: Some(TOKEN_UNTIL), card_id: None },
        By::KeptCard => SubscriptionCard { card_token: None, token_until: None, card_id: Some(CARD) },
    };
    let request = SubscriptionRequest {
        reference: Some("assinante-7".into()),
        plan_id: PLAN,
        account_id: (by == By::Token).then_some(HERE),
        subscriber: buyer(),
        card,
        starts: None,
    };
    let (meta, subscription_id) = (numbered(20), SUBSCRIPTION);
    RequestSubscription { meta, subscription_id, request, not_after: None, lent: None, lent_plan: None }
}

/// A subscription that was asked for a second ago.
pub fn wanted(by: By) -> Given<Payments> {
    with_plan().and(saved_card_row()).when(request_subscription(by)).then()
}

/// The id of the effect that makes the subscription.
pub fn making() -> EffectId {
    EffectId::from_uuid(SUBSCRIPTION.uuid())
}

pub fn ask() -> AskGrant {
    ask_for(making())
}

/// A runner asks that has asked the gateway, which knows nothing.
pub fn ask_knowing() -> AskGrant {
    AskGrant { knows_nothing: true, ..ask() }
}

pub fn granted(by: By) -> Given<Payments> {
    wanted(by).when(ask()).then()
}

/// The time of that grant.
pub const GRANTED: Micros = NOW + 3_000_000;

/// The same report, on the effect that makes the subscription.
pub fn of_making(report: ReportAttempt) -> ReportAttempt {
    let (effect_id, kind) = (making(), EffectKind::Subscription);
    ReportAttempt { effect_id, kind, entity: SUBSCRIPTION.to_string(), charge_id: None, ..report }
}

pub fn making_ended(attempt: i32, outcome: AttemptOutcome, why: Why) -> ReportAttempt {
    of_making(report_why(attempt, outcome, why))
}

/// The subscription at the gateway, as a look that began then has found it.
pub fn seen(began: Micros, recurrence: Recurrence) -> ObservedSubscription {
    ObservedSubscription {
        gateway: "pagarme".into(),
        account_id: HERE,
        remote_id: "sub_1".into(),
        code: Some(SUBSCRIPTION.to_string()),
        customer: Some("cus_1".into()),
        plan: Some("plan_1".into()),
        recurrence,
        recurrence_at: began,
        period_begins: Some(NOW),
        period_ends: Some(NEXT_PERIOD),
        next_billing: Some(NEXT_PERIOD),
        charge: None,
        charge_seen_at: 0,
        observed_at: began,
    }
}

/// The same, with this charge as its latest.
pub fn seen_with(began: Micros, recurrence: Recurrence, charge: &str) -> ObservedSubscription {
    ObservedSubscription { charge: Some(charge.into()), charge_seen_at: began, ..seen(began, recurrence) }
}

/// A charge of the subscription at the gateway that was not paid yet.
pub fn renewal(began: Micros, remote: &str) -> ObservedCharge {
    of_subscription(look(began), remote)
}

/// A charge of the subscription at the gateway that was paid, and this much of it given back.
pub fn renewal_paid(began: Micros, remote: &str, cancelled: i64) -> ObservedCharge {
    ObservedCharge { paid: 4_990, ..of_subscription(look_paid(began, cancelled), remote) }
}

fn of_subscription(look: ObservedCharge, remote: &str) -> ObservedCharge {
    let remote = RemoteIds {
        charge: remote.into(),
        subscription: Some("sub_1".into()),
        customer: Some("cus_1".into()),
        code: Some("INV-1".into()),
        ..look.remote
    };
    ObservedCharge { remote, method: Some(PaymentMethod::Card), amount: 4_990, ..look }
}

pub fn done(attempt: i32, found: ObservedSubscription) -> ReportAttempt {
    ReportAttempt { subscription: Some(found), ..of_making(report(attempt, AttemptOutcome::Done)) }
}

/// A subscription that renews itself, whose first charge nobody has looked at yet.
pub fn active() -> Given<Payments> {
    granted(By::KeptCard).when(done(1, seen(NOW, Recurrence::Active))).then()
}

pub fn observe(found: ObservedSubscription) -> ObserveSubscription {
    ObserveSubscription { meta: numbered(21), subscription_id: SUBSCRIPTION, observed: Some(found), charge: None }
}

pub fn observe_charge(charge: ObservedCharge) -> ObserveSubscription {
    ObserveSubscription { meta: numbered(22), subscription_id: SUBSCRIPTION, observed: None, charge: Some(charge) }
}

pub fn end() -> EndSubscription {
    EndSubscription { meta: numbered(23), subscription_id: SUBSCRIPTION }
}

pub fn settle(note: &str) -> SettleSubscription {
    SettleSubscription { meta: numbered(24), subscription_id: SUBSCRIPTION, note: note.into() }
}

/// The shop, with its account in this state and with this version of its key, as nobody has said by an event.
pub fn with_account(shop: Given<Payments>, status: AccountStatus, key_version: i32) -> Given<Payments> {
    let mut row = account_row(account(HERE, status));
    row.account.key_version = key_version;
    shop.and(row)
}

/// The plan as the events leave it.
#[track_caller]
pub fn plan_of(then: &Then<Payments>) -> Plan {
    let plans = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::PlanChanged(event) => Some(event.plan.clone()),
        _ => None,
    });
    { plans }.next().expect("a plan has changed")
}

/// The saved card as the events leave it.
#[track_caller]
pub fn card_of(then: &Then<Payments>) -> SavedCard {
    let cards = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::SavedCardChanged(event) => Some(event.card.clone()),
        _ => None,
    });
    { cards }.next().expect("a card has changed")
}

/// The subscription as the events leave it.
#[track_caller]
pub fn subscription_of(then: &Then<Payments>) -> Subscription {
    subscription_if(then).expect("a subscription has changed")
}

/// The subscription as the events leave it, if they change it.
pub fn subscription_if(then: &Then<Payments>) -> Option<Subscription> {
    let subscriptions = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::RemoteSubscriptionChanged(event) => Some(event.subscription.clone()),
        _ => None,
    });
    { subscriptions }.next()
}

/// The charges that the events change, in their order.
pub fn charges_of(then: &Then<Payments>) -> Vec<Charge> {
    let charges = then.all().iter().filter_map(|event| match event {
        PaymentsEvent::ChargeChanged(event) => Some(event.charge.clone()),
        _ => None,
    });
    charges.collect()
}
