//! The entities that answers show: the kind of every one, also in events of before, which did not say it.

use feira_contexts::{Decider, admin::Admin, entity_and_body, store::Store};
use feira_schemas::{
    api::{category::category_json, product::product_text, settings::settings_json, tenant::tenant_json},
    records::{
        admin::{
            ChangeLogo, DeleteCategory, DeleteProduct, IssueToken, Logo, PatchCategory, PatchProduct, RevokeToken,
            Settings, SuspendTenant, Tenant, TenantStatus, Token, TokenStatus,
        },
        common::{Answers, CommandAnswered, Outcome},
        store::SetStock,
    },
    rows::admin::TokenRow,
};
use serde_json::to_string;

use crate::{
    given::{Given, NOW, SHOP, asked, category_id, given, image_id, nothing, product_id, said, variant_id},
    sample::{category, product, settings, settings_row, shop, tenant_row},
    stock::{row, stock},
};

/// An open shop with one of everything.
fn full() -> Given<Admin> {
    let token = Token {
        token_hash: "0af1".into(),
        label: "caixa".into(),
        status: TokenStatus::Active,
        created_at: NOW,
        scopes: None,
        made_by: None,
    };
    let settings = settings_row(Settings { logo: Some(logo()), ..settings() });
    let shop = shop().and(settings).and(TokenRow { tenant_id: SHOP, token });
    shop.with_category(&category(1, "Camisas")).with_product(&product(1))
}

fn logo() -> Logo {
    Logo { image_id: image_id(1), content_type: "image/png".into(), width: None, height: None }
}

#[track_caller]
fn answers_of<D: Decider>(given: Given<D>, command: impl Into<D::Command>, entity: &str, outcome: Outcome) {
    let then = given.when(command);
    assert_eq!(then.entity().as_deref(), Some(entity), "{then:?}");
    let answers = then.all().iter().find_map(|event| feira_contexts::ForeignEvent::source(event).answers.clone());
    assert_eq!(answers.map(|Answers { outcome, .. }| outcome), Some(outcome));
}

#[test]
fn an_answer_says_what_its_entity_is_whatever_became_of_it() {
    let patched =
        |merge_patch: &str| PatchProduct { meta: asked(), product_id: product_id(1), merge_patch: merge_patch.into() };
    answers_of(full(), patched(r#"{"featured": true}"#), "product", Outcome::Updated);
    answers_of(full(), patched("{}"), "product", Outcome::Unchanged);
    answers_of(full(), DeleteProduct { meta: asked(), product_id: product_id(1) }, "product", Outcome::Deleted);

    let patched = |merge_patch: &str| PatchCategory {
        meta: asked(),
        category_id: category_id(1),
        merge_patch: merge_patch.into(),
    };
    answers_of(full(), patched(r#"{"name": "Calças"}"#), "category", Outcome::Updated);
    answers_of(full(), patched("{}"), "category", Outcome::Unchanged);
    answers_of(full(), DeleteCategory { meta: asked(), category_id: category_id(1) }, "category", Outcome::Deleted);

    answers_of(full(), ChangeLogo { meta: asked(), logo: None }, "settings", Outcome::Updated);
    answers_of(full(), ChangeLogo { meta: asked(), logo: Some(logo()) }, "settings", Outcome::Unchanged);

    let suspended = given::<Admin>(tenant_row(TenantStatus::Suspended));
    answers_of(full(), SuspendTenant { meta: asked() }, "tenant", Outcome::Updated);
    answers_of(suspended, SuspendTenant { meta: asked() }, "tenant", Outcome::Unchanged);

    let issued =
        |hash: &str| IssueToken { meta: asked(), token_hash: hash.into(), label: "caixa".into(), scopes: None };
    answers_of(full(), issued("0af2"), "token", Outcome::Created);
    answers_of(full(), issued("0af1"), "token", Outcome::Unchanged);
    let revoked = RevokeToken { meta: asked(), token_hash: "0af1".into() };
    answers_of(full(), revoked, "token", Outcome::Updated);

    let set =
        SetStock { meta: asked(), product_id: product_id(1), variant_id: variant_id(1), on_hand: 9, reason: None };
    answers_of(nothing::<Store>(), set.clone(), "stock", Outcome::Updated);
    answers_of(given::<Store>(row(stock(3, 9))), set, "stock", Outcome::Unchanged);
}

#[test]
fn a_refusal_shows_no_entity() {
    let then = nothing::<Admin>().when(SuspendTenant { meta: asked() });
    assert_eq!(then.entity(), None);
}

/// An event that answers without a change, as programs wrote it that did not name the entity.
fn of_before(body: Option<&str>) -> CommandAnswered {
    let body = body.map(str::to_owned);
    CommandAnswered { meta: said("c", 1), code: None, detail: None, errors: Vec::new(), body, entity: None }
}

#[test]
fn an_event_of_before_shows_its_entity_as_the_api_does() {
    let settings = Settings { logo: Some(logo()), tagline: Some(String::new()), ..settings() };
    let opened = tenant_row(TenantStatus::Active).tenant;
    let answers = Answers { command_id: asked().command_id, body_hash: "h".into(), outcome: Outcome::Created };
    let requested = Tenant { status: TenantStatus::Requested, requested_by: Some(answers), ..opened.clone() };
    let (product, category) = (product_text(&product(1)), category_json(&category(1, "Camisas")).to_string());
    let stock = feira_contexts::store::stock_json(&stock(3, 9)).to_string();
    for (body, entity, shown) in [
        (to_string(&settings).unwrap(), "settings", settings_json(&settings).to_string()),
        (to_string(&opened).unwrap(), "tenant", tenant_json(&opened).to_string()),
        (to_string(&requested).unwrap(), "tenant", tenant_json(&requested).to_string()),
        (product.clone(), "product", product),
        (category.clone(), "category", category),
        (stock.clone(), "stock", stock),
    ] {
        assert_eq!(entity_and_body(&of_before(Some(&body))), (Some(entity.to_owned()), Some(shown)));
    }
}

#[test]
fn what_an_event_of_before_shows_and_nobody_can_tell_stays_as_it_is() {
    for body in ["", "{", "[]", "7", r#"{"label": "caixa"}"#, r#"{"shop_name": 7}"#, r#"{"subdomain": "loja"}"#] {
        assert_eq!(entity_and_body(&of_before(Some(body))), (None, Some(body.to_owned())), "{body}");
    }
    assert_eq!(entity_and_body(&of_before(None)), (None, None));
}

#[test]
fn an_event_that_names_its_entity_is_believed() {
    let body = to_string(&settings()).unwrap();
    for body in [None, Some(body.as_str())] {
        let event = CommandAnswered { entity: Some("cart".into()), ..of_before(body) };
        assert_eq!(entity_and_body(&event), (Some("cart".to_owned()), body.map(str::to_owned)));
    }
}
