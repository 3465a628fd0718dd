//! Answers, read into the normal form. A status is read before what goes with it, as fields of earlier states stay about.

use feira_schemas::{
    gateway::{
        Boleto, Charge, Method, Observed, Payer, Pix, Problem, Recurrence, Refusal, RefusedFor, RemoteIds, Stage,
        Subscription, SubscriptionPeriod, Unpaid,
    },
    time::Micros,
};
use serde_json::Value;

use super::NAME;
use crate::gateway::{SavedCard, answer::Fields, brazil::with_bars, http::Answer};

/// A look: at whose account, and when it began.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) account: &'a str,
    pub(super) began: Micros,
}

impl Look<'_> {
    /// A payment's answer; none where it has no id or no sum. Disputes are answers of their own ([`Look::with_disputes`]).
    pub(super) fn charge(self, intent: &Value) -> Option<Observed> {
        let latest = intent.field("latest_charge");
        let details = latest.field("payment_method_details");
        let remote = RemoteIds {
            charge: intent.word("id")?,
            order: None,
            transaction: intent.id_of("latest_charge"),
            customer: intent.id_of("customer"),
            subscription: None,
            code: intent.field("metadata").word("effect_id"),
        };
        let mut found = Charge::new(NAME, self.account, remote, intent.cents("amount")?, self.began);
        let status = intent.text("status", 40).unwrap_or_default();

        found.method = method(intent, details);
        let received = intent.cents("amount_received").filter(|sum| *sum > 0);
        found.paid = received.unwrap_or(if status == "succeeded" { found.amount } else { 0 });
        found.cancelled = latest.cents("amount_refunded").unwrap_or(0).min(found.paid);
        let error = intent.field("last_payment_error");
        let stage = stage(status, error);
        if found.paid == 0 {
            let reasons = if error.is_object() { vec![problem(error)] } else { Vec::new() };
            found.unpaid = stage.map(|stage| Unpaid { began: self.began, stage, reasons });
        }
        describe(&mut found, intent.field("next_action"), details);
        let unknown = (found.paid == 0 && found.unpaid.is_none()) || found.method.is_none();
        let payer = Payer { last_four: details.field("card").last_four("last4"), name: None, document: None };
        let look_again = unknown || is_disputed(intent);
        Some(Observed { charge: found, payer, look_again, tenant: intent.tenant() })
    }

    /// The charge with its disputes, which are all of the list's. A won one is a sum of its own, that came back.
    pub(super) fn with_disputes(self, observed: Observed, disputes: &[Value]) -> Observed {
        let Observed { mut charge, payer, tenant, .. } = observed;
        let mut unknown = charge.method.is_none();
        for dispute in disputes {
            let sum = dispute.cents("amount").unwrap_or(0);
            match dispute.text("status", 40).unwrap_or_default() {
                // Inquiries: no money has moved.
                "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => {}
                "won" => {
                    charge.disputed = charge.disputed.saturating_add(sum);
                    charge.dispute_won = charge.dispute_won.saturating_add(sum);
                }
                status => {
                    charge.disputed = charge.disputed.saturating_add(sum);
                    unknown |= !matches!(status, "needs_response" | "under_review" | "lost");
                }
            }
        }
        Observed { charge, payer, look_again: unknown, tenant }
    }

    /// A subscription's answer, without its charge; none where it has no id.
    pub(super) fn subscription(self, answer: &Value) -> Option<Subscription> {
        let id = answer.word("id")?;
        let recurrence = match answer.text("status", 40).unwrap_or_default() {
            "trialing" | "incomplete" => Recurrence::Future,
            "active" => Recurrence::Active,
            "past_due" | "unpaid" => Recurrence::Unpaid,
            "canceled" | "incomplete_expired" => Recurrence::Ended,
            _ => Recurrence::Other,
        };
        let item = answer.field("items").list("data").first();
        let period = item.and_then(|item| item.seconds("current_period_start").zip(item.seconds("current_period_end")));
        let ended = recurrence == Recurrence::Ended;
        Some(Subscription {
            code: answer.field("metadata").word("effect_id"),
            customer: answer.id_of("customer"),
            plan: item.and_then(|item| item.id_of("price")),
            recurrence,
            period: period.map(|(begins, ends)| SubscriptionPeriod { begins, ends }),
            next_billing: period.filter(|_| !ended).map(|(_, ends)| ends),
            charge: None,
            observed_at: self.began,
            id,
        })
    }
}

/// The payment of a subscription's latest invoice, where the answer shows the invoice with its payments.
pub(super) fn payment_of(subscription: &Value) -> Option<String> {
    let payments = subscription.field("latest_invoice").field("payments").list("data");
    payments.first()?.field("payment").id_of("payment_intent")
}

/// True for a payment that somebody disputes or has disputed: its disputes have to be fetched.
pub(super) fn is_disputed(intent: &Value) -> bool {
    intent.field("latest_charge").field("disputed") == &Value::Bool(true)
}

/// A kept card's answer, or what is known of it without one.
pub(super) fn saved_card(customer: String, card: String, answer: &Value) -> SavedCard {
    let details = answer.field("card");
    SavedCard { customer, card, brand: details.word("brand"), last_four: details.last_four("last4") }
}

fn method(intent: &Value, details: &Value) -> Option<Method> {
    let types = intent.list("payment_method_types");
    let only = match types {
        [only] => only.as_str(),
        _ => None,
    };
    match details.text("type", 40).or(only)? {
        "card" => Some(Method::Card),
        "boleto" => Some(Method::Boleto),
        "pix" => Some(Method::Pix),
        _ => None,
    }
}

fn stage(status: &str, error: &Value) -> Option<Stage> {
    match status {
        // A code that ran out unpaid is reported as an error of the payment.
        "requires_payment_method" => Some(match error.text("code", 100) {
            Some("payment_intent_payment_attempt_expired") => Stage::Cancelled,
            _ if error.is_object() => Stage::Failed,
            _ => Stage::Pending,
        }),
        "requires_confirmation" | "requires_action" => Some(Stage::Pending),
        "processing" => Some(Stage::Confirming),
        "requires_capture" => Some(Stage::Authorized),
        "canceled" => Some(Stage::Cancelled),
        _ => None,
    }
}

fn describe(found: &mut Charge, next: &Value, details: &Value) {
    match found.method {
        Some(Method::Card) => {
            let card = details.field("card");
            let parcels = card.field("installments").field("plan").cents("count");
            found.installments = parcels.and_then(|number| u8::try_from(number).ok());
            found.brand = card.word("brand");
        }
        Some(Method::Boleto) => {
            let voucher = next.field("boleto_display_details");
            found.boleto = with_bars(Boleto {
                line: voucher.line("number"),
                digits44: None,
                url: voucher.line("hosted_voucher_url"),
                pdf: voucher.line("pdf"),
                due: voucher.seconds("expires_at"),
            });
        }
        Some(Method::Pix) => {
            let code = next.field("pix_display_qr_code");
            found.pix = Pix {
                code: code.line("data"),
                until: code.seconds("expires_at"),
                e2e: details.field("pix").word("bank_transaction_id"),
            };
        }
        None => {}
    }
}

fn problem(error: &Value) -> Problem {
    let kind = ["decline_code", "code", "type"].into_iter().find_map(|name| error.text(name, 100));
    Problem::new(kind.unwrap_or("gateway"), error.text("param", 100), error.text("message", 2_000).unwrap_or_default())
}

/// A refusal's answer: `{error: {type, code, decline_code, param, message}}`.
pub(super) fn refusal(answer: &Answer) -> Refusal {
    let error = answer.json.field("error");
    let (code, param) = (error.text("code", 100).unwrap_or_default(), error.text("param", 100).unwrap_or_default());
    let why = match (answer.status(), error.text("type", 100).unwrap_or_default(), code) {
        (401 | 403, ..) => RefusedFor::Account,
        (402, ..) | (_, "card_error", _) => RefusedFor::Declined,
        // A card that was used once without a customer, or that the account doesn't know.
        _ if param == "payment_method" => RefusedFor::CardToken,
        (404, ..) => RefusedFor::NotFound,
        (
            _,
            _,
            "charge_already_refunded"
            | "charge_disputed"
            | "balance_insufficient"
            | "insufficient_funds"
            | "payment_intent_unexpected_state"
            | "refund_disputed_payment",
        ) => RefusedFor::State,
        _ => RefusedFor::Request,
    };
    let problem = if error.is_object() { problem(error) } else { answer.wordless() };
    Refusal { why, problems: vec![problem] }
}
