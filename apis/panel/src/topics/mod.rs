//! `/operator/topics`: the topics of the deployment and the records that lie in them.

mod model;

use std::sync::Arc;

use askama::Template;
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    records::{self, Beginning, Bounds, Topic},
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    sorted::{self, Order, SORT, Value},
};
use http::StatusCode;

use self::model::Record;
use crate::{
    answer,
    format::whole,
    frame::Frame,
    listed::{Column, Table},
};

const ALL: &str = "/operator/topics";
/// The orders of the list: from the least, or with `-` from the greatest.
const ORDERS: &[&str] = &["name", "-name", "partitions", "-partitions", "records", "-records"];
/// The columns of the list.
const COLUMNS: [Column; 4] = [
    Column::sorted("Nome", "name"),
    Column::sorted("Partições", "partitions").of_numbers(),
    Column::plain("Guardados"),
    Column::sorted("Registros", "records").of_numbers(),
];
/// A part of the name.
const Q: Parameter = Parameter::new("q", Kind::Text(255), "A part of the name.");
/// The partition that is shown; an empty one, as forms send it, shows all.
const PARTITION: Parameter = Parameter::new("partition", Kind::Text(4), "Shows only records of this partition.");
/// The place to begin at; an empty one, as forms send it, begins with the newest.
const FROM: Parameter = Parameter::new(
    "from",
    Kind::Text(64),
    "Where to begin, `PARTITION:OFFSET`: shows the records from there on; left out, the newest first.",
);

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| route.on_platform().page().for_session(Access::read(Area::Operation));
    vec![
        shows(Route::get(ALL, show))
            .query([Q, SORT, reads::AFTER, reads::LIMIT])
            .says("Shows the topics, their partitions, and how many records lie in them."),
        shows(Route::get("/operator/topics/{topic}", show_one))
            .query([PARTITION, FROM, reads::AFTER, reads::LIMIT])
            .says("Shows a topic's partitions and its records, the newest first or from a place on, decoded."),
    ]
}

/// A topic of the list.
struct Listed {
    name: String,
    partitions: u32,
    kept: String,
    records: String,
}

/// The list.
#[derive(Template)]
#[template(path = "topics/topics.html")]
struct List<'a> {
    frame: &'a Frame,
    q: &'a str,
    topics: Vec<Listed>,
    table: Table,
}

/// A partition of a topic.
struct Partition {
    number: u32,
    is_chosen: bool,
    start: String,
    end: String,
}

/// A topic's page.
#[derive(Template)]
#[template(path = "topics/topic.html")]
struct Page<'a> {
    frame: &'a Frame,
    name: &'a str,
    kept: String,
    partitions: Vec<Partition>,
    from: &'a str,
    records: Vec<Record>,
    /// The address of the next page.
    next: Option<String>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let q = request.query.text(Q.name).unwrap_or_default();
    let table = Table::of(&request, ALL, ORDERS, Order::up("name"), &[Q.name]);
    let order = table.order();
    let mut all = Vec::new();
    // A deployment has few topics, and only their bounds say how many records lie in them.
    for topic in records::topics(&api).into_iter().filter(|topic| topic.name.contains(q.trim())) {
        let records = model::records(&records::bounds(&api, &topic).await?);
        all.push((topic, records));
    }
    let place = |(topic, records): &(Topic, i64)| {
        let value = match order.by {
            "partitions" => Value::Number(topic.partitions.into()),
            "records" => Value::Number(*records),
            _ => Value::text(&topic.name),
        };
        order.place(value, &topic.name)
    };
    let (after, limit) = (request.query.text(reads::AFTER.name), reads::limit(&request));
    let (page, next) = sorted::page(&mut all, place, &format!("topics\u{1}{q}\u{1}{order}"), after, limit)?;
    let listed = |(topic, records): &(Topic, i64)| Listed {
        name: topic.name.clone(),
        partitions: topic.partitions,
        kept: model::kept(topic.kept),
        records: whole(*records),
    };
    let (topics, table) = (page.iter().map(listed).collect(), table.with(&COLUMNS, next));
    let frame = Frame::around(&api, &request, "topics").await?;
    answer::page(StatusCode::OK, List { frame: &frame, q, topics, table }.render())
}

async fn show_one(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let topic = records::topic(&api, &request)?;
    let from = request.query.text(FROM.name).map(str::trim).unwrap_or_default();
    let beginning = if from.is_empty() { None } else { Some(Beginning::parse(from)?) };
    let chosen = request.query.text(PARTITION.name).and_then(|text| text.trim().parse().ok());
    let only = records::only(&topic, chosen, beginning)?;
    let (after, limit) = (request.query.text(reads::AFTER.name), reads::limit(&request));
    let path = format!("/operator/topics/{}", topic.name);
    let (page, next) = match beginning {
        Some(Beginning::Offset(partition, offset)) => {
            let page = records::onward(&api, &topic, partition, offset, limit).await?;
            let next = page.next.as_ref().map(|next| format!("{path}?from={next}"));
            (page, next)
        }
        _ => {
            let page = records::newest(&api, &topic, only, after, limit).await?;
            let partition = only.map(|only| format!("partition={only}&")).unwrap_or_default();
            // A cursor has no sign that an address would have to escape.
            let next = page.next.as_ref().map(|next| format!("{path}?{partition}after={next}"));
            (page, next)
        }
    };
    let partition = |Bounds { partition, start, end }| Partition {
        number: partition,
        is_chosen: only == Some(partition),
        start: whole(start),
        end: whole(end),
    };
    let page = Page {
        frame: &Frame::around(&api, &request, "topics").await?,
        name: &topic.name,
        kept: model::kept(topic.kept),
        partitions: records::bounds(&api, &topic).await?.into_iter().map(partition).collect(),
        from,
        records: page.records.iter().map(model::record).collect(),
        next,
    };
    answer::page(StatusCode::OK, page.render())
}
