//! pagar.me v5: its routes, its bodies, and what its own accounts would see. Cards are charged by what their numbers stand for; splits,
//! antifraud and the methods that are not card, Pix or boleto are not simulated.

mod answer;
mod body;
mod call;
mod cards;
mod charges;
mod customers;
mod cycles;
mod fields;
mod invoices;
mod kept;
mod keys;
mod lists;
mod orders;
mod payments;
mod plans;
mod settle;
mod show;
mod subscriptions;
mod tell;
mod times;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use self::{answer::Refused, call::Call};
use crate::{
    core::{
        account::{Account, Gateway},
        calls,
        faults::{self, Class, Operation},
        hooks::{self, Credentials, Delivery, State},
        ledger::Ledger,
        rows::Tables,
    },
    exchange::{Reply, Request},
    wire::Failures,
};

pub use charges::{charge_back, forget, pay};
pub use cycles::renew;
pub use subscriptions::recurring;

/// How a call fails that was ordered to.
const FAILURES: Failures = Failures {
    internal: || Refused::internal().reply(),
    too_many: |retry_after| Refused::too_many(retry_after).reply(),
};

type Handler = fn(&mut Call, &[&str]) -> Result<Value, Refused>;

/// Those tables and pagar.me's.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<customers::Customer>()
        .with::<kept::Order>()
        .with::<kept::Plan>()
        .with::<kept::Subscription>()
        .with::<kept::Invoice>()
        .with::<keys::Answered>()
}

/// Answers a request whose path begins with `core`.
pub fn answer(ledger: &mut Ledger, request: &Request) -> Reply {
    let lower = |(place, segment): (usize, &String)| match place {
        0..=2 => segment.to_ascii_lowercase(), // The vendor's client writes some of these in capitals.
        _ => segment.clone(),
    };
    let path: Vec<String> = request.path.iter().enumerate().map(lower).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["core", "v5", path @ ..] = path.as_slice() else { return Refused::not_found("Resource").reply() };
    match path {
        ["tokens", ..] => tokens(ledger, request, path),
        ["hooks", ..] => Refused::bad_request("UnsupportedApiVersion").reply(),
        _ => match by_secret_key(ledger, request) {
            Some(account) => routed(ledger, account, request, path),
            None => Refused::unauthorized().reply(),
        },
    }
}

/// Forges a hook: any data under the account's name, with credentials that need not be right.
pub fn forge(ledger: &mut Ledger, account: &Account, kind: &str, data: Value, credentials: Credentials) -> String {
    let hook = ledger.id("hook");
    let body = tell::body(ledger, account, &hook, kind, data);
    let (account, kind, due) = (account.id.clone(), kind.to_owned(), ledger.now());
    let id = String::new();
    let delivery =
        Delivery { id, hook: hook.clone(), account, kind, body, due, tries: 0, state: State::Waiting, credentials };
    hooks::enqueue(ledger, delivery);
    hook
}

/// A charge as its account would see it.
pub fn shown(ledger: &Ledger, charge: &crate::core::charge::Charge) -> Value {
    show::charge(ledger, charge)
}

fn by_secret_key(ledger: &Ledger, request: &Request) -> Option<Account> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    let mine = |account: &&Account| account.gateway == Gateway::Pagarme && account.secret_key == user;
    ledger.list::<Account>().into_iter().find(mine).filter(|_| password.is_empty()).cloned()
}

/// Answers a browser that makes a token: it has the public key and no other, and is of an origin that was registered.
fn tokens(ledger: &mut Ledger, request: &Request, path: &[&str]) -> Reply {
    let key = request.asked("appId").unwrap_or_default();
    let mine = |account: &&Account| account.gateway == Gateway::Pagarme && account.public_key == key;
    let account = ledger.list::<Account>().into_iter().find(mine).cloned();
    let origin = request.header("origin").map(str::to_owned);
    let reply = match account {
        None => Refused::unauthorized().reply(),
        Some(_) if request.header("authorization").is_some() => Refused::unauthorized().reply(),
        Some(account) if origin.as_deref().is_some_and(|origin| !account.takes_tokens_from(origin)) => {
            return Refused::forbidden("The origin is not registered for this account.").reply();
        }
        Some(_) if request.method == Method::OPTIONS => Reply::new(StatusCode::NO_CONTENT, "text/plain", "".into()),
        Some(account) => routed(ledger, account, request, path),
    };
    match origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        None => reply,
        Some(origin) => {
            let allowed = |reply: Reply, name: HeaderName, value| reply.with(name, HeaderValue::from_static(value));
            let reply = allowed(reply, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
            let reply = allowed(reply, header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, idempotency-key");
            allowed(reply, header::VARY, "Origin").with(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
        }
    }
}

/// What is asked, and by which function it is answered.
fn route(ledger: &Ledger, method: &Method, path: &[&str]) -> Option<(Operation, Handler)> {
    use Operation::{Capture, Charge, Get, List, Other, Plan, Subscription, Token};
    let found: (Operation, Handler) = match (method.as_str(), path) {
        ("POST", ["tokens"]) => (Token, cards::create_token),
        ("GET", ["tokens", _]) => (Get, cards::get_token),
        ("POST", ["orders"]) => (Charge, |call, path| keys::once(call, path, orders::create)),
        ("GET", ["orders"]) => (List, orders::list),
        ("GET", ["orders", _]) => (Get, orders::get),
        ("PATCH", ["orders", _, "closed"]) => (Other, orders::close),
        ("PATCH", ["orders", _, "metadata"]) => (Other, orders::mark),
        ("GET", ["charges"]) => (List, charges::list),
        ("GET", ["charges", _]) => (Get, charges::get),
        ("DELETE", ["charges", id]) => (charges::operation(ledger, id), charges::cancel),
        ("POST", ["charges", _, "capture"]) => (Capture, charges::capture),
        ("POST", ["charges", _, "retry"]) => (Charge, charges::retry),
        ("POST", ["charges", _, "confirm-payment"]) => (Other, charges::confirm),
        ("PATCH", ["charges", _, "due-date"]) => (Other, charges::change_due),
        ("PATCH", ["charges", _, "card"]) => (Other, charges::change_card),
        ("PATCH", ["charges", _, "metadata"]) => (Other, charges::mark),
        ("GET", ["charges", _, "transactions"]) => (List, charges::transactions),
        ("POST", ["customers"]) => (Other, customers::create),
        ("GET", ["customers"]) => (List, customers::list),
        ("GET", ["customers", _]) => (Get, customers::get),
        ("PUT", ["customers", _]) | ("PATCH", ["customers", _, "metadata"]) => (Other, customers::change),
        ("POST", ["customers", _, "cards"]) => (Other, cards::save),
        ("GET", ["customers", _, "cards"]) => (List, cards::saved),
        ("GET", ["customers", _, "cards", _]) => (Get, cards::saved),
        ("DELETE", ["customers", _, "cards", _]) => (Other, cards::saved),
        ("POST", ["plans"]) => (Plan, plans::create),
        ("GET", ["plans"]) => (List, plans::list),
        ("GET", ["plans", _]) => (Get, plans::get),
        ("PUT", ["plans", _]) | ("PATCH", ["plans", _, "metadata"]) => (Plan, plans::change),
        ("DELETE", ["plans", _]) => (Plan, plans::delete),
        ("POST", ["plans", _, "items"]) => (Plan, plans::add_item),
        ("GET", ["plans", _, "items", _]) => (Get, plans::item),
        ("PUT" | "DELETE", ["plans", _, "items", _]) => (Plan, plans::item),
        ("POST", ["subscriptions"]) => (Subscription, subscriptions::create),
        ("GET", ["subscriptions"]) => (List, subscriptions::list),
        ("GET", ["subscriptions", _]) => (Get, subscriptions::get),
        ("DELETE", ["subscriptions", _]) => (Subscription, subscriptions::cancel),
        ("PATCH", ["subscriptions", _, "card" | "payment-method"]) => (Subscription, subscriptions::change_method),
        ("PATCH", ["subscriptions", _, "billing-date"]) => (Subscription, subscriptions::change_billing),
        ("PATCH", ["subscriptions", _, "start-at"]) => (Subscription, subscriptions::change_start),
        ("PATCH", ["subscriptions", _, "metadata"]) => (Subscription, subscriptions::mark),
        ("GET", ["subscriptions", _, "cycles"]) => (List, cycles::list),
        ("GET", ["subscriptions", _, "cycles", _]) => (Get, cycles::get),
        ("POST", ["subscriptions", _, "cycles"]) => (Subscription, cycles::begin),
        ("POST", ["subscriptions", _, "cycles", _, "pay"]) => (Subscription, cycles::pay),
        ("GET", ["invoices"]) => (List, invoices::list),
        ("GET", ["invoices", _]) => (Get, invoices::get),
        ("DELETE", ["invoices", _]) => (Subscription, invoices::cancel),
        _ => return None,
    };
    Some(found)
}

fn routed(ledger: &mut Ledger, account: Account, request: &Request, path: &[&str]) -> Reply {
    let Some((operation, handler)) = route(ledger, &request.method, path) else {
        return Refused::not_found("Resource").reply();
    };
    calls::came(ledger, &account.id, operation);
    let ordered = faults::take(ledger, &account.id, operation, Class::Transport);
    if let Some(reply) = ordered.and_then(|effect| FAILURES.before(effect)) {
        return reply;
    }
    if let Some(wait) = limited(ledger, &account, request, path) {
        return Refused::too_many(wait).reply();
    }
    let mut call = Call { ledger, account, request, magic: None };
    let answered = handler(&mut call, path);
    let effect = ordered.or(call.magic.filter(|effect| effect.class() == Class::Transport));
    let reply = answered.map_or_else(Refused::reply, |value| Reply::json(StatusCode::OK, &value));
    FAILURES.after(effect, reply)
}

/// The seconds to wait, where an account has read a resource too often in this minute.
fn limited(ledger: &mut Ledger, account: &Account, request: &Request, path: &[&str]) -> Option<u32> {
    let resource = match (request.method.as_str(), path.first().copied()) {
        ("GET", Some("orders")) => "orders",
        ("GET", Some("charges")) => "charges",
        ("GET", Some("subscriptions")) => "subscriptions",
        ("GET", Some("invoices")) => "invoices",
        _ => return None,
    };
    ledger.count(&account.id, resource, account.gets_a_minute)
}
