//! Totals, facets, orders and cursors against a naive count over generated products.

use std::collections::BTreeMap;

use feira_connectors::search::{
    Change, Facets, Lack, PRICE_BANDS, PriceBand, ProductDocument, SearchPage, SearchQuery, Shards, Sort, Status,
};
use feira_schemas::ids::CategoryId;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::common::{at, category_id, config, filled, named, shard, upserts};

const ALL_SORTS: [Sort; 7] =
    [Sort::Relevance, Sort::Newest, Sort::PriceAsc, Sort::PriceDesc, Sort::Name, Sort::BestSelling, Sort::Featured];

/// Words that are neither a typo, a beginning nor an inflection of each other, so that finding them is a plain comparison.
const WORDS: [&str; 8] = ["caneca", "vermelho", "algodao", "relogio", "bicicleta", "fone", "junco", "pijama"];

fn generated(random: &mut StdRng, count: u128) -> Vec<ProductDocument> {
    (1..=count)
        .map(|id| {
            let mut some = |most: usize| -> Vec<&str> {
                let count = random.random_range(0..=most);
                WORDS.choose_multiple(random, count).copied().collect()
            };
            let mut document = named(id, &format!("Zz{} {}", id % 40, some(2).join(" ")));
            document.tags = some(2).iter().map(ToString::to_string).collect();
            document.description = some(4).join(", ");
            document.category = [None, Some(1), Some(2), Some(3), Some(4)][random.random_range(0..5)].map(category_id);
            document.price = random.random_range(0..130) * 1_000;
            document.created_at += random.random_range(0..50);
            document.sales = random.random_range(0..20);
            document.featured = random.random_bool(0.2);
            document.available = random.random_bool(0.8);
            document.status = if random.random_bool(0.7) { Status::Published } else { Status::Draft };
            document.lacks = Lack::ALL.into_iter().filter(|_| random.random_bool(0.3)).collect();
            document.version = random.random_range(1..9);
            document
        })
        .collect()
}

fn random_query(random: &mut StdRng) -> SearchQuery {
    let words = random.random_range(0..3);
    let categories = random.random_range(0..4);
    SearchQuery {
        text: Some(WORDS.choose_multiple(random, words).copied().collect::<Vec<_>>().join(" ")),
        categories: random
            .random_bool(0.5)
            .then(|| [1, 2, 3, 4, 99].choose_multiple(random, categories).map(|id| category_id(*id)).collect()),
        asked_categories: None,
        min_price: random.random_bool(0.4).then(|| random.random_range(0..100) * 1_000),
        max_price: random.random_bool(0.4).then(|| random.random_range(20..130) * 1_000),
        status: [None, Some(Status::Published), Some(Status::Draft)][random.random_range(0..3)],
        lacking: random.random_bool(0.2).then(|| Lack::ALL[random.random_range(0..3)]),
        sort: *ALL_SORTS.choose(random).unwrap(),
        after: None,
        limit: random.random_range(1..20),
        facets: random.random_bool(0.7),
    }
}

fn has_words(document: &ProductDocument, query: &SearchQuery) -> bool {
    let all = format!("{} {} {}", document.name, document.tags.join(" "), document.description);
    let has: Vec<&str> = all.split([' ', ',']).collect();
    query.text.as_deref().unwrap_or_default().split_whitespace().all(|word| has.contains(&word))
        && query.status.is_none_or(|status| status == document.status)
        && query.lacking.is_none_or(|lack| document.lacks.contains(&lack))
}

fn has_price(document: &ProductDocument, query: &SearchQuery) -> bool {
    query.min_price.is_none_or(|min| document.price >= min) && query.max_price.is_none_or(|max| document.price <= max)
}

fn has_category(document: &ProductDocument, query: &SearchQuery) -> bool {
    query.categories.as_ref().is_none_or(|wanted| document.category.is_some_and(|id| wanted.contains(&id)))
}

fn naive_facets(documents: &[ProductDocument], query: &SearchQuery) -> Facets {
    let mut counts: BTreeMap<CategoryId, u64> = BTreeMap::new();
    let by_words: Vec<_> = documents.iter().filter(|document| has_words(document, query)).collect();
    for category in by_words.iter().filter(|document| has_price(document, query)).filter_map(|found| found.category) {
        *counts.entry(category).or_default() += 1;
    }
    let mut categories: Vec<_> = counts.into_iter().collect();
    categories.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let band = |index: usize| {
        let (from, to) = (PRICE_BANDS[index], PRICE_BANDS.get(index + 1).copied());
        let inside = |price: i64| price >= from && to.is_none_or(|to| price < to);
        let counted = by_words.iter().filter(|document| has_category(document, query) && inside(document.price));
        PriceBand { from, to, count: counted.count() as u64 }
    };
    let found = by_words.iter().filter(|document| has_price(document, query) && has_category(document, query));
    let (drafts, published): (Vec<&&ProductDocument>, Vec<&&ProductDocument>) =
        found.partition(|document| document.status == Status::Draft);
    let lacking = |lack: Lack| published.iter().filter(|document| document.lacks.contains(&lack)).count() as u64;
    Facets {
        categories,
        prices: (0..PRICE_BANDS.len()).map(band).collect(),
        drafts: drafts.len() as u64,
        lacking: Lack::ALL.map(lacking),
    }
}

/// The order that every sort but relevance promises.
fn naive_order(documents: &mut [&ProductDocument], sort: Sort) {
    documents.sort_by(|a, b| {
        let order = match sort {
            Sort::Relevance => panic!("has no naive order"),
            Sort::Newest => b.created_at.cmp(&a.created_at),
            Sort::PriceAsc => a.price.cmp(&b.price),
            Sort::PriceDesc => b.price.cmp(&a.price),
            Sort::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            Sort::BestSelling => b.sales.cmp(&a.sales),
            Sort::Featured => (b.featured, b.created_at).cmp(&(a.featured, a.created_at)),
        };
        order.then(a.product_id.cmp(&b.product_id))
    });
}

async fn walk(shards: &Shards, query: &SearchQuery) -> Vec<SearchPage> {
    let mut pages: Vec<SearchPage> = Vec::new();
    loop {
        let after = pages.last().and_then(|page| page.next.clone());
        if !pages.is_empty() && after.is_none() {
            return pages;
        }
        pages.push(shards.search(shard(1), &SearchQuery { after, ..query.clone() }).await.unwrap());
    }
}

#[tokio::test]
async fn f09_totals_facets_and_every_order_agree_with_a_naive_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(2_026);
    let mut documents = generated(&mut random, 400);
    let shards = Shards::open(config(folder.path())).unwrap();
    // Several commits make several segments; a part is then replaced and another removed.
    for chunk in documents.chunks(130) {
        shards.apply(shard(1), upserts(chunk), at(1)).await.unwrap();
        shards.commit(shard(1)).await.unwrap();
    }
    let again = generated(&mut random, 40);
    documents.splice(..40, again.iter().cloned());
    let gone: Vec<_> = documents.drain(200..260).map(|document| Change::Remove(document.product_id)).collect();
    shards.apply(shard(1), upserts(&again), at(2)).await.unwrap();
    shards.apply(shard(1), gone, at(3)).await.unwrap();
    shards.commit(shard(1)).await.unwrap();

    for round in 0..300 {
        let query = random_query(&mut random);
        let pages = walk(&shards, &query).await;
        let mut expected: Vec<_> = documents
            .iter()
            .filter(|d| has_words(d, &query) && has_price(d, &query) && has_category(d, &query))
            .collect();
        let hits: Vec<_> = pages.iter().flat_map(|page| &page.hits).map(|hit| (hit.product_id, hit.version)).collect();
        if query.sort == Sort::Relevance {
            let whole = shards.search(shard(1), &SearchQuery { limit: 1_000, ..query.clone() }).await.unwrap();
            assert!(whole.hits.iter().map(|hit| (hit.product_id, hit.version)).eq(hits.iter().copied()), "{query:?}");
            expected.sort_by_key(|document| hits.iter().position(|hit| hit.0 == document.product_id));
        } else {
            naive_order(&mut expected, query.sort);
        }
        let expected: Vec<_> = expected.iter().map(|document| (document.product_id, document.version)).collect();
        assert_eq!(hits, expected, "round {round}: {query:?}");
        for page in &pages {
            assert_eq!(page.total, expected.len() as u64);
            assert_eq!(page.facets, query.facets.then(|| naive_facets(&documents, &query)), "{query:?}");
        }
    }
}

#[tokio::test]
async fn f09_a_page_says_whether_there_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let documents: Vec<_> = (1..=6).map(|id| named(id, "Igual")).collect();
    let shards = filled(folder.path(), &documents).await;
    for (limit, pages) in [(1, 6), (3, 2), (4, 2), (6, 1), (7, 1)] {
        let query = SearchQuery { limit, sort: Sort::Name, ..SearchQuery::default() };
        assert_eq!(walk(&shards, &query).await.len(), pages, "limit {limit}");
    }
    let none = shards.search(shard(1), &SearchQuery::default()).await.unwrap();
    assert_eq!((none.total, none.hits.len(), none.next), (6, 0, None));
}
