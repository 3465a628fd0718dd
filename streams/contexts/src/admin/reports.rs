//! Reports of a shop. They are taken whatever the shop's status, and up to a number: by then operators know.

use feira_schemas::{
    ids::TenantId,
    limits,
    problem::{Code, Refusal},
    records::{
        AdminEvent,
        admin::{ReportShop, ShopReport, ShopReported, entity::SHOP_REPORT},
        common::Outcome,
    },
    refusals,
    rows::admin::{ShopReportCountRow, TenantRow},
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Shown};

/// Somebody reports a shop. Of one that was reported so often that no more is kept nothing changes, and whoever reports is thanked all the same.
pub(super) fn report(command: &ReportShop, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    if rows.get::<TenantRow>(TenantRow::at(tenant))?.is_none() {
        return Err(Refusal::new(Code::NotFound, refusals::NO_SUCH_SHOP).into());
    }
    let before = known(tenant, rows)?;
    if before >= limits::SHOP_REPORTS {
        return Ok(Decision::unchanged(context, Shown::without_json(SHOP_REPORT)));
    }
    let (report_id, reason, page) = (command.report_id, command.reason, command.page.clone());
    let report = ShopReport { report_id, reason, page, reported_at: context.now };
    let mut decision = Decision::new(context);
    decision.answer(Outcome::Created, EntityVersion::new(report_id, 1), |meta| ShopReported {
        meta,
        report,
        reports: before + 1,
    });
    Ok(decision)
}

fn known(tenant: TenantId, rows: &Rows) -> Result<i64, Need> {
    let row = rows.get::<ShopReportCountRow>(ShopReportCountRow::at(tenant))?;
    Ok(row.map_or(0, |row| row.reports))
}
