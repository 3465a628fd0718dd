//! Links by mail: the invitation, and another password for who has forgotten it.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    ids::TenantId,
    records::{AdminEvent, RecordSet as _},
    time::{HOUR, MINUTE},
};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{Browser, Member, PASSWORD, choose, member_at, text};
use crate::{
    bed::{Bed, bed},
    reconciliation::Moved,
    run,
    sign_up::mails::unquoted,
};

/// The mails that a member of the platform's staff has got.
fn mails(bed: &Bed, staff: &str) -> Vec<PathBuf> {
    let folder = bed.mail_folder.join(TenantId::PLATFORM.to_string()).join(format!("staff-{staff}"));
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let files = files.map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "eml")).collect()
}

/// The texts of a member's mails, once there are so many.
async fn got(bed: &Bed, staff: &str, count: usize) -> Vec<String> {
    let arrived = async {
        while mails(bed, staff).len() < count {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), arrived).await.expect("a mail is written");
    let texts: Vec<String> =
        mails(bed, staff).iter().map(|file| unquoted(&fs::read_to_string(file).unwrap())).collect();
    assert_eq!(texts.len(), count);
    texts
}

/// The path of the link in a mail's text.
fn link_of(mail: &str) -> String {
    let (_, rest) = mail.split_once("http://localhost:8080").unwrap_or_else(|| panic!("no link: {mail}"));
    let link = rest.split_whitespace().next().unwrap().to_owned();
    assert!(link.starts_with("/operator/link?t="), "{link}");
    link
}

/// Types an address into the form of who has forgotten a password.
async fn forget(browser: &mut Browser<'_>, email: &str) -> crate::bed::Answered {
    browser.get("/operator/forgot").await.expect(200);
    browser.post("/operator/forgot", &[("/email", email)]).await
}

/// The mail that asks for another password.
fn asks_for_password(mails: &[String]) -> &str {
    mails.iter().find(|mail| mail.contains("Subject: Crie uma nova senha da Feira")).unwrap()
}

#[test]
fn f24_who_has_forgotten_a_password_gets_a_link_by_mail_and_logs_in_by_another() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "esquecida").await;
        let mut browser = Browser::new(bed);
        assert!(text(&browser.get("/operator/login").await).contains("href=\"/operator/forgot\""));
        // However the address is written.
        let asked = forget(&mut browser, " Esquecida@Equipe.Example ").await.expect(303);
        assert_eq!(asked.header("location"), "/operator/login?done=mailed");
        assert!(
            text(&browser.get("/operator/login?done=mailed").await).contains("Se este e-mail é de alguém da equipe")
        );
        // The password is good until the link is used.
        member.browser(bed).await.get("/operator").await.expect(200);
        let all = got(bed, &member.id, 2).await;
        let mail = asks_for_password(&all);
        for part in ["To: ", "esquecida@equipe.example", "por 2 horas", "a sua senha continua a mesma"] {
            assert!(mail.contains(part), "{part}: {mail}");
        }
        choose(&mut Browser::new(bed), &link_of(mail), "outra lanterna na chuva").await.expect(303);
        Browser::new(bed).log_in(&member.email, "outra lanterna na chuva").await.expect(303);
        Browser::new(bed).log_in(&member.email, PASSWORD).await.expect(422);
        Browser::new(bed).get(&link_of(mail)).await.expect(410);
    });
}

#[test]
fn f24_an_invitation_goes_by_mail_with_the_link_that_its_page_shows_once() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "que-convida-por-carta").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator/staff").await.expect(200);
        let email = "por-carta@equipe.example";
        let fields = [("/email", email), ("/name", "Bia"), ("/roles", "administrator"), ("_key", "carta-1")];
        let shown = text(&browser.post("/operator/staff", &fields).await.expect(200));
        assert!(shown.contains("Enviamos um e-mail a Bia"), "{shown}");
        let mail = got(bed, &member_at(bed, email).await, 1).await.remove(0);
        assert!(mail.contains("Subject: Convite para a equipe da Feira") && mail.contains("por 7 dias"), "{mail}");
        let link = link_of(&mail);
        assert!(shown.contains(&link), "{link}: {shown}");
        choose(&mut Browser::new(bed), &link, PASSWORD).await.expect(303);
        Browser::new(bed).log_in(email, PASSWORD).await.expect(303);
    });
}

#[test]
fn an_address_that_nobody_has_is_answered_as_one_of_the_staff_is_and_gets_no_mail() {
    run(async {
        let bed = bed().await;
        let (member, disabled) = (Member::new(bed, "lembrada").await, Member::new(bed, "desligada").await);
        disabled.change(bed, json!({"status": "disabled"})).await;
        got(bed, &disabled.id, 1).await;
        let mut answers = Vec::new();
        for email in [member.email.as_str(), "ninguem-mesmo@equipe.example", &disabled.email] {
            let answer = forget(&mut Browser::new(bed), email).await.expect(303);
            let headers: BTreeSet<String> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            answers.push((answer.header("location").to_owned(), headers, answer.bytes));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        got(bed, &member.id, 2).await;
        assert_eq!(mails(bed, &disabled.id).len(), 1, "the invitation alone");
        let wrong = forget(&mut Browser::new(bed), "sem-arroba").await.expect(422);
        assert!(text(&wrong).contains("id=\"email-error\"") && text(&wrong).contains("value=\"sem-arroba\""));
    });
}

#[test]
fn who_asks_for_links_all_the_time_waits_and_a_member_gets_three_an_hour_whoever_asks() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "inundada").await;
        got(&bed, &member.id, 1).await;
        let mut flood = Browser::new(&bed);
        for number in 0..5 {
            forget(&mut flood, &format!("alguem{number}@equipe.example")).await.expect(303);
        }
        let waits = forget(&mut flood, &member.email).await.expect(429);
        assert!(text(&waits).contains("Espere 15 minutos"), "{}", text(&waits));
        assert!((1..=900).contains(&waits.header("retry-after").parse::<u32>().unwrap()));
        // Who was made to wait here still logs in.
        flood.log_in(&member.email, PASSWORD).await.expect(303);
        // From elsewhere it is asked for: two beside the invitation, and no more in that hour.
        for _ in 0..4 {
            forget(&mut Browser::new(&bed), &member.email).await.expect(303);
        }
        got(&bed, &member.id, 3).await;
        moved.by(15 * MINUTE);
        forget(&mut flood, &member.email).await.expect(303);
        moved.by(HOUR);
        forget(&mut flood, &member.email).await.expect(303);
        got(&bed, &member.id, 4).await;
        assert_no_link_is_kept(&bed, &member).await;
    });
}

/// Everything that admin has said of the platform.
async fn said(bed: &Bed) -> Vec<AdminEvent> {
    let platform = &bed.api.platform;
    let at = TopicPartition::new("admin.events", platform.partition_of(TenantId::PLATFORM));
    let (mut next, mut said) = (0, Vec::new());
    while next < platform.log.end(&at).await.unwrap() {
        let page = platform.log.read(&at, next, 1_000).await.unwrap();
        let values = page.records.iter().filter_map(|record| record.value.as_deref());
        said.extend(values.map(|value| AdminEvent::decode(&platform.codec, value).unwrap()));
        next = page.next;
    }
    said
}

/// Checks that what admin has said of mails has no link: neither its text nor its code.
async fn assert_no_link_is_kept(bed: &Bed, member: &Member) {
    let mut wanted = 0;
    for event in said(bed).await {
        let AdminEvent::MailWanted(event) = event else { continue };
        wanted += usize::from(event.mail.recipient.envelope().subject().id().to_string() == member.id);
        let names: Vec<&str> = event.mail.facts.iter().map(|fact| fact.name.as_str()).collect();
        assert_eq!(names, ["link_version", "until"]);
    }
    assert_eq!(wanted, 4);
    let codes: Vec<String> = mails(bed, &member.id)
        .iter()
        .map(|file| link_of(&unquoted(&fs::read_to_string(file).unwrap())).rsplit_once('.').unwrap().1.to_owned())
        .collect();
    for event in said(bed).await {
        let text = format!("{event:?}");
        assert!(codes.iter().all(|code| !text.contains(code)), "{text}");
    }
}
