//! Tokens of a shop's admin API.

use feira_contexts::admin::Admin;
use feira_schemas::{
    problem::Code,
    records::{
        admin::{IssueToken, TenantStatus, Token, TokenChanged, TokenStatus},
        common::Outcome,
    },
    rows::admin::TokenRow,
};
use serde_json::json;

use crate::{
    given::{NOW, SHOP, asked, given, nothing, put},
    sample::{EARLIER, shop, tenant_row},
};

fn issue() -> IssueToken {
    IssueToken { meta: asked(), token_hash: "0af1".into(), label: "caixa".into() }
}

fn token(token_hash: &str, status: TokenStatus) -> Token {
    Token { token_hash: token_hash.into(), label: "caixa".into(), status, created_at: NOW }
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
fn a_token_is_issued_beside_others_in_a_shop_of_any_state() {
    for status in [TenantStatus::Requested, TenantStatus::Suspended, TenantStatus::Refused] {
        let other = TokenRow { tenant_id: SHOP, token: token("9999", TokenStatus::Active) };
        let then = given::<Admin>(tenant_row(status)).and(other).when(issue());
        then.rows([put(TokenRow { tenant_id: SHOP, token: token("0af1", TokenStatus::Active) })]);
    }
}

#[test]
fn a_token_that_was_issued_before_is_unchanged_whatever_became_of_it() {
    for status in [TokenStatus::Active, TokenStatus::Revoked] {
        let token = Token { created_at: EARLIER, ..token("0af1", status) };
        let then = shop().and(TokenRow { tenant_id: SHOP, token }).when(issue());
        assert_eq!(then.unchanged(), None);
    }
}

#[test]
fn no_token_is_issued_for_a_shop_that_is_not_there() {
    let then = nothing::<Admin>().when(issue());
    assert_eq!(then.refused(Code::NotFound).detail.as_deref(), Some("A loja não existe nesta loja."));
}
