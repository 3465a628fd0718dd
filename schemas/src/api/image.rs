//! An image of a product: its alternative text and its place.

use serde_json::{Map, Value, json};

use super::{
    rules::{Errors, List, Text, Whole},
    schema::{Named, id, list_of, object, pixels, reference, text, text_or_null, whole},
};
use crate::{
    ids::ProductId,
    limits,
    problem::FieldError,
    records::catalogue::{Image, ImageStatus},
};

/// The alternative text: what the image shows, for who does not see it.
pub const ALT: Text = Text::or_null("O texto alternativo", limits::ALT_CHARS);
/// The place among the product's images, from 1.
pub const POSITION: Whole = Whole::new("A posição", 1, limits::IMAGES as i64);
/// The images of a product.
pub const IMAGES: List = List::new("Um produto", "imagens", limits::IMAGES);

/// The change of an image: `None` keeps the present value, and an empty `alt` removes the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageContent {
    /// See [`ALT`].
    pub alt: Option<String>,
    /// See [`POSITION`].
    pub position: Option<i32>,
}

/// The change of an image that a merge patch (RFC 7396) or the fields of a form ask for, or everything that is wrong with them.
pub fn image_content(patch: &Map<String, Value>) -> Result<ImageContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let alt = patch.get("alt").map(|alt| alt.as_str().unwrap_or_default().to_owned());
    ALT.check(&mut errors, "/alt", alt.as_deref());
    let position = patch.get("position").and_then(Value::as_i64);
    POSITION.check(&mut errors, "/position", position);
    errors.or(ImageContent { alt, position: position.and_then(|at| i32::try_from(at).ok()) })
}

/// An image as the admin API gives it.
pub fn image_json(product: ProductId, image: &Image) -> Value {
    let status = match image.status {
        ImageStatus::Ready => "ready",
        status if status.problem().is_some() => "failed",
        _ => "waiting",
    };
    json!({
        "id": image.image_id,
        "status": status,
        "problem": image.status.problem(),
        "url": image_url(product, image),
        "alt": image.alt,
        "width": image.width,
        "height": image.height,
        "source_url": image.source_url,
    })
}

/// The path at which the shop serves an image; one whose file is not there yet is drawn by the shop.
pub fn image_url(product: ProductId, image: &Image) -> String {
    match (image.status, image.content_type.as_deref()) {
        (ImageStatus::Ready, Some(content_type)) => format!("/media/{}.{}", image.image_id, extension(content_type)),
        _ => format!("/media/made/{product}.svg"),
    }
}

/// The file name extension of a media type that the shop keeps.
pub fn extension(content_type: &str) -> &'static str {
    match content_type {
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/svg+xml" => "svg",
        _ => "png",
    }
}

/// The schemas: what is written (`ImageBody`, `ImageForm`) and what is given (`ProductImage`, `ProductImages`).
pub fn schemas() -> Vec<Named> {
    let file = json!({"type": "string", "minLength": 1, "contentEncoding": "binary"});
    let fields = [("alt", ALT.schema()), ("position", POSITION.schema_or_null())];
    let form =
        [("file", file), ("alt", json!({"type": "string", "maxLength": ALT.most()})), ("position", POSITION.schema())];
    let image = whole(&[
        ("id", id()),
        ("status", json!({"type": "string", "enum": ["ready", "waiting", "failed"]})),
        ("problem", text_or_null()),
        ("url", text()),
        ("alt", text_or_null()),
        ("width", pixels()),
        ("height", pixels()),
        ("source_url", text_or_null()),
    ]);
    vec![
        ("ImageBody", object(&fields, &[])),
        ("ImageForm", object(&form, &["file"])),
        ("ProductImage", image),
        ("ProductImages", object(&[("items", list_of(reference("ProductImage")))], &["items"])),
    ]
}
