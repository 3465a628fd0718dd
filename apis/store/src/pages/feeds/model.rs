//! Models of the crawlers' files: `/sitemap.xml` and `/robots.txt`.

use crate::{links, pages::seller::Policy};
use askama::Template;

/// The most addresses that one sitemap may hold (sitemaps.org); a larger shop serves an index and several of them.
pub const SITEMAP_ENTRIES: usize = 50_000;

/// An address for crawlers.
#[derive(Debug, Clone)]
pub struct SitemapEntry {
    /// The page that the entry is for.
    pub page: SitemapPage,
    /// Last change as RFC 3339, when known.
    pub last_modified: Option<String>,
}

/// The pages of a shop that crawlers should visit.
#[derive(Debug, Clone)]
pub enum SitemapPage {
    /// `/`
    Home,
    /// `/category/{slug}`
    Category(String),
    /// `/product/{slug}`
    Product(String),
    /// `/policies/{policy}`
    Policy(Policy),
}

/// One sitemap of at most [`SITEMAP_ENTRIES`].
#[derive(Debug, Template)]
#[template(path = "feeds/sitemap.xml")]
pub struct Sitemap<'a> {
    /// Scheme and host, no slash at the end.
    pub origin: &'a str,
    /// The pages.
    pub entries: &'a [SitemapEntry],
}

/// The list of a large shop's sitemaps.
#[derive(Debug, Template)]
#[template(path = "feeds/sitemap_index.xml")]
pub struct SitemapIndex<'a> {
    /// Scheme and host, no slash at the end.
    pub origin: &'a str,
    /// The sitemaps' paths, each beginning with a slash.
    pub paths: &'a [String],
}

/// What crawlers find at a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its pages, which may be indexed.
    Open,
    /// Nothing for now: it is suspended.
    Suspended,
    /// That its pages are gone for good, by which they forget them: so they may fetch them.
    Closed,
}

/// The model of `/robots.txt`: the paths that crawlers may visit.
#[derive(Debug, Template)]
#[template(path = "feeds/robots.txt")]
pub struct Robots<'a> {
    /// Scheme and host, no slash at the end.
    pub origin: &'a str,
    /// What crawlers find at the shop.
    pub standing: Standing,
}

/// [`Sitemap`] as XML, for `application/xml`.
pub fn render_sitemap(sitemap: &Sitemap<'_>) -> askama::Result<String> {
    sitemap.render()
}

/// [`SitemapIndex`] as XML, for `application/xml`.
pub fn render_sitemap_index(index: &SitemapIndex<'_>) -> askama::Result<String> {
    index.render()
}

/// [`Robots`] as text, for `text/plain; charset=utf-8`.
pub fn render_robots(robots: &Robots<'_>) -> askama::Result<String> {
    robots.render()
}

impl SitemapEntry {
    fn path(&self) -> String {
        match &self.page {
            SitemapPage::Home => "/".to_owned(),
            SitemapPage::Category(slug) => links::category(slug),
            SitemapPage::Product(slug) => links::product(slug),
            SitemapPage::Policy(policy) => policy.href(),
        }
    }
}
