//! Plans as operators make and change them.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{SignupPlanId, TenantId},
    money::Money,
    problem::Code,
    records::{
        SignupEvent,
        common::{CommandMeta, Outcome},
        payments::PaymentMethod,
        signup::{
            AskPlanAgain, ChangePlan, CreatePlan, NewLimit, Plan, PlanChanged, PlanChanges, PlanContent, PlanStatus,
            RemotePlan, RemotePlanStatus,
        },
    },
    rows::signup::PlanRow,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{NOW, asked as asked_by_a_shop, asked_by, nothing, put},
    sample::{PLAN, SECOND, asked, change, content, create, create_without_cards, plan_of, price, save},
};

#[test]
fn a_plan_is_kept_with_what_payments_was_asked() {
    let then = asked();
    let timer = then.timer();
    let plan = plan_of(&then);
    let remote = plan.remote.clone().unwrap();
    assert_eq!((remote.status, remote.price, remote.months), (RemotePlanStatus::Asked, Money::brl(4_990), 1));
    assert_eq!((remote.command_id, remote.asked_at), (save(&then).meta.command_id, NOW));
    assert_eq!(remote.payments_plan_id.uuid(), then.derived(0));
    assert_eq!(remote.asked.as_ref().map(|asked| asked.timer), Some(timer.timer_key()));
    let [SignupEvent::TimerSet(_), SignupEvent::PlanChanged(changed)] = then.all() else { panic!("{then:?}") };
    assert_eq!(changed.meta, then.answering(1, PLAN, 1, Outcome::Created));
    assert_eq!((plan.version, plan.created_at, plan.changed_at), (1, NOW, NOW));
    assert_eq!((plan.content(), &plan.earlier), (content(), &Vec::new()));
    then.rows([put(PlanRow { tenant_id: TenantId::PLATFORM, plan })]);
    assert_eq!((then.entity().as_deref(), &then.body()["version"]), (Some("plan"), &json!(1)));
}

#[test]
fn a_plan_that_cards_do_not_pay_asks_nothing() {
    let then = nothing::<Signup>().when(create_without_cards());
    let plan = plan_of(&then);
    assert_eq!(plan.remote, None);
    then.events([PlanChanged { meta: then.answering(0, PLAN, 1, Outcome::Created), plan }.into()]);
    assert!(then.commands().is_empty());
}

#[test]
fn plans_are_the_platforms_alone() {
    let of_shop = asked_by_a_shop();
    let commands: [fn(CommandMeta) -> feira_schemas::records::SignupCommand; 3] = [
        |meta| CreatePlan { meta, ..create() }.into(),
        |meta| ChangePlan { meta, ..change(price(100)) }.into(),
        |meta| AskPlanAgain { meta, plan_id: PLAN }.into(),
    ];
    for command in commands {
        asked().then().when(command(of_shop.clone())).refused(Code::Forbidden);
    }
}

#[test]
fn making_a_plan_twice_is_making_it_once() {
    let first = asked();
    let body = first.body();
    assert_eq!(first.then().when(create()).unchanged(), Some(body));
}

#[test]
fn a_plan_that_breaks_a_rule_is_refused_whoever_asks() {
    let free = CreatePlan { content: PlanContent { price: Money::brl(0), ..content() }, ..create() };
    nothing::<Signup>().when(free).refused_for("/price/amount", Code::OutOfRange);
    asked().then().when(change(price(99))).refused_for("/price/amount", Code::OutOfRange);
    let months = PlanChanges { months: Some(3), ..PlanChanges::default() };
    asked().then().when(change(months)).refused_for("/months", Code::Invalid);
}

#[test]
fn the_platform_has_so_many_plans_at_most() {
    let plan = plan_of(&nothing::<Signup>().when(create_without_cards()));
    let row = |number: u128| {
        let plan_id = SignupPlanId::from_uuid(Uuid::from_u128(0x7000 + number));
        PlanRow { tenant_id: TenantId::PLATFORM, plan: Plan { plan_id, ..plan.clone() } }
    };
    let some = (0..99).fold(nothing::<Signup>(), |some, number| some.and(row(number)));
    plan_of(&some.when(create()));
    let full = (0..100).fold(nothing::<Signup>(), |full, number| full.and(row(number)));
    full.when(create()).refused(Code::LimitReached);
}

#[test]
fn a_change_is_of_a_plan_that_is_there_and_of_the_version_that_was_seen() {
    nothing::<Signup>().when(change(price(100))).refused(Code::NotFound);
    let other = CommandMeta { expected_version: Some(2), ..asked_by(TenantId::PLATFORM) };
    asked().then().when(ChangePlan { meta: other.clone(), ..change(price(100)) }).refused(Code::VersionMismatch);
    nothing::<Signup>().when(AskPlanAgain { meta: other.clone(), plan_id: PLAN }).refused(Code::NotFound);
    asked().then().when(AskPlanAgain { meta: other, plan_id: PLAN }).refused(Code::VersionMismatch);
    let seen = CommandMeta { expected_version: Some(1), ..asked_by(TenantId::PLATFORM) };
    assert_eq!(plan_of(&asked().then().when(ChangePlan { meta: seen, ..change(price(100)) })).version, 2);
}

#[test]
fn what_is_as_asked_already_does_not_change() {
    let first = asked();
    let body = first.body();
    let same =
        PlanChanges {
            name: Some("Básico".into()), limit_products: Some(NewLimit { most: Some(100) }), ..price(4_990)
        };
    assert_eq!(first.then().when(change(same)).unchanged(), Some(body));
}

#[test]
fn what_says_nothing_of_price_and_period_asks_payments_nothing() {
    let before = plan_of(&asked());
    let changes = PlanChanges {
        name: Some("Essencial".into()),
        description: Some(String::new()),
        features: Some(Vec::new()),
        limit_products: Some(NewLimit { most: None }),
        limit_staff: Some(NewLimit { most: Some(2) }),
        status: Some(PlanStatus::Inactive),
        position: Some(7),
        methods: Some(vec![PaymentMethod::Card]),
        ..PlanChanges::default()
    };
    let then = asked().then().when(change(changes.clone()));
    let plan = Plan { version: 2, changed_at: NOW + SECOND, ..before.clone().with(changes.over(before.content())) };
    assert_eq!((plan.limits.products, plan.limits.staff, plan.name.as_str()), (None, Some(2), "Essencial"));
    assert_eq!(plan.remote, before.remote);
    then.events([PlanChanged { meta: then.answering(0, PLAN, 2, Outcome::Updated), plan }.into()]);
    assert!(then.commands().is_empty());
}

#[test]
fn a_plan_at_the_gateway_is_replaced_so_often_and_none_is_forgotten() {
    let plan = plan_of(&asked());
    let remote = RemotePlan { status: RemotePlanStatus::Made, ..plan.remote.clone().unwrap() };
    let replaced = |times: usize| {
        let plan = Plan { remote: Some(remote.clone()), earlier: vec![remote.clone(); times], ..plan.clone() };
        nothing::<Signup>().and(PlanRow { tenant_id: TenantId::PLATFORM, plan })
    };
    assert_eq!(plan_of(&replaced(19).when(change(price(100)))).earlier.len(), 20);
    replaced(20).when(change(price(100))).refused(Code::LimitReached);
    let again = AskPlanAgain { meta: asked_by(TenantId::PLATFORM), plan_id: PLAN };
    assert!(replaced(20).when(again).unchanged().is_some(), "what is made is asked for no more");
    // What asks for no other one there goes on.
    let renamed = PlanChanges { name: Some("Essencial".into()), ..PlanChanges::default() };
    assert_eq!(plan_of(&replaced(20).when(change(renamed))).earlier.len(), 20);
}
