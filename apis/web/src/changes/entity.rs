//! The entity that an event of admin holds, as the API shows it; what is sealed in it stays so, and a removal's is the entity as it was.

use feira_schemas::{
    api::{
        category::category_json,
        coupon::coupon_json,
        domain::domain_json,
        payment_method::{product_method_json, shop_method_json, usual_name},
        product::product_json,
        settings::settings_json,
        shipping::shipping_json,
        staff::{StaffShown, staff_json},
        staff_group::group_json,
        tenant::{tenant_json, token_json},
    },
    records::{AdminEvent, admin::StaffMember},
    time::rfc3339,
};
use serde_json::{Value, json};

use super::differences::sealed;

/// An entity at one time.
pub(super) struct Entity {
    /// Its name, where that is no personal data.
    pub(super) name: Option<String>,
    /// The entity as the API shows it.
    pub(super) json: Value,
    /// What it was before, where its event says that; else the entity's event before does.
    pub(super) was: Option<Value>,
}

impl Entity {
    /// An entity whose event says what it is alone.
    pub(super) fn of(name: Option<&str>, json: Value) -> Self {
        Self { name: name.map(str::to_owned), json, was: None }
    }
}

/// The entity of an event; `None` of one that changes none of a shop's.
pub(super) fn entity(event: &AdminEvent) -> Option<Entity> {
    let named = |name: &str, json: Value| Entity::of(Some(name), json);
    Some(match event {
        AdminEvent::TenantChanged(event) => named(&event.tenant.subdomain, tenant_json(&event.tenant)),
        AdminEvent::SettingsChanged(event) => named(&event.settings.shop_name, settings_json(&event.settings)),
        AdminEvent::TokenChanged(event) => named(&event.token.label, token_json(&event.token)),
        AdminEvent::CategoryChanged(event) => named(&event.category.name, category_json(&event.category)),
        AdminEvent::CategoryDeleted(event) => named(&event.category.name, category_json(&event.category)),
        AdminEvent::ProductChanged(event) => named(&event.product.name, product_json(&event.product)),
        AdminEvent::ProductDeleted(event) => named(&event.product.name, product_json(&event.product)),
        AdminEvent::StaffChanged(event) => Entity::of(None, member_json(&event.staff)),
        AdminEvent::StaffGroupChanged(event) => named(&event.group.name, group_json(&event.group)),
        AdminEvent::StaffGroupRemoved(event) => named(&event.group.name, group_json(&event.group)),
        AdminEvent::ShopMethodChanged(event) => named(usual_name(event.method.method), shop_method_json(&event.method)),
        AdminEvent::ShopMethodRemoved(event) => named(usual_name(event.method.method), shop_method_json(&event.method)),
        AdminEvent::ProductMethodChanged(event) => {
            named(usual_name(event.method.method), product_method_json(&event.method))
        }
        AdminEvent::ProductMethodRemoved(event) => {
            named(usual_name(event.method.method), product_method_json(&event.method))
        }
        AdminEvent::DomainChanged(event) => {
            named(&event.domain.domain, domain_json(&event.domain, event.meta.aggregate_version))
        }
        AdminEvent::CouponChanged(event) => named(&event.coupon.code, coupon_json(&event.coupon)),
        AdminEvent::CouponRemoved(event) => named(&event.coupon.code, coupon_json(&event.coupon)),
        AdminEvent::ShippingChanged(event) => named(&event.option.content.name, shipping_json(&event.option)),
        AdminEvent::ShippingRemoved(event) => named(&event.option.content.name, shipping_json(&event.option)),
        AdminEvent::OfferedMethodChanged(_)
        | AdminEvent::OfferedMethodRemoved(_)
        | AdminEvent::ShopNameChanged(_)
        | AdminEvent::StandingChanged(_)
        | AdminEvent::ShopReported(_)
        | AdminEvent::MailWanted(_)
        | AdminEvent::MailDone(_)
        | AdminEvent::CommandAnswered(_)
        | AdminEvent::TimerSet(_)
        | AdminEvent::TimerCleared(_) => return None,
    })
}

/// A member of staff, of whom nothing is opened: that a sealed field has changed can be told by what seals it.
fn member_json(member: &StaffMember) -> Value {
    let mut shown = staff_json(member, &StaffShown { email: None, name: None });
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| name != "erased");
    }
    shown["email"] = sealed(&member.email);
    shown["name"] = sealed(&member.name);
    shown["password"] = member.password.as_ref().map_or(Value::Null, sealed);
    // Zero until somebody has ended them.
    shown["sessions_not_before"] = json!(Some(member.sessions_not_before).filter(|time| *time > 0).map(rfc3339));
    shown
}
