//! Sessions of staff: a cookie's random token, whose SHA-256 is a row, good on one host of one tenant.
//!
//! The member's own row and those of its groups are read for each request, so that whoever is disabled, may do less or has its sessions ended is
//! out at once.

mod access;
mod carts;
mod cookies;
mod failures;
mod next;
mod own_forms;

use feira_schemas::{
    access::House,
    ids::TenantId,
    records::admin::{StaffGroup, StaffMember, StaffStatus},
    rows::{
        admin::{StaffGroupRow, StaffRow},
        sessions::SessionRow,
    },
    staff::{is_administrator, permissions_of},
};
use http::{HeaderMap, HeaderValue};

pub(crate) use self::{
    access::check,
    next::{is_below, login, panel_of},
    own_forms::{check_origin, known_visitor},
};
pub use self::{
    access::{Access, Act, Area},
    carts::{cart_cookie, cart_of, is_cart_id, keyed_cart_id, new_cart_id, no_cart_cookie},
    failures::{Allowed, Attempt, count},
    next::{OPERATORS_LOGIN, SHOP_LOGIN, below, safe},
    own_forms::{Holder, KEY_FIELD, TOKEN_FIELD, VERSION_FIELD, Visitor, visitor},
};
use self::{cookies::Cookie, own_forms::random_token};
use crate::{context::Api, hosts, problem::Problem, tokens};

/// Somebody who has logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The member, as its row is now.
    pub member: StaffMember,
    /// The permissions that the member has, of itself and by its groups, as their rows are now; sorted, each once.
    pub permissions: Vec<Access>,
    row: SessionRow,
}

impl Session {
    /// The name of the actor in records.
    pub fn actor(&self) -> String {
        format!("staff:{}", self.member.staff_id)
    }

    /// True if the member may do this.
    pub fn may(&self, access: Access) -> bool {
        access.is_given_by(&self.permissions)
    }

    /// The holder that forms of this session's pages are bound to.
    pub fn holder(&self) -> Holder<'_> {
        Holder::Session(&self.row.token_hash)
    }
}

/// The session of a request; none where there is none, or it is over, or another host's.
pub async fn find(api: &Api, tenant: TenantId, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
    let Some(token) = Cookie::Session.read(headers) else { return Ok(None) };
    let Some(row) = api.sessions.session(tenant, &tokens::hash(token)).await? else { return Ok(None) };
    let now = api.platform.now();
    if row.is_over(now) || hosts::name(headers).is_none_or(|host| host != row.host) {
        return Ok(None);
    }
    let Some(StaffRow { staff: member, .. }) = api.platform.state.get(&StaffRow::at(tenant, row.staff_id)).await?
    else {
        return Ok(None);
    };
    if member.status != StaffStatus::Active || row.ended_before != member.sessions_not_before {
        return Ok(None);
    }
    let permissions = permissions(api, tenant, &member).await?;
    let mut session = Session { member, permissions, row };
    if session.row.is_to_be_seen(now) {
        session.row.seen_at = now;
        api.sessions.keep(&session.row).await?;
    }
    Ok(Some(session))
}

/// The permissions of a member of a tenant's staff, as its groups' rows are now.
async fn permissions(api: &Api, tenant: TenantId, member: &StaffMember) -> Result<Vec<Access>, Problem> {
    let house = House::of(tenant);
    if is_administrator(member) || member.groups.is_empty() {
        return Ok(permissions_of(member, &[], house));
    }
    let keys: Vec<_> = member.groups.iter().map(|group| StaffGroupRow::at(tenant, *group)).collect();
    let rows = api.platform.state.get_many::<StaffGroupRow>(&keys).await?;
    let groups: Vec<StaffGroup> = rows.into_iter().flatten().map(|row| row.group).collect();
    Ok(permissions_of(member, &groups, house))
}

/// Logs a member in, by a token of its own, and ends the session that the browser had, if any. The header that sets the cookie.
///
/// `member` is the row whose password was verified: if another one was set since, or its sessions were ended, this one is over already.
pub async fn begin(
    api: &Api,
    tenant: TenantId,
    member: &StaffMember,
    headers: &HeaderMap,
) -> Result<HeaderValue, Problem> {
    end(api, tenant, headers).await?;
    let (token, now) = (random_token(), api.platform.now());
    let host = hosts::name(headers).ok_or_else(Problem::no_such_address)?;
    let session = SessionRow {
        tenant_id: tenant,
        token_hash: tokens::hash(&token),
        staff_id: member.staff_id,
        host,
        made_at: now,
        seen_at: now,
        ended_before: member.sessions_not_before,
    };
    api.sessions.keep(&session).await?;
    Cookie::Session.set(headers, &token).ok_or_else(|| Problem::internal("a cookie is no header"))
}

/// Ends the session that the browser has, whosever it is. The header that has it forget the cookie.
pub async fn end(api: &Api, tenant: TenantId, headers: &HeaderMap) -> Result<Option<HeaderValue>, Problem> {
    if let Some(token) = Cookie::Session.read(headers)
        && let Some(row) = api.sessions.session(tenant, &tokens::hash(token)).await?
    {
        api.sessions.end(&row, api.platform.now()).await?;
    }
    Ok(Cookie::Session.clear(headers))
}
