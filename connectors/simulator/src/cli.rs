//! The command line, shared by `feira-simulator` and `feira simulate-gateway`.

use std::{fmt::Write, net::SocketAddr, path::PathBuf};

use clap::Args;
use feira_schemas::time::Clock;
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use crate::{
    Running, Settings, StartError,
    core::{StoreError, card::MAGIC_NUMBERS, faults::MAGIC_AMOUNTS, ids::Ids},
};

/// How a simulator is run.
#[derive(Args, Debug)]
#[command(after_long_help = magic())]
pub struct Options {
    /// Address to listen on; with port 0 a free one is taken and printed.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// Folder of everything that is kept.
    #[arg(long, default_value = "data/simulator")]
    pub data: PathBuf,
    /// Listen on an address that other machines reach; whoever does can order faults and see all.
    #[arg(long)]
    pub anywhere: bool,
}

impl Options {
    /// Starts a simulator on this machine's clock and randomness.
    pub async fn start(self) -> Result<Running, StartError> {
        Running::start(Settings {
            listen: self.listen,
            anywhere: self.anywhere,
            folder: self.data,
            clock: Clock::passing(|| Timestamp::now().as_microsecond()),
            ids: Ids::from(StdRng::from_os_rng()),
        })
        .await
    }
}

/// What a caller needs to know of a simulator that runs, as one line of JSON: its address, and its accounts with their keys.
pub fn greeting(running: &Running) -> Result<String, StoreError> {
    let accounts = running.accounts()?;
    Ok(json!({"address": format!("http://{}", running.address()), "accounts": accounts}).to_string())
}

/// The tables of sums and card numbers that order what happens.
fn magic() -> String {
    let mut text = String::from(
        "Card numbers (Stripe takes its own test names as well, such as pm_card_chargeDeclined); any other that passes Luhn's check is approved:\n",
    );
    for (number, _, does) in MAGIC_NUMBERS {
        writeln!(text, "  {number}  {does}").unwrap_or_default();
    }
    text += "\nSums of an order, a payment intent or a subscription, in centavos:\n";
    for (amount, _, does) in MAGIC_AMOUNTS {
        writeln!(text, "  {amount}  {does}").unwrap_or_default();
    }
    text += "\nEverything else is ordered under /admin/faults: POST {\"effect\": \"drop_after\", \"operation\": \"refund\", \"times\": 2}.";
    text
}
