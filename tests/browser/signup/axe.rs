//! axe-core, Deque's rules of accessibility, on the page that a browser shows.
//!
//! Needs `target/axe/axe.min.js`, which `tests/browser/axe.sh` fetches; without it nothing is looked at, which is said, and with
//! `FEIRA_REQUIRE=all` the test fails.

use std::{env, fs};

use serde_json::{Value, json};

use crate::driver::{Browser, target};

/// What keeps somebody from using a page, or nearly.
const GRAVE: [&str; 2] = ["serious", "critical"];
/// Gives what is wrong with the page: the rule, its weight, and what it was found at.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const found = rule => ({id: rule.id, impact: rule.impact, help: rule.help, at: rule.nodes.map(node => node.html)});
    axe.run(document, {resultTypes: ['violations']}).then(
        results => done({passed: results.passes.length, wrong: results.violations.map(found)}),
        error => done({passed: 0, wrong: [], error: String(error)}),
    );";

/// The rules as a script.
pub struct Axe(String);

impl Axe {
    /// The rules that were fetched; none where they were not, which is said.
    pub fn fetched() -> Option<Self> {
        let file = target().join("axe/axe.min.js");
        let script = fs::read_to_string(&file).ok();
        let required = env::var("FEIRA_REQUIRE").as_deref() == Ok("all");
        assert!(script.is_some() || !required, "FEIRA_REQUIRE=all, but no {}", file.display());
        if script.is_none() {
            println!("skipped: axe-core is not there (tests/browser/axe.sh fetches it)");
        }
        script.map(Self)
    }

    /// Fails where a rule finds something grave on the page.
    pub async fn finds_nothing_grave(&self, browser: &Browser, page: &str) {
        let has_it = browser.script("return typeof axe === 'object'", json!([])).await;
        if has_it != json!(true) {
            browser.script(&self.0, json!([])).await;
        }
        let found = browser.answer(RUN).await;
        assert!(found["passed"].as_u64().is_some_and(|passed| passed > 0), "{page}: the rules have run: {found:#}");
        let is_grave = |wrong: &&Value| GRAVE.iter().any(|grave| wrong["impact"] == *grave);
        let grave: Vec<&Value> = found["wrong"].as_array().unwrap().iter().filter(is_grave).collect();
        assert!(grave.is_empty(), "{page}: {grave:#?}");
    }
}
