//! The merchant's side: tenants, settings, tokens, products, categories, payment methods, staff and reports of shops.

mod coupons;
mod domains;
mod methods;
mod reports;
mod shipping;

use serde::{Deserialize, Serialize};

pub use self::{
    coupons::{CouponCountRow, CouponRow},
    domains::DomainRow,
    methods::{OfferedMethodRow, ProductMethodRow, ShopMethodRow},
    reports::{ShopReportCountRow, ShopReportOfMonthRow, ShopReportRow},
    shipping::ShippingOptionRow,
};
use super::{context_rows, generation_of, keyspace::Keyspace, mail_rows, table};
use crate::{
    ids::{CategoryId, EffectId, GroupId, ImageId, Micros, ProductId, StaffId, TenantId},
    records::admin::{Category, Product, Settings, ShopName, StaffGroup, StaffMember, Standing, Tenant, Token},
    row::{KeyPart, Row, RowKey, RowType, Stored, Table},
    time::DAY,
};

table!(TENANT: TenantRow = "admin"."tenant", ("tenant_id"), ());
table!(STANDING: StandingRow = "admin"."standing", ("tenant_id"), ());
table!(PRODUCT_COUNT: ProductCountRow = "admin"."product_count", ("tenant_id"), ());
table!(SETTINGS: SettingsRow = "admin"."settings", ("tenant_id"), ());
table!(TOKEN: TokenRow = "admin"."token", ("tenant_id"), ("token_hash"));
table!(SHOP_NAME: ShopNameRow = "admin"."shop_name", ("tenant_id", "name"), ());
table!(PRODUCT: ProductRow = "admin"."product", ("tenant_id", "product_id"), ());
table!(PRODUCT_SLUG: ProductSlugRow = "admin"."product_slug", ("tenant_id", "slug"), ());
table!(REMOVED_IMAGE: RemovedImageRow = "admin"."removed_picture", ("tenant_id", "image_id"), ());
table!(CATEGORY: CategoryRow = "admin"."category", ("tenant_id", "bucket"), ("category_id"));
table!(CATEGORY_SLUG: CategorySlugRow = "admin"."category_slug", ("tenant_id", "slug"), ());
table!(STAFF: StaffRow = "admin"."staff", ("tenant_id"), ("staff_id"));
table!(STAFF_GROUP: StaffGroupRow = "admin"."staff_group", ("tenant_id"), ("group_id"));
table!(STAFF_EMAIL: StaffEmailRow = "admin"."staff_email", ("tenant_id", "email_term"), ());
table!(SHOP_REPORT: ShopReportRow = "admin"."shop_report", ("tenant_id"), ("newest_first", "report_id"));
table!(SHOP_REPORT_COUNT: ShopReportCountRow = "admin"."shop_report_count", ("tenant_id"), ());
table!(SHOP_REPORT_OF_MONTH: ShopReportOfMonthRow = "admin"."shop_report_of_month", ("month"), ("newest_first", "tenant_id", "report_id"));
table!(OFFERED_METHODS: OfferedMethodRow = "admin"."offered_methods", ("tenant_id"), ("method"));
table!(SHOP_METHODS: ShopMethodRow = "admin"."shop_methods", ("tenant_id"), ("method"));
table!(PRODUCT_METHODS: ProductMethodRow = "admin"."product_methods", ("tenant_id"), ("product_id", "method"));
table!(DOMAIN: DomainRow = "admin"."domain", ("tenant_id"), ());
table!(COUPON: CouponRow = "admin"."coupon", ("tenant_id"), ("code"));
table!(COUPON_COUNT: CouponCountRow = "admin"."coupon_count", ("tenant_id"), ());
table!(SHIPPING_OPTION: ShippingOptionRow = "admin"."shipping_option", ("tenant_id"), ("shipping_id"));
mail_rows!("admin");
context_rows!("admin");

/// Microseconds for which is kept which mails with a link a member was to get: longer than they count against it.
pub const STAFF_MAILS_KEPT: Micros = DAY;
/// The mails with a link that members were to get of late.
pub const STAFF_MAIL: Table = Table {
    keyspace: "admin",
    name: "staff_mail",
    generation: generation_of("admin"),
    partition_key: &["tenant_id", "staff_id"],
    clustering_key: &["wanted_at", "mail_id"],
    kept: Some(STAFF_MAILS_KEPT),
};

/// This keyspace. Its seventh generation knows groups of staff, what members may do by them, and what tokens may do, which a shop's
/// tokens are listed with, and what a shop publishes of itself.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "admin", generation: 7, cql: include_str!("../../cql/admin.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<TenantRow>(),
    *RowType::of::<SettingsRow>(),
    *RowType::of::<StandingRow>(),
    *RowType::of::<ProductCountRow>(),
    *RowType::of::<TokenRow>(),
    *RowType::of::<ShopNameRow>(),
    *RowType::of::<ProductRow>(),
    *RowType::of::<ProductSlugRow>(),
    *RowType::of::<RemovedImageRow>(),
    *RowType::of::<CategoryRow>(),
    *RowType::of::<CategorySlugRow>(),
    *RowType::of::<StaffRow>(),
    *RowType::of::<StaffEmailRow>(),
    *RowType::of::<StaffGroupRow>(),
    *RowType::of::<StaffMailRow>(),
    *RowType::of::<ShopReportRow>(),
    *RowType::of::<ShopReportCountRow>(),
    *RowType::of::<ShopReportOfMonthRow>(),
    *RowType::of::<OfferedMethodRow>(),
    *RowType::of::<ShopMethodRow>(),
    *RowType::of::<ProductMethodRow>(),
    *RowType::of::<DomainRow>(),
    *RowType::of::<CouponRow>(),
    *RowType::of::<CouponCountRow>(),
    *RowType::of::<ShippingOptionRow>(),
    *RowType::of::<MailRow>(),
    *RowType::of::<OpenMailRow>(),
    *RowType::of::<AnswerRow>(),
    *RowType::of::<TimerRow>(),
    *RowType::of::<ProgressRow>(),
];

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantRow {
    /// The columns.
    #[serde(flatten)]
    pub tenant: Tenant,
}

impl TenantRow {
    /// The key of a shop's row.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for TenantRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant.tenant_id)
    }
}

/// What a shop may have by the plan that pays for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub standing: Standing,
}

impl StandingRow {
    /// The key of the row of a shop's standing.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for StandingRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

/// The number of products that a shop with limits has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductCountRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The number.
    pub products: i64,
}

impl ProductCountRow {
    /// The key of the row of a shop's number of products.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for ProductCountRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

/// A shop's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub settings: Settings,
}

impl SettingsRow {
    /// The key of the row with a shop's settings.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for SettingsRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

/// A credential of the admin API, by its hash. A shop's tokens share a partition, because lists show all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub token: Token,
}

impl TokenRow {
    /// The beginning of the keys of all tokens of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
    /// The key of a token's row.
    pub fn at(tenant: TenantId, token_hash: &str) -> RowKey {
        RowKey { clustering: vec![token_hash.into()], ..Self::all(tenant) }
    }
}

impl Row for TokenRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.token.token_hash)
    }
}

/// A name that a shop asks the directory for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopNameRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub name: ShopName,
}

impl ShopNameRow {
    /// The key of the row of a shop's name.
    pub fn at(tenant: TenantId, name: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), name.into()], [])
    }
}

impl Row for ShopNameRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.name.name)
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub product: Product,
}

impl ProductRow {
    /// The key of a product's row.
    pub fn at(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [])
    }
}

impl Row for ProductRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.product.product_id)
    }
}

/// The product that an address leads to: its present slug, or one it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSlugRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The address.
    pub slug: String,
    /// The product.
    pub product_id: ProductId,
}

impl ProductSlugRow {
    /// The key of a slug's row.
    pub fn at(tenant: TenantId, slug: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), slug.into()], [])
    }
}

impl Row for ProductSlugRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.slug)
    }
}

/// An image that no product and no logo shows any more. Its files are served to nobody from then on and stay for a while, in case
/// it is wanted back. The row stays: without it a file that was left behind would be served again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedImageRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The image.
    pub image_id: ImageId,
    /// The time at which the image was taken away.
    pub removed_at: Micros,
}

impl RemovedImageRow {
    /// The key of the row of an image that was taken away.
    pub fn at(tenant: TenantId, image: ImageId) -> RowKey {
        RowKey::new([tenant.uuid().into(), image.uuid().into()], [])
    }
}

impl Row for RemovedImageRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.image_id)
    }
}

/// A category. A shop's categories share a partition, because menus read all of them; its bucket is 0 until shops need more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// Always 0 in this generation.
    pub bucket: i64,
    /// The other columns.
    #[serde(flatten)]
    pub category: Category,
}

impl CategoryRow {
    /// A shop's category as a row.
    pub fn new(tenant_id: TenantId, category: Category) -> Self {
        Self { tenant_id, bucket: 0, category }
    }
    /// The beginning of the keys of all categories of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into(), KeyPart::BigInt(0)], [])
    }
    /// The key of a category's row.
    pub fn at(tenant: TenantId, category: CategoryId) -> RowKey {
        RowKey { clustering: vec![category.uuid().into()], ..Self::all(tenant) }
    }
}

impl Row for CategoryRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.category.category_id)
    }
}

/// The category that an address leads to: its present slug, or one it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategorySlugRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The address.
    pub slug: String,
    /// The category.
    pub category_id: CategoryId,
}

impl CategorySlugRow {
    /// The key of a slug's row.
    pub fn at(tenant: TenantId, slug: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), slug.into()], [])
    }
}

impl Row for CategorySlugRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.slug)
    }
}

/// A member of staff. A shop's members share a partition, because lists show and decisions about administrators read all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    /// The shop; the platform's own id for operators.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub staff: StaffMember,
}

impl StaffRow {
    /// The beginning of the keys of all members of a shop's staff.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
    /// The key of a member's row.
    pub fn at(tenant: TenantId, staff: StaffId) -> RowKey {
        RowKey { clustering: vec![staff.uuid().into()], ..Self::all(tenant) }
    }
}

impl Row for StaffRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.staff.staff_id)
    }
}

/// A group of staff. A shop's groups share a partition, because lists show and decisions about names read all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffGroupRow {
    /// The shop; the platform's own id for groups of operators.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub group: StaffGroup,
}

impl StaffGroupRow {
    /// The beginning of the keys of all groups of a shop's staff.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
    /// The key of a group's row.
    pub fn at(tenant: TenantId, group: GroupId) -> RowKey {
        RowKey { clustering: vec![group.uuid().into()], ..Self::all(tenant) }
    }
}

impl Row for StaffGroupRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.group.group_id)
    }
}

/// The member of staff whose e-mail address has a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffEmailRow {
    /// The shop; the platform's own id for operators.
    pub tenant_id: TenantId,
    /// The term of the normalised address, 32 hex digits.
    pub email_term: String,
    /// The member.
    pub staff_id: StaffId,
}

impl StaffEmailRow {
    /// The key of a term's row.
    pub fn at(tenant: TenantId, email_term: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), email_term.into()], [])
    }
}

impl Row for StaffEmailRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.email_term)
    }
}

/// A mail with a link that a member of staff was to get, by which the next ones are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMailRow {
    /// The shop; the platform's own id for operators.
    pub tenant_id: TenantId,
    /// The member.
    pub staff_id: StaffId,
    /// The time at which the mail was asked for.
    pub wanted_at: Micros,
    /// The mail.
    pub mail_id: EffectId,
}

impl StaffMailRow {
    /// The beginning of the keys of a member's mails.
    pub fn all(tenant: TenantId, staff: StaffId) -> RowKey {
        RowKey::new([tenant.uuid().into(), staff.uuid().into()], [])
    }
}

impl Stored for StaffMailRow {
    const TABLE: Table = STAFF_MAIL;
}

impl Row for StaffMailRow {
    fn key(&self) -> RowKey {
        let clustering = vec![KeyPart::BigInt(self.wanted_at), self.mail_id.uuid().into()];
        RowKey { clustering, ..Self::all(self.tenant_id, self.staff_id) }
    }
}
