//! Tokens of a shop's API, as its staff sees, makes and revokes them, by whatever way it comes.

use feira_schemas::{
    access::{Access, House},
    api::tenant::{TokenContent, token_id},
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand,
        admin::{IssueToken, RevokeToken, Token, TokenStatus},
        common::CommandMeta,
    },
    refusals,
    rows::admin::TokenRow,
    topics::Context,
};

use crate::{
    context::Api,
    giver::Giver,
    problem::Problem,
    reads,
    routing::Request,
    tokens,
    writes::{self, Decided, NotDecided},
};

/// Tokens that are read at once: a shop has a hundred that are good, and each that was ever revoked beside them.
const PAGE: usize = 1_000;

/// A token that was asked for.
pub struct Issued {
    /// The token, which is shown now and kept by nobody.
    pub token: String,
    /// The id by which it is named.
    pub id: String,
    /// The decision; while it waits, the token is good for nothing yet.
    pub decided: Result<Decided, NotDecided>,
}

/// All tokens of the request's shop, oldest first.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<Token>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let mut all = by_hash(api, request.tenant).await?;
    all.sort_by_cached_key(place);
    Ok(all)
}

/// Every token of a shop, by its hash.
async fn by_hash(api: &Api, tenant: TenantId) -> Result<Vec<Token>, Problem> {
    let (prefix, mut all) = (TokenRow::all(tenant), Vec::<Token>::new());
    loop {
        let after = all.last().map(|token| TokenRow::at(tenant, &token.token_hash));
        let rows = api.platform.state.scan::<TokenRow>(&prefix, after.as_ref(), PAGE).await?;
        let is_last = rows.len() < PAGE;
        all.extend(rows.into_iter().map(|row| row.token));
        if is_last {
            return Ok(all);
        }
    }
}

/// The place of a token among all.
pub fn place(token: &Token) -> (i64, String) {
    (token.created_at, token.token_hash.clone())
}

/// The token that the path's first parameter names by its id, one that is good before others.
pub async fn present(api: &Api, request: &Request) -> Result<Token, Problem> {
    let id = request.param(0);
    let named = all(api, request).await?.into_iter().filter(|token| token_id(&token.token_hash) == id);
    let found = named.min_by_key(|token| token.status != TokenStatus::Active);
    found.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_TOKEN))
}

/// Makes a token of a shop and waits for the decision. The request's key makes the token: repeated, it is the same.
///
/// # Errors
/// 403 where it would have what who asks does not have. That a shop which is not open makes none by its staff is decided with the command.
pub async fn issue(api: &Api, request: &Request, tenant: TenantId, content: &TokenContent) -> Result<Issued, Problem> {
    let giver = Giver::in_staff_of(request, tenant);
    match &content.scopes {
        Some(scopes) => giver.check(scopes)?,
        None => giver.check_everything()?,
    }
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, tenant)? };
    let token = tokens::derive(&api.config.secret, tenant, meta.command_id.uuid().as_bytes())?;
    let token_hash = tokens::hash(&token);
    let (id, scopes) = (token_id(&token_hash).to_owned(), content.scopes.as_deref().map(Access::words));
    let command = IssueToken { meta, token_hash, label: content.label.clone(), scopes };
    let decided = writes::send(api, request, AdminCommand::IssueToken(command)).await;
    Ok(Issued { token, id, decided })
}

/// Revokes a token of the request's shop and waits for the decision.
///
/// # Errors
/// 403 where the token has what who asks does not have.
pub async fn revoke(api: &Api, request: &Request, token: &Token) -> Result<Decided, NotDecided> {
    let giver = Giver::of_request(request);
    match &token.scopes {
        Some(words) => giver.check_words(words, House::Shop)?,
        None => giver.check_everything()?,
    }
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? };
    let token_hash = token.token_hash.clone();
    writes::send(api, request, AdminCommand::RevokeToken(RevokeToken { meta, token_hash })).await
}
