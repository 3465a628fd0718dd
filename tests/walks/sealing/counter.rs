//! A shop's payments as others ask for them over HTTP: by Pix, boleto and card, at both gateways, paid, given back, refused and declined.

use feira_connectors::clock::wall_clock;
use feira_schemas::{brazil::boleto::BoletoDue, ids::ChargeId};
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::{
    gateway::{Remote, Simulator},
    process::{Mode, Process, client},
    sealing::{
        Person, Typed,
        people::digits,
        quoting::{Quoting, REFUSED},
    },
    services::OPERATOR_TOKEN,
    shop::Shop,
    until,
};

/// A charge that was made, and whose it is.
pub struct Charged {
    pub id: ChargeId,
    pub person: String,
}

/// A process with a shop, its accounts at both gateways, and all that was typed so far.
pub struct Counter {
    pub mode: Mode,
    pub process: Process,
    pub shop: Shop,
    pub gateways: Quoting,
    simulator: Simulator,
    credential: String,
    pub people: Vec<Person>,
    pub typed: Vec<Typed>,
}

/// An account of the shop and what it is at the gateway.
struct Account {
    id: String,
    remote: Remote,
}

impl Counter {
    /// Starts a process that says all that it has to say, and opens a shop.
    pub async fn open(mode: Mode, random: &mut StdRng) -> Self {
        let simulator = Simulator::start().await;
        let gateways = Quoting::before(&simulator.base).await;
        let base = &gateways.base;
        let addresses = format!("pagarme={base}/core/v5; stripe={base}/v1");
        let settings = [("FEIRA_GATEWAYS_ADDRESSES", addresses.as_str()), ("RUST_LOG", "debug")];
        let process = Process::start_with(mode, &settings).await;
        let shop = Shop::make(&process, "caixa").await;
        let people =
            ["Pix", "boleto", "card", "refused order", "Stripe's card", "Stripe's refused order", "wrong request"];
        let mut people: Vec<Person> = people.map(|label| Person::new(random, &format!("the buyer by {label}"))).into();
        people.push(Person::company(random, "the company that buys by Pix"));
        let mut typed: Vec<Typed> = people.iter().flat_map(Person::typed).collect();
        typed.push(Typed::secret("admin token", &shop.token));
        let mut counter = Self { mode, process, shop, gateways, simulator, credential: String::new(), people, typed };
        counter.product().await;
        let issued = counter.staff("/payments/credentials", &json!({"name": "Outro sistema"})).await;
        counter.credential = issued["secret"].as_str().unwrap().to_owned();
        counter.typed.push(Typed::secret("credential", &counter.credential));
        counter
    }

    /// Something to sell, so that there are cards and documents to look through.
    async fn product(&self) {
        let product =
            json!({"name": "Camisa", "status": "published", "variants": [{"price": money(6_500), "stock": 3}]});
        self.staff("/products", &product).await;
    }

    /// All that is done at the counter; the charges whose buyers must be found sealed, the first of which is to be erased.
    pub async fn busy(&mut self, random: &mut StdRng) -> Vec<Charged> {
        let pagarme = self.account("pagarme").await;
        let stripe = self.account("stripe").await;
        let by_pix = self.charge(&pagarme, "pix", 0, None).await;
        let by_boleto = self.charge(&pagarme, "boleto", 1, None).await;
        let by_card = self.by_card(&pagarme, 2, false).await;
        let at_stripe = self.by_card(&stripe, 4, false).await;
        let company = self.charge(&pagarme, "pix", 7, None).await;
        pagarme.remote.pay_code(&by_pix.id.to_string()).await;
        pagarme.remote.pay_code(&by_boleto.id.to_string()).await;
        for paid in [&by_pix, &by_boleto] {
            until("it is paid", async || self.read(paid).await["status"] == "paid").await;
        }
        until("a hook is delivered", async || {
            pagarme.remote.hooks().await.iter().any(|hook| hook["state"] == "delivered")
        })
        .await;
        self.refund(&by_boleto, Some(self.people[1].bank_account()), 4_000).await;
        self.refund(&by_card, None, 5_000).await;
        self.refused(&pagarme, 3).await;
        self.refused(&stripe, 5).await;
        self.by_card(&pagarme, 2, true).await;
        self.unknown_token(&stripe, random).await;
        self.wrong_requests(random).await;
        vec![by_pix, by_boleto, by_card, at_stripe, company]
    }

    async fn account(&mut self, vendor: &str) -> Account {
        let mut remote = self.simulator.account(vendor).await;
        remote.base.clone_from(&self.simulator.base);
        let told = format!("{}@loja.example", Uuid::new_v4().simple());
        let body = json!({
            "name": "Conta", "gateway": vendor, "public_key": remote.public_key, "secret_key": remote.secret_key,
            "notify_email": told,
        });
        let mut made = self.staff("/payments/accounts", &body).await;
        // Who saves one waits for some seconds only until the gateway has said whether it takes the key.
        let path = format!("/api/admin/v1/payments/accounts/{}", made["id"].as_str().unwrap());
        until("the key is tried", async || {
            let (status, shown) = self.ask(Method::GET, &self.shop.token, &path, None).await;
            made = shown;
            status == 200 && made["status"] != "untested"
        })
        .await;
        assert_eq!(made["status"], "ready", "{vendor}'s key is tried: {made}");
        self.typed.push(Typed::secret("gateway key", &remote.secret_key));
        self.typed.push(Typed::secret("account's address", &told));
        let callback = &made["callback"];
        if let (Some(user), Some(password)) = (callback["user"].as_str(), callback["password"].as_str()) {
            self.typed.push(Typed::secret("callback secret", password));
            let path = callback["address"].as_str().unwrap().split_once("/payments/").unwrap().1;
            let host = self.process.url().replace("127.0.0.1", "localhost");
            remote.hooked_to(&format!("{host}/payments/{path}"), user, password).await;
        }
        Account { id: made["id"].as_str().unwrap().to_owned(), remote }
    }

    /// Asks for a charge that must be made.
    async fn charge(&self, account: &Account, method: &str, person: usize, token: Option<&str>) -> Charged {
        let (status, charge) = self.asked(&self.body(account, method, person, token)).await;
        assert_eq!(status, 201, "{method}: {charge}");
        assert_eq!((&charge["buyer"]["name"], &charge["erased"]), (&json!(self.people[person].name()), &json!(false)));
        let id = ChargeId::from_uuid(charge["id"].as_str().unwrap().parse::<Uuid>().unwrap());
        Charged { id, person: self.people[person].label.clone() }
    }

    async fn by_card(&mut self, account: &Account, person: usize, declined: bool) -> Charged {
        let token = account.remote.token(declined).await;
        self.typed.push(Typed::new(&self.people[person].label, "card token", &[&token]));
        self.charge(account, "card", person, Some(&token)).await
    }

    /// The gateway refuses the order, and repeats all of it.
    async fn refused(&self, account: &Account, person: usize) {
        let mut body = self.body(account, "pix", person, None);
        body["items"][0]["description"] = json!(REFUSED);
        if account.remote.vendor == "stripe" {
            body["method"] = json!("boleto");
            body["boleto"] = boleto();
            body.as_object_mut().unwrap().remove("pix");
        }
        let (status, answer) = self.asked(&body).await;
        assert_eq!((status, &answer["code"]), (422, &json!("gateway_refused")), "{answer}");
        // Whoever asked is told in the gateway's own words.
        assert!(answer.to_string().contains(&self.people[person].email()), "it is not quoted: {answer}");
    }

    /// A card's token that the gateway does not know, which its error repeats.
    async fn unknown_token(&mut self, account: &Account, random: &mut StdRng) {
        let token = format!("pm_{}", digits(random, 24));
        self.typed.push(Typed::new(&self.people[4].label, "card token", &[&token]));
        let (status, answer) = self.asked(&self.body(account, "card", 4, Some(&token))).await;
        assert!([201, 422].contains(&status), "{status} {answer}");
    }

    /// What is refused before anything is asked: by its own rules, and for a card's number.
    async fn wrong_requests(&mut self, random: &mut StdRng) {
        let account = self.account("pagarme").await;
        let mut body = self.body(&account, "pix", 6, None);
        let wrong = self.people[6].document().replace('7', "8");
        body["buyer"]["document"] = json!(format!("{wrong}1"));
        body["buyer"]["phone"] = json!(format!("00{}", self.people[6].document()));
        let (status, answer) = self.asked(&body).await;
        assert_eq!(status, 422, "{answer}");
        assert!(!answer.to_string().contains(self.people[6].document()), "{answer}");
        let number = digits(random, 16);
        self.typed.push(Typed::new("a buyer", "card number", &[&number]));
        let mut body = self.body(&account, "card", 6, Some("token"));
        body["card"]["number"] = json!(number);
        let (status, answer) = self.asked(&body).await;
        assert!(status == 422 && !answer.to_string().contains(&number), "{status} {answer}");
    }

    async fn refund(&self, charged: &Charged, bank_account: Option<Value>, amount: i64) {
        let mut body = json!({"amount": money(amount)});
        if let Some(account) = bank_account {
            body["bank_account"] = account;
        }
        let path = format!("/api/payments/v1/charges/{}/refunds", charged.id);
        let (status, refund) = self.ask(Method::POST, &self.credential, &path, Some(&body)).await;
        assert_eq!(status, 201, "{refund}");
        assert_eq!(refund["status"], "done", "{refund}");
    }

    fn body(&self, account: &Account, method: &str, person: usize, token: Option<&str>) -> Value {
        let person = &self.people[person];
        let mut body = json!({
            "reference": "1001",
            "account_id": account.id,
            "method": method,
            "amount": money(15_000),
            "items": [{"code": "a", "description": "Camisa", "quantity": 2, "total": money(13_000)}],
            "shipping": {
                "amount": money(2_000), "description": "PAC", "recipient": person.name(), "address": person.address(),
            },
            "buyer": person.buyer(),
        });
        body[method] = match method {
            "pix" => json!({"lifetime": 1_800}),
            "boleto" => boleto(),
            _ => json!({"token": token, "installments": 1}),
        };
        body
    }

    async fn asked(&self, body: &Value) -> (u16, Value) {
        self.ask(Method::POST, &self.credential, "/api/payments/v1/charges", Some(body)).await
    }

    async fn read(&self, charged: &Charged) -> Value {
        let path = format!("/api/payments/v1/charges/{}", charged.id);
        let (status, charge) = self.ask(Method::GET, &self.credential, &path, None).await;
        assert!(status == 200 || status == 503, "{status} {charge}");
        charge
    }

    /// A write of the shop's staff that makes something.
    async fn staff(&self, path: &str, body: &Value) -> Value {
        let path = format!("/api/admin/v1{path}");
        let (status, made) = self.ask(Method::POST, &self.shop.token, &path, Some(body)).await;
        assert_eq!(status, 201, "{path}: {made}");
        made
    }

    async fn ask(&self, method: Method, bearer: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = client().request(method.clone(), format!("{}{path}", self.process.url()));
        let mut request = request.header("host", format!("{}.localhost", self.shop.subdomain)).bearer_auth(bearer);
        if method == Method::POST {
            request = request.header("idempotency-key", Uuid::new_v4().to_string());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        // What is not done yet is asked for again with its key.
        let mut answered = (202, Value::Null);
        until("it is done", async || {
            let answer = request.try_clone().unwrap().send().await.unwrap();
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            answered = (status, serde_json::from_str(&text).unwrap_or(Value::String(text)));
            status != 202
        })
        .await;
        answered
    }

    /// Waits until so many records are among the dead letters of payments.
    pub async fn dead_letters(&self, count: usize) {
        until("what was cut off is among the dead letters", async || {
            let listed = self.command(&["dlq", "list", "--group", "payments"]).await;
            listed.matches("payments.commands").count() >= count
        })
        .await;
    }

    /// What the operators of a running process are shown: its numbers, topics, dead letters and the first of these as a whole.
    pub async fn shown_to_operators(&self) -> Vec<(&'static str, String)> {
        let tenant = self.shop.tenant.to_string();
        let request = client().get(format!("{}/metrics", self.process.url())).bearer_auth(OPERATOR_TOKEN);
        let numbers = request.header("host", "localhost").send().await.unwrap().text().await.unwrap();
        let mut shown = vec![("metrics", numbers)];
        for topic in ["payments.commands", "payments.events", "payments.results", "payments.dlq"] {
            shown.push((topic, self.command(&["tap", topic, "--tenant", &tenant, "--from", "earliest"]).await));
        }
        let list = self.command(&["dlq", "list", "--group", "payments"]).await;
        let first: Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
        shown.push(("a dead letter", self.command(&["dlq", "show", first["id"].as_str().unwrap()]).await));
        shown.push(("dead letters", list));
        shown
    }

    async fn command(&self, arguments: &[&str]) -> String {
        let output = self.process.feira(arguments).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Asserts that nothing of the first charge's buyer is shown any more, and of the others as much as ever.
    pub async fn shows_erased(&self, charged: &[Charged]) {
        for (at, charged) in charged.iter().enumerate() {
            until("charges are read", async || self.read(charged).await["id"] == json!(charged.id)).await;
            let charge = self.read(charged).await;
            assert_eq!(charge["erased"], at == 0, "{}", charged.person);
            assert_eq!(charge["buyer"].is_null(), at == 0, "{}", charged.person);
            assert_eq!(charge["amount"]["amount"], 15_000);
        }
    }
}

fn money(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

fn boleto() -> Value {
    let due = BoletoDue::counted(wall_clock().now(), 3).unwrap().day.to_string();
    json!({"due": due, "instructions": "Não receber após o vencimento", "document_number": "1001"})
}
