//! The tables of the demo shops, and the small language they are written in.

pub mod casa;
pub mod livros;
pub mod moda;

use super::images::{Pattern, Subject};

/// A category of a demo shop; parents come before their children.
#[derive(Clone, Copy, Debug)]
pub struct DemoCategory {
    /// Stable identity within the shop.
    pub slug: &'static str,
    /// The category's name, as shown.
    pub name: &'static str,
    /// The parent's slug.
    pub parent: Option<&'static str>,
}

/// One option of a product and its values; unused places of a product hold an axis without values.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// The option's name, such as `Tamanho`.
    pub name: &'static str,
    /// The option's values, such as `P`, `M`, `G`.
    pub values: &'static [&'static str],
    /// The price of each value, in per cent of the product's price; empty when all cost the same.
    pub percent: &'static [u32],
}

const NO_AXIS: Axis = Axis { name: "", values: &[], percent: &[] };

/// A product of a demo shop, as its table says it.
#[derive(Clone, Copy, Debug)]
pub struct DemoProduct {
    /// Stable identity within the shop, and the path of its page.
    pub slug: &'static str,
    /// The product's name, as shown.
    pub name: &'static str,
    /// The slug of its category.
    pub category: &'static str,
    /// The subject of the product's images.
    pub subject: Subject,
    /// Price in centavos of a variant at 100 %.
    pub price: u32,
    /// Price before the offer, in centavos; 0 when there is no offer.
    pub was: u32,
    /// Maker, brand or publisher.
    pub vendor: &'static str,
    /// A book's author; else empty.
    pub author: &'static str,
    /// Weight of a variant in grams.
    pub grams: u32,
    /// The product's tags, by which it is found.
    pub tags: &'static [&'static str],
    /// The product's options, up to three.
    pub axes: [Axis; 3],
    /// The print on the cloth in the image.
    pub print: Pattern,
    /// The number of the drawing, among the many of its subject: chosen by eye, so that it shows what the text says.
    pub drawing: u8,
    /// Names of the image's main and second colour, where no option says them.
    pub tones: (&'static str, &'static str),
    /// Shown on the shop's home.
    pub featured: bool,
    /// True when no piece is left.
    pub sold_out: bool,
    /// HTML, two to four sentences.
    pub html: &'static str,
}

/// A product with everything optional left out.
const fn item(
    slug: &'static str,
    name: &'static str,
    category: &'static str,
    subject: Subject,
    price: u32,
    vendor: &'static str,
) -> DemoProduct {
    DemoProduct {
        slug,
        name,
        category,
        subject,
        price,
        was: 0,
        vendor,
        author: "",
        grams: 200,
        tags: &[],
        axes: [NO_AXIS; 3],
        print: Pattern::Plain,
        drawing: 0,
        tones: ("", ""),
        featured: false,
        sold_out: false,
        html: "",
    }
}

/// A book by `author`, published by `vendor`.
const fn book(
    slug: &'static str,
    name: &'static str,
    category: &'static str,
    author: &'static str,
    price: u32,
    vendor: &'static str,
) -> DemoProduct {
    let mut book = item(slug, name, category, Subject::Book, price, vendor);
    book.author = author;
    book
}

impl DemoProduct {
    const fn was(mut self, centavos: u32) -> Self {
        self.was = centavos;
        self
    }

    const fn grams(mut self, grams: u32) -> Self {
        self.grams = grams;
        self
    }

    const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    const fn axis(mut self, name: &'static str, values: &'static [&'static str]) -> Self {
        let mut place = 0;
        while place + 1 < self.axes.len() && !self.axes[place].values.is_empty() {
            place += 1;
        }
        self.axes[place] = Axis { name, values, percent: &[] };
        self
    }

    const fn sizes(self, values: &'static [&'static str]) -> Self {
        self.axis("Tamanho", values)
    }

    const fn colours(self, values: &'static [&'static str]) -> Self {
        self.axis("Cor", values)
    }

    /// Prices of the first option's values, in per cent.
    const fn percent(mut self, percent: &'static [u32]) -> Self {
        self.axes[0].percent = percent;
        self
    }

    /// The bindings a book comes in; a hard cover costs more than the paperback, an e-book less.
    const fn bindings(self, bindings: &'static [&'static str], percent: &'static [u32]) -> Self {
        self.axis("Formato", bindings).percent(percent)
    }

    const fn print(mut self, pattern: Pattern) -> Self {
        self.print = pattern;
        self
    }

    const fn drawing(mut self, drawing: u8) -> Self {
        self.drawing = drawing;
        self
    }

    const fn tones(mut self, main: &'static str, second: &'static str) -> Self {
        self.tones = (main, second);
        self
    }

    const fn featured(mut self) -> Self {
        self.featured = true;
        self
    }

    const fn sold_out(mut self) -> Self {
        self.sold_out = true;
        self
    }

    const fn html(mut self, html: &'static str) -> Self {
        self.html = html;
        self
    }
}

const fn top(slug: &'static str, name: &'static str) -> DemoCategory {
    DemoCategory { slug, name, parent: None }
}

const fn under(parent: &'static str, slug: &'static str, name: &'static str) -> DemoCategory {
    DemoCategory { slug, name, parent: Some(parent) }
}
