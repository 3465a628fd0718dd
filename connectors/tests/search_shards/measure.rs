//! Durations of searches and commits, printed: `cargo test --workspace --test search_shards -- --ignored
//! --nocapture`.

use std::time::{Duration, Instant};

use feira_connectors::search::{Change, SearchQuery, Shards, Sort};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::common::{at, category_id, config, named, shard};

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!("{what:<48} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}", at(50), at(99), at(100));
}

async fn timed<T>(times: &mut Vec<Duration>, work: impl Future<Output = T>) -> T {
    let begin = Instant::now();
    let answer = work.await;
    times.push(begin.elapsed());
    answer
}

/// One of 8,000 words of three syllables, as far from each other as a language's words are.
fn word(index: u32) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "cre", "di", "fo", "gu", "lan", "mer", "nil", "por", "qui", "ras", "sel", "tin", "vo", "xu", "zan",
        "bre", "cli", "dor", "flu",
    ];
    [index % 20, index / 20 % 20, index / 400 % 20].map(|part| SYLLABLES[part as usize]).concat()
}

fn changes(random: &mut StdRng, ids: std::ops::Range<u128>) -> Vec<Change> {
    // Few words are frequent and many are rare.
    let mut word = || word((random.random::<f64>().powi(3) * 8_000.0) as u32);
    ids.map(|id| {
        let mut product = named(id, &format!("{} {} {:06x}", word(), word(), id * 7_919 % 0xff_ffff));
        product.tags = vec![word(), word()];
        product.description = (0..40).map(|_| word()).collect::<Vec<_>>().join(" ");
        product.category = Some(category_id(id % 30));
        product.price = (id * 37 % 150_000) as i64;
        product.skus = vec![format!("SKU-{id}")];
        Change::Upsert(Box::new(product))
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints times; nothing to pass or fail but the counts"]
async fn times() {
    let mut random = StdRng::seed_from_u64(1);
    for sync in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = config(folder.path());
        settings.sync = sync;
        let shards = Shards::open(settings).unwrap();
        commits(&shards, &mut random, sync).await;
        shards.close().await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    let sizes: Vec<u128> = match std::env::var("SEARCH_PRODUCTS") {
        Ok(size) => vec![size.parse().unwrap()],
        Err(_) => vec![500, 20_000],
    };
    for size in sizes {
        searches(&shards, &mut random, size).await;
    }
    shards.close().await.unwrap();
}

async fn commits(shards: &Shards, random: &mut StdRng, sync: bool) {
    let (mut first, mut applied, mut later, mut evicting) = (vec![], vec![], vec![], vec![]);
    for tenant in 1..=30 {
        let changes = changes(random, 1..2);
        timed(&mut first, async {
            shards.apply(shard(tenant), changes, at(1)).await.unwrap();
            shards.commit(shard(tenant)).await.unwrap();
        })
        .await;
    }
    for round in 2..100 {
        let changes = changes(random, round..round + 1);
        timed(&mut applied, shards.apply(shard(1), changes, at(round as i64))).await.unwrap();
        timed(&mut later, shards.commit(shard(1))).await.unwrap();
    }
    for tenant in 31..=130 {
        let changes = changes(random, 1..2);
        timed(&mut evicting, async {
            shards.apply(shard(tenant), changes, at(1)).await.unwrap();
            shards.commit(shard(tenant)).await.unwrap();
        })
        .await;
    }
    println!("-- sync {sync}");
    report("new shard, first apply and commit", first);
    report("apply one, writer at hand", applied);
    report("commit one, writer at hand", later);
    report("new shard while another writer is closed", evicting);
    assert_eq!(shards.ids(shard(1)).await.unwrap().len(), 99);
}

async fn searches(shards: &Shards, random: &mut StdRng, size: u128) {
    let id = shard(1_000 + size);
    let begin = Instant::now();
    for from in (1..=size).step_by(5_000) {
        shards.apply(id, changes(random, from..(from + 5_000).min(size + 1)), at(1)).await.unwrap();
    }
    shards.commit(id).await.unwrap();
    println!("-- {size} products, indexed in {:.1?}", begin.elapsed());
    let page = |text: &str| SearchQuery { text: Some(text.to_owned()), limit: 24, ..SearchQuery::default() };
    let ask = async |what: &str, query: SearchQuery| {
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..200 {
            total = timed(&mut times, shards.search(id, &query)).await.unwrap().total;
        }
        report(&format!("{what} ({total} found)"), times);
    };
    let mut nothing = Vec::new();
    for _ in 0..1_000 {
        timed(&mut nothing, tokio::task::spawn_blocking(|| ())).await.unwrap();
    }
    report("hand-over to the blocking pool alone", nothing);
    ask("tenant without words, newest", SearchQuery { sort: Sort::Newest, ..page("") }).await;
    let (often, rare) = (word(7), word(2_500));
    ask("a frequent word", page(&often)).await;
    ask("a rare word", page(&rare)).await;
    ask("two words", page(&format!("{often} {}", word(0)))).await;
    ask("two words with facets", SearchQuery { facets: true, ..page(&format!("{often} {}", word(0))) }).await;
    ask("a typo", page(&rare.replacen('r', "rr", 1))).await;
    ask("everything with facets by name", SearchQuery { facets: true, sort: Sort::Name, ..page("") }).await;
    ask("one category", SearchQuery { categories: Some(vec![category_id(3)]), ..page("") }).await;
    ask("16 words", page(&(0..16).map(word).collect::<Vec<_>>().join(" "))).await;
    for typed in ["b", "bab", "babaf", "babafo ba", "baabfo"] {
        let mut times = Vec::new();
        for _ in 0..200 {
            timed(&mut times, shards.suggest(id, typed, 8)).await.unwrap();
        }
        report(&format!("suggest {typed}"), times);
    }
    let begin = Instant::now();
    let mut query = SearchQuery { limit: 1_000, sort: Sort::PriceAsc, ..SearchQuery::default() };
    let (mut seen, mut pages) = (0, 0);
    loop {
        let page = shards.search(id, &query).await.unwrap();
        (seen, pages) = (seen + page.hits.len() as u128, pages + 1);
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    println!("walk over all in {pages} pages of 1000: {:.1?}", begin.elapsed());
    assert_eq!(seen, size);
}
