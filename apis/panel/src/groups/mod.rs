//! `groups` below a panel's path: groups of staff. What a group gives, everybody has who is in it.

mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::staff_group::{GroupBody, group_change, group_content, schemas},
    ids::GroupId,
    problem::Code,
    records::admin::{StaffGroup, StaffMember},
};
use feira_web::{
    context::Api,
    groups,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    team,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use self::model::Typed;
use crate::{
    answer,
    audience::{Audience, OPERATORS},
    format::moment,
    frame::{Confirm, DONE, Frame, Wrong},
    permissions::{Picker, said},
};

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

/// The addresses of a house's pages of groups.
struct Paths {
    all: &'static str,
    new: &'static str,
    one: &'static str,
    remove: &'static str,
}

const OF_PLATFORM: Paths = Paths {
    all: "/operator/groups",
    new: "/operator/groups/new",
    one: "/operator/groups/{id}",
    remove: "/operator/groups/{id}/remove",
};
const OF_SHOP: Paths = Paths {
    all: "/admin/groups",
    new: "/admin/groups/new",
    one: "/admin/groups/{id}",
    remove: "/admin/groups/{id}/remove",
};

pub(crate) fn routes() -> Vec<Route> {
    Audience::ALL.into_iter().flat_map(routes_of).collect()
}

fn routes_of(audience: Audience) -> Vec<Route> {
    let (sees, changes) = (Access::read(Area::Team), Access::write(Area::Team));
    let asks = |route: Route, access: Access| audience.asks(route, access);
    let does = |route: Route| audience.does(route, changes);
    let paths = paths(audience);
    vec![
        asks(Route::get(paths.all, show), sees)
            .query([DONE])
            .says("Shows the groups of the staff, what each gives, and how many are in it."),
        asks(Route::get(paths.new, show_new), changes).says("Shows the form of a new group."),
        does(Route::new(Method::POST, paths.all, create)).says("Makes a group."),
        asks(Route::get(paths.one, show_one), sees)
            .query([DONE])
            .says("Shows a group, and the form by which it is changed."),
        does(Route::new(Method::POST, paths.one, change)).says("Changes a group, if nobody else has meanwhile."),
        asks(Route::get(paths.remove, ask_remove), changes).says("Asks whether a group is to be removed."),
        does(Route::new(Method::POST, paths.remove, remove)).says("Removes a group."),
    ]
}

fn paths(audience: Audience) -> &'static Paths {
    if audience == OPERATORS { &OF_PLATFORM } else { &OF_SHOP }
}

/// The list's address.
fn all_of(request: &Request) -> &'static str {
    paths(Audience::of(request.tenant)).all
}

fn page_of(request: &Request, group_id: GroupId) -> String {
    format!("{}/{group_id}", all_of(request))
}

/// A group of the list.
struct Listed {
    id: GroupId,
    name: String,
    gives: String,
    members: String,
}

/// The list.
#[derive(Template)]
#[template(path = "groups/groups.html")]
struct List<'a> {
    frame: &'a Frame,
    all: &'a str,
    groups: Vec<Listed>,
    may_change: bool,
}

/// A group that is there, beside its form.
struct Shown {
    id: GroupId,
    name: String,
    gives: String,
    members: String,
    version: i64,
    changed: String,
}

/// What somebody else has changed meanwhile.
struct Stale {
    version: i64,
    /// Fields in which what is kept differs from what is typed, and what is kept.
    differs: Vec<(&'static str, String)>,
}

/// The form of a group, new or not.
#[derive(Template)]
#[template(path = "groups/group.html")]
struct Page<'a> {
    frame: &'a Frame,
    all: &'a str,
    /// None for a new group.
    shown: Option<Shown>,
    /// The version that the form changes.
    version: String,
    name: String,
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

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (groups, members) = (groups::all(&api, &request).await?, team::all(&api, &request).await?);
    let frame = Frame::around(&api, &request, "groups").await?;
    let house = frame.house.audience.kind();
    let listed = |group: &StaffGroup| Listed {
        id: group.group_id,
        name: group.name.clone(),
        gives: said(house, &Access::known(&group.permissions, house)),
        members: model::people(count(&members, group.group_id)),
    };
    let may_change = request.session()?.may(Access::write(Area::Team));
    let groups = groups.iter().map(listed).collect();
    answer::page(StatusCode::OK, List { frame: &frame, all: all_of(&request), groups, may_change }.render())
}

/// How many members are in a group.
fn count(members: &[StaffMember], group_id: GroupId) -> usize {
    members.iter().filter(|member| member.groups.contains(&group_id)).count()
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, None, None).await
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let group = groups::present(&api, &request).await?;
    draw(&api, &request, Some(&group), None).await
}

/// The form of a group, or of a new one. Where somebody else has changed it meanwhile, it says what differs, and sent once more it changes
/// what is kept now.
async fn draw(
    api: &Api,
    request: &Request,
    group: Option<&StaffGroup>,
    sent: Option<Sent>,
) -> Result<Response, Problem> {
    let session = request.session()?;
    let frame = Frame::around(api, request, "groups").await?;
    let house = frame.house.audience.kind();
    let kept = group.map(Typed::of).unwrap_or_default();
    let status = sent.as_ref().map_or(StatusCode::OK, |sent| sent.problem.status());
    let is_stale = sent.as_ref().is_some_and(|sent| sent.problem.code == Code::VersionMismatch);
    let (typed, wrong, refused) = match sent {
        None => (kept.clone(), Wrong::default(), None),
        Some(Sent { typed, problem }) => {
            let refused = (problem.errors.is_empty() && !is_stale).then_some(problem.detail);
            (typed, Wrong(problem.errors), refused)
        }
    };
    let kept_version = group.map(|group| group.version);
    let stale =
        kept_version.filter(|_| is_stale).map(|version| Stale { version, differs: typed.differs(&kept, house) });
    let version = request.form.said(VERSION_FIELD).filter(|_| !is_stale).map(str::to_owned);
    let shown = match group {
        Some(group) => Some(shown(api, request, &frame, group).await?),
        None => None,
    };
    let page = Page {
        frame: &frame,
        all: all_of(request),
        shown,
        version: version.or(kept_version.map(|version| version.to_string())).unwrap_or_default(),
        picker: Picker::new("/permissions", "O que o grupo dá", house, &typed.permissions, &session.permissions),
        name: typed.name,
        wrong,
        refused,
        stale,
        may_change: session.may(Access::write(Area::Team)),
    };
    answer::page(status, page.render())
}

async fn shown(api: &Api, request: &Request, frame: &Frame, group: &StaffGroup) -> Result<Shown, Problem> {
    let (members, house) = (team::all(api, request).await?, frame.house.audience.kind());
    Ok(Shown {
        id: group.group_id,
        name: group.name.clone(),
        gives: said(house, &Access::known(&group.permissions, house)),
        members: model::people(count(&members, group.group_id)),
        version: group.version,
        changed: moment(group.changed_at),
    })
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = request.form.body::<GroupBody>(&BODIES, "GroupBody");
    let made = match body.and_then(|body| group_content(body).map_err(Problem::fields)) {
        Ok(content) => groups::create(&api, &request, content).await.map(drop),
        Err(problem) => Err(problem.into()),
    };
    match made {
        Ok(()) => Ok(answer::done(all_of(&request), "group-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let typed = Typed::sent(&request.form);
            draw(&api, &request, None, Some(Sent { typed, problem })).await
        }
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "groups").await?, all_of(&request), not_decided)
        }
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let group_id = groups::present(&api, &request).await?.group_id;
    let patch = request.form.patch(&BODIES, "GroupPatch");
    let changed = match patch.and_then(|patch| group_change(&patch).map_err(Problem::fields)) {
        Ok(change) => groups::change(&api, &request, group_id, change).await.map(drop),
        Err(problem) => Err(problem.into()),
    };
    let page = page_of(&request, group_id);
    match changed {
        Ok(()) => Ok(answer::done(&page, "group-saved")),
        Err(NotDecided::Problem(problem)) if is_shown_again(&problem) => {
            // As it is now: somebody else may have changed it.
            let (group, typed) = (groups::present(&api, &request).await?, Typed::sent(&request.form));
            draw(&api, &request, Some(&group), Some(Sent { typed, problem })).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "groups").await?, &page, not_decided),
    }
}

/// True if the form is shown again with what is wrong. That there is no such group is no matter of the form.
fn is_shown_again(problem: &Problem) -> bool {
    problem.status().is_client_error() && problem.code != Code::NotFound
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (group, members) = (groups::present(&api, &request).await?, team::all(&api, &request).await?);
    let frame = Frame::around(&api, &request, "groups").await?;
    let house = frame.house.audience.kind();
    let gives = said(house, &Access::known(&group.permissions, house));
    let text = model::loss(count(&members, group.group_id), &gives);
    let (title, back) = (format!("Excluir o grupo {}?", group.name), page_of(&request, group.group_id));
    let action = format!("{back}/remove");
    let page = Confirm {
        frame: &frame,
        title: &title,
        text: &text,
        action: &action,
        word: "Excluir o grupo",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html())
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let group_id = groups::present(&api, &request).await?.group_id;
    match groups::remove(&api, &request, group_id).await {
        Ok(_) => Ok(answer::done(all_of(&request), "group-removed")),
        Err(not_decided) => {
            let frame = Frame::around(&api, &request, "groups").await?;
            answer::not_decided(&frame, &page_of(&request, group_id), not_decided)
        }
    }
}
