//! A product's pictures.

use std::sync::Arc;

use feira_schemas::{
    catalogue::{ImageBody, product_json},
    ids::{ImageId, ProductId},
    limits,
    problem::{Code, FieldError},
    records::{
        AdminCommand,
        admin::{AddProductImage, ChangeProductImage, Product, RemoveProductImage},
        catalogue::{Image, ImageStatus},
    },
    topics::Context,
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{
    changing, creating, json as json_of, reading, removing,
    uploads::{self, ALT, POSITION, Upload, taking_a_picture},
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
        ("status", json!({"type": "string", "enum": ["ready", "waiting"]})),
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
    let image = of(&product_json(&product), id).ok_or_else(|| Problem::not_found("A imagem"))?;
    Ok(reply::entity(&request.headers, &image, product.version))
}

async fn add(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = product(&api, &request).await?;
    let upload = uploads::read(&request).await?;
    bring(&api, &request, product.product_id, upload, None).await
}

/// Keeps the file and says that the product has it: as a new picture, or as the file of one that waited for it.
async fn bring(
    api: &Api,
    request: &Request,
    product_id: ProductId,
    upload: Upload,
    waiting: Option<&Image>,
) -> Result<Response, Problem> {
    let mut meta = writes::meta(api, request, request.tenant)?;
    // A form's boundary differs each time it is sent; what is in it does not.
    let said = format!("{:?} {:?}", upload.alt, upload.position);
    meta.body_hash = writes::hash_of(request, &[&upload.file, said.as_bytes()]);
    let id = uploads::image_id(meta.command_id, &meta.body_hash);
    let picture = uploads::keep(api, request.tenant, id, upload.file).await?;
    let image = Image {
        image_id: id,
        status: ImageStatus::Ready,
        content_type: Some(picture.content_type.to_owned()),
        width: i32::try_from(picture.width).ok(),
        height: i32::try_from(picture.height).ok(),
        alt: upload.alt,
        source_url: None,
    };
    let replaces_url = waiting.and_then(|image| image.source_url.clone());
    let command = AddProductImage { meta, product_id, image, position: upload.position, replaces_url };
    match writes::send(api, request, Context::Admin, AdminCommand::AddProductImage(command)).await {
        Ok(decided) => Ok(brought(request, &decided, product_id, id)),
        Err(NotDecided::Pending(command)) => Ok(writes::pending(command)),
        Err(NotDecided::Problem(problem)) => {
            if uploads::is_final(&problem) {
                uploads::forget(api, request.tenant, id, picture.content_type).await;
            }
            Err(problem)
        }
    }
}

/// The picture, with 201 where it is new; its version is the product's, which is what `If-Match` is held against.
fn brought(request: &Request, decided: &Decided, product: ProductId, id: ImageId) -> Response {
    let status = if request.method == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = reply::with_status(status, &of(&decided.body, id).unwrap_or_default());
    let location = HeaderValue::try_from(format!("/api/admin/v1/products/{product}/images/{id}"));
    if let (StatusCode::CREATED, Ok(location)) = (status, location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    tag(&mut response, decided);
    response
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
            let mut response = reply::json(&of(&decided.body, id).unwrap_or_default());
            tag(&mut response, &decided);
            Ok(response)
        }
        Err(NotDecided::Pending(command)) => Ok(writes::pending(command)),
        Err(NotDecided::Problem(problem)) => Err(problem),
    }
}

/// A picture's address is kept by browsers for ever, so its file never changes: only one that has none yet takes one.
async fn replace_file(api: &Api, request: &Request, product: &Product, image: &Image) -> Result<Response, Problem> {
    if image.status == ImageStatus::Ready {
        let detail = "Esta imagem já tem o seu arquivo. Para trocá-la, envie outra e apague esta.";
        return Err(Problem::new(Code::Invalid, detail));
    }
    let upload = uploads::read(request).await?;
    bring(api, request, product.product_id, upload, Some(image)).await
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
                uploads::forget(&api, request.tenant, id, kind).await;
            }
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(NotDecided::Pending(command)) => Ok(writes::pending(command)),
        Err(NotDecided::Problem(problem)) => Err(problem),
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

/// One picture of a product's JSON.
fn of(product: &Value, id: ImageId) -> Option<Value> {
    let id = id.to_string();
    product["images"].as_array()?.iter().find(|image| image["id"] == id.as_str()).cloned()
}
