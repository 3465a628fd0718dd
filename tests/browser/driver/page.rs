//! What a person does with a page, and sees of it. Everything waits until it can be done.

use serde_json::{Value, json};

use super::{Browser, Failed};

/// The name by which WebDriver knows an element (W3C WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Goes to an address.
    pub async fn open(&self, address: &str) {
        self.post("/url", json!({"url": address})).await.unwrap_or_else(|failed| panic!("{address}: {failed:?}"));
    }

    /// Presses the button that leads back.
    pub async fn back(&self) {
        self.post("/back", json!({})).await.unwrap();
    }

    /// Loads the page again.
    pub async fn refresh(&self) {
        self.post("/refresh", json!({})).await.unwrap();
    }

    /// The page's address.
    pub async fn url(&self) -> String {
        self.get("/url").await.unwrap().as_str().unwrap().to_owned()
    }

    /// The page's address without query and fragment.
    pub async fn page(&self) -> String {
        self.url().await.split(['?', '#']).next().unwrap_or_default().to_owned()
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.get("/title").await.unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until the page's address holds this.
    pub async fn is_at(&self, part: &str) {
        self.until(&format!("an address with {part}"), async || self.url().await.contains(part).then_some(())).await;
    }

    /// What is seen of the page, in small letters.
    pub async fn text(&self) -> String {
        let Some(body) = self.look_for("body").await else { return String::new() };
        let text = now(self.get(&format!("/element/{body}/text")).await);
        text.and_then(|text| text.as_str().map(str::to_lowercase)).unwrap_or_default()
    }

    /// Waits until the page says this, whatever the size of its letters.
    pub async fn says(&self, words: &str) {
        let small = words.to_lowercase();
        let said = async || self.text().await.contains(&small).then_some(());
        self.until(&format!("a page that says {words}"), said).await;
    }

    /// The page's source as it is now, with what scripts have made of it.
    pub async fn source(&self) -> String {
        now(self.get("/source").await).and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// True if there is such an element, seen or not.
    pub async fn has(&self, css: &str) -> bool {
        self.look_for(css).await.is_some()
    }

    /// Waits until there is such an element.
    pub async fn shows(&self, css: &str) {
        self.until(css, async || self.look_for(css).await.map(drop)).await;
    }

    /// Clicks on an element.
    pub async fn click(&self, css: &str) {
        self.act(css, "click", json!({})).await;
    }

    /// Clicks twice at once.
    pub async fn double_click(&self, css: &str) {
        self.shows(css).await;
        let middle = "document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})";
        self.script(middle, json!([css])).await;
        let element = self.look_for(css).await.unwrap();
        let (down, up) = (json!({"type": "pointerDown", "button": 0}), json!({"type": "pointerUp", "button": 0}));
        let to = json!({"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": {ELEMENT: element}});
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [to, down, up, down, up],
        });
        // The page may be gone before the second click.
        let _ = now(self.post("/actions", json!({"actions": [mouse]})).await);
    }

    /// Types a text into a field, instead of what is there.
    pub async fn fill(&self, css: &str, text: &str) {
        self.act(css, "clear", json!({})).await;
        self.act(css, "value", json!({"text": text})).await;
    }

    /// Takes one of some values: of a list, of buttons that exclude each other, or of a field that is typed into.
    pub async fn choose(&self, name: &str, value: &str) {
        self.shows(&format!("[name=\"{name}\"]")).await;
        if self.has(&format!("select[name=\"{name}\"]")).await {
            // An option without a value of its own has its text for one, which CSS does not see.
            let is_it = format!("@value='{value}' or normalize-space(.)='{value}'");
            self.click(&format!("//select[@name='{name}']/option[{is_it}]")).await;
        } else if self.has(&format!("input[name=\"{name}\"][type=\"radio\"]")).await {
            self.tick(&format!("input[name=\"{name}\"][value=\"{value}\"]")).await;
        } else {
            self.fill(&format!("[name=\"{name}\"]"), value).await;
        }
    }

    /// Ticks a box or a round button, by its label where that lies above it.
    pub async fn tick(&self, css: &str) {
        self.until(&format!("{css} that can be ticked"), async || self.ticked(css).await.then_some(())).await;
    }

    async fn ticked(&self, css: &str) -> bool {
        let Some(element) = self.look_for(css).await else { return false };
        let is = async || now(self.get(&format!("/element/{element}/selected")).await) == Some(json!(true));
        if is().await {
            return true;
        }
        if self.post(&format!("/element/{element}/click"), json!({})).await.is_err() {
            let id = self.attribute_of(&element, "id").await.unwrap_or_default();
            for label in [format!("label[for=\"{id}\"]"), format!("label:has({css})")] {
                if let Some(label) = self.look_for(&label).await {
                    let _ = self.post(&format!("/element/{label}/click"), json!({})).await;
                    break;
                }
            }
        }
        is().await
    }

    /// What stands in a field.
    pub async fn value(&self, css: &str) -> String {
        let read = async || {
            let element = self.look_for(css).await?;
            let value = now(self.get(&format!("/element/{element}/property/value")).await)?;
            value.as_str().map(str::to_owned)
        };
        self.until(&format!("{css} with a value"), read).await
    }

    /// An attribute of an element that must come, empty where it has none.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let element = self.until(css, async || self.look_for(css).await).await;
        self.attribute_of(&element, name).await.unwrap_or_default()
    }

    /// Runs a script as the body of a function, and gives what it returns.
    pub async fn script(&self, script: &str, arguments: Value) -> Value {
        let answer = self.post("/execute/sync", json!({"script": script, "args": arguments})).await;
        answer.unwrap_or_else(|failed| panic!("{failed:?}"))
    }

    /// Runs a script that gives its answer to the function which is its last argument.
    pub async fn answer(&self, script: &str) -> Value {
        let answer = self.post("/execute/async", json!({"script": script, "args": []})).await;
        answer.unwrap_or_else(|failed| panic!("{failed:?}"))
    }

    async fn attribute_of(&self, element: &str, name: &str) -> Option<String> {
        let value = now(self.get(&format!("/element/{element}/attribute/{name}")).await)?;
        value.as_str().map(str::to_owned)
    }

    /// Orders something of an element, as soon as it takes that.
    async fn act(&self, css: &str, order: &str, body: Value) {
        self.until(&format!("{order} of {css}"), async || {
            let element = self.look_for(css).await?;
            now(self.post(&format!("/element/{element}/{order}"), body.clone()).await)
        })
        .await;
    }

    /// Looks for the first element of a selector of CSS, or of XPath if it begins with `//`.
    async fn look_for(&self, selector: &str) -> Option<String> {
        let using = if selector.starts_with("//") { "xpath" } else { "css selector" };
        let found = now(self.post("/element", json!({"using": using, "value": selector})).await)?;
        found[ELEMENT].as_str().map(str::to_owned)
    }
}

/// What the browser answers; none where it may answer otherwise a moment later.
fn now(answer: Result<Value, Failed>) -> Option<Value> {
    match answer {
        Ok(value) => Some(value),
        Err(failed) if failed.is_of_a_moment() => None,
        Err(failed) => panic!("{failed:?}"),
    }
}
