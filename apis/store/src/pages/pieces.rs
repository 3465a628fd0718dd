//! The shop's frame around every page, and the pieces that several pages are made of.

use std::sync::Arc;

use feira_schemas::{api::payment_method::percent, records::payments::PaymentMethod};
use feira_web::theme::Theme;

use super::{
    format::{items, percent_off, reais},
    seller::Seller,
};
use crate::links;

/// The number of categories in the bar under the search box; the menu shows more of them.
const CATEGORIES_IN_BAR: usize = 6;
/// The number of categories shown with images: some rows of them.
const TILES: usize = 24;

/// The shop around a page's content: name, look, menu.
#[derive(Debug, Clone, Default)]
pub struct Shop {
    /// The shop's name, as the merchant writes it.
    pub name: String,
    /// One sentence under the name on the home page and for search engines.
    pub tagline: Option<String>,
    /// Scheme and host of the shop's main address, no slash at the end: `https://loja.exemplo.com.br`.
    pub origin: String,
    /// The merchant's logo; without one a monogram is drawn.
    pub logo: Option<Picture>,
    /// The look the merchant chose.
    pub theme: Theme,
    /// The categories that stand on every page.
    pub menu: Arc<Menu>,
    /// The words that stand above every page where no money moves.
    pub notice: Option<&'static str>,
    /// What the foot of every page says of who sells.
    pub seller: Seller,
    /// What stands beside the way to the cart; none where nothing is in it, or nobody can say.
    pub cart: Option<Badge>,
}

/// How full a buyer's cart is, as it was when it was last changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Badge {
    /// How many pieces could be bought.
    pub pieces: u64,
    /// What these cost, in centavos.
    pub goods: i64,
}

/// The categories that every page shows: of a large shop not all, since each page would then be a megabyte.
#[derive(Debug, Clone, Default)]
pub struct Menu {
    /// Top-level categories in the menu's order.
    pub categories: Vec<Category>,
    /// There are more than these.
    pub cut: bool,
}

/// A category with those below it.
#[derive(Debug, Clone, Default)]
pub struct Category {
    /// The category's name, which the buyer reads.
    pub name: String,
    /// The slug in `/category/{slug}`.
    pub slug: String,
    /// The tile's image; without one a coloured tile with the name is drawn.
    pub image: Option<Picture>,
    /// Direct children in the menu's order.
    pub children: Vec<Category>,
    /// There are more children than these.
    pub cut: bool,
}

/// A category by name and slug alone, for breadcrumbs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CategoryLink {
    /// The category's name, which the buyer reads.
    pub name: String,
    /// The slug in `/category/{slug}`.
    pub slug: String,
}

/// An image and what a browser must know of it before it is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Path on the shop's host or a whole address.
    pub url: String,
    /// The alternative text; empty where the text beside the image says the same.
    pub alt: String,
    /// Natural width in pixels.
    pub width: u32,
    /// Natural height in pixels.
    pub height: u32,
    /// Smaller or larger copies by their width in pixels; empty when there is only one.
    pub copies: Vec<(u32, String)>,
}

impl Picture {
    /// True if the image is made of pixels: link previews and shopping engines show no drawings.
    pub fn is_bitmap(&self) -> bool {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        !path.to_ascii_lowercase().ends_with(".svg")
    }

    /// True if the shop draws the image, for want of the product's own: it shows that product's initials, and stands
    /// for nothing else.
    pub fn is_made(&self) -> bool {
        self.url.starts_with("/media/made/")
    }
}

/// A product in a list.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The product's name, which the buyer reads.
    pub name: String,
    /// Brand or maker.
    pub vendor: Option<String>,
    /// Lowest price of its variants, in centavos.
    pub price: i64,
    /// True if other variants cost more: the price then reads "a partir de".
    pub price_varies: bool,
    /// The price before, of the same variant as `price`, in centavos.
    pub compare_at: Option<i64>,
    /// True if any variant can be bought.
    pub available: bool,
    /// The first image.
    pub image: Option<Picture>,
    /// The shop's best way to pay it, where the shop has set one up.
    pub payment: Option<PaymentLine>,
}

/// The line under a price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaymentLine {
    /// The most installments; none where the price is paid at once alone.
    pub parts: Option<InParts>,
    /// What who pays at once pays; with installments beside it only where there is a discount.
    pub at_once: Option<AtOnce>,
}

/// A price in installments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InParts {
    /// How many there are.
    pub count: u8,
    /// The largest of them in centavos where they bear no interest; none where they do.
    pub each: Option<i64>,
}

/// A price that is paid at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnce {
    /// The kind of payment.
    pub kind: PaymentMethod,
    /// The price by this kind, in centavos.
    pub price: i64,
    /// What it is less than the product's price, in hundredths of a percent.
    pub discount: i32,
}

/// HTML that was cleaned before it was stored. Templates print it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CleanHtml(String);

impl CleanHtml {
    /// Takes HTML that a sanitizer has passed. Anything else would let a merchant's text run in a buyer's browser.
    pub fn already_cleaned(html: impl Into<String>) -> CleanHtml {
        CleanHtml(html.into())
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text's words without tags, for descriptions that search engines show: at most `limit` characters, cut
    /// between words.
    pub fn summary(&self, limit: usize) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for c in self.0.chars() {
            match c {
                '<' => in_tag = true,
                '>' if in_tag => {
                    in_tag = false;
                    text.push(' ');
                }
                _ if in_tag => {}
                c => text.push(c),
            }
        }
        // The sanitizer writes only these entities in text; each is undone once, the ampersand last.
        let plain = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        shorten(&plain, limit)
    }
}

impl Shop {
    /// The categories in the menu.
    pub(super) fn categories(&self) -> &[Category] {
        &self.menu.categories
    }

    /// The categories in the bar.
    pub(super) fn first_categories(&self) -> &[Category] {
        self.first(CATEGORIES_IN_BAR)
    }

    /// The categories that are shown with images.
    pub(super) fn tiles(&self) -> &[Category] {
        self.first(TILES)
    }

    fn first(&self, most: usize) -> &[Category] {
        &self.menu.categories[..self.menu.categories.len().min(most)]
    }
}

impl Badge {
    /// The badge of so many pieces; none where there are none.
    pub(super) fn of(pieces: i64, goods: i64) -> Option<Self> {
        let pieces = u64::try_from(pieces).ok().filter(|pieces| *pieces > 0)?;
        Some(Self { pieces, goods })
    }

    /// Both, in words: `2 itens, R$ 59,80`.
    pub(super) fn words(&self) -> String {
        format!("{}, {}", items(self.pieces), reais(self.goods))
    }
}

impl Category {
    pub(super) fn href(&self) -> String {
        links::category(&self.slug)
    }
}

impl CategoryLink {
    pub(super) fn href(&self) -> String {
        links::category(&self.slug)
    }
}

impl Picture {
    /// The value of `srcset`, or `None` when there is only one copy.
    pub(super) fn srcset(&self) -> Option<String> {
        if self.copies.is_empty() {
            return None;
        }
        let copies: Vec<String> = self.copies.iter().map(|(width, url)| format!("{url} {width}w")).collect();
        Some(copies.join(", "))
    }
}

impl Card {
    pub(super) fn href(&self) -> String {
        links::product(&self.slug)
    }

    pub(super) fn percent_off(&self) -> Option<i64> {
        percent_off(self.price, self.compare_at)
    }
}

impl AtOnce {
    /// The kind as a sentence goes on with it.
    pub(super) fn by(&self) -> &'static str {
        match self.kind {
            PaymentMethod::Pix => "no Pix",
            PaymentMethod::Boleto => "no boleto",
            PaymentMethod::Card => "no cartão",
            PaymentMethod::Unknown => "de outra forma",
        }
    }

    /// The discount, as `12,5%`; none where there is none.
    pub(super) fn percent(&self) -> Option<String> {
        (self.discount > 0).then(|| format!("{}%", percent(self.discount, ',')))
    }
}

/// One line of `text`, at most `limit` characters, cut between words and ended with an ellipsis where it was cut.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let added = word.chars().count() + usize::from(length > 0);
        if length + added > limit {
            return line + "…";
        }
        if length > 0 {
            line.push(' ');
        }
        line.push_str(word);
        length += added;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_plain_text_cut_between_words() {
        let html = CleanHtml::already_cleaned("<p>Caf&amp;é &lt;forte&gt;</p><p>moído na hora</p>");
        assert_eq!(html.summary(200), "Caf&é <forte> moído na hora");
        assert_eq!(html.summary(20), "Caf&é <forte> moído…");
        assert_eq!(CleanHtml::default().summary(20), "");
    }
}
