//! Accounts that are saved, made the default and retired.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{AccountId, EffectId},
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Account, AccountChanged, AccountKind, AccountStatus, EffectKind, EffectState, EffectWanted, RetireAccount,
            SaveAccount, SetDefaultAccount,
        },
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    given::{Given, NOW, asked, asked_for_version, put},
    sample::{HERE, THERE, account, account_row, accounts_of, effect_of, names, open_shop, sealed, shop},
};

/// A new account, or a new key of one.
pub fn save(account_id: AccountId) -> SaveAccount {
    SaveAccount {
        meta: asked(),
        account_id,
        name: "Conta".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk_1".into(),
        key: Some(sealed(1)),
        callback: Some(sealed(2)),
        callback_hash: Some("hash".into()),
        make_default: false,
        simulated: false,
        notify_email: None,
        forget_notify_email: false,
    }
}

/// A change of an account that keeps its key.
fn keeps_key(account_id: AccountId) -> SaveAccount {
    SaveAccount { key: None, callback: None, callback_hash: None, ..save(account_id) }
}

fn number(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(0xa100 + number))
}

fn set_default(account_id: AccountId) -> SetDefaultAccount {
    SetDefaultAccount { meta: asked(), account_id }
}

fn retire(account_id: AccountId) -> RetireAccount {
    RetireAccount { meta: asked(), account_id }
}

/// A shop with its default account and these others.
fn with(others: &[(AccountId, AccountStatus)]) -> Given<Payments> {
    others.iter().fold(shop(), |shop, (id, status)| shop.and(account_row(account(*id, *status))))
}

fn is_default(account: &Account) -> (AccountId, bool) {
    (account.account_id, account.is_default)
}

#[test]
fn the_first_account_is_the_default_and_its_key_is_tried() {
    let then = open_shop().when(save(HERE));
    let made = Account {
        status: AccountStatus::Untested,
        created_at: NOW,
        updated_at: NOW,
        ..account(HERE, AccountStatus::Ready)
    };
    let effect = effect_of(&then);
    let id = EffectId::from_uuid(asked().command_id.uuid());
    assert_eq!((effect.effect_id, effect.kind, effect.state), (id, EffectKind::Check, EffectState::Wanted));
    assert_eq!((effect.entity.as_str(), effect.account_id), (HERE.to_string().as_str(), Some(HERE)));
    assert_eq!(effect.granted.as_ref().map(|grant| grant.account_version), Some(1));
    then.events([
        PaymentsEvent::from(AccountChanged { meta: then.answering(0, HERE, 1, Outcome::Created), account: made }),
        EffectWanted { meta: then.meta(1, id, 1), effect }.into(),
    ]);
    assert_eq!((then.body()["version"].clone(), then.entity()), (json!(1), Some("account".into())));
}

#[test]
fn a_further_account_is_the_default_if_it_is_asked_for_or_there_is_none() {
    let then = shop().when(save(THERE));
    assert_eq!(accounts_of(&then).iter().map(is_default).collect::<Vec<_>>(), [(THERE, false)]);
    let then = shop().when(SaveAccount { make_default: true, ..save(THERE) });
    assert_eq!(accounts_of(&then).iter().map(is_default).collect::<Vec<_>>(), [(THERE, true), (HERE, false)]);
    let mut row = account_row(account(HERE, AccountStatus::Retired));
    row.account.is_default = false;
    let then = open_shop().and(row).when(save(THERE));
    assert_eq!(accounts_of(&then).iter().map(is_default).collect::<Vec<_>>(), [(THERE, true)]);
}

#[test]
fn a_new_account_has_its_secrets() {
    let command = |key, callback| SaveAccount { key, callback, ..save(HERE) };
    open_shop().when(command(None, Some(sealed(2)))).refused_for("/key", Code::Required);
    open_shop().when(command(Some(sealed(1)), None)).refused_for("/callback", Code::Required);
    assert_eq!(open_shop().when(command(None, None)).refused(Code::Invalid).errors.len(), 2);
}

#[test]
fn a_shop_has_so_many_accounts_in_use_and_so_many_in_all() {
    let filled = |in_use: u128, retired: u128| {
        let status = |at| if at < in_use { AccountStatus::Ready } else { AccountStatus::Retired };
        with(&(0..in_use + retired).map(|at| (number(at), status(at))).collect::<Vec<_>>())
    };
    filled(19, 0).when(save(THERE)).refused(Code::LimitReached);
    assert_eq!(names(&filled(18, 50).when(save(THERE)))[0], "AccountChanged");
    filled(0, 99).when(save(THERE)).refused(Code::LimitReached);
    // What is there is changed all the same.
    assert_eq!(names(&filled(19, 0).when(save(HERE)))[0], "AccountChanged");
}

#[test]
fn the_gateway_of_an_account_never_changes() {
    let other = SaveAccount { gateway: "stripe".into(), ..save(HERE) };
    shop().when(other).refused_for("/gateway", Code::InvalidGateway);
}

#[test]
fn a_new_key_is_tried_before_it_charges() {
    for status in [AccountStatus::Ready, AccountStatus::Broken, AccountStatus::Untested] {
        let mut row = account_row(account(HERE, status));
        row.account.why = Some("account".into());
        row.account.remote_account = Some("acc_1".into());
        let then = open_shop().and(row).when(SaveAccount { key: Some(sealed(8)), ..keeps_key(HERE) });
        let changed = accounts_of(&then)[0].clone();
        assert_eq!((changed.status, changed.why, changed.key_version), (AccountStatus::Untested, None, 2));
        assert_eq!((changed.key, changed.callback), (sealed(8), sealed(2)));
        assert_eq!(changed.remote_account.as_deref(), Some("acc_1"), "it has to be of the same account");
        assert_eq!(effect_of(&then).granted.map(|grant| grant.account_version), Some(2));
    }
}

#[test]
fn without_a_new_key_names_change_alone() {
    let renamed = SaveAccount { name: "Outra".into(), public_key: "pk_2".into(), ..keeps_key(HERE) };
    let then = shop().when(renamed);
    assert_eq!(names(&then), ["AccountChanged"]);
    let changed = &accounts_of(&then)[0];
    assert_eq!((changed.name.as_str(), changed.public_key.as_str()), ("Outra", "pk_2"));
    assert_eq!((changed.status, changed.key_version, changed.updated_at), (AccountStatus::Ready, 1, NOW));
    assert_eq!(changed.callback_hash.as_deref(), Some("hash"));
    let callback = SaveAccount { callback: Some(sealed(5)), callback_hash: None, ..keeps_key(HERE) };
    let changed = accounts_of(&shop().when(callback))[0].clone();
    assert_eq!((changed.callback, changed.callback_hash), (sealed(5), None));
    assert_eq!(shop().when(keeps_key(HERE)).unchanged().unwrap()["account_id"], json!(HERE));
}

#[test]
fn the_key_of_a_retired_account_is_mended_for_what_it_has_charged() {
    let mut row = account_row(account(THERE, AccountStatus::Retired));
    row.account.why = Some("account".into());
    let then = shop().and(row.clone()).when(save(THERE));
    let changed = &accounts_of(&then)[0];
    assert_eq!((changed.status, changed.key_version, changed.is_default), (AccountStatus::Retired, 2, false));
    assert_eq!(changed.why.as_deref(), Some("account"), "until the new key was tried");
    assert_eq!(effect_of(&then).kind, EffectKind::Check);
    shop().and(row).when(SaveAccount { make_default: true, ..save(THERE) }).refused(Code::PaymentState);
}

#[test]
fn another_account_becomes_the_default_and_the_former_is_it_no_more() {
    for status in [AccountStatus::Ready, AccountStatus::Untested] {
        let then = with(&[(THERE, status)]).when(set_default(THERE));
        let expected = |id, is_default, status| Account { is_default, updated_at: NOW, ..account(id, status) };
        then.events([
            PaymentsEvent::from(AccountChanged {
                meta: then.answering(0, THERE, 3, Outcome::Updated),
                account: expected(THERE, true, status),
            }),
            AccountChanged { meta: then.meta(1, HERE, 3), account: expected(HERE, false, AccountStatus::Ready) }.into(),
        ]);
    }
    assert_eq!(shop().when(set_default(HERE)).unchanged().unwrap()["is_default"], json!(true));
    for status in [AccountStatus::Retired, AccountStatus::Broken, AccountStatus::Unknown] {
        with(&[(THERE, status)]).when(set_default(THERE)).refused(Code::PaymentState);
    }
    shop().when(set_default(THERE)).refused(Code::NotFound);
}

#[test]
fn a_broken_account_says_what_to_do() {
    for (why, word) in
        [("account", "chave"), ("another_account", "outra conta"), ("not_found", "cobrança"), ("?", "chave")]
    {
        let mut row = account_row(account(THERE, AccountStatus::Broken));
        row.account.why = Some(why.into());
        let then = shop().and(row).when(set_default(THERE));
        assert!(then.refused(Code::PaymentState).detail.as_ref().unwrap().contains(word), "{then:?}");
    }
}

#[test]
fn a_retired_account_takes_no_new_charges_and_is_kept() {
    let then = with(&[(THERE, AccountStatus::Ready)]).when(retire(THERE));
    let retired = Account { updated_at: NOW, ..account(THERE, AccountStatus::Retired) };
    let changed = AccountChanged { meta: then.answering(0, THERE, 3, Outcome::Updated), account: retired.clone() };
    then.events([PaymentsEvent::from(changed)]);
    let mut row = account_row(retired);
    row.version = 3;
    then.rows([put(row)]);
    let again = then.then().when(retire(THERE));
    assert_eq!(again.unchanged().unwrap()["status"], json!("RETIRED"));
    shop().when(retire(THERE)).refused(Code::NotFound);
}

#[test]
fn the_only_other_account_that_is_ready_follows_a_default_that_retires() {
    let defaults = |others: &[(AccountId, AccountStatus)]| {
        accounts_of(&with(others).when(retire(HERE))).iter().map(is_default).collect::<Vec<_>>()
    };
    assert_eq!(defaults(&[]), [(HERE, false)]);
    assert_eq!(defaults(&[(THERE, AccountStatus::Ready)]), [(HERE, false), (THERE, true)]);
    assert_eq!(defaults(&[(THERE, AccountStatus::Untested)]), [(HERE, false)]);
    assert_eq!(defaults(&[(THERE, AccountStatus::Ready), (number(1), AccountStatus::Ready)]), [(HERE, false)]);
    let broken = [(THERE, AccountStatus::Ready), (number(1), AccountStatus::Broken)];
    assert_eq!(defaults(&broken), [(HERE, false), (THERE, true)]);
    // Who was not the default is followed by nobody.
    let then = with(&[(THERE, AccountStatus::Ready), (number(1), AccountStatus::Ready)]).when(retire(THERE));
    assert_eq!(accounts_of(&then).len(), 1);
}

#[test]
fn a_change_that_is_meant_for_another_version_is_refused() {
    let meta = || asked_for_version(1);
    shop().when(SaveAccount { meta: meta(), ..save(HERE) }).refused(Code::VersionMismatch);
    shop().when(SaveAccount { meta: meta(), ..save(THERE) }).refused(Code::VersionMismatch);
    shop().when(SetDefaultAccount { meta: meta(), ..set_default(HERE) }).refused(Code::VersionMismatch);
    shop().when(RetireAccount { meta: meta(), ..retire(HERE) }).refused(Code::VersionMismatch);
    let then = shop().when(RetireAccount { meta: asked_for_version(2), ..retire(HERE) });
    assert_eq!(names(&then), ["AccountChanged"]);
}
