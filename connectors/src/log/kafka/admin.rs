//! Topics: made, checked, and cut from the start.

use std::time::Duration;

use rdkafka::Offset;
use rdkafka::admin::{AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::time::{Instant, sleep};

use super::client::{self, CALL_TIMEOUT, MAX_MESSAGE_BYTES, failed};
use super::{Cluster, blocking, lock};
use crate::log::error::LogError;
use crate::log::types::{Retention, TopicPartition, TopicSpec};
use std::sync::Arc;

/// The time in which all partitions of a topic that was just made must have leaders.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// Creates what is missing and checks what is there.
pub(super) async fn ensure_topics(cluster: &Arc<Cluster>, specs: &[TopicSpec]) -> Result<(), LogError> {
    let (mut missing, mut existing) = (Vec::new(), Vec::new());
    for spec in specs {
        match count(cluster, spec).await {
            Ok(Some(count)) => existing.push((spec, count)),
            Ok(None) => missing.push(spec),
            Err(error) => return Err(error),
        }
    }
    if !missing.is_empty() {
        create(cluster, &missing).await?;
        for spec in missing {
            existing.push((spec, ready(cluster, spec).await?));
        }
    }
    check(cluster, &existing).await
}

async fn count(cluster: &Arc<Cluster>, spec: &TopicSpec) -> Result<Option<u32>, LogError> {
    let (cluster, name) = (cluster.clone(), spec.name.clone());
    blocking(move || cluster.ask_partitions(&name)).await
}

async fn create(cluster: &Cluster, specs: &[&TopicSpec]) -> Result<(), LogError> {
    let max_bytes = MAX_MESSAGE_BYTES.to_string();
    let retentions: Vec<_> = specs.iter().map(|spec| retention_ms(spec.retention).to_string()).collect();
    // -1 takes the cluster's default.
    let replication = cluster.settings.replication.map_or(-1, i32::from);
    let topics = specs.iter().zip(&retentions).map(|(spec, retention)| {
        NewTopic::new(&spec.name, spec.partitions as i32, TopicReplication::Fixed(replication))
            .set("cleanup.policy", "delete")
            .set("retention.ms", retention)
            .set("retention.bytes", "-1")
            .set("max.message.bytes", &max_bytes)
    });
    let topics: Vec<_> = topics.collect();
    let results = cluster.admin.create_topics(&topics, &options()).await.map_err(|e| failed("create topics", &e))?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            // Fewer brokers than copies: so it is while brokers start one after another, and worth waiting for.
            Err((topic, code @ RDKafkaErrorCode::InvalidReplicationFactor)) => {
                return Err(LogError::Unavailable(format!(
                    "can't create topic {topic}: {code}; {replication} copies were asked for (FEIRA_REPLICATION), which so many \
                     brokers must be there for"
                )));
            }
            Err((topic, code)) => return Err(failed(&format!("create topic {topic}"), &KafkaError::AdminOp(code))),
        }
    }
    Ok(())
}

/// Waits until a new topic can be used, and returns its partition count.
async fn ready(cluster: &Arc<Cluster>, spec: &TopicSpec) -> Result<u32, LogError> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        match count(cluster, spec).await {
            Ok(Some(count)) => return Ok(count),
            Ok(None) | Err(LogError::Unavailable(_)) if Instant::now() < deadline => {
                sleep(Duration::from_millis(50)).await
            }
            Ok(None) => {
                return Err(LogError::Unavailable(format!("topic {} was created and can't be seen yet", spec.name)));
            }
            Err(error) => return Err(error),
        }
    }
}

async fn check(cluster: &Cluster, topics: &[(&TopicSpec, u32)]) -> Result<(), LogError> {
    let resources: Vec<_> = topics.iter().map(|(spec, _)| ResourceSpecifier::Topic(&spec.name)).collect();
    let configs = cluster
        .admin
        .describe_configs(&resources, &options())
        .await
        .map_err(|e| failed("read topics' settings", &e))?;
    for ((spec, count), config) in topics.iter().zip(configs) {
        let name = &spec.name;
        if *count != spec.partitions {
            let wants = spec.partitions;
            return Err(LogError::Refused(format!(
                "topic {name} has {count} partitions and {wants} were asked for; the count can't change, configure {count}"
            )));
        }
        let config =
            config.map_err(|code| failed(&format!("read the settings of {name}"), &KafkaError::AdminOp(code)))?;
        check_settings(spec, &config)?;
        lock(&cluster.counts).insert(name.clone(), *count);
    }
    Ok(())
}

/// Refuses a topic that would lose or refuse records.
fn check_settings(spec: &TopicSpec, config: &ConfigResource) -> Result<(), LogError> {
    let name = &spec.name;
    let value = |setting: &str| config.get(setting).and_then(|entry| entry.value.as_deref()).unwrap_or_default();
    let wrong = |setting: &str, wanted: &str| {
        let is = value(setting);
        Err(LogError::Refused(format!(
            "topic {name} has {setting}={is}; set it to {wanted}, for example with kafka-configs.sh --alter"
        )))
    };
    if value("cleanup.policy") != "delete" {
        return wrong("cleanup.policy", "delete");
    }
    if spec.retention == Retention::Forever {
        for setting in ["retention.ms", "retention.bytes"] {
            if value(setting) != "-1" {
                return wrong(setting, "-1");
            }
        }
    }
    if value("max.message.bytes").parse().unwrap_or(0) < MAX_MESSAGE_BYTES {
        return wrong("max.message.bytes", &MAX_MESSAGE_BYTES.to_string());
    }
    Ok(())
}

/// Deletes the records of a partition below `offset`.
pub(super) async fn delete_before(cluster: &Cluster, at: &TopicPartition, offset: i64) -> Result<(), LogError> {
    let list = client::list([(at, Offset::Offset(offset))])?;
    let failed = |e: KafkaError| failed("delete records", &e);
    let answer = cluster.admin.delete_records(&list, &options()).await.map_err(failed)?;
    answer.elements().iter().try_for_each(|answer| answer.error()).map_err(failed)
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(CALL_TIMEOUT)).operation_timeout(Some(CALL_TIMEOUT))
}

fn retention_ms(retention: Retention) -> i64 {
    match retention {
        Retention::Forever => -1,
        Retention::For(age) => i64::try_from(age.as_millis()).unwrap_or(i64::MAX),
    }
}
