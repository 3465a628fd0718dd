//! Search shards from the outside: what is found, in which order, how it is counted, and what outlives what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeMap, path::Path};

use feira_connectors::search::{
    Change, Facets, PRICE_BANDS, Position, PriceBand, ProductDocument, SearchPage, SearchQuery, ShardError, ShardId,
    Shards, ShardsConfig, Sort, Status,
};
use feira_schemas::ids::{CategoryId, ProductId, TenantId};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use uuid::Uuid;

const ALL_SORTS: [Sort; 7] =
    [Sort::Relevance, Sort::Newest, Sort::PriceAsc, Sort::PriceDesc, Sort::Name, Sort::BestSelling, Sort::Featured];

fn config(root: &Path) -> ShardsConfig {
    ShardsConfig { boot: Some("first boot".into()), ..ShardsConfig::new(root, 1) }
}

fn shard(tenant: u128) -> ShardId {
    ShardId { partition: 3, tenant: TenantId::from_uuid(Uuid::from_u128(tenant)) }
}

fn product_id(id: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(id))
}

fn category_id(id: u128) -> CategoryId {
    CategoryId::from_uuid(Uuid::from_u128(id))
}

fn number(id: ProductId) -> u128 {
    id.uuid().as_u128()
}

fn at(offset: i64) -> Position {
    Position { offset, write_ts: offset * 1_000 }
}

fn named(id: u128, name: &str) -> ProductDocument {
    ProductDocument {
        product_id: product_id(id),
        version: 1,
        slug: format!("produto-{id}"),
        name: name.to_owned(),
        vendor: None,
        tags: Vec::new(),
        skus: Vec::new(),
        description: String::new(),
        category: None,
        status: Status::Published,
        price: 1_000,
        available: true,
        featured: false,
        created_at: 1_700_000_000_000_000,
        sales: 0,
    }
}

fn upserts(documents: &[ProductDocument]) -> Vec<Change> {
    documents.iter().map(|document| Change::Upsert(Box::new(document.clone()))).collect()
}

async fn filled(root: &Path, documents: &[ProductDocument]) -> Shards {
    let shards = Shards::open(config(root)).unwrap();
    shards.apply(shard(1), upserts(documents), at(1)).await.unwrap();
    shards.commit(shard(1)).await.unwrap();
    shards
}

fn text(words: &str) -> SearchQuery {
    SearchQuery { text: Some(words.to_owned()), limit: 100, ..SearchQuery::default() }
}

async fn found(shards: &Shards, words: &str) -> Vec<u128> {
    let page = shards.search(shard(1), &text(words)).await.unwrap();
    assert_eq!(page.total, page.hits.len() as u64, "{words}");
    page.hits.iter().map(|hit| number(hit.product_id)).collect()
}

#[tokio::test]
async fn words_are_found_in_any_spelling_number_and_accent() {
    let pairs = [
        ("Calça jeans", "calca"),
        ("Calca jeans", "CALÇAS"),
        ("Camisetas de algodão", "camiseta algodao"),
        ("Tênis de corrida", "tenis"),
        ("Avião de brinquedo", "avioes"),
        ("Aviões de brinquedo", "avião"),
        ("Jogo de lençóis", "lençol"),
        ("Papel de parede", "papéis"),
        ("Vestido preto", "vestidos pretos"),
        ("Edredom casal", "edredons"),
        ("Cafe\u{301} em grãos", "café grão"),
        ("Copo d'Água", "copo d'agua"),
    ];
    for (name, query) in pairs {
        let folder = tempfile::tempdir().unwrap();
        let shards = filled(folder.path(), &[named(1, name), named(2, "Xilofone zebrado")]).await;
        assert_eq!(found(&shards, query).await, [1], "{name} / {query}");
        assert_eq!(found(&shards, &format!("{query} inexistente")).await, [0; 0], "all words must match");
    }
}

#[tokio::test]
async fn typos_are_forgiven_by_the_length_of_the_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut described = named(3, "Item simples");
    described.description = "Acabamento em porcelana esmaltada".into();
    let documents = [named(1, "Caneca Galaxy s23"), named(2, "Liquidificador"), described, named(4, "Sol Mar")];
    let shards = filled(folder.path(), &documents).await;
    for (query, expected) in [
        ("kaneca", vec![1]),        // the first letter
        ("acneca", vec![1]),        // two letters swapped
        ("canneca", vec![1]),       // one too many
        ("canca", vec![1]),         // one missing
        ("kanexa", vec![]),         // two edits in six letters
        ("liqidificadro", vec![2]), // two edits in thirteen letters
        ("likidifikadro", vec![]),  // three
        ("porselana esmautada", vec![3]),
        ("sal", vec![]), // three letters must be right
        ("galaxi s23", vec![1]),
        ("galaxy s24", vec![]), // digits are never mistyped
    ] {
        assert_eq!(found(&shards, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn only_the_last_word_may_be_a_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Camiseta azul"), named(2, "Camiseta verde")]).await;
    assert_eq!(found(&shards, "cami").await, [1, 2]);
    assert_eq!(found(&shards, "camiseta ve").await, [2]);
    assert_eq!(found(&shards, "ve camiseta").await, [0; 0]);
}

#[tokio::test]
async fn name_comes_before_tags_before_description_and_exact_before_typo() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [
        named(1, "Kaneca"),
        named(2, "Xícara dois"),
        named(3, "Xícara três"),
        named(4, "Canecas grandes"),
        named(5, "Caneca grande"),
        named(6, "Canecafone"),
        named(7, "Xícara sete"),
    ];
    documents[1].description = "parece uma caneca".into();
    documents[2].tags = vec!["caneca".into()];
    documents[6].vendor = Some("Caneca".into());
    let shards = filled(folder.path(), &documents).await;
    // Name, name inflected, tag and vendor, description, beginning, typo.
    assert_eq!(found(&shards, "caneca").await, [5, 4, 3, 7, 2, 6, 1]);
}

#[tokio::test]
async fn of_equal_matches_the_available_the_short_and_the_sold_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents =
        [named(1, "Bola"), named(2, "Bola azul"), named(3, "Bola rosa"), named(4, "Bola preta de couro")];
    documents[0].available = false;
    documents[2].sales = 9;
    let shards = filled(folder.path(), &documents).await;
    assert_eq!(found(&shards, "bola couro").await, [4]);
    assert_eq!(found(&shards, "bol").await, [3, 2, 4, 1]);
}

#[tokio::test]
async fn a_whole_name_finds_its_product_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(7);
    let mut documents: Vec<_> =
        (0..400).map(|id| named(id + 1, &format!("Produto {:08x}", random.random::<u32>()))).collect();
    documents.extend([
        named(901, "Maca"),
        named(902, "Maçã"),
        named(903, "Caneca azul com a alça torta"),
        named(904, "Caneca azul"),
        named(905, "???"),
    ]);
    documents[3].name = format!("{} plus", documents[2].name);
    let shards = filled(folder.path(), &documents).await;
    for document in &documents {
        let page = shards.search(shard(1), &text(&document.name)).await.unwrap();
        assert_eq!(page.hits[0].product_id, document.product_id, "{}", document.name);
    }
    assert_eq!(found(&shards, "caneca azul com alça torta").await, [903], "words without meaning may be left out");
}

#[tokio::test]
async fn a_sku_is_found_in_any_case_and_never_by_a_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [named(1, "Um"), named(2, "Dois"), named(3, "Três"), named(4, "Quatro")];
    documents[0].skus = vec!["AB-1001/P".into(), "AB-1001/M".into()];
    documents[1].skus = vec!["AB-1002/P".into()];
    documents[2].skus = vec!["ÁGUA 77".into()];
    let shards = filled(folder.path(), &documents).await;
    for (query, expected) in [
        ("ab-1001/p", vec![1]),
        ("AB-1001/M", vec![1]),
        ("ab-1002/P", vec![2]),
        ("ab-1003/P", vec![]),
        ("ab-10", vec![1, 2]),
        ("água  77", vec![3]),
        ("um AB-1001/M", vec![1]),
        ("dois AB-1001/M", vec![]),
    ] {
        assert_eq!(found(&shards, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn any_text_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Camiseta"), named(2, "Caneca")]).await;
    for nothing in ["", " ", "\0", "!?*", "\"\"", "()[]{}^~:\\/", "\u{301}\u{302}", "🦀🦀"] {
        assert_eq!(found(&shards, nothing).await.len(), 2, "{nothing:?}");
    }
    for words in
        ["name:camiseta OR *", "camiseta\" AND (", "\\camiseta\\ NOT", "caneca~2 camiseta^9", "1e999 -camiseta"]
    {
        assert_eq!(found(&shards, words).await, [0; 0], "{words:?}");
    }
    assert_eq!(found(&shards, "+(camiseta)").await, [1]);
    let mut random = StdRng::seed_from_u64(11);
    for _ in 0..200 {
        let garbage: String = (0..random.random_range(1..2_000)).map(|_| random.random::<char>()).collect();
        shards.search(shard(1), &text(&garbage)).await.unwrap();
        shards.suggest(shard(1), &garbage, 5).await.unwrap();
    }
    let word = "camiseta ".repeat(10_000);
    assert_eq!(found(&shards, &word).await, [1]);
}

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
        min_price: random.random_bool(0.4).then(|| random.random_range(0..100) * 1_000),
        max_price: random.random_bool(0.4).then(|| random.random_range(20..130) * 1_000),
        status: [None, Some(Status::Published), Some(Status::Draft)][random.random_range(0..3)],
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
    Facets { categories, prices: (0..PRICE_BANDS.len()).map(band).collect() }
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
async fn totals_facets_and_every_order_agree_with_a_naive_count() {
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
async fn a_page_says_whether_there_is_another() {
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

#[tokio::test]
async fn suggestions_complete_names_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [
        named(1, "Calça jeans"),
        named(2, "Calça Jeans"),
        named(3, "Calção de banho"),
        named(4, "Tênis jeans"),
        named(5, "Ofertas de calça"),
    ];
    documents[4].sales = 100;
    let shards = filled(folder.path(), &documents).await;
    let names = async |typed: &str, limit| -> Vec<String> {
        shards.suggest(shard(1), typed, limit).await.unwrap().into_iter().map(|found| found.text).collect()
    };
    assert_eq!(names("CALC", 10).await, ["Calça jeans", "Ofertas de calça", "Calção de banho"]);
    assert_eq!(names("calc", 1).await, ["Calça jeans"]);
    assert_eq!(names("jeans te", 10).await, ["Tênis jeans"]);
    assert_eq!(names("tenni", 10).await, ["Tênis jeans"], "a mistyped beginning, if no other completes");
    assert_eq!(names("calcas jea", 10).await, ["Calça jeans"]);
    assert_eq!(names("", 10).await, [""; 0]);
    assert_eq!(names("xyz", 10).await, [""; 0]);
    assert_eq!(shards.suggest(shard(1), "banho", 1).await.unwrap()[0].slug.as_deref(), Some("produto-3"));
}

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
    let other = Shards::open(ShardsConfig { generation: 2, ..config(folder.path()) }).unwrap();
    assert_eq!(other.position(shard(1)).await.unwrap(), None, "each generation has its own shards");
}

/// Cuts the largest file of a segment in half, as a power cut may.
fn tear(folder: &Path, name_ends: &str) {
    let directory = folder.join("3").join(shard(1).tenant.to_string()).join("g1");
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
async fn a_shard_torn_by_a_power_cut_has_no_position_and_is_filled_anew() {
    for file in ["meta.json", ".managed.json", ".idx", ".term", ".fast", ".store", ".pos"] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path(), &[named(1, "Caneca azul"), named(2, "Camiseta")]).await.close().await.unwrap();
        tear(folder.path(), file);
        let after = ShardsConfig { boot: Some("second boot".into()), ..config(folder.path()) };
        let shards = Shards::open(after.clone()).unwrap();
        assert_eq!(shards.position(shard(1)).await.unwrap(), None, "{file}");
        assert_eq!(found(&shards, "caneca").await, [0; 0], "{file}");
        shards.apply(shard(1), upserts(&[named(1, "Caneca azul")]), at(1)).await.unwrap();
        assert_eq!(shards.commit(shard(1)).await.unwrap(), Some(at(1)), "{file}");
        assert_eq!(found(&shards, "caneca").await, [1], "{file}");
    }
}

#[tokio::test]
async fn a_whole_shard_survives_a_power_cut_and_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Caneca")]).await;
    shards.apply(shard(1), upserts(&[named(2, "Nunca confirmada")]), at(2)).await.unwrap();
    drop(shards);
    for boot in ["first boot", "second boot", "second boot"] {
        let shards = Shards::open(ShardsConfig { boot: Some(boot.into()), ..config(folder.path()) }).unwrap();
        assert_eq!(shards.position(shard(1)).await.unwrap(), Some(at(1)), "{boot}");
        assert_eq!(found(&shards, "").await, [1], "{boot}");
    }
    let forced = Shards::open(ShardsConfig { sync: true, boot: None, ..config(folder.path()) }).unwrap();
    forced.apply(shard(1), upserts(&[named(3, "Forçada ao disco")]), at(3)).await.unwrap();
    assert_eq!(forced.commit(shard(1)).await.unwrap(), Some(at(3)));
    assert_eq!(found(&forced, "").await, [1, 3]);
}

#[tokio::test]
async fn more_shards_than_readers_and_writers_share_the_pool() {
    let folder = tempfile::tempdir().unwrap();
    let small = ShardsConfig { max_open_readers: 4, max_writers: 2, ..config(folder.path()) };
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
    let impossible = ShardsConfig { max_open_readers: 1, ..config(folder.path()) };
    assert!(matches!(Shards::open(impossible), Err(ShardError::Config(_))));
}

#[tokio::test]
async fn idle_writers_are_closed_and_their_shard_is_tidied() {
    let folder = tempfile::tempdir().unwrap();
    let hasty = ShardsConfig { writer_idle: std::time::Duration::ZERO, ..config(folder.path()) };
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
async fn tenants_never_meet() {
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
