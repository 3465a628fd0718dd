//! Lists of products on category and search pages: orders, pages and the links between them.

use crate::links;

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

    /// The order's name, which the buyer reads.
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

/// The place of a page in a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paging {
    /// All results, not only those on this page.
    pub total: u64,
    /// The number of this page, from 1.
    pub page: u32,
    /// The number of pages that can be turned to.
    pub pages: u32,
}

/// The links under a list, ready for the template.
pub(super) struct Pager {
    pub previous: Option<String>,
    pub steps: Vec<Step>,
    pub next: Option<String>,
}

/// A page to turn to, or the gap between two that are not neighbours.
pub(super) enum Step {
    Page { number: u32, href: String, current: bool },
    Gap,
}

impl Paging {
    /// The links to the other pages, each with the parameters of this one.
    pub(super) fn pager(&self, path: &str, parameters: &[(&'static str, String)]) -> Pager {
        let href = |number: u32| {
            let mut all = parameters.to_vec();
            if number > 1 {
                all.push(("page", number.to_string()));
            }
            links::with_query(path, &all)
        };
        let step = |shown: Option<u32>| match shown {
            Some(number) => Step::Page { number, href: href(number), current: number == self.page },
            None => Step::Gap,
        };
        Pager {
            previous: (self.page > 1).then(|| href(self.page - 1)),
            steps: self.shown().into_iter().map(step).collect(),
            next: (self.page < self.pages).then(|| href(self.page + 1)),
        }
    }

    /// First, last, this page and its neighbours; `None` stands for two or more that are left out.
    fn shown(&self) -> Vec<Option<u32>> {
        let mut shown: Vec<Option<u32>> = Vec::new();
        let mut last = 0;
        for number in 1..=self.pages {
            let distance = number.abs_diff(self.page);
            // A gap of one page would be as long as its number.
            let alone = distance == 2 && (number == 2 || number + 1 == self.pages);
            if distance <= 1 || number == 1 || number == self.pages || alone {
                if number > last + 1 {
                    shown.push(None);
                }
                shown.push(Some(number));
                last = number;
            }
        }
        shown
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
        let paging = Paging { total: 40, page: 2, pages: 3 };
        let pager = paging.pager("/search", &[("q", "mesa".to_owned())]);
        assert_eq!(pager.previous.unwrap(), "/search?q=mesa");
        assert_eq!(pager.next.unwrap(), "/search?q=mesa&page=3");
    }

    #[test]
    fn first_last_and_neighbours_are_shown() {
        let shown = |page, pages| {
            let numbers = Paging { total: 0, page, pages }.shown();
            let text = |number: &Option<u32>| number.map_or("…".to_owned(), |number| number.to_string());
            numbers.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        for (page, pages, expected) in [
            (1, 0, ""),
            (1, 1, "1"),
            (1, 3, "1 2 3"),
            (1, 9, "1 2 … 9"),
            (3, 9, "1 2 3 4 … 9"),
            (4, 9, "1 2 3 4 5 … 9"),
            (5, 9, "1 … 4 5 6 … 9"),
            (6, 9, "1 … 5 6 7 8 9"),
            (9, 9, "1 … 8 9"),
        ] {
            assert_eq!(shown(page, pages), expected, "{page} of {pages}");
        }
    }
}
