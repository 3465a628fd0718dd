//! Forms of our own pages alone: a write by cookie comes from the very host, with the token of its page.

use feira_web::routing::{Auth, HostKind, Route};
use reqwest::RequestBuilder;

use super::{Browser, Member, PASSWORD, encoded};
use crate::{
    bed::{bed, send},
    run,
};

const ANY_ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

/// The paths of the panels: the operators', and a shop's.
const PANELS: [&str; 2] = ["/operator", "/admin"];

/// True for an address of this panel.
fn is_of(panel: &str, route: &Route) -> bool {
    route.path.strip_prefix(panel).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The routes of the panels by their addresses, so that one which asks for nothing is among them; without the stylesheet, which is anybody's.
fn panel() -> impl Iterator<Item = Route> {
    let routes = feira_apis::routes().into_iter();
    routes.filter(|route| PANELS.iter().any(|panel| is_of(panel, route)) && !route.path.contains("/assets/"))
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    request.header("content-type", "application/x-www-form-urlencoded").body(encoded(fields))
}

#[test]
fn every_write_of_the_panel_takes_a_form_of_ours_and_every_page_a_session() {
    for route in panel() {
        let writes = route.method != "GET";
        assert_eq!((route.own_form, route.tokenless), (writes, false), "{} {}", route.method, route.path);
        assert!(route.page, "{} {}", route.method, route.path);
        let for_anybody = ["/login", "/link", "/forgot"].iter().any(|page| route.path.ends_with(page));
        let is_operators = is_of("/operator", &route);
        assert_eq!(route.host == HostKind::Platform, is_operators, "{} {}", route.method, route.path);
        // What is done to a member of the team: its new link.
        let for_anybody = for_anybody && !route.path.contains("/staff/");
        assert_eq!(matches!(route.auth, Auth::Session(_)), !for_anybody, "{} {}", route.method, route.path);
    }
    // Sign-up's forms, those of a cart, and that by which a shop is reported, are those of who has not logged in; no card's number ever comes with them.
    let of_anybody = [
        "/assinar/{plan}",
        "/assinatura/{link}",
        "/denunciar",
        "/cart/items",
        "/cart/items/{vid}",
        "/cart/items/{vid}/remove",
        "/cart/coupon",
        "/cart/coupon/remove",
        "/cart/freight",
    ];
    let elsewhere = feira_apis::routes().into_iter().filter(|route| !PANELS.iter().any(|panel| is_of(panel, route)));
    for route in elsewhere {
        let takes = of_anybody.contains(&route.path) && route.method == "POST";
        assert_eq!((route.own_form, route.no_cards), (takes, takes), "{} {}", route.method, route.path);
        // A product's page is the same for everybody, so its form has nobody's token.
        assert_eq!(route.tokenless, takes && route.path == "/cart/items", "{} {}", route.method, route.path);
        assert!(!matches!(route.auth, Auth::Session(_)), "{} {}", route.method, route.path);
    }
}

#[test]
fn who_has_not_logged_in_is_led_to_the_log_in_from_every_page() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("sem-entrar").await;
        for route in panel().filter(|route| matches!(route.auth, Auth::Session(_))) {
            let path = route.path.replace("{topic}", "admin.events");
            let path = ["{id}", "{shop}", "{sid}"].iter().fold(path, |path, name| path.replace(name, ANY_ID));
            let (host, login) = match route.host {
                HostKind::Platform => ("localhost", "/operator/login"),
                _ => (shop.host.as_str(), "/admin/login"),
            };
            let bare = send(bed.request(host, route.method.as_str(), &path)).await.expect(303);
            assert!(bare.header("location").starts_with(login), "{path}");
            assert_eq!(bare.header("cache-control"), "no-store");
            let token = bed.request(host, route.method.as_str(), &path).bearer_auth(crate::bed::OPERATOR);
            send(token).await.expect(303);
        }
    });
}

#[test]
fn a_form_from_elsewhere_or_without_its_token_changes_nothing() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "forjada").await;
        let (mut browser, mut other) = (member.browser(bed).await, member.browser(bed).await);
        browser.get("/operator").await.expect(200);
        other.get("/operator").await.expect(200);
        let mut visitor = Browser::new(bed);
        visitor.get("/operator/login").await.expect(200);
        let token = browser.token.clone();
        let (origin, shop) = ("http://localhost:8080", "http://moda.localhost:8080");
        for (site, origin, token) in [
            (Some("same-origin"), None, ""),
            (Some("same-origin"), None, "x"),
            // Another session's, and one of who has not logged in.
            (Some("same-origin"), None, other.token.as_str()),
            (Some("same-origin"), None, visitor.token.as_str()),
            (Some("same-site"), Some(shop), token.as_str()),
            (Some("cross-site"), Some("https://evil.example"), token.as_str()),
            (Some("cross-site"), Some(origin), token.as_str()),
            (Some("none"), None, token.as_str()),
            (None, Some(shop), token.as_str()),
            (None, Some("null"), token.as_str()),
            (None, None, token.as_str()),
        ] {
            let mut request = browser.request("POST", "/operator/logout");
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                request = value.into_iter().fold(request, |request, value| request.header(name, value));
            }
            send(form(request, &[("_token", token)])).await.expect(403);
            browser.get("/operator").await.expect(200);
        }
        // A body that is no form has no token.
        let json = browser.request("POST", "/operator/logout").header("sec-fetch-site", "same-origin");
        let json = json.header("content-type", "application/json").body(format!("{{\"_token\": \"{token}\"}}"));
        send(json).await.expect(415);
        // Where a browser says nothing of the site, its origin counts.
        let request =
            form(browser.request("POST", "/operator/logout").header("origin", origin), &[("_token", token.as_str())]);
        browser.send(request).await.expect(303);
        browser.get("/operator").await.expect(303);
    });
}

#[test]
fn the_log_in_takes_its_own_visitors_form_alone() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "visitante").await;
        let fields = [("/email", member.email.as_str()), ("/password", PASSWORD)];
        let (mut browser, mut other) = (Browser::new(bed), Browser::new(bed));
        browser.get("/operator/login").await.expect(200);
        other.get("/operator/login").await.expect(200);
        // Somebody's own form in another's browser: it would log that one in as oneself.
        let own = std::mem::replace(&mut browser.token, other.token.clone());
        browser.post("/operator/login", &fields).await.expect(403);
        browser.token = String::new();
        browser.post("/operator/login", &fields).await.expect(403);
        browser.token = own;
        let visitor = browser.cookies.remove("feira_visitor").unwrap();
        browser.post("/operator/login", &fields).await.expect(403);
        browser.cookies.insert("feira_visitor".into(), visitor);
        browser.post("/operator/login", &fields).await.expect(303);
    });
}
