//! Processes are ended at every step of an attempt, and started again: at most one charge at the gateway, and the same end.

use std::{os::unix::process::ExitStatusExt, path::PathBuf, process::Command};

use feira_node::node::Node;
use feira_schemas::records::payments::{AttemptOutcome, ChargeStatus, PaymentMethod};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{Config, attempts, shop::Shop};
use crate::common::{
    embedded,
    gateway::{Remote, Simulator, VENDORS, pointed_at},
};

/// Names the variable that tells a child what to do.
const VARIABLE: &str = "FEIRA_GATEWAYS_CHILD";
/// SIGABRT: how a process ends at its failpoint.
const ABORTED: i32 = 6;
/// The failpoints at which a process ends, each with the outcomes of the charge's attempts in the end.
const PLACES: [(&str, &[AttemptOutcome]); 6] = [
    ("gateways::before_grant", &[AttemptOutcome::Done]),
    // Nothing was sent, which nobody knows any more: the gateway is asked, and once it is believed another attempt is made.
    ("gateways::granted", &[AttemptOutcome::Question, AttemptOutcome::Done]),
    ("gateways::called", &[AttemptOutcome::Done]),
    ("gateways::before_report", &[AttemptOutcome::Done]),
    ("gateways::reported", &[AttemptOutcome::Done]),
    ("payments::after_commit", &[AttemptOutcome::Done]),
];

/// The work of a child process.
#[derive(Clone, Serialize, Deserialize)]
struct Errand {
    data: PathBuf,
    remote: Remote,
    /// Nowhere if empty.
    failpoint: String,
}

/// Not a test of its own: the body of the processes that the test below starts and ends.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test below, as a process of its own"]
async fn child() {
    let Ok(errand) = std::env::var(VARIABLE) else { return };
    let Errand { data, remote, failpoint } = serde_json::from_str(&errand).unwrap();
    let config = Config { data, partitions: 1, fetch_images: false, ..Config::default() };
    let node = Node::start(&pointed_at(&remote.base, config)).await.unwrap();
    let shop = Shop { node: &node, number: 1 };
    shop.open(&remote).await;
    if !failpoint.is_empty() {
        fail::cfg_callback(&failpoint, || std::process::abort()).unwrap();
    }
    shop.charge(PaymentMethod::Pix, None).await;
    let charge = shop.settled().await;
    assert_eq!(charge.status, ChargeStatus::Pending, "{charge:?}");
    println!("attempts: {}", serde_json::to_string(&charge.attempts).unwrap());
    let outcomes: Vec<AttemptOutcome> = attempts(&charge).into_iter().map(|(outcome, _)| outcome).collect();
    println!("outcomes: {}", serde_json::to_string(&outcomes).unwrap());
    node.stop().await.unwrap();
}

/// Runs one process; the outcomes of the charge's attempts, or `None` if it ended at its place.
fn ended(errand: &Errand) -> Option<Vec<AttemptOutcome>> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["gateways::killed::child", "--exact", "--ignored", "--nocapture"])
        .env(VARIABLE, serde_json::to_string(errand).unwrap())
        .output()
        .unwrap();
    if output.status.signal() == Some(ABORTED) {
        return None;
    }
    let (said, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} {said} {log}", errand.failpoint);
    let outcomes = said.lines().find_map(|line| line.strip_prefix("outcomes: ")).expect("no outcomes are said");
    Some(serde_json::from_str(outcomes).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_process_ends_a_charge_is_made_once() {
    let Some(folder) = embedded() else { return };
    let simulator = Simulator::start().await;
    let cases = VENDORS.into_iter().flat_map(|vendor| PLACES.into_iter().map(move |place| (vendor, place)));
    let runs = cases.map(async |(vendor, (failpoint, expected))| {
        let remote = simulator.account(vendor).await;
        let data = folder.path().join(format!("{vendor} {failpoint}").replace(':', "-"));
        let errand = Errand { data, remote: remote.clone(), failpoint: failpoint.to_owned() };
        let first = errand.clone();
        let outcomes = spawn_blocking(move || ended(&first)).await.unwrap();
        assert_eq!(outcomes, None, "{vendor}: {failpoint} was not passed");
        let again = Errand { failpoint: String::new(), ..errand };
        let outcomes = spawn_blocking(move || ended(&again)).await.unwrap();
        assert_eq!(outcomes.as_deref(), Some(expected), "{vendor} {failpoint}");
        assert_eq!(remote.truth().await.len(), 1, "{vendor} {failpoint}");
    });
    join_all(runs).await;
    simulator.stop().await;
}
