//! A subscription in the hands of a decision: what it was, what it is now with its invoice, and what is said and asked because of that.

use std::sync::Arc;

use feira_schemas::{
    ids::{ChargeId, CommandId, InvoiceId, Micros, RefundId, SubscriptionId, TenantId},
    records::{
        CommandSet, Outgoing, SignupEvent,
        common::{Answers, Asked, CommandMeta},
        payments::{self, Charge, LentAccount},
        signup::{
            Invoice, InvoiceChanged, InvoiceStatus, Payment, PaymentStatus, Subscription, SubscriptionChanged,
            SubscriptionStatus, Try,
            entity::{INVOICE, SUBSCRIPTION},
        },
    },
    rows::signup::{InvoiceRow, SubscriptionRow},
};

use crate::{Decision, DecisionContext, EntityVersion, Need, NewTimer, Rows, Shown};

/// Begins the id of the entity of a timer, of which the subscription's is the rest.
const ENTITY: &str = "subscription:";
/// Tries to pay a subscription: who needs more of them tries cards.
pub(super) const TRIES: i32 = 5;
/// Lies between the numbers that ids of charges and those of subscriptions at payments are made of.
const REMOTES: u32 = 100;

/// The words for what is asked and waited for, in timers and records.
pub(super) mod word {
    /// The directory is asked to hold the name.
    pub(in super::super) const CLAIM: &str = "claim_name";
    /// The directory is asked to hold a name in the place of one that was lost: who has asked for it looks at the page.
    pub(in super::super) const CLAIM_ANOTHER: &str = "claim_another_name";
    /// Payments is asked to charge.
    pub(in super::super) const PAY: &str = "pay";
    /// Admin is asked for the shop, by the event itself.
    pub(in super::super) const PROVISION: &str = "provision";
    /// Nobody has paid in time.
    pub(in super::super) const ENDS: &str = "ends";
    /// Payments is asked to end a subscription there that nobody wants any more.
    pub(in super::super) const END: &str = "end";
    /// Payments is asked to cancel a charge whose code was given up.
    pub(in super::super) const CANCEL: &str = "cancel";
    /// Payments is asked to give money back that pays nothing.
    pub(in super::super) const GIVE_BACK: &str = "give_back";
}

/// A subscription that is decided upon.
pub(super) struct Case<'a> {
    /// The shop that it is for.
    pub tenant: TenantId,
    /// The subscription as it is now.
    pub now: Subscription,
    /// Its latest invoice as it is now.
    pub invoice: Option<Invoice>,
    /// What is said and asked so far.
    pub decision: Decision<SignupEvent>,
    /// The clock and the cause.
    pub context: &'a DecisionContext,
    before: Option<Arc<SubscriptionRow>>,
    invoice_before: Option<Invoice>,
}

impl<'a> Case<'a> {
    /// A subscription that is new.
    pub fn new(subscription: Subscription, context: &'a DecisionContext) -> Self {
        Self {
            tenant: context.cause.tenant_id,
            now: subscription,
            invoice: None,
            decision: Decision::new(context),
            context,
            before: None,
            invoice_before: None,
        }
    }

    /// A subscription that is there.
    pub fn of(row: &Arc<SubscriptionRow>, rows: &Rows, context: &'a DecisionContext) -> Result<Self, Need> {
        let invoice = match row.subscription.invoice_id {
            Some(invoice) => rows.get::<InvoiceRow>(InvoiceRow::at(row.tenant_id, invoice))?,
            None => None,
        };
        let invoice = invoice.map(|row| row.invoice.clone());
        Ok(Self {
            tenant: row.tenant_id,
            now: row.subscription.clone(),
            invoice: invoice.clone(),
            decision: Decision::new(context),
            context,
            before: Some(Arc::clone(row)),
            invoice_before: invoice,
        })
    }

    /// Says what has changed. The subscription's event answers.
    pub fn say(self, answers: Option<Answers>) -> Decision<SignupEvent> {
        let Self { now, invoice, mut decision, context, before, invoice_before, .. } = self;
        if before.is_none_or(|row| row.subscription != now) {
            let subscription = Subscription { version: now.version + 1, changed_at: context.now, ..now };
            let entity = EntityVersion::new(subscription.subscription_id, subscription.version);
            decision.answer_for(answers, entity, |meta| SubscriptionChanged { meta, subscription });
        }
        if let Some(invoice) = invoice.filter(|invoice| invoice_before.as_ref() != Some(invoice)) {
            let invoice = Invoice { version: invoice.version + 1, ..invoice };
            let entity = EntityVersion::new(invoice.invoice_id, invoice.version);
            decision.event(entity, |meta| InvoiceChanged { meta, invoice });
        }
        decision
    }

    /// Notes that something is asked, first or again: the timer by which it is asked again is set. The command is the caller's to send.
    pub fn ask(&mut self, what: &str) {
        let entity = entity(&self.now);
        self.now.asked = Some(self.decision.ask(&entity, what, self.now.asked.as_ref()));
    }

    /// Notes one of several questions that may be open at a time, first or again. Who asks keeps it.
    pub fn question(&mut self, what: &str, before: Option<&Asked>) -> Asked {
        self.decision.ask(&entity(&self.now), what, before)
    }

    /// Nothing is asked any longer: the timer goes.
    pub fn stop_asking(&mut self) {
        if let Some(asked) = self.now.asked.take() {
            self.decision.clear_timer(asked.timer);
        }
    }

    /// Sets the time at which it ends if nobody pays.
    pub fn end_at(&mut self, due: Micros) {
        let (entity, replaces) = (entity(&self.now), self.now.ends.take());
        let timer = NewTimer { entity: &entity, what: word::ENDS, due, replaces };
        self.now.ends = Some(self.decision.set_timer(timer));
    }

    /// It does not end by itself any longer.
    pub fn stop_ending(&mut self) {
        if let Some(ends) = self.now.ends.take() {
            self.decision.clear_timer(ends);
        }
    }

    /// The common fields of the next command that is sent.
    pub fn command_meta(&self) -> CommandMeta {
        self.decision.command_meta(self.tenant, "system:signup")
    }

    /// Sends a command under this key.
    pub fn send(&mut self, key: impl ToString, command: impl CommandSet) {
        self.decision.commands.push(Outgoing::new(key, command));
    }

    /// Makes the invoice of the first period, which waits to be paid.
    pub fn bill(&mut self) {
        let invoice_id = InvoiceId::derive(self.context.cause.command_id, 0, self.context.now);
        self.now.invoice_id = Some(invoice_id);
        self.invoice_before = None;
        self.invoice = Some(Invoice {
            invoice_id,
            version: 0,
            subscription_id: self.now.subscription_id,
            number: 1,
            status: InvoiceStatus::Open,
            amount: self.now.terms.price,
            method: self.now.payment.method,
            charge_id: None,
            created_at: self.context.now,
            paid_at: None,
        });
    }

    /// Nobody has to pay the invoice any more, unless it is paid.
    pub fn void(&mut self) {
        if let Some(invoice) = self.invoice.as_mut().filter(|invoice| invoice.status == InvoiceStatus::Open) {
            invoice.status = InvoiceStatus::Void;
        }
    }
}

/// A subscription as an answer shows it: the record as the event has it, in which what people typed is sealed.
pub(super) fn shown(subscription: &Subscription) -> Shown {
    Shown { entity: SUBSCRIPTION, json: serde_json::to_string(subscription).ok() }
}

/// An invoice as an answer shows it.
pub(super) fn shown_invoice(invoice: &Invoice) -> Shown {
    Shown { entity: INVOICE, json: serde_json::to_string(invoice).ok() }
}

/// The subscription of this id; its shop has hardly more than one.
pub(super) fn known(
    tenant: TenantId,
    subscription: SubscriptionId,
    rows: &Rows,
) -> Result<Option<Arc<SubscriptionRow>>, Need> {
    rows.get::<SubscriptionRow>(SubscriptionRow::at(tenant, subscription))
}

/// The subscriptions of a shop.
pub(super) fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<SubscriptionRow>>, Need> {
    rows.scan::<SubscriptionRow>(SubscriptionRow::all(tenant))
}

/// The entity of a subscription's timers.
fn entity(subscription: &Subscription) -> String {
    format!("{ENTITY}{}", subscription.subscription_id)
}

/// The subscription that a timer's entity names.
pub(super) fn subscription_of(entity: &str) -> Option<SubscriptionId> {
    entity.strip_prefix(ENTITY).and_then(|id| id.parse().ok())
}

/// True if it is paid, whatever became of its shop.
pub(super) fn is_paid(subscription: &Subscription) -> bool {
    match subscription.status {
        SubscriptionStatus::NameLost
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Paid
        | SubscriptionStatus::Active
        | SubscriptionStatus::Ended => true,
        SubscriptionStatus::Naming
        | SubscriptionStatus::NameTaken
        | SubscriptionStatus::Paying
        | SubscriptionStatus::Refused
        | SubscriptionStatus::Expired
        | SubscriptionStatus::Unknown => false,
    }
}

/// True if the gateway has been asked, or is to be, and may still bring money of itself.
pub(super) fn is_open(payment: &Payment) -> bool {
    matches!(payment.status, PaymentStatus::Asked | PaymentStatus::Pending)
}

/// The charge of a try by Pix or boleto: asking twice is asking once, and what is paid late is known by it.
pub(super) fn charge_of(subscription: &Subscription, attempt: i32) -> ChargeId {
    ChargeId::derive(seed(subscription), number(attempt), subscription.created_at)
}

/// The subscription at payments of a try by card.
pub(super) fn remote_of(subscription: &Subscription, attempt: i32) -> SubscriptionId {
    SubscriptionId::derive(seed(subscription), REMOTES + number(attempt), subscription.created_at)
}

/// The refund of a charge that pays nothing: asking twice is asking once.
pub(super) fn refund_of(subscription: &Subscription, charge: ChargeId) -> RefundId {
    RefundId::derive(CommandId::from_uuid(charge.uuid()), 0, subscription.created_at)
}

/// The try that a charge is of; none where it is another matter's, or was not asked for at the account of that try.
pub(super) fn try_of<'a>(subscription: &'a Subscription, charge: &Charge) -> Option<&'a Try> {
    let is_its_own = |of: &&Try| {
        let remote = remote_of(subscription, of.attempt).to_string();
        charge.charge_id == charge_of(subscription, of.attempt) || charge.order_id.as_ref() == Some(&remote)
    };
    subscription.tries.iter().find(is_its_own).filter(|of| is_lent_for(of, charge.lent.as_ref()))
}

/// The try that a subscription at payments is of; none where it is another matter's, or was not asked for at the account of that try.
pub(super) fn try_of_remote<'a>(subscription: &'a Subscription, remote: &payments::Subscription) -> Option<&'a Try> {
    let is_its_own = |of: &&Try| remote_of(subscription, of.attempt) == remote.subscription_id;
    subscription.tries.iter().find(is_its_own).filter(|of| is_lent_for(of, remote.lent.as_ref()))
}

fn is_lent_for(of: &Try, lent: Option<&LentAccount>) -> bool {
    let account = of.terms.account.account_id;
    lent.is_some_and(|lent| lent.owner == TenantId::PLATFORM && lent.account_id == account)
}

/// True if a charge is the one that paid, or a renewal of the card's subscription that did.
pub(super) fn is_of_what_paid(payment: &Payment, charge: &Charge) -> bool {
    let renews = |remote: SubscriptionId| charge.order_id == Some(remote.to_string());
    payment.charge_id == Some(charge.charge_id) || payment.remote_id.is_some_and(renews)
}

fn seed(subscription: &Subscription) -> CommandId {
    CommandId::from_uuid(subscription.subscription_id.uuid())
}

fn number(attempt: i32) -> u32 {
    u32::try_from(attempt).unwrap_or_default()
}
