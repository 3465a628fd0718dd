//! The routes that list the generations of tables and search shards, and drop those that are not live any more.

use std::{sync::Arc, time::Duration};

use feira_streams::generations::{self, Older, SHARDS};
use feira_web::{
    context::Api,
    generations::Generation,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    schemas::{Named, list_of, object, text},
};
use http::Method;
use serde_json::{Value, json};

/// A cluster agrees on each table that goes, of some dozens.
const DROPPED_WITHIN: Duration = Duration::from_secs(300);

/// The routes of generations.
pub fn routes() -> Vec<Route> {
    let json = |schema| Some(("application/json", schema));
    vec![
        Route::get("/api/operator/v1/generations", list)
            .for_operator()
            .while_folding()
            .gives(200, "The live generations, this program's, and others that lie there.", json("Generations"))
            .says("Lists the generations of tables and search shards."),
        Route::new(Method::DELETE, "/api/operator/v1/generations/older", drop_older)
            .for_operator()
            .within(DROPPED_WITHIN)
            .gives(200, "The generations that were dropped.", json("DroppedGenerations"))
            .says("Drops the tables and search shards of generations before the live ones, for which no older program may run any more."),
    ]
}

/// The schemas of generations.
pub fn schemas() -> Vec<Named> {
    let number = json!({"type": "integer", "minimum": 0});
    let older = list_of(number.clone());
    let item = object(
        &[("name", text()), ("live", number.clone()), ("program", number.clone()), ("older", older)],
        &["name", "live", "program", "older"],
    );
    let dropped = object(&[("name", text()), ("generation", number)], &["name", "generation"]);
    vec![
        ("Generations", object(&[("items", list_of(item))], &["items"])),
        ("DroppedGenerations", object(&[("items", list_of(dropped))], &["items"])),
    ]
}

async fn list(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    let item = |Generation { name, live, program, older }| json!({"name": name, "live": live, "program": program, "older": older});
    let items: Vec<Value> = feira_web::generations::list(&api).await?.into_iter().map(item).collect();
    Ok(reply::json(&json!({"items": items})))
}

async fn drop_older(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    let tables = generations::drop_older(&api.platform).await?;
    let mut items: Vec<Value> =
        tables.into_iter().map(|Older { keyspace, generation }| dropped(&keyspace, generation)).collect();
    // Those of this program are not whole before that; the older ones may still be searched by others meanwhile.
    if !api.platform.generations.is_pending(SHARDS) {
        generations::drop_older_shards(&api.platform).await?;
        let (shop, panel) = (api.readers.search.drop_older().await?, api.readers.panel.drop_older().await?);
        items.extend(shop.union(&panel).map(|generation| dropped(SHARDS, *generation)));
    }
    Ok(reply::json(&json!({"items": items})))
}

fn dropped(name: &str, generation: u32) -> Value {
    json!({"name": name, "generation": generation})
}
