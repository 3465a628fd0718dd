//! Charges, refunds, accounts and credentials as the APIs give them. What is sealed in a record is opened by the caller and handed in.

use serde_json::{Value, json};

use crate::{
    ids::Micros,
    money::Money,
    problem::Code,
    records::payments::{
        Account, AccountKind, AccountStatus, Attempt, AttemptOutcome, Charge, ChargeStatus, Credential,
        CredentialStatus, ObservedCharge, PaymentMethod, Reason, Refund, RefundStatus,
    },
    sealed::{CallbackSecret, Document, Email, GatewayText, LastFour, PersonName, Phone, PostalAddress},
    time::rfc3339,
};

/// What answers show in a secret key's place.
const MASKED: &str = "••••••••";
/// The sentence of a gateway's refusal that brings none of its own.
const REFUSED: &str = "O gateway de pagamento recusou.";

/// The opened values of a charge.
#[derive(Default)]
pub struct ChargeShown {
    /// The buyer; none where it was erased.
    pub buyer: Option<BuyerShown>,
    /// True where the buyer was erased.
    pub erased: bool,
    /// The last four digits of the card.
    pub last_four: Option<LastFour>,
    /// The address of the boleto's page.
    pub boleto_url: Option<GatewayText>,
    /// The address of the boleto's PDF.
    pub boleto_pdf: Option<GatewayText>,
    /// The gateway's sentence of each of [`Charge::why`]'s reasons.
    pub messages: Vec<Option<GatewayText>>,
    /// The Pix code as a picture, an address of the scheme `data`.
    pub qr_code: Option<String>,
    /// The refunds, as [`refund_json`] gives them.
    pub refunds: Vec<Value>,
}

/// An opened buyer.
pub struct BuyerShown {
    /// Full name.
    pub name: PersonName,
    /// E-mail address.
    pub email: Email,
    /// CPF or CNPJ.
    pub document: Document,
    /// Phone.
    pub phone: Option<Phone>,
    /// Billing address.
    pub address: PostalAddress,
}

/// The opened values of a refund.
#[derive(Default)]
pub struct RefundShown {
    /// The gateway's sentence of each reason.
    pub messages: Vec<Option<GatewayText>>,
}

/// What is shown of how a gateway's callbacks reach an account.
pub struct AccountSecrets {
    /// The address that the merchant registers with the gateway.
    pub address: String,
    /// True where the gateway signs; else it sends user and password.
    pub signs: bool,
    /// True where there is a proof to compare with.
    pub is_set: bool,
    /// `user:password`, where the gateway sends them.
    pub basic: Option<CallbackSecret>,
    /// The address that is told when the account is broken.
    pub notify_email: Option<Email>,
}

impl Charge {
    /// The reasons for which it failed, if it did: those for which the gateway did not make it, else those of the latest look.
    pub fn why(&self) -> &[Reason] {
        let of_look = || self.observed.as_ref().filter(|observed| observed.paid <= 0)?.unpaid.as_ref();
        match of_look() {
            Some(unpaid) if self.reasons.is_empty() => &unpaid.reasons,
            _ => &self.reasons,
        }
    }
}

/// A charge in a list: what is told without opening anything.
pub fn charge_card_json(charge: &Charge) -> Value {
    let observed = charge.observed.as_ref();
    let sum = |of: fn(&ObservedCharge) -> i64| Money::brl(observed.map_or(0, of));
    json!({
        "id": charge.charge_id,
        "reference": charge.request.reference,
        "status": charge_status(charge.status),
        "method": method(charge.request.method),
        "amount": charge.request.amount,
        "paid": sum(|observed| observed.paid),
        "refunded": sum(refunded),
        "charged_back": sum(charged_back),
        "installments": installments(charge),
        "account_id": charge.account_id.or(charge.request.account_id),
        "gateway": observed.map(|observed| &observed.gateway),
        "remote_id": observed.map(|observed| &observed.remote.charge),
        "created_at": rfc3339(charge.created_at),
        "updated_at": rfc3339(charge.updated_at),
        "simulated": charge.simulated,
    })
}

/// A charge, whole.
pub fn charge_json(charge: &Charge, shown: &ChargeShown) -> Value {
    let observed = charge.observed.as_ref();
    let mut json = charge_card_json(charge);
    let fields = json!({
        "statement_descriptor": charge.request.statement_descriptor,
        "boleto": observed.and_then(|observed| boleto(observed, shown)),
        "pix": observed.and_then(|observed| pix(observed, shown)),
        "card": card(charge, shown),
        "buyer": shown.buyer.as_ref().map(buyer),
        "erased": shown.erased,
        "remote": observed.map(remote),
        "attempts": charge.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "errors": errors(charge.why(), &shown.messages),
        "refunds": shown.refunds,
        "cancel_wanted": charge.cancel_wanted,
    });
    if let (Value::Object(json), Value::Object(fields)) = (&mut json, fields) {
        json.extend(fields);
    }
    json
}

/// The word for a charge's state.
pub fn charge_status(status: ChargeStatus) -> &'static str {
    match status {
        ChargeStatus::Processing | ChargeStatus::Unknown => "processing",
        ChargeStatus::Pending => "pending",
        ChargeStatus::Confirming => "confirming",
        ChargeStatus::Authorized => "authorized",
        ChargeStatus::Paid => "paid",
        ChargeStatus::Underpaid => "underpaid",
        ChargeStatus::PartlyRefunded => "partly_refunded",
        ChargeStatus::Refunded => "refunded",
        ChargeStatus::Failed => "failed",
        ChargeStatus::Expired => "expired",
        ChargeStatus::Cancelled => "cancelled",
        ChargeStatus::ChargedBack => "charged_back",
    }
}

fn method(method: PaymentMethod) -> Option<&'static str> {
    match method {
        PaymentMethod::Card => Some("card"),
        PaymentMethod::Boleto => Some("boleto"),
        PaymentMethod::Pix => Some("pix"),
        PaymentMethod::Unknown => None,
    }
}

/// A boleto that is cancelled after it was paid is only renamed by its gateway: of it counts what went to a bank account.
fn refunded(observed: &ObservedCharge) -> i64 {
    match observed.method {
        Some(PaymentMethod::Boleto) => observed.cancelled.min(observed.by_bank_data),
        _ => observed.cancelled,
    }
    .min(observed.paid)
}

fn charged_back(observed: &ObservedCharge) -> i64 {
    observed.disputed.saturating_sub(observed.dispute_won).max(0)
}

fn installments(charge: &Charge) -> Option<i32> {
    let seen = charge.observed.as_ref().and_then(|observed| observed.installments);
    seen.or(charge.request.card.as_ref().map(|card| card.installments))
}

fn boleto(observed: &ObservedCharge, shown: &ChargeShown) -> Option<Value> {
    let boleto = observed.boleto.as_ref()?;
    Some(json!({
        "line": boleto.line,
        "barcode": boleto.digits44,
        "url": shown.boleto_url.as_ref().map(GatewayText::expose),
        "pdf": shown.boleto_pdf.as_ref().map(GatewayText::expose),
        "due": boleto.due.map(rfc3339),
    }))
}

fn pix(observed: &ObservedCharge, shown: &ChargeShown) -> Option<Value> {
    let pix = observed.pix.as_ref()?;
    Some(json!({"code": pix.code, "until": pix.until.map(rfc3339), "qr_code": shown.qr_code, "end_to_end_id": pix.e2e}))
}

fn card(charge: &Charge, shown: &ChargeShown) -> Option<Value> {
    charge.request.card.as_ref()?;
    let brand = charge.observed.as_ref().and_then(|observed| observed.brand.as_ref());
    Some(json!({"brand": brand, "last_four": shown.last_four.as_ref().map(LastFour::expose)}))
}

pub(crate) fn buyer(buyer: &BuyerShown) -> Value {
    let address = buyer.address.expose();
    json!({
        "name": buyer.name.expose(),
        "email": buyer.email.expose(),
        "document": buyer.document.expose(),
        "phone": buyer.phone.as_ref().map(Phone::expose),
        "address": {
            "postal_code": address.postal_code,
            "street": address.street,
            "number": address.number,
            "complement": address.complement,
            "district": address.district,
            "city": address.city,
            "state": address.state,
        },
    })
}

fn remote(observed: &ObservedCharge) -> Value {
    let remote = &observed.remote;
    json!({
        "charge": remote.charge,
        "order": remote.order_id,
        "transaction": remote.transaction,
        "customer": remote.customer,
        "subscription": remote.subscription,
    })
}

pub(super) fn attempt(attempt: &Attempt) -> Value {
    json!({
        "attempt": attempt.attempt,
        "account_id": attempt.account_id,
        "granted_at": rfc3339(attempt.granted_at),
        "outcome": attempt.outcome.map(outcome),
        "why": attempt.why,
        "ended_at": attempt.ended_at.map(rfc3339),
    })
}

fn outcome(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Done => "done",
        AttemptOutcome::Refused => "refused",
        AttemptOutcome::NotSent => "not_sent",
        AttemptOutcome::Question | AttemptOutcome::Unknown => "question",
    }
}

pub(super) fn errors(reasons: &[Reason], messages: &[Option<GatewayText>]) -> Vec<Value> {
    let messages = messages.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    reasons.iter().zip(messages).map(|(reason, message)| error_json(reason, message)).collect()
}

/// One thing that a gateway says is wrong: the three members of every field's error, and the gateway's own three.
pub fn error_json(reason: &Reason, message: Option<&GatewayText>) -> Value {
    let message = message.map(GatewayText::expose);
    json!({
        "pointer": "",
        "code": Code::GatewayRefused,
        "detail": message.unwrap_or(REFUSED),
        "type": reason.kind,
        "parameter_name": reason.parameter_name,
        "message": message,
    })
}

/// A refund.
pub fn refund_json(refund: &Refund, shown: &RefundShown) -> Value {
    json!({
        "id": refund.refund_id,
        "charge_id": refund.charge_id,
        "reference": refund.reference,
        "amount": refund.amount,
        "status": refund_status(refund.status),
        "why": refund.why,
        "errors": errors(&refund.reasons, &shown.messages),
        "attempts": refund.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "created_at": rfc3339(refund.created_at),
        "updated_at": rfc3339(refund.updated_at),
        "simulated": refund.simulated,
    })
}

fn refund_status(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Wanted => "wanted",
        RefundStatus::Sent => "sent",
        RefundStatus::Done => "done",
        RefundStatus::Failed => "failed",
        RefundStatus::Question | RefundStatus::Unknown => "question",
        RefundStatus::ByHand => "by_hand",
    }
}

/// An account in a list.
pub fn account_card_json(account: &Account) -> Value {
    let kind = match account.kind {
        AccountKind::OwnAcquirer => "own_acquirer",
        AccountKind::WholeService | AccountKind::Unknown => "whole_service",
    };
    let status = match account.status {
        AccountStatus::Untested | AccountStatus::Unknown => "untested",
        AccountStatus::Ready => "ready",
        AccountStatus::Broken => "broken",
        AccountStatus::Retired => "retired",
    };
    json!({
        "id": account.account_id,
        "name": account.name,
        "gateway": account.gateway,
        "kind": kind,
        "status": status,
        "why": account.why,
        "default": account.is_default,
        "public_key": account.public_key,
        "secret_key": MASKED,
        "key_version": account.key_version,
        "remote_account": account.remote_account,
        "created_at": rfc3339(account.created_at),
        "updated_at": rfc3339(account.updated_at),
        "checked_at": account.checked_at.map(rfc3339),
        "simulated": account.simulated,
    })
}

/// An account, with how callbacks reach it.
pub fn account_json(account: &Account, secrets: &AccountSecrets) -> Value {
    let basic = secrets.basic.as_ref().and_then(|secret| secret.expose().split_once(':'));
    let mut json = account_card_json(account);
    json["notify_email"] = json!(secrets.notify_email.as_ref().map(Email::expose));
    json["callback"] = json!({
        "address": secrets.address,
        "proof": if secrets.signs { "signature" } else { "basic" },
        "is_set": secrets.is_set,
        "user": basic.map(|(user, _)| user),
        "password": basic.map(|(_, password)| password),
    });
    json
}

/// A credential, without its secret, which is kept nowhere.
pub fn credential_json(credential: &Credential) -> Value {
    let status = if credential.status == CredentialStatus::Active { "active" } else { "revoked" };
    given_credential(&credential.credential_id.to_string(), &credential.name, status, credential.created_at)
}

fn given_credential(id: &str, name: &str, status: &str, created_at: Micros) -> Value {
    json!({"id": id, "name": name, "status": status, "created_at": rfc3339(created_at)})
}
