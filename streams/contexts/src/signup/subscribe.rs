//! Somebody subscribes, for the first time or once more after a name was taken or lost, a payment refused, or the time over.

use feira_schemas::{
    hosts::check_subdomain,
    ids::{Micros, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        SignupEvent,
        common::Outcome,
        payments::PaymentMethod,
        signup::{Payment, PaymentStatus, Subscribe, Subscription, SubscriptionStatus},
    },
    refusals, signup_days,
    text::{Lines, forbidden},
};

use super::{
    case::{self, Case, TRIES, word},
    names, paid, undoing,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

pub(super) fn subscribe(command: &Subscribe, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    if command.meta.tenant_id == TenantId::PLATFORM {
        return Err(not_found());
    }
    let all = case::all(command.meta.tenant_id, rows)?;
    let Some(row) = all.iter().find(|row| row.subscription.subscription_id == command.subscription_id) else {
        // A form's token vouches for both ids, so that no shop has a second one.
        return if all.is_empty() { first(command, context) } else { Err(not_found()) };
    };
    let present = &row.subscription;
    if present.visitor != command.visitor {
        return Err(not_found());
    }
    let next = present.payment.attempt.saturating_add(1);
    let goes_on = match present.status {
        SubscriptionStatus::NameTaken
        | SubscriptionStatus::Refused
        | SubscriptionStatus::Expired
        | SubscriptionStatus::NameLost => true,
        // A code waits, which another way to pay gives up; the form of a try of before was sent again.
        SubscriptionStatus::Paying => present.may_be_paid_otherwise() && command.attempt == next,
        SubscriptionStatus::Naming
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Paid
        | SubscriptionStatus::Active
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => false,
    };
    if !goes_on || command.attempt == present.payment.attempt {
        return Ok(Decision::unchanged(context, case::shown(present)));
    }
    if command.attempt != next {
        return Err(another_try());
    }
    check_time(command, context.now)?;
    let mut case = Case::of(row, rows, context)?;
    match present.status {
        SubscriptionStatus::NameLost => rename(&mut case, command)?,
        _ => pay_again(&mut case, command)?,
    }
    Ok(case.say(Some(context.answers(Outcome::Updated))))
}

fn first(command: &Subscribe, context: &DecisionContext) -> Decided<SignupEvent> {
    if command.attempt != 1 {
        return Err(another_try());
    }
    check_time(command, context.now)?;
    check(command, context.now)?;
    let subscription = Subscription {
        subscription_id: command.subscription_id,
        version: 0,
        status: SubscriptionStatus::Naming,
        visitor: command.visitor.clone(),
        terms: command.terms.clone(),
        subscriber: command.subscriber.clone(),
        owner: command.owner.clone(),
        owner_sealed_at: sealed_at(command, context),
        subdomain: command.subdomain.clone(),
        named_version: 1,
        shop_name: command.shop_name.clone(),
        accepted: command.accepted.clone(),
        accepted_at: context.now,
        held_until: 0,
        payment: payment_of(command),
        period: None,
        invoice_id: None,
        asked: None,
        ends: None,
        late_since: None,
        tries: Vec::new(),
        ending: Vec::new(),
        cancelling: Vec::new(),
        giving_back: Vec::new(),
        shop_version: 0,
        created_at: context.now,
        changed_at: context.now,
    };
    let mut case = Case::new(subscription, context);
    names::claim(&mut case, word::CLAIM);
    Ok(case.say(Some(context.answers(Outcome::Created))))
}

/// Nothing was paid: the form is taken over as a whole, and the directory is asked first, since the hold may be over. A code that waits is
/// given up. Who pays it for all that before the new try has paid has paid; after that, its money goes back.
fn pay_again(case: &mut Case<'_>, command: &Subscribe) -> Result<(), Stop> {
    if command.attempt > TRIES {
        let detail = format!("Uma assinatura é paga em até {TRIES} tentativas: comece de novo pela página dos planos.");
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    check(command, case.context.now)?;
    let due = command.due.as_deref().filter(|_| command.method == PaymentMethod::Boleto);
    if due.is_some_and(|due| !names::waits_for_boleto(&case.now, due)) {
        let detail = "O endereço da loja não fica reservado até este boleto vencer. Pague com Pix ou cartão.";
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    if case.now.status == SubscriptionStatus::Paying {
        undoing::give_up(case);
        case.void();
    }
    let_go(case, &command.subdomain);
    case.stop_asking();
    case.stop_ending();
    let now = &mut case.now;
    now.status = SubscriptionStatus::Naming;
    now.late_since = None;
    now.terms = command.terms.clone();
    now.subscriber = command.subscriber.clone();
    now.accepted.clone_from(&command.accepted);
    now.accepted_at = case.context.now;
    now.payment = payment_of(command);
    name_anew(case, command);
    names::claim(case, word::CLAIM);
    Ok(())
}

/// It is paid: what is paid stays as it is, however often a name is taken.
fn rename(case: &mut Case<'_>, command: &Subscribe) -> Result<(), Stop> {
    check_names(command)?;
    if case.now.subdomain != command.subdomain {
        // Admin may have been asked for the shop by that name: its hold runs out by itself.
        case.now.held_until = 0;
    }
    name_anew(case, command);
    case.now.payment.attempt = command.attempt;
    paid::secure(case, word::CLAIM_ANOTHER);
    Ok(())
}

/// Takes the form's names and its first administrator over.
fn name_anew(case: &mut Case<'_>, command: &Subscribe) {
    let sealed_at = sealed_at(command, case.context);
    let now = &mut case.now;
    now.owner = command.owner.clone();
    now.owner_sealed_at = sealed_at;
    now.subdomain.clone_from(&command.subdomain);
    now.named_version = now.version.saturating_add(1);
    now.shop_name.clone_from(&command.shop_name);
}

/// The time at which the form was sealed, whichever clock is behind.
fn sealed_at(command: &Subscribe, context: &DecisionContext) -> Micros {
    command.meta.issued_at.min(context.now)
}

/// The name of before is let go where another one is asked for.
fn let_go(case: &mut Case<'_>, subdomain: &str) {
    if case.now.held_until > 0 && case.now.subdomain != subdomain {
        names::release(case);
    }
}

fn payment_of(command: &Subscribe) -> Payment {
    let is_card = command.method == PaymentMethod::Card;
    let due = command.due.as_deref().filter(|_| command.method == PaymentMethod::Boleto);
    Payment {
        attempt: command.attempt,
        method: command.method,
        status: PaymentStatus::Waiting,
        charge_id: None,
        remote_id: None,
        command_id: None,
        card_token: command.card_token.clone().filter(|_| is_card),
        token_until: command.token_until.filter(|_| is_card),
        due: due.and_then(signup_days::boleto_due).map(|due| due.day.to_string()),
        pix_until: None,
        boleto: None,
        pix: None,
        why: None,
        reasons: Vec::new(),
    }
}

fn check_time(command: &Subscribe, now: Micros) -> Result<(), Stop> {
    match now >= command.not_after {
        true => Err(Refusal::new(Code::TooLate, refusals::TOO_LATE).into()),
        false => Ok(()),
    }
}

/// The form has told all of this beside its fields; it is looked at once more what money and names hang on.
fn check(command: &Subscribe, now: Micros) -> Result<(), Stop> {
    check_names(command)?;
    if !command.terms.methods.contains(&command.method) {
        return Err(field("/method", Code::Invalid, "Este plano não é pago deste modo.".to_owned()));
    }
    match command.method {
        PaymentMethod::Card if command.terms.remote.is_none() => {
            Err(field("/method", Code::Invalid, "Este plano não é pago com cartão.".to_owned()))
        }
        PaymentMethod::Card if command.card_token.is_none() || command.token_until.is_none() => {
            Err(field("/card_token", Code::Required, "Informe o cartão.".to_owned()))
        }
        PaymentMethod::Boleto if command.due.as_deref().is_none_or(|due| !signup_days::may_be_due(due, now)) => {
            let detail = format!("O boleto vence de hoje a {} dias depois.", signup_days::FURTHEST_DUE);
            Err(field("/due", Code::OutOfRange, detail))
        }
        PaymentMethod::Card | PaymentMethod::Boleto | PaymentMethod::Pix => Ok(()),
        PaymentMethod::Unknown => Err(field("/method", Code::Invalid, "Escolha cartão, Pix ou boleto.".to_owned())),
    }
}

fn check_names(command: &Subscribe) -> Result<(), Stop> {
    if let Err(refusal) = check_subdomain(&command.subdomain) {
        return Err(field("/subdomain", refusal.code, refusal.detail));
    }
    if let Some(detail) = forbidden(&command.shop_name, Lines::One) {
        return Err(field("/shop_name", Code::Invalid, detail));
    }
    match command.shop_name.trim().chars().count() {
        0 => Err(field("/shop_name", Code::Required, "Informe o nome da loja.".to_owned())),
        1..=limits::NAME_CHARS => Ok(()),
        _ => {
            let detail = refusals::too_long("O nome da loja", limits::NAME_CHARS);
            Err(field("/shop_name", Code::TooLong, detail))
        }
    }
}

fn field(pointer: &str, code: Code, detail: String) -> Stop {
    Refusal::fields(vec![FieldError::new(pointer, code, detail)]).into()
}

fn not_found() -> Stop {
    Refusal::new(Code::NotFound, refusals::NO_SUCH_SUBSCRIPTION).into()
}

/// Another try was made meanwhile, or this one leaves some out.
fn another_try() -> Stop {
    let detail = "Esta assinatura já está em outra tentativa. Abra a página dela para ver como está.";
    Refusal::new(Code::PaymentState, detail).into()
}
