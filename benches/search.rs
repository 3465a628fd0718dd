//! A search in a shop of 100,000 products, in this process and over HTTP, beside bare tantivy in this process.
//!
//! `cargo bench --bench search`. The shop is filled by import commands, as a merchant would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "limits/search.rs"]
mod limit;

use std::time::Instant;

use common::{
    Round,
    catalogue::{self, PRICES, Question},
    command, either,
    http::{Asked, each},
    shop::{self, Running, fill},
};
use feira_connectors::search::{SearchQuery, Sort, Status};
use feira_schemas::ids::TenantId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Runtime;

fn main() {
    let products = either(100_000, 2_000);
    let runtime = Runtime::new().unwrap();
    let running = runtime.block_on(Running::start());
    let subdomain = shop::subdomain();
    let tenant = runtime.block_on(async {
        let tenant = command::provision(&running.node.commands, &subdomain).await;
        let started = Instant::now();
        fill(&running, tenant, products).await;
        let took = started.elapsed().as_secs_f64();
        println!("{products} products imported and searchable in {took:.1} s: {:.0} a second", products as f64 / took);
        tenant
    });
    let all = (0..products).map(|number| (catalogue::product(number), catalogue::category(number)));
    let mut bare = limit::Bare::index(all);

    println!("limit: {}", limit::SETTINGS);
    println!("one question after another; a page of 24 with total and facets");
    let repeats = either(10, 1);
    for (kind, questions) in catalogue::questions() {
        let host = format!("{subdomain}.localhost");
        let paths = questions.iter().map(path).collect();
        let asked = Asked { address: running.address, host, paths };
        let found: Vec<String> = questions
            .iter()
            .map(|question| (bare.search(question).0, runtime.block_on(search(&running, tenant, question)).0))
            .map(|(bare, own)| format!("{bare}/{own}"))
            .collect();
        println!("found by bare tantivy/feira: {}", found.join(", "));
        common::compare(
            &format!("search, {kind}"),
            7,
            vec![
                ("bare tantivy", Box::new(|| round(repeats, &questions, |question| bare.search(question)))),
                (
                    "feira in process",
                    Box::new(|| {
                        round(repeats, &questions, |question| runtime.block_on(search(&running, tenant, question)))
                    }),
                ),
                ("feira over HTTP", Box::new(|| each(&asked, repeats * questions.len()))),
            ],
        );
    }
    runtime.block_on(running.node.stop()).unwrap();
}

/// Asks every question `repeats` times. In a whole catalogue every one finds something, or the comparison would be of nothing.
fn round(repeats: usize, questions: &[Question], mut ask: impl FnMut(&Question) -> (usize, usize)) -> Round {
    let started = Instant::now();
    let mut latencies = Vec::new();
    for question in std::iter::repeat_n(questions, repeats).flatten() {
        let begun = Instant::now();
        let (total, shown) = ask(question);
        latencies.push(begun.elapsed());
        assert!(common::short() || (total > 0 && shown > 0), "{question:?} finds nothing");
    }
    Round { done: latencies.len(), took: started.elapsed(), latencies }
}

async fn search(running: &Running, tenant: TenantId, question: &Question) -> (usize, usize) {
    let prices = question.by_price.then_some(PRICES);
    let query = SearchQuery {
        text: Some(question.text.clone()),
        min_price: prices.map(|(lowest, _)| lowest),
        max_price: prices.map(|(_, highest)| highest),
        status: Some(Status::Published),
        sort: if question.by_price { Sort::PriceAsc } else { Sort::Relevance },
        limit: 24,
        facets: true,
        ..SearchQuery::default()
    };
    let page = running.node.search.search(tenant, &query).await.unwrap();
    (page.total as usize, page.hits.len())
}

fn path(question: &Question) -> String {
    let text = utf8_percent_encode(&question.text, NON_ALPHANUMERIC);
    let (lowest, highest) = PRICES;
    if question.by_price {
        format!("/api/store/v1/search?q={text}&min_price={lowest}&max_price={highest}&sort=price_asc")
    } else {
        format!("/api/store/v1/search?q={text}")
    }
}
