//! Master keys: which of them a process may start with, and how keys go from one to the next.

use feira_connectors::{
    keyring::{Keyring, KeyringError, MasterKeys, Opened, check},
    state::State,
};
use feira_schemas::{
    row::{RowKey, Table, Write},
    rows::keyring::{DATA_KEY, DataKeyRow},
    sealed::{PersonName, Sealed, Subject},
};

use crate::bed::{self, Clocks, Place, hex_of, opens, order, sealed, tenant};

fn refusal<T>(opened: Result<T, KeyringError>) -> String {
    match opened {
        Err(KeyringError::Refused(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn a_lost_or_wrong_master_key_is_said_at_the_start() {
    for place in Place::each() {
        let clocks = Clocks::new();
        drop(place.keyring().await);
        let lost = refusal(place.open(&["two"], &clocks).await);
        assert!(lost.contains("\"one\"") && lost.contains("put it back"), "{lost}");
        let other_key = MasterKeys::parse(&format!("one:{}", hex_of("x")).as_str().into()).unwrap();
        let store = place.store().await;
        let wrong = refusal(Keyring::open(store, other_key, clocks.sources()).await);
        assert!(wrong.contains("another key under \"one\""), "{wrong}");
        for why in [&lost, &wrong] {
            assert!(!why.contains(&hex_of("x")) && !why.contains(&hex_of("two")) && !why.contains('\n'), "{why}");
        }
        // Whoever was refused has left nothing behind.
        drop(place.keyring().await);
        drop(place.open(&["one", "two"], &clocks).await.unwrap());
    }
}

#[tokio::test]
async fn all_keys_go_to_the_newest_master_key_and_the_old_one_may_leave() {
    for place in Place::each() {
        let (clocks, tenant, gone) = (Clocks::new(), tenant(), order());
        let keyring = place.open(&["one"], &clocks).await.unwrap();
        let minted = futures::future::join_all((0..1_203).map(|_| sealed(&keyring, tenant, order()))).await;
        let erased = sealed(&keyring, tenant, gone).await;
        keyring.erase(tenant, gone).await.unwrap();
        drop(keyring);

        let keyring = place.open(&["one", "two"], &clocks).await.unwrap();
        let new = sealed(&keyring, tenant, order()).await;
        let mut pages = 0;
        let rotated = keyring.rotate(|_| pages += 1).await.unwrap();
        assert_eq!((rotated.wrapped, rotated.current, rotated.erased, rotated.failed), (1_203, 1, 1, 0));
        assert!(rotated.retired.iter().eq(["one"]) && pages > 1, "{rotated:?} in {pages} pages");
        let again = keyring.rotate(|_| ()).await.unwrap();
        assert_eq!((again.wrapped, again.current, again.retired.len()), (0, 1_204, 0));
        drop(keyring);

        let keyring = place.open(&["two"], &clocks).await.unwrap();
        for value in minted.iter().step_by(100).chain([&new]) {
            assert_eq!(opens(&keyring, tenant, value).await, Opened::Value(()));
        }
        assert_eq!(opens(&keyring, tenant, &erased).await, Opened::Erased);
        drop(keyring);
        let checked = check(&place.store().await, &bed::masters(&["two"])).await.unwrap();
        assert!(checked.is_whole(), "{checked:?}");
        assert_eq!((checked.by_master["two"], checked.erased), (1_204, 1));
    }
}

#[tokio::test]
async fn a_check_names_what_can_not_be_opened() {
    for place in Place::each() {
        let (clocks, tenant) = (Clocks::new(), tenant());
        let keyring = place.open(&["one"], &clocks).await.unwrap();
        let mut of_one: Vec<(Subject, Sealed<PersonName>)> = Vec::new();
        for _ in 0..30 {
            let subject = order();
            of_one.push((subject, sealed(&keyring, tenant, subject).await));
        }
        drop(keyring);
        let keyring = place.open(&["one", "two"], &clocks).await.unwrap();
        let of_two = sealed(&keyring, tenant, order()).await;
        drop(keyring);

        let store = place.store().await;
        let whole = check(&store, &bed::masters(&["one", "two"])).await.unwrap();
        assert!(whole.is_whole() && whole.by_master["one"] == 30 && whole.by_master["two"] == 1, "{whole:?}");
        let lacking = check(&store, &bed::masters(&["two"])).await.unwrap();
        assert!(!lacking.is_whole());
        assert!(lacking.faults[0].contains("\"one\""), "the sentinel first: {lacking:?}");
        let key = of_one.iter().any(|(subject, value)| {
            lacking.faults[1].contains(&value.envelope().key_id().to_string())
                && lacking.faults[1].contains(&subject.to_string())
        });
        assert!(key && lacking.faults[1].contains(&tenant.to_string()), "{lacking:?}");
        assert_eq!(lacking.faults.len() as u64 + lacking.more, 31, "{lacking:?}");
        assert_eq!(lacking.by_master.iter().map(|(id, keys)| (id.as_str(), *keys)).collect::<Vec<_>>(), [("two", 1)]);
        drop(store);

        // A process that was started before the newest master key came can't open what it wraps, and does not call it lost.
        let store = place.store().await;
        let newer = Keyring::open(store.clone(), bed::masters(&["one", "two"]), clocks.sources());
        let newer = newer.await.unwrap();
        let of_three = {
            let three = Keyring::open(store, bed::masters(&["one", "two", "three"]), clocks.sources());
            sealed(&three.await.unwrap(), tenant, order()).await
        };
        match newer.unseal(tenant, &of_three).await {
            Err(KeyringError::Away(why)) => assert!(why.contains("\"three\""), "{why}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(opens(&newer, tenant, &of_two).await, Opened::Value(()));
    }
}

/// What another process read before an erasing and writes after it, and a tombstone in which a key lies all the same. The embedded
/// store, which one process has, is asked the same beside its code.
#[tokio::test]
async fn a_late_write_brings_no_erased_key_back_on_a_cluster() {
    for place in Place::each() {
        let Place::Cql(settings, keyspace) = &place else { continue };
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let value = sealed(&keyring, tenant, subject).await;
        let table = Table { keyspace, ..DATA_KEY };
        let state = State::cql(settings).await.unwrap();
        assert!(state.open_table(table).await.unwrap());
        let key =
            RowKey::new([tenant.uuid().into(), subject.to_string().into()], [value.envelope().key_id().uuid().into()]);
        let row: DataKeyRow = state.get_in(table, &key).await.unwrap().unwrap();
        keyring.erase(tenant, subject).await.unwrap();
        let wrapped_anew = DataKeyRow { rotation: 1, ..row.clone() };
        let at = row.made_at + 1;
        state.write(&[Write::put_in(table, wrapped_anew, at)]).await.unwrap();
        let kept: DataKeyRow = state.get_in(table, &key).await.unwrap().unwrap();
        assert!(kept.wrapped.is_none() && kept.erased_at.is_some(), "{kept:?}");
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Erased);
        let with_a_key = DataKeyRow { wrapped: row.wrapped, ..kept };
        state.write(&[Write::put_in(table, with_a_key, at + 10_000_000)]).await.unwrap();
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Erased);
    }
}
