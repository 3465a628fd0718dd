//! Where somebody logs in, and where one goes after that: a page of the same panel, or its first one.

use feira_schemas::{
    ids::TenantId,
    staff::{OPERATORS_PANEL, SHOP_PANEL},
};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The page at which operators log in.
pub const OPERATORS_LOGIN: &str = "/operator/login";
/// The page at which a shop's staff logs in, on the shop's sub-domain.
pub const SHOP_LOGIN: &str = "/admin/login";
/// Most bytes of an address that is gone back to.
const MOST: usize = 1_000;

/// The address, if it is a path of the same host: one `/` first, no second, and no `\`, which browsers take for one. Nor anything that
/// is no visible ASCII: browsers drop tabs and line breaks, and what is left may be another address.
pub fn safe(next: &str) -> Option<&str> {
    let is_path = next.starts_with('/') && !next.starts_with("//") && next.len() <= MOST;
    (is_path && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')).then_some(next)
}

/// The address, if it is [`safe`] and that of a panel or of a page below it.
pub fn below<'a>(panel: &str, next: &'a str) -> Option<&'a str> {
    let next = safe(next)?;
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let climbs = path.to_ascii_lowercase().replace("%2e", ".").split('/').any(|part| part == "..");
    (is_below(panel, path) && !climbs).then_some(next)
}

/// True for a panel's path and for those below it.
pub(crate) fn is_below(panel: &str, path: &str) -> bool {
    path.strip_prefix(panel).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of the panel of a tenant's staff.
pub(crate) fn panel_of(tenant: TenantId) -> &'static str {
    if tenant == TenantId::PLATFORM { OPERATORS_PANEL } else { SHOP_PANEL }
}

/// The address of the log-in of a tenant's staff that leads back to what was asked for. A form that was sent is lost, so it leads to the
/// first page.
pub(crate) fn login(tenant: TenantId, method: &Method, path: &str, query: &str) -> String {
    let login = if tenant == TenantId::PLATFORM { OPERATORS_LOGIN } else { SHOP_LOGIN };
    let asked = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    match below(panel_of(tenant), &asked) {
        Some(next) if *method == Method::GET => format!("{login}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)),
        _ => login.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_the_same_host_is_gone_to() {
        for good in ["/", "/operator", "/operator/shops/1?q=a%20b&after=x", "/a//b"] {
            assert_eq!(safe(good), Some(good));
        }
        for wrong in [
            "",
            "operator",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            " /operator",
            "/ação",
            "/a b",
            &format!("/{}", "a".repeat(MOST)),
        ] {
            assert_eq!(safe(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_a_page_of_the_panel_is_gone_to() {
        for good in ["/admin", "/admin?done=out", "/admin/x?q=/..", "/admin/x/y"] {
            assert_eq!(below(SHOP_PANEL, good), Some(good));
        }
        for wrong in
            ["/", "/administrador", "/products", "//admin", "/admin/../x", "/admin/%2E./x", "/admin/..", "/operator"]
        {
            assert_eq!(below(SHOP_PANEL, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_log_in_leads_back_to_what_was_asked_for() {
        let (platform, shop) = (TenantId::PLATFORM, TenantId::from_uuid(uuid::Uuid::from_u128(7)));
        let to = |tenant, path: &str| login(tenant, &Method::GET, path, "q=a");
        assert_eq!(to(platform, "/operator/staff"), "/operator/login?next=%2Foperator%2Fstaff%3Fq%3Da");
        assert_eq!(to(shop, "/admin"), "/admin/login?next=%2Fadmin%3Fq%3Da");
        assert_eq!(login(platform, &Method::POST, "/operator/staff", ""), OPERATORS_LOGIN);
        assert_eq!(login(shop, &Method::POST, "/admin", ""), SHOP_LOGIN);
        assert_eq!(to(platform, "//evil.example"), OPERATORS_LOGIN);
    }
}
