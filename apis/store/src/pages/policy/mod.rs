//! `/policies/{policy}`: what the shop has written of returns, of privacy, or its terms of use.

mod model;

use std::sync::Arc;

use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

use super::{
    super::{answer, shop::unreadable},
    error::{Missing, missing},
    frame::frame,
    seller::Policy,
};

pub use model::{PolicyPage, paragraphs, render};

pub(super) fn route() -> Route {
    Route::get("/policies/{policy}", policy)
        .says("Shows one of the shop's policies: `returns`, `privacy` or `terms`.")
        .page()
        .problems(&[409])
}

async fn policy(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame(&api, &request).await?;
    let Some(policy) = Policy::named(request.param(0)) else {
        return missing(&api, &request, &frame, Missing::Page).await;
    };
    let policies = api.readers.storefront.policies(request.tenant).await.map_err(unreadable)?;
    let Some(text) = policies.as_ref().and_then(|policies| policy.text(policies)) else {
        return missing(&api, &request, &frame, Missing::Page).await;
    };
    let page = PolicyPage { shop: &frame.shop, policy, paragraphs: paragraphs(text) };
    answer::page(&request, render(&page))
}
