//! Contract of the keyring: embedded, and CQL where a cluster is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bed;
mod durable;
mod masters;
mod secrets;
mod subjects;
#[path = "../support/mod.rs"]
mod support;

use std::sync::atomic::Ordering;

use bed::{Clocks, Place, START, name, opens, order, sealed, tenant};
use feira_connectors::keyring::{Keyring, KeyringError, Opened};
use feira_schemas::{
    limits::SEALED_FIELD_BYTES,
    sealed::{Email, Envelope, NotPlain, PersonName, Personal, Sealed},
};
use zeroize::Zeroizing;

#[tokio::test]
async fn what_is_sealed_opens_here_and_in_another_process() {
    for place in Place::each() {
        let (tenant, subject) = (tenant(), order());
        let (name, email) = {
            let keyring = place.keyring().await;
            let sealer = keyring.mint(tenant, subject).await.unwrap();
            let email = sealer.seal(&Email::new("ana@loja.example").unwrap()).unwrap();
            (sealer.seal(&name()).unwrap(), email)
        };
        assert_eq!((name.envelope().subject(), name.envelope().field()), (subject, "name"));
        assert_eq!(name.envelope().key_id(), email.envelope().key_id(), "values that come together have one key");
        let keyring = place.keyring().await;
        assert_eq!(opens(&keyring, tenant, &name).await, Opened::Value(()));
        let opened = keyring.unseal(tenant, &email).await.unwrap();
        assert!(matches!(opened, Opened::Value(email) if email.expose() == "ana@loja.example"));
        keyring.answers().await.unwrap();
        assert_eq!(keyring.trouble(), None);
    }
}

#[tokio::test]
async fn every_act_of_sealing_has_a_key_and_a_nonce_of_its_own() {
    for place in Place::each() {
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let sealer = keyring.mint(tenant, subject).await.unwrap();
        let (one, two) = (sealer.seal(&name()).unwrap(), sealer.seal(&name()).unwrap());
        assert_ne!(
            (one.envelope().nonce(), one.envelope().ciphertext()),
            (two.envelope().nonce(), two.envelope().ciphertext())
        );
        let other = sealed(&keyring, tenant, subject).await;
        assert_ne!(one.envelope().key_id(), other.envelope().key_id());
        for sealed in [&one, &two, &other] {
            assert_eq!(opens(&keyring, tenant, sealed).await, Opened::Value(()));
        }
    }
}

#[tokio::test]
async fn under_another_tenant_subject_or_field_it_does_not_open() {
    for place in Place::each() {
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let value = sealed(&keyring, tenant, subject).await;
        let parts = |subject, field: &str, flipped: Option<usize>| {
            let envelope = value.envelope();
            let mut ciphertext = envelope.ciphertext().to_vec();
            if let Some(bit) = flipped {
                ciphertext[bit / 8] ^= 1 << (bit % 8);
            }
            Envelope::new(subject, field, envelope.key_id(), *envelope.nonce(), ciphertext).unwrap()
        };
        // Its key is of the one shop and subject, so elsewhere there is none.
        assert_eq!(opens(&keyring, bed::tenant(), &value).await, Opened::Lost);
        let of_another: Sealed<PersonName> = Sealed::of(parts(order(), "name", None)).unwrap();
        assert_eq!(opens(&keyring, tenant, &of_another).await, Opened::Lost);
        // A record that was changed by hand: the key is there, and does not open it.
        let as_email: Sealed<Email> = Sealed::of(parts(subject, "email", None)).unwrap();
        assert!(matches!(keyring.unseal(tenant, &as_email).await, Err(KeyringError::Forged)));
        for bit in [0, 7, value.envelope().ciphertext().len() * 8 - 1] {
            let flipped: Sealed<PersonName> = Sealed::of(parts(subject, "name", Some(bit))).unwrap();
            assert!(matches!(keyring.unseal(tenant, &flipped).await, Err(KeyringError::Forged)), "{bit}");
        }
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Value(()));
    }
}

#[tokio::test]
async fn an_erased_subject_is_erased_with_all_its_keys_and_no_other_is() {
    for place in Place::each() {
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let mut of_subject = Vec::new();
        for _ in 0..3 {
            of_subject.push(sealed(&keyring, tenant, subject).await);
        }
        let others = [(tenant, order()), (bed::tenant(), subject)];
        let mut of_others = Vec::new();
        for (tenant, subject) in others {
            of_others.push((tenant, sealed(&keyring, tenant, subject).await));
        }
        assert_eq!(keyring.erase(tenant, subject).await.unwrap(), 3);
        assert_eq!(keyring.erase(tenant, subject).await.unwrap(), 0, "again is harmless");
        assert_eq!(keyring.erase(tenant, order()).await.unwrap(), 0, "nobody is no error");
        drop(keyring);
        let keyring = place.keyring().await;
        for sealed in &of_subject {
            assert_eq!(opens(&keyring, tenant, sealed).await, Opened::Erased);
        }
        for (tenant, sealed) in &of_others {
            assert_eq!(opens(&keyring, *tenant, sealed).await, Opened::Value(()));
        }
        // What comes later has another key; whether it may come is not the keyring's to say.
        let later = sealed(&keyring, tenant, subject).await;
        assert_eq!(opens(&keyring, tenant, &later).await, Opened::Value(()));
    }
}

#[tokio::test]
async fn more_keys_than_are_read_at_once_are_erased() {
    for place in Place::each() {
        let (keyring, tenant, subject) = (place.keyring().await, tenant(), order());
        let minted = futures::future::join_all((0..1_100).map(|_| sealed(&keyring, tenant, subject))).await;
        assert_eq!(keyring.erase(tenant, subject).await.unwrap(), minted.len());
        for value in [&minted[0], &minted[600], &minted[1_099]] {
            assert_eq!(opens(&keyring, tenant, value).await, Opened::Erased);
        }
    }
}

#[tokio::test]
async fn a_key_in_memory_lasts_a_minute_unless_it_is_forgotten() {
    for place in Place::each() {
        // Two processes on one cluster; of a folder there is one, whose keys another handle on the same store erases.
        let (clocks, tenant, subject) = (Clocks::new(), tenant(), order());
        let store = place.store().await;
        let open = async |clocks: &Clocks| {
            Keyring::open(store.clone(), bed::masters(&["one"]), clocks.sources()).await.unwrap()
        };
        let (keyring, other) = (open(&clocks).await, open(&clocks).await);
        let value = sealed(&keyring, tenant, subject).await;
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Value(()));
        other.erase(tenant, subject).await.unwrap();
        assert_eq!(opens(&other, tenant, &value).await, Opened::Erased);
        clocks.pass(59);
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Value(()), "it was not told");
        clocks.pass(1);
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Erased);

        let told = sealed(&keyring, tenant, subject).await;
        assert_eq!(opens(&keyring, tenant, &told).await, Opened::Value(()));
        other.erase(tenant, subject).await.unwrap();
        keyring.forget(tenant, subject);
        assert_eq!(opens(&keyring, tenant, &told).await, Opened::Erased);
    }
}

#[tokio::test]
async fn an_erasing_stays_whatever_the_clocks_say() {
    for place in Place::each() {
        let (clocks, tenant, subject) = (Clocks::new(), tenant(), order());
        let keyring = place.open(&["one"], &clocks).await.unwrap();
        let value = sealed(&keyring, tenant, subject).await;
        // A machine whose clock is an hour behind the one that made the key.
        clocks.now.store(START - 3_600_000_000, Ordering::Relaxed);
        assert_eq!(keyring.erase(tenant, subject).await.unwrap(), 1);
        drop(keyring);
        let keyring = place.open(&["one", "two"], &clocks).await.unwrap();
        assert_eq!(keyring.rotate(|_| ()).await.unwrap().erased, 1);
        assert_eq!(opens(&keyring, tenant, &value).await, Opened::Erased);
    }
}

#[tokio::test]
async fn a_value_has_8_kib_at_most() {
    struct Long(usize);
    impl Personal for Long {
        const FIELD: &'static str = "long";
        fn to_plain(&self) -> Zeroizing<Vec<u8>> {
            Zeroizing::new(vec![1; self.0])
        }
        fn from_plain(plain: &[u8]) -> Result<Self, NotPlain> {
            Ok(Self(plain.len()))
        }
    }
    for place in Place::each() {
        let (keyring, tenant) = (place.keyring().await, tenant());
        let sealer = keyring.mint(tenant, order()).await.unwrap();
        for bytes in [0, 1, SEALED_FIELD_BYTES] {
            let opened = keyring.unseal(tenant, &sealer.seal(&Long(bytes)).unwrap()).await.unwrap();
            assert!(matches!(opened, Opened::Value(Long(found)) if found == bytes));
        }
        match sealer.seal(&Long(SEALED_FIELD_BYTES + 1)) {
            Err(KeyringError::Refused(why)) => assert!(why.contains("8193") && why.contains("8192"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}
