//! Accounts that the platform lends: a shop's subscription is paid to the platform, and charged under the shop. The account and the plan
//! come by value, since who decides for the shop reads no rows of the platform's; what state the account is in, who asks the gateway
//! looks up at its owner.

use feira_schemas::{
    ids::{AccountId, TenantId},
    problem::{Code, Refusal},
    records::{
        common::CommandMeta,
        payments::{
            Account, BY_OPERATOR, Charge, ChargePurpose, LentAccount, LentPlan, RequestCharge, RequestSubscription,
            Subscription,
        },
    },
    refusals,
};

use super::refused::field;

/// The beginnings of the actors that act for the platform: what is no person and no other system, and operators.
const OF_THE_PLATFORM: [&str; 2] = ["system:", BY_OPERATOR];

/// An account as a grant fixes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    /// The account.
    pub account_id: AccountId,
    /// The version of its key; 0 of a lent one, which its owner alone knows.
    pub key_version: i32,
    /// True if its key is a simulator's.
    pub simulated: bool,
}

impl From<&Account> for Fixed {
    fn from(account: &Account) -> Self {
        let Account { account_id, key_version, simulated, .. } = *account;
        Self { account_id, key_version, simulated }
    }
}

impl From<&LentAccount> for Fixed {
    fn from(lent: &LentAccount) -> Self {
        Self { account_id: lent.account_id, key_version: 0, simulated: lent.simulated }
    }
}

/// The lent account that a charge is asked for at, if it is one. Refused where it does not fit the request.
pub(super) fn of_charge(command: &RequestCharge) -> Result<Option<&LentAccount>, Refusal> {
    let Some(lent) = &command.lent else { return Ok(None) };
    if command.purpose != ChargePurpose::Subscription {
        return Err(field("/lent", Code::Invalid, "Só uma assinatura da plataforma se paga em uma conta dela."));
    }
    check(lent, command.meta.tenant_id, command.request.account_id)?;
    Ok(Some(lent))
}

/// The lent plan that a subscription is asked for of, if it is one. Refused where it or its account does not fit the request. A card that
/// is kept is kept by an account of the tenant's own.
pub(super) fn of_subscription(command: &RequestSubscription) -> Result<Option<&LentPlan>, Refusal> {
    let (lent, plan) = match (&command.lent, &command.lent_plan) {
        (None, None) => return Ok(None),
        (Some(lent), Some(plan)) => (lent, plan),
        _ => return Err(field("/lent_plan", Code::Required, "Uma conta da plataforma só se usa com um plano dela.")),
    };
    check(lent, command.meta.tenant_id, command.request.account_id)?;
    if plan.plan_id != command.request.plan_id {
        return Err(field("/plan_id", Code::Invalid, "O plano não é o que a plataforma empresta."));
    }
    match command.request.card.card_id {
        Some(_) => Err(field("/card/card_id", Code::Invalid, "A conta da plataforma não guarda cartões da loja.")),
        None => Ok(Some(plan)),
    }
}

/// The platform alone lends, to others than itself, and what is lent is what the request names.
fn check(lent: &LentAccount, tenant: TenantId, named: Option<AccountId>) -> Result<(), Refusal> {
    let fits = lent.owner == TenantId::PLATFORM && lent.owner != tenant && named == Some(lent.account_id);
    match fits {
        true => Ok(()),
        false => Err(field("/account_id", Code::Invalid, "A conta não é uma que a plataforma empresta a esta loja.")),
    }
}

/// Refuses a person of the shop, or another system, that would change a charge which the shop owes: of the shop's own it is none.
pub(super) fn check_charge(charge: &Charge, meta: &CommandMeta) -> Result<(), Refusal> {
    check_asker(charge.lent.as_ref(), meta, "A cobrança")
}

/// The same, of a subscription.
pub(super) fn check_subscription(subscription: &Subscription, meta: &CommandMeta) -> Result<(), Refusal> {
    check_asker(subscription.lent.as_ref(), meta, "A assinatura")
}

fn check_asker(lent: Option<&LentAccount>, meta: &CommandMeta, what: &str) -> Result<(), Refusal> {
    let is_of_platform = OF_THE_PLATFORM.iter().any(|of| meta.actor.starts_with(of));
    match lent.is_some() && !is_of_platform {
        true => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop(what))),
        false => Ok(()),
    }
}
