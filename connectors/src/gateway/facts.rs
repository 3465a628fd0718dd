//! The facts that a call is made of. A request's body follows from them alone, so that the same facts make the same bytes.
//!
//! They hold what people typed, in the open for the length of a call: nothing serialises them, and their `Debug` shows none of it.

use feira_schemas::{
    gateway::{Centavos, Method, Problem, Refusal, RefusedFor, Status},
    ids::{EffectId, TenantId},
    sealed::{CardToken, Document, Email, LastFour, PersonName, Phone, PostalAddress},
    secret::Secret,
    time::Micros,
};
use jiff::civil::Date;

/// A charge that is to be made.
#[derive(Debug, Clone)]
pub struct ChargeFacts {
    /// The effect: the key of idempotency, and the code that the charge is found by later.
    pub effect: EffectId,
    /// The tenant that sells or owes.
    pub tenant: TenantId,
    /// The time at which it was decided, from which days are counted.
    pub decided_at: Micros,
    /// The whole sum: all items and the freight.
    pub amount: Centavos,
    /// The lines of what is bought, one to 50.
    pub items: Vec<Item>,
    /// The freight, where goods are sent.
    pub shipping: Option<Shipping>,
    /// The buyer.
    pub buyer: Buyer,
    /// The words by which the buyer knows the charge on a statement, 13 signs at most.
    pub statement_descriptor: Option<String>,
    /// The way in which it is paid.
    pub payment: Payment,
}

impl ChargeFacts {
    /// Lines of a charge.
    pub const ITEMS: usize = 50;

    /// Refuses facts that no gateway is asked with: the sums must be those of the lines.
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |field: &str, message: &str| {
            Err(Refusal { why: RefusedFor::Request, problems: vec![Problem::new("facts", Some(field), message)] })
        };
        if self.items.is_empty() || self.items.len() > Self::ITEMS {
            return wrong("items", "there must be 1 to 50");
        }
        if self.items.iter().any(|item| item.quantity == 0 || item.total <= 0) {
            return wrong("items", "quantity and total must be above 0");
        }
        let freight = self.shipping.as_ref().map_or(0, |freight| freight.amount);
        let lines = self.items.iter().try_fold(freight, |sum, item| sum.checked_add(item.total));
        if freight < 0 || lines != Some(self.amount) {
            return wrong("amount", "is not the sum of items and freight");
        }
        if let Payment::Card { installments: 0 | 25.., .. } = self.payment {
            return wrong("installments", "must be 1 to 24");
        }
        Ok(())
    }
}

/// One line of what is bought.
#[derive(Debug, Clone)]
pub struct Item {
    /// The merchant's code of it.
    pub code: String,
    /// The words for it.
    pub description: String,
    /// The number of pieces, 1 at least.
    pub quantity: u32,
    /// The sum of the line, discounts and interest included.
    pub total: Centavos,
}

/// The freight.
#[derive(Debug, Clone)]
pub struct Shipping {
    /// Its price.
    pub amount: Centavos,
    /// The option that was chosen.
    pub description: String,
    /// The person who receives it.
    pub recipient: PersonName,
    /// The place that it goes to.
    pub address: PostalAddress,
}

/// The person or company that pays.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// The full name.
    pub name: PersonName,
    /// The e-mail address.
    pub email: Email,
    /// The CPF or CNPJ.
    pub document: Document,
    /// The phone.
    pub phone: Option<Phone>,
    /// The billing address.
    pub address: PostalAddress,
}

/// The way in which a charge is paid.
#[derive(Debug, Clone)]
pub enum Payment {
    /// By card.
    Card {
        /// The card.
        source: CardSource,
        /// The number of parcels, 1 to 24.
        installments: u8,
        /// True to take the money at once, false to reserve it.
        capture: bool,
    },
    /// By boleto.
    Boleto {
        /// The due day; it can be paid until its end in São Paulo.
        due: Date,
        /// The lines for who takes the money.
        instructions: String,
        /// The merchant's number of it, up to 16 signs.
        document_number: String,
    },
    /// By Pix.
    Pix {
        /// The time until which it can be paid.
        until: Micros,
        /// Names and values that the buyer's bank shows.
        information: Vec<(String, String)>,
    },
}

impl Payment {
    /// The method of this payment.
    pub fn method(&self) -> Method {
        match self {
            Self::Card { .. } => Method::Card,
            Self::Boleto { .. } => Method::Boleto,
            Self::Pix { .. } => Method::Pix,
        }
    }
}

/// A card, which is never its number.
#[derive(Debug, Clone)]
pub enum CardSource {
    /// The token that the buyer's browser got for it; it lives a minute and serves once.
    Token(CardToken),
    /// A card that the gateway keeps for this customer.
    Saved {
        /// The gateway's id of the customer.
        customer: String,
        /// The gateway's id of the card.
        card: String,
    },
}

/// A sum that is to be given back.
#[derive(Debug, Clone)]
pub struct RefundFacts {
    /// The effect: the key of idempotency, and the mark by which the gateway shows it.
    pub effect: EffectId,
    /// The tenant whose charge it is.
    pub tenant: TenantId,
    /// The gateway's id of the charge.
    pub charge: String,
    /// The way in which the charge was paid.
    pub method: Method,
    /// The sum.
    pub amount: Centavos,
    /// The bank account that it goes to, where the gateway needs one.
    pub bank_account: Option<BankAccount>,
}

/// A bank account of the buyer.
#[derive(Debug, Clone)]
pub struct BankAccount {
    /// The holder's full name.
    pub holder: PersonName,
    /// The holder's CPF or CNPJ, the charge's own.
    pub document: Document,
    /// The bank's three digits.
    pub bank: Secret,
    /// The branch, without its check digit.
    pub branch: Secret,
    /// The branch's check digit; empty where it has none.
    pub branch_check: Secret,
    /// The account, without its check digit.
    pub account: Secret,
    /// The account's check digit.
    pub account_check: Secret,
    /// True for a savings account, false for a current one.
    pub savings: bool,
}

/// A charge that is to be cancelled before anybody has paid it, or whose reserved sum is to be let go.
#[derive(Debug, Clone)]
pub struct CancelFacts {
    /// The effect: the key of idempotency.
    pub effect: EffectId,
    /// The gateway's id of the charge.
    pub charge: String,
}

/// A card that is to be kept by the gateway.
#[derive(Debug, Clone)]
pub struct CardFacts {
    /// The effect: the key of idempotency.
    pub effect: EffectId,
    /// The tenant that it is kept for.
    pub tenant: TenantId,
    /// The card's holder.
    pub holder: Buyer,
    /// The token that the browser got for it.
    pub token: CardToken,
}

/// A card that the gateway keeps. Its `Debug` shows no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCard {
    /// The gateway's id of the customer.
    pub customer: String,
    /// The gateway's id of the card.
    pub card: String,
    /// The brand, in small letters.
    pub brand: Option<String>,
    /// The last four digits.
    pub last_four: Option<LastFour>,
}

/// A plan that subscriptions are made of.
#[derive(Debug, Clone)]
pub struct PlanFacts {
    /// The effect: the key of idempotency, and the mark in the plan's metadata.
    pub effect: EffectId,
    /// The plan's name.
    pub name: String,
    /// The words for it.
    pub description: String,
    /// The price of one period.
    pub price: Centavos,
    /// Months of a period, 1 to 24.
    pub months: u8,
    /// The words by which a subscriber knows the charge on a statement, 13 signs at most.
    pub statement_descriptor: Option<String>,
}

/// A plan as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The gateway's id, which subscriptions name.
    pub id: String,
}

/// A subscription that is to be made, paid by card.
#[derive(Debug, Clone)]
pub struct SubscriptionFacts {
    /// The effect: the key of idempotency, and the code that the subscription is found by later.
    pub effect: EffectId,
    /// The tenant that owes.
    pub tenant: TenantId,
    /// The gateway's id of the plan.
    pub plan: String,
    /// The subscriber.
    pub subscriber: Buyer,
    /// The card.
    pub source: CardSource,
    /// The time of the first charge; `None`: at once.
    pub starts: Option<Micros>,
}

/// A subscription that is to be ended.
#[derive(Debug, Clone)]
pub struct EndFacts {
    /// The effect: the key of idempotency.
    pub effect: EffectId,
    /// The gateway's id of the subscription.
    pub subscription: String,
}

/// The name by which something is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// The gateway's own id.
    Id(String),
    /// The effect that made it.
    Effect {
        /// The effect.
        effect: EffectId,
        /// A time before which it was not made: gateways that find by no code go through what was made since.
        since: Micros,
    },
}

/// The charges of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFacts {
    /// The time from which on they were made.
    pub since: Micros,
    /// The state that they are in; `None`: any.
    pub state: Option<Listed>,
    /// The page, as the page before names it; `None`: the first.
    pub page: Option<String>,
}

/// The states that a list can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Waiting for the buyer.
    Pending,
    /// Paid.
    Paid,
    /// Refused.
    Failed,
    /// Cancelled, or given back in full.
    Cancelled,
}

impl Listed {
    /// True for a charge in this state that is in that status.
    pub fn fits(self, status: Status) -> bool {
        match self {
            Self::Pending => matches!(status, Status::Pending | Status::Confirming | Status::Authorized),
            Self::Paid => matches!(status, Status::Paid | Status::Underpaid | Status::PartlyRefunded),
            Self::Failed => status == Status::Failed,
            Self::Cancelled => matches!(status, Status::Cancelled | Status::Refunded),
        }
    }
}
