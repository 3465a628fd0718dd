//! A browser without JavaScript: it keeps cookies, has an address of its own, and sends the forms of pages as they are filled in.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use reqwest::{Client, Method, redirect::Policy};
use tokio::sync::Semaphore;

/// The longest that one answer is waited for: a process that is killed ends its connections, one that hangs does not.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// Requests of all browsers of this program at once: each takes a descriptor here, of which a program has 1,024.
static REQUESTS: Semaphore = Semaphore::const_new(400);

/// A browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    /// The address that is connected to, without a slash at the end, whatever host is asked.
    pub base: String,
    host: String,
    address: String,
    cookies: BTreeMap<String, String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// The path that it leads to; empty if it leads nowhere.
    pub location: String,
    pub text: String,
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// The path that it is sent to; empty for that of its page.
    pub action: String,
    fields: Vec<Field>,
}

/// An input with a name.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    /// True for a box to be ticked, or one of several to choose from.
    is_choice: bool,
    /// False for what is not ticked, or not chosen.
    is_sent: bool,
}

/// The client of all browsers of a program: it follows nothing and keeps no cookies.
pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().timeout(ANSWERED_WITHIN).build().unwrap()
}

impl Browser {
    /// A browser that asks this name's pages, of the process at `base`, from an address of its own.
    pub fn new(client: &Client, base: &str, name: &str, number: usize) -> Self {
        let [.., high, low] = number.to_be_bytes();
        let port = base.rsplit(':').next().unwrap();
        Self {
            client: client.clone(),
            base: base.to_owned(),
            host: format!("{name}:{port}"),
            address: format!("198.18.{high}.{low}"),
            cookies: BTreeMap::new(),
        }
    }

    /// Looks at a page.
    pub async fn get(&mut self, path: &str) -> reqwest::Result<Page> {
        self.ask(Method::GET, path, None).await
    }

    /// Sends a form of the page at this path.
    pub async fn send(&mut self, path: &str, form: &Form) -> reqwest::Result<Page> {
        let action = if form.action.is_empty() { path } else { form.action.as_str() };
        self.ask(Method::POST, action, Some(form.encoded())).await
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<String>) -> reqwest::Result<Page> {
        let _one = REQUESTS.acquire().await.unwrap();
        let request = self.client.request(method, format!("{}{path}", self.base)).header("host", &self.host);
        let mut request = request.header("x-forwarded-for", &self.address).header("accept", "text/html");
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(body) = body {
            let request_of_form = request.header("sec-fetch-site", "same-origin");
            request = request_of_form.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match rest.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let location = answer.headers().get("location").map(|to| path_of(to.to_str().unwrap()).to_owned());
        let status = answer.status().as_u16();
        Ok(Page { status, location: location.unwrap_or_default(), text: answer.text().await? })
    }
}

impl Page {
    /// True for an answer after which a person tries again: nothing is wrong with what was asked.
    pub fn asks_to_come_again(&self) -> bool {
        matches!(self.status, 409 | 429 | 502 | 503 | 504)
    }

    /// True if the page has a link to a host with this sub-domain.
    pub fn leads_to(&self, subdomain: &str) -> bool {
        let to = |scheme: &str| self.text.contains(&format!("href=\"{scheme}://{subdomain}."));
        to("http") || to("https")
    }

    /// The page's forms.
    pub fn forms(&self) -> Vec<Form> {
        let (mut forms, mut form, mut select) = (Vec::new(), None::<Form>, None::<String>);
        for tag in tags(&self.text) {
            let of = |name: &str| tag.attributes.get(name).cloned().unwrap_or_default();
            match tag.name {
                "form" => form = Some(Form { action: path_of(&of("action")).to_owned(), fields: Vec::new() }),
                "/form" => forms.extend(form.take()),
                "select" => select = Some(of("name")),
                "/select" => select = None,
                "input" | "textarea" | "option" => {
                    if let Some(form) = &mut form {
                        form.read(&tag, select.as_deref());
                    }
                }
                _ => {}
            }
        }
        forms
    }
}

impl Form {
    fn read(&mut self, tag: &Tag<'_>, select: Option<&str>) {
        let of = |name: &str| tag.attributes.get(name).cloned();
        let name = if tag.name == "option" { select.map(str::to_owned) } else { of("name") };
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        let kind = of("type").unwrap_or_default();
        if matches!(kind.as_str(), "submit" | "button" | "image" | "file") {
            return;
        }
        let is_choice = tag.name == "option" || matches!(kind.as_str(), "checkbox" | "radio");
        let text = || unescaped(tag.behind);
        let value = match tag.name {
            "textarea" => text(),
            "option" => of("value").unwrap_or_else(text),
            _ => of("value").unwrap_or_else(|| if is_choice { "on".into() } else { String::new() }),
        };
        let is_sent = match tag.name {
            // What a script of the page lets be chosen is there to be set.
            _ if of("disabled").is_some() => false,
            // Of a list that says nothing the first is chosen.
            "option" => of("selected").is_some() || !self.fields.iter().any(|field| field.name == name),
            _ => !is_choice || of("checked").is_some(),
        };
        if tag.name == "option" && is_sent {
            self.fields.iter_mut().filter(|field| field.name == name).for_each(|field| field.is_sent = false);
        }
        self.fields.push(Field { name, value, is_choice, is_sent });
    }

    /// True if the form has an input of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| is_called(&field.name, name))
    }

    /// Fills an input in, or chooses this value of those that it lets choose from.
    ///
    /// # Panics
    /// Where there is no such input, or none with this value to choose.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut is_set = false;
        for field in self.fields.iter_mut().filter(|field| is_called(&field.name, name)) {
            field.is_sent = !field.is_choice || field.value == value;
            // A text is typed, whatever was there.
            if !field.is_choice {
                value.clone_into(&mut field.value);
            }
            is_set |= field.is_sent;
        }
        let names = || self.fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect::<Vec<_>>();
        assert!(is_set, "no input {name} takes {value}, of {:?}", names());
    }

    /// Fills an input in where there is one.
    pub fn set_if_there(&mut self, name: &str, value: &str) {
        if self.has(name) {
            self.set(name, value);
        }
    }

    fn encoded(&self) -> String {
        let sent = self.fields.iter().filter(|field| field.is_sent);
        sent.map(|field| format!("{}={}", percent(&field.name), percent(&field.value))).collect::<Vec<_>>().join("&")
    }
}

/// True if an input is called so: what a form says of itself has a `_` before its name, what fills a body is a JSON Pointer to it.
fn is_called(input: &str, name: &str) -> bool {
    input.strip_prefix(['/', '_']).unwrap_or(input) == name
}

fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => encoded.push(char::from(byte)),
            other => write!(encoded, "%{other:02X}").unwrap(),
        }
    }
    encoded
}

/// The path of an address, with its query; of what is a path already the same.
pub fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    }
}

/// A tag, and the text between it and the next.
pub struct Tag<'a> {
    /// The name; of an end tag with the `/` before it.
    pub name: &'a str,
    pub attributes: BTreeMap<&'a str, String>,
    /// The text, as the page writes it.
    pub behind: &'a str,
}

/// The tags of a page, in their order.
pub fn tags(page: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, from) = rest.split_once('<')?;
        let (inner, behind) = from.split_at(end_of(from));
        let behind = behind.strip_prefix('>').unwrap_or(behind);
        rest = behind;
        let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let behind = behind.split('<').next().unwrap_or_default();
        Some(Tag { name, attributes: attributes_of(attributes), behind })
    })
}

/// The place of the `>` that ends a tag: values may have one, too.
fn end_of(tag: &str) -> usize {
    let mut quote = None;
    for (at, sign) in tag.char_indices() {
        match (quote, sign) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn attributes_of(text: &str) -> BTreeMap<&str, String> {
    let (mut found, mut rest) = (BTreeMap::new(), text.trim_start());
    while !rest.is_empty() {
        let end = rest.find(|sign: char| sign == '=' || sign.is_whitespace()).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let (value, behind) = match behind.strip_prefix('=') {
            Some(value) => match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            },
            None => ("", behind),
        };
        found.insert(name, unescaped(value));
        rest = behind.trim_start();
    }
    found
}

/// A text as it is read, of one as a page writes it.
pub fn unescaped(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&#60;", "<"), ("&gt;", ">"), ("&#62;", ">"), ("&quot;", "\""), ("&#34;", "\"")];
    let signs = signs.into_iter().chain([("&#39;", "'"), ("&#x27;", "'"), ("&#38;", "&"), ("&amp;", "&")]);
    signs.fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

#[test]
fn a_form_is_read_filled_in_and_sent_as_a_browser_does() {
    let text = "<form method=\"post\" action=\"http://localhost:1/assinar/x\"><input type=\"hidden\" name=\"_token\" value=\"a>&amp;b\">\
        <input name=\"/name\" value=\"D&#39;Arc\" required><input id=\"card-number\"><textarea name=\"note\">x</textarea>\
        <input type=\"radio\" name=\"/method\" value=\"card\" checked><input type=\"radio\" name=\"/method\" value=\"pix\">\
        <select name=\"state\"><option value=\"AC\">Acre<option value=\"SP\" selected>São Paulo<option>TO</select>\
        <input type=\"checkbox\" name=\"accept\"><button name=\"b\" value=\"1\">Enviar</button></form><a href=\"http://pao.localhost/\">";
    let page = Page { status: 200, location: String::new(), text: text.into() };
    let [form] = &page.forms()[..] else { panic!("one form") };
    assert_eq!(form.action, "/assinar/x");
    assert_eq!(form.encoded(), "_token=a%3E%26b&%2Fname=D%27Arc&note=x&%2Fmethod=card&state=SP");
    let mut form = form.clone();
    for (name, value) in [("name", "Zé"), ("method", "pix"), ("state", "TO"), ("accept", "on")] {
        form.set(name, value);
    }
    assert_eq!(form.encoded(), "_token=a%3E%26b&%2Fname=Z%C3%A9&note=x&%2Fmethod=pix&state=TO&accept=on");
    assert!(page.leads_to("pao") && !page.leads_to("ao") && !form.has("card-number"));
}
