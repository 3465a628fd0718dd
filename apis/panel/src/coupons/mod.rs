//! `/admin/coupons`: a shop's coupons, which are made, changed, copied and removed here.

mod model;
mod named;
mod picked;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::coupon::{CouponBody, CouponContent, code_of, coupon_content, no_code, schemas},
    brazil::local_minute_of,
    coupons::State,
    ids::Micros,
    problem::{Code, FieldError},
    records::admin::Coupon,
    time::{MINUTE, rfc3339},
};
use feira_web::{
    context::Api,
    coupons,
    forms::Form,
    json::Schemas,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    writes::{Decided, NotDecided},
};
use http::{Method, StatusCode};

use self::{model::Typed, named::Numbers, picked::Picker};
use crate::{
    answer,
    audience::SHOP,
    format::moment,
    forms::{Choice, Differences, difference},
    frame::{Confirm, DONE, Frame},
    methods::Filled,
    shop::Status,
};

const ALL: &str = "/admin/coupons";
/// Codes are in capitals, so none of them has this address.
const NEW: &str = "/admin/coupons/new";
const ONE: &str = "/admin/coupons/{code}";
const REMOVE: &str = "/admin/coupons/{code}/remove";
/// Bytes of the form: products and categories at their limits, with the longest slugs and names, take some 500 KiB as a browser sends
/// them.
const FORM_BYTES: usize = 640 * 1024;
/// The word for these pages in the navigation.
const HERE: &str = "coupons";
/// The state of the coupons that are shown; an empty one, as forms send it, shows all.
const STATE: Parameter = Parameter::new(coupons::STATE, Kind::Text(16), "Shows only coupons in this state.");
/// The coupon that a new one is made like.
const LIKE: Parameter = Parameter::new("like", Kind::Text(64), "The code of a coupon that fills the form.");

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Coupons));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Coupons));
    let takes_lists = |route: Route| does(route).takes(vec![("application/x-www-form-urlencoded", "Form")], FORM_BYTES);
    vec![
        shows(Route::get(ALL, show))
            .query([STATE, reads::AFTER, reads::LIMIT, DONE])
            .says("Shows the shop's coupons, the newest first, and whether each holds."),
        SHOP.asks(Route::get(NEW, show_new), Access::write(Area::Coupons))
            .query([LIKE])
            .says("Shows the form of a new coupon, filled as another one is, if it is asked for."),
        takes_lists(Route::new(Method::POST, ALL, create)).says("Makes a coupon."),
        shows(Route::get(ONE, show_one)).query([DONE]).says("Shows a coupon and the form by which it is changed."),
        takes_lists(Route::new(Method::POST, ONE, change)).says("Changes a coupon, if nobody else has meanwhile."),
        shows(Route::get(REMOVE, ask_remove)).says("Asks whether a coupon is to be removed."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Removes a coupon."),
    ]
}

/// A coupon of the list.
struct Listed {
    code: String,
    about: String,
    status: Status,
}

/// The list.
#[derive(Template)]
#[template(path = "coupons/coupons.html")]
struct List<'a> {
    frame: &'a Frame,
    state: &'a str,
    states: Vec<Choice>,
    coupons: Vec<Listed>,
    next: Option<String>,
    may_change: bool,
}

/// A coupon that is there, beside its form.
struct Shown {
    code: String,
    about: String,
    status: Status,
    version: i64,
    changed: String,
}

/// The form of a coupon, new or not.
#[derive(Template)]
#[template(path = "coupons/coupon.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// None for a new one.
    shown: Option<Shown>,
    /// The address of the form.
    action: String,
    kinds: Vec<Choice>,
    picker: Picker,
    filled: Filled<Typed>,
    /// What differs, if somebody else has changed meanwhile what the form was filled with.
    stale: Option<Differences>,
    may_change: bool,
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Coupons)))
}

fn page_of(code: &str) -> String {
    format!("{ALL}/{code}")
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (now, page) = (api.platform.now(), coupons::page(&api, &request).await?);
    let listed = |coupon: &Coupon| Listed {
        code: coupon.code.clone(),
        about: model::about(&coupon.terms),
        status: model::status(State::of(coupon, now)),
    };
    let state = request.query.text(STATE.name).unwrap_or_default();
    let list = List {
        frame: &Frame::around(&api, &request, HERE).await?,
        state,
        states: model::states(state),
        coupons: page.coupons.iter().map(listed).collect(),
        next: page.next,
        may_change: may_change(&request)?,
    };
    answer::page(StatusCode::OK, list.render())
}

async fn show_new(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let typed = match request.query.text(LIKE.name).filter(|code| !code.is_empty()) {
        Some(code) => {
            let coupon = coupons::named(&api, &request, code).await?;
            let mut products = named::product_lines(&api, &request, &coupon.terms.products).await?;
            let mut categories = named::category_lines(&api, &request, &coupon.terms.categories).await?;
            // A new coupon names nothing that is gone. Where nothing else is named, those lines stay: without them it would be for
            // everything.
            if products.iter().chain(&categories).any(|line| !line.is_gone) {
                products.retain(|line| !line.is_gone);
                categories.retain(|line| !line.is_gone);
            }
            let chosen = products.into_iter().map(|line| line.id).collect();
            Typed { code: String::new(), chosen, ..Typed::of(&coupon, named::text(&categories)) }
        }
        None => Typed::new(),
    };
    draw(&api, &request, None, Filled::of(typed, 0), None).await
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let coupon = coupons::present(&api, &request).await?;
    let categories = named::category_lines(&api, &request, &coupon.terms.categories).await?;
    let typed = Typed::of(&coupon, named::text(&categories));
    draw(&api, &request, Some(&coupon), Filled::of(typed, coupon.version), None).await
}

async fn draw(
    api: &Api,
    request: &Request,
    coupon: Option<&Coupon>,
    filled: Filled<Typed>,
    stale: Option<Differences>,
) -> Result<Response, Problem> {
    let (frame, now) = (Frame::around(api, request, HERE).await?, api.platform.now());
    let shown = coupon.map(|coupon| Shown {
        code: coupon.code.clone(),
        about: model::about(&coupon.terms),
        status: model::status(State::of(coupon, now)),
        version: coupon.version,
        changed: moment(coupon.changed_at),
    });
    let (kinds, picker) = (filled.typed.kinds(), Picker::of(api, request, &filled.typed.chosen).await?);
    let action = coupon.map_or_else(|| ALL.to_owned(), |coupon| page_of(&coupon.code));
    let (code, may_change) = (filled.code, may_change(request)?);
    answer::page(code, Page { frame: &frame, shown, action, kinds, picker, filled, stale, may_change }.render())
}

/// The content that was typed and the lines that it comes from, or everything that is wrong with it, beside what is known to be wrong
/// already.
async fn content(api: &Api, request: &Request, wrong: Option<FieldError>) -> Result<(CouponContent, Numbers), Problem> {
    let (typed, mut errors, mut numbers) = (Typed::sent(&request.form), Vec::from_iter(wrong), Numbers::default());
    let mut texts = vec![
        ("/active", typed.active.to_string()),
        ("/kind", typed.kind),
        ("/percent", typed.percent),
        ("/amount", typed.amount),
        ("/minimum", typed.minimum),
    ];
    match typed.usage_limit.trim() {
        number if number.is_empty() || number.parse::<i64>().is_ok() => texts.push(("/usage_limit", number.to_owned())),
        _ => errors.push(FieldError::new("/usage_limit", Code::Invalid, "Escreva um número inteiro, como 100.")),
    }
    // The minute that is typed is the last in which the coupon holds.
    for (name, text, later) in [("/starts_at", &typed.starts_at, 0), ("/ends_at", &typed.ends_at, MINUTE)] {
        match time(name, text) {
            Ok(time) => texts.extend(time.map(|time| (name, rfc3339(time + later)))),
            Err(error) => errors.push(error),
        }
    }
    match named::products(api, request, &typed.chosen, &typed.products).await? {
        Ok(products) => {
            texts.extend(products.ids.iter().map(|id| ("/products", id.to_string())));
            numbers.products = products.numbers;
        }
        Err(error) => errors.push(error),
    }
    match named::categories(api, request, &typed.categories).await? {
        Ok(categories) => {
            texts.extend(categories.ids.iter().map(|id| ("/categories", id.to_string())));
            numbers.categories = categories.numbers;
        }
        Err(error) => errors.push(error),
    }
    let form = Form::of(texts.into_iter().map(|(name, text)| (name.to_owned(), text)));
    let body = form.body::<CouponBody>(&BODIES, "CouponBody");
    match body.and_then(|body| coupon_content(body).map_err(Problem::fields)) {
        Ok(content) if errors.is_empty() => Ok((content, numbers)),
        Ok(_) => Err(Problem::fields(errors)),
        Err(problem) if problem.errors.is_empty() => Err(problem),
        Err(problem) => {
            errors.extend(problem.errors);
            Err(Problem::fields(errors))
        }
    }
}

/// The time at which a minute that was typed begins; none where nothing was typed.
fn time(name: &str, text: &str) -> Result<Option<Micros>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let none = || FieldError::new(name, Code::Invalid, "Informe o dia e a hora, sem segundos, como 2026-12-31 23:59.");
    local_minute_of(text).map(Some).ok_or_else(none)
}

/// Makes a coupon or changes it; what is wrong with what it is for is said by the lines that were typed.
async fn set(
    api: &Api,
    request: &Request,
    code: String,
    (content, numbers): (CouponContent, Numbers),
) -> Result<Decided, NotDecided> {
    coupons::set(api, request, code, content).await.map_err(|not_decided| match not_decided {
        NotDecided::Problem(problem) => numbers.said(problem).into(),
        NotDecided::Pending(pending) => NotDecided::Pending(pending),
    })
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    if picked::is_search(&request.form) {
        return draw(&api, &request, None, Filled::stepped(&request, Typed::sent(&request.form), 0), None).await;
    }
    let code = code_of(request.form.text("/code").unwrap_or_default()).ok_or_else(no_code);
    let made = match (content(&api, &request, code.clone().err()).await, code) {
        (Ok(content), Ok(code)) => set(&api, &request, code, content).await,
        (Ok(_), Err(error)) => Err(Problem::fields(vec![error]).into()),
        (Err(problem), _) => Err(problem.into()),
    };
    match made {
        Ok(_) => Ok(answer::done(ALL, "coupon-made")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let filled = Filled::again(&request, of_new(problem), Typed::sent(&request.form), 0);
            draw(&api, &request, None, filled, None).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}

/// What is wrong with a new coupon: one that is there already, in whatever version, has its code.
fn of_new(problem: Problem) -> Problem {
    if problem.code != Code::VersionMismatch {
        return problem;
    }
    let detail = "Já há um cupom com este código. Escolha outro, ou altere o que existe.";
    Problem::fields(vec![FieldError::new("/code", Code::Duplicate, detail)])
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let coupon = coupons::present(&api, &request).await?;
    if picked::is_search(&request.form) {
        let filled = Filled::stepped(&request, Typed::sent(&request.form), coupon.version);
        return draw(&api, &request, Some(&coupon), filled, None).await;
    }
    let (content, page) = (content(&api, &request, None).await, page_of(&coupon.code));
    let meant = content.as_ref().ok().map(|(content, _)| content.clone());
    let changed = match content {
        Ok(content) => set(&api, &request, coupon.code, content).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(&page, "coupon-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            // As it is now: somebody else may have changed it.
            let coupon = coupons::present(&api, &request).await?;
            let filled = Filled::again(&request, problem, Typed::sent(&request.form), coupon.version);
            let stale = match meant.filter(|_| filled.stale) {
                Some(meant) => Some(differences(&api, &request, &coupon, &meant).await?),
                None => None,
            };
            draw(&api, &request, Some(&coupon), filled, stale).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, &page, not_decided),
    }
}

/// The fields in which a coupon as it is kept differs from what was typed over an earlier version of it.
async fn differences(
    api: &Api,
    request: &Request,
    kept: &Coupon,
    typed: &CouponContent,
) -> Result<Differences, Problem> {
    let (mut all, now, typed) = (model::differences(kept, typed), &kept.terms, &typed.terms);
    if now.products != typed.products {
        let kept = named::product_lines(api, request, &now.products).await?;
        let meant = named::product_lines(api, request, &typed.products).await?;
        all.extend(difference("Só para estes produtos", &named::sorted(&kept), &named::sorted(&meant)));
    }
    if now.categories != typed.categories {
        let kept = named::category_lines(api, request, &now.categories).await?;
        let meant = named::category_lines(api, request, &typed.categories).await?;
        all.extend(difference("Só para estas categorias", &named::sorted(&kept), &named::sorted(&meant)));
    }
    Ok(all.into())
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let coupon = coupons::present(&api, &request).await?;
    let (frame, back) = (Frame::around(&api, &request, HERE).await?, page_of(&coupon.code));
    let page = Confirm {
        frame: &frame,
        title: &format!("Excluir o cupom {}?", coupon.code),
        text: "Ninguém mais consegue usá-lo. Pedidos que já o usaram ficam como estão.",
        action: &format!("{back}/remove"),
        word: "Excluir",
        risky: true,
        back: &back,
    };
    answer::page(StatusCode::OK, page.html_for(coupon.version))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match coupons::remove(&api, &request).await {
        Ok(_) => Ok(answer::done(ALL, "coupon-removed")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ALL, not_decided),
    }
}
