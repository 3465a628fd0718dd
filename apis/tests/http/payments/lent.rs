//! What a shop owes the platform is paid at the platform's account: asked for, called back, looked at and compared under the shop, also
//! before there is one.

use std::time::Duration;

use feira_schemas::{
    brazil::local_date,
    ids::{ChargeId, CommandId, TenantId},
    money::Money,
    records::{
        PaymentsCommand,
        common::{CommandMeta, Outcome},
        payments::{
            Account, BoletoTerms, Buyer, Charge, ChargeItem, ChargePurpose, ChargeRequest, ChargeStatus, LentAccount,
            PaymentMethod, PixTerms, RequestCharge,
        },
    },
    rows::payments::{AccountRow, CallbackRow, ChargeRow},
    sealed::{AddressParts, Document, Email, PersonName, Personal, PostalAddress, Sealed, Subject, SubjectKind},
    time::{DAY, MINUTE},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Seller, of_platform, simulated, text};
use crate::{
    bed::{Bed, send},
    reconciliation::{differences, reconciled, until},
    run,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A shop that owes, and its charge of this number.
pub struct Owed {
    pub tenant: TenantId,
    pub charge: ChargeId,
}

impl Owed {
    pub fn new(tenant: TenantId, number: u128) -> Self {
        let charge = Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0008_0000 + number);
        Self { tenant, charge: ChargeId::from_uuid(charge) }
    }

    pub async fn sealed<T: Personal>(&self, bed: &Bed, value: T) -> Sealed<T> {
        let subject = Subject::new(SubjectKind::Subscriber, self.charge.uuid());
        bed.api.keyring.mint(self.tenant, subject).await.unwrap().seal(&value).unwrap()
    }

    /// Who subscribes.
    pub async fn buyer(&self, bed: &Bed) -> Buyer {
        let address = AddressParts {
            postal_code: "01310-100",
            street: "Avenida Paulista",
            number: "1578",
            complement: "",
            district: "Bela Vista",
            city: "São Paulo",
            state: "SP",
        };
        Buyer {
            name: self.sealed(bed, PersonName::new("Joana Prado").unwrap()).await,
            email: self.sealed(bed, Email::new("joana.prado@example.com").unwrap()).await,
            document: self.sealed(bed, Document::new("52998224725").unwrap()).await,
            phone: None,
            address: self.sealed(bed, PostalAddress::new(address).unwrap()).await,
        }
    }

    async fn request(&self, bed: &Bed, method: PaymentMethod, account: &LentAccount) -> ChargeRequest {
        let (now, amount) = (bed.api.platform.now(), 4_990);
        ChargeRequest {
            reference: None,
            account_id: Some(account.account_id),
            method,
            amount: Money::brl(amount),
            items: vec![ChargeItem {
                code: "basico".into(),
                description: "Plano Básico".into(),
                quantity: 1,
                total: amount,
            }],
            shipping: None,
            buyer: self.buyer(bed).await,
            statement_descriptor: None,
            card: None,
            boleto: (method == PaymentMethod::Boleto).then(|| BoletoTerms {
                due: local_date(now + 3 * DAY).unwrap().to_string(),
                instructions: "Não receber vencido.".into(),
                document_number: "1".into(),
            }),
            pix: (method == PaymentMethod::Pix).then(|| PixTerms { until: now + 30 * MINUTE, information: Vec::new() }),
        }
    }

    /// The meta of sign-up's command of this id.
    pub fn meta(&self, bed: &Bed, command: Uuid) -> CommandMeta {
        CommandMeta {
            command_id: CommandId::from_uuid(command),
            tenant_id: self.tenant,
            actor: "system:signup".into(),
            issued_at: bed.api.platform.now(),
            body_hash: String::new(),
            keyed: false,
            expected_version: None,
        }
    }

    /// Sends a command of sign-up's that makes something.
    pub async fn send(&self, bed: &Bed, command: PaymentsCommand) {
        let decided = bed.api.commands.send(&self.tenant.to_string(), command, None, PATIENCE).await.unwrap();
        assert_eq!(decided.outcome, Outcome::Created, "{decided:?}");
    }

    /// Asks for the charge at the platform's account, as sign-up does.
    pub async fn ask(&self, bed: &Bed, method: PaymentMethod, account: &LentAccount) {
        let command = RequestCharge {
            meta: self.meta(bed, self.charge.uuid()),
            charge_id: self.charge,
            purpose: ChargePurpose::Subscription,
            order_id: Some(self.charge.to_string()),
            request: self.request(bed, method, account).await,
            not_after: None,
            lent: Some(account.clone()),
        };
        self.send(bed, PaymentsCommand::RequestCharge(command)).await;
    }

    /// The same, and waits until the gateway has it; the gateway's id of it.
    pub async fn asked(&self, bed: &Bed, method: PaymentMethod, account: &LentAccount) -> String {
        self.ask(bed, method, account).await;
        self.is(bed, ChargeStatus::Pending).await.observed.unwrap().remote.charge
    }

    /// The charge once it is in this state.
    pub async fn is(&self, bed: &Bed, status: ChargeStatus) -> Charge {
        self.once(bed, |charge| charge.status == status).await
    }

    /// The charge once this is true of it.
    pub async fn once(&self, bed: &Bed, is: impl Fn(&Charge) -> bool) -> Charge {
        until("the charge's change", async || {
            let key = ChargeRow::at(self.tenant, self.charge);
            let row = bed.api.platform.state.get::<ChargeRow>(&key).await.unwrap();
            row.map(|row| row.charge).filter(&is)
        })
        .await
    }
}

/// The platform's account, by value.
pub async fn lent(bed: &Bed, account: &Value) -> LentAccount {
    let account_id = text(&account["id"]).parse().unwrap();
    let key = AccountRow::at(TenantId::PLATFORM, account_id);
    let row = until("the account's row", async || bed.api.platform.state.get::<AccountRow>(&key).await.unwrap()).await;
    let Account { name, gateway, kind, public_key, simulated, .. } = row.account;
    LentAccount { owner: TenantId::PLATFORM, account_id, name, gateway, kind, public_key, simulated }
}

#[test]
fn s15_what_a_shop_owes_the_platform_is_charged_paid_and_seen_before_there_is_a_shop() {
    run(async {
        let bed = Bed::start().await;
        let (account, _) = of_platform(&bed, "pagarme").await;
        let lent = lent(&bed, &account).await;
        let tenant = TenantId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0009_0001));
        let by_pix = Owed::new(tenant, 1);
        let remote = by_pix.asked(&bed, PaymentMethod::Pix, &lent).await;

        // The gateway says so at the platform's address, and is taken for the shop that the charge was made for.
        simulated(&bed, &format!("charges/{remote}/pay"), json!({})).await;
        let shown = format!("/payments/accounts/{}", text(&account["id"]));
        let callback = send(bed.operator("GET", &shown)).await.expect(200).json["callback"].take();
        let address = text(&callback["address"]);
        let (_, path) = address.split_once("://").unwrap().1.split_once('/').unwrap();
        let post = async |id: &str, remote: &str, tenant: TenantId| {
            let data = json!({"id": remote, "metadata": {"tenant": tenant.to_string()}});
            let hook = json!({"id": id, "type": "charge.paid", "created_at": "2026-11-30T12:00:00Z", "data": data});
            let sent = bed.request("localhost", "POST", &format!("/{path}"));
            send(sent.basic_auth("feira", Some(text(&callback["password"]))).json(&hook)).await.expect(200);
        };
        post("hook_0000000000000001", &remote, tenant).await;
        let paid = by_pix.is(&bed, ChargeStatus::Paid).await;
        assert_eq!((paid.observed.unwrap().paid, paid.lent.as_ref()), (4_990, Some(&lent)));
        let kept = async |tenant: TenantId, id: &str| {
            let key = CallbackRow::at(tenant, lent.account_id, id);
            bed.api.platform.state.get::<CallbackRow>(&key).await.unwrap()
        };
        let row = kept(tenant, "hook_0000000000000001").await.expect("it is kept under the shop");
        assert_eq!(row.charge_id, Some(by_pix.charge));
        assert!(kept(TenantId::PLATFORM, "hook_0000000000000001").await.is_none());
        // What names nothing that went there is answered and dropped.
        let nobody = TenantId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0009_0002));
        post("hook_0000000000000002", "ch_of_nobody", nobody).await;
        assert!(kept(nobody, "hook_0000000000000002").await.is_none());

        // Of a boleto no hook comes: the account's reconciliation finds whose it is, and shows none as a charge of nobody.
        let by_boleto = Owed::new(tenant, 2);
        let remote = by_boleto.asked(&bed, PaymentMethod::Boleto, &lent).await;
        simulated(&bed, &format!("charges/{remote}/pay"), json!({})).await;
        let platform = TenantId::PLATFORM.to_string();
        reconciled(&bed, &platform).await;
        by_boleto.is(&bed, ChargeStatus::Paid).await;
        assert_eq!(differences(&bed, &platform).await, Vec::<Value>::new());
    });
}

#[test]
fn what_a_shop_owes_the_platform_is_none_of_its_own_charges() {
    run(async {
        let bed = Bed::start().await;
        let seller = Seller::at(&bed, "devedora", "pagarme").await;
        let (account, _) = of_platform(&bed, "pagarme").await;
        let owed = Owed::new(seller.shop.id.parse().unwrap(), 3);
        owed.asked(&bed, PaymentMethod::Pix, &lent(&bed, &account).await).await;
        let listed = send(seller.asks(&bed, "GET", "/charges")).await.expect(200).json;
        assert_eq!(listed["items"], json!([]));
        let path = format!("/charges/{}", owed.charge);
        send(seller.asks(&bed, "GET", &path)).await.expect(404);
        send(seller.asks(&bed, "POST", &format!("{path}/cancel"))).await.expect(404);
        send(seller.asks(&bed, "POST", &format!("{path}/refunds")).json(&json!({}))).await.expect(404);
        let accounts = send(bed.staff(&seller.shop, "GET", "/payments/accounts")).await.expect(200).json;
        assert_eq!(accounts["items"].as_array().unwrap().len(), 1, "the platform's is not among them");
    });
}
