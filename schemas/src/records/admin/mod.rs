//! The merchant's side: tenants, settings, categories, products, coupons, payment methods, staff.

mod categories;
mod coupons;
mod domains;
mod groups;
mod methods;
mod products;
mod published;
mod reports;
mod shipping;
mod staff;
mod standing;
mod tenants;

pub use categories::*;
pub use coupons::*;
pub use domains::*;
pub use groups::*;
pub use methods::*;
pub use products::*;
pub use published::*;
pub use reports::*;
pub use shipping::*;
pub use staff::*;
pub use standing::*;
pub use tenants::*;

use super::{
    common::{CommandAnswered, TimerCleared, TimerSet},
    definition::Definition,
    mails::{MailDone, MailEvent, MailWanted, ReportMail, SaysMails},
    sets::{AnySet, Touches, avro_files, command_set, event_set},
};
use crate::ids::ProductId;

command_set! {
    /// `admin.commands`, keyed by tenant.
    AdminCommand of Admin {
        ProvisionTenant = "feira.admin.ProvisionTenant",
        AnswerNameClaim = "feira.admin.AnswerNameClaim",
        SuspendTenant = "feira.admin.SuspendTenant",
        ResumeTenant = "feira.admin.ResumeTenant",
        CloseTenant = "feira.admin.CloseTenant",
        IssueToken = "feira.admin.IssueToken",
        RevokeToken = "feira.admin.RevokeToken",
        ChangeSettings = "feira.admin.ChangeSettings",
        ChangeLogo = "feira.admin.ChangeLogo",
        CreateProduct = "feira.admin.CreateProduct",
        ReplaceProduct = "feira.admin.ReplaceProduct",
        PatchProduct = "feira.admin.PatchProduct",
        DeleteProduct = "feira.admin.DeleteProduct",
        ImportProduct = "feira.admin.ImportProduct",
        AddProductImage = "feira.admin.AddProductImage",
        ChangeProductImage = "feira.admin.ChangeProductImage",
        RemoveProductImage = "feira.admin.RemoveProductImage",
        FailProductImage = "feira.admin.FailProductImage",
        CreateCategory = "feira.admin.CreateCategory",
        ReplaceCategory = "feira.admin.ReplaceCategory",
        PatchCategory = "feira.admin.PatchCategory",
        DeleteCategory = "feira.admin.DeleteCategory",
        InviteStaff = "feira.admin.InviteStaff",
        SetStaffPassword = "feira.admin.SetStaffPassword",
        ChangeStaff = "feira.admin.ChangeStaff",
        EndStaffSessions = "feira.admin.EndStaffSessions",
        AskStaffLink = "feira.admin.AskStaffLink",
        CreateStaffGroup = "feira.admin.CreateStaffGroup",
        ChangeStaffGroup = "feira.admin.ChangeStaffGroup",
        RemoveStaffGroup = "feira.admin.RemoveStaffGroup",
        ReportShop = "feira.admin.ReportShop",
        SetOfferedMethod = "feira.admin.SetOfferedMethod",
        RemoveOfferedMethod = "feira.admin.RemoveOfferedMethod",
        SetShopMethod = "feira.admin.SetShopMethod",
        RemoveShopMethod = "feira.admin.RemoveShopMethod",
        SetProductMethod = "feira.admin.SetProductMethod",
        RemoveProductMethod = "feira.admin.RemoveProductMethod",
        ClaimDomain = "feira.admin.ClaimDomain",
        WithdrawDomain = "feira.admin.WithdrawDomain",
        CheckDomain = "feira.admin.CheckDomain",
        ReportDomain = "feira.admin.ReportDomain",
        SetCoupon = "feira.admin.SetCoupon",
        RemoveCoupon = "feira.admin.RemoveCoupon",
        CreateShipping = "feira.admin.CreateShipping",
        ChangeShipping = "feira.admin.ChangeShipping",
        MoveShipping = "feira.admin.MoveShipping",
        RemoveShipping = "feira.admin.RemoveShipping",
        ReportMail = "feira.common.ReportMail",
    }
}

event_set! {
    /// `admin.events`, keyed by tenant.
    AdminEvent {
        TenantChanged = "feira.admin.TenantChanged",
        SettingsChanged = "feira.admin.SettingsChanged",
        TokenChanged = "feira.admin.TokenChanged",
        ShopNameChanged = "feira.admin.ShopNameChanged",
        CategoryChanged = "feira.admin.CategoryChanged",
        CategoryDeleted = "feira.admin.CategoryDeleted",
        ProductChanged = "feira.admin.ProductChanged",
        ProductDeleted = "feira.admin.ProductDeleted",
        StaffChanged = "feira.admin.StaffChanged",
        StaffGroupChanged = "feira.admin.StaffGroupChanged",
        StaffGroupRemoved = "feira.admin.StaffGroupRemoved",
        StandingChanged = "feira.admin.StandingChanged",
        ShopReported = "feira.admin.ShopReported",
        OfferedMethodChanged = "feira.admin.OfferedMethodChanged",
        OfferedMethodRemoved = "feira.admin.OfferedMethodRemoved",
        ShopMethodChanged = "feira.admin.ShopMethodChanged",
        ShopMethodRemoved = "feira.admin.ShopMethodRemoved",
        ProductMethodChanged = "feira.admin.ProductMethodChanged",
        ProductMethodRemoved = "feira.admin.ProductMethodRemoved",
        DomainChanged = "feira.admin.DomainChanged",
        CouponChanged = "feira.admin.CouponChanged",
        CouponRemoved = "feira.admin.CouponRemoved",
        ShippingChanged = "feira.admin.ShippingChanged",
        ShippingRemoved = "feira.admin.ShippingRemoved",
        MailWanted = "feira.common.MailWanted",
        MailDone = "feira.common.MailDone",
    }
}

/// The entities that admin's answers show, as they name them.
pub mod entity {
    /// A shop.
    pub const TENANT: &str = "tenant";
    /// The settings of a shop.
    pub const SETTINGS: &str = "settings";
    /// A token of the admin API, without its secret.
    pub const TOKEN: &str = "token";
    /// A category.
    pub const CATEGORY: &str = "category";
    /// A product with its images.
    pub const PRODUCT: &str = "product";
    /// A member of staff, without its password.
    pub const STAFF: &str = "staff";
    /// A group of members of staff.
    pub const STAFF_GROUP: &str = "staff_group";
    /// A report that something is wrong with a shop.
    pub const SHOP_REPORT: &str = "shop_report";
    /// A payment method as shops may offer it.
    pub const OFFERED_METHOD: &str = "offered_method";
    /// A payment method of a shop.
    pub const SHOP_METHOD: &str = "shop_method";
    /// A payment method of a product.
    pub const PRODUCT_METHOD: &str = "product_method";
    /// The domain of a shop.
    pub const DOMAIN: &str = "domain";
    /// A coupon.
    pub const COUPON: &str = "coupon";
    /// A way in which a shop delivers.
    pub const SHIPPING: &str = "shipping_option";
    /// A mail.
    pub const MAIL: &str = "mail";
}

impl SaysMails for AdminEvent {
    fn as_mail(&self) -> Option<MailEvent<'_>> {
        match self {
            Self::MailWanted(event) => Some(MailEvent::Wanted(event)),
            Self::MailDone(event) => Some(MailEvent::Done(event)),
            _ => None,
        }
    }
}

impl Touches for AdminCommand {
    fn product(&self) -> Option<ProductId> {
        match self {
            Self::ReplaceProduct(command) => Some(command.product_id),
            Self::PatchProduct(command) => Some(command.product_id),
            Self::DeleteProduct(command) => Some(command.product_id),
            Self::AddProductImage(command) => Some(command.product_id),
            Self::ChangeProductImage(command) => Some(command.product_id),
            Self::RemoveProductImage(command) => Some(command.product_id),
            Self::FailProductImage(command) => Some(command.product_id),
            // What an import brings is the whole product; the others change what is small.
            Self::ImportProduct(_)
            | Self::CreateProduct(_)
            | Self::ProvisionTenant(_)
            | Self::AnswerNameClaim(_)
            | Self::SuspendTenant(_)
            | Self::ResumeTenant(_)
            | Self::CloseTenant(_)
            | Self::IssueToken(_)
            | Self::RevokeToken(_)
            | Self::ChangeSettings(_)
            | Self::ChangeLogo(_)
            | Self::CreateCategory(_)
            | Self::ReplaceCategory(_)
            | Self::PatchCategory(_)
            | Self::DeleteCategory(_)
            | Self::InviteStaff(_)
            | Self::SetStaffPassword(_)
            | Self::ChangeStaff(_)
            | Self::EndStaffSessions(_)
            | Self::AskStaffLink(_)
            | Self::CreateStaffGroup(_)
            | Self::ChangeStaffGroup(_)
            | Self::RemoveStaffGroup(_)
            | Self::ReportShop(_)
            | Self::SetOfferedMethod(_)
            | Self::RemoveOfferedMethod(_)
            | Self::SetShopMethod(_)
            | Self::RemoveShopMethod(_)
            | Self::SetProductMethod(_)
            | Self::RemoveProductMethod(_)
            | Self::ClaimDomain(_)
            | Self::WithdrawDomain(_)
            | Self::CheckDomain(_)
            | Self::ReportDomain(_)
            | Self::SetCoupon(_)
            | Self::RemoveCoupon(_)
            | Self::CreateShipping(_)
            | Self::ChangeShipping(_)
            | Self::MoveShipping(_)
            | Self::RemoveShipping(_)
            | Self::ReportMail(_) => None,
        }
    }
}

/// The definition of the context `admin`: its name, number, records and Avro files.
pub(super) const CONTEXT: Definition = Definition {
    name: "admin",
    number: 2,
    keyed_by_shop: true,
    does: "decides the merchants' changes",
    sets: [AnySet::of::<AdminCommand>(), AnySet::of::<AdminEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "admin":
    "VariantContent", "ProductContent", "Variant", "Product", "Category", "CategoryContent", "TenantStatus", "Tenant",
    "Logo", "Contact", "Seller", "Policies", "Settings", "TokenStatus", "Token", "ShopNameStatus", "ShopName", "ProvisionTenant", "AnswerNameClaim", "SuspendTenant", "ResumeTenant",
    "CloseTenant", "IssueToken", "ChangeSettings", "ChangeLogo", "CreateProduct", "ReplaceProduct", "PatchProduct", "DeleteProduct",
    "ImportImage", "ImportProduct", "AddProductImage", "ChangeProductImage", "RemoveProductImage", "FailProductImage",
    "CreateCategory", "ReplaceCategory", "PatchCategory", "DeleteCategory", "TenantChanged", "SettingsChanged",
    "TokenChanged", "ShopNameChanged", "CategoryChanged", "CategoryDeleted", "ProductChanged", "ProductDeleted",
    "StaffStatus", "Staff", "InviteStaff", "SetStaffPassword", "ChangeStaff", "EndStaffSessions", "AskStaffLink",
    "StaffChanged", "StaffGroup", "CreateStaffGroup", "ChangeStaffGroup", "RemoveStaffGroup", "StaffGroupChanged",
    "StaffGroupRemoved", "RevokeToken", "Standing", "StandingChanged", "ReportReason", "ShopReport", "ReportShop", "ShopReported",
    "PaymentTerms", "OfferedMethod", "ShopMethod", "ProductMethod", "SetOfferedMethod", "RemoveOfferedMethod", "SetShopMethod",
    "RemoveShopMethod", "SetProductMethod", "RemoveProductMethod", "OfferedMethodChanged", "OfferedMethodRemoved",
    "ShopMethodChanged", "ShopMethodRemoved", "ProductMethodChanged", "ProductMethodRemoved",
    "DomainStatus", "DomainFound", "Domain", "ClaimDomain", "WithdrawDomain", "CheckDomain", "ReportDomain", "DomainChanged",
    "CouponKind", "CouponTerms", "Coupon", "SetCoupon", "RemoveCoupon", "CouponChanged", "CouponRemoved",
    "ShippingKind", "ShippingRate", "ShippingContent", "ShippingOption", "CreateShipping", "ChangeShipping", "MoveShipping",
    "RemoveShipping", "ShippingChanged", "ShippingRemoved"
};
