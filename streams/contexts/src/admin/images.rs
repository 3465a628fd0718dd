//! Images of a product. Their files are kept before the command is sent; here only their place and text are decided.

use feira_schemas::{
    api::image::IMAGES,
    limits,
    problem::{Code, Refusal},
    records::{
        AdminEvent,
        admin::{AddProductImage, ChangeProductImage, FailProductImage, Product, RemoveProductImage},
        catalogue::{Image, ImageStatus},
    },
};

use super::{not_found, products};
use crate::{Decided, Decision, DecisionContext, Rows};

pub(super) fn add(command: &AddProductImage, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = products::load_for_change(&command.meta, command.product_id, rows)?;
    let mut images = before.images.clone();
    if let Some(url) = &command.replaces_url {
        let named = |image: &Image| image.source_url.as_ref() == Some(url);
        if !images.iter().any(named) {
            return Err(not_found("A imagem").into());
        }
        // One that has its file keeps it: the address was answered before, by an upload or by an earlier try.
        if let Some(image) = images.iter_mut().find(|image| named(image) && image.status != ImageStatus::Ready) {
            let alt = command.image.alt.clone().or(image.alt.take());
            *image = Image { alt, source_url: image.source_url.take(), ..command.image.clone() };
        }
    } else if let Some(id) = command.replaces_id {
        let Some(at) = images.iter().position(|image| image.image_id == id) else {
            return Err(not_found("A imagem").into());
        };
        // The address stays with the place: an import that names it again means this image.
        let Image { alt, source_url, .. } = images.remove(at);
        let image = Image { alt: command.image.alt.clone().or(alt), source_url, ..command.image.clone() };
        put(&mut images, image, at, command.position);
    } else if images.len() >= limits::IMAGES {
        return Err(Refusal::new(Code::TooLong, IMAGES.too_long()).into());
    } else {
        images.insert(index_of(command.position, images.len()), command.image.clone());
    }
    Ok(with_images(&before, images, context))
}

/// The address of an image was asked in vain. One that does not wait any more is left as it is.
pub(super) fn fail(command: &FailProductImage, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = products::load_for_change(&command.meta, command.product_id, rows)?;
    let mut images = before.images.clone();
    let waits = |image: &&mut Image| image.image_id == command.image_id && image.status == ImageStatus::Waiting;
    if let Some(image) = images.iter_mut().find(waits).filter(|_| command.status.problem().is_some()) {
        image.status = command.status;
    }
    Ok(with_images(&before, images, context))
}

pub(super) fn change(command: &ChangeProductImage, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = products::load_for_change(&command.meta, command.product_id, rows)?;
    let mut images = before.images.clone();
    let Some(at) = images.iter().position(|image| image.image_id == command.image_id) else {
        return Err(not_found("A imagem").into());
    };
    let mut image = images.remove(at);
    if let Some(alt) = &command.alt {
        image.alt = Some(alt.clone()).filter(|alt| !alt.trim().is_empty());
    }
    put(&mut images, image, at, command.position);
    Ok(with_images(&before, images, context))
}

pub(super) fn remove(command: &RemoveProductImage, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = products::load_for_change(&command.meta, command.product_id, rows)?;
    let mut images = before.images.clone();
    images.retain(|image| image.image_id != command.image_id);
    if images.len() == before.images.len() {
        return Err(not_found("A imagem").into());
    }
    Ok(with_images(&before, images, context))
}

fn with_images(before: &Product, images: Vec<Image>, context: &DecisionContext) -> Decision<AdminEvent> {
    products::changed_or_not(before, Product { images, ..before.clone() }, context)
}

/// Puts an image that was taken from `at` to its place: back where no other is asked for.
fn put(images: &mut Vec<Image>, image: Image, at: usize, position: Option<i32>) {
    let to = position.map_or(at, |position| index_of(Some(position), images.len()));
    images.insert(to, image);
}

/// The index at which an image goes into a list of `count`: positions count from 1, none is the end.
fn index_of(position: Option<i32>, count: usize) -> usize {
    let position = position.and_then(|position| usize::try_from(position).ok()).unwrap_or(count + 1);
    position.clamp(1, count + 1) - 1
}
