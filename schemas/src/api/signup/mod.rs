//! The bodies of sign-up: the platform's plans as operators write and read them, and as they are offered.

mod plan;
mod rules;
mod schemas;
mod view;

pub use self::{
    plan::{LimitsBody, PlanBody, check, plan_changes, plan_content},
    schemas::{offered_schemas, operator_schemas},
    view::{PLAN_STATUSES, offered_json, plan_json, plan_status},
};
