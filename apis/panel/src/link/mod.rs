//! `link` below a panel's path: choosing a password by a link that serves once. To look at it spends nothing, as scanners of mail open links; the form
//! does.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    problem::{Code, FieldError},
    records::admin::StaffStatus,
    refusals,
    staff::{LinkError, StaffLink},
};
use feira_web::{
    context::Api,
    opening::opened,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    team,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    audience::{Audience, House},
    frame::{Frame, SENT_OFF, Wrong},
};

/// The link's text.
const TEXT: Parameter = Parameter::new("t", Kind::Text(1_024), "The text of the link.");
const HTML: Option<(&str, &str)> = Some(("text/html", "Html"));

pub(crate) fn routes() -> Vec<Route> {
    Audience::ALL.into_iter().flat_map(routes_of).collect()
}

fn routes_of(audience: Audience) -> [Route; 2] {
    [
        audience
            .puts(Route::get(audience.link, show))
            .page()
            .query([TEXT])
            .gives(410, "The link serves no more, or never did.", HTML)
            .says("Shows the form by which a member of the staff chooses a password. The link is not spent by that."),
        audience
            .puts(Route::new(Method::POST, audience.link, submit))
            .page()
            .gives(303, "The log-in: the password is set, and the link is spent.", None)
            .with_headers(&["Location"])
            .gives(410, "The link served before, or never did.", HTML)
            .takes_own_form()
            .problems(&[409])
            .says("Sets the password that was chosen, and spends the link."),
    ]
}

/// The page.
#[derive(Template)]
#[template(path = "link/link.html")]
struct Page<'a> {
    frame: &'a Frame,
    text: &'a str,
    email: &'a str,
    wrong: Wrong,
}

/// The page where a link does not serve.
#[derive(Template)]
#[template(path = "link/gone.html")]
struct Gone<'a> {
    frame: &'a Frame,
    why: &'a str,
    /// True where it served: whoever used it has a password.
    is_spent: bool,
    /// False where nobody would get another one.
    may_ask: bool,
}

/// A link of a member who gets in, and what is known of that one: address and name, where they are not erased.
struct Known {
    link: StaffLink,
    email: String,
    name: String,
    /// True if it served already.
    is_spent: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    let text = request.query.text(TEXT.name).unwrap_or_default();
    match known(&api, &request, text).await? {
        Ok(known) if known.is_spent => spent(&api, &request, house),
        Ok(known) => draw(&api, &request, house, text, &known, (StatusCode::OK, Wrong::default())),
        Err(why) => gone(&api, &request, house, why, false),
    }
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    let login = house.audience.login;
    let text = request.form.said("link").unwrap_or_default();
    let known = match known(&api, &request, text).await? {
        Ok(known) => known,
        Err(why) => return gone(&api, &request, house, why, false),
    };
    let typed = request.form.text("/password").unwrap_or_default();
    let password = match api.passwords.new_one(typed, &[&known.email, &known.name]).await? {
        Ok(password) => password,
        Err(_) if known.is_spent => return spent(&api, &request, house),
        Err(why) => {
            let wrong = Wrong(vec![FieldError::new("/password", Code::Invalid, why)]);
            return draw(&api, &request, house, text, &known, (StatusCode::UNPROCESSABLE_ENTITY, wrong));
        }
    };
    let hash = api.passwords.hash(&password).await?;
    // Asked also where the link served: sent twice, the form's key finds that it was this form by which it did.
    match team::set_password(&api, &request, &known.link, &hash).await {
        Ok(_) => Ok(answer::done(login, "password")),
        Err(NotDecided::Problem(problem)) if problem.code == Code::LinkSpent => spent(&api, &request, house),
        // The same form a moment ago: what comes of that is soon seen.
        Err(NotDecided::Problem(problem)) if problem.code == Code::IdempotencyInProgress => {
            Ok(answer::done(login, SENT_OFF))
        }
        Err(not_decided) => {
            let (frame, _) = Frame::of_visitor(&api, &request, house);
            answer::not_decided(&frame, login, not_decided)
        }
    }
}

/// The link of this text, if it serves or has served; else the sentence that says why not.
async fn known(api: &Api, request: &Request, text: &str) -> Result<Result<Known, &'static str>, Problem> {
    const NONE: &str = "Este link não vale. Confira se o endereço foi copiado inteiro.";
    let link = match StaffLink::read(text, &api.config.secrets, api.platform.now()) {
        // That of another tenant's staff serves on its own host.
        Ok(link) if link.tenant == request.tenant => link,
        Ok(_) | Err(LinkError::Forged) => return Ok(Err(NONE)),
        Err(LinkError::Over) => return Ok(Err("Este link venceu.")),
    };
    let Some(member) = team::member(api, link.tenant, link.staff_id).await? else { return Ok(Err(NONE)) };
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        return Ok(Err(refusals::STAFF_DISABLED));
    }
    let email = opened(api, link.tenant, &member.email).await?;
    let name = opened(api, link.tenant, &member.name).await?;
    let email = email.map(|email| email.expose().to_owned()).unwrap_or_default();
    let name = name.map(|name| name.expose().to_owned()).unwrap_or_default();
    let is_spent = !link.serves(&member);
    Ok(Ok(Known { link, email, name, is_spent }))
}

fn draw(
    api: &Api,
    request: &Request,
    house: House,
    text: &str,
    known: &Known,
    (status, wrong): (StatusCode, Wrong),
) -> Result<Response, Problem> {
    let (frame, visitor) = Frame::of_visitor(api, request, house);
    let page = Page { frame: &frame, text, email: &known.email, wrong };
    let mut response = answer::page(status, page.render())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}

fn spent(api: &Api, request: &Request, house: House) -> Result<Response, Problem> {
    gone(api, request, house, refusals::LINK_SPENT, true)
}

fn gone(api: &Api, request: &Request, house: House, why: &str, is_spent: bool) -> Result<Response, Problem> {
    let (frame, _) = Frame::of_visitor(api, request, house);
    let may_ask = why != refusals::STAFF_DISABLED;
    answer::page(StatusCode::GONE, Gone { frame: &frame, why, is_spent, may_ask }.render())
}
