//! Sign-up: the plans that people subscribe to, which are the platform's. Payments makes the plan at the gateway by
//! which cards pay one; its events say what became of that.

mod apply;
mod plans;
mod remote;
mod said;

use feira_schemas::{
    groups::Context,
    records::{EventSet, PaymentsEvent, SignupCommand, SignupEvent},
    row::Write,
    rows::signup::{AnswerRow, ProgressRow, TimerRow},
};

use crate::{Decided, Decider, DecisionContext, Input, Owning, Rows, Shown};

/// Sign-up's `decide` and `apply`.
pub struct Signup;

impl Decider for Signup {
    const CONTEXT: Context = Context::Signup;
    const FOREIGN: &'static [Context] = &[Context::Payments];
    const OWNING: &'static [Owning] = &[];
    type Command = SignupCommand;
    type Event = SignupEvent;
    type Foreign = PaymentsEvent;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<SignupCommand, PaymentsEvent>,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Decided<SignupEvent> {
        match input {
            Input::Command(SignupCommand::CreatePlan(command)) => plans::create(command, rows, context),
            Input::Command(SignupCommand::ChangePlan(command)) => plans::change(command, rows, context),
            Input::Command(SignupCommand::AskPlanAgain(command)) => plans::ask_again(command, rows, context),
            Input::Foreign(event) => said::by_payments(event, rows, context),
            Input::Timer(timer) => plans::due(timer, rows, context),
        }
    }

    fn apply(event: &SignupEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn of_partition(_: &SignupEvent, _: u32) -> Vec<Write> {
        Vec::new() // It has no such table.
    }

    fn shown(event: &SignupEvent) -> Option<Shown> {
        match event {
            SignupEvent::PlanChanged(event) => Some(plans::shown(&event.plan)),
            SignupEvent::CommandAnswered(_) | SignupEvent::TimerSet(_) | SignupEvent::TimerCleared(_) => None,
        }
    }

    fn key(event: &SignupEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}
