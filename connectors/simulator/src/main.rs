//! A payment gateway that moves no money, as a process of its own.

use std::io::Write;

use clap::Parser;
use feira_simulator::cli::{self, Options};

/// Answers as pagar.me v5 and Stripe do, moves no money, and goes wrong to order.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let running = Cli::parse().options.start().await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", cli::greeting(&running)?)?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
