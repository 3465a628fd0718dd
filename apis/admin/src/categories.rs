//! Categories: a shop's tree, read whole and sorted by name.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    catalogue::{CategoryBody, category_content, category_json, slugify},
    ids::CategoryId,
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{Category, CategoryContent, CreateCategory, DeleteCategory, PatchCategory, ReplaceCategory},
    },
    rows::admin::CategoryRow,
    topics::Context,
};
use feira_web::{
    context::Api,
    cursor, json,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, id, id_or_none, id_or_null, object, page_of, slug_or_none, text, time, version, words},
    staff::Permission,
    writes,
};
use http::Method;
use serde_json::{Value, json};

use super::kinds::{changing, creating, json_of, reading, removing};

const ALL: &str = "/api/admin/v1/categories";
const ONE: &str = "/api/admin/v1/categories/{id}";
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the name; letter case and accents do not count.");
/// Categories of a shop that a list reads: all of them, for what a menu can show is far below it.
const MOST: usize = 10_000;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of categories.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, list)
            .for_staff(Permission::Read)
            .query([Q, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of categories, by name.", json_of("CategoryPage"))
            .problems(&[409])
            .says("Lists the shop's categories, by name."),
        reading(Route::get(ONE, read), "Category").says("Reads a category."),
        creating(Route::new(Method::POST, ALL, create), Permission::Catalogue, "Category")
            .takes_json("CategoryBody")
            .says("Makes a category."),
        changing(Route::new(Method::PUT, ONE, replace), Permission::Catalogue, "Category")
            .takes_json("CategoryBody")
            .says("Replaces a category."),
        changing(Route::new(Method::PATCH, ONE, patch), Permission::Catalogue, "Category")
            .takes(
                vec![("application/merge-patch+json", "CategoryPatch"), ("application/json", "CategoryPatch")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes some fields of a category (JSON Merge Patch, RFC 7396)."),
        removing(Route::new(Method::DELETE, ONE, delete), Permission::Catalogue)
            .says("Removes a category that nothing uses."),
    ]
}

/// The schemas of categories.
pub fn schemas() -> Vec<Named> {
    let fields = [("name", words(limits::NAME_CHARS)), ("slug", slug_or_none()), ("parent_id", id_or_none())];
    let category = [
        ("id", id()),
        ("version", version()),
        ("name", text()),
        ("slug", text()),
        ("parent_id", id_or_null()),
        ("created_at", time()),
        ("updated_at", time()),
    ];
    let required = ["id", "version", "name", "slug", "parent_id", "created_at", "updated_at"];
    vec![
        ("CategoryBody", object(&fields, &["name"])),
        ("CategoryPatch", object(&fields, &[])),
        ("Category", object(&category, &required)),
        ("CategoryPage", page_of("Category")),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::caught_up(&api, &request, Context::Admin.name(), Context::Admin).await?;
    let rows = api.platform.state.scan::<CategoryRow>(&CategoryRow::all(request.tenant), None, MOST).await?;
    let query = request.query.text("q").unwrap_or_default();
    let folded = slugify(query);
    let mut found: Vec<((String, CategoryId), Category)> = rows
        .into_iter()
        .map(|row| (slugify(&row.category.name), row.category))
        .filter(|(name, category)| fits(name, category, query, &folded))
        .map(|(name, category)| ((name, category.category_id), category))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (page, next) = cursor::page(
        &found,
        |(key, _)| key.clone(),
        &format!("categories\u{1}{query}"),
        request.query.text("after"),
        reads::limit(&request),
    )?;
    let items: Vec<Value> = page.iter().map(|(_, category)| category_json(category)).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": found.len()})))
}

/// True if a name holds the words asked for; words of which nothing is left when folded are compared as they are.
fn fits(name: &str, category: &Category, query: &str, folded: &str) -> bool {
    if folded.is_empty() { category.name.contains(query.trim()) } else { name.contains(folded) }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    reads::point(&api, &request, Context::Admin).await?;
    let row = api.platform.state.get::<CategoryRow>(&CategoryRow::at(request.tenant, id)).await?;
    let category = row.ok_or_else(|| Problem::not_found("A categoria"))?.category;
    Ok(reply::entity(&request.headers, &category_json(&category), category.version))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let content = content(&request)?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::CreateCategory(CreateCategory { meta, content });
    writes::answer(&api, &request, command, address).await
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category_id = category_id(&request)?;
    let content = content(&request)?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::ReplaceCategory(ReplaceCategory { meta, category_id, content });
    writes::answer(&api, &request, command, address).await
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category_id = category_id(&request)?;
    let patch = json::read_patch(&BODIES, &request.body, "CategoryPatch")?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let merge_patch = Value::Object(patch).to_string();
    let command = AdminCommand::PatchCategory(PatchCategory { meta, category_id, merge_patch });
    writes::answer(&api, &request, command, address).await
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category_id = category_id(&request)?;
    // Whether sub-categories use it is decided by the one who decides on categories; products are too many for that.
    if super::listing::has_products(&api, &request, category_id).await? {
        let detail = "A categoria tem produtos. Mude a categoria deles antes de apagá-la.";
        return Err(Problem::new(Code::CategoryInUse, detail));
    }
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::DeleteCategory(DeleteCategory { meta, category_id });
    writes::answer(&api, &request, command, address).await
}

fn address(id: &str) -> String {
    format!("{ALL}/{id}")
}

fn category_id(request: &Request) -> Result<CategoryId, Problem> {
    request.id(0, "A categoria")
}

fn content(request: &Request) -> Result<CategoryContent, Problem> {
    let body: CategoryBody = json::read(&BODIES, &request.body, "CategoryBody")?;
    category_content(body).map_err(Problem::fields)
}
