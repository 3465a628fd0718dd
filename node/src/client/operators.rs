//! The platform's own staff.

use std::io;

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, ClientError, Connection, Outcome};
use crate::output::print;

/// Commands on operators, the platform's own staff.
#[derive(Subcommand)]
pub enum Operator {
    /// Invite somebody, and show the link by which a password is chosen; one that was lost is shown anew.
    Invite {
        /// E-mail address by which the operator logs in.
        email: String,
        /// Name of the operator; the part of the address before `@`, if left out.
        #[arg(long)]
        name: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        #[allow(missing_docs)]
        connection: Connection,
    },
}

pub(super) async fn run(command: Operator) -> anyhow::Result<Outcome> {
    let Operator::Invite { email, name, json: as_json, connection } = command;
    let client = Client::open(&connection)?;
    let invited = invite(&client, "/staff", &email, name.as_deref()).await?;
    if as_json {
        print(&invited)?;
    } else {
        show_link(&invited)?;
    }
    Ok(Outcome::Done)
}

/// Invites somebody to the staff at this path of the API; the member with its link.
pub(super) async fn invite(client: &Client, path: &str, email: &str, name: Option<&str>) -> Result<Value, ClientError> {
    let mut body = json!({"email": email});
    if let Some(name) = name {
        body["name"] = name.into();
    }
    client.written(client.request(Method::POST, path).json(&body)).await
}

/// Prints the link of who was invited, and what to do with it.
pub(super) fn show_link(invited: &Value) -> io::Result<()> {
    let text = |field: &str| invited[field].as_str().unwrap_or_default();
    print(text("link"))?;
    print(format_args!(
        "Send it to {} alone: whoever opens it chooses the password, once, until {}.",
        text("email"),
        text("link_until")
    ))
}
