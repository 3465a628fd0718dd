//! Cards as they are paid by: a token of a browser, which lives a minute and serves once, or a card that a gateway keeps.

use feira_schemas::{
    ids::Micros,
    problem::{Code, Refusal},
};

use super::refused::field;

/// Microseconds before the end of a card's token in which it is not sent any more: it must still live when the gateway reads it.
const TOKEN_SPARE: Micros = 5_000_000;

/// The time from which a token is not sent that lives until then.
pub(super) fn not_after(token_until: Micros) -> Micros {
    token_until.saturating_sub(TOKEN_SPARE)
}

/// Refuses a card that is neither a token with its time nor one that the gateway keeps.
pub(super) fn check(has_token: bool, token_until: Option<Micros>, is_kept: bool) -> Result<(), Refusal> {
    match (has_token, token_until, is_kept) {
        (true, Some(_), false) | (false, None, true) => Ok(()),
        (true, None, false) => {
            Err(field("/card/token_until", Code::Required, "Informe até quando o token do cartão vale."))
        }
        _ => Err(field("/card", Code::Invalid, "Informe o token do cartão ou um cartão guardado, e não os dois.")),
    }
}

/// Refuses a card of which it is not said whose public key made its token.
pub(super) fn of_no_account() -> Refusal {
    field("/account_id", Code::Required, "Informe a conta cuja chave pública fez o token do cartão.")
}
