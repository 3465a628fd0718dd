//! Products: made, replaced, patched and deleted, and what stops that.

use feira_contexts::{Decider, Shown, admin::Admin};
use feira_schemas::{
    api::{payment_method::KINDS, product::product_json},
    ids::{ProductId, VariantId},
    limits,
    money::Money,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            CreateProduct, DeleteProduct, PatchProduct, Product, ProductChanged, ProductContent, ProductDeleted,
            ReplaceProduct, TenantStatus, Variant, VariantContent,
        },
        catalogue::{ProductOption, ProductStatus, Seo},
        common::Outcome,
    },
    row::Write,
    rows::admin::{ProductMethodRow, ProductRow, ProductSlugRow, RemovedImageRow},
};

use crate::{
    given::{NOW, SHOP, asked, asked_for_version, category_id, given, gone, image_id, nothing, product_id, put},
    sample::{
        awaited, category, category_row, content_of, imported, new_content, product, product_changed, product_row,
        product_slug_row, ready, shop, tenant_row, variant,
    },
};

fn create(content: ProductContent) -> CreateProduct {
    CreateProduct { meta: asked(), content }
}

fn replace(content: ProductContent) -> ReplaceProduct {
    ReplaceProduct { meta: asked(), product_id: product_id(1), content }
}

fn patch(merge_patch: &str) -> PatchProduct {
    PatchProduct { meta: asked(), product_id: product_id(1), merge_patch: merge_patch.into() }
}

fn delete() -> DeleteProduct {
    DeleteProduct { meta: asked(), product_id: product_id(1) }
}

/// A product that says something of everything, in two colours.
fn whole() -> Product {
    let coloured = |number, colour: &str| Variant {
        sku: Some(format!("C-{number}")),
        options: vec![colour.into()],
        compare_at_price: Some(Money::brl(15_990)),
        cost: Some(Money::brl(5_000)),
        barcode: Some("7891000315507".into()),
        weight_grams: Some(250),
        ..variant(number)
    };
    Product {
        category_id: Some(category_id(1)),
        vendor: Some("Feira".into()),
        tags: vec!["verão".into(), "algodão".into()],
        featured: true,
        options: vec![ProductOption { name: "Cor".into(), values: vec!["Azul".into(), "Verde".into()] }],
        variants: vec![coloured(1, "Azul"), coloured(2, "Verde")],
        images: vec![ready(1), awaited(2, "https://a.example/2")],
        seo: Some(Seo { title: Some("Camisa leve".into()), description: None }),
        ..product(1)
    }
}

#[test]
fn a_product_is_made_at_its_first_version_with_all_that_its_content_says() {
    let content = content_of(&whole());
    let variants = content.variants.iter().map(|variant| VariantContent {
        variant_id: None,
        stock: Some(9),
        tracked: false,
        ..variant.clone()
    });
    let content = ProductContent { variants: variants.collect(), ..content };
    let then = shop().and(category_row(&category(1, "Roupas"))).when(create(content));
    let variants = (1..).zip(whole().variants).map(|(index, variant)| Variant {
        variant_id: VariantId::from_uuid(then.derived(index)),
        initial_stock: Some(9),
        tracked: false,
        ..variant
    });
    let made = Product {
        product_id: ProductId::from_uuid(then.derived(0)),
        version: 1,
        variants: variants.collect(),
        images: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        ..whole()
    };
    let meta = then.answering(0, made.product_id, 1, Outcome::Created);
    then.events([product_changed(meta, made.clone()).into()]);
    then.rows([put(product_row(&made)), put(product_slug_row("camisa", &made))]);
    assert_eq!(then.body(), product_json(&made));
}

#[test]
fn a_product_is_now_all_that_its_content_says_and_keeps_its_images() {
    let now = Product { name: "Camisa leve".into(), images: vec![ready(3)], ..whole() };
    let before = Product { images: vec![ready(3)], status: ProductStatus::Draft, ..product(1) };
    let content = content_of(&now);
    let variants = content.variants.iter().map(|variant| VariantContent { variant_id: None, ..variant.clone() });
    let content = ProductContent { variants: variants.collect(), ..content };
    let then = shop().and(category_row(&category(1, "Roupas"))).with_product(&before).when(replace(content));
    let variants = (1..).zip(now.variants.clone()).map(|(index, variant)| Variant {
        variant_id: VariantId::from_uuid(then.derived(index)),
        initial_stock: None,
        ..variant
    });
    then.is_now(Product { variants: variants.collect(), ..now });
}

#[test]
fn a_product_that_is_as_asked_already_is_unchanged_and_is_the_answer() {
    let then = shop().with_product(&whole()).when(replace(content_of(&whole())));
    assert_eq!(then.unchanged(), Some(product_json(&whole())));
}

#[test]
fn an_answer_that_is_too_long_for_a_record_goes_without_its_entity() {
    let described = |bytes: usize| Product { description: "a".repeat(bytes), ..product(1) };
    let bytes = limits::ANSWER_BODY_BYTES - product_json(&described(0)).to_string().len();
    let answer = |bytes: usize| {
        let before = described(bytes);
        shop().with_product(&before).when(replace(content_of(&before))).unchanged()
    };
    assert_eq!(answer(bytes), Some(product_json(&described(bytes))));
    assert_eq!(answer(bytes + 1), None);
}

#[test]
fn a_category_that_the_shop_has_not_is_refused() {
    let elsewhere = ProductContent { category_id: Some(category_id(2)), ..new_content() };
    let given = || shop().and(category_row(&category(1, "Roupas"))).with_product(&whole());
    let refused = given().when(create(elsewhere.clone()));
    refused.refused_for("/category_id", Code::UnknownReference);
    assert_eq!(refused.refused(Code::Invalid).detail.as_deref(), Some("Não há categoria com este id nesta loja."));
    given().when(replace(elsewhere)).refused_for("/category_id", Code::UnknownReference);
}

#[test]
fn a_category_that_was_deleted_since_is_kept() {
    let renamed = Product { name: "Camiseta".into(), ..whole() };
    shop().with_product(&whole()).when(replace(content_of(&renamed))).is_now(renamed);
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let then = shop().with_product(&whole()).when(patch(r#"{"name": "Camiseta", "featured": false}"#));
    then.is_now(Product { name: "Camiseta".into(), featured: false, ..whole() });
}

#[test]
fn a_patch_takes_away_what_it_says_is_null() {
    let then = shop()
        .with_product(&whole())
        .when(patch(r#"{"vendor": null, "tags": null, "category_id": null, "seo": null, "description": null}"#));
    let (description, vendor, tags, category_id, seo) = (String::new(), None, Vec::new(), None, None);
    then.is_now(Product { description, vendor, tags, category_id, seo, ..whole() });
}

#[test]
fn a_patch_goes_into_what_lies_within_and_leaves_the_rest_of_it() {
    let then = shop().with_product(&whole()).when(patch(r#"{"seo": {"description": "De algodão"}}"#));
    let seo = Seo { title: Some("Camisa leve".into()), description: Some("De algodão".into()) };
    then.is_now(Product { seo: Some(seo), ..whole() });
}

#[test]
fn a_patch_makes_what_was_not_there_to_go_into() {
    let then = shop().with_product(&product(1)).when(patch(r#"{"seo": {"title": "Leve", "description": null}}"#));
    then.is_now(Product { seo: Some(Seo { title: Some("Leve".into()), description: None }), ..product(1) });
}

#[test]
fn a_patch_changes_the_variants_that_it_names_and_takes_the_others_away() {
    let named = r#"{"variants": [{"options": {"Cor": "Verde"}, "price": {"amount": 1, "currency": "BRL"}}]}"#;
    let then = shop().with_product(&whole()).when(patch(named));
    let green = Variant { options: vec!["Verde".into()], price: Money::brl(1), ..variant(2) };
    then.is_now(Product { variants: vec![green], ..whole() });
}

#[test]
fn a_patch_that_names_options_is_held_against_all_variants() {
    let renamed = r#"{"options": [{"name": "Tom", "values": ["Azul", "Verde"]}]}"#;
    let then = shop().with_product(&whole()).when(patch(renamed));
    let answered = then.refused(Code::Invalid);
    let errors: Vec<_> = answered.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
    assert_eq!(errors, [("/variants/0/options", "unknown_reference"), ("/variants/1/options", "unknown_reference")]);
    assert_eq!(answered.detail.as_deref(), Some("2 campos precisam de correção."));
    assert_eq!(answered.errors[0].detail, "O produto não tem a opção «Cor».");
}

#[test]
fn a_patch_that_names_neither_options_nor_variants_looks_at_neither() {
    let by_an_older_rule = Product { variants: Vec::new(), options: whole().options, ..product(1) };
    let given = || shop().with_product(&by_an_older_rule);
    given().when(patch(r#"{"featured": true}"#)).is_now(Product { featured: true, ..by_an_older_rule.clone() });
    given().when(patch(r#"{"options": null}"#)).refused_for("/variants", Code::Required);
    given().when(patch(r#"{"variants": null}"#)).refused_for("/variants", Code::Required);
}

#[test]
fn a_patch_must_leave_a_whole_product() {
    shop().with_product(&product(1)).when(patch(r#"{"name": ""}"#)).refused_for("/name", Code::Required);
}

#[test]
fn a_patch_may_not_name_a_category_that_the_shop_has_not() {
    let named = format!(r#"{{"category_id": "{}"}}"#, category_id(2));
    shop().with_product(&whole()).when(patch(&named)).refused_for("/category_id", Code::UnknownReference);
}

#[test]
fn a_patch_that_no_product_can_be_read_from_is_refused() {
    for wrong in ["", "{", "[]", "null", r#"{"name": null}"#, r#"{"variants": 3}"#, r#"{"colour": "red"}"#] {
        let then = shop().with_product(&product(1)).when(patch(wrong));
        assert_eq!(then.refused(Code::Malformed).detail.as_deref(), Some("O conteúdo não pode ser lido."));
    }
}

#[test]
fn a_patch_that_changes_nothing_is_answered_with_the_product() {
    let then = shop().with_product(&whole()).when(patch(r#"{"name": "Camisa"}"#));
    assert_eq!(then.unchanged(), Some(product_json(&whole())));
}

#[test]
fn a_product_that_is_not_there_can_not_be_changed() {
    let given = || shop().with_product(&product(2));
    given().when(replace(new_content())).refused(Code::NotFound);
    given().when(patch("{}")).refused(Code::NotFound);
    let answered = given().when(delete());
    assert_eq!(answered.refused(Code::NotFound).detail.as_deref(), Some("O produto não existe nesta loja."));
}

#[test]
fn a_change_meant_for_another_version_of_the_product_is_refused() {
    let given = || shop().with_product(&product(1));
    let meta = || asked_for_version(2);
    given().when(PatchProduct { meta: meta(), ..patch("{}") }).refused(Code::VersionMismatch);
    given().when(DeleteProduct { meta: meta(), ..delete() }).refused(Code::VersionMismatch);
    let replaced = given().when(ReplaceProduct { meta: meta(), ..replace(new_content()) });
    let detail = "A versão atual é 3, e não 2. Leia de novo antes de alterar.";
    assert_eq!(replaced.refused(Code::VersionMismatch).detail.as_deref(), Some(detail));
}

#[test]
fn a_change_meant_for_the_present_version_of_the_product_is_made() {
    let command = PatchProduct { meta: asked_for_version(3), ..patch(r#"{"featured": true}"#) };
    shop().with_product(&product(1)).when(command).is_now(Product { featured: true, ..product(1) });
}

#[test]
fn a_product_is_deleted_with_every_address_and_the_images_that_have_a_file() {
    let images = vec![ready(1), awaited(2, "https://a.example/2"), imported(3, "https://a.example/3"), ready(1)];
    let before = Product { slug_history: vec!["blusa".into(), "camisola".into()], images, ..product(1) };
    let then = shop().with_product(&before).when(delete());
    let meta = then.answering(0, product_id(1), 4, Outcome::Deleted);
    then.events([ProductDeleted { meta, product: before, products: None }.into()]);
    let slug = |slug| gone::<ProductSlugRow>(ProductSlugRow::at(SHOP, slug));
    let image = |number| put(RemovedImageRow { tenant_id: SHOP, image_id: image_id(number), removed_at: NOW });
    let row = gone::<ProductRow>(ProductRow::at(SHOP, product_id(1)));
    let own = [row, slug("camisa"), slug("blusa"), slug("camisola"), image(1), image(3)];
    let methods = KINDS.map(|(method, ..)| ProductMethodRow::at(SHOP, product_id(1), method));
    then.rows(own.into_iter().chain(methods.map(gone::<ProductMethodRow>)));
    assert_eq!(Admin::shown(then.event()), Some(Shown::without_json("product")));
}

#[test]
fn an_image_that_an_event_takes_away_twice_is_taken_away_once() {
    let then = shop().with_product(&product(1)).when(patch(r#"{"featured": true}"#));
    let AdminEvent::ProductChanged(event) = then.event().clone() else { panic!("{then:?}") };
    let removed_images = vec![image_id(2), image_id(1), image_id(2)];
    let writes = Admin::apply(&ProductChanged { removed_images, ..event }.into());
    let keys: Vec<_> = writes.iter().skip(2).map(Write::key).collect();
    assert_eq!(keys, [1, 2].map(|number| RemovedImageRow::at(SHOP, image_id(number))));
}

#[test]
fn nothing_is_written_in_a_shop_that_is_not_open() {
    for status in [TenantStatus::Requested, TenantStatus::Suspended, TenantStatus::Refused, TenantStatus::Unknown] {
        let then = given::<Admin>(tenant_row(status)).when(create(new_content()));
        then.refused(Code::ShopSuspended);
    }
}

#[test]
fn nothing_is_written_in_a_shop_that_is_not_there() {
    let then = nothing::<Admin>().when(create(new_content()));
    assert_eq!(then.refused(Code::NotFound).detail.as_deref(), Some("Esta loja não existe."));
}

#[test]
fn what_happens_in_a_shop_lies_under_its_key() {
    let then = shop().when(create(new_content()));
    assert_eq!(Admin::key(then.event()), Some(SHOP.to_string()));
    let refused = shop().when(delete());
    assert_eq!(Admin::key(refused.event()), Some(SHOP.to_string()));
}
