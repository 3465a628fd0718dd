//! Payments that are simulated by the process itself, as anybody has them who starts it with nothing configured: asked from outside, on
//! the embedded parts.

use std::net::TcpListener;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use crate::common::{
    embedded,
    process::{Mode, Process, client},
    services::OPERATOR_TOKEN,
    shop::Shop,
    signup::{Platform, SignUp},
    until,
};

/// The shop that charges.
const MODA: &str = "moda.localhost";

/// A demo shop and a credential of its payments API.
struct Seller {
    token: String,
    credential: String,
}

impl Seller {
    async fn of(process: &Process) -> Self {
        let credentials = std::fs::read_to_string(process.data().join("credentials.json")).unwrap();
        let credentials: Value = serde_json::from_str(&credentials).unwrap();
        let token = text(&credentials["shops"]["moda"]["admin_token"]);
        let mut seller = Self { token, credential: String::new() };
        let issued = seller.staff(process, Method::POST, "/payments/credentials").json(&json!({"name": "Loja"}));
        seller.credential = text(&expect(201, issued).await["secret"]);
        seller
    }

    fn staff(&self, process: &Process, method: Method, path: &str) -> RequestBuilder {
        asked(process, method, MODA, &format!("/api/admin/v1{path}")).bearer_auth(&self.token)
    }

    fn system(&self, process: &Process, method: Method, path: &str) -> RequestBuilder {
        asked(process, method, MODA, &format!("/api/payments/v1{path}")).bearer_auth(&self.credential)
    }

    async fn accounts(&self, process: &Process) -> Vec<Value> {
        let accounts = expect(200, self.staff(process, Method::GET, "/payments/accounts")).await;
        accounts["items"].as_array().unwrap().clone()
    }

    /// A Pix of R$ 49,90 by the default account, or this one.
    async fn pix(&self, process: &Process, account: Option<&Value>) -> Value {
        expect(201, self.system(process, Method::POST, "/charges").json(&pix(account))).await
    }

    async fn charge(&self, process: &Process, charge: &Value) -> Value {
        expect(200, self.system(process, Method::GET, &format!("/charges/{}", text(&charge["id"])))).await
    }

    async fn is_paid(&self, process: &Process, charge: &Value) {
        until("the charge is paid", async || self.charge(process, charge).await["status"] == "paid").await;
    }
}

fn pix(account: Option<&Value>) -> Value {
    let sum = json!({"amount": 4_990, "currency": "BRL"});
    json!({
        "reference": "1001", "method": "pix", "amount": sum, "pix": {"lifetime": 3_600},
        "account_id": account.map(|account| account["id"].clone()),
        "items": [{"description": "Caderno", "quantity": 1, "total": sum}],
        "buyer": {
            "name": "Joana Prado", "email": "joana.prado@example.com", "document": "529.982.247-25",
            "address": {
                "postal_code": "01310-100", "street": "Avenida Paulista", "number": "1578", "city": "São Paulo", "state": "SP",
            },
        },
    })
}

fn asked(process: &Process, method: Method, host: &str, path: &str) -> RequestBuilder {
    client().request(method, format!("{}{path}", process.url())).header("host", host)
}

async fn expect(status: u16, request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let (found, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn page(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.text().await.unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The simulator's address without a slash at the end, as the greeting has it.
fn simulator(process: &Process) -> String {
    let greeting = process.greeting();
    let line = greeting.lines().find(|line| line.contains("payments are simulated, and no money moves"));
    let line = line.unwrap_or_else(|| panic!("{greeting}"));
    line.trim().split_once("/  ").unwrap().0.to_owned()
}

/// A person pays the Pix on the simulator's page.
async fn pay(process: &Process, charge: &Value) {
    let code = text(&charge["pix"]["code"]);
    let open = page(client().get(simulator(process))).await;
    assert!(open.contains("Isto é um simulador.") && open.contains("Nenhum dinheiro é movido"), "{open}");
    let (_, behind) = open.split_once(&code).unwrap_or_else(|| panic!("{code} is not on {open}"));
    let (_, action) = behind.split_once("action=\"").unwrap();
    let action = action.split('"').next().unwrap();
    let paid = page(client().post(format!("{}{action}", simulator(process)))).await;
    assert!(!paid.contains(&code) && paid.contains("Pagos há pouco"), "{paid}");
}

/// The platform that the demo has opened for sign-ups.
async fn opened(process: &Process) -> Platform {
    Platform::found(&process.url(), OPERATOR_TOKEN, &simulator(process)).await
}

/// The only Pix of the platform that waits is paid by a person on the simulator's page.
async fn pay_platform(process: &Process, platform: &Platform) {
    let mut open = None;
    until("the Pix waits to be paid", async || {
        open = platform.gateway.charges().await.into_iter().find(|charge| charge["status"] == "pending");
        open.is_some()
    })
    .await;
    let action = format!("/charges/{}/pay", text(&open.unwrap()["id"]));
    let shown = page(client().get(simulator(process))).await;
    assert!(shown.contains(&format!("action=\"{action}\"")) && shown.contains("Feira, pedido "), "{shown}");
    let paid = page(client().post(format!("{}{action}", simulator(process)))).await;
    assert!(!paid.contains(&action), "{paid}");
}

/// Somebody signs up to the demo's first plan, pays, and has a shop.
async fn signs_up(process: &Process, platform: &Platform, mut person: SignUp, pays_pix: bool) {
    person.subscribe().await;
    if pays_pix {
        pay_platform(process, platform).await;
    }
    person.until_shop().await;
    let shop = person.shop().await;
    assert!(shop.text.contains(&person.shop_name()), "{}", shop.text);
}

/// True once the simulator has delivered a callback of this kind.
async fn is_told(process: &Process, kind: &str) -> bool {
    let hooks = expect(200, client().get(format!("{}/admin/hooks", simulator(process)))).await;
    hooks.as_array().unwrap().iter().any(|hook| hook["kind"] == kind && hook["state"] == "delivered")
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_a_demo_shop_charges_a_pix_that_is_paid_on_the_simulators_page_and_goes_on_after_a_restart() {
    let Some(_) = embedded() else { return };
    let mut process = Process::start(Mode::Demo).await;
    let seller = Seller::of(&process).await;
    let accounts = seller.accounts(&process).await;
    let [pagarme, stripe] = &accounts[..] else { panic!("{accounts:?}") };
    for (account, gateway, is_default) in [(pagarme, "pagarme", true), (stripe, "stripe", false)] {
        assert_eq!((&account["gateway"], &account["default"]), (&json!(gateway), &json!(is_default)));
        assert_eq!((&account["status"], &account["simulated"]), (&json!("ready"), &json!(true)), "{account}");
    }
    for (account, paid) in [(None, "charge.paid"), (Some(stripe), "payment_intent.succeeded")] {
        let charge = seller.pix(&process, account).await;
        assert_eq!((&charge["status"], &charge["simulated"]), (&json!("pending"), &json!(true)), "{charge}");
        pay(&process, &charge).await;
        seller.is_paid(&process, &charge).await;
        until("the callback is taken", async || is_told(&process, paid).await).await;
    }
    let open = seller.pix(&process, None).await;
    let at = simulator(&process);

    process.pause().await;
    process.start_again().await;
    assert_eq!(simulator(&process), at, "addresses that boletos and pictures have stay");
    assert_eq!(seller.accounts(&process).await, accounts, "a second start saves nothing anew");
    pay(&process, &open).await;
    seller.is_paid(&process, &open).await;
    let refunds = format!("/charges/{}/refunds", text(&open["id"]));
    let refund = expect(201, seller.system(&process, Method::POST, &refunds).json(&json!({}))).await;
    assert_eq!(refund["simulated"], true, "{refund}");
    until("it is given back", async || seller.charge(&process, &open).await["status"] == "refunded").await;
    let listed = expect(200, seller.system(&process, Method::GET, "/charges")).await;
    let listed = listed["items"].as_array().unwrap();
    assert!(listed.len() == 3 && listed.iter().all(|charge| charge["simulated"] == true), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_the_demos_platform_takes_sign_ups_that_are_paid_at_the_simulator_and_goes_on_after_a_restart() {
    let Some(_) = embedded() else { return };
    let mut process = Process::start(Mode::Demo).await;
    let site = "/  the platform's site: plans and sign-up (simulated payments)";
    assert!(process.greeting().contains(site), "{}", process.greeting());
    let home = page(asked(&process, Method::GET, "localhost", "/")).await;
    for said in ["49,90", "149,90", "1.499,00", "Assinar Profissional anual", "Por cartão de crédito, boleto ou Pix."]
    {
        assert!(home.contains(said), "{said} is not on {home}");
    }
    let platform = opened(&process).await;
    let kept = (platform.all("/payments/accounts").await, platform.all("/plans").await);
    let ([account], [_, _, _]) = (&kept.0[..], &kept.1[..]) else { panic!("{kept:?}") };
    assert_eq!((&account["gateway"], &account["status"]), (&json!("pagarme"), &json!("ready")), "{account}");
    assert_eq!((&account["default"], &account["simulated"]), (&json!(true), &json!(true)), "{account}");
    signs_up(&process, &platform, SignUp::new(&platform, 1, "padaria", "pix"), true).await;
    until("the callback is taken", async || is_told(&process, "charge.paid").await).await;
    signs_up(&process, &platform, SignUp::new(&platform, 2, "sapataria", "card"), false).await;

    process.pause().await;
    process.start_again().await;
    assert!(process.greeting().contains(site), "{}", process.greeting());
    let platform = opened(&process).await;
    let again = (platform.all("/payments/accounts").await, platform.all("/plans").await);
    assert_eq!(again, kept, "a second start makes nothing anew");
    signs_up(&process, &platform, SignUp::new(&platform, 3, "quitanda", "pix"), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_without_the_demo_no_plan_is_made_even_where_payments_are_simulated() {
    let Some(_) = embedded() else { return };
    let process = Process::start_with(Mode::Embedded, &[("FEIRA_SIMULATOR_ENABLED", "true")]).await;
    assert!(process.greeting().contains("payments are simulated"), "{}", process.greeting());
    assert!(!process.greeting().contains("sign-up"), "{}", process.greeting());
    for list in ["/plans", "/payments/accounts"] {
        let asked = asked(&process, Method::GET, "localhost", &format!("/api/operator/v1{list}"));
        let listed = expect(200, asked.bearer_auth(OPERATOR_TOKEN)).await;
        assert_eq!((&listed["items"], &listed["total"]), (&json!([]), &json!(0)), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_every_page_says_that_payments_are_simulated_and_a_real_key_is_refused_in_words() {
    let Some(_) = embedded() else { return };
    let process = Process::start(Mode::Demo).await;
    let seller = Seller::of(&process).await;
    let notice = "Loja de demonstração: pagamentos simulados, nenhum dinheiro se move.";
    for path in ["/", "/search?q=camisa", "/search?q=nada-disto", "/category/nada"] {
        let answer = asked(&process, Method::GET, MODA, path).send().await.unwrap().text().await.unwrap();
        assert!(answer.contains(notice), "{path}: {answer}");
    }
    let platform = page(asked(&process, Method::GET, "localhost", "/")).await;
    let link = format!("href=\"{}/\"", simulator(&process));
    assert!(
        platform.contains("Pagamentos simulados: nenhum dinheiro se move.") && platform.contains(&link),
        "{platform}"
    );
    // A shop that is none of the demo's says so, too.
    let own = Shop::make(&process, "propria").await;
    let host = format!("{}.localhost", own.subdomain);
    until("the shop has pages", async || {
        let page = asked(&process, Method::GET, &host, "/").send().await.unwrap().text().await.unwrap();
        page.contains(">Pagamentos simulados: nenhum dinheiro se move.<")
    })
    .await;

    let key = "sk_live_0123456789abcdef";
    let body = |key: &str| json!({"name": "Minha", "gateway": "pagarme", "public_key": "pk_1", "secret_key": key});
    let save = |key: &str| seller.staff(&process, Method::POST, "/payments/accounts").json(&body(key));
    let refused = expect(422, save(key)).await;
    assert_eq!(refused["errors"][0]["pointer"], "/secret_key", "{refused}");
    let why = text(&refused["errors"][0]["detail"]);
    assert!(
        why.contains("uma chave de verdade não é aceita") && why.contains("FEIRA_SIMULATOR_ENABLED=false"),
        "{why}"
    );
    assert!(!refused.to_string().contains(key));
    let there = seller.accounts(&process).await;
    let change = format!("/payments/accounts/{}", text(&there[0]["id"]));
    let changed = expect(422, seller.staff(&process, Method::PUT, &change).json(&body(key))).await;
    assert_eq!(changed["errors"][0]["pointer"], "/secret_key", "{changed}");
    assert_eq!(seller.accounts(&process).await, there, "nothing was saved");
    // Whoever wants another account opens one at the simulator.
    let opened = client().post(format!("{}/admin/accounts", simulator(&process)));
    let opened = expect(200, opened.json(&json!({"gateway": "pagarme", "name": "Outra"}))).await;
    let mut saved = expect(201, save(&text(&opened["secret_key"]))).await;
    let path = format!("/payments/accounts/{}", text(&saved["id"]));
    until("the key is tried", async || {
        saved = expect(200, seller.staff(&process, Method::GET, &path)).await;
        saved["status"] != "untested"
    })
    .await;
    assert_eq!((&saved["status"], &saved["simulated"]), (&json!("ready"), &json!(true)), "{saved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_it_does_not_start_beside_a_real_gateways_key_or_address() {
    let Some(_) = embedded() else { return };
    // Nobody listens there, and nobody else can: no key of a test is shown to a real gateway.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = nobody.local_addr().unwrap();
    let addresses = format!("pagarme=http://{at}/core/v5; stripe=http://{at}/v1");
    let real = [("FEIRA_GATEWAYS_ADDRESSES", addresses.as_str())];
    let mut process = Process::start_with(Mode::Embedded, &real).await;
    assert!(!process.greeting().contains("simulated"));
    let shop = Shop::make(&process, "seria").await;
    let key = "sk_live_0123456789abcdef";
    let body = json!({"name": "Minha", "gateway": "pagarme", "public_key": "pk_live_1", "secret_key": key});
    let host = format!("{}.localhost", shop.subdomain);
    let save = asked(&process, Method::POST, &host, "/api/admin/v1/payments/accounts").bearer_auth(&shop.token);
    let saved = expect(201, save.json(&body)).await;
    assert_eq!((&saved["status"], &saved["simulated"]), (&json!("untested"), &json!(false)), "{saved}");
    process.pause().await;

    let said_before = process.log().len();
    process.set(&[("FEIRA_SIMULATOR_ENABLED", "true")]);
    assert_eq!(process.fails_to_start().await, Some(2));
    let said = process.log()[said_before..].to_owned();
    assert!(said.contains("the simulator does not start beside it") && said.contains(&text(&saved["id"])), "{said}");
    assert!(said.contains("FEIRA_SIMULATOR_ENABLED=false") && !said.contains(key), "{said}");
    let said_before = process.log().len();
    process.set(&[("FEIRA_SIMULATOR_ENABLED", "true"), real[0]]);
    assert_eq!(process.fails_to_start().await, Some(2));
    let said = process.log()[said_before..].to_owned();
    assert!(said.contains("simulator.enabled") && said.contains("gateways.addresses"), "{said}");
    process.set(&real);
    process.start_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f37_a_simulators_key_is_shown_to_no_other_gateway() {
    let Some(_) = embedded() else { return };
    let mut process = Process::start(Mode::Demo).await;
    let seller = Seller::of(&process).await;
    process.pause().await;
    let gateway = TcpListener::bind("127.0.0.1:0").unwrap();
    gateway.set_nonblocking(true).unwrap();
    let at = gateway.local_addr().unwrap();
    process.set(&[("FEIRA_GATEWAYS_ADDRESSES", &format!("pagarme=http://{at}/core/v5; stripe=http://{at}/v1"))]);
    process.start_again().await;
    assert!(!process.greeting().contains("simulated"), "{}", process.greeting());
    assert!(process.log().contains("accounts whose key is a simulator's are asked for nothing"));
    let home = page(asked(&process, Method::GET, MODA, "/")).await;
    assert!(!home.contains("simulado"), "{home}");
    // The API waits for the gateway as long as it ever does, and nobody came to it.
    let charge = expect(202, seller.system(&process, Method::POST, "/charges").json(&pix(None))).await;
    assert_eq!(charge["status"], "processing", "{charge}");
    assert_eq!(seller.charge(&process, &charge).await["simulated"], true, "what its account is, it is");
    let nobody = gateway.accept().err().map(|error| error.kind());
    assert_eq!(nobody, Some(std::io::ErrorKind::WouldBlock), "somebody asked the gateway");
}
