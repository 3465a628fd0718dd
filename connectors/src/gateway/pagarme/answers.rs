//! Answers, read into the normal form. Statuses are free texts: of one that is not known, the sums still count, and it is to be
//! looked at again.

use feira_schemas::{
    gateway::{
        Boleto, Centavos, Charge, Method, Observed, Payer, Pix, Problem, Recurrence, Refusal, RefusedFor, RemoteIds,
        Stage, Subscription, SubscriptionPeriod, Unpaid,
    },
    time::Micros,
};
use serde_json::Value;

use super::NAME;
use crate::gateway::{Account, AccountKind, SavedCard, answer::Fields, brazil::with_bars, http::Answer};

/// A look: at whose account, and when it began.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) account: &'a Account,
    pub(super) began: Micros,
}

impl Look<'_> {
    /// The charge of an order's answer; none where it has none that can be read.
    pub(super) fn order(self, order: &Value) -> Option<Observed> {
        // An order is made with one payment, and has one charge. Were there more, the latest would be the one that counts.
        let mut observed = self.charge(order.list("charges").last()?)?;
        let remote = &mut observed.charge.remote;
        remote.order = remote.order.take().or_else(|| order.word("id"));
        remote.code = order.word("code").or_else(|| remote.code.take());
        remote.customer = remote.customer.take().or_else(|| order.field("customer").word("id"));
        observed.tenant = observed.tenant.or_else(|| order.tenant());
        Some(observed)
    }

    /// A charge's answer; none where it has no id or no sum.
    pub(super) fn charge(self, charge: &Value) -> Option<Observed> {
        let transaction = charge.field("last_transaction");
        let amount = charge.cents("amount")?;
        let remote = remote_ids(charge, transaction, charge.word("id")?);
        let mut found = Charge::new(NAME, &self.account.id, remote, amount, self.began);
        let status = charge.text("status", 40).unwrap_or_default();

        found.method = method(charge.text("payment_method", 40).or_else(|| transaction.text("transaction_type", 40)));
        found.paid = paid(charge, transaction, status, amount);
        found.cancelled = if only_renamed(self.account.kind, found.method) {
            0
        } else {
            cancelled(charge, status, found.paid).min(found.paid)
        };
        found.disputed = if status == "chargedback" { found.paid } else { 0 };
        let stage = stage(status, transaction.text("status", 40).unwrap_or_default());
        if found.paid == 0 {
            let reasons = reasons(transaction);
            found.unpaid = stage.map(|stage| Unpaid { began: self.began, stage, reasons });
        }
        describe(&mut found, charge, transaction);
        let look_again = (found.paid == 0 && found.unpaid.is_none()) || found.method.is_none();
        let tenant = charge.tenant().or_else(|| charge.field("order").tenant());
        Some(Observed { charge: found, payer: payer(transaction), look_again, tenant })
    }

    /// A subscription's answer; none where it has no id. Its charge is told by its invoices alone.
    pub(super) fn subscription(self, answer: &Value) -> Option<Subscription> {
        let cycle = answer.field("current_cycle");
        let period = cycle.time("start_at").zip(cycle.time("end_at"));
        let next_billing = answer.time("next_billing_at");
        let recurrence = match answer.text("status", 40).unwrap_or_default() {
            "future" => Recurrence::Future,
            "active" => Recurrence::Active,
            // Its first payment was refused, and none follows.
            "failed" if next_billing.is_none() => Recurrence::Ended,
            "failed" | "unpaid" => Recurrence::Unpaid,
            "canceled" => Recurrence::Ended,
            _ => Recurrence::Other,
        };
        Some(Subscription {
            id: answer.word("id")?,
            code: answer.word("code").or_else(|| answer.field("metadata").word("effect_id")),
            customer: answer.field("customer").word("id"),
            plan: answer.field("plan").word("id"),
            recurrence,
            period: period.map(|(begins, ends)| SubscriptionPeriod { begins, ends }),
            next_billing,
            charge: None,
            observed_at: self.began,
        })
    }
}

/// A kept card's answer.
pub(super) fn saved_card(customer: String, card: &Value) -> Option<SavedCard> {
    let brand = card.word("brand").map(|brand| brand.to_lowercase());
    Some(SavedCard { customer, card: card.word("id")?, brand, last_four: card.last_four("last_four_digits") })
}

fn remote_ids(charge: &Value, transaction: &Value, id: String) -> RemoteIds {
    let order = charge.field("order");
    RemoteIds {
        charge: id,
        order: order.word("id").or_else(|| charge.word("order_id")),
        transaction: transaction.word("id"),
        customer: charge.field("customer").word("id"),
        subscription: charge
            .field("invoice")
            .id_of("subscription")
            .or_else(|| charge.field("invoice").word("subscription_id")),
        code: order.word("code").or_else(|| charge.word("code")),
    }
}

fn method(name: Option<&str>) -> Option<Method> {
    match name? {
        "credit_card" => Some(Method::Card),
        "boleto" => Some(Method::Boleto),
        "pix" => Some(Method::Pix),
        _ => None,
    }
}

/// The sum that was paid. A boleto's transaction has it as a text; where no sum is said, the status or the time of the payment
/// tells that all of it was.
fn paid(charge: &Value, transaction: &Value, status: &str, amount: Centavos) -> Centavos {
    let said = charge.cents("paid_amount").or_else(|| transaction.cents("paid_amount")).filter(|sum| *sum > 0);
    let in_full = matches!(status, "paid" | "overpaid" | "chargedback" | "partial_canceled" | "refunded")
        || (status == "canceled" && charge.time("paid_at").is_some());
    said.unwrap_or(if in_full { amount } else { 0 })
}

/// The sum that was cancelled. A charge that was given back in full is called `canceled`.
fn cancelled(charge: &Value, status: &str, paid: Centavos) -> Centavos {
    let in_full = matches!(status, "canceled" | "refunded");
    charge.cents("canceled_amount").unwrap_or(if in_full { paid } else { 0 })
}

/// On an account with an acquirer of its own, cancelling a paid boleto or Pix moves no money: the charge has another name, that is
/// all.
fn only_renamed(kind: AccountKind, method: Option<Method>) -> bool {
    kind == AccountKind::OwnAcquirer && matches!(method, Some(Method::Boleto | Method::Pix))
}

fn stage(status: &str, transaction: &str) -> Option<Stage> {
    match (status, transaction) {
        ("pending", "authorized_pending_capture" | "waiting_capture" | "partial_capture") => Some(Stage::Authorized),
        ("pending", _) => Some(Stage::Pending),
        ("processing", _) => Some(Stage::Confirming),
        ("failed", _) => Some(Stage::Failed),
        ("canceled", _) => Some(Stage::Cancelled),
        _ => None,
    }
}

fn describe(found: &mut Charge, charge: &Value, transaction: &Value) {
    match found.method {
        Some(Method::Card) => {
            found.installments = transaction.cents("installments").and_then(|number| u8::try_from(number).ok());
            found.brand = transaction.field("card").word("brand").map(|brand| brand.to_lowercase());
        }
        Some(Method::Boleto) => {
            found.boleto = with_bars(Boleto {
                line: transaction.line("line"),
                digits44: None,
                url: transaction.line("url"),
                pdf: transaction.line("pdf"),
                due: transaction.time("due_at").or_else(|| charge.time("due_at")),
            });
        }
        Some(Method::Pix) => {
            found.pix = Pix {
                code: transaction.line("qr_code"),
                until: transaction.time("expires_at"),
                e2e: transaction.word("end_to_end_id"),
            };
        }
        None => {}
    }
}

fn payer(transaction: &Value) -> Payer {
    let payer = transaction.field("payer");
    Payer {
        last_four: transaction.field("card").last_four("last_four_digits"),
        name: payer.person("name"),
        document: payer.hidden("document"),
    }
}

/// The reasons of a refused payment: the acquirer's words, the vendor's, and those of who looks for fraud.
fn reasons(transaction: &Value) -> Vec<Problem> {
    let mut reasons = Vec::new();
    let mut say = |kind: &str, code: Option<&str>, message: Option<&str>| {
        let words: Vec<&str> = [code, message].into_iter().flatten().collect();
        if message.is_some() && reasons.len() < Problem::AT_MOST {
            reasons.push(Problem::new(kind, None, &words.join(": ")));
        }
    };
    say("acquirer", transaction.text("acquirer_return_code", 40), transaction.text("acquirer_message", 2_000));
    let response = transaction.field("gateway_response");
    for error in response.list("errors") {
        say("gateway", response.text("code", 40), error.text("message", 2_000));
    }
    let antifraud = transaction.field("antifraud_response");
    if antifraud.text("status", 40) == Some("reproved") {
        say(
            "antifraud",
            antifraud.text("return_code", 40),
            antifraud.text("return_message", 2_000).or(Some("reproved")),
        );
    }
    reasons
}

/// A refusal's answer: `{message, errors: {"field.path": ["text"]}}`.
pub(super) fn refusal(answer: &Answer) -> Refusal {
    let fields = answer.json.field("errors").as_object();
    let mut problems: Vec<Problem> = fields
        .into_iter()
        .flatten()
        .flat_map(|(field, texts)| texts.as_array().into_iter().flatten().map(move |text| (field, text)))
        .filter_map(|(field, text)| Some(Problem::new("field", Some(field), text.as_str()?)))
        .take(Problem::AT_MOST)
        .collect();
    if problems.is_empty() {
        let message = answer.json.text("message", 2_000).map(|message| Problem::new("gateway", None, message));
        problems.push(message.unwrap_or_else(|| answer.wordless()));
    }
    let of_token = |problem: &Problem| {
        let field = problem.parameter_name.as_deref().unwrap_or_default();
        field.ends_with("card_token") || (field.is_empty() && problem.message.to_lowercase().contains("token"))
    };
    let why = match answer.status() {
        401 | 403 => RefusedFor::Account,
        _ if problems.iter().any(of_token) => RefusedFor::CardToken,
        404 => RefusedFor::NotFound,
        412 => RefusedFor::State,
        _ => RefusedFor::Request,
    };
    Refusal { why, problems }
}
