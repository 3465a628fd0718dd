//! Cards that a gateway keeps for later charges.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{SavedCardBody, saved_card_content},
    ids::CardId,
    problem::Code,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{SaveCard, SavedCard, SavedCardStatus},
    },
    rows::payments::SavedCardRow,
    topics::Context,
};
use feira_web::{
    cards,
    context::Api,
    json,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    settled, writes,
};
use http::{Method, StatusCode};

use crate::{
    choosing::{BODIES, default_account},
    kinds::{making, private, reading, with_processing},
    outcomes::{Asked, Made, answer, is_refused, not_answered, undecided},
    seal,
};

const ALL: &str = "/api/payments/v1/cards";
const ONE: &str = "/api/payments/v1/cards/{id}";
/// Bytes of a card's body: a token, and what people type.
const BODY_BYTES: usize = 32 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The card, which the gateway keeps; one that a bank has declined is `failed`, with `errors` in it. `Location` is its \
                address.";
    vec![
        with_processing(reading(Route::get(ONE, read), "The card as it is known here.", "SavedCard"))
            .says("Reads a kept card."),
        making(Route::new(Method::POST, ALL, create), made, "SavedCard")
            .takes(vec![("application/json", "SavedCardBody")], BODY_BYTES)
            .says("Has the gateway keep a card for later charges, and waits up to 12 s for it."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: SavedCardBody = json::typed(&BODIES, cards::parse(&request)?, "SavedCardBody")?;
    let content = saved_card_content(body, api.platform.now()).map_err(Problem::fields)?;
    let account_id = match content.account_id {
        Some(account) => account,
        None => default_account(&api, request.tenant).await?.ok_or_else(no_account)?,
    };
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, request.tenant)? };
    let card_id = CardId::from_uuid(meta.command_id.uuid());
    let (holder, card_token) =
        seal::saved_card(&api, request.tenant, card_id, &content.buyer, &content.token.token).await?;
    let (reference, token_until) = (content.reference, content.token.until);
    let command = SaveCard { meta, card_id, reference, account_id, holder, card_token, token_until };
    let decision = match writes::send(&api, &request, PaymentsCommand::SaveCard(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, card_id.uuid(), address(card_id)),
    };
    let card = settled::saved_card(&api, request.tenant, entity_of(&decision.body)?).await?;
    let asked = Asked { what: "o cartão", id: card.card_id.uuid(), address: address(card.card_id) };
    answer(&api, &request, &decision, asked, made(&card), Opener::of(&api, &request).saved_card(&card)).await
}

fn made(card: &SavedCard) -> Made<'_> {
    match card.status {
        SavedCardStatus::Processing | SavedCardStatus::Unknown => Made::NotYet,
        SavedCardStatus::Failed if is_refused(&card.attempts) => Made::Refused(&card.reasons, card.why.as_deref()),
        _ => Made::There,
    }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: CardId = request.id(0, "O cartão")?;
    reads::point(&api, &request, Context::Payments).await?;
    let row = api.platform.state.get::<SavedCardRow>(&SavedCardRow::at(request.tenant, id)).await?;
    match row.map(|row| row.card) {
        Some(card) => Ok(private(StatusCode::OK, &Opener::of(&api, &request).saved_card(&card).await?)),
        None => undecided(&api, &request, id.uuid(), address(id), || Problem::not_found("O cartão")).await,
    }
}

fn no_account() -> Problem {
    Problem::new(Code::NoAccount, "Não há conta de pagamento padrão: informe «account_id», ou escolha uma no painel.")
}

fn address(card: CardId) -> String {
    format!("{ALL}/{card}")
}
