//! Sealing what people typed, by one key for each request. The key is durable before this returns, so what it seals may enter a record.

use feira_connectors::keyring::Sealer;
use feira_schemas::{
    api::payments::{BuyerContent, CardContent, ChargeContent, ShippingContent},
    ids::{AccountId, ChargeId, TenantId},
    records::payments::{Buyer, CardTerms, ChargeRequest, ChargeShipping},
    sealed::{BankAccount, Sealed, Subject, SubjectKind},
};
use feira_web::{context::Api, problem::Problem};

/// A charge's request, sealed of the charge.
pub(crate) async fn charge(
    api: &Api,
    tenant: TenantId,
    charge: ChargeId,
    content: ChargeContent,
) -> Result<ChargeRequest, Problem> {
    let sealer = of_charge(api, tenant, charge).await?;
    Ok(ChargeRequest {
        reference: content.reference,
        account_id: content.account_id,
        method: content.method,
        amount: content.amount,
        items: content.items,
        shipping: content.shipping.map(|shipping| sealed_shipping(&sealer, shipping)).transpose()?,
        buyer: buyer(&sealer, &content.buyer)?,
        statement_descriptor: content.statement_descriptor,
        card: content.card.map(|card| card_terms(&sealer, &card)).transpose()?,
        boleto: content.boleto,
        pix: content.pix,
    })
}

/// A buyer's bank account, sealed of the charge that is given back.
pub(crate) async fn bank_account(
    api: &Api,
    tenant: TenantId,
    charge: ChargeId,
    account: &BankAccount,
) -> Result<Sealed<BankAccount>, Problem> {
    Ok(of_charge(api, tenant, charge).await?.seal(account)?)
}

/// A key for the secrets of an account.
pub(crate) async fn of_account(api: &Api, tenant: TenantId, account: AccountId) -> Result<Sealer, Problem> {
    Ok(api.keyring.mint(tenant, Subject::new(SubjectKind::Account, account.uuid())).await?)
}

async fn of_charge(api: &Api, tenant: TenantId, charge: ChargeId) -> Result<Sealer, Problem> {
    Ok(api.keyring.mint(tenant, Subject::new(SubjectKind::Charge, charge.uuid())).await?)
}

fn buyer(sealer: &Sealer, buyer: &BuyerContent) -> Result<Buyer, Problem> {
    Ok(Buyer {
        name: sealer.seal(&buyer.name)?,
        email: sealer.seal(&buyer.email)?,
        document: sealer.seal(&buyer.document)?,
        phone: buyer.phone.as_ref().map(|phone| sealer.seal(phone)).transpose()?,
        address: sealer.seal(&buyer.address)?,
    })
}

fn sealed_shipping(sealer: &Sealer, shipping: ShippingContent) -> Result<ChargeShipping, Problem> {
    Ok(ChargeShipping {
        amount: shipping.amount,
        recipient: sealer.seal(&shipping.recipient)?,
        address: sealer.seal(&shipping.address)?,
        description: shipping.description,
    })
}

fn card_terms(sealer: &Sealer, card: &CardContent) -> Result<CardTerms, Problem> {
    Ok(CardTerms {
        card_token: Some(sealer.seal(&card.token)?),
        token_until: Some(card.token_until),
        saved_customer: None,
        saved_card: None,
        installments: card.installments,
        capture: card.capture,
    })
}
