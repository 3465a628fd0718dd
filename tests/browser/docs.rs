//! `/docs` in a real browser: the viewer draws with what its own host serves, under a policy that lets it have nothing else.

use serde_json::json;

use crate::{driver::Browser, signup::world::Platform};

#[tokio::test(flavor = "multi_thread")]
async fn docs_the_description_is_drawn_and_no_other_host_is_asked() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    let page = platform.url("/docs");
    browser.open(&page).await;
    browser.shows("#viewer .opblock-tag").await;
    browser
        .until("the list gives way", async || {
            let hidden = browser.script("return document.getElementById('plain-list').hidden;", json!([])).await;
            (hidden == json!(true)).then_some(())
        })
        .await;
    let origin = page.strip_suffix("/docs").unwrap();
    for sent in browser.sent().await {
        // The browser's own first page asks the browser alone.
        assert!(!sent.url.starts_with("http") || sent.url.starts_with(origin), "{}", sent.url);
    }
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    platform.stop().await;
}
