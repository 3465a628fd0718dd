//! The most that a shop may have by its plan: products are counted, people of the staff looked through.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::{SignupPlanId, SubscriptionId, TenantId},
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            ChangeStaff, CreateProduct, DeleteProduct, ImportProduct, PatchProduct, ProductContent, StaffStatus,
            Standing,
        },
        signup::PlanLimits,
    },
    rows::admin::{ProductCountRow, StandingRow},
};
use uuid::Uuid;

use crate::{
    given::{Change, Given, SHOP, Then, asked, asked_by, nothing, product_id, put},
    sample::{EARLIER, new_content, product, shop},
    staff::{administrator, disabled, invite, invited, member, now_in, now_of},
};

/// The shop's plan with these limits.
fn plan(products: Option<i32>, staff: Option<i32>) -> StandingRow {
    let standing = Standing {
        version: 1,
        subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(0x50)),
        source_version: 3,
        plan_id: SignupPlanId::from_uuid(Uuid::from_u128(0x51)),
        plan_name: "Essencial".into(),
        limits: PlanLimits { products, staff },
        changed_at: EARLIER,
    };
    StandingRow { tenant_id: SHOP, standing }
}

/// A shop of a plan with so many products at most, that has so many.
fn selling(most: Option<i32>, products: i64) -> Given<Admin> {
    shop().and(plan(most, None)).and(ProductCountRow { tenant_id: SHOP, products })
}

fn create() -> CreateProduct {
    CreateProduct { meta: asked(), content: new_content() }
}

fn import() -> ImportProduct {
    let content = ProductContent { slug: Some("camisa".into()), ..new_content() };
    ImportProduct { meta: asked(), content, category_name: None, images: Vec::new(), clears_images: false }
}

fn patch() -> PatchProduct {
    PatchProduct { meta: asked(), product_id: product_id(1), merge_patch: r#"{"vendor": "Feira"}"#.into() }
}

fn delete() -> DeleteProduct {
    DeleteProduct { meta: asked(), product_id: product_id(1) }
}

/// The number of products that the only event says, and that its rows say it as well.
#[track_caller]
fn counted(then: &Then<Admin>) -> Option<i64> {
    let products = match then.event() {
        AdminEvent::ProductChanged(event) => event.products,
        AdminEvent::ProductDeleted(event) => event.products,
        other => panic!("{other:?}"),
    };
    let row = |change: &Change| matches!(change, Change::Put("product_count", _));
    let rows: Vec<Change> = then.changes().iter().filter(|change| row(change)).cloned().collect();
    let expected = products.map(|products| put(ProductCountRow { tenant_id: SHOP, products }));
    assert_eq!(rows, Vec::from_iter(expected));
    products
}

#[test]
fn products_are_counted_in_a_shop_that_has_a_plan_and_in_no_other() {
    let first = shop().and(plan(Some(2), None)).when(create());
    assert_eq!(counted(&first), Some(1));
    let content = ProductContent { name: "Outra".into(), ..new_content() };
    let second = first.then().when(CreateProduct { meta: asked(), content });
    assert_eq!(counted(&second), Some(2));
    assert_eq!(counted(&selling(None, 7).when(import())), Some(8), "also where the plan has no limit");
    assert_eq!(counted(&shop().when(create())), None);
    assert_eq!(counted(&shop().when(import())), None);
    assert_eq!(counted(&shop().with_product(&product(1)).when(delete())), None);
}

#[test]
fn a_product_beyond_the_plans_limit_is_refused_with_the_limit_the_plan_and_the_way_out() {
    let says = "O plano Essencial permite até 2 produtos. Peça outro plano a quem opera a plataforma.";
    for then in [selling(Some(2), 2).when(create()), selling(Some(2), 2).when(import())] {
        assert_eq!(then.refused(Code::PlanLimit).detail.as_deref(), Some(says));
    }
    let one = selling(Some(1), 1).when(create());
    assert!(one.refused(Code::PlanLimit).detail.as_ref().unwrap().contains("até 1 produto."), "{one:?}");
    selling(Some(0), 0).when(create()).refused(Code::PlanLimit);
    assert_eq!(counted(&selling(Some(2), 1).when(create())), Some(2), "the limit itself is within it");
}

#[test]
fn a_category_that_an_import_would_make_is_not_made_beyond_the_limit() {
    let with_category = ImportProduct { category_name: Some("Camisas".into()), ..import() };
    selling(Some(2), 2).when(with_category).refused(Code::PlanLimit);
}

#[test]
fn what_is_over_the_limit_stays_and_can_be_changed_and_deleting_gives_room() {
    let over = || selling(Some(2), 5).with_product(&product(1));
    assert_eq!(counted(&over().when(patch())), None, "nothing is counted anew");
    let again = ImportProduct { content: ProductContent { vendor: Some("X".into()), ..import().content }, ..import() };
    assert_eq!(counted(&over().when(again)), None);
    assert_eq!(counted(&over().when(delete())), Some(4));

    let full = selling(Some(2), 2).with_product(&product(1));
    let deleted = full.when(delete());
    assert_eq!(counted(&deleted), Some(1));
    assert_eq!(counted(&deleted.then().when(create())), Some(2));
}

#[test]
fn products_of_before_a_plan_are_not_counted_and_take_nothing_away() {
    let then = selling(Some(2), 0).with_product(&product(1)).when(delete());
    assert_eq!(counted(&then), Some(0));
}

/// A shop of a plan with two people at most.
fn staffed() -> Given<Admin> {
    shop().and(plan(None, Some(2)))
}

#[test]
fn a_person_beyond_the_plans_limit_is_refused_and_who_is_disabled_takes_no_room() {
    let one = || staffed().with_staff(SHOP, &administrator(1)).with_staff(SHOP, &disabled(member(2)));
    let then = one().when(invite(asked(), 3));
    assert!(matches!(then.all()[0], AdminEvent::StaffChanged(_)), "{then:?}");
    let full = || one().with_staff(SHOP, &invited(3));
    let says = "O plano Essencial permite até 2 pessoas na equipe. Peça outro plano a quem opera a plataforma.";
    let refused = full().when(invite(asked(), 4));
    assert_eq!(refused.refused(Code::PlanLimit).detail.as_deref(), Some(says));
    // Nor does anybody come in by the back door.
    full().when(now_in(2, StaffStatus::Active)).refused(Code::PlanLimit);
    let back = one().when(now_in(2, StaffStatus::Active));
    assert!(matches!(back.event(), AdminEvent::StaffChanged(_)), "{back:?}");
}

#[test]
fn people_over_the_limit_stay_and_can_be_changed() {
    let all = [administrator(1), member(2), member(3)];
    let over = || all.iter().fold(staffed(), |given, one| given.with_staff(SHOP, one));
    for command in [now_of(3, &["administrator"]), now_in(3, StaffStatus::Disabled)] {
        let then = over().when(command);
        assert!(matches!(then.event(), AdminEvent::StaffChanged(_)), "{then:?}");
    }
    assert!(over().when(now_in(3, StaffStatus::Active)).unchanged().is_some());
}

#[test]
fn the_platforms_own_staff_has_no_plan() {
    let one = nothing::<Admin>().with_staff(TenantId::PLATFORM, &administrator(1)).and(plan(None, Some(1)));
    let then = one.when(invite(asked_by(TenantId::PLATFORM), 2));
    assert!(matches!(then.all()[0], AdminEvent::StaffChanged(_)), "{then:?}");
    let disabled = nothing::<Admin>().with_staff(TenantId::PLATFORM, &disabled(member(1)));
    let let_in = ChangeStaff { meta: asked_by(TenantId::PLATFORM), ..now_in(1, StaffStatus::Active) };
    let then = disabled.and(plan(None, Some(0))).when(let_in);
    assert!(matches!(then.event(), AdminEvent::StaffChanged(_)), "{then:?}");
}
