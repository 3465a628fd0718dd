//! Generations of tables and search shards: list, drop.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use super::{Client, Connection, Outcome};
use crate::output::print;

/// Arguments of `feira generations`.
#[derive(Args)]
pub struct Generations {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List them, a JSON object per line: what is live, what the running program works on, and what lies there besides.
    List {
        #[command(flatten)]
        connection: Connection,
    },
    /// Drop the tables and search shards before the live generations. Programs that are older than these can't go on then.
    Drop {
        #[command(flatten)]
        connection: Connection,
    },
}

pub(super) async fn run(generations: Generations) -> anyhow::Result<Outcome> {
    let items = match generations.command {
        Command::List { connection } => {
            let client = Client::open(&connection)?;
            client.json(client.request(Method::GET, "/generations")).await?
        }
        Command::Drop { connection } => {
            let client = Client::open(&connection)?;
            client.json(client.request(Method::DELETE, "/generations/older")).await?
        }
    };
    items["items"].as_array().map_or(&[][..], Vec::as_slice).iter().try_for_each(|item: &Value| print(item))?;
    Ok(Outcome::Done)
}
