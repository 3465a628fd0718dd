//! Timers of admin's, which asks the directory until it is answered.

use feira_connectors::log::TopicPartition;
use feira_contexts::admin::Admin;
use feira_schemas::{
    groups::Context,
    records::{
        AdminCommand, AdminEvent, EventSet,
        admin::{AnswerNameClaim, ProvisionTenant},
        common::TimerKey,
    },
    rows::{admin::TimerRow, common::Timer},
    time::{HOUR, MINUTE},
};

use super::{Bed, meta, until_decided};
use crate::{consumer::Consumer, testing::tenant};

fn asked(number: u128) -> AdminCommand {
    let (subdomain, shop_name) = (format!("loja-{number}"), "Loja".to_owned());
    ProvisionTenant { meta: meta(number, tenant(number)), subdomain, shop_name, token_hash: None }.into()
}

fn answer(number: u128, shop: u128, confirmed: bool) -> AdminCommand {
    let (meta, name) = (meta(number, tenant(shop)), format!("loja-{shop}"));
    AnswerNameClaim { meta, name, held: true, confirmed }.into()
}

/// Timers of admin's that were ended so far.
async fn ended(bed: &Bed) -> Vec<TimerKey> {
    let events = bed.events::<AdminEvent>(Context::Admin).await;
    events.iter().filter_map(|event| event.as_timer()?.ended()).collect()
}

#[tokio::test]
async fn a_timer_that_a_record_of_its_batch_has_cleared_is_not_decided() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Admin>().await;
    bed.send([asked(1)]).await;
    until_decided(&mut processor, 1).await;
    processor.step().await.unwrap();
    bed.pass(MINUTE);
    assert!(processor.until_due().is_zero());
    // The answer is decided in the same batch, before the timer.
    bed.send([answer(2, 1, false)]).await;
    until_decided(&mut processor, 2).await;
    assert_eq!(ended(&bed).await.len(), 1, "by the answer alone");
    let rows = bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows;
    let [TimerRow(Timer { what, due, .. })] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((what.as_str(), *due), ("confirm_name", bed.now() + MINUTE));

    // Nobody answers for a while: it is asked for until the answer comes, and not after.
    let asked = async || {
        let at = TopicPartition::new("directory.commands", 0);
        bed.platform.log.read(&at, 0, 100).await.unwrap().records.len()
    };
    assert_eq!(asked().await, 2);
    for (count, after) in [(3, MINUTE), (4, 10 * MINUTE), (5, HOUR), (6, 24 * HOUR), (7, 24 * HOUR)] {
        bed.pass(after + 1_000);
        processor.step().await.unwrap();
        processor.step().await.unwrap();
        assert_eq!(asked().await, count);
    }
    bed.send([answer(3, 1, true)]).await;
    until_decided(&mut processor, 3).await;
    bed.pass(1_000 * HOUR);
    processor.step().await.unwrap();
    assert_eq!(asked().await, 7);
    assert_eq!(bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows, []);
    let mut all = ended(&bed).await;
    all.dedup();
    assert_eq!(all.len(), 7, "each timer has one end");
}
