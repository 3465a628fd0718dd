//! What a form offers: the ids of the shop and the subscription that are to be, and the terms by value. A token vouches for them, to this visitor
//! and for two hours.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_schemas::{
    ids::{Micros, SignupPlanId, StaffId, SubscriptionId, TenantId},
    records::{
        payments::{Account, AccountStatus, LentAccount, LentPlan, PaymentMethod},
        signup::{Plan, RemotePlan, Terms},
    },
    rows::payments::AccountRow,
    secrets::{InvalidToken, Purpose, Secrets},
    time::HOUR,
};
use feira_web::{context::Api, problem::Problem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Accounts of the platform that are looked through: decide lets a tenant have fewer.
const ACCOUNTS: usize = 1_000;
/// The time for which a form may lie open with the terms that it shows.
const VOUCHED_FOR: Micros = 2 * HOUR;
/// The first part that the token vouches for: other forms' tokens are none of sign-up.
const OF_SUBSCRIBING: &[u8] = b"subscribe";

/// The ids of what is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ids {
    pub tenant: TenantId,
    pub subscription: SubscriptionId,
    /// The shop's first administrator.
    pub staff: StaffId,
}

/// What a form offers. Terms differ by the way to pay: a card pays at the account that the gateway's plan is made at, the others at the default one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub ids: Ids,
    /// The terms by which a card pays.
    #[serde(default)]
    pub card: Option<Terms>,
    /// The terms by which Pix and boleto pay.
    #[serde(default)]
    pub transfer: Option<Terms>,
}

/// An offer that a form brought back and nothing vouches for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unvouched {
    /// It was good for these ids, and is over.
    Over(Ids),
    /// Nobody here has made it, or it is another visitor's.
    Forged,
}

impl Ids {
    /// New ones.
    pub fn fresh() -> Self {
        Self {
            tenant: TenantId::from_uuid(Uuid::now_v7()),
            subscription: SubscriptionId::from_uuid(Uuid::now_v7()),
            staff: StaffId::from_uuid(Uuid::now_v7()),
        }
    }
}

impl Offer {
    /// A plan as it is offered now, for these ids; none where nobody can pay it.
    pub async fn of(api: &Api, plan: &Plan, ids: Ids) -> Result<Option<Self>, Problem> {
        let rows = api.platform.state.scan::<AccountRow>(&AccountRow::all(TenantId::PLATFORM), None, ACCOUNTS).await?;
        let accounts: Vec<Account> = rows.into_iter().map(|row| row.account).collect();
        Ok(Self::by(plan, &accounts, ids))
    }

    /// The same, of these accounts of the platform.
    fn by(plan: &Plan, accounts: &[Account], ids: Ids) -> Option<Self> {
        let ready = || accounts.iter().filter(|account| account.status == AccountStatus::Ready);
        let payable = plan.payable_by();
        let made = plan.fitting().and_then(|remote| Some((remote, remote.remote_id.clone()?)));
        let card = made.filter(|_| payable.contains(&PaymentMethod::Card)).and_then(|(remote, remote_id)| {
            let account = ready().find(|account| Some(account.account_id) == remote.account_id)?;
            Some((account, lent_plan(plan, remote, remote_id)))
        });
        let default = ready().find(|account| account.is_default);
        let transfers = |method: &PaymentMethod| matches!(method, PaymentMethod::Pix | PaymentMethod::Boleto);
        let default = default.filter(|_| payable.iter().any(transfers));
        let can = |method: &PaymentMethod| match method {
            PaymentMethod::Card => card.is_some(),
            method => transfers(method) && default.is_some(),
        };
        let methods: Vec<PaymentMethod> = payable.iter().copied().filter(can).collect();
        let terms = |account: &Account, remote: Option<LentPlan>| Terms {
            plan_id: plan.plan_id,
            plan_name: plan.name.clone(),
            price: plan.price,
            months: plan.months,
            limits: plan.limits,
            methods: methods.clone(),
            account: lent(account),
            remote,
        };
        let transfer = default.map(|account| terms(account, None));
        let card = card.map(|(account, remote)| terms(account, Some(remote)));
        (card.is_some() || transfer.is_some()).then_some(Self { ids, card, transfer })
    }

    /// The terms by which one pays in this way, if it is offered.
    pub fn terms(&self, method: PaymentMethod) -> Option<&Terms> {
        match method {
            PaymentMethod::Card => self.card.as_ref(),
            PaymentMethod::Pix | PaymentMethod::Boleto => self.transfer.as_ref(),
            PaymentMethod::Unknown => None,
        }
    }

    /// Terms of which plan and price are shown: those are the same in all.
    pub fn shown(&self) -> Option<&Terms> {
        self.card.as_ref().or(self.transfer.as_ref())
    }

    /// The plan.
    pub fn plan_id(&self) -> Option<SignupPlanId> {
        self.shown().map(|terms| terms.plan_id)
    }

    /// The ways in which it can be paid.
    pub fn methods(&self) -> &[PaymentMethod] {
        self.shown().map(|terms| terms.methods.as_slice()).unwrap_or_default()
    }

    /// The offer as a form carries it, and the token that vouches for it to this visitor from now on.
    pub fn written(&self, secrets: &Secrets, visitor: &str, now: Micros) -> Result<(String, String), Problem> {
        let bytes = serde_json::to_vec(self).map_err(Problem::internal)?;
        let sign = |parts: &[&[u8]]| secrets.sign(Purpose::Form, parts, Some(now + VOUCHED_FOR));
        let token = with_parts(visitor, self.ids, &bytes, sign);
        Ok((URL_SAFE_NO_PAD.encode(bytes), token))
    }

    /// The offer that a form of this visitor brought back.
    pub fn read(secrets: &Secrets, visitor: &str, (text, token): (&str, &str), now: Micros) -> Result<Self, Unvouched> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Unvouched::Forged)?;
        let offer: Self = serde_json::from_slice(&bytes).map_err(|_| Unvouched::Forged)?;
        let verify = |parts: &[&[u8]]| secrets.verify(Purpose::Form, parts, token, now);
        match with_parts(visitor, offer.ids, &bytes, verify) {
            Ok(()) => Ok(offer),
            Err(InvalidToken::Over) => Err(Unvouched::Over(offer.ids)),
            Err(InvalidToken::Malformed | InvalidToken::Unknown | InvalidToken::Forged) => Err(Unvouched::Forged),
        }
    }
}

/// Hands over the parts that a token vouches for: the ids stand in the bytes, too.
fn with_parts<T>(visitor: &str, ids: Ids, bytes: &[u8], with: impl FnOnce(&[&[u8]]) -> T) -> T {
    let (tenant, subscription) = (ids.tenant.uuid(), ids.subscription.uuid());
    with(&[OF_SUBSCRIBING, visitor.as_bytes(), tenant.as_bytes(), subscription.as_bytes(), bytes])
}

fn lent(account: &Account) -> LentAccount {
    LentAccount {
        owner: TenantId::PLATFORM,
        account_id: account.account_id,
        name: account.name.clone(),
        gateway: account.gateway.clone(),
        kind: account.kind,
        public_key: account.public_key.clone(),
        simulated: account.simulated,
    }
}

fn lent_plan(plan: &Plan, remote: &RemotePlan, remote_id: String) -> LentPlan {
    let (name, price, months) = (plan.name.clone(), remote.price, remote.months);
    LentPlan { plan_id: remote.payments_plan_id, name, price, months, remote_id }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{AccountId, CommandId, KeyId, PlanId},
        money::Money,
        records::{
            payments::AccountKind,
            signup::{PlanLimits, PlanStatus, RemotePlanStatus},
        },
        sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    };

    use super::*;

    const NOW: Micros = 1_700_000_000_000_000;
    const ALL: [PaymentMethod; 3] = [PaymentMethod::Card, PaymentMethod::Boleto, PaymentMethod::Pix];

    fn secrets() -> Secrets {
        Secrets::parse(&format!("index:{},a:{}", "08".repeat(32), "09".repeat(32)).as_str().into()).unwrap()
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn sealed<T: Personal>() -> Sealed<T> {
        let subject = Subject::new(SubjectKind::Account, id(1));
        Sealed::of(Envelope::new(subject, T::FIELD, KeyId::from_uuid(id(1)), [1; NONCE], vec![1; 40]).unwrap()).unwrap()
    }

    fn account(number: u128, status: AccountStatus, is_default: bool) -> Account {
        Account {
            account_id: AccountId::from_uuid(id(number)),
            name: "Plataforma".into(),
            gateway: "pagarme".into(),
            kind: AccountKind::WholeService,
            public_key: format!("pk_{number}"),
            key: sealed(),
            key_version: 1,
            callback: sealed(),
            callback_hash: None,
            status,
            why: None,
            remote_account: None,
            is_default,
            created_at: NOW,
            updated_at: NOW,
            checked_at: None,
            simulated: true,
            notify_email: None,
        }
    }

    /// A plan that is made at the account of this number.
    fn plan(methods: &[PaymentMethod], at: Option<u128>) -> Plan {
        let remote = at.map(|at| RemotePlan {
            payments_plan_id: PlanId::from_uuid(id(7)),
            price: Money::brl(4_990),
            months: 1,
            status: RemotePlanStatus::Made,
            command_id: CommandId::from_uuid(id(8)),
            account_id: Some(AccountId::from_uuid(id(at))),
            remote_id: Some("plan_1".into()),
            why: None,
            detail: None,
            reasons: Vec::new(),
            asked: None,
            asked_at: NOW,
        });
        Plan {
            plan_id: SignupPlanId::from_uuid(id(5)),
            version: 1,
            name: "Básico".into(),
            description: String::new(),
            features: Vec::new(),
            price: Money::brl(4_990),
            months: 1,
            limits: PlanLimits::default(),
            status: PlanStatus::Active,
            position: 0,
            methods: methods.to_vec(),
            remote,
            earlier: Vec::new(),
            created_at: NOW,
            changed_at: NOW,
        }
    }

    fn offer() -> Offer {
        let accounts = [account(1, AccountStatus::Ready, true), account(2, AccountStatus::Ready, false)];
        Offer::by(&plan(&ALL, Some(2)), &accounts, Ids::fresh()).unwrap()
    }

    #[test]
    fn a_card_pays_at_the_account_of_its_plan_and_the_others_at_the_default_one() {
        let offer = offer();
        assert_eq!(offer.methods(), ALL);
        let card = offer.terms(PaymentMethod::Card).unwrap();
        let remote = card.remote.as_ref().unwrap();
        assert_eq!((card.account.public_key.as_str(), remote.remote_id.as_str()), ("pk_2", "plan_1"));
        for method in [PaymentMethod::Pix, PaymentMethod::Boleto] {
            let terms = offer.terms(method).unwrap();
            assert_eq!((terms.account.public_key.as_str(), &terms.remote), ("pk_1", &None));
            assert!(terms.account.simulated && terms.account.owner == TenantId::PLATFORM);
        }
    }

    #[test]
    fn only_what_can_be_paid_is_offered() {
        let (ready, broken) = (account(1, AccountStatus::Ready, true), account(1, AccountStatus::Broken, true));
        let by = |plan: &Plan, account: &Account| {
            Offer::by(plan, std::slice::from_ref(account), Ids::fresh()).map(|offer| offer.methods().to_vec())
        };
        assert_eq!(by(&plan(&ALL, None), &ready), Some(ALL[1..].to_vec()), "the gateway has no such plan yet");
        assert_eq!(by(&plan(&ALL, Some(3)), &ready), Some(ALL[1..].to_vec()), "its account is none of ours");
        assert_eq!(by(&plan(&ALL[..1], Some(1)), &account(1, AccountStatus::Ready, false)), Some(ALL[..1].to_vec()));
        assert_eq!(by(&plan(&ALL, Some(1)), &broken), None);
        assert_eq!(Offer::by(&plan(&ALL, Some(1)), &[], Ids::fresh()), None);
    }

    #[test]
    fn an_offer_is_vouched_for_to_its_visitor_alone_for_two_hours_and_as_it_is() {
        let (secrets, offer) = (secrets(), offer());
        let (text, token) = offer.written(&secrets, "v", NOW).unwrap();
        let read = |visitor: &str, text: &str, now| Offer::read(&secrets, visitor, (text, token.as_str()), now);
        assert_eq!(read("v", &text, NOW + VOUCHED_FOR - 1), Ok(offer.clone()));
        assert_eq!(read("v", &text, NOW + VOUCHED_FOR), Err(Unvouched::Over(offer.ids)));
        assert_eq!(read("w", &text, NOW), Err(Unvouched::Forged));
        let mut cheaper = offer.clone();
        cheaper.transfer.as_mut().unwrap().price = Money::brl(1);
        let (cheaper, _) = cheaper.written(&secrets, "v", NOW).unwrap();
        let mut other = offer;
        other.ids = Ids::fresh();
        let (other, _) = other.written(&secrets, "v", NOW).unwrap();
        for forged in [cheaper.as_str(), other.as_str(), "", "x", "{}"] {
            assert_eq!(read("v", forged, NOW), Err(Unvouched::Forged), "{forged}");
        }
        assert_eq!(Offer::read(&secrets, "v", (text.as_str(), ""), NOW), Err(Unvouched::Forged));
    }
}
