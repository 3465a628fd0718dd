//! `/operator/shops/new`: a shop is made by the door by which the API makes it, and its first administrator is invited; who was not, or somebody
//! else, is invited from the shop's page. The link is shown once.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::{
        staff::{self, StaffBody, StaffContent, staff_content},
        tenant::{self, TenantBody, tenant_content},
    },
    ids::TenantId,
    problem::{Code, FieldError},
    records::common::CommandMeta,
    rows::admin::TenantRow,
};
use feira_web::{
    context::Api,
    json::{self, Schemas},
    opening::opened,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    team,
    tenants::{self, Provisioned},
    writes::{self, NotDecided, Pending},
};
use http::{Method, StatusCode};
use serde_json::json;

use super::{asks, does, found, page_of};
use crate::{
    answer,
    format::moment,
    frame::{ERASED, Frame, SENT_OFF, Wrong},
};

/// The page that lists the shops.
const LIST: &str = "/operator";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new([tenant::schemas(), staff::schemas()].concat()));

pub(super) fn routes() -> Vec<Route> {
    vec![
        asks(Route::get("/operator/shops/new", show_new)).says("Shows the form of a new shop."),
        does(Route::new(Method::POST, "/operator/shops", create)).says(
            "Makes a shop, invites its first administrator, and shows the link by which a password is chosen, once.",
        ),
        asks(Route::get("/operator/shops/{id}/staff/new", show_invite))
            .says("Shows the form by which somebody is invited to administer a shop."),
        does(Route::new(Method::POST, "/operator/shops/{id}/staff", invite))
            .says("Invites somebody to administer a shop, and shows the link by which a password is chosen, once."),
    ]
}

/// What is typed into either form.
#[derive(Debug, Default)]
struct Typed {
    subdomain: String,
    name: String,
    email: String,
}

impl Typed {
    fn sent(request: &Request) -> Self {
        let text = |name| request.form.text(name).unwrap_or_default().trim().to_owned();
        Self { subdomain: text("/subdomain"), name: text("/name"), email: text("/email") }
    }
}

/// What a form says where it is shown again.
#[derive(Debug, Default)]
struct Said {
    wrong: Wrong,
    refused: Option<String>,
}

impl Said {
    /// What is wrong, at its field where one is to blame. That a name is another's is a matter of the sub-domain.
    fn of(problem: Problem) -> Self {
        match problem.code {
            Code::NameTaken if problem.errors.is_empty() => {
                let error = FieldError::new("/subdomain", problem.code, problem.detail);
                Self { wrong: Wrong(vec![error]), refused: None }
            }
            _ => {
                let refused = problem.errors.is_empty().then(|| problem.detail.clone());
                Self { wrong: Wrong(problem.errors), refused }
            }
        }
    }
}

/// The form of a new shop.
#[derive(Template)]
#[template(path = "shop/new.html")]
struct New<'a> {
    frame: &'a Frame,
    domain: &'a str,
    typed: Typed,
    said: Said,
}

/// The form of an invitation.
#[derive(Template)]
#[template(path = "shop/invite.html")]
struct Invite<'a> {
    frame: &'a Frame,
    shop: &'a str,
    /// The shop's page.
    back: &'a str,
    typed: Typed,
    said: Said,
}

/// The page with a link, which is shown once.
#[derive(Template)]
#[template(path = "shop/link.html")]
struct LinkPage<'a> {
    frame: &'a Frame,
    /// True if the shop was made just now.
    is_new: bool,
    subdomain: &'a str,
    /// The shop's page.
    back: String,
    person: String,
    link: &'a str,
    until: String,
    /// True if a mail with this link goes to the person.
    mailed: bool,
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw_new(&api, &request, StatusCode::OK, Said::default()).await
}

async fn draw_new(api: &Api, request: &Request, code: StatusCode, said: Said) -> Result<Response, Problem> {
    let frame = Frame::around(api, request, "shops").await?;
    let (domain, typed) = (api.config.platform_domain.as_str(), Typed::sent(request));
    answer::page(code, New { frame: &frame, domain, typed, said }.render())
}

/// The shop and its first administrator as they were typed, or everything that is wrong with either.
fn contents(request: &Request) -> Result<(TenantBody, StaffContent), Problem> {
    let Typed { subdomain, name, email } = Typed::sent(request);
    let shop = json::typed::<TenantBody>(&BODIES, json!({"subdomain": subdomain, "name": name}), "TenantBody");
    let shop = shop.and_then(|body| tenant_content(&body).map(|_| body).map_err(Problem::from));
    let person = json::typed::<StaffBody>(&BODIES, json!({"email": email}), "StaffBody");
    let person = person.and_then(|body| staff_content(body).map_err(Problem::fields));
    match (shop, person) {
        (Ok(shop), Ok(person)) => Ok((shop, person)),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
        (Err(of_shop), Err(of_person)) => Err(Problem::fields([of_shop.errors, of_person.errors].concat())),
    }
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (shop, person) = match contents(&request) {
        Ok(contents) => contents,
        Err(problem) => return draw_new(&api, &request, problem.status(), Said::of(problem)).await,
    };
    let Provisioned { tenant_id, subdomain, .. } = match tenants::provision(&api, &request, &shop, false).await {
        Ok(made) => made,
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            return draw_new(&api, &request, problem.status(), Said::of(problem)).await;
        }
        Err(NotDecided::Pending(pending)) => return being_made(&api, &pending).await,
        Err(not_decided) => {
            return answer::not_decided(&Frame::around(&api, &request, "shops").await?, LIST, not_decided);
        }
    };
    let page = format!("/operator/shops/{tenant_id}");
    // The form's key has made the shop by a command of that id, which is answered once: the invitation is another one.
    let invitation = match writes::personal_meta_of_part(&api, &request, tenant_id, "staff") {
        Ok(meta) => invited(&api, &request, &subdomain, (meta, person), true).await,
        Err(problem) => Err(problem.into()),
    };
    match invitation {
        Ok(shown) => Ok(shown),
        Err(NotDecided::Pending(_)) => Ok(answer::done(&page, SENT_OFF)),
        // The shop is there, whatever became of the invitation.
        Err(NotDecided::Problem(_)) => Ok(answer::done(&page, "shop-alone")),
    }
}

/// Nobody is invited to a shop that is still to be made. Its page says so, and invites once it is open; while there is none yet, the list
/// says it. The shop's id is the command's.
async fn being_made(api: &Api, pending: &Pending) -> Result<Response, Problem> {
    let tenant_id = TenantId::from_uuid(pending.command.uuid());
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant_id)).await?;
    let page = row.map_or_else(|| LIST.to_owned(), |row| page_of(&row.tenant));
    Ok(answer::done(&page, "shop-waits"))
}

/// Invites somebody to a shop by a command of this meta, and shows the link.
async fn invited(
    api: &Api,
    request: &Request,
    subdomain: &str,
    (meta, content): (CommandMeta, StaffContent),
    is_new: bool,
) -> Result<Response, NotDecided> {
    let tenant = meta.tenant_id;
    let (member, decided) = team::invite_by(api, request, meta, content).await?;
    // Of the decision's time: sent again with its key, the form shows the same link.
    let made_at = decided.position.write_ts;
    let (link, until) = team::link_to_shop_of(api, request, (tenant, subdomain), &member, made_at);
    let email = opened(api, tenant, &member.email).await?;
    let page = LinkPage {
        frame: &Frame::around(api, request, "shops").await?,
        is_new,
        subdomain,
        back: format!("/operator/shops/{tenant}"),
        person: email.map_or_else(|| ERASED.to_owned(), |email| email.expose().to_owned()),
        link: &link,
        until: moment(until),
        mailed: team::is_written_to(&decided),
    };
    Ok(answer::page(StatusCode::OK, page.render())?)
}

async fn show_invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw_invite(&api, &request, StatusCode::OK, Said::default()).await
}

async fn draw_invite(api: &Api, request: &Request, code: StatusCode, said: Said) -> Result<Response, Problem> {
    let (shop, name) = found(api, request).await?;
    let (frame, back, typed) = (Frame::around(api, request, "shops").await?, page_of(&shop), Typed::sent(request));
    answer::page(code, Invite { frame: &frame, shop: &name, back: &back, typed, said }.render())
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = tenants::present(&api, &request).await?;
    let body = request.form.body::<StaffBody>(&BODIES, "StaffBody");
    let shown = match body.and_then(|body| staff_content(body).map_err(Problem::fields)) {
        Ok(content) => {
            let meta = writes::personal_meta(&api, &request, shop.tenant_id)?;
            invited(&api, &request, &shop.subdomain, (meta, content), false).await
        }
        Err(problem) => Err(problem.into()),
    };
    match shown {
        Ok(shown) => Ok(shown),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            draw_invite(&api, &request, problem.status(), Said::of(problem)).await
        }
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "shops").await?, &page_of(&shop), not_decided)
        }
    }
}
