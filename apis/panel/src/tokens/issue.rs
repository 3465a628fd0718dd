//! The form of a token, and the page that shows it once.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::tenant::{TokenBody, TokenContent, schemas, token_content},
    problem::{Code, FieldError},
    refusals,
};
use feira_web::{
    context::Api, json::Schemas, problem::Problem, reply::Response, routing::Request, shop_tokens, team::Giver,
    writes::NotDecided,
};
use http::StatusCode;

use super::model;
use crate::{
    answer,
    frame::{Frame, Wrong},
    own_shop::origin,
    permissions::{Picker, ticked},
};

/// Characters of a label: it is read in a list.
const LABEL_CHARS: usize = 60;
/// The input that says how much a token may do, with the words for everything, and for what is ticked alone.
const REACH: &str = "reach";
const EVERYTHING: &str = "all";
const CHOSEN: &str = "chosen";

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

/// The form.
#[derive(Template)]
#[template(path = "tokens/new.html")]
struct Form<'a> {
    frame: &'a Frame,
    label: &'a str,
    /// True for who may give a token everything.
    may_all: bool,
    /// The word of the reach that is chosen; another one chooses none.
    reach: &'a str,
    picker: Picker,
    wrong: Wrong,
    refused: Option<String>,
}

/// The page with a token.
#[derive(Template)]
#[template(path = "tokens/token.html")]
struct Page<'a> {
    frame: &'a Frame,
    label: &'a str,
    token: &'a str,
    /// What it may do, in words.
    may: String,
    makes_products: bool,
    /// The beginning of the shop's addresses.
    origin: String,
    /// False while it is still to be decided.
    is_good: bool,
}

pub(super) async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, Wrong::default(), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let session = request.session()?;
    let frame = Frame::around(api, request, "tokens").await?;
    let house = frame.house.audience.kind();
    let may_all = Giver::of(session) == Giver::Everything;
    let page = Form {
        frame: &frame,
        label: request.form.text("/label").unwrap_or_default(),
        may_all,
        reach: reach(request),
        picker: Picker::new(
            "/scopes",
            "Permissões do token",
            house,
            &ticked(&request.form, "/scopes"),
            &session.permissions,
        ),
        wrong,
        refused,
    };
    answer::page(code, page.render())
}

/// The form with what is wrong, or why no token is made, and all that was typed. What is a fault of our own is no matter of the form.
async fn again(api: &Api, request: &Request, problem: Problem) -> Result<Response, Problem> {
    let status = problem.status();
    if !status.is_client_error() {
        return Err(problem);
    }
    let refused = problem.errors.is_empty().then(|| problem.detail.clone());
    let headers = problem.headers.clone();
    let mut response = draw(api, request, status, Wrong(problem.errors), refused).await?;
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The word for how much a token is to do: everything where that is left out.
fn reach(request: &Request) -> &str {
    request.form.said(REACH).unwrap_or(EVERYTHING)
}

pub(super) async fn issue(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::around(&api, &request, "tokens").await?;
    let shop = frame.house.shop.as_ref().ok_or_else(Problem::no_such_address)?;
    let content = match asked(&request) {
        Ok(content) => content,
        Err(problem) => return again(&api, &request, problem).await,
    };
    // Of the form's key: sent again, the form shows the same token.
    let issued = match shop_tokens::issue(&api, &request, request.tenant, &content).await {
        Ok(issued) => issued,
        // It would do more than who makes it.
        Err(problem) => return again(&api, &request, problem).await,
    };
    let is_good = match issued.decided {
        Ok(_) => true,
        // It is shown now or never.
        Err(NotDecided::Pending(_)) => false,
        Err(NotDecided::Problem(problem)) => return again(&api, &request, problem).await,
    };
    let scopes = content.scopes.as_deref();
    let page = Page {
        frame: &frame,
        label: &content.label,
        token: &issued.token,
        may: model::may(scopes),
        makes_products: model::makes_products(scopes),
        origin: origin(&api, &request, shop),
        is_good,
    };
    answer::page(StatusCode::OK, page.render())
}

/// The token that the form asks for, or what is wrong with it.
fn asked(request: &Request) -> Result<TokenContent, Problem> {
    let body = request.form.body::<TokenBody>(&BODIES, "TokenBody")?;
    if body.label.as_deref().is_some_and(|label| label.chars().count() > LABEL_CHARS) {
        let detail = refusals::too_long("A etiqueta", LABEL_CHARS);
        return Err(Problem::fields(vec![FieldError::new("/label", Code::TooLong, detail)]));
    }
    let is_chosen = match reach(request) {
        EVERYTHING => false,
        CHOSEN => true,
        _ => {
            let detail = "Escolha se o token pode tudo ou só o que está marcado.";
            return Err(Problem::fields(vec![FieldError::new("/reach", Code::Invalid, detail)]));
        }
    };
    // Of boxes that nobody ticked a form says nothing: that is no scope, and not every one.
    let scopes = is_chosen.then(|| ticked(&request.form, "/scopes"));
    token_content(TokenBody { scopes, ..body }).map_err(Problem::fields)
}
