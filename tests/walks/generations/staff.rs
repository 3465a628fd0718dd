//! What a build that knew neither groups of staff nor scopes of tokens has made: who could do everything goes on doing so, and the platform's
//! operator can be put in a group. Told of the embedded parts alone.

use std::time::Duration;

use feira_node::{config::Config, node::Node};
use feira_schemas::{generations::KEYSPACES, ids::TenantId, rows::admin::StaffRow, staff::is_administrator};
use feira_streams::generations::drop_older;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::common::{
    embedded,
    gateway::Simulator,
    generations::{all_made, unpack, until_whole},
    process::{Mode, PATIENCE, Process, client},
    services::{OPERATOR_TOKEN, PARTITIONS},
};

/// The folder's build.
const BUILD: &str = "g7";

/// Somebody who asks a process of this program by a token.
struct Asker<'a> {
    process: &'a Process,
    host: String,
    api: &'static str,
    token: &'a str,
}

impl Asker<'_> {
    /// Asks for a path, and gives the answer that has this status.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, expected: u16) -> Value {
        let request = client().request(method, format!("{}{}{path}", self.process.url(), self.api));
        let mut request = request.header("host", &self.host).bearer_auth(self.token);
        if let Some(body) = body {
            request = request.header("idempotency-key", Uuid::new_v4().to_string()).json(body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(status, expected, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    async fn read(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None, 200).await
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        self.read(path).await["items"].as_array().unwrap().clone()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The token of before reads the shop's product and makes a category, and is listed as one that may do everything.
async fn the_shops_token_does_everything(shop: &Asker<'_>, made: &Value) {
    let before = &made["product"];
    let product = shop.read(&format!("/products/{}", text(&before["id"]))).await;
    for field in ["name", "slug", "status"] {
        assert_eq!(product[field], before[field], "{field}");
    }
    assert_eq!(product["variants"][0]["price"], before["variants"][0]["price"]);
    let category = shop.ask(Method::POST, "/categories", Some(&json!({"name": "Depois"})), 201).await;
    assert_eq!(category["slug"], "depois");
    let tokens = shop.items("/tokens").await;
    let active: Vec<&Value> = tokens.iter().filter(|token| token["status"] == "active").collect();
    let [token] = active.as_slice() else { panic!("{tokens:?}") };
    // The field is there and says so.
    assert_eq!(token.get("scopes"), Some(&Value::Null), "{token}");
}

/// The operator of before is an administrator, and is put in a group.
async fn the_operator_is_put_in_a_group(operator: &Asker<'_>, email: &str) {
    let staff = operator.items("/staff").await;
    for member in &staff {
        assert_eq!((&member["roles"], &member["status"]), (&json!(["administrator"]), &json!("invited")), "{member}");
        assert_eq!((&member["groups"], &member["permissions"]), (&json!([]), &json!([])), "{member}");
    }
    let invited = staff.iter().find(|member| member["email"] == email).unwrap_or_else(|| panic!("{staff:?}"));
    let group = json!({"name": "Atendimento", "permissions": ["shops:read", "subscribers:write"]});
    let group = operator.ask(Method::POST, "/staff-groups", Some(&group), 201).await;
    let path = format!("/staff/{}", text(&invited["id"]));
    let is_listed = async || operator.items("/staff-groups").await.iter().any(|listed| listed["id"] == group["id"]);
    let deadline = Instant::now() + PATIENCE;
    while !is_listed().await {
        assert!(Instant::now() < deadline, "the group is never listed");
        sleep(Duration::from_millis(100)).await;
    }
    let put = operator.ask(Method::PATCH, &path, Some(&json!({"groups": [group["id"]]})), 200).await;
    assert_eq!((&put["groups"], &put["roles"]), (&json!([group["id"]]), &json!(["administrator"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_tokens_and_staff_of_a_build_without_permissions_may_do_what_they_could() {
    let Some(folder) = embedded() else { return };
    unpack(folder.path(), BUILD);
    // The shop's accounts are at these gateways, which are asked for nothing that is told of here.
    let simulator = Simulator::on(&folder.path().join("gateways")).await;
    let made = all_made(folder.path());
    let addresses = format!("pagarme={0}/core/v5; stripe={0}/v1", simulator.base);
    let settings = [("FEIRA_GATEWAYS_ADDRESSES", addresses.as_str())];
    let mut process = Process::start_on(Mode::Embedded, &settings, |data| {
        unpack(data, BUILD);
    })
    .await;
    let subdomain = text(&made["subdomain"]);
    let host = format!("{subdomain}.localhost");
    let shop = Asker { process: &process, host, api: "/api/admin/v1", token: text(&made["admin_token"]) };
    the_shops_token_does_everything(&shop, &made).await;
    let host = "localhost".to_owned();
    let operator = Asker { process: &process, host, api: "/api/operator/v1", token: OPERATOR_TOKEN };
    the_operator_is_put_in_a_group(&operator, &format!("operadora@{subdomain}.example")).await;
    process.pause().await;

    let config = Config { data: process.data(), partitions: PARTITIONS, fetch_images: false, ..Config::default() };
    let mut node = Node::start(&config).await.unwrap();
    until_whole(&mut node).await;
    for folded in ["admin", "signup"] {
        let ours = KEYSPACES.iter().find(|(name, _)| *name == folded).unwrap().1;
        assert_eq!(node.platform.generations.all()[folded].live, i64::from(ours), "{folded}");
    }
    let staff = node.platform.state.scan::<StaffRow>(&StaffRow::all(TenantId::PLATFORM), None, 10).await.unwrap();
    assert!(!staff.is_empty() && staff.iter().all(|row| is_administrator(&row.staff)), "{}", staff.len());
    assert_eq!(staff.iter().filter(|row| row.staff.groups.len() == 1).count(), 1);
    let dropped = drop_older(&node.platform).await.unwrap();
    let is_dropped = |name: &str| dropped.iter().any(|older| older.keyspace == name);
    for before in [("admin", 6), ("signup", 2)] {
        assert!(dropped.iter().any(|older| (older.keyspace.as_str(), older.generation) == before), "{dropped:?}");
    }
    assert!(!is_dropped("payments"), "its tables are those of the build before: {dropped:?}");
    node.stop().await.unwrap();
    simulator.stop().await;
}
