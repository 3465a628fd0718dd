//! The routes of a product's images.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::{
        image::{ImageContent, image_content, schemas},
        product::product_json,
    },
    ids::{ImageId, ProductId, TenantId},
    limits,
    records::{
        AdminCommand,
        admin::{ChangeProductImage, Product, RemoveProductImage},
    },
    topics::Context,
};
use feira_streams::images::{self, Brought, of};
use feira_web::{
    context::Api,
    json,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::{self, Decided, NotDecided, Pending},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::json;

use super::{
    kinds::{command, creating, json_of, reading, removing},
    uploads::{self, ALT, POSITION, taking_an_image},
};

const PRODUCTS: &str = "/api/admin/v1/products";
const ALL: &str = "/api/admin/v1/products/{id}/images";
const ONE: &str = "/api/admin/v1/products/{id}/images/{iid}";

/// Headers of a change's answer: a new file makes it another image, so it says which.
const CHANGED: &[&str] = &["Content-Location", "ETag", "Feira-Position"];

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of images.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Catalogue))
            .gives(200, "All images of the product, in order.", json_of("ProductImages"))
            .problems(&[409])
            .says("Lists a product's images."),
        taking_an_image(creating(Route::new(Method::POST, ALL, add), Access::write(Area::Catalogue), "ProductImage"))
            .versioned() // The product's version.
            .query([ALT, POSITION])
            .says("Adds an image: the file as the body, or as a form with file, alt and position."),
        reading(Route::get(ONE, read), Area::Catalogue, "ProductImage").says("Reads an image of a product."),
        taking_an_image(changes(Method::PUT)).or_takes("application/json", "ImageBody").query([ALT, POSITION]).says(
            "Puts another file in an image's place, under a new id; text and place stay if not given. \
                 A JSON body changes them, as PATCH does.",
        ),
        changes(Method::PATCH)
            .takes(
                vec![("application/merge-patch+json", "ImageBody"), ("application/json", "ImageBody")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes an image's text and place (JSON Merge Patch, RFC 7396)."),
        removing(Route::new(Method::DELETE, ONE, remove), Access::write(Area::Catalogue)).says("Removes an image."),
    ]
}

fn changes(method: Method) -> Route {
    let route = Route::new(method, ONE, change).for_staff(Access::write(Area::Catalogue)).versioned(); // The product's version.
    command(
        route
            .gives(200, "The image after the change; the same as before if nothing differed.", json_of("ProductImage"))
            .with_headers(CHANGED),
    )
}

/// A change of a product's images.
pub enum ImageChange {
    /// Adds one: its file, and what is said of it.
    Add(Brought),
    /// Puts another file in one's place, under a new id.
    ReplaceFile(ImageId, Brought),
    /// Changes text and place of one.
    Describe(ImageId, ImageContent),
    /// Removes one.
    Remove(ImageId),
}

/// Sends a change of the images of a product of the request's shop and waits for the decision; beside it the image that it is
/// about.
pub async fn submit(
    api: &Api,
    request: &Request,
    product_id: ProductId,
    change: ImageChange,
) -> Result<(Decided, ImageId), NotDecided> {
    let (image_id, command) = match change {
        ImageChange::Add(brought) => return bring(api, request, request.tenant, product_id, brought).await,
        ImageChange::ReplaceFile(old, brought) => {
            let brought = Brought { replaces_id: Some(old), ..brought };
            return bring(api, request, request.tenant, product_id, brought).await;
        }
        ImageChange::Describe(image_id, ImageContent { alt, position }) => {
            let meta = writes::meta(api, request, request.tenant)?;
            let change = ChangeProductImage { meta, product_id, image_id, alt, position };
            (image_id, AdminCommand::ChangeProductImage(change))
        }
        ImageChange::Remove(image_id) => {
            let meta = writes::meta(api, request, request.tenant)?;
            (image_id, AdminCommand::RemoveProductImage(RemoveProductImage { meta, product_id, image_id }))
        }
    };
    let sent = writes::send(api, request, command).await;
    sent.map(|decided| (decided, image_id)).map_err(|not_decided| about(request, not_decided, image_id))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = product(&api, &request).await?;
    Ok(reply::json(&json!({"items": product_json(&product)["images"]})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = image_id(&request)?;
    let product = product(&api, &request).await?;
    let product_json = product_json(&product);
    let image = of(&product_json, id).ok_or_else(|| Problem::not_found("A imagem"))?;
    Ok(reply::entity(&request.headers, image, product.version))
}

async fn add(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product_id = product(&api, &request).await?.product_id;
    let brought = uploads::read(&request).await?;
    match submit(&api, &request, product_id, ImageChange::Add(brought)).await {
        Ok((decided, id)) => {
            let mut response = answer(StatusCode::CREATED, product_id, id, &decided);
            set(&mut response, header::LOCATION, address(product_id, id));
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// Keeps a request's file and says that the product has it: as a new image, or in the place of one that it has.
pub async fn bring(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    product_id: ProductId,
    brought: Brought,
) -> Result<(Decided, ImageId), NotDecided> {
    let mut meta = writes::meta(api, request, tenant)?;
    // A form's boundary differs each time it is sent; what is in it does not.
    let said = format!("{:?} {:?} {:?}", brought.alt, brought.position, brought.replaces_url);
    meta.body_hash = writes::hash_of(api, request, &[&brought.file, said.as_bytes()])?;
    let files = &api.platform.files;
    let command = images::bring(&api.platform, meta, product_id, brought).await.map_err(Problem::from)?;
    let image = command.image.clone();
    let sent = writes::send(api, request, AdminCommand::AddProductImage(command)).await;
    let unused = match &sent {
        Ok(decided) => images::is_unused(decided.outcome, &decided.body, image.image_id),
        Err(NotDecided::Problem(problem)) => uploads::is_final(problem),
        Err(NotDecided::Pending(_)) => false,
    };
    if unused {
        let content_type = image.content_type.as_deref().unwrap_or_default();
        images::forget(files, tenant, image.image_id, content_type).await;
    }
    let decided = sent.map_err(|not_decided| about(request, not_decided, image.image_id))?;
    Ok((decided, image.image_id))
}

/// The address at which staff ask what became of the command names the image, so that it shows what the write itself would have
/// answered. An operator's write answers with the product.
fn about(request: &Request, not_decided: NotDecided, image: ImageId) -> NotDecided {
    match not_decided {
        NotDecided::Pending(kept) if request.tenant != TenantId::PLATFORM => {
            NotDecided::Pending(Pending { address: format!("{}?picture={image}", kept.address), ..kept })
        }
        other => other,
    }
}

/// The image; its version is the product's, which is what `If-Match` is held against.
fn answer(status: StatusCode, product: ProductId, id: ImageId, decided: &Decided) -> Response {
    let mut response = reply::with_status(status, &of(&decided.body, id).cloned().unwrap_or_default());
    set(&mut response, header::CONTENT_LOCATION, address(product, id));
    if let Some(version) = decided.version.or_else(|| decided.body["version"].as_i64()) {
        response.headers_mut().insert(header::ETAG, reply::etag(version));
    }
    writes::with_position(&mut response, decided.position);
    response
}

fn address(product: ProductId, id: ImageId) -> String {
    format!("{PRODUCTS}/{product}/images/{id}")
}

fn set(response: &mut Response, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let json = request.header(header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("json"));
    if request.method == Method::PUT && !json {
        return replace_file(&api, &request).await;
    }
    let (product_id, image_id) = (super::products::product_id(&request)?, image_id(&request)?);
    let patch = json::read_patch(&BODIES, &request.body, "ImageBody")?;
    let content = image_content(&patch).map_err(Problem::fields)?;
    match submit(&api, &request, product_id, ImageChange::Describe(image_id, content)).await {
        Ok((decided, image_id)) => Ok(answer(StatusCode::OK, product_id, image_id, &decided)),
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// An image's address is kept by browsers for ever, so its file never changes: another file is another image in its place.
async fn replace_file(api: &Api, request: &Request) -> Result<Response, Problem> {
    let (product, old) = (product(api, request).await?, image_id(request)?);
    let is_there = product.images.iter().any(|image| image.image_id == old);
    // Asked again under its key it is answered as before, and by then the image that it names is gone.
    if !is_there && request.header("idempotency-key").is_none() {
        return Err(Problem::not_found("A imagem"));
    }
    let change = ImageChange::ReplaceFile(old, uploads::read(request).await?);
    let (decided, id) = match submit(api, request, product.product_id, change).await {
        Ok(brought) => brought,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let mut response = answer(StatusCode::OK, product.product_id, id, &decided);
    set(&mut response, header::LOCATION, address(product.product_id, id));
    Ok(response)
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = image_id(&request)?;
    let product_id = super::products::product_id(&request)?;
    reads::point(&api, &request, Context::Admin).await?;
    match submit(&api, &request, product_id, ImageChange::Remove(id)).await {
        Ok((decided, _)) => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

async fn product(api: &Api, request: &Request) -> Result<Product, Problem> {
    super::products::load(api, request, super::products::product_id(request)?).await
}

fn image_id(request: &Request) -> Result<ImageId, Problem> {
    request.id(1, "A imagem")
}
