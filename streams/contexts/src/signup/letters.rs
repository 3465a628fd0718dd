//! Mails to whom subscribes. Their words take facts in clear, and none that a person typed about itself but the shop's address.

use feira_schemas::{
    ids::Micros,
    records::{mails::MailTemplate, payments::PaymentMethod},
    signup_days,
    time::DAY,
};

use super::case::Case;
use crate::mails::{self, NewMail};

/// Microseconds for which it is worth telling that a name was lost: the link is good for longer.
const NAME_LOST_FOR: Micros = 7 * DAY;

/// The code is there by which a Pix or boleto is paid.
pub(super) fn code(case: &mut Case<'_>) {
    let payment = &case.now.payment;
    let (method, code, until) = match payment.method {
        PaymentMethod::Pix => {
            let pix = payment.pix.as_ref();
            ("pix", pix.and_then(|pix| pix.code.clone()), pix.and_then(|pix| pix.until).or(payment.pix_until))
        }
        PaymentMethod::Boleto => {
            let line = payment.boleto.as_ref().and_then(|boleto| boleto.line.clone());
            let due = payment.due.as_deref().and_then(signup_days::boleto_due);
            ("boleto", line, due.map(|due| due.due_at))
        }
        PaymentMethod::Card | PaymentMethod::Unknown => return,
    };
    let (Some(code), Some(until)) = (code, until) else { return };
    let facts = vec![
        ("method", method.to_owned()),
        ("code", code),
        ("amount", case.now.terms.price.amount.to_string()),
        ("until", until.to_string()),
    ];
    write(case, MailTemplate::SignupCode, facts, until);
}

/// The name went to another after the payment; or it is held on, and the first administrator is asked for anew.
pub(super) fn name_lost(case: &mut Case<'_>) {
    let held = (case.now.held_until > 0).then(|| ("held", "true".to_owned()));
    let facts = [("subdomain", case.now.subdomain.clone())].into_iter().chain(held).collect();
    let not_after = case.context.now.saturating_add(NAME_LOST_FOR);
    write(case, MailTemplate::SignupNameLost, facts, not_after);
}

fn write(case: &mut Case<'_>, template: MailTemplate, mut facts: Vec<(&'static str, String)>, not_after: Micros) {
    facts.push(("plan", case.now.terms.plan_name.clone()));
    facts.push(("subscription", case.now.subscription_id.to_string()));
    let subscriber = &case.now.subscriber;
    let mail = NewMail {
        template,
        recipient: subscriber.email.clone(),
        recipient_name: Some(subscriber.name.clone()),
        reply_to: None,
        shop_name: None,
        facts,
        not_after,
    };
    mails::want(&mut case.decision, case.context, mail);
}
