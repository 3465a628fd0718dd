//! `/operator/subscribers`: who subscribes to the platform's plans, the newest first, and what each pays.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_schemas::{
    api::signup::{PAYMENT_METHODS, SubscriptionShown},
    ids::TenantId,
    problem::Code,
    records::signup::{Subscription, SubscriptionStatus},
    rows::admin::TenantRow,
    sealed::GatewayText,
    signup_link::SignupLink,
};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    sorted::SORT,
    subscribers::{self, ORDERS, USUAL},
};
use http::StatusCode;

use self::model::{Person, Shown};
use crate::{
    answer,
    audience::OPERATORS,
    format::{day, moment},
    forms::Choice,
    frame::{ERASED, Frame},
    listed::{Column, Table},
    shop::Status,
};

const ALL: &str = "/operator/subscribers";
const ONE: &str = "/operator/subscribers/{shop}/{sid}";
/// What stands in the place of what can't be opened now.
const AWAY: &str = "(indisponível)";
/// A part of the name or of the sub-domain of the shop.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the shop's name or sub-domain.");
/// The way in which those pay that are shown; an empty one, as forms send it, shows all.
const METHOD: Parameter = Parameter::new("method", Kind::Text(16), "Shows only subscriptions that are paid so.");
/// The columns of the list.
const COLUMNS: [Column; 5] = [
    Column::sorted("Loja", "shop_name"),
    Column::sorted("Plano", "plan_name"),
    Column::sorted("Pagamento", "method"),
    Column::sorted("Situação", "status"),
    Column::sorted("Desde", "created_at"),
];
/// The status of the subscriptions that are shown; an empty one, as forms send it, shows all.
const STATUS: Parameter = Parameter::new("status", Kind::Text(16), "Shows only subscriptions of this status.");

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| OPERATORS.asks(route, Access::read(Area::Subscribers));
    vec![
        shows(Route::get(ALL, show))
            .query([Q, STATUS, METHOD, SORT, reads::AFTER, reads::LIMIT])
            .says("Shows who subscribes to the platform's plans, the newest first or in the order that is asked for."),
        shows(Route::get(ONE, show_one))
            .says("Shows a subscription: who subscribes, the plan, the payment and the invoices."),
    ]
}

/// A subscription of the list.
struct Listed {
    address: String,
    name: String,
    subdomain: String,
    plan: String,
    method: &'static str,
    status: Status,
    since: String,
}

/// The list.
#[derive(Template)]
#[template(path = "subscribers/subscribers.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    /// Statuses that the list may be narrowed to.
    choices: Vec<Choice>,
    /// Ways to pay that it may be.
    methods: Vec<Choice>,
    status: &'a str,
    /// True if the list is narrowed by more than a status.
    is_sought: bool,
    subscribers: Vec<Listed>,
    table: Table,
}

/// The present period.
struct Period {
    number: i32,
    /// Its first day.
    first: String,
    /// The first day of the next one.
    next: String,
}

/// A subscription's page.
#[derive(Template)]
#[template(path = "subscribers/subscriber.html")]
struct Page<'a> {
    frame: &'a Frame,
    subscription: &'a Subscription,
    status: Status,
    /// None where it can't be shown, of which `no_person` says why.
    person: Option<Person>,
    no_person: &'static str,
    price: String,
    cycle: String,
    method: &'static str,
    payment: Status,
    due: Option<String>,
    /// The sentences of a refusal.
    why: Vec<String>,
    /// Money that pays nothing.
    giving_back: Vec<String>,
    period: Option<Period>,
    invoices: Vec<Shown>,
    /// The page of the shop, if there is one.
    shop: Option<String>,
    /// The link by which who has paid names the shop anew, where its name is lost.
    names: Option<String>,
    since: String,
    accepted: String,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let known = |word: &&str| model::STATUSES.iter().any(|(known, _)| known == word);
    let status = request.query.text(STATUS.name).filter(known);
    let q = request.query.text(Q.name).unwrap_or_default();
    let method = request.query.text(METHOD.name).filter(|word| PAYMENT_METHODS.contains(word));
    let table = Table::of(&request, ALL, ORDERS, USUAL, &[Q.name, STATUS.name, METHOD.name]);
    let asked = Asked { q, status, after: request.query.text(reads::AFTER.name), limit: reads::limit(&request) };
    let subscribers::Page { subscriptions, next } =
        subscribers::list(&api, &request, asked, method, table.asked()).await?;
    let choice = |(value, of): (&'static str, _)| Choice::new(value, model::status(of).word, status == Some(value));
    let way = |(value, of): (&'static str, _)| Choice::new(value, model::method(of), method == Some(value));
    let list = List {
        frame: &Frame::around(&api, &request, "subscribers").await?,
        q,
        choices: model::STATUSES.into_iter().map(choice).collect(),
        methods: model::METHODS.into_iter().map(way).collect(),
        status: status.unwrap_or_default(),
        is_sought: !q.trim().is_empty() || method.is_some(),
        subscribers: subscriptions.iter().map(|(tenant, subscription)| listed(*tenant, subscription)).collect(),
        table: table.with(&COLUMNS, next),
    };
    answer::page(StatusCode::OK, list.render())
}

fn listed(tenant: TenantId, subscription: &Subscription) -> Listed {
    Listed {
        address: format!("{ALL}/{tenant}/{}", subscription.subscription_id),
        name: subscription.shop_name.clone(),
        subdomain: subscription.subdomain.clone(),
        plan: subscription.terms.plan_name.clone(),
        method: model::method(subscription.payment.method),
        status: model::status(subscription.status),
        since: day(subscription.created_at),
    }
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (tenant, subscription) = subscribers::present(&api, &request).await?;
    let shown = match subscribers::opened(&api, &request, tenant, &subscription).await {
        Ok(shown) => Some(shown),
        // Without the keyring the page still shows the rest.
        Err(problem) if problem.code == Code::Unavailable => None,
        Err(problem) => return Err(problem),
    };
    let invoices = subscribers::invoices(&api, tenant, subscription.subscription_id).await?;
    let (terms, payment) = (&subscription.terms, &subscription.payment);
    let until = payment.pix_until.map(moment);
    let period = subscription.period.as_ref().map(|period| Period {
        number: period.number,
        first: model::written(&period.first_day),
        next: model::written(&period.next_day),
    });
    let page = Page {
        frame: &Frame::around(&api, &request, "subscribers").await?,
        subscription: &subscription,
        status: model::status(subscription.status),
        person: shown.as_ref().and_then(|shown| shown.subscriber.as_ref()).map(Person::of),
        no_person: if shown.is_some() { ERASED } else { AWAY },
        price: terms.price.to_string(),
        cycle: model::cycle(terms.months),
        method: model::method(payment.method),
        payment: model::payment(payment.status),
        due: payment.due.as_deref().map(model::written).or(until),
        why: why(&subscription, shown.as_ref()),
        giving_back: subscription.giving_back.iter().map(model::giving_back).collect(),
        period,
        invoices: invoices.iter().map(model::invoice).collect(),
        shop: shop_page(&api, tenant).await?,
        names: names_link(&api, &request, tenant, &subscription),
        since: moment(subscription.created_at),
        accepted: moment(subscription.accepted_at),
    };
    answer::page(StatusCode::OK, page.render())
}

/// The reason for which the latest payment was refused, by its word, and the gateway's sentences.
fn why(subscription: &Subscription, shown: Option<&SubscriptionShown>) -> Vec<String> {
    let payment = &subscription.payment;
    let sentence = |message: &Option<GatewayText>| message.as_ref().map_or(ERASED, GatewayText::expose).to_owned();
    let said = match shown {
        Some(shown) => shown.messages.iter().map(sentence).collect(),
        None => vec![AWAY.to_owned(); payment.reasons.len().min(1)],
    };
    payment.why.iter().cloned().chain(said).collect()
}

/// The link that the mail of a lost name has, for whom no mail has reached.
fn names_link(api: &Api, request: &Request, tenant: TenantId, subscription: &Subscription) -> Option<String> {
    if subscription.status != SubscriptionStatus::NameLost {
        return None;
    }
    let link = SignupLink::new(tenant, subscription.subscription_id, api.platform.now()).for_names();
    let origin = hosts::platform_origin(&request.headers, &api.config.platform_domain);
    Some(format!("{origin}{}", link.path(&api.config.secrets)))
}

/// The page of a tenant's shop, which there is once the shop was asked for.
async fn shop_page(api: &Api, tenant: TenantId) -> Result<Option<String>, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    Ok(row.map(|row| format!("/operator/shops/{}", row.tenant.tenant_id)))
}
