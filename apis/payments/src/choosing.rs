//! Bodies, and the account and the card that something goes by, which bodies name or leave out.

use std::sync::LazyLock;

use feira_schemas::{
    api::payments::schemas,
    ids::{AccountId, CardId, TenantId},
    problem::{Code, FieldError},
    records::payments::KeptCard,
    refusals::not_in_this_shop,
    rows::payments::{AccountRow, SavedCardRow},
    topics::Context,
};
use feira_web::{context::Api, json, problem::Problem, reads, routing::Request};

/// Accounts of a shop that are looked through for its default: decide lets a shop have fewer.
const ACCOUNTS: usize = 1_000;

/// The JSON schemas that bodies are checked against.
pub(crate) static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The account that what names none goes to.
pub(crate) async fn default_account(api: &Api, tenant: TenantId) -> Result<Option<AccountId>, Problem> {
    let rows = api.platform.state.scan::<AccountRow>(&AccountRow::all(tenant), None, ACCOUNTS).await?;
    Ok(rows.into_iter().find(|row| row.account.is_default).map(|row| row.account.account_id))
}

/// The card that a charge names, as its gateway keeps it, and the account there. Refused where it is not kept, or at another account than
/// the one that the charge names.
pub(crate) async fn kept_card(
    api: &Api,
    request: &Request,
    card: CardId,
    account: Option<AccountId>,
) -> Result<(AccountId, KeptCard), Problem> {
    let wrong = |pointer: &str, code, detail: String| Problem::fields(vec![FieldError::new(pointer, code, detail)]);
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<SavedCardRow>(&SavedCardRow::at(request.tenant, card)).await?;
    let card = row.ok_or_else(|| wrong("/card/card_id", Code::UnknownReference, not_in_this_shop("O cartão")))?.card;
    if account.is_some_and(|account| account != card.account_id) {
        return Err(wrong("/account_id", Code::Invalid, "O cartão está guardado em outra conta.".to_owned()));
    }
    let kept = card.kept.ok_or_else(|| {
        wrong("/card/card_id", Code::PaymentState, "Este cartão não está guardado no gateway.".to_owned())
    })?;
    Ok((card.account_id, kept))
}
