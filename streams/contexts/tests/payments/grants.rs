//! Grants: one at a time, for the account that the first has fixed.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, AskGrant, Attempt, AttemptOutcome, ChargeChanged, ChargeStatus, EffectGranted, EffectState,
            Grant, PaymentMethod, SaveAccount, Why,
        },
    },
    rows::payments::{AccountRow, EffectRow},
    time::HOUR,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP},
    sample::{
        CHARGE, HERE, SECOND, THERE, account, account_row, ask, ask_knowing, cancel, charge_of, charging, effect_of,
        names, numbered, open_shop, pending, refusal, report, report_why, request_charge, shop, wanted,
    },
};

/// A charge of this method that was granted a second after it was asked for.
fn granted(method: PaymentMethod) -> Given<Payments> {
    wanted(method).when(ask()).then()
}

/// The time of that grant.
const GRANTED: i64 = NOW + SECOND;

/// The account of the shop, in this state; what is changed is not said by events.
fn with_account(shop: Given<Payments>, change: impl FnOnce(&mut AccountRow)) -> Given<Payments> {
    let mut row = account_row(account(HERE, AccountStatus::Ready));
    change(&mut row);
    shop.and(row)
}

#[test]
fn a_grant_fixes_the_account_and_is_noted_by_the_charge() {
    let then = wanted(PaymentMethod::Pix).when(ask());
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    let grant = Grant {
        attempt: 1,
        runner: "runner-1".into(),
        account_id: Some(HERE),
        account_version: 1,
        granted_at: GRANTED,
    };
    assert_eq!((effect.state, effect.attempts, &effect.granted), (EffectState::Granted, 1, &Some(grant)));
    assert_eq!((effect.account_id, effect.first_granted_at), (Some(HERE), Some(GRANTED)));
    let attempt =
        Attempt { attempt: 1, account_id: Some(HERE), granted_at: GRANTED, outcome: None, why: None, ended_at: None };
    assert_eq!((charge.status, charge.account_id), (ChargeStatus::Processing, Some(HERE)));
    assert_eq!(charge.attempts, [attempt]);
    then.events([
        PaymentsEvent::from(EffectGranted { meta: then.answering(0, charging(), 2, Outcome::Updated), effect }),
        ChargeChanged { meta: then.meta(1, CHARGE, 2), charge }.into(),
    ]);
    let body = then.body();
    assert_eq!(
        (&body["effect_id"], &body["state"], &body["version"]),
        (&json!(charging()), &json!("GRANTED"), &json!(2))
    );
    assert_eq!((&body["granted"]["attempt"], &body["granted"]["account_version"]), (&json!(1), &json!(1)));
    assert_eq!(then.entity().as_deref(), Some("effect"));
}

#[test]
fn nobody_else_is_given_a_grant_while_one_is_out() {
    for (later, knows_nothing) in [(0, false), (0, true), (44 * SECOND, true), (45 * SECOND - 1, true)] {
        let asked = AskGrant { runner: "runner-2".into(), knows_nothing, ..ask() };
        granted(PaymentMethod::Pix).at(GRANTED + later).when(asked).refused(Code::NotGranted);
    }
}

#[test]
fn a_grant_of_which_nothing_is_heard_is_a_question_before_it_is_given_again() {
    for later in [45 * SECOND, 90 * SECOND, HOUR] {
        granted(PaymentMethod::Pix).at(GRANTED + later).when(ask()).refused(Code::NotGranted);
    }
    granted(PaymentMethod::Pix).at(GRANTED + 90 * SECOND - 1).when(ask_knowing()).refused(Code::NotGranted);
    let then = granted(PaymentMethod::Pix).at(GRANTED + 90 * SECOND).when(ask_knowing());
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((effect.state, effect.attempts, effect.effect_id), (EffectState::Granted, 2, charging()));
    let attempts: Vec<_> = charge.attempts.iter().map(|attempt| (attempt.outcome, attempt.why.as_deref())).collect();
    assert_eq!(attempts, [(Some(AttemptOutcome::Question), Some("not_reported")), (None, None)]);
    assert_eq!(charge.attempts[0].ended_at, Some(GRANTED + 30 * SECOND));
}

#[test]
fn a_cards_token_is_sent_once_and_run_out_is_not_declined() {
    let unknown = report_why(1, AttemptOutcome::Question, Why::TimedOut);
    let in_doubt = || granted(PaymentMethod::Card).when(unknown.clone()).then();
    in_doubt().at(GRANTED + HOUR).when(ask()).refused(Code::NotGranted);
    let then = in_doubt().at(GRANTED + HOUR).when(ask_knowing());
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "CommandAnswered"]);
    assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("payment_state", EffectState::Closed));
    assert_eq!(charge_of(&then).status, ChargeStatus::Expired);
    then.then().when(ask_knowing()).refused(Code::PaymentState);
    // One that was not sent, for sure, is sent while the token lives.
    let not_sent = granted(PaymentMethod::Card).when(report_why(1, AttemptOutcome::NotSent, Why::NoConnection)).then();
    assert_eq!(effect_of(&not_sent.when(ask())).attempts, 2);
}

#[test]
fn a_card_that_the_gateway_keeps_is_charged_again_under_the_same_key() {
    let mut command = request_charge(PaymentMethod::Card);
    let card = command.request.card.as_mut().unwrap();
    (card.card_token, card.token_until, card.saved_card) = (None, None, Some("card_1".into()));
    let granted = shop().when(command).then().when(ask()).then();
    let question = granted.when(report_why(1, AttemptOutcome::Question, Why::TimedOut)).then();
    let then = question.at(GRANTED + HOUR).when(ask_knowing());
    assert_eq!((effect_of(&then).attempts, effect_of(&then).effect_id), (2, charging()));
}

#[test]
fn a_gateway_that_keeps_its_failure_is_not_asked_again() {
    let of = |gateway: &str, why| {
        let shop = open_shop().and(with_gateway(gateway));
        let granted = shop.when(request_charge(PaymentMethod::Pix)).then().when(ask()).then();
        granted.when(report_why(1, AttemptOutcome::Question, why)).then().at(GRANTED + 100 * SECOND).when(ask_knowing())
    };
    let then = of("stripe", Why::Status5xx);
    assert_eq!((refusal(&then).as_str(), charge_of(&then).status), ("payment_state", ChargeStatus::Failed));
    assert_eq!(effect_of(&of("stripe", Why::TimedOut)).attempts, 2);
    assert_eq!(effect_of(&of("pagarme", Why::Status5xx)).attempts, 2);
}

fn with_gateway(gateway: &str) -> AccountRow {
    let mut row = account_row(account(HERE, AccountStatus::Ready));
    row.account.gateway = gateway.into();
    row
}

#[test]
fn a_charge_waits_for_an_account_that_is_ready() {
    for status in [AccountStatus::Untested, AccountStatus::Broken, AccountStatus::Retired] {
        let wanted = with_account(wanted(PaymentMethod::Pix), |row| row.account.status = status);
        wanted.when(ask()).refused(Code::NotGranted);
    }
    // Of the default nobody asks any more once another account has it.
    let other = account_row(account(THERE, AccountStatus::Ready));
    let moved = with_account(wanted(PaymentMethod::Pix), |row| row.account.is_default = false);
    moved.when(ask()).refused(Code::NotGranted);
    let mut default = other;
    default.account.is_default = true;
    let moved = with_account(wanted(PaymentMethod::Pix), |row| row.account.is_default = false).and(default);
    assert_eq!(effect_of(&moved.when(ask())).account_id, Some(THERE));
}

#[test]
fn a_charge_goes_to_the_account_that_its_request_names() {
    let mut command = request_charge(PaymentMethod::Card);
    command.request.account_id = Some(THERE);
    let there = account_row(account(THERE, AccountStatus::Ready));
    let then = shop().and(there).when(command).then().when(ask());
    assert_eq!((effect_of(&then).account_id, charge_of(&then).account_id), (Some(THERE), Some(THERE)));
}

#[test]
fn the_first_account_stays_also_when_the_default_is_another_by_then() {
    let mut there = account_row(account(THERE, AccountStatus::Ready));
    there.account.is_default = true;
    let not_sent = granted(PaymentMethod::Pix).when(report(1, AttemptOutcome::NotSent)).then();
    let moved = with_account(not_sent, |row| row.account.is_default = false).and(there);
    assert_eq!(effect_of(&moved.when(ask())).account_id, Some(HERE));
}

#[test]
fn after_its_time_a_charge_is_closed_and_who_asks_is_told_so() {
    let then = wanted(PaymentMethod::Pix).at(NOW + HOUR).when(ask());
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "CommandAnswered"]);
    assert_eq!((refusal(&then).as_str(), charge_of(&then).status), ("payment_state", ChargeStatus::Expired));
    // What is under question is not over.
    let question = granted(PaymentMethod::Pix).when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    question.at(NOW + HOUR).when(ask()).refused(Code::NotGranted);
}

#[test]
fn twenty_hours_after_the_first_grant_it_is_an_open_question() {
    let question = |method| granted(method).when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    let then = question(PaymentMethod::Boleto).at(GRANTED + 20 * HOUR).when(ask_knowing());
    assert_eq!(names(&then), ["EffectReported", "TimerSet", "CommandAnswered"]);
    assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("not_granted", EffectState::Open));
    let timer = then.timer();
    assert_eq!((timer.what.as_str(), timer.due), ("ask_daily", GRANTED + 44 * HOUR));
    then.then().when(ask_knowing()).refused(Code::NotGranted);
    let before = question(PaymentMethod::Boleto).at(GRANTED + 20 * HOUR - 1).when(ask_knowing());
    assert_eq!(effect_of(&before).attempts, 2);
    let unreported = granted(PaymentMethod::Boleto).at(GRANTED + 20 * HOUR).when(ask());
    let charge = charge_of(&unreported);
    assert_eq!(effect_of(&unreported).state, EffectState::Open);
    assert_eq!(charge.attempts[0].why.as_deref(), Some("not_reported"));
    assert_eq!(charge.status, ChargeStatus::Processing);
}

#[test]
fn what_is_closed_or_is_no_effect_is_not_granted() {
    pending(PaymentMethod::Pix).when(ask()).refused(Code::PaymentState);
    let other = AskGrant { effect_id: EffectId::from_uuid(Uuid::from_u128(0xbad)), ..ask() };
    wanted(PaymentMethod::Pix).when(other).refused(Code::PaymentState);
}

#[test]
fn a_charge_that_nobody_wants_any_more_is_not_sent_again() {
    let question = granted(PaymentMethod::Pix).when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    let wanted_no_more = question.when(cancel()).then();
    let then = wanted_no_more.at(GRANTED + 100 * SECOND).when(ask_knowing());
    assert_eq!((refusal(&then).as_str(), charge_of(&then).status), ("payment_state", ChargeStatus::Cancelled));
    assert!(charge_of(&then).cancel_wanted, "should it show up after all");
}

#[test]
fn a_check_needs_no_grant_and_what_a_later_version_wants_gets_none() {
    let save = SaveAccount { make_default: false, ..crate::accounts::save(THERE) };
    let check = EffectId::from_uuid(save.meta.command_id.uuid());
    let saved = shop().when(save).then();
    saved.when(AskGrant { effect_id: check, ..ask() }).refused(Code::NotGranted);
    let of_kind = |kind: &str| {
        let effect = json!({
            "tenant_id": SHOP, "version": 1, "effect_id": charging(), "kind": kind, "entity": CHARGE, "charge_id": CHARGE,
            "state": "WANTED", "account_id": null, "not_after": null, "wanted_at": NOW, "first_granted_at": null,
            "attempts": 0, "grant": null, "last": null
        });
        serde_json::from_value::<EffectRow>(effect).unwrap()
    };
    wanted(PaymentMethod::Pix).and(of_kind("PLAN")).when(ask()).refused(Code::NotGranted);
    for kind in ["SAVE_CARD", "SUBSCRIPTION", "END_SUBSCRIPTION"] {
        wanted(PaymentMethod::Pix).and(of_kind(kind)).when(ask()).refused(Code::NotFound);
    }
    wanted(PaymentMethod::Pix).and(of_kind("OF_TOMORROW")).when(ask()).refused(Code::UnknownReference);
    let alone = EffectRow {
        effect: {
            let mut effect = of_kind("CHARGE").effect;
            effect.charge_id = None;
            effect
        },
        ..of_kind("CHARGE")
    };
    wanted(PaymentMethod::Pix).and(alone).when(ask()).refused(Code::UnknownReference);
    shop().and(of_kind("CHARGE")).when(ask()).refused(Code::NotFound);
    assert_eq!(numbered(1).tenant_id, SHOP);
}
