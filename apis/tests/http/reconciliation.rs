//! Reconciliation: what gateways have and we do not know is mended where the rule is clear, and is shown to the operator otherwise.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use feira_connectors::clock::wall_clock;
use feira_schemas::{
    brazil::{local_date, local_time},
    time::{Clock, DAY, MINUTE, Micros},
};
use jiff::civil::Time;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, bed, send},
    payments::{Seller, brl, charge, simulated, text},
    run,
};

/// The gateways, each with a name for its shop.
pub const GATEWAYS: [&str; 2] = ["pagarme", "stripe"];
/// The code of a charge that is nobody's here.
const COUNTER: &str = "balcao-1";
/// The longest that something is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A clock that shows the machine's time and what a test has put to it.
pub struct Moved {
    ahead: Arc<AtomicI64>,
}

impl Moved {
    pub fn new() -> (Self, Clock) {
        let (ahead, wall) = (Arc::new(AtomicI64::new(0)), wall_clock());
        let reading = Arc::clone(&ahead);
        (Self { ahead }, Clock::passing(move || wall.now() + reading.load(Ordering::SeqCst)))
    }

    pub fn by(&self, time: Micros) {
        self.ahead.fetch_add(time, Ordering::SeqCst);
    }

    /// To the next time of the clock at which it is that hour in São Paulo.
    fn to_hour(&self, now: Micros, hour: i8) {
        let days = [0, 1].map(|days| local_date(now + days * DAY).unwrap());
        let times = days.map(|day| local_time(day, Time::constant(hour, 0, 0, 0)).unwrap());
        self.by(times.into_iter().find(|time| *time > now).unwrap() - now);
    }
}

/// Looks until there is what is awaited.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(Duration::from_millis(50));
    }
}

/// A boleto of R$ 50,00 that is due in three days: the runner looks at it at 8:00 and 14:00 alone.
pub fn boleto(bed: &Bed) -> Value {
    let mut body = charge("boleto", 5_000);
    let due = local_date(bed.api.platform.now() + 3 * DAY).unwrap().to_string();
    body["boleto"] = json!({"due": due, "instructions": "Não receber vencido.", "document_number": "1001"});
    body
}

/// The simulator's own id of the seller's charge that the gateway calls so.
pub async fn simulated_id(bed: &Bed, seller: &Seller, remote: &str) -> String {
    let account = text(&seller.remote["id"]);
    let all = format!("http://{}/admin/charges?account={account}", bed.simulator.address());
    let charges: Value = Client::new().get(all).send().await.unwrap().json().await.unwrap();
    let is_it = |charge: &&Value| charge["id"] == remote || charge["code"] == remote;
    text(&charges.as_array().unwrap().iter().find(is_it).expect("the charge is at the gateway")["id"])
}

/// A person pays the charge with this id at the gateway, and no hook says so.
pub async fn pay(bed: &Bed, seller: &Seller, remote: &str) {
    let id = simulated_id(bed, seller, remote).await;
    simulated(bed, &format!("charges/{id}/pay"), json!({})).await;
}

/// Somebody charges R$ 15,00 by the seller's account without Feira, under this code, and is paid; the gateway's id of it.
pub async fn charged_by_other_means(bed: &Bed, seller: &Seller, code: &str) -> String {
    let (base, key) = (format!("http://{}", bed.simulator.address()), text(&seller.remote["secret_key"]));
    if seller.account["gateway"] == "stripe" {
        let form = "amount=1500&currency=brl&confirm=true&payment_method=pm_card_visa&metadata[effect_id]=";
        let form = format!("{form}{code}");
        let asked = Client::new().post(format!("{base}/v1/payment_intents")).bearer_auth(key).body(form);
        let asked = asked.header("content-type", "application/x-www-form-urlencoded");
        let made: Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!(made["status"], "succeeded", "{made}");
        return text(&made["id"]);
    }
    let address = json!({"line_1": "10, Rua A, Centro", "zip_code": "01310100", "city": "São Paulo", "state": "SP", "country": "BR"});
    let order = json!({
        "code": code,
        "customer": {"name": "Maria", "email": "maria@example.com", "document": "12345678909", "type": "individual", "address": address},
        "items": [{"amount": 1_500, "description": "Caderno", "quantity": 1, "category": "papelaria"}],
        "payments": [{"payment_method": "pix", "pix": {"expires_in": 1_800}}],
    });
    let asked = Client::new().post(format!("{base}/core/v5/orders")).basic_auth(key, Some("")).json(&order);
    let made: Value = asked.send().await.unwrap().json().await.unwrap();
    let id = text(&made["charges"][0]["id"]);
    pay(bed, seller, &id).await;
    id
}

/// Asks for a reconciliation of the shop, and gives what it has done.
pub async fn reconciled(bed: &Bed, shop: &str) -> Value {
    let path = format!("/tenants/{shop}/reconciliations");
    let asked = send(bed.operator("POST", &path).json(&json!({}))).await.expect(201).json;
    assert_eq!(asked["account_ids"].as_array().unwrap().len(), 1, "{asked}");
    until("the reconciliation's end", async || {
        let mut listed = send(bed.operator("GET", &path)).await.expect(200).json;
        (listed["items"][0]["pending"] == false).then(|| listed["items"][0].take())
    })
    .await
}

/// The open differences of a shop.
pub async fn differences(bed: &Bed, shop: &str) -> Vec<Value> {
    let listed = send(bed.operator("GET", &format!("/differences?tenant={shop}"))).await.expect(200).json;
    listed["items"].as_array().unwrap().clone()
}

/// The id of an open difference of the seller's shop: a charge by other means.
pub async fn differing(bed: &Bed, seller: &Seller) -> String {
    charged_by_other_means(bed, seller, COUNTER).await;
    reconciled(bed, &seller.shop.id).await;
    text(&differences(bed, &seller.shop.id).await[0]["id"])
}

/// The shop's charge as its API shows it.
pub async fn read(bed: &Bed, seller: &Seller, charge: &Value) -> Value {
    send(seller.asks(bed, "GET", &format!("/charges/{}", text(charge)))).await.expect(200).json
}

#[test]
fn f17_reconciliation_mends_a_charge_whose_hook_and_looks_were_lost() {
    run(async {
        // Neither time at which boletos are looked at by themselves comes while this runs.
        let (moved, clock) = Moved::new();
        moved.to_hour(clock.now(), 10);
        let bed = &Bed::start_at(clock).await;
        for gateway in GATEWAYS {
            let shop = format!("conciliada-{gateway}");
            let seller = Seller::at(bed, &shop, gateway).await;
            let made = seller.charges(bed, &boleto(bed)).await.expect(201).json;
            pay(bed, &seller, &text(&made["remote_id"])).await;
            assert_eq!(read(bed, &seller, &made["id"]).await["status"], "pending", "nobody has looked");
            let done = reconciled(bed, &shop).await;
            let expected = json!([1, 1, 1, 0, true]);
            let counts = ["listed", "looked_at", "mended", "differences", "whole"].map(|name| done[name].clone());
            assert_eq!(json!(counts), expected, "{gateway}: {done}");
            let charge = read(bed, &seller, &made["id"]).await;
            assert_eq!((&charge["status"], &charge["paid"]), (&json!("paid"), &brl(5_000)), "{gateway}");
            assert_eq!(differences(bed, &shop).await, Vec::<Value>::new());
            let again = reconciled(bed, &shop).await;
            assert_eq!((&again["looked_at"], &again["mended"]), (&json!(0), &json!(0)), "{gateway}: {again}");
        }
    });
}

#[test]
fn f17_reconciliation_shows_a_charge_of_nobody_once_until_somebody_settles_it() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let shop = format!("estranha-{gateway}");
            let seller = Seller::at(bed, &shop, gateway).await;
            let remote = charged_by_other_means(bed, &seller, COUNTER).await;
            assert_eq!(reconciled(bed, &shop).await["differences"], 1, "{gateway}");
            let [difference] = &differences(bed, &shop).await[..] else { panic!("one difference") };
            assert_eq!((&difference["kind"], &difference["status"]), (&json!("unknown_charge"), &json!("open")));
            assert_eq!((text(&difference["remote_id"]), &difference["gateway"]), (remote, &json!(gateway)));
            assert_eq!(difference["there"]["paid"], brl(1_500), "{difference}");
            assert_eq!((&difference["here"], &difference["charge_id"]), (&Value::Null, &Value::Null));
            reconciled(bed, &shop).await;
            assert_eq!(differences(bed, &shop).await, std::slice::from_ref(difference), "it is found once");

            let one = format!("/tenants/{shop}/differences/{}", text(&difference["id"]));
            let settle = |note: &str| send(bed.operator("POST", &format!("{one}/settle")).json(&json!({"note": note})));
            assert_eq!(settle(" ").await.expect(422).json["errors"][0]["pointer"], "/note");
            let settled = settle("Venda no balcão").await.expect(200);
            assert_eq!(settled.json["status"], "settled", "{}", settled.json);
            assert!(settled.header("feira-position").starts_with("payments."));
            reconciled(bed, &shop).await;
            assert_eq!(differences(bed, &shop).await, Vec::<Value>::new(), "{gateway}");
            let known = send(bed.operator("GET", &one)).await.expect(200).json;
            assert_eq!((&known["status"], &known["note"]), (&json!("settled"), &json!("Venda no balcão")));
        }
    });
}

#[test]
fn f17_reconciliation_is_refused_where_there_is_nothing_to_compare() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("sem-conta").await;
        let ask = |shop: &str, body: Value| {
            send(bed.operator("POST", &format!("/tenants/{shop}/reconciliations")).json(&body))
        };
        assert_eq!(ask(&shop.id, json!({})).await.code(), "no_account");
        ask("ninguem", json!({})).await.expect(404);
        ask(&shop.id, json!({"account_id": shop.id})).await.expect(404);
        ask(&shop.id, json!({"account_id": "x"})).await.expect(422);
        let none = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        send(bed.operator("GET", &format!("/tenants/sem-conta/differences/{none}"))).await.expect(404);
        let settle = bed.operator("POST", &format!("/tenants/sem-conta/differences/{none}/settle"));
        send(settle.json(&json!({"note": "x"}))).await.expect(404);
        send(bed.operator("GET", "/differences?tenant=ninguem")).await.expect(404);
    });
}

#[test]
fn f17_reconciliation_runs_by_itself_once_a_night() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let mut sellers = Vec::new();
        for gateway in GATEWAYS {
            let seller = Seller::at(&bed, &format!("noturna-{gateway}"), gateway).await;
            charged_by_other_means(&bed, &seller, COUNTER).await;
            sellers.push(seller);
        }
        // The merchant gives a charge back on the gateway's own pages: nobody looks at what is paid.
        let paid = sellers[0].paid(&bed, 10_000).await;
        let address = format!("http://{}/core/v5/charges/{}", bed.simulator.address(), text(&paid["remote_id"]));
        let given_back = Client::new().delete(address).basic_auth(text(&sellers[0].remote["secret_key"]), Some(""));
        assert!(given_back.json(&json!({})).send().await.unwrap().status().is_success());

        let all = async || {
            let (mut all, mut after) = (Vec::new(), String::new());
            loop {
                let page = send(bed.operator("GET", &format!("/differences?limit=1{after}"))).await.expect(200).json;
                all.extend(page["items"].as_array().unwrap().iter().cloned());
                match &page["next"] {
                    Value::Null => return all,
                    next => after = format!("&after={}", text(next)),
                }
            }
        };
        assert_eq!(all().await, Vec::<Value>::new(), "an account has no night on the day on which it was made");
        let nights = async || {
            let mut ends = Vec::new();
            for seller in &sellers {
                let path = format!("/tenants/{}/reconciliations", seller.shop.id);
                ends.push(send(bed.operator("GET", &path)).await.expect(200).json["items"][0]["ended_at"].clone());
            }
            ends.iter().all(Value::is_string).then_some(ends)
        };
        let now = bed.api.platform.now();
        let morning = local_time(local_date(now + DAY).unwrap(), Time::constant(5, 0, 0, 0)).unwrap();
        moved.by(morning - now);
        let first = until("the first night", async || nights().await).await;
        let found = until("both differences", async || Some(all().await).filter(|all| all.len() == 2)).await;
        assert!(found.iter().all(|difference| difference["kind"] == "unknown_charge"), "{found:?}");
        let charge = read(&bed, &sellers[0], &paid["id"]).await;
        assert_eq!((&charge["status"], &charge["refunded"]), (&json!("refunded"), &brl(10_000)), "{charge}");

        moved.by(DAY);
        until("the second night", async || {
            let second = nights().await?;
            first.iter().zip(&second).all(|(first, second)| first != second).then_some(())
        })
        .await;
        assert_eq!(all().await, found, "what was found is found once");
    });
}

#[test]
fn f17_charges_that_wait_are_looked_at_by_one_list() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let seller = Seller::at(&bed, "muitos-boletos", "pagarme").await;
        let mut made = Vec::new();
        for _ in 0..8 {
            made.push(seller.charges(&bed, &boleto(&bed)).await.expect(201).json);
        }
        pay(&bed, &seller, &text(&made[3]["remote_id"])).await;
        // Faults that change nothing, and count.
        let account = text(&seller.remote["id"]);
        for operation in ["get", "list"] {
            let fault =
                json!({"effect": "slow", "millis": 1, "account": account, "operation": operation, "times": 1_000});
            simulated(&bed, "faults", fault).await;
        }
        moved.to_hour(bed.api.platform.now() + MINUTE, 14);
        moved.by(2 * MINUTE);
        let paid = async || Some(read(&bed, &seller, &made[3]["id"]).await).filter(|charge| charge["status"] == "paid");
        until("the payment", paid).await;
        let faults = format!("http://{}/admin/faults", bed.simulator.address());
        let faults: Value = Client::new().get(faults).send().await.unwrap().json().await.unwrap();
        let calls = |operation: &str| {
            let fault = faults.as_array().unwrap().iter().find(|fault| fault["operation"] == operation).unwrap();
            1_000 - fault["times"].as_i64().unwrap()
        };
        assert!(calls("list") >= 1, "{faults}");
        // One that is not in the list of those that wait is looked at by itself; a night on the way looks at it once, too.
        assert!((1..=2).contains(&calls("get")), "{faults}");
    });
}
