//! `/operator/link`: choosing a password by a link that serves once. To look at it spends nothing, as scanners of mail open links; the form
//! does.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    problem::{Code, FieldError},
    records::admin::{StaffMember, StaffStatus},
    refusals,
    staff::{LinkError, OPERATORS_LINK, StaffLink},
};
use feira_web::{
    context::Api,
    opening::opened,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::LOGIN,
    team,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    frame::{Frame, Message, Wrong},
};

/// The link's text.
const TEXT: Parameter = Parameter::new("t", Kind::Text(1_024), "The text of the link.");
const HTML: Option<(&str, &str)> = Some(("text/html", "Html"));

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(OPERATORS_LINK, show)
            .on_platform()
            .page()
            .query([TEXT])
            .gives(410, "The link serves no more, or never did.", HTML)
            .says("Shows the form by which a member of the platform's staff chooses a password. The link is not spent by that."),
        Route::new(Method::POST, OPERATORS_LINK, submit)
            .on_platform()
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

/// A link that serves, its member, and what is known of it: address and name, where they are not erased.
struct Serving {
    link: StaffLink,
    email: String,
    name: String,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = request.query.text(TEXT.name).unwrap_or_default();
    match serving(&api, &request, text).await? {
        Ok(serving) => draw(&api, &request, text, &serving, StatusCode::OK, Wrong::default()),
        Err(why) => gone(&api, &request, why),
    }
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = request.form.said("link").unwrap_or_default();
    let serving = match serving(&api, &request, text).await? {
        Ok(serving) => serving,
        Err(why) => return gone(&api, &request, why),
    };
    let typed = request.form.text("/password").unwrap_or_default();
    let password = match api.passwords.new_one(typed, &[&serving.email, &serving.name]).await? {
        Ok(password) => password,
        Err(why) => {
            let wrong = Wrong(vec![FieldError::new("/password", Code::Invalid, why)]);
            return draw(&api, &request, text, &serving, StatusCode::UNPROCESSABLE_ENTITY, wrong);
        }
    };
    let hash = api.passwords.hash(&password).await?;
    match team::set_password(&api, &request, &serving.link, &hash).await {
        Ok(_) => Ok(answer::done(LOGIN, "password")),
        // Sent twice at once, it was spent by the other.
        Err(NotDecided::Problem(problem)) if problem.code == Code::LinkSpent => {
            gone(&api, &request, refusals::LINK_SPENT)
        }
        Err(not_decided) => {
            let (frame, _) = Frame::of_visitor(&api, &request);
            answer::not_decided(&frame, LOGIN, not_decided)
        }
    }
}

/// The link of this text, if it serves; else the sentence that says why not.
async fn serving(api: &Api, request: &Request, text: &str) -> Result<Result<Serving, &'static str>, Problem> {
    const NONE: &str = "Este link não vale. Confira se o endereço foi copiado inteiro, ou peça um novo.";
    let link = match StaffLink::read(text, &api.config.secrets, api.platform.now()) {
        // That of another tenant's staff serves on its own host.
        Ok(link) if link.tenant == request.tenant => link,
        Ok(_) | Err(LinkError::Forged) => return Ok(Err(NONE)),
        Err(LinkError::Over) => return Ok(Err("Este link venceu. Peça um novo a quem administra a equipe.")),
    };
    let Some(member) = team::member(api, link.tenant, link.staff_id).await? else { return Ok(Err(NONE)) };
    if !link.serves(&member) {
        return Ok(Err(spent(&member)));
    }
    let email = opened(api, link.tenant, &member.email).await?;
    let name = opened(api, link.tenant, &member.name).await?;
    let email = email.map(|email| email.expose().to_owned()).unwrap_or_default();
    let name = name.map(|name| name.expose().to_owned()).unwrap_or_default();
    Ok(Ok(Serving { link, email, name }))
}

fn spent(member: &StaffMember) -> &'static str {
    match member.status {
        StaffStatus::Invited | StaffStatus::Active => refusals::LINK_SPENT,
        StaffStatus::Disabled | StaffStatus::Unknown => refusals::STAFF_DISABLED,
    }
}

fn draw(
    api: &Api,
    request: &Request,
    text: &str,
    serving: &Serving,
    status: StatusCode,
    wrong: Wrong,
) -> Result<Response, Problem> {
    let (frame, visitor) = Frame::of_visitor(api, request);
    let page = Page { frame: &frame, text, email: &serving.email, wrong };
    let mut response = answer::page(status, page.render())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}

fn gone(api: &Api, request: &Request, why: &str) -> Result<Response, Problem> {
    let (frame, _) = Frame::of_visitor(api, request);
    let message = Message { frame: &frame, title: "Este link não serve", text: why, back: None };
    answer::page(StatusCode::GONE, message.html())
}
