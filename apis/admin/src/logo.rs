//! The routes of a shop's logo.

use std::sync::Arc;

use bytes::Bytes;
use feira_schemas::{
    api::settings::logo_json,
    problem::Code,
    records::{
        AdminCommand,
        admin::{ChangeLogo, Logo},
    },
    topics::Context,
};
use feira_streams::images;
use feira_web::{
    context::Api,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    settings::ONE as SETTINGS,
    writes::{self, Decided, NotDecided},
};
use http::{Method, StatusCode};

use super::{
    kinds::{changing, reading, removing},
    settings,
    uploads::{self, taking_an_image},
};

const ONE: &str = "/api/admin/v1/logo";

/// The routes of the logo.
pub fn routes() -> Vec<Route> {
    let put =
        |method| taking_an_image(changing(Route::new(method, ONE, put), Access::write(Area::Settings), "Settings"));
    vec![
        reading(Route::get(ONE, read), Area::Settings, "Logo").says("Reads the shop's logo."),
        put(Method::PUT).says("Sets the logo: the file as the body, or as a form with the field file."),
        put(Method::POST).says("Sets the logo, as PUT does."),
        removing(Route::new(Method::DELETE, ONE, delete), Access::write(Area::Settings)).says("Removes the logo."),
    ]
}

/// Keeps a file and makes it the logo of the request's shop.
pub async fn submit(api: &Api, request: &Request, file: Bytes) -> Result<Decided, NotDecided> {
    let mut meta = writes::meta(api, request, request.tenant)?;
    // POST and PUT are one operation, and a form's boundary differs each time it is sent.
    meta.body_hash = writes::hash_of(api, request, &[&file])?;
    let files = &api.platform.files;
    let id = images::image_id(meta.command_id, &meta.body_hash);
    let image = images::keep(&api.platform, request.tenant, id, file).await.map_err(Problem::from)?;
    let logo = Logo {
        image_id: id,
        content_type: image.content_type.to_owned(),
        width: i32::try_from(image.width).ok(),
        height: i32::try_from(image.height).ok(),
    };
    let sent = writes::send(api, request, AdminCommand::ChangeLogo(ChangeLogo { meta, logo: Some(logo) })).await;
    if let Err(NotDecided::Problem(problem)) = &sent
        && uploads::is_final(problem)
    {
        images::forget(files, request.tenant, id, image.content_type).await;
    }
    sent
}

/// Removes the logo of the request's shop.
///
/// # Errors
/// 404 where it has none.
pub async fn remove(api: &Api, request: &Request) -> Result<Decided, NotDecided> {
    reads::point(api, request, Context::Admin).await?;
    let meta = writes::meta(api, request, request.tenant)?;
    let sent = writes::send(api, request, AdminCommand::ChangeLogo(ChangeLogo { meta, logo: None })).await;
    sent.map_err(|not_decided| match not_decided {
        NotDecided::Problem(problem) if problem.code == Code::NotFound => Problem::not_found("O logotipo").into(),
        other => other,
    })
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let settings = settings::load(&api, &request).await?;
    let logo = settings.logo.as_ref().ok_or_else(|| Problem::not_found("O logotipo"))?;
    Ok(reply::entity(&request.headers, &logo_json(logo), settings.version))
}

async fn put(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let upload = uploads::read(&request).await?;
    writes::answer(submit(&api, &request, upload.file).await, |_| SETTINGS.to_owned())
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match remove(&api, &request).await {
        Ok(decided) => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}
