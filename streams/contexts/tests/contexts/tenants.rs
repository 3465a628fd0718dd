//! Shops: asked for, opened under a name, refused, suspended and resumed.

use feira_contexts::admin::Admin;
use feira_schemas::{
    api::tenant::tenant_json,
    groups::Context,
    ids::{CommandId, Micros},
    problem::Code,
    records::{
        AdminEvent, DirectoryCommand, EventSet, RecordSet,
        admin::{
            AnswerNameClaim, ChangeSettings, ProvisionTenant, ResumeTenant, Settings, SettingsChanged, SuspendTenant,
            Tenant, TenantChanged, TenantStatus, Token, TokenChanged, TokenStatus,
        },
        common::{Answers, CommandAnswered, CommandMeta, EventMeta, Outcome},
        directory::{ClaimName, ConfirmName, NameAsker},
    },
    rows::admin::{TenantRow, TokenRow},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    given::{Change, Given, NOW, SHOP, Then, asked, asked_for_version, given, nothing, put},
    sample::{EARLIER, settings_row, tenant_row},
};

const HOLD: Micros = 10 * 60 * 1_000_000;

fn provision() -> ProvisionTenant {
    ProvisionTenant { meta: asked(), subdomain: "mesma".into(), shop_name: "Loja".into(), token_hash: None }
}

fn told(name: &str, held: bool) -> AnswerNameClaim {
    let command_id = CommandId::from_uuid(Uuid::from_u128(0xd0));
    let (actor, body_hash) = ("system:directory".into(), String::new());
    let meta = CommandMeta { command_id, actor, body_hash, ..asked() };
    AnswerNameClaim { meta, name: name.into(), held, confirmed: false }
}

/// The command that asked for the shop, and waits.
fn waiting() -> Answers {
    Answers { command_id: asked().command_id, body_hash: "hash".into(), outcome: Outcome::Created }
}

/// A shop that was asked for and whose name the directory has not answered for.
fn requested() -> Tenant {
    Tenant {
        tenant_id: SHOP,
        version: 1,
        status: TenantStatus::Requested,
        subdomain: "mesma".into(),
        created_at: EARLIER,
        requested_by: Some(waiting()),
        subscription_id: None,
    }
}

fn answered(status: TenantStatus) -> Tenant {
    Tenant { version: 2, status, requested_by: None, ..requested() }
}

fn with(tenant: Tenant) -> Given<Admin> {
    given(TenantRow { tenant })
}

fn status(then: &Then<Admin>) -> Option<TenantStatus> {
    then.all().iter().find_map(|event| match event {
        AdminEvent::TenantChanged(event) => Some(event.tenant.status),
        _ => None,
    })
}

#[test]
fn a_shop_that_is_asked_for_waits_for_its_name_with_settings_and_a_token() {
    let then = nothing::<Admin>().when(ProvisionTenant { token_hash: Some("0af1".into()), ..provision() });
    let tenant = Tenant { created_at: NOW, ..requested() };
    let settings = Settings {
        version: 1,
        shop_name: "Loja".into(),
        tagline: None,
        accent: None,
        logo: None,
        interest_free_installments: None,
        cors_origins: Vec::new(),
        contact: None,
        seller: None,
        policies: None,
        updated_at: NOW,
    };
    let token = Token {
        token_hash: "0af1".into(),
        label: "admin".into(),
        status: TokenStatus::Active,
        created_at: NOW,
        scopes: None,
        made_by: Some(asked().actor),
    };
    let (logo_changed, removed_logo) = (false, None);
    let meta = then.meta(1, format!("settings:{SHOP}"), 1);
    then.events([
        TenantChanged { meta: then.meta(0, SHOP, 1), tenant: tenant.clone() }.into(),
        SettingsChanged { meta, settings: settings.clone(), logo_changed, removed_logo }.into(),
        TokenChanged { meta: then.meta(2, "0af1", 1), token: token.clone() }.into(),
        then.all()[3].clone(),
        then.all()[4].clone(),
    ]);
    let Change::Put("shop_name", _) = then.changes()[3] else { panic!("{then:?}") };
    then.rows([
        put(TenantRow { tenant }),
        put(settings_row(settings)),
        put(TokenRow { tenant_id: SHOP, token }),
        then.changes()[3].clone(),
    ]);
}

#[test]
fn a_shop_that_is_asked_for_without_a_token_has_none() {
    let then = nothing::<Admin>().when(provision());
    let names: Vec<_> = then.all().iter().map(RecordSet::record_name).collect();
    let asked = ["feira.common.TimerSet", "feira.admin.ShopNameChanged"];
    assert_eq!(names, [["feira.admin.TenantChanged", "feira.admin.SettingsChanged"], asked].concat());
}

/// The common fields of the command that the decision on this one sends.
fn sent_for(meta: &CommandMeta) -> CommandMeta {
    CommandMeta {
        command_id: meta.command_id.follow_up(Context::Admin.number() << 24, NOW),
        tenant_id: SHOP,
        actor: "system:admin".into(),
        issued_at: NOW,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

/// The only command that is sent: to the directory, under the shop's name.
#[track_caller]
fn sent(then: &Then<Admin>) -> &DirectoryCommand {
    let [command] = then.commands() else { panic!("{then:?}") };
    assert_eq!((command.context, command.key.as_str()), (Context::Directory, "mesma"));
    command.command().unwrap()
}

#[test]
fn s38_a_claim_says_for_how_long_and_who_asks() {
    let then = nothing::<Admin>().when(provision());
    let DirectoryCommand::ClaimName(claim) = sent(&then) else { panic!("{then:?}") };
    assert_eq!((claim.hold(), claim.asker), (HOLD, NameAsker::Admin));
    let (meta, asker) = (sent_for(&asked()), NameAsker::Admin);
    assert_eq!(*claim, ClaimName { meta, name: "mesma".into(), until: NOW + HOLD, asker, held_for: HOLD });
}

#[test]
fn a_shop_that_is_asked_for_again_while_the_directory_is_asked_gets_its_one_answer_later() {
    nothing::<Admin>().when(provision()).then().when(provision()).nothing();
}

#[test]
fn a_shop_that_another_command_has_asked_for_is_as_it_is() {
    let by_another = CommandId::from_uuid(Uuid::from_u128(0xc9));
    let tenant = Tenant { requested_by: Some(Answers { command_id: by_another, ..waiting() }), ..requested() };
    assert_eq!(with(tenant.clone()).when(provision()).unchanged(), Some(tenant_json(&tenant)));
}

#[test]
fn a_shop_that_was_opened_before_is_as_it_is() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        let tenant = answered(status);
        assert_eq!(with(tenant.clone()).when(provision()).unchanged(), Some(tenant_json(&tenant)));
    }
}

#[test]
fn a_shop_that_was_closed_for_good_is_not_made_again() {
    with(answered(TenantStatus::Closed)).when(provision()).refused(Code::ShopClosed);
}

#[test]
fn a_key_that_has_opened_a_shop_opens_no_other() {
    for status in [TenantStatus::Active, TenantStatus::Refused] {
        let then = with(answered(status)).when(ProvisionTenant { subdomain: "outra".into(), ..provision() });
        then.refused(Code::IdempotencyMismatch);
    }
}

#[test]
fn a_shop_that_was_refused_before_is_refused_again() {
    let then = with(answered(TenantStatus::Refused)).when(provision());
    let detail = "O endereço «mesma» já é de outra loja. Escolha outro.";
    assert_eq!(then.refused(Code::NameTaken).detail.as_deref(), Some(detail));
}

#[test]
fn a_shop_whose_name_is_held_opens_and_answers_whoever_asked_for_it() {
    let then = with(requested()).when(told("mesma", true));
    let meta = EventMeta { answers: Some(waiting()), ..then.meta(0, SHOP, 2) };
    let tenant = answered(TenantStatus::Active);
    assert_eq!(then.all()[0], TenantChanged { meta, tenant: tenant.clone() }.into());
    assert_eq!(then.changes()[0], put(TenantRow { tenant }));
    let body = then.body();
    assert_eq!((&body["tenant_id"], &body["subdomain"], &body["version"]), (&json!(SHOP), &json!("mesma"), &json!(2)));
    assert_eq!((&body["status"], &body["requested_by"]), (&json!("active"), &Value::Null));
}

#[test]
fn a_shop_that_opens_confirms_its_name() {
    let then = with(requested()).when(told("mesma", true));
    let DirectoryCommand::ConfirmName(confirm) = sent(&then) else { panic!("{then:?}") };
    let (meta, asker) = (sent_for(&told("mesma", true).meta), NameAsker::Admin);
    assert_eq!(*confirm, ConfirmName { meta, name: "mesma".into(), asker });
}

#[test]
fn an_answer_for_another_name_is_none() {
    for held in [false, true] {
        with(requested()).when(told("outra", held)).nothing();
    }
}

#[test]
fn an_answer_for_a_shop_that_is_not_there_is_none() {
    nothing::<Admin>().when(told("mesma", true)).nothing();
    nothing::<Admin>().when(told("mesma", false)).nothing();
}

#[test]
fn a_shop_that_was_answered_before_is_not_opened_again() {
    for status in [TenantStatus::Active, TenantStatus::Suspended, TenantStatus::Refused, TenantStatus::Unknown] {
        with(answered(status)).when(told("mesma", true)).nothing();
    }
}

#[test]
fn a_shop_that_was_refused_is_not_refused_again() {
    for status in [TenantStatus::Refused, TenantStatus::Unknown] {
        with(answered(status)).when(told("mesma", false)).nothing();
    }
}

#[test]
fn a_refused_claim_refuses_the_shop() {
    let then = with(requested()).when(told("mesma", false));
    let tenant = answered(TenantStatus::Refused);
    let refused = Answers { outcome: Outcome::Refused, ..waiting() };
    let meta = then.meta(1, waiting().command_id, 1);
    let meta = EventMeta { answers: Some(refused), ..meta };
    let detail = Some("O endereço «mesma» já é de outra loja. Escolha outro.".into());
    let code = Some("name_taken".into());
    then.events([
        TenantChanged { meta: then.meta(0, SHOP, 2), tenant: tenant.clone() }.into(),
        AdminEvent::CommandAnswered(CommandAnswered {
            meta,
            code,
            detail,
            errors: Vec::new(),
            body: None,
            entity: None,
        }),
    ]);
    then.rows([put(TenantRow { tenant })]);
    assert!(then.commands().is_empty(), "{then:?}");
}

#[test]
fn a_refused_claim_answers_whoever_asked_for_the_shop() {
    let first = nothing::<Admin>().when(provision());
    let refused = first.then().when(told("mesma", false));
    assert_eq!(status(&refused), Some(TenantStatus::Refused));
    let Some(answered) = refused.all().iter().find_map(EventSet::as_answered) else { panic!("{refused:?}") };
    assert_eq!(answered.meta.answers.as_ref().unwrap().command_id, provision().meta.command_id);
}

#[test]
fn a_shop_whose_confirmation_is_refused_is_closed_for_good() {
    for suspended in [false, true] {
        let opened = nothing::<Admin>().when(provision()).then().when(told("mesma", true));
        assert_eq!(status(&opened), Some(TenantStatus::Active));
        let mut given = opened.then();
        if suspended {
            given = given.when(SuspendTenant { meta: asked() }).then();
        }
        let of_another = given.when(told("outra", false));
        assert_eq!(status(&of_another), None, "that was another name");
        let closed = of_another.then().when(told("mesma", false));
        assert_eq!((status(&closed), closed.ended().len()), (Some(TenantStatus::Refused), 1), "{closed:?}");
        assert!(closed.all().iter().all(|event| event.meta().answers.is_none()), "who asked was answered");
        let again = closed.then().when(told("mesma", false));
        again.nothing();
        let resumed = again.then().when(ResumeTenant { meta: asked() });
        assert_eq!(status(&resumed), None);
        resumed.refused(Code::NotFound);
    }
}

/// The shop is now in this state, at its next version.
#[track_caller]
fn is_now(then: &Then<Admin>, status: TenantStatus) {
    let tenant = Tenant { version: 3, ..tenant_row(status).tenant };
    let meta = then.answering(0, SHOP, 3, Outcome::Updated);
    then.events([TenantChanged { meta, tenant: tenant.clone() }.into()]);
    then.rows([put(TenantRow { tenant })]);
}

#[test]
fn an_open_shop_is_suspended() {
    let then = given::<Admin>(tenant_row(TenantStatus::Active)).when(SuspendTenant { meta: asked() });
    is_now(&then, TenantStatus::Suspended);
}

#[test]
fn a_suspended_shop_is_resumed() {
    let then = given::<Admin>(tenant_row(TenantStatus::Suspended)).when(ResumeTenant { meta: asked() });
    is_now(&then, TenantStatus::Active);
}

#[test]
fn a_shop_that_is_in_the_state_that_is_asked_for_is_unchanged() {
    let suspended = tenant_row(TenantStatus::Suspended);
    let then = given::<Admin>(suspended.clone()).when(SuspendTenant { meta: asked() });
    assert_eq!(then.unchanged(), Some(tenant_json(&suspended.tenant)));
    let active = tenant_row(TenantStatus::Active);
    let then = given::<Admin>(active.clone()).when(ResumeTenant { meta: asked() });
    assert_eq!(then.unchanged(), Some(tenant_json(&active.tenant)));
}

#[test]
fn a_shop_that_was_never_opened_is_neither_suspended_nor_resumed() {
    for status in [TenantStatus::Requested, TenantStatus::Refused, TenantStatus::Unknown] {
        given::<Admin>(tenant_row(status)).when(SuspendTenant { meta: asked() }).refused(Code::NotFound);
        given::<Admin>(tenant_row(status)).when(ResumeTenant { meta: asked() }).refused(Code::NotFound);
    }
}

#[test]
fn a_shop_that_is_not_there_is_neither_suspended_nor_resumed() {
    nothing::<Admin>().when(SuspendTenant { meta: asked() }).refused(Code::NotFound);
    nothing::<Admin>().when(ResumeTenant { meta: asked() }).refused(Code::NotFound);
}

#[test]
fn a_shop_is_suspended_in_the_version_that_is_meant() {
    let given = || given::<Admin>(tenant_row(TenantStatus::Active));
    given().when(SuspendTenant { meta: asked_for_version(1) }).refused(Code::VersionMismatch);
    is_now(&given().when(SuspendTenant { meta: asked_for_version(2) }), TenantStatus::Suspended);
}

#[test]
fn settings_of_a_shop_that_opens_are_changed_at_once() {
    let opened = nothing::<Admin>().when(provision()).then().when(told("mesma", true));
    let changed = opened.then().when(ChangeSettings {
        meta: asked(),
        shop_name: Some("Outra".into()),
        tagline: None,
        accent: None,
        interest_free_installments: None,
        cors_origins: None,
        contact: None,
        seller: None,
        policies: None,
    });
    let AdminEvent::SettingsChanged(event) = changed.event() else { panic!("{changed:?}") };
    assert_eq!((event.settings.version, event.settings.shop_name.as_str()), (2, "Outra"));
}
