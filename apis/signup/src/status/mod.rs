//! `/assinatura/{link}`: the page of a subscription, which shows how far it is and becomes the shop's address. Whoever has the link sees the state
//! and the code to pay; what was typed, and the form to go on, only the visitor who has subscribed. By the link of a mail that tells of a lost name
//! the shop is named anew in whatever browser.

mod again;
mod events;
mod model;

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    ids::Micros,
    problem::{Code, FieldError},
    records::signup::{Subscription, SubscriptionStatus},
    rows::signup::SubscriptionRow,
    sealed::{GatewayText, Sealed},
    signup_link::{SignupLink, SignupPurpose},
    staff::{LinkError, SHOP_PANEL},
};
use feira_web::{
    context::Api,
    hosts::shop_origin,
    opening::opened,
    payments::{Opener, qr_code},
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Visitor, visitor},
};
use http::{Method, StatusCode};

use self::model::{Again, Said, Sent};
use crate::{
    answer,
    form::{self, Ids, Making, NamesView, Offer, Typed, View},
    frame::{Frame, or_message},
    plans, words,
};

const PAGE: &str = "/assinatura/{link}";
/// The most that a number of a try is: a payment is tried far fewer times, and a shop rarely named anew.
const MOST_TRIES: i64 = 1_000_000;
/// The number of the try that was sent last.
const TRIED: Parameter =
    Parameter::new("tentativa", Kind::Integer(1, MOST_TRIES), "The number of the try that was sent last.");
/// The form that is asked for while a code waits to be paid.
const PAY: Parameter = Parameter::new("pagar", Kind::OneOf(&[OTHERWISE]), "The form of another way to pay.");
/// The word for another way to pay.
const OTHERWISE: &str = "outro";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(PAGE, show)
            .on_platform()
            .page()
            .query([TRIED, PAY])
            .says("Shows how far a subscription is, and how it is paid."),
        Route::new(Method::POST, PAGE, again::submit)
            .on_platform()
            .gives(303, "The page of the subscription.", None)
            .with_headers(&["Location"])
            .page()
            .takes_own_form()
            .refuses_cards()
            .problems(&[404, 409, 422])
            .says("Tries once more to pay a subscription, also in the place of a code that waits, or names its shop anew."),
        events::route(),
    ]
}

/// A subscription that a link leads to.
struct Found {
    link: SignupLink,
    /// None until its row is there.
    known: Option<Subscription>,
    sent: Sent,
}

/// What somebody has just sent, as it is shown again.
#[derive(Default)]
struct Draft<'a> {
    typed: Option<&'a Typed>,
    wrong: &'a [FieldError],
    key: Option<&'a str>,
    refused: Option<&'a str>,
    status: StatusCode,
}

/// A Pix code.
struct Pix {
    code: String,
    picture: Option<String>,
    until: Option<String>,
}

/// A boleto. Its addresses show who pays: only the visitor who has subscribed sees them.
struct Boleto {
    line: Option<String>,
    url: Option<String>,
    pdf: Option<String>,
    due: Option<String>,
}

/// The shop, once it is open.
struct Shop {
    name: String,
    address: String,
    host: String,
    panel: String,
}

/// The page.
#[derive(Template)]
#[template(path = "status/status.html")]
struct Page<'a> {
    frame: &'a Frame,
    said: Said,
    word: &'static str,
    state: String,
    /// The address of the page's events, while it waits.
    events: Option<String>,
    /// Seconds after which a browser without scripts asks again.
    refresh: Option<u32>,
    price: Option<String>,
    pix: Option<Pix>,
    boleto: Option<Boleto>,
    shop: Option<Shop>,
    /// The address that mails go to, for who has typed it.
    mail: Option<String>,
    /// The gateway's sentences of a refusal.
    reasons: Vec<String>,
    refused: Option<&'a str>,
    form: Option<View>,
    names: Option<NamesView>,
    /// The address of the form of another way to pay, while a code waits.
    otherwise: Option<String>,
    /// The address of the code that waits, where that form is shown.
    code: Option<String>,
    /// True where there is a form for its own visitor, and this is another one.
    elsewhere: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shown = match found(&api, &request).await {
        Ok(found) => draw(&api, &request, &found, &Draft::default()).await,
        Err(problem) => Err(problem),
    };
    or_message(&api, shown)
}

/// The subscription that the path's link leads to.
async fn found(api: &Api, request: &Request) -> Result<Found, Problem> {
    let link = link(api, request)?;
    Ok(Found { link, known: known(api, link).await?, sent: sent(request, link) })
}

/// What a request's address says of what was sent.
fn sent(request: &Request, link: SignupLink) -> Sent {
    let tried = request.query.integer(TRIED.name).and_then(|tried| i32::try_from(tried).ok());
    Sent { tried, at: link.made_at() }
}

fn link(api: &Api, request: &Request) -> Result<SignupLink, Problem> {
    let read = SignupLink::read(request.param(0), &api.config.secrets, api.platform.now());
    let why = |error: LinkError| match error {
        LinkError::Forged => "Não há assinatura neste endereço. Confira se o link está inteiro.",
        LinkError::Over => "Este link já venceu. O painel da loja tem o que é dela.",
    };
    read.map_err(|error| Problem::new(Code::NotFound, why(error)))
}

async fn known(api: &Api, link: SignupLink) -> Result<Option<Subscription>, Problem> {
    let key = SubscriptionRow::at(link.tenant, link.subscription_id);
    let row = api.platform.state.get::<SubscriptionRow>(&key).await?;
    Ok(row.map(|row| row.subscription))
}

async fn draw(api: &Api, request: &Request, found: &Found, draft: &Draft<'_>) -> Result<Response, Problem> {
    let (visitor, now) = (visitor(&request.headers).renewed(&request.headers), api.platform.now());
    let hash = form::hash_of(&visitor);
    let known = model::seen(found.known.as_ref(), found.sent, now);
    let own = known.filter(|known| known.visitor == hash);
    let mut said = model::said(known, found.sent.at, now);
    let again = known.map_or(Again::No, model::again);
    let asks_otherwise = draft.typed.is_some() || request.query.text(PAY.name).is_some();
    let (mut form, mut names, reasons) = (None, None, reasons(api, request, found, own).await?);
    let may_name = own.is_some() || found.link.purpose == SignupPurpose::Names;
    match (again, own, known) {
        (Again::Whole, Some(own), _) => {
            form = whole(api, request, found, (&visitor, own), draft).await?;
            // The plan is gone, or nobody is paid for it now.
            said.begins_anew = form.is_none();
        }
        // A plan that is gone is paid by its code alone.
        (Again::Otherwise, Some(own), _) if asks_otherwise => {
            form = whole(api, request, found, (&visitor, own), draft).await?;
            said = if form.is_some() { model::otherwise() } else { said };
        }
        (Again::Names, _, Some(known)) if may_name => {
            let typed = names_before(api, found, known, own.is_some(), draft).await?;
            names = Some(only_names(api, request, (&visitor, known), &typed, draft));
        }
        (Again::Whole | Again::Otherwise | Again::Names | Again::No, _, _) => {}
    }
    let simulated = known.is_some_and(|known| known.terms.account.simulated);
    let frame = Frame::of(api, "").simulated_by(simulated);
    let gateway = form.as_ref().and_then(View::gateway_origin);
    let (waits, has_form) = (said.waits, form.is_some() || names.is_some());
    let (is_otherwise, here) = (again == Again::Otherwise && own.is_some(), request.path.trim_end_matches('/'));
    // Beside the form by which it is given up the code is not shown.
    let with_code = known.filter(|_| form.is_none());
    let page = Page {
        frame: &frame,
        word: model::word(known),
        state: model::state(known, found.sent.at, now),
        // What came of a form is not asked for again, which would send it once more.
        events: (waits && draft.typed.is_none()).then(|| events_of(request, found)),
        // What is being typed stays.
        refresh: (waits && !has_form).then(|| refresh(known, now)),
        price: known.map(|known| known.terms.price.to_string()),
        pix: with_code.and_then(pix),
        boleto: boleto(api, found, with_code, own.is_some()).await?,
        shop: known.and_then(|known| shop(api, request, known)),
        mail: mailed(api, found, own).await?,
        reasons,
        refused: draft.refused,
        otherwise: (is_otherwise && !asks_otherwise).then(|| format!("{here}?{}={OTHERWISE}", PAY.name)),
        code: (is_otherwise && form.is_some()).then(|| here.to_owned()),
        elsewhere: matches!(again, Again::Whole | Again::Names) && own.is_none() && names.is_none(),
        said,
        form,
        names,
    };
    let mut response = answer::page(draft.status, page.render(), gateway.as_deref())?;
    // Who has a form, or may need one, keeps the cookie that it is bound to.
    answer::set_cookie(&mut response, visitor.set.filter(|_| has_form || own.is_some()));
    Ok(response)
}

/// The address of a page's events.
fn events_of(request: &Request, found: &Found) -> String {
    let tried = found.sent.tried.map(|tried| format!("?{}={tried}", TRIED.name)).unwrap_or_default();
    format!("{}/eventos{tried}", request.path.trim_end_matches('/'))
}

/// Seconds after which there may be something new, for browsers without scripts: while one copies a code, not so soon.
fn refresh(known: Option<&Subscription>, now: Micros) -> u32 {
    match known {
        Some(known) if model::has_code(&known.payment) => 30,
        Some(known) if model::is_late(known, now) => 10,
        _ => 2,
    }
}

/// The form of another try, with what was typed; none where the plan can't be subscribed to any more.
async fn whole(
    api: &Api,
    request: &Request,
    found: &Found,
    (visitor, own): (&Visitor, &Subscription),
    draft: &Draft<'_>,
) -> Result<Option<View>, Problem> {
    let Some(plan) = plans::offered_one(api, own.terms.plan_id).await? else { return Ok(None) };
    let ids = Ids { tenant: found.link.tenant, subscription: own.subscription_id, staff: own.owner.staff_id };
    let Some(offer) = Offer::of(api, &plan, ids).await? else { return Ok(None) };
    let written = offer.written(&api.config.secrets, &own.visitor, api.platform.now())?;
    let typed = match draft.typed {
        Some(typed) => typed.clone(),
        None => typed_before(api, found, own).await?,
    };
    let (taken, attempt) = (model::taken(own), Some(own.payment.attempt.saturating_add(1)));
    let wrong = if draft.typed.is_none() { taken.as_slice() } else { draft.wrong };
    let making = Making { action: request.path.clone(), typed: &typed, wrong, key: draft.key, attempt };
    View::of(api, visitor, &offer, written, making).map(Some)
}

/// What stands in the form of another name: what was just typed, else what is known of before; of who has only the link, the names alone.
async fn names_before(
    api: &Api,
    found: &Found,
    known: &Subscription,
    is_own: bool,
    draft: &Draft<'_>,
) -> Result<Typed, Problem> {
    match draft.typed {
        Some(typed) => Ok(typed.clone()),
        None if is_own => typed_before(api, found, known).await,
        None => Ok(Typed::names_of(known)),
    }
}

/// The form of another name.
fn only_names(
    api: &Api,
    request: &Request,
    (visitor, known): (&Visitor, &Subscription),
    typed: &Typed,
    draft: &Draft<'_>,
) -> NamesView {
    let taken = model::taken(known);
    let wrong = if draft.typed.is_none() { taken.as_slice() } else { draft.wrong };
    NamesView::of(api, visitor, Making { action: request.path.clone(), typed, wrong, key: draft.key, attempt: None })
}

/// What was typed for a subscription, for who has typed it; of what was erased, or can't be opened now, the names alone.
async fn typed_before(api: &Api, found: &Found, own: &Subscription) -> Result<Typed, Problem> {
    let opened = or_none(form::open(api, found.link.tenant, own).await)?;
    Ok(opened.map_or_else(|| Typed::names_of(own), |opened| Typed::opened(&opened, own)))
}

/// What was opened; nothing where the keyring is away, as the page is of use without it.
fn or_none<T>(opened: Result<Option<T>, Problem>) -> Result<Option<T>, Problem> {
    match opened {
        Err(problem) if problem.code == Code::Unavailable => Ok(None),
        opened => opened,
    }
}

/// The gateway's sentences of a refusal, for who was refused.
async fn reasons(
    api: &Api,
    request: &Request,
    found: &Found,
    own: Option<&Subscription>,
) -> Result<Vec<String>, Problem> {
    let Some(own) = own.filter(|own| own.status == SubscriptionStatus::Refused) else { return Ok(Vec::new()) };
    let opener = Opener { api, tenant: found.link.tenant, headers: &request.headers };
    let messages = or_none(opener.messages(&own.payment.reasons).await.map(Some))?.unwrap_or_default();
    Ok(messages.into_iter().flatten().map(|message| message.expose().to_owned()).collect())
}

fn pix(known: &Subscription) -> Option<Pix> {
    let waits = known.status == SubscriptionStatus::Paying && model::has_code(&known.payment);
    let pix = known.payment.pix.as_ref().filter(|_| waits)?;
    let code = pix.code.clone()?;
    let until = pix.until.or(known.payment.pix_until).map(words::moment);
    Some(Pix { picture: qr_code(&code), code, until })
}

async fn boleto(
    api: &Api,
    found: &Found,
    known: Option<&Subscription>,
    is_own: bool,
) -> Result<Option<Boleto>, Problem> {
    let paying = |known: &&Subscription| known.status == SubscriptionStatus::Paying && model::has_code(&known.payment);
    let Some(known) = known.filter(paying) else { return Ok(None) };
    let Some(boleto) = &known.payment.boleto else { return Ok(None) };
    let (url, pdf) = (boleto.url.as_ref().filter(|_| is_own), boleto.pdf.as_ref().filter(|_| is_own));
    Ok(Some(Boleto {
        line: boleto.line.clone(),
        url: address(api, found, url).await?,
        pdf: address(api, found, pdf).await?,
        due: known.payment.due.as_deref().map(words::date),
    }))
}

/// An address that the gateway gave, opened, if it is one of the web.
async fn address(api: &Api, found: &Found, sealed: Option<&Sealed<GatewayText>>) -> Result<Option<String>, Problem> {
    let Some(sealed) = sealed else { return Ok(None) };
    let address = or_none(opened(api, found.link.tenant, sealed).await)?.map(|text| text.expose().to_owned());
    Ok(address.filter(|address| address.starts_with("https://") || address.starts_with("http://")))
}

/// The address that mails about a subscription go to now, for who has typed it: one that is wrong is seen by that.
async fn mailed(api: &Api, found: &Found, own: Option<&Subscription>) -> Result<Option<String>, Problem> {
    let Some(own) = own else { return Ok(None) };
    let sealed = match own.status {
        SubscriptionStatus::Paying => &own.subscriber.email,
        SubscriptionStatus::Securing | SubscriptionStatus::Paid | SubscriptionStatus::Active => &own.owner.email,
        SubscriptionStatus::Naming
        | SubscriptionStatus::NameTaken
        | SubscriptionStatus::Refused
        | SubscriptionStatus::Expired
        | SubscriptionStatus::NameLost
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => return Ok(None),
    };
    let email = or_none(opened(api, found.link.tenant, sealed).await)?;
    Ok(email.map(|email| email.expose().to_owned()))
}

fn shop(api: &Api, request: &Request, known: &Subscription) -> Option<Shop> {
    if known.status != SubscriptionStatus::Active {
        return None;
    }
    let origin = shop_origin(&request.headers, &api.config.platform_domain, &known.subdomain);
    let host = origin.split_once("://").map(|(_, host)| host.to_owned()).unwrap_or_default();
    let (address, panel) = (format!("{origin}/"), format!("{origin}{SHOP_PANEL}"));
    Some(Shop { name: known.shop_name.clone(), address, host, panel })
}
