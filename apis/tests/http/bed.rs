//! A whole Feira in this process, on a folder of its own, behind a real listener.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use feira_connectors::{
    cache::Cache,
    clock::wall_clock,
    files::Files,
    gateway::{GatewaySettings, Gateways},
    keyring::{KeyStore, Keyring, MasterKeys, Sources},
    log::Log,
    mail::{Mail, MailSettings},
    registry::Registry,
    sessions::SessionStore,
    state::State,
};
use feira_schemas::{
    budget::Budget,
    groups::{Context, Role},
    ids::TenantId,
    records::store::ShopStatus,
    sealed::Email,
    secrets::Secrets,
    time::Clock,
};
use feira_simulator::{Running, Settings, core::ids::Ids};
use feira_streams::{
    effects::{
        gateways::GatewayPorts,
        mails::{Links, MailPorts},
    },
    platform::{Platform, Ports},
    wiring::{Parts, Wiring, WiringSettings},
};
use feira_web::{
    addresses::TrustedProxies,
    context::{Api, ApiConfig},
    server::{self, ServerSettings},
    tokens,
};
use rand::{SeedableRng, rngs::StdRng};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Handle, sync::OnceCell};

use crate::reconciliation::until;

/// The operator's token of every bed.
pub const OPERATOR: &str = "operator_0123456789abcdef";

/// The address of who operates every bed.
pub const CONTACT: &str = "oi@feira.example";

/// A running Feira.
pub struct Bed {
    pub api: Arc<Api>,
    /// The gateways that are asked.
    pub simulator: Running,
    /// The folder of the mails that are sent.
    pub mail_folder: PathBuf,
    address: SocketAddr,
    client: Client,
    wiring: Wiring,
    /// The parts that decide on the merchant's side, which can be ended alone.
    admin: Parts,
    /// The parts that decide what gateways are asked, which can be ended alone.
    payments: Parts,
    /// The parts that decide of plans and sign-ups, which can be ended alone.
    signup: Parts,
    /// The parts that decide whose names are, which can be ended alone.
    directory: Parts,
    _others: Parts,
    _folder: TempDir,
}

/// A shop with its token.
#[derive(Debug, Clone)]
pub struct Shop {
    pub id: String,
    pub host: String,
    pub token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Answered {
    /// A header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem's code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// Checks the answer's status, and gives the answer back.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?} {}", self.headers, String::from_utf8_lossy(&self.bytes));
        self
    }
}

impl Bed {
    pub async fn start() -> Self {
        Self::start_at(wall_clock()).await
    }

    /// One whose time is what a test makes it; the gateways' is the machine's.
    pub async fn start_at(clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let ports = Ports {
            log: Log::embedded(&at("log")).unwrap(),
            state: State::embedded(&at("state")).unwrap(),
            cache: Cache::embedded(1 << 24),
            files: Files::embedded(&at("files")).unwrap(),
            registry: Registry::embedded(&at("registry")).unwrap(),
        };
        let platform = Platform::start(ports, 4, Budget::default(), clock).await.unwrap();
        let mut others = Parts::on(Handle::current());
        let simulator = simulator(at("simulator")).await;
        let gateways = Gateways::new(&addresses(&simulator), &platform.clock).unwrap();
        let masters = MasterKeys::parse(&format!("bed:{}", "07".repeat(32)).as_str().into()).unwrap();
        let keys = KeyStore::embedded(&at("keyring")).unwrap();
        let keyring = Keyring::open(keys, masters, Sources::of_this_machine()).await.unwrap();
        let ports = GatewayPorts { gateways: gateways.clone(), keyring: keyring.clone() };
        let from = MailSettings { from: Email::new("nao-responda@feira.example").unwrap(), dkim: None };
        let mail_folder = at("mail");
        let secrets = format!("index:{},bed:{}", "08".repeat(32), "09".repeat(32));
        let secrets = Secrets::parse(&secrets.as_str().into()).unwrap();
        let links = Links { secrets: secrets.clone(), origin: "http://localhost:8080".into() };
        let mails = MailPorts { mail: Mail::folder(&mail_folder, &from).unwrap(), keyring: keyring.clone(), links };
        let settings = WiringSettings {
            shards: at("shards"),
            images: None,
            domains: None,
            gateways: Some(ports),
            mails: Some(mails),
            instance: None,
            threads: 1,
        };
        let wiring = Wiring::open(platform.clone(), settings, others.stopped()).await.unwrap();
        let alone = [Context::Admin, Context::Payments, Context::Signup, Context::Directory].map(Role::Context);
        let beside = Role::ALL.into_iter().filter(|role| !alone.contains(role)).collect();
        wiring.run(&beside, &mut others).await.unwrap();
        let (admin, payments) = (deciding(&wiring, Context::Admin).await, deciding(&wiring, Context::Payments).await);
        let signup = deciding(&wiring, Context::Signup).await;
        let directory = deciding(&wiring, Context::Directory).await;
        let config = ApiConfig {
            platform_domain: "localhost".into(),
            operator_token_hash: tokens::hash(OPERATOR),
            secret: [7; 32],
            secrets,
            contact: Some(CONTACT.into()),
        };
        let stopped = others.stopped();
        let commands = Arc::clone(&wiring.commands);
        let readers = wiring.readers();
        let sessions = SessionStore::embedded(&at("sessions")).await.unwrap();
        let api = Api::new(platform, commands, readers, keyring, gateways, sessions, config, stopped.clone());
        let api = Arc::new(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Who asks says where it comes from, as behind a proxy: failed log-ins of one test are not another's.
        let proxies = TrustedProxies::parse("127.0.0.1").unwrap();
        let (serving, settings) = (Arc::clone(&api), ServerSettings { proxies, ..ServerSettings::default() });
        tokio::spawn(async move {
            server::serve(listener, serving, &feira_apis::routes(), settings, stopped).await;
        });
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (_others, _folder) = (others, folder);
        Self {
            api,
            simulator,
            mail_folder,
            address,
            client,
            wiring,
            admin,
            payments,
            signup,
            directory,
            _others,
            _folder,
        }
    }

    /// Ends what decides on the merchant's side: commands are kept and wait.
    pub async fn pause(&mut self) {
        self.admin.stop().await.unwrap();
    }

    /// Goes on deciding.
    pub async fn resume(&mut self) {
        self.admin = deciding(&self.wiring, Context::Admin).await;
    }

    /// Ends what decides of payments: commands are kept and wait.
    pub async fn pause_payments(&mut self) {
        self.payments.stop().await.unwrap();
    }

    /// Goes on deciding of payments.
    pub async fn resume_payments(&mut self) {
        self.payments = deciding(&self.wiring, Context::Payments).await;
    }

    /// Ends what decides of plans and sign-ups: commands are kept and wait.
    pub async fn pause_signup(&mut self) {
        self.signup.stop().await.unwrap();
    }

    /// Goes on deciding of plans and sign-ups.
    pub async fn resume_signup(&mut self) {
        self.signup = deciding(&self.wiring, Context::Signup).await;
    }

    /// Ends what decides whose names are: commands are kept and wait.
    pub async fn pause_directory(&mut self) {
        self.directory.stop().await.unwrap();
    }

    /// Goes on deciding whose names are.
    pub async fn resume_directory(&mut self) {
        self.directory = deciding(&self.wiring, Context::Directory).await;
    }

    /// A request to a host.
    pub fn request(&self, host: &str, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("http://{}{path}", self.address)).header("host", host)
    }

    /// The address of a path on the platform's host, for who asks from outside.
    pub fn platform_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request of a shop's staff.
    pub fn staff(&self, shop: &Shop, method: &str, path: &str) -> RequestBuilder {
        self.request(&shop.host, method, &format!("/api/admin/v1{path}")).bearer_auth(&shop.token)
    }

    /// A request of the operator.
    pub fn operator(&self, method: &str, path: &str) -> RequestBuilder {
        self.request("localhost", method, &format!("/api/operator/v1{path}")).bearer_auth(OPERATOR)
    }

    /// Makes a shop.
    pub async fn shop(&self, subdomain: &str) -> Shop {
        let body = json!({"subdomain": subdomain, "name": subdomain});
        let made = send(self.operator("POST", "/tenants").json(&body)).await.expect(201);
        let text = |name: &str| made.json[name].as_str().unwrap().to_owned();
        let shop = Shop { id: text("tenant_id"), host: format!("{subdomain}.localhost"), token: text("admin_token") };
        // Made is not known everywhere at once: its name is the directory's, its pages are a view's, and rows follow the log by a moment.
        let tenant: TenantId = shop.id.parse().unwrap();
        let known = || async {
            let of_operator = send(self.operator("GET", &format!("/tenants/{subdomain}"))).await.status;
            let of_staff = send(self.staff(&shop, "GET", "/settings")).await.status;
            let has_opened = self
                .api
                .readers
                .storefront
                .shop(tenant)
                .await
                .unwrap()
                .is_some_and(|shop| shop.status != ShopStatus::Opening && shop.settings_version > 0);
            (of_operator, of_staff, has_opened)
        };
        until("the shop", async || (known().await == (200, 200, true)).then_some(())).await;
        shop
    }

    /// Makes a product and gives its JSON.
    pub async fn product(&self, shop: &Shop, name: &str) -> Value {
        send(self.staff(shop, "POST", "/products").json(&product(name))).await.expect(201).json
    }
}

/// A gateway that moves no money, on a folder of its own.
async fn simulator(folder: PathBuf) -> Running {
    let listen = "127.0.0.1:0".parse().unwrap();
    let ids = Ids::from(StdRng::seed_from_u64(7));
    Running::start(Settings { listen, anywhere: false, folder, clock: wall_clock(), ids }).await.unwrap()
}

fn addresses(simulator: &Running) -> GatewaySettings {
    let at = simulator.address();
    let addresses = [("pagarme", "core/v5"), ("stripe", "v1")];
    let addresses = addresses.map(|(name, path)| (name.to_owned(), format!("http://{at}/{path}"))).into();
    GatewaySettings { addresses, ..GatewaySettings::default() }
}

/// The smallest legal product with a stock of three.
pub fn product(name: &str) -> Value {
    json!({"name": name, "variants": [{"price": {"amount": 12_990, "currency": "BRL"}, "stock": 3}]})
}

/// Sends, and reads the whole answer.
pub async fn send(request: RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap().to_vec();
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    Answered { status, headers, bytes, json }
}

/// Sends a read that is to show this position, again and again while a view is behind (409).
pub async fn send_at(position: &str, request: RequestBuilder) -> Answered {
    let request = request.header("feira-at-least", position);
    loop {
        let answer = send(request.try_clone().unwrap()).await;
        if answer.status != 409 {
            return answer;
        }
    }
}

/// Runs what decides for a context.
async fn deciding(wiring: &Wiring, context: Context) -> Parts {
    let mut parts = Parts::on(Handle::current());
    wiring.run(&[Role::Context(context)].into(), &mut parts).await.unwrap();
    parts
}

/// One Feira for all tests of this binary: each makes shops of its own, which is what tenants are for.
pub async fn bed() -> &'static Bed {
    static BED: OnceCell<Bed> = OnceCell::const_new();
    BED.get_or_init(Bed::start).await
}
