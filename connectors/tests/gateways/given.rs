//! Facts and accounts that the tests share. All people and numbers are made up.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use feira_connectors::gateway::*;
use feira_schemas::{
    gateway::Method,
    ids::{EffectId, TenantId},
    sealed::{AddressParts, CardToken, Document, Email, GatewayKey, PersonName, Phone, PostalAddress},
    time::{Clock, Micros},
};
use jiff::{Timestamp, civil::date};
use uuid::Uuid;

/// Three in the afternoon in São Paulo.
pub const NOW: &str = "2026-12-01T18:00:00Z";

pub const EFFECT: &str = "01939b3c-0000-7000-8000-00000000000e";

pub fn at(text: &str) -> Micros {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

pub fn effect() -> EffectId {
    EFFECT.parse().unwrap()
}

pub fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(7))
}

pub fn account() -> Account {
    Account {
        id: "account-1".to_owned(),
        kind: AccountKind::WholeService,
        secret_key: GatewayKey::new("sk_test_secret").unwrap(),
        public_key: "pk_test_public".to_owned(),
        callback_secret: "feira:0123456789abcdef".into(),
    }
}

/// The gateway of this name at this address. A call has more time than a busy machine takes.
pub fn gateway(name: &str, address: &str) -> Arc<dyn Gateway> {
    let limits = CallLimits { whole: Duration::from_secs(60), ..CallLimits::default() };
    limited(name, address, limits)
}

pub fn limited(name: &str, address: &str, limits: CallLimits) -> Arc<dyn Gateway> {
    let settings = GatewaySettings {
        addresses: BTreeMap::from([(name.to_owned(), address.to_owned())]),
        referer: "feira.example".to_owned(),
        limits,
        simulated: false,
    };
    Gateways::new(&settings, &Clock::passing(|| at(NOW))).unwrap().named(name).unwrap()
}

pub fn address_parts() -> AddressParts<'static> {
    AddressParts {
        postal_code: "50050-000",
        street: "Rua das Laranjeiras",
        number: "120",
        complement: "apto 31",
        district: "Boa Vista",
        city: "Recife",
        state: "PE",
    }
}

pub fn address() -> PostalAddress {
    PostalAddress::new(address_parts()).unwrap()
}

pub fn person() -> PersonName {
    PersonName::new("Joana d'Arc São João").unwrap()
}

pub fn document() -> Document {
    Document::new("11144477735").unwrap()
}

pub fn token(text: &str) -> CardToken {
    CardToken::new(text).unwrap()
}

pub fn buyer() -> Buyer {
    Buyer {
        name: person(),
        email: Email::new("joana@example.com").unwrap(),
        document: document(),
        phone: Some(Phone::new("+5581987654321").unwrap()),
        address: address(),
    }
}

pub fn card() -> Payment {
    Payment::Card { source: CardSource::Token(token("token_abcdef0123456789")), installments: 3, capture: true }
}

pub fn boleto() -> Payment {
    Payment::Boleto {
        due: date(2026, 12, 3),
        instructions: "Não receber após o vencimento".to_owned(),
        document_number: "1001".to_owned(),
    }
}

pub fn pix() -> Payment {
    Payment::Pix { until: at("2026-12-01T18:25:00Z"), information: vec![("Pedido".to_owned(), "1001".to_owned())] }
}

/// Two shirts, three pens whose sum does not divide by three, and the freight: R$ 150,00.
pub fn charge(payment: Payment) -> ChargeFacts {
    let item = |code: &str, description: &str, quantity, total| Item {
        code: code.to_owned(),
        description: description.to_owned(),
        quantity,
        total,
    };
    ChargeFacts {
        effect: effect(),
        tenant: tenant(),
        decided_at: at(NOW),
        amount: 15_000,
        items: vec![item("CAM-P", "Camiseta P", 2, 11_980), item("CAN", "Caneta", 3, 1_000)],
        shipping: Some(Shipping {
            amount: 2_020,
            description: "PAC".to_owned(),
            recipient: person(),
            address: address(),
        }),
        buyer: buyer(),
        statement_descriptor: Some("LOJAEXEMPLO".to_owned()),
        payment,
    }
}

pub fn refund(method: Method, bank_account: Option<BankAccount>) -> RefundFacts {
    let (effect, tenant) = (effect(), tenant());
    RefundFacts { effect, tenant, charge: "ch_1".to_owned(), method, amount: 5_000, bank_account }
}

pub fn bank_account() -> BankAccount {
    BankAccount {
        holder: person(),
        document: document(),
        bank: "001".into(),
        branch: "1234".into(),
        branch_check: "5".into(),
        account: "67890".into(),
        account_check: "1".into(),
        savings: false,
    }
}

pub fn plan() -> PlanFacts {
    PlanFacts {
        effect: effect(),
        name: "Plano Loja".to_owned(),
        description: "Loja com 500 produtos".to_owned(),
        price: 4_990,
        months: 6,
        statement_descriptor: Some("FEIRA".to_owned()),
    }
}

pub fn subscription() -> SubscriptionFacts {
    SubscriptionFacts {
        effect: effect(),
        tenant: tenant(),
        plan: "plan_1".to_owned(),
        subscriber: buyer(),
        source: CardSource::Token(token("token_abcdef0123456789")),
        starts: Some(at("2027-01-01T03:00:00Z")),
    }
}

pub fn card_to_keep() -> CardFacts {
    CardFacts { effect: effect(), tenant: tenant(), holder: buyer(), token: token("token_abcdef0123456789") }
}
