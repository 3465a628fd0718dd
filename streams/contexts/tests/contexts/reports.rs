//! Reports of shops, which anybody may send.

use feira_contexts::{admin::Admin, payments::Payments, signup::Signup, store::Store};
use feira_schemas::{
    ids::ShopReportId,
    limits::SHOP_REPORTS,
    problem::Code,
    records::{
        AdminEvent,
        admin::{ReportReason, ReportShop, ShopReport, ShopReported, TenantStatus},
        common::Outcome,
    },
    rows::admin::{ShopReportCountRow, ShopReportOfMonthRow, ShopReportRow},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    given::{NOW, SHOP, asked, given, nothing, put, said},
    sample::tenant_row,
};

const REPORT: ShopReportId = ShopReportId::from_uuid(Uuid::from_u128(0x5e));

fn report() -> ReportShop {
    ReportShop { meta: asked(), report_id: REPORT, reason: ReportReason::Fraud, page: Some("/product/vaso".into()) }
}

fn kept() -> ShopReport {
    let ReportShop { report_id, reason, page, .. } = report();
    ShopReport { report_id, reason, page, reported_at: NOW }
}

fn counted(reports: i64) -> ShopReportCountRow {
    ShopReportCountRow { tenant_id: SHOP, reports }
}

#[test]
fn a_shop_is_reported_whatever_its_status() {
    for status in [TenantStatus::Active, TenantStatus::Suspended, TenantStatus::Requested, TenantStatus::Refused] {
        let then = given::<Admin>(tenant_row(status)).when(report());
        let meta = then.answering(0, REPORT, 1, Outcome::Created);
        then.events([ShopReported { meta, report: kept(), reports: 1 }.into()]);
        let of_month = ShopReportOfMonthRow::of(SHOP, &kept());
        assert_eq!((of_month.month.as_str(), of_month.newest_first), ("2023-11", -NOW));
        then.rows([put(of_month), put(ShopReportRow::new(SHOP, kept())), put(counted(1))]);
        assert_eq!(then.entity().as_deref(), Some("shop_report"));
        let body = then.body();
        assert_eq!((&body["reason"], &body["page"]), (&json!("fraud"), &json!("/product/vaso")));
        assert_eq!((&body["id"], &body["tenant_id"]), (&json!(REPORT), &json!(SHOP)));
    }
}

#[test]
fn a_report_need_not_be_about_a_page() {
    let then = given::<Admin>(tenant_row(TenantStatus::Active)).when(ReportShop { page: None, ..report() });
    assert_eq!(then.body()["page"], Value::Null);
}

#[test]
fn each_report_is_counted_until_there_are_so_many_that_no_more_is_kept() {
    let with = |reports| given::<Admin>(tenant_row(TenantStatus::Active)).and(counted(reports));
    let last = with(SHOP_REPORTS - 1).when(report());
    let AdminEvent::ShopReported(event) = last.event() else { panic!("{last:?}") };
    assert_eq!(event.reports, SHOP_REPORTS);
    assert!(last.changes().contains(&put(counted(SHOP_REPORTS))), "{last:?}");
    assert_eq!(with(SHOP_REPORTS).when(report()).unchanged(), None, "whoever reports is thanked all the same");
    assert_eq!(last.then().when(report()).unchanged(), None);
}

#[test]
fn what_is_no_shop_is_not_reported() {
    nothing::<Admin>().when(report()).refused(Code::NotFound);
}

#[test]
fn nobody_else_makes_anything_of_a_report() {
    let event = || AdminEvent::from(ShopReported { meta: said(REPORT, 1), report: kept(), reports: 1 });
    nothing::<Store>().when_said(event()).nothing();
    nothing::<Payments>().when_said(event()).nothing();
    nothing::<Signup>().when_said(event()).nothing();
}
