//! Permissions of staff over the APIs: scopes of tokens, groups, and that nobody gives what it does not have itself.

use feira_schemas::{
    ids::TenantId,
    records::admin::{Token, TokenStatus},
    row::Write,
    rows::admin::{StaffGroupRow, StaffRow, TokenRow},
};
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, product, send},
    payments::text,
    run,
};

/// The same shop, whose staff asks by a token with these permissions.
async fn scoped(bed: &Bed, shop: &Shop, scopes: &[&str]) -> Shop {
    let body = json!({"label": "programa", "scopes": scopes});
    let made = send(bed.staff(shop, "POST", "/tokens").json(&body)).await.expect(201);
    let mut known = scopes.to_vec();
    known.sort_unstable();
    assert_eq!((&made.json["scopes"], made.header("cache-control")), (&json!(known), "no-store"));
    Shop { token: text(&made.json["token"]), ..shop.clone() }
}

/// A member that was invited with this body.
async fn invited(bed: &Bed, shop: &Shop, body: Value) -> String {
    text(&send(bed.staff(shop, "POST", "/staff").json(&body)).await.expect(201).json["id"])
}

async fn group(bed: &Bed, shop: &Shop, name: &str, permissions: &[&str]) -> String {
    let body = json!({"name": name, "permissions": permissions});
    text(&send(bed.staff(shop, "POST", "/staff-groups").json(&body)).await.expect(201).json["id"])
}

#[test]
fn s48_a_token_does_what_its_scopes_say_and_is_refused_what_they_do_not() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("escopos").await;
        let reader = scoped(bed, &shop, &["catalogue:read"]).await;
        send(bed.staff(&reader, "GET", "/products")).await.expect(200);
        let refused = send(bed.staff(&reader, "POST", "/products").json(&product("Caneca"))).await.expect(403);
        assert_eq!((refused.code(), refused.header("content-type")), ("forbidden", "application/problem+json"));
        for path in ["/settings", "/staff", "/staff-groups", "/tokens", "/payments/accounts", "/payments/credentials"] {
            assert_eq!(send(bed.staff(&reader, "GET", path)).await.expect(403).code(), "forbidden", "{path}");
        }
        let writer = scoped(bed, &shop, &["catalogue:write"]).await;
        let made = send(bed.staff(&writer, "POST", "/products").json(&product("Caneca"))).await.expect(201).json;
        let path = format!("/products/{}", text(&made["id"]));
        assert_eq!(send(bed.staff(&reader, "GET", &path)).await.expect(200).json["name"], "Caneca");
        let stock = format!("{path}/variants/{}/stock", text(&made["variants"][0]["id"]));
        send(bed.staff(&writer, "GET", &stock)).await.expect(403);
        // A token of before, and one of which nothing is said, does everything.
        send(bed.staff(&shop, "GET", &stock)).await.expect(200);
        for scopes in [json!([]), json!(["plans:read"]), json!(["catalogue"])] {
            send(bed.staff(&shop, "POST", "/tokens").json(&json!({"scopes": scopes}))).await.expect(422);
        }
    });
}

#[test]
fn s48_tokens_are_listed_without_their_secret_and_revoked_and_give_no_more_than_their_holder_has() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("chaveiro").await;
        let keeper = scoped(bed, &shop, &["stock:write", "tokens:write"]).await;
        let stock = scoped(bed, &keeper, &["stock:read"]).await;
        for scopes in [json!(["catalogue:read"]), json!(null)] {
            let more = send(bed.staff(&keeper, "POST", "/tokens").json(&json!({"scopes": scopes}))).await.expect(403);
            assert_eq!(more.code(), "forbidden");
        }
        let listed = send(bed.staff(&keeper, "GET", "/tokens")).await.expect(200).json;
        assert_eq!(listed["total"], 3);
        assert!(!listed.to_string().contains("feira_"), "{listed}");
        let id_of = |shop: &Shop| feira_web::tokens::hash(&shop.token)[..8].to_owned();
        let found = |shop: &Shop| {
            let id = json!(id_of(shop));
            listed["items"].as_array().unwrap().iter().find(|token| token["id"] == id).unwrap().clone()
        };
        assert_eq!((&found(&shop)["scopes"], &found(&shop)["label"]), (&Value::Null, &json!("admin")));
        assert_eq!((&found(&stock)["scopes"], &found(&stock)["status"]), (&json!(["stock:read"]), &json!("active")));
        // Neither takes it a token away that has more.
        send(bed.staff(&keeper, "DELETE", &format!("/tokens/{}", id_of(&shop)))).await.expect(403);
        send(bed.staff(&keeper, "DELETE", "/tokens/00000000")).await.expect(404);
        send(bed.staff(&keeper, "DELETE", &format!("/tokens/{}", id_of(&stock)))).await.expect(204);
        send(bed.staff(&stock, "GET", "/products")).await.expect(401);
        send(bed.staff(&shop, "GET", "/products")).await.expect(200);
    });
}

#[test]
fn s62_s63_groups_are_made_changed_and_removed_and_members_have_what_they_give() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("grupos").await;
        let id = group(bed, &shop, " Estoquistas ", &["stock:write", "catalogue:read", "stock:write"]).await;
        let read = send(bed.staff(&shop, "GET", &format!("/staff-groups/{id}"))).await.expect(200);
        assert_eq!((&read.json["name"], read.header("etag")), (&json!("Estoquistas"), "\"1\""));
        assert_eq!(read.json["permissions"], json!(["catalogue:read", "stock:write"]));
        let again = json!({"name": "ESTOQUISTAS"});
        let refused = send(bed.staff(&shop, "POST", "/staff-groups").json(&again)).await.expect(422);
        assert_eq!((&refused.json["errors"][0]["pointer"], refused.code()), (&json!("/name"), "duplicate"));
        let other = json!({"name": "Outro", "permissions": ["plans:read"]});
        send(bed.staff(&shop, "POST", "/staff-groups").json(&other)).await.expect(422);

        let body =
            json!({"email": "bia@grupos.example", "roles": ["member"], "groups": [id], "permissions": ["team:read"]});
        let member = invited(bed, &shop, body).await;
        let path = format!("/staff/{member}");
        let shown = send(bed.staff(&shop, "GET", &path)).await.expect(200).json;
        assert_eq!((&shown["groups"], &shown["permissions"]), (&json!([id]), &json!(["team:read"])));
        let nowhere = json!({"groups": ["018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"]});
        let refused = send(bed.staff(&shop, "PATCH", &path).json(&nowhere)).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/groups/0");

        let group = format!("/staff-groups/{id}");
        let change = bed.staff(&shop, "PATCH", &group).json(&json!({"permissions": ["catalogue:read"]}));
        assert_eq!(send(change).await.expect(200).json["name"], "Estoquistas");
        send(bed.staff(&shop, "DELETE", &group).header("if-match", "\"1\"")).await.expect(412);
        send(bed.staff(&shop, "DELETE", &group)).await.expect(204);
        send(bed.staff(&shop, "GET", &group)).await.expect(404);
        assert_eq!(send(bed.staff(&shop, "GET", &path)).await.expect(200).json["groups"], json!([]));
        let listed = send(bed.operator("GET", &format!("/tenants/{}/staff", shop.id))).await.expect(200).json;
        assert_eq!((&listed["total"], &listed["items"][0]["id"]), (&json!(1), &json!(member)));
        let tenant: TenantId = shop.id.parse().unwrap();
        let state = &bed.api.platform.state;
        assert!(state.scan::<StaffGroupRow>(&StaffGroupRow::all(tenant), None, 9).await.unwrap().is_empty());
        // Its link ended with what the group gave, and the group itself has gone.
        assert_eq!(state.scan::<StaffRow>(&StaffRow::all(tenant), None, 9).await.unwrap()[0].staff.version, 3);
    });
}

#[test]
fn s62_s63_who_looks_after_the_team_gives_no_more_than_it_has_and_gets_nobodys_link_who_may_more() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("escalada").await;
        let owner = invited(bed, &shop, json!({"email": "dona@escalada.example"})).await;
        let seller = json!({"email": "bia@escalada.example", "roles": ["member"], "permissions": ["catalogue:write"]});
        let seller = invited(bed, &shop, seller).await;
        let (high, low) =
            (group(bed, &shop, "Caixa", &["payments:write"]).await, group(bed, &shop, "Ver", &["team:read"]).await);
        let lead = scoped(bed, &shop, &["team:write", "catalogue:read"]).await;

        let may = json!({"email": "eva@escalada.example", "roles": ["member"], "groups": [low], "permissions": ["catalogue:read"]});
        let helper = invited(bed, &lead, may).await;
        for body in [
            json!({"roles": ["administrator"]}),
            json!({"permissions": ["catalogue:write"]}),
            json!({"groups": [high]}),
        ] {
            let patch = bed.staff(&lead, "PATCH", &format!("/staff/{helper}")).json(&body);
            assert_eq!(send(patch).await.expect(403).code(), "forbidden", "{body}");
            let mut invitation = body.clone();
            invitation["email"] = json!("iva@escalada.example");
            // Roles that are left out are the administrator's.
            send(bed.staff(&lead, "POST", "/staff").json(&invitation)).await.expect(403);
        }
        send(bed.staff(&lead, "POST", &format!("/staff/{helper}/link"))).await.expect(200);
        for above in [&owner, &seller] {
            for (method, rest, body) in [
                ("POST", "/link", None),
                ("POST", "/sessions/end", None),
                ("PATCH", "", Some(json!({"status": "disabled"}))),
                ("PATCH", "", Some(json!({"roles": ["member"], "permissions": []}))),
            ] {
                let request = bed.staff(&lead, method, &format!("/staff/{above}{rest}"));
                let request = match body {
                    Some(body) => request.json(&body),
                    None => request,
                };
                let refused = send(request).await.expect(403);
                assert!(!refused.json.to_string().contains("/link"), "{}", refused.json);
            }
        }
        // Who was invited and has not come gets a new link by a second invitation: that of an administrator is not for who asks.
        let again = json!({"email": "dona@escalada.example", "roles": ["member"]});
        let refused = send(bed.staff(&lead, "POST", "/staff").json(&again)).await.expect(403);
        assert!(refused.json["link"].is_null(), "{}", refused.json);

        let made = json!({"name": "Mais", "permissions": ["stock:read"]});
        send(bed.staff(&lead, "POST", "/staff-groups").json(&made)).await.expect(403);
        let more = json!({"permissions": ["team:read", "stock:read"]});
        send(bed.staff(&lead, "PATCH", &format!("/staff-groups/{low}")).json(&more)).await.expect(403);
        let less = json!({"permissions": []});
        send(bed.staff(&lead, "PATCH", &format!("/staff-groups/{high}")).json(&less)).await.expect(403);
        send(bed.staff(&lead, "DELETE", &format!("/staff-groups/{high}"))).await.expect(403);
        send(bed.staff(&lead, "DELETE", &format!("/staff-groups/{low}"))).await.expect(204);
        // A token that has everything is nobody's lesser.
        send(bed.staff(&shop, "POST", &format!("/staff/{owner}/link"))).await.expect(200);
    });
}

#[test]
fn s62_s63_who_has_seen_a_link_does_not_become_who_may_do_more_since() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("promovida").await;
        let lead = scoped(bed, &shop, &["team:write"]).await;
        let circle = group(bed, &shop, "Roda", &["team:read"]).await;
        let invite = async |name: &str, groups: Value| {
            let body = json!({"email": format!("{name}@promovida.example"), "name": name, "roles": ["member"], "groups": groups});
            let made = send(bed.staff(&lead, "POST", "/staff").json(&body)).await.expect(201).json;
            let link = text(&made["link"]);
            (format!("/staff/{}", text(&made["id"])), link[link.find("/admin/link?").unwrap()..].to_owned())
        };
        let opens = async |link: &str| send(bed.request(&shop.host, "GET", link)).await.status;
        let ((bia, of_bia), (eva, of_eva)) = (invite("bia", json!([])).await, invite("eva", json!([circle])).await);
        assert_eq!((opens(&of_bia).await, opens(&of_eva).await), (200, 200));
        let promoted = json!({"roles": ["administrator"]});
        send(bed.staff(&shop, "PATCH", &bia).json(&promoted)).await.expect(200);
        let wider = json!({"permissions": ["team:read", "payments:write"]});
        send(bed.staff(&shop, "PATCH", &format!("/staff-groups/{circle}")).json(&wider)).await.expect(200);
        assert_eq!((opens(&of_bia).await, opens(&of_eva).await), (410, 410));
        for member in [&bia, &eva] {
            send(bed.staff(&lead, "POST", &format!("{member}/link"))).await.expect(403);
            send(bed.staff(&shop, "POST", &format!("{member}/link"))).await.expect(200);
        }
    });
}

#[test]
fn s48_tokens_beyond_ten_thousand_are_seen_and_ended() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("muitas-chaves").await;
        let tenant_id: TenantId = shop.id.parse().unwrap();
        // Before all others by their hashes.
        let revoked = |number: usize| {
            let token = Token {
                token_hash: format!("{number:064x}"),
                label: "velha".into(),
                status: TokenStatus::Revoked,
                created_at: 0,
                scopes: None,
                made_by: None,
            };
            Write::put(TokenRow { tenant_id, token }, bed.api.platform.now())
        };
        let rows: Vec<Write> = (0..10_010).map(revoked).collect();
        for some in rows.chunks(1_000) {
            bed.api.platform.state.write(some).await.unwrap();
        }
        let listed = send(bed.staff(&shop, "GET", "/tokens")).await.expect(200).json;
        assert_eq!((&listed["total"], &listed["items"][0]["made_by"]), (&json!(10_011), &Value::Null));
        let other = scoped(bed, &shop, &["stock:read"]).await;
        let path = format!("/tokens/{}", &feira_web::tokens::hash(&other.token)[..8]);
        send(bed.staff(&shop, "DELETE", &path)).await.expect(204);
        send(bed.staff(&other, "GET", "/products")).await.expect(401);
    });
}

#[test]
fn a_commands_outcome_shows_no_more_than_its_asker_may_see() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("discreta").await;
        let body = json!({"email": "zuleica@discreta.example", "name": "Zuleica"});
        let asked = bed.staff(&shop, "POST", "/staff").header("idempotency-key", "z").json(&body);
        send(asked).await.expect(201);
        let (tenant, actor) =
            (shop.id.parse().unwrap(), format!("token:{}", &feira_web::tokens::hash(&shop.token)[..8]));
        let id = feira_schemas::ids::CommandId::from_client_key(tenant, &actor, "POST", "/api/admin/v1/staff", "z");
        let seen = async |by: &Shop| send(bed.staff(by, "GET", &format!("/commands/{id}"))).await.expect(200).json;
        assert_eq!(seen(&shop).await["body"]["name"], "Zuleica");
        let other = scoped(bed, &shop, &["catalogue:write"]).await;
        let seen = seen(&other).await;
        assert_eq!((&seen["outcome"], &seen["body"]), (&json!("created"), &Value::Null));
    });
}
