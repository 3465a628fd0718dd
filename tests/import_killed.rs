//! `kill -9` in the middle of an import by the command line, on the embedded parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    catalogue::{Catalogue, acknowledged_are_there},
    process::{Mode, Process},
    shop::Shop,
};

#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_killed_half_way_keeps_what_it_acknowledged_and_resumes_without_a_double() {
    let mut process = Process::start(Mode::Embedded).await;
    let (catalogue, shop) = (Catalogue::of(3_000), Shop::make(&process, "canecas").await);
    let import = catalogue.begin(&process, &shop).await;
    process.kill();
    let cut = import.end().await;
    catalogue.was_cut_off(&cut);

    process.start_again().await;
    acknowledged_are_there(&process, &shop, &cut).await;
    catalogue.resumes(&process, &shop, &cut).await;
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}
