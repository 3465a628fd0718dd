//! `/api/store/v1/search`: hits, exact facets, and up to where the answer shows the shop.

use std::{sync::Arc, time::Duration};

use feira_connectors::search::{Facets, SearchPage, SearchQuery};
use feira_schemas::{
    ids::{Micros, TenantId},
    problem::Code,
    topics::{Context, Position},
};
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};
use serde_json::{Value, json};

use super::products;
use crate::{answer, lists, shop, tree::Tree};

/// The largest whole number that every reader of JSON holds exactly; far above any price.
const MOST_CENTAVOS: i64 = (1 << 53) - 1;

/// The time that a search waits for cards to be as far as the shards. The answer says what it shows either way.
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
        .says("Finds products by words, categories and price, with counts of what other filters would leave.")
        .query([Q, products::CATEGORY, MIN_PRICE, MAX_PRICE, SORT, reads::AFTER, reads::LIMIT])
        .gives_json("A page of products that match.", "StoreSearchPage")
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
    shop::is_open(&api, request.tenant).await?;
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
    // Before any card is read: what the marks say then, the answer shows.
    let position = position(&api, request.tenant, &page).await;
    let (page, cards) = products::filled(&api, request.tenant, query, page).await?;
    let mut body = products::begin(&cards, &page);
    let facets = facets_json(&tree, page.facets.as_ref());
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

/// The position up to which the answer shows the shop: its shard's own, for the partition's moves when other shops
/// write, and with it would the body and its tag.
async fn position(api: &Api, tenant: TenantId, page: &SearchPage) -> Position {
    let (marks, partition) = (&api.platform.reached, api.platform.partition_of(tenant));
    let shard = page.position.map_or(0, |position| position.write_ts);
    let at = Position { context: Context::Store, partition, write_ts: shard };
    // Cards are usually ahead. Where another process makes them, their mark is looked up only for who waits for it.
    let _ = marks.wait(shop::CARDS, Context::Store, at, MOMENT).await;
    Position { write_ts: shown(shard, marks.mark(shop::CARDS, partition).write_ts), ..at }
}

/// The `write_ts` that hits and their cards are both as new as; 0 where cards are behind: their mark is the
/// partition's too.
fn shown(shard: Micros, cards: Micros) -> Micros {
    if cards >= shard { shard } else { 0 }
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
    use super::*;

    #[test]
    fn f02_f18_the_position_is_the_shards_own_and_speaks_for_what_is_shown() {
        for (shard, cards, position) in [(5, 9, 5), (5, 900, 5), (5, 5, 5), (5, 3, 0), (0, 0, 0), (0, 7, 0)] {
            assert_eq!(shown(shard, cards), position, "{shard} {cards}");
        }
    }
}
