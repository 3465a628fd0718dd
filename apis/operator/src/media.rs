//! Taking down an image: its files leave the store at once.

use std::sync::Arc;

use feira_schemas::ids::ImageId;
use feira_streams::images;
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{Method, StatusCode};

/// The route by which the operator takes an image down.
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::DELETE, "/api/operator/v1/tenants/{id}/media/{image}", take_down)
            .for_operator()
            .gives(204, "The files of the image are removed.", None)
            .says(
                "Removes the files of a shop's image at once, by its id, be it shown or taken away by the shop before, whose files \
                 stay for 30 days otherwise. A product that has it shows it no more.",
            ),
    ]
}

async fn take_down(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = hosts::named(&api.platform.state, request.param(0)).await?;
    let tenant = tenant.ok_or_else(|| Problem::not_found("A loja"))?;
    let image: ImageId = request.id(1, "A imagem")?;
    if images::remove(&api.platform.files, tenant, image).await? == 0 {
        return Err(Problem::not_found("A imagem"));
    }
    tracing::info!(tenant.id = %tenant, image.id = %image, "an image was taken down");
    Ok(reply::empty(StatusCode::NO_CONTENT))
}
