//! The bodies of the payments API and of the admin's routes for payments: what is sent in, what is given, and the rules of both.
//! Bodies hold what people typed in the open, so none of them can be printed; what is taken of them is of the types that are sealed.

mod account;
mod charge;
mod content;
mod fields;
mod person;
mod refund;
mod schemas;
mod view;

pub use self::{
    account::{AccountBody, AccountContent, CredentialBody, account_content, credential_name},
    charge::ChargeBody,
    content::{CardContent, ChargeContent, ShippingContent, charge_content},
    person::BuyerContent,
    refund::{RefundBody, RefundContent, refund_content},
    schemas::{admin_schemas, schemas},
    view::{
        AccountSecrets, BuyerShown, ChargeShown, RefundShown, account_card_json, account_json, charge_card_json,
        charge_json, charge_status, credential_json, error_json, refund_json,
    },
};
