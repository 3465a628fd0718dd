//! What the page of a product says beside what is typed: margins, the tree of categories, and a search engine's entry.

use std::collections::{HashMap, HashSet};

use feira_schemas::{catalogue::slugify, ids::CategoryId, limits, money::Money, records::admin::Category};
use feira_streams::views::search::plain_text;

use super::typed::{PUBLISHED, Typed};
use crate::forms::Choice;

/// Characters of a title and of a description that search engines show, about.
const TITLE: usize = 60;
const DESCRIPTION: usize = 155;

/// The entry of a product as search engines show it, about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preview {
    pub title: String,
    pub address: String,
    pub description: String,
}

/// The state of a product in words.
pub(super) fn status(word: &str) -> &'static str {
    if word == PUBLISHED { "Publicado" } else { "Rascunho" }
}

/// The part of the price that is left over the cost, in percent with one decimal; none where either is not an amount, or the price is
/// zero.
pub(super) fn margin(price: &str, cost: &str) -> Option<String> {
    let (price, cost) = (Money::read(price).ok()?.amount, Money::read(cost).ok()?.amount);
    let left = price - cost;
    // Half of a thousandth is rounded away from zero.
    let thousandths = (left.checked_mul(2_000)? + price * left.signum()).checked_div(price * 2)?;
    let minus = if thousandths < 0 { "-" } else { "" };
    let thousandths = thousandths.unsigned_abs();
    Some(format!("{minus}{},{}%", thousandths / 10, thousandths % 10))
}

/// The categories as a tree that is read from top to bottom, each below the one above it; a category that the product has and the
/// shop has not any more is the last. What is no id of one is none.
pub(super) fn tree(categories: &[Category], chosen: &str) -> Vec<Choice> {
    let chosen = chosen.trim();
    let known: HashSet<CategoryId> = categories.iter().map(|category| category.category_id).collect();
    let mut below: HashMap<Option<CategoryId>, Vec<&Category>> = HashMap::new();
    for category in categories {
        below.entry(category.parent_id.filter(|parent| known.contains(parent))).or_default().push(category);
    }
    for siblings in below.values_mut() {
        // The last is taken first.
        siblings.sort_by_cached_key(|category| std::cmp::Reverse((slugify(&category.name), category.category_id)));
    }
    let mut waiting: Vec<(usize, &Category)> =
        below.remove(&None).unwrap_or_default().into_iter().map(|category| (0, category)).collect();
    let mut choices = Vec::with_capacity(categories.len() + 1);
    while let Some((depth, category)) = waiting.pop() {
        let value = category.category_id.to_string();
        let word = format!("{}{}", "– ".repeat(depth.min(limits::CATEGORY_DEPTH)), category.name);
        let is_chosen = value == chosen;
        choices.push(Choice::new(value, word, is_chosen));
        let children = below.remove(&Some(category.category_id)).unwrap_or_default();
        waiting.extend(children.into_iter().map(|child| (depth + 1, child)));
    }
    let is_one = chosen.parse::<CategoryId>().is_ok();
    if is_one && !choices.iter().any(|choice| choice.is_chosen) {
        choices.push(Choice::new(chosen.to_owned(), "(categoria apagada)", true));
    }
    choices
}

/// The entry of a product by what is typed; `origin` is the beginning of the shop's addresses.
pub(super) fn preview(typed: &Typed, shop: &str, origin: &str) -> Preview {
    let or = |text: &str, other: &str| if text.trim().is_empty() { other.to_owned() } else { text.trim().to_owned() };
    let name = or(&typed.name, "Nome do produto");
    let slug = or(&typed.slug, &slugify(&name));
    let title = format!("{} · {shop}", or(&typed.seo_title, &name));
    let description = or(&typed.seo_description, &plain_text(&typed.description));
    let description = if description.trim().is_empty() { format!("{name} em {shop}.") } else { description };
    Preview {
        title: shortened(&title, TITLE),
        address: format!("{origin}/product/{slug}"),
        description: shortened(&description, DESCRIPTION),
    }
}

/// At most so many characters of a text's words.
fn shortened(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most {
        return words;
    }
    let cut: String = words.chars().take(most).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn s53_a_margin_is_what_is_left_of_the_price() {
        for (price, cost, margin_is) in [
            ("100,00", "60,00", Some("40,0%")),
            ("29,90", "10", Some("66,6%")),
            ("10", "12,5", Some("-25,0%")),
            ("3", "2", Some("33,3%")),
            ("3", "1", Some("66,7%")),
            ("10", "10", Some("0,0%")),
            ("0", "1", None),
            ("10", "", None),
            ("dez", "1", None),
        ] {
            assert_eq!(margin(price, cost).as_deref(), margin_is, "{price} {cost}");
        }
    }

    fn category(id: u128, name: &str, parent: Option<u128>) -> Category {
        let at = |id| CategoryId::from_uuid(Uuid::from_u128(id));
        Category {
            category_id: at(id),
            version: 1,
            name: name.into(),
            slug: slugify(name),
            parent_id: parent.map(at),
            created_at: 0,
            updated_at: 0,
            slug_history: Vec::new(),
        }
    }

    #[test]
    fn categories_stand_below_the_one_above_them_by_name() {
        let all = [
            category(1, "Roupas", None),
            category(2, "Calçados", None),
            category(3, "Saias", Some(1)),
            category(4, "Longas", Some(3)),
            category(5, "Ábaco", Some(1)),
            category(6, "Órfã", Some(99)),
        ];
        let choices = tree(&all, &Uuid::from_u128(3).to_string());
        let words: Vec<&str> = choices.iter().map(|choice| &*choice.word).collect();
        assert_eq!(words, ["Calçados", "Órfã", "Roupas", "– Ábaco", "– Saias", "– – Longas"]);
        let chosen: Vec<&str> = choices.iter().filter(|choice| choice.is_chosen).map(|choice| &*choice.word).collect();
        assert_eq!(chosen, ["– Saias"]);
        let gone = tree(&all, &Uuid::from_u128(77).to_string());
        assert!(gone.iter().any(|choice| choice.is_chosen && choice.word.contains("apagada")));
        for none in ["", "outra"] {
            assert!(!tree(&all, none).iter().any(|choice| choice.is_chosen), "{none}");
        }
    }

    #[test]
    fn s51_a_search_engines_entry_is_of_what_is_typed_there_or_of_the_product() {
        let mut typed = Typed { name: "Xícara azul".into(), ..Typed::new() };
        let entry = preview(&typed, "Loja", "https://loja.example");
        assert_eq!((entry.title.as_str(), entry.description.as_str()), ("Xícara azul · Loja", "Xícara azul em Loja."));
        assert_eq!(entry.address, "https://loja.example/product/xicara-azul");
        typed.description = format!("<p>Feita <b>à mão</b></p>{}", "<i>palavra </i>".repeat(50));
        let entry = preview(&typed, "Loja", "");
        assert!(entry.description.starts_with("Feita à mão palavra") && entry.description.ends_with('…'), "{entry:?}");
        assert!(entry.description.chars().count() <= DESCRIPTION + 1);
        (typed.seo_title, typed.seo_description) = ("Outro".into(), "Outra".into());
        let entry = preview(&typed, "Loja", "");
        assert_eq!((entry.title.as_str(), entry.description.as_str()), ("Outro · Loja", "Outra"));
    }
}
