//! Payments as answers show them: what is sealed in rows and answers is opened here, for the length of one answer, and kept nowhere.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use feira_schemas::{
    api::{
        self,
        payments::{
            AccountSecrets, BuyerShown, ChargeShown, PlanShown, RefundShown, SavedCardShown, SubscriptionShown,
            account_json, charge_json, difference_json, plan_json, refund_json, saved_card_json, subscription_json,
        },
        staff_group::group_json,
    },
    ids::{AccountId, TenantId},
    records::{
        admin::entity::{DOMAIN, STAFF, STAFF_GROUP},
        common::CommandResult,
        payments::{Account, Buyer, Charge, Difference, Plan, Reason, Refund, SavedCard, Subscription, entity},
        signup,
    },
    rows::payments::{ChargeOfSubscriptionRow, RefundRow},
    sealed::{CallbackSecret, GatewayText, Personal, Sealed},
    time::rfc3339,
    topics::Context,
};
use http::HeaderMap;
use qrcode::{Color, EcLevel, QrCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{context::Api, domains, hosts, members, opening::opened, problem::Problem, routing::Request};

/// The beginning of what stands in the place of a signature's secret that was not saved yet: no gateway signs with it.
pub const NOT_SET: &str = "none:";
/// Refunds of a charge that are shown with it: each gives back a centavo at least, and people make some.
const REFUNDS: usize = 100;

/// Charges of a subscription that are shown with it, the latest ones: ten years of months.
const RENEWALS: usize = 120;

/// Opens what one answer shows of a shop.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    /// The context of the process.
    pub api: &'a Api,
    /// The shop.
    pub tenant: TenantId,
    /// The request's headers: addresses are shown by the scheme and port that it came by.
    pub headers: &'a HeaderMap,
}

impl<'a> Opener<'a> {
    /// Opens what is answered to a request of a shop.
    pub fn of(api: &'a Api, request: &'a Request) -> Self {
        Self { api, tenant: request.tenant, headers: &request.headers }
    }

    /// Opens a value; `None` where it was erased.
    async fn open<T: Personal>(&self, sealed: &Sealed<T>) -> Result<Option<T>, Problem> {
        opened(self.api, self.tenant, sealed).await
    }

    /// Opens what may be there; erased is not there.
    async fn open_some<T: Personal>(&self, sealed: Option<&Sealed<T>>) -> Result<Option<T>, Problem> {
        match sealed {
            Some(sealed) => self.open(sealed).await,
            None => Ok(None),
        }
    }

    /// The gateway's sentences of reasons, in their order.
    pub async fn messages(&self, reasons: &[Reason]) -> Result<Vec<Option<GatewayText>>, Problem> {
        let mut messages = Vec::with_capacity(reasons.len());
        for reason in reasons {
            messages.push(self.open_some(reason.message.as_ref()).await?);
        }
        Ok(messages)
    }

    /// A charge with its refunds, opened.
    pub async fn charge(&self, charge: &Charge) -> Result<Value, Problem> {
        let buyer = self.buyer(&charge.request.buyer).await?;
        let observed = charge.observed.as_ref();
        let boleto = observed.and_then(|observed| observed.boleto.as_ref());
        let payer = observed.and_then(|observed| observed.payer.as_ref());
        let pix = observed.and_then(|observed| observed.pix.as_ref());
        let shown = ChargeShown {
            erased: buyer.is_none(),
            buyer,
            last_four: self.open_some(payer.and_then(|payer| payer.last_four.as_ref())).await?,
            boleto_url: self.open_some(boleto.and_then(|boleto| boleto.url.as_ref())).await?,
            boleto_pdf: self.open_some(boleto.and_then(|boleto| boleto.pdf.as_ref())).await?,
            messages: self.messages(charge.why()).await?,
            qr_code: pix.and_then(|pix| pix.code.as_deref()).and_then(qr_code),
            refunds: self.refunds(charge).await?,
        };
        Ok(charge_json(charge, &shown))
    }

    /// The buyer; `None` where it was erased, of which one field is enough.
    pub async fn buyer(&self, buyer: &Buyer) -> Result<Option<BuyerShown>, Problem> {
        let Some(name) = self.open(&buyer.name).await? else { return Ok(None) };
        let Some(email) = self.open(&buyer.email).await? else { return Ok(None) };
        let Some(document) = self.open(&buyer.document).await? else { return Ok(None) };
        let Some(address) = self.open(&buyer.address).await? else { return Ok(None) };
        let phone = self.open_some(buyer.phone.as_ref()).await?;
        Ok(Some(BuyerShown { name, email, document, phone, address }))
    }

    /// The refunds of a charge, oldest id first.
    pub async fn refunds(&self, charge: &Charge) -> Result<Vec<Value>, Problem> {
        let prefix = RefundRow::all(self.tenant, charge.charge_id);
        let rows = self.api.platform.state.scan::<RefundRow>(&prefix, None, REFUNDS).await?;
        let mut refunds: Vec<Refund> = rows.into_iter().map(|row| row.refund).collect();
        refunds.sort_by_key(|refund| (refund.created_at, refund.refund_id));
        let mut shown = Vec::with_capacity(refunds.len());
        for refund in &refunds {
            shown.push(self.refund(refund).await?);
        }
        Ok(shown)
    }

    /// A refund, opened.
    pub async fn refund(&self, refund: &Refund) -> Result<Value, Problem> {
        let shown = RefundShown { messages: self.messages(&refund.reasons).await? };
        Ok(refund_json(refund, &shown))
    }

    /// A plan, opened.
    pub async fn plan(&self, plan: &Plan) -> Result<Value, Problem> {
        let shown = PlanShown { messages: self.messages(&plan.reasons).await? };
        Ok(plan_json(plan, &shown))
    }

    /// A kept card, opened.
    pub async fn saved_card(&self, card: &SavedCard) -> Result<Value, Problem> {
        let kept = card.kept.as_ref();
        let shown = SavedCardShown {
            buyer: self.buyer(&card.holder).await?,
            last_four: self.open_some(kept.and_then(|kept| kept.last_four.as_ref())).await?,
            messages: self.messages(&card.reasons).await?,
        };
        Ok(saved_card_json(card, &shown))
    }

    /// A subscription with its charges, opened.
    pub async fn subscription(&self, subscription: &Subscription) -> Result<Value, Problem> {
        let prefix = ChargeOfSubscriptionRow::all(self.tenant, subscription.subscription_id);
        let rows = self.api.platform.state.scan::<ChargeOfSubscriptionRow>(&prefix, None, RENEWALS).await?;
        let shown = SubscriptionShown {
            buyer: self.buyer(&subscription.request.subscriber).await?,
            charges: rows.into_iter().rev().map(|row| row.charge_id).collect(),
            messages: self.messages(&subscription.reasons).await?,
        };
        Ok(subscription_json(subscription, &shown))
    }

    /// An account with how callbacks reach it, opened.
    pub async fn account(&self, account: &Account) -> Result<Value, Problem> {
        let gateway = self.api.gateways.named(&account.gateway).ok();
        let signs = gateway.is_some_and(|gateway| gateway.signature_header().is_some());
        let secret = self.open_some(Some(&account.callback)).await?;
        let is_set = secret.as_ref().is_some_and(|secret| !secret.expose().starts_with(NOT_SET));
        let address = self.callback_address(account);
        let notify_email = self.open_some(account.notify_email.as_ref()).await?;
        let secrets = AccountSecrets { address, signs, is_set, basic: secret.filter(|_| !signs), notify_email };
        Ok(account_json(account, &secrets))
    }

    /// The proof of an account's callbacks; `None` where it was erased.
    pub async fn callback_secret(&self, account: &Account) -> Result<Option<CallbackSecret>, Problem> {
        self.open_some(Some(&account.callback)).await
    }

    /// The address of an account's callbacks on the platform's host ([`hosts::platform_origin`]).
    fn callback_address(&self, account: &Account) -> String {
        let origin = hosts::platform_origin(self.headers, &self.api.config.platform_domain);
        format!("{origin}/payments/callbacks/{}/{}", account.gateway, word_of(self.tenant, account.account_id))
    }

    /// A plan of the platform, opened.
    pub async fn platform_plan(&self, plan: &signup::Plan) -> Result<Value, Problem> {
        let reasons = plan.remote.as_ref().map(|remote| remote.reasons.as_slice()).unwrap_or_default();
        Ok(api::signup::plan_json(plan, &self.messages(reasons).await?))
    }

    /// The result of a command with its entity as the API gives it: what is sealed in it is opened.
    pub async fn opened(&self, result: CommandResult, context: Context) -> Result<CommandResult, Problem> {
        let shown = match (context, result.body.as_deref()) {
            (Context::Payments, Some(body)) => self.of_payments(result.entity.as_deref(), body).await?,
            (Context::Admin, Some(body)) if result.entity.as_deref() == Some(STAFF) => {
                members::shown(self.api, self.tenant, &read(body)?).await?
            }
            (Context::Admin, Some(body)) if result.entity.as_deref() == Some(STAFF_GROUP) => group_json(&read(body)?),
            (Context::Admin, Some(body)) if result.entity.as_deref() == Some(DOMAIN) => {
                domains::shown(self.api, self.tenant, &read(body)?, result.version).await?
            }
            (Context::Signup, Some(body)) if result.entity.as_deref() == Some(signup::entity::PLAN) => {
                self.platform_plan(&read::<signup::Plan>(body)?).await?
            }
            // Subscriptions are shown on their own page, to who has their link.
            (Context::Signup, Some(_)) => Value::Null,
            _ => return Ok(result),
        };
        Ok(CommandResult { body: Some(shown.to_string()), ..result })
    }

    /// An entity of payments as the API gives it.
    async fn of_payments(&self, kind: Option<&str>, body: &str) -> Result<Value, Problem> {
        Ok(match kind {
            Some(entity::CHARGE) => self.charge(&read::<Charge>(body)?).await?,
            Some(entity::REFUND) => self.refund(&read::<Refund>(body)?).await?,
            Some(entity::ACCOUNT) => self.account(&read::<Account>(body)?).await?,
            Some(entity::PLAN) => self.plan(&read::<Plan>(body)?).await?,
            Some(entity::SAVED_CARD) => self.saved_card(&read::<SavedCard>(body)?).await?,
            Some(entity::SUBSCRIPTION) => self.subscription(&read::<Subscription>(body)?).await?,
            Some(entity::CREDENTIAL) => credential(&read::<Value>(body)?),
            Some(entity::DIFFERENCE) => difference_json(self.tenant, &read::<Difference>(body)?),
            Some(entity::RECONCILIATION) => reconciliation(&read::<Value>(body)?),
            // The ledger is the runner's matter, and shown to nobody.
            _ => Value::Null,
        })
    }
}

/// Tenant and account in one opaque word, by which callbacks name them.
pub fn word_of(tenant: TenantId, account: AccountId) -> String {
    URL_SAFE_NO_PAD.encode([tenant.uuid().into_bytes(), account.uuid().into_bytes()].concat())
}

/// The tenant and account of such a word; `None` for any other text.
pub fn account_of(word: &str) -> Option<(TenantId, AccountId)> {
    let bytes = URL_SAFE_NO_PAD.decode(word).ok().filter(|bytes| bytes.len() == 32)?;
    let (tenant, account) = bytes.split_at(16);
    let tenant = TenantId::from_uuid(Uuid::from_slice(tenant).ok()?);
    Some((tenant, AccountId::from_uuid(Uuid::from_slice(account).ok()?)))
}

/// A credential of an answer, which shows no hash, as the API gives it.
pub fn credential(shown: &Value) -> Value {
    let status = shown["status"].as_str().unwrap_or_default().to_lowercase();
    let created_at = rfc3339(shown["created_at"].as_i64().unwrap_or_default());
    json!({"id": shown["id"], "name": shown["name"], "status": status, "created_at": created_at})
}

/// A reconciliation that was asked for, as the API gives it.
pub fn reconciliation(shown: &Value) -> Value {
    let asked_at = rfc3339(shown["asked_at"].as_i64().unwrap_or_default());
    json!({"account_ids": shown["account_ids"], "asked_at": asked_at})
}

/// The entity in an answer of payments, as its event has it.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    serde_json::from_str(body).map_err(Problem::internal)
}

/// The entity in a decision of payments, as its event has it.
pub fn entity_of<T: DeserializeOwned>(body: &Value) -> Result<T, Problem> {
    T::deserialize(body).map_err(Problem::internal)
}

/// A text as a QR code: an address of the scheme `data`, of an SVG whose rows are strokes, a few kilobytes. None of a text that is longer
/// than a code holds.
pub fn qr_code(text: &str) -> Option<String> {
    /// Modules of white around the code (ISO/IEC 18004).
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut at = 0;
        while at < width {
            let run = modules[at..].iter().take_while(|module| **module == modules[at]).count();
            if modules[at] == Color::Dark {
                path.push_str(&format!("M{} {}.5h{run}", at + QUIET, row + QUIET));
            }
            at += run;
        }
    }
    let side = width + 2 * QUIET;
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {side} {side}' shape-rendering='crispEdges'>\
         <path fill='#fff' d='M0 0h{side}v{side}H0z'/><path stroke='#000' d='{path}'/></svg>"
    );
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_its_account_and_nothing_else_does() {
        let (tenant, account) = (TenantId::from_uuid(Uuid::from_u128(7)), AccountId::from_uuid(Uuid::from_u128(8)));
        let word = word_of(tenant, account);
        assert_eq!((word.len(), account_of(&word)), (43, Some((tenant, account))));
        for wrong in ["", "x", &word[..42], &format!("{word}A"), &word.replace('A', "=")] {
            assert_eq!(account_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_pix_code_is_a_picture_of_few_bytes() {
        let code = format!("00020126580014br.gov.bcb.pix{}", "0123456789".repeat(20));
        let picture = qr_code(&code).unwrap();
        assert!(picture.starts_with("data:image/svg+xml;base64,") && picture.len() < 32 * 1024, "{}", picture.len());
        assert_eq!(qr_code(&"x".repeat(5_000)), None, "beyond what a code holds");
    }
}
