//! A shop with an account, its charges and refunds, and what runners say of them.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{AccountId, ChargeId, CommandId, EffectId, KeyId, Micros, RefundId},
    money::Money,
    records::{
        EventSet, PaymentsEvent,
        common::CommandMeta,
        payments::{
            Account, AccountKind, AccountStatus, AskGrant, AttemptOutcome, BoletoTerms, Buyer, CancelCharge, CardTerms,
            Charge, ChargeItem, ChargePurpose, ChargeRequest, Effect, EffectKind, ObserveCharge, ObservedCharge,
            PaymentMethod, PixTerms, Refund, RemoteIds, ReportAttempt, RequestCharge, RequestRefund, SettleRefund,
            Standing, StandingStatus, Unpaid, UnpaidStage, Why,
        },
    },
    rows::payments::{AccountRow, StandingRow},
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    time::{HOUR, MINUTE},
};
use uuid::Uuid;

use crate::given::{Given, NOW, SHOP, Then, asked, given};

pub const SECOND: Micros = 1_000_000;
/// The shop's default account.
pub const HERE: AccountId = AccountId::from_uuid(Uuid::from_u128(0xa1));
/// Another account of the shop.
pub const THERE: AccountId = AccountId::from_uuid(Uuid::from_u128(0xa2));
pub const CHARGE: ChargeId = ChargeId::from_uuid(Uuid::from_u128(0xc4));
pub const REFUND: RefundId = RefundId::from_uuid(Uuid::from_u128(0xf1));
pub const OTHER_REFUND: RefundId = RefundId::from_uuid(Uuid::from_u128(0xf2));
/// The time until which the code of the sample's Pix can be paid.
pub const PIX_UNTIL: Micros = NOW + HOUR;
/// The time until which the card's token of the sample lives.
pub const TOKEN_UNTIL: Micros = NOW + MINUTE;

/// A sealed value: one of this number is another seal of the same value.
pub fn sealed<T: Personal>(number: u8) -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Charge, CHARGE.uuid());
    let key = KeyId::from_uuid(Uuid::from_u128(u128::from(number)));
    Sealed::of(Envelope::new(subject, T::FIELD, key, [number; NONCE], vec![number; 40]).unwrap()).unwrap()
}

pub fn account(account_id: AccountId, status: AccountStatus) -> Account {
    Account {
        account_id,
        name: "Conta".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk_1".into(),
        key: sealed(1),
        key_version: 1,
        callback: sealed(2),
        callback_hash: Some("hash".into()),
        status,
        why: None,
        remote_account: None,
        is_default: account_id == HERE,
        created_at: NOW - HOUR,
        updated_at: NOW - HOUR,
        checked_at: None,
        simulated: false,
        notify_email: None,
    }
}

pub fn account_row(account: Account) -> AccountRow {
    AccountRow { tenant_id: SHOP, version: 2, account }
}

pub fn standing(status: StandingStatus) -> StandingRow {
    let shop_name = Some("Loja".into());
    let standing = Standing { status, version: 1, source_version: 1, shop_name, settings_version: 1 };
    StandingRow { tenant_id: SHOP, standing }
}

/// A shop that is open, without accounts.
pub fn open_shop() -> Given<Payments> {
    given(standing(StandingStatus::Open))
}

/// A shop that is open and whose default account is ready.
pub fn shop() -> Given<Payments> {
    open_shop().and(account_row(account(HERE, AccountStatus::Ready)))
}

/// The common fields of a command that is the only one of this number.
pub fn numbered(number: u128) -> CommandMeta {
    CommandMeta { command_id: CommandId::from_uuid(Uuid::from_u128(0xd000 + number)), ..asked() }
}

/// A request of 2 lines, R$ 15,00 in all.
pub fn request(method: PaymentMethod) -> ChargeRequest {
    let item = |code: &str, total| ChargeItem { code: code.into(), description: "Camisa".into(), quantity: 1, total };
    ChargeRequest {
        reference: Some("1001".into()),
        account_id: (method == PaymentMethod::Card).then_some(HERE),
        method,
        amount: Money::brl(1_500),
        items: vec![item("a", 1_000), item("b", 500)],
        shipping: None,
        buyer: Buyer { name: sealed(3), email: sealed(4), document: sealed(5), phone: None, address: sealed(6) },
        statement_descriptor: None,
        card: (method == PaymentMethod::Card).then(|| CardTerms {
            card_token: Some(sealed(7)),
            token_until: Some(TOKEN_UNTIL),
            saved_customer: None,
            saved_card: None,
            installments: 1,
            capture: true,
        }),
        boleto: (method == PaymentMethod::Boleto).then(|| BoletoTerms {
            due: "2023-11-17".into(),
            instructions: String::new(),
            document_number: "1".into(),
        }),
        pix: (method == PaymentMethod::Pix).then(|| PixTerms { until: PIX_UNTIL, information: vec![] }),
    }
}

pub fn request_charge(method: PaymentMethod) -> RequestCharge {
    RequestCharge {
        meta: asked(),
        charge_id: CHARGE,
        purpose: ChargePurpose::Api,
        order_id: None,
        request: request(method),
        not_after: None,
        lent: None,
    }
}

/// A shop that has asked for a charge a second ago.
pub fn wanted(method: PaymentMethod) -> Given<Payments> {
    shop().when(request_charge(method)).then()
}

/// The id of the effect that makes the charge.
pub fn charging() -> EffectId {
    EffectId::from_uuid(CHARGE.uuid())
}

/// The id of the effect that makes a refund.
pub fn refunding(refund: RefundId) -> EffectId {
    EffectId::from_uuid(refund.uuid())
}

pub fn ask() -> AskGrant {
    ask_for(charging())
}

pub fn ask_for(effect_id: EffectId) -> AskGrant {
    AskGrant { meta: numbered(1), effect_id, runner: "runner-1".into(), knows_nothing: false, seen_refunded: None }
}

/// A runner asks that has asked the gateway, which knows nothing.
pub fn ask_knowing() -> AskGrant {
    AskGrant { knows_nothing: true, ..ask() }
}

/// A runner asks for a refund, of a charge of which it has seen this much given back.
pub fn ask_refund(refund: RefundId, seen: i64) -> AskGrant {
    AskGrant { seen_refunded: Some(seen), ..ask_for(refunding(refund)) }
}

pub fn report(attempt: i32, outcome: AttemptOutcome) -> ReportAttempt {
    ReportAttempt {
        meta: numbered(2),
        effect_id: charging(),
        kind: EffectKind::Charge,
        entity: CHARGE.to_string(),
        charge_id: Some(CHARGE),
        attempt,
        outcome,
        why: None,
        reasons: vec![],
        observed: None,
        remote_account: None,
        plan: None,
        saved_card: None,
        subscription: None,
    }
}

pub fn report_why(attempt: i32, outcome: AttemptOutcome, why: Why) -> ReportAttempt {
    ReportAttempt { why: Some(why.word().into()), ..report(attempt, outcome) }
}

pub fn report_done(attempt: i32, observed: ObservedCharge) -> ReportAttempt {
    ReportAttempt { observed: Some(observed), ..report(attempt, AttemptOutcome::Done) }
}

/// The same report, of a refund's attempt.
pub fn of_refund(refund: RefundId, report: ReportAttempt) -> ReportAttempt {
    ReportAttempt { effect_id: refunding(refund), kind: EffectKind::Refund, entity: refund.to_string(), ..report }
}

/// The charge at the gateway, as a look that began then has found it: nobody has paid it.
pub fn look(began: Micros) -> ObservedCharge {
    ObservedCharge {
        gateway: "pagarme".into(),
        account_id: HERE,
        remote: RemoteIds {
            charge: "ch_1".into(),
            order_id: None,
            transaction: None,
            customer: None,
            subscription: None,
            code: Some(CHARGE.to_string()),
        },
        method: Some(PaymentMethod::Pix),
        amount: 1_500,
        paid: 0,
        cancelled: 0,
        by_bank_data: 0,
        disputed: 0,
        dispute_won: 0,
        unpaid: Some(Unpaid { began, stage: UnpaidStage::Pending, reasons: vec![] }),
        installments: None,
        brand: None,
        boleto: None,
        pix: None,
        payer: None,
        observed_at: began,
    }
}

/// The same, of a charge without money in this stage.
pub fn look_at(began: Micros, stage: UnpaidStage) -> ObservedCharge {
    ObservedCharge { unpaid: Some(Unpaid { began, stage, reasons: vec![] }), ..look(began) }
}

/// The same, paid in full, and this much of it given back.
pub fn look_paid(began: Micros, cancelled: i64) -> ObservedCharge {
    ObservedCharge { paid: 1_500, cancelled, unpaid: None, ..look(began) }
}

pub fn observe(observed: ObservedCharge) -> ObserveCharge {
    ObserveCharge { meta: numbered(3), charge_id: CHARGE, observed }
}

/// A charge that waits for its buyer, made two seconds ago.
pub fn pending(method: PaymentMethod) -> Given<Payments> {
    let found = ObservedCharge { method: Some(method), ..look(NOW) };
    wanted(method).when(ask()).then().when(report_done(1, found)).then()
}

/// A charge of R$ 15,00 that was paid.
pub fn paid(method: PaymentMethod) -> Given<Payments> {
    let found = ObservedCharge { method: Some(method), ..look_paid(NOW + 1, 0) };
    pending(method).when(observe(found)).then()
}

pub fn cancel() -> CancelCharge {
    CancelCharge { meta: numbered(4), charge_id: CHARGE }
}

pub fn request_refund(refund_id: RefundId, amount: Option<i64>) -> RequestRefund {
    RequestRefund {
        meta: CommandMeta { command_id: CommandId::from_uuid(refund_id.uuid()), ..asked() },
        refund_id,
        charge_id: CHARGE,
        reference: None,
        amount: amount.map(Money::brl),
        bank_account: None,
    }
}

pub fn settle(refund_id: RefundId) -> SettleRefund {
    SettleRefund { meta: numbered(5), refund_id, charge_id: CHARGE, note: "Pix para a mesma conta".into() }
}

/// The charge as the events leave it.
#[track_caller]
pub fn charge_of(then: &Then<Payments>) -> Charge {
    let charges = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::ChargeChanged(event) => Some(event.charge.clone()),
        _ => None,
    });
    { charges }.next().expect("a charge has changed")
}

/// The effect as the events leave it.
#[track_caller]
pub fn effect_of(then: &Then<Payments>) -> Effect {
    let effects = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::EffectWanted(event) => Some(event.effect.clone()),
        PaymentsEvent::EffectGranted(event) => Some(event.effect.clone()),
        PaymentsEvent::EffectReported(event) => Some(event.effect.clone()),
        _ => None,
    });
    { effects }.next().expect("an effect has changed")
}

/// The refund as the events leave it.
#[track_caller]
pub fn refund_of(then: &Then<Payments>) -> Refund {
    let refunds = then.all().iter().rev().filter_map(|event| match event {
        PaymentsEvent::RefundChanged(event) => Some(event.refund.clone()),
        _ => None,
    });
    { refunds }.next().expect("a refund has changed")
}

/// The accounts that the events change, in their order.
pub fn accounts_of(then: &Then<Payments>) -> Vec<Account> {
    let accounts = then.all().iter().filter_map(|event| match event {
        PaymentsEvent::AccountChanged(event) => Some(event.account.clone()),
        _ => None,
    });
    accounts.collect()
}

/// The names of the events, without their context.
pub fn names(then: &Then<Payments>) -> Vec<&'static str> {
    use feira_schemas::records::RecordSet;
    then.all().iter().filter_map(|event| event.record_name().rsplit('.').next()).collect()
}

/// The code of the refusal among the events, which may say other things, too.
#[track_caller]
pub fn refusal(then: &Then<Payments>) -> String {
    let answered = then.all().iter().find_map(EventSet::as_answered).expect("a refusal");
    assert!(answered.detail.as_ref().is_some_and(|detail| detail.ends_with('.')), "{answered:?}");
    answered.code.clone().expect("a code")
}
