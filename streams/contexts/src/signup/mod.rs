//! Sign-up: the plans that people subscribe to, which are the platform's, and the subscriptions by which somebody pays and gets a shop.
//!
//! Payments makes the plan at the gateway by which cards pay one; its events say what became of that. For a subscription the directory
//! holds the shop's name, payments charges, and admin makes the shop: each is asked, and asked again by timer until it answers.

mod apply;
mod case;
mod ending;
mod foreign;
mod letters;
mod names;
mod naming;
mod opening;
mod paid;
mod paying;
mod plans;
mod remote;
mod said;
mod subscribe;
mod timers;
mod told;
mod undoing;

use feira_schemas::{
    groups::Context,
    ids::{SubscriptionId, TenantId},
    records::{EventSet, SignupCommand, SignupEvent, signup::entity::MAIL},
    row::Write,
    rows::signup::{AnswerRow, MailRow, ProgressRow, SubscriptionRow, TimerRow},
    sealed::SubjectKind,
};

pub use self::foreign::SignupForeign;
use crate::{Decided, Decider, DecisionContext, Input, Owning, Rows, Shown, mails};

/// Sign-up's `decide` and `apply`.
pub struct Signup;

impl Decider for Signup {
    const CONTEXT: Context = Context::Signup;
    const FOREIGN: &'static [Context] = &[Context::Payments, Context::Admin];
    const OWNING: &'static [Owning] = &[Owning::of::<SubscriptionRow>(SubjectKind::Subscriber, |tenant, id| {
        SubscriptionRow::at(tenant, SubscriptionId::from_uuid(id))
    })];
    type Command = SignupCommand;
    type Event = SignupEvent;
    type Foreign = SignupForeign;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<SignupCommand, SignupForeign>,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Decided<SignupEvent> {
        match input {
            Input::Command(command) => decide_command(command, rows, context),
            // The platform's own are its plans, a shop's its subscription.
            Input::Foreign(SignupForeign::Payments(event)) if event.meta().tenant_id == TenantId::PLATFORM => {
                said::by_payments(event, rows, context)
            }
            Input::Foreign(SignupForeign::Payments(event)) => told::by_payments(event, rows, context),
            Input::Foreign(SignupForeign::Admin(event)) => opening::by_admin(event, rows, context),
            Input::Timer(timer) => match case::subscription_of(&timer.entity) {
                Some(subscription) => timers::due(subscription, timer, rows, context),
                None => plans::due(timer, rows, context),
            },
        }
    }

    fn apply(event: &SignupEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn of_partition(event: &SignupEvent, partition: u32) -> Vec<Write> {
        apply::of_partition(event, partition)
    }

    fn shown(event: &SignupEvent) -> Option<Shown> {
        match event {
            SignupEvent::PlanChanged(event) => Some(plans::shown(&event.plan)),
            SignupEvent::SubscriptionChanged(event) => Some(case::shown(&event.subscription)),
            SignupEvent::InvoiceChanged(event) => Some(case::shown_invoice(&event.invoice)),
            SignupEvent::MailWanted(_) | SignupEvent::MailDone(_) => Some(Shown::without_json(MAIL)),
            SignupEvent::CommandAnswered(_) | SignupEvent::TimerSet(_) | SignupEvent::TimerCleared(_) => None,
        }
    }

    fn key(event: &SignupEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}

fn decide_command(command: &SignupCommand, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    match command {
        SignupCommand::CreatePlan(command) => plans::create(command, rows, context),
        SignupCommand::ChangePlan(command) => plans::change(command, rows, context),
        SignupCommand::AskPlanAgain(command) => plans::ask_again(command, rows, context),
        SignupCommand::Subscribe(command) => subscribe::subscribe(command, rows, context),
        SignupCommand::AnswerNameClaim(command) => naming::answered(command, rows, context),
        SignupCommand::ReportMail(command) => {
            mails::report::<_, MailRow>(command, Shown::without_json(MAIL), rows, context)
        }
    }
}
