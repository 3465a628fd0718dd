//! Lines of a cart, as the shop's cards have them at this moment.

use std::collections::HashMap;

use feira_schemas::{
    ids::{CategoryId, ProductId, TenantId, VariantId},
    money::Money,
    problem::{Code, FieldError},
    refusals,
    rows::sessions::CartLine,
};
use feira_streams::views::storefront::{Card, CardImage, CardVariant};
use feira_web::{context::Api, problem::Problem};
use futures::{StreamExt, TryStreamExt, stream};

use crate::shop;

/// Cards that are read at once: one of 2,048 variants takes megabytes while it is read.
const AT_ONCE: usize = 4;
const OPTION_MISSING: &str = "Escolha uma opção deste produto.";

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

/// Products as the shop shows them, each read once however many lines it has.
#[derive(Debug, Default)]
pub struct Shelf(HashMap<ProductId, Option<Sold>>);

/// A product and those of its variants that were asked for.
#[derive(Debug)]
struct Sold {
    /// The product, without a variant.
    product: Product,
    /// The variant of a product that has but one.
    only: Option<VariantId>,
    /// The variants that were asked for; none of one that it does not have.
    offers: HashMap<VariantId, Option<Offer>>,
}

impl Shelf {
    /// Reads what the shop shows of these products and variants, as far as it is not read yet. No variant means that of a product that has
    /// but one.
    pub async fn read(
        &mut self,
        api: &Api,
        tenant: TenantId,
        wanted: &[(ProductId, Option<VariantId>)],
    ) -> Result<(), Problem> {
        let mut missing: HashMap<ProductId, Vec<VariantId>> = HashMap::new();
        for (product_id, variant_id) in wanted.iter().filter(|(product, variant)| !self.knows(*product, *variant)) {
            missing.entry(*product_id).or_default().extend(*variant_id);
        }
        for (product_id, variants) in &mut missing {
            if let Some(Some(sold)) = self.0.get(product_id) {
                variants.extend(sold.offers.keys());
            }
        }
        let each: Vec<_> =
            missing.into_iter().map(|(product, variants)| sold(api, tenant, product, variants)).collect();
        let read: Vec<(ProductId, Option<Sold>)> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        self.0.extend(read);
        Ok(())
    }

    fn knows(&self, product: ProductId, variant: Option<VariantId>) -> bool {
        match (self.0.get(&product), variant) {
            (Some(Some(sold)), Some(variant)) => sold.offers.contains_key(&variant),
            (known, _) => known.is_some(),
        }
    }

    /// The variant of a product, which has been read.
    ///
    /// # Errors
    /// 422 at what the shop does not have; at the variant also where none is named and there is more than one.
    pub fn offer(&self, product: ProductId, named: Option<VariantId>) -> Result<(VariantId, &Offer), Problem> {
        let refused =
            |pointer: &str, code: Code, detail: &str| Problem::fields(vec![FieldError::new(pointer, code, detail)]);
        let Some(Some(sold)) = self.0.get(&product) else {
            return Err(refused("/product_id", Code::UnknownReference, refusals::NO_SUCH_PRODUCT));
        };
        let Some(variant) = named.or(sold.only) else {
            return Err(refused("/variant_id", Code::Required, OPTION_MISSING));
        };
        match sold.offers.get(&variant) {
            Some(Some(offer)) => Ok((variant, offer)),
            _ => Err(refused("/variant_id", Code::UnknownReference, refusals::NO_SUCH_VARIANT)),
        }
    }

    /// A line of a cart, whose product has been read.
    pub fn line(&self, kept: CartLine) -> Line {
        let sold = self.0.get(&kept.product_id).and_then(Option::as_ref);
        let product = sold.map(|sold| {
            let offer = sold.offers.get(&kept.variant_id).cloned().flatten();
            Product { offer, ..sold.product.clone() }
        });
        Line { kept, product }
    }
}

/// What the shop shows of a product and these variants of it. A card may be megabytes large: one of few is held at a time, and whoever else
/// has work goes on before the next.
async fn sold(
    api: &Api,
    tenant: TenantId,
    product: ProductId,
    variants: Vec<VariantId>,
) -> Result<(ProductId, Option<Sold>), Problem> {
    let sold = {
        let _turn = api.room.rows().await;
        card(api, tenant, product).await?.map(|card| sold_of(card, variants))
    };
    tokio::task::yield_now().await;
    Ok((product, sold))
}

/// A product's card; none where the shop does not sell it.
pub async fn card(api: &Api, tenant: TenantId, product: ProductId) -> Result<Option<Card>, Problem> {
    let found = api.readers.storefront.card(tenant, product).await.map_err(shop::unreadable)?;
    Ok(found.map(|found| found.card()).transpose()?)
}

fn sold_of(card: Card, mut asked: Vec<VariantId>) -> Sold {
    let only = match card.variants.as_slice() {
        [only] => Some(only.id),
        _ => None,
    };
    asked.extend(only);
    let offer =
        |id: VariantId| card.variants.iter().find(|variant| variant.id == id).map(|variant| offer_of(&card, variant));
    let offers = asked.into_iter().map(|id| (id, offer(id))).collect();
    let product = Product {
        offer: None,
        slug: card.slug,
        name: card.name,
        images: card.images.into_iter().take(1).collect(),
        category_id: card.category_id,
    };
    Sold { product, only, offers }
}

fn offer_of(card: &Card, variant: &CardVariant) -> Offer {
    let value = |name: &str| variant.options.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let options = card.options.iter().filter_map(|option| Some((option.name.clone(), value(&option.name)?)));
    Offer {
        options: options.collect(),
        price: variant.price,
        available: variant.available,
        grams: variant.weight_grams.unwrap_or(0).max(0),
    }
}
