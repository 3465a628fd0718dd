//! The sender of hooks: posts what is due, some at a time, and notes what came of it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hmac::{Hmac, Mac};
use reqwest::{Client, redirect};
use sha2::Sha256;
use tokio::task::JoinSet;

use super::Shared;
use crate::core::{
    account::{Account, Gateway, HookAddress},
    hooks::{self, Credentials, Delivery},
    ledger::SECOND,
};

/// Hooks under way at once.
const AT_ONCE: usize = 8;
/// The time that a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the clock is looked at where nothing else changes: acts and hooks are as exact as this.
const TICK: Duration = Duration::from_millis(100);

/// The client that hooks are sent with: no proxy and no redirect stands between.
pub(super) fn client() -> reqwest::Result<Client> {
    Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).no_proxy().build()
}

/// Sends what is due for as long as it is polled.
pub(super) async fn send(client: Client, shared: Arc<Shared>) {
    let under_way: Arc<Mutex<HashSet<String>>> = Arc::default();
    let mut sends = JoinSet::new();
    loop {
        while sends.try_join_next().is_some() {}
        let (looking, busy) = (shared.clone(), under_way.clone());
        // The disk is waited for apart from what takes connections.
        let due = tokio::task::spawn_blocking(move || due(&looking, &busy)).await.unwrap_or_default();
        for (delivery, address, signature) in due {
            let (client, shared, under_way) = (client.clone(), shared.clone(), under_way.clone());
            sends.spawn(async move {
                let delivered = post(&client, &delivery, &address, signature).await;
                let noted = tokio::task::spawn_blocking(move || {
                    if let Err(error) = shared.with(|ledger| hooks::tried(ledger, &delivery.id, delivered)) {
                        tracing::error!(%error, "a hook's delivery could not be noted");
                    }
                    locked(&under_way).remove(&delivery.id);
                });
                drop(noted.await);
            });
        }
        // Both branches only wait: nothing is lost when one of them is dropped.
        tokio::select! {
            () = shared.changed.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Takes what is due and there is room for, with where it goes and how it is signed.
fn due(shared: &Shared, under_way: &Mutex<HashSet<String>>) -> Vec<(Delivery, HookAddress, Option<String>)> {
    let mut under_way = locked(under_way);
    let room = AT_ONCE.saturating_sub(under_way.len());
    let mut ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
    super::acts::advance(&mut ledger);
    if let Err(error) = ledger.commit() {
        tracing::error!(%error, "the state can't be kept");
        return Vec::new();
    }
    let due = hooks::due(&ledger, room, |id| under_way.contains(id));
    let addressed = due.into_iter().filter_map(|delivery| {
        let account = ledger.get::<Account>(&delivery.account)?;
        let signature = signature(&account, &delivery, ledger.machine_now() / SECOND);
        Some((delivery, account.hooks?, signature))
    });
    let addressed: Vec<_> = addressed.collect();
    under_way.extend(addressed.iter().map(|(delivery, ..)| delivery.id.clone()));
    addressed
}

/// What Stripe signs a hook with: a time in seconds, and the HMAC-SHA-256 of time and body (its scheme v1).
fn signature(account: &Account, delivery: &Delivery, time: i64) -> Option<String> {
    let secret = match (account.gateway, delivery.credentials) {
        (Gateway::Pagarme, _) | (_, Credentials::Missing) => return None,
        (Gateway::Stripe, Credentials::Right) => account.signing_secret.clone(),
        (Gateway::Stripe, Credentials::Wrong) => format!("{}?", account.signing_secret),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{time}.{}", delivery.body).as_bytes());
    Some(format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes())))
}

async fn post(client: &Client, delivery: &Delivery, address: &HookAddress, signature: Option<String>) -> bool {
    let mut request = client.post(&address.url).header("content-type", "application/json").body(delivery.body.clone());
    if let Some((user, password)) = &address.basic {
        request = match delivery.credentials {
            Credentials::Right => request.basic_auth(user, Some(password)),
            Credentials::Wrong => request.basic_auth(user, Some(format!("{password}?"))),
            Credentials::Missing => request,
        };
    }
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    match request.send().await {
        Ok(answer) => answer.status().is_success(),
        Err(error) => {
            tracing::debug!(hook = delivery.hook, error = %error.without_url(), "a hook was not taken");
            false
        }
    }
}

fn locked(under_way: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
}
