//! A shop's categories as a tree: indexed once for each list of them that the views show, not for each page.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use bytes::Bytes;
use feira_connectors::state::StateError;
use feira_schemas::{
    ids::{CategoryId, TenantId},
    limits::CATEGORY_DEPTH,
    records::store::ListedCategory,
};
use feira_web::derived::Derived;

/// The categories of a shop. A category whose parent is not listed (yet) stands at the top.
pub struct Tree {
    /// The categories by name, as the storefront gives them.
    all: Vec<ListedCategory>,
    places: HashMap<CategoryId, usize>,
    slugs: HashMap<String, usize>,
    /// The categories directly below each, by name; those at the top under `None`.
    children: HashMap<Option<CategoryId>, Vec<usize>>,
}

impl Tree {
    /// The tree of a shop's list as the storefront gives it, made once for each list.
    pub(super) fn of(derived: &Derived, tenant: TenantId, json: Bytes) -> Result<Arc<Self>, StateError> {
        derived.of(tenant, json, |json| {
            let all = serde_json::from_slice(json);
            Ok(Self::new(all.map_err(|error| StateError::Corrupt(format!("cached value: {error}")))?))
        })
    }

    pub(super) fn new(all: Vec<ListedCategory>) -> Self {
        let places: HashMap<_, _> =
            all.iter().enumerate().map(|(place, category)| (category.category_id, place)).collect();
        let mut slugs = HashMap::with_capacity(all.len());
        let mut children: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, category) in all.iter().enumerate() {
            slugs.entry(category.slug.clone()).or_insert(place);
            let parent = category.parent_id.filter(|parent| places.contains_key(parent));
            children.entry(parent).or_default().push(place);
        }
        Self { all, places, slugs, children }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> &[ListedCategory] {
        &self.all
    }

    pub(super) fn get(&self, id: CategoryId) -> Option<&ListedCategory> {
        self.places.get(&id).map(|place| &self.all[*place])
    }

    pub(super) fn by_slug(&self, slug: &str) -> Option<&ListedCategory> {
        self.slugs.get(slug).map(|place| &self.all[*place])
    }

    /// The slug that a slug leads on to: the category's own where it had this one, or was printed or typed in
    /// capitals.
    pub(super) fn moved_to(&self, slug: &str) -> Option<String> {
        if self.by_slug(slug).is_some() {
            return None;
        }
        let lower = slug.to_ascii_lowercase();
        let had = |category: &&ListedCategory| category.slug_history.contains(&lower);
        let own = self.by_slug(&lower).or_else(|| self.all.iter().find(had)).map(|category| category.slug.clone());
        own.or_else(|| (lower != slug).then_some(lower))
    }

    /// The categories directly below a category, by name; of `None`, those at the top.
    pub(super) fn children(&self, of: Option<CategoryId>) -> impl ExactSizeIterator<Item = &ListedCategory> {
        self.places_below(of).iter().map(|place| &self.all[*place])
    }

    fn places_below(&self, of: Option<CategoryId>) -> &[usize] {
        self.children.get(&of).map_or(&[], Vec::as_slice)
    }

    /// The path of categories from the outermost to this one; empty if it is not listed.
    pub(super) fn path(&self, id: CategoryId) -> Vec<&ListedCategory> {
        let upwards = std::iter::successors(self.get(id), |category| self.parent(category));
        // Bounded, so that two moves which met half-way in the views can't turn a walk into a circle.
        let mut path: Vec<_> = upwards.take(CATEGORY_DEPTH).collect();
        path.reverse();
        path
    }

    /// A category and all below it.
    pub(super) fn within(&self, id: CategoryId) -> Vec<CategoryId> {
        self.ids(self.get(id).into_iter())
    }

    /// The categories that these slugs name, with all below them. A slug that names none adds none.
    pub(super) fn within_slugs<'a>(&self, slugs: impl Iterator<Item = &'a str>) -> Vec<CategoryId> {
        let mut ids = self.ids(slugs.filter_map(|slug| self.by_slug(slug)));
        ids.sort_unstable();
        ids
    }

    /// The ids of these categories and of all below them, each once, by name.
    fn ids<'a>(&self, of: impl Iterator<Item = &'a ListedCategory>) -> Vec<CategoryId> {
        let mut open: Vec<usize> = of.filter_map(|category| self.places.get(&category.category_id)).copied().collect();
        let mut found = BTreeSet::new();
        while let Some(place) = open.pop() {
            // A circle, as two moves that met half-way in the views may look, ends where it began.
            if found.insert(place) {
                open.extend(self.places_below(Some(self.all[place].category_id)));
            }
        }
        found.into_iter().map(|place| self.all[place].category_id).collect()
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
    use feira_schemas::budget::Budget;
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
    fn a_tree_is_made_once_for_each_list() {
        let (derived, tenant) = (Derived::new(Budget::default()), TenantId::from_uuid(Uuid::from_u128(1)));
        let json = |slug| Bytes::from(serde_json::to_vec(&[category((1, slug, 0))]).unwrap());
        let of = |tenant, json| Tree::of(&derived, tenant, json).unwrap();
        let first = of(tenant, json("casa"));
        assert!(Arc::ptr_eq(&first, &of(tenant, json("casa"))));
        let second = of(tenant, json("vida"));
        assert!(second.by_slug("vida").is_some() && second.by_slug("casa").is_none());
        let other = of(TenantId::from_uuid(Uuid::from_u128(2)), json("vida"));
        assert!(!Arc::ptr_eq(&second, &other), "another shop's is another one");
    }

    #[test]
    fn a_shop_of_5000_categories_is_walked_without_looking_at_all_from_each() {
        let all = (1..=5_000).map(|number| {
            let slug: &'static str = Box::leak(format!("c{number}").into_boxed_str());
            category((number, slug, number / 10))
        });
        let tree = Tree::new(all.collect());
        assert_eq!(tree.children(None).len(), 9);
        let all: usize = tree.children(None).map(|top| tree.within(top.category_id).len()).sum();
        assert_eq!(all, 5_000);
        assert_eq!(tree.children(Some(id(7))).map(|one| one.slug.as_str()).collect::<Vec<_>>()[0], "c70");
    }

    #[test]
    fn a_circle_ends() {
        let tree = Tree::new([(1, "a", 2), (2, "b", 1)].map(category).into());
        assert_eq!(tree.within(id(1)).len(), 2);
        assert!(tree.path(id(1)).len() <= CATEGORY_DEPTH);
    }
}
