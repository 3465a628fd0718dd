//! Exports a shop's products as a CSV file that an import takes.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use reqwest::{Method, Response};

use super::{Client, Connection, Outcome, progress::Progress, root_of};
use crate::output::complain;

/// Arguments of `feira export`.
#[derive(Args)]
pub struct Export {
    /// The file to write; standard output if left out. It is there once all of it has come.
    file: Option<PathBuf>,
    /// Sub-domain of the shop to export.
    #[arg(long)]
    subdomain: String,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(export: Export) -> anyhow::Result<Outcome> {
    let client = Client::open(&export.connection)?;
    let response = client.send(client.request(Method::GET, &format!("/tenants/{}/export", export.subdomain))).await?;
    match export.file {
        Some(path) => {
            let bytes = keep(&client, response, &path).await?;
            complain(format_args!("{} is written, {bytes} bytes", path.display()));
        }
        None => {
            let mut out = io::stdout();
            taken(&client, response, &mut out).await?;
            out.flush()?;
        }
    }
    Ok(Outcome::Done)
}

/// Writes the answer beside the file and then puts it in its place: what is cut off leaves the file as it was.
async fn keep(client: &Client, response: Response, path: &Path) -> anyhow::Result<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let writing = || format!("writing {}", path.display());
    let mut file = BufWriter::new(File::create(&part).with_context(writing)?);
    let taken = taken(client, response, &mut file).await;
    let kept = taken.and_then(|bytes| {
        file.flush().with_context(writing)?;
        drop(file);
        fs::rename(&part, path).with_context(writing)?;
        Ok(bytes)
    });
    if kept.is_err() {
        // Nobody wants a part of it; that it stays is no other failure.
        let _ = fs::remove_file(&part);
    }
    kept
}

/// Takes the whole answer; its bytes. One that breaks off is an error.
async fn taken(client: &Client, mut response: Response, out: &mut impl Write) -> anyhow::Result<u64> {
    let mut bytes = 0;
    let progress = Progress::of_bytes();
    while let Some(chunk) = response.chunk().await.map_err(|error| client.cut_off(root_of(error)))? {
        progress.aside(|| out.write_all(&chunk))?;
        bytes += chunk.len() as u64;
        progress.add(chunk.len() as u64);
    }
    Ok(bytes)
}
