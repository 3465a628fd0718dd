//! What a browser tells of its pages: the lines of its console, and every request that it sends.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Browser;

/// A request that a browser has sent.
#[derive(Debug)]
pub struct Sent {
    pub url: String,
    pub method: String,
    /// The body, as far as it is text.
    pub body: String,
    /// All that is known of it, in JSON: address, headers and body.
    pub whole: String,
}

impl Browser {
    /// What pages have complained of since the last call. That a server answered with an error is no complaint of a page.
    pub async fn complaints(&self) -> Vec<String> {
        let lines = self.log("browser").await;
        let of_a_page = lines.iter().filter(|line| line["source"] != "network" && line["level"] != "DEBUG");
        of_a_page.map(|line| line["message"].to_string()).collect()
    }

    /// The requests since the last call, in their order.
    pub async fn sent(&self) -> Vec<Sent> {
        let messages: Vec<Value> = self.log("performance").await.iter().map(message).collect();
        let of = |method: &'static str| {
            let told = messages.iter().filter(move |message| message["method"] == method);
            told.map(|message| &message["params"])
        };
        // What goes over the wire, above all cookies, is told apart, before or after.
        let mut wires: BTreeMap<String, String> = BTreeMap::new();
        for wire in of("Network.requestWillBeSentExtraInfo") {
            wires.entry(wire["requestId"].to_string()).or_default().push_str(&wire["headers"].to_string());
        }
        let sent = |told: &Value| {
            let (request, text) = (&told["request"], |value: &Value| value.as_str().unwrap_or_default().to_owned());
            let wire = wires.get(&told["requestId"].to_string()).cloned().unwrap_or_default();
            Sent {
                url: text(&request["url"]),
                method: text(&request["method"]),
                body: text(&request["postData"]),
                whole: format!("{request}{wire}"),
            }
        };
        of("Network.requestWillBeSent").map(sent).collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.post("/se/log", json!({"type": kind})).await;
        let log = log.unwrap_or_else(|failed| panic!("the log {kind}: {failed:?}"));
        log.as_array().unwrap().clone()
    }
}

/// The message of Chromium's own protocol that a line of the log holds.
fn message(line: &Value) -> Value {
    let mut line: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
    line["message"].take()
}
