//! `/operator/login`, `/operator/logout` and `/operator/sessions/end`: getting in and out.

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
    sessions::{self, Access, Allowed, Area, Attempt, LOGIN},
    team,
};
use http::{Method, StatusCode};
use uuid::Uuid;

use crate::{
    answer,
    frame::{DONE, Frame, Wrong},
};

/// The page that one comes to where nothing else was asked for.
const FIRST: &str = "/operator";
/// What is said of what is no address.
pub(crate) const NO_ADDRESS: &str = "Escreva o e-mail inteiro, como ana@exemplo.com.br.";
/// The address to go on to.
const NEXT: Parameter = Parameter::new("next", Kind::Text(1_000), "The page of this host to go on to.");

pub(crate) fn routes() -> Vec<Route> {
    let own = Access::write(Area::Own);
    vec![
        Route::get(LOGIN, show)
            .on_platform()
            .page()
            .gives(303, "The page to go on to, for who has logged in already.", None)
            .with_headers(&["Location"])
            .query([NEXT, DONE])
            .says("Shows the form by which the platform's staff logs in."),
        Route::new(Method::POST, LOGIN, submit)
            .on_platform()
            .gives(303, "The page to go on to, with the cookie of the new session.", None)
            .with_headers(&["Location"])
            .page()
            .takes_own_form()
            .says("Logs a member of the platform's staff in."),
        Route::new(Method::POST, "/operator/logout", out)
            .on_platform()
            .for_session(own)
            .page()
            .takes_own_form()
            .says("Ends the session of who asks."),
        Route::new(Method::POST, "/operator/sessions/end", end_everywhere)
            .on_platform()
            .for_session(own)
            .page()
            .takes_own_form()
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
    let next = request.query.text(NEXT.name).and_then(sessions::safe);
    if sessions::find(&api, request.tenant, &request.headers).await?.is_some() {
        return Ok(reply::see_other(next.unwrap_or(FIRST)));
    }
    draw(&api, &request, "", next, Outcome::default())
}

fn draw(api: &Api, request: &Request, email: &str, next: Option<&str>, outcome: Outcome) -> Result<Response, Problem> {
    let Outcome { status, refused, wrong } = outcome;
    let (frame, visitor) = Frame::of_visitor(api, request);
    let page = Page { frame: &frame, email, next: next.unwrap_or_default(), refused, wrong };
    let mut response = answer::page(status, page.render())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (email, password) = (request.form.text("/email").unwrap_or_default(), request.form.text("/password"));
    let next = request.form.said(NEXT.name).and_then(sessions::safe);
    let again = |outcome| draw(&api, &request, email, next, outcome);
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
    let mut response = reply::see_other(next.unwrap_or(FIRST));
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
    let mut response = answer::done(LOGIN, "out");
    answer::set_cookie(&mut response, cookie);
    Ok(response)
}

async fn end_everywhere(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = request.session()?.member.staff_id;
    if let Err(not_decided) = team::end_sessions(&api, &request, staff_id).await {
        return answer::not_decided(&Frame::around(&api, &request, "").await?, FIRST, not_decided);
    }
    let cookie = sessions::end(&api, request.tenant, &request.headers).await?;
    let mut response = answer::done(LOGIN, "ended");
    answer::set_cookie(&mut response, cookie);
    Ok(response)
}
