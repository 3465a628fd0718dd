//! The page of a member: what it may do, and what is done to it.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::staff::{StaffChange, staff_change},
    ids::StaffId,
    problem::Code,
    records::admin::{StaffMember, StaffStatus},
    staff::permissions_of,
};
use feira_web::{
    context::Api,
    groups,
    problem::Problem,
    reply::Response,
    routing::Request,
    sessions::{Access, Area, VERSION_FIELD},
    team,
    writes::NotDecided,
};
use http::StatusCode;

use super::{
    BODIES, all_of, email_of, makes_administrators, may_change,
    model::{self, Typed},
    name_of, page_of,
};
use crate::{
    answer,
    format::{day, moment},
    forms::Choice,
    frame::{Confirm, ERASED, Frame, Wrong},
    permissions::{Picker, said},
    shop::Status,
};

/// What somebody else has changed meanwhile.
struct Stale {
    version: i64,
    /// Fields in which what is kept differs from what is typed, and what is kept.
    differs: Vec<(&'static str, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "team/member.html")]
struct Page<'a> {
    frame: &'a Frame,
    all: &'a str,
    id: StaffId,
    /// The name as it is kept.
    title: String,
    email: String,
    status: Status,
    role: String,
    /// What the member may do, in words.
    may: String,
    since: String,
    changed: String,
    is_out: bool,
    is_me: bool,
    /// The version that the form changes.
    version: String,
    /// The name that is typed; none where it was erased.
    name: Option<String>,
    roles: Vec<Choice>,
    groups: Vec<Choice>,
    picker: Picker,
    wrong: Wrong,
    refused: Option<String>,
    stale: Option<Stale>,
    may_change: bool,
}

/// A form that is shown again: what was typed, and the problem.
struct Sent {
    typed: Typed,
    problem: Problem,
}

pub(super) async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    draw(&api, &request, &member, None).await
}

async fn draw(api: &Api, request: &Request, member: &StaffMember, sent: Option<Sent>) -> Result<Response, Problem> {
    let (session, groups) = (request.session()?, groups::all(api, request).await?);
    let frame = Frame::around(api, request, "team").await?;
    let (house, held) = (frame.house.audience.kind(), &session.permissions);
    let name = name_of(api, request, member).await?;
    let title = name.clone().unwrap_or_else(|| ERASED.to_owned());
    let kept = Typed::of(member, name);
    let status = sent.as_ref().map_or(StatusCode::OK, |sent| sent.problem.status());
    let is_stale = sent.as_ref().is_some_and(|sent| sent.problem.code == Code::VersionMismatch);
    let (typed, wrong, refused) = match sent {
        None => (kept.clone(), Wrong::default(), None),
        Some(Sent { typed, problem }) => {
            let refused = (problem.errors.is_empty() && !is_stale).then_some(problem.detail);
            (typed, Wrong(problem.errors), refused)
        }
    };
    let stale = is_stale.then(|| Stale { version: member.version, differs: typed.differs(&kept, house, &groups) });
    // Sent once more, a form that came too late changes what is kept now.
    let version = request.form.said(VERSION_FIELD).filter(|_| !is_stale).map(str::to_owned);
    let page = Page {
        frame: &frame,
        all: all_of(request),
        id: member.staff_id,
        title,
        email: email_of(api, request, member).await?,
        status: model::status(member.status),
        role: model::roles_in_words(&member.roles),
        may: said(house, &permissions_of(member, &groups, house)),
        since: day(member.created_at),
        changed: moment(member.changed_at),
        is_out: matches!(member.status, StaffStatus::Disabled | StaffStatus::Unknown),
        is_me: member.staff_id == session.member.staff_id,
        version: version.unwrap_or_else(|| member.version.to_string()),
        roles: typed.roles(makes_administrators(request)?),
        groups: typed.choices(house, &groups),
        picker: Picker::new("/permissions", "Permissões sem grupo", house, &typed.permissions, held),
        name: kept.name.and(typed.name),
        wrong,
        refused,
        stale,
        may_change: may_change(request)?,
    };
    answer::page(status, page.render())
}

pub(super) async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let changed = match wanted(&api, &request, &member).await {
        Ok(change) => team::change(&api, &request, member.staff_id, change).await.map(drop),
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Err(NotDecided::Problem(problem)) if is_shown_again(&problem) => {
            // As it is now: somebody else may have changed it.
            let (member, typed) = (team::present(&api, &request).await?, Typed::sent(&request.form));
            draw(&api, &request, &member, Some(Sent { typed, problem })).await
        }
        other => answered(&api, &request, member.staff_id, other, "member-saved").await,
    }
}

/// True if the form is shown again with what is wrong. That there is no such member is no matter of the form.
fn is_shown_again(problem: &Problem) -> bool {
    problem.status().is_client_error() && problem.code != Code::NotFound
}

/// The change that was typed, or everything that is wrong with it. A name that is as it was is not sealed anew.
async fn wanted(api: &Api, request: &Request, member: &StaffMember) -> Result<StaffChange, Problem> {
    let patch = request.form.patch(&BODIES, "StaffPatch")?;
    let change = staff_change(&patch).map_err(Problem::fields)?;
    let kept = name_of(api, request, member).await?;
    let name = change.name.filter(|name| kept.as_deref() != Some(name.expose()));
    Ok(StaffChange { name, ..change })
}

/// The question whether a member is to be kept out. The tokens that it made or knows are a shop's own, and stay.
#[derive(Template)]
#[template(path = "team/disable.html")]
struct Disable<'a> {
    frame: &'a Frame,
    title: &'a str,
    back: &'a str,
    is_shop: bool,
    /// True for who sees the tokens.
    sees_tokens: bool,
}

pub(super) async fn ask_disable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let frame = Frame::around(&api, &request, "team").await?;
    let name = name_of(&api, &request, &member).await?;
    let title = format!("Desativar o acesso de {}?", name.as_deref().unwrap_or(ERASED));
    let back = page_of(&request, member.staff_id);
    let sees_tokens = request.session()?.may(Access::read(Area::Tokens));
    let is_shop = frame.house.shop.is_some();
    let page = Disable { frame: &frame, title: &title, back: &back, is_shop, sees_tokens };
    answer::page(StatusCode::OK, page.render())
}

pub(super) async fn ask_enable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let frame = Frame::around(&api, &request, "team").await?;
    let name = name_of(&api, &request, &member).await?;
    let title = format!("Reativar o acesso de {}?", name.as_deref().unwrap_or(ERASED));
    let back = page_of(&request, member.staff_id);
    let text = match member.password {
        Some(_) => "A pessoa volta a entrar com a senha que tinha e com o que o acesso dela permite.",
        None => "A pessoa ainda não criou uma senha: recebe por e-mail um novo link, e entra por ele.",
    };
    let (action, word) = (format!("{back}/enable"), "Reativar");
    let page = Confirm { frame: &frame, title: &title, text, action: &action, word, risky: false, back: &back };
    answer::page(StatusCode::OK, page.html())
}

pub(super) async fn disable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, StaffStatus::Disabled, "disabled").await
}

pub(super) async fn enable(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, StaffStatus::Active, "enabled").await
}

async fn set_status(api: &Api, request: &Request, status: StaffStatus, done: &str) -> Result<Response, Problem> {
    let staff_id = team::present(api, request).await?.staff_id;
    let change = StaffChange { name: None, roles: None, status: Some(status), groups: None, permissions: None };
    answered(api, request, staff_id, team::change(api, request, staff_id, change).await.map(drop), done).await
}

pub(super) async fn end_sessions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = team::present(&api, &request).await?.staff_id;
    let ended = team::end_sessions(&api, &request, staff_id).await.map(drop);
    answered(&api, &request, staff_id, ended, "sessions").await
}

/// 303 to the member, with what was done.
async fn answered(
    api: &Api,
    request: &Request,
    staff_id: StaffId,
    decided: Result<(), NotDecided>,
    done: &str,
) -> Result<Response, Problem> {
    let page = page_of(request, staff_id);
    match decided {
        Ok(()) => Ok(answer::done(&page, done)),
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, "team").await?, &page, not_decided),
    }
}
