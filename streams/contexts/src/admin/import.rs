//! An imported product: its slug is its identity, so importing it again changes only what differs.

use feira_schemas::{
    api::{
        image::IMAGES,
        rules::{Errors, Text},
    },
    catalogue::slugify,
    ids::{CategoryId, ImageId, ProductId, TenantId},
    limits,
    problem::{Code, Refusal},
    records::{
        AdminEvent,
        admin::{Category, ImportImage, ImportProduct, Product, ProductContent},
        catalogue::{Image, ImageStatus},
        common::Outcome,
    },
    rows::admin::{CategoryRow, CategorySlugRow, ProductRow, ProductSlugRow},
};

use super::{categories, products, standing};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version};

/// The category that an import names.
const CATEGORY_NAME: Text = Text::or_null("O nome da categoria", limits::NAME_CHARS);
/// Ids of images and of the category are derived far above those of variants.
const CATEGORY_INDEX: u32 = 1_000_000;
const IMAGE_INDEX: u32 = 2_000_000;

pub(super) fn import(command: &ImportProduct, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let mut decision = Decision::new(context);
    let before = before(tenant, &command.content, rows)?;
    let version = before.as_ref().map_or(0, |before| before.version);
    check_version(&command.meta, version)?;
    let had = before.as_ref().map_or(&[][..], |before| &before.images);
    let images = images(had, command, context);
    check_limits(command, &images)?;
    let category_id = category(command, before.as_ref(), rows, context, &mut decision)?;
    // The file has no word for it: what the merchant has put forward stays so.
    let featured = before.as_ref().map_or(command.content.featured, |before| before.featured);
    let checked = ProductContent { category_id: None, featured, ..command.content.clone() };
    let mut count = None;
    let mut product = match &before {
        Some(before) => products::edited(before, &checked, rows, context)?,
        None => {
            count = standing::with_another_product(tenant, rows)?;
            let product_id = ProductId::derive(command.meta.command_id, 0, context.now);
            products::made(product_id, &checked, rows, context)?
        }
    };
    // Set here and not checked like a merchant's choice: it was found or made just above.
    product.category_id = category_id;
    product.images = images;
    match before {
        Some(before) if before == product => Ok(products::changed_or_not(&before, product, context)),
        Some(before) => {
            products::change(&mut decision, &before, product, context);
            Ok(decision)
        }
        None => {
            let entity = EntityVersion::new(product.product_id, 1);
            decision.answer(Outcome::Created, entity, |meta| products::changed(meta, product, None, count));
            Ok(decision)
        }
    }
}

/// Refuses what an import alone can bring about: a category of a name that no merchant may give, and more images than a product
/// may have, since those that were added by hand stay.
fn check_limits(command: &ImportProduct, images: &[Image]) -> Result<(), Refusal> {
    let mut errors = Errors::default();
    CATEGORY_NAME.check(&mut errors, "/category_name", command.category_name.as_deref());
    if images.len() > limits::IMAGES {
        let detail = format!("{} Com as que já tem seriam {}.", IMAGES.too_long(), images.len());
        errors.add("/images", Code::TooLong, detail);
    }
    errors.or(()).map_err(Refusal::fields)
}

fn before(tenant: TenantId, content: &ProductContent, rows: &Rows) -> Result<Option<Product>, Need> {
    let Some(slug) = &content.slug else { return Ok(None) };
    let Some(at) = rows.get::<ProductSlugRow>(ProductSlugRow::at(tenant, slug))? else { return Ok(None) };
    let row = rows.get::<ProductRow>(ProductRow::at(tenant, at.product_id))?;
    // A slug that only redirects is not this product's identity any more; the decision refuses it as taken.
    Ok(row.map(|row| row.product.clone()).filter(|product| product.slug == *slug))
}

/// The category of this name, made if the shop has none. A product that lies in one of the name stays there.
fn category(
    command: &ImportProduct,
    before: Option<&Product>,
    rows: &Rows,
    context: &DecisionContext,
    decision: &mut Decision<AdminEvent>,
) -> Result<Option<CategoryId>, Stop> {
    let tenant = command.meta.tenant_id;
    let Some(name) = &command.category_name else { return Ok(command.content.category_id) };
    let slug = slugify(name);
    if let Some(id) = before.and_then(|before| before.category_id)
        && let Some(row) = rows.get::<CategoryRow>(CategoryRow::at(tenant, id))?
        && (row.category.name == *name || (!slug.is_empty() && slugify(&row.category.name) == slug))
    {
        return Ok(Some(id));
    }
    if slug.is_empty() {
        return Ok(None);
    }
    if let Some(id) = named(tenant, &slug, rows)? {
        return Ok(Some(id));
    }
    categories::check_count(tenant, rows)?;
    let category_id = CategoryId::derive(command.meta.command_id, CATEGORY_INDEX, context.now);
    let category = categories::new_category(category_id, name.clone(), slug, None, context);
    decision.event(EntityVersion::new(category_id, 1), |meta| categories::changed(meta, category, None));
    Ok(Some(category_id))
}

/// The category whose name folds to this slug, accents and case aside; else the one that has the slug, since it was made of that
/// name once and has been renamed. Of several with one name the outermost, then the oldest.
fn named(tenant: TenantId, slug: &str, rows: &Rows) -> Result<Option<CategoryId>, Need> {
    let is_named = |category: &Category| slugify(&category.name) == slug;
    let at_slug = match rows.get::<CategorySlugRow>(CategorySlugRow::at(tenant, slug))? {
        // The slug's row is there as long as its category is; a dangling one would show in the check of state against log.
        Some(row) => rows.get::<CategoryRow>(CategoryRow::at(tenant, row.category_id))?,
        None => None,
    };
    if let Some(row) = at_slug.as_ref().filter(|row| is_named(&row.category)) {
        return Ok(Some(row.category.category_id));
    }
    let all = rows.scan::<CategoryRow>(CategoryRow::all(tenant))?;
    let first = all.iter().map(|row| &row.category).filter(|category| is_named(category));
    let first = first.min_by_key(|category| (category.parent_id.is_some(), category.category_id));
    Ok(first.or(at_slug.as_ref().map(|row| &row.category)).map(|category| category.category_id))
}

/// The images an import names, each by its address; one that is there already keeps its file and its id, and one whose
/// address was asked in vain waits again.
fn images(had: &[Image], command: &ImportProduct, context: &DecisionContext) -> Vec<Image> {
    if command.images.is_empty() && !command.clears_images {
        return had.to_vec();
    }
    // The same addresses in the same order: then all stay in their places, also between those that were added by hand.
    let addresses = had.iter().filter_map(|image| image.source_url.as_deref());
    if addresses.eq(command.images.iter().map(|image| image.source_url.as_str())) {
        let mut named = command.images.iter();
        let image = |image: &Image| match image.source_url.as_ref().and_then(|_| named.next()) {
            Some(named) => named_again(image.clone(), named),
            None => image.clone(),
        };
        return had.iter().map(image).collect();
    }
    let image = |(index, named): (u32, &ImportImage)| {
        let kept = had.iter().find(|image| image.source_url.as_deref() == Some(&named.source_url)).cloned();
        let image = kept.unwrap_or_else(|| Image {
            image_id: ImageId::derive(context.cause.command_id, IMAGE_INDEX + index, context.now),
            status: ImageStatus::Waiting,
            content_type: None,
            width: None,
            height: None,
            alt: None,
            source_url: Some(named.source_url.clone()),
        });
        named_again(image, named)
    };
    let mut images: Vec<Image> = (0..).zip(&command.images).map(image).collect();
    // What the merchant added by hand stays, after the imported ones.
    images.extend(had.iter().filter(|image| image.source_url.is_none()).cloned());
    images
}

/// An image as an import names it: one whose address was asked in vain waits again.
fn named_again(mut image: Image, named: &ImportImage) -> Image {
    if image.status.problem().is_some() {
        image.status = ImageStatus::Waiting;
    }
    image.alt = named.alt.clone().or(image.alt).filter(|alt| !alt.is_empty());
    image
}
