//! Charges and effects for the tests of this folder.
#![allow(clippy::unwrap_used)]

use feira_schemas::{
    ids::{AccountId, ChargeId, EffectId, KeyId, Micros},
    money::Money,
    records::payments::{
        Account, AccountKind, AccountStatus, Buyer, Charge, ChargePurpose, ChargeRequest, ChargeStatus, Effect,
        EffectKind, EffectState, ObservedCharge, PaymentMethod, RemoteIds, Unpaid, UnpaidStage,
    },
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind, TAG},
};
use uuid::Uuid;

fn sealed<T: Personal>() -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Charge, Uuid::nil());
    let key = KeyId::from_uuid(Uuid::nil());
    Sealed::of(Envelope::new(subject, T::FIELD, key, [0; NONCE], vec![0; TAG]).unwrap()).unwrap()
}

/// A charge that waits for the buyer since a time.
pub(super) fn charge(method: PaymentMethod, created_at: Micros) -> Charge {
    Charge {
        charge_id: ChargeId::from_uuid(Uuid::nil()),
        purpose: ChargePurpose::Api,
        order_id: None,
        request: ChargeRequest {
            reference: None,
            account_id: None,
            method,
            amount: Money::brl(100),
            items: Vec::new(),
            shipping: None,
            buyer: Buyer { name: sealed(), email: sealed(), document: sealed(), phone: None, address: sealed() },
            statement_descriptor: None,
            card: None,
            boleto: None,
            pix: None,
        },
        status: ChargeStatus::Pending,
        account_id: None,
        observed: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        cancel_wanted: false,
        created_at,
        updated_at: created_at,
        simulated: false,
        lent: None,
    }
}

/// The charge as a gateway has it, unpaid.
pub(super) fn observed(charge: &Charge) -> ObservedCharge {
    ObservedCharge {
        gateway: "pagarme".into(),
        account_id: AccountId::from_uuid(Uuid::nil()),
        remote: RemoteIds {
            charge: "ch_1".into(),
            order_id: None,
            transaction: None,
            customer: None,
            subscription: None,
            code: None,
        },
        method: Some(charge.request.method),
        amount: charge.request.amount.amount,
        paid: 0,
        cancelled: 0,
        by_bank_data: 0,
        disputed: 0,
        dispute_won: 0,
        unpaid: Some(Unpaid { began: charge.created_at, stage: UnpaidStage::Pending, reasons: Vec::new() }),
        installments: None,
        brand: None,
        boleto: None,
        pix: None,
        payer: None,
        observed_at: charge.created_at,
    }
}

/// An effect of which nothing is known.
pub(super) fn effect(kind: EffectKind) -> Effect {
    Effect {
        effect_id: EffectId::from_uuid(Uuid::nil()),
        kind,
        entity: Uuid::nil().to_string(),
        charge_id: Some(ChargeId::from_uuid(Uuid::nil())),
        state: EffectState::Question,
        account_id: None,
        not_after: None,
        wanted_at: 3_600_000_000,
        first_granted_at: None,
        attempts: 1,
        granted: None,
        last: None,
        settled: None,
    }
}

/// An account of this status that was made at a time.
pub(super) fn account(status: AccountStatus, created_at: Micros) -> Account {
    Account {
        account_id: AccountId::from_uuid(Uuid::from_u128(7)),
        name: "Conta".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk_1".into(),
        key: sealed(),
        key_version: 1,
        callback: sealed(),
        callback_hash: None,
        status,
        why: None,
        remote_account: None,
        is_default: true,
        created_at,
        updated_at: created_at,
        checked_at: None,
        simulated: false,
        notify_email: None,
    }
}
