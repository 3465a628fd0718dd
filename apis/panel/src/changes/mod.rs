//! `/admin/changes`: who changed what in the shop, with what was before and after, of the areas that somebody sees.

mod model;
mod words;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use askama::Template;
use feira_schemas::{
    api::change::{CHANGED_KINDS, changed_kind},
    ids::{CategoryId, GroupId, StaffId, TenantId},
    limits,
    records::admin::StaffMember,
    rows::admin::{CategoryRow, StaffGroupRow},
};
use feira_web::{
    changes::{self, ACTOR, ENTITY_ID, FROM, Filter, Shown, UNTIL},
    context::Api,
    opening::opened,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    sorted::Order,
    team,
};
use futures::{StreamExt, stream};
use http::StatusCode;
use serde_json::Value;

use self::model::Line;
use crate::{
    answer,
    audience::SHOP,
    format::moment,
    forms::Choice,
    frame::{ERASED, Frame},
    listed::Table,
};

const ALL: &str = "/admin/changes";
/// Addresses of members that are opened at once: the keyring answers each by itself.
const OPENED_AT_ONCE: usize = 8;
/// The kind of entity; an empty one, as forms send it, shows all.
const ENTITY: Parameter = Parameter::new("entity", Kind::Text(32), "Shows only changes of entities of this kind.");

pub(crate) fn routes() -> Vec<Route> {
    vec![
        SHOP.asks(Route::get(ALL, show), Access::read(Area::Own))
            .query([ENTITY, ENTITY_ID, ACTOR, FROM, UNTIL, reads::AFTER, reads::LIMIT])
            .says("Shows who changed what in the shop, with what was before and after, the newest first."),
    ]
}

/// A change of the list.
struct Listed {
    /// What was done, and to what kind of entity.
    what: String,
    name: Option<String>,
    by: String,
    at: String,
    /// The address of the changes of the same entity.
    same: String,
    /// The fields that differ; none where the log does not give them now.
    lines: Option<Vec<Line>>,
    more: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "changes/changes.html")]
struct List<'a> {
    frame: &'a Frame,
    kinds: Vec<Choice>,
    actors: Vec<Choice>,
    /// The entity that the list is narrowed to.
    entity_id: &'a str,
    from: &'a str,
    until: &'a str,
    wrong_from: bool,
    wrong_until: bool,
    is_sought: bool,
    changes: Vec<Listed>,
    table: Table,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let session = request.session()?;
    let kinds = changes::seen(|area| session.may(Access::read(area)));
    let (page, wrong) = match Filter::of(&request) {
        Ok(filter) => (changes::page(&api, &request, &filter, &kinds).await?, Vec::new()),
        Err(problem) => {
            let pointers: Vec<String> = problem.errors.iter().map(|error| error.pointer.clone()).collect();
            (changes::Page { changes: Vec::new(), next: None }, pointers)
        }
    };
    let people = People::of(&api, &request, &page.changes).await?;
    let mut names = names(&api, request.tenant, &page.changes).await?;
    names.extend(page.changes.iter().flat_map(actors).map(|actor| (actor.to_owned(), people.words(actor))));
    let listed = page.changes.iter().map(|shown| listed_one(shown, people.words(&shown.change.actor), &names));
    let listed: Vec<Listed> = listed.collect();
    let frame = Frame::around(&api, &request, "changes").await?;
    let text = |parameter: Parameter| request.query.text(parameter.name).map(str::trim).unwrap_or_default();
    let offered = CHANGED_KINDS.into_iter().filter(|kind| kinds.contains(&kind.word));
    let filters = [ENTITY.name, ENTITY_ID.name, ACTOR.name, FROM.name, UNTIL.name];
    let table = Table::of(&request, ALL, &[], Order::down("at"), &filters);
    let is_wrong = |parameter: Parameter| wrong.iter().any(|pointer: &String| pointer.ends_with(parameter.name));
    let (wrong_from, wrong_until) = (is_wrong(FROM), is_wrong(UNTIL));
    let page = List {
        frame: &frame,
        kinds: model::kinds(offered, text(ENTITY)),
        actors: model::actors(&people.offered, text(ACTOR)),
        entity_id: text(ENTITY_ID),
        from: text(FROM),
        until: text(UNTIL),
        wrong_from,
        wrong_until,
        is_sought: filters.iter().any(|name| request.query.text(name).is_some_and(|text| !text.is_empty())),
        changes: listed,
        table: table.with(&[], page.next),
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    answer::page(status, page.render())
}

fn listed_one(shown: &Shown, by: String, names: &HashMap<String, String>) -> Listed {
    let Shown { change, name, differences } = shown;
    let kind = changed_kind(&change.kind).map_or(change.kind.as_str(), |kind| kind.name);
    Listed {
        what: format!("{}: {kind}", model::done(&change.action)),
        name: name.clone(),
        by,
        at: moment(change.at()),
        // Words, ids and what joins two of them: no sign that an address would have to escape.
        same: format!("{ALL}?entity={}&entity_id={}", change.kind, change.entity_id),
        lines: differences.as_ref().map(|differences| model::lines(&differences.items, names)),
        more: differences.as_ref().is_some_and(|differences| differences.more),
    }
}

/// The names of the categories and groups that changes tell of by their ids.
async fn names(api: &Api, tenant: TenantId, changes: &[Shown]) -> Result<HashMap<String, String>, Problem> {
    let all = changes.iter().filter_map(|shown| shown.differences.as_ref()).flat_map(|found| &found.items);
    let (mut categories, mut groups) = (Vec::new(), Vec::new());
    for difference in all {
        let values = [&difference.before, &difference.after].into_iter().flatten();
        if difference.field.ends_with("/category_id") || difference.field.ends_with("/parent_id") {
            categories.extend(values.filter_map(|id| id.as_str()?.parse::<CategoryId>().ok()));
        } else if difference.field.ends_with("/categories") {
            let ids = values.filter_map(Value::as_array).flatten();
            categories.extend(ids.filter_map(|id| id.as_str()?.parse::<CategoryId>().ok()));
        } else if difference.field.ends_with("/groups") {
            let ids = values.filter_map(Value::as_array).flatten();
            groups.extend(ids.filter_map(|id| id.as_str()?.parse::<GroupId>().ok()));
        }
    }
    categories.sort_unstable();
    categories.dedup();
    groups.sort_unstable();
    groups.dedup();
    let mut names = HashMap::new();
    let state = &api.platform.state;
    let keys: Vec<_> = categories.iter().map(|id| CategoryRow::at(tenant, *id)).collect();
    for row in state.get_many::<CategoryRow>(&keys).await?.into_iter().flatten() {
        names.insert(row.category.category_id.to_string(), row.category.name);
    }
    let keys: Vec<_> = groups.iter().map(|id| StaffGroupRow::at(tenant, *id)).collect();
    for row in state.get_many::<StaffGroupRow>(&keys).await?.into_iter().flatten() {
        names.insert(row.group.group_id.to_string(), row.group.name);
    }
    Ok(names)
}

/// The actors that a change tells of: who made it, and who made a token.
fn actors(shown: &Shown) -> impl Iterator<Item = &str> {
    let items = shown.differences.iter().flat_map(|found| &found.items);
    let makers = items.filter(|item| item.field.ends_with("/made_by")).flat_map(|item| [&item.before, &item.after]);
    std::iter::once(shown.change.actor.as_str()).chain(makers.flatten().filter_map(Value::as_str))
}

/// Actors in words. Members of the shop's staff have their addresses for those who see the staff alone.
struct People {
    /// The members that the filter offers, as actors; nobody for who does not see the staff.
    offered: Vec<(String, String)>,
    /// The members that the page tells of.
    members: HashMap<StaffId, String>,
}

impl People {
    async fn of(api: &Api, request: &Request, changes: &[Shown]) -> Result<Self, Problem> {
        let all = team::all(api, request).await?;
        if !request.session()?.may(Access::read(Area::Team)) {
            let members = all.iter().map(|member| (member.staff_id, model::SOMEBODY.to_owned())).collect();
            return Ok(Self { offered: Vec::new(), members });
        }
        let told: HashSet<StaffId> = changes.iter().flat_map(actors).filter_map(model::member).collect();
        let (offered, others) = all.split_at(all.len().min(limits::PAGE_MAX));
        let others = others.iter().filter(|member| told.contains(&member.staff_id));
        let wanted: Vec<&StaffMember> = offered.iter().chain(others).collect();
        let opening: Vec<_> = wanted.iter().map(|member| address(api, request.tenant, member)).collect();
        let words: Vec<String> = stream::iter(opening).buffered(OPENED_AT_ONCE).collect().await;
        let actors = offered.iter().map(|member| format!("staff:{}", member.staff_id));
        Ok(Self {
            offered: actors.zip(words.iter().cloned()).collect(),
            members: wanted.iter().map(|member| member.staff_id).zip(words).collect(),
        })
    }

    fn words(&self, actor: &str) -> String {
        match model::member(actor) {
            None => model::actor(actor),
            // Nobody of the shop's own, so one of the platform's.
            Some(staff_id) => self.members.get(&staff_id).cloned().unwrap_or_else(|| model::PLATFORM.to_owned()),
        }
    }
}

/// A member's address. Where the keyring does not open it, what was changed and when is worth a page all the same.
async fn address(api: &Api, tenant: TenantId, member: &StaffMember) -> String {
    match opened(api, tenant, &member.email).await {
        Ok(Some(email)) => email.expose().to_owned(),
        Ok(None) => ERASED.to_owned(),
        Err(_) => model::SOMEBODY.to_owned(),
    }
}
