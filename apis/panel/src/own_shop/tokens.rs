//! `/admin/tokens`: an administrator makes a token of the shop's API, which is shown once.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::tenant::{TokenBody, TokenContent, schemas, token_content},
    problem::{Code, FieldError},
    refusals,
    staff::SHOP_PANEL,
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    shop_tokens,
    writes::NotDecided,
};
use http::{Method, StatusCode};

use super::{Asked, draw, model, origin};
use crate::{
    answer,
    frame::{Frame, Message, Wrong},
};

/// Characters of a label: it is read in a list.
const LABEL_CHARS: usize = 60;

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(super) fn route() -> Route {
    Route::new(Method::POST, "/admin/tokens", issue)
        .page()
        .for_session(Access::write(Area::Tokens))
        .takes_own_form()
        .problems(&[409, 422])
        .says("Makes a token of the shop's API, and shows it once.")
}

/// The page with a token.
#[derive(Template)]
#[template(path = "own_shop/token.html")]
struct Page<'a> {
    frame: &'a Frame,
    label: &'a str,
    token: &'a str,
    /// The beginning of the shop's addresses.
    origin: String,
    /// False while it is still to be decided.
    is_good: bool,
}

async fn issue(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = Frame::around(&api, &request, "").await?;
    let shop = frame.house.shop.as_ref().ok_or_else(Problem::no_such_address)?;
    if let Some(closed) = model::closed(shop.status) {
        let message = Message { frame: &frame, title: "Não foi feito", text: closed, back: Some(SHOP_PANEL) };
        return answer::page(StatusCode::CONFLICT, message.html());
    }
    let content = match content(&request) {
        Ok(content) => content,
        Err(problem) => return again(&api, &request, problem).await,
    };
    // Of the form's key: sent again, the form shows the same token.
    let issued = shop_tokens::issue(&api, &request, request.tenant, &content).await?;
    let is_good = match issued.decided {
        Ok(_) => true,
        // It is shown now or never.
        Err(NotDecided::Pending(_)) => false,
        Err(not_decided) => return answer::not_decided(&frame, SHOP_PANEL, not_decided),
    };
    let (label, token) = (&content.label, &issued.token);
    let page = Page { frame: &frame, label, token, origin: origin(&api, &request, shop), is_good };
    answer::page(StatusCode::OK, page.render())
}

/// The token that the form asks for, or what is wrong with it.
fn content(request: &Request) -> Result<TokenContent, Problem> {
    let body = request.form.body::<TokenBody>(&BODIES, "TokenBody")?;
    if body.label.as_deref().is_some_and(|label| label.chars().count() > LABEL_CHARS) {
        let detail = refusals::too_long("A etiqueta", LABEL_CHARS);
        return Err(Problem::fields(vec![FieldError::new("/label", Code::TooLong, detail)]));
    }
    token_content(body).map_err(Problem::fields)
}

/// The first page with what is wrong, and what was typed.
async fn again(api: &Api, request: &Request, problem: Problem) -> Result<Response, Problem> {
    let label = request.form.text("/label").unwrap_or_default().to_owned();
    let code = problem.status();
    draw(api, request, code, Asked { label, wrong: Wrong(problem.errors) }).await
}
