//! Stripe: payment intents, refunds, customers, subscriptions and events, in the form of the API's version [`VERSION`].
//!
//! Cards are shown by `pm_card_…` and `tok_…`, the test names that Stripe publishes, by tokens of its own, or by their numbers.

mod answer;
mod bills;
mod call;
mod catalogue;
mod customers;
mod events;
mod form;
mod intents;
mod invoices;
mod kept;
mod keys;
mod lists;
mod lookup;
mod methods;
mod params;
mod refunds;
mod search;
mod settle;
mod show;
mod subscriptions;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use self::{
    answer::Refused,
    call::{Call, Owned},
};
use crate::{
    core::{
        account::{Account, Gateway},
        calls,
        charge::Charge,
        faults::{self, Class, Operation},
        ledger::Ledger,
        rows::Tables,
    },
    exchange::{Reply, Request},
    wire::Failures,
};

pub use events::{VERSION, forge};
pub use settle::{charge_back, expire, forget, pay};
pub use subscriptions::recurring;

/// Begins the next period of a subscription, of which the clock says that it is due.
pub fn renew(ledger: &mut Ledger, id: &str) {
    subscriptions::renew(ledger, id);
}

/// How a call fails that was ordered to.
const FAILURES: Failures = Failures {
    internal: || Refused::internal().reply(),
    too_many: |retry_after| Refused::too_many(retry_after).reply(),
};

type Handler = fn(&mut Call, &[&str]) -> Result<Value, Refused>;

/// Things that one call may ask to be shown in full.
const EXPANDED: usize = 20;

/// Those tables and Stripe's.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<kept::Customer>()
        .with::<kept::PaymentMethod>()
        .with::<kept::Intent>()
        .with::<kept::Refund>()
        .with::<kept::Dispute>()
        .with::<kept::Event>()
        .with::<kept::Product>()
        .with::<kept::Price>()
        .with::<kept::Subscription>()
        .with::<kept::Invoice>()
        .with::<keys::Answered>()
}

/// A charge as its account would see it.
pub fn shown(ledger: &Ledger, charge: &Charge) -> Value {
    show::charge(ledger, charge)
}

/// Answers a request whose path begins with `v1`.
pub fn answer(ledger: &mut Ledger, request: &Request) -> Reply {
    let segments = request.segments();
    let path = &segments[1..];
    let request_id = ledger.id("req");
    let of_browsers = matches!(path, ["tokens" | "payment_methods"]);
    if of_browsers && request.method == Method::OPTIONS {
        return for_browsers(Reply::new(StatusCode::NO_CONTENT, "text/plain", "".into()));
    }
    let reply = match by_key(ledger, request, of_browsers && request.method == Method::POST) {
        None => Refused::unauthorized().reply(),
        Some(account) => {
            if let Some((operation, _)) = route(request.method.as_str(), path) {
                calls::came(ledger, &account.id, operation);
            }
            let for_keys = account.clone();
            keys::once(ledger, &for_keys, request, |ledger| routed(ledger, account, request, path))
        }
    };
    let named = |reply: Reply, name, text: &str| match HeaderValue::from_str(text) {
        Ok(value) => reply.with(HeaderName::from_static(name), value),
        Err(_) => reply,
    };
    let reply = named(named(reply, "request-id", &request_id), "stripe-version", VERSION);
    let reply = match request.header("idempotency-key") {
        Some(key) => named(reply, "idempotency-key", key),
        None => reply,
    };
    if of_browsers { for_browsers(reply) } else { reply }
}

/// A reply that scripts of any page may read, as the vendor's own is: a browser turns a card into what stands for it.
fn for_browsers(reply: Reply) -> Reply {
    let allowed = |reply: Reply, name: HeaderName, value| reply.with(name, HeaderValue::from_static(value));
    let reply = allowed(reply, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    let reply = allowed(reply, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
    allowed(reply, header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key")
}

/// The account whose key stands in the header, as a bearer or as the user of HTTP Basic; for what browsers make of cards its public key
/// does as well.
fn by_key(ledger: &Ledger, request: &Request, public_too: bool) -> Option<Account> {
    let header = request.header("authorization")?;
    let key = match (header.strip_prefix("Bearer "), header.strip_prefix("Basic ")) {
        (Some(key), _) => key.to_owned(),
        (None, Some(encoded)) => {
            String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?.trim_end_matches(':').to_owned()
        }
        (None, None) => return None,
    };
    let mine = |account: &&Account| {
        account.gateway == Gateway::Stripe && (account.secret_key == key || (public_too && account.public_key == key))
    };
    ledger.list::<Account>().into_iter().find(mine).cloned()
}

/// What is asked, and by which function it is answered.
fn route(method: &str, path: &[&str]) -> Option<(Operation, Handler)> {
    use Operation::{Cancel, Capture, Charge, Get, List, Other, Plan, Refund, Subscription, Token};
    let found: (Operation, Handler) = match (method, path) {
        ("GET", ["account"]) => (Get, refunds::get_account),
        ("POST", ["tokens"]) => (Token, methods::create_token),
        ("POST", ["customers"]) => (Other, customers::create),
        ("GET", ["customers"]) => (List, customers::list),
        ("GET", ["customers", _]) => (Get, customers::get),
        ("POST", ["customers", _]) => (Other, customers::change),
        ("DELETE", ["customers", _]) => (Other, customers::delete),
        ("GET", ["payment_methods"] | ["customers", _, "payment_methods"]) => (List, methods::list),
        ("POST", ["payment_methods"]) => (Token, methods::create),
        ("GET", ["payment_methods", _]) => (Get, methods::get),
        ("POST", ["payment_methods", _, "attach"]) => (Other, methods::attach),
        ("POST", ["payment_methods", _, "detach"]) => (Other, methods::detach),
        ("POST", ["payment_intents"]) => (Charge, intents::create),
        ("GET", ["payment_intents"]) => (List, intents::list),
        ("GET", ["payment_intents", "search"]) => (List, search::intents),
        ("GET", ["payment_intents", _]) => (Get, intents::get),
        ("POST", ["payment_intents", _]) => (Other, intents::change),
        ("POST", ["payment_intents", _, "confirm"]) => (Charge, intents::confirm),
        ("POST", ["payment_intents", _, "capture"]) => (Capture, intents::capture),
        ("POST", ["payment_intents", _, "cancel"]) => (Cancel, intents::cancel),
        ("POST", ["refunds"]) => (Refund, refunds::create),
        ("GET", ["refunds"]) => (List, refunds::list),
        ("GET", ["refunds", _]) => (Get, refunds::get),
        ("POST", ["refunds", _]) => (Other, refunds::change),
        ("GET", ["charges"]) => (List, refunds::list_charges),
        ("GET", ["charges", _]) => (Get, refunds::get_charge),
        ("GET", ["disputes"]) => (List, refunds::list_disputes),
        ("GET", ["disputes", _]) => (Get, refunds::get_dispute),
        ("GET", ["events"]) => (List, events::list),
        ("GET", ["events", _]) => (Get, events::get),
        ("POST", ["products"]) => (Plan, catalogue::create_product),
        ("GET", ["products"]) => (List, catalogue::list_products),
        ("GET", ["products", _]) => (Get, catalogue::get_product),
        ("POST", ["products", _]) => (Plan, catalogue::change_product),
        ("POST", ["prices"]) => (Plan, catalogue::create_price),
        ("GET", ["prices"]) => (List, catalogue::list_prices),
        ("GET", ["prices", _]) => (Get, catalogue::get_price),
        ("POST", ["prices", _]) => (Plan, catalogue::change_price),
        ("POST", ["subscriptions"]) => (Subscription, subscriptions::create),
        ("GET", ["subscriptions"]) => (List, subscriptions::list),
        ("GET", ["subscriptions", _]) => (Get, subscriptions::get),
        ("POST", ["subscriptions", _]) => (Subscription, subscriptions::change),
        ("DELETE", ["subscriptions", _]) => (Subscription, subscriptions::cancel),
        ("GET", ["invoices"]) => (List, invoices::list),
        ("GET", ["invoices", _]) => (Get, invoices::get),
        ("POST", ["invoices", _, "pay"]) => (Subscription, invoices::pay),
        ("POST", ["invoices", _, "void"]) => (Subscription, invoices::void),
        _ => return None,
    };
    Some(found)
}

fn routed(ledger: &mut Ledger, account: Account, request: &Request, path: &[&str]) -> Reply {
    let Some((operation, handler)) = route(request.method.as_str(), path) else {
        let url = format!("{} /v1/{}", request.method, path.join("/"));
        return Refused::not_found("URL", &url).reply();
    };
    let ordered = faults::take(ledger, &account.id, operation, Class::Transport);
    if let Some(reply) = ordered.and_then(|effect| FAILURES.before(effect)) {
        return reply;
    }
    if let Some(wait) = ledger.count(&account.id, "stripe", account.gets_a_minute) {
        return Refused::too_many(wait).reply();
    }
    let pairs = match request.body.as_ref() {
        [] => Ok(request.query.clone()),
        body => serde_urlencoded::from_bytes(body),
    };
    let form = pairs.map_err(|error| Refused::invalid(error.to_string(), None)).and_then(form::read);
    let form = form.and_then(|form| params::check(request.method.as_str(), path, form));
    let form = match form {
        Ok(form) => form,
        Err(refused) => return refused.reply(),
    };
    let mut call = Call { ledger, account, form, magic: None };
    let answered = handler(&mut call, path).and_then(|value| expanded(&call, value));
    let effect = ordered.or(call.magic.filter(|effect| effect.class() == Class::Transport));
    FAILURES.after(effect, answered.map_or_else(Refused::reply, |value| Reply::json(StatusCode::OK, &value)))
}

/// Puts things in the place of their ids, where the call asks for that.
fn expanded(call: &Call, mut value: Value) -> Result<Value, Refused> {
    let paths = call.texts("expand");
    if paths.len() > EXPANDED {
        return Err(Refused::invalid("Too many things to expand.", Some("expand")));
    }
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        if !expand(call, &mut value, &names) {
            return Err(Refused::invalid(format!("This property cannot be expanded ({path})."), Some("expand")));
        }
    }
    Ok(value)
}

fn expand(call: &Call, at: &mut Value, names: &[&str]) -> bool {
    let [name, rest @ ..] = names else { return true };
    match at {
        Value::Array(items) => items.iter_mut().all(|item| expand(call, item, names)),
        Value::Object(object) => {
            let Some(value) = object.get_mut(*name) else { return false };
            if let Some(known) = value.as_str().and_then(|id| by_id(call, id)) {
                *value = known;
            }
            value.is_null() || expand(call, value, rest)
        }
        _ => false,
    }
}

/// The thing with an id, as its prefix says.
fn by_id(call: &Call, id: &str) -> Option<Value> {
    fn own<T: Owned>(call: &Call, id: &str, show: fn(&Ledger, &T) -> Value) -> Option<Value> {
        call.own::<T>(id).ok().map(|row| show(call.ledger, &row))
    }
    match id.split('_').next()? {
        "ch" => own::<Charge>(call, id, show::charge),
        "cus" => own(call, id, show::customer),
        "pm" => own(call, id, show::method),
        "pi" => own(call, id, show::intent),
        "re" => own(call, id, show::refund),
        "prod" => own(call, id, show::product),
        "price" => own(call, id, show::price),
        "sub" => own(call, id, show::subscription),
        "in" => own(call, id, show::invoice),
        _ => None,
    }
}
