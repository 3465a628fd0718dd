//! Addresses of products and categories.

use std::collections::HashSet;

use feira_schemas::{
    catalogue::slugify,
    limits,
    problem::{Code, FieldError, Refusal},
};
use uuid::Uuid;

use crate::{Need, Stop};

/// The addresses that lead to one that is now `slug`, newest first.
pub(super) fn history(before: &str, older: &[String], slug: &str) -> Vec<String> {
    if before == slug || before.is_empty() {
        return older.to_vec();
    }
    let all = std::iter::once(before).chain(older.iter().map(String::as_str)).filter(|old| *old != slug);
    all.take(limits::SLUG_HISTORY).map(str::to_owned).collect()
}

/// An entity's address, and those that redirect to it.
type Addresses<'a> = (&'a String, &'a [String]);

/// The addresses of an entity's version before that lead to it no more: they fell off its history.
pub(super) fn forgotten(before: Option<Addresses<'_>>, (slug, history): Addresses<'_>) -> Vec<String> {
    let now: HashSet<&String> = std::iter::once(slug).chain(history).collect();
    let had = before.into_iter().flat_map(|(slug, history)| std::iter::once(slug).chain(history));
    had.filter(|slug| !now.contains(slug)).cloned().collect()
}

/// The slug `wanted` if it is free, or one made from the name where none is wanted. `what` is the kind of entity (pt-BR).
pub(super) fn free(
    wanted: Option<&str>,
    name: &str,
    what: &str,
    id: Uuid,
    is_free: impl Fn(&str) -> Result<bool, Need>,
) -> Result<String, Stop> {
    match wanted {
        Some(slug) if is_free(slug)? => Ok(slug.to_owned()),
        Some(_) => Err(slug_taken(what).into()),
        None => Ok(first_free(&slugify(name), what, id, is_free)?),
    }
}

/// `base`, `base-2` … `base-5`, and then one that can't be taken: many products of one name must not try thousands.
fn first_free(
    base: &str,
    fallback: &str,
    id: Uuid,
    is_free: impl Fn(&str) -> Result<bool, Need>,
) -> Result<String, Need> {
    const LONGEST: usize = limits::SLUG_CHARS - 14;
    let base = base.get(..LONGEST).unwrap_or(base).trim_end_matches('-');
    let base = if base.is_empty() { fallback } else { base };
    let numbered = (1..=5).map(|n| if n == 1 { base.to_owned() } else { format!("{base}-{n}") });
    for slug in numbered {
        if is_free(&slug)? {
            return Ok(slug);
        }
    }
    let (.., end) = id.as_fields();
    Ok(format!("{base}-{}", end[2..].iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// The address belongs to another entity.
fn slug_taken(what: &str) -> Refusal {
    let detail = format!("Este endereço já é de outro item ({what}) da loja. Escolha outro.");
    let error = FieldError::new("/slug", Code::SlugTaken, detail.clone());
    Refusal { code: Code::SlugTaken, detail, errors: vec![error] }
}
