//! What a shop owes the platform: charged under the shop, at an account of the platform's that comes by value.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{AccountId, PlanId, TenantId},
    money::Money,
    problem::Code,
    records::{
        common::CommandMeta,
        payments::{
            AccountKind, AccountStatus, AttemptOutcome, BY_OPERATOR, Callback, CancelCharge, ChargePurpose,
            ChargeStatus, EffectState, EndSubscription, LentAccount, LentPlan, ObserveSubscription, ObservedCharge,
            ObservedSubscription, PaymentMethod, ReceiveCallback, Recurrence, RequestCharge, RequestRefund,
            RequestSubscription, StandingStatus, SubscriptionStatus, Why,
        },
    },
    rows::payments::{LentChargeOfMonthRow, LentRemoteRow, RemoteChargeRow},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, given, nothing, put, tenant},
    sample::{
        CHARGE, HERE, REFUND, THERE, TOKEN_UNTIL, account, account_row, accounts_of, ask, ask_for, ask_refund, cancel,
        charge_of, effect_of, look, look_paid, names, numbered, observe, refund_of, refusal, report_done, report_why,
        request_charge, request_refund, shop, standing,
    },
    subscribed::{self, By, PLAN, done, request_subscription, seen, seen_with, subscription_of},
};

/// The account of the platform.
const OWNERS: AccountId = AccountId::from_uuid(Uuid::from_u128(0xb1));
/// The subscription to the platform that is paid.
const ORDER: &str = "018f4d7e-3c1b-7a52-9d0e-000000000093";

fn lent() -> LentAccount {
    LentAccount {
        owner: TenantId::PLATFORM,
        account_id: OWNERS,
        name: "Plataforma".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk_2".into(),
        simulated: false,
    }
}

fn lent_plan() -> LentPlan {
    let (name, price, remote_id) = ("Básico".into(), Money::brl(4_990), "plan_9".into());
    LentPlan { plan_id: PLAN, name, price, months: 1, remote_id }
}

fn by_operator(meta: CommandMeta) -> CommandMeta {
    CommandMeta { actor: format!("{BY_OPERATOR}operator"), ..meta }
}

fn by_signup(meta: CommandMeta) -> CommandMeta {
    CommandMeta { actor: "system:signup".into(), ..meta }
}

fn request(method: PaymentMethod) -> RequestCharge {
    let mut command = request_charge(method);
    command.meta = by_signup(command.meta);
    command.request.account_id = Some(OWNERS);
    RequestCharge { purpose: ChargePurpose::Subscription, order_id: Some(ORDER.into()), lent: Some(lent()), ..command }
}

/// A charge that was asked for a second ago, of a shop that nobody has made yet.
fn wanted(method: PaymentMethod) -> Given<Payments> {
    nothing::<Payments>().when(request(method)).then()
}

fn of_owner(observed: ObservedCharge) -> ObservedCharge {
    ObservedCharge { account_id: OWNERS, ..observed }
}

/// The same charge, which waits to be paid.
fn pending() -> Given<Payments> {
    let granted = wanted(PaymentMethod::Pix).when(ask()).then();
    granted.when(report_done(1, of_owner(look(NOW)))).then()
}

fn paid() -> Given<Payments> {
    pending().when(observe(of_owner(look_paid(NOW + 1, 0)))).then()
}

#[test]
fn s15_what_pays_the_platform_is_asked_for_before_there_is_a_shop_and_once() {
    let then = nothing::<Payments>().when(request(PaymentMethod::Pix));
    let charge = charge_of(&then);
    assert_eq!((charge.status, charge.account_id), (ChargeStatus::Processing, None));
    assert_eq!((charge.lent, charge.purpose), (Some(lent()), ChargePurpose::Subscription));
    assert_eq!(effect_of(&then).state, EffectState::Wanted);
    assert!(accounts_of(&then).is_empty(), "no account of the shop's own comes of it");
    let of_month = LentChargeOfMonthRow::of(TenantId::PLATFORM, charge.created_at, SHOP, CHARGE);
    assert!(then.changes().contains(&put(of_month)), "the account's owner finds it by its month");
    then.then().when(request(PaymentMethod::Pix)).unchanged();
    // Nor does a suspended shop: by paying it is opened again.
    let suspended = given::<Payments>(standing(StandingStatus::Suspended)).when(request(PaymentMethod::Boleto));
    assert_eq!(charge_of(&suspended).lent, Some(lent()));
    let own = RequestCharge { lent: None, ..request(PaymentMethod::Pix) };
    wanted(PaymentMethod::Pix).when(own.clone()).refused(Code::IdempotencyMismatch);
    nothing::<Payments>().when(own).refused(Code::NotFound);
}

#[test]
fn only_the_platforms_account_is_lent_and_only_for_a_subscription() {
    let with = |change: fn(&mut RequestCharge)| {
        let mut command = request(PaymentMethod::Pix);
        change(&mut command);
        shop().when(command)
    };
    with(|command| command.purpose = ChargePurpose::Order).refused_for("/lent", Code::Invalid);
    with(|command| command.request.account_id = None).refused_for("/account_id", Code::Invalid);
    with(|command| command.request.account_id = Some(HERE)).refused_for("/account_id", Code::Invalid);
    let of_another_shop = LentAccount { owner: tenant(9), ..lent() };
    let command = RequestCharge { lent: Some(of_another_shop), ..request(PaymentMethod::Pix) };
    shop().when(command).refused_for("/account_id", Code::Invalid);
}

#[test]
fn a_grant_fixes_the_lent_account_of_whose_key_nothing_is_known() {
    let then = wanted(PaymentMethod::Pix).when(ask());
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((effect.state, effect.account_id), (EffectState::Granted, Some(OWNERS)));
    assert_eq!(effect.granted.map(|grant| (grant.account_id, grant.account_version)), Some((Some(OWNERS), 0)));
    assert_eq!(charge.account_id, Some(OWNERS));
}

#[test]
fn a_lent_accounts_key_that_is_refused_breaks_nothing_here_and_is_waited_for() {
    let own = account_row(account(OWNERS, AccountStatus::Ready));
    let granted = given::<Payments>(own).when(request(PaymentMethod::Pix)).then().when(ask()).then();
    let then = granted.when(report_why(1, AttemptOutcome::Refused, Why::Account));
    assert!(accounts_of(&then).is_empty(), "an account of the shop's own of the same id is another one");
    assert_eq!((charge_of(&then).status, effect_of(&then).state), (ChargeStatus::Processing, EffectState::Wanted));
    assert_eq!(effect_of(&then.then().when(ask())).attempts, 2);
    // Who waits at a form is not told that the card was declined.
    let granted = wanted(PaymentMethod::Card).when(ask()).then();
    let refused = granted.when(report_why(1, AttemptOutcome::Refused, Why::Account));
    assert_eq!(charge_of(&refused).status, ChargeStatus::Processing);
    let late = refused.then().at(TOKEN_UNTIL).when(ask());
    assert_eq!((refusal(&late).as_str(), charge_of(&late).status), ("payment_state", ChargeStatus::Expired));
}

#[test]
fn s15_what_the_gateway_has_is_kept_under_the_shop_and_found_by_the_accounts_owner() {
    let then = pending().when(observe(of_owner(look_paid(NOW + 1, 0))));
    assert_eq!((charge_of(&then).status, charge_of(&then).lent), (ChargeStatus::Paid, Some(lent())));
    let remote_id = || "ch_1".to_owned();
    let own = RemoteChargeRow { tenant_id: SHOP, account_id: OWNERS, remote_id: remote_id(), charge_id: CHARGE };
    let owners =
        LentRemoteRow { tenant_id: TenantId::PLATFORM, account_id: OWNERS, remote_id: remote_id(), borrower: SHOP };
    assert!(then.changes().contains(&put(own)) && then.changes().contains(&put(owners)));
    // What is at an account of its own is nobody else's to find.
    let granted = shop().when(request_charge(PaymentMethod::Pix)).then().when(ask()).then();
    let then = granted.when(report_done(1, look(NOW)));
    let owners = LentRemoteRow { tenant_id: SHOP, account_id: HERE, remote_id: remote_id(), borrower: SHOP };
    assert!(!then.changes().contains(&put(owners)));
    // A look at another account is of another charge.
    let before = pending().when(observe(look_paid(NOW + 1, 0)));
    assert_eq!(before.unchanged().unwrap()["status"], json!("PENDING"));
}

fn callback(account_id: AccountId) -> Callback {
    Callback {
        account_id,
        callback_id: "hook_1".into(),
        kind: "charge.paid".into(),
        remote_charge: Some("ch_1".into()),
        remote_order: None,
        remote_subscription: None,
        code: None,
        sent_at: NOW,
        received_at: NOW,
    }
}

fn receive(callback: Callback) -> ReceiveCallback {
    ReceiveCallback { meta: numbered(30), callback }
}

#[test]
fn a_callback_on_the_lent_account_is_kept_if_it_is_about_what_went_there() {
    let by_code = Callback { remote_charge: None, code: Some(CHARGE.to_string()), ..callback(OWNERS) };
    for callback in [callback(OWNERS), by_code] {
        let then = pending().when(receive(callback.clone()));
        assert_eq!(then.body()["charge_id"], json!(CHARGE));
        then.then().when(receive(callback)).unchanged();
    }
    let unknown = Callback { remote_charge: Some("ch_9".into()), ..callback(OWNERS) };
    pending().when(receive(unknown)).refused(Code::NotFound);
    pending().when(receive(callback(THERE))).refused(Code::NotFound);
    nothing::<Payments>().when(receive(callback(OWNERS))).refused(Code::NotFound);
}

#[test]
fn nobody_of_the_shop_cancels_or_gives_back_what_the_shop_owes() {
    pending().when(cancel()).refused(Code::NotFound);
    let cancelled = pending().when(CancelCharge { meta: by_signup(numbered(4)), ..cancel() });
    assert!(charge_of(&cancelled).cancel_wanted);
    let cancelling = effect_of(&cancelled).effect_id;
    let granted = effect_of(&cancelled.then().when(ask_for(cancelling))).granted.expect("a grant");
    assert_eq!((granted.account_id, granted.account_version), (Some(OWNERS), 0));
    paid().when(request_refund(REFUND, None)).refused(Code::NotFound);
    let asked = request_refund(REFUND, None);
    let then = paid().when(RequestRefund { meta: by_signup(asked.meta.clone()), ..asked });
    let then = then.then().when(ask_refund(REFUND, 0));
    let granted = effect_of(&then).granted.expect("a grant");
    assert_eq!((granted.account_id, granted.account_version), (Some(OWNERS), 0));
}

fn subscribe() -> RequestSubscription {
    let mut command = request_subscription(By::Token);
    command.meta = by_signup(command.meta);
    command.request.account_id = Some(OWNERS);
    RequestSubscription { lent: Some(lent()), lent_plan: Some(lent_plan()), ..command }
}

/// The subscription at the platform's account, which renews itself.
fn active() -> ObservedSubscription {
    ObservedSubscription { account_id: OWNERS, ..seen(NOW, Recurrence::Active) }
}

fn subscribed_to() -> Given<Payments> {
    let granted = nothing::<Payments>().when(subscribe()).then().when(subscribed::ask()).then();
    granted.when(done(1, active())).then()
}

#[test]
fn s15_a_subscription_is_made_of_the_lent_plan_at_its_account() {
    let then = nothing::<Payments>().when(subscribe());
    let subscription = subscription_of(&then);
    assert_eq!((subscription.status, subscription.account_id), (SubscriptionStatus::Processing, None));
    assert_eq!(subscription.plan.as_deref(), Some("plan_9"), "the gateway has it");
    assert_eq!((subscription.lent, subscription.lent_plan), (Some(lent()), Some(lent_plan())));
    let again = then.then().when(subscribe());
    again.unchanged();
    let then = again.then().when(subscribed::ask());
    let granted = effect_of(&then).granted.expect("a grant");
    assert_eq!((granted.account_id, granted.account_version), (Some(OWNERS), 0));
    let then = then.then().when(done(1, active()));
    assert_eq!(subscription_of(&then).status, SubscriptionStatus::Active);
    let remote_id = "sub_1".to_owned();
    let owners = LentRemoteRow { tenant_id: TenantId::PLATFORM, account_id: OWNERS, remote_id, borrower: SHOP };
    assert!(then.changes().contains(&put(owners)));
}

#[test]
fn what_a_subscription_is_lent_fits_its_request() {
    let with = |change: fn(&mut RequestSubscription)| {
        let mut command = subscribe();
        change(&mut command);
        shop().when(command)
    };
    with(|command| command.lent_plan = None).refused_for("/lent_plan", Code::Required);
    with(|command| command.lent = None).refused_for("/lent_plan", Code::Required);
    with(|command| command.request.account_id = Some(HERE)).refused_for("/account_id", Code::Invalid);
    let of_another_plan = |command: &mut RequestSubscription| {
        command.lent_plan.as_mut().expect("a plan").plan_id = PlanId::from_uuid(Uuid::nil());
    };
    with(of_another_plan).refused_for("/plan_id", Code::Invalid);
    let kept = request_subscription(By::KeptCard).request.card;
    let mut command = subscribe();
    command.request.card = kept;
    shop().when(command).refused_for("/card/card_id", Code::Invalid);
}

#[test]
fn a_renewal_at_the_lent_account_is_a_charge_of_the_shop() {
    let charge = of_owner(subscribed::renewal_paid(NOW + 9, "ch_1", 0));
    let observed = ObservedSubscription { account_id: OWNERS, ..seen_with(NOW + 9, Recurrence::Active, "ch_1") };
    let look = ObserveSubscription { charge: Some(charge), ..subscribed::observe(observed) };
    let then = subscribed_to().when(look);
    let charge = charge_of(&then);
    assert_eq!((charge.status, charge.account_id, charge.lent), (ChargeStatus::Paid, Some(OWNERS), Some(lent())));
    assert_eq!((charge.request.items[0].description.as_str(), charge.simulated), ("Básico", false));
    let remote_id = "ch_1".to_owned();
    let owners = LentRemoteRow { tenant_id: TenantId::PLATFORM, account_id: OWNERS, remote_id, borrower: SHOP };
    assert!(then.changes().contains(&put(owners)));
    assert_eq!(names(&then), ["RemoteSubscriptionChanged", "ChargeChanged"]);
    let hook = Callback { remote_charge: None, remote_subscription: Some("sub_1".into()), ..callback(OWNERS) };
    let kept = then.then().when(receive(hook));
    assert_eq!(kept.body()["subscription_id"], json!(subscribed::SUBSCRIPTION));
}

#[test]
fn the_shop_does_not_end_what_it_owes_and_sign_up_does() {
    subscribed_to().when(subscribed::end()).refused(Code::NotFound);
    let end = subscribed::end();
    let then = subscribed_to().when(EndSubscription { meta: by_signup(end.meta.clone()), ..end });
    let ending = subscription_of(&then).ending.expect("an ending");
    let granted = effect_of(&then.then().when(ask_for(ending))).granted.expect("a grant");
    assert_eq!(granted.account_id, Some(OWNERS));
}

#[test]
fn an_operator_gives_back_and_ends_what_a_shop_owes_and_nobody_of_the_shop_is_one() {
    for actor in ["operator", "staff:operator:1", "token:0123abcd", "credential:0123abcd", "visitor:0123abcd", "buyer"]
    {
        let asked = request_refund(REFUND, None);
        let meta = CommandMeta { actor: actor.into(), ..asked.meta.clone() };
        paid().when(RequestRefund { meta, ..asked }).refused(Code::NotFound);
    }
    let asked = request_refund(REFUND, Some(500));
    let then = paid().when(RequestRefund { meta: by_operator(asked.meta.clone()), ..asked });
    let refund = refund_of(&then);
    assert_eq!(refund.amount, Money::brl(500));
    let end = subscribed::end();
    let then = subscribed_to().when(EndSubscription { meta: by_operator(end.meta.clone()), ..end });
    assert!(subscription_of(&then).ending.is_some());
}
