//! The admin API, by which tests and people order what the simulator does, and see what it did. It asks for no credentials.
//!
//! | call | does |
//! |---|---|
//! | `GET /admin/accounts` | lists the accounts with their keys |
//! | `POST /admin/accounts` | makes one: `gateway` (`pagarme`, `stripe`), `name`, `kind` (`psp`, `gateway`), `secret_key`, `public_key`, `origins`, `hooks` (`url`, `basic`), `signing_secret`, `lag_millis`, `gets_a_minute`, each as it may be left out |
//! | `PATCH /admin/accounts/{id}` | changes what is named, of the same |
//! | `GET /admin/faults` | lists the faults that are ordered |
//! | `POST /admin/faults` | orders one: `effect` with its numbers, and `account`, `operation`, `times`, each as it may be left out |
//! | `DELETE /admin/faults`, `/admin/faults/{id}` | takes all back, or one |
//! | `GET /admin/clock` | says what time it is here |
//! | `POST /admin/clock` | moves the clock: `advance_millis`; what is due by then is done |
//! | `GET /admin/charges?account&code` | lists what was charged, with every move of money: the truth; with Stripe the code is the intent's id |
//! | `GET /admin/charges/{id}` | one of them |
//! | `POST /admin/charges/{id}/pay` | pays a Pix or a boleto: `amount` and `late`, each as it may be left out |
//! | `POST /admin/charges/{id}/charge-back` | takes a paid charge back for the buyer |
//! | `POST /admin/charges/{id}/forget` | takes it out as if it had never been made, with an order or intent of it alone; no hook tells of it |
//! | `POST /admin/charges/{id}/sums` | has the vendor show other sums of a paid charge: `paid` and `canceled`, each as it may be left out; no money moves, and no hook tells of it |
//! | `GET /admin/subscriptions?account&code` | lists the subscriptions that were made, each with the vendor's word for its state and the ids of its charges |
//! | `GET /admin/calls?account` | counts the calls that came, by account and operation; of those that only read since the start |
//! | `GET /admin/hooks?account` | lists the deliveries of hooks |
//! | `POST /admin/hooks/forge` | sends a hook of `account` that tells a lie: `type`, `credentials`, and `charge` with `changes` of its fields, or any `data` |
//! | `POST /admin/hooks/{id}/repeat` | delivers a hook again |
//!
//! A wrong order is answered 400 with `{"message"}`, an unknown thing 404, what can't be done as things are 409.

mod accounts;
mod calls;
mod charges;
mod faults;
mod hooks;
mod subscriptions;

use http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub use accounts::{NewAccount, made_of};

use crate::{
    core::ledger::Ledger,
    exchange::{Reply, Request},
};

/// An order that was not carried out.
struct Refused(StatusCode, String);

impl Refused {
    fn wrong(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }

    fn unknown() -> Self {
        Self(StatusCode::NOT_FOUND, "there is no such thing".to_owned())
    }

    fn conflict(message: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, message.into())
    }
}

/// Answers a request whose path begins with `admin`.
pub fn answer(ledger: &mut Ledger, request: &Request) -> Reply {
    match answered(ledger, request) {
        Ok(value) => Reply::json(StatusCode::OK, &value),
        Err(Refused(status, message)) => Reply::json(status, &json!({"message": message})),
    }
}

fn answered(ledger: &mut Ledger, request: &Request) -> Result<Value, Refused> {
    match (request.method.as_str(), &request.segments()[1..]) {
        ("GET", ["accounts"]) => Ok(accounts::list(ledger)),
        ("POST", ["accounts"]) => accounts::create(ledger, body(request)?),
        ("PATCH", ["accounts", id]) => accounts::change(ledger, id, body(request)?),
        ("GET", ["faults"]) => Ok(faults::list(ledger)),
        ("POST", ["faults"]) => faults::order(ledger, body(request)?),
        ("DELETE", ["faults"]) => Ok(faults::take_all_back(ledger)),
        ("DELETE", ["faults", id]) => faults::take_back(ledger, id),
        ("GET", ["clock"]) => Ok(clock(ledger)),
        ("POST", ["clock"]) => move_clock(ledger, body(request)?),
        ("GET", ["calls"]) => Ok(calls::list(ledger, request)),
        ("GET", ["charges"]) => Ok(charges::list(ledger, request)),
        ("GET", ["charges", id]) => charges::get(ledger, id),
        ("POST", ["charges", id, "pay"]) => charges::pay(ledger, id, body(request)?),
        ("POST", ["charges", id, "charge-back"]) => charges::charge_back(ledger, id),
        ("POST", ["charges", id, "forget"]) => charges::forget(ledger, id),
        ("POST", ["charges", id, "sums"]) => charges::misstate(ledger, id, body(request)?),
        ("GET", ["subscriptions"]) => Ok(subscriptions::list(ledger, request)),
        ("GET", ["hooks"]) => Ok(hooks::list(ledger, request)),
        ("POST", ["hooks", "forge"]) => hooks::forge(ledger, body(request)?),
        ("POST", ["hooks", id, "repeat"]) => hooks::repeat(ledger, id),
        _ => Err(Refused::unknown()),
    }
}

/// The body; no body is an empty object.
fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Refused> {
    let bytes: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    serde_json::from_slice(bytes).map_err(|error| Refused::wrong(error.to_string()))
}

/// The longest that the clock is moved in one call, in milliseconds: ten years.
const LONGEST: i64 = 10 * 366 * 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ahead {
    advance_millis: i64,
}

fn move_clock(ledger: &mut Ledger, by: Ahead) -> Result<Value, Refused> {
    if !(0..=LONGEST).contains(&by.advance_millis) {
        return Err(Refused::wrong("the clock moves ahead by ten years at most"));
    }
    ledger.move_clock(by.advance_millis * 1_000);
    Ok(clock(ledger))
}

fn clock(ledger: &Ledger) -> Value {
    json!({"now": feira_schemas::time::rfc3339(ledger.now()), "ahead_millis": ledger.ahead() / 1_000})
}
