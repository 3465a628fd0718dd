//! What was answered is there after the process was killed, and a folder is one process's.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use feira_schemas::time::Clock;
use feira_simulator::{Running, Settings, StartError, core::ids::Ids};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::bed::{Bed, order, pix};

/// A process that is killed when it is dropped.
struct Process(Child, Value);

impl Process {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feira-simulator"));
        command.args(["--listen", "127.0.0.1:0", "--data"]).arg(folder).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(child, serde_json::from_str(&line).unwrap())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.1["address"].as_str().unwrap())
    }

    fn key(&self) -> &str {
        let accounts = self.1["accounts"].as_array().unwrap();
        accounts.iter().find(|account| account["gateway"] == "pagarme").unwrap()["secret_key"].as_str().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn an_answered_charge_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let process = Process::start(folder.path());
    let mut made = Vec::new();
    for number in 0..5 {
        let request = client.post(process.url("core/v5/orders")).basic_auth(process.key(), Some(""));
        let answer = request.json(&order(&number.to_string(), 100, pix())).send().await.unwrap();
        made.push(answer.json::<Value>().await.unwrap());
    }
    let before = process.url("");
    drop(process);
    // As a machine that dies while it writes leaves it.
    let mut journal = std::fs::OpenOptions::new().append(true).open(folder.path().join("journal")).unwrap();
    journal.write_all(br#"[{"table":"charges","id":"ch_half","#).unwrap();
    let process = Process::start(folder.path());
    for order in made {
        let url = process.url(&format!("core/v5/orders/{}", order["id"].as_str().unwrap()));
        let answer = client.get(url).basic_auth(process.key(), Some("")).send().await.unwrap();
        let expected = order.to_string().replace(&before, &process.url("")); // The port is another one.
        assert_eq!(answer.json::<Value>().await.unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn a_restart_keeps_accounts_faults_tokens_and_the_clock() {
    let bed = Bed::new().await;
    let card = bed.card("4000000000000010").await;
    bed.move_clock(10).await;
    bed.fault(json!({"effect": "error_before", "operation": "list"})).await;
    let bed = bed.again().await;
    assert_eq!(bed.admin("GET", "clock", Value::Null).await["ahead_millis"], 10_000);
    assert_eq!(bed.send("GET", "orders", Value::Null).await.0, reqwest::StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bed.ordered("a", card).await.0["status"], "paid");
}

#[tokio::test]
async fn another_process_and_other_machines_are_kept_out() {
    let bed = Bed::new().await;
    let start = async |listen: &str| {
        let listen: SocketAddr = listen.parse().unwrap();
        let (folder, ids) = (bed.folder.path().to_owned(), Ids::from(StdRng::seed_from_u64(1)));
        Running::start(Settings { listen, anywhere: false, folder, clock: Clock::passing(|| 0), ids })
            .await
            .err()
            .unwrap()
    };
    assert!(matches!(start("127.0.0.1:0").await, StartError::Store(_)));
    assert!(matches!(start("0.0.0.0:0").await, StartError::NotLoopback(_)));
}
