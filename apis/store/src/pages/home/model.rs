//! A shop's home page.

use crate::pages::pieces::{Card, Shop};
use crate::{
    links,
    pages::{filters, structured},
};
use askama::Template;

/// The model of a shop's home page. Empty lists leave their section out.
#[derive(Debug, Template)]
#[template(path = "home/home.html")]
pub struct Home<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// Products the merchant put in front, at most ten.
    pub featured: Vec<Card>,
    /// The newest, at most ten.
    pub newest: Vec<Card>,
    /// The most sold, at most ten.
    pub best_sellers: Vec<Card>,
}

/// The page as HTML.
pub fn render(page: &Home<'_>) -> askama::Result<String> {
    page.render()
}

/// A row of products under a heading.
struct Section<'a> {
    id: &'static str,
    title: &'static str,
    cards: &'a [Card],
    more: Option<String>,
}

impl Home<'_> {
    fn here(&self) -> &str {
        ""
    }

    fn headline(&self) -> &str {
        self.shop.tagline.as_deref().unwrap_or(&self.shop.name)
    }

    /// A headline that would fill a phone's screen is set smaller.
    fn has_long_headline(&self) -> bool {
        self.headline().chars().count() > 60
    }

    /// The product whose image opens the page: the first one in front, else the newest, that has an image of its own; else one
    /// that the shop draws.
    fn cover(&self) -> Option<&Card> {
        let cards = || self.featured.iter().chain(&self.newest).chain(&self.best_sellers);
        let own = cards().find(|card| card.image.as_ref().is_some_and(|image| !image.is_made()));
        own.or_else(|| cards().find(|card| card.image.is_some()))
    }

    fn share_image(&self) -> Option<String> {
        let cards = self.featured.iter().chain(&self.newest).chain(&self.best_sellers);
        let image = cards.filter_map(|card| card.image.as_ref()).find(|image| image.is_bitmap())?;
        Some(links::absolute(&self.shop.origin, &image.url))
    }

    fn sections(&self) -> Vec<Section<'_>> {
        let all = |sort: &str| Some(links::with_query("/search", &[("sort", sort.to_owned())]));
        let sections = [
            Section { id: "destaques", title: "Destaques", cards: &self.featured, more: None },
            Section {
                id: "mais-vendidos",
                title: "Mais vendidos",
                cards: &self.best_sellers,
                more: all("best_selling"),
            },
            Section { id: "novidades", title: "Novidades", cards: &self.newest, more: all("newest") },
        ];
        sections.into_iter().filter(|section| !section.cards.is_empty()).collect()
    }

    fn is_empty(&self) -> bool {
        self.featured.is_empty() && self.newest.is_empty() && self.best_sellers.is_empty()
    }

    fn json_ld(&self) -> String {
        structured::web_site(self.shop)
    }
}
