//! Lists by months backwards, the newest first.

use feira_schemas::{
    ids::{ChargeId, Micros, SubscriptionId, TenantId},
    row::{RowKey, Stored},
    rows::{
        admin::TenantRow,
        payments::{ChargeOfMonthRow, ChargeRow, SubscriptionOfMonthRow, SubscriptionRow},
    },
    time::HOUR,
};
use feira_web::{context::Api, problem::Problem};
use uuid::Uuid;

/// Entities that a request looks at: a filter that few fit would read all that the shop ever had, and goes on with the next page.
const LOOKED: usize = 1_000;
/// Entities that are read at once.
const AT_ONCE: usize = 100;

/// The place of an entity in its list: the month, minus the time, the id.
pub(crate) type Place = (String, i64, Uuid);

/// A row that has an entity among those of a month.
pub(crate) trait OfMonth: Stored {
    /// The entity's own row.
    type Whole: Stored;

    /// The beginning of the keys of a month.
    fn all(tenant: TenantId, month: &str) -> RowKey;

    /// The row of a place.
    fn at(tenant: TenantId, place: Place) -> Self;

    /// The place of this row.
    fn place(&self) -> Place;

    /// The key of the entity's own row.
    fn whole(&self) -> RowKey;
}

impl OfMonth for ChargeOfMonthRow {
    type Whole = ChargeRow;

    fn all(tenant: TenantId, month: &str) -> RowKey {
        Self::all(tenant, month)
    }

    fn at(tenant_id: TenantId, (month, newest_first, id): Place) -> Self {
        Self { tenant_id, month, newest_first, charge_id: ChargeId::from_uuid(id) }
    }

    fn place(&self) -> Place {
        (self.month.clone(), self.newest_first, self.charge_id.uuid())
    }

    fn whole(&self) -> RowKey {
        ChargeRow::at(self.tenant_id, self.charge_id)
    }
}

impl OfMonth for SubscriptionOfMonthRow {
    type Whole = SubscriptionRow;

    fn all(tenant: TenantId, month: &str) -> RowKey {
        Self::all(tenant, month)
    }

    fn at(tenant_id: TenantId, (month, newest_first, id): Place) -> Self {
        Self { tenant_id, month, newest_first, subscription_id: SubscriptionId::from_uuid(id) }
    }

    fn place(&self) -> Place {
        (self.month.clone(), self.newest_first, self.subscription_id.uuid())
    }

    fn whole(&self) -> RowKey {
        SubscriptionRow::at(self.tenant_id, self.subscription_id)
    }
}

/// A page: its entities, and the place that the next one goes on from.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Place>,
}

/// The page after a place, of at most so many entities that are wanted.
pub(crate) async fn page<R: OfMonth>(
    api: &Api,
    tenant: TenantId,
    wanted: impl Fn(&R::Whole) -> bool,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<R::Whole>, Problem> {
    // A decision's clock may be ahead of this one, by seconds.
    let newest = ChargeOfMonthRow::month(api.platform.now() + HOUR);
    let mut month = after.as_ref().map_or(newest, |(month, ..)| month.clone());
    let oldest = ChargeOfMonthRow::month(since(api, tenant).await?);
    let (mut items, mut looked, mut last, mut included) = (Vec::new(), 0, after, None);
    while month >= oldest {
        let from = last.clone().filter(|(of, ..)| *of == month);
        let rows = of_month::<R>(api, tenant, &month, from).await?;
        let is_whole = rows.len() < AT_ONCE;
        for (place, whole) in rows {
            looked += 1;
            if let Some(whole) = whole.filter(|whole| wanted(whole)) {
                if items.len() == limit {
                    return Ok(Page { items, next: included });
                }
                items.push(whole);
                included = Some(place.clone());
            }
            last = Some(place);
        }
        if looked >= LOOKED {
            return Ok(Page { items, next: last });
        }
        if is_whole {
            let Some((before, _)) = ChargeOfMonthRow::month_before(&month) else { break };
            month = before;
        }
    }
    Ok(Page { items, next: None })
}

/// The time before which the shop has nothing.
async fn since(api: &Api, tenant: TenantId) -> Result<Micros, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    Ok(row.map_or_else(|| api.platform.now(), |row| row.tenant.created_at))
}

/// The next entities of a month; one is `None` whose own row is not written yet.
async fn of_month<R: OfMonth>(
    api: &Api,
    tenant: TenantId,
    month: &str,
    from: Option<Place>,
) -> Result<Vec<(Place, Option<R::Whole>)>, Problem> {
    let from = from.map(|place| R::at(tenant, place).key());
    let rows = api.platform.state.scan::<R>(&R::all(tenant, month), from.as_ref(), AT_ONCE).await?;
    let keys: Vec<RowKey> = rows.iter().map(OfMonth::whole).collect();
    let wholes = api.platform.state.get_many::<R::Whole>(&keys).await?;
    Ok(rows.iter().map(OfMonth::place).zip(wholes).collect())
}
