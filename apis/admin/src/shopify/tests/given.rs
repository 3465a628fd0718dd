//! Files as tests give them, what is read of them, and what a shop has of an earlier one.

use bytes::Bytes;
use feira_schemas::{
    api::product::product_content,
    ids::{CategoryId, ImageId, ProductId, VariantId},
    records::{
        admin::{self as records, Product, Variant},
        catalogue::{Image, ImageStatus},
    },
};
use uuid::Uuid;

use crate::shopify::{FileProduct, ImportProduct, RowError, ShopifyError, ShopifyFile};

/// The columns that most fixtures need.
pub const HEADER: &str = "Handle,Title,Type,Tags,Published,Option1 Name,Option1 Value,Variant Price,Image Src\n";

/// Products of a file, of which the shop has none.
pub fn read(csv: &str) -> Vec<Read> {
    read_bytes(csv.as_bytes())
}

pub fn read_bytes(upload: &[u8]) -> Vec<Read> {
    files(upload)
        .into_iter()
        .map(|product| Read { handle: product.handle.clone(), row: product.row, laid: product.over(None) })
        .collect()
}

pub fn files(upload: &[u8]) -> Vec<FileProduct> {
    opened(upload).unwrap().products().unwrap().map(Result::unwrap).collect()
}

pub fn opened(upload: &[u8]) -> Result<ShopifyFile, ShopifyError> {
    ShopifyFile::open(&Bytes::copy_from_slice(upload))
}

#[derive(Debug, Clone)]
pub struct Read {
    pub handle: String,
    pub row: u64,
    pub laid: ImportProduct,
}

impl std::ops::Deref for Read {
    type Target = ImportProduct;
    fn deref(&self) -> &ImportProduct {
        &self.laid
    }
}

impl PartialEq for Read {
    fn eq(&self, other: &Self) -> bool {
        let of = |read: &Read| (read.handle.clone(), read.product.clone(), read.images.clone(), said(read));
        of(self) == of(other) && self.category_name == other.category_name
    }
}

pub fn refusal(upload: &[u8]) -> String {
    let error = match opened(upload) {
        Ok(file) => file.products().err().expect("the file was read"),
        Err(error) => error,
    };
    error.to_string()
}

pub fn said(product: &ImportProduct) -> Vec<String> {
    product.errors.iter().map(RowError::to_string).collect()
}

/// The shop's product after a file came in, as a decision makes it; ids are numbers in order.
pub fn kept(csv: &str) -> Product {
    let products = read(csv);
    let laid = &products[0].laid;
    assert_eq!(said(laid), [] as [String; 0]);
    let content = product_content(laid.product.clone()).unwrap();
    let variants = (1..).zip(content.variants).map(|(number, variant)| Variant {
        variant_id: VariantId::from_uuid(Uuid::from_u128(number)),
        sku: variant.sku,
        options: variant.options,
        price: variant.price,
        compare_at_price: variant.compare_at_price,
        cost: variant.cost,
        barcode: variant.barcode,
        weight_grams: variant.weight_grams,
        initial_stock: variant.stock,
        tracked: variant.tracked,
    });
    let image = |(number, image): (u128, &records::ImportImage)| Image {
        image_id: ImageId::from_uuid(Uuid::from_u128(number)),
        status: ImageStatus::Waiting,
        content_type: None,
        width: None,
        height: None,
        alt: image.alt.clone(),
        source_url: Some(image.source_url.clone()),
    };
    Product {
        product_id: ProductId::from_uuid(Uuid::from_u128(7)),
        version: 3,
        status: content.status,
        name: content.name,
        slug: content.slug.unwrap(),
        slug_history: Vec::new(),
        description: content.description,
        category_id: laid.category_name.as_ref().map(|_| CategoryId::from_uuid(Uuid::from_u128(8))),
        vendor: content.vendor,
        tags: content.tags,
        featured: true,
        options: content.options,
        variants: variants.collect(),
        images: (1..).zip(&laid.images).map(image).collect(),
        seo: content.seo,
        created_at: 1,
        updated_at: 1,
    }
}

/// A file of one product laid over what the shop has.
pub fn over(before: &Product, csv: &str) -> ImportProduct {
    files(csv.as_bytes()).remove(0).over(Some(before))
}

/// Ids, options joined, and centavos of a body's variants.
pub fn variants(laid: &ImportProduct) -> Vec<(Option<u128>, String, i64)> {
    let values = |options: &serde_json::Map<String, serde_json::Value>| {
        options.values().map(|value| value.as_str().unwrap()).collect::<Vec<_>>().join("/")
    };
    let of = |variant: &feira_schemas::api::product::VariantBody| {
        let id = variant.id.as_ref().map(|id| id.parse::<Uuid>().unwrap().as_u128());
        (id, values(&variant.options), variant.price.unwrap().amount)
    };
    laid.product.variants.iter().map(of).collect()
}
