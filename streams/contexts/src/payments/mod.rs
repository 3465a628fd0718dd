//! Payments: what is charged and given back at which gateway, and the ledger by which a runner may ask one. Nothing here asks anybody:
//! an effect says what is wanted, a grant who may attempt it once, a report what became of that.

mod accounts;
mod apply;
mod callbacks;
mod cancels;
mod case;
mod charges;
mod checks;
mod credentials;
mod entity;
mod grants;
mod ledger;
mod looks;
mod merge;
mod overdue;
mod refunds;
mod reports;
mod shown;
mod standing;
mod timers;

use feira_schemas::{
    groups::Context,
    records::{
        AdminEvent, EventSet, PaymentsCommand, PaymentsEvent,
        payments::{ChargeStatus, ObservedCharge},
    },
    row::Write,
    rows::payments::{AnswerRow, ProgressRow, TimerRow},
};

use crate::{Decided, Decider, Decision, DecisionContext, Input, Rows, Shown};

/// Payments' `decide` and `apply`.
pub struct Payments;

impl Decider for Payments {
    const CONTEXT: Context = Context::Payments;
    const FOREIGN: &'static [Context] = &[Context::Admin];
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
            Input::Foreign(AdminEvent::TenantChanged(event)) => standing::tenant_changed(event, rows, context),
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
