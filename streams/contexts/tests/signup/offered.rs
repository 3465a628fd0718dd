//! Which plans are offered, and how they can be paid.

use feira_schemas::{
    ids::TenantId,
    money::Money,
    records::{
        payments::PaymentMethod::{self, Boleto, Card, Pix, Unknown},
        signup::{Plan, PlanStatus, RemotePlan, RemotePlanStatus},
    },
    rows::signup::PlanRow,
};

use crate::sample::{asked, plan_of};

/// A plan that can be paid in these ways, at this stage at the gateway.
fn plan(methods: &[PaymentMethod], status: RemotePlanStatus) -> Plan {
    let plan = plan_of(&asked());
    let remote = plan.remote.clone().map(|remote| RemotePlan { status, ..remote });
    Plan { methods: methods.to_vec(), remote, ..plan }
}

#[test]
fn s03_a_plan_is_offered_while_it_is_active_and_can_be_paid_in_some_way() {
    for (methods, stage, by) in [
        (&[Card, Boleto, Pix][..], RemotePlanStatus::Made, &[Card, Boleto, Pix][..]),
        (&[Card, Boleto, Pix], RemotePlanStatus::Making, &[Boleto, Pix]),
        (&[Card], RemotePlanStatus::Made, &[Card]),
        (&[Card], RemotePlanStatus::Asked, &[]),
        (&[Card], RemotePlanStatus::Making, &[]),
        (&[Card], RemotePlanStatus::Refused, &[]),
        (&[Card], RemotePlanStatus::NoAccount, &[]),
        (&[Card], RemotePlanStatus::Unknown, &[]),
        (&[Pix, Unknown], RemotePlanStatus::Made, &[Pix]),
        (&[Unknown], RemotePlanStatus::Made, &[]),
        (&[], RemotePlanStatus::Made, &[]),
    ] {
        let plan = plan(methods, stage);
        assert_eq!((plan.payable_by(), plan.is_offered()), (by.to_vec(), !by.is_empty()), "{methods:?} {stage:?}");
        for status in [PlanStatus::Inactive, PlanStatus::Unknown] {
            assert!(!Plan { status, ..plan.clone() }.is_offered());
        }
    }
}

#[test]
fn a_plan_at_the_gateway_of_another_price_or_period_takes_no_cards() {
    let made = plan(&[Card], RemotePlanStatus::Made);
    for other in [Plan { price: Money::brl(100), ..made.clone() }, Plan { months: 12, ..made.clone() }] {
        assert!(!other.is_offered(), "{other:?}");
    }
    assert!(!Plan { remote: None, ..made }.is_offered());
}

#[test]
fn a_plan_is_a_row_of_the_platform() {
    let row = PlanRow { tenant_id: TenantId::PLATFORM, plan: plan(&[Pix], RemotePlanStatus::Made) };
    let json = serde_json::to_value(&row).unwrap();
    assert_eq!(serde_json::from_value::<PlanRow>(json).unwrap(), row);
}
