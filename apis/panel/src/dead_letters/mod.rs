//! `/operator/dead-letters`: records that could not be worked on, which are put back or set aside here.

mod model;

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::dead_letter::{self, DiscardBody, discard_reason},
    groups::{self, NAMES},
    limits,
};
use feira_streams::deadletters::PutBack;
use feira_web::{
    context::Api,
    dead_letters::{self, Letter},
    json::Schemas,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    sorted::{self, Order, Place, SORT, Value},
};
use http::{Method, StatusCode};

use self::model::Shown;
use crate::{
    answer,
    format::moment,
    forms::Choice,
    frame::{Confirm, DONE, Frame, Wrong},
    listed::{Column, Table},
};

const LIST: &str = "/operator/dead-letters";
const ONE: &str = "/operator/dead-letters/{id}";
/// The id that means all letters of a group, or of all groups.
const ALL: &str = "all";
/// The consumer group; an empty one, as forms send it, shows all.
const GROUP: Parameter = Parameter::new("group", Kind::Text(64), "Shows only letters of this consumer group.");
/// A part of the topic's name.
const TOPIC: Parameter =
    Parameter::new("topic", Kind::Text(255), "A part of the name of the topic that they came from.");
/// The orders of the list: from the least, or with `-` from the greatest.
const ORDERS: &[&str] = &["-at", "at", "group", "-group", "topic", "-topic"];
/// The newest first: whoever looks wants to know what has just failed.
const USUAL: Order = Order::down("at");
/// The columns of the list.
const COLUMNS: [Column; 5] = [
    Column::plain("Mensagem"),
    Column::sorted("Origem", "topic"),
    Column::plain("Chave"),
    Column::sorted("Grupo", "group"),
    Column::sorted("Quando", "at"),
];
/// The letters that were just put back.
const PUT: Parameter = Parameter::new("put", Kind::Integer(0, i64::MAX), "How many letters were just put back.");
/// The letters that could not be.
const LEFT: Parameter = Parameter::new("left", Kind::Integer(0, i64::MAX), "How many of them can only be discarded.");

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(dead_letter::schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| route.on_platform().page().for_session(Access::read(Area::Operation));
    let does = |route: Route| {
        let route = route.on_platform().page().for_session(Access::write(Area::Operation)).takes_own_form();
        route.problems(&[422])
    };
    let (replay, discard) = ("/operator/dead-letters/{id}/replay", "/operator/dead-letters/{id}/discard");
    vec![
        shows(Route::get(LIST, show))
            .query([GROUP, TOPIC, SORT, reads::AFTER, reads::LIMIT, PUT, LEFT, DONE])
            .says("Shows dead letters that nobody has dealt with, and what waits for another try."),
        shows(Route::get(ONE, show_one)).says("Shows a dead letter: why it is there, and its record."),
        shows(Route::get(replay, ask_replay))
            .query([GROUP])
            .says("Asks whether a letter is to be put back; with the id `all`, every letter of a group or of all."),
        does(Route::new(Method::POST, replay, do_replay))
            .query([GROUP])
            .says("Puts a letter back to be worked on again; with the id `all`, every letter of a group or of all."),
        shows(Route::get(discard, ask_discard)).says("Asks for the reason for which a letter is to be set aside."),
        does(Route::new(Method::POST, discard, do_discard)).says("Sets a letter aside for good, with a reason."),
    ]
}

/// An entity that waits for another try.
struct Waiting {
    group: &'static str,
    entity: String,
    records: usize,
    tries: i64,
    due: String,
    error: String,
}

/// The list.
#[derive(Template)]
#[template(path = "dead_letters/list.html")]
struct List<'a> {
    frame: &'a Frame,
    /// Groups that the list may be narrowed to.
    groups: Vec<Choice>,
    group: &'a str,
    topic: &'a str,
    letters: Vec<Shown>,
    total: usize,
    table: Table,
    waiting: Vec<Waiting>,
    /// What became of letters that were just put back together.
    put_back: Option<String>,
    may_change: bool,
}

/// A letter's page.
#[derive(Template)]
#[template(path = "dead_letters/letter.html")]
struct Page<'a> {
    frame: &'a Frame,
    letter: Shown,
    headers: Vec<(String, String)>,
    json: String,
    is_open: bool,
    may_change: bool,
}

/// The page that asks for a reason.
#[derive(Template)]
#[template(path = "dead_letters/discard.html")]
struct Discard<'a> {
    frame: &'a Frame,
    id: &'a str,
    reason: String,
    wrong: Wrong,
    refused: Option<String>,
}

/// The consumer group that a request is about; none where it names none that there is.
fn group(request: &Request) -> Option<&'static str> {
    request.query.text(GROUP.name).and_then(groups::named).map(|group| group.name)
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (group, topic) = (group(&request), request.query.text(TOPIC.name).unwrap_or_default());
    let mut letters = dead_letters::open(&api, group).await?;
    letters.retain(|letter| model::came_from(letter, topic));
    let table = Table::of(&request, LIST, ORDERS, USUAL, &[GROUP.name, TOPIC.name]);
    let (order, total) = (table.order(), letters.len());
    let query = format!("letters\u{1}{}\u{1}{topic}\u{1}{order}", group.unwrap_or_default());
    let after = request.query.text(reads::AFTER.name);
    let (page, next) =
        sorted::page(&mut letters, |letter| place(letter, order), &query, after, reads::limit(&request))?;
    let put = request.query.integer(PUT.name);
    let list = List {
        frame: &Frame::around(&api, &request, "letters").await?,
        groups: NAMES.into_iter().map(|name| Choice::new(name, name, group == Some(name))).collect(),
        group: group.unwrap_or_default(),
        topic,
        letters: page.iter().map(model::shown).collect(),
        total,
        table: table.with(&COLUMNS, next),
        waiting: if after.is_none() { waiting(&api, group).await? } else { Vec::new() },
        put_back: put.map(|put| model::put_back(put, request.query.integer(LEFT.name).unwrap_or_default())),
        may_change: may_change(&request)?,
    };
    answer::page(StatusCode::OK, list.render())
}

/// The place of a letter in the list.
fn place(letter: &Letter, order: Order) -> Place {
    let value = match order.by {
        "group" => Value::text(letter.group),
        "topic" => Value::text(letter.topic.as_deref().unwrap_or_default()),
        _ => Value::Number(letter.at),
    };
    order.place(value, &letter.id)
}

/// Entities that wait, no more than a page has: they go on by themselves.
async fn waiting(api: &Api, group: Option<&str>) -> Result<Vec<Waiting>, Problem> {
    let all = dead_letters::waiting(api, group).await?.into_iter().take(limits::PAGE_MAX);
    let shown = all.map(|(group, row)| Waiting {
        group: group.name,
        entity: row.entity,
        records: row.offsets.len(),
        tries: row.tries,
        due: moment(row.due),
        error: row.error,
    });
    Ok(shown.collect())
}

fn may_change(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::write(Area::Operation)))
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (letter, record) = dead_letters::present(&api, &request).await?;
    let headers = record["headers"].as_object().into_iter().flatten();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let page = Page {
        frame: &Frame::around(&api, &request, "letters").await?,
        letter: model::shown(&letter),
        headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
        json: serde_json::to_string_pretty(&record).map_err(Problem::internal)?,
        is_open: dead_letters::is_open(&api, &request).await?,
        may_change: may_change(&request)?,
    };
    answer::page(StatusCode::OK, page.render())
}

async fn ask_replay(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = format!("{LIST}/{ALL}/replay");
    let (title, text, back, action) = match (request.param(0), group(&request)) {
        (ALL, None) => {
            let text = "Todas as mensagens com falha, de todos os grupos, voltam a ser processadas.";
            ("Devolver todas as mensagens?".to_owned(), text, LIST.to_owned(), all)
        }
        (ALL, Some(group)) => {
            let text = "Todas as mensagens com falha deste grupo voltam a ser processadas.";
            let of_group = format!("?group={group}");
            (format!("Devolver todas as mensagens de {group}?"), text, format!("{LIST}{of_group}"), all + &of_group)
        }
        _ => {
            let Letter { id, .. } = dead_letters::present(&api, &request).await?.0;
            let text =
                "Ela volta ao tópico e é processada de novo. Se falhar outra vez, aparece aqui como outra mensagem.";
            (format!("Devolver a mensagem {id}?"), text, format!("{LIST}/{id}"), format!("{LIST}/{id}/replay"))
        }
    };
    let frame = Frame::around(&api, &request, "letters").await?;
    let (title, action, back) = (title.as_str(), action.as_str(), back.as_str());
    let page = Confirm { frame: &frame, title, text, action, word: "Devolver", risky: false, back };
    answer::page(StatusCode::OK, page.html())
}

async fn do_replay(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    if request.param(0) != ALL {
        return dealt_with(&api, &request, dead_letters::put_back(&api, &request).await, "put-back").await;
    }
    let group = group(&request);
    match dead_letters::put_all_back(&api, group).await {
        Ok(PutBack { done, left }) => {
            let of_group = group.map(|group| format!("&group={group}")).unwrap_or_default();
            Ok(reply::see_other(&format!("{LIST}?put={done}&left={left}{of_group}")))
        }
        Err(problem) => dealt_with(&api, &request, Err(problem), "put-back").await,
    }
}

async fn ask_discard(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw_discard(&api, &request, StatusCode::OK, String::new(), Wrong::default(), None).await
}

async fn draw_discard(
    api: &Api,
    request: &Request,
    status: StatusCode,
    reason: String,
    wrong: Wrong,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let letter = dead_letters::present(api, request).await?.0;
    let frame = Frame::around(api, request, "letters").await?;
    answer::page(status, Discard { frame: &frame, id: &letter.id, reason, wrong, refused }.render())
}

async fn do_discard(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = request.form.body::<DiscardBody>(&BODIES, "Discard");
    let reason = match body.and_then(|body| discard_reason(body).map_err(Problem::fields)) {
        Ok(reason) => reason,
        Err(problem) => {
            let reason = request.form.text("/reason").unwrap_or_default().to_owned();
            let refused = problem.errors.is_empty().then(|| problem.detail.clone());
            let status = problem.status();
            return draw_discard(&api, &request, status, reason, Wrong(problem.errors), refused).await;
        }
    };
    dealt_with(&api, &request, dead_letters::discard(&api, &request, &reason).await, "discarded").await
}

/// 303 to the list, with what was done; or the page that says why it was not.
async fn dealt_with(api: &Api, request: &Request, dealt: Result<(), Problem>, done: &str) -> Result<Response, Problem> {
    match dealt {
        Ok(()) => Ok(answer::done(LIST, done)),
        Err(problem) => answer::not_decided(&Frame::around(api, request, "letters").await?, LIST, problem.into()),
    }
}
