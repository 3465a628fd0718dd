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
    let id: CommandId = request.id(0, "A solicitação")?;
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
        None => Err(Problem::not_found("A solicitação")),
    }
}

/// True if who asks may see what a command answered with: whose token sees no area of it learns of its outcome alone.
fn sees(request: &Request, shown: Option<&str>, context: Context) -> bool {
    let Some(staff) = &request.staff else { return false };
    staff.has_all || area_of(shown, context).is_some_and(|area| staff.has(Access::read(area)))
}

/// The area of what a command of a context answered with; none of what is not known here, which only who holds everything sees.
fn area_of(shown: Option<&str>, context: Context) -> Option<Area> {
    Some(match (context, shown) {
        (Context::Payments, _) | (Context::Admin, Some(entity::SHOP_METHOD)) => Area::Payments,
        (Context::Store, _) => Area::Stock,
        (Context::Admin, Some(entity::STAFF | entity::STAFF_GROUP)) => Area::Team,
        (Context::Admin, Some(entity::TOKEN)) => Area::Tokens,
        (Context::Admin, Some(entity::SHIPPING)) => Area::Shipping,
        (Context::Admin, Some(entity::PRODUCT | entity::CATEGORY | entity::PRODUCT_METHOD)) => Area::Catalogue,
        (Context::Admin, Some(entity::COUPON)) => Area::Coupons,
        (Context::Admin, Some(entity::SETTINGS)) => Area::Settings,
        (Context::Admin, Some(entity::DOMAIN)) => Area::Settings,
        // The shop's address and state, which everybody knows who asks it.
        (Context::Admin, Some(entity::TENANT)) => Area::Own,
        (Context::Admin | Context::Signup | Context::Directory, _) => return None,
    })
}

fn no_image() -> Problem {
    Problem::parameter("/query/picture", Code::Malformed, "O parâmetro «picture» é o id de uma imagem.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s48_what_a_command_answered_with_is_of_the_area_that_its_write_asks_for() {
        for (context, shown, area) in [
            (Context::Admin, Some(entity::SHOP_METHOD), Some(Area::Payments)),
            (Context::Admin, Some(entity::PRODUCT_METHOD), Some(Area::Catalogue)),
            (Context::Admin, Some(entity::STAFF_GROUP), Some(Area::Team)),
            (Context::Admin, Some(entity::COUPON), Some(Area::Coupons)),
            (Context::Admin, Some(entity::DOMAIN), Some(Area::Settings)),
            (Context::Admin, Some(entity::SHIPPING), Some(Area::Shipping)),
            (Context::Admin, Some(entity::TENANT), Some(Area::Own)),
            (Context::Payments, None, Some(Area::Payments)),
            // Nobody knows what it is.
            (Context::Admin, Some("order"), None),
            (Context::Admin, None, None),
            (Context::Signup, Some("subscription"), None),
        ] {
            assert_eq!(area_of(shown, context), area, "{context}: {shown:?}");
        }
    }
}
