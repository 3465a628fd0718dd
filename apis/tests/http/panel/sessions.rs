//! Sessions: how they begin, whom they are of, and how they end.

use feira_schemas::{
    ids::TenantId,
    records::admin::StaffMember,
    rows::sessions::{SEEN_EVERY, SESSION_IDLES, SESSION_LASTS, SessionRow},
    time::HOUR,
};
use feira_web::{sessions, team, tokens};
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::{Browser, Member, PASSWORD, choose, text};
use crate::{
    bed::{Bed, bed, send},
    reconciliation::Moved,
    run,
};

#[test]
fn a_session_begins_with_a_token_of_its_own_whatever_the_browser_brought() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "fixada").await;
        let mut browser = Browser::new(bed);
        // Slipped in by somebody who knows it.
        let known = "k".repeat(43);
        browser.cookies.insert("feira_session".into(), known.clone());
        browser.log_in(&member.email, PASSWORD).await.expect(303);
        let first = browser.session().unwrap().to_owned();
        assert_ne!(first, known);
        let mut guest = Browser::new(bed);
        guest.cookies.insert("feira_session".into(), known);
        guest.get("/operator").await.expect(303);
        // Logged in anew, the session of before is over.
        let mut again = Browser::new(bed);
        again.cookies.clone_from(&browser.cookies);
        again.get("/operator").await.expect(200);
        let cookies = again.cookies.remove("feira_session").unwrap();
        again.get("/operator/login").await.expect(200);
        again.cookies.insert("feira_session".into(), cookies);
        let fields = [("/email", member.email.as_str()), ("/password", PASSWORD)];
        again.post("/operator/login", &fields).await.expect(303);
        assert_ne!(again.session().unwrap(), first);
        browser.get("/operator").await.expect(303);
        again.get("/operator").await.expect(200);
    });
}

#[test]
fn only_the_hash_of_a_token_is_kept() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "guardada").await;
        let browser = member.browser(bed).await;
        let token = browser.session().unwrap();
        let (platform, hash) = (TenantId::PLATFORM, tokens::hash(token));
        let row = bed.api.sessions.session(platform, &hash).await.unwrap().unwrap();
        assert_eq!((row.staff_id.to_string(), row.host.as_str()), (member.id, "localhost"));
        assert_eq!(bed.api.sessions.session(platform, token).await.unwrap(), None);
    });
}

#[test]
fn who_logs_out_is_out_and_its_cookie_opens_nothing() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "sai").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator").await.expect(200);
        let cookies = browser.cookies.clone();
        let out = browser.post("/operator/logout", &[]).await.expect(303);
        assert_eq!((out.header("location"), browser.session()), ("/operator/login?done=out", None));
        assert!(text(&browser.get("/operator/login?done=out").await).contains("Você saiu."));
        browser.cookies = cookies;
        browser.get("/operator").await.expect(303);
    });
}

#[test]
fn a_member_ends_its_sessions_everywhere() {
    run(async {
        let bed = bed().await;
        let (member, other) = (Member::new(bed, "em-todo-lugar").await, Member::new(bed, "alheia").await);
        let (mut one, mut two) = (member.browser(bed).await, member.browser(bed).await);
        let mut others = other.browser(bed).await;
        one.get("/operator").await.expect(200);
        one.post("/operator/sessions/end", &[]).await.expect(303);
        assert_eq!(one.session(), None);
        two.get("/operator").await.expect(303);
        others.get("/operator").await.expect(200);
        member.browser(bed).await.get("/operator").await.expect(200);
    });
}

#[test]
fn a_session_of_a_password_that_was_replaced_meanwhile_is_over_as_it_begins() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "ao-mesmo-tempo").await;
        let staff_id = member.id.parse().unwrap();
        // The old password is verified against this row, and then another one is set.
        let verified = team::member(&bed.api, TenantId::PLATFORM, staff_id).await.unwrap().unwrap();
        let made = send(bed.operator("POST", &format!("/staff/{}/link", member.id))).await.expect(200).json;
        let link = made["link"].as_str().unwrap().split_once("/operator").unwrap().1;
        choose(&mut Browser::new(bed), &format!("/operator{link}"), "nova lanterna na chuva").await.expect(303);
        let headers = HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static("localhost"))]);
        let opened = async |of: &StaffMember| {
            let cookie = sessions::begin(&bed.api, TenantId::PLATFORM, of, &headers).await.unwrap();
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            send(bed.request("localhost", "GET", "/operator").header("cookie", cookie)).await.status
        };
        assert_eq!(opened(&verified).await, 303);
        let now = team::member(&bed.api, TenantId::PLATFORM, staff_id).await.unwrap().unwrap();
        assert_eq!(opened(&now).await, 200);
    });
}

#[test]
fn who_logs_in_by_a_clock_that_is_behind_is_in() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "relogio-atrasado").await;
        moved.by(-HOUR);
        let mut browser = member.browser(&bed).await;
        browser.get("/operator").await.expect(200);
    });
}

#[test]
fn a_member_that_is_disabled_or_loses_its_role_is_out_at_once() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "perde").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator/staff").await.expect(200);
        member.change(bed, json!({"roles": ["member"]})).await;
        browser.get("/operator/staff").await.expect(403);
        let first = browser.get("/operator").await.expect(200);
        assert!(text(&first).contains("não abre nenhuma área") && !text(&first).contains("/operator/staff"));
        assert!(text(&first).contains("<title>Olá, Ana Lima · Feira</title>") && !text(&first).contains("<nav"));
        member.change(bed, json!({"roles": ["administrator"]})).await;
        browser.get("/operator/staff").await.expect(200);
        member.change(bed, json!({"status": "disabled"})).await;
        browser.get("/operator").await.expect(303);
        Browser::new(bed).log_in(&member.email, PASSWORD).await.expect(422);
        // Let in again, it logs in again: the session of before stays over.
        member.change(bed, json!({"status": "active"})).await;
        browser.get("/operator").await.expect(303);
        member.browser(bed).await.get("/operator").await.expect(200);
    });
}

#[test]
fn a_session_is_of_the_host_that_it_was_made_on() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "de-um-host").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator").await.expect(200);
        // The platform answers on an address, too: another host to a browser, to which somebody carries the cookie.
        let token = browser.session().unwrap().to_owned();
        browser.cookies.insert("__Host-feira_session".into(), token); // As it is called where https is asked for.
        for host in ["127.0.0.1:8080", "127.0.0.1", "10.0.0.7"] {
            browser.host = host;
            browser.get("/operator").await.expect(303);
        }
        browser.cookies.remove("__Host-feira_session");
        browser.host = "LOCALHOST.:9090";
        browser.get("/operator").await.expect(200);
        let shop = bed.shop("outro-host").await;
        let cookie = format!("feira_session={}", browser.session().unwrap());
        let ask = |host: &str, path: &str| bed.request(host, "GET", path).header("cookie", &cookie);
        send(ask(&shop.host, "/operator")).await.expect(404);
        send(ask(&shop.host, "/api/admin/v1/settings")).await.expect(401);
        send(ask("localhost", "/api/operator/v1/tenants")).await.expect(401);
        // What a request says of another host is nothing to us.
        let games = bed.request("10.0.0.7", "GET", "/operator").header("cookie", format!("__Host-{cookie}"));
        send(games.header("x-forwarded-host", "localhost")).await.expect(303);
    });
}

/// A session of a shop's staff opens nothing of the platform's, also where its member has the same id.
#[test]
fn staff_of_a_shop_does_not_enter_the_platforms_panel() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "da-plataforma").await;
        let shop = bed.shop("com-equipe").await;
        let (token, now) = ("t".repeat(43), bed.api.platform.now());
        let row = SessionRow {
            tenant_id: shop.id.parse().unwrap(),
            token_hash: tokens::hash(&token),
            staff_id: member.id.parse().unwrap(),
            host: "localhost".into(),
            made_at: now,
            seen_at: now,
            ended_before: 0,
        };
        bed.api.sessions.keep(&row).await.unwrap();
        let mut browser = Browser::new(bed);
        browser.cookies.insert("feira_session".into(), token);
        browser.get("/operator").await.expect(303);
    });
}

#[test]
fn a_session_ends_unused_after_twelve_hours_and_used_after_fourteen_days() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "por-tempo").await;
        let mut idle = member.browser(&bed).await;
        moved.by(SESSION_IDLES);
        idle.get("/operator").await.expect(303);
        let mut used = member.browser(&bed).await;
        let hash = tokens::hash(used.session().unwrap());
        let row = async || bed.api.sessions.session(TenantId::PLATFORM, &hash).await.unwrap().unwrap();
        let made = row().await;
        moved.by(SEEN_EVERY / 2);
        used.get("/operator").await.expect(200);
        assert_eq!(row().await.seen_at, made.seen_at, "not each request is written");
        let mut passed = SEEN_EVERY / 2;
        while passed + 11 * HOUR < SESSION_LASTS {
            moved.by(11 * HOUR);
            passed += 11 * HOUR;
            used.get("/operator").await.expect(200);
        }
        assert!(row().await.seen_at > made.seen_at);
        moved.by(SESSION_LASTS - passed);
        used.get("/operator").await.expect(303);
    });
}
