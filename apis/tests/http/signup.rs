//! Plans of the platform: made by operators, at the gateway by the program, and offered to everybody.

use feira_schemas::time::MINUTE;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, send, send_at},
    payments::{brl, of_platform, text},
    reconciliation::{Moved, until},
    run,
};

/// A plan of this price a month, which can be paid in every way.
pub fn plan(name: &str, price: i64) -> Value {
    json!({"name": name, "price": brl(price), "months": 1, "methods": ["card", "boleto", "pix"]})
}

/// The same plan, which can be paid in these ways alone.
fn paid_by(methods: &[&str], name: &str, price: i64) -> Value {
    let mut body = plan(name, price);
    body["methods"] = json!(methods);
    body
}

/// Makes a plan, which is read by everybody once this is over.
pub async fn made(bed: &Bed, body: &Value) -> Value {
    let made = send(bed.operator("POST", "/plans").json(body)).await.expect(201);
    send_at(made.header("feira-position"), bed.operator("GET", &path(&made.json))).await.expect(200);
    made.json
}

fn path(plan: &Value) -> String {
    format!("/plans/{}", text(&plan["id"]))
}

/// The plan once the gateway is so far with it.
pub async fn at_stage(bed: &Bed, plan: &Value, stage: &str) -> Value {
    until(stage, async || {
        let read = send(bed.operator("GET", &path(plan))).await.expect(200).json;
        (read["gateway_plan"]["status"] == stage).then_some(read)
    })
    .await
}

/// What an account's gateway has: price and months of each plan, the cheapest first.
async fn at_gateway(bed: &Bed, gateway: &str, remote: &Value) -> Vec<(i64, i64)> {
    let path = if gateway == "pagarme" { "/core/v5/plans" } else { "/v1/prices" };
    let asked = Client::new().get(format!("http://{}{path}", bed.simulator.address()));
    let answer = asked.basic_auth(text(&remote["secret_key"]), Some("")).send().await.unwrap();
    let all: Value = answer.json().await.unwrap();
    let number = |value: &Value| value.as_i64().unwrap();
    let terms = |plan: &Value| match gateway {
        "pagarme" => (number(&plan["items"][0]["pricing_scheme"]["price"]), number(&plan["interval_count"])),
        _ => (number(&plan["unit_amount"]), number(&plan["recurring"]["interval_count"])),
    };
    let mut found: Vec<(i64, i64)> = all["data"].as_array().unwrap().iter().map(terms).collect();
    found.sort_unstable();
    found
}

/// What is offered to everybody.
async fn offered(bed: &Bed) -> Vec<Value> {
    let listed = send(bed.request("localhost", "GET", "/api/signup/v1/plans")).await.expect(200).json;
    listed["items"].as_array().unwrap().clone()
}

#[test]
fn s26_s46_the_program_makes_a_plan_at_the_gateway_and_another_one_for_another_price_or_cycle() {
    run(async {
        for gateway in ["pagarme", "stripe"] {
            let bed = Bed::start().await;
            let create = || bed.operator("POST", "/plans").header("idempotency-key", "p").json(&plan("Básico", 4_990));
            let answer = send(create()).await.expect(201);
            let known = &answer.json;
            assert_eq!(answer.header("location"), format!("/api/operator/v1{}", path(known)));
            assert!(answer.header("feira-position").starts_with("signup."), "{:?}", answer.headers);
            assert_eq!((answer.header("etag"), &known["gateway_plan"]["status"]), ("\"1\"", &json!("asked")));
            assert_eq!(send(create()).await.expect(201).json["id"], known["id"]);

            // Nobody takes it yet. It can be paid otherwise meanwhile.
            let waits = at_stage(&bed, known, "no_account").await;
            assert_eq!((&waits["gateway_plan"]["why"], &waits["offered"]), (&json!("no_account"), &json!(true)));
            assert_eq!(offered(&bed).await[0]["methods"], json!(["boleto", "pix"]));
            let (account, remote) = of_platform(&bed, gateway).await;
            let first = at_stage(&bed, known, "made").await;
            assert_eq!(first["gateway_plan"]["account_id"], account["id"]);
            assert!(!text(&first["gateway_plan"]["remote_id"]).is_empty());
            assert_eq!(at_gateway(&bed, gateway, &remote).await, [(4_990, 1)]);
            assert_eq!(offered(&bed).await[0]["methods"], json!(["card", "boleto", "pix"]));

            let patch = |body: Value| bed.operator("PATCH", &path(known)).json(&body);
            let price = json!({"price": brl(5_990)});
            send(patch(price.clone()).header("if-match", "\"1\"")).await.expect(412);
            let version = format!("\"{}\"", first["version"]);
            let changed = send(patch(price).header("if-match", version)).await.expect(200).json;
            assert_ne!(changed["gateway_plan"]["payments_plan_id"], first["gateway_plan"]["payments_plan_id"]);
            assert_eq!(changed["earlier_gateway_plans"], json!([first["gateway_plan"]]));
            at_stage(&bed, known, "made").await;
            for months in [6, 12, 24] {
                let changed = send(patch(json!({"months": months}))).await.expect(200).json;
                assert_eq!((&changed["months"], &changed["price"]), (&json!(months), &brl(5_990)));
                at_stage(&bed, known, "made").await;
            }
            // What says nothing of price and cycle asks for nothing.
            let named = send(patch(json!({"name": "Essencial", "limits": {"products": 100}}))).await.expect(200).json;
            assert_eq!((&named["gateway_plan"]["status"], &named["name"]), (&json!("made"), &json!("Essencial")));
            assert_eq!(named["limits"], json!({"products": 100, "staff": null}));
            let all = [(4_990, 1), (5_990, 1), (5_990, 6), (5_990, 12), (5_990, 24)];
            assert_eq!(at_gateway(&bed, gateway, &remote).await, all);
        }
    });
}

#[test]
fn s03_inactive_plans_are_not_offered_nor_those_that_nobody_can_pay() {
    run(async {
        let bed = Bed::start().await;
        let mut second = paid_by(&["pix"], "Segundo", 100);
        second["position"] = json!(2);
        second["features"] = json!(["Loja própria", "Sem comissão"]);
        second["description"] = json!("Para começar.\nCresce com você.");
        let mut first = paid_by(&["boleto"], "Primeiro", 200);
        first["position"] = json!(1);
        let mut inactive = paid_by(&["pix"], "Antigo", 100);
        inactive["status"] = json!("inactive");
        let (second, first) = (made(&bed, &second).await, made(&bed, &first).await);
        let (inactive, card) = (made(&bed, &inactive).await, made(&bed, &paid_by(&["card"], "Cartão", 100)).await);

        let list = || bed.request("localhost", "GET", "/api/signup/v1/plans");
        let listed = send(list()).await.expect(200);
        let items = listed.json["items"].as_array().unwrap();
        assert_eq!(items.iter().map(|plan| &plan["id"]).collect::<Vec<_>>(), [&first["id"], &second["id"]]);
        assert_eq!(items[1]["features"], json!(["Loja própria", "Sem comissão"]));
        assert!(items[0].get("gateway_plan").is_none() && items[0].get("status").is_none(), "{}", items[0]);
        assert_eq!(listed.header("cache-control"), "public, max-age=0, must-revalidate");
        send(list().header("if-none-match", listed.header("etag"))).await.expect(304);

        let read = |id: &str| bed.request("localhost", "GET", &format!("/api/signup/v1/plans/{id}"));
        assert_eq!(&send(read(&text(&first["id"]))).await.expect(200).json, &items[0]);
        for id in
            [text(&inactive["id"]).as_str(), text(&card["id"]).as_str(), "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "nada"]
        {
            assert_eq!(send(read(id)).await.expect(404).code(), "not_found", "{id}");
        }

        let ended = send(bed.operator("PATCH", &path(&second)).json(&json!({"status": "inactive"}))).await.expect(200);
        let left = send_at(ended.header("feira-position"), list()).await.expect(200).json;
        assert_eq!(left["items"], json!([items[0]]));
        // Nothing is deleted: operators see it, and it comes back.
        assert_eq!(send(bed.operator("GET", &path(&second))).await.expect(200).json["offered"], false);
        let again = send(bed.operator("PATCH", &path(&second)).json(&json!({"status": "active"}))).await.expect(200);
        assert_eq!(send_at(again.header("feira-position"), list()).await.expect(200).json, listed.json);
    });
}

#[test]
fn s46_operators_list_plans_page_by_page_and_what_is_wrong_is_said_of_each_field() {
    run(async {
        let bed = Bed::start().await;
        let mut all = Vec::new();
        for (name, price, status) in
            [("Médio", 200, "active"), ("Básico", 100, "active"), ("Médio antigo", 300, "inactive")]
        {
            let mut body = paid_by(&["pix"], name, price);
            body["status"] = json!(status);
            all.push(made(&bed, &body).await);
        }
        let list = async |query: &str| send(bed.operator("GET", &format!("/plans{query}"))).await.expect(200).json;
        let first = list("?limit=2").await;
        assert_eq!((&first["items"], &first["total"]), (&json!([all[1], all[0]]), &json!(3)));
        let rest = list(&format!("?limit=2&after={}", text(&first["next"]))).await;
        assert_eq!((&rest["items"], &rest["next"]), (&json!([all[2]]), &Value::Null));
        assert_eq!(list("?status=inactive").await["items"], json!([all[2]]));
        assert_eq!(list("?q=m%C3%A9dio&status=active").await["items"], json!([all[0]]));

        let wrong = json!({"name": " ", "price": brl(99), "months": 5, "methods": [], "limits": {"staff": 0}});
        let refused = send(bed.operator("POST", "/plans").json(&wrong)).await.expect(422).json;
        let errors = refused["errors"].as_array().unwrap();
        assert_eq!(errors[0]["pointer"], "/months", "{refused}");
        assert_eq!(errors[0]["detail"], "O valor é um destes: 1, 6, 12, 24.");
        let mut wrong = wrong;
        wrong["months"] = json!(6);
        let refused = send(bed.operator("POST", "/plans").json(&wrong)).await.expect(422).json;
        let pointers: Vec<&Value> =
            refused["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["/name", "/price/amount", "/limits/staff", "/methods"]);
        let unknown = "/plans/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        for (method, path) in
            [("GET", unknown.to_owned()), ("PATCH", unknown.to_owned()), ("POST", format!("{unknown}/ask"))]
        {
            send(bed.operator(method, &path).json(&json!({}))).await.expect(404);
        }
        send(bed.operator("POST", &format!("{}/ask", path(&all[0])))).await.expect(409);
    });
}

#[test]
fn s107_a_plan_that_is_asked_for_while_payments_is_away_is_made_once_when_it_is_back() {
    run(async {
        let (moved, clock) = Moved::new();
        let mut bed = Bed::start_at(clock).await;
        let (_, remote) = of_platform(&bed, "pagarme").await;
        bed.pause_payments().await;
        let known = made(&bed, &plan("Básico", 4_990)).await;
        let when = text(&known["gateway_plan"]["asked_again_at"]);
        moved.by(2 * MINUTE);
        until("the plan to be asked for again", async || {
            let read = send(bed.operator("GET", &path(&known))).await.expect(200).json;
            (text(&read["gateway_plan"]["asked_again_at"]) > when).then_some(())
        })
        .await;
        let waits = send(bed.operator("GET", &path(&known))).await.expect(200).json;
        assert_eq!((&waits["gateway_plan"]["status"], &waits["offered"]), (&json!("asked"), &json!(true)));
        bed.resume_payments().await;
        let done = at_stage(&bed, &known, "made").await;
        assert_eq!(done["gateway_plan"]["payments_plan_id"], known["gateway_plan"]["payments_plan_id"]);
        assert_eq!(done["gateway_plan"]["asked_again_at"], Value::Null);
        assert_eq!(at_gateway(&bed, "pagarme", &remote).await, [(4_990, 1)]);
    });
}

#[test]
fn a_plan_that_the_gateway_has_is_made_anew_at_the_account_that_takes_the_place_of_its_own() {
    run(async {
        let bed = Bed::start().await;
        let (first, _) = of_platform(&bed, "pagarme").await;
        let known = at_stage(&bed, &made(&bed, &plan("Básico", 4_990)).await, "made").await;
        let (second, there) = of_platform(&bed, "stripe").await;
        let default = format!("/payments/accounts/{}/default", text(&second["id"]));
        send(bed.operator("POST", &default)).await.expect(200);
        let retired = bed.operator("DELETE", &format!("/payments/accounts/{}", text(&first["id"])));
        assert_eq!(send(retired).await.expect(200).json["status"], "retired");
        let moved = until("the plan at the other account", async || {
            let read = at_stage(&bed, &known, "made").await;
            (read["gateway_plan"]["account_id"] == second["id"]).then_some(read)
        })
        .await;
        assert_eq!(moved["earlier_gateway_plans"], json!([known["gateway_plan"]]));
        assert_eq!(at_gateway(&bed, "stripe", &there).await, [(4_990, 1)]);
        // By hand nothing more is asked: a good plan stays.
        let asked = send(bed.operator("POST", &format!("{}/ask", path(&known)))).await.expect(200).json;
        assert_eq!(asked["gateway_plan"], moved["gateway_plan"]);
        assert_eq!(at_gateway(&bed, "stripe", &there).await, [(4_990, 1)]);
    });
}
