//! The fields of every body, as the vendor's client library (npm `@pagarme/pagarme-nodejs-sdk` 7.0.2) writes them and the public
//! reference names them.

use super::body::{
    Field,
    Kind::{Flag, Ignored, Object, Objects, Text, TextList, Texts, Whole, WholeList},
    may, must,
};

static ADDRESS: [Field; 11] = [
    may("street", Text),
    may("number", Text),
    may("zip_code", Text),
    may("neighborhood", Text),
    may("city", Text),
    may("state", Text),
    may("country", Text),
    may("complement", Text),
    may("metadata", Texts),
    may("line_1", Text),
    may("line_2", Text),
];

static PHONE: [Field; 4] = [may("country_code", Text), may("number", Text), may("area_code", Text), may("type", Text)];

static PHONES: [Field; 2] = [may("home_phone", Object(&PHONE)), may("mobile_phone", Object(&PHONE))];

/// A customer.
pub(super) static CUSTOMER: [Field; 10] = [
    must("name", Text),
    must("email", Text),
    may("document", Text),
    may("type", Text),
    may("address", Object(&ADDRESS)),
    may("metadata", Texts),
    may("phones", Object(&PHONES)),
    may("code", Text),
    may("gender", Text),
    may("document_type", Text),
];

/// A change of a customer, as far as the vendor's client sends it.
pub(super) static CUSTOMER_CHANGE: [Field; 10] = [
    may("name", Text),
    may("email", Text),
    may("document", Text),
    may("type", Text),
    may("address", Object(&ADDRESS)),
    may("metadata", Texts),
    may("phones", Object(&PHONES)),
    may("code", Text),
    may("gender", Text),
    may("document_type", Text),
];

/// A card, or what names one.
pub(super) static CARD: [Field; 16] = [
    may("number", Text),
    may("holder_name", Text),
    may("exp_month", Whole),
    may("exp_year", Whole),
    may("cvv", Text),
    may("billing_address", Object(&ADDRESS)),
    may("brand", Text),
    may("billing_address_id", Text),
    may("metadata", Texts),
    may("type", Text),
    may("options", Ignored),
    may("holder_document", Text),
    may("private_label", Flag),
    may("label", Text),
    may("id", Text),
    may("token", Text),
];

static TOKEN_CARD: [Field; 8] = [
    must("number", Text),
    must("holder_name", Text),
    must("exp_month", Whole),
    must("exp_year", Whole),
    must("cvv", Text),
    may("brand", Text),
    may("label", Text),
    may("holder_document", Text),
];

/// A token.
pub(super) static TOKEN: [Field; 2] = [must("type", Text), must("card", Object(&TOKEN_CARD))];

static ITEM: [Field; 5] = [
    must("amount", Whole),
    must("description", Text),
    must("quantity", Whole),
    may("category", Text),
    may("code", Text),
];

/// A shipping.
pub(super) static SHIPPING: [Field; 9] = [
    must("amount", Whole),
    must("description", Text),
    may("recipient_name", Text),
    may("recipient_phone", Text),
    may("address_id", Text),
    may("address", Object(&ADDRESS)),
    may("max_delivery_date", Text),
    may("estimated_delivery_date", Text),
    may("type", Text),
];

static CREDIT_CARD: [Field; 20] = [
    may("installments", Whole),
    may("statement_descriptor", Text),
    may("card", Object(&CARD)),
    may("card_id", Text),
    may("card_token", Text),
    may("recurrence", Flag),
    may("capture", Flag),
    may("extended_limit_enabled", Flag),
    may("extended_limit_code", Text),
    may("merchant_category_code", Whole),
    may("authentication", Ignored),
    may("contactless", Ignored),
    may("auto_recovery", Flag),
    may("operation_type", Text),
    may("recurrency_cycle", Text),
    may("initiated_type", Text),
    may("recurrence_model", Text),
    may("payment_origin", Ignored),
    may("payload", Ignored),
    may("indirect_acceptor", Text),
];

/// What a slip asks for each day, or once, that it is late.
static LATE: [Field; 3] = [may("days", Whole), may("type", Text), may("amount", Whole)];

static BOLETO: [Field; 12] = [
    may("retries", Whole),
    may("bank", Text),
    may("instructions", Text),
    may("due_at", Text),
    may("billing_address", Object(&ADDRESS)),
    may("billing_address_id", Text),
    may("nosso_numero", Text),
    may("document_number", Text),
    may("statement_descriptor", Text),
    may("interest", Object(&LATE)),
    may("fine", Object(&LATE)),
    may("max_days_to_pay_past_due", Whole),
];

static NOTE: [Field; 2] = [must("name", Text), must("value", Text)];

static PIX: [Field; 3] =
    [may("expires_at", Text), may("expires_in", Whole), may("additional_information", Objects(&NOTE))];

static PAYMENT: [Field; 17] = [
    must("payment_method", Text),
    may("credit_card", Object(&CREDIT_CARD)),
    may("debit_card", Ignored),
    may("boleto", Object(&BOLETO)),
    may("currency", Text),
    may("voucher", Ignored),
    may("split", Ignored),
    may("bank_transfer", Ignored),
    may("gateway_affiliation_id", Text),
    may("amount", Whole),
    may("checkout", Ignored),
    may("metadata", Texts),
    may("cash", Ignored),
    may("private_label", Ignored),
    may("pix", Object(&PIX)),
    may("customer_id", Text),
    may("customer", Ignored),
];

/// An order.
pub(super) static ORDER: [Field; 16] = [
    must("items", Objects(&ITEM)),
    may("customer", Object(&CUSTOMER)),
    must("payments", Objects(&PAYMENT)),
    may("code", Text),
    may("customer_id", Text),
    may("shipping", Object(&SHIPPING)),
    may("metadata", Texts),
    may("antifraud_enabled", Flag),
    may("ip", Text),
    may("session_id", Text),
    may("location", Ignored),
    may("device", Ignored),
    may("closed", Flag),
    may("currency", Text),
    may("antifraud", Ignored),
    may("submerchant", Ignored),
];

/// The end of an order.
pub(super) static ORDER_STATUS: [Field; 1] = [must("status", Text)];

/// New metadata of anything.
pub(super) static METADATA: [Field; 1] = [must("metadata", Texts)];

static BANK_ACCOUNT: [Field; 9] = [
    must("holder_name", Text),
    may("holder_type", Text),
    must("holder_document", Text),
    must("bank", Text),
    must("branch_number", Text),
    may("branch_check_digit", Text),
    must("account_number", Text),
    must("account_check_digit", Text),
    must("type", Text),
];

/// A cancellation or a refund.
pub(super) static CANCEL: [Field; 6] = [
    may("amount", Whole),
    may("split_rules", Ignored),
    may("split", Ignored),
    may("operation_reference", Text),
    may("bank_account", Object(&BANK_ACCOUNT)),
    may("reason", Text),
];

/// A capture.
pub(super) static CAPTURE: [Field; 4] =
    [may("code", Text), may("amount", Whole), may("split", Ignored), may("operation_reference", Text)];

/// A new due date.
pub(super) static DUE_DATE: [Field; 1] = [may("due_at", Text)];

/// Another card of a charge.
pub(super) static CHARGE_CARD: [Field; 9] = [
    may("update_subscription", Flag),
    may("card_id", Text),
    may("card", Object(&CARD)),
    may("card_token", Text),
    may("recurrence", Flag),
    may("initiated_type", Text),
    may("recurrence_model", Text),
    may("payment_origin", Ignored),
    may("indirect_acceptor", Text),
];

/// The merchant's word that a charge was paid.
pub(super) static CONFIRM: [Field; 3] = [may("description", Text), may("amount", Whole), may("code", Text)];

/// A body of no fields.
pub(super) static NOTHING: [Field; 0] = [];

static PRICING: [Field; 5] = [
    must("scheme_type", Text),
    may("price_brackets", Ignored),
    must("price", Whole),
    may("minimum_price", Whole),
    may("percentage", Whole),
];

/// An item of a plan.
pub(super) static PLAN_ITEM: [Field; 7] = [
    must("name", Text),
    must("pricing_scheme", Object(&PRICING)),
    may("id", Text),
    may("description", Text),
    may("cycles", Whole),
    may("quantity", Whole),
    may("status", Text),
];

/// A plan.
pub(super) static PLAN: [Field; 18] = [
    must("name", Text),
    may("description", Text),
    may("statement_descriptor", Text),
    must("items", Objects(&PLAN_ITEM)),
    may("shippable", Flag),
    may("payment_methods", TextList),
    may("installments", WholeList),
    may("currency", Text),
    must("interval", Text),
    must("interval_count", Whole),
    may("billing_days", WholeList),
    may("billing_type", Text),
    may("pricing_scheme", Object(&PRICING)),
    may("metadata", Texts),
    may("minimum_price", Whole),
    may("cycles", Whole),
    may("quantity", Whole),
    may("trial_period_days", Whole),
];

/// A change of a plan.
pub(super) static PLAN_CHANGE: [Field; 15] = [
    may("name", Text),
    may("description", Text),
    may("installments", WholeList),
    may("statement_descriptor", Text),
    may("currency", Text),
    may("interval", Text),
    may("interval_count", Whole),
    may("payment_methods", TextList),
    may("billing_type", Text),
    may("status", Text),
    may("shippable", Flag),
    may("billing_days", WholeList),
    may("metadata", Texts),
    may("minimum_price", Whole),
    may("trial_period_days", Whole),
];

static SUBSCRIPTION_ITEM: [Field; 9] = [
    may("description", Text),
    must("pricing_scheme", Object(&PRICING)),
    may("id", Text),
    may("plan_item_id", Text),
    may("discounts", Ignored),
    may("name", Text),
    may("cycles", Whole),
    may("quantity", Whole),
    may("minimum_price", Whole),
];

/// A subscription.
pub(super) static SUBSCRIPTION: [Field; 36] = [
    may("customer", Object(&CUSTOMER)),
    may("card", Object(&CARD)),
    may("code", Text),
    must("payment_method", Text),
    may("billing_type", Text),
    may("statement_descriptor", Text),
    may("description", Text),
    may("currency", Text),
    may("interval", Text),
    may("interval_count", Whole),
    may("pricing_scheme", Object(&PRICING)),
    may("items", Objects(&SUBSCRIPTION_ITEM)),
    may("shipping", Object(&SHIPPING)),
    may("discounts", Ignored),
    may("metadata", Texts),
    may("setup", Ignored),
    may("plan_id", Text),
    may("customer_id", Text),
    may("card_id", Text),
    may("billing_day", Whole),
    may("installments", Whole),
    may("start_at", Text),
    may("minimum_price", Whole),
    may("cycles", Whole),
    may("card_token", Text),
    may("gateway_affiliation_id", Text),
    may("quantity", Whole),
    may("boleto_due_days", Whole),
    may("increments", Ignored),
    may("period", Ignored),
    may("submerchant", Ignored),
    may("split", Ignored),
    may("boleto", Ignored),
    may("indirect_acceptor", Text),
    may("antifraud", Ignored),
    may("device", Ignored),
];

/// The end of a subscription.
pub(super) static SUBSCRIPTION_END: [Field; 1] = [may("cancel_pending_invoices", Flag)];

/// Another way to pay a subscription.
pub(super) static SUBSCRIPTION_METHOD: [Field; 6] = [
    may("payment_method", Text),
    may("card_id", Text),
    may("card", Object(&CARD)),
    may("card_token", Text),
    may("boleto", Ignored),
    may("indirect_acceptor", Text),
];

/// Another day of the next bill.
pub(super) static BILLING_DATE: [Field; 1] = [must("next_billing_at", Text)];

/// Another day of a subscription's begin.
pub(super) static START_AT: [Field; 1] = [must("start_at", Text)];

/// New metadata of an invoice, or none.
pub(super) static METADATA_OR_NONE: [Field; 1] = [may("metadata", Texts)];
