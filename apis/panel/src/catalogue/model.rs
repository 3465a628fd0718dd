//! What the list of products says.

use std::collections::{HashMap, HashSet};

use feira_api_admin::listing::Card;
use feira_schemas::{
    ids::CategoryId,
    records::{admin::Category, catalogue::ProductStatus},
};

use super::count;
use crate::{forms::Choice, shop::Status};

/// What stands before a category's name for each category above it.
const INDENT: &str = "— ";

/// A product of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub id: String,
    pub version: i64,
    pub name: String,
    pub status: Status,
    /// The price, or the lowest and the highest.
    pub price: String,
    pub variants: String,
    pub category: String,
    /// Whether buyers can buy it now.
    pub sale: &'static str,
}

/// A product as the list shows it.
pub(super) fn shown(card: &Card, categories: &[Category]) -> Shown {
    let category = categories.iter().find(|category| Some(category.category_id) == card.category_id);
    let price = match (card.price, card.price_to) {
        (Some(from), Some(to)) if from != to => format!("{from} a {to}"),
        (Some(price), _) => price.to_string(),
        (None, _) => "–".to_owned(),
    };
    let (status, sale) = match (card.status, card.available) {
        (ProductStatus::Published, true) => (Status { word: "Publicado", look: "good" }, "À venda"),
        (ProductStatus::Published, false) => (Status { word: "Publicado", look: "good" }, "Esgotado"),
        _ => (Status { word: "Rascunho", look: "" }, "–"),
    };
    Shown {
        id: card.id.to_string(),
        version: card.version,
        name: card.name.clone(),
        status,
        price,
        variants: count(u64::try_from(card.variants).unwrap_or(u64::MAX), "variante", "variantes"),
        category: category.map_or_else(|| "–".to_owned(), |category| category.name.clone()),
        sale,
    }
}

/// So many products, in words.
pub(super) fn products(number: u64) -> String {
    count(number, "produto", "produtos")
}

/// The categories in the order of their tree, each level by name, further in the more are above. `chosen` is an id or a slug.
pub(super) fn tree(categories: &[Category], chosen: &str) -> Vec<Choice> {
    let known: HashSet<CategoryId> = categories.iter().map(|category| category.category_id).collect();
    let mut below: HashMap<Option<CategoryId>, Vec<&Category>> = HashMap::new();
    for category in categories {
        // One whose category above is gone stands on top.
        let above = category.parent_id.filter(|above| known.contains(above));
        below.entry(above).or_default().push(category);
    }
    for level in below.values_mut() {
        // The last first: they are taken from the end.
        level.sort_by_key(|category| std::cmp::Reverse((category.name.to_lowercase(), category.category_id)));
    }
    let mut open: Vec<(&Category, usize)> =
        below.remove(&None).into_iter().flatten().map(|category| (category, 0)).collect();
    let mut choices = Vec::with_capacity(categories.len());
    while let Some((category, depth)) = open.pop() {
        let id = category.category_id.to_string();
        let is_chosen = !chosen.is_empty() && (id == chosen || category.slug == chosen);
        choices.push(Choice::new(id, format!("{}{}", INDENT.repeat(depth), category.name), is_chosen));
        // Taken away, so that a circle could not run for ever.
        let inner = below.remove(&Some(category.category_id)).into_iter().flatten();
        open.extend(inner.map(|category| (category, depth + 1)));
    }
    choices
}

#[cfg(test)]
mod tests {
    use feira_schemas::{ids::ProductId, money::Money};
    use uuid::Uuid;

    use super::*;

    fn category(number: u128, name: &str, above: Option<u128>) -> Category {
        let id = |number| CategoryId::from_uuid(Uuid::from_u128(number));
        Category {
            category_id: id(number),
            version: 1,
            name: name.to_owned(),
            slug: format!("c-{number}"),
            parent_id: above.map(id),
            created_at: 0,
            updated_at: 0,
            slug_history: Vec::new(),
        }
    }

    #[test]
    fn categories_stand_below_those_above_them_by_name() {
        let all = [
            category(1, "Roupas", None),
            category(2, "meias", Some(1)),
            category(3, "Casa", None),
            category(4, "Camisas", Some(1)),
            category(5, "Polo", Some(4)),
            category(6, "Perdida", Some(99)),
        ];
        let choices = tree(&all, "c-4");
        let names: Vec<&str> = choices.iter().map(|choice| &*choice.word).collect();
        assert_eq!(names, ["Casa", "Perdida", "Roupas", "— Camisas", "— — Polo", "— meias"]);
        let chosen: Vec<bool> = choices.iter().map(|choice| choice.is_chosen).collect();
        assert_eq!(chosen, [false, false, false, true, false, false]);
    }

    #[test]
    fn a_product_says_its_prices_and_whether_it_is_for_sale() {
        let card = Card {
            id: ProductId::from_uuid(Uuid::from_u128(7)),
            version: 3,
            status: ProductStatus::Published,
            name: "Caneca".to_owned(),
            price: Some(Money::brl(1_000)),
            price_to: Some(Money::brl(1_250)),
            variants: 2,
            category_id: Some(CategoryId::from_uuid(Uuid::from_u128(1))),
            available: false,
        };
        let one = shown(&card, &[category(1, "Louça", None)]);
        assert_eq!((one.price.as_str(), one.variants.as_str()), ("R$ 10,00 a R$ 12,50", "2 variantes"));
        assert_eq!((one.category.as_str(), one.sale), ("Louça", "Esgotado"));
        let draft = Card { status: ProductStatus::Draft, price_to: card.price, variants: 1, ..card };
        let one = shown(&draft, &[]);
        assert_eq!((one.price.as_str(), one.variants.as_str()), ("R$ 10,00", "1 variante"));
        assert_eq!((one.category.as_str(), one.status.word), ("–", "Rascunho"));
    }
}
