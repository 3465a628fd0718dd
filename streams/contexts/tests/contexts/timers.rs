//! Timers: each is decided once, whatever its context makes of it.

use feira_contexts::{
    Decided, Decider, Decision, DecisionContext, Input, NewTimer, NoForeign, directory::Directory, store::Store,
};
use feira_schemas::{
    ids::{Micros, TimerId},
    problem::{Code, Refusal},
    records::{
        DirectoryCommand, DirectoryEvent, EventSet,
        common::{TimerCleared, TimerKey},
    },
    rows::common::Timer,
    time::{HOUR, hour_of},
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, nothing},
    made_up::{Decides, MadeUp},
};

const ID: TimerId = TimerId::from_uuid(Uuid::from_u128(0x70));

/// A timer of this matter that is due a minute from now.
fn timer(what: &str) -> Timer {
    let due = NOW + 60_000_000;
    Timer {
        partition: 3,
        bucket: hour_of(due),
        due,
        timer_id: ID,
        tenant_id: SHOP,
        entity: "e".into(),
        what: what.into(),
    }
}

/// A context that does with a timer as the timer's own words say.
type Sample = MadeUp<AsTold>;

struct AsTold;

impl Decides for AsTold {
    fn decide(input: &Input<DirectoryCommand, NoForeign>, context: &DecisionContext) -> Decided<DirectoryEvent> {
        let Input::Timer(timer) = input else { panic!("{input:?}") };
        let (key, due) = (timer.timer_key(), timer.due + HOUR);
        let mut decision = Decision::new(context);
        match timer.what.as_str() {
            "nothing" => {}
            "refuse" => return Err(Refusal::new(Code::NotFound, "Não existe.").into()),
            "clear" => decision.clear_timer(key),
            "another" => _ = decision.set_timer(NewTimer { entity: "e", what: "nothing", due, replaces: None }),
            "replace" => _ = decision.set_timer(NewTimer { entity: "e", what: "nothing", due, replaces: Some(key) }),
            "past" => _ = decision.set_timer(NewTimer { entity: "e", what: "nothing", due: 1, replaces: Some(key) }),
            other => panic!("{other}"),
        }
        Ok(decision)
    }
}

fn decided(what: &str) -> Then<Sample> {
    nothing::<Sample>().when_due(&timer(what))
}

#[track_caller]
fn is_cleared<D: Decider>(then: &Then<D>, index: u32) {
    let Timer { timer_id, due, bucket, .. } = timer("");
    let meta = then.meta(index, timer_id, 2);
    let cleared: D::Event = TimerCleared { meta, timer_id, due, bucket }.into();
    assert_eq!(then.all().last(), Some(&cleared), "{then:?}");
    assert_eq!(then.all().len(), index as usize + 1);
    assert_eq!(then.ended(), [timer("").timer_key()]);
}

#[test]
fn a_timer_of_which_nothing_follows_is_cleared() {
    is_cleared(&decided("nothing"), 0);
    is_cleared(&Given::<Store>::when_due(nothing(), &timer("nothing")), 0);
    is_cleared(&Given::<Directory>::when_due(nothing(), &timer("nothing")), 0);
}

#[test]
fn a_timer_that_is_refused_is_cleared_and_answers_nobody() {
    is_cleared(&decided("refuse"), 0);
    assert!(decided("refuse").event().as_answered().is_none());
}

#[test]
fn a_timer_is_cleared_once() {
    is_cleared(&decided("clear"), 0);
    assert_eq!(decided("replace").ended(), [timer("").timer_key()]);
    assert_eq!(decided("replace").all().len(), 1);
}

#[test]
fn a_timer_by_which_another_is_set_is_cleared_behind_it() {
    let then = decided("another");
    is_cleared(&then, 1);
    let next = then.timer();
    assert_eq!((next.due, next.bucket), (timer("").due + HOUR, hour_of(timer("").due) + HOUR));
    assert_ne!(next.timer_id, ID);
}

#[test]
fn a_timer_lies_in_the_hour_in_which_it_is_due_and_one_that_is_past_in_the_hour_in_which_it_was_set() {
    let then = decided("past");
    let next = then.timer();
    let set_at = then.meta(0, "", 1).write_ts;
    assert_eq!((next.due, next.bucket), (1, hour_of(set_at)));
    for (due, write_ts, bucket) in
        [(0, HOUR, HOUR), (HOUR - 1, HOUR, HOUR), (HOUR, 0, HOUR), (3 * HOUR - 1, HOUR, 2 * HOUR)]
    {
        assert_eq!(TimerKey::new(ID, due, write_ts).bucket, bucket, "{due} {write_ts}");
    }
}

#[test]
fn keys_sort_by_hour_then_by_due_time() {
    let key = |due: Micros, bucket: Micros, id: u128| TimerKey {
        timer_id: TimerId::from_uuid(Uuid::from_u128(id)),
        due,
        bucket,
    };
    let sorted = [key(9, 0, 9), key(1, HOUR, 3), key(1, HOUR, 4), key(2, HOUR, 1)];
    let mut keys = sorted;
    keys.reverse();
    keys.sort();
    assert_eq!(keys, sorted);
}

#[test]
fn what_a_timer_causes_names_it() {
    let then = decided("another");
    let meta = then.all()[0].meta();
    assert_eq!((meta.causation_id.uuid(), meta.actor.as_str()), (ID.uuid(), "system:directory"));
}
