//! Products: making, replacing, patching and removing them, with their addresses and variants.

use std::collections::HashSet;

use feira_schemas::{
    api::product::{
        ProductBody, product_body, product_body_without_variants, product_content, product_content_without_variants,
    },
    catalogue::{Wanted, matched},
    ids::{CommandId, ImageId, Micros, ProductId, TenantId, VariantId},
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            CreateProduct, DeleteProduct, PatchProduct, Product, ProductChanged, ProductContent, ProductDeleted,
            ReplaceProduct, Variant,
        },
        catalogue::{Image, ImageStatus, ProductOption},
        common::{CommandMeta, EventMeta, Outcome},
    },
    refusals,
    rows::admin::{CategoryRow, ProductRow, ProductSlugRow},
};
use serde_json::Value;

use super::{
    merge_patch::merged,
    methods, not_found, shown,
    slugs::{self, history},
    standing,
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version};

pub(super) fn create(command: &CreateProduct, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let product_id = ProductId::derive(command.meta.command_id, 0, context.now);
    let products = standing::with_another_product(command.meta.tenant_id, rows)?;
    let product = made(product_id, &command.content, rows, context)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(product_id, 1);
    decision.answer(Outcome::Created, entity, |meta| changed(meta, product, None, products));
    Ok(decision)
}

pub(super) fn replace(command: &ReplaceProduct, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load_for_change(&command.meta, command.product_id, rows)?;
    let product = edited(&before, &command.content, rows, context)?;
    Ok(changed_or_not(&before, product, context))
}

pub(super) fn patch(command: &PatchProduct, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load_for_change(&command.meta, command.product_id, rows)?;
    let product = match patched(&before, &command.merge_patch)? {
        Patched::Whole(content) => edited(&before, &content, rows, context)?,
        Patched::WithoutVariants(content) => {
            let kept = || Ok((before.options.clone(), before.variants.clone()));
            with_variants(&before, &content, kept, rows, context)?
        }
    };
    Ok(changed_or_not(&before, product, context))
}

pub(super) fn delete(command: &DeleteProduct, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let product = load_for_change(&command.meta, command.product_id, rows)?;
    let products = standing::without_a_product(command.meta.tenant_id, rows)?;
    let methods = methods::of_product(command.meta.tenant_id, product.product_id, rows)?;
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(product.product_id, product.version + 1);
    decision.answer(Outcome::Deleted, entity, |meta| ProductDeleted { meta, product, products });
    methods::go_with_product(&mut decision, &methods);
    Ok(decision)
}

/// The product as it is, if it is there in the version that the command names.
pub(super) fn load_for_change(meta: &CommandMeta, id: ProductId, rows: &Rows) -> Result<Product, Stop> {
    let row = rows.get::<ProductRow>(ProductRow::at(meta.tenant_id, id))?.ok_or_else(|| not_found("O produto"))?;
    check_version(meta, row.product.version)?;
    Ok(row.product.clone())
}

/// The decision on a product that is now this: an event, or none if it was this before.
pub(super) fn changed_or_not(before: &Product, product: Product, context: &DecisionContext) -> Decision<AdminEvent> {
    if product == *before {
        return Decision::unchanged(context, shown::product(before));
    }
    let mut decision = Decision::new(context);
    change(&mut decision, before, product, context);
    decision
}

/// Adds the event of a product that is now this, at its next version.
pub(super) fn change(
    decision: &mut Decision<AdminEvent>,
    before: &Product,
    mut product: Product,
    context: &DecisionContext,
) {
    product.version = before.version + 1;
    product.updated_at = context.now;
    let entity = EntityVersion::new(product.product_id, product.version);
    decision.answer(Outcome::Updated, entity, |meta| changed(meta, product, Some(before), None));
}

/// The event of a product that is now this. Slugs that fell off its history do not redirect any more; images that it has no more
/// are shown to nobody. `products` is how many the shop has, where they are counted and this is another one.
pub(super) fn changed(
    meta: EventMeta,
    product: Product,
    before: Option<&Product>,
    products: Option<i64>,
) -> ProductChanged {
    let had = before.map(|before| (&before.slug, before.slug_history.as_slice()));
    let forgotten_slugs = slugs::forgotten(had, (&product.slug, &product.slug_history));
    let shown: HashSet<ImageId> = product.images.iter().map(|image| image.image_id).collect();
    let had_file = |image: &&Image| image.status == ImageStatus::Ready && !shown.contains(&image.image_id);
    let removed_images = before.iter().flat_map(|before| before.images.iter().filter(had_file));
    let removed_images = removed_images.map(|image| image.image_id).collect();
    ProductChanged { meta, product, forgotten_slugs, removed_images, products }
}

/// A new product of this content.
pub(super) fn made(
    product_id: ProductId,
    content: &ProductContent,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Product, Stop> {
    edited(&empty(product_id, content, context.now), content, rows, context)
}

fn empty(product_id: ProductId, content: &ProductContent, now: Micros) -> Product {
    Product {
        product_id,
        version: 1,
        status: content.status,
        name: String::new(),
        slug: String::new(),
        slug_history: Vec::new(),
        description: String::new(),
        category_id: None,
        vendor: None,
        tags: Vec::new(),
        featured: false,
        options: Vec::new(),
        variants: Vec::new(),
        images: Vec::new(),
        seo: None,
        created_at: now,
        updated_at: now,
    }
}

/// The product with this content instead of its own; version and times as they were.
pub(super) fn edited(
    before: &Product,
    content: &ProductContent,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Product, Stop> {
    let given = || {
        let variants = variants(before, content, context.cause.command_id, context.now)?;
        Ok((content.options.clone(), variants))
    };
    with_variants(before, content, given, rows, context)
}

/// The product with this content instead of its own, save for options and variants, which come from `variants`.
fn with_variants(
    before: &Product,
    content: &ProductContent,
    variants: impl FnOnce() -> Result<(Vec<ProductOption>, Vec<Variant>), Vec<FieldError>>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<Product, Stop> {
    let tenant = context.cause.tenant_id;
    // A category that the product has already may have been deleted since: keeping it is no new mistake.
    if let Some(id) = content.category_id.filter(|id| Some(*id) != before.category_id)
        && rows.get::<CategoryRow>(CategoryRow::at(tenant, id))?.is_none()
    {
        let detail = refusals::NO_SUCH_CATEGORY;
        return Err(Refusal::fields(vec![FieldError::new("/category_id", Code::UnknownReference, detail)]).into());
    }
    let slug = free_slug(tenant, before, content, rows)?;
    let (options, variants) = variants().map_err(Refusal::fields)?;
    Ok(Product {
        slug_history: history(&before.slug, &before.slug_history, &slug),
        slug,
        status: content.status,
        name: content.name.clone(),
        description: content.description.clone(),
        category_id: content.category_id,
        vendor: content.vendor.clone(),
        tags: content.tags.clone(),
        featured: content.featured,
        options,
        variants,
        images: before.images.clone(),
        seo: content.seo.clone(),
        ..*before
    })
}

/// The slug asked for if it is free, the present one if none is asked for, or one made from the name.
fn free_slug(tenant: TenantId, before: &Product, content: &ProductContent, rows: &Rows) -> Result<String, Stop> {
    let is_free = |slug: &str| -> Result<bool, Need> {
        let row = rows.get::<ProductSlugRow>(ProductSlugRow::at(tenant, slug))?;
        Ok(row.is_none_or(|row| row.product_id == before.product_id))
    };
    let present = Some(before.slug.as_str()).filter(|slug| !slug.is_empty());
    let wanted = content.slug.as_deref().or(present);
    slugs::free(wanted, &content.name, "produto", before.product_id.uuid(), is_free)
}

/// Variants matched by id, else by option values, else by SKU, else new.
fn variants(
    before: &Product,
    content: &ProductContent,
    command: CommandId,
    now: i64,
) -> Result<Vec<Variant>, Vec<FieldError>> {
    let wanted: Vec<Wanted<'_>> = content
        .variants
        .iter()
        .map(|variant| Wanted { id: variant.variant_id, options: Some(&variant.options), sku: variant.sku.as_deref() })
        .collect();
    let mut errors = Vec::new();
    let mut variants = Vec::with_capacity(content.variants.len());
    let places = matched(&before.variants, &before.options, &content.options, &wanted);
    for (index, (content, place)) in content.variants.iter().zip(places).enumerate() {
        let found = place.and_then(|place| before.variants.get(place));
        if content.variant_id.is_some() && found.is_none() {
            let detail = refusals::NO_SUCH_VARIANT;
            errors.push(FieldError::new(format!("/variants/{index}/id"), Code::UnknownReference, detail));
            continue;
        }
        // Index 0 is the product's own id; variants begin at 1.
        let index = u32::try_from(index).unwrap_or_default() + 1;
        variants.push(Variant {
            variant_id: found.map_or_else(|| VariantId::derive(command, index, now), |variant| variant.variant_id),
            sku: content.sku.clone(),
            options: content.options.clone(),
            price: content.price,
            compare_at_price: content.compare_at_price,
            cost: content.cost,
            barcode: content.barcode.clone(),
            weight_grams: content.weight_grams,
            initial_stock: found.map_or(content.stock, |variant| variant.initial_stock),
            tracked: content.tracked,
        });
    }
    if errors.is_empty() { Ok(variants) } else { Err(errors) }
}

/// Makes of a product what a merge patch asks for.
enum Patched {
    Whole(ProductContent),
    /// The patch says nothing of options and variants, of which there may be thousands: they stay, and neither is looked at again.
    WithoutVariants(ProductContent),
}

fn patched(before: &Product, patch: &str) -> Result<Patched, Refusal> {
    let names = |patch: &Value| ["options", "variants"].iter().any(|name| patch.get(name).is_some());
    if serde_json::from_str::<Value>(patch).is_ok_and(|patch| names(&patch)) {
        let body: ProductBody = merged(&product_body(before), patch)?;
        return product_content(body).map(Patched::Whole).map_err(Refusal::fields);
    }
    let body: ProductBody = merged(&product_body_without_variants(before), patch)?;
    product_content_without_variants(body).map(Patched::WithoutVariants).map_err(Refusal::fields)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn product() -> Product {
        let content: ProductContent = product_content(
            serde_json::from_value(serde_json::json!({
                "name": "Camisa", "tags": ["a"], "options": [{"name": "Cor", "values": ["Azul"]}],
                "variants": [{"sku": "1", "options": {"Cor": "Azul"}, "price": {"amount": 100, "currency": "BRL"}}],
            }))
            .unwrap(),
        )
        .unwrap();
        let (id, now) = (Uuid::from_u128(7), 1_700_000_000_000_000);
        let empty = empty(ProductId::from_uuid(id), &content, now);
        let variants = variants(&empty, &content, CommandId::from_uuid(id), now).unwrap();
        let ProductContent { name, tags, options, .. } = content;
        Product { name, slug: "camisa".to_owned(), tags, options, variants, ..empty }
    }

    #[test]
    fn a_patch_that_names_no_variants_ends_as_one_that_goes_through_them() {
        let before = product();
        let price = r#""variants":[{"options":{"Cor":"Azul"},"price":{"amount":1,"currency":"BRL"}}]"#;
        for patch in [
            "{}",
            r#"{"name":"Outra","tags":null}"#,
            r#"{"seo":{"title":"x"},"status":"published"}"#,
            r#"{"name":""}"#,
            r#"{"options":null,"variants":null}"#,
            r#"{"options":[{"name":"Tom","values":["Azul"]}]}"#,
            &format!("{{{price}}}"),
            r#"{"unknown":1}"#,
            r#"{"name":1}"#,
        ] {
            let whole = merged(&product_body(&before), patch)
                .and_then(|body: ProductBody| product_content(body).map_err(Refusal::fields));
            let whole = whole.map_err(|refusal| (refusal.code, refusal.errors));
            let ended =
                patched(&before, patch).map_err(|refusal| (refusal.code, refusal.errors)).map(|ended| match ended {
                    Patched::Whole(content) => content,
                    Patched::WithoutVariants(content) => {
                        assert!(!patch.contains("options") && !patch.contains("variants"), "{patch}");
                        let of_before = product_content(product_body(&before)).unwrap();
                        ProductContent { options: of_before.options, variants: of_before.variants, ..content }
                    }
                });
            assert_eq!(ended, whole, "{patch}");
        }
        assert!(matches!(patched(&before, r#"{"name":"Outra"}"#), Ok(Patched::WithoutVariants(_))));
    }
}
