//! A plan of the platform, and what payments says of it.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{AccountId, CommandId, KeyId, Micros, PlanId, SignupPlanId, TenantId},
    money::Money,
    problem::Code,
    records::{
        PaymentsCommand, PaymentsEvent, SignupEvent,
        common::{Answers, CommandAnswered, EventMeta, Outcome},
        payments::{self, Account, AccountChanged, AccountKind, AccountStatus, PaymentMethod, SavePlan},
        signup::{ChangePlan, CreatePlan, Plan, PlanChanges, PlanContent, PlanLimits, PlanStatus, RemotePlan},
    },
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
};
use uuid::Uuid;

use crate::given::{Given, NOW, Then, asked_by, nothing, said};

pub const SECOND: Micros = 1_000_000;
pub const PLAN: SignupPlanId = SignupPlanId::from_uuid(Uuid::from_u128(0x51));
/// The platform's default account.
pub const HERE: AccountId = AccountId::from_uuid(Uuid::from_u128(0xa1));
/// Another account of the platform.
pub const THERE: AccountId = AccountId::from_uuid(Uuid::from_u128(0xa2));

pub fn content() -> PlanContent {
    PlanContent {
        name: "Básico".into(),
        description: "Para começar.\nCresce com você.".into(),
        features: vec!["Loja própria".into()],
        price: Money::brl(4_990),
        months: 1,
        limits: PlanLimits { products: Some(100), staff: None },
        status: PlanStatus::Active,
        position: 1,
        methods: vec![PaymentMethod::Card, PaymentMethod::Pix],
    }
}

pub fn create() -> CreatePlan {
    CreatePlan { meta: asked_by(TenantId::PLATFORM), plan_id: PLAN, content: content() }
}

/// A plan that cards don't pay.
pub fn create_without_cards() -> CreatePlan {
    CreatePlan { content: PlanContent { methods: vec![PaymentMethod::Pix], ..content() }, ..create() }
}

pub fn change(changes: PlanChanges) -> ChangePlan {
    ChangePlan { meta: asked_by(TenantId::PLATFORM), plan_id: PLAN, changes }
}

pub fn price(amount: i64) -> PlanChanges {
    PlanChanges { price: Some(Money::brl(amount)), ..PlanChanges::default() }
}

pub fn methods(methods: &[PaymentMethod]) -> PlanChanges {
    PlanChanges { methods: Some(methods.to_vec()), ..PlanChanges::default() }
}

/// What payments says is one of two contexts' events.
pub trait Told {
    /// Decides an event of payments.
    fn when_told(self, event: impl Into<PaymentsEvent>) -> Then<Signup>;
}

impl Told for Given<Signup> {
    fn when_told(self, event: impl Into<PaymentsEvent>) -> Then<Signup> {
        let event: PaymentsEvent = event.into();
        self.when_said(event)
    }
}

/// A plan that payments was asked for.
pub fn asked() -> Then<Signup> {
    nothing::<Signup>().when(create())
}

/// A plan that the gateway has.
pub fn made() -> Given<Signup> {
    let then = asked();
    let ready = ready(&then);
    then.then().when_told(ready).then()
}

/// A plan that payments has refused with this code.
pub fn refused(code: Code) -> Then<Signup> {
    let then = asked();
    let refusal = refusal(save(&then).meta.command_id, Outcome::Refused, Some(code));
    then.then().when_told(refusal)
}

/// The plan as the last event of it says.
#[track_caller]
pub fn plan_of(then: &Then<Signup>) -> Plan {
    let said = then.all().iter().rev().find_map(|event| match event {
        SignupEvent::PlanChanged(event) => Some(event.plan.clone()),
        _ => None,
    });
    said.unwrap()
}

/// The plan at the gateway, of the plan as the last event of it says.
#[track_caller]
pub fn remote_of(then: &Then<Signup>) -> RemotePlan {
    plan_of(then).remote.unwrap()
}

/// The only command that is sent, which asks payments for a plan.
#[track_caller]
pub fn save(then: &Then<Signup>) -> &SavePlan {
    let [command] = then.commands() else { panic!("{then:?}") };
    assert_eq!((command.key.as_str(), command.meta().tenant_id), (&*platform(), TenantId::PLATFORM));
    match command.command() {
        Some(PaymentsCommand::SavePlan(command)) => command,
        other => panic!("{other:?}"),
    }
}

fn platform() -> String {
    TenantId::PLATFORM.to_string()
}

/// The common fields of an event of payments about the platform.
fn of_platform(aggregate_id: impl ToString) -> EventMeta {
    EventMeta { tenant_id: TenantId::PLATFORM, ..said(aggregate_id, 1) }
}

/// Payments has what was asked in a decision, in this state.
#[track_caller]
pub fn has(then: &Then<Signup>, status: payments::PlanStatus) -> payments::PlanChanged {
    let asked = save(then);
    let is_ready = status == payments::PlanStatus::Ready;
    let plan = payments::Plan {
        plan_id: asked.plan_id,
        reference: asked.reference.clone(),
        account_id: HERE,
        name: asked.name.clone(),
        description: asked.description.clone(),
        price: asked.price,
        months: asked.months,
        statement_descriptor: None,
        status,
        remote_id: is_ready.then(|| "plan_1".into()),
        why: None,
        reasons: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    };
    payments::PlanChanged { meta: of_platform(plan.plan_id), plan }
}

/// The gateway has what was asked in a decision.
#[track_caller]
pub fn ready(then: &Then<Signup>) -> payments::PlanChanged {
    has(then, payments::PlanStatus::Ready)
}

/// Payments has answered a command without a change.
pub fn refusal(command_id: CommandId, outcome: Outcome, code: Option<Code>) -> CommandAnswered {
    let answers = Some(Answers { command_id, body_hash: String::new(), outcome });
    CommandAnswered {
        meta: EventMeta { answers, ..of_platform(command_id) },
        code: code.map(|code| code.to_string()),
        detail: code.map(|_| "Não foi aceito.".into()),
        errors: Vec::new(),
        body: None,
        entity: None,
    }
}

/// An account of the platform is this now.
pub fn account(account_id: AccountId, status: AccountStatus, is_default: bool) -> PaymentsEvent {
    let account = Account {
        account_id,
        name: "Plataforma".into(),
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
        is_default,
        created_at: NOW,
        updated_at: NOW,
        checked_at: None,
        simulated: false,
        notify_email: None,
    };
    AccountChanged { meta: of_platform(account_id), account }.into()
}

/// A sealed value, which nobody opens.
pub fn sealed<T: Personal>(number: u8) -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Account, HERE.uuid());
    let key = KeyId::from_uuid(Uuid::from_u128(u128::from(number)));
    Sealed::of(Envelope::new(subject, T::FIELD, key, [number; NONCE], vec![number; 40]).unwrap()).unwrap()
}

/// Another event of payments, of which nothing follows here.
pub fn standing() -> PaymentsEvent {
    let standing = payments::Standing {
        status: payments::StandingStatus::Open,
        version: 1,
        source_version: 1,
        shop_name: None,
        settings_version: 0,
    };
    payments::StandingChanged { meta: of_platform("x"), standing }.into()
}

/// The id of another plan at payments.
pub fn another() -> PlanId {
    PlanId::from_uuid(Uuid::from_u128(0x99))
}
