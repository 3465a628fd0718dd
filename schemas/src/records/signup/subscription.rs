//! Subscriptions to plans of the platform: somebody takes a plan, pays, and gets a shop.

use serde::{Deserialize, Serialize};

use super::PlanLimits;
use crate::{
    ids::{ChargeId, CommandId, InvoiceId, Micros, RefundId, SignupPlanId, StaffId, SubscriptionId},
    money::Money,
    records::{
        common::{Asked, CommandMeta, EventMeta, TimerKey},
        payments::{BoletoData, Buyer, LentAccount, LentPlan, PaymentMethod, PixData, Reason},
    },
    sealed::{CardToken, Email, PersonName, Sealed},
};

/// State of a subscription to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriptionStatus {
    /// `NAMING`: the directory is asked to hold the shop's name; nothing is charged.
    Naming,
    /// `NAME_TAKEN`: the name is another's, and nothing was charged: another name is asked for.
    NameTaken,
    /// `PAYING`: payments is asked, or the code waits to be paid.
    Paying,
    /// `REFUSED`: the payment was refused, or the card's token has run out: it can be paid in another way while the name is held.
    Refused,
    /// `EXPIRED`: nobody has paid in time; the name is released.
    Expired,
    /// `NAME_LOST`: it is paid, and the name went to another meanwhile: another name is asked for, and no money.
    NameLost,
    /// `SECURING`: it is paid, and the directory is asked to hold the name for long enough.
    Securing,
    /// `PAID`: it is paid and has its name: admin makes the shop of this event.
    Paid,
    /// `ACTIVE`: the shop is open.
    Active,
    /// `ENDED`: the shop was closed for good; what renewed itself at the gateway is ended.
    Ended,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The plan as it was offered, by value: who decides for a shop reads no rows of the platform's. A form's token vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The plan.
    pub plan_id: SignupPlanId,
    /// The plan's name.
    pub plan_name: String,
    /// The price of one period.
    pub price: Money,
    /// Months of a period: 1, 6, 12 or 24.
    pub months: i32,
    /// The most that the shop may have.
    pub limits: PlanLimits,
    /// The ways in which it could be paid.
    #[serde(default)]
    pub methods: Vec<PaymentMethod>,
    /// The platform's account that is paid.
    pub account: LentAccount,
    /// The plan at the gateway by which cards pay; none where they don't.
    #[serde(default)]
    pub remote: Option<LentPlan>,
}

/// The first administrator of a shop that is to be made, each value sealed of `staff:<staff_id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The member of staff.
    pub staff_id: StaffId,
    /// The address by which the member logs in.
    pub email: Sealed<Email>,
    /// The term of the normalised address among the shop's staff, 32 hex digits.
    pub email_term: String,
    /// The name.
    pub name: Sealed<PersonName>,
}

/// State of a payment of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// `WAITING`: payments was not asked yet.
    Waiting,
    /// `ASKED`: payments was asked, and what became of it is not known.
    Asked,
    /// `PENDING`: the code is there and waits to be paid, or the gateway does not know yet.
    Pending,
    /// `PAID`: it is paid.
    Paid,
    /// `REFUSED`: it was refused.
    Refused,
    /// `EXPIRED`: its time, or that of the card's token, had run out before the gateway was asked: nobody declined.
    Expired,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// One try to pay a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// 1 for the first try, then +1 each time that it is paid in another way.
    pub attempt: i32,
    /// The way in which it is paid.
    pub method: PaymentMethod,
    /// The state.
    pub status: PaymentStatus,
    /// The charge; none where a card pays, until the gateway's subscription shows one.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The subscription at payments by which a card pays; none for boleto and Pix.
    #[serde(default)]
    pub remote_id: Option<SubscriptionId>,
    /// The command that asked last, by which a refusal is known; none until payments was asked.
    #[serde(default)]
    pub command_id: Option<CommandId>,
    /// The token that the browser got for the card, sealed of `subscriber:<subscription_id>`.
    #[serde(default)]
    pub card_token: Option<Sealed<CardToken>>,
    /// The time at which the token runs out.
    #[serde(default)]
    pub token_until: Option<Micros>,
    /// The due day of a boleto, as 2026-12-31.
    #[serde(default)]
    pub due: Option<String>,
    /// The time until which a Pix code can be paid.
    #[serde(default)]
    pub pix_until: Option<Micros>,
    /// The boleto, once the gateway has made it.
    #[serde(default)]
    pub boleto: Option<BoletoData>,
    /// The Pix code, once the gateway has made it.
    #[serde(default)]
    pub pix: Option<PixData>,
    /// The reason for which it was refused: a code of the platform, or a word of the closed list of payments.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
}

/// A try that payments was asked for. Money of it buys what was offered then, whatever a later try offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// The number of the try.
    pub attempt: i32,
    /// The plan as it was offered.
    pub terms: Terms,
}

/// A subscription at payments that is not wanted any more: it is asked to end it until it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The subscription at payments.
    pub remote_id: SubscriptionId,
    /// The command that asked last.
    pub command_id: CommandId,
    /// The question, which is asked again by timer.
    pub asked: Asked,
}

/// A charge of a try that was given up: payments is asked to cancel it until nobody can pay it by its code any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    /// The charge.
    pub charge_id: ChargeId,
    /// The command that asked last.
    pub command_id: CommandId,
    /// The question, which is asked again by timer.
    pub asked: Asked,
}

/// State of money that is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GivingBackStatus {
    /// `ASKED`: payments is asked for the refund, and what became of it is not known.
    Asked,
    /// `DONE`: it was given back.
    Done,
    /// `BY_HAND`: it does not go back by itself: a person sees to it.
    ByHand,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// Money of a charge that pays nothing, such as a second payment of the same period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivingBack {
    /// The charge.
    pub charge_id: ChargeId,
    /// The refund; asking twice is asking once.
    pub refund_id: RefundId,
    /// The state.
    pub status: GivingBackStatus,
    /// The reason for which it does not go back by itself: a code of the platform, or a word of the closed list of payments.
    #[serde(default)]
    pub why: Option<String>,
    /// The command that asked last; none where nobody was asked.
    #[serde(default)]
    pub command_id: Option<CommandId>,
    /// The question, which is asked again by timer; none once payments has said what became of it.
    #[serde(default)]
    pub asked: Option<Asked>,
}

/// A period of a subscription. Its dates are counted from the anchor day in America/Sao_Paulo, which stays where a month has no such day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// 1 for the first.
    pub number: i32,
    /// Its first day, as 2026-12-31.
    pub first_day: String,
    /// The first day after it.
    pub next_day: String,
    /// The day of the month on which periods begin, 1 to 31.
    pub anchor_day: i32,
}

/// A subscription to a plan of the platform, and the shop that it is for: its tenant is the shop's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// +1 each change.
    pub version: i64,
    /// The state.
    pub status: SubscriptionStatus,
    /// The hash of the visitor who has subscribed: nobody else pays or names it anew by the form.
    pub visitor: String,
    /// The plan as it was offered.
    pub terms: Terms,
    /// The person or company that subscribes, each field sealed of `subscriber:<subscription_id>`.
    pub subscriber: Buyer,
    /// The shop's first administrator.
    pub owner: Owner,
    /// The time at which the first administrator's data were sealed: after nine days they are swept, unless admin has them.
    pub owner_sealed_at: Micros,
    /// The shop's sub-domain, normalised.
    pub subdomain: String,
    /// The version of the subscription in which its present names were asked for.
    pub named_version: i64,
    /// The shop's name.
    pub shop_name: String,
    /// The version of terms and privacy notice that was accepted.
    pub accepted: String,
    /// The time at which it was accepted.
    pub accepted_at: Micros,
    /// The time until which the directory holds the name at least; 0 while it does not.
    pub held_until: Micros,
    /// The latest try to pay.
    pub payment: Payment,
    /// The present period; none until it is paid.
    #[serde(default)]
    pub period: Option<Period>,
    /// The latest invoice; none until payments is asked.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// The question that directory, payments or admin has not answered.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// The timer by which it ends if nobody pays.
    #[serde(default)]
    pub ends: Option<TimerKey>,
    /// The time at which it was to end, and waits a little more, since payments has not said what became of the try; none before.
    #[serde(default)]
    pub late_since: Option<Micros>,
    /// The tries that payments was asked for, oldest first, up to 5.
    #[serde(default)]
    pub tries: Vec<Try>,
    /// The subscriptions at payments that are to be ended.
    #[serde(default)]
    pub ending: Vec<Ending>,
    /// The charges that are to be cancelled.
    #[serde(default)]
    pub cancelling: Vec<Cancelling>,
    /// The money that is given back.
    #[serde(default)]
    pub giving_back: Vec<GivingBack>,
    /// The version in which admin has last opened the shop or refused its name: what was said before is old; 0 until then.
    #[serde(default)]
    pub shop_version: i64,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time of its last change.
    pub changed_at: Micros,
}

impl Try {
    /// True if it was by the code of a Pix or a boleto: only terms by which a card pays name the plan at the gateway.
    pub fn is_by_code(&self) -> bool {
        self.terms.remote.is_none()
    }
}

impl Subscription {
    /// True while the code of a Pix or a boleto is there and has brought no money: it can be paid in another way, which gives that code up.
    pub fn may_be_paid_otherwise(&self) -> bool {
        let Payment { status, why, boleto, pix, .. } = &self.payment;
        let has_pix = pix.as_ref().is_some_and(|pix| pix.code.is_some());
        let has_boleto = boleto.as_ref().is_some_and(|boleto| boleto.line.is_some() || boleto.url.is_some());
        let waits = self.status == SubscriptionStatus::Paying && *status == PaymentStatus::Pending && why.is_none();
        waits && (has_pix || has_boleto)
    }
}

/// State of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvoiceStatus {
    /// `OPEN`: it waits to be paid.
    Open,
    /// `PAID`: it is paid.
    Paid,
    /// `VOID`: nobody has to pay it any more.
    Void,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The bill of one period of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// The invoice.
    pub invoice_id: InvoiceId,
    /// +1 each change.
    pub version: i64,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The number of the period that it is for, from 1.
    pub number: i32,
    /// The state.
    pub status: InvoiceStatus,
    /// The sum.
    pub amount: Money,
    /// The way in which it is paid.
    pub method: PaymentMethod,
    /// The charge that pays it; none until there is one.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The time at which it was made.
    pub created_at: Micros,
    /// The time at which it was paid; none until then.
    #[serde(default)]
    pub paid_at: Option<Micros>,
}

/// Subscribe to a plan, or go on with a subscription of which the name was taken or the payment refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The subscription; asking twice is asking once.
    pub subscription_id: SubscriptionId,
    /// The hash of the visitor who asks.
    pub visitor: String,
    /// The plan as it was offered.
    pub terms: Terms,
    /// The person or company that subscribes, each field sealed of `subscriber:<subscription_id>`.
    pub subscriber: Buyer,
    /// The shop's first administrator.
    pub owner: Owner,
    /// The shop's sub-domain, normalised.
    pub subdomain: String,
    /// The shop's name.
    pub shop_name: String,
    /// The version of terms and privacy notice that is accepted.
    pub accepted: String,
    /// The way in which it is paid.
    pub method: PaymentMethod,
    /// The try that is meant: 1 for the first, of one that goes on the next after its payment's.
    pub attempt: i32,
    /// The token that the browser got for the card, sealed of `subscriber:<subscription_id>`; none for boleto and Pix.
    #[serde(default)]
    pub card_token: Option<Sealed<CardToken>>,
    /// The time at which the token runs out.
    #[serde(default)]
    pub token_until: Option<Micros>,
    /// The due day of a boleto, as 2026-12-31.
    #[serde(default)]
    pub due: Option<String>,
    /// The time from which on it is not decided any more: nobody waits for it.
    pub not_after: Micros,
}

/// The directory's answer to a claim of sign-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerNameClaim {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The name that was claimed.
    pub name: String,
    /// False: it is another's.
    pub held: bool,
    /// True: it is the shop's own for good.
    #[serde(default)]
    pub confirmed: bool,
}

/// A subscription is now this. Of one that is paid admin makes the shop; any group may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The subscription after this event.
    pub subscription: Subscription,
}

/// An invoice is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The invoice after this event.
    pub invoice: Invoice,
}
