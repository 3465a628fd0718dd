//! The search page: results, facets, chosen filters, and help when nothing was found.

use crate::pages::format::reais;
use crate::pages::listing::{Pager, Paging, Sort};
use crate::pages::pieces::{Card, CategoryLink, Shop};
use crate::{links, pages::filters};
use askama::Template;

type Parameters = Vec<(&'static str, String)>;

/// The buyer's query, as the address bar holds it.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// The words; empty lists everything.
    pub text: String,
    /// Slugs of the chosen categories; several are joined by "or".
    pub categories: Vec<String>,
    /// Lowest price in centavos, inclusive.
    pub min_price: Option<i64>,
    /// Highest price in centavos, inclusive.
    pub max_price: Option<i64>,
    /// The order, one of [`Sort::OF_SEARCH`].
    pub sort: Sort,
}

/// Products of one category among the results.
#[derive(Debug, Clone)]
pub struct CategoryCount {
    /// The category's slug.
    pub slug: String,
    /// The category's name, which the buyer reads.
    pub name: String,
    /// Exact, counted without the category filter.
    pub count: u64,
}

/// Products of one price band among the results: `from` ≤ price < `to`, in centavos.
#[derive(Debug, Clone)]
pub struct PriceBand {
    /// The lowest price inside.
    pub from: i64,
    /// First price above, or `None` for the last band.
    pub to: Option<i64>,
    /// Exact, counted without the price filter.
    pub count: u64,
}

/// The model of the search page.
#[derive(Debug, Template)]
#[template(path = "search/search.html")]
pub struct SearchPage<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The query that was asked.
    pub query: SearchQuery,
    /// The results on this page; twenty-four fill whole rows at every width.
    pub cards: Vec<Card>,
    /// The place of this page among the others.
    pub paging: Paging,
    /// Facet of categories, in the order to show; of a large shop those with most products, and the chosen ones.
    pub categories: Vec<CategoryCount>,
    /// The names of the chosen categories that the shop has.
    pub chosen: Vec<CategoryLink>,
    /// Facet of prices, cheapest first.
    pub prices: Vec<PriceBand>,
    /// Other spellings to try, shown when nothing was found.
    pub did_you_mean: Vec<String>,
    /// Products to show when nothing was found; five fill a row.
    pub popular: Vec<Card>,
}

/// The page as HTML.
pub fn render(page: &SearchPage<'_>) -> askama::Result<String> {
    page.render()
}

/// One value of a facet: choosing it, or giving it up when chosen.
struct FacetLink {
    label: String,
    count: u64,
    chosen: bool,
    href: String,
}

/// A chosen filter and the address without it.
struct Chip {
    label: String,
    href: String,
}

impl SearchQuery {
    /// The parameters of a link that keeps everything chosen; the place in the list is not part of it.
    fn parameters(&self) -> Parameters {
        let mut parameters = self.filters_and_text();
        if self.sort != Sort::Relevance {
            parameters.push(("sort", self.sort.param().to_owned()));
        }
        parameters
    }

    /// The parameters that the form which changes the order carries along.
    fn filters_and_text(&self) -> Parameters {
        let mut parameters = Parameters::new();
        if !self.text.is_empty() {
            parameters.push(("q", self.text.clone()));
        }
        parameters.extend(self.categories.iter().map(|slug| ("category", slug.clone())));
        parameters.extend(self.min_price.map(|price| ("min_price", price.to_string())));
        parameters.extend(self.max_price.map(|price| ("max_price", price.to_string())));
        parameters
    }

    fn href(&self) -> String {
        links::with_query("/search", &self.parameters())
    }

    fn with_category_toggled(&self, slug: &str) -> SearchQuery {
        let mut query = self.clone();
        match query.categories.iter().position(|chosen| chosen == slug) {
            Some(index) => {
                query.categories.remove(index);
            }
            None => query.categories.push(slug.to_owned()),
        }
        query
    }

    fn with_prices(&self, min_price: Option<i64>, max_price: Option<i64>) -> SearchQuery {
        SearchQuery { min_price, max_price, ..self.clone() }
    }

    fn without_filters(&self) -> SearchQuery {
        SearchQuery { categories: Vec::new(), ..self.with_prices(None, None) }
    }
}

impl PriceBand {
    /// The band as the inclusive bounds that addresses carry. The first band has no lower bound to speak of.
    fn bounds(&self) -> (Option<i64>, Option<i64>) {
        (Some(self.from).filter(|from| *from > 0), self.to.map(|to| to - 1))
    }

    fn label(&self) -> String {
        match (self.from, self.to) {
            (0, Some(to)) => format!("Até {}", short_reais(to)),
            (from, Some(to)) => format!("{} a {}", short_reais(from), short_reais(to)),
            (from, None) => format!("Acima de {}", short_reais(from)),
        }
    }
}

impl SearchPage<'_> {
    fn here(&self) -> &str {
        ""
    }

    fn category_links(&self) -> Vec<FacetLink> {
        let link = |facet: &CategoryCount| FacetLink {
            label: facet.name.clone(),
            count: facet.count,
            chosen: self.query.categories.contains(&facet.slug),
            href: self.query.with_category_toggled(&facet.slug).href(),
        };
        self.categories.iter().map(link).filter(FacetLink::is_of_use).collect()
    }

    fn price_links(&self) -> Vec<FacetLink> {
        let link = |band: &PriceBand| {
            let (min_price, max_price) = band.bounds();
            let chosen =
                self.has_prices() && (self.query.min_price.filter(|p| *p > 0), self.query.max_price) == band.bounds();
            let target =
                if chosen { self.query.with_prices(None, None) } else { self.query.with_prices(min_price, max_price) };
            FacetLink { label: band.label(), count: band.count, chosen, href: target.href() }
        };
        self.prices.iter().map(link).filter(FacetLink::is_of_use).collect()
    }

    fn chips(&self) -> Vec<Chip> {
        let mut chips: Vec<Chip> = self.query.categories.iter().map(|slug| self.category_chip(slug)).collect();
        if self.has_prices() {
            chips.push(Chip { label: self.price_label(), href: self.query.with_prices(None, None).href() });
        }
        chips
    }

    fn category_chip(&self, slug: &str) -> Chip {
        let named = self.chosen.iter().find(|category| category.slug == slug);
        let label = named.map_or(slug, |category| category.name.as_str());
        Chip { label: label.to_owned(), href: self.query.with_category_toggled(slug).href() }
    }

    fn price_label(&self) -> String {
        let is_asked = |band: &&PriceBand| band.bounds() == (self.query.min_price, self.query.max_price);
        if let Some(band) = self.prices.iter().find(is_asked) {
            return band.label();
        }
        match (self.query.min_price, self.query.max_price) {
            (Some(min), Some(max)) => format!("{} a {}", short_reais(min), short_reais(max)),
            (Some(min), None) => format!("A partir de {}", short_reais(min)),
            (None, Some(max)) => format!("Até {}", short_reais(max)),
            (None, None) => String::new(),
        }
    }

    fn has_prices(&self) -> bool {
        self.query.min_price.is_some() || self.query.max_price.is_some()
    }

    fn clear_href(&self) -> String {
        self.query.without_filters().href()
    }

    fn spelling_href(&self, text: &str) -> String {
        links::with_query("/search", &[("q", text.to_owned())])
    }

    fn pager(&self) -> Pager {
        self.paging.pager("/search", &self.query.parameters())
    }

    fn title(&self) -> String {
        if self.query.text.is_empty() { "Todos os produtos".to_owned() } else { format!("“{}”", self.query.text) }
    }
}

impl FacetLink {
    /// A value that leads nowhere is left out, but never one that is chosen: it must be possible to give it up.
    fn is_of_use(&self) -> bool {
        self.chosen || self.count > 0
    }
}

/// Round prices without their centavos: band edges are easier to read so.
fn short_reais(centavos: i64) -> String {
    let text = reais(centavos);
    text.strip_suffix(",00").map(str::to_owned).unwrap_or(text)
}
