//! Imported products: the slug is the identity, so importing again changes only what differs.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::product::product_json,
    ids::{CategoryId, ImageId, ProductId, VariantId},
    limits,
    problem::Code,
    records::{
        admin::{Category, ImportImage, ImportProduct, Product, ProductChanged, ProductContent, Variant},
        catalogue::{Image, ImageStatus},
        common::Outcome,
    },
    rows::admin::RemovedImageRow,
};

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_for_version, category_id, image_id, product_id, put},
    sample::{
        awaited, category, category_changed, category_row, category_slug_row, content_of, imported, new_content,
        product, product_changed, product_row, product_slug_row, ready, shop, variant,
    },
};

const URL: &str = "https://a.example/1.jpg";
const OTHER_URL: &str = "https://a.example/2.jpg";

fn import(content: ProductContent) -> ImportProduct {
    let content = ProductContent { slug: Some("camisa".into()), ..content };
    ImportProduct { meta: asked(), content, category_name: None, images: Vec::new(), clears_images: false }
}

/// The product as a file says it: without its variants' ids.
fn file() -> ImportProduct {
    import(new_content())
}

fn in_category(name: &str) -> ImportProduct {
    ImportProduct { category_name: Some(name.into()), ..file() }
}

fn image_at(url: &str, alt: Option<&str>) -> ImportImage {
    ImportImage { source_url: url.into(), alt: alt.map(str::to_owned) }
}

/// The product that [`file`] makes.
fn made(then: &Then<Admin>) -> Product {
    let variant = Variant { variant_id: VariantId::from_uuid(then.derived(1)), initial_stock: None, ..variant(1) };
    Product {
        product_id: ProductId::from_uuid(then.derived(0)),
        version: 1,
        variants: vec![variant],
        created_at: NOW,
        updated_at: NOW,
        ..product(1)
    }
}

#[track_caller]
fn is_made(then: &Then<Admin>, product: &Product) {
    let meta = then.answering(0, product.product_id, 1, Outcome::Created);
    then.events([product_changed(meta, product.clone()).into()]);
    then.rows([put(product_row(product)), put(product_slug_row(&product.slug, product))]);
}

#[test]
fn a_product_that_the_shop_has_not_is_made() {
    let then = shop().when(file());
    is_made(&then, &made(&then));
    assert_eq!(then.body(), product_json(&made(&then)));
}

#[test]
fn a_product_without_a_slug_is_made_under_one_of_its_name() {
    let content = ProductContent { slug: None, ..new_content() };
    let then = shop().with_product(&product(2)).when(ImportProduct { content, ..file() });
    is_made(&then, &Product { slug: "camisa-2".into(), ..made(&then) });
}

#[test]
fn a_product_that_is_imported_again_as_it_is_is_unchanged() {
    let then = shop().with_product(&product(1)).when(file());
    assert_eq!(then.unchanged(), Some(product_json(&product(1))));
}

#[test]
fn a_product_that_is_imported_again_with_another_content_is_changed() {
    let then = shop().with_product(&product(1)).when(import(ProductContent { name: "Blusa".into(), ..new_content() }));
    then.is_now(Product { name: "Blusa".into(), ..product(1) });
}

#[test]
fn an_imported_product_stays_featured_or_not_as_the_merchant_has_it() {
    for featured in [false, true] {
        let before = Product { featured, ..product(1) };
        let content = ProductContent { featured: !featured, name: "Blusa".into(), ..new_content() };
        let then = shop().with_product(&before).when(import(content));
        then.is_now(Product { name: "Blusa".into(), ..before });
    }
}

#[test]
fn a_product_that_an_import_makes_is_featured_where_the_content_says_so() {
    let then = shop().when(import(ProductContent { featured: true, ..new_content() }));
    is_made(&then, &Product { featured: true, ..made(&then) });
}

#[test]
fn a_slug_that_only_redirects_is_nobodys_identity() {
    let before = Product { slug: "blusa".into(), slug_history: vec!["camisa".into()], ..product(1) };
    shop().with_product(&before).when(file()).refused_for("/slug", Code::SlugTaken);
}

fn meant_for(version: i64) -> ImportProduct {
    ImportProduct {
        meta: asked_for_version(version),
        ..import(ProductContent { name: "Blusa".into(), ..new_content() })
    }
}

#[test]
fn an_import_meant_for_no_product_makes_one() {
    let then = shop().when(meant_for(0));
    is_made(&then, &Product { name: "Blusa".into(), ..made(&then) });
}

#[test]
fn an_import_meant_for_no_product_is_refused_where_there_is_one() {
    shop().with_product(&product(1)).when(meant_for(0)).refused(Code::VersionMismatch);
}

#[test]
fn an_import_meant_for_a_product_is_refused_where_there_is_none() {
    shop().when(meant_for(1)).refused(Code::VersionMismatch);
}

#[test]
fn an_import_meant_for_the_present_version_changes_it() {
    shop().with_product(&product(1)).when(meant_for(3)).is_now(Product { name: "Blusa".into(), ..product(1) });
    shop().with_product(&product(1)).when(meant_for(2)).refused(Code::VersionMismatch);
}

#[test]
fn an_import_that_no_product_can_be_made_of_is_refused() {
    let other = product(1).variants[0].variant_id;
    let mut content = new_content();
    content.variants[0].variant_id = Some(other);
    shop().when(import(content)).refused_for("/variants/0/id", Code::UnknownReference);
}

/// The category that the product lies in by the name that its import gives.
fn category_of(given: Given<Admin>, name: &str) -> Option<CategoryId> {
    given.when(in_category(name)).product().category_id
}

#[test]
fn a_category_of_a_name_that_the_shop_has_not_is_made_before_the_product() {
    let then = shop().when(in_category("Calçados"));
    let category = Category {
        category_id: CategoryId::from_uuid(then.derived(1_000_000)),
        version: 1,
        created_at: NOW,
        updated_at: NOW,
        ..category(1, "Calçados")
    };
    let product = Product { category_id: Some(category.category_id), ..made(&then) };
    then.events([
        category_changed(then.meta(0, category.category_id, 1), category.clone()).into(),
        product_changed(then.answering(1, product.product_id, 1, Outcome::Created), product.clone()).into(),
    ]);
    then.rows([
        put(category_row(&category)),
        put(category_slug_row("calcados", &category)),
        put(product_row(&product)),
        put(product_slug_row("camisa", &product)),
    ]);
    assert_eq!(then.body(), product_json(&product));
}

#[test]
fn a_category_is_made_before_the_product_that_changes() {
    let then = shop().with_product(&product(1)).when(in_category("Calçados"));
    let category_id = CategoryId::from_uuid(then.derived(1_000_000));
    let category = Category { category_id, version: 1, created_at: NOW, updated_at: NOW, ..category(1, "Calçados") };
    let product = Product { version: 4, category_id: Some(category_id), updated_at: NOW, ..product(1) };
    then.events([
        category_changed(then.meta(0, category_id, 1), category).into(),
        product_changed(then.answering(1, product.product_id, 4, Outcome::Updated), product).into(),
    ]);
}

#[test]
fn a_category_is_found_by_its_name_accents_and_case_aside() {
    let given = shop().with_category(&category(1, "Calçados")).with_category(&category(2, "Bolsas"));
    assert_eq!(category_of(given, "CALCADOS"), Some(category_id(1)));
}

#[test]
fn a_category_is_found_by_its_name_whatever_its_slug() {
    let given = shop().with_category(&Category { slug: "sapatos".into(), ..category(1, "Calçados") });
    assert_eq!(category_of(given.with_category(&category(2, "Bolsas")), "Calçados"), Some(category_id(1)));
}

#[test]
fn a_category_that_was_renamed_is_found_by_the_slug_of_the_name_it_had() {
    let given = shop().with_category(&Category { slug: "calcados".into(), ..category(1, "Sapatos") });
    assert_eq!(category_of(given, "Calçados"), Some(category_id(1)));
}

#[test]
fn a_category_that_moved_is_found_by_a_slug_that_leads_to_it() {
    let moved = Category { slug_history: vec!["calcados".into()], ..category(1, "Sapatos") };
    assert_eq!(category_of(shop().with_category(&moved), "Calçados"), Some(category_id(1)));
}

#[test]
fn a_category_of_the_name_comes_before_one_that_had_it() {
    let renamed = Category { slug: "calcados".into(), ..category(1, "Sapatos") };
    let named = Category { slug: "calcados-2".into(), ..category(2, "Calçados") };
    assert_eq!(category_of(shop().with_category(&renamed).with_category(&named), "Calçados"), Some(category_id(2)));
}

#[test]
fn of_categories_of_one_name_the_one_with_the_slug_is_meant() {
    let other = Category { slug: "calcados-2".into(), ..category(1, "Calçados") };
    let given = shop().with_category(&other).with_category(&category(2, "Calçados"));
    assert_eq!(category_of(given, "Calçados"), Some(category_id(2)));
}

#[test]
fn of_categories_of_one_name_the_outermost_is_meant_and_of_those_the_oldest() {
    let of = |number: u128, parent: Option<u128>| Category {
        slug: format!("outro-{number}"),
        parent_id: parent.map(category_id),
        ..category(number, "Calçados")
    };
    let given = shop().with_category(&of(1, Some(2))).with_category(&of(3, None)).with_category(&of(2, None));
    assert_eq!(category_of(given, "Calçados"), Some(category_id(2)));
    let given = shop().with_category(&of(5, Some(9))).with_category(&of(4, Some(9)));
    assert_eq!(category_of(given, "Calçados"), Some(category_id(4)));
}

#[test]
fn f07_a_product_stays_in_its_category_of_that_name_though_another_one_would_be_meant() {
    let inner = Category { slug: "calcados-2".into(), parent_id: Some(category_id(9)), ..category(2, "Calçados") };
    let before = Product { category_id: Some(category_id(2)), ..product(1) };
    let shop = shop().with_category(&category(1, "Calçados")).with_category(&inner).with_product(&before);
    let unchanged = shop.when(in_category("Calçados")).unchanged();
    assert_eq!(unchanged, Some(product_json(&before)));
}

#[test]
fn a_category_name_of_which_nothing_can_stand_in_an_address_is_none() {
    assert_eq!(category_of(shop().with_category(&category(1, "Calçados")), "???"), None);
}

#[test]
fn an_import_without_a_category_name_has_the_category_of_its_content_unasked() {
    let then = shop().when(import(ProductContent { category_id: Some(category_id(9)), ..new_content() }));
    is_made(&then, &Product { category_id: Some(category_id(9)), ..made(&then) });
    let before = Product { category_id: Some(category_id(9)), ..product(1) };
    shop().with_product(&before).when(file()).is_now(product(1));
}

#[test]
fn an_import_makes_no_category_in_a_shop_that_has_as_many_as_it_may_have() {
    let given = (1..=limits::CATEGORIES as u128)
        .fold(shop(), |given, number| given.and(category_row(&category(number, &format!("C {number}")))));
    given.when(in_category("Demais")).refused(Code::OutOfRange);
}

#[test]
fn an_import_into_a_category_that_is_there_needs_no_room_for_another() {
    let given = (1..=limits::CATEGORIES as u128)
        .fold(shop(), |given, number| given.and(category_row(&category(number, &format!("C {number}")))));
    assert_eq!(category_of(given, "c 7"), Some(category_id(7)));
}

#[test]
fn a_category_of_the_longest_name_is_made() {
    let name = "ã".repeat(limits::NAME_CHARS);
    let then = shop().when(in_category(&name));
    assert_eq!(then.all().len(), 2);
}

#[test]
fn a_category_name_that_no_merchant_may_give_is_refused() {
    let then = shop().when(in_category(&"ã".repeat(limits::NAME_CHARS + 1)));
    then.refused_for("/category_name", Code::TooLong);
}

/// The images after an import that names these, of a product that had those.
fn images_after(had: Vec<Image>, named: Vec<ImportImage>) -> Vec<Image> {
    let before = Product { images: had, name: "Antes".into(), ..product(1) };
    let then = shop().with_product(&before).when(ImportProduct { images: named, ..file() });
    then.product().images.clone()
}

#[test]
fn images_that_an_import_names_wait_for_their_files_in_its_order() {
    let images = vec![image_at(OTHER_URL, Some("Costas")), image_at(URL, None)];
    let then = shop().when(ImportProduct { images, ..file() });
    let waiting =
        |index: u32, url| Image { image_id: ImageId::from_uuid(then.derived(2_000_000 + index)), ..awaited(0, url) };
    let back = Image { alt: Some("Costas".into()), ..waiting(0, OTHER_URL) };
    is_made(&then, &Product { images: vec![back, waiting(1, URL)], ..made(&then) });
}

#[test]
fn an_image_that_an_import_names_again_keeps_its_file_its_id_and_its_text() {
    let had = vec![imported(1, URL), imported(2, OTHER_URL)];
    let named = vec![image_at(OTHER_URL, None), image_at(URL, Some("Frente"))];
    let front = Image { alt: Some("Frente".into()), ..imported(1, URL) };
    assert_eq!(images_after(had, named), [imported(2, OTHER_URL), front]);
}

#[test]
fn an_import_takes_an_images_text_away_by_an_empty_one() {
    let without = Image { alt: None, ..imported(1, URL) };
    assert_eq!(images_after(vec![imported(1, URL)], vec![image_at(URL, Some(""))]), [without]);
}

#[test]
fn an_image_whose_address_was_asked_in_vain_waits_again() {
    let failed = Image { status: ImageStatus::Unreachable, ..awaited(1, URL) };
    assert_eq!(images_after(vec![failed], vec![image_at(URL, None)]), [awaited(1, URL)]);
}

#[test]
fn an_image_that_waits_goes_on_waiting() {
    assert_eq!(images_after(vec![awaited(1, URL)], vec![image_at(URL, None)]), [awaited(1, URL)]);
}

#[test]
fn images_that_were_added_by_hand_stay_after_those_that_an_import_names() {
    let had = vec![ready(1), imported(2, OTHER_URL), ready(3), imported(4, URL)];
    assert_eq!(images_after(had, vec![image_at(URL, None)]), [imported(4, URL), ready(1), ready(3)]);
}

#[test]
fn f07_images_that_are_named_as_they_stand_stay_in_their_places() {
    let had = vec![ready(1), imported(2, OTHER_URL), ready(3), imported(4, URL)];
    let named = vec![image_at(OTHER_URL, None), image_at(URL, Some("Frente"))];
    let front = Image { alt: Some("Frente".into()), ..imported(4, URL) };
    assert_eq!(images_after(had, named), [ready(1), imported(2, OTHER_URL), ready(3), front]);
}

#[test]
fn images_that_an_import_does_not_name_any_more_are_taken_away() {
    let before = Product { images: vec![imported(1, URL), awaited(2, OTHER_URL), imported(3, "c")], ..product(1) };
    let then = shop().with_product(&before).when(ImportProduct { images: vec![image_at("c", None)], ..file() });
    let after = Product { version: 4, images: vec![imported(3, "c")], updated_at: NOW, ..before };
    let meta = then.answering(0, product_id(1), 4, Outcome::Updated);
    let removed_images = vec![image_id(1)];
    then.events([ProductChanged { removed_images, ..product_changed(meta, after.clone()) }.into()]);
    let removed = RemovedImageRow { tenant_id: SHOP, image_id: image_id(1), removed_at: NOW };
    then.rows([put(product_row(&after)), put(product_slug_row("camisa", &after)), put(removed)]);
}

#[test]
fn an_import_without_a_word_of_images_leaves_them() {
    let had = vec![imported(1, URL), ready(2), Image { status: ImageStatus::TooLarge, ..awaited(3, OTHER_URL) }];
    assert_eq!(images_after(had.clone(), Vec::new()), had);
}

#[test]
fn an_import_that_names_no_image_where_it_could_takes_those_of_imports_away() {
    let before = Product { images: vec![imported(1, URL), ready(2), awaited(3, OTHER_URL)], ..product(1) };
    let then = shop().with_product(&before).when(ImportProduct { clears_images: true, ..file() });
    assert_eq!(then.product().images, [ready(2)]);
}

#[test]
fn an_import_that_clears_images_and_names_some_has_those() {
    let before = Product { images: vec![imported(1, URL), imported(2, OTHER_URL)], ..product(1) };
    let images = vec![image_at(OTHER_URL, None)];
    let then = shop().with_product(&before).when(ImportProduct { clears_images: true, images, ..file() });
    assert_eq!(then.product().images, [imported(2, OTHER_URL)]);
}

fn urls(count: usize) -> Vec<ImportImage> {
    (0..count).map(|number| image_at(&format!("https://a.example/{number}"), None)).collect()
}

#[test]
fn an_import_may_bring_as_many_images_as_a_product_may_have() {
    assert_eq!(images_after(Vec::new(), urls(limits::IMAGES)).len(), limits::IMAGES);
}

#[test]
fn an_import_may_not_bring_more_images_than_fit_beside_those_added_by_hand() {
    let before = Product { images: vec![ready(1)], ..product(1) };
    let then = shop().with_product(&before).when(ImportProduct { images: urls(limits::IMAGES), ..file() });
    then.refused_for("/images", Code::TooLong);
    let detail = "Um produto pode ter até 250 imagens. Com as que já tem seriam 251.";
    assert_eq!(then.refused(Code::Invalid).detail.as_deref(), Some(detail));
}

#[test]
fn variants_of_an_import_are_those_that_the_product_has() {
    let content = content_of(&product(1));
    let mut variant_content = content.variants[0].clone();
    (variant_content.variant_id, variant_content.stock) = (None, Some(99));
    let then =
        shop().with_product(&product(1)).when(import(ProductContent { variants: vec![variant_content], ..content }));
    then.unchanged();
}
