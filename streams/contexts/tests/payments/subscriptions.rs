//! Subscriptions that are asked for.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{CardId, PlanId, TenantId},
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, EffectKind, EffectState, EffectWanted, PlanStatus, RemoteSubscriptionChanged,
            RequestSubscription, SavedCardStatus, StandingStatus, SubscriptionStatus,
        },
    },
    rows::payments::{PlanRow, SubscriptionOfMonthRow, SubscriptionRow},
    time::HOUR,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, asked_by, nothing, put},
    sample::{
        HERE, SECOND, THERE, TOKEN_UNTIL, account, account_row, effect_of, names, numbered, sealed, shop, standing,
    },
    subscribed::{
        By, PLAN, SUBSCRIPTION, kept_card, making, plan_of, request_subscription, save_plan, saved_card_row,
        subscription_of, wanted, with_account, with_plan,
    },
};

const WAYS: [By; 2] = [By::Token, By::KeptCard];

fn ready() -> Given<Payments> {
    with_plan().and(saved_card_row())
}

/// The time at which the sample asks: the plan was made before.
const ASKED: i64 = NOW + 2 * SECOND;

fn with(by: By, change: impl FnOnce(&mut RequestSubscription)) -> RequestSubscription {
    let mut command = request_subscription(by);
    change(&mut command);
    command
}

fn plan_row(change: impl FnOnce(&mut PlanRow)) -> PlanRow {
    let plan = plan_of(&shop().when(save_plan()));
    let mut row = PlanRow { tenant_id: SHOP, version: 2, plan };
    change(&mut row);
    row
}

#[test]
fn a_subscription_is_wanted_and_a_timer_ends_it_if_nobody_sends_it() {
    for (by, not_after) in [(By::Token, Some(TOKEN_UNTIL - 5 * SECOND)), (By::KeptCard, None)] {
        let then = ready().when(request_subscription(by));
        let (subscription, effect, timer) = (subscription_of(&then), effect_of(&then), then.timer());
        assert_eq!((subscription.status, subscription.account_id), (SubscriptionStatus::Processing, None));
        assert_eq!(subscription.request, request_subscription(by).request);
        assert_eq!(subscription.kept, (by == By::KeptCard).then(kept_card));
        assert_eq!((effect.effect_id, effect.kind), (making(), EffectKind::Subscription));
        assert_eq!((effect.entity.as_str(), effect.charge_id), (SUBSCRIPTION.to_string().as_str(), None));
        assert_eq!((effect.state, effect.account_id, effect.not_after), (EffectState::Wanted, None, not_after));
        assert_eq!((timer.what.as_str(), timer.due), ("deadline", not_after.unwrap_or(ASKED + 20 * HOUR)));
        assert_eq!((then.entity().as_deref(), then.body()["version"].clone()), (Some("subscription"), json!(1)));
        let row = SubscriptionRow { tenant_id: SHOP, version: 1, subscription: subscription.clone() };
        assert!(then.changes().contains(&put(row)));
        assert!(then.changes().contains(&put(SubscriptionOfMonthRow::of(SHOP, ASKED, SUBSCRIPTION))));
        let meta = then.answering(0, SUBSCRIPTION, 1, Outcome::Created);
        assert_eq!(
            then.all()[..2],
            [
                PaymentsEvent::from(RemoteSubscriptionChanged { meta, subscription }),
                EffectWanted { meta: then.meta(1, making(), 1), effect }.into(),
            ]
        );
    }
}

#[test]
fn a_subscription_is_sent_until_its_asker_or_its_token_says() {
    let until = |by, not_after| {
        let command = RequestSubscription { not_after: Some(not_after), ..request_subscription(by) };
        effect_of(&ready().when(command)).not_after
    };
    assert_eq!(until(By::KeptCard, NOW + HOUR), Some(NOW + HOUR));
    assert_eq!(until(By::Token, NOW + HOUR), Some(TOKEN_UNTIL - 5 * SECOND));
    assert_eq!(until(By::Token, ASKED + SECOND), Some(ASKED + SECOND));
    for command in [
        with(By::KeptCard, |command| command.not_after = Some(ASKED)),
        with(By::Token, |command| command.request.card.token_until = Some(ASKED + 5 * SECOND)),
    ] {
        let then = ready().when(command);
        assert_eq!(
            (names(&then), subscription_of(&then).status),
            (vec!["RemoteSubscriptionChanged"], SubscriptionStatus::Expired)
        );
    }
}

#[test]
fn asking_twice_is_asking_once_however_it_is_sealed() {
    for by in WAYS {
        let first = ready().when(request_subscription(by)).body();
        let again = with(by, |command| {
            command.meta = numbered(99);
            command.not_after = Some(NOW + HOUR);
            command.request.subscriber.name = sealed(99);
            if by == By::Token {
                command.request.card.card_token = Some(sealed(98));
                command.request.card.token_until = Some(TOKEN_UNTIL + 9);
            }
        });
        let suspended = wanted(by).and(standing(StandingStatus::Suspended));
        assert_eq!(suspended.when(again).unchanged(), Some(first), "{by:?}");
    }
    let changes: [fn(&mut RequestSubscription); 5] = [
        |command| command.request.reference = None,
        |command| command.request.plan_id = PlanId::from_uuid(Uuid::from_u128(0xbad)),
        |command| command.request.account_id = Some(HERE),
        |command| command.request.card.card_id = None,
        |command| command.request.starts = Some(NOW + HOUR),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let then = wanted(By::KeptCard).when(with(By::KeptCard, change));
        assert_eq!(then.refused(Code::IdempotencyMismatch).body, None, "{number}");
    }
}

#[test]
fn a_shop_that_is_not_open_asks_for_none_and_the_platform_always_may() {
    for status in [StandingStatus::Opening, StandingStatus::Suspended, StandingStatus::Unknown] {
        ready().and(standing(status)).when(request_subscription(By::Token)).refused(Code::ShopSuspended);
    }
    nothing::<Payments>().when(request_subscription(By::Token)).refused(Code::NotFound);
    let mut own = account_row(account(HERE, AccountStatus::Ready));
    own.tenant_id = TenantId::PLATFORM;
    let plan = plan_row(|row| row.tenant_id = TenantId::PLATFORM);
    let command = with(By::Token, |command| command.meta = asked_by(TenantId::PLATFORM));
    let then = nothing::<Payments>().and(own).and(plan).when(command);
    assert_eq!(subscription_of(&then).status, SubscriptionStatus::Processing);
}

#[test]
fn a_subscription_needs_a_plan_that_is_there_or_will_be() {
    shop().when(request_subscription(By::Token)).refused_for("/plan_id", Code::UnknownReference);
    let of = |status| shop().and(plan_row(|row| row.plan.status = status)).when(request_subscription(By::Token));
    for status in [PlanStatus::Failed, PlanStatus::Unknown] {
        of(status).refused_for("/plan_id", Code::PaymentState);
    }
    for status in [PlanStatus::Processing, PlanStatus::Ready] {
        assert_eq!(subscription_of(&of(status)).status, SubscriptionStatus::Processing);
    }
}

#[test]
fn a_subscription_needs_its_plans_account_and_that_has_to_take_it() {
    for status in [AccountStatus::Broken, AccountStatus::Retired, AccountStatus::Unknown] {
        for by in WAYS {
            with_account(ready(), status, 1).when(request_subscription(by)).refused(Code::NoAccount);
        }
    }
    let waits = with_account(ready(), AccountStatus::Untested, 1).when(request_subscription(By::Token));
    assert_eq!(subscription_of(&waits).status, SubscriptionStatus::Processing);
    let there = || account_row(account(THERE, AccountStatus::Ready));
    let of_there = with(By::Token, |command| command.request.account_id = Some(THERE));
    ready().and(there()).when(of_there).refused_for("/account_id", Code::Invalid);
    let plan_of_there = || plan_row(|row| (row.plan.account_id, row.plan.plan_id) = (THERE, PLAN));
    let kept = ready().and(there()).and(plan_of_there()).when(request_subscription(By::KeptCard));
    kept.refused_for("/card/card_id", Code::Invalid);
}

#[test]
fn a_card_is_a_token_with_its_time_and_account_or_one_that_is_saved() {
    let refused = |by, change: fn(&mut RequestSubscription), pointer: &str, code| {
        ready().when(with(by, change)).refused_for(pointer, code);
    };
    refused(By::Token, |command| command.request.account_id = None, "/account_id", Code::Required);
    refused(By::Token, |command| command.request.card.token_until = None, "/card/token_until", Code::Required);
    refused(By::Token, |command| command.request.card.card_token = None, "/card", Code::Invalid);
    refused(By::KeptCard, |command| command.request.card.card_id = None, "/card", Code::Invalid);
    let both: fn(&mut RequestSubscription) = |command| command.request.card.card_token = Some(sealed(7));
    refused(By::KeptCard, both, "/card", Code::Invalid);
    let other: fn(&mut RequestSubscription) =
        |command| command.request.card.card_id = Some(CardId::from_uuid(Uuid::from_u128(0xbad)));
    refused(By::KeptCard, other, "/card/card_id", Code::UnknownReference);
    for status in [SavedCardStatus::Processing, SavedCardStatus::Failed, SavedCardStatus::Expired] {
        let mut row = saved_card_row();
        (row.card.status, row.card.kept) = (status, None);
        let then = ready().and(row).when(request_subscription(By::KeptCard));
        then.refused_for("/card/card_id", Code::PaymentState);
    }
}
