//! An acknowledged write is on the disk: seen from outside the process, in the order of its system calls.
//!
//! Needs `strace` and leave to trace; without them the test is skipped, which it says, and with `FEIRA_REQUIRE=all` fails.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::common::{
    embedded,
    services::{ADDRESSES, OPERATOR_TOKEN, PARTITIONS},
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// Requests one after the other, and then so many by so many writers at once.
const ALONE: usize = 10;
const TOGETHER: usize = 256;
const WRITERS: usize = 64;

/// A step of the process that matters here, as the trace shows it.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// The request with this mark was read from its connection.
    Asked(String),
    /// Bytes were handed to the log's journal.
    Written,
    /// A sync of the log began, and ended well; by the number of the step at which it began.
    SyncBegun,
    SyncEnded(usize),
    /// The acknowledgement with this mark began to leave.
    Acknowledged(String),
}

fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let can = traced.is_ok_and(|status| status.success());
    assert!(can || std::env::var("FEIRA_REQUIRE").as_deref() != Ok("all"), "FEIRA_REQUIRE=all, but strace can't trace");
    can
}

/// A traced Feira on this folder, and its address.
fn start(folder: &Path, trace: &Path) -> (Child, String) {
    let mut traced = Command::new("strace");
    // Only what is embedded syncs before it acknowledges; real services that other tests are given are not meant here.
    for address in ADDRESSES {
        traced.env_remove(address);
    }
    let mut child = traced
        .args(["-f", "-y", "-qq", "-s", "8192", "-e", "trace=fsync,fdatasync,write,writev,sendto,read,recvfrom", "-o"])
        .arg(trace)
        // As long as a disk's sync: where one costs nothing, nobody waits for it together with others.
        .args(["-e", "inject=fsync,fdatasync:delay_enter=5000"])
        .args([env!("CARGO_BIN_EXE_feira"), "run"])
        .current_dir(folder)
        .env("FEIRA_DATA", folder.join("data"))
        .env("FEIRA_LISTEN", "127.0.0.1:0")
        .env("FEIRA_PARTITIONS", PARTITIONS.to_string())
        .env("FEIRA_OPERATOR_TOKEN", OPERATOR_TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.join("messages")).unwrap())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.filter_map(|line| line.trim().strip_prefix("Feira is ready: ").map(str::to_owned)).next();
    let url = url.unwrap_or_else(|| panic!("{}", fs::read_to_string(folder.join("messages")).unwrap()));
    (child, url.replace("//localhost:", "//127.0.0.1:"))
}

async fn post(url: &str, host: &str, token: &str, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{url}{path}")).header("host", host).bearer_auth(token);
    let response = request.header("idempotency-key", body["name"].as_str().unwrap()).json(body).send().await.unwrap();
    assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
    response.json().await.unwrap()
}

/// Makes a product whose name is the mark.
async fn product(url: &str, token: &str, mark: String) {
    let body = json!({"name": mark, "variants": [{"price": {"amount": 100, "currency": "BRL"}}]});
    let made = post(url, "moda.localhost", token, "api/admin/v1/products", &body).await;
    assert_eq!(made["name"].as_str(), Some(mark.as_str()));
}

/// The steps of a trace. A call that another thread interrupts stands on two lines, begun and resumed.
fn steps(trace: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut begun = std::collections::HashMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        let resumed = call.starts_with("<... fsync resumed>") || call.starts_with("<... fdatasync resumed>");
        let reads = ["read(", "recvfrom(", "<... read resumed>", "<... recvfrom resumed>"];
        let writes = ["write(", "writev(", "sendto("];
        if sync && call.contains("/data/log/") {
            begun.insert(thread, steps.len());
            steps.push(Step::SyncBegun);
        }
        if (sync || resumed) && call.trim_end_matches(" (DELAYED)").ends_with("= 0") {
            steps.extend(begun.remove(thread).map(Step::SyncEnded));
        } else if reads.iter().any(|name| call.starts_with(name)) {
            steps.extend(mark(call).map(Step::Asked)); // The first that reads a mark is its connection.
        } else if writes.iter().any(|name| call.starts_with(name)) {
            if call.contains("/data/log/") {
                steps.push(Step::Written);
            } else if call.contains("\"HTTP/1.1 201 ") {
                steps.extend(mark(call).map(Step::Acknowledged));
            }
        }
    }
    steps
}

/// The mark that a request or an answer holds.
fn mark(call: &str) -> Option<String> {
    let at = call.find("Produto-")?;
    Some(call[at..].chars().take_while(|character| character.is_alphanumeric() || *character == '-').collect())
}

/// The number of times that, one after the other, bytes were written to the log and then synced: the command's own sync, and the
/// sync of what was decided, which can't begin before.
fn covered(steps: &[Step], asked: usize, acknowledged: usize) -> usize {
    let (mut syncs, mut from) = (0, asked);
    while let Some(written) = (from..acknowledged).find(|at| steps[*at] == Step::Written) {
        let ended = (written..acknowledged).find(|at| matches!(steps[*at], Step::SyncEnded(begun) if begun > written));
        let Some(ended) = ended else { break };
        (syncs, from) = (syncs + 1, ended);
    }
    syncs
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledgement_leaves_before_its_sync_and_many_share_one() {
    let Some(folder) = embedded() else { return };
    if !can_trace() {
        println!("skipped: strace is not installed or may not trace");
        return;
    }
    let trace = folder.path().join("trace");
    let (mut child, url) = start(folder.path(), &trace);
    let shop = json!({"subdomain": "moda", "name": "Moda"});
    let made = post(&url, "localhost", OPERATOR_TOKEN, "api/operator/v1/tenants", &shop).await;
    let token = made["admin_token"].as_str().unwrap();
    for number in 0..ALONE {
        product(&url, token, format!("Produto-alone-{number}")).await;
    }
    stream::iter(0..TOGETHER)
        .for_each_concurrent(WRITERS, |number| product(&url, token, format!("Produto-together-{number}")))
        .await;
    // Cut off without a word, as by a power cut: what the trace says was synced is what counts. strace ends with it.
    let traced = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).unwrap();
    let killed = Command::new("kill").args(["-9", traced.trim()]).status().unwrap();
    assert!(killed.success());
    child.wait().unwrap();

    let steps = steps(&fs::read_to_string(&trace).unwrap());
    let mut acknowledgements = 0;
    for (at, step) in steps.iter().enumerate() {
        let Step::Acknowledged(mark) = step else { continue };
        let asked = steps.iter().position(|step| *step == Step::Asked(mark.clone())).unwrap();
        assert!(covered(&steps, asked, at) >= 2, "{mark} was acknowledged before the log was synced");
        acknowledgements += 1;
    }
    assert_eq!(acknowledgements, ALONE + TOGETHER);
    let first = steps.iter().position(|step| matches!(step, Step::Asked(mark) if mark.contains("together"))).unwrap();
    let last = steps.iter().rposition(|step| matches!(step, Step::Acknowledged(_))).unwrap();
    let syncs = steps[first..last].iter().filter(|step| matches!(step, Step::SyncEnded(_))).count();
    println!("{TOGETHER} acknowledgements to {WRITERS} writers at once: {syncs} syncs of the log");
    assert!(syncs < TOGETHER, "{syncs} syncs");
}
