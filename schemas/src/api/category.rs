//! A category: as it is written, the content that a command carries of it, and as it is given.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    rules::{Errors, NAME, check_slug, filled, parse_id},
    schema::{Named, id, id_or_none, id_or_null, object, page_of, slug_or_none, text, time, version, whole},
};
use crate::{
    problem::FieldError,
    records::admin::{Category, CategoryContent},
    refusals,
    time::rfc3339,
};

/// A category as written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryBody {
    /// Required; see [`NAME`].
    pub name: String,
    /// Made from the name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The category above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
}

/// The content a category's command carries, or everything that is wrong with the body.
pub fn category_content(body: CategoryBody) -> Result<CategoryContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let slug = filled(body.slug);
    NAME.check(&mut errors, "/name", Some(&body.name));
    check_slug(&mut errors, slug.as_deref());
    let parent_id = parse_id(&mut errors, "/parent_id", filled(body.parent_id), refusals::NO_SUCH_CATEGORY);
    errors.or(CategoryContent { name: body.name.trim().to_owned(), slug, parent_id })
}

/// A category as the admin API gives it.
pub fn category_json(category: &Category) -> Value {
    json!({
        "id": category.category_id,
        "version": category.version,
        "name": category.name,
        "slug": category.slug,
        "parent_id": category.parent_id,
        "created_at": rfc3339(category.created_at),
        "updated_at": rfc3339(category.updated_at),
    })
}

/// The body that would write this category as it is.
pub fn category_body(category: &Category) -> CategoryBody {
    CategoryBody {
        name: category.name.clone(),
        slug: Some(category.slug.clone()),
        parent_id: category.parent_id.map(|id| id.to_string()),
    }
}

/// The schemas: what is written (`CategoryBody`, `CategoryPatch`) and what is given (`Category`, `CategoryPage`).
pub fn schemas() -> Vec<Named> {
    let fields = [("name", NAME.schema()), ("slug", slug_or_none()), ("parent_id", id_or_none())];
    let category = whole(&[
        ("id", id()),
        ("version", version()),
        ("name", text()),
        ("slug", text()),
        ("parent_id", id_or_null()),
        ("created_at", time()),
        ("updated_at", time()),
    ]);
    vec![
        ("CategoryBody", object(&fields, &["name"])),
        ("CategoryPatch", object(&fields, &[])),
        ("Category", category),
        ("CategoryPage", page_of("Category")),
    ]
}
