//! The end of what renews itself in a shop that is closed for good.

use std::collections::BTreeSet;

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{Micros, SubscriptionId, TenantId},
    records::{
        PaymentsEvent,
        admin::{Tenant, TenantChanged, TenantStatus},
        payments::{
            AccountKind, Effect, EffectKind, LentAccount, Recurrence, StandingStatus, Subscription, SubscriptionStatus,
        },
    },
    rows::{
        common::Timer,
        payments::{SubscriptionOfMonthRow, SubscriptionRow},
    },
    time::DAY,
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, given, said},
    sample::{HERE, names, standing},
    subscribed::{By, SUBSCRIPTION, active, end, granted, observe, seen, subscription_of, wanted},
};

/// The shop, which was made at this time, is closed.
fn closed(created_at: Micros) -> TenantChanged {
    let tenant = Tenant {
        tenant_id: SHOP,
        version: 3,
        status: TenantStatus::Closed,
        subdomain: "loja".into(),
        created_at,
        requested_by: None,
        subscription_id: None,
    };
    TenantChanged { meta: said(SHOP, 3), tenant }
}

fn goes_on(then: &Then<Payments>) -> Option<Timer> {
    then.timers().into_iter().find(|timer| timer.what == "end_all")
}

/// What is asked for once the shop is closed, until nothing is left.
fn ended(shop: Given<Payments>, closed: TenantChanged) -> (Vec<Effect>, Given<Payments>) {
    let (mut then, mut effects) = (shop.when_said(closed), Vec::new());
    while let Some(timer) = goes_on(&then) {
        then = then.then().when_due(&timer);
        let wanted = then.all().iter().filter_map(|event| match event {
            PaymentsEvent::EffectWanted(event) => Some(event.effect.clone()),
            _ => None,
        });
        let wanted: Vec<Effect> = wanted.collect();
        assert!(wanted.len() <= 100, "a decision ends so many at most");
        effects.extend(wanted);
    }
    (effects, then.then())
}

/// A subscription of this number that goes on, which was asked for at this time.
fn going_on(shop: Given<Payments>, number: u128, created_at: Micros, lent: Option<LentAccount>) -> Given<Payments> {
    let subscription_id = SubscriptionId::from_uuid(Uuid::from_u128(0x700 + number));
    let before = subscription_of(&active().when(end()));
    let subscription = Subscription { subscription_id, end_wanted: false, ending: None, created_at, lent, ..before };
    let row = SubscriptionRow { tenant_id: SHOP, version: 4, subscription };
    shop.and(row).and(SubscriptionOfMonthRow::of(SHOP, created_at, subscription_id))
}

#[test]
fn s44_a_shop_that_is_closed_for_good_has_its_subscriptions_ended() {
    for status in [StandingStatus::Open, StandingStatus::Suspended] {
        let first = active().and(standing(status)).when_said(closed(NOW));
        assert_eq!(names(&first), ["StandingChanged", "TimerSet"]);
        first.then().when_said(closed(NOW)).nothing();
        let (effects, shop) = ended(active().and(standing(status)), closed(NOW));
        let [effect] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!((effect.kind, effect.entity.as_str()), (EffectKind::EndSubscription, &*SUBSCRIPTION.to_string()));
        let again = shop.when(end()).unchanged().unwrap();
        assert_eq!(again["end_wanted"], true);
    }
}

#[test]
fn what_nobody_was_asked_for_is_cancelled_and_what_an_attempt_is_out_for_is_ended_once_it_shows() {
    let then = wanted(By::KeptCard).when_said(closed(NOW));
    let timer = goes_on(&then).unwrap();
    let cancelled = then.then().when_due(&timer);
    assert_eq!(subscription_of(&cancelled).status, SubscriptionStatus::Cancelled);
    let (effects, shop) = ended(granted(By::KeptCard), closed(NOW));
    assert!(effects.is_empty(), "{effects:?}");
    let shown = shop.when(observe(seen(NOW, Recurrence::Active)));
    assert!(subscription_of(&shown).ending.is_some());
}

#[test]
fn s44_many_subscriptions_of_many_months_are_ended_so_many_at_a_time() {
    let mut shop = given::<Payments>(standing(StandingStatus::Open));
    for number in 0..250 {
        shop = going_on(shop, number, NOW - DAY - i64::try_from(number).unwrap(), None);
    }
    shop = going_on(shop, 900, NOW - 100 * DAY, None);
    let lent = LentAccount {
        owner: TenantId::PLATFORM,
        account_id: HERE,
        name: "Plataforma".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk".into(),
        simulated: true,
    };
    shop = going_on(shop, 901, NOW - DAY, Some(lent));
    let (effects, _) = ended(shop, closed(NOW - 120 * DAY));
    let entities: BTreeSet<&str> = effects.iter().map(|effect| effect.entity.as_str()).collect();
    let ids: BTreeSet<_> = effects.iter().map(|effect| effect.effect_id).collect();
    assert_eq!((effects.len(), entities.len(), ids.len()), (251, 251, 251), "what the shop owes is not its own");
}
