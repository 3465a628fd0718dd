//! What follows from the platform's accounts at gateways.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{AccountId, SignupPlanId, TenantId},
    problem::Code,
    records::{
        PaymentsCommand,
        payments::{self, AccountStatus, PaymentMethod},
        signup::{Plan, RemotePlan, RemotePlanStatus},
    },
    rows::signup::PlanRow,
};
use uuid::Uuid;

use crate::{
    given::{Given, nothing},
    sample::{HERE, THERE, Told, account, asked, change, has, made, methods, plan_of, refused, remote_of, save},
};

#[test]
fn a_default_account_that_takes_charges_is_asked_at_once_for_what_waits_for_one() {
    for status in [AccountStatus::Ready, AccountStatus::Untested] {
        let waits = refused(Code::NoAccount);
        let before = remote_of(&waits);
        let then = waits.then().when_told(account(HERE, status, true));
        let remote = remote_of(&then);
        assert_eq!(save(&then).plan_id, before.payments_plan_id);
        assert_eq!(then.ended(), [before.asked.unwrap().timer]);
        assert_eq!(remote.asked.map(|asked| asked.times), Some(1), "as if for the first time");
    }
}

#[test]
fn an_account_that_is_not_the_default_or_takes_no_charges_changes_nothing() {
    for (status, is_default) in [
        (AccountStatus::Ready, false),
        (AccountStatus::Untested, false),
        (AccountStatus::Broken, true),
        (AccountStatus::Unknown, true),
        (AccountStatus::Retired, false),
    ] {
        refused(Code::NoAccount).then().when_told(account(HERE, status, is_default)).nothing();
    }
    for given in [asked().then(), refused(Code::Invalid).then(), made()] {
        given.when_told(account(THERE, AccountStatus::Ready, true)).nothing();
    }
}

#[test]
fn plans_of_an_account_that_retires_are_made_at_the_default_one() {
    let then = made().when_told(account(HERE, AccountStatus::Retired, false));
    let plan = plan_of(&then);
    let remote = plan.remote.unwrap();
    assert_eq!((remote.status, remote.account_id), (RemotePlanStatus::Asked, None));
    assert_eq!((save(&then).plan_id, save(&then).account_id), (remote.payments_plan_id, None));
    assert_eq!(plan.earlier.iter().map(|earlier| earlier.account_id).collect::<Vec<_>>(), [Some(HERE)]);
    made().when_told(account(THERE, AccountStatus::Retired, false)).nothing();
}

#[test]
fn a_plan_that_is_being_made_at_an_account_that_retires_is_made_at_the_default_one() {
    let then = asked();
    let (before, making) = (remote_of(&then), has(&then, payments::PlanStatus::Processing));
    let then = then.then().when_told(making).then().when_told(account(HERE, AccountStatus::Retired, false));
    let plan = plan_of(&then);
    let remote = plan.remote.unwrap();
    assert_eq!((remote.status, remote.account_id), (RemotePlanStatus::Asked, None));
    assert_ne!(remote.payments_plan_id, before.payments_plan_id);
    assert_eq!((save(&then).plan_id, plan.earlier), (remote.payments_plan_id, Vec::new()));
}

#[test]
fn a_plan_that_cards_pay_no_longer_leaves_an_account_that_retires_and_is_not_offered_there_again() {
    let by_pix = made().when(change(methods(&[PaymentMethod::Pix]))).then();
    let then = by_pix.when_told(account(HERE, AccountStatus::Retired, false));
    let plan = plan_of(&then);
    assert!(then.commands().is_empty() && plan.remote.is_none());
    assert_eq!(plan.earlier.iter().map(|earlier| earlier.account_id).collect::<Vec<_>>(), [Some(HERE)]);
    let back = then.then().when(change(methods(&[PaymentMethod::Card, PaymentMethod::Pix])));
    let plan = plan_of(&back);
    assert_eq!((plan.payable_by(), plan.earlier.len()), (vec![PaymentMethod::Pix], 1));
    assert_eq!(save(&back).plan_id, plan.remote.unwrap().payments_plan_id);

    let then = asked();
    let making = has(&then, payments::PlanStatus::Processing);
    let by_pix = then.then().when_told(making).then().when(change(methods(&[PaymentMethod::Pix]))).then();
    let plan = plan_of(&by_pix.when_told(account(HERE, AccountStatus::Retired, false)));
    assert_eq!((plan.remote, plan.earlier), (None, Vec::new()), "nobody could subscribe to what is not made");
}

/// Plans of these numbers that are made at an account, each with so many of before.
fn of_account(account: AccountId, plans: [(u128, usize); 3]) -> Given<Signup> {
    let plan = plan_of(&asked());
    let remote = RemotePlan {
        status: RemotePlanStatus::Made,
        account_id: Some(account),
        asked: None,
        ..plan.remote.clone().unwrap()
    };
    plans.into_iter().fold(nothing::<Signup>(), |given, (number, times)| {
        let plan_id = SignupPlanId::from_uuid(Uuid::from_u128(number));
        let (earlier, remote) = (vec![remote.clone(); times], Some(remote.clone()));
        given.and(PlanRow { tenant_id: TenantId::PLATFORM, plan: Plan { plan_id, remote, earlier, ..plan.clone() } })
    })
}

#[test]
fn each_of_several_plans_is_another_one_and_one_that_was_replaced_too_often_stays() {
    let then = of_account(HERE, [(1, 0), (2, 20), (3, 1)]).when_told(account(HERE, AccountStatus::Retired, false));
    let asked = then.commands().iter().map(|command| match command.command() {
        Some(PaymentsCommand::SavePlan(save)) => save.plan_id.uuid(),
        other => panic!("{other:?}"),
    });
    assert_eq!(asked.collect::<Vec<_>>(), [then.derived(0), then.derived(2)]);
    let entities: Vec<_> = then.timers().iter().map(|timer| timer.entity.clone()).collect();
    assert_eq!(entities, [1, 3].map(|number| format!("plan:{}", Uuid::from_u128(number))));
    assert_eq!(then.all().len(), 4);
}
