//! The demo of `feira dev`, the same every time: three shops with categories, products and images, and a platform that takes sign-ups.

pub mod catalogue;
pub mod images;
pub mod payments;
pub mod platform;
pub mod seed;
pub mod staff;

use feira_schemas::money::Money;
use serde_json::{Map, Value, json};

pub use catalogue::{Axis, DemoCategory, DemoProduct};
use catalogue::{casa, livros, moda};
use images::{Emblem, ImageSpec, Rgb, Seed, Subject, View};

/// A demo shop, whole.
#[derive(Clone, Copy, Debug)]
pub struct DemoShop {
    /// The shop's sub-domain under the platform's domain.
    pub subdomain: &'static str,
    /// The shop's name, as shown.
    pub name: &'static str,
    /// One line under the name.
    pub tagline: &'static str,
    /// The shop's own colour, as `#rrggbb`.
    pub accent: &'static str,
    /// The most instalments without interest.
    pub interest_free_installments: i32,
    emblem: Emblem,
    emblem_colour: Rgb,
    /// Categories, parents before their children.
    pub categories: &'static [DemoCategory],
    /// Products, in the order in which the shop receives them.
    pub products: &'static [DemoProduct],
}

impl DemoShop {
    /// The shop's logo as SVG, 480 × 160.
    pub fn logo_svg(&self) -> String {
        images::logo(self.emblem, self.name, self.emblem_colour)
    }
}

/// The three shops.
pub fn shops() -> Vec<DemoShop> {
    vec![
        DemoShop {
            subdomain: "moda",
            name: "Ateliê Sabiá",
            tagline: "Roupas feitas sem pressa, para usar sem cerimônia",
            accent: "#b4533c",
            interest_free_installments: 6,
            emblem: Emblem::Bird,
            emblem_colour: Rgb::hex(0xb4533c),
            categories: moda::CATEGORIES,
            products: moda::PRODUCTS,
        },
        DemoShop {
            subdomain: "casa",
            name: "Casa Jatobá",
            tagline: "Móveis, luz e louça para a casa que a gente tem",
            accent: "#4f6f52",
            interest_free_installments: 10,
            emblem: Emblem::Roof,
            emblem_colour: Rgb::hex(0x4f6f52),
            categories: casa::CATEGORIES,
            products: casa::PRODUCTS,
        },
        DemoShop {
            subdomain: "livros",
            name: "Livraria Maritaca",
            tagline: "Livros que puxam conversa",
            accent: "#2f5d8a",
            interest_free_installments: 3,
            emblem: Emblem::Book,
            emblem_colour: Rgb::hex(0x2f5d8a),
            categories: livros::CATEGORIES,
            products: livros::PRODUCTS,
        },
    ]
}

/// The body that creates `product` by the admin API (`POST /api/admin/v1/products`), in the category with that id.
pub fn to_body(product: &DemoProduct, category_id: Option<&str>) -> Value {
    let mut body = json!({
        "name": product.name,
        "slug": product.slug,
        "description": product.html,
        "category_id": category_id,
        "vendor": product.vendor,
        "tags": product.tags,
        "status": "published",
        "featured": product.featured,
        "options": axes(product).map(|axis| json!({"name": axis.name, "values": axis.values})).collect::<Vec<_>>(),
        "variants": variants(product),
    });
    if category_id.is_none() {
        body.as_object_mut().map(|fields| fields.remove("category_id"));
    }
    if product.featured {
        body["seo"] = json!({"title": seo_title(product), "description": first_sentence(product.html)});
    }
    body
}

/// An image of a product, ready to upload.
#[derive(Clone, Debug)]
pub struct DemoImage {
    /// A file name that stays the same.
    pub file_name: String,
    /// The alternative text, for those who can't see the image.
    pub alt: String,
    /// SVG text, at most 12 KB.
    pub svg: String,
}

/// The images of a product: one per colour (three at most), and for some a second view.
pub fn images_of(product: &DemoProduct) -> Vec<DemoImage> {
    /// More colours than this would only make the start of `feira dev` slower.
    const COLOURS: usize = 3;
    let colours = colour_names(product);
    let views = colours.iter().take(COLOURS).map(|colour| (Some(*colour), View::Front));
    let views: Vec<_> = if colours.is_empty() { vec![(None, View::Front)] } else { views.collect() };
    let mut seed = Seed::new(product.slug);
    let second = product.featured || seed.chance(0.35);
    let other = second.then(|| (colours.first().copied(), View::Other));
    views
        .into_iter()
        .chain(other)
        .enumerate()
        .map(|(index, (colour, view))| draw(product, index, colour, view))
        .collect()
}

fn draw(product: &DemoProduct, index: usize, colour: Option<&str>, view: View) -> DemoImage {
    let (main, accent) = tones(product, colour);
    let seed = format!("{}#{}", product.slug, product.drawing);
    let svg = images::svg(&ImageSpec {
        seed: &seed,
        subject: product.subject,
        view,
        colour: main,
        accent,
        pattern: product.print,
        title: product.name,
        byline: product.author,
    });
    let what = match (product.subject, view) {
        (Subject::Book, View::Front) => format!("Capa de {}, de {}", product.name, product.author),
        (Subject::Book, View::Other) => format!("Quarta capa de {}", product.name),
        (_, View::Front) => product.name.to_owned(),
        (_, View::Other) => format!("Detalhe de {}", product.name),
    };
    let alt = colour.map_or(what.clone(), |colour| format!("{what}, {}", colour.to_lowercase()));
    DemoImage { file_name: format!("{}-{}.svg", product.slug, index + 1), alt, svg }
}

/// The colours among a product's option values, by the first option that names colours.
fn colour_names(product: &DemoProduct) -> Vec<&'static str> {
    axes(product)
        .map(|axis| axis.values)
        .find(|values| values.iter().all(|value| images::named(value).is_some()))
        .map_or(Vec::new(), <[_]>::to_vec)
}

fn tones(product: &DemoProduct, colour: Option<&str>) -> (Rgb, Rgb) {
    const ACCENTS: [&str; 8] =
        ["Mostarda", "Terracota", "Azul-petróleo", "Cru", "Goiaba", "Sálvia", "Dourado", "Azul-marinho"];
    let mut seed = Seed::new(product.slug);
    let main = colour.or(Some(product.tones.0)).and_then(images::named).unwrap_or(Rgb::hex(0x7c6a5a));
    let fitting: Vec<Rgb> =
        ACCENTS.iter().filter_map(|name| images::named(name)).filter(|accent| accent.distance(main) > 0.4).collect();
    let any = fitting.get(seed.below(fitting.len())).copied().unwrap_or(Rgb::hex(0xf3efe8));
    (main, images::named(product.tones.1).unwrap_or(any))
}

fn axes(product: &DemoProduct) -> impl Iterator<Item = &Axis> {
    product.axes.iter().filter(|axis| !axis.values.is_empty())
}

/// Every combination of the option values, the last option turning fastest; one variant when there are no options.
fn variants(product: &DemoProduct) -> Vec<Value> {
    let mut combinations: Vec<Vec<(&Axis, usize)>> = vec![Vec::new()];
    for axis in axes(product) {
        combinations = combinations
            .into_iter()
            .flat_map(|chosen| {
                (0..axis.values.len()).map(move |value| {
                    let mut longer = chosen.clone();
                    longer.push((axis, value));
                    longer
                })
            })
            .collect();
    }
    combinations.iter().map(|chosen| variant(product, chosen)).collect()
}

fn variant(product: &DemoProduct, chosen: &[(&Axis, usize)]) -> Value {
    let options: Map<String, Value> =
        chosen.iter().map(|(axis, value)| (axis.name.to_owned(), json!(axis.values[*value]))).collect();
    let labels: Vec<&str> = chosen.iter().map(|(axis, value)| axis.values[*value]).collect();
    let percent =
        chosen.iter().filter_map(|(axis, value)| axis.percent.get(*value)).fold(100, |all, one| all * one / 100);
    let digital = labels.contains(&"E-book");
    let sku = sku(product.slug, &labels);
    let price = scaled(product.price, percent);
    let mut body = json!({
        "sku": sku,
        "options": options,
        "price": Money::brl(price.into()),
        "cost": Money::brl((price * 45 / 100).into()),
        "barcode": barcode(&sku),
        "stock": stock(product, &sku, digital),
    });
    if product.was > 0 {
        body["compare_at_price"] = json!(Money::brl(scaled(product.was, percent).into()));
    }
    if !digital {
        body["weight_grams"] = json!(product.grams * if labels.contains(&"Capa dura") { 130 } else { 100 } / 100);
    }
    body
}

/// `percent` of a price in centavos; a changed price ends in ,90, as prices in shops do.
fn scaled(price: u32, percent: u32) -> u32 {
    if percent == 100 { price } else { price * percent / 10_000 * 100 + 90 }
}

/// Four letters of each word of the slug and of each option value: readable, and stable when the table grows.
fn sku(slug: &str, labels: &[&str]) -> String {
    let short = |text: &str| {
        slug::slugify(text).split('-').map(|word| word.chars().take(4).collect::<String>()).collect::<String>()
    };
    let words: Vec<String> = slug.split('-').filter(|word| word.len() > 2).take(4).map(short).collect();
    let parts: Vec<String> = words.into_iter().chain(labels.iter().map(|label| short(label))).collect();
    parts.join("-").to_uppercase()
}

/// An EAN-13 of the range that is free for use within one house (prefix 2), so that it names no real article.
fn barcode(sku: &str) -> String {
    let digits = format!("2{:011}", Seed::new(sku).bits() % 100_000_000_000);
    let sum: u32 =
        digits.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Pieces on hand: none of some variants, a few of others, plenty of what is a file.
fn stock(product: &DemoProduct, sku: &str, digital: bool) -> u32 {
    let mut seed = Seed::new(sku);
    if product.sold_out {
        0
    } else if digital {
        500
    } else if seed.chance(0.09) {
        0
    } else {
        1 + seed.below(36) as u32
    }
}

fn seo_title(product: &DemoProduct) -> String {
    if product.author.is_empty() { product.name.to_owned() } else { format!("{}, de {}", product.name, product.author) }
}

fn first_sentence(html: &str) -> String {
    let mut inside = false;
    let text: String = html
        .chars()
        .filter(|c| {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    return false;
                }
                _ => {}
            }
            !inside
        })
        .collect();
    text.find(['.', '?', '!']).map_or(text.clone(), |end| text[..=end].to_owned())
}

#[cfg(test)]
mod tests;
