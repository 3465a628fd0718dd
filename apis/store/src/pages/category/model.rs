//! A category's page: fifteen products, their order, the pages around.

use crate::pages::listing::{Pager, Paging, Sort};
use crate::pages::pieces::{Card, CategoryLink, Shop, shorten};
use crate::{
    links,
    pages::{filters, structured},
};
use askama::Template;

/// The model of a category's page.
#[derive(Debug, Template)]
#[template(path = "category/category.html")]
pub struct CategoryPage<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The category's name, which the buyer reads.
    pub name: String,
    /// The slug in `/category/{slug}`.
    pub slug: String,
    /// A sentence or two in plain text.
    pub description: Option<String>,
    /// The categories above it, the outermost first.
    pub ancestors: Vec<CategoryLink>,
    /// The categories directly below it, or the first of them.
    pub children: Vec<CategoryLink>,
    /// There are more below it than these.
    pub more_children: bool,
    /// The order of the products; one of [`Sort::OF_CATEGORY`].
    pub sort: Sort,
    /// The products of this page, at most fifteen.
    pub cards: Vec<Card>,
    /// The place of this page among the others.
    pub paging: Paging,
}

/// The page as HTML.
pub fn render(page: &CategoryPage<'_>) -> askama::Result<String> {
    page.render()
}

impl CategoryPage<'_> {
    fn here(&self) -> &str {
        self.ancestors.first().map_or(&self.slug, |outermost| &outermost.slug)
    }

    fn path(&self) -> String {
        links::category(&self.slug)
    }

    /// The address of the search in which the categories below it that are not shown are found.
    fn search(&self) -> String {
        links::with_query("/search", &[("category", self.slug.clone())])
    }

    /// The page's own address: a later page shows other products than the first, and search engines pass over what calls another
    /// page its own. Other orders show the same products again: they have none.
    fn canonical(&self) -> Option<String> {
        let number = (self.paging.page > 1).then(|| ("page", self.paging.page.to_string()));
        let address = links::with_query(&self.path(), number.as_slice());
        (self.sort == Sort::Newest).then(|| links::absolute(&self.shop.origin, &address))
    }

    fn summary(&self) -> String {
        match &self.description {
            Some(text) => shorten(text, 155),
            None => format!("{} em {}: veja preços e novidades.", self.name, self.shop.name),
        }
    }

    fn pager(&self) -> Pager {
        self.paging.pager(&self.path(), &self.parameters())
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        if self.sort == Sort::Newest { Vec::new() } else { vec![("sort", self.sort.param().to_owned())] }
    }

    fn json_ld(&self) -> String {
        let own = CategoryLink { name: self.name.clone(), slug: self.slug.clone() };
        structured::breadcrumbs(self.shop, self.ancestors.iter().chain([&own]), None)
    }
}
