//! The JSON Schemas of payments' bodies and answers.

use serde_json::{Value, json};

use super::{
    fields::{
        DOCUMENT_NUMBER, FREIGHT_DESCRIPTION, GATEWAY, INSTALLMENTS, INSTRUCTIONS, ITEM_CODE, ITEM_DESCRIPTION, ITEMS,
        KEY_CHARS, NAME, PIX_INFORMATION, PIX_LIFETIME, PIX_NAME, PIX_VALUE, QUANTITY, REFERENCE, STATEMENT_DESCRIPTOR,
        TOKEN_LIFETIME,
    },
    pieces::{buyer, described, nullable, or_null, time_or_null},
};
use crate::{
    api::schema::{
        Named, boolean, id, id_or_none, id_or_null, list_of, object, page_of, reference, reference_or_null, text,
        text_or_null, time, whole, words,
    },
    limits::NAME_CHARS,
    money::Money,
};

/// The states of a charge.
const STATUSES: [&str; 12] = [
    "processing",
    "pending",
    "confirming",
    "authorized",
    "paid",
    "underpaid",
    "partly_refunded",
    "refunded",
    "failed",
    "expired",
    "cancelled",
    "charged_back",
];

/// The schemas of charges and refunds.
pub(super) fn charge_schemas() -> Vec<Named> {
    vec![
        ("ChargeBody", charge_body()),
        ("ChargeSum", sum()),
        ("ChargeItemBody", item_body()),
        ("ChargeShippingBody", shipping_body()),
        ("ChargeBuyerBody", buyer_body()),
        ("ChargeAddressBody", address_body()),
        ("ChargeCardBody", card_body()),
        ("ChargeBoletoBody", boleto_body()),
        ("ChargePixBody", pix_body()),
        ("Charge", whole(&[card_fields(), charge_fields()].concat())),
        ("ChargeCard", whole(&card_fields())),
        ("ChargePage", charge_page()),
        ("Processing", processing()),
        ("GatewayError", gateway_error()),
        ("PaymentAttempt", attempt()),
        ("RefundBody", refund_body()),
        ("Refund", refund()),
        ("RefundPage", page_of("Refund")),
    ]
}

/// The schemas of the admin's routes for payments.
pub fn admin_schemas() -> Vec<Named> {
    let callback = whole(&[
        (
            "address",
            json!({"type": "string", "description": "The address to register with the gateway for its callbacks."}),
        ),
        (
            "proof",
            json!({
                "type": "string",
                "enum": ["basic", "signature"],
                "description": "How callbacks are proven: by user and password, or by the gateway's own signature.",
            }),
        ),
        (
            "is_set",
            json!({"type": "boolean", "description": "False until the secret of the gateway's signatures is saved."}),
        ),
        ("user", text_or_null()),
        ("password", text_or_null()),
    ]);
    let notify_email =
        described(text_or_null(), "The address that is told when the account is broken; none tells nobody.");
    let one = [account_fields(), vec![("notify_email", notify_email), ("callback", callback)]].concat();
    let credential = vec![
        ("id", id()),
        ("name", text()),
        ("status", json!({"type": "string", "enum": ["active", "revoked"]})),
        ("created_at", time()),
    ];
    let secret = json!({"type": "string", "description": "The bearer token, shown now and kept nowhere."});
    vec![
        ("PaymentAccountBody", account_body(&["name", "gateway"])),
        ("PaymentAccount", whole(&one)),
        ("PaymentAccountCard", whole(&account_fields())),
        ("PaymentAccountPage", page_of("PaymentAccountCard")),
        ("PaymentCredentialBody", object(&[("name", NAME.schema())], &["name"])),
        ("PaymentCredential", whole(&credential)),
        ("PaymentCredentialIssued", whole(&[credential, vec![("secret", secret)]].concat())),
        ("PaymentCredentialPage", page_of("PaymentCredential")),
    ]
}

fn charge_body() -> Value {
    let mut items = ITEMS.schema(reference("ChargeItemBody"));
    items["minItems"] = json!(1);
    let account = described(
        id_or_none(),
        "The account that it goes to; left out, the default. Of a card the one whose public key made the token.",
    );
    let method = json!({"type": "string", "enum": ["card", "boleto", "pix"], "description": "The terms of this name must be there, and no others."});
    object(
        &[
            (
                "reference",
                described(REFERENCE.schema(), "Your own id of it, such as an order's number: lists find it."),
            ),
            ("account_id", account),
            ("method", method),
            ("amount", reference("ChargeSum")),
            ("items", items),
            ("shipping", reference_or_null("ChargeShippingBody")),
            ("buyer", reference("ChargeBuyerBody")),
            ("statement_descriptor", STATEMENT_DESCRIPTOR.schema()),
            ("card", reference_or_null("ChargeCardBody")),
            ("boleto", reference_or_null("ChargeBoletoBody")),
            ("pix", reference_or_null("ChargePixBody")),
        ],
        &["method", "amount", "items", "buyer"],
    )
}

/// Money above nothing.
fn sum() -> Value {
    object(
        &[
            ("amount", json!({"type": "integer", "minimum": 1, "maximum": Money::MAX_AMOUNT})),
            ("currency", json!({"type": "string", "enum": ["BRL"]})),
        ],
        &["amount", "currency"],
    )
}

fn item_body() -> Value {
    let total = described(reference("ChargeSum"), "The sum of the line, all pieces and discounts included.");
    object(
        &[
            ("code", ITEM_CODE.schema()),
            ("description", ITEM_DESCRIPTION.schema()),
            ("quantity", QUANTITY.schema()),
            ("total", total),
        ],
        &["description", "quantity", "total"],
    )
}

fn shipping_body() -> Value {
    object(
        &[
            ("amount", reference("Money")),
            ("description", FREIGHT_DESCRIPTION.schema()),
            ("recipient", words(NAME_CHARS)),
            ("address", reference("ChargeAddressBody")),
        ],
        &["amount", "description", "recipient", "address"],
    )
}

fn buyer_body() -> Value {
    let document =
        described(words(40), "A CPF, or a CNPJ of digits or of letters and digits, with or without its punctuation.");
    let phone =
        json!({"type": ["string", "null"], "maxLength": 40, "description": "A number of Brazil with its area code."});
    object(
        &[
            ("name", words(NAME_CHARS)),
            ("email", json!({"type": "string", "format": "email", "minLength": 1, "maxLength": 254})),
            ("document", document),
            ("phone", phone),
            ("address", reference("ChargeAddressBody")),
        ],
        &["name", "email", "document", "address"],
    )
}

fn address_body() -> Value {
    let blank = || json!({"type": ["string", "null"], "maxLength": NAME_CHARS});
    object(
        &[
            ("postal_code", described(words(20), "The eight digits of the CEP, with or without its hyphen.")),
            ("street", words(NAME_CHARS)),
            ("number", described(words(20), "The house's number, or s/n.")),
            ("complement", blank()),
            ("district", blank()),
            ("city", words(NAME_CHARS)),
            ("state", described(words(2), "The two letters of the state, such as SP.")),
        ],
        &["postal_code", "street", "number", "city", "state"],
    )
}

fn card_body() -> Value {
    let token = described(
        or_null(words(KEY_CHARS)),
        "The token that the buyer's browser got from the gateway for the card. A card's number or its code are refused.",
    );
    let lifetime =
        described(or_null(TOKEN_LIFETIME.schema()), "Seconds for which the token is still good; 60 if left out.");
    object(
        &[
            ("token", token),
            ("card_id", described(id_or_none(), "A card that the gateway keeps; this or `token`.")),
            ("token_lifetime", lifetime),
            ("installments", or_null(INSTALLMENTS.schema())),
            (
                "capture",
                json!({"type": ["boolean", "null"], "description": "False reserves the sum and takes no money; true if left out."}),
            ),
        ],
        &[],
    )
}

fn boleto_body() -> Value {
    let due = json!({
        "type": "string",
        "format": "date",
        "description": "The due day in São Paulo, up to a year from today; on a day without banks it is the next bank day.",
    });
    object(
        &[("due", due), ("instructions", INSTRUCTIONS.schema()), ("document_number", DOCUMENT_NUMBER.schema())],
        &["due", "instructions", "document_number"],
    )
}

fn pix_body() -> Value {
    let until = json!({
        "type": ["string", "null"],
        "format": "date-time",
        "description": "The time until which it can be paid, a minute to 30 days from now; this or `lifetime`.",
    });
    let information = object(&[("name", PIX_NAME.schema()), ("value", PIX_VALUE.schema())], &["name", "value"]);
    object(
        &[
            ("until", until),
            (
                "lifetime",
                described(or_null(PIX_LIFETIME.schema()), "Seconds for which it can be paid; this or `until`."),
            ),
            ("information", PIX_INFORMATION.schema(information)),
        ],
        &[],
    )
}

/// The fields of a charge in a list.
fn card_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("id", id()),
        ("reference", text_or_null()),
        ("status", json!({"type": "string", "enum": STATUSES})),
        ("method", json!({"type": ["string", "null"], "enum": ["card", "boleto", "pix", null]})),
        ("amount", reference("Money")),
        ("paid", reference("Money")),
        ("refunded", reference("Money")),
        ("charged_back", reference("Money")),
        ("installments", json!({"type": ["integer", "null"]})),
        ("account_id", id_or_null()),
        ("gateway", text_or_null()),
        ("remote_id", text_or_null()),
        ("created_at", time()),
        ("updated_at", time()),
        ("simulated", simulated()),
    ]
}

/// The fields that a charge has besides.
fn charge_fields() -> Vec<(&'static str, Value)> {
    let boleto = whole(&[
        ("line", text_or_null()),
        ("barcode", text_or_null()),
        ("url", text_or_null()),
        ("pdf", text_or_null()),
        ("due", time_or_null()),
    ]);
    let qr_code = described(text_or_null(), "The code as a picture: an address of the scheme data, of an SVG.");
    let pix = whole(&[
        ("code", text_or_null()),
        ("until", time_or_null()),
        ("qr_code", qr_code),
        ("end_to_end_id", text_or_null()),
    ]);
    let card = whole(&[("brand", text_or_null()), ("last_four", text_or_null())]);
    let remote = ["charge", "order", "transaction", "customer", "subscription"].map(|name| (name, text_or_null()));
    vec![
        ("statement_descriptor", text_or_null()),
        ("boleto", nullable(boleto)),
        ("pix", nullable(pix)),
        ("card", nullable(card)),
        ("buyer", nullable(buyer())),
        (
            "erased",
            json!({"type": "boolean", "description": "True where the buyer's data was erased: `buyer` is null then."}),
        ),
        ("remote", nullable(whole(&remote))),
        ("attempts", list_of(reference("PaymentAttempt"))),
        ("errors", list_of(reference("GatewayError"))),
        ("refunds", list_of(reference("Refund"))),
        ("cancel_wanted", boolean()),
    ]
}

fn charge_page() -> Value {
    let next = "The `after` of the next page; null on the last. A page may hold fewer charges than `limit` before it: filters look at \
                so many at a time.";
    whole(&[("items", list_of(reference("ChargeCard"))), ("next", described(text_or_null(), next))])
}

fn processing() -> Value {
    whole(&[("id", id()), ("status", json!({"type": "string", "enum": ["processing"]})), ("simulated", simulated())])
}

fn simulated() -> Value {
    described(boolean(), "True: by a simulator of a gateway. No money moves.")
}

fn gateway_error() -> Value {
    whole(&[
        ("pointer", text()),
        ("code", reference("Code")),
        ("detail", text()),
        ("type", described(text(), "The kind of what is wrong, one word in small letters.")),
        ("parameter_name", described(text_or_null(), "The field that it is about, as the gateway names it.")),
        (
            "message",
            described(text_or_null(), "The gateway's own sentence; null where there is none, or it was erased."),
        ),
    ])
}

fn attempt() -> Value {
    whole(&[
        ("attempt", json!({"type": "integer", "minimum": 1})),
        ("account_id", id_or_null()),
        ("granted_at", time()),
        ("outcome", json!({"type": ["string", "null"], "enum": ["done", "refused", "not_sent", "question", null]})),
        ("why", text_or_null()),
        ("ended_at", time_or_null()),
    ])
}

fn refund_body() -> Value {
    let digits = |most: usize| json!({"type": "string", "pattern": format!("^[0-9]{{1,{most}}}$")});
    let bank_account = object(
        &[
            ("holder", words(NAME_CHARS)),
            ("document", described(words(40), "The holder's CPF or CNPJ, the charge's own.")),
            ("bank", json!({"type": "string", "pattern": "^[0-9]{3}$"})),
            ("branch", digits(4)),
            ("branch_check", json!({"type": ["string", "null"], "pattern": "^([0-9]|x|X)?$"})),
            ("account", digits(13)),
            ("account_check", json!({"type": "string", "pattern": "^([0-9]|x|X)$"})),
            ("savings", json!({"type": ["boolean", "null"], "description": "True for a savings account."})),
        ],
        &["holder", "document", "bank", "branch", "account", "account_check"],
    );
    object(
        &[
            ("amount", reference_or_null("ChargeSum")),
            ("reference", REFERENCE.schema()),
            ("bank_account", nullable(bank_account)),
        ],
        &[],
    )
}

fn refund() -> Value {
    whole(&[
        ("id", id()),
        ("charge_id", id()),
        ("reference", text_or_null()),
        ("amount", reference("Money")),
        ("status", json!({"type": "string", "enum": ["wanted", "sent", "done", "failed", "question", "by_hand"]})),
        ("why", text_or_null()),
        ("errors", list_of(reference("GatewayError"))),
        ("attempts", list_of(reference("PaymentAttempt"))),
        ("created_at", time()),
        ("updated_at", time()),
        ("simulated", simulated()),
    ])
}

fn account_body(required: &[&str]) -> Value {
    let key = |what: &str| json!({"type": ["string", "null"], "maxLength": KEY_CHARS, "pattern": "^[!-~]*$", "description": what});
    let kind = json!({
        "type": ["string", "null"],
        "enum": ["whole_service", "own_acquirer", null],
        "description": "Whether the gateway moves the money, or passes requests on to an acquirer of the merchant's own; whole_service if left out.",
    });
    object(
        &[
            ("name", NAME.schema()),
            (
                "gateway",
                described(GATEWAY.schema(), "The gateway's name: pagarme or stripe. That of an account never changes."),
            ),
            ("kind", kind),
            ("public_key", key("The key by which a browser turns a card into a token.")),
            ("encryption_key", key("Another name of `public_key`.")),
            (
                "secret_key",
                key("The key by which the gateway takes requests; it is never shown. Left out of a change, it stays."),
            ),
            ("api_key", key("Another name of `secret_key`.")),
            (
                "callback_secret",
                key(
                    "The secret by which the gateway signs callbacks, where it does; others get user and password from here.",
                ),
            ),
            (
                "notify_email",
                json!({
                    "type": ["string", "null"],
                    "maxLength": 254,
                    "description": "The e-mail address that is told when the account is broken. Left out of a change, it stays; empty, nobody is told.",
                }),
            ),
        ],
        required,
    )
}

fn account_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("id", id()),
        ("name", text()),
        ("gateway", text()),
        ("kind", json!({"type": "string", "enum": ["whole_service", "own_acquirer"]})),
        ("status", json!({"type": "string", "enum": ["untested", "ready", "broken", "retired"]})),
        ("why", text_or_null()),
        ("default", json!({"type": "boolean", "description": "True if Pix and boleto go to it."})),
        ("public_key", text()),
        ("secret_key", json!({"type": "string", "description": "Masked: a secret key is never shown."})),
        ("key_version", json!({"type": "integer", "minimum": 1})),
        ("remote_account", text_or_null()),
        ("created_at", time()),
        ("updated_at", time()),
        ("checked_at", time_or_null()),
        ("simulated", simulated()),
    ]
}
