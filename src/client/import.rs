//! Imports products from a CSV file, and supplies their pictures from a folder.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::{Client, ClientError, Connection, Outcome, lines};

/// What to import.
#[derive(Args)]
pub struct Import {
    /// Shopify's product CSV.
    file: PathBuf,
    /// Into which shop.
    #[arg(long)]
    subdomain: String,
    /// Folder with the pictures, found by the file names of their addresses.
    #[arg(long)]
    images: Option<PathBuf>,
    /// Print a JSON object per product, and a summary as the last line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(import: Import) -> anyhow::Result<Outcome> {
    let client = Client::open(&import.connection)?;
    let csv = std::fs::read(&import.file).with_context(|| format!("reading {}", import.file.display()))?;
    let files = import.images.as_deref().map(files_of).transpose()?;
    let tenant = &import.subdomain;
    let request =
        client.request(Method::POST, &format!("/tenants/{tenant}/import")).header("content-type", "text/csv").body(csv);
    let response = client.send(request).await?;
    let mut out = std::io::stdout();
    let (mut products, mut summary) = (Vec::new(), None);
    let printed = lines(response, &client.url, |line| {
        let product: Value = serde_json::from_str(line).context("the server's line is no JSON")?;
        if import.json {
            writeln!(out, "{line}")?
        } else {
            writeln!(out, "{}", in_words(&product))?
        }
        match product.get("summary") {
            Some(whole) => summary = Some(whole.clone()),
            None => products.push(product),
        }
        Ok(())
    });
    // The summary is the last line: without it the server has ended in the middle, however orderly.
    let ended = printed.await.and_then(|()| summary.ok_or_else(|| no_summary(&client.url)));
    ended.with_context(|| {
        format!("cut off after {} products; those are done. Import the file again for the rest", products.len())
    })?;
    if let Some(files) = &files {
        supply(&client, tenant, files, &products).await?;
    }
    let refused = products.iter().any(|product| product["result"] == "refused");
    Ok(if refused { Outcome::SomeRefused } else { Outcome::Done })
}

fn no_summary(url: &str) -> anyhow::Error {
    ClientError::CutOff { url: url.to_owned(), why: "it is stopping".to_owned() }.into()
}

fn in_words(product: &Value) -> String {
    if let Some(summary) = product.get("summary") {
        return format!("summary: {summary}");
    }
    let errors: Vec<&str> =
        product["errors"].as_array().into_iter().flatten().filter_map(|error| error["detail"].as_str()).collect();
    let handle = product["handle"].as_str().unwrap_or_default();
    format!("{:<10} {handle} {}", product["result"].as_str().unwrap_or_default(), errors.join("; "))
}

fn files_of(folder: &Path) -> anyhow::Result<HashMap<String, PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = HashMap::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            files.insert(name.to_owned(), path.clone());
        }
    }
    Ok(files)
}

/// Uploads the pictures that products wait for and the folder has.
async fn supply(
    client: &Client,
    tenant: &str,
    files: &HashMap<String, PathBuf>,
    products: &[Value],
) -> anyhow::Result<()> {
    for product in products {
        let Some(id) = product["product_id"].as_str() else { continue };
        for url in product["images_waiting"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let name = url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
            let Some(path) = files.get(name) else { continue };
            let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            let request = client
                .request(Method::POST, &format!("/tenants/{tenant}/products/{id}/images"))
                .query(&[("source_url", url)])
                .body(bytes);
            client.send(request).await.with_context(|| format!("supplying {}", path.display()))?;
        }
    }
    Ok(())
}
