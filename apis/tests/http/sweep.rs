//! Keys of what was never made: a charge that was refused is sealed, and nobody's, and so is a second invitation.

use std::time::Duration;

use feira_connectors::keyring::SubjectKeys;
use feira_schemas::{
    ids::{ChargeId, Micros, StaffId, TenantId},
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

async fn subjects(bed: &Bed, kind: SubjectKind) -> Vec<SubjectKeys> {
    let page = bed.api.keyring.subjects(None, 10_000).await.unwrap();
    page.subjects.into_iter().filter(|keys| keys.subject.kind() == kind).collect()
}

/// Sweeps so many days later.
async fn swept(bed: &Bed, days: i64) -> Swept {
    let platform = later(bed, days * DAY);
    sweep::if_due(&platform, &bed.api.keyring, Duration::from_secs(60)).await.unwrap().expect("it is time")
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
        assert_eq!(subjects(&bed, SubjectKind::Charge).await.len(), 2, "both were sealed before they were decided");

        assert_eq!(swept(&bed, 8).await, Swept::default(), "a command may be decided late");
        assert_eq!(swept(&bed, 10).await, Swept { found: 1, ..Swept::default() });
        assert_eq!(subjects(&bed, SubjectKind::Charge).await.len(), 2);
        assert_eq!(swept(&bed, 12).await, Swept { erased: 1, ..Swept::default() });
        let id: ChargeId = text(&living["id"]).parse().unwrap();
        let tenant: TenantId = seller.shop.id.parse().unwrap();
        let left = subjects(&bed, SubjectKind::Charge).await;
        assert_eq!(left.iter().map(|keys| (keys.tenant, keys.subject.id())).collect::<Vec<_>>(), [(tenant, id.uuid())]);
        let read = send(seller.asks(&bed, "GET", &format!("/charges/{id}"))).await.expect(200).json;
        assert_eq!((&read["erased"], &read["buyer"]["name"]), (&json!(false), &json!("Joana Prado")));
    });
}

#[test]
fn keys_of_who_is_invited_twice_are_erased_but_for_those_of_the_member() {
    run(async {
        let bed = Bed::start().await;
        let invite = || send(bed.operator("POST", "/staff").json(&json!({"email": "ana@duas.example", "name": "Ana"})));
        let member = invite().await.expect(201).json;
        let again = invite().await.expect(200).json;
        assert_eq!(again["id"], member["id"]);
        assert_eq!(subjects(&bed, SubjectKind::Staff).await.len(), 2, "both were sealed before they were decided");

        assert_eq!(swept(&bed, 10).await, Swept { found: 1, ..Swept::default() });
        assert_eq!(swept(&bed, 12).await, Swept { erased: 1, ..Swept::default() });
        let id: StaffId = text(&member["id"]).parse().unwrap();
        let left = subjects(&bed, SubjectKind::Staff).await;
        let left: Vec<_> = left.iter().map(|keys| (keys.tenant, keys.subject.id())).collect();
        assert_eq!(left, [(TenantId::PLATFORM, id.uuid())]);
        let read = send(bed.operator("GET", &format!("/staff/{id}"))).await.expect(200).json;
        assert_eq!((&read["erased"], &read["name"]), (&json!(false), &json!("Ana")));
    });
}
