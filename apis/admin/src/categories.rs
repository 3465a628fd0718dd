//! Categories: a shop's tree, read whole and sorted by name.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::category::{CategoryBody, category_content, category_json, schemas},
    catalogue::slugify,
    ids::CategoryId,
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{Category, CreateCategory, DeleteCategory, PatchCategory, ReplaceCategory},
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
    sessions::{Access, Area},
    writes::{self, Decided, NotDecided},
};
use http::Method;
use serde_json::{Map, Value, json};

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
            .for_staff(Access::read(Area::Catalogue))
            .query([Q, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of categories, by name.", json_of("CategoryPage"))
            .problems(&[409])
            .says("Lists the shop's categories, by name."),
        reading(Route::get(ONE, read), Area::Catalogue, "Category").says("Reads a category."),
        creating(Route::new(Method::POST, ALL, create), Access::write(Area::Catalogue), "Category")
            .takes_json("CategoryBody")
            .says("Makes a category."),
        changing(Route::new(Method::PUT, ONE, replace), Access::write(Area::Catalogue), "Category")
            .takes_json("CategoryBody")
            .says("Replaces a category."),
        changing(Route::new(Method::PATCH, ONE, patch), Access::write(Area::Catalogue), "Category")
            .takes(
                vec![("application/merge-patch+json", "CategoryPatch"), ("application/json", "CategoryPatch")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes some fields of a category (JSON Merge Patch, RFC 7396)."),
        removing(Route::new(Method::DELETE, ONE, delete), Access::write(Area::Catalogue))
            .says("Removes a category that nothing uses."),
    ]
}

/// A change of the shop's categories.
pub enum CategoryChange {
    /// Makes one.
    Create(CategoryBody),
    /// Replaces one as a whole.
    Replace(CategoryId, CategoryBody),
    /// Changes some fields of one (JSON Merge Patch, RFC 7396); the names and types of the fields are checked before.
    Patch(CategoryId, Map<String, Value>),
    /// Removes one that nothing uses.
    Delete(CategoryId),
}

/// Sends a change of the request's shop and waits for the decision. Its content is checked first.
pub async fn submit(api: &Api, request: &Request, change: CategoryChange) -> Result<Decided, NotDecided> {
    let meta = || writes::meta(api, request, request.tenant);
    let content = |body| category_content(body).map_err(Problem::fields);
    let command = match change {
        CategoryChange::Create(body) => {
            let content = content(body)?;
            AdminCommand::CreateCategory(CreateCategory { meta: meta()?, content })
        }
        CategoryChange::Replace(category_id, body) => {
            let content = content(body)?;
            AdminCommand::ReplaceCategory(ReplaceCategory { meta: meta()?, category_id, content })
        }
        CategoryChange::Patch(category_id, patch) => {
            let merge_patch = Value::Object(patch).to_string();
            AdminCommand::PatchCategory(PatchCategory { meta: meta()?, category_id, merge_patch })
        }
        CategoryChange::Delete(category_id) => {
            // Whether sub-categories use it is decided by the one who decides on categories; products are too many for that.
            if super::listing::has_products(api, request, category_id).await? {
                let detail = "A categoria tem produtos. Mude a categoria deles antes de apagá-la.";
                return Err(Problem::new(Code::CategoryInUse, detail).into());
            }
            AdminCommand::DeleteCategory(DeleteCategory { meta: meta()?, category_id })
        }
    };
    writes::send(api, request, command).await
}

/// A category of the request's shop, as it is at the position that the request asks for.
pub async fn load(api: &Api, request: &Request, id: CategoryId) -> Result<Category, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let row = api.platform.state.get::<CategoryRow>(&CategoryRow::at(request.tenant, id)).await?;
    row.map(|row| row.category).ok_or_else(|| Problem::not_found("A categoria"))
}

/// All categories of the request's shop, in no order, as they are at the position that the request asks for.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<Category>, Problem> {
    reads::caught_up(api, request, Context::Admin.name(), Context::Admin).await?;
    let rows = api.platform.state.scan::<CategoryRow>(&CategoryRow::all(request.tenant), None, MOST).await?;
    Ok(rows.into_iter().map(|row| row.category).collect())
}

/// True if a category's name holds these words, as the list looks for them: letter case and accents do not count.
pub fn is_named(name: &str, words: &str) -> bool {
    fits(&slugify(name), name, words, &slugify(words))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = all(&api, &request).await?;
    let query = request.query.text("q").unwrap_or_default();
    let folded = slugify(query);
    let mut found: Vec<((String, CategoryId), Category)> = all
        .into_iter()
        .map(|category| (slugify(&category.name), category))
        .filter(|(name, category)| fits(name, &category.name, query, &folded))
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
fn fits(folded_name: &str, name: &str, query: &str, folded: &str) -> bool {
    if folded.is_empty() { name.contains(query.trim()) } else { folded_name.contains(folded) }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let category = load(&api, &request, category_id(&request)?).await?;
    Ok(reply::entity(&request.headers, &category_json(&category), category.version))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = json::read(&BODIES, &request.body, "CategoryBody")?;
    answer(&api, &request, CategoryChange::Create(body)).await
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    let body = json::read(&BODIES, &request.body, "CategoryBody")?;
    answer(&api, &request, CategoryChange::Replace(id, body)).await
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    let patch = json::read_patch(&BODIES, &request.body, "CategoryPatch")?;
    answer(&api, &request, CategoryChange::Patch(id, patch)).await
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = category_id(&request)?;
    answer(&api, &request, CategoryChange::Delete(id)).await
}

async fn answer(api: &Api, request: &Request, change: CategoryChange) -> Result<Response, Problem> {
    writes::answer(submit(api, request, change).await, |id| format!("{ALL}/{id}"))
}

fn category_id(request: &Request) -> Result<CategoryId, Problem> {
    request.id(0, "A categoria")
}
