//! Who changed what in a shop, and what was before and after: the view says where the events of changes lie, and the log what they hold.

mod differences;
mod entity;
mod events;
mod others;

use std::collections::{BTreeMap, HashMap};

use feira_schemas::{
    access::Area,
    api::change::{CHANGED_KINDS, DAY_PATTERN, day_begins, day_ends},
    groups,
    ids::{Micros, ProductId, TenantId, VariantId},
    limits,
    problem::Code,
    records::store::entity::STOCK,
    rows::{
        admin::{ProductRow, TenantRow},
        audit::{Change, ChangeOfEntityRow, ChangeRow, Place, action},
    },
    time::{HOUR, rfc3339},
    topics::Context,
};
use futures::{StreamExt, TryStreamExt, future, stream};
use serde_json::{Value, json};

pub use self::differences::{Difference, Differences};
use self::{differences::differences, entity::Entity, events::Events};
use crate::{
    context::Api,
    cursor,
    problem::Problem,
    reads,
    routing::{Kind, Parameter, Request},
};

/// Changes that a request looks at: a filter that few fit goes on with the next page.
const LOOKED: usize = 1_000;
/// Rows that are read at once.
const AT_ONCE: usize = 100;
/// Days that a request looks at: a shop that changes little goes on with the next page, too.
const DAYS: usize = 366;
/// Days without any change that are read at once, once there were several.
const DAYS_AT_ONCE: usize = 32;
/// Changes whose events are read at once: each is two reads of the log.
const READ_AT_ONCE: usize = 8;
/// The word for everybody who changes something, the system among them.
const EVERYBODY: &str = "all";
/// The first word of the system's actors: timers, other contexts, and what an import brings.
const SYSTEM: &str = "system";

/// The entity whose changes are asked for, beside its kind.
pub const ENTITY_ID: Parameter = Parameter::new("entity_id", Kind::Text(128), "Shows only changes of this entity.");
/// Who has made the changes that are asked for.
pub const ACTOR: Parameter = Parameter::new(
    "actor",
    Kind::Text(128),
    "Shows only what this actor changed, or all of its kind (`staff`, `token`, `credential`, `operator`, `system`). Left out, all but the \
     system; `all` is the system, too.",
);
/// The first day of the changes that are asked for.
pub const FROM: Parameter =
    Parameter::new("from", Kind::Text(10), "The first day, in São Paulo, such as 2026-12-01.").like(DAY_PATTERN);
/// The last day of the changes that are asked for.
pub const UNTIL: Parameter =
    Parameter::new("until", Kind::Text(10), "The last day, in São Paulo, such as 2026-12-31.").like(DAY_PATTERN);

/// The changes that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter<'a> {
    /// The word of a kind of entity.
    pub kind: Option<&'a str>,
    /// The entity.
    pub entity_id: Option<&'a str>,
    /// The actor, or the first word of several.
    pub actor: Option<&'a str>,
    since: Option<Micros>,
    before: Option<Micros>,
}

impl<'a> Filter<'a> {
    /// The filter that a request's parameters make; one that is empty, as forms send it, asks nothing.
    ///
    /// # Errors
    /// 400 where a day is none of the calendar.
    pub fn of(request: &'a Request) -> Result<Self, Problem> {
        let given = |name: &str| request.query.text(name).map(str::trim).filter(|text| !text.is_empty());
        let day = |parameter: Parameter, read: fn(&str) -> Option<Micros>| match given(parameter.name) {
            None => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| no_day(parameter.name)),
        };
        Ok(Self {
            kind: given("entity"),
            entity_id: given(ENTITY_ID.name),
            actor: given(ACTOR.name),
            since: day(FROM, day_begins)?,
            before: day(UNTIL, day_ends)?,
        })
    }

    /// All that makes this list another one.
    fn query(&self) -> String {
        format!("changes\u{1}{self:?}")
    }

    /// True of a change that is asked for, of one of these kinds.
    fn takes(&self, change: &Change, kinds: &[&str]) -> bool {
        kinds.contains(&change.kind.as_str())
            && self.kind.is_none_or(|kind| kind == change.kind)
            && self.entity_id.is_none_or(|id| id == change.entity_id)
            && is_by(self.actor, &change.actor)
    }
}

fn no_day(name: &str) -> Problem {
    Problem::parameter(
        format!("/query/{name}"),
        Code::Malformed,
        format!("O parâmetro «{name}» é um dia, como 2026-12-01."),
    )
}

/// True of an actor that is asked for.
fn is_by(asked: Option<&str>, actor: &str) -> bool {
    let first = actor.split(':').next().unwrap_or_default();
    match asked {
        None => first != SYSTEM,
        Some(EVERYBODY) => true,
        Some(asked) => asked == actor || asked == first,
    }
}

/// A change with what was before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Who changed what, and when.
    pub change: Change,
    /// The name of the entity, where it has one that is no personal data.
    pub name: Option<String>,
    /// The fields that differ; `None` where the log does not give them now.
    pub differences: Option<Differences>,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The changes, the newest first.
    pub changes: Vec<Shown>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The words of the kinds whose areas somebody sees.
pub fn seen(sees: impl Fn(Area) -> bool) -> Vec<&'static str> {
    CHANGED_KINDS.into_iter().filter(|kind| sees(kind.area)).map(|kind| kind.word).collect()
}

/// The page of the changes of a request's shop that it asks for, of these kinds alone.
pub async fn page(api: &Api, request: &Request, filter: &Filter<'_>, kinds: &[&str]) -> Result<Page, Problem> {
    caught_up(api, request, filter, kinds).await?;
    let (tenant, query) = (request.tenant, filter.query());
    let after = request.query.text(reads::AFTER.name).filter(|after| !after.is_empty());
    let after: Option<Place> = after.map(|after| cursor::open(after, &query)).transpose()?;
    let (found, mut next) = rows(api, tenant, filter, kinds, after, reads::limit(request)).await?;
    let events = Events::of(api, &found);
    let names = stocked(api, tenant, &found).await?;
    // In a list before the stream, as a closure within it would leave the compiler unsure of `Send`.
    let reading: Vec<_> = found.into_iter().map(|change| shown(api, tenant, (&events, &names), change)).collect();
    let all: Vec<Shown> = stream::iter(reading).buffered(READ_AT_ONCE).try_collect().await?;
    let (mut changes, mut left, mut last) = (Vec::with_capacity(all.len()), limits::PAGE_BYTES, None);
    for shown in all {
        let place = shown.change.place();
        let bytes = change_json(&shown).to_string().len();
        if bytes > left && last.is_some() {
            next = last;
            break;
        }
        left = left.saturating_sub(bytes);
        last = Some(place);
        changes.push(shown);
    }
    Ok(Page { changes, next: next.map(|place| cursor::seal(place, &query)) })
}

/// Waits until the views of the contexts whose changes are asked for show what the request asks for.
async fn caught_up(api: &Api, request: &Request, filter: &Filter<'_>, kinds: &[&str]) -> Result<(), Problem> {
    let asked = CHANGED_KINDS.into_iter().filter(|kind| filter.kind.is_none_or(|asked| asked == kind.word));
    let seen: Vec<Context> = asked.filter(|kind| kinds.contains(&kind.word)).map(|kind| kind.context).collect();
    let admin = shows(api, request, &seen, (groups::AUDIT.name, Context::Admin));
    let payments = shows(api, request, &seen, (groups::AUDIT_PAYMENTS.name, Context::Payments));
    let store = shows(api, request, &seen, (groups::AUDIT_STORE.name, Context::Store));
    tokio::try_join!(admin, payments, store).map(|_| ())
}

async fn shows(
    api: &Api,
    request: &Request,
    seen: &[Context],
    (group, context): (&str, Context),
) -> Result<(), Problem> {
    match context {
        _ if !seen.contains(&context) => Ok(()),
        // What others say changes entities of admin, as a sign-up makes a shop.
        Context::Admin => reads::caught_up(api, request, group, context).await,
        _ => reads::of_source(api, request, group, context).await,
    }
}

/// The rows of a page, and the place that the next one goes on behind.
async fn rows(
    api: &Api,
    tenant: TenantId,
    filter: &Filter<'_>,
    kinds: &[&str],
    after: Option<Place>,
    limit: usize,
) -> Result<(Vec<Change>, Option<Place>), Problem> {
    // The clock of who decides may be ahead of this one, by seconds. A cursor that somebody has made up leads no further.
    let newest = before(api.platform.now() + HOUR);
    let last = filter.before.map_or_else(|| newest.clone(), before);
    let mut place = after.unwrap_or_else(|| newest.clone()).max(last).max(newest);
    let oldest = ChangeRow::day(made_at(api, tenant).await?.max(filter.since.unwrap_or(Micros::MIN)));
    let mut days = Days { next: ChangeRow::day(place.0.saturating_neg()), oldest, at_once: 1, left: DAYS };
    let (mut found, mut looked, mut included) = (Vec::new(), 0, None);
    loop {
        let (rows, behind) = match entity_of(filter) {
            Some(entity) => of_entity(api, tenant, entity, &place).await?,
            None => of_days(api, tenant, &mut days, &place).await?,
        };
        for change in rows {
            looked += 1;
            if filter.since.is_some_and(|since| change.at() < since) {
                return Ok((found, None));
            }
            if filter.takes(&change, kinds) {
                if found.len() == limit {
                    return Ok((found, included));
                }
                included = Some(change.place());
                found.push(change);
            }
        }
        let Some(behind) = behind else { return Ok((found, None)) };
        if looked >= LOOKED || days.left == 0 {
            return Ok((found, Some(behind)));
        }
        place = behind;
    }
}

/// The place in front of all changes that were made before a time.
fn before(time: Micros) -> Place {
    (time.saturating_neg().saturating_add(1), String::new())
}

/// The one entity that is asked for.
fn entity_of<'a>(filter: &Filter<'a>) -> Option<(&'a str, &'a str)> {
    filter.kind.zip(filter.entity_id)
}

/// Rows behind a place, and the place behind which others may lie; none where there are no more.
type Stretch = (Vec<Change>, Option<Place>);

/// The next rows of an entity.
async fn of_entity(api: &Api, tenant: TenantId, (kind, id): (&str, &str), place: &Place) -> Result<Stretch, Problem> {
    let (all, after) = (ChangeOfEntityRow::all(tenant, kind, id), ChangeOfEntityRow::at(tenant, kind, id, place));
    let rows = api.platform.state.scan::<ChangeOfEntityRow>(&all, Some(&after), AT_ONCE).await?;
    let rows: Vec<Change> = rows.into_iter().map(|row| row.change).collect();
    let behind = rows.last().filter(|_| rows.len() >= AT_ONCE).map(Change::place);
    Ok((rows, behind))
}

/// The days that a request goes back over.
struct Days {
    /// The next one.
    next: i64,
    /// The last one.
    oldest: i64,
    /// Days that are read at once: of a shop that changes little most have nothing.
    at_once: usize,
    /// Days that may still be read.
    left: usize,
}

/// The next rows of a shop, of some days.
async fn of_days(api: &Api, tenant: TenantId, days: &mut Days, place: &Place) -> Result<Stretch, Problem> {
    let several = days.at_once.min(days.left).max(1);
    let read: Vec<i64> = (days.oldest..=days.next).rev().take(several).collect();
    let reading: Vec<_> = read.iter().map(|day| of_day(api, tenant, *day, place)).collect();
    let mut rows: Vec<Change> = Vec::new();
    for (day, its) in read.into_iter().zip(future::try_join_all(reading).await?) {
        days.next = day;
        let has_more = its.len() >= AT_ONCE;
        rows.extend(its);
        if has_more {
            days.at_once = 1;
            let behind = rows.last().map(Change::place);
            return Ok((rows, behind));
        }
        days.next = day.saturating_sub(1);
        days.left = days.left.saturating_sub(1);
    }
    days.at_once = if rows.is_empty() { (2 * several).min(DAYS_AT_ONCE) } else { 1 };
    let ends = ChangeRow::begins(days.next.saturating_add(1));
    let behind = (days.next >= days.oldest).then(|| before(ends));
    Ok((rows, behind))
}

/// The next rows of a day.
async fn of_day(api: &Api, tenant: TenantId, day: i64, place: &Place) -> Result<Vec<Change>, Problem> {
    let (all, after) = (ChangeRow::all(tenant, day), ChangeRow::at(tenant, day, place));
    let rows = api.platform.state.scan::<ChangeRow>(&all, Some(&after), AT_ONCE).await?;
    Ok(rows.into_iter().map(|row| row.change).collect())
}

/// A time before which nothing of the shop was changed, by the clocks of all who decide.
async fn made_at(api: &Api, tenant: TenantId) -> Result<Micros, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    Ok(row.map_or_else(|| api.platform.now(), |row| row.tenant.created_at).saturating_sub(HOUR))
}

/// A change with what the log holds of it and of the entity's change before.
async fn shown(
    api: &Api,
    tenant: TenantId,
    (events, names): (&Events<'_>, &HashMap<String, String>),
    mut change: Change,
) -> Result<Shown, Problem> {
    let mut former = match change.action.as_str() {
        action::CREATED | action::REMOVED => None,
        _ => former(api, tenant, &change).await?,
    };
    if former.as_ref().is_some_and(|former| former.action == action::REMOVED) {
        // Its versions go on, and yet it was made.
        change.action = action::CREATED.to_owned();
        former = None;
    }
    let before = async { events.bytes(former.as_ref()?).await };
    let (after, before) = future::join(events.bytes(&change), before).await;
    let Some(after) = after else { return Ok(Shown { change, name: None, differences: None }) };
    // A product of 2,048 variants takes megabytes until it is compared. Whoever has the turn waits for nothing.
    let _turn = api.room.rows().await;
    let Some(Entity { name, json, was }) = events.entity(tenant, &change, &after) else {
        return Ok(Shown { change, name: None, differences: None });
    };
    let name = match change.kind.as_str() {
        STOCK => names.get(&change.entity_id).cloned(),
        _ => name,
    };
    let differences = match (change.action.as_str(), was) {
        (action::CREATED, _) => Some(differences(None, Some(&json))),
        // Its event has the entity as it was.
        (action::REMOVED, _) => Some(differences(Some(&json), None)),
        (_, Some(was)) => Some(differences(Some(&was), Some(&json))),
        (_, None) => {
            let before = former.zip(before).and_then(|(former, bytes)| events.entity(tenant, &former, &bytes));
            before.map(|before| differences(Some(&before.json), Some(&json)))
        }
    };
    Ok(Shown { change, name, differences })
}

/// The variants whose stock was changed, by the ids that changes name them by, as their products call them at present; none of what is
/// there no more.
async fn stocked(api: &Api, tenant: TenantId, changes: &[Change]) -> Result<HashMap<String, String>, Problem> {
    let mut wanted: BTreeMap<ProductId, Vec<(VariantId, &str)>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.kind == STOCK) {
        let Some((product, variant)) = change.entity_id.split_once('/') else { continue };
        if let (Ok(product), Ok(variant)) = (product.parse::<ProductId>(), variant.parse::<VariantId>()) {
            wanted.entry(product).or_default().push((variant, change.entity_id.as_str()));
        }
    }
    let mut names: HashMap<String, String> = HashMap::new();
    for (product_id, variants) in wanted {
        // Shops take turns product by product, since a page may tell of a hundred of them.
        let _turn = api.room.rows().await;
        let row = api.platform.state.get::<ProductRow>(&ProductRow::at(tenant, product_id)).await?;
        let Some(product) = row.map(|row| row.product) else { continue };
        for (variant_id, entity_id) in variants {
            let variant = product.variants.iter().find(|variant| variant.variant_id == variant_id);
            let name = variant.map(|variant| match variant.options.as_slice() {
                [] => product.name.clone(),
                options => format!("{}, {}", product.name, options.join(" / ")),
            });
            names.extend(name.map(|name| (entity_id.to_owned(), name)));
        }
    }
    Ok(names)
}

/// The change of the same entity before this one; `None` where nobody knows of any.
async fn former(api: &Api, tenant: TenantId, change: &Change) -> Result<Option<Change>, Problem> {
    let all = ChangeOfEntityRow::all(tenant, &change.kind, &change.entity_id);
    let after = ChangeOfEntityRow::at(tenant, &change.kind, &change.entity_id, &change.place());
    let rows = api.platform.state.scan::<ChangeOfEntityRow>(&all, Some(&after), 1).await?;
    Ok(rows.into_iter().next().map(|row| row.change))
}

/// A change as the API gives it.
pub fn change_json(shown: &Shown) -> Value {
    let Shown { change, name, differences } = shown;
    let items = differences.iter().flat_map(|differences| &differences.items);
    let item = |difference: &Difference| {
        let Difference { field, of, before, after } = difference;
        json!({"field": field, "of": of, "before": before, "after": after})
    };
    json!({
        "at": rfc3339(change.at()),
        "entity": change.kind,
        "entity_id": change.entity_id,
        "name": name,
        "action": change.action,
        "actor": change.actor,
        "available": differences.is_some(),
        "differences": items.map(item).collect::<Vec<_>>(),
        "more": differences.as_ref().is_some_and(|differences| differences.more),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_did_is_shown_to_who_asks_for_it() {
        for (asked, actor, is_shown) in [
            (None, "staff:1", true),
            (None, "operator", true),
            (None, "system:admin", false),
            (Some("all"), "system:admin", true),
            (Some("system"), "system:admin", true),
            (Some("staff"), "staff:1", true),
            (Some("staff"), "token:1", false),
            (Some("staff:1"), "staff:1", true),
            (Some("staff:1"), "staff:12", false),
        ] {
            assert_eq!(is_by(asked, actor), is_shown, "{asked:?}: {actor}");
        }
    }

    #[test]
    fn a_day_that_ends_holds_none_of_the_next_one() {
        let place = |at: Micros, context: &str| (at.saturating_neg(), context.to_owned());
        for (at, context, is_before) in
            [(99, "store", true), (99, "admin", true), (100, "admin", false), (101, "", false)]
        {
            assert_eq!(before(100) < place(at, context), is_before, "{at} {context}");
        }
    }

    #[test]
    fn who_sees_an_area_sees_changes_of_its_kinds() {
        assert_eq!(seen(|area| area == Area::Catalogue), ["product", "category", "product_method"]);
        assert_eq!(seen(|area| area == Area::Stock), ["stock"]);
        let of_payments = ["shop_method", "account", "refund", "charge", "subscription", "credential"];
        assert_eq!(seen(|area| area == Area::Payments), of_payments);
        assert_eq!(seen(|_| true).len(), CHANGED_KINDS.len());
    }
}
