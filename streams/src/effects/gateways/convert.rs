//! What gateways answer, as records have it, and back: without a gateway's sentences, a payer or an address in clear.

use feira_schemas::{
    gateway::{self, Method, Observed, Outcome, Problem, Stage},
    ids::{AccountId, Micros},
    records::payments::{
        AttemptOutcome, BoletoData, ObservedCharge, Payer, PaymentMethod, PixData, Reason, RemoteIds, Unpaid,
        UnpaidStage, Why,
    },
    sealed::{GatewayText, MaskedDocument},
};

use super::opening::Sealing;

/// The way to pay, as gateways' normal form has it; `None` for one of a later version.
pub(super) fn method_of(method: PaymentMethod) -> Option<Method> {
    match method {
        PaymentMethod::Card => Some(Method::Card),
        PaymentMethod::Boleto => Some(Method::Boleto),
        PaymentMethod::Pix => Some(Method::Pix),
        PaymentMethod::Unknown => None,
    }
}

fn payment_method(method: Method) -> PaymentMethod {
    match method {
        Method::Card => PaymentMethod::Card,
        Method::Boleto => PaymentMethod::Boleto,
        Method::Pix => PaymentMethod::Pix,
    }
}

fn stage_of(stage: UnpaidStage) -> Option<Stage> {
    match stage {
        UnpaidStage::Pending => Some(Stage::Pending),
        UnpaidStage::Confirming => Some(Stage::Confirming),
        UnpaidStage::Authorized => Some(Stage::Authorized),
        UnpaidStage::Failed => Some(Stage::Failed),
        UnpaidStage::Cancelled => Some(Stage::Cancelled),
        UnpaidStage::Unknown => None,
    }
}

fn unpaid_stage(stage: Stage) -> UnpaidStage {
    match stage {
        Stage::Pending => UnpaidStage::Pending,
        Stage::Confirming => UnpaidStage::Confirming,
        Stage::Authorized => UnpaidStage::Authorized,
        Stage::Failed => UnpaidStage::Failed,
        Stage::Cancelled => UnpaidStage::Cancelled,
    }
}

/// The outcome of an attempt, and the word for why.
pub(super) fn outcome_of<T>(outcome: &Outcome<T>) -> (AttemptOutcome, Option<Why>) {
    match outcome {
        Outcome::Done(_) => (AttemptOutcome::Done, None),
        Outcome::Refused(refusal) => (AttemptOutcome::Refused, Some(refusal.why.into())),
        Outcome::NotSent(why) => (AttemptOutcome::NotSent, Some((*why).into())),
        Outcome::Unknown(why) => (AttemptOutcome::Question, Some((*why).into())),
    }
}

/// What a look found, as a record has it, with what people are told of sealed.
pub(super) async fn observed(observed: &Observed, account_id: AccountId, sealing: &mut Sealing<'_>) -> ObservedCharge {
    let gateway::Charge { remote, unpaid, .. } = &observed.charge;
    let charge = &observed.charge;
    ObservedCharge {
        gateway: charge.gateway.clone(),
        account_id,
        remote: RemoteIds {
            charge: remote.charge.clone(),
            order_id: remote.order.clone(),
            transaction: remote.transaction.clone(),
            customer: remote.customer.clone(),
            subscription: remote.subscription.clone(),
            code: remote.code.clone(),
        },
        method: charge.method.map(payment_method),
        amount: charge.amount,
        paid: charge.paid,
        cancelled: charge.cancelled,
        by_bank_data: 0,
        disputed: charge.disputed,
        dispute_won: charge.dispute_won,
        unpaid: match unpaid {
            Some(unpaid) => Some(Unpaid {
                began: unpaid.began,
                stage: unpaid_stage(unpaid.stage),
                reasons: reasons(&unpaid.reasons, sealing).await,
            }),
            None => None,
        },
        installments: charge.installments.map(i32::from),
        brand: charge.brand.clone(),
        boleto: boleto(&charge.boleto, charge.observed_at, sealing).await,
        pix: pix(&charge.pix),
        payer: payer(&observed.payer, charge.observed_at, sealing).await,
        observed_at: charge.observed_at,
    }
}

/// The problems that a gateway names, their sentences sealed.
pub(super) async fn reasons(problems: &[Problem], sealing: &mut Sealing<'_>) -> Vec<Reason> {
    let mut reasons = Vec::with_capacity(problems.len());
    for problem in problems {
        let message = GatewayText::new(&problem.message).ok();
        reasons.push(Reason {
            kind: problem.kind.clone(),
            parameter_name: problem.parameter_name.clone(),
            message: sealing.seal(message.as_ref()).await,
        });
    }
    reasons
}

async fn boleto(boleto: &gateway::Boleto, seen_at: Micros, sealing: &mut Sealing<'_>) -> Option<BoletoData> {
    if *boleto == gateway::Boleto::default() {
        return None;
    }
    let address = |text: &Option<String>| text.as_deref().and_then(|text| GatewayText::new(text).ok());
    Some(BoletoData {
        line: boleto.line.clone(),
        digits44: boleto.digits44.clone(),
        url: sealing.seal(address(&boleto.url).as_ref()).await,
        pdf: sealing.seal(address(&boleto.pdf).as_ref()).await,
        due: boleto.due,
        seen_at,
    })
}

fn pix(pix: &gateway::Pix) -> Option<PixData> {
    let data = PixData { code: pix.code.clone(), until: pix.until, e2e: pix.e2e.clone() };
    (*pix != gateway::Pix::default()).then_some(data)
}

async fn payer(payer: &gateway::Payer, seen_at: Micros, sealing: &mut Sealing<'_>) -> Option<Payer> {
    if *payer == gateway::Payer::default() {
        return None;
    }
    let document = payer.document.as_ref().and_then(|document| MaskedDocument::new(document.expose()).ok());
    Some(Payer {
        last_four: sealing.seal(payer.last_four.as_ref()).await,
        name: sealing.seal(payer.name.as_ref()).await,
        document: sealing.seal(document.as_ref()).await,
        seen_at,
    })
}

/// A charge as its record has it, in gateways' normal form: without sentences and addresses, which are sealed.
pub(super) fn known(record: &ObservedCharge) -> gateway::Charge {
    let remote = &record.remote;
    let (boleto, pix) = (record.boleto.as_ref(), record.pix.as_ref());
    gateway::Charge {
        gateway: record.gateway.clone(),
        account: record.account_id.to_string(),
        remote: gateway::RemoteIds {
            charge: remote.charge.clone(),
            order: remote.order_id.clone(),
            transaction: remote.transaction.clone(),
            customer: remote.customer.clone(),
            subscription: remote.subscription.clone(),
            code: remote.code.clone(),
        },
        method: record.method.and_then(method_of),
        amount: record.amount,
        paid: record.paid,
        cancelled: record.cancelled,
        by_bank_data: record.by_bank_data,
        disputed: record.disputed,
        dispute_won: record.dispute_won,
        unpaid: record.unpaid.as_ref().and_then(|unpaid| {
            let reasons = unpaid.reasons.iter().map(|reason| Problem {
                kind: reason.kind.clone(),
                parameter_name: reason.parameter_name.clone(),
                message: String::new(),
            });
            let (began, reasons) = (unpaid.began, reasons.collect());
            Some(gateway::Unpaid { began, stage: stage_of(unpaid.stage)?, reasons })
        }),
        installments: record.installments.and_then(|number| u8::try_from(number).ok()),
        brand: record.brand.clone(),
        boleto: boleto.map_or_else(gateway::Boleto::default, |boleto| gateway::Boleto {
            line: boleto.line.clone(),
            digits44: boleto.digits44.clone(),
            url: None,
            pdf: None,
            due: boleto.due,
        }),
        pix: pix.map_or_else(gateway::Pix::default, |pix| gateway::Pix {
            code: pix.code.clone(),
            until: pix.until,
            e2e: pix.e2e.clone(),
        }),
        observed_at: record.observed_at,
    }
}

/// True if a look shows something of a charge that its record does not have. When it was looked at is nothing new.
pub(super) fn shows_something_new(record: &ObservedCharge, look: &Observed) -> bool {
    let (known, seen) = (known(record), plain(&look.charge));
    let Ok(merged) = known.merged(&seen) else { return true };
    without_times(merged) != without_times(known) || lacks_something_sealed(record, look)
}

/// The charge of a look without what records have sealed.
fn plain(look: &gateway::Charge) -> gateway::Charge {
    let mut charge = look.clone();
    (charge.boleto.url, charge.boleto.pdf) = (None, None);
    for reason in charge.unpaid.iter_mut().flat_map(|unpaid| &mut unpaid.reasons) {
        reason.message.clear();
    }
    charge
}

fn without_times(mut charge: gateway::Charge) -> gateway::Charge {
    charge.observed_at = 0;
    if let Some(unpaid) = &mut charge.unpaid {
        unpaid.began = 0;
    }
    charge
}

/// True if the record lacks a sealed part that the look has: the keyring was away, or the gateway had not told it yet.
fn lacks_something_sealed(record: &ObservedCharge, look: &Observed) -> bool {
    let boleto = record.boleto.as_ref();
    let payer = record.payer.as_ref();
    let seen = &look.payer;
    [
        (look.charge.boleto.url.is_some(), boleto.is_some_and(|boleto| boleto.url.is_some())),
        (look.charge.boleto.pdf.is_some(), boleto.is_some_and(|boleto| boleto.pdf.is_some())),
        (seen.last_four.is_some(), payer.is_some_and(|payer| payer.last_four.is_some())),
        (seen.name.is_some(), payer.is_some_and(|payer| payer.name.is_some())),
        (seen.document.is_some(), payer.is_some_and(|payer| payer.document.is_some())),
    ]
    .into_iter()
    .any(|(seen, known)| seen && !known)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        gateway::{NotSent, RefusedFor, Unknown},
        records::payments::PaymentMethod,
        sealed::LastFour,
    };

    use super::*;
    use crate::effects::gateways::sample;

    fn look(record: &ObservedCharge) -> Observed {
        let charge = gateway::Charge { observed_at: record.observed_at + 5, ..known(record) };
        Observed { charge, payer: gateway::Payer::default(), look_again: false, tenant: None }
    }

    #[test]
    fn a_look_that_shows_what_is_known_shows_nothing_new_whenever_it_was() {
        let record = sample::observed(&sample::charge(PaymentMethod::Pix, 1));
        let mut same = look(&record);
        assert!(!shows_something_new(&record, &same));
        same.charge.unpaid.as_mut().unwrap().began += 1_000;
        assert!(!shows_something_new(&record, &same));
        let older = Observed { charge: gateway::Charge { paid: 0, ..same.charge.clone() }, ..same.clone() };
        assert!(!shows_something_new(&ObservedCharge { paid: 10, ..record.clone() }, &older), "sums never fall");
    }

    #[test]
    fn a_sum_a_stage_and_a_payer_are_new() {
        let record = sample::observed(&sample::charge(PaymentMethod::Pix, 1));
        let same = look(&record);
        let with = |change: &dyn Fn(&mut Observed)| {
            let mut look = same.clone();
            change(&mut look);
            shows_something_new(&record, &look)
        };
        assert!(with(&|look| look.charge.paid = 1));
        assert!(with(&|look| look.charge.cancelled = 1));
        assert!(with(&|look| look.charge.pix.e2e = Some("E1".into())));
        assert!(with(&|look| {
            let unpaid = look.charge.unpaid.as_mut().unwrap();
            (unpaid.stage, unpaid.began) = (Stage::Cancelled, unpaid.began + 1);
        }));
        assert!(with(&|look| look.payer.last_four = LastFour::new("4242").ok()));
        assert!(with(&|look| look.charge.boleto.url = Some("https://example.com".into())));
    }

    #[test]
    fn an_outcome_has_one_word() {
        let word = |outcome: Outcome<()>| {
            let (outcome, why) = outcome_of(&outcome);
            (outcome, why.map(Why::word))
        };
        assert_eq!(word(Outcome::Done(())), (AttemptOutcome::Done, None));
        let refusal = gateway::Refusal { why: RefusedFor::Account, problems: Vec::new() };
        assert_eq!(word(Outcome::Refused(refusal)), (AttemptOutcome::Refused, Some("account")));
        assert_eq!(word(Outcome::NotSent(NotSent::NoConnection)), (AttemptOutcome::NotSent, Some("no_connection")));
        assert_eq!(word(Outcome::Unknown(Unknown::Status(503))), (AttemptOutcome::Question, Some("status_5xx")));
    }
}
