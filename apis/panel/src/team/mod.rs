//! `/operator/staff`: the platform's own staff, which is invited, kept out and let in again here.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::staff::{StaffBody, StaffChange, schemas, staff_content},
    ids::{Micros, StaffId},
    records::admin::{StaffMember, StaffStatus},
    refusals,
    staff::role,
    time::HOUR,
};
use feira_web::{
    context::Api,
    cursor,
    json::Schemas,
    opening::opened,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    team,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    format::day,
    frame::{Confirm, DONE, ERASED, Frame, Message, Wrong},
    shop::Status,
};

const ALL: &str = "/operator/staff";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let asks = |route: Route| route.on_platform().page().for_session(Access::read(Area::Team)).problems(&[409]);
    let does = |route: Route| {
        let route = route.on_platform().page().for_session(Access::write(Area::Team)).takes_own_form();
        route.problems(&[409, 412, 422])
    };
    let disabling = "/operator/staff/{id}/disable";
    vec![
        asks(Route::get(ALL, show))
            .query([reads::AFTER, DONE])
            .says("Shows the platform's staff, and the form by which somebody is invited."),
        does(Route::new(Method::POST, ALL, invite))
            .says("Invites somebody, and shows the link by which a password is chosen, once."),
        does(Route::new(Method::POST, "/operator/staff/{id}/link", link))
            .says("Makes a link by which a member chooses a password, and shows it once."),
        asks(Route::get(disabling, ask_disable)).says("Asks whether a member is to be kept out."),
        does(Route::new(Method::POST, disabling, disable)).says("Keeps a member out, and ends its sessions."),
        does(Route::new(Method::POST, "/operator/staff/{id}/enable", enable)).says("Lets a member in again."),
        does(Route::new(Method::POST, "/operator/staff/{id}/sessions/end", end_sessions))
            .says("Ends every session of a member."),
    ]
}

/// A member as the page shows it.
struct Member {
    id: StaffId,
    name: String,
    email: String,
    status: Status,
    roles: String,
    since: String,
    is_out: bool,
    is_me: bool,
}

/// What was typed into the form of an invitation.
#[derive(Default)]
struct Typed {
    email: String,
    name: String,
    role: String,
}

/// The page.
#[derive(Template)]
#[template(path = "team/team.html")]
struct Page<'a> {
    frame: &'a Frame,
    members: Vec<Member>,
    next: Option<String>,
    may_change: bool,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
}

/// The page with a link, which is shown once.
#[derive(Template)]
#[template(path = "team/link.html")]
struct LinkPage<'a> {
    frame: &'a Frame,
    name: &'a str,
    roles: String,
    /// The roles that were asked for, where they are others.
    asked: Option<String>,
    link: &'a str,
    lasts: String,
    /// True if a mail with this link goes to the member.
    mailed: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, Typed::default(), Wrong::default(), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    status: StatusCode,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let session = request.session()?;
    let all = team::all(api, request).await?;
    let key = |member: &StaffMember| (member.created_at, member.staff_id);
    let (page, next) = cursor::page(&all, key, "staff", request.query.text(reads::AFTER.name), reads::limit(request))?;
    let mut members = Vec::with_capacity(page.len());
    for member in page {
        members.push(shown(api, request, member, session.member.staff_id).await?);
    }
    let (frame, may_change) = (Frame::around(api, request, "team").await?, session.may(Access::write(Area::Team)));
    answer::page(status, Page { frame: &frame, members, next, may_change, typed, wrong, refused }.render())
}

async fn shown(api: &Api, request: &Request, member: &StaffMember, me: StaffId) -> Result<Member, Problem> {
    let email = opened(api, request.tenant, &member.email).await?;
    Ok(Member {
        id: member.staff_id,
        name: name_of(api, request, member).await?,
        email: email.map_or_else(|| ERASED.to_owned(), |email| email.expose().to_owned()),
        status: status(member.status),
        roles: roles_in_words(&member.roles),
        since: day(member.created_at),
        is_out: matches!(member.status, StaffStatus::Disabled | StaffStatus::Unknown),
        is_me: member.staff_id == me,
    })
}

async fn name_of(api: &Api, request: &Request, member: &StaffMember) -> Result<String, Problem> {
    let name = opened(api, request.tenant, &member.name).await?;
    Ok(name.map_or_else(|| ERASED.to_owned(), |name| name.expose().to_owned()))
}

fn status(status: StaffStatus) -> Status {
    let (word, look) = match status {
        StaffStatus::Invited => ("Convidada", ""),
        StaffStatus::Active => ("Ativa", "good"),
        StaffStatus::Disabled | StaffStatus::Unknown => ("Desativada", "bad"),
    };
    Status { word, look }
}

/// Roles in words.
fn roles_in_words(roles: &[String]) -> String {
    roles.iter().map(|role| role::word(role)).collect::<Vec<_>>().join(", ")
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = request.form.body::<StaffBody>(&BODIES, "StaffBody");
    let content = match body.and_then(|body| staff_content(body).map_err(Problem::fields)) {
        Ok(content) => content,
        Err(problem) => return again(&api, &request, problem).await,
    };
    let asked = content.roles.clone();
    match team::invite(&api, &request, request.tenant, content).await {
        // Of the decision's time: sent again with its key, the form shows the same link.
        Ok((member, decided)) => {
            let shown =
                Shown { asked: &asked, made_at: decided.position.write_ts, mailed: team::is_written_to(&decided) };
            show_link(&api, &request, &member, shown).await
        }
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => again(&api, &request, problem).await,
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "team").await?, ALL, not_decided),
    }
}

/// The form with what is wrong and all that was typed.
async fn again(api: &Api, request: &Request, problem: Problem) -> Result<Response, Problem> {
    let text = |name| request.form.text(name).unwrap_or_default().to_owned();
    let typed = Typed { email: text("/email"), name: text("/name"), role: text("/roles") };
    let refused = problem.errors.is_empty().then(|| problem.detail.clone());
    draw(api, request, problem.status(), typed, Wrong(problem.errors), refused).await
}

async fn link(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    team::check_over(team::Giver::of(request.session()?), &api, &request, &member).await?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        let frame = Frame::around(&api, &request, "team").await?;
        let text = refusals::STAFF_DISABLED;
        let message = Message { frame: &frame, title: "Sem link", text, back: Some(ALL) };
        return answer::page(StatusCode::CONFLICT, message.html());
    }
    let shown = Shown { asked: &member.roles, made_at: api.platform.now(), mailed: false };
    show_link(&api, &request, &member, shown).await
}

/// What is shown beside a link.
struct Shown<'a> {
    /// The roles that were asked for.
    asked: &'a [String],
    /// The time from which the link's life counts.
    made_at: Micros,
    /// True if a mail with this link goes to the member.
    mailed: bool,
}

/// Shows a link once, with the name and roles that hold: who was invited before keeps them, whichever were asked for.
async fn show_link(api: &Api, request: &Request, member: &StaffMember, shown: Shown<'_>) -> Result<Response, Problem> {
    let (frame, name) = (Frame::around(api, request, "team").await?, name_of(api, request, member).await?);
    let (link, until) = team::link_to(api, request, member, shown.made_at);
    let lasts = match (until - shown.made_at) / HOUR {
        hours if hours < 48 => format!("por {hours} horas"),
        hours => format!("por {} dias", hours / 24),
    };
    let roles = roles_in_words(&member.roles);
    let asked = (member.roles != shown.asked).then(|| roles_in_words(shown.asked));
    let page = LinkPage { frame: &frame, name: &name, roles, asked, link: &link, lasts, mailed: shown.mailed };
    answer::page(StatusCode::OK, page.render())
}

async fn ask_disable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let frame = Frame::around(&api, &request, "team").await?;
    let title = format!("Desativar o acesso de {}?", name_of(&api, &request, &member).await?);
    let text = "A pessoa sai de todos os aparelhos e não entra mais, até que o acesso seja reativado.";
    let action = format!("{ALL}/{}/disable", member.staff_id);
    let page =
        Confirm { frame: &frame, title: &title, text, action: &action, word: "Desativar", risky: true, back: ALL };
    answer::page(StatusCode::OK, page.html())
}

async fn disable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, StaffStatus::Disabled, "disabled").await
}

async fn enable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, StaffStatus::Active, "enabled").await
}

async fn set_status(api: &Api, request: &Request, status: StaffStatus, done: &str) -> Result<Response, Problem> {
    let staff_id = team::present(api, request).await?.staff_id;
    let change = StaffChange { name: None, roles: None, status: Some(status), groups: None, permissions: None };
    answered(api, request, team::change(api, request, staff_id, change).await.map(drop), done).await
}

async fn end_sessions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = team::present(&api, &request).await?.staff_id;
    answered(&api, &request, team::end_sessions(&api, &request, staff_id).await.map(drop), "sessions").await
}

async fn answered(
    api: &Api,
    request: &Request,
    decided: Result<(), NotDecided>,
    done: &str,
) -> Result<Response, Problem> {
    match decided {
        Ok(()) => Ok(answer::done(ALL, done)),
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, "team").await?, ALL, not_decided),
    }
}
