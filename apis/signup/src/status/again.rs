//! Another try: another way to pay a subscription that was refused or whose code waits to be paid, or another name for its shop.

use std::sync::Arc;

use feira_schemas::{
    problem::{Code, FieldError},
    records::signup::Subscription,
    refusals,
    signup_link::SignupPurpose,
    topics::Context,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::Request,
    sessions::{KEY_FIELD, visitor},
    writes::{Decided, NotDecided},
};
use http::StatusCode;

use super::{
    Draft, Found, TRIED, draw, found,
    model::{self, Again},
};
use crate::{
    form::{self, Asked, Fate, Offer, Typed, Unvouched},
    frame::or_message,
};

pub(super) async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let submitted = submitted(&api, request).await;
    or_message(&api, submitted)
}

async fn submitted(api: &Api, mut request: Request) -> Result<Response, Problem> {
    let found = found(api, &request).await?;
    let hash = form::hash_of(&visitor(&request.headers));
    request.actor = format!("visitor:{hash}");
    let Some(known) = found.known.clone() else { return Ok(reply::see_other(&request.path)) };
    let again = model::again(&known);
    let pays = matches!(again, Again::Whole | Again::Otherwise);
    let may_name = found.link.purpose == SignupPurpose::Names && !pays;
    if known.visitor != hash && !may_name {
        return Err(Problem::new(Code::NotFound, "Só quem fez este pedido pode mudá-lo, no navegador em que o fez."));
    }
    let typed = Typed::sent(&request.form);
    let next = known.payment.attempt.saturating_add(1).to_string();
    match again {
        // It is the form of a try that was made: sent twice, or gone back to. The page shows what became of it.
        Again::Whole | Again::Otherwise if request.form.text("attempt").is_some_and(|attempt| attempt != next) => {
            Ok(reply::see_other(&request.path))
        }
        Again::Whole | Again::Otherwise => pay_anew(api, &request, &found, known, &typed).await,
        Again::Names => name_anew(api, &request, &found, known, &typed).await,
        // The form was sent before, or elsewhere: the page shows what became of it.
        Again::No => Ok(reply::see_other(&request.path)),
    }
}

async fn pay_anew(
    api: &Api,
    request: &Request,
    found: &Found,
    known: Subscription,
    typed: &Typed,
) -> Result<Response, Problem> {
    let sent = |name: &str| request.form.text(name).unwrap_or_default();
    let vouched = (sent("terms"), sent("token"));
    let offer = match Offer::read(&api.config.secrets, &known.visitor, vouched, api.platform.now()) {
        Ok(offer) if offer.ids.subscription == known.subscription_id && offer.ids.tenant == found.link.tenant => offer,
        Ok(_) | Err(Unvouched::Over(_) | Unvouched::Forged) => {
            let refused = Some("As condições mostradas não valem mais. Confira as de agora e envie de novo.");
            return draw(api, request, found, &Draft { typed: Some(typed), refused, ..unprocessable() }).await;
        }
    };
    let checked = match form::check(typed, request.form.text("card_token"), offer.methods()) {
        Ok(checked) => checked,
        Err(wrong) => {
            return draw(api, request, found, &Draft { typed: Some(typed), wrong: &wrong, ..unprocessable() }).await;
        }
    };
    let Some(terms) = offer.terms(checked.method).cloned() else { return Ok(reply::see_other(&request.path)) };
    match taken(api, found, &checked.shop.subdomain).await {
        Ok(None) => {}
        refused => return not_free(api, request, found, typed, refused).await,
    }
    let attempt = known.payment.attempt.saturating_add(1);
    let asked = Asked { ids: offer.ids, visitor: &known.visitor, attempt };
    let sent = form::ask(api, request, asked, &terms, checked).await;
    answered(api, request, found, typed, (attempt, sent)).await
}

async fn name_anew(
    api: &Api,
    request: &Request,
    found: &Found,
    known: Subscription,
    typed: &Typed,
) -> Result<Response, Problem> {
    let renamed = match form::check_names(typed) {
        Ok(renamed) => renamed,
        Err(wrong) => {
            return draw(api, request, found, &Draft { typed: Some(typed), wrong: &wrong, ..unprocessable() }).await;
        }
    };
    match taken(api, found, &renamed.shop.subdomain).await {
        Ok(None) => {}
        refused => return not_free(api, request, found, typed, refused).await,
    }
    let attempt = known.payment.attempt.saturating_add(1);
    let sent = form::ask_for_names(api, request, found.link.tenant, known, renamed).await;
    answered(api, request, found, typed, (attempt, sent)).await
}

/// The form again where the name is another's, or where nobody knows whose it is: nothing was sent.
async fn not_free(
    api: &Api,
    request: &Request,
    found: &Found,
    typed: &Typed,
    refused: Result<Option<FieldError>, Problem>,
) -> Result<Response, Problem> {
    let draft = Draft { typed: Some(typed), ..unprocessable() };
    match refused {
        Ok(taken) => draw(api, request, found, &Draft { wrong: taken.as_slice(), ..draft }).await,
        Err(problem) if problem.code == Code::Unavailable => {
            let (status, refused) = (problem.status(), Some(form::UNCERTAIN));
            draw(api, request, found, &Draft { status, refused, ..draft }).await
        }
        Err(problem) => Err(problem),
    }
}

async fn taken(api: &Api, found: &Found, subdomain: &str) -> Result<Option<FieldError>, Problem> {
    let is_free = form::is_free(api, subdomain, Some(found.link.tenant)).await?;
    let wrong = || FieldError::new("subdomain", Code::NameTaken, refusals::subdomain_taken(subdomain));
    Ok((!is_free).then(wrong))
}

async fn answered(
    api: &Api,
    request: &Request,
    found: &Found,
    typed: &Typed,
    (attempt, sent): (i32, Result<Decided, NotDecided>),
) -> Result<Response, Problem> {
    if let Ok(decided) = &sent {
        // Where it is late, the page says that it is under way.
        let (reached, context) = (&api.platform.reached, Context::Signup);
        let _ = reached.wait(context.name(), context, decided.position, reads::PATIENCE).await;
    }
    match form::fate(sent) {
        Fate::Taken => Ok(reply::see_other(&page_of(api, found, attempt))),
        Fate::Again { status, why, same_key } => {
            let key = request.form.said(KEY_FIELD).filter(|_| same_key);
            let draft = Draft { typed: Some(typed), key, refused: Some(&why), status, wrong: &[] };
            draw(api, request, found, &draft).await
        }
        Fate::Lost(problem) => Err(problem),
    }
}

/// The page on which a try is waited for: its link is of now, by which it is known how long that makes sense.
fn page_of(api: &Api, found: &Found, attempt: i32) -> String {
    let path = found.link.made_anew(api.platform.now()).path(&api.config.secrets);
    format!("{path}?{}={attempt}", TRIED.name)
}

fn unprocessable<'a>() -> Draft<'a> {
    Draft { status: StatusCode::UNPROCESSABLE_ENTITY, ..Draft::default() }
}
