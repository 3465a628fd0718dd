//! The platform's own staff.

use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::{Client, Connection, Outcome, tenants::written};
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
    let mut body = json!({"email": email});
    if let Some(name) = name {
        body["name"] = name.into();
    }
    let invited = written(&client, client.request(Method::POST, "/staff").json(&body)).await?;
    if as_json {
        print(&invited)?;
        return Ok(Outcome::Done);
    }
    let text = |field: &str| invited[field].as_str().map(str::to_owned).unwrap_or_default();
    print(text("link"))?;
    print(format_args!(
        "Send it to {} alone: whoever opens it chooses the password, once, until {}.",
        text("email"),
        text("link_until")
    ))?;
    Ok(Outcome::Done)
}
