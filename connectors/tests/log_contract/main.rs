//! Contract of the logs, run on each adapter: always on the embedded one, and on Kafka when `FEIRA_KAFKA_BROKERS`
//! names brokers. With `FEIRA_REQUIRE=all` a missing broker is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bed;
mod cases;
mod copying;
mod embedded_only;
mod kafka_only;

/// One test per case and adapter, so that a failure names both.
macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::cases::$case(&crate::bed::embedded()).await;
            })*
        }

        mod kafka {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(bed) = crate::bed::kafka() {
                    crate::cases::$case(&bed).await;
                }
            })*
        }
    };
}

contract!(
    records_of_a_key_keep_their_order,
    positions_survive_a_rejoin,
    a_transaction_is_whole_or_nothing,
    two_groups_each_see_everything,
    records_can_be_deleted_from_the_start,
    a_tombstone_is_not_an_empty_value_and_headers_are_kept,
    four_mebibytes_pass_and_more_is_too_large,
    concurrent_appends_keep_each_callers_order,
    a_tail_sees_what_comes_after_it,
    a_cancelled_wait_loses_nothing,
    topics_are_created_once_and_checked,
    a_partition_can_be_paused_and_rewound,
    what_does_not_exist_is_refused,
);
