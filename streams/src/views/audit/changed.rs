//! What an event changes: the entity, and what was done to it.

use feira_schemas::{
    api::{payment_method::method_word, tenant::token_id},
    records::{
        AdminEvent, EventSet,
        admin::entity::{
            CATEGORY, COUPON, DOMAIN, OFFERED_METHOD, PRODUCT, PRODUCT_METHOD, SETTINGS, SHIPPING, SHOP_METHOD, STAFF,
            STAFF_GROUP, TENANT, TOKEN,
        },
    },
    rows::audit::action,
};

/// An entity, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The kind of the entity, as answers name it.
    pub kind: &'static str,
    /// The entity.
    pub entity_id: String,
    /// One of [`action`].
    pub action: &'static str,
    /// The actor, as in the command.
    pub actor: String,
}

/// The entity that an event changes; `None` where it is nobody's to look at, such as timers, mails, and what buyers report.
pub fn changed(event: &AdminEvent) -> Option<Changed> {
    let (kind, entity_id, is_removed) = match event {
        AdminEvent::TenantChanged(event) => (TENANT, event.tenant.tenant_id.to_string(), false),
        AdminEvent::SettingsChanged(event) => (SETTINGS, event.meta.tenant_id.to_string(), false),
        AdminEvent::TokenChanged(event) => (TOKEN, token_id(&event.token.token_hash).to_owned(), false),
        AdminEvent::CategoryChanged(event) => (CATEGORY, event.category.category_id.to_string(), false),
        AdminEvent::CategoryDeleted(event) => (CATEGORY, event.category.category_id.to_string(), true),
        AdminEvent::ProductChanged(event) => (PRODUCT, event.product.product_id.to_string(), false),
        AdminEvent::ProductDeleted(event) => (PRODUCT, event.product.product_id.to_string(), true),
        AdminEvent::StaffChanged(event) => (STAFF, event.staff.staff_id.to_string(), false),
        AdminEvent::StaffGroupChanged(event) => (STAFF_GROUP, event.group.group_id.to_string(), false),
        AdminEvent::StaffGroupRemoved(event) => (STAFF_GROUP, event.group.group_id.to_string(), true),
        AdminEvent::OfferedMethodChanged(event) => (OFFERED_METHOD, method_word(event.method.method).to_owned(), false),
        AdminEvent::OfferedMethodRemoved(event) => (OFFERED_METHOD, method_word(event.method.method).to_owned(), true),
        AdminEvent::ShopMethodChanged(event) => (SHOP_METHOD, method_word(event.method.method).to_owned(), false),
        AdminEvent::ShopMethodRemoved(event) => (SHOP_METHOD, method_word(event.method.method).to_owned(), true),
        AdminEvent::ProductMethodChanged(event) => {
            let method = &event.method;
            (PRODUCT_METHOD, format!("{}/{}", method.product_id, method_word(method.method)), false)
        }
        AdminEvent::ProductMethodRemoved(event) => {
            let method = &event.method;
            (PRODUCT_METHOD, format!("{}/{}", method.product_id, method_word(method.method)), true)
        }
        AdminEvent::DomainChanged(event) => (DOMAIN, event.meta.tenant_id.to_string(), false),
        AdminEvent::CouponChanged(event) => (COUPON, event.coupon.code.clone(), false),
        AdminEvent::CouponRemoved(event) => (COUPON, event.coupon.code.clone(), true),
        AdminEvent::ShippingChanged(event) => (SHIPPING, event.option.shipping_id.to_string(), false),
        AdminEvent::ShippingRemoved(event) => (SHIPPING, event.option.shipping_id.to_string(), true),
        AdminEvent::ShopNameChanged(_)
        | AdminEvent::StandingChanged(_)
        | AdminEvent::ShopReported(_)
        | AdminEvent::MailWanted(_)
        | AdminEvent::MailDone(_)
        | AdminEvent::CommandAnswered(_)
        | AdminEvent::TimerSet(_)
        | AdminEvent::TimerCleared(_) => return None,
    };
    let meta = event.meta();
    let action = match (is_removed, meta.aggregate_version) {
        (true, _) => action::REMOVED,
        (false, 1) => action::CREATED,
        (false, _) => action::CHANGED,
    };
    Some(Changed { kind, entity_id, action, actor: meta.actor.clone() })
}
