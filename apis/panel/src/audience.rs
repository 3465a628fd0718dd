//! The two kinds of staff that the panel serves, each on hosts of its own, by the same pages to get in and out.

use feira_schemas::{
    access,
    ids::TenantId,
    problem::Code,
    records::admin::{Tenant, TenantStatus},
    refusals,
    rows::admin::TenantRow,
    staff::{OPERATORS_LINK, OPERATORS_PANEL, SHOP_LINK, SHOP_PANEL},
};
use feira_web::{
    context::Api,
    problem::Problem,
    routing::{Request, Route},
    sessions::{Access, OPERATORS_LOGIN, SHOP_LOGIN},
    tenants,
};

/// A kind of staff: the addresses of the pages that are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Audience {
    /// The first page, below which all others lie.
    pub panel: &'static str,
    pub login: &'static str,
    pub logout: &'static str,
    /// Ends every session.
    pub end: &'static str,
    /// Asks for a link, for who has forgotten the password.
    pub forgot: &'static str,
    /// Asks for a link, for who has logged in.
    pub password: &'static str,
    /// A link's page.
    pub link: &'static str,
    /// Files, by their names.
    pub assets: &'static str,
    /// The panel's name beside that of its house.
    pub part: &'static str,
}

/// The platform's own staff, on the platform's host.
pub(crate) const OPERATORS: Audience = Audience {
    panel: OPERATORS_PANEL,
    login: OPERATORS_LOGIN,
    logout: "/operator/logout",
    end: "/operator/sessions/end",
    forgot: "/operator/forgot",
    password: "/operator/password",
    link: OPERATORS_LINK,
    assets: "/operator/assets/{file}",
    part: "Operação",
};

/// A shop's staff, on the shop's sub-domain.
pub(crate) const SHOP: Audience = Audience {
    panel: SHOP_PANEL,
    login: SHOP_LOGIN,
    logout: "/admin/logout",
    end: "/admin/sessions/end",
    forgot: "/admin/forgot",
    password: "/admin/password",
    link: SHOP_LINK,
    assets: "/admin/assets/{file}",
    part: "Painel",
};

impl Audience {
    /// Every kind.
    pub const ALL: [Self; 2] = [OPERATORS, SHOP];

    /// The kind of a tenant's staff.
    pub fn of(tenant: TenantId) -> Self {
        if tenant == TenantId::PLATFORM { OPERATORS } else { SHOP }
    }

    /// The house whose permissions this kind of staff is given.
    pub fn kind(self) -> access::House {
        if self == OPERATORS { access::House::Platform } else { access::House::Shop }
    }

    /// Puts a route on the hosts of this kind's panel.
    pub fn puts(self, route: Route) -> Route {
        if self == OPERATORS { route.on_platform() } else { route }
    }

    /// A page of this kind's panel, for who may do this.
    pub fn asks(self, route: Route, access: Access) -> Route {
        self.puts(route).page().for_session(access).problems(&[409])
    }

    /// A form of this kind's panel that changes something, for who may do this.
    pub fn does(self, route: Route, access: Access) -> Route {
        self.puts(route).page().for_session(access).takes_own_form().problems(&[409, 412, 422])
    }
}

/// The house whose staff comes in: the platform, or a shop.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub audience: Audience,
    /// The name.
    pub name: String,
    /// The shop; none is the platform.
    pub shop: Option<Tenant>,
}

impl House {
    /// The house of a request's host. A shop that is suspended has its staff all the same.
    ///
    /// # Errors
    /// 404 where there is no shop, or one that was never opened; `shop_closed` of one that is closed for good, which nobody gets into.
    pub async fn of(api: &Api, request: &Request) -> Result<Self, Problem> {
        let (tenant, audience) = (request.tenant, Audience::of(request.tenant));
        if tenant == TenantId::PLATFORM {
            return Ok(Self { audience, name: "Feira".to_owned(), shop: None });
        }
        let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
        let shop = row.map(|row| row.tenant).ok_or_else(Problem::no_such_address)?;
        match shop.status {
            TenantStatus::Active | TenantStatus::Suspended => {}
            TenantStatus::Closed => return Err(Problem::new(Code::ShopClosed, refusals::SHOP_CLOSED)),
            TenantStatus::Requested | TenantStatus::Refused | TenantStatus::Unknown => {
                return Err(Problem::no_such_address());
            }
        }
        let name = tenants::name(api, tenant).await?.unwrap_or_else(|| shop.subdomain.clone());
        Ok(Self { audience, name, shop: Some(shop) })
    }
}
