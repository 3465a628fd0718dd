//! Inviting somebody to the staff.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::staff::{StaffBody, staff_content},
    records::common::Outcome,
    staff::role,
};
use feira_web::{context::Api, groups, problem::Problem, reply::Response, routing::Request, team, writes::NotDecided};
use http::StatusCode;

use super::{
    BODIES, all_of,
    link::{self, Shown},
    makes_administrators,
    model::Typed,
};
use crate::{
    answer,
    forms::Choice,
    frame::{Frame, Wrong},
    permissions::Picker,
};

/// The form of an invitation.
#[derive(Template)]
#[template(path = "team/invite.html")]
struct Page<'a> {
    frame: &'a Frame,
    all: &'a str,
    email: &'a str,
    name: &'a str,
    roles: Vec<Choice>,
    groups: Vec<Choice>,
    picker: Picker,
    wrong: Wrong,
    refused: Option<String>,
}

pub(super) async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let typed = Typed { role: role::MEMBER.to_owned(), ..Typed::default() };
    draw(&api, &request, StatusCode::OK, &typed, Wrong::default(), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    status: StatusCode,
    typed: &Typed,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let (held, groups) = (&request.session()?.permissions, groups::all(api, request).await?);
    let frame = Frame::around(api, request, "team").await?;
    let house = frame.house.audience.kind();
    let page = Page {
        frame: &frame,
        all: all_of(request),
        email: request.form.text("/email").unwrap_or_default(),
        name: typed.name.as_deref().unwrap_or_default(),
        roles: typed.roles(makes_administrators(request)?),
        groups: typed.choices(house, &groups),
        picker: Picker::new("/permissions", "Permissões além dos grupos", house, &typed.permissions, held),
        wrong,
        refused,
    };
    answer::page(status, page.render())
}

pub(super) async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = request.form.body::<StaffBody>(&BODIES, "StaffBody");
    let content = match body.and_then(|body| staff_content(body).map_err(Problem::fields)) {
        Ok(content) => content,
        Err(problem) => return again(&api, &request, problem).await,
    };
    match team::invite(&api, &request, request.tenant, content).await {
        // Of the decision's time: sent again with its key, the form shows the same link.
        Ok((member, decided)) => {
            let shown = Shown {
                was_invited: decided.outcome != Outcome::Created,
                made_at: decided.position.write_ts,
                mailed: team::is_written_to(&decided),
            };
            link::show(&api, &request, &member, shown).await
        }
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => again(&api, &request, problem).await,
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "team").await?, all_of(&request), not_decided)
        }
    }
}

/// The form with what is wrong and all that was typed.
async fn again(api: &Api, request: &Request, problem: Problem) -> Result<Response, Problem> {
    let refused = problem.errors.is_empty().then(|| problem.detail.clone());
    let (typed, status) = (Typed::sent(&request.form), problem.status());
    draw(api, request, status, &typed, Wrong(problem.errors), refused).await
}
