//! A simulator that runs: what it knows behind one lock, its listener, its sender of hooks.

mod acts;
mod listener;
mod sender;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use http::{Method, StatusCode};
use serde_json::json;
use tokio::{net::TcpListener, sync::Notify, task::JoinSet};

use crate::{
    Settings, StartError, admin,
    core::{
        StoreError,
        account::{Account, Gateway},
        ledger::Ledger,
    },
    exchange::{Reply, Request},
    faces, pagarme, page, stripe,
};

/// The keys that a simulator has given out. It keeps no simulator running.
#[derive(Clone)]
pub struct Keys(Weak<Shared>);

/// A simulator at work. It ends when it is dropped.
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    ledger: Mutex<Ledger>,
    changed: Notify,
}

impl Running {
    /// Opens the state, listens and sends the hooks that are due. Makes an account of each vendor where there is none.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        if !settings.anywhere && !settings.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(settings.listen));
        }
        let mut ledger = Ledger::open(&settings.folder, &faces::tables(), settings.clock, settings.ids)?;
        let listen = |error| StartError::Listen(settings.listen, error);
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        ledger.is_at(format!("http://{address}"));
        if ledger.list::<Account>().is_empty() {
            for gateway in [Gateway::Stripe, Gateway::Pagarme] {
                let account = admin::NewAccount::of(gateway).made(&mut ledger);
                ledger.put(account);
            }
        }
        ledger.commit()?;
        let shared = Arc::new(Shared { ledger: Mutex::new(ledger), changed: Notify::new() });
        let client = sender::client()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(listener::listen(listener, shared.clone()));
        tasks.spawn(sender::send(client, shared.clone()));
        Ok(Self { address, shared, tasks })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and returns when another one can open its folder.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        // Connections end on their own tasks, each of which has a share.
        while Arc::strong_count(&self.shared) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The accounts that it has, the newest first.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.shared.with(|ledger| ledger.list::<Account>().into_iter().cloned().collect())
    }

    /// Sees to it that a merchant has its account, as it is if it is there, and that the account's hooks go to this address.
    pub fn serves(&self, merchant: Account) -> Result<(), StoreError> {
        self.shared.with(|ledger| {
            let known = ledger.get::<Account>(&merchant.id);
            if known.as_ref().is_none_or(|known| known.hooks != merchant.hooks) {
                let hooks = merchant.hooks.clone();
                ledger.put(Account { hooks, ..known.unwrap_or(merchant) });
            }
        })
    }

    /// The keys that it has given out, now and later.
    pub fn keys(&self) -> Keys {
        Keys(Arc::downgrade(&self.shared))
    }
}

impl Keys {
    /// True for the secret key of one of the vendor's accounts. Waits for what is being brought to the disk.
    pub fn has(&self, vendor: &str, secret_key: &str) -> bool {
        let Some(shared) = self.0.upgrade() else { return false };
        let ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |account: &&Account| account.gateway.name() == vendor && account.secret_key == secret_key;
        ledger.list::<Account>().iter().any(is_it)
    }
}

impl Shared {
    /// Does something with the ledger once all that is due is done, and returns when it is on disk.
    fn with<T>(&self, does: impl FnOnce(&mut Ledger) -> T) -> Result<T, StoreError> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        acts::advance(&mut ledger);
        let done = does(&mut ledger);
        ledger.commit()?;
        self.changed.notify_one();
        Ok(done)
    }

    /// Answers a request. Blocks until the disk has it.
    fn answer(&self, request: &Request) -> Reply {
        let writes = request.method != Method::GET && request.segments().first() != Some(&"admin");
        let answered = self.with(|ledger| match request.segments().first() {
            _ if writes && ledger.is_full() => {
                let message = "the simulator is full: start it with a new folder";
                Reply::json(StatusCode::INSUFFICIENT_STORAGE, &json!({"message": message}))
            }
            Some(&"core") => pagarme::answer(ledger, request),
            Some(&"v1") => stripe::answer(ledger, request),
            Some(&"admin") => admin::answer(ledger, request),
            _ => page::answer(ledger, request),
        });
        answered.unwrap_or_else(|error| {
            tracing::error!(%error, "the state can't be kept");
            Reply::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({"message": error.to_string()}))
        })
    }
}
