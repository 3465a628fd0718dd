//! `/admin/payment-methods`: by which methods a shop's buyers pay, and on what terms.

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::payment_method::method_word,
    records::{
        admin::{OfferedMethod, ShopMethod},
        payments::PaymentMethod,
    },
};
use feira_web::{
    context::Api,
    methods::{self, Listed},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::NotDecided,
};
use http::{Method, StatusCode};

use super::{
    Warning,
    filled::Filled,
    model::{self, OF_SHOP},
    terms::{self, Typed},
    warnings,
};
use crate::{
    answer,
    audience::SHOP,
    frame::{Confirm, DONE, Frame},
    shop::Status,
};

const ONE: &str = "/admin/payment-methods/{method}";
const REMOVE: &str = "/admin/payment-methods/{method}/remove";

pub(super) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Payments));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Payments));
    vec![
        shows(Route::get(OF_SHOP, show)).query([DONE]).says(
            "Shows the payment methods of a shop, what each offers, and what is missing before a buyer could pay.",
        ),
        shows(Route::get(ONE, show_one)).says("Shows the form of a payment method of a shop."),
        does(Route::new(Method::POST, ONE, save)).says("Sets how a shop's buyers pay by a method."),
        shows(Route::get(REMOVE, ask_remove)).says("Asks whether a payment method is to be taken out of a shop."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Takes a payment method out of a shop."),
    ]
}

/// A method of a list.
pub(super) struct Item {
    pub name: String,
    /// What it offers, in words.
    pub about: String,
    pub status: Status,
    /// The address of its form.
    pub address: String,
}

/// The list.
#[derive(Template)]
#[template(path = "methods/shop.html")]
struct Page<'a> {
    frame: &'a Frame,
    warnings: Vec<Warning>,
    methods: Vec<Item>,
}

/// The status of a method that the platform offers no more.
pub(super) const WITHDRAWN: Status = Status { word: "Fora da plataforma", look: "bad" };

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (configured, own) = (methods::configured(&api, &request).await?, methods::of_shop(&api, &request).await?);
    let (frame, warnings) = (Frame::around(&api, &request, "methods").await?, warnings(&api, &request).await?);
    let methods = listed(&configured, &own).into_iter().map(|listed| item(listed, &own)).collect();
    answer::page(StatusCode::OK, Page { frame: &frame, warnings, methods }.render())
}

fn listed(configured: &[OfferedMethod], own: &[ShopMethod]) -> Vec<Listed> {
    methods::listed(configured, |method| own.iter().any(|own| own.method == method))
}

fn item(listed: Listed, own: &[ShopMethod]) -> Item {
    let kept = own.iter().find(|own| own.method == listed.offer.method);
    let status = match kept {
        _ if !listed.offered => WITHDRAWN,
        Some(kept) if kept.active => Status { word: "Ativa", look: "good" },
        Some(_) => Status { word: "Inativa", look: "" },
        None => Status { word: "Sem condições", look: "" },
    };
    let none = || "Ninguém paga por ela até que você diga as condições.".to_owned();
    let about = kept.map_or_else(none, |kept| model::offers(&kept.terms));
    let address = format!("{OF_SHOP}/{}", method_word(listed.offer.method));
    Item { name: listed.offer.name, about, status, address }
}

/// The method that the path names, and what the shop says of it.
async fn present(api: &Api, request: &Request, method: PaymentMethod) -> Result<(Listed, Option<ShopMethod>), Problem> {
    let (configured, own) = (methods::configured(api, request).await?, methods::of_shop(api, request).await?);
    let found = listed(&configured, &own).into_iter().find(|listed| listed.offer.method == method);
    let found = found.ok_or_else(Problem::no_such_address)?;
    Ok((found, own.into_iter().find(|own| own.method == method)))
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (listed, kept) = present(&api, &request, methods::kind(&request, 0)?).await?;
    let filled = match &kept {
        Some(kept) => Filled::of(Typed::of(kept.active, &kept.terms), kept.version),
        None => Filled::of(Typed::new(), 0),
    };
    draw(&api, &request, listed, kept.is_some(), filled).await
}

async fn draw(
    api: &Api,
    request: &Request,
    listed: Listed,
    is_kept: bool,
    filled: Filled<Typed>,
) -> Result<Response, Problem> {
    let (frame, word) = (Frame::around(api, request, "methods").await?, method_word(listed.offer.method));
    let page = terms::Page {
        frame: &frame,
        title: listed.offer.name,
        back: OF_SHOP,
        back_word: Area::Methods.name(),
        action: format!("{OF_SHOP}/{word}"),
        active_word: "Quem compra pode pagar assim",
        removal: "A loja deixa de aceitar esta forma, e as condições são esquecidas.",
        filled,
        installments: listed.offer.installments,
        is_kept,
        may_change: request.session()?.may(Access::write(Area::Payments)),
    };
    page.answer()
}

async fn save(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let method = methods::kind(&request, 0)?;
    let saved = match terms::content(&request) {
        Ok(content) => methods::set_of_shop(&api, &request, method, content).await,
        Err(problem) => Err(problem.into()),
    };
    match saved {
        Ok(_) => Ok(answer::done(OF_SHOP, "method-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let (listed, kept) = present(&api, &request, method).await?;
            let version = kept.as_ref().map_or(0, |kept| kept.version);
            let filled = Filled::again(&request, problem, Typed::sent(&request.form), version);
            draw(&api, &request, listed, kept.is_some(), filled).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "methods").await?, OF_SHOP, not_decided),
    }
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (listed, kept) = present(&api, &request, methods::kind(&request, 0)?).await?;
    let version = kept.map_or(0, |kept| kept.version);
    let (frame, name) = (Frame::around(&api, &request, "methods").await?, listed.offer.name);
    let back = format!("{OF_SHOP}/{}", method_word(listed.offer.method));
    let page = Confirm {
        frame: &frame,
        title: &format!("Retirar {name} da loja?"),
        text: "Quem compra não paga mais assim, salvo os produtos com condições próprias.",
        action: &format!("{back}/remove"),
        word: "Retirar",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html_for(version))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let removed = methods::remove_of_shop(&api, &request, methods::kind(&request, 0)?).await;
    match removed {
        Ok(_) => Ok(answer::done(OF_SHOP, "method-removed")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, "methods").await?, OF_SHOP, not_decided),
    }
}
