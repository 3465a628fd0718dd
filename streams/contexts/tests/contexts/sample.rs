//! A shop, its categories and its products, as they are before somebody asks.

use feira_contexts::admin::Admin;
use feira_schemas::{
    catalogue::slugify,
    ids::{Micros, VariantId},
    money::Money,
    records::{
        AdminEvent,
        admin::{
            Category, CategoryChanged, Product, ProductChanged, ProductContent, Settings, Tenant, TenantStatus,
            Variant, VariantContent,
        },
        catalogue::{Image, ImageStatus, ProductStatus},
        common::{EventMeta, Outcome},
    },
    rows::admin::{CategoryRow, CategorySlugRow, ProductRow, ProductSlugRow, SettingsRow, TenantRow},
};

use crate::given::{Given, NOW, SHOP, Then, category_id, given, image_id, product_id, put, variant_id};

/// The time at which everything that is there was made.
pub const EARLIER: Micros = NOW - 86_400_000_000;

/// The shop in this state.
pub fn tenant_row(status: TenantStatus) -> TenantRow {
    TenantRow {
        tenant: Tenant {
            tenant_id: SHOP,
            version: 2,
            status,
            subdomain: "loja".into(),
            created_at: EARLIER,
            requested_by: None,
            subscription_id: None,
        },
    }
}

/// The shop, open, with nothing in it.
pub fn shop() -> Given<Admin> {
    given(tenant_row(TenantStatus::Active))
}

/// Settings of a shop that has set nothing but its name.
pub fn settings() -> Settings {
    Settings {
        version: 4,
        shop_name: "Loja".into(),
        tagline: None,
        accent: None,
        logo: None,
        interest_free_installments: None,
        cors_origins: Vec::new(),
        contact: None,
        seller: None,
        policies: None,
        updated_at: EARLIER,
    }
}

/// The row of these settings.
pub fn settings_row(settings: Settings) -> SettingsRow {
    SettingsRow { tenant_id: SHOP, settings }
}

/// A category of this name and its slug, on top.
pub fn category(number: u128, name: &str) -> Category {
    Category {
        category_id: category_id(number),
        version: 2,
        name: name.into(),
        slug: slugify(name),
        parent_id: None,
        created_at: EARLIER,
        updated_at: EARLIER,
        slug_history: Vec::new(),
    }
}

/// The row of a category.
pub fn category_row(category: &Category) -> CategoryRow {
    CategoryRow::new(SHOP, category.clone())
}

/// The row of a category's slug.
pub fn category_slug_row(slug: &str, category: &Category) -> CategorySlugRow {
    CategorySlugRow { tenant_id: SHOP, slug: slug.into(), category_id: category.category_id }
}

/// The event of a category that is now this and was nothing else before.
pub fn category_changed(meta: EventMeta, category: Category) -> CategoryChanged {
    CategoryChanged { meta, category, previous_slug: None, previous_parent_id: None, forgotten_slugs: Vec::new() }
}

/// A variant without options.
pub fn variant(number: u128) -> Variant {
    Variant {
        variant_id: variant_id(number),
        sku: None,
        options: Vec::new(),
        price: Money::brl(12_990),
        compare_at_price: None,
        cost: None,
        barcode: None,
        weight_grams: None,
        initial_stock: Some(7),
        tracked: true,
    }
}

/// The content that writes a variant as it is; its stock is not said.
pub fn variant_content(variant_id: Option<VariantId>, variant: &Variant) -> VariantContent {
    VariantContent {
        variant_id,
        sku: variant.sku.clone(),
        options: variant.options.clone(),
        price: variant.price,
        compare_at_price: variant.compare_at_price,
        cost: variant.cost,
        barcode: variant.barcode.clone(),
        weight_grams: variant.weight_grams,
        stock: None,
        tracked: variant.tracked,
    }
}

/// A shirt with one variant and no image.
pub fn product(number: u128) -> Product {
    Product {
        product_id: product_id(number),
        version: 3,
        status: ProductStatus::Published,
        name: "Camisa".into(),
        slug: "camisa".into(),
        slug_history: Vec::new(),
        description: "<p>De algodão.</p>".into(),
        category_id: None,
        vendor: None,
        tags: Vec::new(),
        featured: false,
        options: Vec::new(),
        variants: vec![variant(number)],
        images: Vec::new(),
        seo: None,
        created_at: EARLIER,
        updated_at: EARLIER,
    }
}

/// The content that writes a product as it is: without a slug, and its variants by their ids.
pub fn content_of(product: &Product) -> ProductContent {
    let variants = product.variants.iter();
    ProductContent {
        name: product.name.clone(),
        slug: None,
        description: product.description.clone(),
        category_id: product.category_id,
        vendor: product.vendor.clone(),
        tags: product.tags.clone(),
        status: product.status,
        featured: product.featured,
        options: product.options.clone(),
        variants: variants.map(|variant| variant_content(Some(variant.variant_id), variant)).collect(),
        seo: product.seo.clone(),
    }
}

/// The content of a product that is to be made: [`product`]'s, with one variant that nobody knows yet.
pub fn new_content() -> ProductContent {
    let variants = vec![variant_content(None, &variant(1))];
    ProductContent { variants, ..content_of(&product(1)) }
}

/// The row of a product.
pub fn product_row(product: &Product) -> ProductRow {
    ProductRow { tenant_id: SHOP, product: product.clone() }
}

/// The row of a product's slug.
pub fn product_slug_row(slug: &str, product: &Product) -> ProductSlugRow {
    ProductSlugRow { tenant_id: SHOP, slug: slug.into(), product_id: product.product_id }
}

/// The event of a product that is now this and has lost nothing.
pub fn product_changed(meta: EventMeta, product: Product) -> ProductChanged {
    ProductChanged { meta, product, forgotten_slugs: Vec::new(), removed_images: Vec::new(), products: None }
}

/// An image with its file, added by hand.
pub fn ready(number: u128) -> Image {
    Image {
        image_id: image_id(number),
        status: ImageStatus::Ready,
        content_type: Some("image/webp".into()),
        width: Some(1_200),
        height: Some(800),
        alt: Some(format!("Foto {number}")),
        source_url: None,
    }
}

/// An image that an import found at this address, with its file.
pub fn imported(number: u128, source_url: &str) -> Image {
    Image { source_url: Some(source_url.into()), ..ready(number) }
}

/// An image that is awaited from this address, without a text.
pub fn awaited(number: u128, source_url: &str) -> Image {
    Image {
        image_id: image_id(number),
        status: ImageStatus::Waiting,
        content_type: None,
        width: None,
        height: None,
        alt: None,
        source_url: Some(source_url.into()),
    }
}

impl Given<Admin> {
    /// Adds a category with the rows of its slugs.
    pub fn with_category(self, category: &Category) -> Self {
        let slugs = std::iter::once(&category.slug).chain(&category.slug_history);
        slugs.fold(self.and(category_row(category)), |given, slug| given.and(category_slug_row(slug, category)))
    }

    /// Adds a product with the rows of its slugs.
    pub fn with_product(self, product: &Product) -> Self {
        let slugs = std::iter::once(&product.slug).chain(&product.slug_history);
        slugs.fold(self.and(product_row(product)), |given, slug| given.and(product_slug_row(slug, product)))
    }
}

impl Then<Admin> {
    /// The category of the only event, which changed it.
    #[track_caller]
    pub fn category(&self) -> &Category {
        let AdminEvent::CategoryChanged(event) = self.event() else { panic!("{:?}", self.event()) };
        &event.category
    }

    /// The product of the only event, which changed it.
    #[track_caller]
    pub fn product(&self) -> &Product {
        let AdminEvent::ProductChanged(event) = self.event() else { panic!("{:?}", self.event()) };
        &event.product
    }

    /// Checks that this product at its next version came of it, and that it has lost neither a slug nor an image.
    #[track_caller]
    pub fn is_now(&self, product: Product) {
        let product = Product { version: product.version + 1, updated_at: NOW, ..product };
        let meta = self.answering(0, product.product_id, product.version, Outcome::Updated);
        self.events([product_changed(meta, product.clone()).into()]);
        self.rows([put(product_row(&product)), put(product_slug_row(&product.slug, &product))]);
    }
}
