//! The process that has the cases: it asks, moves the clocks on while nothing but time is waited for, and looks at what has become of
//! each. The simulator is another process's, so that it lives on when this one ends half way.

use std::{path::PathBuf, time::Duration};

use feira_connectors::clock::wall_clock;
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    ids::{Micros, TenantId},
    records::payments::{EffectKind, EffectState},
    rows::payments::EffectRow,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::{
    asking::{ask, ready, shop},
    cases::Case,
    looking::{looked_at, under_way},
};
use crate::common::gateway::{self, pointed_at};

/// Names the variable that tells a child what to do.
pub const VARIABLE: &str = "FEIRA_GATEWAYS_CHILD";
/// What stands before the violations that a child prints.
pub const FOUND: &str = "violations: ";
/// What stands before the microseconds by which it has moved its clocks.
pub const AHEAD: &str = "ahead: ";
/// Microseconds by which clocks are moved at once: a grant that is asked for meanwhile is given back, and its effect has another.
const STEP: Micros = 5_000_000;
/// The most by which they are moved: what has not ended by then never ends.
const MOST: Micros = 3_600_000_000;
/// The time between two looks at what is open.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The time in which nothing has changed before a refund counts as one that waits.
const QUIET: Duration = Duration::from_secs(2);
/// The longest that a child takes by the machine's clock.
const PATIENCE: Duration = Duration::from_secs(240);
/// The same where faults are put in by hand: some have no end, and what they break is seen long before.
const PATIENCE_BY_HAND: Duration = Duration::from_secs(75);

/// The work of a child.
#[derive(Clone, Serialize, Deserialize)]
pub struct Errand {
    pub data: PathBuf,
    /// The simulator's address.
    pub base: String,
    /// Asked already, by a process that may have ended meanwhile; they are brought to their end and looked at.
    pub asked: Vec<Case>,
    /// Asked now.
    pub ask: Vec<Case>,
    /// The failpoint at which the process ends once the shops of `ask` are ready; nowhere if empty.
    pub ends_at: String,
    /// Faults that are put in by hand.
    pub by_hand: Vec<String>,
    /// Microseconds by which earlier processes have moved the clocks.
    pub ahead: Micros,
}

/// Both clocks: this process's, and the simulator's.
struct Clocks {
    base: String,
    ahead: Micros,
}

impl Clocks {
    fn set(&self) {
        fail::cfg("clock::ahead", &format!("return({})", self.ahead)).unwrap();
    }

    async fn advance(&mut self, by: Micros) {
        gateway::advance(&self.base, by).await;
        self.ahead += by;
        self.set();
    }
}

/// A process with its cases.
struct World<'a> {
    node: &'a Node,
    clocks: Clocks,
    /// The time at which it began: grants of before are of a process that has ended.
    begun: Micros,
    /// The longest that it waits for an end.
    patience: Duration,
}

/// Does an errand, and prints what it has found.
pub async fn run(errand: Errand) {
    let clocks = Clocks { base: errand.base.clone(), ahead: errand.ahead };
    clocks.set();
    let begun = wall_clock().now();
    let config = Config { data: errand.data, partitions: 1, fetch_images: false, ..Config::default() };
    let node = Node::start(&pointed_at(&errand.base, config)).await.unwrap();
    let mut world = World {
        node: &node,
        clocks,
        begun,
        patience: if errand.by_hand.is_empty() { PATIENCE } else { PATIENCE_BY_HAND },
    };

    // Whoever had no answer asks again, with the same key.
    join_all(errand.asked.iter().map(|case| ask(&node, case))).await;
    world.until_the_end(&errand.asked).await;
    let found = looked_at(&node, &errand.asked).await;
    // Said before this process ends in its turn.
    if !errand.asked.is_empty() {
        println!("{FOUND}{}", serde_json::to_string(&found).unwrap());
    }

    join_all(errand.ask.iter().map(|case| ready(&node, case))).await;
    println!("{AHEAD}{}", world.clocks.ahead);
    for fault in &errand.by_hand {
        fail::cfg(fault, "return").unwrap();
    }
    if !errand.ends_at.is_empty() {
        fail::cfg_callback(&errand.ends_at, || std::process::abort()).unwrap();
    }
    join_all(errand.ask.iter().map(|case| ask(&node, case))).await;
    world.until_the_end(&errand.ask).await;
    if !errand.ask.is_empty() {
        let found = looked_at(&node, &errand.ask).await;
        println!("{FOUND}{}", serde_json::to_string(&found).unwrap());
    }
    for fault in &errand.by_hand {
        fail::remove(fault);
    }
    node.stop().await.unwrap();
}

impl World<'_> {
    /// Waits until nothing of these cases is under way. Clocks are moved on while time alone brings all of it on: where it is not known
    /// what became of each last attempt, also where that was granted to a process which has ended.
    async fn until_the_end(&mut self, cases: &[Case]) {
        let tenants: Vec<TenantId> = cases.iter().map(|case| shop(self.node, case).tenant()).collect();
        let (begun, before) = (Instant::now(), self.clocks.ahead);
        let (mut last, mut since) = (Vec::new(), Instant::now());
        while self.clocks.ahead - before < MOST && begun.elapsed() < self.patience {
            let rows = under_way(self.node, &tenants).await;
            if rows.is_empty() {
                return;
            }
            let present: Vec<_> = rows.iter().map(|row| (row.effect.effect_id, row.version)).collect();
            if present != last {
                (last, since) = (present, Instant::now());
            }
            let quiet = since.elapsed() >= QUIET;
            let waits = |row: &EffectRow| match row.effect.state {
                EffectState::Question => true,
                EffectState::Granted => row.effect.granted.as_ref().is_none_or(|grant| grant.granted_at < self.begun),
                // One of two refunds waits for the other. A card's token would run out meanwhile.
                EffectState::Wanted => {
                    quiet && !matches!(row.effect.kind, EffectKind::Charge | EffectKind::Subscription)
                }
                _ => false,
            };
            if rows.iter().all(waits) {
                self.clocks.advance(STEP).await;
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
