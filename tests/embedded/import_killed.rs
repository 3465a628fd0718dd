//! The end of a process, by `kill -9` and by asking it, in the middle of an import by the command line, on the embedded parts.

use crate::common::{
    catalogue::{killed_half_way_resumes, stopped_half_way_says_what_is_done},
    process::Mode,
};

#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_killed_half_way_keeps_what_it_acknowledged_and_resumes_without_a_double() {
    killed_half_way_resumes(Mode::Embedded, 3_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_whose_process_is_asked_to_stop_ends_with_what_is_done() {
    stopped_half_way_says_what_is_done(Mode::Embedded, 6_000).await;
}
