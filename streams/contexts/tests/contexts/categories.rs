//! Categories: a tree per shop, each with an address of its own.

use feira_contexts::{Decider, Shown, admin::Admin};
use feira_schemas::{
    api::category::category_json,
    ids::CategoryId,
    limits,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            Category, CategoryChanged, CategoryContent, CategoryDeleted, CreateCategory, DeleteCategory, PatchCategory,
            ReplaceCategory,
        },
        common::Outcome,
    },
    row::Write,
    rows::admin::{CategoryRow, CategorySlugRow},
};

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_for_version, category_id, gone, put, said},
    sample::{category, category_changed, category_row, category_slug_row, shop},
};

fn named(name: &str) -> CategoryContent {
    CategoryContent { name: name.into(), slug: None, parent_id: None }
}

fn below(parent: u128) -> CategoryContent {
    CategoryContent { parent_id: Some(category_id(parent)), ..named("Nova") }
}

fn create(content: CategoryContent) -> CreateCategory {
    CreateCategory { meta: asked(), content }
}

fn replace(number: u128, content: CategoryContent) -> ReplaceCategory {
    ReplaceCategory { meta: asked(), category_id: category_id(number), content }
}

fn patch(number: u128, merge_patch: &str) -> PatchCategory {
    PatchCategory { meta: asked(), category_id: category_id(number), merge_patch: merge_patch.into() }
}

fn delete(number: u128) -> DeleteCategory {
    DeleteCategory { meta: asked(), category_id: category_id(number) }
}

fn child(number: u128, parent: u128) -> Category {
    Category { parent_id: Some(category_id(parent)), ..category(number, &format!("Nível {number}")) }
}

/// A shop whose categories 1, 2, 3 … lie each in the one before.
fn chain(levels: u128) -> Given<Admin> {
    let top = shop().with_category(&category(1, "Nível 1"));
    (2..=levels).fold(top, |given, number| given.with_category(&child(number, number - 1)))
}

fn next(category: Category) -> Category {
    Category { version: category.version + 1, updated_at: NOW, ..category }
}

/// The category is now this at its next version, and no address of it has changed.
#[track_caller]
fn is_now(then: &Then<Admin>, category: Category) {
    let category = next(category);
    let meta = then.answering(0, category.category_id, category.version, Outcome::Updated);
    then.events([category_changed(meta, category.clone()).into()]);
    then.rows([put(category_row(&category)), put(category_slug_row(&category.slug, &category))]);
}

#[test]
fn a_category_is_made_at_its_first_version_with_a_slug_of_its_name() {
    let then = shop().when(create(named("Calçados & Bolsas")));
    let made = Category {
        category_id: CategoryId::from_uuid(then.derived(0)),
        version: 1,
        name: "Calçados & Bolsas".into(),
        slug: "calcados-bolsas".into(),
        parent_id: None,
        created_at: NOW,
        updated_at: NOW,
        slug_history: Vec::new(),
    };
    let meta = then.answering(0, made.category_id, 1, Outcome::Created);
    then.events([category_changed(meta, made.clone()).into()]);
    then.rows([put(category_row(&made)), put(category_slug_row("calcados-bolsas", &made))]);
    assert_eq!(then.body(), category_json(&made));
}

#[test]
fn a_category_is_made_in_another() {
    let then = chain(1).when(create(below(1)));
    let meta = then.answering(0, then.derived(0), 1, Outcome::Created);
    let made = then.category().clone();
    assert_eq!(made.parent_id, Some(category_id(1)));
    then.events([category_changed(meta, made).into()]);
}

#[test]
fn a_parent_that_the_shop_has_not_is_refused() {
    chain(1).when(create(below(2))).refused_for("/parent_id", Code::UnknownReference);
}

#[test]
fn a_parent_whose_own_parent_is_gone_is_a_parent_all_the_same() {
    let orphan = child(2, 1);
    let then = shop().with_category(&orphan).when(create(below(2)));
    assert_eq!(then.category().parent_id, Some(category_id(2)));
}

#[test]
fn a_slug_that_is_asked_for_is_kept_as_it_is() {
    let then = shop().when(create(CategoryContent { slug: Some("sapatos".into()), ..named("Calçados") }));
    assert_eq!(then.category().slug, "sapatos");
}

#[test]
fn a_slug_that_another_category_has_is_refused() {
    let content = CategoryContent { slug: Some("calcados".into()), ..named("Sapatos") };
    let then = shop().with_category(&category(1, "Calçados")).when(create(content));
    then.refused(Code::SlugTaken);
    then.refused_for("/slug", Code::SlugTaken);
}

#[test]
fn a_slug_that_leads_to_another_category_is_refused() {
    let renamed = Category { slug_history: vec!["sapatos".into()], ..category(1, "Calçados") };
    let content = CategoryContent { slug: Some("sapatos".into()), ..named("Sapatos") };
    shop().with_category(&renamed).when(create(content)).refused(Code::SlugTaken);
}

#[test]
fn names_whose_slug_is_taken_are_numbered_from_two_to_five() {
    for number in 2..=5 {
        let given = (2..number).fold(shop().with_category(&category(1, "Calçados")), |given, taken| {
            given.with_category(&category(taken, &format!("Calçados {taken}")))
        });
        assert_eq!(given.when(create(named("Calçados"))).category().slug, format!("calcados-{number}"));
    }
}

#[test]
fn a_category_whose_numbered_slugs_are_all_taken_gets_the_end_of_its_id() {
    let given = (2..=5).fold(shop().with_category(&category(1, "Calçados")), |given, number| {
        given.with_category(&category(number, &format!("Calçados {number}")))
    });
    let then = given.when(create(named("Calçados")));
    let id = then.derived(0).simple().to_string();
    assert_eq!(then.category().slug, format!("calcados-{}", &id[20..]));
}

#[test]
fn a_name_of_which_nothing_can_stand_in_an_address_gives_a_slug_that_says_what_it_is() {
    assert_eq!(shop().when(create(named("???"))).category().slug, "categoria");
}

#[test]
fn a_shop_may_have_its_last_category() {
    let given = (1..limits::CATEGORIES as u128)
        .fold(shop(), |given, number| given.and(category_row(&category(number, &format!("C {number}")))));
    assert_eq!(given.when(create(named("Última"))).category().slug, "ultima");
}

#[test]
fn a_shop_with_as_many_categories_as_it_may_have_gets_no_other() {
    let given = (1..=limits::CATEGORIES as u128)
        .fold(shop(), |given, number| given.and(category_row(&category(number, &format!("C {number}")))));
    given.when(create(named("Demais"))).refused(Code::OutOfRange);
}

#[test]
fn a_category_may_lie_on_the_deepest_level() {
    let then = chain(7).when(create(below(7)));
    assert_eq!(then.category().parent_id, Some(category_id(7)));
}

#[test]
fn a_category_may_not_lie_deeper_than_menus_show() {
    let then = chain(8).when(create(below(8)));
    then.refused_for("/parent_id", Code::OutOfRange);
    let detail = then.refused(Code::Invalid).detail.clone();
    assert_eq!(
        detail.as_deref(),
        Some("As categorias têm no máximo 8 níveis; com as que estão dentro desta seriam 9.")
    );
}

#[test]
fn a_tree_of_an_older_rule_is_counted_to_its_end() {
    let then = chain(12).when(create(below(12)));
    assert!(then.refused(Code::Invalid).detail.as_ref().unwrap().ends_with("seriam 13."));
}

#[test]
fn nothing_is_put_into_a_circle_of_categories() {
    let given = shop().with_category(&child(1, 2)).with_category(&child(2, 1));
    let then = given.when(create(below(1)));
    then.refused_for("/parent_id", Code::OutOfRange);
    assert!(then.refused(Code::Invalid).detail.as_ref().unwrap().ends_with("seriam 17."));
}

#[test]
fn a_category_that_lies_below_a_circle_already_may_change_in_all_else() {
    let before = child(3, 1);
    let given = shop().with_category(&child(1, 2)).with_category(&child(2, 1)).with_category(&before);
    let then = given.when(replace(3, CategoryContent { name: "Outra".into(), ..below(1) }));
    is_now(&then, Category { name: "Outra".into(), ..before });
}

#[test]
fn a_category_that_lies_too_deep_already_may_change_in_all_else() {
    let then = chain(9).when(replace(9, CategoryContent { name: "Outra".into(), ..below(8) }));
    is_now(&then, Category { name: "Outra".into(), ..child(9, 8) });
}

#[test]
fn a_category_that_is_renamed_keeps_its_slug() {
    let before = category(1, "Calçados");
    let then = shop().with_category(&before).when(replace(1, named("Sapatos")));
    let now = Category { name: "Sapatos".into(), ..before };
    is_now(&then, now.clone());
    assert_eq!(then.body(), category_json(&next(now)));
}

#[test]
fn a_category_that_is_as_asked_already_is_unchanged_and_is_the_answer() {
    let before = category(1, "Calçados");
    let then = shop().with_category(&before).when(replace(1, named("Calçados")));
    assert_eq!(then.unchanged(), Some(category_json(&before)));
}

#[test]
fn a_slug_that_was_changed_redirects_from_then_on() {
    let before = category(1, "Calçados");
    let content = CategoryContent { slug: Some("sapatos".into()), ..named("Calçados") };
    let then = shop().with_category(&before).when(replace(1, content));
    let after = next(Category { slug: "sapatos".into(), slug_history: vec!["calcados".into()], ..before });
    let meta = then.answering(0, after.category_id, 3, Outcome::Updated);
    let event = CategoryChanged { previous_slug: Some("calcados".into()), ..category_changed(meta, after.clone()) };
    then.events([event.into()]);
    then.rows([put(category_row(&after)), put(category_slug_row("sapatos", &after))]);
}

#[test]
fn a_slug_that_the_category_had_before_is_its_own() {
    let before = Category { slug_history: vec!["bolsas".into(), "sapatos".into()], ..category(1, "Calçados") };
    let content = CategoryContent { slug: Some("sapatos".into()), ..named("Calçados") };
    let then = shop().with_category(&before).when(replace(1, content));
    assert_eq!(then.category().slug, "sapatos");
    assert_eq!(then.category().slug_history, ["calcados", "bolsas"]);
}

#[test]
fn the_oldest_slug_of_a_full_history_is_forgotten() {
    let history: Vec<String> = (1..=limits::SLUG_HISTORY).rev().map(|number| format!("antigo-{number}")).collect();
    let before = Category { slug_history: history.clone(), ..category(1, "Calçados") };
    let content = CategoryContent { slug: Some("sapatos".into()), ..named("Calçados") };
    let then = shop().with_category(&before).when(replace(1, content));
    let kept = [&["calcados".to_owned()], &history[..limits::SLUG_HISTORY - 1]].concat();
    let after = next(Category { slug: "sapatos".into(), slug_history: kept, ..before });
    let AdminEvent::CategoryChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!(event.category, after);
    assert_eq!(event.forgotten_slugs, ["antigo-1"]);
    then.rows([
        put(category_row(&after)),
        put(category_slug_row("sapatos", &after)),
        gone::<CategorySlugRow>(CategorySlugRow::at(SHOP, "antigo-1")),
    ]);
}

#[test]
fn an_event_of_before_there_was_a_history_takes_away_the_slug_that_went() {
    let now = Category { slug_history: vec!["bolsas".into()], ..category(1, "Calçados") };
    let event = |previous: &str, forgotten: &[&str]| CategoryChanged {
        previous_slug: Some(previous.into()),
        forgotten_slugs: forgotten.iter().map(|slug| (*slug).to_owned()).collect(),
        ..category_changed(said(category_id(1), 3), now.clone())
    };
    let gone = |event: CategoryChanged| Admin::apply(&event.into()).iter().skip(2).map(Write::key).collect::<Vec<_>>();
    let at = |slug| CategorySlugRow::at(SHOP, slug);
    assert_eq!(gone(event("sapatos", &[])), [at("sapatos")]);
    assert_eq!(gone(event("sapatos", &["sapatos", "sandalias"])), [at("sandalias"), at("sapatos")], "each once");
    assert_eq!(gone(event("calcados", &["bolsas"])), [], "it has them");
}

#[test]
fn a_category_may_not_lie_in_itself() {
    chain(1).when(replace(1, below(1))).refused_for("/parent_id", Code::Invalid);
}

#[test]
fn a_category_may_not_lie_in_what_lies_in_it() {
    chain(3).when(replace(1, below(3))).refused_for("/parent_id", Code::Invalid);
}

#[test]
fn a_category_may_not_move_to_a_parent_that_the_shop_has_not() {
    chain(1).when(replace(1, below(9))).refused_for("/parent_id", Code::UnknownReference);
}

#[test]
fn a_category_that_moves_says_where_it_was() {
    let before = child(3, 1);
    let given = chain(2).with_category(&before);
    let then = given.when(replace(3, CategoryContent { name: before.name.clone(), ..below(2) }));
    let after = next(Category { parent_id: Some(category_id(2)), ..before });
    let meta = then.answering(0, after.category_id, 3, Outcome::Updated);
    let previous_parent_id = Some(category_id(1));
    then.events([CategoryChanged { previous_parent_id, ..category_changed(meta, after) }.into()]);
}

#[test]
fn a_category_that_moves_to_the_top_says_where_it_was() {
    let then = chain(2).when(replace(2, named("Nível 2")));
    let AdminEvent::CategoryChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!((event.category.parent_id, event.previous_parent_id), (None, Some(category_id(1))));
}

/// Six levels, and beside them category 10 with categories 11 and 12 in it, and below 12 as many as are asked for.
fn beside(below: u128) -> Given<Admin> {
    let given = chain(6).with_category(&category(10, "Ao lado")).with_category(&child(11, 10));
    (12..12 + below)
        .fold(given, |given, number| given.with_category(&child(number, if number == 12 { 10 } else { number - 1 })))
}

#[test]
fn a_category_moves_with_what_lies_in_it_to_the_deepest_level() {
    let then = beside(1).when(replace(10, below(6)));
    assert_eq!(then.category().parent_id, Some(category_id(6)));
}

#[test]
fn a_category_does_not_move_where_something_in_it_would_lie_too_deep() {
    let then = beside(2).when(replace(10, below(6)));
    then.refused_for("/parent_id", Code::OutOfRange);
    assert!(then.refused(Code::Invalid).detail.as_ref().unwrap().ends_with("seriam 9."));
}

#[test]
fn a_slug_of_another_is_refused_to_a_category_that_is_there() {
    let given = shop().with_category(&category(1, "Calçados")).with_category(&category(2, "Bolsas"));
    let content = CategoryContent { slug: Some("bolsas".into()), ..named("Calçados") };
    given.when(replace(1, content)).refused_for("/slug", Code::SlugTaken);
}

#[test]
fn a_category_that_is_not_there_can_not_be_changed() {
    shop().when(replace(1, named("Calçados"))).refused(Code::NotFound);
    shop().when(patch(1, "{}")).refused(Code::NotFound);
    shop().when(delete(1)).refused(Code::NotFound);
}

#[test]
fn a_change_meant_for_another_version_of_the_category_is_refused() {
    let meta = || asked_for_version(1);
    chain(1).when(ReplaceCategory { meta: meta(), ..replace(1, named("x")) }).refused(Code::VersionMismatch);
    chain(1).when(PatchCategory { meta: meta(), ..patch(1, "{}") }).refused(Code::VersionMismatch);
    chain(1).when(DeleteCategory { meta: meta(), ..delete(1) }).refused(Code::VersionMismatch);
}

#[test]
fn a_change_meant_for_the_present_version_of_the_category_is_made() {
    let command = ReplaceCategory { meta: asked_for_version(2), ..replace(1, named("Outra")) };
    is_now(&chain(1).when(command), Category { name: "Outra".into(), ..category(1, "Nível 1") });
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let then = chain(2).when(patch(2, r#"{"name": "Outra"}"#));
    is_now(&then, Category { name: "Outra".into(), ..child(2, 1) });
}

#[test]
fn a_patch_takes_a_category_out_of_its_parent() {
    let then = chain(2).when(patch(2, r#"{"parent_id": null}"#));
    assert_eq!(then.category().parent_id, None);
}

#[test]
fn a_patch_that_takes_the_slug_away_leaves_it() {
    let then = chain(1).when(patch(1, r#"{"slug": null}"#));
    assert_eq!(then.unchanged(), Some(category_json(&category(1, "Nível 1"))));
}

#[test]
fn a_patch_that_no_category_can_be_read_from_is_refused() {
    for wrong in ["", "{", "[]", "3", r#"{"name": 1}"#, r#"{"name": null}"#, r#"{"colour": "red"}"#] {
        chain(1).when(patch(1, wrong)).refused(Code::Malformed);
    }
}

#[test]
fn a_patch_must_leave_a_whole_category() {
    chain(1).when(patch(1, r#"{"name": " "}"#)).refused_for("/name", Code::Required);
    chain(1).when(patch(1, r#"{"slug": "A b"}"#)).refused_for("/slug", Code::Invalid);
}

#[test]
fn a_category_is_deleted_with_every_address_that_leads_to_it() {
    let category = Category { slug_history: vec!["sapatos".into(), "bolsas".into()], ..category(1, "Calçados") };
    let then = shop().with_category(&category).when(delete(1));
    let meta = then.answering(0, category.category_id, 3, Outcome::Deleted);
    then.events([CategoryDeleted { meta, category }.into()]);
    let slug = |slug| gone::<CategorySlugRow>(CategorySlugRow::at(SHOP, slug));
    let row = gone::<CategoryRow>(CategoryRow::at(SHOP, category_id(1)));
    then.rows([row, slug("calcados"), slug("sapatos"), slug("bolsas")]);
    assert_eq!(Admin::shown(then.event()), Some(Shown::without_json("category")));
}

#[test]
fn a_category_with_others_in_it_is_not_deleted() {
    chain(2).when(delete(1)).refused(Code::CategoryInUse);
}

#[test]
fn a_category_in_another_is_deleted() {
    assert!(matches!(chain(2).when(delete(2)).event(), AdminEvent::CategoryDeleted(_)));
}
