//! Keys of what was never made: a charge that was refused is sealed, and nobody's.

use std::time::Duration;

use feira_connectors::keyring::SubjectKeys;
use feira_schemas::{
    ids::{ChargeId, Micros, TenantId},
    sealed::SubjectKind,
    time::{Clock, DAY},
};
use feira_streams::{
    effects::sweep::{self, Swept},
    platform::Platform,
};
use serde_json::json;

use crate::{
    bed::{Bed, send},
    payments::{Seller, pix, text},
    run,
};

/// The platform as it is so much later.
fn later(bed: &Bed, time: Micros) -> Platform {
    let (wall, steady) = (bed.api.platform.clock.clone(), bed.api.platform.clock.clone());
    let clock = Clock::new(move || wall.now() + time, move || steady.steady() + time);
    Platform { clock, ..bed.api.platform.clone() }
}

async fn charges(bed: &Bed) -> Vec<SubjectKeys> {
    let page = bed.api.keyring.subjects(None, 10_000).await.unwrap();
    page.subjects.into_iter().filter(|keys| keys.subject.kind() == SubjectKind::Charge).collect()
}

#[test]
fn keys_of_a_refused_charge_are_erased_and_those_of_a_living_one_stay() {
    run(async {
        // Of its own: in others, requests are under way for which ten days are not over.
        let bed = Bed::start().await;
        let seller = Seller::at(&bed, "varrida", "pagarme").await;
        let living = seller.charges(&bed, &pix(1_000)).await.expect(201).json;
        let mut foreign = pix(1_000);
        foreign["account_id"] = json!("018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e");
        seller.charges(&bed, &foreign).await.expect(422);
        assert_eq!(charges(&bed).await.len(), 2, "both were sealed before they were decided");

        let swept = async |days: i64| {
            let platform = later(&bed, days * DAY);
            sweep::if_due(&platform, &bed.api.keyring, Duration::from_secs(60)).await.unwrap().expect("it is time")
        };
        assert_eq!(swept(8).await, Swept::default(), "a command may be decided late");
        assert_eq!(swept(10).await, Swept { found: 1, ..Swept::default() });
        assert_eq!(charges(&bed).await.len(), 2);
        assert_eq!(swept(12).await, Swept { erased: 1, ..Swept::default() });
        let id: ChargeId = text(&living["id"]).parse().unwrap();
        let tenant: TenantId = seller.shop.id.parse().unwrap();
        let left = charges(&bed).await;
        assert_eq!(left.iter().map(|keys| (keys.tenant, keys.subject.id())).collect::<Vec<_>>(), [(tenant, id.uuid())]);
        let read = send(seller.asks(&bed, "GET", &format!("/charges/{id}"))).await.expect(200).json;
        assert_eq!((&read["erased"], &read["buyer"]["name"]), (&json!(false), &json!("Joana Prado")));
    });
}
