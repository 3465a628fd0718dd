//! Slugs: the part of an address that names a product or a category.

use crate::limits::SLUG_CHARS;

/// A slug for a name: lower case, accents folded, words joined by hyphens. Empty if nothing of the name can be kept.
pub fn slugify(name: &str) -> String {
    let mut slug = slug::slugify(name);
    slug.truncate(SLUG_CHARS); // slugify gives ASCII, so any byte is a border.
    slug.trim_end_matches('-').to_owned()
}

/// Says whether a text can stand in an address as it is: 1–255 of `[a-z0-9]` and single inner hyphens.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SLUG_CHARS
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_fold_accents_and_are_slugs_themselves() {
        for (name, slug) in [("Tênis de Corrida", "tenis-de-corrida"), ("  Avião—Jato!  ", "aviao-jato"), ("???", "")]
        {
            assert_eq!(slugify(name), slug);
            assert_eq!(is_slug(&slugify(name)), !slug.is_empty());
        }
        for wrong in ["", "A", "a--b", "-a", "a-", "ação", "a b"] {
            assert!(!is_slug(wrong), "{wrong}");
        }
    }
}
