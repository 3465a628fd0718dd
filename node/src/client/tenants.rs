//! Making shops and tokens.

use clap::Subcommand;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Client, ClientError, Connection, DECIDED_WITHIN, Outcome};
use crate::output::print;

/// Commands on shops.
#[derive(Subcommand)]
pub enum Tenant {
    /// Make a shop and the first token of its admin API, which is shown once.
    Create {
        /// Sub-domain of the shop: `<sub-domain>.<platform>`.
        #[arg(long)]
        subdomain: String,
        /// Name of the shop.
        #[arg(long)]
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        #[allow(missing_docs)]
        connection: Connection,
    },
}

/// Commands on tokens.
#[derive(Subcommand)]
pub enum Token {
    /// Make another token of a shop's admin API, which is shown once.
    Create {
        /// Sub-domain of the shop.
        #[arg(long)]
        subdomain: String,
        #[command(flatten)]
        #[allow(missing_docs)]
        connection: Connection,
    },
}

pub(super) async fn tenant(command: Tenant) -> anyhow::Result<Outcome> {
    let Tenant::Create { subdomain, name, json: as_json, connection } = command;
    let client = Client::open(&connection)?;
    let request = client.request(Method::POST, "/tenants").json(&json!({"subdomain": subdomain, "name": name}));
    let made = written(&client, request).await?;
    if as_json {
        print(&made)?;
    } else {
        print(format_args!("tenant      {}", made["tenant_id"].as_str().unwrap_or_default()))?;
        print(format_args!("sub-domain  {}", made["subdomain"].as_str().unwrap_or_default()))?;
        print(format_args!("admin token {} (shown only now)", made["admin_token"].as_str().unwrap_or_default()))?;
    }
    Ok(Outcome::Done)
}

/// Sends a write and gives the JSON of its answer. The answer is short, so one that hangs for as long as all of it
/// may take never comes.
pub(super) async fn written(client: &Client, request: RequestBuilder) -> Result<Value, ClientError> {
    client.read(client.write(request.timeout(DECIDED_WITHIN)).await?).await
}

pub(super) async fn token(command: Token) -> anyhow::Result<Outcome> {
    let Token::Create { subdomain, connection } = command;
    let client = Client::open(&connection)?;
    let request = client.request(Method::POST, &format!("/tenants/{subdomain}/tokens")).json(&json!({}));
    let made = written(&client, request).await?;
    print(made["token"].as_str().unwrap_or_default())?;
    Ok(Outcome::Done)
}
