//! Importing products: a file goes in, and a line comes out for each product as soon as it is acknowledged.
//!
//! A product's handle is its identity, so a file that is imported again changes only what differs; one that was cut short
//! is simply sent again. A file is laid over what the shop has, and decided only upon exactly that, so that what a line says went is
//! what went.

mod dry;
mod lines;

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::{
    api::product::product_content,
    ids::{CommandId, ProductId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminCommand, CommandSet, StoreCommand, Touches,
        admin::{ImportProduct, Product},
        common::{CommandMeta, CommandResult, Outcome},
        store::SetStock,
    },
    refusals,
    row::RowKey,
    rows::{
        admin::{ProductRow, ProductSlugRow},
        store::StockRow,
    },
    topics::Context,
};
use feira_streams::{
    commands::{Full, SendError},
    images::Brought,
};
use feira_web::{
    context::Api,
    hosts, markup,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Kind, Parameter, Request, Route},
    schemas::{Named, id, list_of, object, text, text_or_null},
    writes,
};
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Method};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

pub use lines::{Became, Line, Said, Summary, Told};
use lines::{Furthest, Imported, StockSet, line_of, position_of, refused_line};

pub use super::shopify::Encoding;
use super::{
    images,
    shopify::{self, FileProduct, Quantity, ShopifyFile},
    uploads,
};

/// Products of an import in flight. They share the shop's quota of 256 with its panel, which must stay usable meanwhile.
const AT_ONCE: usize = 128;
/// Stocks of one product that are set at once: a share of the same quota.
const STOCKS_AT_ONCE: usize = 8;
/// The number of times that a product is laid anew over what others made of it meanwhile.
const TRIES: usize = 5;
/// The code of a refusal because of that.
const CHANGED: &str = "version_mismatch";
/// The time limit of one product: an import has time, and gives no wrong answer for lack of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time limit of a whole import.
pub const WITHIN: Duration = Duration::from_secs(3_600);
/// Lines that wait for a slow reader.
const WAITING: usize = 256;
/// The header that says how many products the file has, before any of them is done.
const PRODUCTS: HeaderName = HeaderName::from_static("feira-products");

/// The routes of imports.
pub fn routes() -> Vec<Route> {
    let stock = Parameter::new(
        "stock",
        Kind::Flag,
        "Whether the file's stock also replaces that of variants that the shop has already.",
    );
    let dry_run = Parameter::new(
        "dry_run",
        Kind::Flag,
        "Whether lines say what would become of each product, and nothing is done.",
    );
    let source = Parameter::new("source_url", Kind::Text(4_096), "The address that the import named for this image.");
    vec![
        Route::new(Method::POST, "/api/operator/v1/tenants/{id}/import", import)
            .for_operator()
            .takes(vec![("text/csv", "Csv")], limits::IMPORT_FILE_BYTES)
            .of_any_type()
            .within(WITHIN)
            .query([stock, dry_run])
            .gives(
                200,
                "A line for each product, and a summary as the last.",
                Some(("application/x-ndjson", "ImportLine")),
            )
            .with_headers(&["Feira-Products"])
            .problems(&[409])
            .says(
                "Imports products from Shopify's CSV. What the header does not name stays; an empty cell in a column that is there \
                 clears. `errors` of a line says why a product is refused, or what of it was left out or taken away. Reading at \
                 least the `position` of a line shows its product and those of all lines before it.",
            ),
        uploads::taking_an_image(Route::new(
            Method::POST,
            "/api/operator/v1/tenants/{id}/products/{product_id}/images",
            supply,
        ))
        .for_operator()
        .keyed()
        .versioned()
        .query([source])
        .gives(200, "The product with its image.", Some(("application/json", "Product")))
        .says("Supplies the file of an image that an import named."),
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
    let form = json!({"type": "object", "properties": {"/file": {"type": "string", "contentEncoding": "binary"}}});
    vec![("Csv", text()), ("ImportForm", form), ("ImportLine", json!({"oneOf": [product, summary]}))]
}

async fn import(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, &request).await?;
    let settings = Settings {
        takes_stock: request.query.flag("stock"),
        sees_stock: true,
        stock_way: "importe também o estoque (--stock)",
        is_dry: request.query.flag("dry_run"),
    };
    let begun = begin(&api, (tenant, request.actor.clone()), request.body.clone(), settings).await?;
    let mut response = reply::ndjson(begun.told.map(|told| Ok::<_, Infallible>(told.written())));
    response.headers_mut().insert(PRODUCTS, HeaderValue::from(begun.products));
    Ok(response)
}

/// The way in which a file is imported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// True if the file's stock counts for variants that the shop has already.
    pub takes_stock: bool,
    /// True if lines may say what stock the shop has.
    pub sees_stock: bool,
    /// What to do where the file's stock is to count (pt-BR), as whoever reads the lines can do it.
    pub stock_way: &'static str,
    /// True if nothing is done: each line says what would become of its product.
    pub is_dry: bool,
}

/// An import under way.
pub struct Begun {
    /// The file's text encoding.
    pub encoding: Encoding,
    /// The number of the file's products, each of which gets a line.
    pub products: usize,
    /// What it tells. Once this is dropped no more products are begun.
    pub told: ReceiverStream<Told>,
}

/// Begins to import a file into a shop, in the name of this actor.
///
/// # Errors
/// 422 where the file can't be read; then nothing is changed.
pub async fn begin(
    api: &Arc<Api>,
    (tenant, actor): (TenantId, String),
    upload: Bytes,
    settings: Settings,
) -> Result<Begun, Problem> {
    // Read to its end before the first command: a file that can't be read changes nothing.
    let opened = tokio::task::spawn_blocking(move || {
        let file = ShopifyFile::open(&upload)?;
        Ok::<_, shopify::ShopifyError>((file.encoding, file.products()?))
    });
    let (encoding, products) = opened.await.map_err(Problem::internal)?.map_err(unreadable)?;
    let count = products.len();
    let room = if settings.is_dry { dry::Room::of(api, tenant).await? } else { None };
    let importer = Arc::new(Importer { api: Arc::clone(api), tenant, actor, settings });
    let (sender, told) = mpsc::channel(WAITING);
    tokio::spawn(run(importer, products, room, sender));
    Ok(Begun { encoding, products: count, told: ReceiverStream::new(told) })
}

/// Imports products. Of a dry run `room` is what the plan leaves; in earnest each product counts as soon as it is decided.
async fn run(
    importer: Arc<Importer>,
    products: shopify::Products,
    mut room: Option<dry::Room>,
    sender: mpsc::Sender<Told>,
) {
    let stopped = importer.api.stop.clone();
    let mut stop = stopped.clone();
    // A process that is to end begins no more products.
    let ending = Box::pin(async move { drop(stop.wait_for(|stop| *stop).await) });
    let mut results = futures::stream::iter(products)
        .take_until(ending)
        .map(|product| Arc::clone(&importer).line(product))
        .buffered(AT_ONCE);
    let (mut summary, mut furthest) = (Summary::default(), Furthest::default());
    while let Some(mut line) = results.next().await {
        if let Some(room) = &mut room {
            line = room.with(line);
        }
        if !line.positions.is_empty() {
            line.position = Some(furthest.with(&line.positions));
        }
        summary.count(&line);
        // Who asked has gone: what is in flight is decided all the same, and the rest is not begun.
        if sender.send(Told::Line(line)).await.is_err() {
            return;
        }
    }
    // Without a summary the client knows that this was not the whole file.
    if *stopped.borrow() {
        return;
    }
    // The reader may have gone by now; the summary tells nothing that the lines did not.
    let _ = sender.send(Told::Summary(summary)).await;
}

async fn tenant_of(api: &Api, request: &Request) -> Result<TenantId, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let found = hosts::named(&api.platform.state, request.param(0)).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))
}

fn unreadable(error: shopify::ShopifyError) -> Problem {
    Problem::new(Code::Invalid, error.to_string())
}

/// The importer of one file: the shop whose products come in, and who brings them.
struct Importer {
    api: Arc<Api>,
    tenant: TenantId,
    actor: String,
    settings: Settings,
}

impl Importer {
    /// One product: its line.
    async fn line(self: Arc<Self>, product: Result<FileProduct, shopify::ShopifyError>) -> Line {
        let product = match product {
            Ok(product) => product,
            Err(error) => return refused_line("", vec![Said::words(error.to_string())]),
        };
        let handle = product.handle.clone();
        match self.imported(product).await {
            Ok(imported) => line_of(&handle, &imported),
            Err(errors) => refused_line(&handle, errors),
        }
    }

    /// Lays a product over what the shop has, sends it and waits; what is wrong with it comes back as errors of its line.
    async fn imported(&self, mut product: FileProduct) -> Result<Imported, Vec<Said>> {
        let cleaned = match product.description.take() {
            Some(description) => Some(markup::clean(description).await.map_err(as_error)?),
            None => None,
        };
        product.description = cleaned;
        let mut tries = 0;
        loop {
            let before = self.before(product.slug.as_deref()).await.map_err(as_error)?;
            let laid = product.clone().over(before.as_ref());
            let images = laid.images.iter().map(|image| image.source_url.clone()).collect();
            let (mut notes, quantities) = (laid.notes.clone(), laid.quantities.clone());
            let result = self.decided(laid, before.as_ref()).await?;
            tries += 1;
            if result.code.as_deref() == Some(CHANGED) && tries < TRIES {
                self.seen(&result).await;
                continue;
            }
            let stock = match &before {
                Some(before) if result.outcome != Outcome::Refused => {
                    self.stock(before.product_id, &quantities, &mut notes).await
                }
                _ => StockSet::default(),
            };
            return Ok(Imported { result, images, notes, stock });
        }
    }

    /// The product that has this address.
    async fn before(&self, slug: Option<&str>) -> Result<Option<Product>, Problem> {
        let (state, Some(slug)) = (&self.api.platform.state, slug) else { return Ok(None) };
        let Some(at) = state.get::<ProductSlugRow>(&ProductSlugRow::at(self.tenant, slug)).await? else {
            return Ok(None);
        };
        let row = state.get::<ProductRow>(&ProductRow::at(self.tenant, at.product_id)).await?;
        Ok(row.map(|row| row.product).filter(|product| product.slug == slug))
    }

    async fn decided(
        &self,
        laid: shopify::ImportProduct,
        before: Option<&Product>,
    ) -> Result<CommandResult, Vec<Said>> {
        if !laid.errors.is_empty() {
            return Err(laid.errors.iter().map(|error| Said::words(error.to_string())).collect());
        }
        let content = product_content(laid.product.clone()).map_err(|errors| {
            let located = errors.iter().map(|error| Said {
                pointer: Some(error.pointer.clone()),
                code: Some(error.code.to_string()),
                detail: laid.locate(error).to_string(),
            });
            located.collect::<Vec<_>>()
        })?;
        let mut meta = self.meta();
        // Upon exactly what it was laid over: what changed meanwhile would be taken back without a word.
        meta.expected_version = Some(before.map_or(0, |before| before.version));
        let command = ImportProduct {
            meta,
            content,
            category_name: laid.category_name,
            images: laid.images,
            clears_images: laid.clears_images,
        };
        let command = AdminCommand::from(command);
        match self.settings.is_dry {
            true => dry::decided(&self.api, command).await.map_err(as_error),
            false => send(&self.api, command).await.map_err(as_error),
        }
    }

    /// Waits until rows show what a refusal was decided upon. What does not come in time is tried upon what there is.
    async fn seen(&self, result: &CommandResult) {
        if let Some(position) = position_of(result) {
            let admin = Context::Admin;
            let waited = self.api.platform.reached.wait(admin.name(), admin, position, reads::PATIENCE);
            if waited.await.is_err() {
                tracing::debug!(tenant.id = %self.tenant, "a product of an import is read again before its rows are there");
            }
        }
    }

    /// The file's stock of known variants: taken where that was asked for, else said where it is another.
    async fn stock(&self, product: ProductId, quantities: &[Quantity], notes: &mut Vec<String>) -> StockSet {
        if quantities.is_empty() {
            return StockSet::default();
        }
        let Settings { takes_stock, sees_stock, stock_way, is_dry } = self.settings;
        if takes_stock && !is_dry {
            return self.set_stock(product, quantities, notes).await;
        }
        if !sees_stock {
            // Said whatever the shop has, of which the sentence tells nothing.
            notes.push("O estoque do arquivo não foi usado: você não tem acesso ao da loja.".to_owned());
            return StockSet::default();
        }
        let way = format!("Para usar o do arquivo, {stock_way}.");
        let keys: Vec<RowKey> =
            quantities.iter().map(|quantity| StockRow::at(self.tenant, product, quantity.variant_id)).collect();
        let rows = match self.api.platform.state.get_many::<StockRow>(&keys).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(tenant.id = %self.tenant, %error, "an import's stock is not compared");
                notes.push(format!("O estoque fica como está na loja. {way}"));
                return StockSet::default();
            }
        };
        let others = quantities.iter().zip(rows).filter_map(|(quantity, row)| {
            let on_hand = row.map_or(0, |row| row.stock.on_hand);
            let Quantity { name, on_hand: in_file, .. } = quantity;
            let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
            (on_hand != *in_file).then(|| format!("{name}{in_file} no arquivo, {on_hand} na loja"))
        });
        let others: Vec<String> = others.collect();
        if others.is_empty() {
            return StockSet::default();
        }
        let which = shopify::listed(&others);
        notes.push(match takes_stock {
            true => format!("O estoque passa a ser o do arquivo ({which})."),
            false => format!("O estoque fica como está na loja ({which}). {way}"),
        });
        StockSet { position: None, is_changed: takes_stock }
    }

    async fn set_stock(&self, product_id: ProductId, quantities: &[Quantity], notes: &mut Vec<String>) -> StockSet {
        let set = |quantity: Quantity| async move {
            let Quantity { variant_id, name, on_hand } = quantity;
            let command = SetStock { meta: self.meta(), product_id, variant_id, on_hand, reason: None };
            let result = send(&self.api, StoreCommand::from(command)).await;
            result.map_err(|problem| problem.detail).and_then(|result| match result.outcome {
                Outcome::Refused | Outcome::Failed => Err(format!("{name}: {}", result.detail.unwrap_or_default())),
                _ => Ok((position_of(&result), result.outcome == Outcome::Updated)),
            })
        };
        let mut results = futures::stream::iter(quantities.to_vec()).map(set).buffered(STOCKS_AT_ONCE);
        let mut done = StockSet::default();
        while let Some(result) = results.next().await {
            match result {
                Ok((position, is_changed)) => {
                    done.position = position.or(done.position);
                    done.is_changed |= is_changed;
                }
                Err(detail) => notes.push(format!("O estoque do arquivo não foi usado: {detail}")),
            }
        }
        done
    }

    fn meta(&self) -> CommandMeta {
        CommandMeta {
            command_id: CommandId::from_uuid(Uuid::now_v7()),
            tenant_id: self.tenant,
            actor: self.actor.clone(),
            issued_at: self.api.platform.now(),
            body_hash: String::new(),
            keyed: false,
            expected_version: None,
        }
    }
}

fn as_error(problem: Problem) -> Vec<Said> {
    vec![Said { pointer: None, code: Some(problem.code.to_string()), detail: problem.detail }]
}

/// Sends a command, once its shop has a place for it.
async fn send<C: CommandSet + Touches>(api: &Api, command: C) -> Result<CommandResult, Problem> {
    let tenant = command.meta().tenant_id;
    // The panel comes first; the import waits its turn.
    let sent = api.commands.send_in_place(command, None, PATIENCE, Full::Wait).await;
    sent.map_err(|error| match error {
        SendError::Codec(error) => {
            tracing::info!(tenant.id = %tenant, %error, "a product of an import is refused");
            Problem::new(Code::TooLarge, refusals::beyond_a_record("O produto"))
        }
        other => {
            tracing::warn!(tenant.id = %tenant, error = %other, "outcome of an imported product is unknown");
            Problem::new(Code::Unavailable, "Não foi possível saber o resultado; importe o arquivo de novo.")
        }
    })
}

/// The file of an image that an import named by its address.
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
