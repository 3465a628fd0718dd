//! What payments is asked: a charge for Pix and boleto, a subscription at the gateway for cards.

use feira_schemas::{
    ids::Micros,
    problem::Code,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{
            BoletoTerms, ChargeItem, ChargePurpose, ChargeRequest, LentPlan, PaymentMethod, PixTerms, RequestCharge,
            RequestSubscription, SubscriptionCard, SubscriptionRequest,
        },
        signup::{PaymentStatus, SubscriptionStatus, Try},
    },
    signup_days,
    time::MINUTE,
};

use super::{
    case::{Case, charge_of, remote_of, word},
    ending,
};

/// The microseconds by which a Pix code ends before the hold of the name: what is paid at the last moment is heard of later.
const PIX_ENDS_BEFORE: Micros = 5 * MINUTE;
/// Characters of the number that a boleto bears.
const DOCUMENT_NUMBER_CHARS: usize = 16;

/// The name is held until this time: the first period is billed, and payments is asked.
pub(super) fn begin(case: &mut Case<'_>, held_until: Micros) {
    let (attempt, method) = (case.now.payment.attempt, case.now.payment.method);
    case.now.status = SubscriptionStatus::Paying;
    case.now.held_until = held_until;
    case.now.payment.status = PaymentStatus::Asked;
    match method {
        PaymentMethod::Card => case.now.payment.remote_id = Some(remote_of(&case.now, attempt)),
        PaymentMethod::Pix => {
            case.now.payment.charge_id = Some(charge_of(&case.now, attempt));
            case.now.payment.pix_until = Some(held_until - PIX_ENDS_BEFORE);
        }
        PaymentMethod::Boleto => case.now.payment.charge_id = Some(charge_of(&case.now, attempt)),
        PaymentMethod::Unknown => {}
    }
    let of = Try { attempt, terms: case.now.terms.clone() };
    case.now.tries.retain(|before| before.attempt != attempt);
    case.now.tries.push(of);
    case.bill();
    case.end_at(held_until);
    ask(case);
}

/// Asks payments, first or again.
pub(super) fn ask(case: &mut Case<'_>) {
    let meta = case.command_meta();
    let command_id = meta.command_id;
    let command = match (case.now.payment.method, case.now.terms.remote.clone()) {
        (PaymentMethod::Card, Some(plan)) => PaymentsCommand::from(subscription(case, plan, meta)),
        (PaymentMethod::Pix | PaymentMethod::Boleto, _) => charge(case, meta).into(),
        // It was looked at when it was taken.
        (PaymentMethod::Card | PaymentMethod::Unknown, _) => {
            return ending::refuse(case, PaymentStatus::Refused, &Code::Invalid.to_string(), Vec::new());
        }
    };
    case.now.payment.command_id = Some(command_id);
    case.ask(word::PAY);
    case.send(case.tenant, command);
}

fn subscription(case: &Case<'_>, plan: LentPlan, meta: CommandMeta) -> RequestSubscription {
    let (now, terms) = (&case.now, &case.now.terms);
    let card = SubscriptionCard {
        card_token: now.payment.card_token.clone(),
        token_until: now.payment.token_until,
        card_id: None,
    };
    let request = SubscriptionRequest {
        reference: Some(now.subscription_id.to_string()),
        plan_id: plan.plan_id,
        account_id: Some(terms.account.account_id),
        subscriber: now.subscriber.clone(),
        card,
        starts: None,
    };
    RequestSubscription {
        meta,
        subscription_id: remote_of(now, now.payment.attempt),
        request,
        // The token's end is the earlier one, and payments keeps to it.
        not_after: None,
        lent: Some(terms.account.clone()),
        lent_plan: Some(plan),
    }
}

fn charge(case: &Case<'_>, meta: CommandMeta) -> RequestCharge {
    let (now, terms, payment) = (&case.now, &case.now.terms, &case.now.payment);
    let reference = now.subscription_id.to_string();
    let pix = payment.pix_until.filter(|_| payment.method == PaymentMethod::Pix);
    let due = payment.due.as_ref().filter(|_| payment.method == PaymentMethod::Boleto);
    let request = ChargeRequest {
        reference: Some(reference.clone()),
        account_id: Some(terms.account.account_id),
        method: payment.method,
        amount: terms.price,
        items: vec![ChargeItem {
            code: terms.plan_id.to_string(),
            description: terms.plan_name.clone(),
            quantity: 1,
            total: terms.price.amount,
        }],
        shipping: None,
        buyer: now.subscriber.clone(),
        statement_descriptor: None,
        card: None,
        boleto: due.map(|due| BoletoTerms {
            due: due.clone(),
            instructions: format!("Assinatura da Feira: {}", terms.plan_name),
            document_number: document_number(&reference),
        }),
        pix: pix.map(|until| PixTerms { until, information: Vec::new() }),
    };
    RequestCharge {
        meta,
        charge_id: charge_of(now, payment.attempt),
        purpose: ChargePurpose::Subscription,
        order_id: Some(reference),
        request,
        not_after: pix.or_else(|| due.and_then(|due| signup_days::boleto_due(due)).map(|due| due.due_at)),
        lent: Some(terms.account.clone()),
    }
}

/// The last characters of the subscription's id: its first ones are of a time that many have in common.
fn document_number(id: &str) -> String {
    let bare: String = id.chars().filter(|letter| *letter != '-').collect();
    bare.chars().skip(bare.len().saturating_sub(DOCUMENT_NUMBER_CHARS)).collect()
}
