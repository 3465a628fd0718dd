//! The forms of a page, as who fills them in sees them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sign_up::browser::{Tag, path_of, tags, unescaped};

/// Boxes of which a form needs one that is ticked.
const TICKED: [&str; 2] = ["/permissions", "/methods"];

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    /// The addresses of its links.
    pub links: Vec<String>,
    pub forms: Vec<Form>,
    /// The text behind each tag with an id; of a list, that of its items.
    pub said: BTreeMap<String, String>,
    /// True if it says that something is wrong.
    pub says_why: bool,
    /// The number of fields that ask for the focus.
    pub focused: usize,
}

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    /// The path that it is sent to.
    pub action: String,
    /// True for a form that changes something; else it looks for something.
    pub posts: bool,
    /// True for a form that carries files.
    pub has_files: bool,
    pub fields: Vec<Field>,
    /// The first button that sends it, with what it says by that.
    button: Option<(String, String)>,
}

/// The kind of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Hidden,
    Text,
    /// A text of several lines.
    Area,
    Email,
    /// Numbers, money, telephones and dates: letters alone are wrong.
    Figure,
    Password,
    Select,
    /// A box to tick.
    Tick,
    /// One of several to choose from.
    Radio,
    File,
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub value: String,
    /// False for what is not ticked.
    pub is_sent: bool,
    pub is_required: bool,
    /// The most characters that a browser lets be typed.
    pub most: Option<usize>,
    /// True of a field that is marked as wrong.
    pub is_invalid: bool,
    /// The ids of what describes it, or the group that it is of.
    pub described_by: Vec<String>,
    /// What a browser offers to choose from, of a file.
    pub accept: String,
    pub is_focused: bool,
    /// True of a list of which an option is chosen.
    is_chosen: bool,
}

impl Page {
    pub fn of(text: &str) -> Self {
        let mut page = Self::default();
        let (mut form, mut select, mut list) = (None::<Form>, None::<Field>, None::<String>);
        let mut group = Vec::new();
        for tag in tags(text) {
            let of = |name: &str| tag.attributes.get(name).cloned();
            if let Some(id) = of("id") {
                page.said.insert(id, tag.behind.trim().to_owned());
            }
            page.focused += usize::from(of("autofocus").is_some());
            let class = of("class").unwrap_or_default();
            page.says_why |= class.split_whitespace().any(|class| matches!(class, "error" | "wrong"));
            match tag.name {
                "ul" => list = of("id"),
                "/ul" => list = None,
                "li" => {
                    if let Some(id) = &list
                        && let Some(said) = page.said.get_mut(id)
                    {
                        said.push_str(tag.behind.trim());
                    }
                }
                "fieldset" => group = ids(&tag),
                "/fieldset" => group.clear(),
                "a" => page.links.extend(of("href")),
                "form" => form = Some(Form::begun(&tag)),
                "/form" => page.forms.extend(form.take()),
                "select" => select = Field::of(&tag),
                "/select" => {
                    if let Some(form) = &mut form {
                        form.fields.extend(select.take());
                    }
                }
                "option" => {
                    if let Some(select) = &mut select {
                        select.may_be(&tag);
                    }
                }
                "input" | "textarea" | "button" => {
                    if let Some(form) = &mut form {
                        form.read(&tag, &group);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// A field of the forms with this action, above all one that is marked as wrong.
    pub fn field(&self, action: &str, name: &str, kind: Kind) -> Option<&Field> {
        let of_action = self.forms.iter().filter(|form| form.action == action).flat_map(|form| &form.fields);
        let same: Vec<&Field> = of_action.filter(|field| field.name == name && field.kind == kind).collect();
        same.iter().find(|field| field.is_invalid).or(same.first()).copied()
    }
}

impl Form {
    fn begun(tag: &Tag<'_>) -> Self {
        let of = |name: &str| tag.attributes.get(name).map(String::as_str).unwrap_or_default();
        Self {
            action: path_of(of("action")).to_owned(),
            posts: of("method").eq_ignore_ascii_case("post"),
            has_files: of("enctype") == "multipart/form-data",
            fields: Vec::new(),
            button: None,
        }
    }

    fn read(&mut self, tag: &Tag<'_>, group: &[String]) {
        let of = |name: &str| tag.attributes.get(name).cloned();
        if tag.name != "button" {
            let mut field = Field::of(tag);
            field.iter_mut().for_each(|field| field.described_by.extend_from_slice(group));
            self.fields.extend(field);
        } else if self.button.is_none() && of("disabled").is_none() {
            self.button = Some((of("name").unwrap_or_default(), of("value").unwrap_or_default()));
        }
    }

    /// True if somebody types or chooses something in it.
    pub fn is_filled_in(&self) -> bool {
        self.fields.iter().any(|field| field.kind != Kind::Hidden)
    }

    /// What stands in it, but for what it says of itself.
    pub fn shown(&self) -> Vec<(&str, &str)> {
        let shown = self.fields.iter().filter(|field| field.is_sent && !field.name.starts_with('_'));
        shown.map(|field| (field.name.as_str(), field.value.as_str())).collect()
    }

    /// What a browser sends of it, but for the token.
    pub fn sent(&self) -> Vec<(&str, &str)> {
        let is_sent = |field: &&Field| field.is_sent && field.name != "_token" && field.kind != Kind::File;
        let sent = self.fields.iter().filter(is_sent);
        let sent = sent.map(|field| (field.name.as_str(), field.value.as_str()));
        let button = self.button.iter().filter(|(name, _)| !name.is_empty());
        sent.chain(button.map(|(name, value)| (name.as_str(), value.as_str()))).collect()
    }

    /// The form with something in every field that asks for it, and a key of this number.
    pub fn filled(&self, number: usize) -> Self {
        let mut form = self.clone();
        for field in &mut form.fields {
            if field.name == "_key" {
                field.value = format!("campo-{number}");
            } else if field.value.is_empty() {
                field.value = field.likely(number).unwrap_or_default();
            }
        }
        for name in TICKED {
            let is_box = |field: &Field| field.name == name && field.kind == Kind::Tick;
            if self.fields.iter().any(|field| is_box(field) && field.is_sent) {
                continue;
            }
            if let Some(first) = form.fields.iter_mut().find(|field| is_box(field)) {
                first.is_sent = true;
            }
        }
        form
    }

    /// The form with this value in the field at a place, which is sent; of those to choose from no other one is.
    pub fn with(mut self, place: usize, value: &str) -> Self {
        let name = self.fields[place].name.clone();
        if self.fields[place].kind == Kind::Radio {
            let others = self.fields.iter_mut().filter(|field| field.name == name);
            others.for_each(|other| other.is_sent = false);
        }
        let field = &mut self.fields[place];
        (field.value, field.is_sent) = (value.to_owned(), true);
        self
    }

    /// The form with every box ticked, and the last of what is to choose from chosen.
    pub fn ticked(mut self) -> Self {
        let mut chosen = BTreeSet::new();
        for field in self.fields.iter_mut().rev() {
            match field.kind {
                Kind::Tick => field.is_sent = true,
                Kind::Radio => field.is_sent = chosen.insert(field.name.clone()),
                _ => {}
            }
        }
        self
    }

    /// True if a field stands in it as in another form.
    pub fn shows(&self, other: &Field) -> bool {
        let key = |field: &Field| (field.name.clone(), field.kind, field.value.clone(), field.is_sent);
        self.fields.iter().any(|field| key(field) == key(other))
    }
}

/// The ids of what describes a tag.
fn ids(tag: &Tag<'_>) -> Vec<String> {
    let ids = tag.attributes.get("aria-describedby").map(String::as_str).unwrap_or_default();
    ids.split_whitespace().map(str::to_owned).collect()
}

impl Field {
    /// The field of a tag; none of what sends nothing.
    fn of(tag: &Tag<'_>) -> Option<Self> {
        let of = |name: &str| tag.attributes.get(name).cloned();
        let name = of("name").filter(|name| !name.is_empty())?;
        if of("disabled").is_some() || of("readonly").is_some() {
            return None;
        }
        let is_figure = matches!(of("inputmode").as_deref(), Some("numeric" | "decimal"));
        let kind = match (tag.name, of("type").as_deref().unwrap_or("text")) {
            ("textarea", _) => Kind::Area,
            ("select", _) => Kind::Select,
            (_, "submit" | "button" | "reset" | "image") => return None,
            (_, "file") => Kind::File,
            (_, "hidden") => Kind::Hidden,
            (_, "email") => Kind::Email,
            (_, "password") => Kind::Password,
            (_, "checkbox") => Kind::Tick,
            (_, "radio") => Kind::Radio,
            (_, "text" | "search" | "url") if !is_figure => Kind::Text,
            _ => Kind::Figure,
        };
        let value = match kind {
            // The first line's end belongs to the tag.
            Kind::Area => unescaped(tag.behind.strip_prefix('\n').unwrap_or(tag.behind)),
            Kind::Tick | Kind::Radio => of("value").unwrap_or_else(|| "on".to_owned()),
            _ => of("value").unwrap_or_default(),
        };
        Some(Self {
            name,
            kind,
            value,
            is_sent: !matches!(kind, Kind::Tick | Kind::Radio) || of("checked").is_some(),
            is_required: of("required").is_some(),
            most: of("maxlength").and_then(|most| most.parse().ok()),
            is_invalid: of("aria-invalid").as_deref() == Some("true"),
            described_by: ids(tag),
            accept: of("accept").unwrap_or_default(),
            is_focused: of("autofocus").is_some(),
            is_chosen: false,
        })
    }

    /// Reads an option of the list that this field is: the first one is chosen where none says that it is.
    fn may_be(&mut self, tag: &Tag<'_>) {
        let value = tag.attributes.get("value").cloned().unwrap_or_else(|| unescaped(tag.behind.trim()));
        if !self.is_chosen || tag.attributes.contains_key("selected") {
            (self.value, self.is_chosen) = (value, true);
        }
    }

    /// Something that the field may take; none where it may stay blank.
    fn likely(&self, number: usize) -> Option<String> {
        let is_typed = !matches!(self.kind, Kind::Hidden | Kind::Select | Kind::Tick | Kind::Radio | Kind::File);
        let text = match self.name.as_str() {
            "/variants/0/price" => return Some("49,90".to_owned()),
            _ if !self.is_required || !is_typed => return None,
            "/price" => "49,90".to_owned(),
            "/subdomain" => format!("campo-{number}"),
            "/public_key" => "pk_test_campo".to_owned(),
            "/secret_key" => "sk_test_campo".to_owned(),
            _ if self.kind == Kind::Email => format!("pessoa-{number}@campo.example"),
            _ if self.kind == Kind::Figure => "1".to_owned(),
            _ => format!("Campo {number}"),
        };
        Some(text)
    }
}

#[test]
fn a_page_is_read_as_who_fills_it_in_sees_it() {
    let text = "<a href=\"/admin/x?a=1&amp;b=2\">x</a><form method=\"post\" action=\"/admin/x\">\
        <input type=\"hidden\" name=\"_token\" value=\"t\"><input type=\"hidden\" name=\"_key\" value=\"k\">\
        <input id=\"name\" name=\"/name\" type=\"text\" required maxlength=\"9\" value=\"&#60;b&#62;\" aria-invalid=\"true\" \
        aria-describedby=\"hint name-error\" autofocus><p id=\"name-error\">Não.</p><textarea name=\"/text\">\na\nb</textarea>\
        <select name=\"/one\"><option value=\"\">-<option value=\"p\" selected>P</select>\
        <input type=\"checkbox\" name=\"/permissions\" value=\"a\"><input name=\"/n\" inputmode=\"numeric\" readonly>\
        <button name=\"_act\" value=\"save\">x</button><button name=\"_act\" value=\"other\">y</button></form>";
    let page = Page::of(text);
    assert_eq!((page.links[0].as_str(), page.focused), ("/admin/x?a=1&b=2", 1));
    assert_eq!(page.said["name-error"], "Não.");
    let form = page.forms[0].filled(7);
    let one = [("_key", "campo-7"), ("/name", "<b>"), ("/text", "a\nb"), ("/one", "p"), ("/permissions", "a")];
    assert_eq!(form.sent(), [&one[..], &[("_act", "save")]].concat());
    assert_eq!(page.forms[0].shown(), one[1..4]);
    let name = page.field("/admin/x", "/name", Kind::Text).unwrap();
    assert!(name.is_invalid && name.is_focused && name.most == Some(9) && name.described_by[1] == "name-error");
    assert_eq!(form.with(2, "y").sent()[1], ("/name", "y"));
}

#[test]
fn what_is_chosen_and_why_it_can_not_be_is_read() {
    let text = "<form method=\"post\" action=\"/admin/x\"><fieldset aria-describedby=\"kind-error\">\
        <input type=\"radio\" name=\"/kind\" value=\"a\" checked><input type=\"radio\" name=\"/kind\" value=\"b\"></fieldset>\
        <p class=\"wrong\" id=\"kind-error\">Não.</p><input type=\"checkbox\" name=\"/on\" value=\"true\">\
        <input type=\"file\" name=\"/file\" accept=\"image/png\" aria-describedby=\"file-error\"></form>\
        <ul class=\"error\" id=\"file-error\"><li>Um.</li><li>Dois.</li></ul>";
    let page = Page::of(text);
    let form = &page.forms[0];
    assert_eq!(form.sent(), [("/kind", "a")]);
    assert_eq!((form.fields[1].described_by[0].as_str(), form.fields[2].described_by.len()), ("kind-error", 0));
    assert_eq!((page.said["file-error"].as_str(), page.says_why), ("Um.Dois.", true));
    assert_eq!((form.fields[3].kind, form.fields[3].accept.as_str()), (Kind::File, "image/png"));
    assert_eq!(form.clone().with(0, "c").sent(), [("/kind", "c")]);
    let ticked = form.clone().ticked();
    assert_eq!(ticked.sent(), [("/kind", "b"), ("/on", "true")]);
    assert!(form.shows(&form.fields[0]) && !form.shows(&ticked.fields[0]) && !form.shows(&ticked.fields[2]));
}
