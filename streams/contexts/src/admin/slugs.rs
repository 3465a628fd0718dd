//! Addresses of products and categories.

use feira_schemas::{
    limits,
    problem::{Code, FieldError, Refusal},
};
use uuid::Uuid;

use crate::Need;

/// The addresses that lead to one that is now `slug`, newest first.
pub(super) fn history(before: &str, older: &[String], slug: &str) -> Vec<String> {
    if before == slug || before.is_empty() {
        return older.to_vec();
    }
    let all = std::iter::once(before).chain(older.iter().map(String::as_str)).filter(|old| *old != slug);
    all.take(limits::SLUG_HISTORY).map(str::to_owned).collect()
}

/// `base`, `base-2` … `base-5`, and then one that can't be taken: many products of one name must not try thousands.
pub(super) fn first_free(
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
pub(super) fn slug_taken(what: &str) -> Refusal {
    let detail = format!("Este endereço já é de outro item ({what}) da loja. Escolha outro.");
    let error = FieldError::new("/slug", Code::SlugTaken, detail.clone());
    Refusal { code: Code::SlugTaken, detail, errors: vec![error] }
}
