//! Comparing a shop's charges with its gateways' lists.

use std::time::{Duration, Instant};

use clap::Args;
use feira_schemas::ids::AccountId;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Client, ClientError, Connection, DECIDED_WITHIN, Outcome, PAUSE};
use crate::output::print;

/// Differences that are asked for at once.
const PAGE: usize = 100;

/// Arguments of `feira reconcile`.
#[derive(Args)]
pub struct Reconcile {
    /// Sub-domain of the shop, or its id.
    #[arg(long)]
    shop: String,
    /// The account; all of the shop's if left out.
    #[arg(long)]
    account: Option<AccountId>,
    /// Seconds to wait for its end; 0 only asks for it.
    #[arg(long, default_value_t = 600)]
    wait: u64,
    #[command(flatten)]
    connection: Connection,
}

/// Asks for it, waits for its end, and prints what it has done and the shop's open differences, a JSON object per line. Some differ:
/// exit code 1. It has not ended in time: what was asked for is printed, and the exit code is 3, since nobody knows yet.
pub(super) async fn run(command: Reconcile) -> anyhow::Result<Outcome> {
    let Reconcile { shop, account, wait, connection } = command;
    let client = Client::open(&connection)?;
    let path = format!("/tenants/{shop}/reconciliations");
    let request = client.request(Method::POST, &path).json(&json!({"account_id": account}));
    let asked = client.read(client.write(request.timeout(DECIDED_WITHIN)).await?).await?;
    let Some(done) = ended(&client, &path, &asked, Duration::from_secs(wait)).await? else {
        print(&asked)?;
        return match wait {
            0 => Ok(Outcome::Done),
            seconds => Err(ClientError::NotEnded { url: client.url, seconds }.into()),
        };
    };
    done.iter().try_for_each(print)?;
    let differences = differences(&client, &shop).await?;
    differences.iter().try_for_each(print)?;
    Ok(if differences.is_empty() { Outcome::Done } else { Outcome::SomeRefused })
}

/// The reconciliations that were asked for, once they have ended; `None` if they have not in time.
async fn ended(client: &Client, path: &str, asked: &Value, wait: Duration) -> Result<Option<Vec<Value>>, ClientError> {
    let begun = Instant::now();
    while begun.elapsed() < wait {
        let listed = client.json(client.request(Method::GET, path)).await?;
        let of_asked = |item: &&Value| list(asked, "account_ids").contains(&item["account_id"]);
        let items: Vec<Value> = list(&listed, "items").iter().filter(of_asked).cloned().collect();
        if items.iter().all(|item| item["pending"] == false) {
            return Ok(Some(items));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

async fn differences(client: &Client, shop: &str) -> Result<Vec<Value>, ClientError> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = client.json(page_of(client, shop, after.as_deref())).await?;
        all.extend_from_slice(list(&page, "items"));
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            return Ok(all);
        }
    }
}

fn page_of(client: &Client, shop: &str, after: Option<&str>) -> RequestBuilder {
    let query = [("tenant", shop.to_owned()), ("limit", PAGE.to_string())];
    let after = after.map(|after| ("after", after.to_owned()));
    client.request(Method::GET, "/differences").query(&query.into_iter().chain(after).collect::<Vec<_>>())
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}
