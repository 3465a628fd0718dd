//! What the pages of categories say, and what is typed into their form.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use feira_schemas::{catalogue::slugify, ids::CategoryId, records::admin::Category};
use feira_web::forms::Form;

use crate::forms::Choice;

/// What stands between the names of categories that lie in one another.
const WITHIN: &str = " › ";

/// A category at its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    pub id: CategoryId,
    pub name: String,
    pub slug: String,
    /// 0 for one that lies in no other.
    pub level: usize,
    /// The names of those that it lies in, from the top; empty for none.
    pub above: String,
}

/// All categories, each behind the one that it lies in; those that lie in one are sorted by name.
pub(super) fn tree(categories: &[Category]) -> Vec<Branch> {
    let known: HashSet<CategoryId> = categories.iter().map(|category| category.category_id).collect();
    let mut below: HashMap<Option<CategoryId>, Vec<&Category>> = HashMap::new();
    for category in categories {
        below.entry(category.parent_id.filter(|id| known.contains(id))).or_default().push(category);
    }
    for siblings in below.values_mut() {
        // What is pushed last is taken first.
        siblings.sort_by_cached_key(|category| Reverse((slugify(&category.name), category.category_id)));
    }
    let mut open: Vec<(&Category, usize, String)> = Vec::new();
    open.extend(below.remove(&None).unwrap_or_default().into_iter().map(|category| (category, 0, String::new())));
    let mut branches = Vec::with_capacity(categories.len());
    while let Some((category, level, above)) = open.pop() {
        let path = if above.is_empty() { category.name.clone() } else { format!("{above}{WITHIN}{}", category.name) };
        let children = below.remove(&Some(category.category_id)).unwrap_or_default();
        open.extend(children.into_iter().map(|child| (child, level + 1, path.clone())));
        let (id, name, slug) = (category.category_id, category.name.clone(), category.slug.clone());
        branches.push(Branch { id, name, slug, level, above });
    }
    branches
}

/// A category and all that lies in it.
pub(super) fn with_those_within(categories: &[Category], top: CategoryId) -> HashSet<CategoryId> {
    let (mut found, mut open) = (HashSet::from([top]), vec![top]);
    while let Some(above) = open.pop() {
        let below = categories.iter().filter(|category| category.parent_id == Some(above));
        open.extend(below.map(|category| category.category_id).filter(|id| found.insert(*id)));
    }
    found
}

/// The categories that one may lie in: all but itself and those that lie in it.
pub(super) fn parents(categories: &[Category], one: Option<CategoryId>, chosen: &str) -> Vec<Choice> {
    let within = one.map(|id| with_those_within(categories, id)).unwrap_or_default();
    let others = tree(categories).into_iter().filter(|branch| !within.contains(&branch.id));
    others
        .map(|branch| {
            let value = branch.id.to_string();
            let word = format!("{}{}", "— ".repeat(branch.level), branch.name);
            let is_chosen = value == chosen;
            Choice::new(value, word, is_chosen)
        })
        .collect()
}

/// What is typed into the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub slug: String,
    pub parent: String,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self { name: text("/name"), slug: text("/slug"), parent: text("/parent_id") }
    }

    /// What the form of a category is filled with.
    pub fn of(category: &Category) -> Self {
        let parent = category.parent_id.map(|id| id.to_string()).unwrap_or_default();
        Self { name: category.name.clone(), slug: category.slug.clone(), parent }
    }

    /// The fields in which a category as it is kept differs from what is typed: the field's word, and what is kept. An address that is
    /// left blank stays as it is.
    pub fn differs(&self, kept: &Category, all: &[Category]) -> Vec<(&'static str, String)> {
        let kept_as = Self::of(kept);
        let parent = all.iter().find(|category| Some(category.category_id) == kept.parent_id);
        let parent = parent.map_or_else(|| "nenhuma".to_owned(), |category| category.name.clone());
        let slug = self.slug.trim();
        let fields = [
            ("Nome", self.name.trim() == kept_as.name, kept_as.name),
            ("Fica dentro de", self.parent == kept_as.parent, parent),
            ("Endereço", slug.is_empty() || slug == kept_as.slug, kept_as.slug),
        ];
        fields.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// What is said before a category is deleted that has so many others directly in it.
pub(super) fn deleting(within: usize) -> Result<&'static str, String> {
    let sub = match within {
        0 => {
            return Ok(
                "O endereço dela na loja deixa de existir, e isso não pode ser desfeito. Se ela ainda tem produtos, nada é \
                 apagado: mude antes a categoria deles.",
            );
        }
        1 => "1 subcategoria".to_owned(),
        several => format!("{several} subcategorias"),
    };
    Err(format!("Dentro dela há {sub}. Mova ou apague antes o que está dentro: nada é apagado por tabela."))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CategoryId {
        CategoryId::from_uuid(Uuid::from_u128(number))
    }

    fn category(number: u128, name: &str, parent: Option<u128>) -> Category {
        Category {
            category_id: id(number),
            version: 1,
            name: name.into(),
            slug: slugify(name),
            parent_id: parent.map(id),
            created_at: 0,
            updated_at: 0,
            slug_history: Vec::new(),
        }
    }

    fn shop() -> Vec<Category> {
        vec![
            category(1, "Roupas", None),
            category(2, "Água", None),
            category(3, "Saias", Some(1)),
            category(4, "Camisas", Some(1)),
            category(5, "Sociais", Some(4)),
            category(6, "De quem sumiu", Some(99)),
        ]
    }

    #[test]
    fn each_category_stands_behind_the_one_that_it_lies_in_by_name() {
        let tree = tree(&shop());
        let seen: Vec<_> = tree.iter().map(|branch| (branch.name.as_str(), branch.level)).collect();
        let expected = [("Água", 0), ("De quem sumiu", 0), ("Roupas", 0), ("Camisas", 1), ("Sociais", 2), ("Saias", 1)];
        assert_eq!(seen, expected);
        assert_eq!((tree[4].above.as_str(), tree[0].above.as_str()), ("Roupas › Camisas", ""));
    }

    #[test]
    fn a_category_may_lie_in_none_that_lies_in_it() {
        let chosen = id(2).to_string();
        let words = |one| parents(&shop(), one, &chosen).into_iter().map(|choice| choice.word).collect::<Vec<_>>();
        assert_eq!(words(Some(id(4))), ["Água", "De quem sumiu", "Roupas", "— Saias"]);
        assert_eq!(words(None).len(), 6);
        assert!(parents(&shop(), None, &chosen).iter().all(|choice| choice.is_chosen == (choice.word == "Água")));
    }

    #[test]
    fn what_a_form_is_filled_with_differs_in_nothing() {
        let shop = shop();
        let filled = Typed::of(&shop[4]);
        assert!(filled.differs(&shop[4], &shop).is_empty());
        assert!(Typed { slug: String::new(), ..filled.clone() }.differs(&shop[4], &shop).is_empty());
        let moved = Typed { parent: id(2).to_string(), ..filled };
        assert_eq!(moved.differs(&shop[4], &shop), [("Fica dentro de", "Camisas".to_owned())]);
    }

    #[test]
    fn nothing_is_deleted_that_others_lie_in() {
        assert!(deleting(0).is_ok());
        assert!(deleting(1).unwrap_err().contains("1 subcategoria."), "{:?}", deleting(1));
        assert!(deleting(2).unwrap_err().contains("2 subcategorias."), "{:?}", deleting(2));
    }
}
