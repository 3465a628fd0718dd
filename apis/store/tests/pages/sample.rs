//! A shop with enough in it to see every part of every page; some of its texts try to break out of their places.

#![allow(dead_code)]

use std::sync::Arc;

use feira_api_store::pages::cart::{self, CartPage, Field, Way};
use feira_api_store::pages::category::CategoryPage;
use feira_api_store::pages::error::{Closed, Failure, Missing, NotFound, Suspended, UnknownShop};
use feira_api_store::pages::home::Home;
use feira_api_store::pages::product::{Adding, Product, ProductOption, ProductPage, Variant};
use feira_api_store::pages::report::{Report, unchosen};
use feira_api_store::pages::search::{CategoryCount, PriceBand, SearchPage, SearchQuery};
use feira_api_store::pages::{
    AtOnce, Badge, Card, Category, CategoryLink, CleanHtml, InParts, Menu, Number, Paging, PaymentLine, Picture,
    Policy, Seller, Shop, Sort, Theme,
};
use feira_schemas::records::payments::PaymentMethod;

/// A name that would run in the buyer's browser if it were not escaped.
pub const HOSTILE: &str = "Vaso \"<script>alert('oi')</script>\" & flor";

/// Name, vendor, price and price before (centavos) of the products in lists.
const PRODUCTS: [(&str, &str, i64, Option<i64>); 15] = [
    ("Vaso de cerâmica Areia", "Barro & Cor", 8_990, Some(11_990)),
    ("Luminária de cobre Alvorada", "Oficina 27", 32_900, None),
    ("Poltrona Ipê com almofadas de linho cru", "Marcenaria Serra", 189_900, Some(229_900)),
    ("Regador amarelo 5 litros", "Jardim Claro", 6_450, None),
    ("Manta de tricô", "Fios do Sul", 21_990, None),
    ("Vela de baunilha", "Luz Mansa", 4_590, None),
    ("Mesa de apoio redonda", "Marcenaria Serra", 54_900, Some(64_900)),
    ("Cesto trançado de palha de milho", "Tramas", 12_990, None),
    ("Pote de barro com tampa", "Barro & Cor", 7_290, None),
    ("Banco de jardim em madeira", "Marcenaria Serra", 78_900, None),
    ("Jogo de cama 300 fios, queen", "Fios do Sul", 45_990, Some(59_990)),
    ("Kit de ferramentas para horta", "Jardim Claro", 15_990, None),
    ("Almofada bordada Folhas", "Fios do Sul", 9_990, None),
    ("Espelho oval com moldura", "Oficina 27", 38_900, None),
    ("Difusor de ervas da serra", "Luz Mansa", 11_490, None),
];

/// The drawings that stand for photos, by number; as many as the preview draws.
pub const DRAWINGS: usize = 10;

/// Addresses as long as those of real images, so that the size of a page is honest.
pub fn image(number: usize) -> Picture {
    let url = format!("/media/{}.svg?v=5f0c2d7e9b1a4c63-000000000000", number % DRAWINGS);
    Picture { url, alt: String::new(), width: 800, height: 800, copies: Vec::new() }
}

fn small_and_large(number: usize) -> Picture {
    let url = image(number).url;
    Picture { copies: vec![(400, format!("{url}&w=400")), (800, format!("{url}&w=800"))], ..image(number) }
}

/// What stands above a shop whose payments are simulated.
pub const NOTICE: &str = "Loja de demonstração: pagamentos simulados, nenhum dinheiro se move.";

pub fn shop() -> Shop {
    let names = [
        ("Sala", "sala"),
        ("Quarto", "quarto"),
        ("Cozinha", "cozinha"),
        ("Jardim e varanda", "jardim-e-varanda"),
        ("Iluminação", "iluminacao"),
        ("Tapetes & mantas", "tapetes-mantas"),
        ("Velas e aromas", "velas-e-aromas"),
        ("Presentes", "presentes"),
    ];
    let category = |(index, (name, slug)): (usize, &(&str, &str))| Category {
        name: (*name).into(),
        slug: (*slug).into(),
        image: (index % 2 == 0).then(|| image(index + 1)),
        children: if index == 0 { rooms() } else { Vec::new() },
        cut: false,
    };
    Shop {
        name: "Casa da Serra".into(),
        tagline: Some("Coisas bonitas para uma casa sem pressa".into()),
        origin: "https://casadaserra.com.br".into(),
        logo: None,
        theme: Theme::default(),
        menu: Arc::new(Menu { categories: names.iter().enumerate().map(category).collect(), cut: false }),
        notice: Some(NOTICE),
        seller: Seller::default(),
        cart: Some(Badge { pieces: 1_250, goods: 129_990 }),
    }
}

fn rooms() -> Vec<Category> {
    let child = |(name, slug): (&str, &str)| Category { name: name.into(), slug: slug.into(), ..Category::default() };
    [("Sofás e poltronas", "sofas"), ("Mesas de apoio", "mesas"), ("Decoração", "decoracao")].map(child).into()
}

pub fn cards(count: usize) -> Vec<Card> {
    (0..count).map(card).collect()
}

fn card(index: usize) -> Card {
    let (name, vendor, price, compare_at) = PRODUCTS[index % PRODUCTS.len()];
    Card {
        slug: format!("um-produto-com-endereco-de-tamanho-comum-{index}"),
        name: name.into(),
        vendor: Some(vendor.into()),
        price,
        price_varies: index % 4 == 3,
        compare_at,
        available: index != 4,
        image: (index != 7).then(|| small_and_large(index)),
        payment: (price > 30_000)
            .then_some(PaymentLine { parts: Some(InParts { count: 10, each: Some(price / 10) }), at_once: None }),
    }
}

pub fn home(shop: &Shop) -> Home<'_> {
    let mut newest = cards(10);
    newest.reverse();
    newest[1].name = HOSTILE.into();
    Home { shop, featured: cards(10), newest, best_sellers: cards(15).split_off(5) }
}

pub fn category(shop: &Shop) -> CategoryPage<'_> {
    CategoryPage {
        shop,
        name: "Sala".into(),
        slug: "sala".into(),
        description: Some("Móveis e objetos feitos à mão por gente daqui, para durar e para ficar.".into()),
        ancestors: Vec::new(),
        children: rooms().into_iter().map(|room| CategoryLink { name: room.name, slug: room.slug }).collect(),
        more_children: false,
        sort: Sort::PriceAsc,
        cards: cards(15),
        paging: paging(93),
    }
}

fn paging(total: u64) -> Paging {
    Paging { total, page: 2, pages: 7 }
}

pub fn product() -> Product {
    let sizes = ["P", "M", "G"];
    let colours = ["Areia", "Terracota", "Verde-musgo", "Azul"];
    let mut variants = Vec::new();
    for (row, size) in sizes.iter().enumerate() {
        for (column, colour) in colours.iter().enumerate().take(4 - row) {
            variants.push(Variant {
                id: format!("v{row}{column}"),
                sku: Some(format!("VASO-{size}-{column:02}")),
                gtin: Some("7891000315507".into()),
                values: vec![(*size).into(), (*colour).into()],
                price: 8_990 + 3_000 * row as i64,
                compare_at: (row == 1).then_some(14_990),
                available: (row, column) != (1, 1),
                weight_grams: Some(850 + 400 * row as u32),
                payment: Some(PaymentLine {
                    parts: Some(InParts { count: 3, each: Some(3_997) }),
                    at_once: Some(AtOnce { kind: PaymentMethod::Pix, price: 11_391, discount: 500 }),
                }),
            });
        }
    }
    let option = |name: &str, values: &[&str]| ProductOption {
        name: name.into(),
        values: values.iter().map(|value| (*value).into()).collect(),
    };
    Product {
        id: "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".into(),
        slug: "vaso-de-ceramica".into(),
        name: "Vaso de cerâmica feito à mão".into(),
        vendor: Some("Barro & Cor".into()),
        description: CleanHtml::already_cleaned(
            "<p>Torneado um a um em <strong>argila da região</strong>, queimado em forno a lenha e esmaltado por \
             dentro. Cada peça sai um pouco diferente da outra: é assim que se sabe que foi feita por alguém.</p>\
             <ul><li>Segura água: pode receber flores frescas</li><li>Base com feltro, não risca a mesa</li>\
             <li>Pode ir ao forno até 180 °C</li></ul>",
        ),
        images: (0..4).map(|n| Picture { alt: format!("Vaso, vista {}", n + 1), ..image(n * 3) }).collect(),
        options: vec![option("Tamanho", &sizes), option("Cor", &colours)],
        variants,
        categories: vec![
            CategoryLink { name: "Sala".into(), slug: "sala".into() },
            CategoryLink { name: "Decoração".into(), slug: "decoracao".into() },
        ],
        seo_title: Some("Vaso de cerâmica artesanal em quatro cores".into()),
        seo_description: None,
    }
}

pub fn product_page<'a>(shop: &'a Shop, product: &'a Product) -> ProductPage<'a> {
    let (quantity, wrong) = (HOSTILE.into(), Some(HOSTILE.into()));
    let adding = Adding { quantity, wrong, key: Some("key".into()), ..Adding::default() };
    ProductPage { shop, product, variant: Some("v10".into()), related: cards(5), adding }
}

/// A product with nothing but a long name, a price and a second, sold-out variant.
pub fn bare_product() -> Product {
    let values = |number: usize| format!("Opção número {number} com um nome comprido");
    let variant = |number: usize| Variant {
        id: format!("v{number}"),
        values: vec![values(number)],
        price: 129_990,
        ..Variant::default()
    };
    Product {
        slug: "produto-longo".into(),
        name: format!("{HOSTILE} {}", "comprido ".repeat(20)),
        options: vec![ProductOption { name: "Modelo".into(), values: (0..30).map(values).collect() }],
        variants: (0..30).map(variant).collect(),
        ..Product::default()
    }
}

/// A shop on its first day: a logo, a long line about itself, nothing to sell yet.
pub fn new_shop() -> Shop {
    Shop {
        name: HOSTILE.into(),
        tagline: Some(
            "Tudo o que a gente planta, colhe, cozinha e costura aqui no alto da serra, direto para você".into(),
        ),
        origin: "https://nova.feira.app".into(),
        logo: Some(Picture {
            url: "/media/logo.svg".into(),
            alt: String::new(),
            width: 520,
            height: 120,
            copies: vec![],
        }),
        theme: Theme::from_hex("#27408b").unwrap_or_default(),
        menu: Arc::default(),
        notice: None,
        seller: seller(),
        cart: None,
    }
}

/// All that a shop may say of who sells.
fn seller() -> Seller {
    let number = |e164: &str, written: &str| Some(Number { e164: e164.into(), written: written.into() });
    Seller {
        name: Some(HOSTILE.into()),
        document: Some("CNPJ 11.222.333/0001-81".into()),
        address: Some(format!("Rua das Flores, 10, {HOSTILE}")),
        email: Some("oi&ola@nova.example".into()),
        phone: number("+551133334444", "(11) 3333-4444"),
        whatsapp: number("+5511999990000", "(11) 99999-0000"),
        policies: Policy::ALL.into(),
    }
}

/// A policy into which markup was typed.
const POLICY: &str = "Você tem sete dias.\n<script>alert('oi')</script>\n\nFale <b>com a gente</b>.";

pub fn query() -> SearchQuery {
    SearchQuery {
        text: "vaso & <flor>".into(),
        categories: vec!["sala".into(), "jardim-e-varanda".into()],
        min_price: Some(5_000),
        max_price: Some(9_999),
        sort: Sort::PriceDesc,
    }
}

pub fn search(shop: &Shop) -> SearchPage<'_> {
    let count = |(category, count): (&Category, u64)| CategoryCount {
        slug: category.slug.clone(),
        name: category.name.clone(),
        count,
    };
    let edges = [0, 5_000, 10_000, 20_000, 50_000, 100_000];
    let band = |index: usize| PriceBand {
        from: edges[index],
        to: edges.get(index + 1).copied(),
        count: [12, 48, 130, 77, 9, 0][index],
    };
    SearchPage {
        shop,
        query: query(),
        cards: cards(24),
        paging: paging(1_248),
        categories: shop.menu.categories.iter().zip([640, 12, 0, 208, 41, 7, 3, 1]).map(count).collect(),
        chosen: vec![CategoryLink { name: "Sala".into(), slug: "sala".into() }],
        prices: (0..edges.len()).map(band).collect(),
        did_you_mean: Vec::new(),
        popular: Vec::new(),
    }
}

pub fn empty_search(shop: &Shop) -> SearchPage<'_> {
    SearchPage {
        cards: Vec::new(),
        paging: Paging::default(),
        categories: Vec::new(),
        prices: Vec::new(),
        did_you_mean: vec!["vaso".into(), "vasos de flor".into()],
        popular: cards(5),
        ..search(shop)
    }
}

pub fn not_found(shop: &Shop) -> NotFound<'_> {
    NotFound { shop, what: Missing::Product, suggestions: cards(5), reference: Some(HOSTILE.into()) }
}

pub fn unknown_shop() -> UnknownShop {
    UnknownShop { host: "casa-da-<b>sera.feira.app".into(), platform_url: Some("https://feira.app/".into()) }
}

pub fn suspended() -> Suspended {
    Suspended { shop_name: "Casa da Serra".into(), theme: Theme::from_hex("#b4441c").unwrap_or_default() }
}

pub fn closed() -> Closed {
    Closed { shop_name: "Casa <b>da Serra".into(), theme: Theme::default() }
}

pub fn failure(status: u16) -> Failure {
    let (shop_name, detail) = ((status < 500).then(|| HOSTILE.into()), HOSTILE.into());
    Failure { status, detail, shop_name, theme: Theme::default(), reference: Some("01J9ZK3V".into()) }
}

/// The form by which a shop is reported, sent without a reason.
pub fn reported(shop: &Shop) -> Report<'_> {
    Report {
        shop,
        token: "token".into(),
        key: "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".into(),
        reasons: unchosen().into(),
        page: Some(format!("/product/{HOSTILE}")),
        is_about_page: true,
        refused: Some(HOSTILE.into()),
        lacks_reason: true,
    }
}

/// A cart of one line that is dearer by now and one that is gone, in which everything that was typed is wrong.
pub fn filled_cart(shop: &Shop) -> CartPage<'_> {
    let wrong = || Field { typed: HOSTILE.into(), wrong: Some(HOSTILE.into()) };
    let product = cart::Product {
        slug: "vaso-de-ceramica".into(),
        name: HOSTILE.into(),
        options: vec![format!("Cor: {HOSTILE}")],
        picture: image(1),
        has_variant: true,
    };
    let dearer = cart::Line {
        variant_id: "v1".into(),
        product: Some(product),
        available: true,
        price: Some(8_990),
        seen_before: Some(7_990),
        total: Some(17_980),
        quantity: wrong(),
    };
    CartPage {
        shop,
        token: "token".into(),
        key: "key".into(),
        lines: vec![dearer, cart::Line { variant_id: "v2".into(), ..cart::Line::default() }],
        pieces: 2,
        goods: 17_980,
        discount: 1_000,
        total: 16_980,
        coupon: None,
        code: wrong(),
        cep: wrong(),
        ways: Some(vec![Way { name: HOSTILE.into(), price: 0, days: (1, 3), total: 16_980 }]),
        wrong: Some(HOSTILE.into()),
        done: Some("Feito."),
    }
}

pub fn empty_cart(shop: &Shop) -> CartPage<'_> {
    let (lines, ways, wrong) = (Vec::new(), None, None);
    CartPage { lines, ways, wrong, pieces: 0, goods: 0, discount: 0, total: 0, ..filled_cart(shop) }
}

/// Every page by a name, rendered.
pub fn all_pages() -> Vec<(&'static str, String)> {
    use feira_api_store::pages::{category, error, home, policy, product, report, search};
    let shop = shop();
    let product_data = product();
    let new_shop = new_shop();
    let bare = bare_product();
    let nothing = Home { shop: &new_shop, featured: vec![], newest: vec![], best_sellers: vec![] };
    let bare_page =
        ProductPage { shop: &shop, product: &bare, variant: None, related: vec![], adding: Adding::default() };
    let empty = CategoryPage { shop: &shop, cards: vec![], paging: Paging::default(), ..category(&shop) };
    let paragraphs = policy::paragraphs(POLICY);
    let returns = policy::PolicyPage { shop: &new_shop, policy: Policy::Returns, paragraphs };
    let pages = [
        ("policy", policy::render(&returns)),
        ("home-new", home::render(&nothing)),
        ("product-bare", product::render(&bare_page)),
        ("category-empty", category::render(&empty)),
        ("home", home::render(&home(&shop))),
        ("category", category::render(&category(&shop))),
        ("cart", cart::render(&filled_cart(&shop))),
        ("cart-contact", cart::render(&filled_cart(&new_shop))),
        ("cart-empty", cart::render(&empty_cart(&shop))),
        ("product", product::render(&product_page(&shop, &product_data))),
        ("search", search::render(&search(&shop))),
        ("search-empty", search::render(&empty_search(&shop))),
        ("not-found", error::render_not_found(&not_found(&shop))),
        ("report", report::render(&reported(&shop))),
        ("report-thanks", report::render_thanks(&report::Thanks { shop: &shop })),
        ("unknown-shop", error::render_unknown_shop(&unknown_shop())),
        ("suspended", error::render_suspended(&suspended())),
        ("closed", error::render_closed(&closed())),
        ("failure-403", error::render_failure(&failure(403))),
        ("failure-429", error::render_failure(&failure(429))),
        ("failure-500", error::render_failure(&failure(500))),
        ("failure-503", error::render_failure(&failure(503))),
    ];
    let render = |(name, html): (&'static str, askama::Result<String>)| match html {
        Ok(html) => (name, html),
        Err(error) => (name, format!("<!-- {error} -->")),
    };
    pages.map(render).into()
}
