//! Listing all subjects that have keys, and erasing those keys alone that were made before a time.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use feira_connectors::keyring::{Keyring, Opened};
use feira_schemas::{
    ids::{Micros, TenantId},
    sealed::Subject,
};

use crate::bed::{Clocks, Place, START, opens, order, sealed, tenant};

/// Every subject on pages of so many keys, with its oldest key; none may come twice.
async fn all(keyring: &Keyring, limit: usize) -> BTreeMap<(TenantId, Subject), Micros> {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let page = keyring.subjects(after, limit).await.unwrap();
        for keys in page.subjects {
            let before = found.insert((keys.tenant, keys.subject), keys.oldest);
            assert_eq!(before, None, "{} is on two pages", keys.subject);
        }
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn every_subject_is_listed_once_with_its_oldest_key_whatever_a_page_holds() {
    for place in Place::each() {
        let clocks = Clocks::new();
        let keyring = place.open(&["one"], &clocks).await.unwrap();
        let (here, there) = (tenant(), tenant());
        let subjects = [order(), order(), order()];
        // Several keys each, so that pages end among those of one subject; the same subject of two tenants is two.
        for (number, subject) in subjects.iter().enumerate() {
            for key in 0..4 {
                clocks.now.store(START + 100 * number as Micros + key, Ordering::Relaxed);
                keyring.mint(here, *subject).await.unwrap();
            }
        }
        keyring.mint(there, subjects[0]).await.unwrap();
        let expected: BTreeMap<_, _> = [
            ((here, subjects[0]), START),
            ((here, subjects[1]), START + 100),
            ((here, subjects[2]), START + 200),
            ((there, subjects[0]), START + 203),
        ]
        .into();
        for limit in [1, 2, 3, 5, 500] {
            assert_eq!(all(&keyring, limit).await, expected, "{limit} a page");
        }
        keyring.erase(here, subjects[1]).await.unwrap();
        let left: Vec<_> = expected.keys().filter(|of| **of != (here, subjects[1])).copied().collect();
        for limit in [1, 3, 500] {
            assert_eq!(all(&keyring, limit).await.into_keys().collect::<Vec<_>>(), left, "what is erased is no more");
        }
    }
}

#[tokio::test]
async fn keys_that_were_made_before_a_time_are_erased_and_later_ones_stay() {
    for place in Place::each() {
        let clocks = Clocks::new();
        let keyring = place.open(&["one"], &clocks).await.unwrap();
        let (tenant, subject) = (tenant(), order());
        let old = sealed(&keyring, tenant, subject).await;
        clocks.now.store(START + 10, Ordering::Relaxed);
        let new = sealed(&keyring, tenant, subject).await;
        assert_eq!(keyring.erase_made_before(tenant, subject, START).await.unwrap(), 0, "made then, not before");
        assert_eq!(keyring.erase_made_before(tenant, subject, START + 10).await.unwrap(), 1);
        assert_eq!(opens(&keyring, tenant, &old).await, Opened::Erased);
        assert_eq!(opens(&keyring, tenant, &new).await, Opened::Value(()));
        assert_eq!(all(&keyring, 500).await, [((tenant, subject), START + 10)].into());
        assert_eq!(keyring.erase_made_before(tenant, subject, START + 10).await.unwrap(), 0, "again, nothing is left");
    }
}
