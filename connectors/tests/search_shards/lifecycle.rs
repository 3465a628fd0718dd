//! Life of a shard: what outlives a commit, a close, a kill and a power cut; how many shards are open at once; who
//! sees what.

use std::path::{Path, PathBuf};

use feira_connectors::search::{
    Change, Entity, PRICE_BANDS, ProductDocument, SearchQuery, ShardError, Shards, ShardsSettings,
};

use crate::common::{at, category_id, config, filled, found, named, number, product_id, shard, text, upserts};

#[tokio::test]
async fn changes_show_after_commit_and_outlive_the_process_with_their_position() {
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    assert_eq!(shards.position(shard(1)).await.unwrap(), None);
    assert_eq!(shards.commit(shard(1)).await.unwrap(), None);
    let nothing = shards.search(shard(1), &SearchQuery { facets: true, limit: 5, ..text("x") }).await.unwrap();
    assert_eq!((nothing.total, nothing.position, nothing.facets.unwrap().prices.len()), (0, None, PRICE_BANDS.len()));

    shards.apply(shard(1), upserts(&[named(1, "Um"), named(2, "Dois"), named(1, "Primeiro")]), at(5)).await.unwrap();
    assert_eq!(found(&shards, "").await, [0; 0], "not committed");
    assert_eq!(shards.commit(shard(1)).await.unwrap(), Some(at(5)));
    assert_eq!(found(&shards, "primeiro").await, [1]);
    assert_eq!(found(&shards, "um").await, [0; 0], "the later document of one batch replaces the earlier");

    let changed = ProductDocument { version: 2, ..named(2, "Segundo") };
    let changes =
        vec![Change::Remove(product_id(1)), Change::Upsert(Box::new(changed)), Change::Remove(product_id(77))];
    shards.apply(shard(1), changes, at(8)).await.unwrap();
    assert_eq!(shards.position(shard(1)).await.unwrap(), Some(at(5)));
    assert_eq!(shards.commit(shard(1)).await.unwrap(), Some(at(8)));
    assert_eq!(shards.ids(shard(1)).await.unwrap(), [(product_id(2), 2)]);
    shards.apply(shard(1), Vec::new(), at(9)).await.unwrap();
    assert_eq!(shards.commit(shard(1)).await.unwrap(), Some(at(9)), "a position alone moves on");
    shards.apply(shard(1), upserts(&[named(3, "Aplicado antes de fechar")]), at(10)).await.unwrap();
    shards.close().await.unwrap();
    assert!(matches!(shards.position(shard(1)).await, Err(ShardError::Closed)));

    let shards = Shards::open(config(folder.path())).unwrap();
    assert_eq!(shards.position(shard(1)).await.unwrap(), Some(at(10)));
    assert_eq!(shards.ids(shard(1)).await.unwrap(), [(product_id(2), 2), (product_id(3), 1)]);
    assert_eq!(shards.search(shard(1), &text("segundo")).await.unwrap().position, Some(at(10)));
    shards.remove_shard(shard(1)).await.unwrap();
    assert_eq!(shards.position(shard(1)).await.unwrap(), None);
    assert_eq!(found(&shards, "").await, [0; 0]);
    let other = Shards::open(ShardsSettings { generation: 2, ..config(folder.path()) }).unwrap();
    assert_eq!(other.position(shard(1)).await.unwrap(), None, "each generation has its own shards");
}

/// The folder with a shard's files.
fn files_of(folder: &Path, tenant: u128) -> PathBuf {
    folder.join("3").join(shard(tenant).tenant.to_string()).join("g1")
}

/// Takes a shard's files away, at once: its writer may be at work among them.
fn vanish(folder: &Path, tenant: u128) {
    std::fs::rename(files_of(folder, tenant), folder.join(uuid::Uuid::new_v4().to_string())).unwrap();
}

/// Cuts the largest file of a segment in half, as a power cut may.
fn tear(folder: &Path, name_ends: &str) {
    let directory = files_of(folder, 1);
    let files = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    let torn =
        files.filter(|path| path.to_string_lossy().ends_with(name_ends)).max_by_key(|p| p.metadata().unwrap().len());
    let torn = torn.expect("there is such a file");
    let bytes = std::fs::read(&torn).unwrap();
    // Replaced, not truncated: another map of the old file must stay readable.
    std::fs::remove_file(&torn).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
}

#[tokio::test]
async fn a_shard_torn_by_a_power_cut_is_told_of_and_answers_once_it_is_filled_anew() {
    for file in ["meta.json", ".managed.json", ".idx", ".term", ".fast", ".store", ".pos"] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path(), &[named(1, "Caneca azul"), named(2, "Camiseta")]).await.close().await.unwrap();
        tear(folder.path(), file);
        let after = ShardsSettings { boot: Some("second boot".into()), ..config(folder.path()) };
        let shards = Shards::open(after.clone()).unwrap();
        assert_eq!(shards.position(shard(1)).await.unwrap(), None, "{file}");
        is_filled_anew(&shards, file).await;
    }
}

/// The first shard is lost: it answers nobody, and takes nothing before its owner knows.
async fn is_filled_anew(shards: &Shards, how: &str) {
    let refused =
        || async { matches!(shards.search(shard(1), &text("caneca")).await, Err(ShardError::Elsewhere { .. })) };
    assert!(refused().await, "{how}");
    let changes = || upserts(&[named(1, "Caneca azul")]);
    assert!(shards.apply(shard(1), changes(), at(9)).await.is_err(), "{how}: it would seem to hold what came before");
    assert_eq!(shards.take_deleted(2), [], "{how}");
    assert_eq!(shards.take_deleted(3), [shard(1)], "{how}");
    assert_eq!(shards.take_deleted(3), [], "{how}: once");
    shards.apply(shard(1), changes(), at(1)).await.unwrap();
    assert_eq!(shards.commit(shard(1)).await.unwrap(), Some(at(1)), "{how}");
    assert!(refused().await, "{how}: only its owner knows when it holds everything");
    shards.filled(shard(1)).await.unwrap();
    assert_eq!(found(shards, "caneca").await, [1], "{how}");
}

#[tokio::test]
async fn a_shard_whose_files_are_gone_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), &[named(1, "Caneca azul")]).await.close().await.unwrap();
    std::fs::remove_dir_all(files_of(folder.path(), 1).parent().unwrap()).unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    assert_eq!(shards.take_deleted(3), [], "nobody has looked yet");
    assert_eq!(shards.position(shard(1)).await.unwrap(), None);
    is_filled_anew(&shards, "at a start").await;

    shards.apply(shard(1), upserts(&[named(2, "Caneca nova")]), at(2)).await.unwrap();
    vanish(folder.path(), 1);
    assert!(shards.commit(shard(1)).await.is_err());
    assert_eq!(shards.position(shard(1)).await.unwrap(), None);
    is_filled_anew(&shards, "while it is written").await;

    // One that stays empty, since its products can't be read any more, is missed no longer.
    vanish(folder.path(), 1);
    assert!(shards.apply(shard(1), upserts(&[named(3, "Caneca")]), at(3)).await.is_ok(), "its writer is open");
    assert!(shards.commit(shard(1)).await.is_err());
    assert_eq!(shards.position(shard(1)).await.unwrap(), None);
    assert_eq!(shards.take_deleted(3), [shard(1)]);
    shards.filled(shard(1)).await.unwrap();
    assert_eq!(found(&shards, "").await, [0; 0]);
    assert_eq!((shards.position(shard(1)).await.unwrap(), shards.take_deleted(3)), (None, Vec::new()));
}

#[tokio::test]
async fn changes_that_are_lost_with_a_writer_are_told_of_once_and_blame_no_other_shard() {
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(ShardsSettings { max_writers: 1, ..config(folder.path()) }).unwrap();
    shards.apply(shard(1), upserts(&[named(1, "Caneca")]), at(1)).await.unwrap();
    vanish(folder.path(), 1);
    shards.apply(shard(2), upserts(&[named(2, "Camisa")]), at(2)).await.unwrap();
    assert!(shards.commit(shard(1)).await.is_err(), "what was applied is not there");
    assert_eq!(shards.commit(shard(1)).await.unwrap(), None);
    assert_eq!(shards.commit(shard(2)).await.unwrap(), Some(at(2)));
    // The same to who applies more before it commits: that must not make the position pass what was lost.
    shards.apply(shard(2), upserts(&[named(3, "Meia")]), at(3)).await.unwrap();
    vanish(folder.path(), 2);
    shards.apply(shard(4), upserts(&[named(4, "Vaso")]), at(4)).await.unwrap();
    assert!(shards.apply(shard(2), upserts(&[named(5, "Meia")]), at(5)).await.is_err());
}

#[tokio::test]
async fn versions_are_those_of_the_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Caneca"), named(2, "Camisa")]).await;
    let later = ProductDocument { version: 7, ..named(2, "Camisa azul") };
    shards.apply(shard(1), vec![Change::Upsert(Box::new(later)), Change::Remove(product_id(1))], at(3)).await.unwrap();
    let versions = async |tenant| {
        let products = [1, 2, 3].map(|id| Entity::Product(product_id(id))).to_vec();
        let mut versions: Vec<_> = shards.versions(shard(tenant), products).await.unwrap().into_iter().collect();
        versions.sort_unstable();
        versions
    };
    assert_eq!(versions(1).await, [(Entity::Product(product_id(1)), 1), (Entity::Product(product_id(2)), 1)]);
    shards.commit(shard(1)).await.unwrap();
    assert_eq!(versions(1).await, [(Entity::Product(product_id(2)), 7)]);
    assert_eq!(versions(9).await, []);
    shards.sync(shard(1)).await.unwrap();
    shards.sync(shard(9)).await.unwrap();
}

#[tokio::test]
async fn a_whole_shard_survives_a_power_cut_and_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Caneca")]).await;
    shards.apply(shard(1), upserts(&[named(2, "Nunca confirmada")]), at(2)).await.unwrap();
    drop(shards);
    for boot in ["first boot", "second boot", "second boot"] {
        let shards = Shards::open(ShardsSettings { boot: Some(boot.into()), ..config(folder.path()) }).unwrap();
        assert_eq!(shards.position(shard(1)).await.unwrap(), Some(at(1)), "{boot}");
        assert_eq!(found(&shards, "").await, [1], "{boot}");
    }
    let forced = Shards::open(ShardsSettings { sync: true, boot: None, ..config(folder.path()) }).unwrap();
    forced.apply(shard(1), upserts(&[named(3, "Forçada ao disco")]), at(3)).await.unwrap();
    assert_eq!(forced.commit(shard(1)).await.unwrap(), Some(at(3)));
    assert_eq!(found(&forced, "").await, [1, 3]);
}

#[tokio::test]
async fn more_shards_than_readers_and_writers_share_the_pool() {
    let folder = tempfile::tempdir().unwrap();
    let small = ShardsSettings { max_open_readers: 4, max_writers: 2, ..config(folder.path()) };
    let shards = Shards::open(small).unwrap();
    for round in 1..=3_i64 {
        for tenant in 1..=12_u128 {
            let document =
                ProductDocument { version: round, ..named(tenant, &format!("Produto do inquilino{tenant}")) };
            shards.apply(shard(tenant), upserts(&[document]), at(round)).await.unwrap();
            let (readers, writers) = shards.open_count();
            assert!(readers <= 4 && writers <= 2, "{readers} readers, {writers} writers");
        }
    }
    for tenant in 1..=12_u128 {
        assert_eq!(shards.commit(shard(tenant)).await.unwrap(), Some(at(3)));
        assert_eq!(shards.ids(shard(tenant)).await.unwrap(), [(product_id(tenant), 3)]);
        assert!(shards.open_count().0 <= 4);
    }
    let impossible = ShardsSettings { max_open_readers: 1, ..config(folder.path()) };
    assert!(matches!(Shards::open(impossible), Err(ShardError::Config(_))));
}

#[tokio::test]
async fn idle_writers_are_closed_and_their_shard_is_tidied() {
    let folder = tempfile::tempdir().unwrap();
    let hasty = ShardsSettings { writer_idle: std::time::Duration::ZERO, ..config(folder.path()) };
    let shards = Shards::open(hasty).unwrap();
    for id in 1..=3 {
        shards.apply(shard(1), upserts(&[named(id, "Caneca")]), at(1)).await.unwrap();
        shards.commit(shard(1)).await.unwrap();
    }
    shards.apply(shard(1), upserts(&[named(4, "Caneca")]), at(2)).await.unwrap();
    shards.close_idle().await.unwrap();
    assert_eq!(shards.open_count(), (1, 0));
    assert_eq!(shards.position(shard(1)).await.unwrap(), Some(at(2)), "closing commits");
    assert_eq!(found(&shards, "caneca").await, [1, 2, 3, 4]);
    let directory = folder.path().join("3").join(shard(1).tenant.to_string()).join("g1");
    let segments = std::fs::read_dir(directory)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "store"));
    assert_eq!(segments.count(), 1);
}

#[tokio::test]
async fn s41_f02_tenants_never_meet() {
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    for tenant in [1, 2] {
        let mut documents: Vec<_> = (1..=5).map(|id| named(tenant * 100 + id, "Caneca comum")).collect();
        documents[0].category = Some(category_id(tenant));
        shards.apply(shard(tenant), upserts(&documents), at(tenant as i64)).await.unwrap();
        shards.commit(shard(tenant)).await.unwrap();
    }
    let query = SearchQuery { limit: 2, facets: true, ..text("caneca") };
    for tenant in [1, 2] {
        let page = shards.search(shard(tenant), &query).await.unwrap();
        assert_eq!((page.total, page.position), (5, Some(at(tenant as i64))));
        assert!(page.hits.iter().all(|hit| number(hit.product_id) / 100 == tenant));
        assert_eq!(page.facets.unwrap().categories, [(category_id(tenant), 1)]);
        let other = SearchQuery { after: page.next, ..query.clone() };
        assert!(matches!(shards.search(shard(3 - tenant), &other).await, Err(ShardError::BadCursor)));
        assert!(matches!(shards.search(shard(99), &other).await, Err(ShardError::BadCursor)));
        assert_eq!(shards.ids(shard(tenant)).await.unwrap().len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_beside_commits_see_whole_commits() {
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    let writer = shards.clone();
    let writing = tokio::spawn(async move {
        for round in 1..=25_i64 {
            let documents: Vec<_> =
                (1..=10).map(|id| ProductDocument { version: round, ..named(id, "Caneca") }).collect();
            writer.apply(shard(1), upserts(&documents), at(round)).await.unwrap();
            writer.commit(shard(1)).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let page = shards.search(shard(1), &text("caneca")).await.unwrap();
        let Some(position) = page.position else { continue };
        assert_eq!((page.total, page.hits.len()), (10, 10));
        let version = page.hits[0].version;
        assert!(page.hits.iter().all(|hit| hit.version == version) && version >= position.offset);
    }
    writing.await.unwrap();
    assert_eq!(shards.ids(shard(1)).await.unwrap().len(), 10);
}
