//! Dead letters: list, show, replay, discard.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Connection, Outcome};
use crate::output::print;

/// Arguments of `feira dlq`.
#[derive(Args)]
pub struct DeadLetters {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List them, a JSON object per line; records that are parked and will be tried again as well.
    List {
        /// Only of this consumer group.
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        connection: Connection,
    },
    /// Show one with key, headers and value.
    Show {
        /// As `list` prints it: GROUP:PARTITION:OFFSET.
        id: String,
        #[command(flatten)]
        connection: Connection,
    },
    /// Put one back, or all of a group: it is worked on again.
    Replay {
        /// As `list` prints it, or `all`.
        id: String,
        /// With `all`: of which consumer group.
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        connection: Connection,
    },
    /// Set one aside for good, and say why.
    Discard {
        /// As `list` prints it.
        id: String,
        /// Reason why it is not needed.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        connection: Connection,
    },
}

pub(super) async fn run(letters: DeadLetters) -> anyhow::Result<Outcome> {
    match letters.command {
        Command::List { group, connection } => {
            let client = Client::open(&connection)?;
            let request = client.request(Method::GET, "/dead-letters").query(&[("group", group)]);
            print_items(&client.json(request).await?)?;
        }
        Command::Show { id, connection } => {
            let client = Client::open(&connection)?;
            let letter = client.json(client.request(Method::GET, &format!("/dead-letters/{id}"))).await?;
            print(serde_json::to_string_pretty(&letter)?)?;
        }
        Command::Replay { id, group, connection } => {
            let client = Client::open(&connection)?;
            let path = format!("/dead-letters/{id}/replay");
            let request = client.request(Method::POST, &path).json(&json!({"group": group}));
            let put_back = client.json(request).await?;
            print(&put_back)?;
            if put_back["left"].as_u64().is_some_and(|left| left > 0) {
                return Ok(Outcome::SomeRefused);
            }
        }
        Command::Discard { id, reason, connection } => {
            let client = Client::open(&connection)?;
            let path = format!("/dead-letters/{id}/discard");
            let request = client.request(Method::POST, &path).json(&json!({"reason": reason}));
            print(client.json(request).await?)?;
        }
    }
    Ok(Outcome::Done)
}

fn print_items(list: &Value) -> std::io::Result<()> {
    list["items"].as_array().into_iter().flatten().try_for_each(print)
}
