//! `forgot` below a panel's path: a mail with a link, for who has forgotten the password. The answer is the same, and takes the
//! same time, whoever the address is of, so that nobody learns by it who is of the staff.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    problem::{Code, FieldError},
    staff::normalised_email,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Allowed, Attempt},
    team,
};
use http::{Method, StatusCode};

use crate::{
    answer,
    audience::{Audience, House},
    frame::{Frame, MAILED, Wrong},
    login::NO_ADDRESS,
};

pub(crate) fn routes() -> Vec<Route> {
    Audience::ALL.into_iter().flat_map(routes_of).collect()
}

fn routes_of(audience: Audience) -> [Route; 2] {
    [
        audience
            .puts(Route::get(audience.forgot, show))
            .page()
            .says("Shows the form by which a member of the staff asks for a link to another password."),
        audience
            .puts(Route::new(Method::POST, audience.forgot, submit))
            .page()
            .gives(303, "The log-in, whoever the address is of: its member, if there is one, gets a mail.", None)
            .with_headers(&["Location"])
            .takes_own_form()
            .says("Has a mail sent with a link by which a member chooses another password."),
    ]
}

/// The page.
#[derive(Template)]
#[template(path = "forgot/forgot.html")]
struct Page<'a> {
    frame: &'a Frame,
    email: &'a str,
    /// What is wrong with all of it.
    refused: Option<String>,
    wrong: Wrong,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    draw(&api, &request, house, StatusCode::OK, None, Wrong::default())
}

async fn submit(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let house = House::of(&api, &request).await?;
    let Ok(address) = normalised_email(request.form.text("/email").unwrap_or_default()) else {
        let wrong = Wrong(vec![FieldError::new("/email", Code::Invalid, NO_ADDRESS)]);
        return draw(&api, &request, house, StatusCode::UNPROCESSABLE_ENTITY, None, wrong);
    };
    if let Allowed::In(seconds) = Attempt::to_ask(&api, request.tenant, request.client).await? {
        let refused = Some(answer::too_many(seconds));
        let page = draw(&api, &request, house, StatusCode::TOO_MANY_REQUESTS, refused, Wrong::default());
        return answer::wait(page, seconds);
    }
    team::ask_link(&api, &request, &address).await?;
    Ok(answer::done(house.audience.login, MAILED))
}

fn draw(
    api: &Api,
    request: &Request,
    house: House,
    status: StatusCode,
    refused: Option<String>,
    wrong: Wrong,
) -> Result<Response, Problem> {
    let (frame, visitor) = Frame::of_visitor(api, request, house);
    let email = request.form.text("/email").unwrap_or_default();
    let mut response = answer::page(status, Page { frame: &frame, email, refused, wrong }.render())?;
    answer::set_cookie(&mut response, visitor.set);
    Ok(response)
}
