//! The rows that sign-up's events make.

use feira_schemas::{
    records::{
        EventSet, SignupEvent,
        common::EventMeta,
        mails::{MailEvent, SaysMails},
        signup::SubscriptionChanged,
    },
    row::Write,
    rows::signup::{InvoiceRow, MailRow, OpenMailRow, PlanRow, SubscriptionOfMonthRow, SubscriptionRow},
};

use crate::mails;

pub(super) fn apply(event: &SignupEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    match event {
        SignupEvent::PlanChanged(event) => {
            vec![Write::put(PlanRow { tenant_id, plan: event.plan.clone() }, write_ts)]
        }
        SignupEvent::SubscriptionChanged(event) => subscription_changed(event),
        SignupEvent::InvoiceChanged(event) => {
            vec![Write::put(InvoiceRow { tenant_id, invoice: event.invoice.clone() }, write_ts)]
        }
        SignupEvent::MailWanted(event) => vec![mails::row::<MailRow>(MailEvent::Wanted(event))],
        SignupEvent::MailDone(event) => vec![mails::row::<MailRow>(MailEvent::Done(event))],
        SignupEvent::CommandAnswered(_) | SignupEvent::TimerSet(_) | SignupEvent::TimerCleared(_) => Vec::new(),
    }
}

/// The row by which who sends finds a mail that is open in a partition.
pub(super) fn of_partition(event: &SignupEvent, partition: u32) -> Vec<Write> {
    event.as_mail().map(|event| mails::open_row::<OpenMailRow>(event, partition)).into_iter().collect()
}

/// Operators list it by the month in which it was asked for, which its first event alone notes.
fn subscription_changed(event: &SubscriptionChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let subscription = &event.subscription;
    let row = SubscriptionRow { tenant_id, subscription: subscription.clone() };
    let of_month = (subscription.version == 1)
        .then(|| SubscriptionOfMonthRow::of(tenant_id, subscription.created_at, subscription.subscription_id));
    [Write::put(row, write_ts)].into_iter().chain(of_month.map(|row| Write::put(row, write_ts))).collect()
}
