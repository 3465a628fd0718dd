//! `/admin/tokens`: the tokens of a shop's API, which are made and ended here. A token is shown once, when it is made.

mod issue;
mod model;

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    access::{Access, House},
    api::tenant::token_id,
    records::admin::{Token, TokenStatus},
};
use feira_web::{
    context::Api,
    cursor,
    opening::opened,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    sessions::Area,
    shop_tokens, team,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    audience::SHOP,
    format::day,
    frame::{Confirm, DONE, ERASED, Frame},
    shop::Status,
};

const ALL: &str = "/admin/tokens";
const REVOKE: &str = "/admin/tokens/{id}/revoke";

pub(crate) fn routes() -> Vec<Route> {
    let asks = |route: Route, access: Access| route.page().for_session(access).problems(&[409]);
    let does = |route: Route| SHOP.does(route, Access::write(Area::Tokens));
    let (sees, changes) = (Access::read(Area::Tokens), Access::write(Area::Tokens));
    vec![
        asks(Route::get(ALL, show), sees)
            .query([reads::AFTER, reads::LIMIT, DONE])
            .says("Shows the tokens of the shop's API, the newest first."),
        asks(Route::get("/admin/tokens/new", issue::show), changes).says("Shows the form of a new token."),
        does(Route::new(Method::POST, ALL, issue::issue)).says("Makes a token of the shop's API, and shows it once."),
        asks(Route::get(REVOKE, ask_revoke), changes).says("Asks whether a token is to be ended."),
        does(Route::new(Method::POST, REVOKE, revoke)).says("Ends a token."),
    ]
}

/// A token of the list.
struct Listed {
    /// The beginning of its hash, by which records name it.
    id: String,
    label: String,
    may: String,
    since: String,
    /// Who has made it; none of one that was made before that was kept.
    maker: Option<String>,
    status: Status,
    is_active: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "tokens/tokens.html")]
struct List<'a> {
    frame: &'a Frame,
    tokens: Vec<Listed>,
    next: Option<String>,
    may_change: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let key = |token: &Token| (-token.created_at, token.token_hash.clone());
    let mut all = shop_tokens::all(&api, &request).await?;
    all.sort_by_key(key);
    let after = request.query.text(reads::AFTER.name);
    let (page, next) = cursor::page(&all, key, "tokens", after, reads::limit(&request))?;
    let frame = Frame::around(&api, &request, "tokens").await?;
    let may_change = request.session()?.may(Access::write(Area::Tokens));
    let mut tokens = Vec::with_capacity(page.len());
    for token in page {
        tokens.push(listed(&api, &request, token).await?);
    }
    let page = List { frame: &frame, tokens, next, may_change };
    answer::page(StatusCode::OK, page.render())
}

async fn listed(api: &Api, request: &Request, token: &Token) -> Result<Listed, Problem> {
    let is_active = token.status == TokenStatus::Active;
    let scopes = token.scopes.as_deref().map(|scopes| Access::known(scopes, House::Shop));
    let maker = match &token.made_by {
        Some(actor) => Some(maker(api, request, actor).await?),
        None => None,
    };
    Ok(Listed {
        id: token_id(&token.token_hash).to_owned(),
        label: token.label.clone(),
        may: model::may(scopes.as_deref()),
        since: day(token.created_at),
        maker,
        status: model::status(token.status),
        is_active,
    })
}

/// Who an actor is, in words: a member of the shop's staff by its name.
async fn maker(api: &Api, request: &Request, actor: &str) -> Result<String, Problem> {
    let Some(staff_id) = model::member(actor) else { return Ok(model::maker(actor).to_owned()) };
    match team::member(api, request.tenant, staff_id).await? {
        Some(member) => {
            let name = opened(api, request.tenant, &member.name).await?;
            Ok(name.map_or_else(|| ERASED.to_owned(), |name| name.expose().to_owned()))
        }
        // Nobody of the shop's own, so one of the platform's.
        None => Ok(model::PLATFORM.to_owned()),
    }
}

async fn ask_revoke(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let token = shop_tokens::present(&api, &request).await?;
    let frame = Frame::around(&api, &request, "tokens").await?;
    let title = format!("Encerrar o token «{}»?", token.label);
    let text = "O sistema que usa este token deixa de entrar na API na hora. Um token encerrado não volta.";
    let action = format!("{ALL}/{}/revoke", token_id(&token.token_hash));
    let page =
        Confirm { frame: &frame, title: &title, text, action: &action, word: "Encerrar", risky: true, back: ALL };
    answer::page(StatusCode::OK, page.html())
}

async fn revoke(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let token = shop_tokens::present(&api, &request).await?;
    match shop_tokens::revoke(&api, &request, &token).await {
        Ok(_) => Ok(answer::done(ALL, "token-ended")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "tokens").await?, ALL, not_decided),
    }
}
