//! What a build with payments' tables in their second generation has charged: it is folded into this program's own, shown by the same
//! credential, and goes on; and so are the platform's plan and its staff. Told of the embedded parts alone.

use std::{collections::BTreeSet, time::Duration};

use feira_node::{config::Config, node::Node};
use feira_schemas::{
    generations::KEYSPACES,
    ids::TenantId,
    records::admin::StaffStatus,
    rows::{
        admin::StaffRow,
        payments::{ChargeRow, RefundRow},
        signup::PlanRow,
    },
};
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
    services::PARTITIONS,
};

/// The folder's build.
const BUILD: &str = "g6";

/// The other system that has charged, now at a process of this program.
struct Other<'a> {
    process: &'a Process,
    host: String,
    secret: &'a str,
}

impl Other<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = client().request(method, format!("{}/api/payments/v1{path}", self.process.url()));
        let mut request = request.header("host", &self.host).bearer_auth(self.secret);
        if let Some(body) = body {
            request = request.header("idempotency-key", Uuid::new_v4().to_string()).json(body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn read(&self, path: &str) -> Value {
        let (status, read) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {read}");
        read
    }

    /// The ids of all charges, by a list page by page.
    async fn listed(&self) -> BTreeSet<String> {
        let (mut ids, mut after) = (BTreeSet::new(), String::new());
        loop {
            let page = self.read(&format!("/charges?limit=5{after}")).await;
            ids.extend(page["items"].as_array().unwrap().iter().map(id));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return ids,
            }
        }
    }

    async fn is(&self, charge: &str, status: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.read(&format!("/charges/{charge}")).await["status"] != status {
            assert!(Instant::now() < deadline, "{charge} is never {status}");
            sleep(Duration::from_millis(100)).await;
        }
    }
}

fn id(entity: &Value) -> String {
    entity["id"].as_str().unwrap().to_owned()
}

/// Asserts that all that was shown before is shown still, but for what every change raises; more may be shown by now.
fn still_shows(name: &str, after: &Value, before: &Value) {
    match before {
        Value::Object(fields) => {
            for (field, before) in
                fields.iter().filter(|(field, _)| !["version", "updated_at"].contains(&field.as_str()))
            {
                still_shows(&format!("{name}.{field}"), &after[field], before);
            }
        }
        Value::Array(items) => {
            assert_eq!(after.as_array().map(Vec::len), Some(items.len()), "{name}");
            items.iter().enumerate().for_each(|(at, item)| still_shows(name, &after[at], item));
        }
        // A later look may have found it, as the daily one does of a refused card's brand.
        Value::Null => {}
        _ => assert_eq!(after, before, "{name}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_what_a_build_before_has_charged_is_shown_and_goes_on() {
    let Some(folder) = embedded() else { return };
    unpack(folder.path(), BUILD);
    let simulator = Simulator::on(&folder.path().join("gateways")).await;
    let all = all_made(folder.path());
    let made = &all["payments"];
    let addresses = format!("pagarme={0}/core/v5; stripe={0}/v1", simulator.base);
    let settings = [("FEIRA_GATEWAYS_ADDRESSES", addresses.as_str())];

    // What waits for a buyer is paid while nobody looks: the looks go on in the program that starts now.
    for (gateway, account) in made["accounts"].as_object().unwrap() {
        let pending = id(&made["charges"][format!("{gateway} pending")]);
        simulator.pay_late(account["remote"].as_str().unwrap(), &pending).await;
    }
    let mut process = Process::start_on(Mode::Embedded, &settings, |data| {
        unpack(data, BUILD);
    })
    .await;
    let host = format!("{}.localhost", all["subdomain"].as_str().unwrap());
    let other = Other { process: &process, host: host.clone(), secret: made["credential"].as_str().unwrap() };

    let charges = made["charges"].as_object().unwrap();
    for (name, before) in charges {
        let path = format!("/charges/{}", id(before));
        if name.ends_with("pending") {
            other.is(&id(before), "paid").await;
            continue;
        }
        let after = other.read(&path).await;
        if name.ends_with("boleto") {
            // Its due day may be long over by now.
            assert_eq!((&after["amount"], &after["buyer"]), (&before["amount"], &before["buyer"]), "{name}");
            continue;
        }
        still_shows(name, &after, before);
    }
    let ids: BTreeSet<String> = charges.values().map(id).collect();
    assert_eq!(other.listed().await, ids);
    for (name, before) in made["refunds"].as_object().unwrap() {
        let charge = id(&charges[name]);
        let refunds = other.read(&format!("/charges/{charge}/refunds")).await;
        assert_eq!(refunds["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(before)], "{name}");
        assert_eq!(refunds["items"][0]["status"], "done", "{name}");
    }

    // The accounts' keys open, and what was given back in part is given back in full.
    for gateway in made["accounts"].as_object().unwrap().keys() {
        let charge = id(&charges[&format!("{gateway} partly refunded")]);
        let rest = json!({"amount": {"amount": 3_990, "currency": "BRL"}});
        let (status, refund) = other.ask(Method::POST, &format!("/charges/{charge}/refunds"), Some(&rest)).await;
        assert_eq!((status, &refund["status"]), (201, &json!("done")), "{gateway}: {refund}");
        other.is(&charge, "refunded").await;
    }
    let revoked = Other { process: &process, host, secret: made["revoked"].as_str().unwrap() };
    assert_eq!(revoked.ask(Method::GET, "/charges", None).await.0, 401);
    process.pause().await;

    let config = Config { data: process.data(), partitions: PARTITIONS, fetch_images: false, ..Config::default() };
    let mut node = Node::start(&config).await.unwrap();
    until_whole(&mut node).await;
    for folded in ["admin", "payments", "signup"] {
        let ours = KEYSPACES.iter().find(|(name, _)| *name == folded).unwrap().1;
        assert_eq!(node.platform.generations.all()[folded].live, i64::from(ours), "{folded}");
    }
    let shop: TenantId = all["tenant_id"].as_str().unwrap().parse().unwrap();
    let charges = node.platform.state.scan_table::<ChargeRow>(None, 1_000).await.unwrap().rows;
    let charges: Vec<_> = charges.into_iter().filter(|row| row.tenant_id == shop).collect();
    assert_eq!(charges.iter().map(|row| row.charge.charge_id.to_string()).collect::<BTreeSet<_>>(), ids);
    let refunds = node.platform.state.scan_table::<RefundRow>(None, 1_000).await.unwrap().rows;
    let refunds: Vec<_> = refunds.into_iter().filter(|row| row.tenant_id == shop).collect();
    assert_eq!(refunds.len(), made["refunds"].as_object().unwrap().len() + 2);
    let dropped = drop_older(&node.platform).await.unwrap();
    let plans = node.platform.state.scan::<PlanRow>(&PlanRow::all(TenantId::PLATFORM), None, 10).await.unwrap();
    let plans: Vec<_> = plans.iter().map(|row| (row.plan.plan_id.to_string(), row.plan.name.clone())).collect();
    assert_eq!(plans, [(id(&all["plan"]), all["plan"]["name"].as_str().unwrap().to_owned())]);
    let staff = node.platform.state.scan::<StaffRow>(&StaffRow::all(TenantId::PLATFORM), None, 10).await.unwrap();
    assert_eq!(staff.iter().map(|row| row.staff.status).collect::<Vec<_>>(), [StaffStatus::Invited]);
    for before in [("admin", 5), ("payments", 2), ("signup", 1)] {
        assert!(dropped.iter().any(|older| (older.keyspace.as_str(), older.generation) == before), "{dropped:?}");
    }
    node.stop().await.unwrap();
    simulator.stop().await;
}
