//! The outcome of a command of the shop's staff that was answered with 202.

use std::sync::Arc;

use feira_schemas::{
    ids::{CommandId, ImageId},
    problem::Code,
    records::admin::entity,
    topics::Context,
};
use feira_web::{
    commands::{Became, became, done, pending, shown},
    context::Api,
    payments::Opener,
    problem::Problem,
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    writes::Decided,
};
use http::{HeaderValue, header};
use serde_json::Value;

use super::kinds::json_of;

/// An image is a part of its product, and so is a command on it: the 202's address says which part the write was about.
const IMAGE: Parameter = Parameter::new(
    "picture",
    Kind::Text(64),
    "The id of the image that the write was about; the 202 has it in its `Location` where there is one.",
);

/// The routes of commands.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/commands/{id}", read)
            .for_staff(Access::read(Area::Own))
            .query([IMAGE])
            .gives(200, "Whether the write is decided yet and, if so, what it answered.", json_of("Command"))
            .problems(&[409])
            .says("Tells what became of a write that was answered with 202."),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: CommandId = request.id(0, "O pedido")?;
    let image = match request.query.text("picture") {
        Some(text) => Some(text.parse::<ImageId>().map_err(|_| no_image())?),
        None => None,
    };
    match became(&api, &request, request.tenant, id).await? {
        Some(Became::Done(result, context)) => {
            let result = Opener::of(&api, &request).opened(*result, context).await?;
            let is_seen = sees(&request, result.entity.as_deref(), context);
            let of_decided = |decided: &Decided| if is_seen { shown(decided, image) } else { Value::Null };
            let mut response = reply::json(&done(result, context, of_decided));
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(response)
        }
        Some(Became::Pending) => Ok(reply::json(&pending(id))),
        None => Err(Problem::not_found("O pedido")),
    }
}

/// True if who asks may see what a command answered with: whose token sees no area of it learns of its outcome alone.
fn sees(request: &Request, shown: Option<&str>, context: Context) -> bool {
    let area = match (context, shown) {
        (Context::Payments, _) => Area::Payments,
        (Context::Store, _) => Area::Stock,
        (_, Some(entity::STAFF | entity::STAFF_GROUP)) => Area::Team,
        (_, Some(entity::TOKEN)) => Area::Tokens,
        (_, Some(entity::PRODUCT | entity::CATEGORY)) => Area::Catalogue,
        (_, Some(entity::SETTINGS)) => Area::Settings,
        (Context::Admin | Context::Signup | Context::Directory, _) => Area::Own,
    };
    request.staff.as_ref().is_some_and(|staff| staff.has(Access::read(area)))
}

fn no_image() -> Problem {
    Problem::parameter("/query/picture", Code::Malformed, "O parâmetro «picture» é o id de uma imagem.")
}
