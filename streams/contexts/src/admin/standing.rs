//! The most that a shop may have by the plan that pays for it, and the number of products that counts against it. A shop
//! without a plan has no limits, and nothing of it is counted: where a plan comes later, counts begin with 0 then.

use std::sync::Arc;

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        AdminEvent,
        admin::{StaffStatus, Standing, StandingChanged},
        signup::Subscription,
    },
    refusals,
    rows::admin::{ProductCountRow, StaffRow, StandingRow},
};

use crate::{Decision, DecisionContext, EntityVersion, Need, Rows, Stop};

/// Follows a subscription: what the shop may have is now what it says, where that is newer and something else.
pub(super) fn follow(
    subscription: &Subscription,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    stand_by(subscription, is_another, decision, rows, context)
}

/// The shop is opened by this subscription as it is in this version: that is kept, whatever the shop may have.
pub(super) fn opened_by(
    subscription: &Subscription,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    stand_by(subscription, |_, _| true, decision, rows, context)
}

/// True if a subscription was named anew since its shop was opened, or its limits were set: what it said before is old.
pub(super) fn is_named_anew(subscription: &Subscription, rows: &Rows, context: &DecisionContext) -> Result<bool, Need> {
    let row = of(context.cause.tenant_id, rows)?;
    Ok(row.is_none_or(|row| subscription.named_version > row.standing.source_version))
}

/// Says what the shop may have by a subscription, where that is newer and counts as news.
fn stand_by(
    subscription: &Subscription,
    is_news: impl Fn(&Standing, &Standing) -> bool,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let tenant = context.cause.tenant_id;
    let row = of(tenant, rows)?;
    let before = row.as_ref().map(|row| &row.standing);
    let terms = &subscription.terms;
    let standing = Standing {
        version: before.map_or(0, |before| before.version) + 1,
        subscription_id: subscription.subscription_id,
        source_version: subscription.version,
        plan_id: terms.plan_id,
        plan_name: terms.plan_name.clone(),
        limits: terms.limits,
        changed_at: context.now,
    };
    let is_newer = |before: &Standing| standing.source_version > before.source_version;
    if before.is_none_or(|before| is_newer(before) && is_news(&standing, before)) {
        let entity = EntityVersion::new(format!("standing:{tenant}"), standing.version);
        decision.event(entity, |meta| StandingChanged { meta, standing });
    }
    Ok(())
}

fn is_another(standing: &Standing, before: &Standing) -> bool {
    standing.subscription_id != before.subscription_id
        || standing.plan_id != before.plan_id
        || standing.plan_name != before.plan_name
        || standing.limits != before.limits
}

/// The number of products of a shop with one more; none where nothing is counted.
///
/// # Errors
/// The plan has no room for it.
pub(super) fn with_another_product(tenant: TenantId, rows: &Rows) -> Result<Option<i64>, Stop> {
    let Some(row) = of(tenant, rows)? else { return Ok(None) };
    let products = products(tenant, rows)?;
    check_room(&row.standing, row.standing.limits.products, products, refusals::PRODUCTS)?;
    Ok(Some(products.saturating_add(1)))
}

/// The number of products of a shop with one less; none where nothing is counted.
pub(super) fn without_a_product(tenant: TenantId, rows: &Rows) -> Result<Option<i64>, Need> {
    if of(tenant, rows)?.is_none() {
        return Ok(None);
    }
    // Those of before it was counted were never added.
    Ok(Some((products(tenant, rows)? - 1).max(0)))
}

/// Refuses another member of a shop's staff, of which these are all, where the plan has no room for it. Who is disabled takes none.
pub(super) fn check_another_member(tenant: TenantId, members: &[Arc<StaffRow>], rows: &Rows) -> Result<(), Stop> {
    let Some(row) = of(tenant, rows)? else { return Ok(()) };
    let present = members.iter().filter(|row| row.staff.status != StaffStatus::Disabled).count();
    let present = i64::try_from(present).unwrap_or(i64::MAX);
    let most = row.standing.limits.staff;
    check_room(&row.standing, most, present, ("pessoa na equipe", "pessoas na equipe"))?;
    Ok(())
}

/// Refuses one more of what there is so much of already, which has a word for one and another for many.
fn check_room(standing: &Standing, most: Option<i32>, present: i64, words: (&str, &str)) -> Result<(), Refusal> {
    let Some(most) = most.filter(|most| present >= i64::from(*most)) else { return Ok(()) };
    Err(Refusal::new(Code::PlanLimit, refusals::beyond_plan(&standing.plan_name, most, words)))
}

fn of(tenant: TenantId, rows: &Rows) -> Result<Option<Arc<StandingRow>>, Need> {
    rows.get::<StandingRow>(StandingRow::at(tenant))
}

fn products(tenant: TenantId, rows: &Rows) -> Result<i64, Need> {
    let row = rows.get::<ProductCountRow>(ProductCountRow::at(tenant))?;
    Ok(row.map_or(0, |row| row.products))
}
