//! `/` on the platform's host: what it is, what it costs, and shops to look at.

use std::sync::Arc;

use askama::Template;
use feira_schemas::records::store::ShopStatus;
use feira_web::{
    context::{Api, Showcased},
    hosts::shop_origin,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use http::{HeaderMap, HeaderValue, header};

use crate::{
    answer,
    frame::{Frame, or_message},
    offers::Card,
    plans,
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/", home)
            .on_platform()
            .page()
            .says("Shows the platform's home page: what it is, its plans, and the demo shops, where there are any."),
    ]
}

/// A shop to look at.
struct Demo {
    name: String,
    address: String,
    host: String,
    tagline: String,
}

/// The page.
#[derive(Template)]
#[template(path = "landing/landing.html")]
struct Page<'a> {
    frame: &'a Frame,
    plans: Vec<Card>,
    demos: Vec<Demo>,
    /// The address of who operates the platform.
    contact: Option<&'a str>,
}

async fn home(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let drawn = draw(&api, &request).await;
    or_message(&api, drawn)
}

async fn draw(api: &Api, request: &Request) -> Result<Response, Problem> {
    let plans = plans::offered(api).await?.iter().map(Card::of).collect();
    let mut demos = Vec::new();
    for showcased in api.showcase.iter() {
        demos.extend(demo(api, request, showcased).await?);
    }
    let frame = Frame::of(api, "home");
    answer::open(request, Page { frame: &frame, plans, demos, contact: api.config.contact.as_deref() }.render())
}

/// A showcased shop, if it is there and open. Under its sub-domain another shop may live, which is not shown: it has another name.
async fn demo(api: &Api, request: &Request, showcased: &Showcased) -> Result<Option<Demo>, Problem> {
    let host = format!("{}.{}", showcased.subdomain, api.config.platform_domain);
    let name = HeaderValue::try_from(&host).map_err(Problem::internal)?;
    let headers = HeaderMap::from_iter([(header::HOST, name)]);
    let Some(tenant) = api.hosts.tenant(&api.platform.state, &headers).await? else { return Ok(None) };
    // What can't be read now is not shown; the page is there all the same.
    let Some(shop) = api.readers.storefront.shop(tenant).await.ok().flatten() else { return Ok(None) };
    if shop.status != ShopStatus::Open || shop.name != showcased.name {
        return Ok(None);
    }
    let origin = shop_origin(&request.headers, &api.config.platform_domain, &showcased.subdomain);
    let host = origin.split_once("://").map(|(_, host)| host.to_owned()).unwrap_or_default();
    let (address, tagline) = (format!("{origin}/"), shop.tagline.unwrap_or_default());
    Ok(Some(Demo { name: shop.name, address, host, tagline }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s01_s02_the_page_leads_to_each_plans_form_and_to_shops_and_says_nothing_that_is_typed_as_markup() {
        let card = Card {
            id: "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".into(),
            name: "<b>Básico".into(),
            price: "R$ 49,90".into(),
            cycle: "por mês".into(),
            lines: vec!["Para começar".into()],
            features: vec!["Loja própria".into()],
            limits: vec!["até 100 produtos".into()],
            methods: "Pix".into(),
        };
        let demo = Demo {
            name: "Moda".into(),
            address: "http://moda.localhost:8080/".into(),
            host: "moda.localhost:8080".into(),
            tagline: String::new(),
        };
        let frame = Frame::default();
        let page = Page { frame: &frame, plans: vec![card], demos: vec![demo], contact: Some("oi@feira.example") };
        let html = page.render().unwrap_or_default();
        assert!(html.contains("mailto:oi@feira.example"), "{html}");
        assert!(html.contains("href=\"/assinar/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e\""), "{html}");
        assert!(html.contains("href=\"http://moda.localhost:8080/\"") && html.contains("R$ 49,90"), "{html}");
        assert!(!html.contains("<b>Básico") && html.contains("&#60;b&#62;Básico"), "{html}");
        assert_eq!(html.matches("<h1").count(), 1);
        let empty = Page { frame: &frame, plans: Vec::new(), demos: Vec::new(), contact: None };
        let empty = empty.render().unwrap_or_default();
        assert!(!empty.contains("/assinar/") && empty.contains("assinaturas estão fechadas"), "{empty}");
    }
}
