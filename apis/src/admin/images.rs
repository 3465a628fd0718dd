//! A product's pictures.

use std::sync::Arc;

use feira_schemas::{
    catalogue::{ImageBody, product_json},
    ids::{ImageId, ProductId, TenantId},
    limits,
    problem::{Code, FieldError},
    records::{
        AdminCommand,
        admin::{ChangeProductImage, Product, RemoveProductImage},
        catalogue::{Image, ImageStatus},
    },
    topics::Context,
};
use feira_streams::pictures::{self, Brought, of};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

use super::{
    changing, creating, json as json_of, reading, removing,
    uploads::{self, ALT, POSITION, taking_a_picture},
};
use crate::{
    context::Api,
    json,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    schemas::{Named, id, list_of, object, reference, text, text_or_null},
    writes::{self, Decided, NotDecided},
};

const ALL: &str = "/api/admin/v1/products/{id}/images";
const ONE: &str = "/api/admin/v1/products/{id}/images/{iid}";

/// The routes of pictures.
pub fn routes() -> Vec<Route> {
    let replace = changing(Route::new(Method::PUT, ONE, change), "ProductImage");
    vec![
        Route::get(ALL, list)
            .for_staff()
            .gives(200, "All of them, in order.", json_of("ProductImages"))
            .says("A product's pictures."),
        taking_a_picture(creating(Route::new(Method::POST, ALL, add), "ProductImage"))
            .versioned() // The product's version.
            .query([ALT, POSITION])
            .says("Adds a picture: the file as the body, or as a form with file, alt and position."),
        reading(Route::get(ONE, read), "ProductImage").says("A picture."),
        taking_a_picture(replace)
            .query([ALT, POSITION])
            .says("Changes a picture's text and place (JSON), or brings the file of one that waits for it."),
        changing(Route::new(Method::PATCH, ONE, change), "ProductImage")
            .takes(
                vec![("application/merge-patch+json", "ImageBody"), ("application/json", "ImageBody")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes a picture's text and place."),
        removing(Route::new(Method::DELETE, ONE, remove)).says("Removes a picture."),
    ]
}

/// The schemas of pictures.
pub fn schemas() -> Vec<Named> {
    let alt = json!({"type": ["string", "null"], "maxLength": limits::ALT_CHARS});
    let position = json!({"type": ["integer", "null"], "minimum": 1, "maximum": limits::IMAGES});
    let file = json!({"type": "string", "minLength": 1, "contentEncoding": "binary"});
    let pixels = json!({"type": ["integer", "null"], "minimum": 1});
    let image = [
        ("id", id()),
        ("status", json!({"type": "string", "enum": ["ready", "waiting", "failed"]})),
        ("problem", text_or_null()),
        ("url", text()),
        ("alt", text_or_null()),
        ("width", pixels.clone()),
        ("height", pixels),
        ("source_url", text_or_null()),
    ];
    let names: Vec<&str> = image.iter().map(|(name, _)| *name).collect();
    vec![
        ("ImageBody", object(&[("alt", alt.clone()), ("position", position)], &[])),
        (
            "ImageForm",
            object(
                &[
                    ("file", file),
                    ("alt", json!({"type": "string", "maxLength": limits::ALT_CHARS})),
                    ("position", json!({"type": "integer", "minimum": 1, "maximum": limits::IMAGES})),
                ],
                &["file"],
            ),
        ),
        ("ProductImage", object(&image, &names)),
        ("ProductImages", object(&[("items", list_of(reference("ProductImage")))], &["items"])),
    ]
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
    let product = product(&api, &request).await?;
    let brought = uploads::read(&request).await?;
    let brought = bring(&api, &request, request.tenant, product.product_id, brought).await;
    answer(&request, product.product_id, brought)
}

/// Keeps a request's file and says that the product has it: as a new picture, or as the file of the one with this address.
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
    meta.body_hash = writes::hash_of(request, &[&brought.file, said.as_bytes()]);
    let files = &api.platform.files;
    let command = pictures::bring(files, meta, product_id, brought).await.map_err(Problem::from)?;
    let image = command.image.clone();
    let sent = writes::send(api, request, Context::Admin, AdminCommand::AddProductImage(command)).await;
    let unused = match &sent {
        Ok(decided) => pictures::is_unused(decided.outcome, &decided.body, image.image_id),
        Err(NotDecided::Problem(problem)) => uploads::is_final(problem),
        Err(NotDecided::Pending(_)) => false,
    };
    if unused {
        let content_type = image.content_type.as_deref().unwrap_or_default();
        pictures::forget(files, tenant, image.image_id, content_type).await;
    }
    Ok((sent?, image.image_id))
}

/// The picture, with 201 where it is new; its version is the product's, which is what `If-Match` is held against.
fn answer(
    request: &Request,
    product: ProductId,
    brought: Result<(Decided, ImageId), NotDecided>,
) -> Result<Response, Problem> {
    let (decided, id) = match brought {
        Ok(brought) => brought,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let Some(image) = of(&decided.body, id) else { return Err(has_its_file()) };
    let status = if request.method == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = reply::with_status(status, image);
    let location = HeaderValue::try_from(format!("/api/admin/v1/products/{product}/images/{id}"));
    if let (StatusCode::CREATED, Ok(location)) = (status, location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    tag(&mut response, &decided);
    Ok(response)
}

fn tag(response: &mut Response, decided: &Decided) {
    if let Some(version) = decided.version.or_else(|| decided.body["version"].as_i64()) {
        response.headers_mut().insert(header::ETAG, reply::etag(version));
    }
    writes::with_position(response, decided.position);
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = image_id(&request)?;
    let product = product(&api, &request).await?;
    let image = product.images.iter().find(|image| image.image_id == id);
    let image = image.ok_or_else(|| Problem::not_found("A imagem"))?;
    let json = request.header(header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("json"));
    if request.method == Method::PUT && !json {
        return replace_file(&api, &request, &product, image).await;
    }
    let body: ImageBody = json::read(&request.body, "ImageBody")?;
    let position = checked(&body)?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = ChangeProductImage { meta, product_id: product.product_id, image_id: id, alt: body.alt, position };
    match writes::send(&api, &request, Context::Admin, AdminCommand::ChangeProductImage(command)).await {
        Ok(decided) => {
            let mut response = reply::json(&of(&decided.body, id).cloned().unwrap_or_default());
            tag(&mut response, &decided);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// A picture's address is kept by browsers for ever, so its file never changes: only one that has none yet takes one.
async fn replace_file(api: &Api, request: &Request, product: &Product, image: &Image) -> Result<Response, Problem> {
    if image.status == ImageStatus::Ready {
        return Err(has_its_file());
    }
    let brought = Brought { replaces_url: image.source_url.clone(), ..uploads::read(request).await? };
    let brought = bring(api, request, request.tenant, product.product_id, brought).await;
    answer(request, product.product_id, brought)
}

fn has_its_file() -> Problem {
    let detail = "Esta imagem já tem o seu arquivo. Para trocá-la, envie outra e apague esta.";
    Problem::new(Code::Invalid, detail)
}

fn checked(body: &ImageBody) -> Result<Option<i32>, Problem> {
    let mut errors = Vec::new();
    if body.alt.as_deref().is_some_and(|alt| alt.chars().count() > limits::ALT_CHARS) {
        let detail = format!("O texto alternativo pode ter até {} caracteres.", limits::ALT_CHARS);
        errors.push(FieldError::new("/alt", Code::TooLong, detail));
    }
    let position = body
        .position
        .map(|position| i32::try_from(position).ok().filter(|at| (1..=limits::IMAGES as i32).contains(at)));
    if position == Some(None) {
        errors.push(FieldError::new(
            "/position",
            Code::OutOfRange,
            format!("A posição vai de 1 a {}.", limits::IMAGES),
        ));
    }
    if errors.is_empty() { Ok(position.flatten()) } else { Err(Problem::fields(errors)) }
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = image_id(&request)?;
    let product_id = super::products::product_id(&request)?;
    let before = product(&api, &request).await?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::RemoveProductImage(RemoveProductImage { meta, product_id, image_id: id });
    match writes::send(&api, &request, Context::Admin, command).await {
        Ok(decided) => {
            let kind =
                before.images.iter().find(|image| image.image_id == id).and_then(|image| image.content_type.as_deref());
            if let Some(kind) = kind {
                pictures::forget(&api.platform.files, request.tenant, id, kind).await;
            }
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

async fn product(api: &Api, request: &Request) -> Result<Product, Problem> {
    let id = super::products::product_id(request)?;
    reads::point(api, request, Context::Admin).await;
    reads::product(&api.platform.state, request.tenant, id).await
}

fn image_id(request: &Request) -> Result<ImageId, Problem> {
    request.id(1, "A imagem")
}
