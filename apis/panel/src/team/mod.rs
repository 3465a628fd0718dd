//! `staff` below a panel's path: the staff of the platform or of a shop, which is invited, given what it may do, kept out and let in again.

mod invite;
mod link;
mod member;
mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::staff::schemas,
    ids::StaffId,
    records::admin::{StaffGroup, StaffMember},
};
use feira_web::{
    context::Api,
    cursor, groups,
    json::Schemas,
    opening::opened,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    team::{self, Giver},
};
use http::{Method, StatusCode};

use crate::{
    answer,
    audience::{Audience, OPERATORS},
    format::day,
    frame::{DONE, ERASED, Frame},
    shop::Status,
};

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

/// The addresses of a house's pages of its staff.
struct Paths {
    all: &'static str,
    new: &'static str,
    one: &'static str,
    link: &'static str,
    disable: &'static str,
    enable: &'static str,
    end: &'static str,
}

const OF_PLATFORM: Paths = Paths {
    all: "/operator/staff",
    new: "/operator/staff/new",
    one: "/operator/staff/{id}",
    link: "/operator/staff/{id}/link",
    disable: "/operator/staff/{id}/disable",
    enable: "/operator/staff/{id}/enable",
    end: "/operator/staff/{id}/sessions/end",
};
const OF_SHOP: Paths = Paths {
    all: "/admin/staff",
    new: "/admin/staff/new",
    one: "/admin/staff/{id}",
    link: "/admin/staff/{id}/link",
    disable: "/admin/staff/{id}/disable",
    enable: "/admin/staff/{id}/enable",
    end: "/admin/staff/{id}/sessions/end",
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
            .query([reads::AFTER, reads::LIMIT, DONE])
            .says("Shows the members of the staff, oldest first."),
        asks(Route::get(paths.new, invite::show), changes).says("Shows the form by which somebody is invited."),
        does(Route::new(Method::POST, paths.all, invite::invite))
            .says("Invites somebody, and shows the link by which a password is chosen, once."),
        asks(Route::get(paths.one, member::show), sees)
            .query([DONE])
            .says("Shows a member, what it may do, and the form by which that is changed."),
        does(Route::new(Method::POST, paths.one, member::change))
            .says("Changes a member's name, role, groups and permissions, if nobody else has meanwhile."),
        does(Route::new(Method::POST, paths.link, link::make))
            .says("Makes a link by which a member chooses a password, and shows it once."),
        asks(Route::get(paths.disable, member::ask_disable), changes).says("Asks whether a member is to be kept out."),
        does(Route::new(Method::POST, paths.disable, member::disable))
            .says("Keeps a member out, and ends its sessions."),
        asks(Route::get(paths.enable, member::ask_enable), changes)
            .says("Asks whether a member is to be let in again."),
        does(Route::new(Method::POST, paths.enable, member::enable)).says("Lets a member in again."),
        does(Route::new(Method::POST, paths.end, member::end_sessions)).says("Ends every session of a member."),
    ]
}

fn paths(audience: Audience) -> &'static Paths {
    if audience == OPERATORS { &OF_PLATFORM } else { &OF_SHOP }
}

/// The list's address.
fn all_of(request: &Request) -> &'static str {
    paths(Audience::of(request.tenant)).all
}

/// The address of a member's page.
fn page_of(request: &Request, staff_id: StaffId) -> String {
    format!("{}/{staff_id}", all_of(request))
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Team)))
}

/// True if who asks may give everything, and so make administrators.
fn makes_administrators(request: &Request) -> Result<bool, Problem> {
    Ok(Giver::of(request.session()?) == Giver::Everything)
}

/// A member of the list.
struct Listed {
    id: StaffId,
    name: String,
    email: String,
    status: Status,
    roles: String,
    groups: String,
    since: String,
    is_me: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "team/team.html")]
struct List<'a> {
    frame: &'a Frame,
    all: &'a str,
    members: Vec<Listed>,
    next: Option<String>,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let me = request.session()?.member.staff_id;
    let (members, groups) = (team::all(&api, &request).await?, groups::all(&api, &request).await?);
    let key = |member: &StaffMember| (member.created_at, member.staff_id);
    let after = request.query.text(reads::AFTER.name);
    let (page, next) = cursor::page(&members, key, "staff", after, reads::limit(&request))?;
    let mut members = Vec::with_capacity(page.len());
    for member in page {
        members.push(listed(&api, &request, member, &groups, me).await?);
    }
    let (frame, may_change) = (Frame::around(&api, &request, "team").await?, may_change(&request)?);
    let page = List { frame: &frame, all: all_of(&request), members, next, may_change };
    answer::page(StatusCode::OK, page.render())
}

async fn listed(
    api: &Api,
    request: &Request,
    member: &StaffMember,
    groups: &[StaffGroup],
    me: StaffId,
) -> Result<Listed, Problem> {
    Ok(Listed {
        id: member.staff_id,
        name: name_of(api, request, member).await?.unwrap_or_else(|| ERASED.to_owned()),
        email: email_of(api, request, member).await?,
        status: model::status(member.status),
        roles: model::roles_in_words(&member.roles),
        groups: model::names(groups, &model::ids(member)),
        since: day(member.created_at),
        is_me: member.staff_id == me,
    })
}

/// A member's name; none where it was erased.
async fn name_of(api: &Api, request: &Request, member: &StaffMember) -> Result<Option<String>, Problem> {
    let name = opened(api, request.tenant, &member.name).await?;
    Ok(name.map(|name| name.expose().to_owned()))
}

async fn email_of(api: &Api, request: &Request, member: &StaffMember) -> Result<String, Problem> {
    let email = opened(api, request.tenant, &member.email).await?;
    Ok(email.map_or_else(|| ERASED.to_owned(), |email| email.expose().to_owned()))
}
