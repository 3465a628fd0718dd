//! The shop's side: a shop with an account at a gateway, and what it asks of payments.

use std::time::Duration;

use feira_node::node::Node;
use feira_schemas::{
    brazil::boleto::BoletoDue,
    ids::{AccountId, CardId, ChargeId, CommandId, EffectId, PlanId, RefundId, SubscriptionId, TenantId},
    money::Money,
    records::{
        CommandSet, PaymentsCommand,
        admin::ProvisionTenant,
        common::{CommandMeta, CommandResult, Outcome},
        payments::{
            Account, AccountKind, AccountStatus, BoletoTerms, Buyer, Callback, CancelCharge, CardTerms, Charge,
            ChargeItem, ChargePurpose, ChargeRequest, ChargeShipping, ChargeStatus, EndSubscription, PaymentMethod,
            PixInformation, PixTerms, PlanStatus, ReceiveCallback, Refund, RequestCharge, RequestRefund,
            RequestSubscription, SaveAccount, SaveCard, SavePlan, SavedCardStatus, StandingStatus, Subscription,
            SubscriptionCard, SubscriptionRequest, SubscriptionStatus,
        },
    },
    rows::payments::{
        AccountRow, ChargeRow, EffectRow, PlanRow, RefundRow, SavedCardRow, StandingRow, SubscriptionRow,
    },
    sealed::{
        AddressParts, CallbackSecret, CardToken, Document, Email, GatewayKey, PersonName, Personal, Phone,
        PostalAddress, Sealed, Subject, SubjectKind,
    },
    time::MINUTE,
    topics::Context,
};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::common::{PATIENCE, admin, gateway::Remote, position};

/// The longest wait for an attempt to end: a lapsed grant, the silence after it, and another attempt take two minutes.
const TO_THE_END: Duration = Duration::from_secs(300);

/// A shop of a node, by its number: the same ids whichever process asks.
pub struct Shop<'a> {
    pub node: &'a Node,
    pub number: u128,
}

impl Shop<'_> {
    pub fn tenant(&self) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0001_0000 + self.number))
    }

    pub fn account_id(&self) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0002_0000 + self.number))
    }

    pub fn charge_id(&self) -> ChargeId {
        ChargeId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0003_0000 + self.number))
    }

    pub fn refund_id(&self, number: u128) -> RefundId {
        RefundId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0004_0000 + self.number * 16 + number))
    }

    pub fn plan_id(&self) -> PlanId {
        PlanId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0005_0000 + self.number))
    }

    pub fn card_id(&self) -> CardId {
        CardId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0006_0000 + self.number))
    }

    pub fn subscription_id(&self) -> SubscriptionId {
        SubscriptionId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0007_0000 + self.number))
    }

    /// The meta of the command with this key, the same whichever process sends it.
    fn meta(&self, key: &str) -> CommandMeta {
        let command_id = CommandId::from_client_key(self.tenant(), "test", "POST", "gateways", key);
        CommandMeta { command_id, keyed: true, ..crate::common::meta(self.tenant()) }
    }

    pub async fn send(&self, command: impl Into<PaymentsCommand>) -> CommandResult {
        let command = command.into();
        let key = command.meta().tenant_id.to_string();
        let result = self.node.commands.send(&key, command, None, PATIENCE).await.unwrap();
        // It is answered when it is decided; the rows are written after that.
        let shown = self.node.platform.reached.wait("payments", Context::Payments, position(&result), PATIENCE);
        shown.await.unwrap();
        result
    }

    /// Opens the shop, as payments knows it.
    pub async fn provision(&self) {
        let subdomain = format!("loja{}", self.number);
        let meta = self.meta("shop");
        admin(self.node, ProvisionTenant { meta, subdomain, shop_name: "Loja".into(), token_hash: None }).await;
        let standing = StandingRow::at(self.tenant());
        self.until("the shop is open", async || {
            let row = self.node.platform.state.get::<StandingRow>(&standing).await.unwrap();
            row.is_some_and(|row| row.standing.status == StandingStatus::Open)
        })
        .await;
    }

    /// Opens the shop and has its account's key tried.
    pub async fn open(&self, remote: &Remote) {
        self.provision().await;
        let saved = self.send(self.save_account(remote).await).await;
        assert_eq!(saved.outcome, Outcome::Created, "{saved:?}");
        self.until("the account's key is tried", async || {
            self.account().await.is_some_and(|account| account.status == AccountStatus::Ready)
        })
        .await;
    }

    /// The account, as payments knows it.
    pub async fn account(&self) -> Option<Account> {
        let key = AccountRow::at(self.tenant(), self.account_id());
        self.node.platform.state.get::<AccountRow>(&key).await.unwrap().map(|row| row.account)
    }

    /// The command by which the account is saved.
    pub async fn save_account(&self, remote: &Remote) -> SaveAccount {
        let subject = Subject::new(SubjectKind::Account, self.account_id().uuid());
        SaveAccount {
            meta: self.meta("account"),
            account_id: self.account_id(),
            name: "Conta".into(),
            gateway: remote.vendor.clone(),
            kind: AccountKind::WholeService,
            public_key: remote.public_key.clone(),
            key: Some(self.seal(subject, GatewayKey::new(&remote.secret_key).unwrap()).await),
            callback: Some(self.seal(subject, CallbackSecret::new("feira:0123456789abcdef").unwrap()).await),
            callback_hash: (remote.vendor == "pagarme").then(|| "0".repeat(64)),
            make_default: true,
            simulated: false,
            notify_email: None,
            forget_notify_email: false,
        }
    }

    async fn seal<T: Personal>(&self, subject: Subject, value: T) -> Sealed<T> {
        let keyring = &self.node.keys.as_ref().unwrap().keyring;
        keyring.mint(self.tenant(), subject).await.unwrap().seal(&value).unwrap()
    }

    /// Asks for the shop's charge of R$ 150,00: by card if there is a token of one.
    pub async fn charge(&self, method: PaymentMethod, token: Option<&str>) -> CommandResult {
        self.charge_of(method, token, 15_000).await
    }

    /// Asks for the shop's charge of this sum.
    pub async fn charge_of(&self, method: PaymentMethod, token: Option<&str>, amount: i64) -> CommandResult {
        let command = RequestCharge {
            meta: self.meta("charge"),
            charge_id: self.charge_id(),
            purpose: ChargePurpose::Api,
            order_id: None,
            request: self.request(method, token, amount).await,
            not_after: None,
            lent: None,
        };
        self.send(command).await
    }

    async fn request(&self, method: PaymentMethod, token: Option<&str>, amount: i64) -> ChargeRequest {
        let subject = Subject::new(SubjectKind::Charge, self.charge_id().uuid());
        let now = self.node.platform.now();
        let item =
            |code: &str, total| ChargeItem { code: code.into(), description: "Camisa".into(), quantity: 2, total };
        let card = match token {
            Some(token) => Some(CardTerms {
                card_token: Some(self.seal(subject, CardToken::new(token).unwrap()).await),
                token_until: Some(now + MINUTE),
                saved_customer: None,
                saved_card: None,
                installments: 1,
                capture: true,
            }),
            None => None,
        };
        let due = BoletoDue::counted(now, 3).unwrap().day.to_string();
        let information = vec![PixInformation { name: "Pedido".into(), value: "1001".into() }];
        ChargeRequest {
            reference: Some("1001".into()),
            account_id: (method == PaymentMethod::Card).then(|| self.account_id()),
            method,
            amount: Money::brl(amount),
            items: vec![item("a", amount - 3_000), item("b", 1_000)],
            shipping: Some(ChargeShipping {
                amount: 2_000,
                description: "PAC".into(),
                recipient: self.seal(subject, name()).await,
                address: self.seal(subject, address()).await,
            }),
            buyer: self.buyer(subject).await,
            statement_descriptor: Some("LOJAEXEMPLO".into()),
            card,
            boleto: (method == PaymentMethod::Boleto).then(|| BoletoTerms {
                due,
                instructions: "Não receber após o vencimento".into(),
                document_number: "1001".into(),
            }),
            pix: (method == PaymentMethod::Pix).then(|| PixTerms { until: now + 30 * MINUTE, information }),
        }
    }

    async fn buyer(&self, subject: Subject) -> Buyer {
        Buyer {
            name: self.seal(subject, name()).await,
            email: self.seal(subject, Email::new("joana@example.com").unwrap()).await,
            document: self.seal(subject, Document::new("11144477735").unwrap()).await,
            phone: Some(self.seal(subject, Phone::new("+5581987654321").unwrap()).await),
            address: self.seal(subject, address()).await,
        }
    }

    /// Asks for a sum of the charge back.
    pub async fn refund(&self, number: u128, amount: i64) -> CommandResult {
        let command = RequestRefund {
            meta: self.meta(&format!("refund {number}")),
            refund_id: self.refund_id(number),
            charge_id: self.charge_id(),
            reference: None,
            amount: Some(Money::brl(amount)),
            bank_account: None,
        };
        self.send(command).await
    }

    pub async fn cancel(&self) -> CommandResult {
        self.send(CancelCharge { meta: self.meta("cancel"), charge_id: self.charge_id() }).await
    }

    /// Saves the shop's plan of R$ 49,90 a month, and waits until the gateway has it.
    pub async fn plan(&self) {
        let command = SavePlan {
            meta: self.meta("plan"),
            plan_id: self.plan_id(),
            reference: None,
            account_id: Some(self.account_id()),
            name: "Clube do café".into(),
            description: "Um pacote por mês".into(),
            price: Money::brl(4_990),
            months: 1,
            statement_descriptor: Some("CLUBE".into()),
        };
        self.send(command).await;
        let key = PlanRow::at(self.tenant(), self.plan_id());
        self.until("the gateway has the plan", async || {
            let row = self.node.platform.state.get::<PlanRow>(&key).await.unwrap();
            row.is_some_and(|row| row.plan.status == PlanStatus::Ready)
        })
        .await;
    }

    /// Has the gateway keep the card of this token, and waits until it does.
    pub async fn keep_card(&self, token: &str) {
        let subject = Subject::new(SubjectKind::Card, self.card_id().uuid());
        let command = SaveCard {
            meta: self.meta("card"),
            card_id: self.card_id(),
            reference: None,
            account_id: self.account_id(),
            holder: self.buyer(subject).await,
            card_token: self.seal(subject, CardToken::new(token).unwrap()).await,
            token_until: self.node.platform.now() + MINUTE,
        };
        self.send(command).await;
        let key = SavedCardRow::at(self.tenant(), self.card_id());
        self.until("the gateway keeps the card", async || {
            let row = self.node.platform.state.get::<SavedCardRow>(&key).await.unwrap();
            row.is_some_and(|row| row.card.status == SavedCardStatus::Saved)
        })
        .await;
    }

    /// Asks for the shop's subscription: paid by the card of this token, or else by the kept one.
    pub async fn subscribe(&self, token: Option<&str>) -> CommandResult {
        let subject = Subject::new(SubjectKind::Subscription, self.subscription_id().uuid());
        let card = match token {
            Some(token) => SubscriptionCard {
                card_token: Some(self.seal(subject, CardToken::new(token).unwrap()).await),
                token_until: Some(self.node.platform.now() + MINUTE),
                card_id: None,
            },
            None => SubscriptionCard { card_token: None, token_until: None, card_id: Some(self.card_id()) },
        };
        let request = SubscriptionRequest {
            reference: Some("assinante-7".into()),
            plan_id: self.plan_id(),
            account_id: token.map(|_| self.account_id()),
            subscriber: self.buyer(subject).await,
            card,
            starts: None,
        };
        let (meta, subscription_id) = (self.meta("subscription"), self.subscription_id());
        let (lent, lent_plan) = (None, None);
        self.send(RequestSubscription { meta, subscription_id, request, not_after: None, lent, lent_plan }).await
    }

    pub async fn end_subscription(&self) -> CommandResult {
        let (meta, subscription_id) = (self.meta("end subscription"), self.subscription_id());
        self.send(EndSubscription { meta, subscription_id }).await
    }

    /// The subscription once what is wanted of the gateway is done.
    pub async fn subscribed(&self) -> Subscription {
        let key = SubscriptionRow::at(self.tenant(), self.subscription_id());
        let known = async || self.node.platform.state.get::<SubscriptionRow>(&key).await.unwrap();
        self.until("the subscription is attempted", async || {
            known().await.is_some_and(|row| row.subscription.status != SubscriptionStatus::Processing)
        })
        .await;
        self.closed(EffectId::from_uuid(self.subscription_id().uuid())).await;
        known().await.unwrap().subscription
    }

    /// The gateway calls back about the charge.
    pub async fn called_back(&self, id: &str) -> CommandResult {
        let callback = Callback {
            account_id: self.account_id(),
            callback_id: id.into(),
            kind: "charge.paid".into(),
            remote_charge: self.known().await.observed.map(|observed| observed.remote.charge),
            remote_order: None,
            remote_subscription: None,
            code: None,
            sent_at: 0,
            received_at: self.node.platform.now(),
        };
        self.send(ReceiveCallback { meta: self.meta(id), callback }).await
    }

    /// The charge, as payments knows it.
    pub async fn known(&self) -> Charge {
        let key = ChargeRow::at(self.tenant(), self.charge_id());
        self.node.platform.state.get::<ChargeRow>(&key).await.unwrap().unwrap().charge
    }

    /// A refund, as payments knows it.
    pub async fn known_refund(&self, number: u128) -> Refund {
        let key = RefundRow::at(self.tenant(), self.charge_id(), self.refund_id(number));
        self.node.platform.state.get::<RefundRow>(&key).await.unwrap().unwrap().refund
    }

    /// The charge once what is wanted of the gateway is done.
    pub async fn settled(&self) -> Charge {
        // Rows are written after the answer: before that there is no effect to be closed.
        let key = ChargeRow::at(self.tenant(), self.charge_id());
        self.until("the charge is attempted", async || {
            let row = self.node.platform.state.get::<ChargeRow>(&key).await.unwrap();
            row.is_some_and(|row| row.charge.status != ChargeStatus::Processing)
        })
        .await;
        self.closed(EffectId::from_uuid(self.charge_id().uuid())).await;
        self.known().await
    }

    /// Waits until an effect is closed.
    pub async fn closed(&self, effect: EffectId) {
        let key = EffectRow::at(self.tenant(), effect);
        self.until("the effect is closed", async || {
            self.node.platform.state.get::<EffectRow>(&key).await.unwrap().is_none()
        })
        .await;
    }

    /// Waits until the charge is in this state.
    pub async fn is(&self, status: ChargeStatus) -> Charge {
        self.until("the charge changes", async || self.known().await.status == status).await;
        self.known().await
    }

    /// Waits until it is so.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + TO_THE_END;
        while !holds().await {
            assert!(Instant::now() < deadline, "never: {what}, of shop {}", self.number);
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn name() -> PersonName {
    PersonName::new("Joana d'Arc São João").unwrap()
}

fn address() -> PostalAddress {
    PostalAddress::new(ADDRESS).unwrap()
}

const ADDRESS: AddressParts<'static> = AddressParts {
    postal_code: "50050-000",
    street: "Rua das Laranjeiras",
    number: "120",
    complement: "apto 31",
    district: "Boa Vista",
    city: "Recife",
    state: "PE",
};
