//! Each service in a process of its own: with any one of them stopped the others answer, and once it is back it catches up. Told on the
//! services alone.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use feira_node::{
    config::{Config, Role},
    node::Node,
    serve,
};
use feira_schemas::{
    ids::{CommandId, CredentialId, ProductId, SignupPlanId, TenantId},
    money::Money,
    records::{
        AdminCommand, CommandSet, PaymentsCommand, SignupCommand, StoreCommand,
        admin::{CreateProduct, ProvisionTenant, ShopNameStatus},
        common::{CommandMeta, CommandResult, Outcome},
        payments::{AccountStatus, IssueCredential, PaymentMethod},
        signup::{ChangePlan, CreatePlan, PlanChanges, PlanContent, PlanLimits, PlanStatus, RemotePlanStatus},
        store::SetStock,
    },
    rows::{
        admin::{ProductRow, ShopNameRow},
        signup::PlanRow,
        storefront::CardRow,
    },
    topics::Context,
};
use feira_streams::commands::SendError;
use rand::Rng;
use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    common::{
        PATIENCE,
        gateway::{Remote, Simulator, pointed_at},
        process::client,
        products::{content, found_by},
        services::{distributed, services, subdomain},
        until,
    },
    gateways::shop::Shop,
};

/// The time after which a command that nobody decides is left to be decided later.
const UNDECIDED: Duration = Duration::from_secs(3);

/// The plan of the platform whose price each round changes. The platform has no account at a gateway, so payments refuses to make it.
const PLAN: SignupPlanId = SignupPlanId::from_uuid(Uuid::from_u128(0xa9a7));

/// A process for each service.
struct Apart {
    nodes: BTreeMap<Role, Node>,
    folders: BTreeMap<Role, TempDir>,
    gateways: String,
}

impl Apart {
    async fn start(gateways: &str) -> Self {
        let folders = Role::ALL.into_iter().map(|role| (role, tempfile::tempdir().unwrap())).collect();
        let mut apart = Self { nodes: BTreeMap::new(), folders, gateways: gateways.to_owned() };
        for role in Role::ALL {
            apart.begin(role).await;
        }
        apart
    }

    async fn begin(&mut self, role: Role) {
        let config = Config { fetch_images: false, ..distributed(self.folders[&role].path(), [role]) };
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..config };
        let mut node = Node::start(&pointed_at(&self.gateways, config.clone())).await.unwrap();
        if role != Role::Api {
            probed(role, serve::start_probes(&mut node, &config, None).unwrap()).await;
        }
        self.nodes.insert(role, node);
    }

    async fn end(&mut self, role: Role) {
        self.nodes.remove(&role).unwrap().stop().await.unwrap();
    }

    fn api(&self) -> &Node {
        &self.nodes[&Role::Api]
    }

    /// Sends a command to a context. `None`: nobody decides it, since its context is stopped, or that of which it waits for an answer.
    async fn send<S: CommandSet + Clone>(
        &self,
        command: impl Into<S>,
        stopped: Option<Role>,
        waits_for: Option<Context>,
    ) -> Option<CommandResult> {
        let command = command.into();
        let key = command.meta().tenant_id.to_string();
        let needed =
            |role| [Some(S::CONTEXT), waits_for].into_iter().flatten().any(|context| role == Role::Context(context));
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.api().commands.send(&key, command.clone(), None, UNDECIDED).await {
                Ok(result) => return Some(result),
                Err(SendError::Pending) if stopped.is_some_and(needed) => return None,
                // A context that has just come back takes its partitions first, and a command that may be kept is sent again.
                Err(SendError::Pending | SendError::InProgress | SendError::OutcomeUnknown(_)) => {
                    assert!(Instant::now() < deadline, "{} does not decide while {stopped:?} is stopped", S::CONTEXT);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A process that serves nobody says how it is all the same, and nothing else is at its address.
async fn probed(role: Role, address: SocketAddr) {
    let ask = async |path: &str| client().get(format!("http://{address}{path}")).send().await.unwrap().status();
    assert_eq!(ask("/healthz").await, 200, "{role}");
    until("it is ready", async || ask("/readyz").await == 200).await;
    for path in ["/", "/openapi.json", "/api/operator/v1/tenants"] {
        assert_eq!(ask(path).await, 404, "{role} {path}");
    }
}

/// What is asked while a service is stopped, and once more when it is back: the same commands, in a shop of its own.
struct Round {
    shop: TenantId,
    number: u128,
    remote: Remote,
    /// A shop that is opened.
    opened: TenantId,
    subdomain: String,
    /// A product that is there before.
    known: ProductId,
    /// A word that is in the new product's name alone.
    word: String,
}

impl Round {
    async fn prepare(apart: &Apart, simulator: &Simulator) -> Self {
        let number = rand::rng().random_range(0..1_u128 << 40);
        let shop = Shop { node: apart.api(), number };
        shop.provision().await;
        let known = CreateProduct { meta: meta(shop.tenant(), "known"), content: content("Conhecida", 1_000) };
        let made = apart.send::<AdminCommand>(known, None, None).await.unwrap();
        let product = made.aggregate_id.unwrap().parse().unwrap();
        let state = &apart.api().platform.state;
        until("what is known has a card", async || {
            state.get::<CardRow>(&CardRow::at(shop.tenant(), product)).await.unwrap().is_some()
        })
        .await;
        let create = CreatePlan { meta: meta(TenantId::PLATFORM, "plan"), plan_id: PLAN, content: plan() };
        apart.send::<SignupCommand>(create, None, None).await.unwrap();
        Self {
            shop: shop.tenant(),
            number,
            remote: simulator.account("pagarme").await,
            opened: TenantId::from_uuid(Uuid::now_v7()),
            subdomain: subdomain("nova"),
            known: product,
            word: format!("palavra{}", Uuid::new_v4().simple()),
        }
    }

    /// The price that the platform's plan gets in this round.
    fn price(&self) -> Money {
        Money::brl(100 + i64::try_from(self.number % 1_000_000_000).unwrap())
    }

    /// Asks all contexts. Each answers but the one that is stopped; asked again it is the same command.
    async fn ask(&self, apart: &Apart, stopped: Option<Role>) {
        let meta = |key: &str| meta(self.shop, key);
        let of_shop = CommandMeta { tenant_id: self.opened, ..meta("opened") };
        let shop_name = "Nova".to_owned();
        let opening = ProvisionTenant { meta: of_shop, subdomain: self.subdomain.clone(), shop_name, token_hash: None };
        let product = CreateProduct { meta: meta("product"), content: content(&self.word, 1_000) };
        let row = apart.api().platform.state.get::<ProductRow>(&ProductRow::at(self.shop, self.known)).await.unwrap();
        let variant_id = row.unwrap().product.variants[0].variant_id;
        let stock = SetStock { meta: meta("stock"), product_id: self.known, variant_id, on_hand: 7, reason: None };
        let credential = IssueCredential {
            meta: meta("credential"),
            credential_id: CredentialId::from_uuid(self.opened.uuid()),
            name: "ERP".into(),
            hash: format!("{:064x}", self.number),
        };
        let account = Shop { node: apart.api(), number: self.number }.save_account(&self.remote).await;
        let changes = PlanChanges { price: Some(self.price()), ..PlanChanges::default() };
        let meta = self::meta(TenantId::PLATFORM, &self.subdomain);
        let priced = ChangePlan { meta, plan_id: PLAN, changes };
        let (opened, made, counted, issued, saved, priced) = tokio::join!(
            apart.send::<AdminCommand>(opening, stopped, Some(Context::Directory)),
            apart.send::<AdminCommand>(product, stopped, None),
            apart.send::<StoreCommand>(stock, stopped, None),
            apart.send::<PaymentsCommand>(credential, stopped, None),
            apart.send::<PaymentsCommand>(account, stopped, None),
            apart.send::<SignupCommand>(priced, stopped, None),
        );
        for (answer, expected) in [
            (opened, Outcome::Created),
            (made, Outcome::Created),
            (counted, Outcome::Updated),
            (issued, Outcome::Created),
            (saved, Outcome::Created),
            (priced, Outcome::Updated),
        ] {
            assert!(answer.as_ref().is_none_or(|answer| answer.outcome == expected), "{stopped:?}: {answer:?}");
        }
    }

    /// Waits for all that follows from what was asked and that needs nobody who is stopped.
    async fn follows(&self, apart: &Apart, stopped: Option<Role>) {
        let runs = |roles: &[Role]| stopped.is_none_or(|stopped| !roles.contains(&stopped));
        let [admin, store, directory, payments, signup] =
            [Context::Admin, Context::Store, Context::Directory, Context::Payments, Context::Signup].map(Role::Context);
        let (api, state) = (apart.api(), &apart.api().platform.state);
        // What was there before is read whoever is stopped.
        assert!(api.storefront.card(self.shop, self.known).await.unwrap().is_some(), "{stopped:?}");
        if runs(&[admin, directory]) {
            until("the name is the shop's", async || {
                let name = state.get::<ShopNameRow>(&ShopNameRow::at(self.opened, &self.subdomain)).await.unwrap();
                name.is_some_and(|row| row.name.status == ShopNameStatus::Confirmed)
            })
            .await;
        }
        if runs(&[payments, Role::Effects]) {
            let shop = Shop { node: api, number: self.number };
            until("the account's key is tried", async || {
                shop.account().await.is_some_and(|account| account.status == AccountStatus::Ready)
            })
            .await;
        }
        if runs(&[signup]) {
            until("the plan has its new price", async || {
                let row = state.get::<PlanRow>(&PlanRow::at(TenantId::PLATFORM, PLAN)).await.unwrap();
                let plan = row.map(|row| row.plan).filter(|plan| plan.price == self.price());
                let answered = plan.as_ref().and_then(|plan| plan.remote.as_ref()).map(|remote| remote.status);
                match runs(&[payments]) {
                    true => answered == Some(RemotePlanStatus::NoAccount),
                    false => plan.is_some(),
                }
            })
            .await;
        }
        if runs(&[admin, store, Role::Storefront]) {
            until("the product has a card", async || {
                let slug = api.storefront.by_slug(self.shop, &self.word).await.unwrap();
                slug.is_some()
            })
            .await;
        }
        if runs(&[admin, store, Role::Search]) {
            let search = &apart.nodes[&Role::Search].search;
            until("buyers find it", async || found_by(search, self.shop, &self.word).await.total == 1).await;
        }
        if runs(&[admin, Role::Panel]) {
            let panel = &apart.nodes[&Role::Panel].panel;
            until("the panel finds it", async || found_by(panel, self.shop, &self.word).await.total == 1).await;
        }
    }
}

/// A plan of the platform that cards pay.
fn plan() -> PlanContent {
    PlanContent {
        name: "Básico".into(),
        description: String::new(),
        features: Vec::new(),
        price: Money::brl(100),
        months: 1,
        limits: PlanLimits::default(),
        status: PlanStatus::Active,
        position: 0,
        methods: vec![PaymentMethod::Card],
    }
}

/// The meta of the command with this key in a shop, the same whenever it is asked.
fn meta(tenant_id: TenantId, key: &str) -> CommandMeta {
    let command_id = CommandId::from_client_key(tenant_id, "test", "POST", "apart", key);
    CommandMeta { command_id, keyed: true, ..crate::common::meta(tenant_id) }
}

#[tokio::test(flavor = "multi_thread")]
async fn s107_with_any_one_service_stopped_the_others_answer_and_it_catches_up() {
    let Some(_alone) = services().await else { return };
    let simulator = Simulator::start().await;
    let mut apart = Apart::start(&simulator.base).await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Api) {
        let round = Round::prepare(&apart, &simulator).await;
        apart.end(role).await;
        round.ask(&apart, Some(role)).await;
        round.follows(&apart, Some(role)).await;
        apart.begin(role).await;
        round.ask(&apart, None).await;
        round.follows(&apart, None).await;
    }
    for (_, node) in apart.nodes {
        node.stop().await.unwrap();
    }
    simulator.stop().await;
}
