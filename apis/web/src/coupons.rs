//! Coupons as a shop's staff sees and changes them, by whatever way it comes.

use feira_schemas::{
    api::coupon::{CouponContent, code_of, coupon_json, no_code},
    coupons::State,
    ids::Micros,
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{Coupon, RemoveCoupon, SetCoupon},
    },
    refusals,
    rows::admin::CouponRow,
    topics::Context,
};

use crate::{
    context::Api,
    cursor,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// The query parameter by which a list is narrowed to coupons of a state.
pub const STATE: &str = "state";

/// A page of a shop's coupons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The coupons, the newest first.
    pub coupons: Vec<Coupon>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// How many there are on all pages.
    pub total: usize,
}

/// The page of the shop's coupons that a request asks for. A word that is no state narrows nothing.
///
/// # Errors
/// 400 where the cursor is none of this list's.
pub async fn page(api: &Api, request: &Request) -> Result<Page, Problem> {
    let (now, state) = (api.platform.now(), State::named(request.query.text(STATE).unwrap_or_default()));
    let mut all = all(api, request).await?;
    all.retain(|coupon| state.is_none_or(|state| State::of(coupon, now) == state));
    all.sort_by_cached_key(place);
    let (query, after) = (format!("coupons\u{1}{state:?}"), request.query.text(reads::AFTER.name));
    let (page, next) = cursor::page(&all, place, &query, after, reads::limit(request))?;
    let fitting = reads::fitting(page.iter().map(|coupon| coupon_json(coupon).to_string().len()));
    let (page, next) = match page.get(..fitting) {
        Some(fits) if fits.len() < page.len() => (fits, fits.last().map(|last| cursor::seal(place(last), &query))),
        _ => (page, next),
    };
    Ok(Page { coupons: page.to_vec(), next, total: all.len() })
}

/// The place of a coupon among all.
fn place(coupon: &Coupon) -> (Micros, String) {
    (-coupon.created_at, coupon.code.clone())
}

/// All coupons of the request's shop, by their codes.
async fn all(api: &Api, request: &Request) -> Result<Vec<Coupon>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let key = CouponRow::all(request.tenant);
    let rows = api.platform.state.scan::<CouponRow>(&key, None, limits::COUPONS).await?;
    Ok(rows.into_iter().map(|row| row.coupon).collect())
}

/// The coupon that the path's first parameter names, however it is typed.
///
/// # Errors
/// 404 where there is none.
pub async fn present(api: &Api, request: &Request) -> Result<Coupon, Problem> {
    named(api, request, request.param(0)).await
}

/// The coupon of a code, however it is typed.
///
/// # Errors
/// 404 where there is none.
pub async fn named(api: &Api, request: &Request, code: &str) -> Result<Coupon, Problem> {
    let code = code_of(code).ok_or_else(none)?;
    reads::point(api, request, Context::Admin).await?;
    let row = api.platform.state.get::<CouponRow>(&CouponRow::at(request.tenant, &code)).await?;
    row.map(|row| row.coupon).ok_or_else(none)
}

/// The code that the path's first parameter is, for who writes a coupon.
///
/// # Errors
/// 422 at `/code` where it is none.
pub fn written(request: &Request) -> Result<String, Problem> {
    code_of(request.param(0)).ok_or_else(|| Problem::fields(vec![no_code()]))
}

/// Makes a coupon or changes it, and waits for the decision.
pub async fn set(api: &Api, request: &Request, code: String, content: CouponContent) -> Result<Decided, NotDecided> {
    let (CouponContent { active, terms }, meta) = (content, writes::meta(api, request, request.tenant)?);
    writes::send(api, request, AdminCommand::SetCoupon(SetCoupon { meta, code, active, terms })).await
}

/// Removes the coupon that the path's first parameter names, and waits for the decision.
pub async fn remove(api: &Api, request: &Request) -> Result<Decided, NotDecided> {
    let code = code_of(request.param(0)).ok_or_else(none)?;
    let meta = writes::meta(api, request, request.tenant)?;
    writes::send(api, request, AdminCommand::RemoveCoupon(RemoveCoupon { meta, code })).await
}

fn none() -> Problem {
    Problem::new(Code::NotFound, refusals::NO_SUCH_COUPON)
}
