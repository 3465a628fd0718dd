//! What category and search pages share: orders, pages and the links between them.

use super::links;

/// The order of a list of products, by the names that the store's API takes in `sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best match first; only a search knows it, and it is a search's default.
    Relevance,
    /// Newest first; a category's default.
    Newest,
    /// Cheapest first.
    PriceAsc,
    /// Dearest first.
    PriceDesc,
    /// By name, from A.
    Name,
    /// Most sold first.
    BestSelling,
}

impl Sort {
    /// The orders a category offers, the default first.
    pub const OF_CATEGORY: [Sort; 5] = [Sort::Newest, Sort::BestSelling, Sort::PriceAsc, Sort::PriceDesc, Sort::Name];
    /// The orders a search offers, the default first.
    pub const OF_SEARCH: [Sort; 6] =
        [Sort::Relevance, Sort::Newest, Sort::BestSelling, Sort::PriceAsc, Sort::PriceDesc, Sort::Name];

    /// The order a `sort` parameter names, or `None`.
    pub fn from_param(text: &str) -> Option<Sort> {
        Sort::OF_SEARCH.into_iter().find(|sort| sort.param() == text)
    }

    /// The value of the `sort` parameter.
    pub fn param(&self) -> &'static str {
        match self {
            Sort::Relevance => "relevance",
            Sort::Newest => "newest",
            Sort::PriceAsc => "price_asc",
            Sort::PriceDesc => "price_desc",
            Sort::Name => "name",
            Sort::BestSelling => "best_selling",
        }
    }

    /// What the buyer reads.
    pub fn label(&self) -> &'static str {
        match self {
            Sort::Relevance => "Mais relevantes",
            Sort::Newest => "Mais novos",
            Sort::PriceAsc => "Menor preço",
            Sort::PriceDesc => "Maior preço",
            Sort::Name => "Nome (A–Z)",
            Sort::BestSelling => "Mais vendidos",
        }
    }
}

/// Where another page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// At the beginning, without `after`.
    First,
    /// At this `after`, as the API gave it.
    After(String),
}

/// Where a list stands. Cursors are opaque; whether a page number is known is up to whoever made them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    /// All results, not only those on this page.
    pub total: u64,
    /// This page and the number of pages, both from 1, when known.
    pub page: Option<(u32, u32)>,
    /// The page before, when there is one. Where only the beginning is known, [`Cursor::First`] leads there.
    pub previous: Option<Cursor>,
    /// The page after, when there is one.
    pub next: Option<Cursor>,
}

/// The links under a list, ready for the template.
pub(super) struct Pager {
    pub page: Option<(u32, u32)>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Paging {
    /// Whether this is not the first page; such pages are kept out of search engines, since cursors do not last.
    pub(super) fn is_later(&self) -> bool {
        self.previous.is_some()
    }

    /// The links to the pages around this one, each with the parameters of this one.
    pub(super) fn pager(&self, path: &str, parameters: &[(&'static str, String)]) -> Pager {
        let href = |cursor: &Cursor| {
            let mut all = parameters.to_vec();
            if let Cursor::After(after) = cursor {
                all.push(("after", after.clone()));
            }
            links::with_query(path, &all)
        };
        Pager { page: self.page, previous: self.previous.as_ref().map(href), next: self.next.as_ref().map(href) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_order_is_known_by_its_parameter() {
        for sort in Sort::OF_SEARCH {
            assert_eq!(Sort::from_param(sort.param()), Some(sort));
        }
        assert_eq!(Sort::from_param("price"), None);
    }

    #[test]
    fn page_links_keep_the_parameters() {
        let paging = Paging {
            total: 40,
            page: Some((2, 3)),
            previous: Some(Cursor::First),
            next: Some(Cursor::After("a=b".to_owned())),
        };
        let pager = paging.pager("/search", &[("q", "mesa".to_owned())]);
        assert_eq!(pager.previous.unwrap(), "/search?q=mesa");
        assert_eq!(pager.next.unwrap(), "/search?q=mesa&after=a%3Db");
    }
}
