//! What payments says of a plan that it was asked for.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::CommandId,
    problem::Code,
    records::{
        SignupEvent,
        common::{EventMeta, Outcome},
        payments::{self, PlanStatus, Reason, Why},
        signup::RemotePlanStatus,
    },
};
use uuid::Uuid;

use crate::{
    given::{NOW, SHOP, nothing},
    sample::{
        HERE, PLAN, SECOND, Told, another, asked, change, has, made, plan_of, price, ready, refusal, refused,
        remote_of, save, sealed, standing,
    },
};

#[test]
fn a_plan_that_payments_has_is_asked_for_no_more_and_is_made_once_the_gateway_has_it() {
    let first = asked();
    let (timer, processing, ready) = (first.timer(), has(&first, PlanStatus::Processing), ready(&first));
    let taken = first.then().when_told(processing);
    let remote = remote_of(&taken);
    assert_eq!((remote.status, remote.asked, remote.account_id), (RemotePlanStatus::Making, None, Some(HERE)));
    assert_eq!((taken.ended(), plan_of(&taken).version), (vec![timer.timer_key()], 2));
    let [SignupEvent::TimerCleared(_), SignupEvent::PlanChanged(changed)] = taken.all() else { panic!("{taken:?}") };
    assert_eq!(changed.meta, taken.meta(1, PLAN, 2));
    let made = taken.then().when_told(ready);
    let remote = remote_of(&made);
    assert_eq!((remote.status, remote.remote_id.as_deref()), (RemotePlanStatus::Made, Some("plan_1")));
    assert_eq!((made.all().len(), plan_of(&made).changed_at), (1, NOW + 2 * SECOND));
}

#[test]
fn a_plan_that_the_gateway_refuses_says_why_until_it_has_it_after_all() {
    let first = asked();
    let (mut failed, ready) = (has(&first, PlanStatus::Failed), ready(&first));
    failed.plan.why = Some(Why::Request.word().into());
    failed.plan.reasons = vec![Reason { kind: "items".into(), parameter_name: None, message: Some(sealed(9)) }];
    let reasons = failed.plan.reasons.clone();
    let then = first.then().when_told(failed);
    let remote = remote_of(&then);
    assert_eq!((remote.status, remote.why.as_deref()), (RemotePlanStatus::Refused, Some(Why::Request.word())));
    assert_eq!((remote.reasons, remote.detail, remote.asked), (reasons, None, None));
    let late = then.then().when_told(ready);
    let remote = remote_of(&late);
    assert_eq!((remote.status, remote.why, remote.reasons), (RemotePlanStatus::Made, None, vec![]));
}

#[test]
fn what_is_said_twice_or_of_something_else_changes_nothing() {
    let first = asked();
    let ready = ready(&first);
    first.then().when_told(ready.clone()).then().when_told(ready.clone()).nothing();
    let changes: [fn(&mut payments::PlanChanged); 5] = [
        |said| said.plan.plan_id = another(),
        |said| said.plan.reference = None,
        |said| said.plan.reference = Some("basico".into()),
        |said| said.plan.status = PlanStatus::Unknown,
        |said| said.meta.tenant_id = SHOP,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = ready.clone();
        change(&mut other);
        assert!(asked().then().when_told(other).all().is_empty(), "{number}");
    }
    nothing::<Signup>().when_told(ready.clone()).nothing();
    asked().then().when_told(standing()).nothing();
    // A plan of before is another one by now.
    made().when(change(price(5_990))).then().when_told(ready).nothing();
}

#[test]
fn without_an_account_it_goes_on_asking_and_of_any_other_refusal_it_stops() {
    let waits = refused(Code::NoAccount);
    let remote = remote_of(&waits);
    assert_eq!((remote.status, remote.why.as_deref()), (RemotePlanStatus::NoAccount, Some("no_account")));
    assert_eq!((remote.detail.as_deref(), waits.ended()), (Some("Não foi aceito."), vec![]));
    assert_eq!(remote.asked, remote_of(&asked()).asked);
    let ended = refused(Code::LimitReached);
    let remote = remote_of(&ended);
    assert_eq!((remote.status, remote.why.as_deref()), (RemotePlanStatus::Refused, Some("limit_reached")));
    assert_eq!((remote.asked, ended.ended()), (None, vec![asked().timer().timer_key()]));
}

#[test]
fn a_refusal_counts_for_who_has_asked_and_was_not_answered_otherwise() {
    let command = save(&asked()).meta.command_id;
    let said = |command, outcome, code| {
        asked().then().when_told(refusal(command, outcome, code)).nothing();
    };
    let other = CommandId::from_uuid(Uuid::from_u128(7));
    said(other, Outcome::Refused, Some(Code::NoAccount));
    said(command, Outcome::Unchanged, None);
    // A fault is no answer: what is asked is asked again.
    said(command, Outcome::Failed, Some(Code::CommandFailed));
    // The same was refused before.
    let no_account = || refusal(command, Outcome::Refused, Some(Code::NoAccount));
    refused(Code::NoAccount).then().when_told(no_account()).nothing();
    // It has the plan: what it refuses is the same once more under another name.
    let first = asked();
    let processing = has(&first, PlanStatus::Processing);
    let mismatch = refusal(command, Outcome::Refused, Some(Code::IdempotencyMismatch));
    first.then().when_told(processing).then().when_told(mismatch).nothing();
    // A shop's are no matter of the platform's.
    let mut of_shop = no_account();
    of_shop.meta = EventMeta { tenant_id: SHOP, ..of_shop.meta };
    asked().then().when_told(of_shop).nothing();
    let mut of_nobody = no_account();
    of_nobody.meta.answers = None;
    asked().then().when_told(of_nobody).nothing();
}
