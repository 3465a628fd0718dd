//! Admin's entities as answers show them: exactly as the API gives them, but for members of staff, whose
//! record the API opens, their groups, and domains.

use feira_schemas::{
    api::{
        category::category_json,
        coupon::coupon_json,
        payment_method::{offered_method_json, product_method_json, shop_method_json},
        product::product_text,
        report::report_json,
        settings::settings_json,
        shipping::shipping_json,
        tenant::tenant_json,
    },
    records::{
        AdminEvent,
        admin::{
            Category, Coupon, Domain, OfferedMethod, Product, ProductMethod, Settings, ShippingOption, ShopMethod,
            StaffGroup, StaffMember, Tenant,
            entity::{
                CATEGORY, COUPON, DOMAIN, MAIL, OFFERED_METHOD, PRODUCT, PRODUCT_METHOD, SETTINGS, SHIPPING,
                SHOP_METHOD, SHOP_REPORT, STAFF, STAFF_GROUP, TENANT, TOKEN,
            },
        },
    },
    staff::MAIL_WANTED,
};
use serde_json::json;

use crate::Shown;

pub(super) fn shown(event: &AdminEvent) -> Option<Shown> {
    Some(match event {
        AdminEvent::TenantChanged(event) => tenant(&event.tenant),
        AdminEvent::SettingsChanged(event) => settings(&event.settings),
        AdminEvent::TokenChanged(event) => Shown::new(TOKEN, json!({"label": event.token.label})),
        AdminEvent::CategoryChanged(event) => category(&event.category),
        AdminEvent::CategoryDeleted(_) => Shown::without_json(CATEGORY),
        AdminEvent::ProductChanged(event) => product(&event.product),
        AdminEvent::ProductDeleted(_) => Shown::without_json(PRODUCT),
        AdminEvent::StaffChanged(event) => staff(&event.staff),
        AdminEvent::StaffGroupChanged(event) => group(&event.group),
        AdminEvent::StaffGroupRemoved(_) => Shown::without_json(STAFF_GROUP),
        AdminEvent::ShopReported(event) => Shown::new(SHOP_REPORT, report_json(event.meta.tenant_id, &event.report)),
        AdminEvent::OfferedMethodChanged(event) => offered_method(&event.method),
        AdminEvent::OfferedMethodRemoved(_) => Shown::without_json(OFFERED_METHOD),
        AdminEvent::ShopMethodChanged(event) => shop_method(&event.method),
        AdminEvent::ShopMethodRemoved(_) => Shown::without_json(SHOP_METHOD),
        AdminEvent::ProductMethodChanged(event) => product_method(&event.method),
        AdminEvent::ProductMethodRemoved(_) => Shown::without_json(PRODUCT_METHOD),
        AdminEvent::DomainChanged(event) => domain(&event.domain),
        AdminEvent::CouponChanged(event) => coupon(&event.coupon),
        AdminEvent::CouponRemoved(_) => Shown::without_json(COUPON),
        AdminEvent::ShippingChanged(event) => shipping(&event.option),
        AdminEvent::ShippingRemoved(_) => Shown::without_json(SHIPPING),
        AdminEvent::MailWanted(_) | AdminEvent::MailDone(_) => Shown::without_json(MAIL),
        AdminEvent::ShopNameChanged(_)
        | AdminEvent::StandingChanged(_)
        | AdminEvent::CommandAnswered(_)
        | AdminEvent::TimerSet(_)
        | AdminEvent::TimerCleared(_) => return None,
    })
}

pub(super) fn tenant(tenant: &Tenant) -> Shown {
    Shown::new(TENANT, tenant_json(tenant))
}

pub(super) fn settings(settings: &Settings) -> Shown {
    Shown::new(SETTINGS, settings_json(settings))
}

pub(super) fn category(category: &Category) -> Shown {
    Shown::new(CATEGORY, category_json(category))
}

pub(super) fn product(product: &Product) -> Shown {
    Shown { entity: PRODUCT, json: Some(product_text(product)) }
}

pub(super) fn offered_method(method: &OfferedMethod) -> Shown {
    Shown::new(OFFERED_METHOD, offered_method_json(method))
}

pub(super) fn shop_method(method: &ShopMethod) -> Shown {
    Shown::new(SHOP_METHOD, shop_method_json(method))
}

pub(super) fn product_method(method: &ProductMethod) -> Shown {
    Shown::new(PRODUCT_METHOD, product_method_json(method))
}

pub(super) fn coupon(coupon: &Coupon) -> Shown {
    Shown::new(COUPON, coupon_json(coupon))
}

pub(super) fn shipping(option: &ShippingOption) -> Shown {
    Shown::new(SHIPPING, shipping_json(option))
}

/// A member of staff, sealed as it is. Its password is nobody's matter, sealed or not.
pub(super) fn staff(member: &StaffMember) -> Shown {
    let member = StaffMember { password: None, ..member.clone() };
    Shown { entity: STAFF, json: serde_json::to_string(&member).ok() }
}

/// A shop's domain, as its record is: where it is to lead to the API knows.
pub(super) fn domain(domain: &Domain) -> Shown {
    Shown { entity: DOMAIN, json: serde_json::to_string(domain).ok() }
}

/// A group of staff, as its record is: the API makes of it what it gives.
pub(super) fn group(group: &StaffGroup) -> Shown {
    Shown { entity: STAFF_GROUP, json: serde_json::to_string(group).ok() }
}

/// A member as [`staff`] shows it, beside the word that a mail goes to it.
pub(super) fn staff_written_to(member: &StaffMember) -> Shown {
    let shown = serde_json::to_value(StaffMember { password: None, ..member.clone() }).ok();
    let json = shown.map(|mut shown| {
        shown[MAIL_WANTED] = true.into();
        shown.to_string()
    });
    Shown { entity: STAFF, json }
}
