//! The merchant's side: tenants, settings, categories, products.

mod categories;
mod products;
mod tenants;

pub use categories::*;
pub use products::*;
pub use tenants::*;

use super::common::CommandAnswered;
use super::sets::{avro_files, command_set, event_set};

command_set! {
    /// `admin.commands`, keyed by tenant.
    AdminCommand of Admin {
        ProvisionTenant = "feira.admin.ProvisionTenant",
        AnswerNameClaim = "feira.admin.AnswerNameClaim",
        SuspendTenant = "feira.admin.SuspendTenant",
        ResumeTenant = "feira.admin.ResumeTenant",
        IssueToken = "feira.admin.IssueToken",
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
    }
}

event_set! {
    /// `admin.events`, keyed by tenant.
    AdminEvent {
        TenantChanged = "feira.admin.TenantChanged",
        SettingsChanged = "feira.admin.SettingsChanged",
        TokenChanged = "feira.admin.TokenChanged",
        CategoryChanged = "feira.admin.CategoryChanged",
        CategoryDeleted = "feira.admin.CategoryDeleted",
        ProductChanged = "feira.admin.ProductChanged",
        ProductDeleted = "feira.admin.ProductDeleted",
    }
}

/// Avro files of these types.
pub(crate) const AVRO: &[(&str, &str)] = avro_files! {
    "admin":
    "VariantContent", "ProductContent", "Variant", "Product", "Category", "CategoryContent", "TenantStatus", "Tenant",
    "Logo", "Settings", "TokenStatus", "Token", "ProvisionTenant", "AnswerNameClaim", "SuspendTenant", "ResumeTenant",
    "IssueToken", "ChangeSettings", "ChangeLogo", "CreateProduct", "ReplaceProduct", "PatchProduct", "DeleteProduct",
    "ImportImage", "ImportProduct", "AddProductImage", "ChangeProductImage", "RemoveProductImage", "FailProductImage",
    "CreateCategory", "ReplaceCategory", "PatchCategory", "DeleteCategory", "TenantChanged", "SettingsChanged",
    "TokenChanged", "CategoryChanged", "CategoryDeleted", "ProductChanged", "ProductDeleted"
};
