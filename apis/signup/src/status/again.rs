//! Another try: another way to pay a subscription that was refused, or another name for its shop.

use std::sync::Arc;

use feira_schemas::{
    problem::{Code, FieldError},
    records::signup::Subscription,
    refusals,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::Request,
    sessions::{KEY_FIELD, visitor},
    writes::{Decided, NotDecided},
};
use http::StatusCode;

use super::{
    Draft, Found, draw, found,
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
    if known.visitor != hash {
        return Err(Problem::new(Code::NotFound, "Só quem fez este pedido pode mudá-lo, no navegador em que o fez."));
    }
    let typed = Typed::sent(&request.form);
    match model::again(known.status) {
        Again::Whole => pay_anew(api, &request, &found, known, &typed).await,
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
    if let Some(taken) = taken(api, found, &checked.shop.subdomain).await? {
        return draw(api, request, found, &Draft { typed: Some(typed), wrong: &[taken], ..unprocessable() }).await;
    }
    let attempt = known.payment.attempt.saturating_add(1);
    let asked = Asked { ids: offer.ids, visitor: &known.visitor, attempt };
    let sent = form::ask(api, request, asked, &terms, checked).await;
    answered(api, request, found, typed, sent).await
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
    if let Some(taken) = taken(api, found, &renamed.shop.subdomain).await? {
        return draw(api, request, found, &Draft { typed: Some(typed), wrong: &[taken], ..unprocessable() }).await;
    }
    let sent = form::ask_for_names(api, request, found.link.tenant, known, renamed).await;
    answered(api, request, found, typed, sent).await
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
    sent: Result<Decided, NotDecided>,
) -> Result<Response, Problem> {
    match form::fate(sent) {
        Fate::Taken => Ok(reply::see_other(&request.path)),
        Fate::Again { status, why, same_key } => {
            let key = request.form.said(KEY_FIELD).filter(|_| same_key);
            let draft = Draft { typed: Some(typed), key, refused: Some(&why), status, wrong: &[] };
            draw(api, request, found, &draft).await
        }
        Fate::Lost(problem) => Err(problem),
    }
}

fn unprocessable<'a>() -> Draft<'a> {
    Draft { status: StatusCode::UNPROCESSABLE_ENTITY, ..Draft::default() }
}
