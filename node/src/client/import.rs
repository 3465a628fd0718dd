//! Imports products from a CSV file, and supplies their images from a folder.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use feira_schemas::{limits, text::composed};
use futures::{StreamExt, TryStreamExt, channel::mpsc, future};
use percent_encoding::percent_decode_str;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{Client, ClientError, Connection, Outcome, lines, progress::Progress};
use crate::output::{print, reader_has_enough};

/// Products whose images are uploaded at once. More would only wait for the server, which decodes two images at a time.
const UPLOADS: usize = 4;
/// Names of images in a line for people; the others are counted.
const NAMED: usize = 3;

/// Arguments of `feira import`.
#[derive(Args)]
pub struct Import {
    /// Shopify's product CSV.
    file: PathBuf,
    /// Sub-domain of the shop to import into.
    #[arg(long)]
    subdomain: String,
    /// Folder with the images, found by the file names of their addresses. What it lacks the server fetches, if it may.
    #[arg(long)]
    images: Option<PathBuf>,
    /// Take the file's stock of variants that the shop has already, too. Without it a line says where it is another.
    #[arg(long)]
    stock: bool,
    /// Say what would become of each product, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print a JSON object per product, and a summary as the last line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(import: Import) -> anyhow::Result<Outcome> {
    let client = Client::open(&import.connection)?;
    let csv = read(&import.file, "a CSV file", limits::IMPORT_FILE_BYTES)?;
    let files = import.images.as_deref().map(files_of).transpose()?;
    let tenant = &import.subdomain;
    let request = client
        .request(Method::POST, &format!("/tenants/{tenant}/import"))
        .query(&[("stock", import.stock), ("dry_run", import.dry_run)])
        .header("content-type", "text/csv")
        .body(csv);
    let response = client.send(request).await?;
    let progress = Progress::over(products_of(&response), import.json);
    // Lines are taken as they come and wait here for their uploads: the import itself has a time to end in.
    let (sender, products) = mpsc::unbounded();
    let taking = async {
        let take = |line: &str| -> anyhow::Result<()> {
            // The last line may be a part of one.
            let line = serde_json::from_str::<Value>(line).map_err(|error| client.cut_off(error.to_string()))?;
            sender.unbounded_send(line)?;
            Ok(())
        };
        let taken = lines(response, &client.url, take).await;
        sender.close_channel();
        taken
    };
    let mut told = Told::default();
    let printing = async {
        let supply = |product| supplied(&client, tenant, files.as_ref(), product);
        let mut products = products.map(supply).buffered(UPLOADS);
        while let Some(mut product) = products.try_next().await? {
            told.count(&mut product, files.is_some());
            let line = if import.json { product.to_string() } else { in_words(&product) };
            progress.add(u64::from(product.get("summary").is_none()));
            // Who asked for an import wants all of it, also where nobody reads its lines any more.
            match progress.aside(|| print(line)).map_err(anyhow::Error::from) {
                Err(error) if !reader_has_enough(&error) => return Err(error),
                _ => {}
            }
        }
        anyhow::Ok(())
    };
    // Both to their ends: what the server has answered is printed, also where it was cut off afterwards.
    let (taken, printed) = future::join(taking, printing).await;
    progress.end();
    // The summary is the last line: without it the server has ended in the middle, however orderly.
    let ended = taken.and(printed).and_then(|()| match told.ended {
        true => Ok(()),
        false => Err(client.cut_off("it is stopping".to_owned()).into()),
    });
    ended.with_context(|| {
        format!("cut off after {} products; those are done. Import the file again for the rest", told.products)
    })?;
    Ok(if told.refused == 0 && told.images_refused == 0 { Outcome::Done } else { Outcome::SomeRefused })
}

/// The number of the file's products, as the answer's head says it; a server of before says nothing.
fn products_of(response: &Response) -> Option<u64> {
    response.headers().get("feira-products")?.to_str().ok()?.parse().ok()
}

/// Counts over the lines of an import so far.
#[derive(Default)]
struct Told {
    products: u64,
    refused: u64,
    images_supplied: u64,
    images_refused: u64,
    images_waiting: usize,
    /// True once the summary, the last line, has come.
    ended: bool,
}

impl Told {
    /// Counts a product. The summary, which is last, is told what was supplied since the server counted.
    fn count(&mut self, line: &mut Value, supplying: bool) {
        if let Some(summary) = line.get_mut("summary") {
            self.ended = true;
            if supplying {
                summary["images_waiting"] = self.images_waiting.into();
                summary["images_supplied"] = self.images_supplied.into();
                summary["images_refused"] = self.images_refused.into();
            }
            return;
        }
        self.products += 1;
        self.refused += u64::from(line["result"] == "refused");
        self.images_waiting += line["images_waiting"].as_array().map_or(0, Vec::len);
        self.images_supplied += line["images_supplied"].as_u64().unwrap_or_default();
        self.images_refused += line["images_refused"].as_u64().unwrap_or_default();
    }
}

fn in_words(product: &Value) -> String {
    if let Some(summary) = product.get("summary") {
        return format!("summary: {summary}");
    }
    let texts = |name: &str| product[name].as_array().cloned().unwrap_or_default();
    let mut said: Vec<String> =
        texts("errors").iter().filter_map(|error| error["detail"].as_str().map(str::to_owned)).collect();
    let waiting = texts("images_waiting");
    if !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().take(NAMED).filter_map(Value::as_str).map(name_of).collect();
        let more = waiting.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        said.push(format!("a made image stands in for {}{more}", names.join(", ")));
    }
    let handle = product["handle"].as_str().unwrap_or_default();
    format!("{:<10} {handle} {}", product["result"].as_str().unwrap_or_default(), said.join("; "))
}

/// Reads a file to send, if it is no longer than what is taken: the server would end the connection in the middle of it.
fn read(path: &Path, what: &'static str, limit: usize) -> anyhow::Result<Vec<u8>> {
    let reading = || format!("reading {}", path.display());
    let fits = |bytes: u64| match bytes <= limit as u64 {
        true => Ok(()),
        false => {
            Err(ClientError::TooLarge { file: path.display().to_string(), bytes, what, limit: limit / (1024 * 1024) })
        }
    };
    fits(std::fs::metadata(path).with_context(reading)?.len())?;
    // A pipe has a length only once it is read.
    let file = std::fs::read(path).with_context(reading)?;
    fits(file.len() as u64)?;
    Ok(file)
}

/// The file name of an address, as it is on a disk.
fn name_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    composed(&percent_decode_str(name).decode_utf8_lossy()).into_owned()
}

fn files_of(folder: &Path) -> anyhow::Result<HashMap<String, PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = HashMap::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) {
            // macOS writes letters and their accents apart.
            files.insert(composed(name).into_owned(), path.clone());
        }
    }
    Ok(files)
}

/// A product's line once the images that it waits for and the folder has are uploaded. One that is refused is an error of
/// its line and waits on, like one that the folder lacks.
async fn supplied(
    client: &Client,
    tenant: &str,
    files: Option<&HashMap<String, PathBuf>>,
    mut product: Value,
) -> anyhow::Result<Value> {
    let (Some(files), Some(id)) = (files, product["product_id"].as_str().map(str::to_owned)) else {
        return Ok(product);
    };
    let waiting = product["images_waiting"].as_array().cloned().unwrap_or_default();
    let (mut still, mut supplied, mut refused) = (Vec::new(), 0, 0);
    for url in waiting {
        let address = url.as_str().unwrap_or_default();
        let Some(path) = files.get(&name_of(address)) else {
            still.push(url);
            continue;
        };
        match upload(client, tenant, &id, address, path).await {
            Ok(position) => {
                supplied += 1;
                product["position"] = position.map_or_else(|| product["position"].take(), Value::from);
            }
            Err(error) => {
                let detail = match error.downcast_ref() {
                    Some(ClientError::Refused { detail, .. }) => format!("{}: {detail}", path.display()),
                    Some(too_large @ ClientError::TooLarge { .. }) => too_large.to_string(),
                    _ => return Err(error),
                };
                let said = json!({"pointer": "/images", "detail": detail});
                product["errors"].as_array_mut().context("a line without errors")?.push(said);
                refused += 1;
                still.push(url);
            }
        }
    }
    product["images_waiting"] = still.into();
    product["images_supplied"] = supplied.into();
    product["images_refused"] = refused.into();
    Ok(product)
}

/// Uploads one image; from where on it is visible.
async fn upload(client: &Client, tenant: &str, id: &str, url: &str, path: &Path) -> anyhow::Result<Option<String>> {
    let bytes = read(path, "an image", limits::IMAGE_BYTES)?;
    let request = client
        .request(Method::POST, &format!("/tenants/{tenant}/products/{id}/images"))
        .query(&[("source_url", url)])
        .body(bytes);
    let response = client.write(request).await?;
    let position = response.headers().get("feira-position").and_then(|position| position.to_str().ok());
    Ok(position.map(str::to_owned))
}
