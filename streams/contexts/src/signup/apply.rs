//! The rows that sign-up's events make.

use feira_schemas::{
    records::{EventSet, SignupEvent, common::EventMeta},
    row::Write,
    rows::signup::PlanRow,
};

pub(super) fn apply(event: &SignupEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    match event {
        SignupEvent::PlanChanged(event) => {
            vec![Write::put(PlanRow { tenant_id, plan: event.plan.clone() }, write_ts)]
        }
        SignupEvent::CommandAnswered(_) | SignupEvent::TimerSet(_) | SignupEvent::TimerCleared(_) => Vec::new(),
    }
}
