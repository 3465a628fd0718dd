//! Dead letters as they lie on their topics, many and few.

use feira_connectors::log::NewRecord;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, bed, send},
    run,
};

/// A letter of a group: a record of this topic that could not be worked on.
fn letter(group: &str, topic: &str) -> NewRecord {
    let said = [("topic", topic), ("partition", "0"), ("offset", "7"), ("stage", "decode"), ("message", "x")];
    NewRecord {
        topic: format!("{group}.dlq").into(),
        partition: Some(0),
        key: "somebody".into(),
        value: Some("not Avro".into()),
        headers: said.map(|(name, value)| (format!("__dlq.errors.{name}"), value.to_owned().into())).into(),
    }
}

async fn put(bed: &Bed, letters: Vec<NewRecord>) -> Vec<i64> {
    bed.api.platform.log.append(letters).await.unwrap()
}

async fn open(bed: &Bed, group: &str) -> Vec<Value> {
    let listed = send(bed.operator("GET", &format!("/dead-letters?group={group}"))).await.expect(200).json;
    listed["items"].as_array().unwrap().iter().filter(|item| item["state"] == "dead").cloned().collect()
}

async fn act(bed: &Bed, id: &str, verb: &str, body: Value) -> Answered {
    send(bed.operator("POST", &format!("/dead-letters/{id}/{verb}")).json(&body)).await
}

#[test]
fn f25_notes_count_however_many_letters_lie_before_them() {
    run(async {
        let bed = bed().await;
        let many = (0..10_002).map(|_| letter("panel", "store.events")).collect();
        let offsets = put(bed, many).await;
        let last = *offsets.last().unwrap();
        assert_eq!(open(bed, "panel").await.len(), 10_000, "a list has a limit");
        for offset in &offsets[..2] {
            act(bed, &format!("panel:0:{offset}"), "discard", json!({"reason": "x"})).await.expect(200);
        }
        let left = open(bed, "panel").await;
        let ids = [&left[0]["id"], &left[9_999]["id"]].map(|id| id.as_str().unwrap());
        assert_eq!(ids, [format!("panel:0:{}", offsets[2]), format!("panel:0:{last}")], "the others move up");
    });
}

#[test]
fn f25_a_letter_is_dealt_with_once_and_what_can_not_be_put_back_is_counted() {
    run(async {
        let bed = bed().await;
        let offsets = put(bed, vec![letter("store", "admin.events"), letter("store", "admin.events")]).await;
        let [one, two] = [0, 1].map(|at: usize| format!("store:0:{}", offsets[at]));
        act(bed, &one, "replay", json!({})).await.expect(422);
        let all = act(bed, "all", "replay", json!({"group": "store"})).await.expect(200).json;
        assert_eq!((&all["done"], &all["left"]), (&json!(0), &json!(2)));
        act(bed, &one, "discard", json!({"reason": "not ours"})).await.expect(200);
        for verb in ["discard", "replay"] {
            let body = if verb == "discard" { json!({"reason": "again"}) } else { json!({}) };
            let settled = act(bed, &one, verb, body).await.expect(422);
            assert!(settled.json["detail"].as_str().unwrap().contains("já foi"), "{verb}: {}", settled.json);
        }
        let left = open(bed, "store").await;
        assert_eq!(left.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), [two.as_str()]);
        act(bed, &two, "discard", json!({"reason": "not ours"})).await.expect(200);
        act(bed, "store:0:99999", "discard", json!({"reason": "x"})).await.expect(404);
    });
}
