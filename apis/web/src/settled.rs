//! Waiting until a gateway, or a name server, has answered, by looking at the row that the answer becomes.

use std::time::Duration;

use feira_schemas::{
    ids::TenantId,
    records::{
        admin::Domain,
        payments::{
            Account, AccountStatus, Charge, ChargeStatus, Plan, PlanStatus, Refund, RefundStatus, SavedCard,
            SavedCardStatus, Subscription, SubscriptionStatus,
        },
    },
    row::{RowKey, Stored},
    rows::{
        admin::DomainRow,
        payments::{AccountRow, ChargeRow, PlanRow, RefundRow, SavedCardRow, SubscriptionRow},
    },
};
use tokio::time::{Instant, sleep};

use crate::{context::Api, problem::Problem};

/// The time that is waited for a gateway. It answers in one to three seconds as a rule, and a call may take 20: waiting for all of it
/// would run into the time-outs of callers, of which 15 s are common, and hold a connection for little.
const GATEWAY: Duration = Duration::from_secs(12);
/// The time that is waited for the check of an account's key, or of a domain, with a person before the form.
const CHECK: Duration = Duration::from_secs(3);
/// The time between two looks: a row is read in less, and nobody notices more.
const BETWEEN: Duration = Duration::from_millis(100);

/// The charge once it is no longer being processed, or as it is when the time is over.
pub async fn charge(api: &Api, tenant: TenantId, known: Charge) -> Result<Charge, Problem> {
    let key = ChargeRow::at(tenant, known.charge_id);
    let is_settled = |charge: &Charge| charge.status != ChargeStatus::Processing;
    wait(api, &key, known, GATEWAY, is_settled, |row: ChargeRow| row.charge).await
}

/// The charge once nobody can pay it any more, or as it is when the time is over.
pub async fn cancelled(api: &Api, tenant: TenantId, known: Charge) -> Result<Charge, Problem> {
    let key = ChargeRow::at(tenant, known.charge_id);
    let is_settled = |charge: &Charge| !may_be_paid(charge.status);
    wait(api, &key, known, GATEWAY, is_settled, |row: ChargeRow| row.charge).await
}

fn may_be_paid(status: ChargeStatus) -> bool {
    matches!(
        status,
        ChargeStatus::Processing | ChargeStatus::Pending | ChargeStatus::Confirming | ChargeStatus::Authorized
    )
}

/// The refund once the gateway has shown it or refused it, or as it is when the time is over.
pub async fn refund(api: &Api, tenant: TenantId, known: Refund) -> Result<Refund, Problem> {
    let key = RefundRow::at(tenant, known.charge_id, known.refund_id);
    let is_settled = |refund: &Refund| !matches!(refund.status, RefundStatus::Wanted | RefundStatus::Sent);
    wait(api, &key, known, GATEWAY, is_settled, |row: RefundRow| row.refund).await
}

/// The plan once the gateway has made it or refused it, or as it is when the time is over.
pub async fn plan(api: &Api, tenant: TenantId, known: Plan) -> Result<Plan, Problem> {
    let key = PlanRow::at(tenant, known.plan_id);
    let is_settled = |plan: &Plan| plan.status != PlanStatus::Processing;
    wait(api, &key, known, GATEWAY, is_settled, |row: PlanRow| row.plan).await
}

/// The card once the gateway keeps it or has refused it, or as it is when the time is over.
pub async fn saved_card(api: &Api, tenant: TenantId, known: SavedCard) -> Result<SavedCard, Problem> {
    let key = SavedCardRow::at(tenant, known.card_id);
    let is_settled = |card: &SavedCard| card.status != SavedCardStatus::Processing;
    wait(api, &key, known, GATEWAY, is_settled, |row: SavedCardRow| row.card).await
}

/// The subscription once the gateway has made it or refused it, or as it is when the time is over.
pub async fn subscription(api: &Api, tenant: TenantId, known: Subscription) -> Result<Subscription, Problem> {
    let key = SubscriptionRow::at(tenant, known.subscription_id);
    let is_settled = |subscription: &Subscription| subscription.status != SubscriptionStatus::Processing;
    wait(api, &key, known, GATEWAY, is_settled, |row: SubscriptionRow| row.subscription).await
}

/// The subscription once the gateway has confirmed its end or refused it, or as it is when the time is over.
pub async fn ended(api: &Api, tenant: TenantId, known: Subscription) -> Result<Subscription, Problem> {
    let key = SubscriptionRow::at(tenant, known.subscription_id);
    let is_settled = |subscription: &Subscription| !subscription.end_wanted || is_over(subscription.status);
    wait(api, &key, known, GATEWAY, is_settled, |row: SubscriptionRow| row.subscription).await
}

/// True once a subscription charges nobody any more.
pub fn is_over(status: SubscriptionStatus) -> bool {
    matches!(
        status,
        SubscriptionStatus::Ended
            | SubscriptionStatus::Failed
            | SubscriptionStatus::Expired
            | SubscriptionStatus::Cancelled
    )
}

/// The account once its key was tried, or as it is when the time is over.
pub async fn account(api: &Api, tenant: TenantId, known: Account) -> Result<Account, Problem> {
    let key = AccountRow::at(tenant, known.account_id);
    let is_settled = |account: &Account| account.status != AccountStatus::Untested;
    wait(api, &key, known, CHECK, is_settled, |row: AccountRow| row.account).await
}

/// The domain once DNS was asked of it again, or as it is when the time is over.
pub async fn domain(api: &Api, tenant: TenantId, known: Domain) -> Result<Domain, Problem> {
    let before = known.looked_at;
    let is_settled = |domain: &Domain| domain.looked_at != before;
    wait(api, &DomainRow::at(tenant), known, CHECK, is_settled, |row: DomainRow| row.domain).await
}

/// Looks at a row until it is settled or the time is over. A row that is not there yet leaves what is known.
async fn wait<R: Stored, T>(
    api: &Api,
    key: &RowKey,
    mut known: T,
    most: Duration,
    is_settled: impl Fn(&T) -> bool,
    of_row: impl Fn(R) -> T,
) -> Result<T, Problem> {
    let deadline = Instant::now() + most;
    loop {
        known = api.platform.state.get::<R>(key).await?.map_or(known, &of_row);
        if is_settled(&known) || Instant::now() >= deadline {
            return Ok(known);
        }
        sleep(BETWEEN).await;
    }
}
