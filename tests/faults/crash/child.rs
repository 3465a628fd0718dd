//! The process that is made to end in the middle of its work.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use feira_node::node::Node;
use feira_schemas::records::{CommandSet, common::CommandResult};
use serde::{Deserialize, Serialize};

use super::{
    journal::{self, Entry, Journal},
    plan::{self, Client, Order, SHOPS},
};
use crate::common::PATIENCE;

/// Names the variable that tells a child what to do.
pub const VARIABLE: &str = "FEIRA_CRASH_CHILD";

/// The work of a child process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Errand {
    pub data: PathBuf,
    pub journal: PathBuf,
    pub seed: u64,
    /// The failpoint at which the process ends, at its passing number `hit`; empty for nowhere.
    pub failpoint: String,
    pub hit: u32,
    /// True if the first client's product can't be folded by any view.
    pub poison: bool,
    /// Questions per client.
    pub steps: usize,
    /// The time that the process stays when it has asked everything: what is parked is tried again meanwhile.
    pub linger: Duration,
}

/// Works until it has asked everything, unless it ends before.
pub async fn run(errand: Errand) {
    let answered = journal::read(&errand.journal);
    arm(&errand, &answered);
    let node = Arc::new(Node::start(&super::config(&errand.data)).await.unwrap());
    let journal = Arc::new(Journal::open(&errand.journal));
    for shop in 0..SHOPS {
        let client = Client { shop, number: 0 };
        let known = answered.get(&client).cloned().unwrap_or_default();
        let steps = usize::from(known.is_empty());
        ask(Arc::clone(&node), Arc::clone(&journal), errand.seed, client, known, steps).await;
    }
    let clients = plan::clients().map(|client| {
        let known = answered.get(&client).cloned().unwrap_or_default();
        tokio::spawn(ask(Arc::clone(&node), Arc::clone(&journal), errand.seed, client, known, errand.steps))
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    tokio::time::sleep(errand.linger).await;
    Arc::into_inner(node).unwrap().stop().await.unwrap();
}

fn arm(errand: &Errand, answered: &BTreeMap<Client, Vec<Entry>>) {
    if !errand.failpoint.is_empty() {
        let (passed, hit) = (AtomicU32::new(0), errand.hit);
        let end = move || {
            if passed.fetch_add(1, Ordering::Relaxed) + 1 == hit {
                std::process::abort();
            }
        };
        fail::cfg_callback(&errand.failpoint, end).unwrap();
    }
    let first = answered.get(&Client { shop: 0, number: 1 }).and_then(|answered| plan::first_product(answered));
    if let Some(product) = first.filter(|_| errand.poison) {
        fail::cfg("view::poison", &format!("return({product})")).unwrap();
    }
}

/// A client goes on where it was cut off. First it repeats its last question: whoever was cut off does not know whether the
/// answer it remembers was the last.
async fn ask(node: Arc<Node>, journal: Arc<Journal>, seed: u64, client: Client, mut known: Vec<Entry>, steps: usize) {
    if let Some(last) = known.last() {
        let again = send(&node, plan::next(seed, client, &known[..last.step])).await;
        assert_eq!(again, last.result, "the same question, another answer");
    }
    for _ in 0..steps {
        let result = send(&node, plan::next(seed, client, &known)).await;
        let entry = Entry { client, step: known.len(), result };
        journal.keep(&entry);
        known.push(entry);
    }
}

/// Sends one command and waits for its answer.
pub async fn send(node: &Node, order: Order) -> CommandResult {
    match order {
        Order::Admin(command) => {
            let key = command.meta().tenant_id.to_string();
            node.commands.send(&key, command, None, PATIENCE).await.unwrap()
        }
        Order::Store(command) => {
            let key = command.meta().tenant_id.to_string();
            node.commands.send(&key, command, None, PATIENCE).await.unwrap()
        }
    }
}
