//! The end of a process, by `kill -9` and by asking it, in the middle of imports by the command line: of the only process in either
//! mode, and of one of two on the services.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::{
    catalogue::{Catalogue, acknowledged_are_there},
    common::{
        Bed, embedded,
        import::Import,
        process::{Mode, Process},
        services::{PARTITIONS, services},
        shop::Shop,
    },
};

/// The process is there again, with what it acknowledged, and the rest comes in without a double.
#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_killed_half_way_keeps_what_it_acknowledged_and_resumes_without_a_double() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    // Enough that the kill comes in the middle; the embedded parts are done sooner.
    let products = if bed.mode == Mode::Embedded { 3_000 } else { 2_000 };
    let mut process = Process::start(bed.mode).await;
    let (catalogue, shop) = (Catalogue::of(products), Shop::make(&process, "canecas").await);
    let cut = catalogue.cut_off(&mut process, &shop).await;

    process.start_again().await;
    acknowledged_are_there(&process, &shop, &cut).await;
    catalogue.resumes(&process, &shop, &cut).await;
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

/// An import is told of the end at once: what is under way is decided and printed, and no more is begun.
#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_whose_process_is_asked_to_stop_ends_with_what_is_done() {
    if embedded().is_none() {
        return;
    }
    let products = 6_000;
    let mut process = Process::start(Mode::Embedded).await;
    let (catalogue, shop) = (Catalogue::of(products), Shop::make(&process, "canecas").await);
    let import = catalogue.begin(&process, &shop).await;
    process.signal("TERM");
    let cut = import.end().await;
    assert_eq!(cut.code, 3, "it is stopping: {}", cut.said);
    assert!(cut.summary.is_none() && cut.lines.len() < products, "{} lines, no summary", cut.lines.len());
    process.until_ended().await;
    assert!(!process.log().contains("cut off"), "nothing was under way any more:\n{}", process.log());

    process.start_again().await;
    catalogue.resumes(&process, &shop, &cut).await;
    assert!(process.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_of_two_processes_the_one_that_imports_is_killed_and_the_other_resumes() {
    let Some(_alone) = services().await else { return };
    let (mut killed, survivor) = tokio::join!(Process::start(Mode::Distributed), Process::start(Mode::Distributed));
    let (catalogue, shop) = (Catalogue::of(2_000), Shop::make(&killed, "canecas").await);
    let cut = catalogue.cut_off(&mut killed, &shop).await;

    acknowledged_are_there(&survivor, &shop, &cut).await;
    catalogue.resumes(&survivor, &shop, &cut).await;
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
}

/// A shop in every partition, so that the process that is killed works for some of them, whichever it has.
#[tokio::test(flavor = "multi_thread")]
async fn f07_of_two_processes_one_is_killed_and_the_imports_of_the_other_go_on_to_their_end() {
    let Some(_alone) = services().await else { return };
    let (mut killed, survivor) = tokio::join!(Process::start(Mode::Distributed), Process::start(Mode::Distributed));
    let catalogue = Catalogue::of(600);
    let mut shops = BTreeMap::new();
    while shops.len() < PARTITIONS as usize {
        let shop = Shop::make(&survivor, "canecas").await;
        shops.entry(shop.partition).or_insert(shop);
    }
    let imports: Vec<Import> = join_all(shops.values().map(|shop| catalogue.begin(&survivor, shop))).await;
    killed.kill();
    for (import, shop) in join_all(imports.into_iter().map(Import::end)).await.iter().zip(shops.values()) {
        assert_eq!((import.code, import.count("created")), (0, catalogue.products), "{}", import.said);
        acknowledged_are_there(&survivor, shop, import).await;
        catalogue.is_all_there(&survivor, shop, import.position()).await;
    }
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
}
