//! Categories: a tree per shop, each with an address of its own.

use std::collections::{HashMap, HashSet};

use feira_schemas::{
    catalogue::{CategoryBody, category_body, category_content, category_json, slugify},
    ids::{CategoryId, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        admin::{
            Category, CategoryChanged, CategoryContent, CategoryDeleted, CreateCategory, DeleteCategory, PatchCategory,
            ReplaceCategory,
        },
        common::{CommandMeta, Outcome},
    },
    rows::admin::{CategoryRow, CategorySlugRow},
};

use super::{Decided, not_found, version_mismatch};
use crate::task::{Decision, Draft, Moment, Need, Rows};

pub(super) fn create(command: &CreateCategory, rows: &Rows, moment: &Moment) -> Decided {
    let (tenant, content) = (command.meta.tenant_id, &command.content);
    let category_id = CategoryId::derive(command.meta.command_id, 0, moment.now);
    if let Some(refusal) = wrong_parent(tenant, category_id, content.parent_id, rows)? {
        return Ok(Decision::refuse(moment, refusal));
    }
    if let Some(refusal) = too_deep(tenant, category_id, content.parent_id, rows)? {
        return Ok(Decision::refuse(moment, refusal));
    }
    if let Some(refusal) = too_many(tenant, rows)? {
        return Ok(Decision::refuse(moment, refusal));
    }
    let slug = match free_slug(tenant, category_id, content, None, rows)? {
        Ok(slug) => slug,
        Err(refusal) => return Ok(Decision::refuse(moment, refusal)),
    };
    let mut decision = Decision::new(moment);
    let category = new_category(category_id, content.name.clone(), slug, content.parent_id, moment);
    let draft = Draft::new(category_id, 1);
    decision.answer(Outcome::Created, draft, |meta| changed(meta, category, None));
    Ok(decision)
}

/// A shop has so many categories that another one is refused.
pub(super) fn too_many(tenant: TenantId, rows: &Rows) -> Result<Option<Refusal>, Need> {
    let count = rows.scan::<CategoryRow>(CategoryRow::all(tenant))?.len();
    let detail = || format!("A loja pode ter até {} categorias. Apague as que não usa.", limits::CATEGORIES);
    Ok((count >= limits::CATEGORIES).then(|| Refusal::new(Code::OutOfRange, detail())))
}

/// A category at its first version.
pub(super) fn new_category(
    category_id: CategoryId,
    name: String,
    slug: String,
    parent_id: Option<CategoryId>,
    moment: &Moment,
) -> Category {
    let now = moment.now;
    let slug_history = Vec::new();
    Category { category_id, version: 1, name, slug, parent_id, created_at: now, updated_at: now, slug_history }
}

/// The event of a category that is now this. Slugs that fell off its history do not redirect any more.
pub(super) fn changed(
    meta: feira_schemas::records::common::EventMeta,
    category: Category,
    before: Option<&Category>,
) -> CategoryChanged {
    let previous_slug = before.map(|before| before.slug.clone()).filter(|slug| *slug != category.slug);
    let previous_parent_id = before.and_then(|before| before.parent_id).filter(|id| Some(*id) != category.parent_id);
    let now: HashSet<&String> = std::iter::once(&category.slug).chain(&category.slug_history).collect();
    let had = before.into_iter().flat_map(|before| std::iter::once(&before.slug).chain(&before.slug_history));
    let forgotten_slugs = had.filter(|slug| !now.contains(slug)).cloned().collect();
    CategoryChanged { meta, category, previous_slug, previous_parent_id, forgotten_slugs }
}

pub(super) fn replace(command: &ReplaceCategory, rows: &Rows, moment: &Moment) -> Decided {
    match present(&command.meta, command.category_id, rows)? {
        Ok(before) => put(&before, &command.content, rows, moment),
        Err(refusal) => Ok(Decision::refuse(moment, refusal)),
    }
}

pub(super) fn patch(command: &PatchCategory, rows: &Rows, moment: &Moment) -> Decided {
    let before = match present(&command.meta, command.category_id, rows)? {
        Ok(before) => before,
        Err(refusal) => return Ok(Decision::refuse(moment, refusal)),
    };
    let body: CategoryBody = match super::products::merged(&category_body(&before), &command.merge_patch) {
        Ok(body) => body,
        Err(refusal) => return Ok(Decision::refuse(moment, refusal)),
    };
    match category_content(body) {
        Ok(content) => put(&before, &content, rows, moment),
        Err(errors) => Ok(Decision::refuse(moment, Refusal::fields(errors))),
    }
}

fn put(before: &Category, content: &CategoryContent, rows: &Rows, moment: &Moment) -> Decided {
    let tenant = moment.cause.tenant_id;
    if let Some(refusal) = wrong_parent(tenant, before.category_id, content.parent_id, rows)? {
        return Ok(Decision::refuse(moment, refusal));
    }
    // One that lies too deep already, by an older rule, may change in all else.
    if content.parent_id != before.parent_id
        && let Some(refusal) = too_deep(tenant, before.category_id, content.parent_id, rows)?
    {
        return Ok(Decision::refuse(moment, refusal));
    }
    let slug = match free_slug(tenant, before.category_id, content, Some(&before.slug), rows)? {
        Ok(slug) => slug,
        Err(refusal) => return Ok(Decision::refuse(moment, refusal)),
    };
    let mut category = Category {
        name: content.name.clone(),
        slug_history: super::products::history(&before.slug, &before.slug_history, &slug),
        slug,
        parent_id: content.parent_id,
        ..before.clone()
    };
    if category == *before {
        return Ok(Decision::unchanged(moment, Some(category_json(before).to_string())));
    }
    category.version += 1;
    category.updated_at = moment.now;
    let mut decision = Decision::new(moment);
    let draft = Draft::new(category.category_id, category.version);
    decision.answer(Outcome::Updated, draft, |meta| changed(meta, category, Some(before)));
    Ok(decision)
}

pub(super) fn delete(command: &DeleteCategory, rows: &Rows, moment: &Moment) -> Decided {
    let category = match present(&command.meta, command.category_id, rows)? {
        Ok(category) => category,
        Err(refusal) => return Ok(Decision::refuse(moment, refusal)),
    };
    let all = rows.scan::<CategoryRow>(CategoryRow::all(command.meta.tenant_id))?;
    if all.iter().any(|row| row.category.parent_id == Some(category.category_id)) {
        let detail = "A categoria tem subcategorias. Mova ou apague as subcategorias antes.";
        return Ok(Decision::refuse(moment, Refusal::new(Code::CategoryInUse, detail)));
    }
    let mut decision = Decision::new(moment);
    let draft = Draft::new(category.category_id, category.version + 1);
    decision.answer(Outcome::Deleted, draft, |meta| CategoryDeleted { meta, category });
    Ok(decision)
}

fn present(meta: &CommandMeta, id: CategoryId, rows: &Rows) -> Result<Result<Category, Refusal>, Need> {
    let Some(row) = rows.get::<CategoryRow>(CategoryRow::at(meta.tenant_id, id))? else {
        return Ok(Err(not_found("A categoria")));
    };
    Ok(match version_mismatch(meta, row.category.version) {
        Some(refusal) => Err(refusal),
        None => Ok(row.category.clone()),
    })
}

/// The parent must exist and must not lie below the category itself.
fn wrong_parent(
    tenant: TenantId,
    category: CategoryId,
    parent: Option<CategoryId>,
    rows: &Rows,
) -> Result<Option<Refusal>, Need> {
    let wrong = |code, detail: &str| Some(Refusal::fields(vec![FieldError::new("/parent_id", code, detail)]));
    let mut above = parent;
    // A tree of an older rule may be deeper than the present one; one that is a circle is none.
    for depth in 0..limits::CATEGORIES {
        let Some(id) = above else { break };
        if id == category {
            return Ok(wrong(Code::Invalid, "Uma categoria não pode ficar dentro de si mesma."));
        }
        match rows.get::<CategoryRow>(CategoryRow::at(tenant, id))? {
            Some(row) => above = row.category.parent_id,
            None if depth == 0 => {
                return Ok(wrong(Code::UnknownReference, "Não há categoria com este id nesta loja."));
            }
            None => break,
        }
    }
    Ok(None)
}

/// A category comes with all that lies below it: none of it may lie deeper than menus show.
fn too_deep(
    tenant: TenantId,
    category: CategoryId,
    parent: Option<CategoryId>,
    rows: &Rows,
) -> Result<Option<Refusal>, Need> {
    let Some(parent) = parent else { return Ok(None) };
    let all = rows.scan::<CategoryRow>(CategoryRow::all(tenant))?;
    let parents: HashMap<CategoryId, CategoryId> =
        all.iter().filter_map(|row| Some((row.category.category_id, row.category.parent_id?))).collect();
    // Bounded, so that no circle is walked round without end.
    let upwards = |from: CategoryId| {
        std::iter::successors(Some(from), |id| parents.get(id).copied()).take(2 * limits::CATEGORY_DEPTH)
    };
    let below = all.iter().filter_map(|row| upwards(row.category.category_id).position(|id| id == category));
    let levels = upwards(parent).count() + 1 + below.max().unwrap_or_default();
    let detail = || {
        let most = limits::CATEGORY_DEPTH;
        format!("As categorias têm no máximo {most} níveis; com as que estão dentro desta seriam {levels}.")
    };
    let error = || FieldError::new("/parent_id", Code::OutOfRange, detail());
    Ok((levels > limits::CATEGORY_DEPTH).then(|| Refusal::fields(vec![error()])))
}

/// The slug asked for if it is free, the present one if none is asked for, or one made from the name.
fn free_slug(
    tenant: TenantId,
    category: CategoryId,
    content: &CategoryContent,
    present: Option<&str>,
    rows: &Rows,
) -> Result<Result<String, Refusal>, Need> {
    let is_free = |slug: &str| -> Result<bool, Need> {
        let row = rows.get::<CategorySlugRow>(CategorySlugRow::at(tenant, slug))?;
        Ok(row.is_none_or(|row| row.category_id == category))
    };
    if let Some(slug) = content.slug.as_deref().or(present) {
        return Ok(if is_free(slug)? { Ok(slug.to_owned()) } else { Err(slug_taken("categoria")) });
    }
    super::products::first_free(&slugify(&content.name), "categoria", category.uuid(), is_free).map(Ok)
}

/// The address belongs to another entity.
pub(super) fn slug_taken(what: &str) -> Refusal {
    let detail = format!("Este endereço já é de outro item ({what}) da loja. Escolha outro.");
    let error = FieldError::new("/slug", Code::SlugTaken, detail.clone());
    Refusal { code: Code::SlugTaken, detail, errors: vec![error] }
}
