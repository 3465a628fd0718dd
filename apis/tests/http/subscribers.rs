//! Subscribers of the platform for tests: rows as sign-up writes them.

use feira_schemas::{
    ids::{AccountId, InvoiceId, KeyId, Micros, SignupPlanId, StaffId, SubscriptionId, TenantId},
    money::Money,
    records::{
        payments::{AccountKind, Buyer, LentAccount, PaymentMethod, Reason},
        signup::{
            Invoice, InvoiceStatus, Owner, Payment, PaymentStatus, Period, PlanLimits, Subscription,
            SubscriptionStatus, Terms,
        },
    },
    row::Write,
    rows::signup::{InvoiceRow, SubscriptionOfMonthRow, SubscriptionRow},
    sealed::{
        AddressParts, Document, Email, Envelope, GatewayText, NONCE, PersonName, Personal, Phone, PostalAddress,
        Sealed, Subject, SubjectKind,
    },
};
use uuid::Uuid;

use crate::bed::Bed;

/// The name of every subscriber: it stands in no list.
pub const NAME: &str = "Joana Prado";

/// A subscription that was written.
pub struct Subscriber {
    pub tenant: TenantId,
    pub subscription: Subscription,
}

impl Subscriber {
    /// One of a shop that was asked for at this time, in this state.
    pub async fn at(bed: &Bed, tenant: TenantId, shop: &str, status: SubscriptionStatus, at: Micros) -> Self {
        let subscription_id = SubscriptionId::from_uuid(Uuid::new_v4());
        let subject = Subject::new(SubjectKind::Subscriber, subscription_id.uuid());
        let sealer = bed.api.keyring.mint(tenant, subject).await.unwrap();
        let address = PostalAddress::new(AddressParts {
            postal_code: "01310100",
            street: "Avenida Paulista",
            number: "1000",
            complement: "",
            district: "Bela Vista",
            city: "São Paulo",
            state: "SP",
        });
        let subscriber = Buyer {
            name: sealer.seal(&PersonName::new(NAME).unwrap()).unwrap(),
            email: sealer.seal(&Email::new("joana.prado@example.com").unwrap()).unwrap(),
            document: sealer.seal(&Document::new("52998224725").unwrap()).unwrap(),
            phone: Some(sealer.seal(&Phone::new("+5511987654321").unwrap()).unwrap()),
            address: sealer.seal(&address.ok().unwrap()).unwrap(),
        };
        let reason = sealer.seal(&GatewayText::new("Saldo insuficiente.").unwrap()).unwrap();
        let is_refused = status == SubscriptionStatus::Refused;
        let payment = Payment {
            attempt: 1,
            method: PaymentMethod::Card,
            status: if is_refused { PaymentStatus::Refused } else { PaymentStatus::Paid },
            charge_id: None,
            remote_id: None,
            command_id: None,
            card_token: None,
            token_until: None,
            due: None,
            pix_until: None,
            boleto: None,
            pix: None,
            why: is_refused.then(|| "gateway_refused".to_owned()),
            reasons: if is_refused { vec![refusal(reason)] } else { Vec::new() },
        };
        let owner = {
            let staff_id = StaffId::from_uuid(Uuid::new_v4());
            let sealer = bed.api.keyring.mint(tenant, Subject::new(SubjectKind::Staff, staff_id.uuid())).await.unwrap();
            Owner {
                staff_id,
                email: sealer.seal(&Email::new("dona@example.com").unwrap()).unwrap(),
                email_term: "0".repeat(32),
                name: sealer.seal(&PersonName::new("Dona").unwrap()).unwrap(),
            }
        };
        let (first_day, next_day) = ("2026-01-31".to_owned(), "2026-02-28".to_owned());
        let invoice_id = InvoiceId::from_uuid(Uuid::new_v4());
        let subscription = Subscription {
            subscription_id,
            version: 3,
            status,
            visitor: "0".repeat(64),
            terms: terms(),
            subscriber,
            owner,
            subdomain: shop.to_owned(),
            shop_name: format!("Loja {shop}"),
            owner_sealed_at: at,
            named_version: 1,
            accepted: "2026-11".into(),
            accepted_at: at,
            held_until: 0,
            payment,
            period: (!is_refused).then_some(Period { number: 1, first_day, next_day, anchor_day: 31 }),
            invoice_id: Some(invoice_id),
            asked: None,
            ends: None,
            late_since: None,
            tries: Vec::new(),
            ending: Vec::new(),
            cancelling: Vec::new(),
            giving_back: Vec::new(),
            shop_version: 0,
            created_at: at,
            changed_at: at,
        };
        let made = Self { tenant, subscription };
        made.write(bed).await;
        let invoice = Invoice {
            invoice_id,
            version: 2,
            subscription_id,
            number: 1,
            status: if is_refused { InvoiceStatus::Void } else { InvoiceStatus::Paid },
            amount: Money::brl(4_990),
            method: PaymentMethod::Card,
            charge_id: None,
            created_at: at,
            paid_at: (!is_refused).then_some(at),
        };
        bed.api.platform.state.write(&[Write::put(InvoiceRow { tenant_id: tenant, invoice }, at)]).await.unwrap();
        made
    }

    /// Writes it as it is.
    pub async fn write(&self, bed: &Bed) {
        let Self { tenant, subscription } = self;
        let of_month = SubscriptionOfMonthRow::of(*tenant, subscription.created_at, subscription.subscription_id);
        let row = SubscriptionRow { tenant_id: *tenant, subscription: subscription.clone() };
        let at = subscription.changed_at;
        bed.api.platform.state.write(&[Write::put(row, at), Write::put(of_month, at)]).await.unwrap();
    }

    /// The subject that what the subscriber typed is sealed of.
    pub fn subject(&self) -> Subject {
        Subject::new(SubjectKind::Subscriber, self.subscription.subscription_id.uuid())
    }

    /// The path of its page and of its address in the API, behind what each begins with.
    pub fn path(&self) -> String {
        format!("{}/{}", self.tenant, self.subscription.subscription_id)
    }

    /// A value that was sealed by a key which the keyring does not have.
    pub fn lost<T: Personal>(&self) -> Sealed<T> {
        let key = KeyId::from_uuid(Uuid::new_v4());
        Sealed::of(Envelope::new(self.subject(), T::FIELD, key, [1; NONCE], vec![1; 40]).unwrap()).unwrap()
    }
}

fn refusal(message: Sealed<GatewayText>) -> Reason {
    Reason { kind: "declined".into(), parameter_name: None, message: Some(message) }
}

fn terms() -> Terms {
    Terms {
        plan_id: SignupPlanId::from_uuid(Uuid::new_v4()),
        plan_name: "Essencial".into(),
        price: Money::brl(4_990),
        months: 1,
        limits: PlanLimits { products: Some(100), staff: Some(3) },
        methods: vec![PaymentMethod::Card],
        account: LentAccount {
            owner: TenantId::PLATFORM,
            account_id: AccountId::from_uuid(Uuid::new_v4()),
            name: "Da plataforma".into(),
            gateway: "pagarme".into(),
            kind: AccountKind::WholeService,
            public_key: "pk_x".into(),
            simulated: true,
        },
        remote: None,
    }
}
