//! The images of a product: they are uploaded, put in order, described and removed on its page.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use feira_api_admin::{
    images::{self, ImageChange},
    products,
};
use feira_schemas::{
    api::image::{image_content, image_url, schemas},
    ids::{ImageId, ProductId},
    limits,
    records::{
        admin::Product,
        catalogue::{Image, ImageStatus},
    },
    refusals,
};
use feira_streams::images::{Brought, SMALL};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    writes::NotDecided,
};
use http::{HeaderValue, Method, StatusCode};

use super::{Sheet, address, changes, does, draw, product_id, typed::Typed};
use crate::{
    answer,
    frame::{Confirm, Frame},
    shop::Status,
};

const ALL: &str = "/admin/products/{id}/images";
const ONE: &str = "/admin/products/{id}/images/{iid}";
const REMOVE: &str = "/admin/products/{id}/images/{iid}/delete";
/// The place of the images on the page.
const PLACE: &str = "#imagens";
/// The name of the input with the files.
const FILES: &str = "images";
/// Bytes of a form with images, all together: what the API takes of one, since a shop has room for so much in any case.
const UPLOAD_BYTES: usize = limits::IMAGE_BYTES + 256 * 1024;
/// The time of an upload by a telephone, and of making each image's sizes.
const WITHIN: Duration = Duration::from_secs(60);

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(super) fn routes() -> Vec<Route> {
    vec![
        does(Route::new(Method::POST, ALL, add))
            .takes(vec![("multipart/form-data", "Form")], UPLOAD_BYTES)
            .within(WITHIN)
            .says("Adds images to a product."),
        does(Route::new(Method::POST, ONE, describe)).says("Changes the text of an image, or its place."),
        changes(Route::get(REMOVE, ask_remove)).says("Asks whether an image is to be removed."),
        does(Route::new(Method::POST, REMOVE, remove)).says("Removes an image."),
    ]
}

/// What was asked of the images and refused.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Why files were not taken.
    pub refused: Vec<String>,
    /// The text that was typed for an image, and what is wrong with it.
    pub typed: Option<(ImageId, String, String)>,
}

/// The images of a product as its page shows them.
pub(super) struct Pictures {
    pub all: Vec<Picture>,
    pub refused: Vec<String>,
    pub may_add: bool,
    /// The most images that a product has.
    pub most: usize,
    /// MiB of an upload.
    pub mib: usize,
    /// Characters of a text.
    pub chars: usize,
}

/// An image.
pub(super) struct Picture {
    pub id: String,
    /// Its place, from 1.
    pub number: usize,
    /// The path of its file; none while there is none.
    pub source: Option<String>,
    pub alt: String,
    /// The state of a file that is not there.
    pub status: Option<Status>,
    /// Why the file is not there.
    pub problem: Option<String>,
    pub is_last: bool,
    /// What is wrong with the text.
    pub error: Option<String>,
}

impl Pictures {
    /// The images of a product, with what was refused of them.
    pub fn of(product: &Product, asked: &Asked) -> Self {
        let count = product.images.len();
        let picture = |(place, image): (usize, &Image)| {
            let typed = asked.typed.as_ref().filter(|(id, ..)| *id == image.image_id);
            let kept = image.alt.clone().unwrap_or_default();
            Picture {
                id: image.image_id.to_string(),
                number: place + 1,
                source: source(product.product_id, image),
                alt: typed.map_or(kept, |(_, alt, _)| alt.clone()),
                status: state(image.status),
                problem: image.status.problem(),
                is_last: place + 1 == count,
                error: typed.map(|(_, _, error)| error.clone()),
            }
        };
        Self {
            all: product.images.iter().enumerate().map(picture).collect(),
            refused: asked.refused.clone(),
            may_add: count < limits::IMAGES,
            most: limits::IMAGES,
            mib: limits::IMAGE_BYTES / (1024 * 1024),
            chars: limits::ALT_CHARS,
        }
    }
}

/// The path of an image's small size.
fn source(product: ProductId, image: &Image) -> Option<String> {
    if image.status != ImageStatus::Ready {
        return None;
    }
    let url = image_url(product, image);
    url.rsplit_once('.').map(|(stem, ending)| format!("{stem}-{SMALL}.{ending}"))
}

/// The state of a file in words; none of one that is there.
fn state(status: ImageStatus) -> Option<Status> {
    match status {
        ImageStatus::Ready => None,
        other if other.problem().is_some() => Some(Status { word: "Não veio", look: "bad" }),
        _ => Some(Status { word: "Sendo buscada", look: "" }),
    }
}

fn image_id(request: &Request) -> Result<ImageId, Problem> {
    request.id(1, "A imagem")
}

/// 303 to the images, with what was done.
fn done(product: ProductId, word: &str) -> Response {
    reply::see_other(&format!("{}?done={word}{PLACE}", address(product)))
}

async fn add(api: Arc<Api>, mut request: Request) -> Result<Response, Problem> {
    let product = products::load(&api, &request, product_id(&request)?).await?;
    let sent = request.form.files.iter().filter(|file| file.name == FILES);
    let files: Vec<_> = sent.map(|file| file.bytes.clone()).collect();
    let key = request.header("idempotency-key").map(str::to_owned);
    let mut asked = Asked::default();
    if files.is_empty() {
        asked.refused.push("Escolha ao menos uma imagem.".to_owned());
    }
    let count = files.len();
    for (number, file) in (1_usize..).zip(files) {
        let mut refuse = |why: &str| asked.refused.push(format!("Imagem {number} de {count}: {why}"));
        if file.is_empty() {
            refuse(refusals::EMPTY_FILE);
            continue;
        }
        if file.len() > limits::IMAGE_BYTES {
            refuse(&refusals::image_bytes());
            continue;
        }
        // Each is a command of its own, and is known again where the form is sent again.
        if let Some(Ok(key)) = key.as_ref().map(|key| HeaderValue::try_from(format!("{key}-{number}"))) {
            request.headers.insert("idempotency-key", key);
        }
        let change = ImageChange::Add(Brought { file, ..Brought::default() });
        match images::submit(&api, &request, product.product_id, change).await {
            Ok(_) | Err(NotDecided::Pending(_)) => {}
            Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => refuse(said(&problem)),
            Err(NotDecided::Problem(problem)) => return Err(problem),
        }
    }
    if asked.refused.is_empty() {
        return Ok(done(product.product_id, "product-images"));
    }
    again(&api, &request, StatusCode::UNPROCESSABLE_ENTITY, asked).await
}

/// What a refusal says of the field that is to blame, or else as a whole.
fn said(problem: &Problem) -> &str {
    problem.errors.first().map_or(problem.detail.as_str(), |error| error.detail.as_str())
}

/// The product's page with what was refused of its images.
async fn again(api: &Api, request: &Request, code: StatusCode, images: Asked) -> Result<Response, Problem> {
    let product = products::load(api, request, product_id(request)?).await?;
    let (typed, version) = (Typed::of(&product), product.version.to_string());
    draw(api, request, code, Some(&product), &Sheet { typed, version, images, ..Sheet::default() }).await
}

async fn describe(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (product, image) = (product_id(&request)?, image_id(&request)?);
    let content = request.form.patch(&BODIES, "ImageBody");
    let content = content.and_then(|patch| image_content(&patch).map_err(Problem::fields));
    let changed = match content {
        Ok(content) => images::submit(&api, &request, product, ImageChange::Describe(image, content)).await,
        Err(problem) => Err(problem.into()),
    };
    let alt = request.form.text("/alt");
    match (changed, alt) {
        (Ok(_), Some(_)) => Ok(done(product, "product-image-saved")),
        (Ok(_), None) => Ok(done(product, "product-image-moved")),
        (Err(NotDecided::Problem(problem)), Some(alt))
            if matches!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PRECONDITION_FAILED) =>
        {
            let typed = Some((image, alt.to_owned(), said(&problem).to_owned()));
            again(&api, &request, problem.status(), Asked { typed, ..Asked::default() }).await
        }
        (Err(not_decided), _) => {
            let frame = Frame::around(&api, &request, "products").await?;
            answer::not_decided(&frame, &address(product), not_decided)
        }
    }
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = products::load(&api, &request, product_id(&request)?).await?;
    let id = image_id(&request)?;
    let place = product.images.iter().position(|image| image.image_id == id);
    let place = place.ok_or_else(|| Problem::not_found("A imagem"))?;
    let frame = Frame::around(&api, &request, "products").await?;
    let page = address(product.product_id);
    let (title, back) = (format!("Remover a imagem {} de {}?", place + 1, product.name), format!("{page}{PLACE}"));
    let (text, action) =
        ("Ela deixa de aparecer na loja, e o arquivo é apagado.", format!("{page}/images/{id}/delete"));
    let page =
        Confirm { frame: &frame, title: &title, text, action: &action, word: "Remover", risky: true, back: &back };
    answer::page(StatusCode::OK, page.html_for(product.version))
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (product, image) = (product_id(&request)?, image_id(&request)?);
    match images::submit(&api, &request, product, ImageChange::Remove(image)).await {
        Ok(_) => Ok(done(product, "product-image-removed")),
        Err(not_decided) => {
            let frame = Frame::around(&api, &request, "products").await?;
            answer::not_decided(&frame, &address(product), not_decided)
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn image(status: ImageStatus) -> Image {
        Image {
            image_id: ImageId::from_uuid(Uuid::nil()),
            status,
            content_type: Some("image/jpeg".into()),
            width: None,
            height: None,
            alt: None,
            source_url: None,
        }
    }

    #[test]
    fn s52_an_image_is_shown_small_and_one_that_is_not_there_says_so() {
        let product = ProductId::from_uuid(Uuid::nil());
        let ready = source(product, &image(ImageStatus::Ready));
        assert_eq!(ready, Some(format!("/media/{}-480.jpg", Uuid::nil())));
        assert_eq!(state(ImageStatus::Ready), None);
        for (status, look) in
            [(ImageStatus::Waiting, ""), (ImageStatus::Unknown, ""), (ImageStatus::NotAPicture, "bad")]
        {
            assert_eq!(source(product, &image(status)), None);
            assert_eq!(state(status).map(|state| state.look), Some(look), "{status:?}");
        }
    }
}
