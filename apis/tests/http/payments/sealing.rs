//! What people typed stands in no record.

use feira_connectors::log::TopicPartition;

use super::{EMAIL, Seller, card, kept_card, subscription};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn nothing_that_a_buyer_typed_stands_in_a_record() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "lacrada", "pagarme").await;
        let token = seller.token(bed, "4000000000000010").await;
        seller.charges(bed, &card(&token, 10_000)).await.expect(201);
        let (plan, kept) = (seller.plan(bed).await, seller.card_token(bed, false).await);
        send(seller.asks(bed, "POST", "/cards").json(&kept_card(&kept))).await.expect(201);
        let subscribing = seller.card_token(bed, false).await;
        let body = subscription(&plan, &subscribing);
        send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(201);
        let typed = [EMAIL, "Joana Prado", "52998224725", "Paulista", "+5511987654321", &token, &kept, &subscribing];
        let partition = bed.api.platform.partition_of(seller.shop.id.parse().unwrap());
        for topic in ["payments.commands", "payments.events", "payments.results"] {
            let (mut next, mut seen) = (0, 0);
            let at = TopicPartition::new(topic, partition);
            while next < bed.api.platform.log.end(&at).await.unwrap() {
                let page = bed.api.platform.log.read(&at, next, 1_000).await.unwrap();
                for record in &page.records {
                    let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned();
                    seen += 1;
                    for secret in typed {
                        assert!(!value.contains(secret), "{topic} has {secret}");
                    }
                }
                next = page.next;
            }
            assert!(seen > 0, "{topic}");
        }
    });
}
