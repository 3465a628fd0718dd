//! The shop itself and its categories, by what admin says of them.

use feira_contexts::{
    Decider,
    store::{Store, shop_of},
};
use feira_schemas::{
    records::{
        admin::{
            Category, CategoryChanged, CategoryDeleted, Contact, Logo, Policies, Seller, Settings, SettingsChanged,
            Tenant, TenantChanged, TenantStatus,
        },
        store::{CategoryListed, CategoryUnlisted, ListedCategory, Shop, ShopChanged, ShopStatus},
    },
    row::Write,
    rows::store::{CategoryRow, ShopRow},
};

use crate::{
    given::{Given, NOW, SHOP, Then, category_id, given, gone, image_id, nothing, put, said},
    listings::shop,
};

fn with(shop: Shop) -> Given<Store> {
    given(ShopRow { tenant_id: SHOP, shop })
}

fn tenant(version: i64, status: TenantStatus) -> TenantChanged {
    let tenant = Tenant {
        tenant_id: SHOP,
        version,
        status,
        subdomain: "loja".into(),
        created_at: NOW,
        requested_by: None,
        subscription_id: None,
    };
    TenantChanged { meta: said(SHOP, version), tenant }
}

fn settings(version: i64) -> SettingsChanged {
    let logo = Logo { image_id: image_id(1), content_type: "image/png".into(), width: Some(1), height: Some(2) };
    let settings = Settings {
        version,
        shop_name: "Nova".into(),
        tagline: Some("Boa".into()),
        accent: Some("#aa0000".into()),
        logo: Some(logo),
        interest_free_installments: Some(3),
        cors_origins: vec!["https://loja.example".into()],
        contact: Some(Contact { phone: Some("+5511999990000".into()), ..Contact::default() }),
        seller: Some(Seller { name: Some("Ana Lima".into()), ..Seller::default() }),
        policies: Some(Policies { privacy: Some("Nada é guardado.".into()), ..Policies::default() }),
        updated_at: NOW,
    };
    let meta = said(format!("settings:{SHOP}"), version);
    SettingsChanged { meta, settings, logo_changed: true, removed_logo: None }
}

#[track_caller]
fn is_now(then: &Then<Store>, shop: &Shop) {
    then.events([ShopChanged { meta: then.meta(0, SHOP, shop.version), shop: shop.clone() }.into()]);
    then.rows([put(ShopRow { tenant_id: SHOP, shop: shop.clone() })]);
}

fn unopened() -> Shop {
    let nameless = Shop { name: String::new(), settings_version: 0, tenant_version: 1, version: 1, ..shop() };
    Shop { status: ShopStatus::Opening, ..nameless }
}

#[test]
fn a_shop_that_is_asked_for_is_not_open_yet() {
    is_now(&nothing::<Store>().when_said(tenant(1, TenantStatus::Requested)), &unopened());
}

#[test]
fn an_active_shop_is_open() {
    let then = with(unopened()).when_said(tenant(2, TenantStatus::Active));
    is_now(&then, &Shop { status: ShopStatus::Open, tenant_version: 2, version: 2, ..unopened() });
}

#[test]
fn a_shop_whose_name_is_another_shops_is_closed_and_not_opening() {
    let then = with(unopened()).when_said(tenant(2, TenantStatus::Refused));
    is_now(&then, &Shop { status: ShopStatus::Suspended, tenant_version: 2, version: 2, ..unopened() });
}

/// Until a shop was opened, events of before said that it is suspended.
#[test]
fn a_shop_that_an_event_of_before_calls_suspended_is_opening_until_it_was_answered_for() {
    for (status, tenant_version, meant) in [
        (ShopStatus::Suspended, 0, ShopStatus::Opening),
        (ShopStatus::Suspended, 1, ShopStatus::Opening),
        (ShopStatus::Suspended, 2, ShopStatus::Suspended),
        (ShopStatus::Suspended, 3, ShopStatus::Suspended),
        (ShopStatus::Opening, 1, ShopStatus::Opening),
        (ShopStatus::Open, 2, ShopStatus::Open),
        (ShopStatus::Unknown, 1, ShopStatus::Unknown),
    ] {
        let event = ShopChanged { meta: said(SHOP, 1), shop: Shop { status, tenant_version, ..shop() } };
        let meant = Shop { status: meant, tenant_version, ..shop() };
        assert_eq!(shop_of(&event), meant, "{status:?} at {tenant_version}");
        let [Write::Put { row, .. }] = &Store::apply(&event.into())[..] else { panic!("one row") };
        assert_eq!(row.to_json().unwrap(), serde_json::to_value(ShopRow { tenant_id: SHOP, shop: meant }).unwrap());
    }
}

#[test]
fn a_shop_that_is_suspended_refused_or_of_an_unknown_status_is_closed() {
    for status in [TenantStatus::Suspended, TenantStatus::Refused, TenantStatus::Unknown] {
        let then = with(shop()).when_said(tenant(3, status));
        is_now(&then, &Shop { status: ShopStatus::Suspended, tenant_version: 3, version: 3, ..shop() });
    }
}

#[test]
fn what_is_not_newer_changes_nothing_of_a_shop() {
    for version in [1, 2] {
        with(shop()).when_said(tenant(version, TenantStatus::Suspended)).nothing();
    }
    with(shop()).when_said(settings(1)).nothing();
}

#[test]
fn a_shop_shows_its_settings() {
    let then = with(shop()).when_said(settings(2));
    let event = settings(2).settings;
    let shown = Shop {
        version: 3,
        settings_version: 2,
        name: "Nova".into(),
        tagline: event.tagline,
        accent: event.accent,
        logo: event.logo,
        interest_free_installments: Some(3),
        cors_origins: event.cors_origins,
        contact: event.contact,
        seller: event.seller,
        policies: event.policies,
        ..shop()
    };
    is_now(&then, &shown);
}

#[test]
fn settings_may_come_before_the_shop_is_known() {
    let then = nothing::<Store>().when_said(settings(1));
    let feira_schemas::records::StoreEvent::ShopChanged(event) = then.event() else { panic!("{then:?}") };
    let Shop { version, status, tenant_version, settings_version, .. } = event.shop;
    assert_eq!((version, status, tenant_version, settings_version), (1, ShopStatus::Opening, 0, 1));
}

fn category(version: i64) -> Category {
    Category {
        category_id: category_id(1),
        version,
        name: "Camisas".into(),
        slug: "camisas".into(),
        parent_id: Some(category_id(2)),
        created_at: NOW,
        updated_at: NOW,
        slug_history: vec!["roupas".into()],
    }
}

fn category_changed(version: i64) -> CategoryChanged {
    CategoryChanged {
        meta: said(category_id(1), version),
        category: category(version),
        previous_slug: None,
        previous_parent_id: None,
        forgotten_slugs: vec![],
    }
}

fn category_deleted(version: i64) -> CategoryDeleted {
    CategoryDeleted { meta: said(category_id(1), version + 1), category: category(version) }
}

fn listed(version: i64, source_version: i64) -> ListedCategory {
    ListedCategory {
        category_id: category_id(1),
        version,
        source_version,
        name: "Camisas".into(),
        slug: "camisas".into(),
        parent_id: Some(category_id(2)),
        slug_history: vec!["roupas".into()],
    }
}

fn row(category: ListedCategory) -> CategoryRow {
    CategoryRow::new(SHOP, category)
}

#[test]
fn a_category_is_listed() {
    let then = nothing::<Store>().when_said(category_changed(1));
    then.events([CategoryListed { meta: then.meta(0, category_id(1), 1), category: listed(1, 1) }.into()]);
    then.rows([put(row(listed(1, 1)))]);
}

#[test]
fn a_newer_category_is_listed_again() {
    let then = given::<Store>(row(listed(3, 4))).when_said(category_changed(5));
    then.events([CategoryListed { meta: then.meta(0, category_id(1), 4), category: listed(4, 5) }.into()]);
}

#[test]
fn a_category_that_is_not_newer_changes_nothing() {
    for version in [3, 4] {
        given::<Store>(row(listed(3, 4))).when_said(category_changed(version)).nothing();
    }
}

#[test]
fn a_deleted_category_leaves_the_shop() {
    let then = given::<Store>(row(listed(3, 4))).when_said(category_deleted(4));
    then.events([CategoryUnlisted { meta: then.meta(0, category_id(1), 4), category: listed(4, 4) }.into()]);
    then.rows([gone::<CategoryRow>(CategoryRow::at(SHOP, category_id(1)))]);
    then.then().when_said(category_deleted(4)).nothing();
}
