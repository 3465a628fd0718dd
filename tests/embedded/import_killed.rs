//! `kill -9` in the middle of an import by the command line, on the embedded parts.

use crate::common::{catalogue::killed_half_way_resumes, process::Mode};

#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_killed_half_way_keeps_what_it_acknowledged_and_resumes_without_a_double() {
    killed_half_way_resumes(Mode::Embedded, 3_000).await;
}
