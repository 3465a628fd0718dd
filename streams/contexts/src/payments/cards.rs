//! Cards that gateways keep for later charges. A token serves once, so each is sent at most once.

use std::sync::Arc;

use feira_schemas::{
    ids::{CardId, EffectId, TenantId},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Effect, EffectKind, EffectState, KeptCard, ReportAttempt, SaveCard, SavedCard, SavedCardStatus, Why,
        },
    },
    refusals,
    rows::payments::SavedCardRow,
};

use super::{
    accounts, charges,
    entity::{Kept, say},
    refused, shown, standing, tokens,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

pub(super) fn save(command: &SaveCard, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    if let Some(row) = rows.get::<SavedCardRow>(SavedCardRow::at(tenant, command.card_id))? {
        let same = (&row.card.reference, row.card.account_id) == (&command.reference, command.account_id);
        return match same {
            true => Ok(Decision::unchanged(context, shown::saved_card(&row.card, row.version))),
            false => Err(refused::another_request("um cartão").into()),
        };
    }
    standing::check_open(tenant, rows)?;
    let present = accounts::all(tenant, rows)?;
    accounts::check_takes(&accounts::named(&present, Some(command.account_id))?.account)?;
    let card = SavedCard {
        card_id: command.card_id,
        reference: command.reference.clone(),
        account_id: command.account_id,
        holder: command.holder.clone(),
        card_token: command.card_token.clone(),
        token_until: command.token_until,
        status: SavedCardStatus::Processing,
        kept: None,
        why: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        created_at: context.now,
        updated_at: context.now,
    };
    let not_after = tokens::not_after(command.token_until);
    let answers = Some(context.answers(Outcome::Created));
    let mut decision = Decision::new(context);
    if context.now >= not_after {
        let why = Some(Why::Expired.word().to_owned());
        let card = SavedCard { status: SavedCardStatus::Expired, why, ..card };
        say(&mut decision, context, Kept::new(card), answers);
        return Ok(decision);
    }
    let effect = Effect {
        effect_id: EffectId::from_uuid(command.card_id.uuid()),
        kind: EffectKind::SaveCard,
        entity: command.card_id.to_string(),
        charge_id: None,
        state: EffectState::Wanted,
        account_id: None,
        not_after: Some(not_after),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    };
    say(&mut decision, context, Kept::new(card), answers);
    charges::want(&mut decision, effect);
    Ok(decision)
}

/// A card that a command or an effect names.
pub(super) fn known(tenant: TenantId, card: CardId, rows: &Rows) -> Result<Arc<SavedCardRow>, Stop> {
    match rows.get::<SavedCardRow>(SavedCardRow::at(tenant, card))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop("O cartão")).into()),
    }
}

/// The gateway keeps the card, as it was said first: each act of sealing makes other bytes.
pub(super) fn keep(card: &mut SavedCard, kept: &KeptCard) {
    if card.kept.is_none() {
        card.kept = Some(kept.clone());
        card.status = SavedCardStatus::Saved;
        card.why = None;
        card.reasons.clear();
    }
}

/// A report on a card whose effect is closed: that the gateway keeps it counts all the same.
pub(super) fn late(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let Ok(card) = command.entity.parse() else { return Err(refused::closed().into()) };
    let row = known(command.meta.tenant_id, card, rows)?;
    let mut card = Kept::from(&*row);
    if let Some(kept) = &command.saved_card {
        keep(&mut card.now, kept);
    }
    let mut decision = Decision::new(context);
    match say(&mut decision, context, card, Some(context.answers(Outcome::Updated))) {
        true => Ok(decision),
        false => Ok(Decision::unchanged(context, shown::saved_card(&row.card, row.version))),
    }
}
