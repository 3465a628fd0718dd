//! The pages in a real browser: each comes up, its script runs under the page's own policy, and the browser complains of nothing.
//!
//! Needs `chromium`; without it the test is skipped, which it says, and with `FEIRA_REQUIRE=all` fails.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::world::{World, product, until};

/// By then a browser has come up and shown a page, also beside other tests.
const SHOWN: Duration = Duration::from_secs(60);

async fn is_there() -> bool {
    let asked = Command::new("chromium").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    let there = asked.is_ok_and(|status| status.success());
    assert!(there || std::env::var("FEIRA_REQUIRE").as_deref() != Ok("all"), "FEIRA_REQUIRE=all, but no chromium");
    there
}

/// The DOM of a page once its scripts have run, and the lines of the browser's console.
async fn shown(profile: &Path, url: &str) -> (String, Vec<String>) {
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server"]);
    browser.args(["--disable-background-networking", "--disable-component-update"]);
    browser.args(["--enable-logging=stderr", "--log-level=0", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", profile.display())).arg(url).stdin(Stdio::null()).kill_on_drop(true);
    let ended = timeout(SHOWN, browser.output()).await.unwrap_or_else(|_| panic!("{url} is never shown")).unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{url}: {said}");
    let of_the_page = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned);
    (String::from_utf8(ended.stdout).unwrap(), of_the_page.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_browser_shows_each_page_runs_its_script_and_complains_of_nothing() {
    if !is_there().await {
        println!("skipped: chromium is not installed");
        return;
    }
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let category = world.category(shop, "Saias", None).await;
    world.product(shop, product("Saia longa", 5_000, Some(category))).await;
    world.at_least = String::new();
    let profile = tempfile::tempdir().unwrap();
    for path in ["/", "/category/saias", "/search?q=saia", "/product/saia-longa"] {
        until(|| async { world.get("moda.localhost", path).await.text.contains("Saia longa") }).await;
        let (page, said) = shown(profile.path(), &world.url("moda.localhost", path)).await;
        assert!(page.contains("Saia longa") && page.trim_end().ends_with("</html>"), "{path}: {page}");
        assert!(page.contains("role=\"combobox\""), "{path}: its script has not run: {page}");
        assert!(said.is_empty(), "{path}: {said:#?}");
    }
    // What fails in a page is said: the silence above means something.
    let (_, said) = shown(profile.path(), "data:text/html,<script>nobody()</script>").await;
    assert!(said.len() == 1 && said[0].contains("nobody is not defined"), "{said:#?}");
    world.node.stop().await.unwrap();
}
