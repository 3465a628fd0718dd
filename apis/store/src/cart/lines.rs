//! Lines of a cart, as the shop's cards have them at this moment.

use feira_schemas::{
    ids::{CategoryId, ProductId, TenantId, VariantId},
    money::Money,
    rows::sessions::CartLine,
};
use feira_streams::views::storefront::{Card, CardImage};
use feira_web::{context::Api, problem::Problem};
use futures::{StreamExt, TryStreamExt, stream};

use crate::shop;

/// Cards that are read at once: one of 2,048 variants takes megabytes while it is read.
const AT_ONCE: usize = 4;

/// A line of a cart.
#[derive(Debug, Clone)]
pub struct Line {
    /// What is kept of it.
    pub kept: CartLine,
    /// The product; none where the shop does not sell it any more.
    pub product: Option<Product>,
}

/// A product of a line.
#[derive(Debug, Clone)]
pub struct Product {
    /// The slug in `/product/{slug}`.
    pub slug: String,
    /// The name, which the buyer reads.
    pub name: String,
    /// The first image, where there is one.
    pub images: Vec<CardImage>,
    /// The category that it is in.
    pub category_id: Option<CategoryId>,
    /// The variant of the line; none where the product does not have it any more.
    pub offer: Option<Offer>,
}

/// A variant of a line.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its options and their values.
    pub options: Vec<(String, String)>,
    /// The price of one.
    pub price: Money,
    /// True if it can be bought.
    pub available: bool,
    /// The weight of one; 0 where the shop has not said it.
    pub grams: i64,
}

impl Line {
    /// The variant, whether it can be bought or not.
    pub fn offer(&self) -> Option<&Offer> {
        self.product.as_ref()?.offer.as_ref()
    }

    /// The variant, if it can be bought.
    pub fn bought(&self) -> Option<&Offer> {
        self.offer().filter(|offer| offer.available)
    }

    /// The price of all pieces; none where they can't be bought.
    pub fn total(&self) -> Option<Money> {
        // Prices have an end, and so has a line: the product is far inside an `i64`.
        self.bought().map(|offer| Money::brl(offer.price.amount.saturating_mul(self.kept.quantity)))
    }

    /// The price that the buyer has seen, where it is another one by now.
    pub fn seen_before(&self) -> Option<Money> {
        let seen = Money::brl(self.kept.seen_price);
        self.offer().filter(|offer| offer.price != seen).map(|_| seen)
    }
}

/// The lines of a cart, in their order.
pub async fn lines(api: &Api, tenant: TenantId, kept: &[CartLine]) -> Result<Vec<Line>, Problem> {
    let each: Vec<_> = kept.iter().map(|line| line_of(api, tenant, *line)).collect();
    stream::iter(each).buffered(AT_ONCE).try_collect().await
}

async fn line_of(api: &Api, tenant: TenantId, kept: CartLine) -> Result<Line, Problem> {
    let card = card(api, tenant, kept.product_id).await?;
    Ok(Line { kept, product: card.map(|card| product_of(card, kept.variant_id)) })
}

/// A product's card; none where the shop does not sell it.
pub async fn card(api: &Api, tenant: TenantId, product: ProductId) -> Result<Option<Card>, Problem> {
    let found = api.readers.storefront.card(tenant, product).await.map_err(shop::unreadable)?;
    Ok(found.map(|found| found.card()).transpose()?)
}

fn product_of(card: Card, variant_id: VariantId) -> Product {
    let variant = card.variants.iter().find(|variant| variant.id == variant_id);
    let offer = variant.map(|variant| {
        let value = |name: &str| variant.options.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let options = card.options.iter().filter_map(|option| Some((option.name.clone(), value(&option.name)?)));
        Offer {
            options: options.collect(),
            price: variant.price,
            available: variant.available,
            grams: variant.weight_grams.unwrap_or(0).max(0),
        }
    });
    Product {
        offer,
        slug: card.slug,
        name: card.name,
        images: card.images.into_iter().take(1).collect(),
        category_id: card.category_id,
    }
}
