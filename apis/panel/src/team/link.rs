//! The link by which a member chooses a password: it is shown once.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    ids::Micros,
    records::admin::{StaffMember, StaffStatus},
    refusals,
    staff::permissions_of,
    time::HOUR,
};
use feira_web::{
    context::Api,
    groups,
    problem::Problem,
    reply::Response,
    routing::Request,
    team::{self, Giver},
};
use http::StatusCode;

use super::{all_of, model, name_of, page_of};
use crate::{
    answer,
    frame::{ERASED, Frame, Message},
    permissions::said,
};

/// The page with a link, which is shown once.
#[derive(Template)]
#[template(path = "team/link.html")]
struct Page<'a> {
    frame: &'a Frame,
    all: &'a str,
    name: &'a str,
    roles: String,
    groups: String,
    /// What the member may do, in words.
    may: String,
    was_invited: bool,
    link: &'a str,
    lasts: String,
    mailed: bool,
}

/// What is shown beside a link.
pub(super) struct Shown {
    /// True for who was invited before, and keeps what it was given then.
    pub was_invited: bool,
    /// The time from which the link's life counts.
    pub made_at: Micros,
    /// True if a mail with this link goes to the member.
    pub mailed: bool,
}

pub(super) async fn make(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        let (frame, back) = (Frame::around(&api, &request, "team").await?, page_of(&request, member.staff_id));
        let text = refusals::STAFF_DISABLED;
        let message = Message { frame: &frame, title: "Sem link", text, back: Some(&back) };
        return answer::page(StatusCode::CONFLICT, message.html());
    }
    let shown = Shown { was_invited: false, made_at: api.platform.now(), mailed: false };
    show(&api, &request, &member, shown).await
}

/// Shows a link once, with the name, role and groups that hold. Who has a link is the member, so only somebody who may do as much sees it.
pub(super) async fn show(
    api: &Api,
    request: &Request,
    member: &StaffMember,
    shown: Shown,
) -> Result<Response, Problem> {
    let frame = Frame::around(api, request, "team").await?;
    let giver = Giver::of(request.session()?);
    if let Err(problem) = team::check_over(giver, api, request, member).await {
        return answer::not_decided(&frame, all_of(request), problem.into());
    }
    let name = name_of(api, request, member).await?.unwrap_or_else(|| ERASED.to_owned());
    let (link, until) = match &frame.house.shop {
        Some(shop) => team::link_to_shop(api, request, shop, member, shown.made_at),
        None => team::link_to(api, request, member, shown.made_at),
    };
    let lasts = match (until - shown.made_at) / HOUR {
        hours if hours < 48 => format!("por {hours} horas"),
        hours => format!("por {} dias", hours / 24),
    };
    let (groups, house) = (groups::all(api, request).await?, frame.house.audience.kind());
    let page = Page {
        frame: &frame,
        all: all_of(request),
        name: &name,
        roles: model::roles_in_words(&member.roles),
        may: said(house, &permissions_of(member, &groups, house)),
        groups: model::names(&groups, &model::ids(member)),
        was_invited: shown.was_invited,
        link: &link,
        lasts,
        mailed: shown.mailed,
    };
    answer::page(StatusCode::OK, page.render())
}
