//! A subscription, who subscribes, and what directory, payments and admin say of it.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{ChargeId, KeyId, Micros, PlanId, SignupPlanId, StaffId, SubscriptionId, TenantId},
    money::Money,
    records::{
        AdminEvent, DirectoryCommand, PaymentsCommand, SignupEvent,
        admin::{Tenant, TenantChanged, TenantStatus},
        common::CommandMeta,
        directory::ClaimName,
        mails::Mail,
        payments::{
            self, AccountKind, BoletoData, Buyer, Charge, ChargeChanged, ChargePurpose, ChargeStatus, LentAccount,
            LentPlan, ObservedCharge, PaymentMethod, PixData, RemoteIds, RemoteSubscriptionChanged, RequestCharge,
            RequestSubscription,
        },
        signup::{AnswerNameClaim, Invoice, Owner, PlanLimits, Subscribe, Subscription, SubscriptionStatus, Terms},
    },
    rows::common::Timer,
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    time::MINUTE,
};
use uuid::Uuid;

use crate::{
    given::{NOW, SHOP, Then, asked, nothing, said},
    sample::{HERE, Told},
};

pub const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_uuid(Uuid::from_u128(0x5b));
pub const STAFF: StaffId = StaffId::from_uuid(Uuid::from_u128(0x5f));
/// A day on which banks are open, two days after [`NOW`].
pub const DUE: &str = "2023-11-16";
pub const CODE: &str = "00020126pix";
pub const LINE: &str = "34191.79001";

/// A value that is sealed of this subject, which nobody opens.
fn sealed<T: Personal>(kind: SubjectKind, id: Uuid, number: u8) -> Sealed<T> {
    let (subject, key) = (Subject::new(kind, id), KeyId::from_uuid(Uuid::from_u128(u128::from(number))));
    Sealed::of(Envelope::new(subject, T::FIELD, key, [number; NONCE], vec![number; 40]).unwrap()).unwrap()
}

fn of_subscriber<T: Personal>(number: u8) -> Sealed<T> {
    sealed(SubjectKind::Subscriber, SUBSCRIPTION.uuid(), number)
}

/// The person who subscribes, as sealed for the try of this number.
pub fn subscriber(number: u8) -> Buyer {
    Buyer {
        name: of_subscriber(number),
        email: of_subscriber(number),
        document: of_subscriber(number),
        phone: None,
        address: of_subscriber(number),
    }
}

/// The first administrator, as sealed for the try of this number.
pub fn owner(number: u8) -> Owner {
    Owner {
        staff_id: STAFF,
        email: sealed(SubjectKind::Staff, STAFF.uuid(), number),
        email_term: "00112233445566778899aabbccddeeff".into(),
        name: sealed(SubjectKind::Staff, STAFF.uuid(), number),
    }
}

pub fn terms() -> Terms {
    Terms {
        plan_id: SignupPlanId::from_uuid(Uuid::from_u128(0x51)),
        plan_name: "Básico".into(),
        price: Money::brl(4_990),
        months: 1,
        limits: PlanLimits { products: Some(100), staff: None },
        methods: vec![PaymentMethod::Card, PaymentMethod::Pix, PaymentMethod::Boleto],
        account: LentAccount {
            owner: TenantId::PLATFORM,
            account_id: HERE,
            name: "Plataforma".into(),
            gateway: "pagarme".into(),
            kind: AccountKind::WholeService,
            public_key: "pk_1".into(),
            simulated: false,
        },
        remote: Some(LentPlan {
            plan_id: PlanId::from_uuid(Uuid::from_u128(0x91)),
            name: "Básico".into(),
            price: Money::brl(4_990),
            months: 1,
            remote_id: "plan_1".into(),
        }),
    }
}

/// The form of the try of this number, which is decided in time whenever it is.
pub fn subscribe(method: PaymentMethod, attempt: i32) -> Subscribe {
    let number = u8::try_from(attempt).unwrap();
    let is_card = method == PaymentMethod::Card;
    Subscribe {
        meta: asked(),
        subscription_id: SUBSCRIPTION,
        visitor: "visitor-1".into(),
        terms: terms(),
        subscriber: subscriber(number),
        owner: owner(number),
        subdomain: "cafe".into(),
        shop_name: "Café".into(),
        accepted: "2026-11".into(),
        method,
        attempt,
        card_token: is_card.then(|| of_subscriber(number)),
        token_until: is_card.then_some(NOW + MINUTE),
        due: (method == PaymentMethod::Boleto).then(|| DUE.into()),
        not_after: i64::MAX,
    }
}

/// The directory answers at this time.
pub fn answer(name: &str, held: bool, at: Micros) -> AnswerNameClaim {
    let meta = CommandMeta { actor: "system:directory".into(), issued_at: at, ..asked() };
    AnswerNameClaim { meta, name: name.into(), held, confirmed: false }
}

/// Somebody has subscribed, and the directory is asked.
pub fn naming(method: PaymentMethod) -> Then<Signup> {
    nothing::<Signup>().when(subscribe(method, 1))
}

/// The name is held, and payments is asked.
pub fn paying(method: PaymentMethod) -> Then<Signup> {
    naming(method).then().when(answer("cafe", true, NOW))
}

/// The code is there, and waits to be paid.
pub fn waiting(method: PaymentMethod) -> Then<Signup> {
    let first = paying(method);
    let code = with_code(&first);
    first.then().when_told(code)
}

/// It was paid while the name was held: by Pix or boleto.
pub fn paid(method: PaymentMethod) -> Then<Signup> {
    let then = paying(method);
    let charge = charge(&then, ChargeStatus::Paid);
    then.then().when_told(charge)
}

/// It was paid, and the shop is open.
pub fn active() -> Then<Signup> {
    paid(PaymentMethod::Pix).then().when_said(shop(TenantStatus::Active, "cafe"))
}

/// It was refused.
pub fn refused(method: PaymentMethod) -> Then<Signup> {
    let then = paying(method);
    let charge = charge(&then, ChargeStatus::Failed);
    then.then().when_told(charge)
}

/// Its time is over, and payments has not said what became of it.
pub fn late(method: PaymentMethod) -> Then<Signup> {
    let then = paying(method);
    let timer = timer(&then, "ends");
    then.then().when_due(&timer)
}

/// Nobody has paid in time.
pub fn expired(method: PaymentMethod) -> Then<Signup> {
    let then = late(method);
    let timer = timer(&then, "ends");
    then.then().when_due(&timer)
}

/// The subscription as the last event of it says.
#[track_caller]
pub fn now_of(then: &Then<Signup>) -> Subscription {
    let said = then.all().iter().rev().find_map(|event| match event {
        SignupEvent::SubscriptionChanged(event) => Some(event.subscription.clone()),
        _ => None,
    });
    said.unwrap_or_else(|| panic!("{then:?}"))
}

#[track_caller]
pub fn status_of(then: &Then<Signup>) -> SubscriptionStatus {
    now_of(then).status
}

/// The invoice as the last event of it says.
pub fn invoice_of(then: &Then<Signup>) -> Option<Invoice> {
    then.all().iter().rev().find_map(|event| match event {
        SignupEvent::InvoiceChanged(event) => Some(event.invoice.clone()),
        _ => None,
    })
}

/// The mails that are asked for.
pub fn mails_of(then: &Then<Signup>) -> Vec<Mail> {
    let mails = then.all().iter().filter_map(|event| match event {
        SignupEvent::MailWanted(event) => Some(event.mail.clone()),
        _ => None,
    });
    mails.collect()
}

/// The timer that is set for this.
#[track_caller]
pub fn timer(then: &Then<Signup>, what: &str) -> Timer {
    then.timers().into_iter().find(|timer| timer.what == what).unwrap_or_else(|| panic!("{then:?}"))
}

/// The names that the directory is asked to hold, each with the microseconds.
pub fn claims(then: &Then<Signup>) -> Vec<(String, Micros)> {
    let claims = then.commands().iter().filter_map(|command| match command.command() {
        Some(DirectoryCommand::ClaimName(ClaimName { name, held_for, .. })) => Some((name.clone(), *held_for)),
        _ => None,
    });
    claims.collect()
}

/// The names that are let go.
pub fn released(then: &Then<Signup>) -> Vec<String> {
    let released = then.commands().iter().filter_map(|command| match command.command() {
        Some(DirectoryCommand::ReleaseName(release)) => Some(release.name.clone()),
        _ => None,
    });
    released.collect()
}

/// The commands that payments is sent.
pub fn to_payments(then: &Then<Signup>) -> Vec<&PaymentsCommand> {
    then.commands().iter().filter_map(|command| command.command()).collect()
}

/// The charge that payments is asked for.
#[track_caller]
pub fn asked_charge(then: &Then<Signup>) -> RequestCharge {
    match to_payments(then)[..] {
        [PaymentsCommand::RequestCharge(command)] => command.clone(),
        _ => panic!("{then:?}"),
    }
}

/// The subscription that payments is asked for.
#[track_caller]
pub fn asked_card(then: &Then<Signup>) -> RequestSubscription {
    match to_payments(then)[..] {
        [PaymentsCommand::RequestSubscription(command)] => command.clone(),
        _ => panic!("{then:?}"),
    }
}

/// Payments says what became of what it was asked in a decision: of its charge, or of the first one of a card's subscription.
#[track_caller]
pub fn charge(then: &Then<Signup>, status: ChargeStatus) -> ChargeChanged {
    match to_payments(then)[..] {
        [PaymentsCommand::RequestCharge(command)] => of_charge(command, status),
        [PaymentsCommand::RequestSubscription(command)] => renewal(command, "ch_1", status),
        _ => panic!("{then:?}"),
    }
}

fn of_charge(command: &RequestCharge, status: ChargeStatus) -> ChargeChanged {
    let charge = Charge {
        lent: command.lent.clone(),
        charge_id: command.charge_id,
        purpose: command.purpose,
        order_id: command.order_id.clone(),
        request: command.request.clone(),
        status,
        account_id: Some(HERE),
        observed: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        cancel_wanted: false,
        created_at: NOW,
        updated_at: NOW,
        simulated: false,
    };
    ChargeChanged { meta: said(charge.charge_id, 1), charge }
}

/// A charge that the gateway has made for a card's subscription.
pub fn renewal(command: &RequestSubscription, remote: &str, status: ChargeStatus) -> ChargeChanged {
    let charge_id = ChargeId::of_renewal(command.subscription_id, remote);
    let request = payments::ChargeRequest {
        reference: command.request.reference.clone(),
        account_id: Some(HERE),
        method: PaymentMethod::Card,
        amount: terms().price,
        items: Vec::new(),
        shipping: None,
        buyer: command.request.subscriber.clone(),
        statement_descriptor: None,
        card: None,
        boleto: None,
        pix: None,
    };
    let asked = RequestCharge {
        meta: command.meta.clone(),
        charge_id,
        purpose: ChargePurpose::Subscription,
        order_id: Some(command.subscription_id.to_string()),
        request,
        not_after: None,
        lent: Some(terms().account),
    };
    of_charge(&asked, status)
}

/// The code of a charge is there, by which it is paid.
#[track_caller]
pub fn with_code(then: &Then<Signup>) -> ChargeChanged {
    let mut changed = charge(then, ChargeStatus::Pending);
    let method = changed.charge.request.method;
    changed.charge.observed = Some(ObservedCharge {
        gateway: "pagarme".into(),
        account_id: HERE,
        remote: RemoteIds {
            charge: "ch_1".into(),
            order_id: None,
            transaction: None,
            customer: None,
            subscription: None,
            code: None,
        },
        method: Some(method),
        amount: 4_990,
        paid: 0,
        cancelled: 0,
        by_bank_data: 0,
        disputed: 0,
        dispute_won: 0,
        unpaid: None,
        installments: None,
        brand: None,
        boleto: (method == PaymentMethod::Boleto).then(|| BoletoData {
            line: Some(LINE.into()),
            digits44: None,
            url: None,
            pdf: None,
            due: None,
            seen_at: NOW,
        }),
        pix: (method == PaymentMethod::Pix).then(|| PixData { code: Some(CODE.into()), until: None, e2e: None }),
        payer: None,
        observed_at: NOW,
    });
    changed
}

/// Payments says what a card's subscription is now.
#[track_caller]
pub fn remote(then: &Then<Signup>, status: payments::SubscriptionStatus) -> RemoteSubscriptionChanged {
    let command = asked_card(then);
    let subscription = payments::Subscription {
        lent: command.lent,
        lent_plan: command.lent_plan,
        subscription_id: command.subscription_id,
        request: command.request,
        status,
        account_id: Some(HERE),
        plan: None,
        kept: None,
        observed: None,
        charge_id: None,
        why: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        end_wanted: false,
        ending: None,
        note: None,
        created_at: NOW,
        updated_at: NOW,
    };
    RemoteSubscriptionChanged { meta: said(subscription.subscription_id, 1), subscription }
}

/// Admin says what the shop is now, for the first time.
pub fn shop(status: TenantStatus, subdomain: &str) -> AdminEvent {
    shop_in(1, status, subdomain)
}

/// Admin says what the shop is in this version of it.
pub fn shop_in(version: i64, status: TenantStatus, subdomain: &str) -> AdminEvent {
    let tenant = Tenant {
        tenant_id: SHOP,
        version,
        status,
        subdomain: subdomain.into(),
        created_at: NOW,
        requested_by: None,
        subscription_id: Some(SUBSCRIPTION),
    };
    TenantChanged { meta: said(tenant.tenant_id, version), tenant }.into()
}
