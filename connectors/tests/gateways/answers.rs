//! Answers, read into the normal form.

use feira_connectors::gateway::*;
use feira_schemas::gateway::{Charge, Method, Observed, Outcome, RefusedFor, Status, Unknown};
use serde_json::{Value, json};

use crate::{given, server::Server};

async fn look(name: &str, kind: AccountKind, answer: Value) -> Observed {
    let server = Server::saying(200, answer).await;
    let account = Account { kind, ..given::account() };
    let found = given::gateway(name, server.address()).get_charge(&account, &LookUp::Id("x".to_owned())).await;
    let Outcome::Done(Some(found)) = found else { panic!("{found:?}") };
    found
}

async fn pagarme(answer: Value) -> Observed {
    look("pagarme", AccountKind::WholeService, answer).await
}

async fn stripe(answer: Value) -> Observed {
    look("stripe", AccountKind::WholeService, answer).await
}

/// A charge of R$ 150,00 with these fields over the usual ones.
pub fn charge(over: Value) -> Value {
    let mut charge = json!({
        "id": "ch_1", "code": given::EFFECT, "amount": 15_000, "currency": "BRL", "payment_method": "pix",
        "created_at": "2026-12-01T18:00:00Z", "customer": {"id": "cus_1"}, "order": {"id": "or_1", "code": given::EFFECT},
        "last_transaction": {"id": "tran_1", "transaction_type": "pix"},
    });
    for (name, value) in over.as_object().unwrap() {
        charge[name] = value.clone();
    }
    charge
}

#[tokio::test]
async fn s28_a_paid_cards_whole_answer_is_read() {
    let order = json!({
        "id": "or_1", "code": given::EFFECT, "amount": 15_000, "currency": "BRL", "closed": true, "status": "paid",
        "customer": {"id": "cus_1", "name": "Joana"},
        "charges": [{
            "id": "ch_1", "code": "other", "gateway_id": "9", "amount": 15_000, "paid_amount": 15_000, "status": "paid",
            "payment_method": "credit_card", "paid_at": "2026-12-01T18:00:01Z",
            "last_transaction": {
                "id": "tran_1", "transaction_type": "credit_card", "amount": 15_000, "status": "captured", "success": true,
                "installments": 3, "acquirer_name": "simulator", "acquirer_return_code": "00",
                "card": {"id": "card_1", "first_six_digits": "400000", "last_four_digits": "0010", "brand": "Visa"},
            },
        }],
    });
    let server = Server::saying(200, order).await;
    let gateway = given::gateway("pagarme", server.address());
    let Outcome::Done(found) = gateway.create_charge(&given::account(), &given::charge(given::card())).await else {
        panic!()
    };
    let Observed { charge, payer, look_again, .. } = found;
    assert_eq!((charge.gateway.as_str(), charge.account.as_str()), ("pagarme", "account-1"));
    let remote = &charge.remote;
    assert_eq!(
        [&remote.order, &remote.transaction, &remote.customer, &remote.code].map(|id| id.as_deref().unwrap()),
        ["or_1", "tran_1", "cus_1", given::EFFECT]
    );
    assert_eq!((remote.charge.as_str(), &remote.subscription), ("ch_1", &None));
    assert_eq!((charge.method, charge.amount, charge.paid, charge.cancelled), (Some(Method::Card), 15_000, 15_000, 0));
    assert_eq!((charge.installments, charge.brand.as_deref()), (Some(3), Some("visa")));
    assert_eq!(payer.last_four.as_ref().map(|digits| digits.expose()), Some("0010"));
    assert_eq!((charge.status(), charge.observed_at, look_again), (Status::Paid, given::at(given::NOW), false));
    assert!(!format!("{payer:?}").contains("0010"));
}

#[tokio::test]
async fn s28_s29_a_boletos_line_bars_address_and_due_day_are_read() {
    let found = pagarme(charge(json!({
        "payment_method": "boleto", "status": "pending", "due_at": "2026-12-04T02:59:59Z",
        "last_transaction": {
            "id": "tran_1", "transaction_type": "boleto", "status": "generated",
            "line": "00199.52159 93360.226646 43388.475303 2 10000000015990",
            "barcode": "https://gateway.example/barcode.png", "qr_code": "https://gateway.example/qr.png",
            "url": "https://gateway.example/boleto", "pdf": "https://gateway.example/boleto.pdf",
        },
    })))
    .await
    .charge;
    assert_eq!((found.status(), found.method), (Status::Pending, Some(Method::Boleto)));
    let boleto = found.boleto;
    assert_eq!(boleto.line.as_deref(), Some("00199.52159 93360.226646 43388.475303 2 10000000015990"));
    assert_eq!(boleto.digits44.as_deref(), Some("00192100000000159909521593360226644338847530"));
    assert_eq!(boleto.url.as_deref(), Some("https://gateway.example/boleto"));
    assert_eq!(boleto.pdf.as_deref(), Some("https://gateway.example/boleto.pdf"));
    assert_eq!(boleto.due, Some(given::at("2026-12-04T02:59:59Z")));

    let stripes = stripe(json!({
        "id": "pi_1", "amount": 15_990, "status": "requires_action", "payment_method_types": ["boleto"],
        "next_action": {"type": "boleto_display_details", "boleto_display_details": {
            "number": "00199521599336022664643388475303210000000015990", "expires_at": 1_796_353_199,
            "hosted_voucher_url": "https://gateway.example/voucher", "pdf": "https://gateway.example/voucher.pdf",
        }},
    }))
    .await
    .charge;
    assert_eq!(stripes.status(), Status::Pending);
    assert_eq!(stripes.boleto.digits44.as_deref(), Some("00192100000000159909521593360226644338847530"));
    assert_eq!(stripes.boleto.url.as_deref(), Some("https://gateway.example/voucher"));
    assert_eq!(stripes.boleto.due, Some(1_796_353_199_000_000));
}

#[tokio::test]
async fn s28_a_pix_code_its_end_and_who_paid_it_are_read() {
    let found = pagarme(charge(json!({
        "status": "paid", "paid_amount": 15_000,
        "last_transaction": {
            "id": "tran_1", "transaction_type": "pix", "status": "paid", "qr_code": "00020101021226…6304ABCD",
            "qr_code_url": "https://gateway.example/qr.png", "expires_at": "2026-12-01T18:25:00Z",
            "end_to_end_id": "E12345678202612011800abcdefghijk",
            "payer": {"name": "Joana S.", "document": "***444777**", "document_type": "cpf"},
        },
    })))
    .await;
    let pix = &found.charge.pix;
    assert_eq!(
        (pix.code.as_deref(), pix.until),
        (Some("00020101021226…6304ABCD"), Some(given::at("2026-12-01T18:25:00Z")))
    );
    assert_eq!(pix.e2e.as_deref(), Some("E12345678202612011800abcdefghijk"));
    assert_eq!(found.payer.document.as_ref().map(|document| document.expose()), Some("***444777**"));
    assert_eq!(found.payer.name.as_ref().map(|name| name.expose()), Some("Joana S."));
}

/// Status, sums and method of a charge, and what they come to.
#[tokio::test]
async fn s28_the_sums_tell_what_became_of_a_charge_not_the_word() {
    let table = [
        (json!({"status": "pending", "last_transaction": {"status": "waiting_payment"}}), Status::Pending, 0, 0),
        (
            json!({"status": "pending", "payment_method": "credit_card", "last_transaction": {"status": "authorized_pending_capture"}}),
            Status::Authorized,
            0,
            0,
        ),
        (json!({"status": "processing"}), Status::Confirming, 0, 0),
        (json!({"status": "failed"}), Status::Failed, 0, 0),
        (json!({"status": "paid"}), Status::Paid, 15_000, 0),
        (json!({"status": "paid", "paid_amount": null, "canceled_amount": null}), Status::Paid, 15_000, 0),
        (json!({"status": "overpaid", "paid_amount": 16_000}), Status::Paid, 16_000, 0),
        (json!({"status": "underpaid", "paid_amount": 14_000}), Status::Underpaid, 14_000, 0),
        // A boleto's sum stands in its transaction, as a text.
        (
            json!({"status": "underpaid", "payment_method": "boleto", "last_transaction": {"paid_amount": "14000"}}),
            Status::Underpaid,
            14_000,
            0,
        ),
        // Partly given back it is still called paid, wholly given back canceled.
        (
            json!({"status": "paid", "paid_amount": 15_000, "canceled_amount": 5_000}),
            Status::PartlyRefunded,
            15_000,
            5_000,
        ),
        (
            json!({"status": "canceled", "paid_amount": 15_000, "canceled_amount": 15_000, "canceled_at": "2026-12-02T00:00:00Z"}),
            Status::Refunded,
            15_000,
            15_000,
        ),
        (
            json!({"status": "canceled", "paid_at": "2026-12-01T18:00:00Z", "canceled_amount": 15_000}),
            Status::Refunded,
            15_000,
            15_000,
        ),
        // Nobody had paid: what was cancelled is no money.
        (json!({"status": "canceled", "canceled_amount": 15_000, "paid_at": null}), Status::Cancelled, 0, 0),
        (json!({"status": "chargedback", "paid_amount": 15_000}), Status::ChargedBack, 15_000, 0),
        // A boleto that is cancelled after it was paid is renamed; only the ledger knows of bank data.
        (
            json!({"status": "canceled", "payment_method": "boleto", "paid_amount": 15_000, "canceled_amount": 15_000}),
            Status::Paid,
            15_000,
            0,
        ),
    ];
    for (over, status, paid, refunded) in table {
        let found = pagarme(charge(over.clone())).await;
        assert_eq!(
            (found.charge.status(), found.charge.paid, found.charge.refunded()),
            (status, paid, refunded),
            "{over}"
        );
        assert!(!found.look_again, "{over}");
    }
}

/// With an acquirer of its own an account's Pix is only renamed, too; a card's money does move.
#[tokio::test]
async fn cancelling_moves_no_bank_money_of_an_account_with_its_own_acquirer() {
    for (method, status) in [("pix", Status::Paid), ("boleto", Status::Paid), ("credit_card", Status::Refunded)] {
        let over =
            json!({"status": "canceled", "payment_method": method, "paid_amount": 15_000, "canceled_amount": 15_000});
        let found = look("pagarme", AccountKind::OwnAcquirer, charge(over)).await;
        assert_eq!(found.charge.status(), status, "{method}");
    }
}

#[tokio::test]
async fn what_is_not_known_means_look_again_and_is_no_error() {
    let dreamt = pagarme(charge(json!({"status": "dreamt"}))).await;
    assert_eq!((dreamt.charge.status(), dreamt.charge.unpaid, dreamt.look_again), (Status::Pending, None, true));
    // Money counts whatever the word is.
    let paid = pagarme(charge(json!({"status": "dreamt", "paid_amount": 15_000}))).await;
    assert_eq!((paid.charge.status(), paid.look_again), (Status::Paid, false));
    let method = pagarme(charge(json!({"status": "paid", "payment_method": "seashells"}))).await;
    assert_eq!((method.charge.method, method.charge.status(), method.look_again), (None, Status::Paid, true));
    let kinds = pagarme(charge(json!({"status": 5, "last_transaction": [], "customer": "x", "order": null}))).await;
    assert!(kinds.look_again);
    let stripes = stripe(json!({"id": "pi_1", "amount": 1, "status": "dreamt", "payment_method_types": ["pix"]})).await;
    assert_eq!((stripes.charge.status(), stripes.look_again), (Status::Pending, true));
}

#[tokio::test]
async fn a_yes_that_can_not_be_read_is_unknown() {
    for name in Gateways::names() {
        for body in ["", "<html>", "{\"id\": \"x\"", "[]", "{}", "{\"id\": 5, \"amount\": \"x\"}"] {
            let server = Server::start(move |_| (200, body.to_owned())).await;
            let gateway = given::gateway(name, server.address());
            let made = gateway.create_charge(&given::account(), &given::charge(given::pix())).await;
            assert_eq!(made, Outcome::Unknown(Unknown::Unreadable), "{name}: {body}");
        }
    }
}

/// A refused payment is an answer with a charge in it, on every gateway.
#[tokio::test]
async fn a_declined_card_is_a_charge_that_failed_with_its_reasons() {
    let order = json!({"id": "or_1", "status": "failed", "charges": [charge(json!({
        "status": "failed", "payment_method": "credit_card",
        "last_transaction": {
            "status": "not_authorized", "success": false, "acquirer_return_code": "51",
            "acquirer_message": "Saldo ou limite insuficiente",
            "gateway_response": {"code": "400", "errors": [{"message": "recusado\n"}, {"text": 1}]},
            "antifraud_response": {"status": "reproved", "return_code": "R1", "return_message": "risco"},
        },
    }))]});
    let server = Server::saying(200, order).await;
    let made = given::gateway("pagarme", server.address())
        .create_charge(&given::account(), &given::charge(given::card()))
        .await;
    let Outcome::Done(made) = made else { panic!("{made:?}") };
    let said: Vec<_> =
        made.charge.reasons().iter().map(|reason| (reason.kind.as_str(), reason.message.as_str())).collect();
    assert_eq!(made.charge.status(), Status::Failed);
    assert_eq!(
        said,
        [("acquirer", "51: Saldo ou limite insuficiente"), ("gateway", "400: recusado"), ("antifraud", "R1: risco"),]
    );

    let intent = json!({"id": "pi_1", "object": "payment_intent", "amount": 15_000, "status": "requires_payment_method", "payment_method_types": ["card"],
        "last_payment_error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card has insufficient funds."}});
    let error =
        json!({"error": {"type": "card_error", "code": "card_declined", "message": "x", "payment_intent": intent}});
    let server = Server::saying(402, error).await;
    let made = given::gateway("stripe", server.address())
        .create_charge(&given::account(), &given::charge(given::card()))
        .await;
    let Outcome::Done(made) = made else { panic!("{made:?}") };
    assert_eq!((made.charge.status(), made.charge.reasons()[0].kind.as_str()), (Status::Failed, "insufficient_funds"));
}

async fn refused(name: &str, status: u16, answer: Value) -> (RefusedFor, Vec<(String, Option<String>, String)>) {
    let server = Server::saying(status, answer).await;
    let gateway = given::gateway(name, server.address());
    let outcome = gateway.create_charge(&given::account(), &given::charge(given::card())).await;
    let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
    let problems = refusal.problems.into_iter();
    (refusal.why, problems.map(|problem| (problem.kind, problem.parameter_name, problem.message)).collect())
}

#[tokio::test]
async fn a_refusal_names_what_is_wrong() {
    let field = "order.customer.document";
    let (why, problems) = refused(
        "pagarme",
        422,
        json!({"message": "The request is invalid.", "errors": {field: ["é inválido", "é curto", 5], "order.x": "no list"}}),
    )
    .await;
    assert_eq!(why, RefusedFor::Request);
    let problem = |message: &str| ("field".to_owned(), Some(field.to_owned()), message.to_owned());
    assert_eq!(problems, [problem("é inválido"), problem("é curto")]);

    for (status, why) in [
        (400, RefusedFor::Request),
        (401, RefusedFor::Account),
        (403, RefusedFor::Account),
        (404, RefusedFor::NotFound),
        (412, RefusedFor::State),
    ] {
        let (found, problems) = refused("pagarme", status, json!({"message": "Não.\u{0}"})).await;
        assert_eq!((found, problems[0].2.as_str()), (why, "Não."), "{status}");
    }
    let (_, problems) = refused("pagarme", 400, json!(["?"])).await;
    assert_eq!(problems, [("gateway".to_owned(), None, "HTTP 400".to_owned())]);

    let error = |fields: Value| json!({"error": fields});
    for (status, fields, why) in [
        (400, json!({"type": "invalid_request_error", "message": "m", "param": "amount"}), RefusedFor::Request),
        (
            400,
            json!({"type": "invalid_request_error", "code": "charge_already_refunded", "message": "m"}),
            RefusedFor::State,
        ),
        (
            404,
            json!({"type": "invalid_request_error", "code": "resource_missing", "param": "id", "message": "m"}),
            RefusedFor::NotFound,
        ),
        (402, json!({"type": "card_error", "code": "card_declined", "message": "m"}), RefusedFor::Declined),
        (401, json!({"type": "invalid_request_error", "message": "m"}), RefusedFor::Account),
    ] {
        assert_eq!(refused("stripe", status, error(fields.clone())).await.0, why, "{fields}");
    }
}

/// "Run out" is not "declined": the buyer is asked for the card again.
#[tokio::test]
async fn a_token_that_is_unknown_run_out_or_used_is_told_apart() {
    for answer in [
        json!({"message": "The request is invalid.", "errors": {"order.payments[0].credit_card.card_token": ["is not valid"]}}),
        json!({"message": "Token not found or expired."}),
    ] {
        for status in [400, 404, 412, 422] {
            assert_eq!(refused("pagarme", status, answer.clone()).await.0, RefusedFor::CardToken, "{status} {answer}");
        }
    }
    let used =
        json!({"error": {"type": "invalid_request_error", "param": "payment_method", "message": "previously used"}});
    assert_eq!(refused("stripe", 400, used).await.0, RefusedFor::CardToken);
}

/// Nothing of an answer is longer than a record can take, however much the gateway says.
#[tokio::test]
async fn a_long_answer_is_cut_to_what_a_record_takes() {
    let long = "x".repeat(900);
    let errors: Vec<Value> = (0..400).map(|_| json!({"message": long})).collect();
    let found = pagarme(charge(json!({
        "status": "failed", "raw": vec![&long; 300],
        "last_transaction": {"acquirer_message": long, "gateway_response": {"code": long, "errors": errors}, "qr_code": "x".repeat(5_000)},
    })))
    .await;
    let said: usize = found.charge.reasons().iter().map(|reason| reason.message.len() + reason.kind.len()).sum();
    assert!(said < 16_384 && !found.charge.reasons().is_empty(), "{said}");
    assert_eq!(found.charge.pix.code, None, "half a code is none");

    let too_long = Server::saying(200, json!({"id": "ch_1", "amount": 1, "raw": "x".repeat(1 << 20)})).await;
    let outcome = given::gateway("pagarme", too_long.address())
        .get_charge(&given::account(), &LookUp::Id("ch_1".to_owned()))
        .await;
    assert_eq!(outcome, Outcome::Unknown(Unknown::Unreadable));
}

#[tokio::test]
async fn stripes_payments_are_read_by_status_and_sums() {
    let intent = |over: Value| {
        let mut intent = json!({
            "id": "pi_1", "object": "payment_intent", "amount": 15_000, "amount_received": 0, "customer": "cus_1",
            "payment_method_types": ["card"], "metadata": {"effect_id": given::EFFECT},
            // Stays about from earlier states, and means nothing by itself.
            "next_action": {"type": "type"},
        });
        for (name, value) in over.as_object().unwrap() {
            intent[name] = value.clone();
        }
        intent
    };
    let latest = |refunded: i64| {
        json!({"id": "ch_1", "amount_refunded": refunded, "payment_method_details": {"type": "card", "card": {
            "brand": "visa", "last4": "4242", "installments": {"plan": {"count": 3}}}}})
    };
    for (over, status, paid, refunded) in [
        (json!({"status": "requires_payment_method"}), Status::Pending, 0, 0),
        (
            json!({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}),
            Status::Failed,
            0,
            0,
        ),
        (
            json!({"status": "requires_payment_method", "last_payment_error": {"code": "payment_intent_payment_attempt_expired"}}),
            Status::Cancelled,
            0,
            0,
        ),
        (json!({"status": "requires_action"}), Status::Pending, 0, 0),
        (json!({"status": "requires_confirmation"}), Status::Pending, 0, 0),
        (json!({"status": "processing"}), Status::Confirming, 0, 0),
        (json!({"status": "requires_capture"}), Status::Authorized, 0, 0),
        (json!({"status": "canceled"}), Status::Cancelled, 0, 0),
        (json!({"status": "succeeded", "amount_received": 15_000, "latest_charge": "ch_1"}), Status::Paid, 15_000, 0),
        (
            json!({"status": "succeeded", "amount_received": 15_000, "latest_charge": latest(5_000)}),
            Status::PartlyRefunded,
            15_000,
            5_000,
        ),
        (
            json!({"status": "succeeded", "amount_received": 15_000, "latest_charge": latest(15_000)}),
            Status::Refunded,
            15_000,
            15_000,
        ),
    ] {
        let found = stripe(intent(over.clone())).await;
        assert_eq!(
            (found.charge.status(), found.charge.paid, found.charge.refunded()),
            (status, paid, refunded),
            "{over}"
        );
        assert!(!found.look_again, "{over}");
        assert_eq!(found.charge.remote.code.as_deref(), Some(given::EFFECT));
    }
    let paid = stripe(intent(json!({"status": "succeeded", "latest_charge": latest(0)}))).await;
    let Charge { installments, brand, remote, .. } = paid.charge;
    assert_eq!((installments, brand.as_deref(), remote.transaction.as_deref()), (Some(3), Some("visa"), Some("ch_1")));
    assert_eq!(paid.payer.last_four.as_ref().map(|digits| digits.expose()), Some("4242"));
}

#[tokio::test]
async fn stripes_disputes_are_sums_of_their_own() {
    let dispute = |amount: i64, status: &str| json!({"amount": amount, "status": status});
    for (disputes, status, held) in [
        (json!([dispute(15_000, "needs_response")]), Status::ChargedBack, 15_000),
        (json!([dispute(15_000, "lost")]), Status::ChargedBack, 15_000),
        (json!([dispute(15_000, "won")]), Status::Paid, 0),
        (json!([dispute(15_000, "warning_needs_response")]), Status::Paid, 0),
        (json!([dispute(5_000, "won"), dispute(4_000, "under_review")]), Status::ChargedBack, 4_000),
    ] {
        let listed = disputes.clone();
        let server = Server::start(move |asked| {
            let answer = if asked.line.starts_with("GET /disputes?payment_intent=pi_1") {
                json!({"data": listed})
            } else {
                json!({"id": "pi_1", "amount": 15_000, "amount_received": 15_000, "status": "succeeded",
                    "payment_method_types": ["card"], "latest_charge": {"id": "ch_1", "disputed": true}})
            };
            (200, answer.to_string())
        })
        .await;
        let gateway = given::gateway("stripe", server.address());
        let found = gateway.get_charge(&given::account(), &LookUp::Id("pi_1".to_owned())).await;
        let Outcome::Done(Some(found)) = found else { panic!("{found:?}") };
        assert_eq!((found.charge.status(), found.charge.charged_back()), (status, held), "{disputes}");
        assert!(!found.look_again);
        // A list can't fetch them all, and says that there is something to look at.
        let page = gateway.list_charges(&given::account(), &ListFacts { since: 0, state: None, page: None }).await;
        assert!(matches!(page, Outcome::Done(_)));
    }
}

#[tokio::test]
async fn the_tenant_that_a_charge_was_made_for_is_read_from_its_metadata() {
    let marked = json!({"effect_id": given::EFFECT, "tenant": given::tenant().to_string()});
    assert_eq!(pagarme(charge(json!({"metadata": marked}))).await.tenant, Some(given::tenant()));
    let order = json!({"id": "or_1", "code": given::EFFECT, "metadata": marked});
    assert_eq!(pagarme(charge(json!({"order": order}))).await.tenant, Some(given::tenant()));
    assert_eq!(pagarme(charge(json!({}))).await.tenant, None);
    let intent = |metadata: Value| json!({"id": "pi_1", "amount": 15_000, "status": "succeeded", "metadata": metadata});
    assert_eq!(stripe(intent(marked)).await.tenant, Some(given::tenant()));
    assert_eq!(stripe(intent(json!({"tenant": "another system's"}))).await.tenant, None);
}
