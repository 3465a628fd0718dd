//! `/planos`: the plans that people can subscribe to, each with the way to its form.

use std::sync::Arc;

use askama::Template;
use feira_schemas::records::signup::Plan;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

use crate::{
    answer,
    frame::{Frame, or_message},
    plans, words,
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/planos", show)
            .on_platform()
            .page()
            .says("Shows the plans that people can subscribe to now, each with the way to its form."),
    ]
}

/// A plan as a page shows it.
pub(crate) struct Card {
    pub id: String,
    pub name: String,
    pub price: String,
    pub cycle: String,
    /// The description, line by line.
    pub lines: Vec<String>,
    pub features: Vec<String>,
    pub limits: Vec<String>,
    pub methods: String,
}

impl Card {
    /// The card of a plan that is offered.
    pub fn of(plan: &Plan) -> Self {
        let lines = plan.description.lines().map(str::trim).filter(|line| !line.is_empty());
        Self {
            id: plan.plan_id.to_string(),
            name: plan.name.clone(),
            price: plan.price.to_string(),
            cycle: words::cycle(plan.months),
            lines: lines.map(str::to_owned).collect(),
            features: plan.features.clone(),
            limits: words::limits(plan.limits),
            methods: words::methods(&plan.payable_by()),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "offers/offers.html")]
struct Page<'a> {
    frame: &'a Frame,
    plans: Vec<Card>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let drawn = draw(&api, &request).await;
    or_message(&api, drawn)
}

async fn draw(api: &Api, request: &Request) -> Result<Response, Problem> {
    let plans = plans::offered(api).await?.iter().map(Card::of).collect();
    let frame = Frame::of(api, "plans");
    answer::open(request, Page { frame: &frame, plans }.render())
}
