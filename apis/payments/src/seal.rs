//! Sealing what people typed, by one key for each request. The key is durable before this returns, so what it seals may enter a record.

use feira_connectors::keyring::Sealer;
use feira_schemas::{
    api::payments::{BuyerContent, CardChosen, CardContent, ChargeContent, ShippingContent, SubscriptionContent},
    ids::{AccountId, CardId, ChargeId, SubscriptionId, TenantId},
    records::payments::{
        Buyer, CardTerms, ChargeRequest, ChargeShipping, KeptCard, SubscriptionCard, SubscriptionRequest,
    },
    sealed::{BankAccount, CardToken, Sealed, Subject, SubjectKind},
};
use feira_web::{context::Api, problem::Problem};

/// A charge's request, sealed of the charge; with the card that the gateway keeps, where one is to pay.
pub(crate) async fn charge(
    api: &Api,
    tenant: TenantId,
    charge: ChargeId,
    content: ChargeContent,
    kept: Option<KeptCard>,
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
        card: content.card.map(|card| card_terms(&sealer, &card, kept.as_ref())).transpose()?,
        boleto: content.boleto,
        pix: content.pix,
    })
}

/// A subscription's request, sealed of the subscription.
pub(crate) async fn subscription(
    api: &Api,
    tenant: TenantId,
    subscription: SubscriptionId,
    account_id: AccountId,
    content: SubscriptionContent,
) -> Result<SubscriptionRequest, Problem> {
    let sealer = api.keyring.mint(tenant, Subject::new(SubjectKind::Subscription, subscription.uuid())).await?;
    let none = SubscriptionCard { card_token: None, token_until: None, card_id: None };
    let (account_id, card) = match content.card {
        CardChosen::Token(token) => {
            let (card_token, token_until) = (Some(sealer.seal(&token.token)?), Some(token.until));
            (Some(account_id), SubscriptionCard { card_token, token_until, ..none })
        }
        CardChosen::Saved(card) => (None, SubscriptionCard { card_id: Some(card), ..none }),
    };
    Ok(SubscriptionRequest {
        reference: content.reference,
        plan_id: content.plan_id,
        account_id,
        subscriber: buyer(&sealer, &content.buyer)?,
        card,
        starts: None,
    })
}

/// A card's holder and its token, sealed of the card.
pub(crate) async fn saved_card(
    api: &Api,
    tenant: TenantId,
    card: CardId,
    holder: &BuyerContent,
    token: &CardToken,
) -> Result<(Buyer, Sealed<CardToken>), Problem> {
    let sealer = api.keyring.mint(tenant, Subject::new(SubjectKind::Card, card.uuid())).await?;
    Ok((buyer(&sealer, holder)?, sealer.seal(token)?))
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

fn card_terms(sealer: &Sealer, card: &CardContent, kept: Option<&KeptCard>) -> Result<CardTerms, Problem> {
    let (card_token, token_until) = match &card.card {
        CardChosen::Token(token) => (Some(sealer.seal(&token.token)?), Some(token.until)),
        CardChosen::Saved(_) => (None, None),
    };
    Ok(CardTerms {
        card_token,
        token_until,
        saved_customer: kept.map(|kept| kept.customer.clone()),
        saved_card: kept.map(|kept| kept.card.clone()),
        installments: card.installments,
        capture: card.capture,
    })
}
