//! Links by which a password is chosen.

use feira_schemas::{
    ids::TenantId,
    staff::{INVITED_FOR, LinkPurpose, StaffLink},
};
use serde_json::json;

use super::{Browser, Member, PASSWORD, choose, text};
use crate::{
    bed::{Bed, bed, send},
    reconciliation::Moved,
    run,
};

#[test]
fn f24_a_link_serves_once_and_looking_at_it_spends_nothing() {
    run(async {
        let bed = bed().await;
        let member = Member::invited(bed, "convidada").await;
        // A scanner of mail opens it, again and again, without cookies.
        for method in ["GET", "HEAD", "GET"] {
            let seen = Browser::new(bed).send(bed.request(super::HOST, method, &member.link)).await.expect(200);
            assert_eq!((seen.header("cache-control"), seen.header("referrer-policy")), ("no-store", "same-origin"));
        }
        let mut late = Browser::new(bed);
        late.get(&member.link).await.expect(200);
        let chosen = member.chooses(bed, PASSWORD).await.expect(303);
        assert_eq!(chosen.header("location"), "/operator/login?done=password");
        let again = Browser::new(bed).get(&member.link).await.expect(410);
        assert!(text(&again).contains("Este link já foi usado"), "{}", text(&again));
        // Neither by a form that was open before.
        let (_, link) = member.link.split_once("?t=").unwrap();
        late.post("/operator/link", &[("_link", link), ("/password", "outra lanterna na chuva")]).await.expect(410);
        member.browser(bed).await.get("/operator").await.expect(200);
    });
}

#[test]
fn a_form_that_is_sent_twice_is_answered_twice_the_same_and_a_spent_link_leads_to_the_log_in() {
    run(async {
        let bed = bed().await;
        let member = Member::invited(bed, "clicou-duas-vezes").await;
        let (_, link) = member.link.split_once("?t=").unwrap();
        let mut browser = Browser::new(bed);
        browser.get(&member.link).await.expect(200);
        let fields = [("_link", link), ("/password", PASSWORD), ("_key", "senha-1")];
        for _ in 0..2 {
            let sent = browser.post("/operator/link", &fields).await.expect(303);
            assert_eq!(sent.header("location"), "/operator/login?done=password");
        }
        // Another form of the same link, and one that is no password.
        for (key, password) in [("senha-2", PASSWORD), ("senha-3", "x")] {
            let other = [("_link", link), ("/password", password), ("_key", key)];
            let spent = text(&browser.post("/operator/link", &other).await.expect(410));
            assert!(spent.contains("Este link já foi usado"), "{spent}");
            assert!(spent.contains("Se foi você") && spent.contains("href=\"/operator/login\""), "{spent}");
        }
        let forged = text(&browser.get("/operator/link?t=x").await.expect(410));
        assert!(!forged.contains("Se foi você"), "{forged}");
        browser.log_in(&member.email, PASSWORD).await.expect(303);
    });
}

#[test]
fn a_link_is_spent_by_one_of_two_who_use_it_at_once() {
    run(async {
        let bed = bed().await;
        let member = Member::invited(bed, "duas-vezes").await;
        let (mut one, mut other) = (Browser::new(bed), Browser::new(bed));
        let passwords = ["primeira lanterna na chuva", "segunda lanterna na chuva"];
        let (first, second) =
            tokio::join!(choose(&mut one, &member.link, passwords[0]), choose(&mut other, &member.link, passwords[1]));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
        let good = if first.status == 303 { 0 } else { 1 };
        Browser::new(bed).log_in(&member.email, passwords[good]).await.expect(303);
        Browser::new(bed).log_in(&member.email, passwords[1 - good]).await.expect(422);
    });
}

#[test]
fn what_is_no_link_or_is_over_serves_nothing() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let (member, disabled) = (Member::invited(&bed, "valida").await, Member::invited(&bed, "saiu").await);
        disabled.change(&bed, json!({"status": "disabled"})).await;
        let mut changed = member.link.clone();
        let place = changed.len() - 2..changed.len() - 1;
        let other = if &changed[place.clone()] == "A" { "B" } else { "A" };
        changed.replace_range(place, other);
        // One of a shop's own staff, which the same secrets have signed.
        let shop = bed.shop("dona-do-link").await;
        let tenant: TenantId = shop.id.parse().unwrap();
        let until = bed.api.platform.now() + INVITED_FOR;
        let (staff_id, purpose) = (member.id.parse().unwrap(), LinkPurpose::Password);
        let of_shop = StaffLink { tenant, staff_id, purpose, link_version: 0, until }.write(&bed.api.config.secrets);
        let of_shop = format!("/operator/link?t={of_shop}");
        for link in ["/operator/link", "/operator/link?t=x", &changed, &disabled.link, &of_shop] {
            let page = Browser::new(&bed).get(link).await.expect(410);
            assert!(!text(&page).contains("@equipe.example"), "{link}");
            let mut browser = Browser::new(&bed);
            browser.get("/operator/login").await.expect(200);
            let text = link.split_once("?t=").map_or("", |(_, text)| text);
            browser.post("/operator/link", &[("_link", text), ("/password", PASSWORD)]).await.expect(410);
        }
        Browser::new(&bed).get(&member.link).await.expect(200);
        moved.by(INVITED_FOR);
        let over = Browser::new(&bed).get(&member.link).await.expect(410);
        assert!(text(&over).contains("venceu"), "{}", text(&over));
        // On a shop's host there is no such page.
        let elsewhere = bed.request(&shop.host, "GET", &member.link);
        send(elsewhere).await.expect(404);
    });
}

#[test]
fn a_password_that_is_guessed_first_is_refused_beside_its_field() {
    run(async {
        let bed = bed().await;
        let member = Member::invited_as(bed, "quintanilha", "Beatriz Quintanilha", "administrator").await;
        let long = "frase longa ".repeat(11);
        for (password, why) in [
            ("x7#kQ9!", "A senha tem de 8 a 128 caracteres."),
            ("12345678", "fácil de adivinhar"),
            ("Quintanilha", "fácil de adivinhar"),
            ("quintanilha@equipe.example", "fácil de adivinhar"),
            (long.as_str(), "A senha tem de 8 a 128 caracteres."),
        ] {
            let refused = member.chooses(bed, password).await.expect(422);
            let page = text(&refused);
            assert!(page.contains(why) && page.contains("id=\"password-error\""), "{password}: {page}");
            assert!(page.contains("<title>Erro: Criar senha · Feira</title>"), "{password}: {page}");
            assert!(!page.contains(&format!("value=\"{password}\"")) || password.contains('@'));
        }
        member.chooses(bed, PASSWORD).await.expect(303);
    });
}

#[test]
fn a_new_password_ends_every_session_and_the_old_password() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "esqueceu").await;
        let mut before = member.browser(bed).await;
        before.get("/operator").await.expect(200);
        let made = send(bed.operator("POST", &format!("/staff/{}/link", member.id))).await.expect(200).json;
        let link = made["link"].as_str().unwrap().strip_prefix("http://localhost").unwrap();
        let link = &link[link.find('/').unwrap()..];
        choose(&mut Browser::new(bed), link, "nova lanterna na chuva").await.expect(303);
        before.get("/operator").await.expect(303);
        Browser::new(bed).log_in(&member.email, PASSWORD).await.expect(422);
        Browser::new(bed).log_in(&member.email, "nova lanterna na chuva").await.expect(303);
    });
}
