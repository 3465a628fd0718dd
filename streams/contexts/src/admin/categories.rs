//! Categories: a tree per shop, each with an address of its own.

use std::collections::HashMap;

use feira_schemas::{
    api::category::{CategoryBody, category_body, category_content},
    ids::{CategoryId, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            Category, CategoryChanged, CategoryContent, CategoryDeleted, CreateCategory, DeleteCategory, PatchCategory,
            ReplaceCategory,
        },
        common::{CommandMeta, EventMeta, Outcome},
    },
    refusals,
    rows::admin::{CategoryRow, CategorySlugRow},
};

use super::{
    merge_patch::merged,
    not_found, shown,
    slugs::{self, history},
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version};

pub(super) fn create(command: &CreateCategory, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let (tenant, content) = (command.meta.tenant_id, &command.content);
    let category_id = CategoryId::derive(command.meta.command_id, 0, context.now);
    check_parent(tenant, category_id, content.parent_id, rows)?;
    check_depth(tenant, category_id, content.parent_id, rows)?;
    check_count(tenant, rows)?;
    let slug = free_slug(tenant, category_id, content, None, rows)?;
    let mut decision = Decision::new(context);
    let category = new_category(category_id, content.name.clone(), slug, content.parent_id, context);
    let entity = EntityVersion::new(category_id, 1);
    decision.answer(Outcome::Created, entity, |meta| changed(meta, category, None));
    Ok(decision)
}

/// Refuses another category where the shop has as many as it may have.
pub(super) fn check_count(tenant: TenantId, rows: &Rows) -> Result<(), Stop> {
    if rows.scan::<CategoryRow>(CategoryRow::all(tenant))?.len() < limits::CATEGORIES {
        return Ok(());
    }
    let detail = format!("A loja pode ter até {} categorias. Apague as que não usa.", limits::CATEGORIES);
    Err(Refusal::new(Code::OutOfRange, detail).into())
}

/// A category at its first version.
pub(super) fn new_category(
    category_id: CategoryId,
    name: String,
    slug: String,
    parent_id: Option<CategoryId>,
    context: &DecisionContext,
) -> Category {
    let now = context.now;
    let slug_history = Vec::new();
    Category { category_id, version: 1, name, slug, parent_id, created_at: now, updated_at: now, slug_history }
}

/// The event of a category that is now this. Slugs that fell off its history do not redirect any more.
pub(super) fn changed(meta: EventMeta, category: Category, before: Option<&Category>) -> CategoryChanged {
    let previous_slug = before.map(|before| before.slug.clone()).filter(|slug| *slug != category.slug);
    let previous_parent_id = before.and_then(|before| before.parent_id).filter(|id| Some(*id) != category.parent_id);
    let had = before.map(|before| (&before.slug, before.slug_history.as_slice()));
    let forgotten_slugs = slugs::forgotten(had, (&category.slug, &category.slug_history));
    CategoryChanged { meta, category, previous_slug, previous_parent_id, forgotten_slugs }
}

pub(super) fn replace(command: &ReplaceCategory, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load_for_change(&command.meta, command.category_id, rows)?;
    put(&before, &command.content, rows, context)
}

pub(super) fn patch(command: &PatchCategory, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load_for_change(&command.meta, command.category_id, rows)?;
    let body: CategoryBody = merged(&category_body(&before), &command.merge_patch)?;
    let content = category_content(body).map_err(Refusal::fields)?;
    put(&before, &content, rows, context)
}

fn put(before: &Category, content: &CategoryContent, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = context.cause.tenant_id;
    check_parent(tenant, before.category_id, content.parent_id, rows)?;
    // One that lies too deep already, by an older rule, may change in all else.
    if content.parent_id != before.parent_id {
        check_depth(tenant, before.category_id, content.parent_id, rows)?;
    }
    let slug = free_slug(tenant, before.category_id, content, Some(&before.slug), rows)?;
    let mut category = Category {
        name: content.name.clone(),
        slug_history: history(&before.slug, &before.slug_history, &slug),
        slug,
        parent_id: content.parent_id,
        ..before.clone()
    };
    if category == *before {
        return Ok(Decision::unchanged(context, shown::category(before)));
    }
    category.version += 1;
    category.updated_at = context.now;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(category.category_id, category.version);
    decision.answer(Outcome::Updated, entity, |meta| changed(meta, category, Some(before)));
    Ok(decision)
}

pub(super) fn delete(command: &DeleteCategory, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let category = load_for_change(&command.meta, command.category_id, rows)?;
    let all = rows.scan::<CategoryRow>(CategoryRow::all(command.meta.tenant_id))?;
    if all.iter().any(|row| row.category.parent_id == Some(category.category_id)) {
        let detail = "A categoria tem subcategorias. Mova ou apague as subcategorias antes.";
        return Err(Refusal::new(Code::CategoryInUse, detail).into());
    }
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(category.category_id, category.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| CategoryDeleted { meta, category });
    Ok(decision)
}

/// The category as it is, if it is there in the version that the command names.
fn load_for_change(meta: &CommandMeta, id: CategoryId, rows: &Rows) -> Result<Category, Stop> {
    let row = rows.get::<CategoryRow>(CategoryRow::at(meta.tenant_id, id))?.ok_or_else(|| not_found("A categoria"))?;
    check_version(meta, row.category.version)?;
    Ok(row.category.clone())
}

/// The parent must exist and must not lie below the category itself.
fn check_parent(tenant: TenantId, category: CategoryId, parent: Option<CategoryId>, rows: &Rows) -> Result<(), Stop> {
    let wrong = |code, detail: &str| Err(Refusal::fields(vec![FieldError::new("/parent_id", code, detail)]).into());
    let mut above = parent;
    // A tree of an older rule may be deeper than the present one; one that is a circle is none.
    for depth in 0..limits::CATEGORIES {
        let Some(id) = above else { break };
        if id == category {
            return wrong(Code::Invalid, "Uma categoria não pode ficar dentro de si mesma.");
        }
        match rows.get::<CategoryRow>(CategoryRow::at(tenant, id))? {
            Some(row) => above = row.category.parent_id,
            None if depth == 0 => return wrong(Code::UnknownReference, refusals::NO_SUCH_CATEGORY),
            None => break,
        }
    }
    Ok(())
}

/// A category comes with all that lies below it: none of it may lie deeper than menus show.
fn check_depth(tenant: TenantId, category: CategoryId, parent: Option<CategoryId>, rows: &Rows) -> Result<(), Stop> {
    let Some(parent) = parent else { return Ok(()) };
    let all = rows.scan::<CategoryRow>(CategoryRow::all(tenant))?;
    let parents: HashMap<CategoryId, CategoryId> =
        all.iter().filter_map(|row| Some((row.category.category_id, row.category.parent_id?))).collect();
    // Bounded, so that no circle is walked round without end.
    let upwards = |from: CategoryId| {
        std::iter::successors(Some(from), |id| parents.get(id).copied()).take(2 * limits::CATEGORY_DEPTH)
    };
    let below = all.iter().filter_map(|row| upwards(row.category.category_id).position(|id| id == category));
    let levels = upwards(parent).count() + 1 + below.max().unwrap_or_default();
    let most = limits::CATEGORY_DEPTH;
    if levels <= most {
        return Ok(());
    }
    let detail = format!("As categorias têm no máximo {most} níveis; com as que estão dentro desta seriam {levels}.");
    Err(Refusal::fields(vec![FieldError::new("/parent_id", Code::OutOfRange, detail)]).into())
}

/// The slug asked for if it is free, the present one if none is asked for, or one made from the name.
fn free_slug(
    tenant: TenantId,
    category: CategoryId,
    content: &CategoryContent,
    present: Option<&str>,
    rows: &Rows,
) -> Result<String, Stop> {
    let is_free = |slug: &str| -> Result<bool, Need> {
        let row = rows.get::<CategorySlugRow>(CategorySlugRow::at(tenant, slug))?;
        Ok(row.is_none_or(|row| row.category_id == category))
    };
    slugs::free(content.slug.as_deref().or(present), &content.name, "categoria", category.uuid(), is_free)
}
