//! Coupons of a shop. Each is set as a whole: who is shown none has seen version 0.

use feira_schemas::{
    api::{
        coupon::{check_terms, code_of, no_code},
        rules::Errors,
    },
    ids::TenantId,
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{Coupon, CouponChanged, CouponRemoved, CouponTerms, RemoveCoupon, SetCoupon},
        common::Outcome,
    },
    refusals,
    rows::admin::{CategoryRow, CouponCountRow, CouponRow, ProductRow},
};

use super::shown;
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version};

/// Makes a coupon, or changes it.
pub(super) fn set(command: &SetCoupon, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let SetCoupon { meta, code, active, terms } = command.clone();
    check(&code, &terms)?;
    let tenant = meta.tenant_id;
    let before = load(tenant, &code, rows)?;
    let version = before.as_ref().map_or(0, |before| before.version);
    check_version(&meta, version)?;
    check_references(tenant, &terms, before.as_ref(), rows)?;
    let (coupons, removed_version) = counted(tenant, rows)?;
    let Some(before) = before else {
        check_count(coupons)?;
        let (version, created_at, changed_at) = (removed_version + 1, context.now, context.now);
        let coupon = Coupon { code, version, active, terms, created_at, changed_at };
        return Ok(is_now(coupon, Outcome::Created, (coupons + 1, removed_version), context));
    };
    let coupon = Coupon { active, terms, ..before.clone() };
    if coupon == before {
        return Ok(Decision::unchanged(context, shown::coupon(&coupon)));
    }
    let coupon = Coupon { version: version + 1, changed_at: context.now, ..coupon };
    Ok(is_now(coupon, Outcome::Updated, (coupons, removed_version), context))
}

/// Removes a coupon. Orders that have used it keep what it gave.
pub(super) fn remove(command: &RemoveCoupon, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let RemoveCoupon { meta, code } = command;
    let none = || Refusal::new(Code::NotFound, refusals::NO_SUCH_COUPON);
    let coupon = load(meta.tenant_id, code, rows)?.ok_or_else(none)?;
    check_version(meta, coupon.version)?;
    let (coupons, removed_version) = counted(meta.tenant_id, rows)?;
    let version = coupon.version + 1;
    let (coupons, removed_version) = ((coupons - 1).max(0), removed_version.max(version));
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(id(&coupon.code), version);
    decision.answer(Outcome::Deleted, entity, |meta| CouponRemoved { meta, coupon, coupons, removed_version });
    Ok(decision)
}

/// The coupon is this, of so many, and so far have versions of removals come.
fn is_now(
    coupon: Coupon,
    outcome: Outcome,
    (coupons, removed_version): (i64, i64),
    context: &DecisionContext,
) -> Decision<AdminEvent> {
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(id(&coupon.code), coupon.version);
    decision.answer(outcome, entity, |meta| CouponChanged { meta, coupon, coupons, removed_version });
    decision
}

fn load(tenant: TenantId, code: &str, rows: &Rows) -> Result<Option<Coupon>, Need> {
    Ok(rows.get::<CouponRow>(CouponRow::at(tenant, code))?.map(|row| row.coupon.clone()))
}

/// How many coupons a shop has, and the greatest version of a removal.
fn counted(tenant: TenantId, rows: &Rows) -> Result<(i64, i64), Need> {
    let row = rows.get::<CouponCountRow>(CouponCountRow::at(tenant))?;
    Ok(row.map_or((0, 0), |row| (row.coupons, row.removed_version)))
}

fn check_count(coupons: i64) -> Result<(), Refusal> {
    if usize::try_from(coupons).is_ok_and(|coupons| coupons < limits::COUPONS) {
        return Ok(());
    }
    let most = refusals::grouped(limits::COUPONS);
    Err(Refusal::new(Code::LimitReached, format!("A loja pode ter até {most} cupons. Exclua os que terminaram.")))
}

fn check(code: &str, terms: &CouponTerms) -> Result<(), Refusal> {
    if code_of(code).as_deref() != Some(code) {
        return Err(Refusal::fields(vec![no_code()]));
    }
    let mut errors = Errors::default();
    check_terms(&mut errors, terms);
    errors.or(()).map_err(Refusal::fields)
}

/// Refuses products and categories that the shop does not have. What the coupon has named before stays, though it is gone by now.
fn check_references(tenant: TenantId, terms: &CouponTerms, before: Option<&Coupon>, rows: &Rows) -> Result<(), Stop> {
    let named = before.map(|before| (before.terms.products.as_slice(), before.terms.categories.as_slice()));
    let (known, in_known) = named.unwrap_or_default();
    let products = terms.products.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let (places, keys): (Vec<_>, Vec<_>) = products.map(|(at, id)| (at, ProductRow::at(tenant, *id))).unzip();
    let is_there = rows.get_many::<ProductRow>(keys)?.into_iter().map(|row| row.is_some());
    let mut errors = unknown("/products", refusals::NO_SUCH_PRODUCT, places.into_iter().zip(is_there));
    let categories = terms.categories.iter().enumerate().filter(|(_, id)| !in_known.contains(id));
    let (places, keys): (Vec<_>, Vec<_>) = categories.map(|(at, id)| (at, CategoryRow::at(tenant, *id))).unzip();
    let is_there = rows.get_many::<CategoryRow>(keys)?.into_iter().map(|row| row.is_some());
    errors.extend(unknown("/categories", refusals::NO_SUCH_CATEGORY, places.into_iter().zip(is_there)));
    errors.truncate(Errors::MOST);
    if errors.is_empty() { Ok(()) } else { Err(Refusal::fields(errors).into()) }
}

/// What is wrong with a list of which the things at some places are not there.
fn unknown(pointer: &str, detail: &str, places: impl Iterator<Item = (usize, bool)>) -> Vec<FieldError> {
    let error = |at: usize| FieldError::new(format!("{pointer}/{at}"), Code::UnknownReference, detail);
    places.filter(|(_, is_there)| !is_there).map(|(at, _)| error(at)).collect()
}

fn id(code: &str) -> String {
    format!("coupon:{code}")
}
