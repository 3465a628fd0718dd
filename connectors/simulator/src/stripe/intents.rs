//! Payment intents: made, confirmed, captured, cancelled; and what their charges become.

use feira_schemas::time::{DAY, Micros};
use serde_json::{Map, Value, json};

use super::{
    answer::{Refused, codes_of},
    bills,
    call::{Call, Metadata},
    events,
    kept::{Intent, PaymentMethod, Way},
    lists, lookup, methods, show,
};
use crate::core::{
    acts::{self, What},
    card::Behaviour,
    charge::{CardPayment, Charge, Method, Moved, Outcome, Status, Transaction},
    faults::{Class, Effect, Operation},
    ledger::{Ledger, SECOND},
    refusal::Reason,
    slips,
};

/// The least and the largest sum in centavos.
const AMOUNT: std::ops::RangeInclusive<i64> = 50..=99_999_999;
/// How long a Pix waits if nothing is said, in seconds, and the bounds of what may be said.
const PIX_WAITS: (i64, std::ops::RangeInclusive<i64>) = (86_400, 10..=1_209_600);
/// Days that a boleto waits if nothing is said, and the bounds of what may be said.
const BOLETO_WAITS: (i64, std::ops::RangeInclusive<i64>) = (3, 0..=60);
/// When the buyer's bank takes back what a card of that kind paid.
const TAKEN_BACK: Micros = 5 * SECOND;

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let amount = call.number("amount")?.ok_or_else(|| Refused::missing("amount"))?;
    if !call.must("currency")?.eq_ignore_ascii_case("brl") {
        return Err(Refused::invalid("The currency of this account is brl.", Some("currency")));
    }
    let confirm = call.flag("confirm")?.unwrap_or(false);
    let id = call.ledger.id("pi");
    let intent = Intent {
        secret: format!("{id}_secret_{}", call.ledger.ids().letters(24)),
        id,
        account: call.account.id.clone(),
        amount,
        customer: None,
        invoice: None,
        method: None,
        kinds: vec!["card".to_owned()],
        status: "requires_payment_method".to_owned(),
        manual_capture: call.text("capture_method").as_deref() == Some("manual"),
        description: None,
        descriptor: None,
        receipt_email: None,
        future_usage: None,
        options: Value::Object(Map::new()),
        metadata: Metadata::new(),
        charge: None,
        refusal: None,
        created: call.ledger.now(),
        canceled_at: None,
        cancellation_reason: None,
    };
    let intent = with_call(call, intent)?;
    if !confirm {
        keep(call, &intent, "payment_intent.created");
        return Ok(show::intent(call.ledger, &intent));
    }
    call.note_sum(intent.amount)?;
    keep(call, &intent, "payment_intent.created");
    confirmed(call, intent).map(|intent| show::intent(call.ledger, &intent))
}

/// The intent with what the call says of it.
fn with_call(call: &mut Call, known: Intent) -> Result<Intent, Refused> {
    let amount = call.number("amount")?.unwrap_or(known.amount);
    if !AMOUNT.contains(&amount) {
        let code = if amount < *AMOUNT.start() { "amount_too_small" } else { "amount_too_large" };
        return Err(
            Refused::coded(code, "The amount is not within what can be charged.").with("param", json!("amount"))
        );
    }
    let customer = call.text("customer").map(|id| lookup::customer(call, &id)).transpose()?;
    let customer = customer.map(|customer| customer.id).or(known.customer);
    let method = match (call.text("payment_method"), call.at("payment_method_data").is_some()) {
        (Some(id), _) => Some(methods::find(call, &id)?),
        (None, true) => Some(methods::make(call, "payment_method_data")?),
        (None, false) => None,
    };
    let other = |owner: &String| customer.as_ref() != Some(owner);
    if method.as_ref().is_some_and(|method| method.customer.as_ref().is_some_and(other)) {
        return Err(Refused::invalid("The payment method belongs to another customer.", Some("payment_method")));
    }
    let kinds = call.texts("payment_method_types");
    if let Some(kind) = kinds.iter().find(|kind| !matches!(kind.as_str(), "card" | "pix" | "boleto")) {
        let message = format!("The payment method type {kind} is not enabled.");
        return Err(Refused::invalid(message, Some("payment_method_types")));
    }
    let kinds = match (&method, kinds.is_empty()) {
        (_, false) => kinds,
        (Some(method), true) if !known.kinds.iter().any(|kind| kind == method.way.name()) => {
            vec![method.way.name().to_owned()]
        }
        _ if call.flag("automatic_payment_methods.enabled")? == Some(true) => {
            ["card", "pix", "boleto"].map(str::to_owned).to_vec()
        }
        _ => known.kinds,
    };
    let descriptor = descriptor(call, &kinds)?;
    // Nobody has to do anything for a payment here, so there is never an error for that.
    call.flag("error_on_requires_action")?;
    let status = match (&method, known.status.as_str()) {
        (Some(_), "requires_payment_method") => "requires_confirmation".to_owned(),
        _ => known.status,
    };
    Ok(Intent {
        amount,
        customer,
        method: method.map(|method| method.id).or(known.method),
        kinds,
        status,
        description: call.text("description").or(known.description),
        descriptor: descriptor.or(known.descriptor),
        receipt_email: call.text("receipt_email").or(known.receipt_email),
        future_usage: call.text("setup_future_usage").or(known.future_usage),
        options: call.at("payment_method_options").cloned().unwrap_or(known.options),
        metadata: call.metadata(known.metadata)?,
        ..known
    })
}

/// The words on the buyer's statement: of a card's the account's own come first, and the call adds to them.
fn descriptor(call: &Call, kinds: &[String]) -> Result<Option<String>, Refused> {
    let whole = call.text("statement_descriptor");
    if whole.is_some() && kinds.iter().any(|kind| kind == "card") {
        let message = "The statement_descriptor is not for cards. Use statement_descriptor_suffix.";
        return Err(Refused::invalid(message, Some("statement_descriptor")));
    }
    Ok(whole.or_else(|| call.text("statement_descriptor_suffix")))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let intent = call.own::<Intent>(path[1])?;
    Ok(show::intent(call.ledger, &intent))
}

pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = call.own::<Intent>(path[1])?;
    if call.form.keys().any(|name| !matches!(name.as_str(), "metadata" | "description" | "expand")) {
        expect(&known, &["requires_payment_method", "requires_confirmation"], "updated")?;
    }
    let intent = with_call(call, known)?;
    call.ledger.put(intent.clone());
    Ok(show::intent(call.ledger, &intent))
}

pub(super) fn confirm(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = call.own::<Intent>(path[1])?;
    expect(&known, &["requires_payment_method", "requires_confirmation"], "confirmed")?;
    let intent = with_call(call, known)?;
    call.note_sum(intent.amount)?;
    confirmed(call, intent).map(|intent| show::intent(call.ledger, &intent))
}

fn expect(intent: &Intent, statuses: &[&str], what: &str) -> Result<(), Refused> {
    if statuses.contains(&intent.status.as_str()) {
        return Ok(());
    }
    let message = format!("This PaymentIntent could not be {what}: its status is {}.", intent.status);
    Err(Refused::coded("payment_intent_unexpected_state", message))
}

/// Charges an intent. A card that is declined is an error, and the intent asks for another one.
pub(super) fn confirmed(call: &mut Call, mut intent: Intent) -> Result<Intent, Refused> {
    let missing = || {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
        Refused::coded("payment_intent_unexpected_state", message)
    };
    let method = call.own::<PaymentMethod>(intent.method.as_deref().ok_or_else(missing)?)?;
    if !intent.kinds.iter().any(|kind| kind == method.way.name()) {
        return Err(Refused::invalid(
            "The payment method's type is not among those of the intent.",
            Some("payment_method"),
        ));
    }
    let effect = call.effect(Operation::Charge, Class::Outcome);
    let way = way(call, &intent, &method.way)?;
    let mut charge = charge_of(call, &intent, way);
    intent.charge = Some(charge.id.clone());
    let refusal = match (&charge.method, effect) {
        (_, Some(Effect::Refuse { reason })) => Some(reason),
        (Method::Card(payment), effect) => match payment.card.behaviour {
            Behaviour::Refuses(reason) if effect != Some(Effect::Approve) => Some(reason),
            _ => None,
        },
        _ => None,
    };
    if let Some(reason) = refusal {
        return Err(refused(call, intent, charge, reason));
    }
    let now = call.ledger.now();
    match &charge.method {
        Method::Card(payment) if payment.capture => {
            let behaviour = payment.card.behaviour;
            if behaviour == Behaviour::ChargesBack {
                acts::plan(call.ledger, now + TAKEN_BACK, What::ChargeBack(charge.id.clone()));
            }
            call.ledger.put(charge.clone());
            let amount = charge.amount;
            Ok(received(call.ledger, intent, charge, amount, Outcome::Captured, &mut call.magic))
        }
        Method::Card(_) => {
            let amount = charge.amount;
            charge.note(now, Moved::Authorized, amount, None, Outcome::Authorized);
            call.ledger.put(charge);
            "requires_capture".clone_into(&mut intent.status);
            keep(call, &intent, "payment_intent.amount_capturable_updated");
            Ok(intent)
        }
        Method::Pix(_) | Method::Boleto(_) => {
            if let Some(Effect::PayLater { millis }) = effect {
                let at = now + i64::try_from(millis).unwrap_or_default() * 1_000;
                acts::plan(call.ledger, at, What::Pay(charge.id.clone()));
            }
            let until = match &charge.method {
                Method::Pix(code) => code.until,
                Method::Boleto(slip) => slip.due,
                Method::Card(_) => now,
            };
            acts::plan(call.ledger, until, What::Expire(charge.id.clone()));
            call.ledger.put(charge);
            "requires_action".clone_into(&mut intent.status);
            keep(call, &intent, "payment_intent.requires_action");
            Ok(intent)
        }
    }
}

/// How the charge of an intent is paid.
fn way(call: &mut Call, intent: &Intent, way: &Way) -> Result<Method, Refused> {
    let now = call.ledger.now();
    let option = |path: [&str; 2]| -> Result<Option<i64>, Refused> {
        let text = intent.options.get(path[0]).and_then(|options| options.get(path[1])).and_then(Value::as_str);
        let wrong = |_| {
            Refused::invalid("Invalid integer.", Some(&format!("payment_method_options[{}][{}]", path[0], path[1])))
        };
        text.map(|text| text.parse::<i64>().map_err(wrong)).transpose()
    };
    match way {
        Way::Card(card) => {
            let installments = 1;
            let (card, descriptor, capture) = (card.clone(), intent.descriptor.clone(), !intent.manual_capture);
            Ok(Method::Card(CardPayment { card, installments, descriptor, capture }))
        }
        Way::Pix => {
            let seconds = option(["pix", "expires_after_seconds"])?;
            let until = match option(["pix", "expires_at"])? {
                Some(at) => at * SECOND,
                None => now + seconds.unwrap_or(PIX_WAITS.0) * SECOND,
            };
            if !PIX_WAITS.1.contains(&((until - now) / SECOND)) {
                return Err(Refused::invalid(
                    "The Pix would wait too short or too long.",
                    Some("payment_method_options[pix]"),
                ));
            }
            let code = slips::pix(call.ledger, &call.account, intent.amount, until, Vec::new());
            code.map(Method::Pix).map_err(|error| Refused::invalid(error, None))
        }
        Way::Boleto { .. } => {
            let days = option(["boleto", "expires_after_days"])?.unwrap_or(BOLETO_WAITS.0);
            if !BOLETO_WAITS.1.contains(&days) {
                return Err(Refused::invalid(
                    "The boleto would wait too long.",
                    Some("payment_method_options[boleto]"),
                ));
            }
            let slip = slips::boleto(call.ledger, intent.amount, slips::end_of_day(now + days * DAY), None);
            slip.map(Method::Boleto).map_err(|error| Refused::invalid(error, None))
        }
    }
}

fn charge_of(call: &mut Call, intent: &Intent, method: Method) -> Charge {
    let now = call.ledger.now();
    let first = Transaction {
        id: call.ledger.id("txn"),
        at: now,
        updated: now,
        amount: intent.amount,
        outcome: Outcome::Waiting,
        end_to_end: None,
        number: call.ledger.ids().digits(12),
    };
    Charge {
        id: call.ledger.id("ch"),
        account: intent.account.clone(),
        order: Some(intent.id.clone()),
        invoice: intent.invoice.clone(),
        code: intent.id.clone(),
        metadata: intent.metadata.clone(),
        customer: intent.customer.clone().unwrap_or_default(),
        amount: intent.amount,
        method,
        status: Status::Pending,
        paid: 0,
        canceled: 0,
        created: now,
        updated: now,
        paid_at: None,
        canceled_at: None,
        transactions: vec![first],
        moves: Vec::new(),
        failed_refunds: (0, 0),
    }
}

/// Keeps an intent whose payment was declined, and says so.
fn refused(call: &mut Call, mut intent: Intent, mut charge: Charge, reason: Reason) -> Refused {
    charge.status = Status::Failed;
    if let Some(last) = charge.transactions.last_mut() {
        last.outcome = Outcome::Refused(reason);
    }
    call.ledger.put(charge.clone());
    (intent.refusal, intent.method) = (Some(reason), None);
    "requires_payment_method".clone_into(&mut intent.status);
    let object = show::charge(call.ledger, &charge);
    events::say(call.ledger, &intent.account, "charge.failed", object, &mut call.magic);
    keep(call, &intent, "payment_intent.payment_failed");
    let refused = match charge.method {
        Method::Card(_) => Refused::declined(reason),
        _ => Refused::coded(codes_of(reason).0, reason.message()),
    };
    refused.with("charge", json!(charge.id)).with("payment_intent", show::intent(call.ledger, &intent))
}

/// Money came in for an intent.
pub(super) fn received(
    ledger: &mut Ledger,
    mut intent: Intent,
    mut charge: Charge,
    amount: i64,
    outcome: Outcome,
    magic: &mut Option<Effect>,
) -> Intent {
    let now = ledger.now();
    (charge.status, charge.paid, charge.paid_at) = (Status::Paid, amount, Some(now));
    charge.note(now, Moved::Paid, amount, None, outcome);
    ledger.put(charge.clone());
    intent.refusal = None;
    "succeeded".clone_into(&mut intent.status);
    ledger.put(intent.clone());
    bills::settled(ledger, &intent);
    let kind =
        if outcome == Outcome::Captured && intent.manual_capture { "charge.captured" } else { "charge.succeeded" };
    let (charge, shown) = (show::charge(ledger, &charge), show::intent(ledger, &intent));
    events::say(ledger, &intent.account, kind, charge, magic);
    events::say(ledger, &intent.account, "payment_intent.succeeded", shown, magic);
    intent
}

pub(super) fn capture(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let intent = call.own::<Intent>(path[1])?;
    expect(&intent, &["requires_capture"], "captured")?;
    let charge = call.own::<Charge>(intent.charge.as_deref().unwrap_or_default())?;
    let amount = call.number("amount_to_capture")?.unwrap_or(charge.amount);
    if !(1..=charge.amount).contains(&amount) {
        return Err(Refused::coded("amount_too_large", "The amount is larger than what was authorized."));
    }
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Capture, Class::Outcome) {
        return Err(Refused::declined(reason));
    }
    let intent = received(call.ledger, intent, charge, amount, Outcome::Captured, &mut call.magic);
    Ok(show::intent(call.ledger, &intent))
}

pub(super) fn cancel(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let intent = call.own::<Intent>(path[1])?;
    let may = ["requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"];
    expect(&intent, &may, "canceled")?;
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Cancel, Class::Outcome) {
        return Err(Refused::coded(codes_of(reason).0, reason.message()));
    }
    let reason = call.text("cancellation_reason");
    let intent = canceled(call.ledger, intent, reason);
    Ok(show::intent(call.ledger, &intent))
}

/// Cancels an intent and what waits to be paid of it.
pub(super) fn canceled(ledger: &mut Ledger, mut intent: Intent, reason: Option<String>) -> Intent {
    let now = ledger.now();
    let waiting = |charge: &Charge| charge.status == Status::Pending;
    if let Some(mut charge) = intent.charge.as_deref().and_then(|id| ledger.get::<Charge>(id)).filter(waiting) {
        let amount = charge.amount;
        (charge.status, charge.canceled, charge.canceled_at) = (Status::Canceled, amount, Some(now));
        charge.note(now, Moved::Voided, amount, None, Outcome::Voided);
        ledger.put(charge);
    }
    (intent.canceled_at, intent.cancellation_reason) = (Some(now), reason);
    "canceled".clone_into(&mut intent.status);
    ledger.put(intent.clone());
    let shown = show::intent(ledger, &intent);
    events::say(ledger, &intent.account, "payment_intent.canceled", shown, &mut None);
    intent
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let customer = call.text("customer");
    let fits = |intent: &Intent| customer.is_none() || intent.customer == customer;
    lists::list(call, "/v1/payment_intents", fits, show::intent)
}

fn keep(call: &mut Call, intent: &Intent, kind: &str) {
    call.ledger.put(intent.clone());
    let shown = show::intent(call.ledger, intent);
    events::say(call.ledger, &intent.account, kind, shown, &mut call.magic);
}
