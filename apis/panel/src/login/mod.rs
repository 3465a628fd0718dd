//! Getting in and out, of the operators' panel and of a shop's: `login`, `logout`, `password` and `sessions/end` below the panel's path.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    ids::{StaffId, TenantId},
    problem::{Code, FieldError},
    records::admin::{StaffMember, StaffStatus},
    sealed::{Subject, SubjectKind},
    staff::{email_term, normalised_email},
};
use feira_web::{
    context::Api,
    opening::opened,
    passwords::Password,
    problem::Problem,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    sessions::{self, Access, Allowed, Area, Attempt},
    team,
};
use http::{Method, StatusCode};
use uuid::Uuid;

use crate::{
    answer,
    audience::{Audience, House},
    frame::{DONE, Frame, Wrong},
};

/// What is said of what is no address.
pub(crate) const NO_ADDRESS: &str = "Escreva o e-mail inteiro, como ana@exemplo.com.br.";
/// The address to go on to.
const NEXT: Parameter = Parameter::new("next", Kind::Text(1_000), "The page of this host to go on to.");

pub(crate) fn routes() -> Vec<Route> {
    Audience::ALL.into_iter().flat_map(routes_of).collect()
}

fn routes_of(audience: Audience) -> Vec<Route> {
    let own = |route: Route| audience.puts(route).for_session(Access::write(Area::Own)).page().takes_own_form();
    vec![
        audience
            .puts(Route::get(audience.login, show))
            .page()
            .gives(303, "The page to go on to, for who has logged in already.", None)
            .with_headers(&["Location"])
            .query([NEXT, DONE])
            .says(
                "Shows the form by which staff logs in: the platform's on its host, a shop's on the shop's sub-domain.",
            ),
        audience
            .puts(Route::new(Method::POST, audience.login, submit))
            .gives(303, "The page to go on to, with the cookie of the new session.", None)
            .with_headers(&["Location"])
            .page()
            .takes_own_form()
            .says("Logs a member of the staff in."),
        own(Route::new(Method::POST, audience.logout, out)).says("Ends the session of who asks."),
        own(Route::new(Method::POST, audience.password, ask_link))
            .problems(&[409])
            .says("Has a mail sent to who asks, with a link by which another password is chosen."),
        own(Route::new(Method::POST, audience.end, end_everywhere))
            .problems(&[409])
            .says("Ends every session of who asks."),
    ]
}

/// The page.
#[derive(Template)]
#[template(path = "login/login.html")]
struct Page<'a> {
    frame: &'a Frame,
    email: &'a str,
    next: &'a str,
    /// What is wrong with all of it.
    refused: Option<String>,
    wrong: Wrong,
}

impl Page<'_> {
    /// True if the password is to be typed next.
    fn wants_password(&self) -> bool {
        !self.email.is_empty() && self.wrong.at("/email").is_none()
    }
}

/// What came of a form, if it is shown again.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    refused: Option<String>,
    wrong: Wrong,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    let panel = house.audience.panel;
    let next = request.query.text(NEXT.name).and_then(|next| sessions::below(panel, next));
    if sessions::find(&api, request.tenant, &request.headers).await?.is_some() {
        return Ok(reply::see_other(next.unwrap_or(panel)));
    }
    draw(&api, &request, house, "", next, Outcome::default())
}

fn draw(
    api: &Api,
    request: &Request,
    house: House,
    email: &str,
    next: Option<&str>,
    outcome: Outcome,
) -> Result<Response, Problem> {
    let Outcome { status, refused, wrong } = outcome;
    let (frame, visitor) = Frame::of_visitor(api, request, house);
    let page = Page { frame: &frame, email, next: next.unwrap_or_default(), refused, wrong };
    let mut response = answer::page(status, page.render())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    let panel = house.audience.panel;
    let (email, password) = (request.form.text("/email").unwrap_or_default(), request.form.text("/password"));
    let next = request.form.said(NEXT.name).and_then(|next| sessions::below(panel, next));
    let again = |outcome| draw(&api, &request, house, email, next, outcome);
    let address = match normalised_email(email) {
        Ok(address) => address,
        Err(_) => return again(missing("/email", NO_ADDRESS)),
    };
    let Some(password) = password.filter(|password| !password.is_empty()) else {
        return again(missing("/password", "Escreva a senha."));
    };
    let term = email_term(&api.config.secrets, request.tenant, &address).map_err(Problem::internal)?;
    let attempt = match Attempt::begin(&api, request.tenant, &term, request.client).await? {
        Allowed::Now(attempt) => attempt,
        Allowed::In(seconds) => return answer::wait(again(waiting(seconds)), seconds),
    };
    let verified = match with_password(&api, request.tenant, &term, password).await {
        Ok(verified) => verified,
        Err(problem) => {
            // Nobody has looked at the password, so nothing was tried.
            attempt.take_back(&api).await?;
            return Err(problem);
        }
    };
    let Some(member) = verified else {
        sessions::count("refused");
        // The same words whether there is such a member or not.
        let refused = Some("E-mail ou senha não conferem.".to_owned());
        return again(Outcome { status: StatusCode::UNPROCESSABLE_ENTITY, refused, ..Outcome::default() });
    };
    attempt.take_back(&api).await?;
    sessions::count("in");
    let cookie = sessions::begin(&api, request.tenant, &member, &request.headers).await?;
    let mut response = reply::see_other(next.unwrap_or(panel));
    answer::set_cookie(&mut response, Some(cookie));
    Ok(response)
}

/// The member whose address has this term, if it may log in and the password is its own. Whoever is nobody costs the same reads and the
/// same time, and is told as well that the keyring is away.
async fn with_password(
    api: &Api,
    tenant: TenantId,
    term: &str,
    password: &str,
) -> Result<Option<StaffMember>, Problem> {
    let nobody = StaffId::from_uuid(Uuid::new_v4());
    let known = match team::of_term(api, tenant, term).await? {
        Some(member) => Some(member),
        None => team::member(api, tenant, nobody).await?,
    };
    let member = known.filter(|member| member.status == StaffStatus::Active);
    // A key that was read a moment ago is opened without the keyring: so it is asked first, whoever comes.
    let look = || api.keyring.look_for_nobody(tenant, Subject::new(SubjectKind::Staff, nobody.uuid()));
    look().await?;
    let hash = match member.as_ref().and_then(|member| member.password.as_ref()) {
        Some(sealed) => opened(api, tenant, sealed).await?,
        None => {
            look().await?;
            None
        }
    };
    let is_own = api.passwords.verify(Password::typed(password), hash.as_ref()).await?;
    Ok(member.filter(|_| is_own))
}

fn missing(field: &str, detail: &str) -> Outcome {
    let wrong = Wrong(vec![FieldError::new(field, Code::Invalid, detail)]);
    Outcome { status: StatusCode::UNPROCESSABLE_ENTITY, wrong, ..Outcome::default() }
}

fn waiting(seconds: u64) -> Outcome {
    let refused = Some(answer::too_many(seconds));
    Outcome { status: StatusCode::TOO_MANY_REQUESTS, refused, ..Outcome::default() }
}

async fn out(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let cookie = sessions::end(&api, request.tenant, &request.headers).await?;
    let mut response = answer::done(Audience::of(request.tenant).login, "out");
    answer::set_cookie(&mut response, cookie);
    Ok(response)
}

async fn ask_link(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (staff_id, first) = (request.session()?.member.staff_id, Audience::of(request.tenant).panel);
    match team::ask_own_link(&api, &request, staff_id).await {
        Ok(()) => Ok(answer::done(first, "password-asked")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "").await?, first, not_decided),
    }
}

async fn end_everywhere(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (staff_id, audience) = (request.session()?.member.staff_id, Audience::of(request.tenant));
    if let Err(not_decided) = team::end_sessions(&api, &request, staff_id).await {
        return answer::not_decided(&Frame::around(&api, &request, "").await?, audience.panel, not_decided);
    }
    let cookie = sessions::end(&api, request.tenant, &request.headers).await?;
    let mut response = answer::done(audience.login, "ended");
    answer::set_cookie(&mut response, cookie);
    Ok(response)
}
