//! The model of `/cart`.

use askama::Template;
use feira_schemas::limits::CART_PIECES;

use crate::{
    links,
    pages::{
        filters,
        format::{days, items},
        pieces::{Picture, Shop},
    },
};

/// The page of a visitor's cart.
#[derive(Debug, Template)]
#[template(path = "cart/cart.html")]
pub struct CartPage<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The token of the visitor's forms; an empty cart has none.
    pub token: String,
    /// The `Idempotency-Key` of the page's forms: each has an address of its own, with which it is one.
    pub key: String,
    /// The lines, in the order in which they came.
    pub lines: Vec<Line>,
    /// How many pieces can be bought.
    pub pieces: u64,
    /// What these cost, in centavos.
    pub goods: i64,
    /// What the coupon takes off, in centavos.
    pub discount: i64,
    /// What is left, in centavos, without freight.
    pub total: i64,
    /// The coupon in the cart.
    pub coupon: Option<Coupon>,
    /// The code that was typed.
    pub code: Field,
    /// The CEP that was typed.
    pub cep: Field,
    /// The ways of delivery to that CEP, once somebody has asked.
    pub ways: Option<Vec<Way>>,
    /// The words for what is wrong with all of it.
    pub wrong: Option<String>,
    /// The words for what was just done.
    pub done: Option<&'static str>,
}

/// A line of a cart.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The id of the variant, by which it is changed.
    pub variant_id: String,
    /// The product; none where the shop does not sell it any more.
    pub product: Option<Product>,
    /// True if it can be bought.
    pub available: bool,
    /// The price of one in centavos, where the shop still has one.
    pub price: Option<i64>,
    /// The price that was seen, where it is another one by now.
    pub seen_before: Option<i64>,
    /// What all pieces cost, where they can be bought.
    pub total: Option<i64>,
    /// How many, as the row has it or as it was typed.
    pub quantity: Field,
}

/// The product of a line.
#[derive(Debug, Clone, Default)]
pub struct Product {
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The name, which the buyer reads.
    pub name: String,
    /// The options: `Tamanho: M`.
    pub options: Vec<String>,
    /// The image.
    pub picture: Picture,
    /// False where the product does not have this variant any more.
    pub has_variant: bool,
}

/// A coupon in a cart.
#[derive(Debug, Clone, Default)]
pub struct Coupon {
    /// The code.
    pub code: String,
    /// True if it gives the freight.
    pub free_shipping: bool,
    /// The words for why it gives nothing.
    pub wrong: Option<String>,
}

/// An input and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// What was typed.
    pub typed: String,
    /// The words for what is wrong with it.
    pub wrong: Option<String>,
}

/// A way of delivery.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The name, which the buyer reads.
    pub name: String,
    /// The price in centavos.
    pub price: i64,
    /// The fewest and the most business days.
    pub days: (i32, i32),
    /// What the cart costs with it, in centavos.
    pub total: i64,
}

/// The page as HTML.
pub fn render(page: &CartPage<'_>) -> askama::Result<String> {
    page.render()
}

impl CartPage<'_> {
    fn here(&self) -> &str {
        ""
    }

    fn most_pieces(&self) -> i64 {
        CART_PIECES
    }

    fn has_discount(&self) -> bool {
        self.discount > 0
    }

    fn count(&self) -> String {
        items(self.pieces)
    }

    /// True if the shop says how it can be asked.
    fn can_be_asked(&self) -> bool {
        let seller = &self.shop.seller;
        seller.whatsapp.is_some() || seller.phone.is_some() || seller.email.is_some()
    }
}

impl Line {
    /// What stands in its place where the name is not known any more.
    fn name(&self) -> &str {
        self.product.as_ref().map_or("Produto que saiu da loja", |product| &product.name)
    }

    fn path(&self) -> String {
        format!("/cart/items/{}", self.variant_id)
    }

    fn says(&self) -> Option<&'static str> {
        match &self.product {
            _ if self.available => None,
            None => Some("Este produto não está mais à venda."),
            Some(product) if !product.has_variant => Some("Esta opção não está mais à venda."),
            Some(_) => Some("Indisponível no momento."),
        }
    }
}

impl Product {
    fn href(&self, variant_id: &str) -> String {
        if self.has_variant { links::variant(&self.slug, variant_id) } else { links::product(&self.slug) }
    }
}

impl Way {
    fn is_free(&self) -> bool {
        self.price == 0
    }

    fn days(&self) -> String {
        days(self.days.0, self.days.1)
    }
}
