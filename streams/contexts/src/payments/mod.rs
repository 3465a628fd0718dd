//! Payments: what is charged and given back at which gateway, what renews itself there, and the ledger by which a runner may ask one.
//! Nothing here asks anybody: an effect says what is wanted, a grant who may attempt it once, a report what became of that.

mod about;
mod accounts;
mod apply;
mod callbacks;
mod cancels;
mod cards;
mod case;
mod charges;
mod checks;
mod closing;
mod credentials;
mod differences;
mod ends;
mod entity;
mod grants;
mod ledger;
mod lent;
mod looks;
mod merge;
mod overdue;
mod plans;
mod recurrence;
mod refunds;
mod refused;
mod renewals;
mod reports;
mod settling;
mod shown;
mod standing;
mod subscriptions;
mod timers;
mod tokens;
mod told;
mod tries;

use feira_schemas::{
    groups::Context,
    ids::{AccountId, CardId, ChargeId, SubscriptionId},
    records::{
        AdminEvent, EventSet, PaymentsCommand, PaymentsEvent,
        payments::{ChargeStatus, ObservedCharge, ObservedSubscription, SubscriptionStatus, entity::MAIL},
    },
    row::Write,
    rows::payments::{AccountRow, AnswerRow, ChargeRow, MailRow, ProgressRow, SavedCardRow, SubscriptionRow, TimerRow},
    sealed::SubjectKind,
};

use crate::{Decided, Decider, Decision, DecisionContext, Input, Owning, Rows, Shown, mails};

/// Payments' `decide` and `apply`.
pub struct Payments;

impl Decider for Payments {
    const CONTEXT: Context = Context::Payments;
    const FOREIGN: &'static [Context] = &[Context::Admin];
    const OWNING: &'static [Owning] = &[
        Owning::of::<AccountRow>(SubjectKind::Account, |tenant, id| AccountRow::at(tenant, AccountId::from_uuid(id))),
        Owning::of::<ChargeRow>(SubjectKind::Charge, |tenant, id| ChargeRow::at(tenant, ChargeId::from_uuid(id))),
        Owning::of::<SavedCardRow>(SubjectKind::Card, |tenant, id| SavedCardRow::at(tenant, CardId::from_uuid(id))),
        Owning::of::<SubscriptionRow>(SubjectKind::Subscription, |tenant, id| {
            SubscriptionRow::at(tenant, SubscriptionId::from_uuid(id))
        }),
    ];
    type Command = PaymentsCommand;
    type Event = PaymentsEvent;
    type Foreign = AdminEvent;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<PaymentsCommand, AdminEvent>,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Decided<PaymentsEvent> {
        match input {
            Input::Command(command) => decide_command(command, rows, context),
            Input::Foreign(AdminEvent::TenantChanged(event)) => closing::tenant_changed(event, rows, context),
            Input::Foreign(AdminEvent::SettingsChanged(event)) => standing::settings_changed(event, rows, context),
            Input::Foreign(_) => Ok(Decision::new(context)),
            Input::Timer(timer) => overdue::due(timer, rows, context),
        }
    }

    fn apply(event: &PaymentsEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn of_partition(event: &PaymentsEvent, partition: u32) -> Vec<Write> {
        apply::of_partition(event, partition)
    }

    fn shown(event: &PaymentsEvent) -> Option<Shown> {
        shown::shown(event)
    }

    fn key(event: &PaymentsEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}

fn decide_command(command: &PaymentsCommand, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    match command {
        PaymentsCommand::SaveAccount(command) => accounts::save(command, rows, context),
        PaymentsCommand::SetDefaultAccount(command) => accounts::set_default(command, rows, context),
        PaymentsCommand::RetireAccount(command) => accounts::retire(command, rows, context),
        PaymentsCommand::CheckAccount(command) => accounts::check(command, rows, context),
        PaymentsCommand::RequestCharge(command) => charges::request(command, rows, context),
        PaymentsCommand::CancelCharge(command) => cancels::cancel(command, rows, context),
        PaymentsCommand::ObserveCharge(command) => looks::observe(command, rows, context),
        PaymentsCommand::RequestRefund(command) => refunds::request(command, rows, context),
        PaymentsCommand::SettleRefund(command) => refunds::settle(command, rows, context),
        PaymentsCommand::AskGrant(command) => grants::ask(command, rows, context),
        PaymentsCommand::ReportAttempt(command) => reports::report(command, rows, context),
        PaymentsCommand::ReceiveCallback(command) => callbacks::receive(command, rows, context),
        PaymentsCommand::IssueCredential(command) => credentials::issue(command, rows, context),
        PaymentsCommand::RevokeCredential(command) => credentials::revoke(command, rows, context),
        PaymentsCommand::SettleCharge(command) => settling::charge(command, rows, context),
        PaymentsCommand::ReportDifference(command) => differences::report(command, rows, context),
        PaymentsCommand::SettleDifference(command) => differences::settle(command, rows, context),
        PaymentsCommand::RequestReconciliation(command) => differences::request(command, rows, context),
        PaymentsCommand::ReportMail(command) => {
            mails::report::<_, MailRow>(command, Shown::without_json(MAIL), rows, context)
        }
        PaymentsCommand::SavePlan(command) => plans::save(command, rows, context),
        PaymentsCommand::SaveCard(command) => cards::save(command, rows, context),
        PaymentsCommand::RequestSubscription(command) => subscriptions::request(command, rows, context),
        PaymentsCommand::EndSubscription(command) => ends::end(command, rows, context),
        PaymentsCommand::ObserveSubscription(command) => looks::observe_subscription(command, rows, context),
        PaymentsCommand::SettleSubscription(command) => settling::subscription(command, rows, context),
    }
}

/// What two looks at one charge have found together, in whatever order they come and however often; `None` if they are of two charges.
pub fn merged(one: &ObservedCharge, other: &ObservedCharge) -> Option<ObservedCharge> {
    merge::merged(one, other)
}

/// True if a look says more of a charge than that it was looked at again: each [`ObserveCharge`](PaymentsCommand::ObserveCharge) makes an
/// event that is kept for ever, so who looks sends what is news.
pub fn is_news(known: &ObservedCharge, look: &ObservedCharge) -> bool {
    merge::is_news(known, look)
}

/// The state that the sums of a charge tell; where there is no money, the stage that the latest look found.
pub fn status(observed: &ObservedCharge) -> ChargeStatus {
    merge::status(observed)
}

/// What two looks at one subscription have found together, in whatever order they come and however often; `None` if they are of two
/// subscriptions.
pub fn merged_subscription(one: &ObservedSubscription, other: &ObservedSubscription) -> Option<ObservedSubscription> {
    recurrence::merged(one, other)
}

/// True if a look says more of a subscription than that it was looked at again.
pub fn is_news_of_subscription(known: &ObservedSubscription, look: &ObservedSubscription) -> bool {
    recurrence::is_news(known, look)
}

/// The state of a subscription that looks tell.
pub fn subscription_status(observed: &ObservedSubscription) -> SubscriptionStatus {
    recurrence::status(observed)
}
