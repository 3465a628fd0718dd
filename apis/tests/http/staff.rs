//! The platform's own staff, as the operator invites and changes it. Members are the platform's, which all tests share:
//! who counts them starts a Feira of its own.

use std::time::Duration;

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    ids::{CommandId, StaffId, TenantId},
    records::{
        AdminCommand,
        admin::{SetStaffPassword, StaffMember, StaffStatus},
        common::{CommandMeta, CommandResult, Outcome},
    },
    rows::admin::{AnswerRow, StaffEmailRow, StaffRow},
    sealed::{PasswordHash, Subject, SubjectKind},
    staff::{FORGOTTEN_FOR, INVITED_FOR, LinkError, StaffLink},
    topics::Context,
};
use feira_web::writes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bed::{Bed, bed, send, send_at},
    payments::text,
    run,
};

const PLATFORM: TenantId = TenantId::PLATFORM;
/// A hash as Argon2id makes one; what it is of does not matter here.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";

/// Invites somebody who was not invited before, with a name and a role.
async fn invited(bed: &Bed, email: &str, role: &str) -> Value {
    let body = json!({"email": email, "name": "Ana Lúcia", "roles": [role]});
    send(bed.operator("POST", "/staff").json(&body)).await.expect(201).json
}

/// The link in an answer, as who opens it hands it on.
fn link_of(bed: &Bed, answer: &Value) -> StaffLink {
    let address = text(&answer["link"]);
    let (page, token) = address.split_once("?t=").unwrap();
    assert_eq!(page, "http://localhost/operator/link");
    StaffLink::read(token, &bed.api.config.secrets, bed.api.platform.now()).unwrap()
}

async fn row(bed: &Bed, id: &Value) -> StaffMember {
    let id: StaffId = text(id).parse().unwrap();
    bed.api.platform.state.get::<StaffRow>(&StaffRow::at(PLATFORM, id)).await.unwrap().unwrap().staff
}

/// Chooses a password by a link, as the page behind it does.
async fn choose_password(bed: &Bed, link: &StaffLink) -> CommandResult {
    let subject = Subject::new(SubjectKind::Staff, link.staff_id.uuid());
    let sealer = bed.api.keyring.mint(PLATFORM, subject).await.unwrap();
    let meta = CommandMeta {
        command_id: CommandId::from_uuid(Uuid::now_v7()),
        tenant_id: PLATFORM,
        actor: format!("staff:{}", link.staff_id),
        issued_at: bed.api.platform.now(),
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    };
    let password = sealer.seal(&PasswordHash::new(HASH).unwrap()).unwrap();
    let command = SetStaffPassword { meta, staff_id: link.staff_id, link_version: link.link_version, password };
    let command = AdminCommand::SetStaffPassword(command);
    let most = Duration::from_secs(60);
    let result = bed.api.commands.send(&PLATFORM.to_string(), command, None, most).await.unwrap();
    let position = writes::position(&result, Context::Admin);
    bed.api.platform.reached.wait(Context::Admin.name(), Context::Admin, position, most).await.unwrap();
    result
}

#[test]
fn an_operator_is_invited_listed_and_read_and_the_link_leads_to_its_member() {
    run(async {
        let bed = bed().await;
        let body = json!({"email": " Rosa.Prado@Casa.example", "name": "Rosa Prado"});
        let made = send(bed.operator("POST", "/staff").json(&body)).await.expect(201);
        assert_eq!((made.header("cache-control"), made.header("etag")), ("no-store", "\"1\""));
        assert_eq!(made.header("location"), format!("/api/operator/v1/staff/{}", text(&made.json["id"])));
        let mut member = made.json.clone();
        assert_eq!((&member["email"], &member["name"]), (&json!("Rosa.Prado@Casa.example"), &json!("Rosa Prado")));
        assert_eq!((&member["status"], &member["roles"]), (&json!("invited"), &json!(["administrator"])));
        let link = link_of(bed, &member);
        let row = row(bed, &member["id"]).await;
        assert!(link.serves(&row) && link.tenant == PLATFORM && link.until == row.created_at + INVITED_FOR);
        member.as_object_mut().unwrap().retain(|field, _| !field.starts_with("link"));

        let position = made.header("feira-position");
        let read = send_at(position, bed.operator("GET", &format!("/staff/{}", text(&member["id"])))).await.expect(200);
        assert_eq!((&read.json, read.header("cache-control"), read.header("etag")), (&member, "no-store", "\"1\""));
        let mut after = String::new();
        let listed = loop {
            let page = send(bed.operator("GET", &format!("/staff?limit=5{after}"))).await.expect(200);
            assert_eq!(page.header("cache-control"), "no-store");
            let found = page.json["items"].as_array().unwrap().iter().find(|item| item["id"] == member["id"]).cloned();
            match (found, page.json["next"].as_str()) {
                (Some(found), _) => break found,
                (None, next) => after = format!("&after={}", next.expect("it is on one of the pages")),
            }
        };
        assert_eq!(listed, member);
        send(bed.operator("GET", "/staff?after=x")).await.expect(400);
    });
}

#[test]
fn who_has_not_come_is_invited_again_and_who_has_is_not() {
    run(async {
        let bed = bed().await;
        let first = invited(bed, "lia@volta.example", "administrator").await;
        // However the address is written: the same member, as it is, and a link that is good from now on.
        let body = json!({"email": "LIA@Volta.Example", "name": "Outra", "roles": ["member"]});
        let again = send(bed.operator("POST", "/staff").json(&body)).await.expect(200);
        for field in ["id", "email", "name", "roles", "version"] {
            assert_eq!(again.json[field], first[field], "{field}");
        }
        let (one, other) = (link_of(bed, &first), link_of(bed, &again.json));
        assert!(other.until > one.until && other.serves(&row(bed, &first["id"]).await));

        assert_eq!(choose_password(bed, &one).await.outcome, Outcome::Updated);
        let refused = send(bed.operator("POST", "/staff").json(&body)).await.expect(409);
        assert_eq!((refused.code(), &refused.json["errors"][0]["pointer"]), ("email_taken", &json!("/email")));
        assert!(text(&refused.json["detail"]).contains(&text(&first["id"])));
        assert!(!refused.json.to_string().to_lowercase().contains("volta.example"), "{}", refused.json);
    });
}

#[test]
fn a_request_that_is_repeated_with_its_key_shows_the_same_member_and_link() {
    run(async {
        let bed = bed().await;
        let ask = |name: &str| {
            let body = json!({"email": "ema@chave.example", "name": name});
            send(bed.operator("POST", "/staff").header("idempotency-key", "ema-1").json(&body))
        };
        let first = ask("Ema").await.expect(201);
        let again = ask("Ema").await.expect(201);
        assert_eq!(first.bytes, again.bytes);
        assert_eq!(ask("Outra").await.expect(422).code(), "idempotency_mismatch");
        // What became of the command is shown opened, too, and without the link.
        let route = "/api/operator/v1/staff";
        let id = CommandId::from_client_key(PLATFORM, "operator", "POST", route, "ema-1");
        let path = format!("/commands/{id}?tenant={PLATFORM}");
        let done = send_at(first.header("feira-position"), bed.operator("GET", &path)).await.expect(200).json;
        assert_eq!((&done["entity"], &done["body"]["email"]), (&json!("staff"), &json!("ema@chave.example")));
        assert!(!done.to_string().contains("/operator/link"), "{done}");
    });
}

#[test]
fn a_link_is_made_again_is_spent_by_a_password_and_serves_nobody_that_is_disabled() {
    run(async {
        let bed = bed().await;
        let member = invited(bed, "bia@elo.example", "member").await;
        let path = format!("/staff/{}", text(&member["id"]));
        let make = || send(bed.operator("POST", &format!("{path}/link")));
        let made = make().await.expect(200);
        assert_eq!(made.header("cache-control"), "no-store");
        let (first, second) = (link_of(bed, &member), link_of(bed, &made.json));
        let now = bed.api.platform.now();
        assert!((now + INVITED_FOR - 60_000_000..=now + INVITED_FOR).contains(&second.until));

        assert_eq!(choose_password(bed, &second).await.outcome, Outcome::Updated);
        let since = row(bed, &member["id"]).await;
        assert_eq!((since.status, since.link_version), (StaffStatus::Active, 1));
        for spent in [&first, &second] {
            assert!(!spent.serves(&since));
            let refused = choose_password(bed, spent).await;
            assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("link_spent")));
        }
        let forgotten = link_of(bed, &make().await.expect(200).json);
        let now = bed.api.platform.now();
        assert!(forgotten.serves(&since) && forgotten.until <= now + FORGOTTEN_FOR);
        let text_of = forgotten.write(&bed.api.config.secrets);
        let read = |now| StaffLink::read(&text_of, &bed.api.config.secrets, now);
        assert_eq!((read(now), read(forgotten.until)), (Ok(forgotten.clone()), Err(LinkError::Over)));

        send(bed.operator("PATCH", &path).json(&json!({"status": "disabled"}))).await.expect(200);
        assert_eq!(make().await.expect(409).code(), "staff_disabled");
        let refused = choose_password(bed, &forgotten).await;
        assert_eq!(refused.code.as_deref(), Some("staff_disabled"));
    });
}

#[test]
fn a_member_is_changed_at_its_version_and_its_sessions_end() {
    run(async {
        let bed = bed().await;
        let member = invited(bed, "gil@muda.example", "administrator").await;
        let path = format!("/staff/{}", text(&member["id"]));
        let patch = |tag: &str, body: Value| send(bed.operator("PATCH", &path).header("if-match", tag).json(&body));
        let named = patch("\"1\"", json!({"name": "Gil Souza", "roles": ["member"]})).await.expect(200);
        assert_eq!((named.header("cache-control"), named.header("etag")), ("no-store", "\"2\""));
        assert_eq!((&named.json["name"], &named.json["roles"]), (&json!("Gil Souza"), &json!(["member"])));
        assert_eq!(named.json["email"], "gil@muda.example");
        assert_eq!(patch("\"1\"", json!({"name": "Gil"})).await.expect(412).code(), "version_mismatch");
        assert_eq!(patch("*", json!({"roles": ["member"]})).await.expect(200).header("etag"), "\"2\"");

        let disabled = patch("*", json!({"status": "disabled"})).await.expect(200);
        assert_eq!(disabled.json["status"], "disabled");
        let at = row(bed, &member["id"]).await.sessions_not_before;
        assert!(at > 0);
        assert_eq!(patch("*", json!({"status": "active"})).await.expect(200).json["status"], "invited");
        let ended = send(bed.operator("POST", &format!("{path}/sessions/end"))).await.expect(200);
        assert_eq!((ended.header("etag"), ended.header("cache-control")), ("\"5\"", "no-store"));
        assert!(row(bed, &member["id"]).await.sessions_not_before > at);
    });
}

#[test]
fn the_last_administrator_stays_one() {
    run(async {
        let bed = Bed::start().await;
        let (one, other) = (
            invited(&bed, "um@so.example", "administrator").await,
            invited(&bed, "dois@so.example", "administrator").await,
        );
        choose_password(&bed, &link_of(&bed, &one)).await;
        let patch = |member: &Value, body: Value| {
            send(bed.operator("PATCH", &format!("/staff/{}", text(&member["id"]))).json(&body))
        };
        for body in [json!({"status": "disabled"}), json!({"roles": ["member"]})] {
            assert_eq!(patch(&one, body).await.expect(409).code(), "last_administrator");
        }
        choose_password(&bed, &link_of(&bed, &other)).await;
        assert_eq!(patch(&one, json!({"status": "disabled"})).await.expect(200).json["status"], "disabled");
        assert_eq!(patch(&other, json!({"status": "disabled"})).await.expect(409).code(), "last_administrator");
        let listed = send(bed.operator("GET", "/staff")).await.expect(200).json;
        assert_eq!(listed["total"], 2);
    });
}

#[test]
fn what_is_wrong_is_refused_at_its_field_and_not_repeated() {
    run(async {
        let bed = bed().await;
        let member = invited(bed, "eva@campo.example", "member").await;
        let path = format!("/staff/{}", text(&member["id"]));
        for (body, pointer) in [
            (json!({}), "/email"),
            (json!({"email": "sem-arroba"}), "/email"),
            (json!({"email": "a@b@c.example"}), "/email"),
            (json!({"email": format!("a@{}example", "b.".repeat(130))}), "/email"),
            (json!({"email": "a@b.example", "name": "x".repeat(256)}), "/name"),
            (json!({"email": "a@b.example", "roles": ["dono"]}), "/roles/0"),
            (json!({"email": "a@b.example", "roles": []}), "/roles"),
            (json!({"email": "a@b.example", "password": "x"}), "/password"),
        ] {
            let refused = send(bed.operator("POST", "/staff").json(&body)).await.expect(422).json;
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
            assert!(!refused.to_string().contains("sem-arroba"), "{refused}");
        }
        for (body, pointer) in [
            (json!({"name": null}), "/name"),
            (json!({"roles": []}), "/roles"),
            (json!({"status": "invited"}), "/status"),
            (json!({"email": "outro@campo.example"}), "/email"),
        ] {
            let refused = send(bed.operator("PATCH", &path).json(&body)).await.expect(422).json;
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        }
        for (method, path) in [
            ("GET", "/staff/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"),
            ("GET", "/staff/x"),
            ("POST", "/staff/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e/link"),
            ("POST", "/staff/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e/sessions/end"),
        ] {
            assert_eq!(send(bed.operator(method, path)).await.expect(404).code(), "not_found", "{method} {path}");
        }
        for (method, path) in [("GET", "/staff"), ("POST", "/staff"), ("POST", &format!("{path}/link"))] {
            let path = format!("/api/operator/v1{path}");
            send(bed.request("localhost", method, &path)).await.expect(401);
        }
    });
}

#[test]
fn nothing_that_an_operator_typed_stands_in_a_record_or_a_row() {
    run(async {
        let bed = bed().await;
        let body = json!({"email": "Zuleica@Segredo-Novo.example", "name": "Zuleica Moraes"});
        let made = send(bed.operator("POST", "/staff").json(&body)).await.expect(201).json;
        let path = format!("/staff/{}", text(&made["id"]));
        send(bed.operator("PATCH", &path).json(&json!({"name": "Zuleica Peixoto"}))).await.expect(200);
        choose_password(bed, &link_of(bed, &made)).await;
        let token = text(&made["link"]).split_once("?t=").unwrap().1.to_owned();
        let typed = ["zuleica", "segredo-novo", "moraes", "peixoto", "argon2id", &token.to_lowercase()];
        let clean = |place: &str, kept: &str| {
            let kept = kept.to_lowercase();
            for secret in typed {
                assert!(!kept.contains(secret), "{place} has {secret}");
            }
        };
        let partition = bed.api.platform.partition_of(PLATFORM);
        for topic in ["admin.commands", "admin.events", "admin.results"] {
            let (mut next, mut seen) = (0, 0);
            let at = TopicPartition::new(topic, partition);
            while next < bed.api.platform.log.end(&at).await.unwrap() {
                let page = bed.api.platform.log.read(&at, next, 1_000).await.unwrap();
                for record in &page.records {
                    clean(topic, &String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()));
                    seen += 1;
                }
                next = page.next;
            }
            assert!(seen > 0, "{topic}");
        }
        let row = row(bed, &made["id"]).await;
        clean("staff", &serde_json::to_string(&row).unwrap());
        let state = &bed.api.platform.state;
        let email = state.get::<StaffEmailRow>(&StaffEmailRow::at(PLATFORM, &row.email_term)).await.unwrap().unwrap();
        assert_eq!((email.staff_id, email.email_term.len()), (row.staff_id, 32));
        let mut after = None;
        loop {
            let page = state.scan_table::<AnswerRow>(after, 1_000).await.unwrap();
            page.rows.iter().for_each(|row| clean("answer", &serde_json::to_string(row).unwrap()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let stated = send(bed.operator("GET", &path)).await.expect(200).json;
        assert_eq!((&stated["name"], &stated["status"]), (&json!("Zuleica Peixoto"), &json!("active")));
    });
}
