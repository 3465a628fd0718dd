//! Dead letters as an operator deals with them, over HTTP and by the command line: listed, shown, put back, set aside.

use crate::common::{PATIENCE, config, embedded, process::client};
use feira_connectors::log::NewRecord;
use feira_node::{
    config::Config,
    node::Node,
    serve::{self, Credentials},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running Feira and its operator.
struct Operator {
    node: Node,
    client: reqwest::Client,
    address: String,
    token: String,
    _folder: TempDir,
}

impl Operator {
    async fn start(folder: TempDir) -> Self {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..config(&folder) };
        let mut node = Node::start(&config).await.unwrap();
        let credentials = Credentials::of(&config).unwrap();
        let api = serve::api(&node, &config, &credentials, None, feira_apis::SITE).unwrap();
        let address = serve::start(&mut node, api, &config, feira_apis::SITE).await.unwrap();
        Self {
            node,
            client: client(),
            address: format!("http://{address}"),
            token: credentials.operator_token.expose().to_owned(),
            _folder: folder,
        }
    }

    /// Puts a record on admin's commands that nobody can read.
    async fn spoil(&self, origin: &str) {
        let garbage = NewRecord {
            topic: "admin.commands".into(),
            partition: None,
            key: "somebody".into(),
            value: Some("not Avro".into()),
            headers: vec![("origin".into(), origin.to_owned().into())],
        };
        self.node.platform.log.append(vec![garbage]).await.unwrap();
    }

    /// `feira dlq …`: its exit code, and each line of JSON that it printed.
    async fn dlq(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_feira"));
        command.arg("dlq").args(arguments).env("FEIRA_URL", &self.address).env("FEIRA_OPERATOR_TOKEN", &self.token);
        let output = command.output().await.unwrap();
        let printed = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        (output.status.code().unwrap(), printed.map(Result::unwrap).collect())
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/operator/v1/dead-letters{path}", self.address);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(reqwest::Method::POST, path, Some(body)).await
    }

    /// The letters of admin once there are so many.
    async fn letters(&self, count: usize) -> Vec<Value> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let list = self.get("?group=admin").await;
            let items = list["items"].as_array().unwrap().clone();
            if items.len() == count || tokio::time::Instant::now() > deadline {
                assert_eq!(items.len(), count, "{list}");
                return items;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_a_dead_letter_is_listed_shown_put_back_and_set_aside() {
    let Some(folder) = embedded() else { return };
    let operator = Operator::start(folder).await;
    operator.spoil("a test").await;
    let letters = operator.letters(1).await;
    let id = letters[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&letters[0]["topic"], &letters[0]["stage"]), (&json!("admin.commands"), &json!("decode")));

    let shown = operator.get(&format!("/{id}")).await;
    assert_eq!((&shown["key"], &shown["headers"]["origin"]), (&json!("somebody"), &json!("a test")));
    assert!(shown["letter"]["message"].as_str().unwrap().contains("wire format"), "{shown}");

    // Put back, it is tried again, and comes again: nothing has changed that could make it readable.
    assert_eq!(operator.post(&format!("/{id}/replay"), json!({})).await.0, 200);
    let again = operator.letters(1).await;
    assert_ne!(again[0]["id"], id.as_str(), "the first is dealt with, the second is another");
    assert_eq!(operator.post(&format!("/{id}/replay"), json!({})).await.0, 422, "it was put back already");

    let second = again[0]["id"].as_str().unwrap();
    assert_eq!(operator.post(&format!("/{second}/discard"), json!({"reason": " "})).await.0, 422, "a reason is needed");
    assert_eq!(operator.post(&format!("/{second}/discard"), json!({"reason": "not ours"})).await.0, 200);
    operator.letters(0).await;
    assert_eq!(operator.post("/all/replay", json!({"group": "admin"})).await.1["done"], 0);
    for unknown in ["admin:0:99999", "nobody:0:0", "admin:9:0", "x"] {
        assert_eq!(operator.ask(reqwest::Method::GET, &format!("/{unknown}"), None).await.0, 404, "{unknown}");
    }
    operator.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_the_command_line_lists_shows_puts_back_and_sets_aside() {
    let Some(folder) = embedded() else { return };
    let operator = Operator::start(folder).await;
    for origin in ["one", "two"] {
        operator.spoil(origin).await;
    }
    operator.letters(2).await;
    let (code, listed) = operator.dlq(&["list", "--group", "admin"]).await;
    assert_eq!((code, listed.len()), (0, 2), "{listed:?}");
    assert_eq!(operator.dlq(&["list", "--group", "store"]).await, (0, Vec::new()), "nothing of others");
    let [one, two] = [0, 1].map(|at: usize| listed[at]["id"].as_str().unwrap());

    let (code, shown) = operator.dlq(&["show", one]).await;
    assert_eq!((code, &shown[0]["headers"]["origin"]), (0, &json!("one")));
    assert_eq!(operator.dlq(&["show", "admin:0:99999"]).await.0, 1, "there is none");

    let (code, put_back) = operator.dlq(&["replay", "all", "--group", "admin"]).await;
    assert_eq!((code, &put_back[0]["done"]), (0, &json!(2)));
    assert_eq!(operator.dlq(&["replay", one]).await.0, 1, "it was put back already");
    let again = operator.letters(2).await;
    assert!(again.iter().all(|letter| letter["id"] != one && letter["id"] != two), "both came again: {again:?}");

    let left = again[0]["id"].as_str().unwrap();
    assert_eq!(operator.dlq(&["discard", left]).await.0, 2, "without a reason it is used wrongly");
    assert_eq!(operator.dlq(&["discard", left, "--reason", "not ours"]).await.0, 0);
    assert_eq!(operator.letters(1).await[0]["id"], again[1]["id"]);
    operator.node.stop().await.unwrap();
}
