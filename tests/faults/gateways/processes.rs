//! Two processes that share the gateways' work, one of which is ended, or stands still past its session, while its calls hang: no call
//! is made twice without a question to the gateway. Told on the services alone.

use std::{collections::BTreeMap, time::Duration};

use feira_node::{config::Role, node::Node};
use feira_schemas::records::PaymentsEvent;
use futures::future::join_all;
use rand::Rng;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::matrix::{
    asking::{ask, ready, shop},
    cases::{Act, Case, Meets},
    looking::{events, looked_at, under_way},
    told,
};
use crate::common::{
    gateway::{Simulator, VENDORS},
    process::{Mode, Process},
    services::{PARTITIONS, distributed, services},
    until,
};

/// The longest that what is not known of an attempt takes to be settled: a session, a grant that lapses, the silence after it, two
/// looks that find nothing, and another attempt.
const TO_THE_END: Duration = Duration::from_secs(420);
/// Microseconds after an attempt before which silence about it is not believed.
const BELIEVED_AFTER: i64 = 60_000_000;

/// Two processes, and one of this test's own that only asks.
struct Bed {
    simulator: Simulator,
    processes: [Process; 2],
    asking: Node,
    cases: Vec<Case>,
    _folder: tempfile::TempDir,
}

impl Bed {
    /// Has cases of each kind in every partition, all of whose first calls hang.
    async fn hanging() -> Self {
        let simulator = Simulator::start().await;
        let addresses = format!("pagarme={0}/core/v5; stripe={0}/v1", simulator.base);
        let settings = [("FEIRA_GATEWAYS_ADDRESSES", addresses.as_str())];
        let start = || Process::start_with(Mode::Distributed, &settings);
        let (one, other) = tokio::join!(start(), start());
        let folder = tempfile::tempdir().unwrap();
        let asking = Node::start(&distributed(folder.path(), [Role::Api])).await.unwrap();
        let cases = cases(&simulator, &asking).await;
        join_all(cases.iter().map(|case| ready(&asking, case))).await;
        join_all(cases.iter().map(|case| ask(&asking, case))).await;
        until("all calls hang", async || {
            let calls = join_all(cases.iter().map(|case| case.remote.calls())).await;
            calls
                .iter()
                .zip(&cases)
                .all(|(calls, case)| calls.get(case.act.operation()).is_some_and(|count| *count > 0))
        })
        .await;
        Self { simulator, processes: [one, other], asking, cases, _folder: folder }
    }

    /// Waits until all is settled and holds it against the rules.
    async fn settled(&self) {
        let tenants: Vec<_> = self.cases.iter().map(|case| shop(&self.asking, case).tenant()).collect();
        let deadline = Instant::now() + TO_THE_END;
        while !under_way(&self.asking, &tenants).await.is_empty() {
            assert!(Instant::now() < deadline, "effects are under way for ever");
            sleep(Duration::from_millis(500)).await;
        }
        let violations = looked_at(&self.asking, &self.cases).await;
        assert!(violations.is_empty(), "{}", told(&violations));
        self.asked_before_each_repetition().await;
    }

    /// An attempt after one of which nothing was known comes a minute after it at least, and after a question to the gateway.
    async fn asked_before_each_repetition(&self) {
        let events = events(&self.asking).await;
        let mut repeated = 0;
        for case in &self.cases {
            let tenant = shop(&self.asking, case).tenant();
            let mut ended: BTreeMap<String, i64> = BTreeMap::new();
            let calls = case.remote.calls().await;
            for event in &events {
                match event {
                    PaymentsEvent::EffectGranted(event)
                        if event.meta.tenant_id == tenant && event.effect.attempts > 1 =>
                    {
                        let (effect, last) = (&event.effect, event.effect.last.as_ref().unwrap());
                        ended.insert(effect.effect_id.to_string(), last.ended_at);
                        let granted = effect.granted.as_ref().unwrap().granted_at;
                        assert!(granted >= last.ended_at + BELIEVED_AFTER, "{case:?}: {effect:?}");
                    }
                    _ => {}
                }
            }
            repeated += ended.len();
            let looks: u64 = ["get", "list"].iter().filter_map(|read| calls.get(*read)).sum();
            assert!(ended.is_empty() || looks > 0, "{case:?}: repeated without a question: {calls:?}");
        }
        // Of what the gateways did not do half is done by another attempt.
        assert_eq!(repeated, self.cases.iter().filter(|case| case.meets == Meets::Lost).count());
    }
}

/// Pix and refunds at both gateways, done or not done by the call that hangs, in every partition.
async fn cases(simulator: &Simulator, asking: &Node) -> Vec<Case> {
    // A refund that was not done is asked about for six minutes before it is tried again: other tests move the clocks for that.
    let faults: [(Value, Meets, &[Act]); 2] = [
        (json!({"effect": "hang_after"}), Meets::Done, &[Act::Pix, Act::RefundInPart]),
        (json!({"effect": "hang_before"}), Meets::Lost, &[Act::Pix]),
    ];
    let mut cases = Vec::new();
    for vendor in VENDORS {
        for (fault, meets, acts) in &faults {
            for act in acts.iter().copied() {
                for partition in 0..PARTITIONS {
                    let remote = simulator.account(vendor).await;
                    let mut case = Case { number: 0, act, remote, fault: Some(fault.clone()), meets: *meets };
                    // Numbers that no earlier run has had on these services.
                    case.number = loop {
                        let number = rand::rng().random_range(0..1_u128 << 40);
                        case.number = number;
                        if asking.platform.partition_of(shop(asking, &case).tenant()) == partition {
                            break number;
                        }
                    };
                    cases.push(case);
                }
            }
        }
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_its_calls_hang_leaves_none_to_be_made_twice() {
    let Some(_alone) = services().await else { return };
    let mut bed = Bed::hanging().await;
    bed.processes[0].kill();
    bed.settled().await;
    let Bed { simulator, processes: [_killed, survivor], asking, .. } = bed;
    asking.stop().await.unwrap();
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stands_still_past_its_session_while_its_calls_hang_makes_none_twice_when_it_wakes() {
    let Some(_alone) = services().await else { return };
    let mut bed = Bed::hanging().await;
    bed.processes[0].signal("STOP");
    // Its partitions are another's, and what it had begun is settled there, before it wakes.
    bed.settled().await;
    bed.processes[0].signal("CONT");
    bed.processes[0].until_ready().await;
    assert!(bed.processes[0].ended().is_none(), "it has ended:\n{}", bed.processes[0].log());
    // It has said what became of its calls when it is asked to stop, and that has changed nothing.
    let Bed { simulator, processes: [sleeper, survivor], asking, cases, .. } = bed;
    assert!(sleeper.stop().await.success(), "asked to stop, it ends well");
    let violations = looked_at(&asking, &cases).await;
    assert!(violations.is_empty(), "once it has woken: {}", told(&violations));
    asking.stop().await.unwrap();
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
    simulator.stop().await;
}
