//! A shop on running processes, as its merchant and its buyers ask it over HTTP.

use std::time::Duration;

use feira_connectors::log::murmur2_partition;
use feira_schemas::ids::TenantId;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    process::{PATIENCE, Process, client},
    services::{PARTITIONS, subdomain},
};

/// Items of a page of a list: the most that may be asked for.
const PAGE: usize = 100;

/// A shop, whichever process is asked for it.
pub struct Shop {
    /// The shop's sub-domain.
    pub subdomain: String,
    /// In which partition of every topic its records lie.
    pub partition: u32,
    /// The shop's id.
    pub tenant: TenantId,
    /// The token of its admin API.
    pub token: String,
    client: reqwest::Client,
}

impl Shop {
    /// Makes one by the command line, under a sub-domain that no earlier run has taken.
    pub async fn make(process: &Process, name: &str) -> Self {
        Self::ask_for(process, name).await.unwrap_or_else(|said| panic!("{said}"))
    }

    /// Asks for a shop; gives the command line's words where it was not made within its 30 s.
    pub async fn ask_for(process: &Process, name: &str) -> Result<Self, String> {
        let subdomain = subdomain(name);
        let create = ["tenant", "create", "--subdomain", &subdomain, "--name", name, "--json"];
        let made = process.feira(&create).output().await.unwrap();
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let token = made["admin_token"].as_str().unwrap().to_owned();
        let tenant = made["tenant_id"].as_str().unwrap().parse().unwrap();
        let partition = murmur2_partition(made["tenant_id"].as_str().unwrap().as_bytes(), PARTITIONS);
        Ok(Self { subdomain, partition, tenant, token, client: client() })
    }

    /// Reads what is at least as new as this position, asking again until it is.
    pub async fn get(&self, process: &Process, path: &str, query: &[(&str, &str)], at_least: &str) -> Response {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = self.client.get(format!("{}{path}", process.url())).query(query);
            let request = request.header("host", format!("{}.localhost", self.subdomain)).bearer_auth(&self.token);
            let response = request.header("feira-at-least", at_least).send().await.unwrap();
            let waits = [StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE].contains(&response.status());
            if !waits {
                return response;
            }
            assert!(Instant::now() < deadline, "{path} {query:?} never shows {at_least}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The JSON of a read that must answer 200.
    pub async fn json(&self, process: &Process, path: &str, query: &[(&str, &str)], at_least: &str) -> Value {
        let response = self.get(process, path, query, at_least).await;
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path} {query:?}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The slugs of all items of a list, page by page; as many as it says that there are.
    pub async fn slugs(&self, process: &Process, path: &str, at_least: &str) -> Vec<String> {
        let (mut slugs, mut after) = (Vec::new(), None::<String>);
        loop {
            let limit = PAGE.to_string();
            let mut query = vec![("limit", limit.as_str())];
            query.extend(after.as_deref().map(|after| ("after", after)));
            let page = self.json(process, path, &query, at_least).await;
            let items = page["items"].as_array().unwrap();
            slugs.extend(items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                assert_eq!(page["total"], slugs.len(), "{path} counts what it lists");
                return slugs;
            }
        }
    }

    /// A product is the first hit for its name, and on a page of its own.
    pub async fn shows(&self, process: &Process, slug: &str, name: &str, at_least: &str) {
        let found = self.json(process, "/api/store/v1/search", &[("q", name)], at_least).await;
        assert_eq!(found["items"][0]["slug"], slug, "the first hit for «{name}»: {found}");
        let page = self.get(process, &format!("/product/{slug}"), &[], at_least).await;
        assert_eq!(page.status(), 200, "{slug}");
        let page = page.text().await.unwrap().replace("&#39;", "'").replace("&amp;", "&");
        assert!(page.contains(name), "«{name}» is on its page");
    }
}
