//! A shop's categories as a tree.

use std::collections::HashMap;

use feira_schemas::{ids::CategoryId, limits::CATEGORY_DEPTH, records::store::ListedCategory};

/// The categories of a shop. A category whose parent is not listed (yet) stands at the top.
pub(super) struct Tree {
    /// By name, as the storefront gives them.
    all: Vec<ListedCategory>,
    places: HashMap<CategoryId, usize>,
}

impl Tree {
    pub(super) fn new(all: Vec<ListedCategory>) -> Self {
        let places = all.iter().enumerate().map(|(place, category)| (category.category_id, place)).collect();
        Self { all, places }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> &[ListedCategory] {
        &self.all
    }

    pub(super) fn get(&self, id: CategoryId) -> Option<&ListedCategory> {
        self.places.get(&id).map(|place| &self.all[*place])
    }

    pub(super) fn by_slug(&self, slug: &str) -> Option<&ListedCategory> {
        self.all.iter().find(|category| category.slug == slug)
    }

    /// Where a slug leads on: to the category's own where it had this one, or was printed or typed in capitals.
    pub(super) fn moved_to(&self, slug: &str) -> Option<String> {
        if self.by_slug(slug).is_some() {
            return None;
        }
        let lower = slug.to_ascii_lowercase();
        let had = |category: &&ListedCategory| category.slug_history.contains(&lower);
        let own = self.by_slug(&lower).or_else(|| self.all.iter().find(had)).map(|category| category.slug.clone());
        own.or_else(|| (lower != slug).then_some(lower))
    }

    /// Those directly below a category, by name; of none, those at the top.
    pub(super) fn children(&self, of: Option<CategoryId>) -> impl Iterator<Item = &ListedCategory> {
        self.all.iter().filter(move |category| self.parent(category).map(|parent| parent.category_id) == of)
    }

    /// From the outermost category to this one; empty if it is not listed.
    pub(super) fn path(&self, id: CategoryId) -> Vec<&ListedCategory> {
        let upwards = std::iter::successors(self.get(id), |category| self.parent(category));
        // Bounded, so that two moves which met half-way in the views can't turn a walk into a circle.
        let mut path: Vec<_> = upwards.take(CATEGORY_DEPTH).collect();
        path.reverse();
        path
    }

    /// A category and all below it.
    pub(super) fn within(&self, id: CategoryId) -> Vec<CategoryId> {
        let inside =
            |category: &&ListedCategory| self.path(category.category_id).iter().any(|one| one.category_id == id);
        self.all.iter().filter(inside).map(|category| category.category_id).collect()
    }

    /// The categories that these slugs name, with all below them. A slug that names none adds none.
    pub(super) fn within_slugs<'a>(&self, slugs: impl Iterator<Item = &'a str>) -> Vec<CategoryId> {
        let mut ids: Vec<_> = slugs
            .filter_map(|slug| self.by_slug(slug))
            .flat_map(|category| self.within(category.category_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Counts per category with those below it added, most first, then by name. A product is in one category at most, so
    /// sums are exact.
    pub(super) fn rolled_up(&self, counts: &[(CategoryId, u64)]) -> Vec<(&ListedCategory, u64)> {
        let mut sums: HashMap<CategoryId, u64> = HashMap::new();
        for (id, count) in counts {
            for category in self.path(*id) {
                *sums.entry(category.category_id).or_default() += count;
            }
        }
        let mut rolled: Vec<(&ListedCategory, u64)> = Vec::new();
        for category in &self.all {
            rolled.extend(sums.get(&category.category_id).filter(|sum| **sum > 0).map(|sum| (category, *sum)));
        }
        rolled.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
        rolled
    }

    fn parent(&self, category: &ListedCategory) -> Option<&ListedCategory> {
        category.parent_id.and_then(|parent| self.get(parent))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CategoryId {
        CategoryId::from_uuid(Uuid::from_u128(number))
    }

    fn category((number, slug, parent): (u128, &str, u128)) -> ListedCategory {
        ListedCategory {
            category_id: id(number),
            version: 1,
            source_version: 1,
            name: slug.to_uppercase(),
            slug: slug.into(),
            parent_id: (parent > 0).then(|| id(parent)),
            slug_history: vec![format!("{slug}-antes")],
        }
    }

    fn home() -> Tree {
        let all = [(1, "casa", 0), (2, "mesas", 3), (3, "sala", 1), (4, "sofas", 3), (5, "vida", 9)];
        Tree::new(all.map(category).into())
    }

    #[test]
    fn a_category_holds_what_is_below_it() {
        let tree = home();
        let slugs = |of: Option<u128>| tree.children(of.map(id)).map(|one| one.slug.as_str()).collect::<Vec<_>>();
        assert_eq!(slugs(None), ["casa", "vida"], "one whose parent is not listed stands at the top");
        assert_eq!(slugs(Some(3)), ["mesas", "sofas"]);
        assert_eq!(tree.path(id(4)).iter().map(|one| one.slug.as_str()).collect::<Vec<_>>(), ["casa", "sala", "sofas"]);
        assert_eq!(tree.within(id(3)), [id(2), id(3), id(4)]);
        assert_eq!(tree.within_slugs(["sofas", "sala", "none"].into_iter()), [id(2), id(3), id(4)]);
        assert!(tree.within_slugs(["none"].into_iter()).is_empty() && tree.path(id(9)).is_empty());
    }

    #[test]
    fn old_slugs_and_capitals_lead_on() {
        let tree = home();
        for (slug, own) in [
            ("casa", None),
            ("none", None),
            ("casa-antes", Some("casa")),
            ("CASA", Some("casa")),
            ("Casa-Antes", Some("casa")),
            ("None", Some("none")),
        ] {
            assert_eq!(tree.moved_to(slug).as_deref(), own, "{slug}");
        }
    }

    #[test]
    fn counts_add_up_to_the_top() {
        let tree = home();
        let rolled = tree.rolled_up(&[(id(2), 3), (id(4), 4), (id(3), 1), (id(5), 2), (id(8), 7)]);
        let seen: Vec<_> = rolled.iter().map(|(category, sum)| (category.slug.as_str(), *sum)).collect();
        assert_eq!(seen, [("casa", 8), ("sala", 8), ("sofas", 4), ("mesas", 3), ("vida", 2)]);
    }

    #[test]
    fn a_circle_ends() {
        let tree = Tree::new([(1, "a", 2), (2, "b", 1)].map(category).into());
        assert_eq!(tree.within(id(1)).len(), 2);
        assert!(tree.path(id(1)).len() <= CATEGORY_DEPTH);
    }
}
