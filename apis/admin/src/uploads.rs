//! Taking a file from a request, raw or as a form.

use bytes::Bytes;
use feira_schemas::{
    api::{image, rules::Errors},
    limits,
    problem::{Code, FieldError},
    refusals,
    text::{Lines, composed, forbidden},
};
use feira_streams::images::Brought;
use feira_web::{
    forms,
    problem::Problem,
    routing::{Kind, Parameter, Request, Route},
};
use http::header;

/// Bytes of a form beside the file itself: boundaries and texts.
const FORM_BYTES: usize = 256 * 1024;
/// An upload may take longer than a request of text: 20 MiB over a telephone.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(60);
/// The parameter with the image's alternative text.
pub const ALT: Parameter =
    Parameter::new("alt", Kind::Text(image::ALT.most()), "The alternative text: what the image shows.");
/// The parameter with the image's place among the product's, from 1.
pub const POSITION: Parameter = Parameter::new(
    "position",
    Kind::Integer(image::POSITION.limits().0, image::POSITION.limits().1),
    "The image's place among the product's, from 1; left out, it is the last.",
);

/// A route that takes an image.
pub fn taking_an_image(route: Route) -> Route {
    let kinds = ["image/jpeg", "image/png", "image/webp", "image/gif", "application/octet-stream"];
    let mut content: Vec<_> = kinds.into_iter().map(|kind| (kind, "Image")).collect();
    content.push(("multipart/form-data", "ImageForm"));
    route.takes(content, limits::IMAGE_BYTES + FORM_BYTES).of_any_type().within(WITHIN)
}

/// The file of a request: the body itself, or the file of a form.
pub async fn read(request: &Request) -> Result<Brought, Problem> {
    let content_type = request.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let upload = match multer::parse_boundary(content_type) {
        Ok(boundary) => form(request.body.clone(), boundary).await?,
        Err(_) => raw(request)?,
    };
    if upload.file.len() > limits::IMAGE_BYTES {
        return Err(Problem::new(Code::TooLarge, refusals::image_bytes()));
    }
    if let Some(detail) = upload.alt.as_deref().and_then(|alt| forbidden(alt, Lines::One)) {
        return Err(wrong("alt", Code::Invalid, detail));
    }
    let mut errors = Errors::default();
    image::ALT.check(&mut errors, "/alt", upload.alt.as_deref());
    errors.or(upload).map_err(Problem::fields)
}

fn raw(request: &Request) -> Result<Brought, Problem> {
    let position = request.query.integer("position").and_then(|position| i32::try_from(position).ok());
    Ok(Brought {
        file: request.body.clone(),
        alt: request.query.text("alt").map(str::to_owned).filter(|alt| !alt.trim().is_empty()),
        position,
        ..Brought::default()
    })
}

async fn form(body: Bytes, boundary: String) -> Result<Brought, Problem> {
    let mut upload = Brought::default();
    let mut found = false;
    for part in forms::multipart(body, boundary).await? {
        let is_file = part.is_file || matches!(part.name.as_str(), "file" | "image" | "logo");
        if is_file && found {
            return Err(Problem::new(Code::Malformed, "Envie um arquivo por vez."));
        }
        match part.name.as_str() {
            _ if is_file => (upload.file, found) = (part.bytes, true),
            "alt" => upload.alt = Some(composed(&part.text()?).into_owned()).filter(|alt| !alt.trim().is_empty()),
            "position" => upload.position = Some(position(&part.text()?)?),
            name => return Err(wrong(name, Code::Malformed, refusals::unknown_field(name))),
        }
    }
    Ok(upload)
}

fn position(text: &str) -> Result<i32, Problem> {
    let position = text.trim().parse().ok().filter(|position| image::POSITION.holds(i64::from(*position)));
    position.ok_or_else(|| wrong("position", Code::OutOfRange, image::POSITION.out_of_range()))
}

fn wrong(name: &str, code: Code, detail: String) -> Problem {
    let name: String = name.chars().take(64).collect();
    Problem::fields(vec![FieldError::new(format!("/{name}"), code, detail)])
}

/// True if a refusal says that the image will never be shown.
pub fn is_final(problem: &Problem) -> bool {
    matches!(
        problem.code,
        Code::NotFound
            | Code::TooLong
            | Code::VersionMismatch
            | Code::ShopSuspended
            | Code::ShopClosed
            | Code::IdempotencyMismatch
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sent(fields: &str) -> Bytes {
        format!("{fields}--b--\r\n").into()
    }

    fn field(disposition: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
    }

    #[tokio::test]
    async fn a_form_has_one_file_and_known_texts() {
        let body = field("name=\"file\"; filename=\"a.png\"", "bytes")
            + &field("name=\"alt\"", "Céu")
            + &field("name=\"position\"", "2");
        let upload = form(sent(&body), "b".into()).await.unwrap();
        assert_eq!((&upload.file[..], upload.alt.as_deref(), upload.position), (&b"bytes"[..], Some("Céu"), Some(2)));
        for (body, status) in [
            (field("name=\"position\"", "0"), 422),
            (field("name=\"position\"", "x"), 422),
            (field("name=\"other\"", "x"), 422),
            (field("name=\"file\"", "1") + &field("name=\"file\"", "2"), 400),
            ("--b\r\n".to_owned(), 400),
        ] {
            assert_eq!(form(sent(&body), "b".into()).await.unwrap_err().status().as_u16(), status, "{body}");
        }
    }
}
