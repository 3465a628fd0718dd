//! A browser that a test drives, by the W3C's WebDriver protocol: a chromedriver and a chromium for each, with a profile of its own.
//!
//! Needs `chromium` and `chromedriver`; without them the test is skipped, which it says, and with `FEIRA_REQUIRE=all` fails.

mod logs;
mod page;
mod process;

use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use process::Chromedriver;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// By then a page shows what it is to show, also beside other tests.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two looks.
const POLL: Duration = Duration::from_millis(100);
/// Time that a browser has to end by itself.
const ENDS: Duration = Duration::from_secs(10);
/// What every browser is started with.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--window-size=1280,900",
    // A page that scrolls slowly is clicked where something was.
    "--force-prefers-reduced-motion",
];
/// Words of WebDriver for what another look may find otherwise: the page is being shown, or something lies above an element.
const OF_A_MOMENT: [&str; 4] =
    ["no such element", "stale element reference", "element click intercepted", "element not interactable"];
/// Of errors without a word of their own: the document went away while it was asked.
const GONE: [&str; 4] =
    ["does not belong to the document", "context was destroyed", "aborted by navigation", "Cannot find context"];

/// A browser with one window. It ends with this.
pub struct Browser {
    client: Client,
    /// The path of the session at the driver.
    session: String,
    driver: Chromedriver,
    _folder: TempDir,
}

/// An order that the browser has not carried out.
#[derive(Debug)]
struct Failed {
    error: String,
    message: String,
}

impl Failed {
    fn is_of_a_moment(&self) -> bool {
        OF_A_MOMENT.contains(&self.error.as_str()) || GONE.iter().any(|gone| self.message.contains(gone))
    }
}

impl Browser {
    /// Starts one; none where it is not installed, which is said.
    pub async fn start() -> Option<Self> {
        Self::with(json!({})).await
    }

    /// Starts one in which no page's script runs.
    pub async fn without_scripts() -> Option<Self> {
        Self::with(json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn with(prefs: Value) -> Option<Self> {
        let programs = process::found("chromedriver").zip(process::found("chromium"));
        let required = env::var("FEIRA_REQUIRE").as_deref() == Ok("all");
        assert!(programs.is_some() || !required, "FEIRA_REQUIRE=all, but no chromium with chromedriver");
        let Some((program, chromium)) = programs else {
            println!("skipped: chromium is not installed, or chromedriver is not");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let driver = Chromedriver::start(&program, folder.path(), &client).await;
        let mut flags = Vec::from(FLAGS.map(str::to_owned));
        flags.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {
                "binary": chromium, "args": flags, "prefs": prefs,
                "perfLoggingPrefs": {"enableNetwork": true, "enablePage": false},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": 60_000, "pageLoad": 60_000, "implicit": 0},
        }}});
        let mut browser = Self { client, session: "/session".to_owned(), driver, _folder: folder };
        let made = browser.post("", wanted).await.unwrap_or_else(|failed| panic!("no browser: {failed:?}"));
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// Ends it and returns when it has ended: nobody waits for its open requests any more.
    pub async fn end(self) {
        let _ = self.call(Method::DELETE, "", None).await;
    }

    async fn get(&self, path: &str) -> Result<Value, Failed> {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, Failed> {
        self.call(Method::POST, path, Some(&body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        let address = format!("http://127.0.0.1:{}{}{path}", self.driver.port, self.session);
        let mut request = self.client.request(method, address);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let good = answer.status().is_success();
        let mut answer: Value = answer.json().await.unwrap();
        let value = answer["value"].take();
        if good {
            return Ok(value);
        }
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Failed { error: text("error"), message: text("message") })
    }

    /// A command of Chromium's own protocol.
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let asked = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", asked).await.unwrap_or_else(|failed| panic!("{command}: {failed:?}"))
    }

    /// Looks until there is something.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                let (name, url, text) = (format!("failed-{}", self.driver.port), self.url().await, self.text().await);
                self.screenshot(&name).await;
                panic!("never: {what}. At {url}, see {name}.png: {text}");
            }
            sleep(POLL).await;
        }
    }

    /// Gives the page another width, in pixels of the page.
    pub async fn is_wide(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Takes a picture of the whole page, `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) {
        let whole = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.devtools("Page.captureScreenshot", whole).await;
        let folder = target().join("screenshots");
        fs::create_dir_all(&folder).unwrap();
        let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed may leave its browser behind, so the browser is ended by it first; where a test has failed as well.
        let end = || {
            let mut driver = TcpStream::connect((Ipv4Addr::LOCALHOST, self.driver.port))?;
            driver.set_read_timeout(Some(ENDS))?;
            write!(driver, "DELETE {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.session)?;
            driver.read_to_end(&mut Vec::new())
        };
        let _ = end();
    }
}

/// The folder of what tests leave for people.
pub fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target")
}
