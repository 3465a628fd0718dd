//! Images of a product: their places, texts and files.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::product::product_json,
    limits,
    problem::Code,
    records::{
        admin::{AddProductImage, ChangeProductImage, FailProductImage, Product, ProductChanged, RemoveProductImage},
        catalogue::{Image, ImageStatus},
        common::Outcome,
    },
    rows::admin::RemovedImageRow,
};

use crate::{
    given::{NOW, SHOP, Then, asked, asked_for_version, image_id, product_id, put},
    sample::{awaited, imported, product, product_changed, product_row, product_slug_row, ready, shop},
};

const URL: &str = "https://a.example/1.jpg";
const OTHER_URL: &str = "https://a.example/2.jpg";

fn showing(images: Vec<Image>) -> Product {
    Product { images, ..product(1) }
}

fn add(image: Image) -> AddProductImage {
    let (position, replaces_url, replaces_id) = (None, None, None);
    AddProductImage { meta: asked(), product_id: product_id(1), image, position, replaces_url, replaces_id }
}

fn change(number: u128) -> ChangeProductImage {
    let image_id = image_id(number);
    ChangeProductImage { meta: asked(), product_id: product_id(1), image_id, alt: None, position: None }
}

fn remove(number: u128) -> RemoveProductImage {
    RemoveProductImage { meta: asked(), product_id: product_id(1), image_id: image_id(number) }
}

fn fail(number: u128, status: ImageStatus) -> FailProductImage {
    FailProductImage { meta: asked(), product_id: product_id(1), image_id: image_id(number), status }
}

/// The product shows these images now, and lost those with these numbers, which had files.
#[track_caller]
fn shows(then: &Then<Admin>, images: Vec<Image>, removed: &[u128]) {
    let after = Product { version: 4, images, updated_at: NOW, ..product(1) };
    let removed_images = removed.iter().map(|number| image_id(*number)).collect();
    let meta = then.answering(0, product_id(1), 4, Outcome::Updated);
    then.events([ProductChanged { removed_images, ..product_changed(meta, after.clone()) }.into()]);
    let removed = removed.iter().map(|number| image_id(*number));
    let removed = removed.map(|image_id| put(RemovedImageRow { tenant_id: SHOP, image_id, removed_at: NOW }));
    then.rows([put(product_row(&after)), put(product_slug_row("camisa", &after))].into_iter().chain(removed));
    assert_eq!(then.body(), product_json(&after));
}

/// Image 9 is added at this position to a product with images 1 and 2.
fn added_at(position: Option<i32>) -> Then<Admin> {
    let given = shop().with_product(&showing(vec![ready(1), ready(2)]));
    given.when(AddProductImage { position, ..add(ready(9)) })
}

#[test]
fn the_first_image_of_a_product_is_added() {
    for position in [None, Some(1), Some(7)] {
        let then = shop().with_product(&product(1)).when(AddProductImage { position, ..add(ready(9)) });
        shows(&then, vec![ready(9)], &[]);
    }
}

#[test]
fn an_image_without_a_position_is_the_last() {
    shows(&added_at(None), vec![ready(1), ready(2), ready(9)], &[]);
}

#[test]
fn positions_of_images_count_from_one() {
    shows(&added_at(Some(1)), vec![ready(9), ready(1), ready(2)], &[]);
    shows(&added_at(Some(2)), vec![ready(1), ready(9), ready(2)], &[]);
    shows(&added_at(Some(3)), vec![ready(1), ready(2), ready(9)], &[]);
}

#[test]
fn a_position_beyond_the_end_is_the_end() {
    shows(&added_at(Some(4)), vec![ready(1), ready(2), ready(9)], &[]);
    shows(&added_at(Some(i32::MAX)), vec![ready(1), ready(2), ready(9)], &[]);
}

#[test]
fn position_zero_is_the_first_and_one_below_it_is_none() {
    shows(&added_at(Some(0)), vec![ready(9), ready(1), ready(2)], &[]);
    shows(&added_at(Some(-1)), vec![ready(1), ready(2), ready(9)], &[]);
}

fn many(count: usize) -> Vec<Image> {
    (100..).take(count).map(ready).collect()
}

#[test]
fn a_product_may_have_its_last_image() {
    let then = shop().with_product(&showing(many(limits::IMAGES - 1))).when(add(ready(9)));
    assert_eq!(then.product().images.len(), limits::IMAGES);
}

#[test]
fn a_product_with_as_many_images_as_it_may_have_gets_no_other() {
    let then = shop().with_product(&showing(many(limits::IMAGES))).when(add(ready(9)));
    assert_eq!(then.refused(Code::TooLong).detail.as_deref(), Some("Um produto pode ter até 250 imagens."));
}

#[test]
fn an_image_of_a_full_product_is_replaced() {
    let mut images = many(limits::IMAGES);
    let given = shop().with_product(&showing(images.clone()));
    let then = given.when(AddProductImage { replaces_id: Some(image_id(100)), ..add(ready(9)) });
    images[0] = ready(9);
    shows(&then, images, &[100]);
}

fn file_of(url: &str, image: Image) -> AddProductImage {
    AddProductImage { replaces_url: Some(url.into()), ..add(image) }
}

#[test]
fn the_file_of_a_waiting_image_comes_into_its_place_and_keeps_its_address() {
    let given = shop().with_product(&showing(vec![ready(1), awaited(2, URL), awaited(3, OTHER_URL)]));
    let then = given.when(file_of(URL, ready(9)));
    shows(&then, vec![ready(1), imported(9, URL), awaited(3, OTHER_URL)], &[]);
}

#[test]
fn the_file_of_a_waiting_image_takes_the_text_that_waited() {
    let waiting = Image { alt: Some("Frente".into()), ..awaited(1, URL) };
    let given = || shop().with_product(&showing(vec![waiting.clone()]));
    let without = Image { alt: None, ..ready(9) };
    let front = Image { alt: Some("Frente".into()), ..imported(9, URL) };
    shows(&given().when(file_of(URL, without)), vec![front], &[]);
    shows(&given().when(file_of(URL, ready(9))), vec![imported(9, URL)], &[]);
}

#[test]
fn the_file_of_an_image_that_was_asked_in_vain_comes_into_its_place() {
    let failed = Image { status: ImageStatus::Unreachable, ..awaited(1, URL) };
    let then = shop().with_product(&showing(vec![failed])).when(file_of(URL, ready(9)));
    shows(&then, vec![imported(9, URL)], &[]);
}

#[test]
fn an_image_that_has_its_file_keeps_it() {
    let before = showing(vec![imported(1, URL), awaited(2, OTHER_URL)]);
    let then = shop().with_product(&before).when(file_of(URL, ready(9)));
    assert_eq!(then.unchanged(), Some(product_json(&before)));
}

#[test]
fn of_two_images_of_an_address_the_one_that_waits_gets_the_file() {
    let given = shop().with_product(&showing(vec![imported(1, URL), awaited(2, URL)]));
    shows(&given.when(file_of(URL, ready(9))), vec![imported(1, URL), imported(9, URL)], &[]);
}

#[test]
fn an_address_that_no_image_has_is_refused() {
    let given = shop().with_product(&showing(vec![ready(1), awaited(2, OTHER_URL)]));
    let then = given.when(file_of(URL, ready(9)));
    assert_eq!(then.refused(Code::NotFound).detail.as_deref(), Some("A imagem não existe nesta loja."));
}

fn in_place_of(number: u128, image: Image) -> AddProductImage {
    AddProductImage { replaces_id: Some(image_id(number)), ..add(image) }
}

#[test]
fn an_image_in_anothers_place_has_its_address_and_its_text_where_it_has_none() {
    let given = || shop().with_product(&showing(vec![ready(1), imported(2, URL), ready(3)]));
    let without = Image { alt: None, ..ready(9) };
    let texted = Image { alt: ready(2).alt, ..imported(9, URL) };
    shows(&given().when(in_place_of(2, without)), vec![ready(1), texted, ready(3)], &[2]);
    shows(&given().when(in_place_of(2, ready(9))), vec![ready(1), imported(9, URL), ready(3)], &[2]);
}

#[test]
fn an_image_in_anothers_place_goes_where_it_is_said_to_go() {
    let given = || shop().with_product(&showing(vec![ready(1), ready(2), ready(3)]));
    let at = |position| AddProductImage { position: Some(position), ..in_place_of(2, ready(9)) };
    shows(&given().when(at(1)), vec![ready(9), ready(1), ready(3)], &[2]);
    shows(&given().when(at(3)), vec![ready(1), ready(3), ready(9)], &[2]);
}

#[test]
fn an_image_that_waited_is_replaced_without_being_taken_away() {
    let then = shop().with_product(&showing(vec![awaited(1, URL)])).when(in_place_of(1, ready(9)));
    shows(&then, vec![imported(9, URL)], &[]);
}

#[test]
fn an_image_that_the_product_has_not_is_not_replaced() {
    shop().with_product(&showing(vec![ready(1)])).when(in_place_of(2, ready(9))).refused(Code::NotFound);
}

#[test]
fn an_image_gets_another_text() {
    let given = shop().with_product(&showing(vec![ready(1), ready(2)]));
    let then = given.when(ChangeProductImage { alt: Some("Costas".into()), ..change(2) });
    shows(&then, vec![ready(1), Image { alt: Some("Costas".into()), ..ready(2) }], &[]);
}

#[test]
fn an_empty_text_takes_an_images_text_away() {
    for empty in ["", " "] {
        let given = shop().with_product(&showing(vec![ready(1)]));
        let then = given.when(ChangeProductImage { alt: Some(empty.into()), ..change(1) });
        shows(&then, vec![Image { alt: None, ..ready(1) }], &[]);
    }
}

#[test]
fn an_image_moves_and_keeps_its_text() {
    let given = || shop().with_product(&showing(vec![ready(1), ready(2), ready(3)]));
    let to = |position| ChangeProductImage { position: Some(position), ..change(1) };
    shows(&given().when(to(2)), vec![ready(2), ready(1), ready(3)], &[]);
    shows(&given().when(to(3)), vec![ready(2), ready(3), ready(1)], &[]);
    shows(&given().when(to(9)), vec![ready(2), ready(3), ready(1)], &[]);
}

#[test]
fn an_image_of_which_nothing_is_said_is_unchanged_in_its_place() {
    let before = showing(vec![ready(1), ready(2), ready(3)]);
    let then = shop().with_product(&before).when(change(2));
    assert_eq!(then.unchanged(), Some(product_json(&before)));
}

#[test]
fn an_image_that_the_product_has_not_can_not_be_changed() {
    shop().with_product(&showing(vec![ready(1)])).when(change(2)).refused(Code::NotFound);
}

#[test]
fn an_image_that_is_removed_is_shown_to_nobody_any_more() {
    let given = shop().with_product(&showing(vec![ready(1), ready(2), awaited(3, URL)]));
    shows(&given.when(remove(2)), vec![ready(1), awaited(3, URL)], &[2]);
}

#[test]
fn an_image_that_waits_is_removed_and_had_nothing_to_show() {
    let given = shop().with_product(&showing(vec![ready(1), awaited(3, URL)]));
    shows(&given.when(remove(3)), vec![ready(1)], &[]);
}

#[test]
fn an_image_that_the_product_has_not_can_not_be_removed() {
    shop().with_product(&showing(vec![ready(1)])).when(remove(2)).refused(Code::NotFound);
}

#[test]
fn a_waiting_image_whose_address_was_asked_in_vain_says_why() {
    for status in
        [ImageStatus::AddressRefused, ImageStatus::Unreachable, ImageStatus::TooLarge, ImageStatus::NotAPicture]
    {
        let given = shop().with_product(&showing(vec![awaited(1, OTHER_URL), awaited(2, URL)]));
        let failed = Image { status, ..awaited(2, URL) };
        shows(&given.when(fail(2, status)), vec![awaited(1, OTHER_URL), failed], &[]);
    }
}

#[test]
fn an_image_that_does_not_wait_any_more_can_not_fail() {
    let failed = Image { status: ImageStatus::TooLarge, ..awaited(2, OTHER_URL) };
    let before = showing(vec![imported(1, URL), failed]);
    for number in [1, 2] {
        let then = shop().with_product(&before).when(fail(number, ImageStatus::Unreachable));
        assert_eq!(then.unchanged(), Some(product_json(&before)));
    }
}

#[test]
fn an_image_that_is_gone_fails_without_a_word() {
    let before = showing(vec![awaited(1, URL)]);
    let then = shop().with_product(&before).when(fail(2, ImageStatus::Unreachable));
    assert_eq!(then.unchanged(), Some(product_json(&before)));
}

#[test]
fn an_image_fails_for_a_reason_only() {
    for status in [ImageStatus::Ready, ImageStatus::Waiting, ImageStatus::Unknown] {
        shop().with_product(&showing(vec![awaited(1, URL)])).when(fail(1, status)).unchanged();
    }
}

#[test]
fn images_are_changed_in_a_product_that_is_there_in_the_version_that_is_meant() {
    shop().when(add(ready(9))).refused(Code::NotFound);
    shop().when(change(1)).refused(Code::NotFound);
    shop().when(remove(1)).refused(Code::NotFound);
    shop().when(fail(1, ImageStatus::TooLarge)).refused(Code::NotFound);
    let (given, meta) = (|| shop().with_product(&showing(vec![ready(1)])), || asked_for_version(9));
    given().when(AddProductImage { meta: meta(), ..add(ready(9)) }).refused(Code::VersionMismatch);
    given().when(ChangeProductImage { meta: meta(), ..change(1) }).refused(Code::VersionMismatch);
    given().when(RemoveProductImage { meta: meta(), ..remove(1) }).refused(Code::VersionMismatch);
    given().when(FailProductImage { meta: meta(), ..fail(1, ImageStatus::TooLarge) }).refused(Code::VersionMismatch);
}
