//! The facts that a gateway is asked with, made of the record alone, so that a repetition is the same bytes.

use feira_connectors::{
    gateway::{BankAccount, Buyer, CancelFacts, CardSource, ChargeFacts, Item, Payment, RefundFacts, Shipping},
    keyring::Keyring,
};
use feira_schemas::{
    gateway::{Method, Problem, Refusal, RefusedFor},
    ids::{EffectId, TenantId},
    records::payments::{self, Charge, ChargeRequest, ChargeShipping, PaymentMethod, Refund},
};

use super::{
    convert::method_of,
    opening::{NotOpened, open, open_some},
};

/// The reason for which there are no facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoFacts {
    /// A part is sealed and can't be opened.
    NotOpened(NotOpened),
    /// The record is none that a gateway can be asked with.
    Refused(Refusal),
    /// What it is made of is still to be made.
    NotYet,
}

impl From<NotOpened> for NoFacts {
    fn from(why: NotOpened) -> Self {
        Self::NotOpened(why)
    }
}

impl NoFacts {
    pub fn wrong(field: &str, message: &str) -> Self {
        let problems = vec![Problem::new("facts", Some(field), message)];
        Self::Refused(Refusal { why: RefusedFor::Request, problems })
    }
}

/// The facts of a charge. The token of a card that has run out is opened all the same: the gateway says so, or the ledger has.
pub(super) async fn charge(keyring: &Keyring, tenant: TenantId, charge: &Charge) -> Result<ChargeFacts, NoFacts> {
    let request = &charge.request;
    let items = request.items.iter().map(|item| {
        let quantity = u32::try_from(item.quantity).map_err(|_| NoFacts::wrong("items", "quantity must be above 0"))?;
        let (code, description) = (item.code.clone(), item.description.clone());
        Ok(Item { code, description, quantity, total: item.total })
    });
    Ok(ChargeFacts {
        effect: EffectId::from_uuid(charge.charge_id.uuid()),
        tenant,
        decided_at: charge.created_at,
        amount: request.amount.amount,
        items: items.collect::<Result<_, NoFacts>>()?,
        shipping: match &request.shipping {
            Some(freight) => Some(shipping(keyring, tenant, freight).await?),
            None => None,
        },
        buyer: buyer(keyring, tenant, &request.buyer).await?,
        statement_descriptor: request.statement_descriptor.clone(),
        payment: payment(keyring, tenant, request).await?,
    })
}

async fn shipping(keyring: &Keyring, tenant: TenantId, freight: &ChargeShipping) -> Result<Shipping, NotOpened> {
    Ok(Shipping {
        amount: freight.amount,
        description: freight.description.clone(),
        recipient: open(keyring, tenant, &freight.recipient).await?,
        address: open(keyring, tenant, &freight.address).await?,
    })
}

/// A buyer, opened.
pub(super) async fn buyer(keyring: &Keyring, tenant: TenantId, buyer: &payments::Buyer) -> Result<Buyer, NotOpened> {
    Ok(Buyer {
        name: open(keyring, tenant, &buyer.name).await?,
        email: open(keyring, tenant, &buyer.email).await?,
        document: open(keyring, tenant, &buyer.document).await?,
        phone: open_some(keyring, tenant, buyer.phone.as_ref()).await?,
        address: open(keyring, tenant, &buyer.address).await?,
    })
}

async fn payment(keyring: &Keyring, tenant: TenantId, request: &ChargeRequest) -> Result<Payment, NoFacts> {
    match (request.method, &request.card, &request.boleto, &request.pix) {
        (PaymentMethod::Card, Some(terms), ..) => {
            let token = open_some(keyring, tenant, terms.card_token.as_ref()).await?;
            let saved = terms.saved_customer.clone().zip(terms.saved_card.clone());
            let source = match (token, saved) {
                (Some(token), _) => CardSource::Token(token),
                (None, Some((customer, card))) => CardSource::Saved { customer, card },
                (None, None) => return Err(NoFacts::wrong("card", "has neither a token nor a saved card")),
            };
            let installments = u8::try_from(terms.installments);
            let installments = installments.map_err(|_| NoFacts::wrong("installments", "must be 1 to 24"))?;
            Ok(Payment::Card { source, installments, capture: terms.capture })
        }
        (PaymentMethod::Boleto, _, Some(terms), _) => Ok(Payment::Boleto {
            due: terms.due.parse().map_err(|_| NoFacts::wrong("due", "must be a day, as 2026-12-31"))?,
            instructions: terms.instructions.clone(),
            document_number: terms.document_number.clone(),
        }),
        (PaymentMethod::Pix, _, _, Some(terms)) => {
            let information = terms.information.iter().map(|line| (line.name.clone(), line.value.clone())).collect();
            Ok(Payment::Pix { until: terms.until, information })
        }
        _ => Err(NoFacts::wrong("method", "has no terms")),
    }
}

/// The facts of a refund of a charge that the gateway has under this id.
pub(super) async fn refund(
    keyring: &Keyring,
    tenant: TenantId,
    refund: &Refund,
    remote: &str,
    charge: &Charge,
) -> Result<RefundFacts, NoFacts> {
    let bank_account = open_some(keyring, tenant, refund.bank_account.as_ref()).await?;
    Ok(RefundFacts {
        effect: EffectId::from_uuid(refund.refund_id.uuid()),
        tenant,
        charge: remote.to_owned(),
        method: method(charge)?,
        amount: refund.amount.amount,
        bank_account: bank_account.map(|sealed| bank(&sealed)).transpose()?,
    })
}

fn method(charge: &Charge) -> Result<Method, NoFacts> {
    method_of(charge.request.method).ok_or_else(|| NoFacts::wrong("method", "is none that is known"))
}

fn bank(account: &feira_schemas::sealed::BankAccount) -> Result<BankAccount, NoFacts> {
    let parts = account.expose();
    let unfit = |field: &'static str| move |_| NoFacts::wrong(field, "is none");
    Ok(BankAccount {
        holder: feira_schemas::sealed::PersonName::new(parts.holder).map_err(unfit("holder"))?,
        document: feira_schemas::sealed::Document::new(parts.document).map_err(unfit("document"))?,
        bank: parts.bank.into(),
        branch: parts.branch.into(),
        branch_check: parts.branch_check.into(),
        account: parts.account.into(),
        account_check: parts.account_check.into(),
        savings: parts.savings,
    })
}

/// The facts of cancelling a charge that the gateway has under this id.
pub(super) fn cancel(effect: EffectId, remote: &str) -> CancelFacts {
    CancelFacts { effect, charge: remote.to_owned() }
}
