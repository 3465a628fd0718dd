//! Events: what happened to a thing, as it was then. Each is a row that lists show, and a hook where the account has an address.

use serde_json::{Value, json};

use super::{answer::Refused, call::Call, kept::Event, lists};
use crate::core::{
    account::Account,
    faults::Effect,
    hooks::{self, Credentials, Delivery, State},
    ledger::{Ledger, SECOND},
};

/// The version of the API whose forms are written here.
pub const VERSION: &str = "2026-10-28.endive";
/// Events that are kept; beyond, the older half goes.
const KEPT: usize = 20_000;

/// Says that something happened to a thing.
pub(super) fn say(ledger: &mut Ledger, account: &str, kind: &str, object: Value, magic: &mut Option<Effect>) {
    let Some(account) = ledger.get::<Account>(account) else { return };
    let event = Event {
        id: ledger.id("evt"),
        account: account.id.clone(),
        kind: kind.to_owned(),
        object,
        created: ledger.now(),
    };
    let body = shown(ledger, &event).to_string();
    hooks::send(ledger, &account, &event.id, kind, &body, magic);
    ledger.put(event);
    if ledger.rows_of::<Event>() > KEPT {
        let over: Vec<String> =
            ledger.list::<Event>().into_iter().skip(KEPT / 2).map(|event| event.id.clone()).collect();
        over.iter().for_each(|id| ledger.remove::<Event>(id));
    }
}

/// Forges a hook: any thing under the account's name, with credentials that need not be right. The event's id.
pub fn forge(ledger: &mut Ledger, account: &Account, kind: &str, object: Value, credentials: Credentials) -> String {
    let created = ledger.now();
    let event = Event { id: ledger.id("evt"), account: account.id.clone(), kind: kind.to_owned(), object, created };
    let body = shown(ledger, &event).to_string();
    let (hook, account, kind) = (event.id, event.account, event.kind);
    let (id, state) = (String::new(), State::Waiting);
    let delivery = Delivery { id, hook: hook.clone(), account, kind, body, due: created, tries: 0, state, credentials };
    hooks::enqueue(ledger, delivery);
    hook
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let event = call.own::<Event>(path[1])?;
    Ok(shown(call.ledger, &event))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (kind, kinds) = (call.text("type"), call.texts("types"));
    let fits = |event: &Event| {
        let is = |asked: &str| {
            asked == event.kind || asked.strip_suffix('*').is_some_and(|start| event.kind.starts_with(start))
        };
        kind.as_deref().is_none_or(is) && (kinds.is_empty() || kinds.iter().any(|kind| is(kind)))
    };
    lists::list(call, "/v1/events", fits, shown)
}

/// An event as answers and hooks have it.
pub(super) fn shown(_: &Ledger, event: &Event) -> Value {
    json!({
        "id": event.id,
        "object": "event",
        "api_version": VERSION,
        "created": event.created / SECOND,
        "data": {"object": event.object},
        "livemode": false,
        "pending_webhooks": 0,
        "request": {"id": null, "idempotency_key": null},
        "type": event.kind,
    })
}
