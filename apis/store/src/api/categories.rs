//! `/api/store/v1/categories`: the shop's whole menu.

use std::sync::Arc;

use feira_schemas::records::store::ListedCategory;
use feira_web::{
    context::Api,
    cursor,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
};
use serde_json::{Value, json};

use crate::{answer, lists, shop};

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/categories", list)
        .says("Lists the shop's categories by name; `parent_id` makes them a tree.")
        .query([reads::AFTER, reads::LIMIT])
        .gives_json("A page of categories.", "StoreCategoryPage")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(304, "The client has this page.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::cards_caught_up(&api, &request).await?;
    shop::is_open(&api, request.tenant).await?;
    let tree = lists::tree(&api, request.tenant).await?;
    let all = tree.all();
    let key = |category: &ListedCategory| (category.name.to_lowercase(), category.category_id);
    let (list, after) = (format!("store categories {}", request.tenant), request.query.text("after"));
    let (page, next) = cursor::page(all, key, &list, after, reads::limit(&request))?;
    let items: Vec<Value> = page
        .iter()
        .map(|category| {
            json!({
                "id": category.category_id,
                "version": category.version,
                "name": category.name,
                "slug": category.slug,
                "parent_id": category.parent_id,
            })
        })
        .collect();
    Ok(answer::json(&request, json!({"items": items, "next": next, "total": all.len()}).to_string()))
}
