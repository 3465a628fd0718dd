//! Logging in: who gets in, who does not, and what each is told.

use std::time::{Duration, Instant};

use feira_schemas::{
    ids::{KeyId, StaffId, TenantId},
    records::admin::StaffMember,
    row::Write,
    rows::admin::StaffRow,
    sealed::{Envelope, NONCE, PasswordHash, Personal, Sealed, Subject, SubjectKind},
    secrets::Term,
    time::{HOUR, MINUTE},
};
use serde_json::json;
use uuid::Uuid;

use super::{Browser, Member, PASSWORD, text};
use crate::{
    bed::{Bed, bed},
    reconciliation::Moved,
    run,
};

#[test]
fn f24_who_has_the_password_gets_in_and_sees_its_name() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "entra").await;
        let mut browser = Browser::new(bed);
        let answer = browser.log_in(" ENTRA@Equipe.example ", PASSWORD).await.expect(303);
        assert_eq!(answer.header("location"), "/operator");
        let first = browser.get("/operator").await.expect(200);
        assert!(text(&first).contains("Ana Lima") && text(&first).contains("Lojas"), "{}", text(&first));
        let cookie = answer.header("set-cookie");
        for part in ["feira_session=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
        // Over https the cookie is the host's alone.
        let mut browser = Browser::new(bed);
        let secure = |request: reqwest::RequestBuilder| request.header("x-forwarded-proto", "https");
        let page = secure(browser.request("GET", "/operator/login"));
        browser.send(page).await.expect(200);
        let form =
            secure(browser.form("/operator/login", &[("/email", member.email.as_str()), ("/password", PASSWORD)]));
        let answer = browser.send(form).await.expect(303);
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-feira_session=") && cookie.ends_with("; Secure"), "{cookie}");
        let page = secure(browser.request("GET", "/operator"));
        browser.send(page).await.expect(200);
        browser.get("/operator").await.expect(303);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_told_the_same_in_the_same_time() {
    run(async {
        let bed = bed().await;
        let (member, invited) = (Member::new(bed, "certa").await, Member::invited(bed, "so-convidada").await);
        let disabled = Member::new(bed, "desativada-antes").await;
        disabled.change(bed, json!({"status": "disabled"})).await;
        let (mut seen, endless) = (Vec::new(), "x".repeat(129));
        for (email, password) in [
            (member.email.as_str(), "outra senha qualquer"),
            ("ninguem@equipe.example", PASSWORD),
            (invited.email.as_str(), PASSWORD),
            (disabled.email.as_str(), PASSWORD),
            (member.email.as_str(), endless.as_str()),
        ] {
            let mut browser = Browser::new(bed);
            browser.get("/operator/login").await.expect(200);
            let begun = Instant::now();
            let answer =
                browser.post("/operator/login", &[("/email", email), ("/password", password)]).await.expect(422);
            seen.push(begun.elapsed());
            let page = text(&answer);
            assert!(page.contains("E-mail ou senha não conferem."), "{page}");
            assert!(page.contains("<title>Erro: Entrar · Feira</title>"), "{page}");
            assert!(page.contains(email) && !page.contains(password), "the address is kept, the password is not");
            assert_eq!((browser.session(), answer.header("cache-control")), (None, "no-store"));
        }
        // Each has filled 19 MiB, which nobody does in less.
        assert!(seen.iter().all(|time| *time > Duration::from_millis(3)), "{seen:?}");
    });
}

#[test]
fn what_is_missing_is_said_at_its_field_and_counts_as_no_attempt() {
    run(async {
        let bed = bed().await;
        let mut browser = Browser::new(bed);
        browser.get("/operator/login").await.expect(200);
        for _ in 0..7 {
            let answer = browser.post("/operator/login", &[("/email", "ana"), ("/password", "x")]).await.expect(422);
            assert!(text(&answer).contains("id=\"email-error\"") && text(&answer).contains("value=\"ana\""));
            let answer = browser.post("/operator/login", &[("/email", "ana@x.example")]).await.expect(422);
            assert!(text(&answer).contains("id=\"password-error\"") && text(&answer).contains("<title>Erro: "));
        }
    });
}

#[test]
fn the_sixth_attempt_waits_also_with_the_right_password_and_fifteen_minutes_later_it_is_let_in() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "tentada").await;
        // By the address that is logged in by, from wherever it is tried.
        for _ in 0..5 {
            Browser::new(&bed).log_in(&member.email, "errada de novo").await.expect(422);
        }
        let waits = Browser::new(&bed).log_in(&member.email, PASSWORD).await.expect(429);
        assert!(text(&waits).contains("Espere 15 minutos"), "{}", text(&waits));
        assert!((1..=900).contains(&waits.header("retry-after").parse::<u32>().unwrap()));
        moved.by(14 * MINUTE);
        Browser::new(&bed).log_in(&member.email, PASSWORD).await.expect(429);
        // Who waited and tried again has not made the wait longer.
        moved.by(MINUTE);
        Browser::new(&bed).log_in(&member.email, PASSWORD).await.expect(303);

        // By where it is tried from, whoever is tried.
        let mut guesser = Browser::new(&bed);
        for number in 0..5 {
            guesser.log_in(&format!("alguem{number}@equipe.example"), PASSWORD).await.expect(422);
        }
        guesser.log_in(&member.email, PASSWORD).await.expect(429);
        Browser::new(&bed).log_in(&member.email, PASSWORD).await.expect(303);
        moved.by(15 * MINUTE);
        guesser.log_in(&member.email, PASSWORD).await.expect(303);
    });
}

#[test]
fn many_attempts_at_once_see_one_another() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "de-uma-vez").await;
        let mut browser = Browser::new(bed);
        browser.get("/operator/login").await.expect(200);
        let fields = [("/email", member.email.as_str()), ("/password", "errada de novo")];
        for _ in 0..2 {
            browser.post("/operator/login", &fields).await.expect(422);
        }
        let all = (0..12).map(|_| crate::bed::send(browser.form("/operator/login", &fields)));
        let statuses: Vec<u16> = futures::future::join_all(all).await.into_iter().map(|answer| answer.status).collect();
        let tried = statuses.iter().filter(|status| **status == 422).count();
        assert!(tried <= 3 && statuses.iter().all(|status| [422, 429].contains(status)), "{statuses:?}");
    });
}

#[test]
fn where_nobody_has_looked_at_the_password_nothing_was_tried() {
    run(async {
        let bed = Bed::start().await;
        let member = Member::new(&bed, "sem-chave").await;
        let (state, staff_id) = (&bed.api.platform.state, member.id.parse::<StaffId>().unwrap());
        let row = state.get::<StaffRow>(&StaffRow::at(TenantId::PLATFORM, staff_id)).await.unwrap().unwrap();
        // Sealed by a key that the keyring has lost.
        let (subject, key) = (Subject::new(SubjectKind::Staff, staff_id.uuid()), KeyId::from_uuid(Uuid::new_v4()));
        let lost = Envelope::new(subject, PasswordHash::FIELD, key, [1; NONCE], vec![1; 40]).unwrap();
        let staff = StaffMember { password: Some(Sealed::of(lost).unwrap()), ..row.staff.clone() };
        let later = bed.api.platform.now() + HOUR;
        state.write(&[Write::put(StaffRow { staff, ..row.clone() }, later)]).await.unwrap();
        let mut browser = Browser::new(&bed);
        for _ in 0..7 {
            browser.log_in(&member.email, PASSWORD).await.expect(503);
        }
        state.write(&[Write::put(row, later + 1)]).await.unwrap();
        browser.log_in(&member.email, PASSWORD).await.expect(303);
    });
}

#[test]
fn of_where_an_attempt_comes_from_a_term_alone_is_kept() {
    run(async {
        let bed = bed().await;
        let mut browser = Browser::new(bed);
        browser.log_in("ninguem-dali@equipe.example", PASSWORD).await.expect(422);
        let platform = TenantId::PLATFORM;
        let kept = async |whose: String| bed.api.sessions.failures(platform, &whose, 0, 10).await.unwrap().len();
        let term = bed.api.config.secrets.term(Term::Source, platform, &browser.address);
        assert_eq!(kept(format!("source:{term}")).await, 1);
        assert_eq!(kept(format!("source:{}", browser.address)).await, 0);
    });
}

#[test]
fn a_log_in_leads_to_a_page_of_the_host_alone() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "adiante").await;
        let mut browser = Browser::new(bed);
        let asked = browser.get("/operator/staff?after=x&y=1").await.expect(303);
        let login = asked.header("location").to_owned();
        assert_eq!(login, "/operator/login?next=%2Foperator%2Fstaff%3Fafter%3Dx%26y%3D1");
        let page = browser.get(&login).await.expect(200);
        assert!(text(&page).contains("name=\"_next\" value=\"/operator/staff?after=x"), "{}", text(&page));
        for (next, leads) in [
            ("/operator/staff?a=1", "/operator/staff?a=1"),
            ("//evil.example", "/operator"),
            ("/\\evil.example", "/operator"),
            ("/\t/evil.example", "/operator"),
            ("https://evil.example/", "/operator"),
            ("javascript:alert(1)", "/operator"),
            ("/operator\r\nset-cookie: x=1", "/operator"),
            ("", "/operator"),
        ] {
            let mut browser = Browser::new(bed);
            browser.get("/operator/login").await.expect(200);
            let fields = [("/email", member.email.as_str()), ("/password", PASSWORD), ("_next", next)];
            let answer = browser.post("/operator/login", &fields).await.expect(303);
            assert_eq!(answer.header("location"), leads, "{next:?}");
            // Whoever is in already is led there at once, and no further.
            let query = next.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let again = browser.get(&format!("/operator/login?next={query}")).await.expect(303);
            assert!(again.header("location").starts_with("/operator"), "{next:?} {}", again.header("location"));
        }
    });
}
