//! Reports of shops: sending one, and all of them as the platform's staff sees them, the newest first.

use std::collections::HashMap;

use feira_schemas::{
    api::report::reason_word,
    ids::{ShopReportId, TenantId},
    problem::Code,
    records::{
        AdminCommand,
        admin::{ReportReason, ReportShop, ShopReport},
        common::CommandMeta,
    },
    row::{Row, RowKey},
    rows::{
        admin::{SettingsRow, ShopReportCountRow, ShopReportOfMonthRow, ShopReportRow, TenantRow},
        payments::ChargeOfMonthRow,
    },
    time::HOUR,
    topics::Context,
};

use crate::{
    context::Api,
    cursor,
    problem::Problem,
    reads::{self, Asked},
    routing::{Kind, Parameter, Request, UUID},
    sorted::{self, Order, Value},
    writes::{self, Decided, NotDecided},
};

/// The shop whose reports are listed alone.
pub const SHOP: Parameter =
    Parameter::new("shop", Kind::Text(36), "The id of a shop, to see its reports alone.").like(UUID);
/// Months that a page of all shops goes back: what came two years before is no matter for anybody any more, and where there are few reports no
/// more than so many empty months are read.
const MONTHS: usize = 24;
/// Reports that a list reads which is sorted otherwise than the newest first, or narrowed to a reason.
const MOST: usize = 100_000;
/// Reports that are read at once.
const AT_ONCE: usize = 100;

/// The orders of the list: from the least, or with `-` from the greatest.
pub const ORDERS: &[&str] = &["-reported_at", "reported_at", "reason", "-reason", "shop_name", "-shop_name"];
/// The order of a list that is asked for in none.
pub const USUAL: Order = Order::down("reported_at");

/// The place of a report in a list: minus its time, its shop, its id.
type Place = (i64, TenantId, ShopReportId);

/// A report with its shop.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The shop.
    pub tenant_id: TenantId,
    /// The shop's sub-domain.
    pub subdomain: Option<String>,
    /// The shop's name.
    pub shop_name: Option<String>,
    /// The report.
    pub report: ShopReport,
}

/// A page of reports.
#[derive(Debug, Clone)]
pub struct Page {
    /// The reports.
    pub reports: Vec<Reported>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The shop whose reports alone a request asks for; a blank text, as forms send it, is none.
pub fn shop(request: &Request) -> Result<Option<TenantId>, Problem> {
    let Some(text) = request.query.text(SHOP.name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = |_| Problem::parameter("/query/shop", Code::Malformed, "O parâmetro «shop» é o id de uma loja.");
    text.parse().map(Some).map_err(wrong)
}

/// The common fields of the command by which the shop of the request's host is reported. The report has the command's id: a form that is sent
/// twice is one report.
pub fn meta(api: &Api, request: &Request) -> Result<CommandMeta, Problem> {
    Ok(CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? })
}

/// Reports a shop, and waits for the decision.
pub async fn send(
    api: &Api,
    request: &Request,
    meta: CommandMeta,
    reason: ReportReason,
    page: Option<String>,
) -> Result<Decided, NotDecided> {
    let report_id = ShopReportId::from_uuid(meta.command_id.uuid());
    writes::send(api, request, AdminCommand::ReportShop(ReportShop { meta, report_id, reason, page })).await
}

/// The reports of all shops, or of one, as far as this request must see them.
pub async fn list(api: &Api, request: &Request, of: Option<TenantId>, asked: Asked<'_>) -> Result<Page, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let query = format!("reports\u{1}{}", of.map(|shop| shop.to_string()).unwrap_or_default());
    let after: Option<Place> = asked.after.map(|after| cursor::open(after, &query)).transpose()?;
    let mut rows = match of {
        Some(shop) => of_shop(api, shop, after, asked.limit + 1).await?,
        None => of_all(api, after, asked.limit + 1).await?,
    };
    let is_last = rows.len() <= asked.limit;
    rows.truncate(asked.limit);
    let place = |row: &ShopReportRow| (row.newest_first, row.tenant_id, row.report.report_id);
    let next = rows.last().filter(|_| !is_last).map(|row| cursor::seal(place(row), &query));
    Ok(Page { reports: with_shops(api, rows).await?, next })
}

/// The reports of all shops, or of one, for a reason or for any, in any order, as far as this request must see them: all there are are read,
/// 100,000 at most.
pub async fn sorted_list(
    api: &Api,
    request: &Request,
    of: Option<TenantId>,
    reason: Option<&str>,
    asked: Asked<'_>,
    order: Order,
) -> Result<Page, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let (mut rows, mut looked, mut after) = (Vec::new(), 0, None);
    loop {
        let page = api.platform.state.scan_table::<ShopReportRow>(after, 1_000).await?;
        looked += page.rows.len();
        let is_wanted = |row: &ShopReportRow| {
            of.is_none_or(|shop| row.tenant_id == shop)
                && reason.is_none_or(|reason| reason_word(row.report.reason) == reason)
        };
        rows.extend(page.rows.into_iter().filter(is_wanted));
        after = page.next;
        if after.is_none() || looked >= MOST {
            break;
        }
    }
    let mut reports = with_shops(api, rows).await?;
    let place = |reported: &Reported| {
        let value = match order.by {
            "reason" => Value::text(reason_word(reported.report.reason)),
            "shop_name" => {
                let name = reported.shop_name.clone().or_else(|| reported.subdomain.clone());
                Value::text(&name.unwrap_or_else(|| reported.tenant_id.to_string()))
            }
            _ => Value::Number(reported.report.reported_at),
        };
        order.place(value, reported.report.report_id)
    };
    let (shop, reason) = (of.map(|shop| shop.to_string()).unwrap_or_default(), reason.unwrap_or_default());
    let query = format!("reports\u{1}{shop}\u{1}{reason}\u{1}{order}");
    let (page, next) = sorted::page(&mut reports, place, &query, asked.after, asked.limit)?;
    Ok(Page { reports: page.to_vec(), next })
}

/// The number of reports of a shop.
pub async fn count(api: &Api, shop: TenantId) -> Result<i64, Problem> {
    let row = api.platform.state.get::<ShopReportCountRow>(&ShopReportCountRow::at(shop)).await?;
    Ok(row.map_or(0, |row| row.reports))
}

async fn of_shop(api: &Api, shop: TenantId, after: Option<Place>, most: usize) -> Result<Vec<ShopReportRow>, Problem> {
    let after = after.map(|(newest_first, _, report)| ShopReportRow::at(shop, newest_first, report));
    Ok(api.platform.state.scan::<ShopReportRow>(&ShopReportRow::all(shop), after.as_ref(), most).await?)
}

async fn of_all(api: &Api, after: Option<Place>, most: usize) -> Result<Vec<ShopReportRow>, Problem> {
    // A decision's clock may be ahead of this one, by seconds.
    let newest = api.platform.now() + HOUR;
    let from = after.map_or(newest, |(newest_first, ..)| newest_first.saturating_neg());
    let mut month = ShopReportOfMonthRow::month(from);
    let (mut found, mut last) = (Vec::new(), after.map(|place| of_month(&month, place)));
    for _ in 0..MONTHS {
        while found.len() < most {
            let all = ShopReportOfMonthRow::all(&month);
            let from = last.as_ref().map(Row::key);
            let rows = api.platform.state.scan::<ShopReportOfMonthRow>(&all, from.as_ref(), AT_ONCE).await?;
            let is_whole = rows.len() < AT_ONCE;
            found.extend(whole(api, &rows).await?);
            last = rows.last().cloned().filter(|_| !is_whole);
            if is_whole {
                break;
            }
        }
        if found.len() >= most {
            break;
        }
        let Some((before, _)) = ChargeOfMonthRow::month_before(&month) else { break };
        (month, last) = (before, None);
    }
    found.truncate(most);
    Ok(found)
}

fn of_month(month: &str, (newest_first, tenant_id, report_id): Place) -> ShopReportOfMonthRow {
    ShopReportOfMonthRow { month: month.to_owned(), newest_first, tenant_id, report_id }
}

/// The reports of a month's rows; one is left out whose own row is not written yet.
async fn whole(api: &Api, rows: &[ShopReportOfMonthRow]) -> Result<Vec<ShopReportRow>, Problem> {
    let key = |row: &ShopReportOfMonthRow| ShopReportRow::at(row.tenant_id, row.newest_first, row.report_id);
    let keys: Vec<RowKey> = rows.iter().map(key).collect();
    let wholes = api.platform.state.get_many::<ShopReportRow>(&keys).await?;
    Ok(wholes.into_iter().flatten().collect())
}

/// The reports with what their shops are called; each shop is read once.
async fn with_shops(api: &Api, rows: Vec<ShopReportRow>) -> Result<Vec<Reported>, Problem> {
    let mut shops: Vec<TenantId> = rows.iter().map(|row| row.tenant_id).collect();
    shops.sort_unstable();
    shops.dedup();
    let tenants: Vec<RowKey> = shops.iter().map(|shop| TenantRow::at(*shop)).collect();
    let settings: Vec<RowKey> = shops.iter().map(|shop| SettingsRow::at(*shop)).collect();
    let tenants = api.platform.state.get_many::<TenantRow>(&tenants).await?;
    let settings = api.platform.state.get_many::<SettingsRow>(&settings).await?;
    let subdomains = tenants.into_iter().map(|row| row.map(|row| row.tenant.subdomain));
    let names = settings.into_iter().map(|row| row.map(|row| row.settings.shop_name));
    let known: HashMap<TenantId, (Option<String>, Option<String>)> =
        shops.into_iter().zip(subdomains.zip(names)).collect();
    let reported = |ShopReportRow { tenant_id, report, .. }| {
        let (subdomain, shop_name) = known.get(&tenant_id).cloned().unwrap_or_default();
        Reported { tenant_id, subdomain, shop_name, report }
    };
    Ok(rows.into_iter().map(reported).collect())
}
