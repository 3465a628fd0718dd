//! The command that a form becomes, and what came of it.

use feira_schemas::{
    brazil::{bank_days, local_date},
    ids::{Micros, TenantId},
    problem::Code,
    records::{
        SignupCommand,
        common::CommandMeta,
        directory::NameStatus,
        payments::PaymentMethod,
        signup::{Subscribe, Subscription, Terms},
    },
    rows::directory::NameRow,
    time::MINUTE,
};
use feira_web::{
    context::Api,
    problem::Problem,
    routing::Request,
    writes::{self, Decided, NotDecided},
};
use http::StatusCode;

use super::{
    checked::{Checked, Renamed},
    offer::Ids,
    sealing::{seal, seal_owner},
};
use crate::legal::VERSION;

/// The time after which nobody waits for the decision any more.
const WAITED_FOR: Micros = 10 * MINUTE;
/// The time for which a card's token serves, from when the form came: gateways give one 60 s, and the browser has had it for some of them.
const TOKEN_LIVES: Micros = 55 * 1_000_000;

/// Who asks for what, and which try it is.
pub(crate) struct Asked<'a> {
    pub ids: Ids,
    /// The hash of the visitor.
    pub visitor: &'a str,
    /// 1 for the first.
    pub attempt: i32,
}

/// Asks for a subscription of these terms and waits for the decision. What was typed is sealed before.
pub(crate) async fn ask(
    api: &Api,
    request: &Request,
    asked: Asked<'_>,
    terms: &Terms,
    checked: Checked,
) -> Result<Decided, NotDecided> {
    let (ids, now) = (asked.ids, api.platform.now());
    let meta = meta(api, request, ids.tenant)?;
    let sealed = seal(api, ids, &checked).await?;
    let due = match checked.method {
        PaymentMethod::Boleto => Some(due_day(now)?),
        PaymentMethod::Card | PaymentMethod::Pix | PaymentMethod::Unknown => None,
    };
    let command = Subscribe {
        meta,
        subscription_id: ids.subscription,
        visitor: asked.visitor.to_owned(),
        terms: terms.clone(),
        subscriber: sealed.subscriber,
        owner: sealed.owner,
        subdomain: checked.shop.subdomain,
        shop_name: checked.shop.shop_name,
        accepted: VERSION.to_owned(),
        method: checked.method,
        attempt: asked.attempt,
        token_until: sealed.card_token.as_ref().map(|_| now + TOKEN_LIVES),
        card_token: sealed.card_token,
        due,
        not_after: now + WAITED_FOR,
    };
    writes::send(api, request, SignupCommand::Subscribe(command)).await
}

/// Asks for other names of a shop that is paid, and waits for the decision. The first administrator is sealed anew, since its key may be erased by
/// now; all else stays as it was asked for.
pub(crate) async fn ask_for_names(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    known: Subscription,
    renamed: Renamed,
) -> Result<Decided, NotDecided> {
    let meta = meta(api, request, tenant)?;
    let named = (&renamed.owner_name, &renamed.email);
    let owner = seal_owner(api, tenant, known.owner.staff_id, named).await?;
    let command = Subscribe {
        meta,
        subscription_id: known.subscription_id,
        visitor: known.visitor,
        terms: known.terms,
        subscriber: known.subscriber,
        owner,
        subdomain: renamed.shop.subdomain,
        shop_name: renamed.shop.shop_name,
        accepted: known.accepted,
        method: known.payment.method,
        attempt: known.payment.attempt.saturating_add(1),
        card_token: None,
        token_until: None,
        due: known.payment.due,
        not_after: api.platform.now() + WAITED_FOR,
    };
    writes::send(api, request, SignupCommand::Subscribe(command)).await
}

fn meta(api: &Api, request: &Request, tenant: TenantId) -> Result<CommandMeta, Problem> {
    Ok(CommandMeta { expected_version: None, ..writes::personal_meta(api, request, tenant)? })
}

/// The day on which a boleto of now is due: in two days, or on the next bank day.
fn due_day(now: Micros) -> Result<String, Problem> {
    let day = local_date(now).map_err(Problem::internal)?;
    let day = day.tomorrow().and_then(|day| day.tomorrow()).map_err(Problem::internal)?;
    Ok(bank_days::this_or_next(day).map_err(Problem::internal)?.to_string())
}

/// What came of a form.
#[derive(Debug, PartialEq)]
pub(crate) enum Fate {
    /// The subscription is there or will be: its page says how far it is.
    Taken,
    /// The form is shown again with these words, under this status. With the same key where nobody knows whether it was taken.
    Again { status: StatusCode, why: String, same_key: bool },
    /// Nothing is to be shown but this.
    Lost(Problem),
}

/// Says what came of a form of what was sent.
pub(crate) fn fate(sent: Result<Decided, NotDecided>) -> Fate {
    let problem = match sent {
        Ok(_) | Err(NotDecided::Pending(_)) => return Fate::Taken,
        Err(NotDecided::Problem(problem)) => problem,
    };
    let status = problem.status();
    match problem.code {
        // The same form came before, or comes just now: what the first one does is on the page.
        Code::IdempotencyMismatch | Code::IdempotencyInProgress => Fate::Taken,
        Code::NotFound => Fate::Lost(problem),
        Code::Unavailable => Fate::Again { status, why: UNCERTAIN.to_owned(), same_key: true },
        _ if status.is_server_error() => Fate::Lost(problem),
        _ => Fate::Again { status, why: problem.detail, same_key: false },
    }
}

/// What is said where the log, the keyring or the tables are away.
pub(crate) const UNCERTAIN: &str = "Não conseguimos registrar seu pedido agora, e nada foi cobrado. Envie-o de novo em instantes: o mesmo pedido nunca \
     é cobrado duas vezes.";

/// True if a name is nobody's now, or held for this tenant. Who gets it the directory decides, once it is asked.
pub(crate) async fn is_free(api: &Api, name: &str, own: Option<TenantId>) -> Result<bool, Problem> {
    let Some(NameRow { name, .. }) = api.platform.state.get::<NameRow>(&NameRow::at(name)).await? else {
        return Ok(true);
    };
    let is_over = match name.status {
        NameStatus::Released => true,
        NameStatus::Held => name.until.is_some_and(|until| until < api.platform.now()),
        NameStatus::Confirmed | NameStatus::Unknown => false,
    };
    Ok(is_over || own == Some(name.tenant_id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_boleto_is_due_in_two_days_or_on_the_next_bank_day() {
        for (now, due) in [
            // Monday, 2 March 2026, in São Paulo.
            (1_772_460_000_000_000, "2026-03-04"),
            // Thursday, 31 December 2026: Saturday is no bank day, nor is Sunday.
            (1_798_722_000_000_000, "2027-01-04"),
        ] {
            assert_eq!(due_day(now).unwrap(), due);
        }
    }

    #[test]
    fn a_refusal_shows_the_form_again_and_what_came_before_its_page() {
        let of = |code| fate(Err(NotDecided::Problem(Problem::new(code, "assim"))));
        assert_eq!(of(Code::IdempotencyMismatch), Fate::Taken);
        assert_eq!(of(Code::IdempotencyInProgress), Fate::Taken);
        let Fate::Again { status, why, same_key } = of(Code::LimitReached) else { panic!("it is shown again") };
        assert_eq!((status.as_u16(), why.as_str(), same_key), (409, "assim", false));
        let Fate::Again { status, why, same_key } = of(Code::Unavailable) else { panic!("it is shown again") };
        assert_eq!((status.as_u16(), why.as_str(), same_key), (503, UNCERTAIN, true));
        assert!(matches!(of(Code::NotFound), Fate::Lost(_)) && matches!(of(Code::Internal), Fate::Lost(_)));
    }
}
