//! Open questions about a subscription that a person settles.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::payments::{AttemptOutcome, EffectState, Recurrence, SettleSubscription, SubscriptionStatus, Why},
    time::HOUR,
};
use serde_json::json;

use crate::{
    given::{Given, NOW, asked_for_version},
    sample::{ask_for, effect_of, names, shop},
    subscribed::{
        By, GRANTED, active, ask_knowing, end, granted, making_ended, observe, seen, settle, subscription_of, wanted,
    },
};

/// A subscription of which nobody knows for 20 hours whether it was made.
fn open() -> Given<Payments> {
    let in_doubt = granted(By::KeptCard).when(making_ended(1, AttemptOutcome::Question, Why::TimedOut)).then();
    in_doubt.at(GRANTED + 21 * HOUR).when(ask_knowing()).then()
}

/// A subscription of which nobody knows for 20 hours whether it was ended, and the effect that was to do so.
fn open_ending() -> (EffectId, Given<Payments>) {
    let then = active().when(end());
    let effect = effect_of(&then).effect_id;
    let granted = then.then().when(ask_for(effect)).then();
    (effect, granted.at(GRANTED + 22 * HOUR).when(ask_for(effect)).then())
}

#[test]
fn a_subscription_that_a_person_says_was_not_made_has_failed() {
    let then = open().when(settle("Não há assinatura no painel do gateway."));
    let subscription = subscription_of(&then);
    assert_eq!(names(&then), ["RemoteSubscriptionChanged", "EffectReported"]);
    assert_eq!((subscription.status, subscription.why.as_deref()), (SubscriptionStatus::Failed, Some("by_hand")));
    assert_eq!(subscription.note.as_deref(), Some("Não há assinatura no painel do gateway."));
    assert_eq!(effect_of(&then).state, EffectState::Closed);
    let again = then.then().when(settle("Não há assinatura no painel do gateway."));
    assert_eq!(again.unchanged().unwrap()["status"], json!("FAILED"));
    let shop = again.then();
    let other = shop.when(settle("Outra explicação."));
    other.refused(Code::PaymentState);
    // Should it show up after all, it is what it is.
    let shown = other.then().when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(
        (names(&shown), subscription_of(&shown).status),
        (vec!["RemoteSubscriptionChanged"], SubscriptionStatus::Active)
    );
}

#[test]
fn an_ending_that_a_person_settles_is_asked_for_no_more() {
    let (effect, shop) = open_ending();
    let then = shop.when(settle("Cancelada no painel do gateway."));
    let subscription = subscription_of(&then);
    assert_eq!((effect_of(&then).effect_id, effect_of(&then).state), (effect, EffectState::Closed));
    assert_eq!((subscription.end_wanted, subscription.ending), (false, None));
    assert_eq!((subscription.status, subscription.why.as_deref()), (SubscriptionStatus::Active, Some("by_hand")));
    let shown = then.then().when(observe(seen(NOW + 30 * HOUR, Recurrence::Ended)));
    assert_eq!(
        (names(&shown), subscription_of(&shown).status),
        (vec!["RemoteSubscriptionChanged"], SubscriptionStatus::Ended)
    );
}

#[test]
fn what_is_in_no_doubt_is_not_settled_and_words_are_needed() {
    for shop in [wanted(By::KeptCard), granted(By::KeptCard), active()] {
        shop.when(settle("Feito.")).refused(Code::PaymentState);
    }
    open().when(settle(" ")).refused_for("/note", Code::Required);
    open().when(settle(&"é".repeat(2_001))).refused_for("/note", Code::TooLong);
    assert_eq!(subscription_of(&open().when(settle(&"é".repeat(2_000)))).status, SubscriptionStatus::Failed);
    let other = SettleSubscription { meta: asked_for_version(99), ..settle("Feito.") };
    open().when(other).refused(Code::VersionMismatch);
    shop().when(settle("Feito.")).refused(Code::NotFound);
}
