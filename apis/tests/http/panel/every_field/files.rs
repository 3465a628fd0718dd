//! Files that a form does not take.

use feira_schemas::limits;
use image::ImageFormat;

use super::{
    page::{Field, Form, Kind, Page},
    walk::{RAW, SCRIPT, Walk, lost},
};
use crate::{bed::Answered, images::image_file, panel::text};

/// A file: what is wrong about it, its name, and its bytes.
type WrongFile = (&'static str, String, Vec<u8>);

impl Walk<'_> {
    /// Sends wrong files by every form of a page that takes one; how many fields were tried.
    pub async fn sends_wrong_files(&mut self, path: &str) -> usize {
        let (page, mut fields) = (self.page(path).await, 0);
        for form in page.forms.iter().filter(|form| form.has_files) {
            let Some(place) = form.fields.iter().position(|field| field.kind == Kind::File) else { continue };
            fields += 1;
            for (what, name, file) in wrong_files(&form.fields[place]) {
                let form = self.filled(form).ticked();
                let answer = self.upload(&form, (name.as_str(), file.as_slice())).await;
                let lack = lack(&answer, &form, place);
                self.wrong.extend(lack.map(|lack| format!("{path}, file of {} ({what}): {lack}", form.action)));
            }
        }
        fields
    }
}

fn wrong_files(field: &Field) -> Vec<WrongFile> {
    let (name, other) = match takes_images(field) {
        true => ("foto.png", b"%PDF-1.7\n%%EOF\n".to_vec()),
        false => ("produtos.csv", image_file(8, 8, ImageFormat::Png)),
    };
    // A browser writes a quotation mark in a name as %22.
    let odd = format!("../..\\%22'>{SCRIPT}/{name}");
    let mut files = vec![
        ("none", String::new(), Vec::new()),
        ("an empty one", name.to_owned(), Vec::new()),
        ("one of another type", name.to_owned(), other.clone()),
        ("one with an odd name", odd, other),
    ];
    // What an import takes is too much to be sent here.
    if takes_images(field) {
        files.push(("one byte too much", name.to_owned(), vec![0; limits::IMAGE_BYTES + 1]));
    }
    files
}

fn takes_images(field: &Field) -> bool {
    field.accept.contains("image/")
}

/// What an answer lacks to a form with a wrong file; none if it is as it should be.
fn lack(answer: &Answered, form: &Form, place: usize) -> Option<String> {
    let shown = text(answer);
    if !(400..500).contains(&answer.status) {
        return Some(format!("answers {}", answer.status));
    }
    if shown.contains(RAW) {
        return Some("shows the file's name as markup".to_owned());
    }
    let page = Page::of(&shown);
    let Some(field) = page.field(&form.action, &form.fields[place].name, Kind::File) else {
        return Some("the form is not shown again".to_owned());
    };
    let mut errors = field.described_by.iter().filter(|id| id.contains("error")).filter_map(|id| page.said.get(id));
    let lacks = [
        (!field.is_invalid, "is not marked as wrong"),
        (!errors.any(|error| !error.is_empty()), "no word beside it says why"),
        (page.focused != 1 || !field.is_focused, "it is not looked at first"),
    ];
    let lack = lacks.into_iter().find(|(is_lacking, _)| *is_lacking).map(|(_, lack)| lack.to_owned());
    lack.or_else(|| lost(&page, form, place))
}
