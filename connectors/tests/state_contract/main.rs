//! Contract of the state stores: embedded, and CQL where a cluster is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod embedded_only;
mod rows;
#[path = "../support/mod.rs"]
mod support;

use std::{collections::BTreeSet, time::Duration};

use feira_connectors::state::{CqlSettings, State, StateError};
use feira_schemas::{
    row::{KeyPart, Row, RowKey, Write},
    rows::{CQL as OWN_CQL, TABLES as OWN_TABLES},
};
use rows::{CQL, LATER, Line, MARK, MOVED, Maker, Mark, NOTE, Note, Unknown, mark, mark_key, note, note_key};
use uuid::Uuid;

/// Each adapter once, with the tables made; the folder lives as long as its guard.
async fn states() -> (Vec<State>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut states = vec![State::embedded(folder.path()).unwrap()];
    states.extend(cql_state().await);
    for state in &states {
        state.ensure_tables(&[NOTE, MARK, LATER], &[("contract", CQL)]).await.unwrap();
    }
    (states, folder)
}

async fn cql_state() -> Option<State> {
    let nodes = support::service("FEIRA_SCYLLA_NODES")?;
    let mut settings = CqlSettings::new(nodes.split(','));
    // A busy machine must not fail the suite: what is tested is what is answered, not how soon.
    settings.read_timeout = Duration::from_secs(30);
    Some(State::cql(&settings).await.unwrap())
}

/// A partition of its own for each test, because a CQL server keeps what earlier runs wrote.
fn fresh() -> (Uuid, String) {
    let tenant = Uuid::new_v4();
    (tenant, tenant.to_string())
}

async fn value(state: &State, owner: &str) -> Option<Option<i64>> {
    state.get::<Mark>(&mark_key(owner, Uuid::from_u128(1))).await.unwrap().map(|mark| mark.value)
}

#[tokio::test]
async fn an_older_write_never_replaces_a_newer_one() {
    let (states, _folder) = states().await;
    for state in &states {
        let (_, owner) = fresh();
        let put = |value, ts| vec![Write::put(mark(&owner, 1, Some(value)), ts)];
        let delete = |ts| vec![Write::delete::<Mark>(mark_key(&owner, Uuid::from_u128(1)), ts)];

        state.write(&put(20, 2_000)).await.unwrap();
        state.write(&put(10, 1_000)).await.unwrap();
        assert_eq!(value(state, &owner).await, Some(Some(20)), "put after an older put");
        state.write(&delete(1_500)).await.unwrap();
        assert_eq!(value(state, &owner).await, Some(Some(20)), "put after an older delete");
        state.write(&delete(3_000)).await.unwrap();
        assert_eq!(value(state, &owner).await, None, "deleted");
        state.write(&put(25, 2_500)).await.unwrap();
        assert_eq!(value(state, &owner).await, None, "an older put doesn't bring a row back");
        state.write(&put(30, 3_000)).await.unwrap();
        assert_eq!(value(state, &owner).await, None, "of a put and a delete at one instant, the delete stays");
        state.write(&put(40, 4_000)).await.unwrap();
        assert_eq!(value(state, &owner).await, Some(Some(40)), "a newer put does");
        assert_eq!(state.scan::<Mark>(&RowKey::new([owner.as_str().into()], []), None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_order_within_one_call_doesnt_matter_either() {
    let (states, _folder) = states().await;
    for state in &states {
        let (_, owner) = fresh();
        let writes = [30, 10, 20].map(|ts| Write::put(mark(&owner, 1, Some(ts)), ts));
        state.write(&writes).await.unwrap();
        assert_eq!(value(state, &owner).await, Some(Some(30)));
    }
}

#[tokio::test]
async fn applying_again_changes_nothing() {
    let (states, _folder) = states().await;
    for state in &states {
        let (tenant, owner) = fresh();
        let mut full = note(tenant, "a", 1, "n");
        full.lines = vec![Line { sku: "s".into(), quantity: 1, gift: None, makers: vec![] }];
        full.tags = ["x".to_owned()].into();
        let writes = vec![
            Write::put(full.clone(), 5),
            Write::put(mark(&owner, 1, Some(1)), 5),
            Write::delete::<Mark>(mark_key(&owner, Uuid::from_u128(2)), 5),
        ];
        for _ in 0..3 {
            state.write(&writes).await.unwrap();
        }
        // A list that grew with each application would show here.
        assert_eq!(state.get::<Note>(&full.key()).await.unwrap(), Some(full));
        assert_eq!(state.scan::<Mark>(&RowKey::new([owner.as_str().into()], []), None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_scan_gives_exactly_the_prefix_in_order_and_in_pages() {
    let (states, _folder) = states().await;
    for state in &states {
        let (tenant, _) = fresh();
        let names = ["", "a", "a\0", "a\0b", "ab", "b", "z", "ção", "日本", "\u{10FFFF}"];
        let numbers = [i64::MIN, -7, 0, 7, i64::MAX];
        let mut writes: Vec<_> = numbers
            .iter()
            .flat_map(|number| names.iter().map(|name| Write::put(note(tenant, "s", *number, name), 1)))
            .collect();
        // Neighbours that must not show up: other partitions whose text begins alike, and another tenant.
        for shelf in ["", "r", "s\0", "ss", "t"] {
            writes.push(Write::put(note(tenant, shelf, 0, "stranger"), 1));
        }
        writes.push(Write::put(note(Uuid::new_v4(), "s", 0, "stranger"), 1));
        writes.push(Write::delete::<Note>(note_key(tenant, "s", [7.into(), "ab".into()]), 2));
        state.write(&writes).await.unwrap();

        let expected: Vec<_> = numbers
            .iter()
            .flat_map(|number| names.iter().map(|name| (*number, (*name).to_owned())))
            .filter(|place| *place != (7, "ab".to_owned()))
            .collect();
        let mut seen = vec![];
        let mut after = None;
        loop {
            let rows = state.scan::<Note>(&note_key(tenant, "s", []), after.as_ref(), 7).await.unwrap();
            assert!(rows.len() <= 7);
            let Some(last) = rows.last() else { break };
            after = Some(last.key());
            seen.extend(rows.into_iter().map(|row| (row.number, row.name)));
        }
        assert_eq!(seen, expected);

        let of_seven = state.scan::<Note>(&note_key(tenant, "s", [7.into()]), None, 100).await.unwrap();
        assert_eq!(of_seven.len(), names.len() - 1);
        assert!(of_seven.iter().all(|row| row.number == 7));
        let after_a = note_key(tenant, "s", [(-7).into(), "a".into()]);
        let rest = state.scan::<Note>(&note_key(tenant, "s", [(-7).into()]), Some(&after_a), 2).await.unwrap();
        assert_eq!(rest.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["a\0", "a\0b"]);
        // A place before the prefix leaves the whole of it, and one behind it leaves nothing.
        let all = state.scan::<Note>(&note_key(tenant, "s", [7.into()]), Some(&after_a), 100).await.unwrap();
        assert_eq!(all.len(), names.len() - 1);
        let none = state.scan::<Note>(&note_key(tenant, "s", [i64::MIN.into()]), Some(&after_a), 100).await.unwrap();
        assert_eq!(none, []);
        assert_eq!(state.scan::<Note>(&note_key(tenant, "s", []), None, 0).await.unwrap(), []);
    }
}

#[tokio::test]
async fn uuids_sort_alike_everywhere() {
    let (states, _folder) = states().await;
    for state in &states {
        let (_, owner) = fresh();
        let ascending = [
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
            "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e",
            "018f4d7e-3c1c-7000-8000-000000000000",
            "ff8f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e",
            "00000000-0000-8000-8000-000000000000",
        ]
        .map(|text| text.parse::<Uuid>().unwrap());
        let writes: Vec<_> = ascending.iter().rev().map(|id| Write::put(mark(&owner, id.as_u128(), None), 1)).collect();
        state.write(&writes).await.unwrap();
        let rows = state.scan::<Mark>(&RowKey::new([owner.as_str().into()], []), None, 100).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ascending);
        let after = mark_key(&owner, ascending[1]);
        let rows = state.scan::<Mark>(&RowKey::new([owner.as_str().into()], []), Some(&after), 1).await.unwrap();
        assert_eq!(rows[0].id, ascending[2]);
    }
}

#[tokio::test]
async fn nulls_and_nested_structs_come_back_as_they_were() {
    let (states, _folder) = states().await;
    for state in &states {
        let (tenant, owner) = fresh();
        let empty = note(tenant, "s", 1, "empty");
        let maker = |country: Option<&str>| Maker { id: Uuid::new_v4(), country: country.map(str::to_owned) };
        let full = Note {
            title: Some(String::new()),
            done: true,
            stars: Some(-5),
            weight: Some(0.1),
            lines: vec![
                Line {
                    sku: "ção\0".into(),
                    quantity: -1,
                    gift: Some(false),
                    makers: vec![maker(None), maker(Some("BR"))],
                },
                Line { sku: String::new(), quantity: i64::MAX, gift: None, makers: vec![] },
            ],
            tags: ["b", "a", ""].map(str::to_owned).into(),
            labels: [("k".to_owned(), 1), (String::new(), i64::MIN)].into(),
            maker: Some(maker(None)),
            friends: Some(vec![]),
            ..note(tenant, "s", 1, "full")
        };
        state.write(&[Write::put(empty.clone(), 1), Write::put(full.clone(), 1)]).await.unwrap();
        assert_eq!(state.get::<Note>(&empty.key()).await.unwrap(), Some(empty.clone()));
        assert_eq!(state.get::<Note>(&full.key()).await.unwrap(), Some(full.clone()));
        let json = state.get_in::<serde_json::Value>(NOTE, &full.key()).await.unwrap().unwrap();
        assert_eq!(serde_json::from_value::<Note>(json).unwrap(), full);

        // A column that becomes null is null, and not what it was; a row of nulls alone is a row.
        let bare = Note { name: "full".into(), ..empty };
        state.write(&[Write::put(bare.clone(), 2), Write::put(mark(&owner, 1, None), 2)]).await.unwrap();
        assert_eq!(state.get::<Note>(&bare.key()).await.unwrap(), Some(bare));
        assert_eq!(value(state, &owner).await, Some(None));
    }
}

#[tokio::test]
async fn a_row_of_four_mebibytes_is_kept() {
    let (states, _folder) = states().await;
    for state in &states {
        let (tenant, _) = fresh();
        let row = Note { body: "0123456789abcdef".repeat(4 << 16), ..note(tenant, "s", 1, "big") };
        assert_eq!(row.body.len(), 4 << 20);
        state.write(&[Write::put(row.clone(), 1)]).await.unwrap();
        assert!(state.get::<Note>(&row.key()).await.unwrap() == Some(row));
    }
}

#[tokio::test]
async fn get_many_answers_in_the_order_asked() {
    let (states, _folder) = states().await;
    for state in &states {
        let (_, owner) = fresh();
        let writes: Vec<_> = (0..300).map(|id| Write::put(mark(&owner, id, i64::try_from(id).ok()), 1)).collect();
        state.write(&writes).await.unwrap();
        let asked = [250, 3, 999, 3, 0, 299];
        let keys = asked.map(|id| mark_key(&owner, Uuid::from_u128(id)));
        let found = state.get_many::<Mark>(&keys).await.unwrap();
        let values: Vec<_> = found.into_iter().map(|row| row.and_then(|row| row.value)).collect();
        assert_eq!(values, [Some(250), Some(3), None, Some(3), Some(0), Some(299)]);
        assert_eq!(state.get_many::<Mark>(&[]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn all_of_a_batch_is_visible_after_it() {
    let (states, _folder) = states().await;
    for state in &states {
        let (tenant, owner) = fresh();
        // Over several tables and partitions, and more rows in one partition than go into one request.
        let mut writes: Vec<_> = (0..250).map(|id| Write::put(mark(&owner, id, Some(1)), 1)).collect();
        writes.extend((0..40).map(|shelf| Write::put(note(tenant, &format!("s{shelf}"), 1, "n"), 1)));
        state.write(&writes).await.unwrap();
        assert_eq!(
            state.scan::<Mark>(&RowKey::new([owner.as_str().into()], []), None, 1_000).await.unwrap().len(),
            250
        );
        let keys: Vec<_> =
            (0..40).map(|shelf| note_key(tenant, &format!("s{shelf}"), [1.into(), "n".into()])).collect();
        assert!(state.get_many::<Note>(&keys).await.unwrap().iter().all(Option::is_some));
        state.write(&[]).await.unwrap();
    }
}

#[tokio::test]
async fn generations_are_strangers() {
    let (states, _folder) = states().await;
    for state in &states {
        let (_, owner) = fresh();
        state.write(&[Write::put(mark(&owner, 1, Some(1)), 1)]).await.unwrap();
        let key = mark_key(&owner, Uuid::from_u128(1));
        assert_eq!(state.get_in::<Mark>(LATER, &key).await.unwrap(), None);
        state.write(&[Write::delete_in(LATER, key.clone(), 9)]).await.unwrap();
        assert_eq!(value(state, &owner).await, Some(Some(1)));
    }
}

#[tokio::test]
async fn a_table_scan_meets_every_row_once() {
    let (states, _folder) = states().await;
    for state in &states {
        let owners: Vec<_> = (0..30).map(|_| fresh().1).collect();
        let writes: Vec<_> = owners
            .iter()
            .flat_map(|owner| {
                (0..5).map(|id| {
                    let row = Mark { owner: owner.clone(), id: Uuid::from_u128(id), value: None };
                    Write::put_in(LATER, row, 1)
                })
            })
            .collect();
        state.write(&writes).await.unwrap();
        let mut seen: Vec<(String, Uuid)> = vec![];
        let mut cursor = None;
        loop {
            let page = state.scan_table_in::<Mark>(LATER, cursor, 11).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| (row.owner, row.id)));
            let Some(next) = page.next else { break };
            // A cursor survives being kept as text.
            cursor = Some(serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap());
        }
        let distinct: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len());
        for owner in &owners {
            assert_eq!(distinct.iter().filter(|(of, _)| of == owner).count(), 5);
        }
    }
}

#[tokio::test]
async fn the_projects_own_tables_can_be_made_and_made_again() {
    let (states, _folder) = states().await;
    for state in &states {
        for _ in 0..2 {
            state.ensure_tables(OWN_TABLES, OWN_CQL).await.unwrap();
        }
        for table in OWN_TABLES {
            let parts = |columns: &[&str]| vec![KeyPart::Text("x".to_owned()); columns.len()];
            // Each is known from now on: what is refused is the key, and only where a column isn't text.
            let key = RowKey::new(parts(table.partition_key), parts(table.clustering_key));
            match state.get_in::<serde_json::Value>(*table, &key).await {
                Ok(found) => assert_eq!(found, None, "{table:?}"),
                Err(StateError::Refused(why)) => assert!(!why.contains("not ensured"), "{table:?}: {why}"),
                Err(other) => panic!("{table:?}: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn a_table_that_is_there_with_other_columns_is_refused() {
    let Some(state) = cql_state().await else { return };
    const MADE: &str = "
        CREATE TYPE IF NOT EXISTS feira_contract.size_g{g} (width int);
        CREATE TABLE IF NOT EXISTS feira_contract.moved_g{g} (
            owner text, id uuid, value bigint, sizes frozen<list<frozen<size_g{g}>>>, PRIMARY KEY ((owner), id)
        )";
    let ensure = async |cql: &str| state.ensure_tables(&[MOVED], &[("contract", cql)]).await;
    for _ in 0..2 {
        ensure(MADE).await.unwrap();
    }
    for (from, to, place, what) in [
        ("value bigint,", "value bigint, later text,", "table feira_contract.moved_g1", "later is missing"),
        ("value bigint,", "value text,", "table feira_contract.moved_g1", "value is bigint, not text"),
        ("value bigint,", "", "table feira_contract.moved_g1", "value is unknown here"),
        ("width int", "width int, height int", "type feira_contract.size_g1", "height is missing"),
    ] {
        match ensure(&MADE.replace(from, to)).await {
            Err(StateError::Refused(why)) => {
                assert!(why.starts_with(place) && why.contains(what) && why.contains("next generation"), "{why}");
            }
            other => panic!("{to}: {other:?}"),
        }
    }
    ensure(MADE).await.unwrap();
}

#[tokio::test]
async fn what_cant_be_done_is_refused_with_the_reason() {
    let (states, _folder) = states().await;
    for state in &states {
        let refused = |result: Result<(), StateError>, part: &str| match result {
            Err(StateError::Refused(why)) => assert!(why.contains(part), "{why}"),
            other => panic!("expected a refusal about {part}, got {other:?}"),
        };
        let partial = RowKey::new(["o".into()], []);
        refused(state.get::<Mark>(&partial).await.map(drop), "full key");
        refused(state.scan::<Mark>(&RowKey::new([], []), None, 1).await.map(drop), "partition-key");
        refused(state.get::<Mark>(&mark_key("", Uuid::nil())).await.map(drop), "empty");
        refused(state.get::<Mark>(&mark_key(&"x".repeat(70_000), Uuid::nil())).await.map(drop), "bytes");
        refused(state.write(&[Write::delete::<Mark>(partial, 1)]).await, "full key");
        refused(state.get::<Unknown>(&mark_key("o", Uuid::nil())).await.map(drop), "not ensured");
    }
}

#[tokio::test]
async fn a_cluster_that_doesnt_answer_is_unavailable() {
    let connected = State::cql(&CqlSettings::new(["127.0.0.1:1"])).await;
    assert!(matches!(connected, Err(StateError::Unavailable(_))));
}

#[tokio::test]
async fn the_clock_that_processes_share_is_the_clusters() {
    let (states, _folder) = states().await;
    for state in &states {
        let Some(now) = state.now().await.unwrap() else {
            assert!(!state.is_shared());
            continue;
        };
        let here = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
        // The cluster of a test is on this machine, or near.
        assert!(here.abs_diff(u128::try_from(now).unwrap()) < 3_600_000_000, "{now}");
    }
}

#[tokio::test]
async fn a_cluster_that_goes_away_is_unavailable_until_it_is_back() {
    let Some(nodes) = support::service("FEIRA_SCYLLA_NODES") else { return };
    let (cut, proxy) = support::breakable(nodes.split(',').next().unwrap().to_owned()).await;
    let mut settings = CqlSettings::new([proxy]);
    settings.read_timeout = support::SOON;
    let state = State::cql(&settings).await.unwrap();
    state.ensure_tables(&[MARK], &[("contract", CQL)]).await.unwrap();
    let (_, owner) = fresh();
    let key = mark_key(&owner, Uuid::from_u128(1));
    state.write(&[Write::put(mark(&owner, 1, Some(1)), 1)]).await.unwrap();

    cut.send(true).unwrap();
    // The proxy needs a moment to drop its connections.
    support::until("the cluster is away", async || state.get::<Mark>(&key).await.is_err()).await;
    let read = state.get::<Mark>(&key).await;
    assert!(matches!(read, Err(StateError::Unavailable(_))), "{read:?}");
    let written = state.write(&[Write::put(mark(&owner, 1, Some(2)), 2)]).await;
    assert!(matches!(written, Err(StateError::Unavailable(_))), "{written:?}");

    cut.send(false).unwrap();
    let again = [Write::put(mark(&owner, 1, Some(2)), 2)];
    support::until("the cluster is back", async || state.write(&again).await.is_ok()).await;
    assert_eq!(value(&state, &owner).await, Some(Some(2)));
}
