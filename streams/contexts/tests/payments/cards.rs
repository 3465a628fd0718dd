//! Cards that a gateway is to keep: a token serves once.

use feira_contexts::payments::Payments;
use feira_schemas::{
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, AttemptOutcome, EffectKind, EffectState, EffectWanted, Reason, ReportAttempt, SaveCard,
            SavedCardChanged, SavedCardStatus, StandingStatus, Why,
        },
    },
    rows::payments::SavedCardRow,
    time::HOUR,
};
use serde_json::json;

use crate::{
    given::{Given, NOW, SHOP, nothing, put},
    sample::{
        HERE, SECOND, THERE, TOKEN_UNTIL, account, account_row, accounts_of, ask_for, effect_of, names, numbered,
        open_shop, refusal, report, report_why, sealed, shop, standing,
    },
    subscribed::{CARD, card_done, card_of, keeping, kept_card, of_card, save_card, with_account},
};

/// A card that was asked for a second ago.
fn wanted() -> Given<Payments> {
    shop().when(save_card()).then()
}

fn granted() -> Given<Payments> {
    wanted().when(ask_for(keeping())).then()
}

/// The time of that grant.
const GRANTED: i64 = NOW + SECOND;

fn ended(outcome: AttemptOutcome, why: Why) -> ReportAttempt {
    of_card(report_why(1, outcome, why))
}

#[test]
fn a_card_is_wanted_until_its_token_runs_out() {
    let then = shop().when(save_card());
    let (card, effect, timer) = (card_of(&then), effect_of(&then), then.timer());
    assert_eq!((card.status, card.account_id, &card.kept), (SavedCardStatus::Processing, HERE, &None));
    assert_eq!((effect.effect_id, effect.kind), (keeping(), EffectKind::SaveCard));
    assert_eq!((effect.entity.as_str(), effect.account_id), (CARD.to_string().as_str(), None));
    assert_eq!(effect.not_after, Some(TOKEN_UNTIL - 5 * SECOND));
    assert_eq!((timer.what.as_str(), timer.due), ("deadline", TOKEN_UNTIL - 5 * SECOND));
    assert_eq!((then.entity().as_deref(), then.body()["version"].clone()), (Some("saved_card"), json!(1)));
    assert!(then.changes().contains(&put(SavedCardRow { tenant_id: SHOP, version: 1, card: card.clone() })));
    assert_eq!(
        then.all()[..2],
        [
            PaymentsEvent::from(SavedCardChanged { meta: then.answering(0, CARD, 1, Outcome::Created), card }),
            EffectWanted { meta: then.meta(1, keeping(), 1), effect }.into(),
        ]
    );
}

#[test]
fn a_token_that_has_run_out_is_sent_to_nobody() {
    let then = shop().at(TOKEN_UNTIL - 5 * SECOND).when(save_card());
    let card = card_of(&then);
    assert_eq!(names(&then), ["SavedCardChanged"]);
    assert_eq!((card.status, card.why.as_deref()), (SavedCardStatus::Expired, Some("expired")));
}

#[test]
fn asking_twice_is_asking_once_however_it_is_sealed() {
    let first = shop().when(save_card()).body();
    let mut again = SaveCard { meta: numbered(9), card_token: sealed(99), token_until: TOKEN_UNTIL + 9, ..save_card() };
    again.holder.name = sealed(98);
    assert_eq!(wanted().when(again).unchanged(), Some(first));
    wanted().when(SaveCard { reference: None, ..save_card() }).refused(Code::IdempotencyMismatch);
    wanted().when(SaveCard { account_id: THERE, ..save_card() }).refused(Code::IdempotencyMismatch);
}

#[test]
fn a_card_needs_an_account_that_can_take_it_and_a_shop_that_is_open() {
    shop().when(SaveCard { account_id: THERE, ..save_card() }).refused_for("/account_id", Code::UnknownReference);
    for status in [AccountStatus::Broken, AccountStatus::Retired, AccountStatus::Unknown] {
        with_account(open_shop(), status, 1).when(save_card()).refused(Code::NoAccount);
    }
    let waits = with_account(open_shop(), AccountStatus::Untested, 1).when(save_card());
    assert_eq!(card_of(&waits).status, SavedCardStatus::Processing);
    shop().and(standing(StandingStatus::Suspended)).when(save_card()).refused(Code::ShopSuspended);
    nothing::<Payments>().when(save_card()).refused(Code::NotFound);
}

#[test]
fn a_card_goes_to_the_account_whose_key_made_its_token() {
    let there = account_row(account(THERE, AccountStatus::Ready));
    let of_there = SaveCard { account_id: THERE, ..save_card() };
    let then = shop().and(there).when(of_there).then().when(ask_for(keeping()));
    assert_eq!(names(&then), ["EffectGranted", "SavedCardChanged"]);
    assert_eq!((effect_of(&then).account_id, effect_of(&then).state), (Some(THERE), EffectState::Granted));
    assert_eq!(card_of(&then).attempts.len(), 1);
    for status in [AccountStatus::Untested, AccountStatus::Broken, AccountStatus::Retired] {
        with_account(wanted(), status, 1).when(ask_for(keeping())).refused(Code::NotGranted);
    }
    granted().when(ask_for(keeping())).refused(Code::NotGranted);
}

#[test]
fn a_card_that_the_gateway_keeps_is_saved() {
    let then = granted().when(card_done());
    let card = card_of(&then);
    assert_eq!(names(&then), ["EffectReported", "SavedCardChanged"]);
    assert_eq!((card.status, card.kept), (SavedCardStatus::Saved, Some(kept_card())));
    assert_eq!((effect_of(&then).state, card.attempts[0].outcome), (EffectState::Closed, Some(AttemptOutcome::Done)));
    let nameless = ReportAttempt { saved_card: None, ..card_done() };
    granted().when(nameless).refused_for("/saved_card", Code::Required);
    wanted().when(card_done()).refused(Code::PaymentState);
    granted().when(ReportAttempt { attempt: 2, ..card_done() }).refused(Code::PaymentState);
}

#[test]
fn a_refusal_closes_the_card_for_its_reason_and_run_out_is_not_declined() {
    let reasons = vec![Reason { kind: "card".into(), parameter_name: None, message: Some(sealed(9)) }];
    for (why, expected) in [
        (Why::Declined, SavedCardStatus::Failed),
        (Why::Request, SavedCardStatus::Failed),
        (Why::CardToken, SavedCardStatus::Expired),
        (Why::Account, SavedCardStatus::Failed),
    ] {
        let then = granted().when(ReportAttempt { reasons: reasons.clone(), ..ended(AttemptOutcome::Refused, why) });
        let card = card_of(&then);
        assert_eq!((card.status, card.why.as_deref()), (expected, Some(why.word())), "{why:?}");
        assert_eq!((&card.reasons, effect_of(&then).state), (&reasons, EffectState::Closed));
        let broken = accounts_of(&then).iter().map(|account| account.status).collect::<Vec<_>>();
        assert_eq!(broken, if why == Why::Account { vec![AccountStatus::Broken] } else { vec![] });
    }
}

#[test]
fn what_was_not_sent_for_sure_is_sent_while_the_token_lives() {
    let then = granted().when(ended(AttemptOutcome::NotSent, Why::NoConnection));
    assert_eq!((effect_of(&then).state, card_of(&then).status), (EffectState::Wanted, SavedCardStatus::Processing));
    assert_eq!(effect_of(&then.then().when(ask_for(keeping()))).attempts, 2);
    let late = granted().at(TOKEN_UNTIL).when(ended(AttemptOutcome::NotSent, Why::NoConnection));
    assert_eq!((effect_of(&late).state, card_of(&late).status), (EffectState::Closed, SavedCardStatus::Expired));
}

#[test]
fn a_token_is_sent_once_and_nobody_is_asked_what_became_of_it() {
    let in_doubt = || granted().when(ended(AttemptOutcome::Question, Why::TimedOut)).then();
    let reported = GRANTED + SECOND;
    in_doubt().at(reported + 60 * SECOND - 1).when(ask_for(keeping())).refused(Code::NotGranted);
    for later in [60 * SECOND, HOUR, 30 * HOUR] {
        let then = in_doubt().at(reported + later).when(ask_for(keeping()));
        assert_eq!(names(&then), ["EffectReported", "SavedCardChanged", "CommandAnswered"]);
        let card = card_of(&then);
        assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("payment_state", EffectState::Closed));
        assert_eq!((card.status, card.why.as_deref()), (SavedCardStatus::Expired, Some("card_token")));
    }
    // Also of an attempt of which nobody has said anything.
    let then = granted().at(GRANTED + 90 * SECOND).when(ask_for(keeping()));
    assert_eq!(card_of(&then).status, SavedCardStatus::Expired);
}

#[test]
fn a_card_of_which_no_runner_asks_ends_by_its_timer() {
    let saved = shop().when(save_card());
    let timer = saved.timer();
    let then = saved.then().when_due(&timer);
    assert_eq!(names(&then), ["EffectReported", "SavedCardChanged", "TimerCleared"]);
    assert_eq!((effect_of(&then).state, card_of(&then).status), (EffectState::Closed, SavedCardStatus::Expired));
    let saved = shop().when(save_card());
    let timer = saved.timer();
    let in_doubt = saved.then().when(ask_for(keeping())).then();
    let waits = in_doubt.when(ended(AttemptOutcome::Question, Why::Reset)).then().when_due(&timer);
    let timer = waits.timer();
    assert_eq!(timer.due, GRANTED + 20 * HOUR);
    let then = waits.then().when_due(&timer);
    assert_eq!(names(&then), ["EffectReported", "SavedCardChanged", "TimerCleared"], "there is no open question");
    assert_eq!(card_of(&then).why.as_deref(), Some("card_token"));
}

#[test]
fn what_comes_after_the_card_was_given_up_counts_all_the_same_and_once() {
    let in_doubt = granted().when(ended(AttemptOutcome::Question, Why::TimedOut)).then();
    let given_up = in_doubt.at(GRANTED + HOUR).when(ask_for(keeping())).then();
    let then = given_up.when(card_done());
    assert_eq!((names(&then), card_of(&then).status), (vec!["SavedCardChanged"], SavedCardStatus::Saved));
    assert_eq!((&card_of(&then).why, then.entity().as_deref()), (&None, Some("saved_card")));
    let mut again = card_done();
    again.saved_card.as_mut().unwrap().last_four = Some(sealed(77));
    assert_eq!(then.then().when(again).unchanged().unwrap()["status"], json!("SAVED"));
    let nothing_more = of_card(report(1, AttemptOutcome::Refused));
    let saved = granted().when(card_done()).then();
    assert_eq!(saved.when(nothing_more).unchanged().unwrap()["status"], json!("SAVED"));
    let of_nothing = ReportAttempt { entity: "?".into(), ..card_done() };
    granted().when(card_done()).then().when(of_nothing).refused(Code::PaymentState);
}

#[test]
fn what_the_gateway_keeps_is_saved_whichever_attempt_says_so() {
    let in_doubt = granted().when(ended(AttemptOutcome::Question, Why::TimedOut)).then();
    let then = in_doubt.when(card_done());
    assert_eq!((effect_of(&then).state, card_of(&then).status), (EffectState::Closed, SavedCardStatus::Saved));
    assert_eq!(card_of(&then).attempts[0].outcome, Some(AttemptOutcome::Done));
}
