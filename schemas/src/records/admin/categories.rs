//! Categories.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CategoryId, Micros},
    records::common::{CommandMeta, EventMeta},
};

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// UUID.
    pub category_id: CategoryId,
    /// +1 each change.
    pub version: i64,
    /// Name.
    pub name: String,
    /// Address.
    pub slug: String,
    /// The one above.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub updated_at: Micros,
    /// Addresses that redirect here, newest first.
    #[serde(default)]
    pub slug_history: Vec<String>,
}

/// A category as a command asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryContent {
    /// Name.
    pub name: String,
    /// Null: made from the name.
    #[serde(default)]
    pub slug: Option<String>,
    /// The one above.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
}

/// Make a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCategory {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The category.
    pub content: CategoryContent,
}

/// The category is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceCategory {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
    /// The category.
    pub content: CategoryContent,
}

/// Change some fields (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCategory {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
    /// JSON.
    pub merge_patch: String,
}

/// Remove a category that nothing uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteCategory {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
}

/// A category was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The category after this event.
    pub category: Category,
    /// The address it had, if that changed.
    #[serde(default)]
    pub previous_slug: Option<String>,
    /// The one above it before, if that changed.
    #[serde(default)]
    pub previous_parent_id: Option<CategoryId>,
    /// Addresses that do not redirect any more.
    #[serde(default)]
    pub forgotten_slugs: Vec<String>,
}

/// A category is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryDeleted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The category as it was last.
    pub category: Category,
}
