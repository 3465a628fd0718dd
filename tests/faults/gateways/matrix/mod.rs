//! The matrix: every fault of a gateway, and the end of the process at every step of an attempt, meets every kind of act at both
//! gateways. Clocks are moved, ours and the gateways'. Cases of one fault are side by side in one process, those of a step one after
//! the other, each in a process that ends.
//!
//! `cases` says what is asked, what goes wrong and how it is to end; `child` has it asked; `check` has the rules. Whatever else is asked of
//! gateways is another [`Act`], whatever else goes wrong another line of [`cases::faults`] or [`PLACES`].

pub mod asking;
pub mod cases;
mod check;
mod child;
pub mod looking;

use std::{
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
};

use feira_schemas::ids::Micros;
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::task::spawn_blocking;

use self::{
    cases::{Act, Case, Meets, PLACES, cases, faults},
    check::{Rule, Violation},
    child::{AHEAD, Errand, FOUND, VARIABLE},
};
use crate::common::{embedded, gateway::Simulator};

/// SIGABRT: how a process ends at its failpoint.
const ABORTED: i32 = 6;
/// Processes at once: each keeps a core busy while it starts.
const AT_ONCE: usize = 3;
/// The acts at each of whose steps a process ends.
const KILLED: [Act; 7] =
    [Act::Pix, Act::Card, Act::Boleto, Act::RefundInPart, Act::CancelBoleto, Act::Subscribe, Act::EndSubscription];

/// Not a test of its own: the body of the processes that the tests below start and end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the tests below, as a process of its own"]
async fn child() {
    let Ok(errand) = std::env::var(VARIABLE) else { return };
    child::run(serde_json::from_str(&errand).unwrap()).await;
}

async fn started(errand: &Errand) -> Output {
    let errand = serde_json::to_string(errand).unwrap();
    let start = move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["gateways::matrix::child", "--exact", "--ignored", "--nocapture"])
            .env(VARIABLE, errand)
            .output()
            .unwrap()
    };
    spawn_blocking(start).await.unwrap()
}

/// What a process has printed behind these words.
fn said<T: serde::de::DeserializeOwned>(output: &Output, words: &str) -> Option<T> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once(words))?.1;
    Some(serde_json::from_str(line).unwrap())
}

/// The rules that a process, which has come to its own end, says do not hold.
fn found(output: &Output) -> Vec<Violation> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}", String::from_utf8_lossy(&output.stdout));
    said(output, FOUND).expect("nothing is said of what was found")
}

pub fn told(violations: &[Violation]) -> String {
    violations.iter().map(|one| format!("{:?}: {}\n", one.rule, one.told)).collect()
}

/// Runs cases side by side in one process.
async fn run(simulator: &Simulator, cases: Vec<Case>, by_hand: &[&str]) -> Vec<Violation> {
    let folder = tempfile::tempdir().unwrap();
    let errand = Errand {
        data: folder.path().to_owned(),
        base: simulator.base.clone(),
        asked: Vec::new(),
        ask: cases,
        ends_at: String::new(),
        by_hand: by_hand.iter().map(|fault| (*fault).to_owned()).collect(),
        ahead: 0,
    };
    found(&started(&errand).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_s58_whatever_a_gateway_does_money_moves_once_and_both_sides_know_the_same() {
    let Some(_) = embedded() else { return };
    let runs = faults().map(async |(fault, meets)| {
        let simulator = Simulator::start().await;
        let cases = cases(&simulator, &Act::ALL, Some(&fault), meets).await;
        let violations = run(&simulator, cases, &[]).await;
        simulator.stop().await;
        violations
    });
    let violations: Vec<Violation> = stream::iter(runs).buffer_unordered(AT_ONCE).concat().await;
    assert!(violations.is_empty(), "{}", told(&violations));
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_wherever_a_process_ends_money_moves_once_and_both_sides_know_the_same() {
    let Some(_) = embedded() else { return };
    let runs = PLACES.map(async |(failpoint, meets)| ended_at(failpoint, meets).await);
    let violations: Vec<Violation> = stream::iter(runs).buffer_unordered(AT_ONCE).concat().await;
    assert!(violations.is_empty(), "{}", told(&violations));
}

/// A process ends at this place in each case, one after the other on one folder; the next one goes on and looks at what has become.
async fn ended_at(failpoint: &str, meets: Meets) -> Vec<Violation> {
    let (simulator, folder) = (Simulator::start().await, tempfile::tempdir().unwrap());
    let cases = cases(&simulator, &KILLED, None, meets).await;
    let (mut violations, mut ahead): (Vec<Violation>, Micros) = (Vec::new(), 0);
    for number in 0..=cases.len() {
        let (before, now) = (number.checked_sub(1).and_then(|before| cases.get(before)), cases.get(number));
        let errand = Errand {
            data: folder.path().to_owned(),
            base: simulator.base.clone(),
            asked: before.into_iter().cloned().collect(),
            ask: now.into_iter().cloned().collect(),
            ends_at: if now.is_some() { failpoint.to_owned() } else { String::new() },
            by_hand: Vec::new(),
            ahead,
        };
        let output = started(&errand).await;
        if now.is_some() {
            let log = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.signal(), Some(ABORTED), "{failpoint} was not passed by {now:?}\n{log}");
            violations.extend(said::<Vec<Violation>>(&output, FOUND).unwrap_or_default());
        } else {
            violations.extend(found(&output));
        }
        ahead = said(&output, AHEAD).unwrap();
    }
    simulator.stop().await;
    violations.iter_mut().for_each(|violation| violation.told = format!("{failpoint}: {}", violation.told));
    violations
}

/// Faults of ours that are put in by hand, what it takes for each to do harm, and the rule that it breaks.
fn by_hand() -> [(&'static [&'static str], Act, Value, Meets, Rule); 3] {
    let effect = |name: &str| serde_json::json!({"effect": name});
    [
        (&["gateways::grant_not_checked"], Act::TwoRefunds, effect("drop_before"), Meets::Lost, Rule::OnRecord),
        (&["gateways::key_of_attempt"], Act::Pix, effect("drop_after"), Meets::Done, Rule::Once),
        (
            &["gateways::reported_twice", "payments::report_counts_again"],
            Act::Boleto,
            effect("drop_after"),
            Meets::Done,
            Rule::SaidOnce,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_ours_that_are_put_in_by_hand_are_seen() {
    let Some(_) = embedded() else { return };
    let runs = by_hand().map(async |(faults, act, effect, meets, rule)| {
        let simulator = Simulator::start().await;
        let cases = cases(&simulator, &[act], Some(&effect), meets).await;
        let count = cases.len();
        let violations = run(&simulator, cases, faults).await;
        simulator.stop().await;
        let seen = violations.iter().filter(|violation| violation.rule == rule).count();
        assert!(seen >= count, "{faults:?}: {seen} of {count}\n{}", told(&violations));
    });
    stream::iter(runs).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}
