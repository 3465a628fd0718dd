//! The records of a topic, as lines of JSON, as far as they go or as they come.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_connectors::log::{LogRecord, TopicPartition};
use feira_schemas::{ids::TenantId, problem::Code, refusals, topics::Context};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads,
    records::{self, Beginning, record_json},
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, object, text, text_or_null, time},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Records read at once from one partition: some megabytes at most, so that a slow reader holds little.
const PAGE: usize = 200;
/// Lines that wait for a slow reader.
const WAITING: usize = 256;
/// The time between two looks of a follower for more records.
const LOOK: Duration = Duration::from_millis(100);

/// The routes of records.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/operator/v1/topics/{topic}/records", read)
            .for_operator()
            .query([
                Parameter::new(
                    "tenant",
                    Kind::Text(64),
                    "Shows only records of this shop, by its id or its sub-domain.",
                ),
                Parameter::new("partition", Kind::Integer(0, 9_999), "Shows only records of this partition."),
                Parameter::new(
                    "from",
                    Kind::Text(64),
                    "Where to begin: `earliest` (as if left out), `latest`, or `PARTITION:OFFSET`.",
                )
                .like("^(earliest|latest|[0-9]{1,9}:[0-9]{1,18})$"),
                Parameter::new(
                    "limit",
                    Kind::Integer(1, 1_000_000),
                    "The most records to answer; left out, all there are.",
                ),
                Parameter::new("follow", Kind::Flag, "Whether the answer goes on as records come."),
            ])
            .gives(200, "The records, one a line.", Some(("application/x-ndjson", "Record")))
            .problems(&[409])
            .says("Reads the records of a topic, decoded."),
    ]
}

/// The schema of a line.
pub fn schemas() -> Vec<Named> {
    let number = json!({"type": "integer"});
    let record = [
        ("topic", text()),
        ("partition", number.clone()),
        ("offset", number),
        ("timestamp", time()),
        ("key", text()),
        ("headers", json!({"type": "object", "additionalProperties": text()})),
        ("schema_id", json!({"type": ["integer", "null"]})),
        ("type", text_or_null()),
        ("value", json!({"description": "The record; null if it can't be decoded, or is a tombstone."})),
        ("error", json!({"type": "string", "description": "Why it can't be decoded."})),
    ];
    let required = ["topic", "partition", "offset", "timestamp", "key", "headers", "schema_id", "type", "value"];
    vec![("Record", object(&record, &required))]
}

/// The partitions, the tenant and the number of records that a reader asks for.
struct Reading {
    /// Partitions left to read, each with its next offset and, unless it is followed, where to stop.
    partitions: VecDeque<(TopicPartition, i64, Option<i64>)>,
    tenant: Option<TenantId>,
    left: Option<u64>,
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let reading = reading(&api, &request).await?;
    let (sender, lines) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        // The status is sent by now: a failure can only end the lines early, and say so in the last one.
        if let Err(problem) = send(&api, reading, &sender).await {
            let _ = sender.send(line(&json!({"error": problem.detail}))).await;
        }
    });
    Ok(reply::ndjson(ReceiverStream::new(lines)))
}

async fn reading(api: &Api, request: &Request) -> Result<Reading, Problem> {
    let topic = records::topic(api, request)?;
    let from = Beginning::parse(request.query.text("from").unwrap_or("earliest"))?;
    let tenant = match request.query.text("tenant") {
        Some(name) => {
            let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP);
            reads::point(api, request, Context::Admin).await?;
            let own = (name == TenantId::PLATFORM.to_string()).then_some(TenantId::PLATFORM);
            Some(match own {
                Some(own) => own,
                None => hosts::named(&api.platform.state, name).await?.ok_or_else(none)?,
            })
        }
        None => None,
    };
    let only = records::only(&topic, request.query.integer("partition"), Some(from))?;
    let follow = request.query.flag("follow");
    let mut partitions = VecDeque::new();
    for partition in topic.numbers(only) {
        let at = topic.at(partition);
        let end = api.platform.log.end(&at).await?;
        let start = match from {
            Beginning::Earliest => api.platform.log.start(&at).await?,
            Beginning::Latest => end,
            Beginning::Offset(_, offset) => offset,
        };
        partitions.push_back((at, start, (!follow).then_some(end)));
    }
    let left = request.query.integer("limit").and_then(|limit| u64::try_from(limit).ok());
    Ok(Reading { partitions, tenant, left })
}

/// Reads one page of each partition in turn until all are at their end, the limit is reached, or nobody listens any more.
async fn send(api: &Api, mut reading: Reading, lines: &mpsc::Sender<Result<Bytes, Infallible>>) -> Result<(), Problem> {
    let mut idle = 0;
    while let Some((at, next, end)) = reading.partitions.pop_front() {
        if end.is_some_and(|end| next >= end) {
            continue;
        }
        let page = api.platform.log.read(&at, next, PAGE).await?;
        let moved = page.next > next;
        for record in page.records.iter().filter(|record| end.is_none_or(|end| record.offset < end)) {
            let json = record_json(&api.platform, record).await;
            if !reading.tenant.is_none_or(|tenant| is_of(tenant, record, &json)) {
                continue;
            }
            if lines.send(line(&json)).await.is_err() {
                return Ok(());
            }
            if let Some(left) = &mut reading.left {
                *left -= 1;
                if *left == 0 {
                    return Ok(());
                }
            }
        }
        idle = if moved { 0 } else { idle + 1 };
        if end.is_none() || moved {
            reading.partitions.push_back((at, page.next, end));
        }
        if idle > 0 && idle >= reading.partitions.len() {
            if *api.stop.borrow() || lines.is_closed() {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
            idle = 0;
        }
    }
    Ok(())
}

/// True if a record is of a shop: by its key, or, where names are keys, by what it says.
fn is_of(tenant: TenantId, record: &LogRecord, json: &Value) -> bool {
    let tenant = tenant.to_string();
    record.key == tenant.as_bytes()
        || json["value"]["meta"]["tenant_id"] == tenant.as_str()
        || json["value"]["tenant_id"] == tenant.as_str()
}

fn line(json: &Value) -> Result<Bytes, Infallible> {
    Ok(format!("{json}\n").into())
}
