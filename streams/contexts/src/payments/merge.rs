//! Merging looks at a charge on the record's form. Sums, ids and stages go by the one rule of the normal form; what is sealed is kept
//! whole from one look, the same whatever the order of looks is.

use feira_schemas::{
    gateway,
    ids::Micros,
    records::payments::{
        BoletoData, ChargeStatus, ObservedCharge, Payer, PaymentMethod, PixData, Reason, RemoteIds, Unpaid, UnpaidStage,
    },
    sealed::Sealed,
};

/// What two looks at one charge have found together; `None` if they are of two charges.
///
/// Of a charge that was looked at once, `merged(look, look)` is the same look.
pub(super) fn merged(one: &ObservedCharge, other: &ObservedCharge) -> Option<ObservedCharge> {
    let normal = normal(one);
    let charge = normal.merged(&self::normal(other)).ok()?;
    let unpaid = match charge.unpaid == normal.unpaid {
        true => one.unpaid.clone(),
        false => other.unpaid.clone(),
    };
    Some(ObservedCharge {
        gateway: charge.gateway,
        account_id: one.account_id,
        remote: RemoteIds {
            charge: charge.remote.charge,
            order_id: charge.remote.order,
            transaction: charge.remote.transaction,
            customer: charge.remote.customer,
            subscription: charge.remote.subscription,
            code: charge.remote.code,
        },
        method: charge.method.map(|method| match method {
            gateway::Method::Card => PaymentMethod::Card,
            gateway::Method::Boleto => PaymentMethod::Boleto,
            gateway::Method::Pix => PaymentMethod::Pix,
        }),
        amount: charge.amount,
        paid: charge.paid,
        cancelled: charge.cancelled,
        by_bank_data: charge.by_bank_data,
        disputed: charge.disputed,
        dispute_won: charge.dispute_won,
        unpaid,
        installments: charge.installments.map(i32::from),
        brand: charge.brand,
        boleto: boleto_of(charge.boleto, one.boleto.as_ref(), other.boleto.as_ref()),
        pix: (one.pix.is_some() || other.pix.is_some()).then_some(PixData {
            code: charge.pix.code,
            until: charge.pix.until,
            e2e: charge.pix.e2e,
        }),
        payer: fuller(one.payer.as_ref(), other.payer.as_ref(), rank_of_payer).cloned(),
        observed_at: charge.observed_at,
    })
}

/// True if a look says more of a charge than that it was looked at again: what is not in here is not worth an event.
pub(super) fn is_news(known: &ObservedCharge, look: &ObservedCharge) -> bool {
    let Some(merged) = merged(known, look) else { return false };
    clear(&merged) != clear(known)
}

/// A charge without the times of looks, and of what is sealed only what there is: each act of sealing makes other bytes.
fn clear(charge: &ObservedCharge) -> (gateway::Charge, [bool; 5]) {
    let mut normal = normal(charge);
    normal.observed_at = 0;
    if let Some(unpaid) = &mut normal.unpaid {
        unpaid.began = 0;
        for reason in &mut unpaid.reasons {
            reason.message.clear();
        }
    }
    let (payer, boleto) = (charge.payer.as_ref(), charge.boleto.as_ref());
    let sealed = [
        payer.is_some_and(|payer| payer.last_four.is_some()),
        payer.is_some_and(|payer| payer.name.is_some()),
        payer.is_some_and(|payer| payer.document.is_some()),
        boleto.is_some_and(|boleto| boleto.url.is_some()),
        boleto.is_some_and(|boleto| boleto.pdf.is_some()),
    ];
    (normal, sealed)
}

/// The state that the sums tell; where there is no money, the stage that the latest look found.
pub(super) fn status(observed: &ObservedCharge) -> ChargeStatus {
    match normal(observed).status() {
        gateway::Status::Pending => ChargeStatus::Pending,
        gateway::Status::Confirming => ChargeStatus::Confirming,
        gateway::Status::Authorized => ChargeStatus::Authorized,
        gateway::Status::Paid => ChargeStatus::Paid,
        gateway::Status::Underpaid => ChargeStatus::Underpaid,
        gateway::Status::PartlyRefunded => ChargeStatus::PartlyRefunded,
        gateway::Status::Refunded => ChargeStatus::Refunded,
        gateway::Status::Failed => ChargeStatus::Failed,
        gateway::Status::Cancelled => ChargeStatus::Cancelled,
        gateway::Status::ChargedBack => ChargeStatus::ChargedBack,
    }
}

/// The sum that was given back: of boletos what went to a bank account alone.
pub(super) fn refunded(observed: &ObservedCharge) -> i64 {
    normal(observed).refunded()
}

/// The sum that buyers' banks hold back.
pub(super) fn charged_back(observed: &ObservedCharge) -> i64 {
    normal(observed).charged_back()
}

/// A look in the normal form. A sealed sentence stands there as the text of its seal: nothing reads it, and it sorts the same
/// everywhere.
fn normal(observed: &ObservedCharge) -> gateway::Charge {
    let boleto = observed.boleto.as_ref();
    let pix = observed.pix.as_ref();
    gateway::Charge {
        gateway: observed.gateway.clone(),
        account: observed.account_id.to_string(),
        remote: gateway::RemoteIds {
            charge: observed.remote.charge.clone(),
            order: observed.remote.order_id.clone(),
            transaction: observed.remote.transaction.clone(),
            customer: observed.remote.customer.clone(),
            subscription: observed.remote.subscription.clone(),
            code: observed.remote.code.clone(),
        },
        method: observed.method.and_then(|method| match method {
            PaymentMethod::Card => Some(gateway::Method::Card),
            PaymentMethod::Boleto => Some(gateway::Method::Boleto),
            PaymentMethod::Pix => Some(gateway::Method::Pix),
            PaymentMethod::Unknown => None,
        }),
        amount: observed.amount,
        paid: observed.paid,
        cancelled: observed.cancelled,
        by_bank_data: observed.by_bank_data,
        disputed: observed.disputed,
        dispute_won: observed.dispute_won,
        unpaid: observed.unpaid.as_ref().map(unpaid),
        installments: observed.installments.and_then(|parcels| u8::try_from(parcels).ok()),
        brand: observed.brand.clone(),
        boleto: gateway::Boleto {
            line: boleto.and_then(|boleto| boleto.line.clone()),
            digits44: boleto.and_then(|boleto| boleto.digits44.clone()),
            url: None,
            pdf: None,
            due: boleto.and_then(|boleto| boleto.due),
        },
        pix: gateway::Pix {
            code: pix.and_then(|pix| pix.code.clone()),
            until: pix.and_then(|pix| pix.until),
            e2e: pix.and_then(|pix| pix.e2e.clone()),
        },
        observed_at: observed.observed_at,
    }
}

fn unpaid(unpaid: &Unpaid) -> gateway::Unpaid {
    let stage = match unpaid.stage {
        UnpaidStage::Pending => gateway::Stage::Pending,
        UnpaidStage::Authorized => gateway::Stage::Authorized,
        UnpaidStage::Failed => gateway::Stage::Failed,
        UnpaidStage::Cancelled => gateway::Stage::Cancelled,
        // Of a later version: nothing is concluded from it.
        UnpaidStage::Confirming | UnpaidStage::Unknown => gateway::Stage::Confirming,
    };
    gateway::Unpaid { began: unpaid.began, stage, reasons: unpaid.reasons.iter().map(problem).collect() }
}

fn problem(reason: &Reason) -> gateway::Problem {
    gateway::Problem {
        kind: reason.kind.clone(),
        parameter_name: reason.parameter_name.clone(),
        message: text(reason.message.as_ref()),
    }
}

fn boleto_of(clear: gateway::Boleto, one: Option<&BoletoData>, other: Option<&BoletoData>) -> Option<BoletoData> {
    let sealed = fuller(one, other, rank_of_boleto)?;
    Some(BoletoData {
        line: clear.line,
        digits44: clear.digits44,
        url: sealed.url.clone(),
        pdf: sealed.pdf.clone(),
        due: clear.due,
        seen_at: sealed.seen_at,
    })
}

/// The place of a sealed part among those of all looks: what tells most, then the later look, then the bytes.
type Rank = (usize, Micros, Vec<String>);

fn rank_of_payer(payer: &Payer) -> Rank {
    let texts = vec![text(payer.last_four.as_ref()), text(payer.name.as_ref()), text(payer.document.as_ref())];
    rank(texts, payer.seen_at)
}

fn rank_of_boleto(boleto: &BoletoData) -> Rank {
    rank(vec![text(boleto.url.as_ref()), text(boleto.pdf.as_ref())], boleto.seen_at)
}

fn rank(texts: Vec<String>, seen_at: Micros) -> Rank {
    (texts.iter().filter(|text| !text.is_empty()).count(), seen_at, texts)
}

fn fuller<'a, T>(one: Option<&'a T>, other: Option<&'a T>, rank: fn(&T) -> Rank) -> Option<&'a T> {
    match (one, other) {
        (Some(one), Some(other)) if rank(other) > rank(one) => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

/// A sealed value as rows have it; empty if there is none.
fn text<T>(sealed: Option<&Sealed<T>>) -> String
where
    T: feira_schemas::sealed::Personal,
{
    sealed.map(|sealed| sealed.envelope().to_text()).unwrap_or_default()
}
