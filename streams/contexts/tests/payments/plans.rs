//! Plans: made at an account, at least once and without a grant.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::PlanId,
    money::{Currency, Money},
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, AttemptOutcome, EffectKind, EffectState, EffectWanted, PlanChanged, PlanStatus, Reason,
            ReportAttempt, SavePlan, StandingStatus, Why,
        },
    },
    rows::payments::{Matter, OpenMatterRow, PlanRow},
    time::{DAY, HOUR, MINUTE},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, nothing, put},
    sample::{
        HERE, SECOND, THERE, account, account_row, accounts_of, ask_for, effect_of, names, numbered, open_shop,
        report_why, sealed, shop, standing,
    },
    subscribed::{PLAN, of_plan, plan_done, plan_of, planning, save_plan, with_account},
};

/// A plan that was asked for a second ago.
fn saved() -> Given<Payments> {
    shop().when(save_plan()).then()
}

const REPORTED: i64 = NOW + SECOND;

fn not_reached() -> ReportAttempt {
    of_plan(report_why(1, AttemptOutcome::NotSent, Why::NoConnection))
}

fn refused(why: Why) -> ReportAttempt {
    of_plan(report_why(1, AttemptOutcome::Refused, why))
}

#[test]
fn a_plan_is_made_at_its_account() {
    let then = shop().when(save_plan());
    let (plan, effect, timer) = (plan_of(&then), effect_of(&then), then.timer());
    assert_eq!((plan.status, plan.account_id, &plan.remote_id), (PlanStatus::Processing, HERE, &None));
    assert_eq!((plan.price, plan.months, plan.name.as_str()), (Money::brl(4_990), 1, "Clube do café"));
    assert_eq!((effect.effect_id, effect.kind, effect.state), (planning(), EffectKind::Plan, EffectState::Wanted));
    assert_eq!((effect.entity.as_str(), effect.charge_id), (PLAN.to_string().as_str(), None));
    assert_eq!((effect.account_id, effect.not_after), (Some(HERE), Some(NOW + 30 * DAY)));
    assert_eq!(effect.granted.as_ref().map(|key| key.account_version), Some(1), "the key that is used");
    assert_eq!((timer.what.as_str(), timer.due), ("deadline", NOW + 30 * DAY));
    assert_eq!(then.body()["version"], json!(1));
    assert_eq!((then.entity().as_deref(), then.body()["status"].clone()), (Some("plan"), json!("PROCESSING")));
    assert!(then.changes().contains(&put(PlanRow { tenant_id: SHOP, version: 1, plan: plan.clone() })));
    assert_eq!(
        then.all()[..2],
        [
            PaymentsEvent::from(PlanChanged { meta: then.answering(0, PLAN, 1, Outcome::Created), plan }),
            EffectWanted { meta: then.meta(1, planning(), 1), effect }.into(),
        ]
    );
}

#[test]
fn a_plan_of_no_named_account_is_made_at_the_default() {
    let of_default = SavePlan { account_id: None, ..save_plan() };
    assert_eq!(plan_of(&shop().when(of_default.clone())).account_id, HERE);
    open_shop().when(of_default).refused(Code::NoAccount);
    let there = SavePlan { account_id: Some(THERE), ..save_plan() };
    shop().when(there.clone()).refused_for("/account_id", Code::UnknownReference);
    let other = account_row(account(THERE, AccountStatus::Ready));
    assert_eq!(plan_of(&shop().and(other).when(there)).account_id, THERE);
}

#[test]
fn a_plan_needs_an_account_that_can_take_it_and_a_shop_that_is_open() {
    for status in [AccountStatus::Broken, AccountStatus::Retired, AccountStatus::Unknown] {
        with_account(open_shop(), status, 1).when(save_plan()).refused(Code::NoAccount);
    }
    let waits = with_account(open_shop(), AccountStatus::Untested, 1).when(save_plan());
    assert_eq!(effect_of(&waits).state, EffectState::Wanted);
    for status in [StandingStatus::Opening, StandingStatus::Suspended] {
        shop().and(standing(status)).when(save_plan()).refused(Code::ShopSuspended);
    }
    nothing::<Payments>().when(save_plan()).refused(Code::NotFound);
}

#[test]
fn asking_twice_is_asking_once_and_another_plan_has_another_id() {
    let first = shop().when(save_plan()).body();
    assert_eq!(saved().when(SavePlan { meta: numbered(9), ..save_plan() }).unchanged(), Some(first.clone()));
    // Also after the shop was suspended, and of who names no account.
    let suspended = saved().and(standing(StandingStatus::Suspended));
    assert_eq!(suspended.when(SavePlan { account_id: None, ..save_plan() }).unchanged(), Some(first));
    let changes: [fn(&mut SavePlan); 7] = [
        |plan| plan.reference = None,
        |plan| plan.account_id = Some(THERE),
        |plan| plan.name = "Outro".into(),
        |plan| plan.description = "Outro".into(),
        |plan| plan.price = Money::brl(4_991),
        |plan| plan.months = 2,
        |plan| plan.statement_descriptor = None,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = save_plan();
        change(&mut other);
        assert_eq!(saved().when(other).refused(Code::IdempotencyMismatch).body, None, "{number}");
    }
}

#[test]
fn terms_that_no_gateway_takes_are_refused() {
    let refused = |change: fn(&mut SavePlan), pointer: &str, code| {
        let mut plan = save_plan();
        change(&mut plan);
        shop().when(plan).refused_for(pointer, code);
    };
    refused(|plan| plan.name = " ".into(), "/name", Code::Required);
    refused(|plan| plan.name = "é".repeat(65), "/name", Code::TooLong);
    refused(|plan| plan.description = "é".repeat(257), "/description", Code::TooLong);
    refused(|plan| plan.statement_descriptor = Some("é".repeat(14)), "/statement_descriptor", Code::TooLong);
    refused(|plan| plan.price.currency = Currency::UNKNOWN, "/price", Code::Invalid);
    refused(|plan| plan.price = Money::brl(0), "/price", Code::OutOfRange);
    refused(|plan| plan.price = Money::brl(Money::MAX_AMOUNT + 1), "/price", Code::OutOfRange);
    refused(|plan| plan.months = 0, "/months", Code::OutOfRange);
    refused(|plan| plan.months = 25, "/months", Code::OutOfRange);
    let longest = SavePlan {
        name: "é".repeat(64),
        description: "é".repeat(256),
        statement_descriptor: Some("é".repeat(13)),
        price: Money::brl(Money::MAX_AMOUNT),
        months: 24,
        ..save_plan()
    };
    assert_eq!(plan_of(&shop().when(longest)).months, 24);
}

#[test]
fn a_shop_has_so_many_plans_at_most() {
    let plan = plan_of(&shop().when(save_plan()));
    let full = (0..500_u128).fold(shop(), |shop, number| {
        let plan_id = PlanId::from_uuid(Uuid::from_u128(0x7000 + number));
        shop.and(PlanRow {
            tenant_id: SHOP,
            version: 1,
            plan: {
                let mut plan = plan.clone();
                plan.plan_id = plan_id;
                plan
            },
        })
    });
    full.when(save_plan()).refused(Code::LimitReached);
}

#[test]
fn a_plan_that_the_gateway_has_is_ready() {
    let then = saved().when(plan_done());
    assert_eq!(names(&then), ["EffectReported", "PlanChanged"]);
    let plan = plan_of(&then);
    assert_eq!((plan.status, plan.remote_id.as_deref()), (PlanStatus::Ready, Some("plan_1")));
    assert_eq!((effect_of(&then).state, plan.updated_at), (EffectState::Closed, REPORTED));
    assert_eq!(then.body()["state"], json!("CLOSED"));
    let nameless = ReportAttempt { plan: None, ..plan_done() };
    saved().when(nameless).refused_for("/plan", Code::Required);
}

#[test]
fn a_plan_that_was_refused_has_failed_for_its_reason() {
    let reasons = vec![Reason { kind: "items".into(), parameter_name: None, message: Some(sealed(9)) }];
    for why in [Why::Request, Why::Unsupported, Why::State] {
        let then = saved().when(ReportAttempt { reasons: reasons.clone(), ..refused(why) });
        let plan = plan_of(&then);
        assert_eq!((plan.status, plan.why.as_deref()), (PlanStatus::Failed, Some(why.word())));
        assert_eq!((&plan.reasons, effect_of(&then).state), (&reasons, EffectState::Closed));
    }
    let nameless = ReportAttempt { why: None, ..refused(Why::Request) };
    assert_eq!(plan_of(&saved().when(nameless)).why.as_deref(), Some("status_other"));
}

#[test]
fn where_nobody_was_reached_a_plan_is_tried_again_by_timer() {
    for report in [not_reached(), of_plan(report_why(1, AttemptOutcome::Question, Why::TimedOut))] {
        let then = saved().when(report);
        assert_eq!(names(&then), ["EffectReported", "TimerSet"]);
        assert_eq!(effect_of(&then).state, EffectState::Question);
        let timer = then.timer();
        assert_eq!((timer.what.as_str(), timer.due), ("check_again", REPORTED + MINUTE));
        let due = then.then().when_due(&timer);
        assert_eq!((names(&due), effect_of(&due).state), (vec!["EffectWanted", "TimerCleared"], EffectState::Wanted));
        assert_eq!(plan_of(&due.then().when(plan_done())).status, PlanStatus::Ready);
    }
    // Said again, it is known; a timer that comes again finds it wanted.
    let tried = saved().when(not_reached());
    let timer = tried.timer();
    let tried = tried.then();
    let again = tried.when(not_reached());
    assert_eq!(again.unchanged().unwrap()["state"], json!("QUESTION"));
    let wanted = again.then().when_due(&timer).then();
    assert_eq!(names(&wanted.when_due(&timer)), ["TimerCleared"]);
}

#[test]
fn a_gateway_that_is_away_for_long_is_asked_daily_and_the_plan_fails_after_a_month() {
    let then: Then<Payments> = shop().when(save_plan());
    let deadline = then.timer();
    let mut waited = Vec::new();
    let mut shop = then.then();
    for _ in 0..6 {
        let then = shop.when(not_reached());
        let (timer, tried) = (then.timer(), effect_of(&then).last.unwrap().ended_at);
        waited.push(timer.due - tried);
        shop = then.then().when_due(&timer).then();
    }
    assert_eq!(waited, [MINUTE, 10 * MINUTE, HOUR, DAY, DAY, DAY]);
    let then = shop.when_due(&deadline);
    let plan = plan_of(&then);
    assert_eq!(names(&then), ["EffectReported", "PlanChanged", "TimerCleared"]);
    assert_eq!((plan.status, plan.why.as_deref()), (PlanStatus::Failed, Some("expired")));
    assert_eq!(effect_of(&then).state, EffectState::Closed);
}

#[test]
fn a_key_that_is_refused_breaks_the_account_and_the_plan_waits_for_another() {
    let then = saved().when(refused(Why::Account));
    assert_eq!(names(&then), ["EffectReported", "AccountChanged", "TimerSet"]);
    let broken = &accounts_of(&then)[0];
    assert_eq!((broken.status, broken.why.as_deref()), (AccountStatus::Broken, Some("account")));
    let timer = then.timer();
    let mended = with_account(then.then(), AccountStatus::Ready, 2);
    let due = mended.when_due(&timer);
    assert_eq!(effect_of(&due).granted.map(|key| key.account_version), Some(2));
    assert_eq!(plan_of(&due.then().when(plan_done())).status, PlanStatus::Ready);
    // A key that was replaced meanwhile is not what was refused.
    let replaced = with_account(saved(), AccountStatus::Ready, 2).when(refused(Why::Account));
    assert_eq!((names(&replaced), accounts_of(&replaced)), (vec!["EffectReported", "TimerSet"], vec![]));
}

#[test]
fn a_retired_account_makes_no_plan() {
    let tried = saved().when(not_reached());
    let timer = tried.timer();
    let then = with_account(tried.then(), AccountStatus::Retired, 1).when_due(&timer);
    assert_eq!((plan_of(&then).status, effect_of(&then).state), (PlanStatus::Failed, EffectState::Closed));
}

#[test]
fn what_comes_after_the_plan_was_given_up_or_made_counts_once() {
    let failed = saved().when(refused(Why::Request)).then();
    let then = failed.when(plan_done());
    assert_eq!((names(&then), plan_of(&then).status), (vec!["PlanChanged"], PlanStatus::Ready));
    assert_eq!((&plan_of(&then).why, then.entity().as_deref()), (&None, Some("plan")));
    let ready = then.then();
    // Subscriptions are made of the first: another one that was made by a second try charges nobody.
    let other = ReportAttempt { plan: Some("plan_2".into()), ..plan_done() };
    assert_eq!(ready.when(other).unchanged().unwrap()["remote_id"], json!("plan_1"));
    let of_nothing = ReportAttempt { entity: "?".into(), ..plan_done() };
    saved().when(plan_done()).then().when(of_nothing).refused(Code::PaymentState);
}

#[test]
fn a_plan_needs_no_grant_and_is_an_open_matter_until_it_is_closed() {
    use feira_contexts::Decider;
    saved().when(ask_for(planning())).refused(Code::NotGranted);
    let key = || OpenMatterRow::at(3, Matter::Effect(planning()));
    let keys = |then: &Then<Payments>| {
        let writes = then.all().iter().flat_map(|event| Payments::of_partition(event, 3)).collect::<Vec<_>>();
        writes
            .iter()
            .map(|write| (write.key(), matches!(write, feira_schemas::row::Write::Put { .. })))
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&shop().when(save_plan())), [(key(), true)]);
    assert_eq!(keys(&saved().when(plan_done())), [(key(), false)]);
}
