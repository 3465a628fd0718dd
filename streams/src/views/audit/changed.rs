//! What an event of admin changes: the entity, and what was done to it.

use feira_schemas::{
    api::{payment_method::method_word, tenant::token_id},
    groups,
    records::{
        AdminEvent, EventSet,
        admin::{
            Domain, DomainChanged, DomainStatus,
            entity::{
                CATEGORY, COUPON, DOMAIN, OFFERED_METHOD, PRODUCT, PRODUCT_METHOD, SETTINGS, SHIPPING, SHOP_METHOD,
                STAFF, STAFF_GROUP, TENANT, TOKEN,
            },
        },
    },
    rows::audit::action,
};

use super::Changed;

/// The entity that an event changes; `None` of timers, mails, and what buyers report.
pub(super) fn changed(event: &AdminEvent) -> Option<Changed> {
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
        AdminEvent::DomainChanged(event) if is_only_looked_at(event) => return None,
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

/// True where a domain is to be looked at, or was and is as it was: such events come for as long as a shop has a domain.
fn is_only_looked_at(event: &DomainChanged) -> bool {
    let DomainChanged { meta, domain, look_wanted } = event;
    let is_report = meta.actor.strip_prefix("system:") == Some(groups::DOMAINS.name);
    let changes_nothing = match domain.status {
        _ if !domain.found.is_answered() => true,
        DomainStatus::Pending => true,
        // The look that misses the proof begins the time in which it must come back.
        DomainStatus::Lapsing => domain.until != domain.looked_at.map(Domain::given_from),
        // One that leads to the shop is looked at seldom, and the look may have found the proof again, or the address at last.
        DomainStatus::Active => !domain.found.address,
        DomainStatus::Ended | DomainStatus::Unknown => false,
    };
    *look_wanted || (is_report && domain.ended_because.is_none() && changes_nothing)
}

#[cfg(test)]
mod tests {
    use feira_schemas::{
        ids::{CommandId, EventId},
        records::{
            admin::DomainFound,
            common::{EventMeta, InputPosition},
        },
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::tenant;

    /// A time at which a domain was looked at.
    const LOOKED_AT: i64 = 1_720_000_000_000_000;

    /// A change of a domain by this actor, found so.
    fn domain_changed(actor: &str, status: DomainStatus, why: Option<&str>) -> DomainChanged {
        let meta = EventMeta {
            event_id: EventId::from_uuid(Uuid::from_u128(2)),
            tenant_id: tenant(7),
            aggregate_id: "domain".into(),
            aggregate_version: 2,
            write_ts: LOOKED_AT,
            causation_id: CommandId::from_uuid(Uuid::from_u128(3)),
            input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
            occurred_at: LOOKED_AT,
            actor: actor.to_owned(),
            answers: None,
        };
        let domain = Domain {
            domain: "loja.example".into(),
            proof: "feira-verification=x".into(),
            status,
            claimed_at: LOOKED_AT - 1,
            until: None,
            active_since: None,
            looked_at: Some(LOOKED_AT),
            found: DomainFound { why: why.map(str::to_owned), ..DomainFound::default() },
            ended_because: None,
        };
        DomainChanged { meta, domain, look_wanted: false }
    }

    fn is_told(event: DomainChanged) -> bool {
        changed(&event.into()).is_some()
    }

    #[test]
    fn f20_looks_at_a_domain_that_change_nothing_are_no_history() {
        use DomainStatus::{Active, Ended, Lapsing, Pending};
        const LOOK: &str = "system:domains";
        for (actor, status, why, told) in [
            ("staff:ana", Pending, None, true),
            (LOOK, Pending, Some(DomainFound::NO_TXT), false),
            (LOOK, Pending, None, false),
            ("system:directory", Active, None, true),
            (LOOK, Active, None, false),
            (LOOK, Active, Some(DomainFound::TIMEOUT), false),
            (LOOK, Lapsing, Some(DomainFound::REFUSED), false),
            ("staff:ana", Ended, None, true),
            ("system:admin", Ended, Some(DomainFound::NO_TXT), true),
        ] {
            assert_eq!(is_told(domain_changed(actor, status, why)), told, "{actor} {status:?} {why:?}");
        }
        let wanted = DomainChanged { look_wanted: true, ..domain_changed("staff:ana", Pending, None) };
        assert!(!is_told(wanted));
        let active = domain_changed(LOOK, Active, None);
        let found = DomainFound { address: true, ..DomainFound::default() };
        assert!(is_told(DomainChanged { domain: Domain { found, ..active.domain.clone() }, ..active }));
        let missed = domain_changed(LOOK, Lapsing, Some(DomainFound::NO_TXT));
        for (until, told) in [(LOOKED_AT, true), (LOOKED_AT - 1, false)] {
            let domain = Domain { until: Some(Domain::given_from(until)), ..missed.domain.clone() };
            assert_eq!(is_told(DomainChanged { domain, ..missed.clone() }), told, "missed first at {until}");
        }
    }
}
