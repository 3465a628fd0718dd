//! Making shops and tokens.

use std::time::Instant;

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Client, ClientError, Connection, DECIDED_WITHIN, Outcome, PAUSE,
    operators::{invite, show_link},
};
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
        /// E-mail address of the shop's first administrator, who is invited; the link by which a password is chosen is shown once.
        #[arg(long)]
        email: Option<String>,
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
    let Tenant::Create { subdomain, name, email, json: as_json, connection } = command;
    let client = Client::open(&connection)?;
    let request = client.request(Method::POST, "/tenants").json(&json!({"subdomain": subdomain, "name": name}));
    let mut made = client.written(request).await?;
    let invited = match &email {
        Some(email) => Some(first_administrator(&client, text(&made, "tenant_id"), email).await),
        None => None,
    };
    // Whatever became of the invitation: the token is shown only now.
    if as_json {
        if let Some(Ok(invited)) = &invited {
            made["administrator"] = invited.clone();
        }
        print(&made)?;
    } else {
        print(format_args!("tenant      {}", text(&made, "tenant_id")))?;
        print(format_args!("sub-domain  {}", text(&made, "subdomain")))?;
        print(format_args!("admin token {} (shown only now)", text(&made, "admin_token")))?;
    }
    if let Some(invited) = invited.transpose()?.filter(|_| !as_json) {
        show_link(&invited)?;
    }
    Ok(Outcome::Done)
}

fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

/// Invites the first administrator of a shop that was made a moment ago, once it can be read: the member with its link.
async fn first_administrator(client: &Client, tenant: &str, email: &str) -> Result<Value, ClientError> {
    let (path, begun) = (format!("/tenants/{tenant}"), Instant::now());
    while let Err(error) = client.json(client.request(Method::GET, &path)).await {
        if begun.elapsed() + PAUSE > DECIDED_WITHIN {
            return Err(error);
        }
        tokio::time::sleep(PAUSE).await;
    }
    invite(client, &format!("{path}/staff"), email, None).await
}

pub(super) async fn token(command: Token) -> anyhow::Result<Outcome> {
    let Token::Create { subdomain, connection } = command;
    let client = Client::open(&connection)?;
    let request = client.request(Method::POST, &format!("/tenants/{subdomain}/tokens")).json(&json!({}));
    let made = client.written(request).await?;
    print(text(&made, "token"))?;
    Ok(Outcome::Done)
}
