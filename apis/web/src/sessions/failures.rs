//! Failed attempts to log in and coupons that do not exist, by which whoever guesses is made to wait; and askings for a link, by which
//! whoever floods is.
//!
//! Who waits already is told so, and nothing is written. Any other attempt is written down before the password or the coupon is looked
//! at, and counted after it is written: of many at once each sees the others. What succeeds is taken back, and so is what was made to
//! wait, which has learned nothing: the wait ends by itself.

use std::net::IpAddr;

use feira_schemas::{
    ids::{Micros, TenantId},
    rows::sessions::{FAILURE_COUNTS, FailureRow},
    secrets::Term,
};
use uuid::Uuid;

use crate::{addresses::Source, context::Api, problem::Problem};

/// Failures after which one waits.
const MOST: usize = 5;
/// Rows that are read to count, unless more are allowed: who has so many waits in any case.
const READ: usize = 100;

/// Counts an attempt to log in, by what came of it: `in`, `refused` or `waits`.
pub fn count(result: &'static str) {
    metrics::counter!("feira_logins_total", "result" => result).increment(1);
}

/// An attempt that may be made.
#[must_use]
pub struct Attempt {
    rows: Vec<FailureRow>,
}

/// Whether an attempt may be made now.
pub enum Allowed {
    /// It may. It counts as failed unless it is said to have succeeded.
    Now(Attempt),
    /// Not before so many seconds.
    In(u64),
}

impl Attempt {
    /// Writes an attempt down for the address that is logged in by, and for where it comes from, and says whether it may be made.
    pub async fn begin(api: &Api, tenant: TenantId, term: &str, client: Option<IpAddr>) -> Result<Allowed, Problem> {
        let source = client.map(|client| format!("source:{}", source(api, tenant, client)));
        let allowed = Self::of(api, tenant, MOST, source.into_iter().chain([format!("term:{term}")])).await?;
        if matches!(allowed, Allowed::In(_)) {
            count("waits");
        }
        Ok(allowed)
    }

    /// Writes down that somebody asks for a link, for where it comes from, and says whether it may be asked. It counts whatever comes of
    /// it, and not among those to log in: who has forgotten a password has tried some before.
    pub async fn to_ask(api: &Api, tenant: TenantId, client: Option<IpAddr>) -> Result<Allowed, Problem> {
        Self::of(api, tenant, MOST, client.map(|client| format!("asks:{}", source(api, tenant, client)))).await
    }

    /// Writes down that somebody tries a code that a shop's coupon may have, for where it comes from, and says whether it may be tried.
    pub async fn to_guess(api: &Api, tenant: TenantId, client: Option<IpAddr>) -> Result<Allowed, Problem> {
        let most = api.quotas.coupons();
        let counted = client.filter(|_| most > 0);
        let source = counted.map(|client| format!("coupon:{}", source(api, tenant, client)));
        let allowed = Self::of(api, tenant, most, source).await?;
        if matches!(allowed, Allowed::In(_)) {
            metrics::counter!("feira_quota_refused_total", "quota" => "coupons").increment(1);
        }
        Ok(allowed)
    }

    /// One of whom each of these may have failed so many times, at least once.
    async fn of(
        api: &Api,
        tenant: TenantId,
        most: usize,
        whose: impl IntoIterator<Item = String>,
    ) -> Result<Allowed, Problem> {
        let at = api.platform.now();
        let row = |whose| FailureRow { tenant_id: tenant, whose, at, failure_id: Uuid::new_v4() };
        let rows: Vec<FailureRow> = whose.into_iter().map(row).collect();
        if rows.is_empty() {
            return Ok(Allowed::Now(Self { rows }));
        }
        if let Some(until) = waits_until(api, &rows, most, at).await? {
            return Ok(waits(until - at));
        }
        api.sessions.fail(&rows).await?;
        let attempt = Self { rows };
        let Some(until) = waits_until(api, &attempt.rows, most, at).await? else { return Ok(Allowed::Now(attempt)) };
        attempt.take_back(api).await?;
        Ok(waits(until - at))
    }

    /// Takes the attempt back: it was no failure.
    pub async fn take_back(&self, api: &Api) -> Result<(), Problem> {
        if self.rows.is_empty() {
            return Ok(());
        }
        Ok(api.sessions.forgive(&self.rows).await?)
    }
}

/// The term of the source that an address is of, as nothing that names somebody is kept in the clear.
fn source(api: &Api, tenant: TenantId, client: IpAddr) -> String {
    api.config.secrets.term(Term::Source, tenant, &Source::from(client).to_string())
}

/// The time until which somebody waits of whom these are attempts, by the other ones before; none who does not wait.
async fn waits_until(api: &Api, rows: &[FailureRow], most: usize, at: Micros) -> Result<Option<Micros>, Problem> {
    let (mut until, read) = (None, READ.max(most.saturating_add(1)));
    for row in rows {
        let before = api.sessions.failures(row.tenant_id, &row.whose, at - FAILURE_COUNTS + 1, read).await?;
        let before: Vec<Micros> =
            before.iter().filter(|other| other.failure_id != row.failure_id).map(|other| other.at).collect();
        until = until.max(before.len().checked_sub(most).map(|first| before[first] + FAILURE_COUNTS));
    }
    Ok(until)
}

fn waits(time: Micros) -> Allowed {
    Allowed::In(u64::try_from(time).unwrap_or_default().div_ceil(1_000_000).max(1))
}
