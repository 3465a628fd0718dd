//! What nobody types: boxes that are ticked, what is chosen of several, and what a form names without showing it.

use std::collections::BTreeSet;

use super::{
    page::{Field, Form, Kind, Page},
    walk::{Walk, attempts, is_elsewhere, lost},
};
use crate::{bed::Answered, panel::text};

/// A value that no form offers.
const NONE_OF_THESE: &str = "nenhuma-destas";
/// What a form says of itself, which tests of their own look at.
const OF_ITSELF: [&str; 3] = ["_token", "_key", "_version"];
/// What only says where to go next: what is no page of the panel leads to the usual one.
const LEADING: [&str; 2] = ["_back", "_next"];
/// A file of one product.
const CSV: &str = "Handle,Title,Variant Price\ncopo,Copo,10\n";

impl Walk<'_> {
    /// Chooses what a page does not offer, one field after the other; how many fields were tried.
    pub async fn chooses_otherwise(&mut self, path: &str) -> usize {
        let page = self.page(path).await;
        let mut tried = BTreeSet::new();
        for form in &page.forms {
            for (place, field) in form.fields.iter().enumerate() {
                // All of one name are read by one piece of code.
                if is_offered(field) && tried.insert((&form.action, &field.name, field.kind)) {
                    self.chooses(path, form, place).await;
                }
            }
        }
        tried.len()
    }

    /// The same on pages to which only a form leads: the question before prices are changed, and what a file would change.
    pub async fn chooses_otherwise_behind_forms(&mut self) {
        let list = self.page("/admin/products").await;
        let many = of_action(&list, "/admin/products/many");
        let mut many = self.filled(many);
        for field in &mut many.fields {
            match field.name.as_str() {
                "/chosen" => field.is_sent = true,
                "/action" => "reprice".clone_into(&mut field.value),
                "/percent" => "10".clone_into(&mut field.value),
                _ => {}
            }
        }
        let asks = self.send(&many).await.expect(200);
        self.chooses_each(&asks, "/admin/products/many", &["/action", "/percent"]).await;
        let import = self.page("/admin/products/import").await;
        let import = self.filled(of_action(&import, "/admin/products/import"));
        let results = self.upload(&import, ("produtos.csv", CSV.as_bytes())).await.expect(200);
        self.chooses_each(&results, "/admin/products/import", &["/mode"]).await;
    }

    async fn chooses_each(&mut self, answer: &Answered, action: &str, names: &[&str]) {
        let page = Page::of(&text(answer));
        let form = of_action(&page, action);
        for name in names {
            let place = form.fields.iter().position(|field| field.name == *name && field.kind == Kind::Hidden);
            self.chooses("behind a form", form, place.unwrap()).await;
        }
    }

    async fn chooses(&mut self, path: &str, form: &Form, place: usize) {
        let field = &form.fields[place];
        let at = format!("{path}, {} ({:?}) of {}", field.name, field.kind, form.action);
        let filled = self.filled(form);
        let form = if may_be_passed_over(form, field) { with_another_wrong(filled) } else { filled };
        let before = form.clone();
        let form = form.with(place, NONE_OF_THESE);
        let answer = self.send(&form).await;
        let wrong = match (form.posts, form.fields[place].kind) {
            (false, _) => (answer.status >= 500).then(|| format!("answers {}", answer.status)),
            (true, Kind::Radio) => lack_of_choice(&answer, &form, (place, &before)),
            (true, _) => lack(&answer, &form, place),
        };
        self.wrong.extend(wrong.map(|wrong| format!("{at}: {wrong}")));
    }
}

fn is_offered(field: &Field) -> bool {
    let is_kind = matches!(field.kind, Kind::Hidden | Kind::Tick | Kind::Radio);
    is_kind && !OF_ITSELF.contains(&field.name.as_str())
}

fn of_action<'p>(page: &'p Page, action: &str) -> &'p Form {
    page.forms.iter().find(|form| form.posts && form.action == action).unwrap()
}

/// True for a field of which a wrong value may count as nothing: a box that is not ticked, what a form says where none is, and where to go
/// next.
fn may_be_passed_over(form: &Form, field: &Field) -> bool {
    let is_box = |other: &Field| other.kind == Kind::Tick && other.name == field.name;
    form.fields.iter().any(is_box) || LEADING.contains(&field.name.as_str())
}

/// The form with a text in it that is too long, by which nothing that it asks for is done; as it is where it has none.
fn with_another_wrong(form: Form) -> Form {
    let is_typed = |field: &Field| matches!(field.kind, Kind::Text | Kind::Area | Kind::Email | Kind::Figure);
    let place = form.fields.iter().position(|field| is_typed(field) && !is_elsewhere(&form, field));
    match place {
        Some(place) => {
            let (_, long) = attempts(&form.fields[place]).swap_remove(0);
            form.with(place, &long)
        }
        None => form,
    }
}

/// What an answer lacks to a form in which something is chosen that it does not offer; none if it is as it should be.
fn lack(answer: &Answered, form: &Form, place: usize) -> Option<String> {
    let shown = text(answer);
    if !(400..500).contains(&answer.status) {
        return Some(format!("answers {}", answer.status));
    }
    if !shown.contains("<html lang=\"pt-BR\">") || !shown.contains("<h1") {
        return Some("answers no page".to_owned());
    }
    let page = Page::of(&shown);
    let again: Vec<&Form> = page.forms.iter().filter(|again| again.posts && again.action == form.action).collect();
    if again.is_empty() {
        return None;
    }
    if !page.says_why {
        return Some("no word says why".to_owned());
    }
    let (name, kind) = (&form.fields[place].name, Kind::Tick);
    let is_ticked = |field: &&Field| field.kind == kind && field.name == *name && field.is_sent;
    let mut ticked = again.iter().flat_map(|again| &again.fields).filter(is_ticked);
    if ticked.any(|field| !form.shows(field)) {
        return Some("a box is ticked that nobody ticked".to_owned());
    }
    lost(&page, form, place)
}

/// What an answer lacks to a form in which none of several was chosen but something else, and `before` what is in it.
fn lack_of_choice(answer: &Answered, form: &Form, (place, before): (usize, &Form)) -> Option<String> {
    if answer.status != 422 {
        return Some(format!("answers {}", answer.status));
    }
    let (page, name) = (Page::of(&text(answer)), &form.fields[place].name);
    let of_action = page.forms.iter().filter(|again| again.action == form.action).flat_map(|again| &again.fields);
    let shown: Vec<&Field> = of_action.filter(|field| field.kind == Kind::Radio && field.name == *name).collect();
    let described_by = shown.first().map(|field| field.described_by.as_slice()).unwrap_or_default();
    let mut errors = described_by.iter().filter(|id| id.contains("error")).filter_map(|id| page.said.get(id));
    let lacks = [
        (shown.is_empty(), "the form is not shown again"),
        (!errors.any(|error| !error.is_empty()), "no word beside it says why"),
        (shown.iter().any(|field| field.is_sent && !before.shows(field)), "something is chosen that nobody chose"),
        (page.focused != 1, "no wrong field is looked at first"),
    ];
    let lack = lacks.into_iter().find(|(is_lacking, _)| *is_lacking).map(|(_, lack)| lack.to_owned());
    lack.or_else(|| lost(&page, form, place))
}
