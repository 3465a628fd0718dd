//! The bodies of the payments API and of the admin's routes for payments: what is sent in, what is given, and the rules of both.
//! Bodies hold what people typed in the open, so none of them can be printed; what is taken of them is of the types that are sealed.

mod account;
mod charge;
mod content;
mod differences;
mod fields;
mod person;
mod pieces;
mod plan;
mod refund;
mod saved_card;
mod schemas;
mod subscription;
mod subscription_schemas;
mod subscription_view;
mod token;
mod view;

pub use self::{
    account::{AccountBody, AccountContent, CredentialBody, Notify, account_content, credential_name},
    charge::ChargeBody,
    content::{CardContent, ChargeContent, ShippingContent, charge_content},
    differences::{
        ReconciliationBody, SettleBody, SettleChargeBody, difference_json, operator_schemas, reconciled_json,
        reconciliation_account, settle_charge, settle_note, settle_schemas,
    },
    person::BuyerContent,
    plan::{PlanBody, PlanContent, plan_content},
    refund::{RefundBody, RefundContent, refund_content},
    saved_card::{SavedCardBody, SavedCardContent, saved_card_content},
    schemas::admin_schemas,
    subscription::{SubscriptionBody, SubscriptionContent, subscription_content},
    subscription_view::{
        PlanShown, SUBSCRIPTION_STATUSES, SavedCardShown, SubscriptionShown, plan_json, saved_card_json,
        subscription_card_json, subscription_json, subscription_status,
    },
    token::{CardChosen, TokenContent},
    view::{
        AccountSecrets, BuyerShown, ChargeShown, RefundShown, account_card_json, account_json, charge_card_json,
        charge_json, charge_status, credential_json, error_json, refund_json,
    },
};
pub(crate) use self::{pieces::buyer as buyer_schema, view::buyer as buyer_json};

/// The schemas of the payments API.
pub fn schemas() -> Vec<crate::api::schema::Named> {
    [schemas::charge_schemas(), subscription_schemas::subscription_schemas()].concat()
}
