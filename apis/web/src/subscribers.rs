//! Subscriptions to plans of the platform as its staff sees them, by whatever way it comes: those of all shops, the newest first.

use feira_schemas::{
    api::signup::{SubscriptionShown, subscription_method, subscription_status},
    ids::{Micros, SubscriptionId, TenantId},
    limits,
    problem::Code,
    records::signup::{Invoice, Subscription},
    refusals,
    row::{Row, RowKey},
    rows::{
        payments::ChargeOfMonthRow,
        signup::{InvoiceRow, PlanRow, SubscriptionOfMonthRow, SubscriptionRow},
    },
    time::HOUR,
    topics::Context,
};

use crate::{
    context::Api,
    cursor,
    payments::Opener,
    problem::Problem,
    reads::{self, Asked},
    routing::Request,
    sorted::{self, Order, Value},
};

/// Subscriptions that a request looks at: a filter that few fit would read all that there ever were, and goes on with the next page.
const LOOKED: usize = 1_000;
/// Subscriptions that a list reads which is sorted or searched. A deployment of more needs a list of its own, kept by a view.
const MOST: usize = 100_000;
/// Subscriptions that are read at once.
const AT_ONCE: usize = 100;
/// Plans that are read: decide lets the platform have fewer.
const PLANS: usize = 1_000;

/// The place of a subscription in the list: the month, minus the time, the shop, the id.
type Place = (String, i64, TenantId, SubscriptionId);

/// The orders of the list: from the least, or with `-` from the greatest.
pub const ORDERS: &[&str] = &[
    "-created_at",
    "created_at",
    "shop_name",
    "-shop_name",
    "plan_name",
    "-plan_name",
    "method",
    "-method",
    "status",
    "-status",
];
/// The order of a list that is asked for in none.
pub const USUAL: Order = Order::down("created_at");

/// A page of subscriptions.
#[derive(Debug, Clone)]
pub struct Page {
    /// The subscriptions, each with the shop that it is for.
    pub subscriptions: Vec<(TenantId, Subscription)>,
    /// The cursor of the next page. A page may be empty and have one: few fit the filter.
    pub next: Option<String>,
}

/// The subscriptions that are asked for, as far as this request must see them: of a status, of a way to pay, of shops that have the text in
/// their name or sub-domain. The newest first are read page by page; any other order, and a text or a way to pay, reads all subscriptions
/// there are, 100,000 at most.
pub async fn list(
    api: &Api,
    request: &Request,
    asked: Asked<'_>,
    method: Option<&str>,
    order: Option<Order>,
) -> Result<Page, Problem> {
    reads::point(api, request, Context::Signup).await?;
    let order = order.unwrap_or(USUAL);
    if order != USUAL || method.is_some() || !asked.q.trim().is_empty() {
        return sorted_list(api, asked, method, order).await;
    }
    let query = format!("subscriptions\u{1}{}", asked.status.unwrap_or_default());
    let after: Option<Place> = asked.after.map(|after| cursor::open(after, &query)).transpose()?;
    let wanted = |row: &SubscriptionRow| {
        asked.status.is_none_or(|status| subscription_status(row.subscription.status) == status)
    };
    let (rows, next) = page(api, wanted, after, asked.limit).await?;
    let subscriptions = rows.into_iter().map(|row| (row.tenant_id, row.subscription)).collect();
    Ok(Page { subscriptions, next: next.map(|place| cursor::seal(place, &query)) })
}

/// A page of all subscriptions that are wanted, in any order.
async fn sorted_list(api: &Api, asked: Asked<'_>, method: Option<&str>, order: Order) -> Result<Page, Problem> {
    let words = asked.q.trim().to_lowercase();
    let wanted = |subscription: &Subscription| {
        let has = |text: &str| text.to_lowercase().contains(&words);
        asked.status.is_none_or(|status| subscription_status(subscription.status) == status)
            && method.is_none_or(|method| subscription_method(subscription) == method)
            && (has(&subscription.shop_name) || has(&subscription.subdomain))
    };
    let (mut found, mut looked, mut after) = (Vec::new(), 0, None);
    loop {
        let page = api.platform.state.scan_table::<SubscriptionRow>(after, 1_000).await?;
        looked += page.rows.len();
        let rows = page.rows.into_iter().filter(|row| wanted(&row.subscription));
        found.extend(rows.map(|row| (row.tenant_id, row.subscription)));
        after = page.next;
        if after.is_none() || looked >= MOST {
            break;
        }
    }
    let place = |(_, subscription): &(TenantId, Subscription)| {
        let value = match order.by {
            "shop_name" => Value::text(&subscription.shop_name),
            "plan_name" => Value::text(&subscription.terms.plan_name),
            "method" => Value::text(subscription_method(subscription)),
            "status" => Value::text(subscription_status(subscription.status)),
            _ => Value::Number(subscription.created_at),
        };
        order.place(value, subscription.subscription_id)
    };
    let (status, method) = (asked.status.unwrap_or_default(), method.unwrap_or_default());
    let query = format!("subscriptions\u{1}{status}\u{1}{method}\u{1}{}\u{1}{order}", asked.q);
    let (page, next) = sorted::page(&mut found, place, &query, asked.after, asked.limit)?;
    Ok(Page { subscriptions: page.to_vec(), next })
}

/// The page after a place, of at most so many that are wanted, and the place that the next one goes on from.
async fn page(
    api: &Api,
    wanted: impl Fn(&SubscriptionRow) -> bool,
    after: Option<Place>,
    limit: usize,
) -> Result<(Vec<SubscriptionRow>, Option<Place>), Problem> {
    // A decision's clock may be ahead of this one, by seconds.
    let newest = SubscriptionOfMonthRow::month(api.platform.now() + HOUR);
    let mut month = after.as_ref().map_or(newest, |(month, ..)| month.clone());
    let oldest = SubscriptionOfMonthRow::month(since(api).await?);
    let (mut found, mut looked, mut last, mut included) = (Vec::new(), 0, after, None);
    while month >= oldest {
        let from = last.clone().filter(|(of, ..)| *of == month);
        let rows = of_month(api, &month, from).await?;
        let is_whole = rows.len() < AT_ONCE;
        for (place, row) in rows {
            looked += 1;
            if let Some(row) = row.filter(|row| wanted(row)) {
                if found.len() == limit {
                    return Ok((found, included));
                }
                found.push(row);
                included = Some(place.clone());
            }
            last = Some(place);
        }
        if looked >= LOOKED {
            return Ok((found, last));
        }
        if is_whole {
            let Some((before, _)) = ChargeOfMonthRow::month_before(&month) else { break };
            month = before;
        }
    }
    Ok((found, None))
}

/// The time before which nobody has subscribed: there was no plan.
async fn since(api: &Api) -> Result<Micros, Problem> {
    let plans = api.platform.state.scan::<PlanRow>(&PlanRow::all(TenantId::PLATFORM), None, PLANS).await?;
    Ok(plans.iter().map(|row| row.plan.created_at).min().unwrap_or_else(|| api.platform.now()))
}

/// The next subscriptions of a month; one is `None` whose own row is not written yet.
async fn of_month(
    api: &Api,
    month: &str,
    from: Option<Place>,
) -> Result<Vec<(Place, Option<SubscriptionRow>)>, Problem> {
    let from = from.map(|(month, newest_first, tenant_id, subscription_id)| {
        SubscriptionOfMonthRow { month, newest_first, tenant_id, subscription_id }.key()
    });
    let prefix = SubscriptionOfMonthRow::all(month);
    let rows = api.platform.state.scan::<SubscriptionOfMonthRow>(&prefix, from.as_ref(), AT_ONCE).await?;
    let keys: Vec<RowKey> = rows.iter().map(|row| SubscriptionRow::at(row.tenant_id, row.subscription_id)).collect();
    let wholes = api.platform.state.get_many::<SubscriptionRow>(&keys).await?;
    let place = |row: SubscriptionOfMonthRow| (row.month, row.newest_first, row.tenant_id, row.subscription_id);
    Ok(rows.into_iter().map(place).zip(wholes).collect())
}

/// The shop and the subscription that the path's first two parameters name, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request) -> Result<(TenantId, Subscription), Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_SUBSCRIPTION);
    let tenant: TenantId = request.param(0).parse().map_err(|_| none())?;
    let subscription: SubscriptionId = request.param(1).parse().map_err(|_| none())?;
    reads::point(api, request, Context::Signup).await?;
    let row = api.platform.state.get::<SubscriptionRow>(&SubscriptionRow::at(tenant, subscription)).await?;
    row.map(|row| (tenant, row.subscription)).ok_or_else(none)
}

/// The invoices of a subscription, the newest first: as many as a page has.
pub async fn invoices(api: &Api, tenant: TenantId, subscription: SubscriptionId) -> Result<Vec<Invoice>, Problem> {
    let rows = api.platform.state.scan::<InvoiceRow>(&InvoiceRow::all(tenant), None, LOOKED).await?;
    let of = rows.into_iter().map(|row| row.invoice).filter(|invoice| invoice.subscription_id == subscription);
    let mut invoices: Vec<Invoice> = of.collect();
    invoices.sort_by_key(|invoice| (-invoice.number, invoice.invoice_id));
    invoices.truncate(limits::PAGE_MAX);
    Ok(invoices)
}

/// What the subscriber typed and what the gateway said, opened for the length of one answer.
///
/// # Errors
/// 503 where the keyring is away.
pub async fn opened(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    subscription: &Subscription,
) -> Result<SubscriptionShown, Problem> {
    let opener = Opener { tenant, ..Opener::of(api, request) };
    Ok(SubscriptionShown {
        subscriber: opener.buyer(&subscription.subscriber).await?,
        messages: opener.messages(&subscription.payment.reasons).await?,
    })
}
