//! A search view whose commits fail: its position never passes what was lost, and what was lost is folded again.

use std::{fs, path::PathBuf};

use feira_connectors::search::{Change, ProductDocument, ShardId, Shards, ShardsSettings, Status};
use feira_node::node::Node;
use feira_schemas::ids::{ProductId, TenantId};
use feira_streams::views::{
    Prepared, Shown, View,
    search::{SearchView, ShopCatalogue},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::common::{config, embedded};

const PARTITION: u32 = 1;

fn shard(tenant: u128) -> ShardId {
    ShardId { partition: PARTITION, tenant: TenantId::from_uuid(Uuid::from_u128(tenant)) }
}

fn shown(offset: i64) -> Shown {
    Shown { offset, write_ts: offset * 10 }
}

/// The event at this offset: it lists a product of one of two shops.
fn event(offset: i64) -> Prepared<Option<Change>> {
    let document = ProductDocument {
        product_id: ProductId::from_uuid(Uuid::from_u128(offset as u128)),
        version: 1,
        slug: format!("produto-{offset}"),
        name: format!("Produto {offset}"),
        vendor: None,
        tags: Vec::new(),
        option_values: Vec::new(),
        skus: Vec::new(),
        barcodes: Vec::new(),
        description: String::new(),
        category: None,
        status: Status::Published,
        price: 100,
        available: true,
        featured: false,
        created_at: 0,
        sales: 0,
        lacks: Vec::new(),
    };
    let tenant = shard(offset as u128 % 2).tenant;
    let effect = Some(Change::Upsert(Box::new(document)));
    Prepared { offset, parked: false, tenant, version: 1, write_ts: (offset + 1) * 10, effect }
}

/// A view of its own, which no loop runs, with shards of its own.
struct Bed {
    node: Node,
    shards: Shards,
    view: SearchView<ShopCatalogue>,
    folder: TempDir,
}

impl Bed {
    async fn start(folder: TempDir, max_writers: usize) -> Self {
        let node = Node::start(&config(&folder)).await.unwrap();
        let settings = ShardsSettings { max_writers, ..ShardsSettings::new(folder.path().join("own"), 1) };
        let shards = Shards::open(settings).unwrap();
        let mut view = SearchView::new(node.platform.clone(), shards.clone());
        view.take(PARTITION, Shown::default()).await.unwrap();
        Self { node, shards, view, folder }
    }

    /// Folds the events with these offsets.
    async fn fold(&mut self, offsets: std::ops::Range<i64>) {
        let seen = shown(offsets.end);
        let events: Vec<_> = offsets.map(event).collect();
        self.view.fold(PARTITION, &events, seen).await.unwrap();
    }

    /// The offset up to which the view shows the partition, once all that is folded was due: each shard rests as long as its last
    /// commit asks for.
    async fn settled(&mut self) -> i64 {
        loop {
            tokio::time::sleep(self.view.due_in().unwrap_or_default()).await;
            let shown = self.view.settle().await.unwrap()[&PARTITION].offset;
            if self.view.due_in().is_none() {
                return shown;
            }
        }
    }

    /// Goes on as the loop of a view does, to the end of this many events. No position passes what is not committed.
    async fn goes_on(&mut self, from: i64, end: i64) {
        let mut from = from;
        for _ in 0..100 {
            if from < end {
                self.fold(from..end).await;
            }
            let shown = self.settled().await;
            let lost = self.view.lost();
            from = lost.get(&PARTITION).map_or(end, |from| from.offset);
            assert!(shown <= from, "the position passes what was lost");
            if shown == end {
                break;
            }
        }
        assert_eq!(self.settled().await, end, "it never shows all");
        let mut found = Vec::new();
        for tenant in 0..2 {
            found.extend(self.shards.ids(shard(tenant)).await.unwrap().into_iter().map(|(id, _)| id.uuid().as_u128()));
        }
        found.sort_unstable();
        assert_eq!(found, (0..end as u128).collect::<Vec<_>>(), "each is there, once");
    }

    /// Takes a shard's files away, at once: its writer may be at work among them.
    fn vanish(&self, tenant: u128) {
        fs::rename(self.files(tenant), self.folder.path().join(tenant.to_string())).unwrap();
    }

    /// Puts them back.
    fn appear(&self, tenant: u128) {
        fs::rename(self.folder.path().join(tenant.to_string()), self.files(tenant)).unwrap();
    }

    fn files(&self, tenant: u128) -> PathBuf {
        self.folder.path().join("own").join(PARTITION.to_string()).join(shard(tenant).tenant.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_never_passes_what_a_failed_commit_lost() {
    let Some(folder) = embedded() else { return };
    let mut bed = Bed::start(folder, 4).await;
    bed.fold(0..10).await;
    assert_eq!(bed.settled().await, 10);
    bed.fold(10..12).await;
    bed.vanish(0);
    let shown = bed.settled().await;
    assert!(shown <= 10, "{shown}: offset 10 is not committed");
    let lost = bed.view.lost();
    assert_eq!(lost.keys().collect::<Vec<_>>(), [&PARTITION]);
    bed.goes_on(lost[&PARTITION].offset, 20).await;

    // The same when the process stops.
    fs::remove_dir_all(bed.folder.path().join("0")).unwrap();
    bed.fold(20..22).await;
    bed.vanish(0);
    bed.view.close().await.unwrap();
    assert!(bed.settled().await <= 20, "what could not be committed is not kept");
    bed.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_went_with_a_writer_are_folded_again() {
    let Some(folder) = embedded() else { return };
    let mut bed = Bed::start(folder, 1).await;
    bed.fold(0..2).await;
    bed.goes_on(2, 2).await;
    // One writer for two shards: each takes it from the other, which must commit first.
    bed.fold(2..3).await;
    bed.vanish(0);
    bed.fold(3..4).await;
    bed.goes_on(4, 4).await;
    fs::remove_dir_all(bed.folder.path().join("0")).unwrap();
    // The disk is well again before the shard is asked for anything, and then takes more.
    bed.goes_on(4, 9).await;
    bed.fold(9..11).await;
    bed.vanish(0);
    bed.fold(11..12).await;
    bed.appear(0);
    bed.fold(12..13).await;
    bed.goes_on(13, 14).await;
    bed.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_record_does_not_cover_what_its_shard_has_lost() {
    let Some(folder) = embedded() else { return };
    let mut bed = Bed::start(folder, 4).await;
    bed.goes_on(0, 4).await;
    bed.fold(4..8).await;
    bed.vanish(0);
    assert!(bed.settled().await <= 4);
    bed.appear(0);
    // Due before the loop goes back to what was lost.
    let parked = Prepared { parked: true, version: 2, ..event(0) };
    bed.view.fold(PARTITION, &[parked], shown(8)).await.unwrap();
    assert!(!bed.view.flush().await.unwrap(), "it is tried again later");
    let from = bed.view.lost()[&PARTITION].offset;
    bed.goes_on(from, 10).await;
    let parked = Prepared { parked: true, version: 2, ..event(0) };
    bed.view.fold(PARTITION, &[parked], shown(10)).await.unwrap();
    assert!(bed.view.flush().await.unwrap());
    bed.node.stop().await.unwrap();
}
