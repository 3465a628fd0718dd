//! Every page of a panel that somebody finds, and every field of its forms.

use std::collections::{BTreeSet, VecDeque};

use feira_connectors::log::TopicPartition;
use feira_schemas::{
    records::{AdminEvent, EventSet, PaymentsEvent, StoreEvent},
    topics::{self, Context},
};
use feira_web::routing::Auth;

use super::page::{Field, Form, Kind, Page};
use crate::{
    bed::Answered,
    panel::{Browser, encoded, text},
};

/// What a page must never hold as it is, and the beginning by which it is found.
pub const SCRIPT: &str = "<script>campo(7)</script>";
pub const RAW: &str = "<script>campo";
/// What stands between the parts of a form with files.
const BOUNDARY: &str = "entre-as-partes";
/// An id that nothing has.
const ANY_ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
/// What forms do not ask for, and others would like to say.
const FOREIGN: [(&str, &str); 5] = [
    ("/role", "administrator"),
    ("/tenant_id", ANY_ID),
    ("/version", "99"),
    ("/updated_at", "0"),
    ("role", "administrator"),
];
/// The boxes of a list, and the action of their form: the page that follows shows those alone that were ticked.
const TICKED_IN_A_LIST: (&str, &str) = ("/admin/products/many", "/chosen");
/// Forms, or beginnings of names, of which a wrong value is not always said beside its field, each with the reason.
const ELSEWHERE: [(&str, &str); 3] = [
    // What a step needs is looked at once products and the step are chosen.
    ("/admin/products/many", ""),
    // An option stands in every row of the table: those are what does not fit.
    ("", "/options/"),
    // What fills no body is read by a step of its own.
    ("", "_"),
];

/// Who walks through a panel.
pub struct Walk<'a> {
    pub browser: Browser<'a>,
    /// The panel's first page.
    root: &'static str,
    number: usize,
    /// What is not as it should be.
    pub wrong: Vec<String>,
}

/// A wrong value: what is wrong about it, and itself.
type Attempt = (&'static str, String);

impl<'a> Walk<'a> {
    pub fn new(browser: Browser<'a>, root: &'static str) -> Self {
        Self { browser, root, number: 0, wrong: Vec::new() }
    }

    /// The addresses of the pages that are found from those without an id, one of each kind.
    pub async fn pages(&mut self) -> Vec<String> {
        let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
        let mut ahead: VecDeque<String> = first_pages(self.root).into();
        while let Some(path) = ahead.pop_front() {
            if !seen.insert(kind_of(&path)) {
                continue;
            }
            let answer = self.browser.get(&path).await;
            if answer.status >= 500 {
                self.wrong.push(format!("{path} answers {}", answer.status));
            }
            if answer.status != 200 || !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let page = text(&answer);
            if page.contains(RAW) {
                self.wrong.push(format!("{path} shows what was typed as markup"));
            }
            ahead.extend(Page::of(&page).links.iter().filter_map(|link| address(self.root, link)));
            pages.push(path);
        }
        pages
    }

    /// Types what is wrong into every field of a page, one after the other; how many fields were tried.
    pub async fn refuses(&mut self, path: &str) -> usize {
        let before = self.page(path).await;
        let mut fields = 0;
        for form in before.forms.iter().filter(|form| !form.has_files) {
            for (place, field) in form.fields.iter().enumerate() {
                let attempts = attempts(field);
                fields += usize::from(form.posts && !attempts.is_empty());
                for attempt in attempts {
                    self.tries(path, form, place, &attempt).await;
                }
            }
        }
        let after = self.page(path).await;
        if before.forms.iter().map(Form::shown).ne(after.forms.iter().map(Form::shown)) {
            self.wrong.push(format!("{path} shows something else once wrong forms were sent"));
        }
        fields
    }

    async fn tries(&mut self, path: &str, form: &Form, place: usize, (what, value): &Attempt) {
        let field = &form.fields[place];
        let at = format!("{path}, {} of {} ({what})", field.name, form.action);
        let before = field.value.clone();
        let form = self.filled(form).with(place, value);
        let answer = self.send(&form).await;
        let wrong = match (form.posts, is_elsewhere(&form, &form.fields[place])) {
            (true, false) => lack(answer.status, &Page::of(&text(&answer)), &form, (place, before.as_str())),
            _ => (answer.status >= 500).then(|| format!("answers {}", answer.status)),
        };
        self.wrong.extend(wrong.map(|wrong| format!("{at}: {wrong}")));
    }

    /// Types a script into every text of a page, which may be taken or refused.
    pub async fn types_scripts(&mut self, path: &str) {
        let mut page = self.page(path).await;
        let places: Vec<(usize, usize)> = typed_places(&page);
        for (number, place) in places {
            let Some(form) = page.forms.get(number).filter(|form| place < form.fields.len()) else { continue };
            let form = self.filled(form).with(place, SCRIPT);
            let answer = self.send(&form).await;
            let next = answer.header("location").to_owned();
            let shown = match answer.status {
                303 => self.browser.get(&next).await,
                _ => answer,
            };
            if shown.status >= 500 || text(&shown).contains(RAW) {
                let name = &form.fields[place].name;
                self.wrong.push(format!("{path}, {name} of {}: {} as markup", form.action, shown.status));
            }
            if !next.is_empty() {
                page = self.page(path).await;
            }
        }
    }

    /// Sends with every form of a page what it does not ask for.
    pub async fn says_more(&mut self, path: &str) {
        let mut page = self.page(path).await;
        for number in 0..page.forms.len() {
            // Saved as it is shown, what is kept may be written otherwise.
            let Some(form) = page.forms.get(number).filter(|form| form.posts && !form.has_files) else { continue };
            if !form.is_filled_in() {
                continue;
            }
            let form = self.filled(form);
            self.send(&form).await;
            page = self.page(path).await;
            for (name, value) in FOREIGN {
                let Some(form) = page.forms.get(number) else { continue };
                if form.fields.iter().any(|field| field.name == name) {
                    continue;
                }
                let form = self.filled(form);
                let fields: Vec<(&str, &str)> = form.sent().into_iter().chain([(name, value)]).collect();
                let status = self.browser.post(&form.action, &fields).await.status;
                let after = self.page(path).await;
                if status >= 500 || page.forms.iter().map(Form::shown).ne(after.forms.iter().map(Form::shown)) {
                    self.wrong.push(format!("{path}, {name} sent to {}: {status}, and another page", form.action));
                }
                page = after;
            }
        }
    }

    pub async fn page(&mut self, path: &str) -> Page {
        Page::of(&text(&self.browser.get(path).await))
    }

    pub fn filled(&mut self, form: &Form) -> Form {
        self.number += 1;
        form.filled(self.number)
    }

    pub async fn send(&mut self, form: &Form) -> Answered {
        if form.has_files {
            return self.upload(form, ("", b"".as_slice())).await;
        }
        if form.posts {
            return self.browser.post(&form.action, &form.sent()).await;
        }
        let query = encoded(&form.sent());
        self.browser.get(&format!("{}?{query}", form.action)).await
    }

    /// Sends a form with a file of this name, as a browser does; one without a name and a byte is none.
    pub async fn upload(&mut self, form: &Form, (name, file): (&str, &[u8])) -> Answered {
        let (mut body, token) = (Vec::new(), self.browser.token.clone());
        for (name, value) in form.sent().into_iter().chain([("_token", token.as_str())]) {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        for field in form.fields.iter().filter(|field| field.kind == Kind::File) {
            let head = format!("Content-Disposition: form-data; name=\"{}\"; filename=\"{name}\"", field.name);
            let head = format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = self.browser.request("POST", &form.action).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        self.browser.send(request.body(body)).await
    }

    /// The number of changes that were made because somebody of a staff asked for them.
    pub async fn changes(&self) -> usize {
        self.changes_of::<AdminEvent>(Context::Admin).await
            + self.changes_of::<StoreEvent>(Context::Store).await
            + self.changes_of::<PaymentsEvent>(Context::Payments).await
    }

    async fn changes_of<E: EventSet>(&self, context: Context) -> usize {
        let platform = &self.browser.bed.api.platform;
        let mut changes = 0;
        for partition in 0..platform.partitions {
            let (at, mut next) = (TopicPartition::new(topics::events(context), partition), 0);
            while next < platform.log.end(&at).await.unwrap() {
                let page = platform.log.read(&at, next, 1_000).await.unwrap();
                let values = page.records.iter().filter_map(|record| record.value.as_deref());
                let events = values.map(|value| E::decode(&platform.codec, value).unwrap());
                changes += events.filter(is_change::<E>).count();
                next = page.next;
            }
        }
        changes
    }
}

/// True for what changed something because somebody of a staff asked for it; a refusal does not.
fn is_change<E: EventSet>(event: &E) -> bool {
    event.as_answered().is_none() && event.as_timer().is_none() && event.meta().actor.starts_with("staff:")
}

/// The pages of a panel whose addresses name nothing.
fn first_pages(root: &str) -> Vec<String> {
    let routes = feira_apis::routes().into_iter();
    let pages = routes.filter(|route| route.method == "GET" && matches!(route.auth, Auth::Session(_)));
    let pages = pages.filter(|route| route.path.starts_with(root) && !route.path.contains('{'));
    pages.map(|route| route.path.to_owned()).collect()
}

/// The address of a link within the panel, with its query only where that names something.
fn address(root: &str, link: &str) -> Option<String> {
    let link = link.split('#').next().unwrap_or_default();
    if !link.starts_with(root) {
        return None;
    }
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    Some(if parts(query).any(is_name) { link } else { path }.to_owned())
}

/// The parts of an address.
fn parts(address: &str) -> impl Iterator<Item = &str> {
    address.split(['/', '?', '&', '=', ':'])
}

/// True for what names one of many: an id, or a topic.
fn is_name(part: &str) -> bool {
    part.contains('.') || (part.len() == 36 && part.matches('-').count() == 4)
}

/// An address without the names in it: of those that are alike, one is looked at.
fn kind_of(address: &str) -> String {
    parts(address).map(|part| if is_name(part) { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// The wrong values of a field in which something is typed, or of a list, by its kind; the first one is too long.
pub fn attempts(field: &Field) -> Vec<Attempt> {
    let long = match (field.most, field.name.as_str()) {
        (Some(most), _) => most + 1,
        (None, "/description") => 70_000,
        (None, _) => 5_000,
    };
    let long = ("too long", "x".repeat(long));
    let control = ("a control character", "a\u{7}b".to_owned());
    match field.kind {
        Kind::Hidden | Kind::Tick | Kind::Radio | Kind::File => Vec::new(),
        Kind::Text | Kind::Area => vec![long, control],
        Kind::Email => vec![long, control, ("no address", "sem-arroba".to_owned())],
        Kind::Figure => vec![long, control, ("letters", "doze".to_owned())],
        Kind::Password => vec![long],
        Kind::Select => vec![("no option", "nenhuma-destas".to_owned())],
    }
}

/// True for a field of which a wrong value is not always said beside it.
pub fn is_elsewhere(form: &Form, field: &Field) -> bool {
    ELSEWHERE.iter().any(|(action, name)| (action.is_empty() || *action == form.action) && field.name.starts_with(name))
}

/// What an answer to a form lacks whose field at a place is wrong and was not `before`; none if it is as it should be.
fn lack(status: u16, page: &Page, form: &Form, (place, before): (usize, &str)) -> Option<String> {
    let field = &form.fields[place];
    if status != 422 {
        return Some(format!("answers {status}"));
    }
    let Some(shown) = page.field(&form.action, &field.name, field.kind) else {
        return Some("the form is not shown again".to_owned());
    };
    let mut errors = shown.described_by.iter().filter(|id| id.contains("error")).filter_map(|id| page.said.get(id));
    let is_kept = match field.kind {
        Kind::Password => shown.value.is_empty(),
        // A list has no place for what it does not offer.
        Kind::Select => shown.value == before || shown.value.is_empty(),
        _ => shown.value == field.value,
    };
    let mut of_form = page.forms.iter().filter(|other| other.action == form.action).flat_map(|other| &other.fields);
    let is_looked_at = page.focused == 1 && of_form.any(|other| other.is_invalid && other.is_focused);
    let lacks = [
        (!shown.is_invalid, "is not marked as wrong"),
        (!errors.any(|error| !error.is_empty()), "no word beside it says why"),
        (!is_kept, "what was typed is not there any more"),
        (!is_looked_at, "no wrong field is looked at first"),
    ];
    let lack = lacks.into_iter().find(|(is_lacking, _)| *is_lacking).map(|(_, lack)| lack.to_owned());
    lack.or_else(|| lost(page, form, place))
}

/// What of a form stands in none of a page's forms as it was sent; none if all is kept but the field at a place and those of its name. A
/// secret is never sent back, and a browser keeps no file.
pub fn lost(page: &Page, form: &Form, place: usize) -> Option<String> {
    let tried = &form.fields[place].name;
    let is_seen = |field: &&Field| !matches!(field.kind, Kind::Hidden | Kind::Password | Kind::File);
    let is_listed =
        |field: &&Field| form.action == TICKED_IN_A_LIST.0 && field.name == TICKED_IN_A_LIST.1 && !field.is_sent;
    let others = form.fields.iter().filter(is_seen).filter(|field| field.name != *tried && !is_listed(field));
    let others: Vec<&Field> = others.collect();
    let again = page.forms.iter().filter(|again| again.posts && again.action == form.action);
    let mut lost = Vec::new();
    for again in again {
        match others.iter().find(|field| !again.shows(field)) {
            Some(field) => lost.push(format!("{} is not there as it was sent", field.name)),
            None => return None,
        }
    }
    lost.into_iter().next()
}

/// The places of the texts that are typed into a page's forms: the form's number, and the field's.
fn typed_places(page: &Page) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for (number, form) in page.forms.iter().enumerate().filter(|(_, form)| form.posts && !form.has_files) {
        let is_typed = |field: &Field| matches!(field.kind, Kind::Text | Kind::Area | Kind::Email);
        let typed = form.fields.iter().enumerate().filter(|(_, field)| is_typed(field));
        places.extend(typed.map(|(place, _)| (number, place)));
    }
    places
}
