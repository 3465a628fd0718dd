//! `/api/store/v1/search`: hits, exact facets, and up to where the answer shows the shop.

use std::{sync::Arc, time::Duration};

use feira_connectors::search::{Facets, SearchPage, SearchQuery};
use feira_schemas::{
    ids::{Micros, TenantId},
    problem::Code,
    topics::{Context, Position},
};
use serde_json::{Value, json};

use super::{answer, lists, shop, tree::Tree};
use crate::{
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};

/// The largest whole number that every reader of JSON holds exactly; far above any price.
const MOST_CENTAVOS: i64 = (1 << 53) - 1;

/// How long a search waits for cards to be as far as the shards. It says what it shows either way.
const MOMENT: Duration = Duration::from_millis(20);

const Q: Parameter = Parameter::new("q", Kind::Text(1_024), "The buyer's words; none lists everything.");
const MIN_PRICE: Parameter =
    Parameter::new("min_price", Kind::Integer(0, MOST_CENTAVOS), "Lowest price in centavos, inclusive.");
const MAX_PRICE: Parameter =
    Parameter::new("max_price", Kind::Integer(0, MOST_CENTAVOS), "Highest price in centavos, inclusive.");
const SORT: Parameter = Parameter::new(
    "sort",
    Kind::OneOf(&["relevance", "newest", "price_asc", "price_desc", "name", "best_selling"]),
    "The order; best match first if left out.",
);

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/search", search)
        .says("Products by words, categories and price, with counts of what else there is.")
        .query([Q, lists::CATEGORY, MIN_PRICE, MAX_PRICE, SORT, reads::AFTER, reads::LIMIT])
        .gives_json("A page of hits.", "StoreSearchPage")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(301, "A category has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .gives(304, "The client has this page.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn search(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (min_price, max_price) = prices(&request)?;
    shop::lists_caught_up(&api, &request).await?;
    shop::open(&api, request.tenant).await?;
    // Taken before anything is read: what the marks say then, the answer shows.
    let shown = shown(&api, request.tenant).await;
    let tree = lists::tree(&api, request.tenant).await?;
    if let Some(moved) = lists::moved(&request, &tree) {
        return moved;
    }
    let asked_categories = lists::asked_categories(&request);
    let chosen = asked_categories.as_ref().map(|slugs| tree.within_slugs(slugs.iter().map(String::as_str)));
    let query = SearchQuery {
        text: request.query.text("q").map(str::to_owned),
        categories: chosen,
        asked_categories,
        min_price,
        max_price,
        sort: lists::sort_of(request.query.text("sort")).unwrap_or_default(),
        after: request.query.text("after").map(str::to_owned),
        limit: reads::limit(&request),
        facets: true,
        ..SearchQuery::default()
    };
    let page = lists::search(&api, request.tenant, &query).await?;
    let cards = lists::cards(&api, request.tenant, &page.hits).await?;
    let mut body = lists::begin(&cards, &page);
    let facets = facets_json(&tree, page.facets.as_ref());
    let position = position(shown, &page);
    body.extend_from_slice(format!(",\"facets\":{facets},\"position\":\"{position}\"}}").as_bytes());
    Ok(answer::json(&request, body))
}

/// The bounds of the price, in order.
fn prices(request: &Request) -> Result<(Option<i64>, Option<i64>), Problem> {
    let (least, most) = (request.query.integer("min_price"), request.query.integer("max_price"));
    match (least, most) {
        (Some(least), Some(most)) if least > most => {
            let detail = "O parâmetro «min_price» não pode ser maior que «max_price».";
            Err(Problem::parameter("/query/min_price", Code::OutOfRange, detail))
        }
        bounds => Ok(bounds),
    }
}

/// Up to where the views show the shop's events.
#[derive(Debug, Clone, Copy)]
struct Shown {
    partition: u32,
    /// In the shards, where hits come from.
    shards: Micros,
    /// In the cards and categories, which say what is shown of them.
    cards: Micros,
}

async fn shown(api: &Api, tenant: TenantId) -> Shown {
    let (marks, partition) = (&api.platform.watermarks, api.platform.partition_of(tenant));
    let shards = marks.mark(shop::SHARDS, partition).write_ts;
    // Cards are usually ahead. Where another process makes them, their mark is looked up only for who waits for it.
    let at = Position { context: Context::Store, partition, write_ts: shards };
    let _ = marks.wait(shop::CARDS, Context::Store, at, MOMENT).await;
    Shown { partition, shards, cards: marks.mark(shop::CARDS, partition).write_ts }
}

/// What both views show. The shard itself may have committed more than its mark said.
fn position(shown: Shown, page: &SearchPage) -> Position {
    let committed = page.position.map_or(0, |position| position.write_ts);
    let write_ts = shown.shards.max(committed).min(shown.cards);
    Position { context: Context::Store, partition: shown.partition, write_ts }
}

/// The facets as the contract writes them. A category's count holds the products below it too.
fn facets_json(tree: &Tree, facets: Option<&Facets>) -> Value {
    let Some(facets) = facets else { return json!({"categories": [], "price": []}) };
    let counted = tree.rolled_up(&facets.categories);
    let categories: Vec<Value> = counted
        .iter()
        .map(|(category, count)| json!({"slug": category.slug, "name": category.name, "count": count}))
        .collect();
    let bands: Vec<Value> =
        facets.prices.iter().map(|band| json!({"from": band.from, "to": band.to, "count": band.count})).collect();
    json!({"categories": categories, "price": bands})
}

#[cfg(test)]
mod tests {
    use feira_connectors::search::Position as Committed;

    use super::*;

    #[test]
    fn f18_the_position_speaks_for_hits_and_for_what_is_shown_of_them() {
        let page = |write_ts| SearchPage { position: Some(Committed { offset: 1, write_ts }), ..SearchPage::default() };
        for (shards, cards, committed, position_is) in
            [(5, 9, 5, 5), (5, 9, 7, 7), (5, 3, 5, 3), (5, 6, 8, 6), (0, 0, 4, 0)]
        {
            let shown = Shown { partition: 2, shards, cards };
            assert_eq!(position(shown, &page(committed)).to_string(), format!("store.2.{position_is}"));
        }
        assert_eq!(position(Shown { partition: 2, shards: 5, cards: 9 }, &SearchPage::default()).write_ts, 5);
    }
}
