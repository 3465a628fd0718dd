//! Importing products: a file goes in, and a line comes out for each product as soon as it is acknowledged.
//!
//! A product's handle is its identity, so a file that is imported again changes only what differs; one that was cut short
//! is simply sent again.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::{
    catalogue::product_content,
    ids::{CommandId, ProductId, TenantId},
    problem::Code,
    records::{
        AdminCommand, CommandSet,
        admin::{ImportImage, ImportProduct},
        common::{CommandMeta, CommandResult, Outcome},
    },
    topics::{Context, Position},
};
use feira_streams::{
    commands::{Full, SendError},
    pictures::Brought,
};
use futures::StreamExt;
use http::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::shopify::{self, ShopifyFile};
use crate::{
    admin::{images, uploads},
    context::Api,
    hosts, markup,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, id, list_of, object, text, text_or_null},
    writes,
};

/// Bytes of a file: some 100,000 products; a larger shop sends several.
const FILE_BYTES: usize = 128 * 1024 * 1024;
/// Products of an import in flight. They share the shop's quota of 256 with its panel, which must stay usable meanwhile.
const AT_ONCE: usize = 128;
/// How long one product may take: an import has time, and gives no wrong answer for lack of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a whole import may take.
const WITHIN: Duration = Duration::from_secs(3_600);
/// Lines that wait for a slow reader.
const WAITING: usize = 256;

/// The routes of imports.
pub fn routes() -> Vec<Route> {
    let source = Parameter::new("source_url", Kind::Text(4_096), "The address that the import named for this picture.");
    vec![
        Route::new(Method::POST, "/api/operator/v1/tenants/{id}/import", import)
            .for_operator()
            .takes(vec![("text/csv", "Csv")], FILE_BYTES)
            .of_any_type()
            .within(WITHIN)
            .gives(200, "A line per product, and a summary as the last.", Some(("application/x-ndjson", "ImportLine")))
            .problems(&[409])
            .says("Imports products from Shopify's CSV."),
        uploads::taking_a_picture(Route::new(
            Method::POST,
            "/api/operator/v1/tenants/{id}/products/{product_id}/images",
            supply,
        ))
        .for_operator()
        .keyed()
        .versioned()
        .query([source])
        .gives(200, "The product with its picture.", Some(("application/json", "Product")))
        .says("Supplies the file of a picture that an import named."),
    ]
}

/// The schemas of imports.
pub fn schemas() -> Vec<Named> {
    let result = json!({"type": "string", "enum": ["created", "updated", "unchanged", "refused"]});
    let error = object(&[("pointer", text()), ("code", text()), ("detail", text())], &["detail"]);
    let line = [
        ("handle", text()),
        ("product_id", json!({"anyOf": [id(), {"type": "null"}]})),
        ("result", result),
        ("errors", list_of(error)),
        ("position", text_or_null()),
        ("images_waiting", list_of(text())),
    ];
    let summary = object(&[("summary", json!({"type": "object"}))], &["summary"]);
    let product = object(&line, &["handle", "product_id", "result", "errors", "position", "images_waiting"]);
    vec![("Csv", text()), ("ImportLine", json!({"oneOf": [product, summary]}))]
}

async fn import(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, &request).await?;
    // Read to its end before the first command: a file that can't be read changes nothing.
    let file = ShopifyFile::open(&request.body).map_err(unreadable)?;
    let products: Vec<shopify::ImportProduct> =
        file.products().map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    let (sender, lines) = mpsc::channel(WAITING);
    let actor = request.actor.clone();
    tokio::spawn(async move {
        let mut stop = api.stop.clone();
        // A process that is to end begins no more products.
        let ending = Box::pin(async move { drop(stop.wait_for(|stop| *stop).await) });
        let mut results = futures::stream::iter(products)
            .take_until(ending)
            .map(|product| one(Arc::clone(&api), tenant, actor.clone(), product))
            .buffered(AT_ONCE);
        let mut summary = Summary::default();
        while let Some(line) = results.next().await {
            summary.count(&line);
            // Who asked has gone: what is in flight is decided all the same, and the rest is not begun.
            if sender.send(written(&line)).await.is_err() {
                return;
            }
        }
        // Without a summary the client knows that this was not the whole file.
        if *api.stop.borrow() {
            return;
        }
        // The reader may have gone by now; the summary tells nothing that the lines did not.
        let _ = sender.send(written(&summary.json())).await;
    });
    Ok(reply::ndjson(ReceiverStream::new(lines)))
}

async fn tenant_of(api: &Api, request: &Request) -> Result<TenantId, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let found = hosts::named(&api.platform.state, request.param(0)).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound, "Esta loja não existe."))
}

fn unreadable(error: shopify::ShopifyError) -> Problem {
    Problem::new(Code::Invalid, error.to_string())
}

fn written(line: &Value) -> Result<Bytes, Infallible> {
    Ok(Bytes::from(format!("{line}\n")))
}

/// One product: its line.
async fn one(api: Arc<Api>, tenant: TenantId, actor: String, product: shopify::ImportProduct) -> Value {
    let handle = product.handle.clone();
    let images: Vec<String> = product.images.iter().map(|image| image.src.clone()).collect();
    match decided(&api, tenant, actor, product).await {
        Ok(result) => line_of(&handle, &result, &images),
        Err(errors) => {
            json!({"handle": handle, "product_id": null, "result": "refused", "errors": errors, "position": null, "images_waiting": []})
        }
    }
}

fn line_of(handle: &str, result: &CommandResult, images: &[String]) -> Value {
    let word = match result.outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        _ => "refused",
    };
    let body: Value = result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let waits = |url: &&String| {
        let mut pictures = body["images"].as_array().into_iter().flatten();
        pictures.any(|image| image["source_url"] == url.as_str() && image["status"] == "waiting")
    };
    let waiting: Vec<&String> = images.iter().filter(waits).collect();
    let mut errors: Vec<Value> = result
        .errors
        .iter()
        .map(|error| json!({"pointer": error.pointer, "code": error.code, "detail": error.detail}))
        .collect();
    if word == "refused" && errors.is_empty() {
        errors.push(json!({"code": result.code, "detail": result.detail}));
    }
    json!({
        "handle": handle,
        "product_id": body["id"],
        "result": word,
        "errors": errors,
        "position": position_of(result),
        "images_waiting": waiting,
    })
}

fn position_of(result: &CommandResult) -> Option<String> {
    let context = Context::from_name(&result.context)?;
    let partition = u32::try_from(result.partition).ok()?;
    Some(Position { context, partition, write_ts: result.write_ts }.to_string())
}

/// Sends a product's command and waits; what is wrong with it comes back as errors of its line.
async fn decided(
    api: &Api,
    tenant: TenantId,
    actor: String,
    mut product: shopify::ImportProduct,
) -> Result<CommandResult, Vec<Value>> {
    let said = |detail: String| json!({"detail": detail});
    if !product.errors.is_empty() {
        return Err(product.errors.iter().map(|error| said(error.to_string())).collect());
    }
    if let Some(description) = product.product.description.take() {
        let cleaned = markup::clean(description).await.map_err(|problem| vec![said(problem.detail)])?;
        product.product.description = Some(cleaned);
    }
    let content = product_content(product.product.clone()).map_err(|errors| {
        let located = errors.iter().map(|error| (error, product.locate(error).to_string()));
        located
            .map(|(error, detail)| json!({"pointer": error.pointer, "code": error.code, "detail": detail}))
            .collect::<Vec<_>>()
    })?;
    let images = product.images.into_iter();
    let images = images.map(|image| ImportImage { source_url: image.src, alt: image.alt }).collect();
    let meta = meta(api, tenant, actor, CommandId::from_uuid(Uuid::now_v7()));
    let command = ImportProduct { meta, content, category_name: product.category_name, images };
    send(api, command.into()).await.map_err(|problem| vec![json!({"code": problem.code, "detail": problem.detail})])
}

fn meta(api: &Api, tenant_id: TenantId, actor: String, command_id: CommandId) -> CommandMeta {
    CommandMeta {
        command_id,
        tenant_id,
        actor,
        issued_at: api.platform.now(),
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

/// Sends a command, once its shop has a place for it.
async fn send(api: &Api, command: AdminCommand) -> Result<CommandResult, Problem> {
    let tenant = command.meta().tenant_id;
    // The panel comes first; the import waits its turn.
    let sent = api.commands.send_in_place(Context::Admin, command, None, PATIENCE, Full::Wait).await;
    sent.map_err(|error| match error {
        SendError::Codec(error) => {
            tracing::info!(tenant.id = %tenant, %error, "a product of an import is refused");
            Problem::new(Code::TooLarge, "O produto não cabe em um registro de 4 MiB.")
        }
        other => {
            tracing::warn!(tenant.id = %tenant, error = %other, "outcome of an imported product is unknown");
            Problem::new(Code::Unavailable, "Não foi possível saber o resultado; importe o arquivo de novo.")
        }
    })
}

/// The file of a picture that an import named by its address.
async fn supply(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, &request).await?;
    let product_id: ProductId = request.id(1, "O produto")?;
    let replaces_url = request.query.text("source_url").map(str::to_owned);
    let brought = Brought { replaces_url, ..uploads::read(&request).await? };
    match images::bring(&api, &request, tenant, product_id, brought).await {
        Ok((decided, _)) => Ok(writes::respond(&decided, |_| format!("/api/admin/v1/products/{product_id}"))),
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// How many products ended how.
#[derive(Default)]
struct Summary {
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
    images_waiting: usize,
}

impl Summary {
    fn count(&mut self, line: &Value) {
        match line["result"].as_str() {
            Some("created") => self.created += 1,
            Some("updated") => self.updated += 1,
            Some("unchanged") => self.unchanged += 1,
            _ => self.refused += 1,
        }
        self.images_waiting += line["images_waiting"].as_array().map_or(0, Vec::len);
    }

    fn json(&self) -> Value {
        json!({"summary": {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "images_waiting": self.images_waiting,
        }})
    }
}
