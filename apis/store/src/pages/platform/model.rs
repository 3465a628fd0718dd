//! The platform's home page in development: the demo shops and their addresses.

use crate::pages::filters;
use crate::pages::theme::Theme;
use askama::Template;

/// A shop to visit.
#[derive(Debug, Clone, Default)]
pub struct DemoShop {
    /// The shop's name.
    pub name: String,
    /// The shop's whole address: `http://casa.localhost:8080/`.
    pub url: String,
    /// The shop's line of business, in a few words.
    pub tagline: Option<String>,
    /// The number of products that the shop shows, when known.
    pub products: Option<u64>,
    /// The shop's look.
    pub theme: Theme,
}

/// The model of the platform's home page.
#[derive(Debug, Clone, Template)]
#[template(path = "platform/platform.html")]
pub struct PlatformHome {
    /// The shops, in the order to show; without any the page only says what this place is.
    pub shops: Vec<DemoShop>,
    /// The address of the simulator's page, where payments are simulated.
    pub simulator: Option<String>,
}

/// The page as HTML.
pub fn render(page: &PlatformHome) -> askama::Result<String> {
    page.render()
}

impl PlatformHome {
    fn theme(&self) -> Theme {
        Theme::default()
    }
}

impl DemoShop {
    /// The address as people read it, without scheme and closing slash.
    fn host(&self) -> &str {
        let without_scheme = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        without_scheme.trim_end_matches('/')
    }
}
