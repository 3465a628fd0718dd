//! The bodies of sign-up: the platform's plans as operators write and read them, and as they are offered.

mod plan;
mod rules;
mod schemas;
mod subscription;
mod subscription_schemas;
mod view;

pub use self::{
    plan::{LimitsBody, PlanBody, check, plan_changes, plan_content},
    schemas::{offered_schemas, operator_schemas},
    subscription::{
        PAYMENT_METHODS, SUBSCRIPTION_STATUSES, SubscriptionShown, subscription_card_json, subscription_json,
        subscription_method, subscription_status,
    },
    subscription_schemas::subscription_schemas,
    view::{PLAN_STATUSES, offered_json, plan_json, plan_status},
};
