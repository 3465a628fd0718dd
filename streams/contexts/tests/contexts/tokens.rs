//! Tokens of a shop's admin API.

use feira_contexts::admin::Admin;
use feira_schemas::{
    limits,
    problem::Code,
    records::{
        admin::{IssueToken, RevokeToken, TenantStatus, Token, TokenChanged, TokenStatus},
        common::{CommandMeta, OPERATOR, Outcome},
    },
    rows::admin::TokenRow,
};
use serde_json::json;

use crate::{
    given::{NOW, SHOP, asked, given, nothing, put},
    sample::{EARLIER, shop, tenant_row},
};

fn issue() -> IssueToken {
    IssueToken { meta: asked(), token_hash: "0af1".into(), label: "caixa".into(), scopes: None }
}

fn token(token_hash: &str, status: TokenStatus) -> Token {
    let made_by = Some(asked().actor);
    Token { token_hash: token_hash.into(), label: "caixa".into(), status, created_at: NOW, scopes: None, made_by }
}

/// The same command of the operator's.
fn of_operator() -> IssueToken {
    IssueToken { meta: CommandMeta { actor: OPERATOR.into(), ..asked() }, ..issue() }
}

#[test]
fn a_token_is_issued_and_is_kept_by_its_hash() {
    let then = shop().when(issue());
    let token = token("0af1", TokenStatus::Active);
    then.events([TokenChanged { meta: then.answering(0, "0af1", 1, Outcome::Created), token: token.clone() }.into()]);
    then.rows([put(TokenRow { tenant_id: SHOP, token })]);
    assert_eq!(then.body(), json!({"label": "caixa"}));
}

#[test]
fn the_operator_issues_a_token_beside_others_in_a_shop_of_any_state_and_its_staff_in_an_open_one() {
    for status in [TenantStatus::Requested, TenantStatus::Suspended, TenantStatus::Refused] {
        let other = TokenRow { tenant_id: SHOP, token: token("9999", TokenStatus::Active) };
        let before = || given::<Admin>(tenant_row(status)).and(other.clone());
        let token = Token { made_by: Some(OPERATOR.into()), ..token("0af1", TokenStatus::Active) };
        before().when(of_operator()).rows([put(TokenRow { tenant_id: SHOP, token })]);
        before().when(issue()).refused(Code::ShopSuspended);
    }
}

#[test]
fn a_token_that_was_issued_before_is_unchanged_and_no_other_is_to_be_had_by_its_key() {
    let before = |status| {
        let scopes = Some(words(&["catalogue:read", "stock:write"]));
        let token = Token { created_at: EARLIER, scopes, ..token("0af1", status) };
        shop().and(TokenRow { tenant_id: SHOP, token })
    };
    let same = || IssueToken { scopes: Some(words(&["stock:write", "catalogue:read"])), ..issue() };
    assert_eq!(before(TokenStatus::Active).when(same()).unchanged(), None);
    before(TokenStatus::Revoked).when(same()).refused(Code::IdempotencyMismatch);
    for other in [
        IssueToken { label: "planilha".into(), ..same() },
        IssueToken { scopes: Some(words(&["stock:write"])), ..same() },
        IssueToken { scopes: None, ..same() },
    ] {
        before(TokenStatus::Active).when(other).refused(Code::IdempotencyMismatch);
    }
}

#[test]
fn no_token_is_issued_for_a_shop_that_is_not_there() {
    let then = nothing::<Admin>().when(issue());
    assert_eq!(then.refused(Code::NotFound).detail.as_deref(), Some("A loja não existe nesta loja."));
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn s48_a_token_has_the_permissions_that_it_was_issued_with_each_once() {
    let scopes = Some(words(&["stock:write", "catalogue:read", "stock:write"]));
    let then = shop().when(IssueToken { scopes, ..issue() });
    let token = Token { scopes: Some(words(&["catalogue:read", "stock:write"])), ..token("0af1", TokenStatus::Active) };
    then.rows([put(TokenRow { tenant_id: SHOP, token })]);
    for unknown in ["plans:read", "catalogue:all", "own:read"] {
        let scopes = Some(words(&["stock:read", unknown]));
        shop().when(IssueToken { scopes, ..issue() }).refused_for("/scopes/1", Code::UnknownReference);
    }
}

#[test]
fn s48_a_token_is_revoked_once_and_for_good() {
    let revoke = || RevokeToken { meta: asked(), token_hash: "0af1".into() };
    let before = Token { created_at: EARLIER, ..token("0af1", TokenStatus::Active) };
    let then = shop().and(TokenRow { tenant_id: SHOP, token: before.clone() }).when(revoke());
    let token = Token { status: TokenStatus::Revoked, ..before };
    then.events([TokenChanged { meta: then.answering(0, "0af1", 2, Outcome::Updated), token: token.clone() }.into()]);
    then.rows([put(TokenRow { tenant_id: SHOP, token })]);
    assert_eq!(then.then().when(revoke()).unchanged(), None);
    shop().when(revoke()).refused(Code::NotFound);
}

#[test]
fn a_shop_has_so_many_tokens_that_are_good_and_no_more() {
    let with = |status| {
        (0..limits::TOKENS).fold(shop(), |given, number| {
            given.and(TokenRow { tenant_id: SHOP, token: token(&format!("{number:04x}-"), status) })
        })
    };
    with(TokenStatus::Active).when(issue()).refused(Code::LimitReached);
    assert_eq!(with(TokenStatus::Revoked).when(issue()).body(), json!({"label": "caixa"}));
}
