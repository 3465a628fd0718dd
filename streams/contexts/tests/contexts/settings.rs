//! Settings of a shop: its name, its looks, its logo.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::settings::settings_json,
    ids::ImageId,
    problem::Code,
    records::{
        admin::{ChangeLogo, ChangeSettings, Contact, Logo, Policies, Seller, Settings, SettingsChanged},
        common::Outcome,
    },
    rows::admin::RemovedImageRow,
};

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_for_version, image_id, put},
    sample::{settings, settings_row, shop},
};

fn with(settings: Settings) -> Given<Admin> {
    shop().and(settings_row(settings))
}

/// Settings that say something of everything.
fn set() -> Settings {
    Settings {
        tagline: Some("Do mar".into()),
        accent: Some("#0055aa".into()),
        logo: Some(logo(1)),
        interest_free_installments: Some(3),
        cors_origins: vec!["https://a.example".into()],
        contact: Some(Contact { email: Some("oi@loja.example".into()), ..Contact::default() }),
        seller: Some(Seller { name: Some("Ana Lima".into()), document: Some("52998224725".into()), address: None }),
        policies: Some(Policies { returns: Some("Sete dias.".into()), ..Policies::default() }),
        ..settings()
    }
}

fn logo(number: u128) -> Logo {
    Logo { image_id: image_id(number), content_type: "image/png".into(), width: Some(64), height: Some(64) }
}

fn nothing_asked() -> ChangeSettings {
    ChangeSettings {
        meta: asked(),
        shop_name: None,
        tagline: None,
        accent: None,
        interest_free_installments: None,
        cors_origins: None,
        contact: None,
        seller: None,
        policies: None,
    }
}

/// The settings are now this at their next version.
#[track_caller]
fn is_now(then: &Then<Admin>, now: Settings, logo_changed: bool, removed_logo: Option<ImageId>) {
    let settings = Settings { version: now.version + 1, updated_at: NOW, ..now };
    let meta = then.answering(0, format!("settings:{SHOP}"), settings.version, Outcome::Updated);
    then.events([SettingsChanged { meta, settings: settings.clone(), logo_changed, removed_logo }.into()]);
    let removed = removed_logo.map(|image_id| put(RemovedImageRow { tenant_id: SHOP, image_id, removed_at: NOW }));
    then.rows(removed.into_iter().chain([put(settings_row(settings.clone()))]));
    assert_eq!(then.body(), settings_json(&settings));
}

#[test]
fn a_shop_gets_another_name_and_keeps_all_else() {
    let then = with(set()).when(ChangeSettings { shop_name: Some("Outra".into()), ..nothing_asked() });
    is_now(&then, Settings { shop_name: "Outra".into(), ..set() }, false, None);
}

#[test]
fn a_shop_gets_another_sentence_and_keeps_all_else() {
    let then = with(set()).when(ChangeSettings { tagline: Some("Da serra".into()), ..nothing_asked() });
    is_now(&then, Settings { tagline: Some("Da serra".into()), ..set() }, false, None);
}

#[test]
fn a_shop_gets_another_colour_and_keeps_all_else() {
    let then = with(set()).when(ChangeSettings { accent: Some("#aa5500".into()), ..nothing_asked() });
    is_now(&then, Settings { accent: Some("#aa5500".into()), ..set() }, false, None);
}

#[test]
fn a_shop_offers_other_instalments_and_keeps_all_else() {
    let then = with(set()).when(ChangeSettings { interest_free_installments: Some(12), ..nothing_asked() });
    is_now(&then, Settings { interest_free_installments: Some(12), ..set() }, false, None);
}

#[test]
fn a_shop_lets_other_front_ends_read_it_and_keeps_all_else() {
    for origins in [vec![], vec!["https://b.example".to_owned(), "https://c.example".to_owned()]] {
        let then = with(set()).when(ChangeSettings { cors_origins: Some(origins.clone()), ..nothing_asked() });
        is_now(&then, Settings { cors_origins: origins, ..set() }, false, None);
    }
}

#[test]
fn a_shop_sets_everything_at_once() {
    let asked = ChangeSettings {
        meta: asked(),
        shop_name: Some("Outra".into()),
        tagline: set().tagline,
        accent: set().accent,
        interest_free_installments: set().interest_free_installments,
        cors_origins: Some(set().cors_origins),
        contact: set().contact,
        seller: set().seller,
        policies: set().policies,
    };
    let now = Settings { shop_name: "Outra".into(), logo: None, ..set() };
    is_now(&with(settings()).when(asked), now, false, None);
}

#[test]
fn a_shop_says_more_of_who_sells_and_keeps_what_it_said() {
    let (phone, address) = (Some("+5511999990000".to_owned()), Some("Rua A, 1, São Paulo – SP".to_owned()));
    let then = with(set()).when(ChangeSettings {
        contact: Some(Contact { phone: phone.clone(), ..Contact::default() }),
        seller: Some(Seller { address: address.clone(), ..Seller::default() }),
        policies: Some(Policies { terms: Some("Os termos.".into()), ..Policies::default() }),
        ..nothing_asked()
    });
    let now = Settings {
        contact: set().contact.map(|contact| Contact { phone, ..contact }),
        seller: set().seller.map(|seller| Seller { address, ..seller }),
        policies: set().policies.map(|policies| Policies { terms: Some("Os termos.".into()), ..policies }),
        ..set()
    };
    is_now(&then, now, false, None);
}

#[test]
fn an_empty_text_removes_what_a_shop_says_of_itself() {
    let then = with(set()).when(ChangeSettings {
        contact: Some(Contact { email: Some(String::new()), ..Contact::default() }),
        seller: Some(Seller { document: Some(String::new()), ..Seller::default() }),
        policies: Some(Policies::removed()),
        ..nothing_asked()
    });
    let seller = set().seller.map(|seller| Seller { document: None, ..seller });
    is_now(&then, Settings { contact: None, seller, policies: None, ..set() }, false, None);
    let nothing = ChangeSettings { contact: Some(Contact::removed()), ..nothing_asked() };
    assert_eq!(with(settings()).when(nothing).unchanged(), Some(settings_json(&settings())));
}

#[test]
fn settings_that_are_as_asked_already_are_unchanged_and_are_the_answer() {
    let same = ChangeSettings { shop_name: Some("Loja".into()), ..nothing_asked() };
    for asked in [nothing_asked(), same] {
        assert_eq!(with(set()).when(asked).unchanged(), Some(settings_json(&set())));
    }
}

#[test]
fn settings_are_changed_in_the_version_that_is_meant() {
    let asked = |version| ChangeSettings {
        meta: asked_for_version(version),
        tagline: Some("Do rio".into()),
        ..nothing_asked()
    };
    with(set()).when(asked(3)).refused(Code::VersionMismatch);
    is_now(&with(set()).when(asked(4)), Settings { tagline: Some("Do rio".into()), ..set() }, false, None);
}

#[test]
fn a_shop_without_settings_can_not_change_them() {
    let then = shop().when(nothing_asked());
    assert_eq!(then.refused(Code::NotFound).detail.as_deref(), Some("A loja não existe nesta loja."));
}

fn change_logo(logo: Option<Logo>) -> ChangeLogo {
    ChangeLogo { meta: asked(), logo }
}

#[test]
fn a_shop_gets_its_first_logo() {
    let then = with(settings()).when(change_logo(Some(logo(1))));
    is_now(&then, Settings { logo: Some(logo(1)), ..settings() }, true, None);
}

#[test]
fn a_logo_that_is_replaced_is_shown_to_nobody_any_more() {
    let then = with(set()).when(change_logo(Some(logo(2))));
    is_now(&then, Settings { logo: Some(logo(2)), ..set() }, true, Some(image_id(1)));
}

#[test]
fn a_logo_that_is_removed_is_shown_to_nobody_any_more() {
    let then = with(set()).when(change_logo(None));
    is_now(&then, Settings { logo: None, ..set() }, true, Some(image_id(1)));
}

#[test]
fn a_logo_of_which_only_the_size_was_wrong_stays_the_image_that_it_is() {
    let measured = Logo { width: Some(128), ..logo(1) };
    let then = with(set()).when(change_logo(Some(measured.clone())));
    is_now(&then, Settings { logo: Some(measured), ..set() }, true, None);
}

#[test]
fn a_logo_that_is_as_asked_already_is_unchanged() {
    assert_eq!(with(set()).when(change_logo(Some(logo(1)))).unchanged(), Some(settings_json(&set())));
    assert_eq!(with(settings()).when(change_logo(None)).unchanged(), Some(settings_json(&settings())));
}

#[test]
fn a_logo_is_changed_in_the_version_of_the_settings_that_is_meant() {
    let asked = |version| ChangeLogo { meta: asked_for_version(version), logo: None };
    with(set()).when(asked(5)).refused(Code::VersionMismatch);
    is_now(&with(set()).when(asked(4)), Settings { logo: None, ..set() }, true, Some(image_id(1)));
}
