//! The rules of a product's fields.

use crate::{
    api::rules::{Html, List, Price, Text, Whole},
    limits,
};

/// The description, which buyers see as it was formatted.
pub const DESCRIPTION: Html = Html::new("A descrição", limits::DESCRIPTION_BYTES);
pub const VENDOR: Text = Text::or_null("A marca", limits::NAME_CHARS);
pub const TAGS: List = List::new("Um produto", "etiquetas", limits::TAGS);
pub const TAG: Text = Text::or_blank("Uma etiqueta", limits::TAG_CHARS);
pub const SEO_TITLE: Text = Text::or_null("O título", limits::NAME_CHARS);
pub const SEO_DESCRIPTION: Text = Text::or_null("A descrição", limits::SEO_DESCRIPTION_CHARS).of_lines();

pub const OPTIONS: List = List::new("Um produto", "opções", limits::OPTIONS);
pub const OPTION_NAME: Text = Text::words("O nome da opção", limits::OPTION_CHARS);
pub const OPTION_VALUES: List = List::new("Uma opção", "valores", limits::VARIANTS);
pub const OPTION_VALUE: Text = Text::words("O valor da opção", limits::OPTION_CHARS);

/// The variants of a product.
pub const VARIANTS: List = List::new("Um produto", "variantes", limits::VARIANTS);
pub const SKU: Text = Text::or_null("O SKU", limits::CODE_CHARS);
pub const BARCODE: Text = Text::or_null("O código de barras", limits::CODE_CHARS);
pub const WEIGHT: Whole = Whole::new("O peso em gramas", 0, limits::WEIGHT_GRAMS);
pub const STOCK: Whole = Whole::new("O estoque", 0, limits::STOCK);
pub const PRICE: Price = Price("O preço");
pub const COMPARE_AT_PRICE: Price = Price("O preço anterior");
pub const COST: Price = Price("O custo");
