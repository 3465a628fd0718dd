//! `kill -9` in the middle of imports by the command line: of the only process, and of one of two.

use std::collections::BTreeMap;

use futures::future::join_all;

use crate::common::{
    catalogue::{Catalogue, acknowledged_are_there, killed_half_way_resumes},
    import::Import,
    process::{Mode, Process},
    services::{PARTITIONS, services},
    shop::Shop,
};

#[tokio::test(flavor = "multi_thread")]
async fn f07_an_import_killed_half_way_keeps_what_it_acknowledged_and_resumes_without_a_double() {
    let Some(_alone) = services().await else { return };
    killed_half_way_resumes(Mode::Distributed, 2_000).await;
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
